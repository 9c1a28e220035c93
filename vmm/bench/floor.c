/* SPDX-License-Identifier: MIT */
/*
 * floor.c: the least that a program has to do to run a guest that prints a line: what start-up
 * times are compared with. It checks nothing but that it works.
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define RAM 0x10000

/* Real mode at 0: prints the bytes behind it up to a NUL on port 0xe9, then halts. */
static const unsigned char guest[] = {0xbe, 0x0d, 0x00, /* 0: mov $13, %si */
	0xac,                                           /* 3: lodsb */
	0x84, 0xc0,                                     /* 4: test %al, %al */
	0x74, 0x04,                                     /* 6: jz 12 */
	0xe6, 0xe9,                                     /* 8: out %al, $0xe9 */
	0xeb, 0xf7,                                     /* 10: jmp 3 */
	0xf4,                                           /* 12: hlt */
	'h', 'e', 'l', 'l', 'o', '\n', 0};

static int run(int vcpu, struct kvm_run *state)
{
	char line[64];
	unsigned used = 0;

	for (;;) {
		if (ioctl(vcpu, KVM_RUN, 0))
			return 1;
		if (state->exit_reason != KVM_EXIT_IO)
			break;
		if (used < sizeof(line))
			line[used++] = *((char *)state + state->io.data_offset);
	}
	return write(1, line, used) != (ssize_t)used || state->exit_reason != KVM_EXIT_HLT;
}

static int set_cpuid(int kvm, int vcpu)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[256];
	} table = {.head.nent = 256};

	return ioctl(kvm, KVM_GET_SUPPORTED_CPUID, &table) || ioctl(vcpu, KVM_SET_CPUID2, &table);
}

int main(int argc, char **argv)
{
	int kvm = open("/dev/kvm", O_RDWR);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu, size;
	char *ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = {
		.memory_size = RAM, .userspace_addr = (unsigned long)ram};
	struct kvm_regs regs = {.rflags = 2};
	struct kvm_sregs sregs;
	struct kvm_run *state;

	memcpy(ram, guest, sizeof(guest));
	if (vm < 0 || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		return 1;
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	state = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (vcpu < 0 || state == MAP_FAILED || ioctl(vcpu, KVM_GET_SREGS, &sregs))
		return 1;
	if (argc > 1 && set_cpuid(kvm, vcpu))
		return 1;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
		return 1;
	return run(vcpu, state);
}
