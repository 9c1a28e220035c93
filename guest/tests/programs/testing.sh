#!/bin/sh
# SPDX-License-Identifier: MIT
# testing.sh: appended to busybox's testsuite/testing.sh, where its testing() is suite_testing() by now. Two tests of bc make millions
# of system calls; each of them runs alone, where LONG names it, and then no other does.
testing() {
	case $1 in
	"bc parsing of numbers" | "bc printing of numbers") [ "$1" = "bc ${LONG:-} of numbers" ] || return 0 ;;
	*) [ -z "${LONG:-}" ] || return 0 ;;
	esac
	suite_testing "$@"
}
