/* SPDX-License-Identifier: MIT */
/*
 * findings.h: what follows from the evidence of one death, each fact once: which exception or
 * interrupt came first and how that is known, why, what the CPU made of it, and the state of
 * everything that it needed for that. The rules of verdict.h and the renderers read it; nothing
 * here is an opinion.
 */
#ifndef AUTOPSY_FINDINGS_H
#define AUTOPSY_FINDINGS_H

#include "delivery.h"
#include "evidence.h"
#include "fault_reason.h"
#include "region.h"
#include "symbols.h"

/* How a statement is known. */
enum known {
	KNOWN_NOT,
	KNOWN_INFERRED,  /* follows from a model of the CPU, checked against how the death came */
	KNOWN_RECOVERED, /* seen in a second run that died in the same way */
	KNOWN_OBSERVED,
};

/* An address and what is there. */
struct place {
	uint64_t address; /* linear */
	bool has_symbol, has_line, has_segment;
	struct symbol symbol;
	struct source_line line;
	struct symbol_segment segment;        /* of the image */
	bool mapped;                          /* a supervisor may read it */
	uint64_t gpa;                         /* when mapped */
	const struct evidence_region *region; /* that holds gpa, or NULL */
};

/* How the first event was found. */
enum first_source {
	FIRST_UNKNOWN,
	FIRST_BOOT_TRAP,   /* a stub of the boot IDT handed it over */
	FIRST_KVM_EVENT,   /* KVM kept it as the event whose delivery failed */
	FIRST_INSTRUCTION, /* the instruction at RIP raises it */
	FIRST_FRAME,       /* the oldest frame that handlers left which could not run */
	FIRST_CONTROLLER,  /* an interrupt controller has it in service */
	FIRST_HANDLER,     /* the frame of the handler that the guest hangs in */
};

/* The first event that was not handled as it should have been. */
struct first_event {
	enum first_source source; /* FIRST_UNKNOWN: nothing else here is valid */
	enum known known;
	struct delivery_event event;
	struct place at;            /* where it came */
	bool is_exception;          /* else an external interrupt or NMI */
	bool has_reason;            /* reason.why is not FAULT_UNKNOWN */
	struct fault_reason reason; /* why the instruction raised it */
	bool has_address;           /* a linear address that the fault is about: for #PF CR2, else
	                               the operand that is wrong */
	struct place address;
	bool has_walk; /* of that address, with the access that failed */
	struct walk walk;
	bool has_chain; /* the CPU tried to deliver it with the guest's own tables: */
	struct delivery_chain chain;
	bool chain_fits; /* the model ends as the guest did */
};

/* A table that the CPU uses. */
enum table_kind { TABLE_IDT, TABLE_GDT, TABLE_TSS, TABLE_PAGING, TABLE_COUNT };

struct table_finding {
	bool loaded;       /* the register was given something: not base 0 and limit 0 */
	uint64_t size;     /* bytes: limit + 1; of TABLE_PAGING the top table's */
	struct place base; /* for TABLE_PAGING address is the physical one, as identity-mapped */
	bool readable;     /* all of it, through the page tables */
	struct linear_result access; /* of the first byte that is not, else the last */
	bool zero;                   /* readable, and nothing but zeros */
	bool in_bss;                 /* of the image */
	bool was_filled; /* something proves that it held more than zeros once: filled_proof, static
	                  */
	const char *filled_proof;
	bool changed; /* a structure of the monitor that differs from what the monitor built */
	struct region_damage damage;
};

/* A region that should not have changed and did. */
#define DAMAGES_MAX 8
struct damage_finding {
	const struct evidence_region *region;
	struct region_damage damage;
};

/* The page table that stops the CPU from fetching at RIP, or from what the first event is about. */
struct paging_finding {
	bool stops; /* the rest is valid */
	bool is_rip;
	struct walk walk;
	uint64_t table_gpa; /* of the table that the guilty entry is in */
	struct place table;
	bool table_zero;    /* nothing but zeros in it */
	bool was_in_use;    /* code ran through it: it must have held other entries */
	bool being_written; /* by the repeated store at RIP */
	bool under_stack;   /* the stack of RIP has grown down over it: its uppermost return address
	                       there, and where */
	uint64_t return_gpa;
	struct place caller;
	unsigned garbage; /* entries of it with address bits beyond what the CPU has */
};

struct stack_finding {
	struct place rsp;
	bool mapped;   /* the page of RSP can be written in the current mode */
	bool overflow; /* RSP has left its stack at the lower end; how_overflow says how that shows
	                */
	const char *how_overflow; /* static clause */
	bool guard;               /* below RSP's page, or RSP's page itself, is not mapped, above it
	                             is */
	struct place bottom; /* lowest byte of the stack that was left: a symbol or a mapped run */
	bool above_is_stack; /* bottom has a symbol with "stack" in its name, or vmm's boot stack */
	bool recursion;      /* the same return address again and again */
	struct place recursion_at; /* the call */
	unsigned recursion_count;  /* how often, in the part that was looked at */
};

/* The same call, or exception, again and again on the stack, from RSP up. */
struct recursion_finding {
	bool found;           /* the rest is valid */
	struct place at;      /* the call, or the instruction that the frames come from */
	bool is_call;         /* the former */
	unsigned count;       /* how often it stands there ... */
	uint64_t stride;      /* ... every so many bytes */
	struct place low;     /* the newest of them, or RSP when it is as near as they are, */
	struct place high;    /* and the oldest of them */
	const char *how_left; /* static clause: low is no part of the stack that high is in; or NULL
	                       */
};

/* An exception or interrupt frame on the stack. */
#define FRAMES_MAX 16
struct frame_finding {
	uint64_t address; /* linear, of the RIP slot */
	bool has_error;
	uint32_t error;
	uint64_t rip, rflags, rsp;
	uint16_t cs, ss;
	unsigned repeats; /* equal ones, this included */
	struct place at;  /* rip */
};

struct code_finding {
	bool readable; /* bytes[] at RIP could be fetched */
	uint8_t bytes[INSN_BYTES_MAX];
	unsigned length;                  /* valid ones */
	uint64_t zero_before, zero_after; /* length of the run of zeros that RIP is in, up to a
	                                     page each way */
	bool differs;                     /* from what the monitor loaded of the image: */
	uint64_t differs_at;
	uint8_t now, then;
	bool torn; /* RIP is in the middle of an instruction of the image whose bytes differ */
	uint64_t frame_size; /* bytes that the function takes from RSP at once, 0: none */
	bool wrong_symbols;  /* the symbols' file has other bytes here than the image: its names and
	                        lines are of another build */
	bool looks_64bit;    /* runs with a 16- or 32-bit CS and was compiled for 64: */
	bool inside_64bit;   /* RIP is in the middle of an instruction of 64-bit code */
	bool looks_32bit;    /* runs with a 16-bit CS and was compiled for 32 */
	bool from_call;      /* the word at RSP is a return address behind a call: */
	struct place caller; /* that call */
	bool caller_indirect; /* that call went through a register or memory */
	bool caller_known;    /* with the registers as they are it leads to caller_target: */
	uint64_t caller_target;
	bool caller_agrees; /* that is RIP */
	bool caller_null;   /* or to address 0, and from there through zeros to RIP */
	bool after_ret;     /* the word below RSP equals RIP: a ret took it from there */
};

struct interrupt_finding {
	bool pic_in_service;
	uint8_t pic_irq, pic_vector; /* the most urgent one in service */
	bool pic_pending;            /* requested and not masked, behind it or waiting */
	uint8_t pending_irq;
	bool pic_all_masked;
	bool apic_enabled;
	bool apic_in_service;
	uint8_t apic_vector;
	bool apic_pending; /* requested, and of a higher class than the processor's priority */
	uint8_t apic_pending_vector;
	bool apic_timer_on; /* LVT timer not masked, and counting */
	uint8_t apic_timer_vector;
	bool any_source; /* something could wake a halted CPU */
};

/* The guest asks one port or address for ever. */
struct poll_finding {
	bool polling;
	bool mmio, unclaimed;
	uint64_t where, value;
	uint64_t count;
	struct place at;
};

/* The gate of the first delivery that its own gate made fail. */
struct gate_finding {
	bool found; /* the rest is valid, but for good and proof */
	uint8_t vector;
	uint64_t address, gpa; /* of the entry */
	uint8_t now[16];
	bool was_good; /* it was one that works, good, which proof shows (static) */
	struct gate good;
	const char *proof;
};

/* Who wrote, from evidence->writes: the last write that did the damage. */
struct writer_finding {
	bool found;
	const struct write_record *record;
	bool exact; /* at is the writing instruction, else the one behind it */
	struct place at;
	char insn[INSN_TEXT_MAX];
	bool had_content; /* what was overwritten was not all zero */
};

/* The memory from which the register came that the first fault is about. */
struct origin_finding {
	bool found; /* the register still has that value */
	int reg;
	uint64_t value;
	struct place at;
	bool is_return; /* the value is a return address: a push wrote it */
	bool is_text;
	bool below_stack; /* at lies right below a stack: */
	struct place stack;
};

/* The image lies elsewhere than where the file with its symbols has it. */
struct link_finding {
	bool moved;      /* the rest is valid, and the symbols are moved: */
	uint64_t by;     /* bytes */
	uint64_t linked; /* the address of the code for which it was looked, in the file ... */
	struct place at; /* ... and in the guest */
	bool used;       /* what was executed names an address of the old place: */
	struct place user;
	char insn[INSN_TEXT_MAX];
	bool by_pointer;     /* user calls through a pointer that holds the old address */
	struct symbol meant; /* what it wanted, where that is */
};

#define PANIC_WORDS_MAX 256
#define PAST_MAX        8

struct findings {
	const struct evidence *evidence;
	struct symbols *symbols; /* owned by whoever made the findings; may be empty, not NULL */

	/* The CPU before the first event, or as it is when that is not known. */
	bool state_valid; /* false: only the INIT state is there, cpu says nothing */
	enum known state_known;
	struct cpu_state cpu;
	bool in_syscall; /* in the entry for system calls, or behind it: cpu has CPL 0 */
	struct place rip, return_to; /* return_to: the word at RSP, when it is in code */
	bool under_frames; /* the frames of handlers that never ran have come down over RIP: insn is
	                      what was loaded there */
	struct fault_analysis insn; /* at RIP */
	char insn_text[INSN_TEXT_MAX];
	char insn_before[INSN_TEXT_MAX]; /* executed before, "" when not known */
	struct insn before;
	enum known before_known;    /* from the trail: recovered; from the code: inferred */
	struct insn past[PAST_MAX]; /* of the function, before RIP in memory, nearest first */
	unsigned past_count;
	bool lidt_before, cr3_before; /* one of them, or of the trail's last steps */

	struct first_event first;
	/* The instruction at RIP raises an exception that has a good handler: not what killed the
	 * guest, but the death came behind it, where no step could follow. */
	bool handled;
	struct delivery_event handled_event;
	struct place handler;
	bool stale_boot_idt; /* in long mode with vmm's boot IDT for 32-bit kernels */
	struct table_finding table[TABLE_COUNT];
	struct damage_finding damages[DAMAGES_MAX];
	unsigned damage_count;
	struct link_finding link;
	struct code_finding code;
	struct stack_finding stack;
	struct recursion_finding recursion;
	struct paging_finding paging;
	struct frame_finding frames[FRAMES_MAX]; /* from RSP up: youngest first */
	unsigned frame_count;
	struct interrupt_finding irq;
	bool locks; /* the loop at RIP waits for a lock; lock_text is its name */
	struct place lock;
	char lock_text[128];
	struct poll_finding poll;
	struct origin_finding origin;
	struct writer_finding writer;
	struct gate_finding bad_gate;
	char panic_words[PANIC_WORDS_MAX]; /* last line of the guest's log; hostile bytes */
};

/* Derives everything from evidence, which must outlive the result. symbols may have no files.
 * Never fails. */
void findings_make(
	struct findings *findings, const struct evidence *evidence, struct symbols *symbols);

/* Name, line, segment and memory of a linear address, in the state findings->cpu. */
struct place findings_place(const struct findings *findings, uint64_t linear);

/* "observed", ... (static). */
const char *known_word(enum known known);

#endif
