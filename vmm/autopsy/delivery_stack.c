/* SPDX-License-Identifier: MIT */
/*
 * delivery_stack.c: where the frame of an interrupt or exception goes, and whether it can. Follows
 * SDM vol. 3, 6.12.1 "Exception- or Interrupt-Handler Procedures", 6.14.2 "64-Bit Mode Stack Frame"
 * to 6.14.5 "Interrupt Stack Table".
 */
#include "delivery_attempt.h"

/* Bytes of one push. */
static unsigned slot_size(const struct delivery *delivery)
{
	return delivery->gate.gate.bits / 8;
}

static unsigned slot_count(const struct delivery *delivery)
{
	unsigned count = 3; /* FLAGS, CS, IP */

	if (delivery->mode == DELIVERY_LONG || delivery->stack == STACK_LEVEL)
		count += 2; /* SS, SP */
	if (delivery->mode == DELIVERY_VM86)
		count += 4; /* GS, FS, DS, ES */
	return count + delivery->event.has_error;
}

/* Offsets in the stack segment wrap at 64 KiB unless its B flag is set. */
static uint64_t stack_mask(const struct attempt *attempt)
{
	if (attempt->delivery->mode == DELIVERY_LONG)
		return ~0ull;
	return attempt->after.seg[SEG_SS].db ? 0xffffffff : 0xffff;
}

/* Offset of the push number i, the first being 1. */
static uint64_t slot_offset(const struct attempt *attempt, unsigned i)
{
	return (attempt->after.gpr[GPR_RSP] - (uint64_t)i * slot_size(attempt->delivery)) &
	       stack_mask(attempt);
}

/* Linear address of an offset in the stack segment. */
static uint64_t stack_linear(const struct attempt *attempt, uint64_t offset)
{
	if (attempt->delivery->mode == DELIVERY_LONG)
		return offset;
	return (uint32_t)(attempt->after.seg[SEG_SS].base + offset);
}

static bool tss_read_stack(struct attempt *attempt, enum delivery_stack stack, unsigned index)
{
	struct delivery *delivery = attempt->delivery;

	delivery->stack = stack;
	delivery->stack_index = index;
	delivery->tss = stack == STACK_IST ? tss_stack_ist(attempt->mem, attempt->cpu, index)
	                                   : tss_stack_level(attempt->mem, attempt->cpu, index);
	switch (delivery->tss.status) {
	case TSS_BEYOND_LIMIT:
		return attempt_fail(attempt, DELIVERY_TSS_LIMIT, VEC_TS,
			selector_error(attempt->cpu->tr.selector, attempt->external));
	case TSS_UNREADABLE:
		return attempt_fail_access(attempt, DELIVERY_TSS_ACCESS, &delivery->tss.access,
			VEC_GP, attempt->external);
	case TSS_OK:
		break;
	}
	attempt->after.gpr[GPR_RSP] = delivery->tss.sp;
	return true;
}

static bool ss_read(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	uint16_t selector = delivery->tss.ss;
	uint32_t error = selector_error(selector, attempt->external);

	delivery->ss = desc_lookup(attempt->mem, attempt->cpu, selector);
	if (delivery->ss.status == DESC_NULL_SELECTOR)
		return attempt_fail(attempt, DELIVERY_SS_NULL, VEC_TS, attempt->external);
	if (delivery->ss.status == DESC_BEYOND_LIMIT || delivery->ss.status == DESC_NO_LDT)
		return attempt_fail(attempt, DELIVERY_SS_LIMIT, VEC_TS, error);
	if (selector_rpl(selector) != delivery->handler_cpl)
		return attempt_fail(attempt, DELIVERY_SS_RPL, VEC_TS, error);
	if (delivery->ss.status == DESC_UNREADABLE)
		return attempt_fail_access(attempt, DELIVERY_SS_ACCESS, &delivery->ss.access,
			VEC_GP, attempt->external);
	return true;
}

static bool ss_check(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	const struct desc *ss = &delivery->ss.desc;
	uint32_t error = selector_error(delivery->tss.ss, attempt->external);

	if (ss->dpl != delivery->handler_cpl)
		return attempt_fail(attempt, DELIVERY_SS_DPL, VEC_TS, error);
	if (!desc_is_writable(ss))
		return attempt_fail(attempt, DELIVERY_SS_TYPE, VEC_TS, error);
	if (!ss->present)
		return attempt_fail(attempt, DELIVERY_SS_NOT_PRESENT, VEC_SS, error);
	attempt->after.seg[SEG_SS] = desc_to_segment(ss, delivery->tss.ss);
	return true;
}

/* 6.14.4 "Stack Switching in IA-32e Mode": a change of level loads SS with a null selector. */
static bool stack_choose_long(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	bool inner = delivery->handler_cpl < delivery->cpl;
	unsigned ist = delivery->gate.gate.ist;

	if (ist && !tss_read_stack(attempt, STACK_IST, ist))
		return false;
	if (!ist && inner && !tss_read_stack(attempt, STACK_LEVEL, delivery->handler_cpl))
		return false;
	if (inner)
		attempt->after.seg[SEG_SS] = (struct cpu_segment){.selector = delivery->handler_cpl,
			.dpl = delivery->handler_cpl,
			.unusable = true};
	return true;
}

bool stack_choose(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;

	if (delivery->mode == DELIVERY_LONG)
		return stack_choose_long(attempt);
	if (delivery->mode == DELIVERY_REAL || delivery->handler_cpl >= delivery->cpl)
		return true;
	return tss_read_stack(attempt, STACK_LEVEL, delivery->handler_cpl) && ss_read(attempt) &&
	       ss_check(attempt);
}

/* Are size bytes at offset inside the segment? SDM vol. 3, 5.3 "Limit Checking". */
static bool segment_allows(const struct cpu_segment *ss, uint64_t offset, unsigned size)
{
	bool expand_down = ss->s && !(ss->type & 8) && (ss->type & 4);

	if (expand_down)
		return offset > ss->limit && offset + size - 1 <= (ss->db ? 0xffffffff : 0xffff);
	return offset + size - 1 <= ss->limit;
}

static bool stack_check_limit(struct attempt *attempt)
{
	const struct delivery *delivery = attempt->delivery;
	uint32_t error = attempt->external;
	unsigned i;

	if (delivery->stack == STACK_LEVEL)
		error = selector_error(delivery->tss.ss, attempt->external);
	for (i = 1; i <= slot_count(delivery); i++)
		if (!segment_allows(&attempt->after.seg[SEG_SS], slot_offset(attempt, i),
			    slot_size(delivery)))
			return attempt_fail(attempt, DELIVERY_STACK_LIMIT, VEC_SS, error);
	return true;
}

bool stack_check_room(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	uint64_t *rsp = &attempt->after.gpr[GPR_RSP];

	delivery->frame_size = slot_count(delivery) * slot_size(delivery);
	if (delivery->mode == DELIVERY_LONG) {
		delivery->stack_top = *rsp;
		/* The current RSP may be one past the last canonical address: what counts is
		 * where the pushes go. */
		if (delivery->stack != STACK_SAME && !linear_canonical(attempt->cpu, *rsp))
			return attempt_fail(
				attempt, DELIVERY_STACK_CANONICAL, VEC_SS, attempt->external);
		*rsp &= ~15ull; /* 6.14.2: in long mode every frame is aligned */
	}
	delivery->stack_top = stack_linear(attempt, *rsp & stack_mask(attempt));
	delivery->frame = stack_linear(attempt, slot_offset(attempt, slot_count(delivery)));
	return delivery->mode == DELIVERY_LONG || stack_check_limit(attempt);
}

/* One push; false when it fails. */
static bool slot_push(struct attempt *attempt, unsigned i)
{
	struct delivery *delivery = attempt->delivery;
	struct walk_access write = {.write = true, .user = delivery->handler_cpl == 3};
	enum delivery_reason reason = DELIVERY_STACK_ACCESS;

	delivery->access = linear_check(attempt->mem, attempt->cpu,
		stack_linear(attempt, slot_offset(attempt, i)), slot_size(delivery), write);
	if (delivery->access.status == LINEAR_OK)
		return true;
	if (delivery->access.status == LINEAR_NON_CANONICAL)
		reason = DELIVERY_STACK_CANONICAL;
	return attempt_fail_access(attempt, reason, &delivery->access, VEC_SS, attempt->external);
}

bool stack_push(struct attempt *attempt)
{
	struct delivery *delivery = attempt->delivery;
	uint64_t *rsp = &attempt->after.gpr[GPR_RSP];
	uint64_t bottom;
	unsigned i;

	for (i = 1; i <= slot_count(delivery); i++)
		if (!slot_push(attempt, i))
			return false;
	bottom = slot_offset(attempt, slot_count(delivery));
	/* A 16-bit stack keeps the upper half of ESP. */
	*rsp = stack_mask(attempt) == 0xffff ? (*rsp & 0xffff0000) | bottom : bottom;
	delivery->handler_rsp = *rsp;
	return true;
}
