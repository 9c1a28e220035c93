# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# lib.sh: runs a shell command on the host's Linux and in the guest kernel, each in a folder with the same files and with
# busybox's commands and nothing else. For the check-* scripts beside it.
set -u
cd "$(dirname "$0")/../../.." || exit 1
build=$PWD/${BUILD:-build}
here=$PWD/guest/tests/programs
programs=$PWD/build/cache/programs
busybox=/bin/busybox
export LC_ALL=C
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
passed=0 failed=0
runner='' where=''
limit=$((${TEST_TIMEOUT:-300} - 20)) # seconds
links='' # names of busybox among the files

skip_all() {
	echo "skip: ${0##*/}: $*"
	exit 77
}

# need NAME...: of tools/programs. Where to run them is settled first, since that needs nothing from elsewhere.
need() {
	local reason
	[ -x "$busybox" ] || skip_all "no $busybox (package busybox-static)"
	choose_runner
	reason=$(tools/programs "$@") || skip_all "${reason//$'\n'/; } (to have them: make check-programs, with a network, once)"
}

# Some KVMs emulate all that a kernel does, one instruction after the other: processes are then better left to QEMU, which emulates all.
# PROGRAMS_ON=kvm or qemu decides otherwise.
choose_runner() {
	local why=''
	case ${PROGRAMS_ON:-} in
	kvm) ;;
	qemu) why="as asked for" ;;
	*)
		[ -w /dev/kvm ] || why="/dev/kvm cannot be used"
		[ -n "$why" ] || ! "$build/vmm" --host | grep -q '^SSE in the kernel  *not emulated' || why="this KVM emulates kernels"
		;;
	esac
	runner=in_guest where="under vmm"
	[ -n "$why" ] || return 0
	command -v qemu-system-x86_64 >/dev/null || skip_all "$why, and there is no qemu-system-x86_64 (package qemu-system-x86)"
	runner=in_emulated_guest where="on QEMU's CPU: $why"
}

# copy_suites: busybox's two, with our scripts to run them.
copy_suites() {
	cp -r "$programs/busybox" "$work/files" && cp "$here/ash.sh" "$here/busybox.sh" "$work/files" || exit
	# They read a page of the internet, and all of busybox's source.
	rm -rf "$work/files/testsuite/wget" "$work/files/testsuite/all_sourcecode.tests"
	sed -i 's/^testing()/suite_testing()/' "$work/files/testsuite/testing.sh" &&
		cat "$here/testing.sh" >>"$work/files/testsuite/testing.sh" || exit
}

# prepare PROGRAM...: the files of both are in $work/files; what lies in bin beside busybox.
prepare() {
	local applet program
	mkdir "$work/bin"
	for applet in $("$busybox" --list); do
		ln -s "$busybox" "$work/bin/$applet"
	done
	for program; do
		ln -sf "$program" "$work/bin/"
	done
	{
		tools/initrd-list "$busybox" "$@"
		echo dir 755 suite
		(cd "$work/files" && find . -mindepth 1 -type d ! -name '* *' -printf 'dir 755 suite/%P\n' &&
			find . -type f ! -path '* *' -printf "file %m suite/%P $work/files/%P\n")
		for applet in $links; do
			echo "hard suite/$applet bin/busybox"
		done
	} | "$build/tools/mkinitrd" "$work/initrd.cpio" || exit
	cp -a "$work/files" "$work/host"
	for applet in $links; do
		ln -s "$busybox" "$work/host/$applet"
	done
}

# on_host COMMAND, in_guest COMMAND: by busybox's shell; output and errors go to stdout through a pipe. What is not there in the
# end is found missing, so a time limit needs no word of its own.
on_host() {
	(cd "$work/host" && for fd in /proc/self/fd/*; do fd=${fd##*/} && [ "$fd" -le 2 ] || eval "exec $fd>&-"; done &&
		exec env -i PATH="$work/bin" HOME=/ TERM=linux timeout "$limit" "$busybox" sh -c "{ $1; } 2>&1 | cat") </dev/null 2>&1
}

in_guest() {
	(cd "$build" && exec timeout $((limit + 5)) ./vmm -t "$limit" -m 512M -i "$work/initrd.cpio" guest/kernel.bin -- checks=none \
		"init=/bin/sh -c 'cd /suite; { $1; } </dev/null 2>&1 | cat'") </dev/null 2>&1
}

# The same on QEMU's emulated CPU.
in_emulated_guest() {
	(cd "$build" && exec timeout "$limit" qemu-system-x86_64 -accel tcg -m 512 -kernel guest/kernel.elf -initrd "$work/initrd.cpio" \
		-append "checks=none init=/bin/sh -c 'cd /suite; { $1; } </dev/null 2>&1 | cat'" -display none -no-reboot -serial null \
		-debugcon stdio -device isa-debug-exit,iobase=0xf4) </dev/null 2>&1
}

# compare NAME COMMAND: one test, byte by byte.
compare() {
	$runner "$2" >"$work/guest" &
	on_host "$2" >"$work/host.out"
	wait
	if [ -s "$work/host.out" ] && cmp -s "$work/host.out" "$work/guest"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "$1: host (<) and guest (>) differ:"
	diff -a "$work/host.out" "$work/guest" | head -n 40
}

finish() {
	echo "$passed passed, $failed failed"
	[ $failed = 0 ] && [ $passed -gt 0 ]
	exit
}

# compare_suite NAME COMMAND...: the parts of a suite, in a guest each and on the host. A test that passed is a line "PASS: NAME".
# What passes on the host must pass in the guest; the rest must stand in docs/guest-programs.md.
compare_suite() {
	local name=$1 part=0 command lost
	shift
	for command; do
		part=$((part + 1))
		$runner "$command" >"$work/guest.$part" &
	done
	part=0
	for command; do
		part=$((part + 1))
		on_host "$command" >"$work/host.$part"
	done
	wait
	collect "$work"/host.? >"$work/host.passed"
	collect "$work"/guest.? >"$work/guest.passed"
	comm -23 "$work/host.passed" "$work/guest.passed" >"$work/lost"
	passed=$(comm -12 "$work/host.passed" "$work/guest.passed" | wc -l)
	while IFS= read -r lost; do
		grep -qF "| \`$lost\` |" docs/guest-programs.md && continue
		failed=$((failed + 1))
		echo "passes on the host, not in the guest: $lost"
	done <"$work/lost"
	echo "note: $name: $(wc -l <"$work/host.passed") tests pass on this host's Linux, $passed of them in the guest ($where)"
	mkdir -p "$build/guest/tests/programs" && cat "$work"/host.? >"$build/guest/tests/programs/$name.host" &&
		cat "$work"/guest.? >"$build/guest/tests/programs/$name.guest"
}

# Names of tests that passed, each with the command it is about ("== NAME"). A name may come twice.
collect() {
	awk '/^== / { command = $2 ": " }
		sub(/^PASS: /, "") { n = ++seen[command $0]; print command $0 (n > 1 ? " (" n ")" : "") }' "$@" | sort
}
