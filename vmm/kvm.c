/* SPDX-License-Identifier: MIT */
/*
 * kvm.c: opening KVM and finding out what it offers. Follows Documentation/virt/kvm/api.rst.
 */
#include "kvm.h"

#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What no run can do without: api.rst names each under its own section. */
static const struct {
	int number;
	const char *name;
} needed[] = {
	{KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY"},
	{KVM_CAP_EXT_CPUID, "KVM_CAP_EXT_CPUID"},
	{KVM_CAP_VCPU_EVENTS, "KVM_CAP_VCPU_EVENTS"},
};

int kvm_call(int fd, unsigned long request, const char *name, unsigned long arg, struct error *err)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		error_errno(err, STATUS_HOST, "%s", name);
	return ret;
}

const struct kvm_cpuid_entry2 *kvm_cpuid_find(
	const struct kvm_cpuid_table *table, uint32_t leaf, uint32_t index)
{
	for (uint32_t i = 0; i < table->head.nent; i++)
		if (table->entries[i].function == leaf && table->entries[i].index == index)
			return &table->entries[i];
	return NULL;
}

static uint64_t cr4_reserved_bits(
	const struct cpu_facts *facts, uint32_t ecx1, uint32_t ebx7, uint32_t ecx7)
{
	uint64_t valid = CR4_VME | CR4_PVI | CR4_TSD | CR4_DE | CR4_PSE | CR4_PAE | CR4_MCE |
	                 CR4_PGE | CR4_PCE | CR4_OSFXSR | CR4_OSXMMEXCPT;

	if (facts->umip)
		valid |= CR4_UMIP;
	if (facts->la57)
		valid |= CR4_LA57;
	if (facts->fsgsbase)
		valid |= CR4_FSGSBASE;
	if (facts->pcid)
		valid |= CR4_PCIDE;
	if (facts->xsave)
		valid |= CR4_OSXSAVE;
	if (facts->smep)
		valid |= CR4_SMEP;
	if (facts->smap)
		valid |= CR4_SMAP;
	if (ecx7 & (1u << 3))
		valid |= CR4_PKE;
	if (ecx1 & (1u << 5))
		valid |= CR4_VMXE;
	return ~valid;
}

/* SDM vol. 2, CPUID, tables 3-8 and following. */
static void read_facts(struct kvm *kvm)
{
	static const struct kvm_cpuid_entry2 none;
	const struct kvm_cpuid_entry2 *l0 = kvm_cpuid_find(&kvm->cpuid, 0, 0);
	const struct kvm_cpuid_entry2 *l1 = kvm_cpuid_find(&kvm->cpuid, 1, 0);
	const struct kvm_cpuid_entry2 *l7 = kvm_cpuid_find(&kvm->cpuid, 7, 0);
	const struct kvm_cpuid_entry2 *e1 = kvm_cpuid_find(&kvm->cpuid, 0x80000001, 0);
	const struct kvm_cpuid_entry2 *e8 = kvm_cpuid_find(&kvm->cpuid, 0x80000008, 0);
	struct cpu_facts *facts = &kvm->facts;

	l0 = l0 ? l0 : &none;
	l1 = l1 ? l1 : &none;
	l7 = l7 ? l7 : &none;
	e1 = e1 ? e1 : &none;
	*facts = (struct cpu_facts){
		.maxphyaddr = e8 ? e8->eax & 0xff : 36,
		.gib_pages = e1->edx >> 26 & 1,
		.nx = e1->edx >> 20 & 1,
		.long_mode = e1->edx >> 29 & 1,
		.pse = l1->edx >> 3 & 1,
		.pae = l1->edx >> 6 & 1,
		.pse36 = l1->edx >> 17 & 1,
		.fxsr = l1->edx >> 24 & 1,
		.sse = l1->edx >> 25 & 1,
		.sse2 = l1->edx >> 26 & 1,
		.sse3 = l1->ecx & 1,
		.ssse3 = l1->ecx >> 9 & 1,
		.pcid = l1->ecx >> 17 & 1,
		.sse41 = l1->ecx >> 19 & 1,
		.sse42 = l1->ecx >> 20 & 1,
		.xsave = l1->ecx >> 26 & 1,
		.avx = l1->ecx >> 28 & 1,
		.fsgsbase = l7->ebx & 1,
		.smep = l7->ebx >> 7 & 1,
		.smap = l7->ebx >> 20 & 1,
		.umip = l7->ecx >> 2 & 1,
		.la57 = l7->ecx >> 16 & 1,
		.amd = l0->ebx == 0x68747541 || l0->ebx == 0x6f677948, /* "Auth", "Hygo" */
		.signature = l1->eax,
	};
	facts->cr4_reserved = cr4_reserved_bits(facts, l1->ecx, l7->ebx, l7->ecx);
}

/* Only for messages: what vmm does depends on what it probes, never on this name. */
static const char *module_name(void)
{
	static const char *const modules[] = {"kvm_pvm", "kvm_intel", "kvm_amd"};
	char path[64] = "/sys/module/";

	for (unsigned i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		strcpy(path + sizeof("/sys/module/") - 1, modules[i]);
		if (!access(path, F_OK))
			return modules[i];
	}
	return "kvm";
}

/* SDM vol. 2, CPUID 01H:ECX[5] "VMX"; AMD APM vol. 3, CPUID Fn8000_0001_ECX[2] "SVM". */
static bool has_hardware(void)
{
	unsigned a, b, c, d;

	return (__get_cpuid(1, &a, &b, &c, &d) && c & 1u << 5) ||
	       (__get_cpuid(0x80000001, &a, &b, &c, &d) && c & 1u << 2);
}

static bool open_device(struct kvm *kvm, struct error *err)
{
	kvm->fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm->fd >= 0)
		return true;
	if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
		return error_set(err, STATUS_HOST,
			"/dev/kvm is missing: load kvm_intel or kvm_amd, or turn virtualisation on "
			"in "
			"the firmware (inside a VM: nested virtualisation); without all that "
			"`tools/lab svm -- ./vmm guest/kernel.bin` runs it on an emulated AMD CPU");
	if (errno == EACCES || errno == EPERM)
		return error_set(err, STATUS_HOST,
			"no permission for /dev/kvm: join its group (usually `adduser $USER kvm`) "
			"and "
			"log in anew");
	return error_errno(err, STATUS_HOST, "/dev/kvm");
}

static bool check_version(const struct kvm *kvm, struct error *err)
{
	int version = kvm_ioctl(kvm->fd, KVM_GET_API_VERSION, 0, err);

	if (version == KVM_API_VERSION || version < 0)
		return version >= 0;
	return error_set(err, STATUS_HOST, "/dev/kvm: KVM API version %d, expected %d", version,
		KVM_API_VERSION);
}

static bool check_needed(const struct kvm *kvm, struct error *err)
{
	for (unsigned i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (ioctl(kvm->fd, KVM_CHECK_EXTENSION, needed[i].number) <= 0)
			return error_set(err, STATUS_HOST,
				"/dev/kvm: this KVM lacks %s, which vmm needs", needed[i].name);
	return true;
}

/* A vCPU's mapping: struct kvm_run, and the ring of coalesced writes at some page of it. */
static bool read_mapping(struct kvm *kvm, struct error *err)
{
	int page;

	kvm->run_size = kvm_ioctl(kvm->fd, KVM_GET_VCPU_MMAP_SIZE, 0, err);
	if (kvm->run_size < 0)
		return false;
	if (kvm->run_size < (int)sizeof(struct kvm_run))
		return error_set(err, STATUS_HOST,
			"KVM_GET_VCPU_MMAP_SIZE: %d bytes, expected at least %zu", kvm->run_size,
			sizeof(struct kvm_run));
	if (ioctl(kvm->fd, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_PIO) <= 0)
		return true;
	page = ioctl(kvm->fd, KVM_CHECK_EXTENSION, KVM_CAP_COALESCED_MMIO);
	if (page > 0 && page < kvm->run_size / 4096)
		kvm->coalesced_page = page;
	return true;
}

static bool read_cpuid(struct kvm *kvm, struct error *err)
{
	kvm->cpuid.head.nent = KVM_CPUID_ENTRIES;
	if (kvm_ioctl(kvm->fd, KVM_GET_SUPPORTED_CPUID, &kvm->cpuid, err) < 0)
		return false;
	read_facts(kvm);
	return true;
}

bool kvm_open(struct kvm *kvm, struct error *err)
{
	*kvm = (struct kvm){.fd = -1, .name = module_name(), .hardware = has_hardware()};
	if (!open_device(kvm, err))
		return false;
	if (check_version(kvm, err) && check_needed(kvm, err) && read_mapping(kvm, err) &&
		read_cpuid(kvm, err))
		return true;
	kvm_close(kvm);
	return false;
}

void kvm_close(struct kvm *kvm)
{
	if (kvm->fd >= 0)
		close(kvm->fd);
	kvm->fd = -1;
}
