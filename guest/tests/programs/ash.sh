#!/bin/sh
# SPDX-License-Identifier: MIT
# ash.sh: busybox's ash_test/run-all for the folders named; what passed and what not as its other tests say it, then how the
# others differ.
cd ash_test && sh run-all "$@" | sed -e 's/^\(.*\): ok$/PASS: \1/' -e 's/^\(.*\): fail$/FAIL: \1/'
for file in *.fail; do
	[ ! -f "$file" ] || head -n 30 "$file"
done
