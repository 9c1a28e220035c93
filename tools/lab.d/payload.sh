# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# payload.sh: what a command needs in the lab, as one archive: the build tree, what its arguments name, shared libraries,
# and the command itself as a script. Sourced by tools/lab.

# One path a line, all absolute. Folders stand for what is in them.
payload_wanted() {
	local path argument

	printf '%s\n' "$build/vmm" "$build/libautopsy.so"
	find "$build/guest" "$build/tools" -type f 2>/dev/null | grep -vE '\.(o|d|S|lds)$|/runs/'
	for path in ${with[@]+"${with[@]}"}; do
		[ -e "$path" ] || fail 64 "--with $path: there is no such file"
		realpath -s "$path"
	done
	for argument; do
		argument=${argument#*=}
		[[ $argument = /* ]] || argument=$folder/$argument
		# What the lab has anyway, or could be meant as something else than a file.
		case $argument in /dev/* | /proc/* | /sys/* | / | "$root" | "$build" | "$folder" | "$folder/") continue ;; esac
		[ ! -f "$argument" ] || realpath -s "$argument"
		[ ! -d "$argument" ] || find "$(realpath -s "$argument")" -type f -size -65536k
	done
	# A program of this machine, unless busybox has it.
	[[ $1 = */* ]] || busybox --list | grep -qxF -e "$1" || command -v "$1"
	true
}

# The shared libraries of every program and library in the list on stdin.
payload_libraries() {
	local file

	while IFS= read -r file; do
		[ "$(head -c 4 "$file" 2>/dev/null | tail -c 3 | tr -d '\0')" = ELF ] || continue
		[ "$(od -An -tu1 -j4 -N1 "$file")" -eq 2 ] || continue
		ldd "$file" 2>/dev/null
	done | grep -oE '/[^ ]+' | sort -u
}

quote() {
	local word

	for word; do
		printf "'%s' " "${word//\'/\'\\\'\'}"
	done
}

# The files of the list, and the script that the lab's init runs, as one archive to stdout. It is made from a tree of
# symbolic links.
payload_pack() {
	local list=$scratch/files tree=$scratch/payload name

	payload_wanted "$@" >"$list" || exit
	while IFS= read -r name; do
		[ ! -d "$name" ] || find "$name" -type f
	done <"$list" >"$list.folders"
	cat "$list.folders" >>"$list"
	payload_libraries <"$list" >"$list.libraries"
	mkdir -p "$tree/lab"
	sort -u "$list" "$list.libraries" | while IFS= read -r name; do
		[ ! -f "$name" ] || echo "$name"
	done | xargs -d '\n' cp -s --parents -t "$tree" || fail 70 "no room in $cache"
	{
		echo "root=$(quote "$root")"
		echo "build=$(quote "$build")"
		echo "export PATH=/usr/local/bin:/usr/bin:/bin TERM=dumb VMM_LAB=$kind"
		echo "mkdir -p $(quote "$folder") && cd $(quote "$folder")"
		[ -z "${TEST_TIMEOUT:-}" ] || echo "export TEST_TIMEOUT=$(quote "$TEST_TIMEOUT")"
		[ -z "${V:-}" ] || echo "export V=$(quote "$V")"
	} >"$tree/lab/env"
	quote "$@" >"$tree/lab/command"
	(cd "$tree" && find . -mindepth 1 | busybox cpio -o -L -H newc 2>/dev/null)
}
