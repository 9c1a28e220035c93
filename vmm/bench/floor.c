/* SPDX-License-Identifier: MIT */
/*
 * floor.c: the least that a program has to do to run a guest that prints: what vmm's times are
 * compared with. It checks nothing but that it works.
 *
 *   floor          a line, byte by byte
 *   floor cpuid    the same by a guest that has a CPUID
 *   floor bytes    a million bytes by coalesced writes, which are only counted
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdbool.h>
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

/* mov $10000, %bx; 3: mov $'x', %al; 99 times out %al, $0xe9; mov $10, %al; out %al, $0xe9; dec
 * %bx; jnz 3; hlt. */
static void make_bytes_guest(unsigned char *at)
{
	static const unsigned char head[] = {0xbb, 0x10, 0x27, 0xb0, 'x'};
	static const unsigned char tail[] = {
		0xb0, '\n', 0xe6, 0xe9, 0x4b, 0x0f, 0x85, 0x31, 0xff, 0xf4};

	memcpy(at, head, sizeof(head));
	at += sizeof(head);
	for (unsigned i = 0; i < 99; i++, at += 2)
		memcpy(at, "\xe6\xe9", 2);
	memcpy(at, tail, sizeof(tail));
}

static int run_coalesced(int kvm, int vm, int vcpu, struct kvm_run *state)
{
	struct kvm_coalesced_mmio_zone zone = {.addr = 0xe9, .size = 1, .pio = 1};
	int page = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_MMIO);
	struct kvm_coalesced_mmio_ring *ring = (void *)((char *)state + page * 4096);
	const unsigned slots = (4096 - sizeof(*ring)) / sizeof(struct kvm_coalesced_mmio);
	unsigned bytes = 0;

	if (page <= 0 || ioctl(vm, KVM_REGISTER_COALESCED_MMIO, &zone))
		return 1;
	do {
		if (ioctl(vcpu, KVM_RUN, 0))
			return 1;
		for (; ring->first != ring->last; ring->first = (ring->first + 1) % slots)
			bytes++;
		bytes += state->exit_reason == KVM_EXIT_IO;
	} while (state->exit_reason == KVM_EXIT_IO);
	return bytes != 1000000 || state->exit_reason != KVM_EXIT_HLT;
}

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
	bool bytes = argc > 1 && !strcmp(argv[1], "bytes");
	int kvm = open("/dev/kvm", O_RDWR);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), vcpu, size;
	char *ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = {
		.memory_size = RAM, .userspace_addr = (unsigned long)ram};
	struct kvm_regs regs = {.rflags = 2};
	struct kvm_sregs sregs;
	struct kvm_run *state;

	memcpy(ram, guest, sizeof(guest));
	if (bytes)
		make_bytes_guest((unsigned char *)ram);
	if (vm < 0 || ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		return 1;
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	state = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (vcpu < 0 || state == MAP_FAILED || ioctl(vcpu, KVM_GET_SREGS, &sregs))
		return 1;
	if (argc > 1 && !bytes && set_cpuid(kvm, vcpu))
		return 1;
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
		return 1;
	return bytes ? run_coalesced(kvm, vm, vcpu, state) : run(vcpu, state);
}
