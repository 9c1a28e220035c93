/* SPDX-License-Identifier: MIT */
/*
 * test_delivery_legacy.c: chains of exceptions in protected, virtual-8086 and real mode. Guest
 * memory is literal hex; what must come out is worked out by hand from SDM vol. 3, chapters 6, 8
 * and 21, and vol. 2, "INT n".
 * Bochs 2.7 gives these chains too, run from the same memory and registers. QEMU 7.2 TCG raises #TS
 * instead of #SS for a stack segment that is not present, and instead of #GP for a task gate's LDT
 * selector.
 */
#include "delivery_world.h"

/*
 * Protected mode, CPL 0, flat, paging off. GDT 0x5000 (8 code, 10 data, 18 user code, 20 user data,
 * 28 TSS), IDT 0x6000, TSS 0x7000 with SS0:ESP0 = 10:c000, handler n at 0x8000 + 16n.
 */
static void world_protected(void)
{
	unsigned i;

	memset(bytes, 0, sizeof(bytes));
	mem = array_mem_view(&ram);
	put(0x5008, 0x00cf9b000000ffff);
	put(0x5010, 0x00cf93000000ffff);
	put(0x5018, 0x00cffb000000ffff);
	put(0x5020, 0x00cff3000000ffff);
	put(0x5028, 0x00008b0070000067);
	for (i = 0; i < 32; i++)
		put(0x6000 + 8 * i, 0x00008e0000088000 + 16 * i);
	put32(0x7004, 0xc000);
	put32(0x7008, 0x10);
	cpu = (struct cpu_state){
		.rip = 0x8400,
		.rflags = 0x202,
		.cr0 = 0x11,
		.gdtr = {0x5000, 0x37},
		.idtr = {0x6000, 0xff},
		.tr = {.base = 0x7000,
			.limit = 0x67,
			.selector = 0x28,
			.type = 11,
			.present = true},
		.ldtr = {.unusable = true},
		.facts = {.maxphyaddr = 36},
	};
	cpu.gpr[GPR_RSP] = 0xc000;
	cpu.seg[SEG_CS] = (struct cpu_segment){
		.limit = 0xffffffff, .selector = 8, .db = true, .s = true, .type = 11};
	cpu.seg[SEG_SS] = (struct cpu_segment){
		.limit = 0xffffffff, .selector = 0x10, .db = true, .s = true, .type = 3};
}

static void world_real(void)
{
	memset(bytes, 0, sizeof(bytes));
	mem = array_mem_view(&ram);
	cpu = (struct cpu_state){.rip = 0x7c00, .rflags = 0x202, .cr0 = 0x10, .idtr = {0, 0x3ff}};
	cpu.gpr[GPR_RSP] = 0x7000;
	cpu.seg[SEG_CS] = (struct cpu_segment){.limit = 0xffff, .s = true, .type = 11};
	cpu.seg[SEG_SS] = (struct cpu_segment){.limit = 0xffff, .s = true, .type = 3};
}

START_TEST(protected_mode_delivers)
{
	const struct delivery *delivery = &chain.links[0].delivery;

	world_protected();
	ck_assert_str_eq(follow(13, 0x10, 0), "13:10 handled");
	ck_assert_uint_eq(delivery->handler_rsp, 0xbff0); /* four doublewords */
	ck_assert_uint_eq(delivery->handler_rip, 0x80d0);
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	ck_assert_uint_eq(delivery->handler_rsp, 0xbff4);
	put(0x6030, 0x0000860000088030); /* 16-bit gate */
	ck_assert_str_eq(follow_int(EVENT_BREAKPOINT, 6), "6 handled");
	put(0x6030, 0x0000860000088060);
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	ck_assert_uint_eq(delivery->handler_rsp, 0xbffa);
	enter_user();
	ck_assert_str_eq(follow(14, 4, 0x123), "14:4@123 handled");
	ck_assert_uint_eq(delivery->handler_rsp, 0xbfe8); /* six doublewords */
	ck_assert_int_eq(delivery->stack, STACK_LEVEL);
	ck_assert_uint_eq(delivery->handler_cpl, 0);
}
END_TEST

START_TEST(protected_mode_gates)
{
	world_protected();
	cpu.idtr.limit = 0;
	ck_assert_str_eq(follow(0, 0, 0), "0 8:0 shutdown");
	ck_assert_str_eq(follow(6, 0, 0), "6 13:33 8:0 shutdown");
	world_protected();
	put(0x6030, 0x0000960000088060); /* S = 1 */
	ck_assert_str_eq(follow(6, 0, 0), "6 13:33 handled");
	put(0x6030, 0x00c08e0000088060); /* offset 0xc08060 */
	put(0x5008, 0x00009b000000ffff); /* limit 0xffff */
	ck_assert_str_eq(follow(6, 0, 0), "6 13:1 handled");
	ck_assert_int_eq(reason(0), DELIVERY_OFFSET_LIMIT);
	world_protected();
	put(0x5008, 0x00cf9f000000ffff); /* conforming: stays at CPL 3 */
	enter_user();
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	ck_assert_uint_eq(chain.links[0].delivery.handler_cpl, 3);
	ck_assert_uint_eq(chain.links[0].delivery.handler_cs, 0x0b);
	ck_assert_int_eq(chain.links[0].delivery.stack, STACK_SAME);
}
END_TEST

START_TEST(protected_mode_task_gates)
{
	world_protected();
	put(0x6040, 0x0000850000300000); /* #DF by task gate, selector 0x30 */
	put(0x5030, 0x0000890080000067);
	put(0x6068, 0);
	ck_assert_str_eq(follow(13, 0, 0), "13:0 8:0 unknown");
	ck_assert_int_eq(reason(1), DELIVERY_TASK_SWITCH);
	put(0x5030, 0x00008b0080000067); /* busy */
	ck_assert_str_eq(follow(13, 0, 0), "13:0 8:0 shutdown");
	ck_assert_int_eq(reason(1), DELIVERY_TASK_TYPE);
	ck_assert_uint_eq(chain.links[1].delivery.next.error, 0x31);
	put(0x5030, 0x0000090080000067);
	ck_assert_str_eq(follow(13, 0, 0), "13:0 8:0 shutdown");
	ck_assert_int_eq(reason(1), DELIVERY_TASK_NOT_PRESENT);
	ck_assert_uint_eq(chain.links[1].delivery.next.vector, 11);
	put(0x6040, 0x0000850000340000); /* LDT */
	ck_assert_str_eq(follow(13, 0, 0), "13:0 8:0 shutdown");
	ck_assert_int_eq(reason(1), DELIVERY_TASK_SELECTOR);
}
END_TEST

START_TEST(protected_mode_inner_stack)
{
	world_protected();
	enter_user();
	put32(0x7008, 0);
	ck_assert_str_eq(follow(6, 0, 0), "6 10:1 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_SS_NULL);
	put32(0x7008, 0x40);
	ck_assert_str_eq(follow(6, 0, 0), "6 10:41 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_SS_LIMIT);
	put32(0x7008, 0x13);
	ck_assert_str_eq(follow(6, 0, 0), "6 10:11 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_SS_RPL);
	put32(0x7008, 0x20);
	ck_assert_str_eq(follow(6, 0, 0), "6 10:21 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_SS_DPL);
	put32(0x7008, 0x08);
	ck_assert_str_eq(follow(6, 0, 0), "6 10:9 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_SS_TYPE);
	put32(0x7008, 0x10);
	put(0x5010, 0x00cf13000000ffff);
	ck_assert_str_eq(follow(6, 0, 0), "6 12:11 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_SS_NOT_PRESENT);
	put(0x5010, 0x004093000000bfff); /* limit 0xbfff: the frame ends there */
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	put(0x5010, 0x004093000000bffe);
	ck_assert_str_eq(follow(6, 0, 0), "6 12:11 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_STACK_LIMIT);
	put(0x5010, 0x004097000000bfeb); /* expand-down: everything above the limit */
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	put(0x5010, 0x004097000000bfec);
	ck_assert_str_eq(follow(6, 0, 0), "6 12:11 8:0 shutdown");
	cpu.tr.limit = 8;
	ck_assert_str_eq(follow(6, 0, 0), "6 10:29 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_TSS_LIMIT);
	cpu.tr.limit = 9;
	ck_assert_str_eq(follow(6, 0, 0), "6 12:11 8:0 shutdown");

	world_protected(); /* 16-bit TSS */
	enter_user();
	cpu.tr.type = 3;
	put(0x7000, 0x0000001090000000);
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	ck_assert_uint_eq(chain.links[0].delivery.handler_rsp, 0x8fec);
}
END_TEST

/* The current stack: the error code of #SS is EXT alone. */
START_TEST(protected_mode_same_stack_limit)
{
	world_protected();
	cpu.seg[SEG_SS].limit = 0xbfff;
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	cpu.seg[SEG_SS].limit = 0xbff0;
	ck_assert_str_eq(follow(6, 0, 0), "6 12:1 8:0 shutdown");
	world_protected(); /* a 16-bit stack wraps at 64 KiB */
	cpu.seg[SEG_SS] =
		(struct cpu_segment){.limit = 0xffff, .selector = 0x10, .s = true, .type = 3};
	cpu.gpr[GPR_RSP] = 0x12340004;
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	ck_assert_uint_eq(chain.links[0].delivery.handler_rsp, 0x1234fff8);
	cpu.gpr[GPR_RSP] = 2;
	ck_assert_str_eq(follow(6, 0, 0), "6 12:1 8:0 shutdown");
}
END_TEST

START_TEST(protected_mode_with_paging)
{
	world_protected();
	cpu.cr0 = 0x80000011;
	cpu.cr3 = 0x1000;
	put32(0x1000, 0x2067);
	for (unsigned i = 5; i < 0xd; i++)
		put32(0x2000 + 4 * i, 0x63 | i << 12);
	ck_assert_str_eq(follow(14, 2, 0x800000), "14:2@800000 handled");
	put32(0x202c, 0); /* stack page b */
	ck_assert_str_eq(follow(14, 2, 0x800000), "14:2@800000 8:0 shutdown");
	ck_assert_uint_eq(chain.links[0].delivery.next.cr2, 0xbffc);
	put32(0x202c, 0xb063);
	put32(0x2018, 0); /* IDT */
	ck_assert_str_eq(follow(14, 2, 0x800000), "14:2@800000 8:0 shutdown");
	ck_assert_uint_eq(chain.links[0].delivery.next.cr2, 0x6070);
	ck_assert_uint_eq(chain.links[1].delivery.next.cr2, 0x6040);
}
END_TEST

START_TEST(virtual_8086_mode)
{
	const struct delivery *delivery = &chain.links[0].delivery;

	world_protected();
	cpu.rflags = 0x20202;
	cpu.seg[SEG_CS] = (struct cpu_segment){.base = 0x10000,
		.limit = 0xffff,
		.selector = 0x1000,
		.dpl = 3,
		.s = true,
		.type = 3};
	cpu.seg[SEG_SS] = cpu.seg[SEG_CS];
	ck_assert_str_eq(follow(13, 0, 0), "13:0 handled");
	ck_assert_uint_eq(delivery->handler_rsp, 0xbfd8); /* ten doublewords */
	ck_assert_int_eq(delivery->mode, DELIVERY_VM86);
	/* int n with IOPL 0; with IOPL 3 the gate's DPL counts; int3 does not look at IOPL */
	ck_assert_str_eq(follow_int(EVENT_INT_N, 16), "16 13:0 handled");
	ck_assert_int_eq(reason(0), DELIVERY_VM86_IOPL);
	cpu.rflags = 0x23202;
	ck_assert_str_eq(follow_int(EVENT_INT_N, 16), "16 13:82 handled");
	put(0x6080, 0x0000ee0000088100);
	ck_assert_str_eq(follow_int(EVENT_INT_N, 16), "16 handled");
	ck_assert_str_eq(follow_int(EVENT_BREAKPOINT, 16), "16 handled");
	put(0x6080, 0x0000ee0000188100); /* a user code segment */
	ck_assert_str_eq(follow_int(EVENT_INT_N, 16), "16 13:18 handled");
	ck_assert_int_eq(reason(0), DELIVERY_CS_VM86);
	cpu.cr4 = 1;
	ck_assert_str_eq(follow_int(EVENT_INT_N, 16), "16 unknown");
}
END_TEST

START_TEST(real_mode)
{
	const struct delivery *delivery = &chain.links[0].delivery;

	world_real();
	put32(0x18, 0x00508000); /* vector 6: 0050:8000 */
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	ck_assert_uint_eq(delivery->handler_rsp, 0x6ffa);
	ck_assert_uint_eq(delivery->handler_cs, 0x50);
	ck_assert_uint_eq(delivery->fetch_access.walk.gpa, 0x8500);
	cpu.idtr.limit = 0; /* nothing has an error code here */
	ck_assert_str_eq(follow(0, 0, 0), "0 8 shutdown");
	ck_assert_str_eq(follow(6, 0, 0), "6 13 8 shutdown");
	cpu.idtr.limit = 0x1b;
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	cpu.idtr.limit = 0x1a;
	ck_assert_str_eq(follow(6, 0, 0), "6 13 8 shutdown");
	world_real();
	cpu.gpr[GPR_RSP] = 1; /* a word at 0xffff does not fit */
	ck_assert_str_eq(follow(6, 0, 0), "6 12 8 shutdown");
	cpu.gpr[GPR_RSP] = 0; /* wraps, and IVT[6] is 0000:0000, which is RAM */
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	ck_assert_uint_eq(delivery->handler_rsp, 0xfffa);
	put32(0x18, 0xf0008000); /* ROM that is not there */
	ck_assert_str_eq(follow(6, 0, 0), "6 unknown");
	ck_assert_int_eq(delivery->fetch, FETCH_OUTSIDE_RAM);
}
END_TEST

/* Vector 13 leads beyond CS.limit: #GP again and again, six bytes lower each time, down to 0xfff0 -
 * 6k < 0x38, the end of vector 13 itself.
 */
START_TEST(real_mode_eats_its_stack)
{
	world_real();
	cpu.gpr[GPR_RSP] = 0xfff0;
	cpu.seg[SEG_CS].limit = 0x7fff;
	put32(0x34, 0x00009000);
	follow(13, 0, 0);
	ck_assert_int_eq(chain.links[0].delivery.fetch, FETCH_BEYOND_LIMIT);
	ck_assert_int_eq(chain.end, CHAIN_OVERWRITES);
	ck_assert_uint_eq(chain.overwritten, 0x34);
	ck_assert_uint_eq(chain.total, 10911);
	/* A stack segment above, so that the vectors are out of the way. */
	cpu.seg[SEG_SS].base = 0x400;
	cpu.gpr[GPR_RSP] = 0x8000;
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	put32(0x18, 0x00009000);
	follow(6, 0, 0);
	ck_assert_int_eq(chain.end, CHAIN_UNKNOWN); /* wraps to 0x103fe, which is not RAM */
	ck_assert_uint_eq(chain.total, 5462);
}
END_TEST

int main(void)
{
	static const TTest *const *const tests[] = {
		&protected_mode_delivers,
		&protected_mode_gates,
		&protected_mode_task_gates,
		&protected_mode_inner_stack,
		&protected_mode_same_stack_limit,
		&protected_mode_with_paging,
		&virtual_8086_mode,
		&real_mode,
		&real_mode_eats_its_stack,
	};

	return run_tests("delivery_legacy", tests, sizeof(tests) / sizeof(tests[0]));
}
