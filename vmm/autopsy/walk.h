/* SPDX-License-Identifier: MIT */
/*
 * walk.h: what the MMU does with one linear address, as evidence: every table entry that was read,
 * what it says, and the first thing that stops the access.
 */
#ifndef AUTOPSY_WALK_H
#define AUTOPSY_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpu_state.h"
#include "phys_mem.h"

/* SDM vol. 3, 4.1.1 "Four Paging Modes"; PSE and PSE-36 are told apart because PDEs mean something
 * else. */
enum paging_mode {
	PAGING_NONE,
	PAGING_32BIT, /* CR4.PSE = 0: PS in a PDE is ignored */
	PAGING_PSE,   /* 4 MiB pages below 4 GiB */
	PAGING_PSE36, /* 4 MiB pages below 2^40 */
	PAGING_PAE,
	PAGING_4LEVEL,
	PAGING_5LEVEL,
};

enum walk_level { WALK_PTE, WALK_PDE, WALK_PDPTE, WALK_PML4E, WALK_PML5E };

#define WALK_STEPS     5
#define WALK_NO_GUILTY (-1)

enum walk_reason {
	WALK_OK,
	WALK_NON_CANONICAL,     /* no #PF: #GP, or #SS for a stack access */
	WALK_TABLE_OUTSIDE_RAM, /* what the CPU reads there is not known */
	WALK_NOT_PRESENT,
	WALK_RESERVED_BIT, /* which ones: reserved of the guilty step */
	WALK_NOT_USER,     /* user access to a supervisor page */
	WALK_NOT_WRITABLE,
	WALK_NO_EXECUTE,
	WALK_SMEP,
	WALK_SMAP,
	WALK_REASON_COUNT
};

struct walk_access {
	bool write, fetch;
	bool user;                /* explicit access at CPL 3 */
	bool implicit_supervisor; /* by the CPU to GDT, LDT, IDT or TSS: supervisor whatever user
	                             says */
};

/* One table entry that was looked at. */
struct walk_step {
	enum walk_level level;
	unsigned index;    /* of the entry in its table */
	uint64_t gpa;      /* where the entry is */
	bool readable;     /* false: outside RAM, nothing below is known */
	uint64_t entry;    /* 4 bytes with 32-bit paging, else 8 */
	bool present;      /* P */
	bool write, user;  /* what this level allows; a PAE PDPTE has no such bits and allows */
	bool no_execute;   /* XD, where EFER.NXE makes it one */
	bool leaf;         /* maps a page: PTE, or PS = 1 where that has a meaning */
	uint64_t reserved; /* reserved bits that are set; 0 when not present */
};

struct walk {
	uint64_t linear; /* cut to 32 bits outside long mode */
	struct walk_access access;
	enum paging_mode mode;
	struct walk_step step[WALK_STEPS]; /* from the root down */
	unsigned step_count;
	bool pdptes_cached; /* PAE: the CPU uses the PDPTEs it read at the last mov to CR3, these
	                       are memory's */
	bool translated; /* gpa, page_size and rights are valid, also when the access is not allowed
	                  */
	uint64_t gpa;    /* may be outside RAM */
	uint64_t page_size; /* bytes; 0 without paging */
	struct {
		bool write, user, execute; /* all levels ANDed */
	} rights;
	bool allowed;
	enum walk_reason reason; /* the first thing wrong */
	unsigned violations;     /* 1 << reason for everything wrong with the access */
	int guilty;              /* index into step[], or WALK_NO_GUILTY */
	bool page_fault;         /* the access raises #PF ... */
	uint32_t error;          /* ... with this error code */
};

/* Translates linear as the CPU would for one access of one byte. Reads page tables through mem,
 * changes nothing. Never fails: what cannot be told is WALK_TABLE_OUTSIDE_RAM. */
struct walk walk_linear(const struct phys_mem *mem, const struct cpu_state *cpu, uint64_t linear,
	struct walk_access access);

/* The paging mode that CR0, CR4, EFER and CPUID give. */
enum paging_mode paging_mode(const struct cpu_state *cpu);

/* True when linear can be an address at all: always outside long mode. */
bool linear_canonical(const struct cpu_state *cpu, uint64_t linear);

/* Static strings: "4-level paging", "PDPTE", "a reserved bit is set". */
const char *paging_mode_name(enum paging_mode mode);
const char *walk_level_name(enum walk_level level);
const char *walk_reason_text(enum walk_reason reason);

/* Writes one English clause about what stops the walk ("PDE 17 at 0x103088 is not present") to buf,
 * at most n bytes with the terminating zero; returns buf. */
char *walk_describe(const struct walk *walk, char *buf, size_t n);

#endif
