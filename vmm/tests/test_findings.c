/* SPDX-License-Identifier: MIT */
/*
 * test_findings.c: which event came first, and how sure that is.
 */
#include "death_scene.h"
#include "suite.h"

#define CODE(scene, bytes) scene_code(scene, bytes, sizeof(bytes) - 1)

/* mov 0x10(%rbx),%rax at address 0x40000010, which is not mapped; no gates. */
static struct death_scene *unmapped_read(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x48\x8b\x43\x10");
	scene->cpu.gpr[GPR_RBX] = 0x40000000;
	scene->cpu.cr2 = 0x40000010;
	return scene;
}

START_TEST(test_from_instruction)
{
	struct death_scene *scene = unmapped_read();
	const struct first_event *first = &scene->findings.first;

	scene_verdict(scene);
	ck_assert_int_eq(first->source, FIRST_INSTRUCTION);
	ck_assert_int_eq(first->known, KNOWN_INFERRED);
	ck_assert_uint_eq(first->event.vector, 14);
	ck_assert_uint_eq(first->event.error, 0);
	ck_assert_uint_eq(first->event.cr2, 0x40000010);
	ck_assert(first->has_chain && first->chain_fits);
	ck_assert_int_eq(first->chain.end, CHAIN_SHUTDOWN);
	scene_free(scene);
}
END_TEST

START_TEST(test_from_kvm)
{
	struct death_scene *scene = unmapped_read();

	scene->cpu.events.exception_vector = 14;
	scene_verdict(scene);
	ck_assert_int_eq(scene->findings.first.source, FIRST_KVM_EVENT);
	ck_assert_int_eq(scene->findings.first.known, KNOWN_OBSERVED);
	scene_free(scene);
}
END_TEST

/* KVM's record may be of an exception that was handled long ago. */
START_TEST(test_stale_kvm_event)
{
	struct death_scene *scene = unmapped_read();

	scene->cpu.events.exception_vector = 6;
	scene_verdict(scene);
	ck_assert_int_eq(scene->findings.first.source, FIRST_INSTRUCTION);
	ck_assert_uint_eq(scene->findings.first.event.vector, 14);
	scene_free(scene);
}
END_TEST

/* A #GP at mov (%rax) with a non-canonical RAX: the CR2 of an older fault must not show. */
START_TEST(test_stale_cr2)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x48\x8b\x00");
	scene->cpu.gpr[GPR_RAX] = 0x4141414141414141;
	scene->cpu.cr2 = 0x1234;
	scene_verdict(scene);
	ck_assert_uint_eq(scene->findings.first.event.vector, 13);
	ck_assert_uint_eq(scene->findings.first.address.address, 0x4141414141414141);
	ck_assert_ptr_null(strstr(scene->verdict.cause, "0x1234"));
	scene_free(scene);
}
END_TEST

/* With good gates the #PF is handled: then the shutdown has another cause, and none is claimed. */
START_TEST(test_contradiction)
{
	struct death_scene *scene = unmapped_read();

	for (unsigned vector = 0; vector < 32; vector++)
		scene_gate(scene, vector, AT_CODE + 0x100, 0x08, 0x8e, 0);
	ck_assert_str_eq(scene_verdict(scene), "unexplained");
	ck_assert_int_eq(scene->findings.first.source, FIRST_UNKNOWN);
	ck_assert(!scene->verdict.explained);
	ck_assert(scene->findings.handled);
	ck_assert_uint_eq(scene->findings.handler.address, AT_CODE + 0x100);
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "in that handler or behind it"));
	scene_free(scene);
}
END_TEST

/* Gate 14 leads to address 0x50000000, which is not mapped: the handler's first fetch faults, and
 * so on. Frames by SDM vol. 3, figure 6-9: error, RIP, CS, RFLAGS, RSP, SS; 48 bytes and 8 or 0 to
 * align. */
START_TEST(test_unrun_handlers)
{
	struct death_scene *scene = unmapped_read();
	uint64_t rsp = AT_STACK - 0x30;

	scene_gate(scene, 14, 0x50000000, 0x08, 0x8e, 0);
	scene_put(scene, rsp, 0, 8);
	scene_put(scene, rsp + 8, AT_CODE, 8);
	scene_put(scene, rsp + 16, 0x08, 8);
	scene_put(scene, rsp + 24, 0x2, 8);
	scene_put(scene, rsp + 32, AT_STACK, 8);
	scene_put(scene, rsp + 40, 0x10, 8);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t old = rsp;

		rsp -= 0x30;
		scene_put(scene, rsp, 0x10, 8);
		scene_put(scene, rsp + 8, 0x50000000, 8);
		scene_put(scene, rsp + 16, 0x08, 8);
		scene_put(scene, rsp + 24, 0x2, 8);
		scene_put(scene, rsp + 32, old, 8);
		scene_put(scene, rsp + 40, 0x10, 8);
	}
	scene->cpu.rip = 0x50000000;
	scene->cpu.cr2 = 0x50000000;
	scene->cpu.gpr[GPR_RSP] = rsp;
	scene_verdict(scene);
	ck_assert_int_eq(scene->findings.first.source, FIRST_FRAME);
	ck_assert_uint_eq(scene->findings.cpu.rip, AT_CODE);
	ck_assert_uint_eq(scene->findings.cpu.gpr[GPR_RSP], AT_STACK);
	ck_assert_uint_eq(scene->findings.first.event.cr2, 0x40000010);
	ck_assert_str_eq(scene->verdict.id, "gate-offset-bad");
	scene_free(scene);
}
END_TEST

/* nop, interrupts on, IRQ 0 in service with vector 0x20: nothing faults, the interrupt did. */
START_TEST(test_from_controller)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x90");
	scene->cpu.rflags = 0x202;
	scene->evidence.pic[0] = (struct pic_state){.valid = true, .isr = 1, .vector_base = 0x20};
	scene->evidence.pic[1] = (struct pic_state){.valid = true, .vector_base = 0x28};
	scene_verdict(scene);
	ck_assert_int_eq(scene->findings.first.source, FIRST_CONTROLLER);
	ck_assert_uint_eq(scene->findings.first.event.vector, 0x20);
	ck_assert(!scene->findings.first.is_exception);
	scene_free(scene);
}
END_TEST

/* With interrupts off the same bit says nothing. */
START_TEST(test_controller_if0)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x90");
	scene->evidence.pic[0] = (struct pic_state){.valid = true, .isr = 1, .vector_base = 0x20};
	ck_assert_str_eq(scene_verdict(scene), "unexplained");
	scene_free(scene);
}
END_TEST

START_TEST(test_boot_trap)
{
	struct death_scene *scene = unmapped_read();

	scene->evidence.death = DEATH_BOOT_EXCEPTION;
	scene->evidence.boot_vector = 14;
	scene->evidence.boot_has_error = true;
	scene_verdict(scene);
	ck_assert_int_eq(scene->findings.first.source, FIRST_BOOT_TRAP);
	ck_assert_int_eq(scene->findings.first.known, KNOWN_OBSERVED);
	ck_assert(scene->findings.first.has_walk);
	ck_assert_int_eq(scene->findings.first.walk.reason, WALK_NOT_PRESENT);
	ck_assert(!scene->findings.first.has_chain);
	scene_free(scene);
}
END_TEST

/* SDM vol. 3, table 9-1: CS = f000, IP = fff0, CR0 = 0x60000010, DX = the CPU's signature. */
START_TEST(test_lost_state)
{
	struct death_scene *scene = scene_new();

	scene->cpu.rip = 0xfff0;
	scene->cpu.cr0 = 0x60000010;
	scene->cpu.gpr[GPR_RSP] = 0;
	scene->cpu.gpr[GPR_RDX] = 0x600f12;
	scene->cpu.seg[SEG_CS] = (struct cpu_segment){
		.selector = 0xf000, .base = 0xffff0000, .limit = 0xffff, .present = true};
	ck_assert_str_eq(scene_verdict(scene), "state-lost");
	ck_assert(!scene->findings.state_valid);
	ck_assert_int_eq(scene->findings.first.source, FIRST_UNKNOWN);
	scene_free(scene);
}
END_TEST

/* 0xfee00000: ISR bit of vector 0x31 is bit 17 of the register at 0x110; LVT timer at 0x320,
 * initial count at 0x380, enable is bit 8 of 0xf0 (SDM vol. 3, table 10-1). */
START_TEST(test_apic)
{
	struct death_scene *scene = scene_long();
	uint8_t *regs = scene->evidence.apic.regs;

	CODE(scene, "\x90");
	scene->cpu.apic_base = 0xfee00900;
	scene->evidence.apic.valid = true;
	regs[0xf1] = 0x01;
	regs[0x112] = 0x02;
	regs[0x320] = 0x31;
	regs[0x380] = 0xff;
	scene_verdict(scene);
	ck_assert(scene->findings.irq.apic_enabled);
	ck_assert(scene->findings.irq.apic_in_service);
	ck_assert_uint_eq(scene->findings.irq.apic_vector, 0x31);
	ck_assert(!scene->findings.irq.apic_pending);
	ck_assert(scene->findings.irq.apic_timer_on);
	scene_free(scene);
}
END_TEST

/* IRR bit of vector 0x51 is bit 17 of the register at 0x220; PPR is at 0xa0 (SDM vol. 3, table
 * 10-1). Its class 5 is above the priority's class 4, not above its own. */
START_TEST(test_apic_pending)
{
	struct death_scene *scene = scene_long();
	uint8_t *regs = scene->evidence.apic.regs;

	CODE(scene, "\x90");
	scene->cpu.apic_base = 0xfee00900;
	scene->evidence.apic.valid = true;
	regs[0xf1] = 0x01;
	regs[0x222] = 0x02;
	regs[0xa0] = 0x4f;
	scene_verdict(scene);
	ck_assert(scene->findings.irq.apic_pending);
	ck_assert_uint_eq(scene->findings.irq.apic_pending_vector, 0x51);
	regs[0xa0] = 0x50;
	scene_verdict(scene);
	ck_assert(!scene->findings.irq.apic_pending);
	scene_free(scene);
}
END_TEST

/* Slave IRQ 12 is bit 4 of the second chip, with the cascade (bit 2) in the first. */
START_TEST(test_slave_pic)
{
	struct death_scene *scene = scene_long();

	scene->evidence.pic[0] = (struct pic_state){.valid = true, .isr = 4, .vector_base = 0x20};
	scene->evidence.pic[1] =
		(struct pic_state){.valid = true, .isr = 0x10, .vector_base = 0x28};
	scene_verdict(scene);
	ck_assert_uint_eq(scene->findings.irq.pic_irq, 12);
	ck_assert_uint_eq(scene->findings.irq.pic_vector, 0x2c);
	scene_free(scene);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {test_from_instruction, test_from_kvm, test_stale_kvm_event,
		test_stale_cr2, test_contradiction, test_unrun_handlers, test_from_controller,
		test_controller_if0, test_boot_trap, test_lost_state, test_apic, test_apic_pending,
		test_slave_pic};

	return RUN_SUITE("findings", tests);
}
