#!/bin/sh
# SPDX-License-Identifier: MIT
# busybox.sh: busybox's own tests of the commands named, as its testsuite/runtest runs them, but all by busybox's shell
# and with the commands of PATH. In the folder above testsuite/, which may be written to.
bindir=$PWD tsdir=$PWD/testsuite
ECHO=echo VERBOSE='' SKIP_KNOWN_BUGS=y SKIP_INTERNET_TESTS=y
LANG=C.UTF-8 LC_ALL=C.UTF-8 SHELL=/bin/sh
OPTIONFLAGS=:$(sed -n 's/^CONFIG_\(.*\)=.*/\1/p' .config | tr '\n' ':')
export bindir tsdir ECHO VERBOSE SKIP_KNOWN_BUGS SKIP_INTERNET_TESTS LANG LC_ALL SHELL OPTIONFLAGS

limit=200
[ -z "${LONG:-}" ] || limit=1500

# Tests of the older kind, a file each: the first command that fails ends them.
run_case() {
	for feature in "CONFIG_$2" $(sed -n 's/^# FEATURE: //p' "$1"); do
		grep -qx "# $feature is not set" .config && echo "UNTESTED: ${1##*/}" && return
	done
	mkdir tmpdir && cd tmpdir || exit
	if d=$tsdir sh -x -e "$1" >out 2>&1; then echo "PASS: ${1##*/}"; else echo "FAIL: ${1##*/}"; fi
	cd .. && rm -rf tmpdir
}

for applet; do
	echo "== $applet"
	for case in "$tsdir/$applet"/*; do
		[ ! -f "$case" ] || run_case "$case" "$(echo "$applet" | tr '[:lower:]' '[:upper:]')"
	done
	command -v "$applet" >/dev/null || { echo "SKIPPED: $applet is not there" && continue; }
	[ ! -f "testsuite/$applet.tests" ] || (cd testsuite && timeout "$limit" sh "./$applet.tests" 2>&1)
done
