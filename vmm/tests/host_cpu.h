/* SPDX-License-Identifier: MIT */
/*
 * host_cpu.h: what tests must know of the CPU under this host's KVM, from sources other than vmm.
 */
#ifndef TESTS_HOST_CPU_H
#define TESTS_HOST_CPU_H

#include <cpuid.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* QEMU's TCG, hence the SVM lab, by the signature of its CPUID. It does not mark a code segment as
 * accessed when it loads CS by a far jump or return, as SDM vol. 3, 3.4.5.1 "Code- and Data-Segment
 * Descriptor Types" says. */
static inline bool host_is_tcg(void)
{
	unsigned a, b, c, d;

	__cpuid(0x40000000, a, b, c, d);
	return b == 0x54474354 && c == 0x43544743 && d == 0x47435447;
}

/* Bochs, hence the VMX lab, by the lab's own word. Version 2.7 does not leave a guest that spins
 * with interrupts off when an interrupt comes for the host: a VM entry with IF clear, as it was
 * before, keeps the interrupt masked, against SDM vol. 3, 24.6.1 "Pin-Based VM-Execution
 * Controls". */
static inline bool host_is_bochs(void)
{
	const char *lab = getenv("VMM_LAB");

	return lab && !strcmp(lab, "vmx");
}

/* VMX or SVM. Without them KVM is kvm_pvm, the only one that does without. The flags are the only
 * word on it that is independent of KVM. */
static inline bool host_has_virtualisation(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[8192];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strncmp(line, "flags", 5) == 0 &&
		        (strstr(line, " vmx") || strstr(line, " svm"));
	if (file)
		fclose(file);
	return found;
}

#endif
