# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# cache.sh: what the labs keep: a kernel package of Debian's, and made of it the kernel, an initramfs with its modules,
# and a CD of both. A file or folder of the cache gets its final name when it is complete, so a lab that is killed leaves
# only a scratch folder behind, which the next one removes. Sourced by tools/lab; sets $cache and $kernel.

cache=${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/vmm-lab

# Loaded in this order, after what each depends on; those for which there is no hardware fail, which is no harm.
lab_modules='virtio_pci virtio_console ata_piix sd_mod kvm-amd kvm-intel'

# A folder of our own below $cache/run that goes away with the lab, or when the next one sees that its owner is gone.
scratch_create() {
	local dir owner

	mkdir -p "$cache/run" || fail 70 "$cache cannot be written"
	for dir in "$cache"/run/*; do
		owner=${dir##*/}
		owner=${owner%%.*}
		[ ! -d "$dir" ] || kill -0 "$owner" 2>/dev/null || rm -rf "$dir"
	done
	scratch=$(mktemp -d "$cache/run/$$.XXXXXX") || fail 70 "$cache cannot be written"
	: >"$scratch/groups"
	guard_start
}

# Ends what the lab has started and takes its folder away when the lab itself cannot: it was killed. Its children would end
# with it, but not what those have started. $guard is its process.
guard_start() {
	# shellcheck disable=SC2016 # for the guard's shell
	(exec 9>&-; exec setpriv --pdeathsig TERM setsid bash -c '
		trap "for group in \$(cat \"$0/groups\"); do kill -KILL -- -\$group; done; rm -rf \"$0\"; kill -KILL 0" TERM
		[ "$PPID" = "$1" ] || kill $$
		while :; do sleep 1000 & wait $!; done
	' "$scratch" $$ </dev/null >/dev/null 2>&1) &
	guard=$!
}

# Becomes a program that ends with the lab, however that ends, and leads a process group of its own. For background
# processes of the lab's own shell.
become() {
	echo $BASHPID >>"$scratch/groups"
	exec 5>&- 6>&- 9>&-
	exec setpriv --pdeathsig KILL setsid "$@"
}

# Runs a program in a folder. Waiting for it, unlike running it in the foreground, can be interrupted by a signal.
run_in() {
	(cd "$1" && shift && become "$@") &
	working=$!
	wait $working 2>/dev/null
}

# The package that Debian's metapackage stands for, e.g. linux-image-6.1.0-50-cloud-amd64, in $package.
find_package() {
	run_in "$scratch" apt-cache depends linux-image-cloud-amd64 >"$scratch/depends" 2>/dev/null
	package=$(sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' "$scratch/depends" | head -n 1)
}

download_kernel() {
	local package

	find_package
	[ -n "$package" ] || fail 69 "apt knows no linux-image-cloud-amd64: run apt-get update (as root) first"
	say "downloading $package (once, about 27 MB)"
	run_in "$scratch" apt-get download "$package" >"$scratch/apt.log" 2>&1 || {
		sed 's/^/lab: apt-get: /' "$scratch/apt.log" >&2
		fail 69 "$package could not be downloaded: if its version is gone, run apt-get update (as root)"
	}
	mv "$scratch"/linux-image-*.deb "$cache/kernel.deb" || fail 70 "$cache cannot be written"
}

module_file() {
	find "$scratch/package" -name "$1.ko" -o -name "$1.ko.xz" -o -name "${1//-/_}.ko" -o -name "${1//-/_}.ko.xz" |
		head -n 1
}

# Puts a module behind the modules that it depends on into $scratch/tree/modules and its list.
add_module() {
	local name=$1 file target dependency

	target=$scratch/tree/modules/$name.ko
	[ ! -e "$target" ] || return 0
	file=$(module_file "$name")
	# What is not there as a module is built in.
	[ -n "$file" ] || return 0
	if [[ $file = *.xz ]]; then xz -dc "$file"; else cat "$file"; fi >"$target"
	for dependency in $(tr '\0' '\n' <"$target" | sed -n 's/^depends=//p' | tr ',' ' '); do
		add_module "$dependency"
	done
	echo "$name" >>"$scratch/tree/modules/list"
}

# Archives the files below a folder in the kernel's initramfs format.
pack_tree() {
	(cd "$1" && find . -mindepth 1 | busybox cpio -o -H newc 2>/dev/null)
}

build_base() {
	local module applet

	run_in "$scratch" dpkg-deb -x "$cache/kernel.deb" package 2>/dev/null || {
		rm -f "$cache/kernel.deb"
		fail 70 "the kernel package cannot be unpacked; the next run downloads it anew"
	}
	mkdir -p "$scratch/tree/modules" "$scratch/tree/bin" "$scratch/kernel"
	for module in $lab_modules; do
		add_module "$module"
	done
	cp "$(command -v busybox)" "$scratch/tree/bin/busybox"
	for applet in $(busybox --list); do
		[ "$applet" = busybox ] || ln -s busybox "$scratch/tree/bin/$applet"
	done
	cp "$tools/lab.d/init" "$scratch/tree/init"
	chmod 755 "$scratch/tree/init"
	cp "$scratch"/package/boot/vmlinuz-* "$scratch/kernel/vmlinuz" || fail 70 "the kernel package has no kernel"
	pack_tree "$scratch/tree" >"$scratch/kernel/base.cpio" || fail 70 "no room in $cache"
	rm -rf "$kernel"
	mv "$scratch/kernel" "$kernel" || fail 70 "$kernel cannot be made"
	rm -rf "$scratch/package" "$scratch/tree"
}

# What nobody has used for a month goes. A lab that is running has opened or copied what it needs.
cache_prune() {
	touch "$kernel"
	find "$cache" -mindepth 1 -maxdepth 1 -name 'kernel-*' -mtime +30 -exec rm -rf {} +
}

# Makes sure that $kernel has what the lab needs. One lab at a time prepares it, the others wait.
cache_prepare() {
	# What the initramfs is made from is part of the name: a lab of another version gets its own.
	kernel=$cache/kernel-$({ echo "$lab_modules"; cat "$tools/lab.d/init"; declare -f build_base vmx_prepare; } | cksum | cut -d' ' -f1)
	mkdir -p "$cache" || fail 70 "$cache cannot be written"
	exec 9>"$cache/lock" || fail 70 "$cache cannot be written"
	flock 9
	trap lab_end EXIT
	scratch_create
	if [ "$update" = yes ] || [ ! -e "$cache/kernel.deb" ]; then
		download_kernel
	fi
	if [ ! -d "$kernel" ] || [ "$cache/kernel.deb" -nt "$kernel/vmlinuz" ]; then
		build_base
	fi
	cache_prune
	"$1_prepare"
	exec 9>&-
}
