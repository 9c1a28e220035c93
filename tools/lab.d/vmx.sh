# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# vmx.sh: Intel VMX with EPT as Bochs emulates it. Sourced by tools/lab.

vmx_about() {
	echo "Intel VMX with EPT, by Bochs; boots in some 75 s"
}

vmx_seconds() {
	echo 1500
}
