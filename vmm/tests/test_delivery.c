/* SPDX-License-Identifier: MIT */
/*
 * test_delivery.c: chains of exceptions in long mode. Guest memory is literal hex; what must come
 * out is worked out by hand from SDM vol. 3, chapter 6, and vol. 2, "INT n".
 * Chains in all of these situations were also run in Bochs 2.7 (its log of exception() and
 * interrupt(), error codes with EXT included) and in QEMU 7.2 TCG (-d int), from the same memory
 * and registers. Bochs differs in one error code: #SS for a pointer in the TSS that is not
 * canonical names the old SS, where the SDM gives 0. QEMU sets no EXT, counts 16 * vector in error
 * codes of the long-mode IDT, checks neither gate offsets nor stack limits, and raises #GP for a
 * stack pointer that is not canonical.
 */
#include "delivery_world.h"

/*
 * Long mode, CPL 0. Pages: 1 to 4 tables, 5 GDT, 6 IDT, 7 TSS, 8 handlers, b stack, c user code, d
 * user stack, e IST stack, each at its own address; a and everything else is not mapped. All 32
 * exceptions have a gate, handler n is at 0x8000 + 16n. TSS: RSP0 = 0xc000, IST1 = 0xf000.
 */
static void world_long(void)
{
	unsigned i;

	memset(bytes, 0, sizeof(bytes));
	mem = array_mem_view(&ram);
	put(0x1000, 0x2067);
	put(0x2000, 0x3067);
	put(0x3000, 0x4067);
	for (i = 5; i <= 0xe; i++)
		if (i != 0xa)
			put(0x4000 + 8 * i, 0x63 | i << 12 | (i == 0xc || i == 0xd ? 4 : 0));
	put(0x5008, 0x00af9b000000ffff);
	put(0x5010, 0x00cf93000000ffff);
	put(0x5018, 0x00cff3000000ffff);
	put(0x5020, 0x00affb000000ffff);
	put(0x5028, 0x00008b0070000067);
	for (i = 0; i < 32; i++)
		put(0x6000 + 16 * i, 0x00008e0000088000 + 16 * i);
	put(0x7004, 0xc000);
	put(0x7024, 0xf000);
	cpu = (struct cpu_state){
		.rip = 0x8400,
		.rflags = 0x202,
		.cr0 = 0x80010011,
		.cr3 = 0x1000,
		.cr4 = 0x20,
		.efer = 0xd00,
		.gdtr = {0x5000, 0x37},
		.idtr = {0x6000, 0x1ff},
		.tr = {.base = 0x7000,
			.limit = 0x67,
			.selector = 0x28,
			.type = 11,
			.present = true},
		.ldtr = {.unusable = true},
		.facts = {.maxphyaddr = 40, .nx = true, .long_mode = true},
	};
	cpu.gpr[GPR_RSP] = 0xc000;
	cpu.seg[SEG_CS] = (struct cpu_segment){.selector = 8, .l = true, .s = true, .type = 11};
	cpu.seg[SEG_SS] = (struct cpu_segment){.selector = 0x10, .s = true, .type = 3, .db = true};
}

START_TEST(long_mode_delivers)
{
	const struct delivery *delivery = &chain.links[0].delivery;

	world_long();
	ck_assert_str_eq(follow(14, 2, 0xa000), "14:2@a000 handled");
	ck_assert_uint_eq(delivery->frame, 0xbfd0); /* six quadwords */
	ck_assert_uint_eq(delivery->frame_size, 48);
	ck_assert_uint_eq(delivery->handler_rsp, 0xbfd0);
	ck_assert_uint_eq(delivery->handler_rip, 0x80e0);
	ck_assert_uint_eq(delivery->handler_cs, 8);
	ck_assert_int_eq(delivery->stack, STACK_SAME);
	cpu.gpr[GPR_RSP] = 0xbff7; /* aligned down to 0xbff0, then five quadwords */
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	ck_assert_uint_eq(delivery->handler_rsp, 0xbfc8);
	ck_assert_uint_eq(delivery->stack_top, 0xbff0);
}
END_TEST

START_TEST(long_mode_switches_stacks)
{
	const struct delivery *delivery = &chain.links[0].delivery;

	world_long();
	enter_user();
	ck_assert_str_eq(follow(13, 0, 0), "13:0 handled");
	ck_assert_int_eq(delivery->stack, STACK_LEVEL);
	ck_assert_uint_eq(delivery->tss.address, 0x7004);
	ck_assert_uint_eq(delivery->handler_rsp, 0xbfd0);
	ck_assert_uint_eq(delivery->handler_cpl, 0);
	put(0x6000 + 16 * 13, 0x00008e01000880d0); /* IST 1 */
	ck_assert_str_eq(follow(13, 0, 0), "13:0 handled");
	ck_assert_int_eq(delivery->stack, STACK_IST);
	ck_assert_uint_eq(delivery->handler_rsp, 0xefd0);
	/* A gate to a user code segment stays on the user's stack: int 0x1e with DPL 3. */
	put(0x6000 + 16 * 30, 0x0000ee000020c100);
	ck_assert_str_eq(follow_int(EVENT_INT_N, 30), "30 handled");
	ck_assert_uint_eq(delivery->handler_cpl, 3);
	ck_assert_uint_eq(delivery->handler_cs, 0x23);
	ck_assert_uint_eq(delivery->handler_rsp, 0xdfd8);
}
END_TEST

START_TEST(after_is_the_state_in_the_handler)
{
	struct cpu_state after;
	struct delivery delivery;

	world_long();
	enter_user();
	cpu.rflags = 0x54302; /* AC, RF, NT, TF, IF */
	delivery = delivery_model(&mem, &cpu, delivery_exception(&cpu, 6, 0, 0), &after);
	ck_assert_int_eq(delivery.outcome, DELIVERY_DONE);
	ck_assert_uint_eq(after.rip, 0x8060);
	ck_assert_uint_eq(after.gpr[GPR_RSP], 0xbfd8);
	ck_assert_uint_eq(after.rflags, 0x40002);
	ck_assert_uint_eq(after.seg[SEG_SS].selector, 0);
	ck_assert_uint_eq(cpu_cpl(&after), 0);
	ck_assert_uint_eq(cpu_code_bits(&after), 64);
	put(0x6060, 0x00008f0000088060); /* a trap gate leaves IF */
	delivery_model(&mem, &cpu, delivery_exception(&cpu, 6, 0, 0), &after);
	ck_assert_uint_eq(after.rflags, 0x40202);
	cpu.idtr.limit = 0;
	delivery_model(&mem, &cpu, delivery_exception(&cpu, 6, 0, 0), &after);
	ck_assert_mem_eq(&after, &cpu, sizeof(cpu));
}
END_TEST

/* No IDT, empty gates, absent gates, wrong selectors. */
START_TEST(long_mode_gates)
{
	world_long();
	cpu.idtr.limit = 0;
	ck_assert_str_eq(follow(6, 0, 0), "6 13:33 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_IDT_LIMIT);
	ck_assert_int_eq(chain.links[1].origin, LINK_SERIAL);
	ck_assert_int_eq(chain.links[2].origin, LINK_DOUBLE_FAULT);
	ck_assert_uint_eq(chain.links[1].delivery.next.error, 0x6b);
	ck_assert_uint_eq(chain.links[2].delivery.next.error, 0x43);
	ck_assert_str_eq(follow(0, 0, 0), "0 8:0 shutdown");
	ck_assert_str_eq(follow(13, 0, 0), "13:0 8:0 shutdown");
	ck_assert_str_eq(follow(14, 0, 0x10), "14:0@10 8:0 shutdown");
	ck_assert_str_eq(follow_int(EVENT_INTERRUPT, 0x20), "32 13:103 8:0 shutdown");
	ck_assert_str_eq(follow_int(EVENT_INT_N, 0x20), "32 13:102 8:0 shutdown");

	world_long(); /* entry 14 cut off by one byte */
	cpu.idtr.limit = 0xee;
	ck_assert_str_eq(follow(14, 0, 0x10), "14:0@10 8:0 handled");
	cpu.idtr.limit = 0xef;
	ck_assert_str_eq(follow(14, 0, 0x10), "14:0@10 handled");

	world_long(); /* empty gates 14 and 8 */
	put(0x60e0, 0);
	put(0x6080, 0);
	ck_assert_str_eq(follow(14, 0, 0x10), "14:0@10 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_GATE_TYPE);
	ck_assert_uint_eq(chain.links[0].delivery.next.error, 0x73);

	world_long(); /* P = 0 everywhere */
	put(0x6060, 0x00000e0000088060);
	put(0x60b0, 0x00000e00000880b0);
	put(0x6080, 0x00000e0000088080);
	ck_assert_str_eq(follow(6, 0, 0), "6 11:33 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_GATE_NOT_PRESENT);

	world_long(); /* #DE's gate has a data selector, #GP's works: 0 and 13 are both contributory
	               */
	put(0x6000, 0x00008e0000108000);
	ck_assert_str_eq(follow(0, 0, 0), "0 8:0 handled");
	ck_assert_int_eq(reason(0), DELIVERY_CS_TYPE);
	ck_assert_uint_eq(chain.links[0].delivery.next.error, 0x11);

	world_long(); /* 8-byte gates read as one: offset 0x00008e00000880e8... is not canonical */
	put(0x60e0, 0x00008e0000088040);
	put(0x60e8, 0x00008e0000088050);
	ck_assert_str_eq(follow(14, 0, 0x10), "14:0@10 8:0 handled");
	ck_assert_int_eq(reason(0), DELIVERY_OFFSET_CANONICAL);
	ck_assert_uint_eq(chain.links[0].delivery.next.error, 1);
}
END_TEST

START_TEST(long_mode_code_segment)
{
	world_long();
	put(0x6060, 0x00008e0000008060);
	ck_assert_str_eq(follow(6, 0, 0), "6 13:1 handled");
	ck_assert_int_eq(reason(0), DELIVERY_CS_NULL);
	put(0x6060, 0x00008e0000388060);
	ck_assert_str_eq(follow(6, 0, 0), "6 13:39 handled");
	ck_assert_int_eq(reason(0), DELIVERY_CS_LIMIT);
	put(0x6060, 0x00008e00000f8060);
	ck_assert_str_eq(follow(6, 0, 0), "6 13:d handled");
	ck_assert_int_eq(reason(0), DELIVERY_CS_NO_LDT);
	put(0x6060, 0x00008e0000208060);
	ck_assert_str_eq(follow(6, 0, 0), "6 13:21 handled");
	ck_assert_int_eq(reason(0), DELIVERY_CS_DPL);
	put(0x6060, 0x00008e0000088060);
	put(0x5008, 0x00cf9b000000ffff); /* 32-bit code */
	ck_assert_str_eq(follow(6, 0, 0), "6 13:9 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_CS_NOT_64BIT);
	put(0x5008, 0x00af1b000000ffff); /* P = 0 */
	ck_assert_str_eq(follow(6, 0, 0), "6 11:9 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_CS_NOT_PRESENT);
	cpu.gdtr.base = 0xa000; /* not mapped */
	ck_assert_str_eq(follow(6, 0, 0), "6 14:0@a008 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_CS_ACCESS);
}
END_TEST

/* The accessed bit of CS is clear and the GDT's page is read-only. */
START_TEST(long_mode_accessed_bit)
{
	world_long();
	put(0x5008, 0x00af9a000000ffff);
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
	put(0x4028, 0x5061);
	ck_assert_str_eq(follow(6, 0, 0), "6 14:3@500d 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_CS_ACCESSED);
	cpu.cr0 = 0x80000011;
	ck_assert_str_eq(follow(6, 0, 0), "6 handled");
}
END_TEST

START_TEST(software_interrupts_need_the_gates_dpl)
{
	world_long();
	enter_user();
	ck_assert_str_eq(follow_int(EVENT_BREAKPOINT, 3), "3 13:1a handled");
	ck_assert_int_eq(reason(0), DELIVERY_GATE_DPL);
	ck_assert_str_eq(follow_int(EVENT_ICEBP, 1), "1 handled");
	ck_assert_str_eq(follow_int(EVENT_INTERRUPT, 3), "3 handled");
	put(0x6030, 0x0000ee0000088030);
	ck_assert_str_eq(follow_int(EVENT_BREAKPOINT, 3), "3 handled");
	/* int 14 from user mode is benign and has no error code; its #GP names IDT[14] without EXT.
	 */
	ck_assert_str_eq(follow_int(EVENT_INT_N, 14), "14 13:72 handled");
	put(0x60d0, 0);
	ck_assert_str_eq(follow_int(EVENT_INT_N, 14), "14 13:72 8:0 handled");
	ck_assert_uint_eq(chain.links[1].delivery.next.error, 0x6b);
}
END_TEST

START_TEST(long_mode_stack_cannot_be_written)
{
	world_long(); /* overflow into the guard page */
	cpu.gpr[GPR_RSP] = 0xb000;
	ck_assert_str_eq(follow(14, 2, 0xaff8), "14:2@aff8 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_STACK_ACCESS);
	ck_assert_uint_eq(chain.links[0].delivery.next.cr2, 0xaff8);
	ck_assert_uint_eq(chain.links[1].delivery.next.error, 2);
	cpu.gpr[GPR_RSP] = 0xb010; /* the third push crosses the page */
	ck_assert_str_eq(follow(14, 2, 0xaff8), "14:2@aff8 8:0 shutdown");
	ck_assert_uint_eq(chain.links[0].delivery.next.cr2, 0xaff8);
	put(0x6080, 0x00008e0100088080); /* #DF by IST1 */
	ck_assert_str_eq(follow(14, 2, 0xaff8), "14:2@aff8 8:0 handled");
	put(0x7024, 0); /* IST1 = 0 */
	ck_assert_str_eq(follow(14, 2, 0xaff8), "14:2@aff8 8:0 shutdown");
	ck_assert_uint_eq(chain.links[1].delivery.next.cr2, 0xfffffffffffffff8);
	cpu.tr.limit = 0x2a; /* IST1 ends beyond the limit */
	ck_assert_str_eq(follow(14, 2, 0xaff8), "14:2@aff8 8:0 shutdown");
	ck_assert_int_eq(reason(1), DELIVERY_TSS_LIMIT);
	ck_assert_uint_eq(chain.links[1].delivery.next.vector, 10);
	ck_assert_uint_eq(chain.links[1].delivery.next.error, 0x29);
	cpu.tr.limit = 0x67; /* ltr never executed: base 0, and page 0 is not mapped */
	cpu.tr.base = 0;
	ck_assert_str_eq(follow(14, 2, 0xaff8), "14:2@aff8 8:0 shutdown");
	ck_assert_int_eq(reason(1), DELIVERY_TSS_ACCESS);
	ck_assert_uint_eq(chain.links[1].delivery.next.cr2, 0x24);

	world_long(); /* not canonical: #SS, which fails by itself */
	cpu.gpr[GPR_RSP] = 0x4141414141414141;
	ck_assert_str_eq(follow(6, 0, 0), "6 12:1 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_STACK_CANONICAL);
	cpu.gpr[GPR_RSP] = 0x0000800000000000; /* the first push is canonical */
	ck_assert_str_eq(follow(6, 0, 0), "6 14:2@7ffffffffff8 8:0 shutdown");
	cpu.gpr[GPR_RSP] = 0xc000;
	put(0x6060, 0x00008e0100088060); /* IST1 is not */
	put(0x7024, 0x0000800000000000);
	ck_assert_str_eq(follow(6, 0, 0), "6 12:1 handled");
	ck_assert_int_eq(reason(0), DELIVERY_STACK_CANONICAL);
}
END_TEST

START_TEST(user_mode_and_rsp0)
{
	world_long(); /* RSP0 = 0 */
	enter_user();
	put(0x7004, 0);
	ck_assert_str_eq(follow(14, 4, 0x70000000), "14:4@70000000 8:0 shutdown");
	ck_assert_uint_eq(chain.links[0].delivery.next.cr2, 0xfffffffffffffff8);
	ck_assert_uint_eq(chain.links[0].delivery.next.error, 2);
	put(0x7004, 0xb000); /* the kernel stack is not mapped in this CR3 */
	ck_assert_str_eq(follow(14, 4, 0), "14:4@0 8:0 shutdown");
	put(0x7004, 0xe000); /* a user page as kernel stack: fine without SMAP */
	ck_assert_str_eq(follow(14, 4, 0), "14:4@0 handled");
	cpu.cr4 = 0x200020;
	ck_assert_str_eq(follow(14, 4, 0), "14:4@0 8:0 shutdown");
	ck_assert_int_eq(chain.links[0].delivery.access.walk.reason, WALK_SMAP);
	ck_assert_uint_eq(chain.links[0].delivery.next.error, 3);

	world_long(); /* user hlt, gates 13 and 8 empty */
	enter_user();
	put(0x60d0, 0);
	put(0x6080, 0);
	ck_assert_str_eq(follow(13, 0, 0), "13:0 8:0 shutdown");
}
END_TEST

START_TEST(idt_not_mapped)
{
	world_long();
	cpu.idtr.base = 0xa000;
	ck_assert_str_eq(follow(6, 0, 0), "6 14:0@a060 8:0 shutdown");
	ck_assert_int_eq(reason(0), DELIVERY_IDT_ACCESS);
	ck_assert_uint_eq(chain.links[1].delivery.next.cr2, 0xa0e0);
	ck_assert_uint_eq(chain.links[2].delivery.next.cr2, 0xa080);
	enter_user(); /* the CPU reads its tables as supervisor */
	ck_assert_str_eq(follow(6, 0, 0), "6 14:0@a060 8:0 shutdown");
	ck_assert_str_eq(follow(13, 0, 0), "13:0 14:0@a0d0 8:0 shutdown");
	put(0x4050, 0x10063); /* mapped to what is not RAM */
	ck_assert_str_eq(follow(6, 0, 0), "6 unknown");
	ck_assert_int_eq(reason(0), DELIVERY_OUTSIDE_RAM);
	cpu.cr3 = 0x100000;
	ck_assert_str_eq(follow(6, 0, 0), "6 unknown");
}
END_TEST

/* Gate 14 leads to address 0: the first fetch faults again and again, 48 bytes lower each time,
 * until the guard page. One page has room for 85 frames; the 86th fails, and so does #DF's. */
START_TEST(handler_at_zero_eats_the_stack)
{
	world_long();
	put(0x60e0, 0x00008e0000080000);
	ck_assert_str_eq(follow(14, 0, 0x60000000),
		"14:0@60000000 14:10@0 14:10@0 14:10@0 14:10@0 14:10@0 14:10@0 14:10@0 "
		"(77 more) 14:10@0 8:0 shutdown");
	ck_assert_uint_eq(chain.total, 87);
	ck_assert_uint_eq(chain.total, chain.count + chain.omitted);
	ck_assert_int_eq(chain.links[1].origin, LINK_FETCH);
	ck_assert_uint_eq(chain.links[1].delivery.handler_rsp, 0xbfa0);
	ck_assert_int_eq(chain.links[chain.count - 1].origin, LINK_DOUBLE_FAULT);
	ck_assert_uint_eq(chain.links[chain.count - 2].delivery.next.cr2, 0xaff8);
}
END_TEST

/* The same without a guard page: page a shows the IDT again. Frame k begins at 0xc000 - 48k; the
 * first below 0xa0f0, the end of gate 14, is number 166. */
START_TEST(handler_at_zero_eats_the_tables)
{
	world_long();
	put(0x60e0, 0x00008e0000080000);
	put(0x4050, 0x6063); /* page a shows the IDT */
	follow(14, 0, 0x60000000);
	ck_assert_int_eq(chain.end, CHAIN_OVERWRITES);
	ck_assert_uint_eq(chain.overwritten, 0x60e0);
	ck_assert_uint_eq(chain.total, 166);
}
END_TEST

START_TEST(handler_at_zero_with_ist_never_ends)
{
	world_long();
	put(0x60e0, 0x00008e0100080000);
	ck_assert_str_eq(follow(14, 0, 0x60000000), "14:0@60000000 14:10@0 endless");
	/* #PF has no gate, #DF leads to nowhere by IST 1: two links a turn. */
	put(0x60e0, 0);
	put(0x6080, 0x00008e0100080000);
	ck_assert_str_eq(follow(14, 0, 0x60000000), "14:0@60000000 8:0 14:10@0 8:0 endless");
	/* The same on the current stack: both turns go down, the end is a #PF pushing #DF's frame.
	 */
	put(0x6080, 0x00008e0000080000);
	follow(14, 0, 0x60000000);
	ck_assert_int_eq(chain.end, CHAIN_SHUTDOWN);
	ck_assert_uint_eq(chain.total, 85 * 2 + 2);
	ck_assert_uint_eq(chain.links[chain.count - 1].delivery.event.vector, 8);
}
END_TEST

START_TEST(handler_fetch_rights)
{
	world_long();
	put(0x4040, 0x8000000000008063); /* handlers' page NX */
	put(0x60e0, 0x00008e0000085000); /* #PF's handler elsewhere */
	ck_assert_str_eq(follow(6, 0, 0), "6 14:11@8060 handled");
	ck_assert_int_eq(chain.links[0].delivery.fetch, FETCH_FAULT);
	ck_assert_int_eq(chain.links[0].delivery.fetch_access.walk.reason, WALK_NO_EXECUTE);
	put(0x4040, 0x8067);
	cpu.cr4 = 0x100020;
	ck_assert_str_eq(follow(6, 0, 0), "6 14:11@8060 handled");
	ck_assert_int_eq(chain.links[0].delivery.fetch_access.walk.reason, WALK_SMEP);
	cpu.cr4 = 0x20;
	put(0x4040, 0xfff000000063);
	cpu.facts.maxphyaddr = 48;
	ck_assert_str_eq(follow(6, 0, 0), "6 unknown");
	ck_assert_int_eq(chain.links[0].delivery.fetch, FETCH_OUTSIDE_RAM);
}
END_TEST

/* Table 6-5: which two make a double fault. The IDT's limit decides which vector fails first. */
START_TEST(classes_combine)
{
	static const struct {
		uint8_t vector;
		enum event_class class;
	} classes[] = {
		{0, CLASS_CONTRIBUTORY},
		{1, CLASS_BENIGN},
		{2, CLASS_BENIGN},
		{3, CLASS_BENIGN},
		{6, CLASS_BENIGN},
		{7, CLASS_BENIGN},
		{8, CLASS_DOUBLE_FAULT},
		{10, CLASS_CONTRIBUTORY},
		{11, CLASS_CONTRIBUTORY},
		{12, CLASS_CONTRIBUTORY},
		{13, CLASS_CONTRIBUTORY},
		{14, CLASS_PAGE_FAULT},
		{16, CLASS_BENIGN},
		{17, CLASS_BENIGN},
		{18, CLASS_BENIGN},
		{19, CLASS_BENIGN},
		{20, CLASS_PAGE_FAULT},
		{21, CLASS_CONTRIBUTORY},
	};
	struct delivery_event event = {.kind = EVENT_EXCEPTION};
	unsigned i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		event.vector = classes[i].vector;
		ck_assert_int_eq(event_class(&event), classes[i].class);
	}
	event.kind = EVENT_INT_N;
	event.vector = 14;
	ck_assert_int_eq(event_class(&event), CLASS_BENIGN);

	world_long(); /* 13 then 14 is serial, 14 then 14 is #DF */
	put(0x60d0, 0x00008e00000880d0);
	put(0x4030, 0); /* IDT not mapped */
	ck_assert_str_eq(follow(13, 0, 0), "13:0 14:0@60d0 8:0 shutdown");
}
END_TEST

START_TEST(descriptions)
{
	char text[200], small[10];

	world_long();
	cpu.gpr[GPR_RSP] = 0xb000;
	follow(14, 2, 0xaff8);
	ck_assert_str_eq(delivery_describe(&chain.links[0].delivery, text, sizeof(text)),
		"its frame cannot be written to the stack (0xaff8): PTE 10 at 0x4050 is not "
		"present");
	cpu.idtr.limit = 0;
	follow(14, 2, 0xaff8);
	ck_assert_str_eq(delivery_describe(&chain.links[0].delivery, text, sizeof(text)),
		"its entry is beyond the limit of the IDT (IDT[14] at 0x60e0)");
	delivery_describe(&chain.links[0].delivery, small, sizeof(small));
	ck_assert_str_eq(small, "its entry");
	world_long();
	put(0x60e0, 0x00008e0000080000);
	follow(14, 2, 0xaff8);
	ck_assert_str_eq(delivery_describe(&chain.links[0].delivery, text, sizeof(text)),
		"it was delivered to 8:0x0, where the first instruction cannot be fetched: "
		"PTE 0 at 0x4000 is not present");
	world_long();
	follow(14, 2, 0xaff8);
	ck_assert_str_eq(delivery_describe(&chain.links[0].delivery, text, sizeof(text)),
		"it was delivered to 8:0x80e0");
	for (int i = 0; i < DELIVERY_REASON_COUNT; i++)
		ck_assert_ptr_nonnull(delivery_reason_text(i));
	for (int i = 0; i < WALK_REASON_COUNT; i++)
		ck_assert_ptr_nonnull(walk_reason_text(i));
}
END_TEST

int main(void)
{
	static const TTest *const *const tests[] = {
		&long_mode_delivers,
		&long_mode_switches_stacks,
		&after_is_the_state_in_the_handler,
		&long_mode_gates,
		&long_mode_code_segment,
		&long_mode_accessed_bit,
		&software_interrupts_need_the_gates_dpl,
		&long_mode_stack_cannot_be_written,
		&user_mode_and_rsp0,
		&idt_not_mapped,
		&handler_at_zero_eats_the_stack,
		&handler_at_zero_eats_the_tables,
		&handler_at_zero_with_ist_never_ends,
		&handler_fetch_rights,
		&classes_combine,
		&descriptions,
	};

	return run_tests("delivery", tests, sizeof(tests) / sizeof(tests[0]));
}
