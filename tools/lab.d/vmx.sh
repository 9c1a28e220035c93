# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# vmx.sh: Intel VMX with EPT as Bochs emulates it: a CD with the kernel, a disk with what the command needs, a disk for
# its result, serial ports for its output. Sourced by tools/lab.

vmx_about() {
	echo "Intel VMX with EPT, by Bochs; boots in some 75 s"
}

vmx_seconds() {
	echo 1500
}

# Makes the CD that all runs share.
vmx_prepare() {
	local tree=$scratch/cd

	[ ! -e "$kernel/lab.iso" ] || return 0
	mkdir -p "$tree/boot/grub"
	cp "$kernel/vmlinuz" "$kernel/base.cpio" "$tree/boot" || fail 70 "no room in $cache"
	# Nothing that waits for hardware that is not there; and a clock that goes as Bochs does: CPUID promises 3.5 GHz, so
	# that a second of waiting would take 3.5e9 instructions, some minutes.
	cat >"$tree/boot/grub/grub.cfg" <<-'END'
		set timeout=0
		linux /boot/vmlinuz console=ttyS0 panic=-1 quiet mitigations=off nokaslr tsc=reliable tsc_early_khz=50000 \
			lpj=1000000 no_timer_check random.trust_cpu=on \
			lab.payload=/dev/sda lab.result=/dev/sdb lab.out=/dev/ttyS1 lab.err=/dev/ttyS2
		initrd /boot/base.cpio
		boot
	END
	run_in "$scratch" grub-mkrescue -o "$scratch/lab.iso" "$tree" >"$scratch/cd.log" 2>&1 || {
		sed 's/^/lab: grub-mkrescue: /' "$scratch/cd.log" >&2
		fail 70 "the CD cannot be made"
	}
	mv "$scratch/lab.iso" "$kernel/lab.iso" || fail 70 "$kernel cannot be written"
	rm -rf "$tree"
}

# vmx_disk FILE MIB: makes or enlarges a disk of so many cylinders of 16 heads and 63 sectors that MIB fit on it; prints
# their number.
vmx_disk() {
	local cylinders=$((($2 * 1048576 + 516095) / 516096))

	truncate -s $((cylinders * 516096)) "$1" || fail 70 "no room in $cache"
	echo $cylinders
}

vmx_start() {
	local payload result program net=()

	payload=$(vmx_disk "$scratch/payload.cpio" $((($(stat -c %s "$scratch/payload.cpio") >> 20) + 1))) || exit
	result=$(vmx_disk "$scratch/result.cpio" 256) || exit
	cat >"$scratch/bochsrc" <<-END
		plugin_ctrl: sb16=0, es1370=0, voodoo=0, ne2k=0, e1000=0
		cpu: model=corei7_skylake_x, count=1, ips=50000000
		memory: guest=768, host=768
		romimage: file=$(vmx_bios BIOS-bochs-latest)
		vgaromimage: file=$(vmx_bios VGABIOS-lgpl-latest)
		ata0-master: type=disk, path="$scratch/payload.cpio", mode=flat, cylinders=$payload, heads=16, spt=63
		ata0-slave: type=disk, path="$scratch/result.cpio", mode=flat, cylinders=$result, heads=16, spt=63
		ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15
		ata1-master: type=cdrom, path="$kernel/lab.iso", status=inserted
		boot: cdrom
		com1: enabled=1, mode=file, dev="$scratch/console"
		com2: enabled=1, mode=file, dev="$scratch/out"
		com3: enabled=1, mode=file, dev="$scratch/err"
		display_library: rfb, options="timeout=0"
		sound: driver=dummy
		clock: sync=none
		log: $scratch/bochs.log
		panic: action=fatal
		error: action=ignore
		info: action=ignore
	END
	echo c >"$scratch/bochsrc.debugger"
	# Its display listens for a viewer at a port of the network: it gets a network of its own, if it can have one.
	! unshare -rn true 2>/dev/null || net=(unshare -rn)
	# Debian's bochs is a script that starts bochs-bin and would not end with it.
	program=$(command -v bochs-bin || command -v bochs)
	become timeout -s KILL "$seconds" setpriv --pdeathsig KILL ${net[@]+"${net[@]}"} \
		"$program" -q -f "$scratch/bochsrc" -rc "$scratch/bochsrc.debugger" </dev/null >"$scratch/emulator.log" 2>&1 &
	emulator=$!
}

vmx_bios() {
	local folder

	for folder in /usr/share/bochs /share/bochs; do
		[ ! -e "$folder/$1" ] || echo "$folder/$1"
	done | head -n 1
}
