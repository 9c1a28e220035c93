# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# emulate.sh: one run of an emulator: its output through pipes, its time bounded, its results taken over. Sourced by
# tools/lab; the emulators themselves are in svm.sh and vmx.sh.

# Ends what this lab has started and takes its folder away.
lab_end() {
	local pid

	for pid in ${working:-} ${emulator:-} ${readers:-} ${follower:-} ${guard:-}; do
		kill -KILL -- "-$pid"
	done 2>/dev/null
	wait 2>/dev/null
	[ -z "${scratch:-}" ] || rm -rf "$scratch"
}

# Copies the files of the result to where they belong.
take_files() {
	local file target

	rm -rf "$scratch/result/lab"
	find "$scratch/result" -type f | while IFS= read -r file; do
		target=${out%/}${file#"$scratch/result"}
		{ mkdir -p "${target%/*}" && mv -f "$file" "$target"; } || say "$target cannot be written"
	done
}

# Pipes from the emulator to our output. This shell holds their other ends as well, so that they open, and end, whatever
# becomes of the emulator.
open_channels() {
	mkfifo "$scratch/out" "$scratch/err" || fail 70 "$scratch cannot be written"
	exec 5<>"$scratch/out" 6<>"$scratch/err" 7<"$scratch/out" 8<"$scratch/err"
	become cat <&7 &
	readers=$!
	become cat <&8 >&2 &
	readers="$readers $!"
	exec 7<&- 8<&-
}

explain_end() {
	local status=$1

	if [ "$status" = 137 ] && [ $((SECONDS - started)) -ge "$seconds" ]; then
		say "stopped after $seconds s (--timeout)"
		exit 124
	fi
	say "the emulated machine ended without a result; the end of its console:"
	tail -n 15 "$scratch/console" 2>/dev/null | tr -d '\r' | sed 's/^/lab: | /' >&2
	head -n 5 "$scratch/emulator.log" 2>/dev/null | sed 's/^/lab: > /' >&2
	exit 70
}

# lab_run KIND COMMAND...: exits with the command's status.
lab_run() {
	local kind=$1 status
	shift

	payload_pack "$@" >"$scratch/payload.cpio" || exit
	: >"$scratch/console"
	open_channels
	if [ "$verbose" = yes ]; then
		become tail -f -n +1 "$scratch/console" >&2 &
		follower=$!
	fi

	started=$SECONDS
	"${kind}_start"
	wait "$emulator" 2>/dev/null
	status=$?
	kill -KILL -- "-$emulator" 2>/dev/null
	emulator=
	# Now nobody can write any more.
	exec 5>&- 6>&-
	# shellcheck disable=SC2086
	wait $readers
	readers=
	[ -z "${follower:-}" ] || kill -- "-$follower"

	mkdir "$scratch/result"
	(cd "$scratch/result" && busybox cpio -i -d -m <"$scratch/result.cpio" 2>/dev/null)
	[ -s "$scratch/result/lab/status" ] || explain_end $status
	status=$(cat "$scratch/result/lab/status")
	take_files
	exit "$status"
}
