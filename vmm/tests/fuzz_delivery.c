/* SPDX-License-Identifier: MIT */
/*
 * fuzz_delivery.c: any registers, any memory, any event: the chain ends, and its links follow from
 * each other.
 */
#include "autopsy/delivery.h"
#include "fuzz_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		__builtin_trap();
}

static void check_delivery(const struct delivery *delivery)
{
	char text[300], small[7];

	must(strlen(delivery_describe(delivery, text, sizeof(text))) < sizeof(text));
	must(strlen(delivery_describe(delivery, small, sizeof(small))) < sizeof(small));
	must(delivery_reason_text(delivery->reason) != NULL);
	must((delivery->outcome == DELIVERY_DONE) == (delivery->reason == DELIVERY_OK));
	must((delivery->outcome == DELIVERY_DONE) == (delivery->fetch != FETCH_NONE));
	must(delivery->outcome != DELIVERY_FAILED || delivery->raises);
	must(delivery->outcome != DELIVERY_UNKNOWN || !delivery->raises);
	must(!delivery->next.has_error || delivery->mode != DELIVERY_REAL);
}

static void check_end(const struct delivery_chain *chain)
{
	const struct delivery *last = &chain->links[chain->count - 1].delivery;

	switch (chain->end) {
	case CHAIN_HANDLED:
		must(last->outcome == DELIVERY_DONE && last->fetch == FETCH_OK);
		break;
	case CHAIN_SHUTDOWN:
		must(last->outcome == DELIVERY_FAILED && last->event.vector == VEC_DF);
		break;
	case CHAIN_UNKNOWN:
		must(!last->raises);
		break;
	default:
		must(last->raises);
		break;
	}
	must(chain_end_text(chain->end) != NULL);
}

/* Neighbours in the chain: the second is what the first raised, or the double fault made of it. */
static void check_pair(const struct delivery_link *first, const struct delivery_link *second)
{
	const struct delivery_event *event = &second->delivery.event;

	must(second->origin != LINK_FIRST && first->delivery.raises);
	if (second->origin == LINK_DOUBLE_FAULT)
		must(event->vector == VEC_DF && event->error == 0);
	else
		must(event->vector == first->delivery.next.vector &&
			event->error == first->delivery.next.error &&
			event->cr2 == first->delivery.next.cr2);
	must((second->origin == LINK_FETCH) == (first->delivery.outcome == DELIVERY_DONE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_world world;
	struct delivery_event event = {0};
	struct delivery_chain chain;
	unsigned i;

	fuzz_world_init(&world, data, size);
	event.vector = fuzz_number(&world, 1);
	event.kind = fuzz_number(&world, 1) % (EVENT_ICEBP + 1);
	if (event.kind == EVENT_EXCEPTION)
		event = delivery_exception(
			&world.cpu, event.vector % 32, 0, fuzz_number(&world, 4));
	delivery_chain(&world.mem, &world.cpu, event, &chain);
	must(chain.count > 0 && chain.count <= CHAIN_HEAD + CHAIN_TAIL);
	must(chain.total == chain.count + chain.omitted);
	must(chain.links[0].origin == LINK_FIRST);
	for (i = 0; i < chain.count; i++)
		check_delivery(&chain.links[i].delivery);
	for (i = 1; i < chain.count; i++)
		if (i != CHAIN_HEAD || chain.omitted == 0)
			check_pair(&chain.links[i - 1], &chain.links[i]);
	check_end(&chain);
	return 0;
}
