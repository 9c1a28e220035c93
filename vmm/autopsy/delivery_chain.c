/* SPDX-License-Identifier: MIT */
/*
 * delivery_chain.c: from a first exception or interrupt, link by link, to a handler or to the
 * shutdown. Follows SDM vol. 3, 6.15, "Interrupt 8—Double Fault Exception (#DF)", tables 6-4 and
 * 6-5. Frames are not written to memory: where one would overwrite what the chain depends on, the
 * chain ends.
 */
#include "delivery.h"

#define PAGE         4096u
#define LINKS_MAX    65536
#define NEEDED_MAX   256
#define ENTRY_LENGTH 16 /* no gate, descriptor or table entry is longer */

/* Guest-physical addresses that the links so far have read tables from. */
struct needed {
	uint64_t gpa[NEEDED_MAX];
	unsigned count;
};

/* The state in which the last handler began whose first fetch failed. */
struct cycle {
	bool valid;
	uint8_t vector;
	uint16_t cs;
	uint64_t rip, rsp;
	uint64_t at; /* number of links up to it */
};

struct chain_walk {
	const struct phys_mem *mem;
	struct delivery_chain *chain;
	struct cpu_state cpu;
	struct needed needed;
	struct cycle cycle;
};

enum event_class event_class(const struct delivery_event *event)
{
	if (event->kind != EVENT_EXCEPTION)
		return CLASS_BENIGN;
	switch (event->vector) {
	case VEC_DE:
	case VEC_TS:
	case VEC_NP:
	case VEC_SS:
	case VEC_GP:
	case VEC_CP:
		return CLASS_CONTRIBUTORY;
	case VEC_PF:
	case VEC_VE:
		return CLASS_PAGE_FAULT;
	case VEC_DF:
		return CLASS_DOUBLE_FAULT;
	default:
		return CLASS_BENIGN;
	}
}

/* Table 6-5 "Conditions for Generating a Double Fault". */
static bool makes_double_fault(enum event_class first, enum event_class second)
{
	if (first == CLASS_CONTRIBUTORY)
		return second == CLASS_CONTRIBUTORY;
	return first == CLASS_PAGE_FAULT && second != CLASS_BENIGN;
}

static void needed_add(struct needed *needed, uint64_t gpa)
{
	unsigned i;

	for (i = 0; i < needed->count; i++)
		if (needed->gpa[i] == gpa)
			return;
	if (needed->count < NEEDED_MAX)
		needed->gpa[needed->count++] = gpa;
}

static void needed_add_access(struct needed *needed, const struct linear_result *access, bool data)
{
	unsigned i;

	for (i = 0; i < access->walk.step_count; i++)
		needed_add(needed, access->walk.step[i].gpa);
	if (data && access->walk.translated)
		needed_add(needed, access->walk.gpa);
}

static void needed_add_delivery(struct needed *needed, const struct delivery *delivery)
{
	needed_add_access(needed, &delivery->gate.access, true);
	needed_add_access(needed, &delivery->target.access, true);
	needed_add_access(needed, &delivery->tss.access, true);
	needed_add_access(needed, &delivery->ss.access, true);
	needed_add_access(needed, &delivery->access, false);
	needed_add_access(needed, &delivery->fetch_access, false);
}

/* True when [gpa, gpa + n) touches a needed entry, whose address is then kept. */
static bool needed_hit(const struct needed *needed, uint64_t gpa, uint64_t n, uint64_t *hit)
{
	unsigned i;

	for (i = 0; i < needed->count; i++) {
		if (needed->gpa[i] + ENTRY_LENGTH <= gpa || needed->gpa[i] >= gpa + n)
			continue;
		*hit = needed->gpa[i];
		return true;
	}
	return false;
}

/* Would n bytes at linear, written by the CPU, change what the chain depends on? */
static bool overwrites(struct chain_walk *walk, uint64_t linear, uint64_t n)
{
	struct walk_access write = {.write = true};
	uint64_t part;
	struct walk page;

	for (; n > 0; n -= part, linear += part) {
		part = PAGE - linear % PAGE < n ? PAGE - linear % PAGE : n;
		page = walk_linear(walk->mem, &walk->cpu, linear, write);
		if (page.translated &&
			needed_hit(&walk->needed, page.gpa, part, &walk->chain->overwritten))
			return true;
	}
	return false;
}

/* Keeps the first links and, turning round, the last ones. */
static struct delivery *chain_add(struct delivery_chain *chain, enum link_origin origin)
{
	struct delivery_link *link;
	unsigned i;

	chain->total++;
	if (chain->count == CHAIN_HEAD + CHAIN_TAIL) {
		for (i = CHAIN_HEAD; i < CHAIN_HEAD + CHAIN_TAIL - 1; i++)
			chain->links[i] = chain->links[i + 1];
		chain->omitted++;
		chain->count--;
	}
	link = &chain->links[chain->count++];
	link->origin = origin;
	return &link->delivery;
}

/* No limit of the stack segment can come into play. */
static bool stack_is_flat(const struct cpu_state *cpu)
{
	const struct cpu_segment *ss = &cpu->seg[SEG_SS];

	return cpu_long_mode(cpu) || (ss->base == 0 && ss->limit == 0xffffffff && ss->db);
}

/* The same handler has faulted at once again, and the stack went down by less than a page: it will
 * do so as long as the stack stays in this page. Counts those links without replaying them. */
static void cycle_skip(struct chain_walk *walk, uint64_t frame, uint64_t down, uint64_t links)
{
	struct walk page =
		walk_linear(walk->mem, &walk->cpu, frame, (struct walk_access){.write = true});
	struct delivery_chain *chain = walk->chain;
	uint64_t times = frame % PAGE / down;
	uint64_t hit;

	if (times == 0 || !page.translated || !stack_is_flat(&walk->cpu) ||
		needed_hit(&walk->needed, page.gpa - times * down, times * down, &hit))
		return;
	walk->cpu.gpr[GPR_RSP] -= times * down;
	chain->total += times * links;
	chain->omitted += times * links + (chain->count - CHAIN_HEAD);
	chain->count = CHAIN_HEAD; /* what comes now is nearer to the end */
}

/* A handler's first fetch has failed. False when this goes on for ever. */
static bool cycle_turn(struct chain_walk *walk, const struct delivery *delivery)
{
	struct cycle *last = &walk->cycle;
	struct cycle now = {true, delivery->event.vector, delivery->handler_cs,
		delivery->handler_rip, walk->cpu.gpr[GPR_RSP], walk->chain->total};
	uint64_t down = last->rsp - now.rsp;
	bool same = last->valid && last->vector == now.vector && last->cs == now.cs &&
	            last->rip == now.rip;

	if (same && down == 0)
		return false;
	if (same && down < PAGE && walk->chain->count > CHAIN_HEAD)
		cycle_skip(walk, delivery->frame, down, now.at - last->at);
	now.rsp = walk->cpu.gpr[GPR_RSP];
	now.at = walk->chain->total;
	*last = now;
	return true;
}

/* After a delivery that was done: does the chain go on? */
static bool chain_enter_handler(
	struct chain_walk *walk, const struct delivery *delivery, const struct cpu_state *after)
{
	if (delivery->fetch == FETCH_OK) {
		walk->chain->end = CHAIN_HANDLED;
		return false;
	}
	if (!delivery->raises) {
		walk->chain->end = CHAIN_UNKNOWN;
		return false;
	}
	walk->cpu = *after;
	if (overwrites(walk, delivery->frame, delivery->frame_size)) {
		walk->chain->end = CHAIN_OVERWRITES;
		return false;
	}
	if (!cycle_turn(walk, delivery)) {
		walk->chain->end = CHAIN_ENDLESS;
		return false;
	}
	return true;
}

/* What follows a failed delivery: the second exception, #DF, or nothing any more. */
static enum link_origin chain_combine(
	struct delivery_chain *chain, const struct delivery *delivery, struct delivery_event *event)
{
	enum event_class first = event_class(&delivery->event);
	enum event_class second = event_class(&delivery->next);

	if (first == CLASS_DOUBLE_FAULT && second != CLASS_BENIGN) {
		chain->end = CHAIN_SHUTDOWN;
		return LINK_FIRST;
	}
	*event = delivery->next;
	if (!makes_double_fault(first, second))
		return LINK_SERIAL;
	event->vector = VEC_DF;
	event->error = 0;
	event->cr2 = 0;
	event->has_error = delivery->mode != DELIVERY_REAL;
	return LINK_DOUBLE_FAULT;
}

void delivery_chain(const struct phys_mem *mem, const struct cpu_state *cpu,
	struct delivery_event event, struct delivery_chain *chain)
{
	struct chain_walk walk = {.mem = mem, .chain = chain, .cpu = *cpu};
	enum link_origin origin = LINK_FIRST;
	struct cpu_state after;
	struct delivery *link;
	unsigned i;

	*chain = (struct delivery_chain){.end = CHAIN_LIMIT};
	for (i = 0; i < LINKS_MAX; i++) {
		link = chain_add(chain, origin);
		*link = delivery_model(mem, &walk.cpu, event, &after);
		needed_add_delivery(&walk.needed, link);
		if (link->outcome == DELIVERY_UNKNOWN) {
			chain->end = CHAIN_UNKNOWN;
			return;
		}
		if (link->outcome == DELIVERY_FAILED) {
			origin = chain_combine(chain, link, &event);
			if (chain->end == CHAIN_SHUTDOWN)
				return;
			continue;
		}
		event = link->next;
		origin = LINK_FETCH;
		if (!chain_enter_handler(&walk, link, &after))
			return;
	}
}
