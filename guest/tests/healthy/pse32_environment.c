/* SPDX-License-Identifier: MIT */
/*
 * pse32_environment.c: what a kernel finds in pse32 (docs/boot-protocol.md), seen from inside:
 * control registers, both maps of the image, descriptor tables, stack, boot information.
 * The boot header in front starts this ELF file in pse32, with its entry at 0x80001040.
 */
#include "guest_test.h"

#define BASE 0x80000000u

asm(".section .head, \"ax\"\n"
    ".ascii \"VMMFLAT1\"\n"
    ".long 3, 0\n"
    ".long 0x1000, 0, _start, 0, image_start, 0, image_size, 0, 0, 0, 0, 0\n"
    ".global _start\n"
    "_start: push $0\n" /* no caller */
    "mov %esp, %eax\n"
    "push %ebx\n"
    "push %eax\n"
    "call test_main\n"
    "ud2\n"
    ".text\n");

void test_main(uint32_t stack, const struct vmm_boot_info *info);

static uint32_t bss[4];
static volatile uint32_t data = 0x12345678;

struct __attribute__((packed)) table {
	uint16_t limit;
	uint32_t base;
};

static void *physical(const volatile void *linear)
{
	return (void *)((uintptr_t)linear - BASE);
}

static void check_control_registers(void)
{
	uint32_t cr0, cr3, cr4, flags;

	asm("mov %%cr0, %0; mov %%cr3, %1; mov %%cr4, %2; pushf; pop %3"
		: "=r"(cr0), "=r"(cr3), "=r"(cr4), "=r"(flags));
	expect_equal(0x80000011, cr0);
	expect_equal(0x10, cr4);
	expect_equal(0, cr3 & 0xfff);
	expect_equal(0, flags & 0x600); /* IF, DF */
	/* The directory itself, at its physical address: the first 4 MiB at two places. */
	expect_equal(0xe3, ((uint32_t *)cr3)[0]);
	expect_equal(0x4000e3, ((uint32_t *)cr3)[1]);
	expect_equal(0xe3, ((uint32_t *)cr3)[512]);
	expect_equal(0, ((uint32_t *)cr3)[1023]);
}

static void check_image(void)
{
	expect_equal(0x12345678, data);
	expect_equal(0x12345678, *(uint32_t *)physical(&data));
	*(volatile uint32_t *)physical(&data) = 1;
	expect_equal(1, data);
	for (unsigned i = 0; i < 4; i++)
		expect_equal(0, ((volatile uint32_t *)bss)[i]);
	expect(((uintptr_t)&data >> 22) == 0x200);
}

static void check_tables(void)
{
	struct table gdt, idt;
	uint16_t tr, cs, ss;

	asm("sgdt %0; sidt %1; str %2; mov %%cs, %3; mov %%ss, %4"
		: "=m"(gdt), "=m"(idt), "=r"(tr), "=r"(cs), "=r"(ss));
	expect_equal(8, cs);
	expect_equal(0x10, ss);
	expect_equal(0x28, tr);
	expect_equal(55, gdt.limit);
	expect_equal(255, idt.limit);
	expect_equal(0x00cf9b000000ffff, ((uint64_t *)gdt.base)[1]);
	expect_equal(0x8e00, ((uint32_t *)idt.base)[14 * 2 + 1] & 0xffff);
	expect_equal(8, ((uint32_t *)idt.base)[14 * 2] >> 16);
}

static void check_stack(uint32_t stack)
{
	expect_equal(12, stack & 15);                   /* one word below its 16-byte boundary */
	expect_equal(0xf4fa, *((uint16_t **)stack)[1]); /* cli; hlt for an entry that returns */
	for (unsigned i = 2; i < 5; i++)
		expect_equal(0, ((uint32_t *)stack)[i]);
}

static void check_boot_info(const struct vmm_boot_info *info)
{
	const struct vmm_memory_range *range = (void *)(uint32_t)info->memory_map;

	expect_equal(0x544f4f424d4d56, info->magic);
	expect_equal(1, info->version);
	expect(info->size >= 80);
	expect_equal(1, info->vcpus);
	expect_equal(0, *(const char *)(uint32_t)info->command_line);
	expect_equal(0, info->initrd);
	expect_equal(0, info->irqchip);
	expect(info->memory_ranges >= 2);
	expect_equal(0, range[0].base);
	expect_equal(1, range[0].type);
	expect_equal(range[0].size, range[1].base);
	expect_equal(2, range[1].type);
	expect((uint32_t)info > range[1].base && (uint32_t)info < range[1].base + range[1].size);
	/* The last byte of RAM is there. */
	*(volatile uint8_t *)(uint32_t)(range[0].size - 1) = 0x5a;
	expect_equal(0x5a, *(volatile uint8_t *)(uint32_t)(range[0].size - 1));
}

void test_main(uint32_t stack, const struct vmm_boot_info *info)
{
	check_control_registers();
	check_image();
	check_tables();
	check_stack(stack);
	check_boot_info(info);
	test_end();
}
