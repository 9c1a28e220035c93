# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# svm.sh: AMD SVM with nested paging as QEMU's TCG emulates it. Sourced by tools/lab.

svm_about() {
	echo "AMD SVM with nested paging, by QEMU's TCG; boots in some 5 s"
}

svm_seconds() {
	echo 600
}

# Nothing beside the kernel and the initramfs.
svm_prepare() {
	:
}

# Starts QEMU in the background; $emulator is its process.
svm_start() {
	local ports=() name

	cat "$kernel/base.cpio" "$scratch/payload.cpio" >"$scratch/initrd" || fail 70 "no room in $cache"
	rm -f "$scratch/payload.cpio"
	for name in out err; do
		ports+=(-chardev "file,id=$name,path=$scratch/$name" -device "virtserialport,chardev=$name,name=$name")
	done
	# One CPU: with two in threads of their own, this TCG now and then loses the Linux in it, or dies, when the machine is busy.
	become timeout -s KILL "$seconds" setpriv --pdeathsig KILL qemu-system-x86_64 \
		-accel tcg -cpu max -smp 1 -m 1536 -machine pc \
		-nodefaults -no-user-config -display none -no-reboot -monitor none \
		-chardev "file,id=console,path=$scratch/console" -serial chardev:console \
		-device virtio-serial-pci "${ports[@]}" \
		-chardev "file,id=result,path=$scratch/result.cpio" -device virtserialport,chardev=result,name=result \
		-kernel "$kernel/vmlinuz" -initrd "$scratch/initrd" \
		-append "console=ttyS0 panic=-1 quiet mitigations=off nokaslr random.trust_cpu=on" \
		</dev/null >"$scratch/emulator.log" 2>&1 &
	emulator=$!
}
