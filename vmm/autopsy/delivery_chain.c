/* SPDX-License-Identifier: MIT */
/*
 * delivery_chain.c: from a first exception or interrupt, link by link, to a handler or to the
 * shutdown. Follows SDM vol. 3, 6.15, "Interrupt 8—Double Fault Exception (#DF)", tables 6-4 and
 * 6-5. Frames are not written to memory: where one would overwrite what the chain depends on, the
 * chain ends.
 */
#include "delivery.h"

#define PAGE         4096u
#define SPAN_UNPAGED 0x100000u /* stretches of memory looked at as one, without paging ... */
#define SPAN_MAX     0x400000u /* ... and at most, a page of 1 GiB included */
#define LINKS_MAX    65536
#define NEEDED_MAX   256

/* What the links so far have read in guest-physical memory: gates, descriptors, stack pointers,
 * page tables. */
struct needed {
	struct {
		uint64_t gpa;
		unsigned size;
	} entry[NEEDED_MAX];
	unsigned count;
};

/* The state in which a handler began whose first fetch failed. */
struct turn {
	bool valid;
	uint8_t vector;
	uint16_t cs, ss;
	unsigned cpl;
	uint64_t rip, rsp, rflags;
	uint64_t at; /* number of links up to it */
};

struct chain_walk {
	const struct phys_mem *mem;
	struct delivery_chain *chain;
	struct cpu_state cpu;
	struct needed needed;
	struct turn last; /* the turn before this one */
	struct turn mark; /* an earlier one: when it comes again, this has no end */
	uint64_t turns, next_mark;
	struct delivery_link tail[CHAIN_TAIL]; /* the newest links beyond the head, a ring */
	unsigned tail_next, tail_used;
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

static void needed_add(struct needed *needed, uint64_t gpa, unsigned size)
{
	unsigned i;

	for (i = 0; i < needed->count; i++)
		if (needed->entry[i].gpa == gpa && needed->entry[i].size >= size)
			return;
	if (needed->count == NEEDED_MAX)
		return;
	needed->entry[needed->count].gpa = gpa;
	needed->entry[needed->count++].size = size;
}

/* The tables on the way, and size bytes where it leads. */
static void needed_add_access(
	struct needed *needed, const struct linear_result *access, unsigned size)
{
	unsigned i;

	for (i = 0; i < access->walk.step_count; i++)
		needed_add(
			needed, access->walk.step[i].gpa, access->walk.mode < PAGING_PAE ? 4 : 8);
	if (size && access->walk.translated)
		needed_add(needed, access->walk.gpa, size);
}

static void needed_add_delivery(struct needed *needed, const struct delivery *delivery)
{
	needed_add_access(needed, &delivery->gate.access, delivery->gate.gate.size);
	needed_add_access(needed, &delivery->target.access, 8);
	needed_add_access(needed, &delivery->tss.access, delivery->tss.slot.size);
	needed_add_access(needed, &delivery->ss.access, 8);
	needed_add_access(needed, &delivery->access, 0);
	needed_add_access(needed, &delivery->fetch_access, 0);
}

/* True when [gpa, gpa + n) touches a needed entry, whose address is then kept. */
static bool needed_hit(const struct needed *needed, uint64_t gpa, uint64_t n, uint64_t *hit)
{
	unsigned i;

	for (i = 0; i < needed->count; i++) {
		if (needed->entry[i].gpa + needed->entry[i].size <= gpa ||
			needed->entry[i].gpa >= gpa + n)
			continue;
		*hit = needed->entry[i].gpa;
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

/* A new link: kept for good, or until CHAIN_TAIL newer ones are there. */
static struct delivery *chain_add(struct chain_walk *walk, enum link_origin origin)
{
	struct delivery_chain *chain = walk->chain;
	struct delivery_link *link;

	chain->total++;
	if (chain->count < CHAIN_HEAD) {
		link = &chain->links[chain->count++];
	} else {
		link = &walk->tail[walk->tail_next];
		walk->tail_next = (walk->tail_next + 1) % CHAIN_TAIL;
		if (walk->tail_used < CHAIN_TAIL)
			walk->tail_used++;
	}
	link->origin = origin;
	return &link->delivery;
}

/* Appends the tail to the head, oldest first. */
static void chain_finish(struct chain_walk *walk)
{
	struct delivery_chain *chain = walk->chain;
	unsigned oldest = walk->tail_next + CHAIN_TAIL - walk->tail_used;
	unsigned i;

	for (i = 0; i < walk->tail_used; i++)
		chain->links[chain->count++] = walk->tail[(oldest + i) % CHAIN_TAIL];
	chain->omitted = chain->total - chain->count;
}

/* Bytes below the stack pointer that no limit of the stack segment forbids and that do not wrap. */
static uint64_t stack_room(const struct cpu_state *cpu)
{
	const struct cpu_segment *ss = &cpu->seg[SEG_SS];

	if (cpu_long_mode(cpu))
		return ~0ull;
	if (!(ss->type & 8) && (ss->type & 4)) /* expand-down: the limit is below */
		return 0;
	return cpu->gpr[GPR_RSP] & (ss->db ? 0xffffffff : 0xffff);
}

/* Is all of [gpa, gpa + n) RAM? A byte a page tells. */
static bool all_ram(const struct phys_mem *mem, uint64_t gpa, uint64_t n)
{
	uint64_t at;
	uint8_t byte;

	for (at = gpa; at < gpa + n; at = (at | (PAGE - 1)) + 1)
		if (!phys_read(mem, at, &byte, 1))
			return false;
	return true;
}

/* How many times the stack can go down by so many bytes within the span (a power of 2) that holds
 * frame, which is at the guest-physical address gpa, and nothing else changes. */
static uint64_t turns_alike(
	struct chain_walk *walk, uint64_t frame, uint64_t gpa, uint64_t down, uint64_t span)
{
	uint64_t room = stack_room(&walk->cpu);
	uint64_t times = (room < frame % span ? room : frame % span) / down;
	uint64_t bytes = times * down;
	uint64_t hit;

	if (needed_hit(&walk->needed, gpa - bytes, bytes, &hit) ||
		!all_ram(walk->mem, gpa - bytes, bytes))
		return 0;
	return times;
}

/* The same handler has faulted at once again, and the stack went down: it will do so as long as the
 * stack stays in this page, be it large or small. Counts those links without replaying them. */
static void turns_skip(struct chain_walk *walk, uint64_t frame, uint64_t down, uint64_t links)
{
	struct walk page =
		walk_linear(walk->mem, &walk->cpu, frame, (struct walk_access){.write = true});
	uint64_t span = page.page_size ? page.page_size : SPAN_UNPAGED;
	uint64_t times;

	if (!page.translated)
		return;
	times = turns_alike(walk, frame, page.gpa, down, span < SPAN_MAX ? span : SPAN_MAX);
	if (times == 0)
		times = turns_alike(walk, frame, page.gpa, down, PAGE);
	if (times == 0)
		return;
	walk->cpu.gpr[GPR_RSP] -= times * down;
	walk->chain->total += times * links;
	walk->tail_used = 0; /* what comes now is nearer to the end */
}

static struct turn turn_now(const struct chain_walk *walk, const struct delivery *delivery)
{
	return (struct turn){
		.valid = true,
		.vector = delivery->event.vector,
		.cs = delivery->handler_cs,
		.ss = walk->cpu.seg[SEG_SS].selector,
		.cpl = delivery->handler_cpl,
		.rip = delivery->handler_rip,
		.rsp = walk->cpu.gpr[GPR_RSP],
		.rflags = walk->cpu.rflags,
		.at = walk->chain->total,
	};
}

static bool turn_same_handler(const struct turn *a, const struct turn *b)
{
	return a->valid && b->valid && a->vector == b->vector && a->cs == b->cs && a->ss == b->ss &&
	       a->cpl == b->cpl && a->rip == b->rip && a->rflags == b->rflags;
}

/* A handler's first fetch has failed. False when this goes on for ever: the state is that of an
 * earlier turn (Brent's method: the mark moves on after 1, 2, 4, ... turns). */
static bool chain_turn(struct chain_walk *walk, const struct delivery *delivery)
{
	struct turn now = turn_now(walk, delivery);
	uint64_t down = walk->last.rsp - now.rsp;

	if (turn_same_handler(&now, &walk->mark) && now.rsp == walk->mark.rsp)
		return false;
	if (walk->turns++ == walk->next_mark) {
		walk->mark = now;
		walk->next_mark = 2 * walk->turns;
	}
	if (turn_same_handler(&now, &walk->last) && down != 0 && down < PAGE && walk->tail_used > 0)
		turns_skip(walk, delivery->frame, down, now.at - walk->last.at);
	walk->last = turn_now(walk, delivery);
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
	if (!chain_turn(walk, delivery)) {
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

/* One link. False when it is the last. */
static bool chain_step(
	struct chain_walk *walk, struct delivery_event *event, enum link_origin *origin)
{
	struct delivery *link = chain_add(walk, *origin);
	struct cpu_state after;

	*link = delivery_model(walk->mem, &walk->cpu, *event, &after);
	needed_add_delivery(&walk->needed, link);
	switch (link->outcome) {
	case DELIVERY_FAILED:
		*origin = chain_combine(walk->chain, link, event);
		return walk->chain->end != CHAIN_SHUTDOWN;
	case DELIVERY_DONE:
		*event = link->next;
		*origin = LINK_FETCH;
		return chain_enter_handler(walk, link, &after);
	default:
		walk->chain->end = CHAIN_UNKNOWN;
		return false;
	}
}

void delivery_chain(const struct phys_mem *mem, const struct cpu_state *cpu,
	struct delivery_event event, struct delivery_chain *chain)
{
	struct chain_walk walk = {.mem = mem, .chain = chain, .cpu = *cpu};
	enum link_origin origin = LINK_FIRST;
	unsigned links = 0;

	*chain = (struct delivery_chain){.end = CHAIN_LIMIT};
	while (chain_step(&walk, &event, &origin) && ++links < LINKS_MAX)
		;
	chain_finish(&walk);
}
