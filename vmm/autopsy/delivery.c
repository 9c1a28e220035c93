/* SPDX-License-Identifier: MIT */
/*
 * delivery.c: the delivery of one event. Follows SDM vol. 3, chapter 6 "Interrupt and Exception
 * Handling", and the order of checks in vol. 2, "INT n/INTO/INT3/INT1—Call to Interrupt Procedure".
 * Not modelled: task switches beyond their first checks, shadow stacks, FRED, CR4.VME's
 * redirection.
 */
#include "delivery_attempt.h"

#define ACCESSED 1 /* in the type of a code or data segment */

static enum delivery_mode delivery_mode(const struct cpu_state *cpu)
{
	if (cpu_long_mode(cpu))
		return DELIVERY_LONG;
	if (!(cpu->cr0 & CR0_PE))
		return DELIVERY_REAL;
	return cpu->rflags & RFLAGS_VM ? DELIVERY_VM86 : DELIVERY_PROTECTED;
}

struct delivery_event delivery_exception(
	const struct cpu_state *cpu, uint8_t vector, uint32_t error, uint64_t cr2)
{
	struct delivery_event event = {.kind = EVENT_EXCEPTION, .vector = vector, .cr2 = cr2};

	event.has_error = delivery_mode(cpu) != DELIVERY_REAL && exception_has_error(vector);
	event.error = event.has_error ? error : 0;
	return event;
}

bool attempt_fail(
	struct attempt *attempt, enum delivery_reason reason, uint8_t vector, uint32_t error)
{
	struct delivery *delivery = attempt->delivery;

	delivery->outcome = DELIVERY_FAILED;
	delivery->reason = reason;
	delivery->raises = true;
	delivery->next = delivery_exception(attempt->cpu, vector, error, 0);
	return false;
}

bool attempt_unknown(struct attempt *attempt, enum delivery_reason reason)
{
	attempt->delivery->outcome = DELIVERY_UNKNOWN;
	attempt->delivery->reason = reason;
	return false;
}

bool attempt_fail_access(struct attempt *attempt, enum delivery_reason reason,
	const struct linear_result *access, uint8_t vector, uint32_t error)
{
	attempt->delivery->access = *access;
	switch (access->status) {
	case LINEAR_FAULT:
		attempt_fail(attempt, reason, VEC_PF, access->walk.error);
		attempt->delivery->next.cr2 = access->address;
		return false;
	case LINEAR_NON_CANONICAL:
		return attempt_fail(attempt, reason, vector, error);
	default:
		return attempt_unknown(attempt, DELIVERY_OUTSIDE_RAM);
	}
}

static bool event_is_software(const struct delivery_event *event)
{
	return event->kind == EVENT_INT_N || event->kind == EVENT_BREAKPOINT;
}

static bool gate_read(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	uint8_t vector = delivery->event.vector;

	delivery->gate = gate_lookup(attempt->mem, attempt->cpu, vector);
	if (delivery->gate.status == GATE_BEYOND_LIMIT)
		return attempt_fail(
			attempt, DELIVERY_IDT_LIMIT, VEC_GP, idt_error(vector, attempt->external));
	if (delivery->gate.status == GATE_UNREADABLE)
		return attempt_fail_access(attempt, DELIVERY_IDT_ACCESS, &delivery->gate.access,
			VEC_GP, attempt->external);
	return true;
}

static bool gate_check(struct attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;
	const struct gate *gate = &delivery->gate.gate;
	uint32_t error = idt_error(delivery->event.vector, attempt->external);

	if (gate->kind == GATE_INVALID)
		return attempt_fail(attempt, DELIVERY_GATE_TYPE, VEC_GP, error);
	if (event_is_software(&delivery->event) && gate->dpl < delivery->cpl)
		return attempt_fail(attempt, DELIVERY_GATE_DPL, VEC_GP, error);
	if (!gate->present)
		return attempt_fail(attempt, DELIVERY_GATE_NOT_PRESENT, VEC_NP, error);
	return true;
}

/* int n in virtual-8086 mode: SDM vol. 3, 21.3 "Interrupt and Exception Handling in Virtual-8086
 * Mode". */
static bool vm86_check(struct attempt *attempt)
{
	if (attempt->delivery->mode != DELIVERY_VM86 ||
		attempt->delivery->event.kind != EVENT_INT_N)
		return true;
	if (attempt->cpu->cr4 & CR4_VME)
		return attempt_unknown(attempt, DELIVERY_VME);
	if ((attempt->cpu->rflags & RFLAGS_IOPL) != RFLAGS_IOPL)
		return attempt_fail(attempt, DELIVERY_VM86_IOPL, VEC_GP, 0);
	return true;
}

static bool target_read(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	uint16_t selector = delivery->gate.gate.selector;
	uint32_t error = selector_error(selector, attempt->external);

	delivery->target = desc_lookup(attempt->mem, attempt->cpu, selector);
	switch (delivery->target.status) {
	case DESC_NULL_SELECTOR:
		return attempt_fail(attempt, DELIVERY_CS_NULL, VEC_GP, attempt->external);
	case DESC_BEYOND_LIMIT:
		return attempt_fail(attempt, DELIVERY_CS_LIMIT, VEC_GP, error);
	case DESC_NO_LDT:
		return attempt_fail(attempt, DELIVERY_CS_NO_LDT, VEC_GP, error);
	case DESC_UNREADABLE:
		return attempt_fail_access(attempt, DELIVERY_CS_ACCESS, &delivery->target.access,
			VEC_GP, attempt->external);
	case DESC_OK:
		break;
	}
	return true;
}

static bool target_check(struct attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;
	const struct desc *code = &delivery->target.desc;
	uint32_t error = selector_error(delivery->target.selector, attempt->external);

	if (!desc_is_code(code))
		return attempt_fail(attempt, DELIVERY_CS_TYPE, VEC_GP, error);
	if (code->dpl > delivery->cpl)
		return attempt_fail(attempt, DELIVERY_CS_DPL, VEC_GP, error);
	/* 6.14.1 "64-Bit Mode IDT" gives the vector as error code here; AMD's manual, Bochs and
	 * QEMU give the selector, like for every other fault of the segment. */
	if (delivery->mode == DELIVERY_LONG && (!code->l || code->db))
		return attempt_fail(attempt, DELIVERY_CS_NOT_64BIT, VEC_GP, error);
	if (!code->present)
		return attempt_fail(attempt, DELIVERY_CS_NOT_PRESENT, VEC_NP, error);
	if (delivery->mode == DELIVERY_VM86 && (code->dpl != 0 || desc_is_conforming(code)))
		return attempt_fail(attempt, DELIVERY_CS_VM86, VEC_GP, error);
	return true;
}

/* The level of the handler: a conforming segment runs at the level of its caller. */
static void target_enter(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	const struct desc *code = &delivery->target.desc;

	delivery->handler_cpl = desc_is_conforming(code) ? delivery->cpl : code->dpl;
	delivery->handler_cs = (delivery->target.selector & 0xfffc) | delivery->handler_cpl;
	delivery->handler_rip = delivery->gate.gate.offset;
	attempt->after.seg[SEG_CS] = desc_to_segment(code, delivery->handler_cs);
	attempt->after.rip = delivery->handler_rip;
}

static bool offset_check(struct attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;

	if (delivery->mode == DELIVERY_LONG) {
		if (linear_canonical(attempt->cpu, delivery->handler_rip))
			return true;
		return attempt_fail(attempt, DELIVERY_OFFSET_CANONICAL, VEC_GP, attempt->external);
	}
	if (delivery->handler_rip <= delivery->target.desc.limit)
		return true;
	return attempt_fail(attempt, DELIVERY_OFFSET_LIMIT, VEC_GP, attempt->external);
}

/* Loading a segment sets its accessed bit where it is clear, by a write like any other: SDM vol.
 * 3, 3.4.5.1 "Code- and Data-Segment Descriptor Types". The address of a fault is that of the type
 * byte, as in Bochs; no manual tells. */
static bool target_set_accessed(struct attempt *attempt)
{
	const struct desc_lookup *target = &attempt->delivery->target;
	struct walk_access write = {.write = true, .implicit_supervisor = true};
	struct linear_result access;

	if (target->desc.type & ACCESSED)
		return true;
	access = linear_check(attempt->mem, attempt->cpu, target->address + 5, 1, write);
	if (access.status == LINEAR_OK)
		return true;
	return attempt_fail_access(
		attempt, DELIVERY_CS_ACCESSED, &access, VEC_GP, attempt->external);
}

static bool task_check(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	uint16_t selector = delivery->gate.gate.selector;
	uint32_t error = selector_error(selector, attempt->external);

	delivery->target = desc_lookup(attempt->mem, attempt->cpu, selector);
	if (delivery->target.status == DESC_UNREADABLE)
		return attempt_fail_access(attempt, DELIVERY_TASK_ACCESS, &delivery->target.access,
			VEC_GP, attempt->external);
	if (delivery->target.status != DESC_OK || selector_is_ldt(selector))
		return attempt_fail(attempt, DELIVERY_TASK_SELECTOR, VEC_GP, error);
	if (delivery->target.desc.s || (delivery->target.desc.type != DESC_TSS_AVAIL &&
					       delivery->target.desc.type != DESC_TSS16_AVAIL))
		return attempt_fail(attempt, DELIVERY_TASK_TYPE, VEC_GP, error);
	if (!delivery->target.desc.present)
		return attempt_fail(attempt, DELIVERY_TASK_NOT_PRESENT, VEC_NP, error);
	return attempt_unknown(attempt, DELIVERY_TASK_SWITCH);
}

static bool deliver_protected(struct attempt *attempt)
{
	if (!vm86_check(attempt) || !gate_read(attempt) || !gate_check(attempt))
		return false;
	if (attempt->delivery->gate.gate.kind == GATE_TASK)
		return task_check(attempt);
	if (!target_read(attempt) || !target_check(attempt))
		return false;
	target_enter(attempt);
	if (!stack_choose(attempt) || !stack_check_room(attempt) || !offset_check(attempt) ||
		!target_set_accessed(attempt) || !stack_push(attempt))
		return false;
	attempt->after.rflags &= ~(uint64_t)(RFLAGS_TF | RFLAGS_NT | RFLAGS_RF | RFLAGS_VM);
	if (attempt->delivery->gate.gate.kind == GATE_INTERRUPT)
		attempt->after.rflags &= ~(uint64_t)RFLAGS_IF;
	return true;
}

/* SDM vol. 3, 21.1.4 "Interrupt and Exception Handling" (of real-address mode). */
static bool deliver_real(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	struct cpu_segment *cs = &attempt->after.seg[SEG_CS];

	if (!gate_read(attempt))
		return false;
	delivery->handler_cs = delivery->gate.gate.selector;
	delivery->handler_rip = delivery->gate.gate.offset;
	if (!stack_choose(attempt) || !stack_check_room(attempt) || !stack_push(attempt))
		return false;
	cs->selector = delivery->handler_cs;
	cs->base = (uint64_t)delivery->handler_cs << 4;
	attempt->after.rip = delivery->handler_rip;
	attempt->after.rflags &= ~(uint64_t)(RFLAGS_IF | RFLAGS_TF | RFLAGS_AC | RFLAGS_RF);
	return true;
}

/* The handler's first byte, as the CPU in its new state fetches it. */
static void fetch_check(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	struct walk_access access = {.fetch = true, .user = delivery->handler_cpl == 3};
	const struct cpu_state *after = &attempt->after;

	if (delivery->mode == DELIVERY_REAL && after->rip > after->seg[SEG_CS].limit) {
		delivery->fetch = FETCH_BEYOND_LIMIT;
		delivery->raises = true;
		delivery->next = delivery_exception(after, VEC_GP, 0, 0);
		return;
	}
	delivery->fetch_access =
		linear_check(attempt->mem, after, cpu_code_address(after), 1, access);
	switch (delivery->fetch_access.status) {
	case LINEAR_OK:
		delivery->fetch = FETCH_OK;
		break;
	case LINEAR_FAULT:
		delivery->fetch = FETCH_FAULT;
		delivery->raises = true;
		delivery->next = delivery_exception(after, VEC_PF,
			delivery->fetch_access.walk.error, delivery->fetch_access.address);
		break;
	default: /* not canonical cannot be: offset_check() */
		delivery->fetch = FETCH_OUTSIDE_RAM;
		break;
	}
}

struct delivery delivery_model(const struct phys_mem *mem, const struct cpu_state *cpu,
	struct delivery_event event, struct cpu_state *after)
{
	struct delivery delivery = {
		.event = event, .mode = delivery_mode(cpu), .cpl = cpu_cpl(cpu)};
	struct attempt attempt = {
		.mem = mem,
		.cpu = cpu,
		.external = !event_is_software(&event),
		.delivery = &delivery,
		.after = *cpu,
	};
	bool done = delivery.mode == DELIVERY_REAL ? deliver_real(&attempt)
	                                           : deliver_protected(&attempt);

	if (done)
		fetch_check(&attempt);
	if (after)
		*after = done ? attempt.after : *cpu;
	return delivery;
}
