/* SPDX-License-Identifier: MIT */
/*
 * rules_quirks.c: deaths in which kvm_pvm delivered an exception otherwise than a CPU does. What is
 * wrong with the kernel by itself was told by the rules before.
 */
#include "rule.h"

/* Can the CPU not come to a handler of this vector at once? */
static bool cannot_deliver(const struct findings *findings, uint8_t vector, struct delivery *out)
{
	*out = delivery_model(&findings->evidence->mem, &findings->cpu,
		delivery_exception(&findings->cpu, vector, 0, 0), NULL);
	return out->outcome == DELIVERY_FAILED;
}

/* By the architecture int n is right, and its handler would run; KVM raised #UD. */
static bool int_raises_ud(const struct findings *findings)
{
	const struct insn *insn = &findings->insn.insn;
	struct delivery_event event = {.kind = EVENT_INT_N, .vector = (uint8_t)insn->imm};
	struct delivery delivery, ud;

	if (!rule_is_pvm(findings) || findings->evidence->death != DEATH_SHUTDOWN ||
		!findings->state_valid || findings->insn.decoded != INSN_OK ||
		insn->op != INSN_INT || cpu_cpl(&findings->cpu) != 3 ||
		cpu_code_bits(&findings->cpu) != 64 || findings->insn.count)
		return false;
	delivery = delivery_model(&findings->evidence->mem, &findings->cpu, event, NULL);
	return delivery.outcome == DELIVERY_DONE && delivery.fetch == FETCH_OK &&
	       cannot_deliver(findings, VEC_UD, &ud);
}

static void explain_int(const struct findings *findings, struct say *say)
{
	struct delivery delivery;
	char text[320];

	cannot_deliver(findings, VEC_UD, &delivery);
	say_place(say, &findings->rip);
	say_add(say,
		" executes %s. That is right by the architecture, and the gate is good, but this "
		"host's KVM (%s) raises #UD for int n in user mode, which the kernel cannot take: "
		"%s.",
		findings->insn_text, findings->evidence->kvm,
		delivery_describe(&delivery, text, sizeof(text)));
}

/* A CPU would deliver what the failed delivery raised; KVM makes every such failure a #DF. */
static bool doubles_at_once(const struct findings *findings)
{
	const struct delivery_chain *chain = &findings->first.chain;
	struct delivery df;

	return rule_is_pvm(findings) && findings->evidence->death == DEATH_SHUTDOWN &&
	       findings->handled && chain->count >= 2 &&
	       chain->links[0].delivery.outcome == DELIVERY_FAILED &&
	       chain->links[1].origin == LINK_SERIAL && cannot_deliver(findings, VEC_DF, &df);
}

static void explain_doubles(const struct findings *findings, struct say *say)
{
	const struct delivery_chain *chain = &findings->first.chain;
	struct delivery df;
	char text[320];

	cannot_deliver(findings, VEC_DF, &df);
	say_place(say, &findings->rip);
	say_add(say, ", %s, raised ", findings->insn_text);
	say_vector(say, findings->handled_event.vector);
	say_add(say, ", which cannot be delivered: %s. A CPU raises ",
		delivery_describe(&chain->links[0].delivery, text, sizeof(text)));
	say_vector(say, chain->links[1].delivery.event.vector);
	say_add(say, " then, and the kernel has a handler for that, ");
	say_place(say, &findings->handler);
	say_add(say,
		"; but this host's KVM (%s) makes a double fault of any delivery that fails, and "
		"that cannot be delivered either: %s.",
		findings->evidence->kvm, delivery_describe(&df, text, sizeof(text)));
}

static void repair_doubles(const struct findings *findings, struct say *say)
{
	say_add(say, "Install a gate for ");
	say_vector(say, findings->handled_event.vector);
	say_add(say, ", and one for #DF with a stack of its own (IST), so that a failed delivery "
		     "is reported on this host, too.");
}

const struct verdict_rule rules_quirks[] = {
	{.id = "kvm-int-raises-ud",
		.matches = int_raises_ud,
		.explain = explain_int,
		.repair = "Nothing is wrong with that instruction or its gate: run the kernel on a "
			  "host with VMX or SVM, or let programs call it by syscall here.",
		.explains_death = true,
		.infers = true},
	{.id = "kvm-double-fault-at-once",
		.matches = doubles_at_once,
		.explain = explain_doubles,
		.repair_more = repair_doubles,
		.explains_death = true,
		.infers = true},
	{0},
};
