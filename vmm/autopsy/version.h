/* SPDX-License-Identifier: MIT */
/*
 * version.h: which vmm this is: in --version and in every report.
 */
#ifndef AUTOPSY_VERSION_H
#define AUTOPSY_VERSION_H

#define VMM_VERSION "0.1"

#endif
