/* SPDX-License-Identifier: MIT */
/*
 * delivery.h: what the CPU does with an exception or interrupt, replayed on paper: the gate, the
 * segment, the stack, the frame, the handler's first instruction; and, when one of them fails, the
 * exceptions that follow up to the shutdown.
 */
#ifndef AUTOPSY_DELIVERY_H
#define AUTOPSY_DELIVERY_H

#include "desc.h"
#include "exception.h"
#include "tss.h"

enum delivery_kind {
	EVENT_EXCEPTION, /* found by the CPU while it executed an instruction */
	EVENT_INTERRUPT, /* from an interrupt controller */
	EVENT_NMI,
	EVENT_INT_N,      /* int n: the gate's DPL counts */
	EVENT_BREAKPOINT, /* int3 and into: likewise */
	EVENT_ICEBP,      /* int1: like an exception */
};

struct delivery_event {
	enum delivery_kind kind;
	uint8_t vector;
	bool has_error;
	uint32_t error;
	uint64_t cr2; /* of #PF */
};

/* An exception with the error code and, for #PF, the address. has_error follows from vector and
 * mode. */
struct delivery_event delivery_exception(
	const struct cpu_state *cpu, uint8_t vector, uint32_t error, uint64_t cr2);

enum delivery_mode { DELIVERY_REAL, DELIVERY_VM86, DELIVERY_PROTECTED, DELIVERY_LONG };

enum delivery_outcome {
	DELIVERY_DONE,    /* the frame is on the stack, CS:RIP is the handler's */
	DELIVERY_FAILED,  /* it raised next */
	DELIVERY_UNKNOWN, /* reason tells what is beyond this model */
};

/* The first thing wrong, in the order in which the CPU looks. */
enum delivery_reason {
	DELIVERY_OK,
	DELIVERY_VM86_IOPL,  /* int n in virtual-8086 mode with IOPL < 3 */
	DELIVERY_IDT_LIMIT,  /* the entry ends beyond IDTR.limit */
	DELIVERY_IDT_ACCESS, /* the entry cannot be read */
	DELIVERY_GATE_TYPE,  /* no gate that the IDT may hold */
	DELIVERY_GATE_DPL,   /* int n from a less privileged level than the gate's DPL */
	DELIVERY_GATE_NOT_PRESENT,
	DELIVERY_CS_NULL,
	DELIVERY_CS_LIMIT,     /* selector beyond the GDT's or LDT's limit */
	DELIVERY_CS_NO_LDT,    /* LDT selector, and no LDT is loaded */
	DELIVERY_CS_ACCESS,    /* the descriptor cannot be read */
	DELIVERY_CS_TYPE,      /* not a code segment */
	DELIVERY_CS_DPL,       /* less privileged than the interrupted code */
	DELIVERY_CS_VM86,      /* from virtual-8086 mode only DPL 0, non-conforming */
	DELIVERY_CS_NOT_64BIT, /* long mode: L = 0 or D = 1 */
	DELIVERY_CS_NOT_PRESENT,
	DELIVERY_TSS_LIMIT,  /* the stack pointer's slot ends beyond TR.limit */
	DELIVERY_TSS_ACCESS, /* the slot cannot be read */
	DELIVERY_SS_NULL,
	DELIVERY_SS_LIMIT,  /* selector beyond the table's limit, or no LDT */
	DELIVERY_SS_RPL,    /* RPL is not the new privilege level */
	DELIVERY_SS_ACCESS, /* the descriptor cannot be read */
	DELIVERY_SS_DPL,    /* DPL is not the new privilege level */
	DELIVERY_SS_TYPE,   /* not a writable data segment */
	DELIVERY_SS_NOT_PRESENT,
	DELIVERY_STACK_CANONICAL,  /* the stack pointer is not canonical */
	DELIVERY_STACK_LIMIT,      /* the frame leaves the stack segment */
	DELIVERY_OFFSET_CANONICAL, /* the gate's offset is not canonical */
	DELIVERY_OFFSET_LIMIT,     /* the gate's offset is beyond the limit of its code segment */
	DELIVERY_CS_ACCESSED,      /* the CPU cannot set the descriptor's accessed bit */
	DELIVERY_STACK_ACCESS,     /* the frame cannot be written */
	DELIVERY_TASK_SELECTOR,    /* task gate: not a selector of a GDT entry within the limit */
	DELIVERY_TASK_ACCESS,      /* the TSS descriptor cannot be read */
	DELIVERY_TASK_TYPE,        /* not an available TSS */
	DELIVERY_TASK_NOT_PRESENT,
	DELIVERY_TASK_SWITCH, /* unknown: tasks are not followed */
	DELIVERY_OUTSIDE_RAM, /* unknown: something that the CPU reads or writes is not RAM */
	DELIVERY_VME,         /* unknown: int n in virtual-8086 mode with CR4.VME */
	DELIVERY_REASON_COUNT
};

enum delivery_stack {
	STACK_SAME,  /* the interrupted code's */
	STACK_LEVEL, /* RSPn, or SSn:ESPn */
	STACK_IST,
};

/* What happens to the handler's first byte. */
enum delivery_fetch {
	FETCH_NONE, /* there is no handler yet */
	FETCH_OK,
	FETCH_FAULT,        /* #PF */
	FETCH_BEYOND_LIMIT, /* real mode: IP beyond CS.limit */
	FETCH_OUTSIDE_RAM,
};

/* One delivery: evidence in the order in which it was gathered; what comes after the failure is
 * zero. */
struct delivery {
	struct delivery_event event;
	enum delivery_mode mode;
	enum delivery_outcome outcome;
	enum delivery_reason reason;
	unsigned cpl; /* of the interrupted code */

	struct gate_lookup gate;
	struct desc_lookup target; /* code segment or, by a task gate, TSS */
	enum delivery_stack stack;
	unsigned stack_index;        /* n of RSPn, ESPn or ISTn */
	struct tss_stack tss;        /* STACK_LEVEL, STACK_IST: where the pointer came from */
	struct desc_lookup ss;       /* STACK_LEVEL outside long mode */
	uint64_t stack_top;          /* linear address above the frame, aligned in long mode */
	uint64_t frame;              /* linear address of the complete frame's lowest byte */
	unsigned frame_size;         /* bytes */
	struct linear_result access; /* the access that failed (_ACCESS, _ACCESSED, OUTSIDE_RAM),
	                                else the last to the frame */

	uint16_t handler_cs;
	uint64_t handler_rip;
	uint64_t handler_rsp;
	unsigned handler_cpl;
	enum delivery_fetch fetch;
	struct linear_result fetch_access;

	bool raises; /* the delivery failed, or the handler's first fetch did: */
	struct delivery_event next;
};

/* Replays the delivery of event to a CPU in the state cpu, before the first instruction of the
 * handler. after, if not NULL, gets the CPU's state in the handler when DELIVERY_DONE (RIP, RSP,
 * RFLAGS, CS and SS; the rest is cpu's), else a copy of cpu. Reads guest memory, writes none. */
struct delivery delivery_model(const struct phys_mem *mem, const struct cpu_state *cpu,
	struct delivery_event event, struct cpu_state *after);

/* How a link of the chain came about. */
enum link_origin {
	LINK_FIRST,
	LINK_SERIAL, /* raised while the link before was being delivered, and delivered in its place
	              */
	LINK_DOUBLE_FAULT, /* #DF: the link before and its failure together */
	LINK_FETCH,        /* raised by the first instruction of the handler before */
};

enum chain_end {
	CHAIN_HANDLED,    /* a handler runs */
	CHAIN_SHUTDOWN,   /* a failure while #DF was being delivered: triple fault */
	CHAIN_ENDLESS,    /* the same delivery for ever, the stack does not move */
	CHAIN_UNKNOWN,    /* the last link's reason or fetch tells why */
	CHAIN_OVERWRITES, /* a frame overwrites what the CPU needs (overwritten): unknown from here
	                     on */
	CHAIN_LIMIT,      /* still going on after very many links */
};

struct delivery_link {
	enum link_origin origin;
	struct delivery delivery;
};

/* Links kept from the beginning and from the end; those between are counted. */
#define CHAIN_HEAD 8
#define CHAIN_TAIL 8

struct delivery_chain {
	struct delivery_link links[CHAIN_HEAD + CHAIN_TAIL]; /* in order */
	unsigned count;
	uint64_t omitted; /* links left out after links[CHAIN_HEAD - 1] */
	uint64_t total;
	enum chain_end end;
	uint64_t overwritten; /* guest-physical address, CHAIN_OVERWRITES */
};

/* Follows event until a handler runs, the CPU shuts down, or no more can be told: SDM vol. 3, 6.15,
 * "Interrupt 8—Double Fault Exception (#DF)". */
void delivery_chain(const struct phys_mem *mem, const struct cpu_state *cpu,
	struct delivery_event event, struct delivery_chain *chain);

/* Benign, contributory, page fault: SDM vol. 3, table 6-4 "Interrupt and Exception Classes". */
enum event_class { CLASS_BENIGN, CLASS_CONTRIBUTORY, CLASS_PAGE_FAULT, CLASS_DOUBLE_FAULT };

/* The class of an exception; interrupts are benign. */
enum event_class event_class(const struct delivery_event *event);

/* A short English phrase: "its IDT entry is beyond the IDT limit" (static string). */
const char *delivery_reason_text(enum delivery_reason reason);
const char *chain_end_text(enum chain_end end);

/* Writes one clause about the outcome with its numbers ("its gate is not present (IDT[14] at
 * 0x30e0)") to buf, at most n bytes with the terminating zero; returns buf. */
char *delivery_describe(const struct delivery *delivery, char *buf, size_t n);

#endif
