/* SPDX-License-Identifier: MIT */
/*
 * boot.c: GDT, IDT, TSS, trap stubs, boot information, and the first CPU state, as tables that can
 * be read beside the SDM. The stubs hand an exception that the kernel has no handler for to vmm,
 * with nothing lost: they change no register.
 */
#include "boot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "boot_map.h"
#include "boot_multiboot.h"
#include "guest_abi.h"
#include "layout.h"
#include "probe.h"
#include "x86.h"

#define SEL_CODE 0x08
#define SEL_DATA 0x10
#define SEL_TSS  0x28

/* SDM vol. 3, figure 3-8 "Segment Descriptor". The accessed bits are set, so that the CPU has
 * nothing to write here. */
static const uint64_t gdt_long64[] = {
	0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cff3000000ffff, 0x00affb000000ffff};
static const uint64_t gdt_pm32[] = {
	0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00cff3000000ffff, 0x00cffb000000ffff};

/* out %al, $VMM_PORT_BOOT_TRAP; jmp to the out: the same bytes in 16, 32 and 64-bit code. */
static const uint8_t stub_code[4] = {0xe6, VMM_PORT_BOOT_TRAP, 0xeb, 0xfc};

struct boot_mode {
	const char *name;
	uint64_t cr0, cr4, efer;
	const uint64_t *gdt;
	uint32_t tss_limit;
	uint16_t idt_limit;
};

static const struct boot_mode modes[] = {
	[VMM_MODE_REAL] = {"real", CR0_ET, 0, 0, NULL, 0, LAYOUT_IVT_SIZE - 1},
	[VMM_MODE_PM32] = {"pm32", CR0_PE | CR0_ET, 0, 0, gdt_pm32, 0x67, 32 * 8 - 1},
	[VMM_MODE_PSE32] = {"pse32", CR0_PE | CR0_ET | CR0_PG, CR4_PSE, 0, gdt_pm32, 0x67,
		32 * 8 - 1},
	[VMM_MODE_LONG64] = {"long64", CR0_PE | CR0_ET | CR0_PG, CR4_PAE, EFER_LME | EFER_LMA,
		gdt_long64, LAYOUT_TSS64_SIZE - 1, LAYOUT_IDT64_SIZE - 1},
};

const char *boot_mode_name(uint32_t mode)
{
	return modes[mode].name;
}

static void add_region(
	struct boot *boot, const char *name, uint64_t gpa, uint64_t size, bool monitor)
{
	boot->regions[boot->region_count++] = (struct evidence_region){
		.name = name, .gpa = gpa, .size = size, .linear = gpa, .monitor = monitor};
}

/* What probe.c runs: int3; sysretq; hlt, where sysretq goes. */
static const uint8_t probe_int3[] = {0xcc};
static const uint8_t probe_sysret[] = {0x48, 0x0f, 0x07};

/* cli; hlt; jmp to the hlt. */
static const uint8_t return_code[] = {0xfa, 0xf4, 0xeb, 0xfd};

static void write_stubs(uint8_t *page)
{
	memset(page, 0xf4, LAYOUT_STUBS_SIZE); /* hlt: nothing else in this page is meant to run */
	for (unsigned vector = 0; vector < EXCEPTION_VECTORS; vector++)
		memcpy(page + vector * LAYOUT_STUB_STRIDE, stub_code, sizeof(stub_code));
	memcpy(page + PROBE_INT3, probe_int3, sizeof(probe_int3));
	memcpy(page + PROBE_SYSRET, probe_sysret, sizeof(probe_sysret));
	memcpy(page + LAYOUT_RETURN_OFFSET, return_code, sizeof(return_code));
}

/* SDM vol. 3, figure 7-4 "Format of TSS and LDT Descriptors in 64-bit Mode"; type 11: busy, as TR
 * holds it. */
static void write_gdt(uint64_t *gdt, const struct boot_mode *mode, uint64_t tss)
{
	memcpy(gdt, mode->gdt, 5 * 8);
	gdt[5] = (mode->tss_limit & 0xffff) | (tss & 0xffffff) << 16 | 0x8bull << 40 |
	         (tss >> 24 & 0xff) << 56;
	gdt[6] = mode->efer ? tss >> 32 : 0;
}

/* A kernel that enters long mode with this table still loaded makes the CPU read two of its gates
 * as one, whose handler is at no canonical address: a CPU that goes there all the same would run
 * down its stack for ever. So the gates that #DF and 11 to 15, which #NP, #SS, #GP and #PF are,
 * would begin with are left out, and it shuts down. What that costs is #MF, which comes as #GP with
 * its vector. SDM vol. 3, 6.14.1 "64-Bit Mode IDT". */
static bool has_gate(unsigned vector, bool long_mode)
{
	return long_mode || (vector != VEC_MF && vector < 2 * VEC_NP);
}

/* SDM vol. 3, figures 6-2 and 6-8: interrupt gates, P = 1, DPL = 0; long mode: IST 1. */
static void write_idt(uint8_t *idt, bool long_mode, uint64_t stubs)
{
	for (unsigned vector = 0; vector < EXCEPTION_VECTORS; vector++) {
		uint64_t offset = stubs + vector * LAYOUT_STUB_STRIDE;
		uint64_t gate[2] = {(offset & 0xffff) | SEL_CODE << 16 | 0x8e00ull << 32 |
					    (offset >> 16 & 0xffff) << 48,
			offset >> 32};

		if (long_mode)
			gate[0] |= 1ull << 32;
		if (!has_gate(vector, long_mode))
			memset(gate, 0, sizeof(gate));
		memcpy(idt + vector * (long_mode ? 16 : 8), gate, long_mode ? 16 : 8);
	}
}

/* SDM vol. 3, figure 7-11 "64-Bit TSS Format" and figure 7-2 "32-Bit TSS". */
static void write_tss(uint8_t *tss, bool long_mode, uint64_t stack)
{
	uint16_t io_map = LAYOUT_TSS64_SIZE;
	uint16_t ss0 = SEL_DATA;

	memcpy(tss + 4, &stack, long_mode ? 8 : 4); /* RSP0 or ESP0 */
	if (long_mode)
		memcpy(tss + 0x24, &stack, 8); /* IST1 */
	else
		memcpy(tss + 8, &ss0, 2);
	memcpy(tss + 0x66, &io_map, 2);
}

static uint64_t first_rsp(const struct boot *boot)
{
	return boot->top - LAYOUT_BOOT_STACK + LAYOUT_BOOT_STACK_SIZE - 16;
}

/* Nobody has called the entry code. When it returns all the same, it shall come to a halt: address
 * 0 is zeros, which run as instructions up to the kernel, and it would begin anew. */
static void write_return_address(const struct boot *boot, const struct guest_mem *mem)
{
	uint64_t address = boot->top - LAYOUT_STUBS + LAYOUT_RETURN_OFFSET;

	memcpy(memory_at(mem, first_rsp(boot), sizeof(address)), &address, sizeof(address));
}

static void write_tables(struct boot *boot, const struct guest_mem *mem)
{
	const struct boot_mode *mode = &modes[boot->mode];
	uint64_t gpa = boot->top - LAYOUT_TABLES;
	uint64_t stubs = boot->top - LAYOUT_STUBS;
	uint64_t trap_stack_top = boot->top - LAYOUT_TRAP_STACK + LAYOUT_TRAP_STACK_SIZE;
	uint8_t *page = memory_at(mem, gpa, LAYOUT_TABLES_SIZE);
	bool long_mode = mode->efer != 0;

	write_gdt((uint64_t *)(page + LAYOUT_GDT_OFFSET), mode, gpa + LAYOUT_TSS_OFFSET);
	write_tss(page + LAYOUT_TSS_OFFSET, long_mode, trap_stack_top);
	write_idt(page + LAYOUT_IDT_OFFSET, long_mode, stubs);
	write_stubs(memory_at(mem, stubs, LAYOUT_STUBS_SIZE));
	write_return_address(boot, mem);
	add_region(boot, "boot GDT", gpa + LAYOUT_GDT_OFFSET, LAYOUT_GDT_ENTRIES * 8, true);
	add_region(boot, "boot TSS", gpa + LAYOUT_TSS_OFFSET, LAYOUT_TSS64_SIZE, true);
	add_region(boot, "boot IDT", gpa + LAYOUT_IDT_OFFSET, mode->idt_limit + 1u, true);
	add_region(boot, "boot trap stubs", stubs, LAYOUT_STUBS_SIZE, true);
}

static uint32_t write_memory_map(
	struct vmm_memory_range *range, const struct boot *boot, const struct guest_mem *mem)
{
	unsigned n = 0;

	range[n++] = (struct vmm_memory_range){0, boot->base, VMM_MEM_USABLE, 0};
	range[n++] =
		(struct vmm_memory_range){boot->base, boot->top - boot->base, VMM_MEM_RESERVED, 0};
	if (mem->high)
		range[n++] =
			(struct vmm_memory_range){LAYOUT_HIGH_RAM, mem->high, VMM_MEM_USABLE, 0};
	return n;
}

/* A Multiboot kernel's begins with the name of the image. Returns the address of what follows it; 0
 * when there is no room. */
static uint64_t write_command_line(const struct boot *boot, const struct guest_mem *mem,
	const struct image *image, const struct boot_params *params, struct error *err)
{
	const char *name = image->multiboot ? boot_multiboot_name(image) : "";
	size_t n = image->multiboot ? strlen(name) + 1 : 0;
	size_t length = n + strlen(params->command_line);
	uint64_t gpa = boot->top - LAYOUT_CMDLINE;

	if (length < LAYOUT_CMDLINE_SIZE) {
		snprintf(memory_at(mem, gpa, length + 1), length + 1, "%s%s%s", name, n ? " " : "",
			params->command_line);
		return gpa + n;
	}
	error_set(err, STATUS_USAGE, "the kernel command line has %zu bytes, expected at most %llu",
		length, LAYOUT_CMDLINE_SIZE - 1);
	return 0;
}

static bool write_boot_info(struct boot *boot, const struct guest_mem *mem,
	const struct image *image, const struct boot_params *params, struct error *err)
{
	uint64_t gpa = boot->top - LAYOUT_BOOT_INFO;
	struct vmm_boot_info *info = memory_at(mem, gpa, LAYOUT_BOOT_INFO_SIZE);
	uint64_t arguments = write_command_line(boot, mem, image, params, err);

	if (!arguments)
		return false;
	*info = (struct vmm_boot_info){
		.magic = VMM_BOOT_MAGIC,
		.version = VMM_BOOT_VERSION,
		.size = sizeof(*info),
		.memory_map = gpa + LAYOUT_MEMORY_MAP_OFFSET,
		.vcpus = params->vcpus,
		.command_line = arguments,
		.initrd = boot->initrd,
		.initrd_size = params->initrd_size,
		.tsc_hz = params->tsc_hz,
		.host = params->host,
		.irqchip = params->irqchip,
	};
	info->memory_ranges =
		write_memory_map((void *)((uint8_t *)info + LAYOUT_MEMORY_MAP_OFFSET), boot, mem);
	add_region(boot, "boot information", gpa, LAYOUT_BOOT_INFO_SIZE, true);
	add_region(
		boot, "kernel command line", boot->top - LAYOUT_CMDLINE, LAYOUT_CMDLINE_SIZE, true);
	add_region(boot, "trap stack", boot->top - LAYOUT_TRAP_STACK, LAYOUT_TRAP_STACK_SIZE, true);
	add_region(boot, "boot stack", boot->top - LAYOUT_BOOT_STACK, LAYOUT_BOOT_STACK_SIZE, true);
	return true;
}

void boot_set_host(const struct boot *boot, const struct guest_mem *mem, uint32_t host)
{
	struct vmm_boot_info *info;

	if (!boot->top)
		return;
	info = memory_at(mem, boot->top - LAYOUT_BOOT_INFO, LAYOUT_BOOT_INFO_SIZE);
	info->host = host;
}

static bool map_segment(struct boot_map *map, const struct image *image,
	const struct image_segment *segment, struct error *err)
{
	struct error why = {0};

	/* Where RAM is mapped already, 2 MiB pages must not be split; 4 MiB pages cannot be. */
	if (segment->linear == segment->gpa && !map->pse)
		return true;
	if (boot_map_range(map, segment->linear, segment->gpa, segment->size, segment->name, &why))
		return true;
	return error_set(err, why.status, "%s%s%s", why.status == STATUS_IMAGE ? image->path : "",
		why.status == STATUS_IMAGE ? ": " : "", why.text);
}

/* RAM at its own address (with 32-bit paging that below 4 GiB), every segment that wants another
 * one there too. */
static bool write_page_tables(struct boot *boot, const struct guest_mem *mem,
	const struct image *image, struct error *err)
{
	bool pse = boot->mode == VMM_MODE_PSE32;
	struct boot_map map;

	if (!boot_map_init(&map, mem, pse, boot->base, err) ||
		!boot_map_range(&map, 0, 0, mem->low, "RAM", err) ||
		(mem->high && !pse &&
			!boot_map_range(
				&map, LAYOUT_HIGH_RAM, LAYOUT_HIGH_RAM, mem->high, "RAM", err)))
		return false;
	for (unsigned i = 0; i < image->segment_count; i++)
		if (!map_segment(&map, image, &image->segments[i], err))
			return false;
	boot->cr3 = map.root;
	add_region(boot, "boot page tables", map.next, boot->base - map.next, true);
	boot->base = map.next;
	return true;
}

/* Before any of it is mapped. */
static bool check_in_ram(const struct guest_mem *mem, const struct image *image, struct error *err)
{
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segments[i];
		bool higher_half = segment->gpa >> 32 && segment->gpa == segment->linear;

		if (memory_at(mem, segment->gpa, segment->size))
			continue;
		return error_set(err, STATUS_IMAGE,
			"%s: %s wants guest-physical 0x%" PRIx64 " to 0x%" PRIx64
			", outside RAM (%" PRIu64 " MiB)%s",
			image->path, segment->name, segment->gpa, segment->gpa + segment->size - 1,
			(mem->low + mem->high) >> 20,
			higher_half ? ": a higher-half kernel needs AT() in its linker script"
				    : "");
	}
	return true;
}

static bool check_segment(const struct boot *boot, const struct image *image,
	const struct image_segment *segment, struct error *err)
{
	for (unsigned i = 0; i < boot->region_count; i++) {
		const struct evidence_region *region = &boot->regions[i];

		if (ranges_overlap(segment->gpa, segment->size, region->gpa, region->size))
			return error_set(err, STATUS_IMAGE,
				"%s: %s (0x%" PRIx64 "+0x%" PRIx64
				") lies over vmm's %s (0x%" PRIx64 "+0x%" PRIx64
				"): give the guest more memory or load it lower",
				image->path, segment->name, segment->gpa, segment->size,
				region->name, region->gpa, region->size);
	}
	return true;
}

static bool add_segments(struct boot *boot, const struct image *image, struct error *err)
{
	for (unsigned i = 0; i < image->segment_count; i++)
		if (!check_segment(boot, image, &image->segments[i], err))
			return false;
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct image_segment *segment = &image->segments[i];

		add_region(boot, segment->name, segment->gpa, segment->size, false);
		boot->regions[boot->region_count - 1].linear = segment->linear;
	}
	return true;
}

/* The vector table is at 0, where some images want to be: it is the guest's to overwrite, so it is
 * not a region. */
static void write_real_mode(struct boot *boot, const struct guest_mem *mem)
{
	uint16_t *ivt = memory_at(mem, 0, LAYOUT_IVT_SIZE);
	uint16_t first = LAYOUT_REAL_STUBS - LAYOUT_REAL_STUB_SEGMENT * 16ull;

	for (unsigned vector = 0; vector < EXCEPTION_VECTORS; vector++) {
		ivt[vector * 2] = (uint16_t)(first + vector * LAYOUT_STUB_STRIDE);
		ivt[vector * 2 + 1] = LAYOUT_REAL_STUB_SEGMENT;
	}
	write_stubs(memory_at(mem, LAYOUT_REAL_STUBS, LAYOUT_STUBS_SIZE));
	add_region(boot, "boot trap stubs", LAYOUT_REAL_STUBS, LAYOUT_STUBS_SIZE, true);
}

/* The initial RAM disk ends where the boot block begins. Address 0 means that there is none. */
static bool place_initrd(struct boot *boot, const struct boot_params *params, struct error *err)
{
	if (!params->initrd_size)
		return true;
	if (boot->base < LAYOUT_PAGE || params->initrd_size > boot->base - LAYOUT_PAGE)
		return error_set(err, STATUS_IMAGE,
			"--initrd: %" PRIu64 " bytes do not fit into the guest's RAM (%" PRIu64
			" bytes are free): give it more with --memory",
			params->initrd_size, boot->base);
	boot->initrd = (boot->base - params->initrd_size) & ~(LAYOUT_PAGE - 1);
	add_region(boot, "initrd", boot->initrd, params->initrd_size, false);
	boot->base = boot->initrd;
	return true;
}

bool boot_build(struct boot *boot, const struct guest_mem *mem, const struct image *image,
	const struct boot_params *params, struct error *err)
{
	*boot = (struct boot){.mode = image->mode, .multiboot = image->multiboot};
	if (!check_in_ram(mem, image, err))
		return false;
	if (image->mode == VMM_MODE_REAL) {
		if (params->initrd_size)
			return error_set(
				err, STATUS_USAGE, "--initrd: real mode has no use for it");
		write_real_mode(boot, mem);
		return add_segments(boot, image, err);
	}
	boot->top = mem->low & ~(LAYOUT_PAGE - 1);
	boot->base = boot->top - LAYOUT_FIXED_SIZE;
	write_tables(boot, mem);
	if (modes[image->mode].cr0 & CR0_PG && !write_page_tables(boot, mem, image, err))
		return false;
	if (!place_initrd(boot, params, err) || !write_boot_info(boot, mem, image, params, err) ||
		!add_segments(boot, image, err))
		return false;
	if (image->multiboot)
		boot_multiboot_write(boot, mem, image, params);
	return true;
}

static struct cpu_segment flat_segment(uint16_t selector, uint8_t type, bool is64, bool is32)
{
	return (struct cpu_segment){.limit = 0xffffffff,
		.selector = selector,
		.type = type,
		.s = true,
		.present = true,
		.g = true,
		.l = is64,
		.db = is32};
}

static struct cpu_segment real_segment(uint16_t selector, uint8_t type)
{
	return (struct cpu_segment){.base = selector * 16u,
		.limit = 0xffff,
		.selector = selector,
		.type = type,
		.s = true,
		.present = true};
}

/* Real mode: CS:IP as a boot sector knows it, with CS = 0 where the address allows; the stack just
 * below the image. */
static void real_cpu_state(const struct image *image, struct cpu_state *cpu)
{
	uint16_t segment = image->entry < 0x10000 ? 0 : (uint16_t)(image->segments[0].gpa >> 4);
	uint64_t below = image->segments[0].gpa - segment * 16ull;

	for (unsigned i = 0; i < SEG_COUNT; i++)
		cpu->seg[i] = real_segment(segment, i == SEG_CS ? 11 : 3);
	cpu->rip = image->entry - segment * 16ull;
	cpu->gpr[GPR_RSP] = below >= LAYOUT_IVT_SIZE + 0x100 && below <= 0xfffe ? below : 0xfff0;
	cpu->idtr.limit = LAYOUT_IVT_SIZE - 1;
	cpu->gdtr.limit = 0xffff;
	cpu->tr = (struct cpu_segment){.limit = 0xffff, .type = DESC_TSS_BUSY, .present = true};
	cpu->ldtr = (struct cpu_segment){.limit = 0xffff, .type = DESC_LDT, .present = true};
}

static void protected_cpu_state(
	const struct boot *boot, const struct image *image, struct cpu_state *cpu)
{
	const struct boot_mode *mode = &modes[boot->mode];
	uint64_t tables = boot->top - LAYOUT_TABLES;
	bool is64 = mode->efer != 0;

	for (unsigned i = 0; i < SEG_COUNT; i++)
		cpu->seg[i] = flat_segment(SEL_DATA, 3, false, true);
	cpu->seg[SEG_CS] = flat_segment(SEL_CODE, 11, is64, !is64);
	cpu->tr = (struct cpu_segment){.base = tables + LAYOUT_TSS_OFFSET,
		.limit = mode->tss_limit,
		.selector = SEL_TSS,
		.type = DESC_TSS_BUSY,
		.present = true};
	cpu->ldtr = (struct cpu_segment){.type = DESC_LDT, .unusable = true};
	cpu->gdtr = (struct cpu_table){tables + LAYOUT_GDT_OFFSET, LAYOUT_GDT_ENTRIES * 8 - 1};
	cpu->idtr = (struct cpu_table){tables + LAYOUT_IDT_OFFSET, mode->idt_limit};
	cpu->cr3 = boot->cr3;
	cpu->rip = image->entry;
	cpu->gpr[GPR_RSP] = first_rsp(boot);
	cpu->gpr[is64 ? GPR_RDI : GPR_RBX] = boot->top - LAYOUT_BOOT_INFO;
	if (boot->multiboot)
		boot_multiboot_registers(boot, cpu);
}

void boot_cpu_state(const struct boot *boot, const struct image *image, struct cpu_state *cpu)
{
	const struct boot_mode *mode = &modes[boot->mode];

	*cpu = (struct cpu_state){.rflags = RFLAGS_FIXED};
	cpu->cr0 = mode->cr0;
	cpu->cr4 = mode->cr4;
	cpu->efer = mode->efer;
	if (boot->mode == VMM_MODE_REAL)
		real_cpu_state(image, cpu);
	else
		protected_cpu_state(boot, image, cpu);
}
