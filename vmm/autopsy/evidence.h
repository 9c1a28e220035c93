/* SPDX-License-Identifier: MIT */
/*
 * evidence.h: everything that is known when a guest has ended: the input of the autopsy. The
 * monitor fills it in from a live machine, the core reader from a file. Pointers belong to whoever
 * filled it in and live as long as it.
 */
#ifndef AUTOPSY_EVIDENCE_H
#define AUTOPSY_EVIDENCE_H

#include "cpu_state.h"
#include "phys_mem.h"

enum death {
	DEATH_NONE,
	DEATH_SHUTDOWN,       /* KVM_EXIT_SHUTDOWN: triple fault */
	DEATH_BOOT_EXCEPTION, /* an exception reached the boot IDT: the kernel had loaded none of
	                         its own */
	DEATH_PANIC,          /* pvpanic */
	DEATH_KVM_INTERNAL,   /* KVM_EXIT_INTERNAL_ERROR */
	DEATH_FAIL_ENTRY,     /* KVM_EXIT_FAIL_ENTRY */
	DEATH_UNKNOWN_EXIT,   /* an exit that the monitor has no handler for */
	DEATH_STUCK,          /* can never run again */
	DEATH_TIMEOUT,
};

/* Why the guest can never run again, for DEATH_STUCK. */
enum stuck {
	STUCK_NONE,
	STUCK_HLT_IF0,    /* hlt with interrupts off on every vCPU */
	STUCK_HLT_MASKED, /* hlt with interrupts on, but no source can raise one */
	STUCK_SPIN_IF0,   /* jump to itself with interrupts off */
	STUCK_VMCALL,     /* KVM repeats vmcall at the same RIP for ever */
};

/* Where cpus[cpu] comes from. */
enum state_origin {
	STATE_OBSERVED, /* KVM kept the registers of the moment of death */
	STATE_LOST,     /* KVM has reset them (INIT state, AMD): they say nothing about the crash */
	STATE_RECOVERED, /* a second run reached the same death; these are its registers just before
	                    it */
};

/* What came of running the guest a second time. */
enum rerun {
	RERUN_NONE,   /* was not needed */
	RERUN_SAME,   /* died in the same way */
	RERUN_OTHER,  /* died in another way */
	RERUN_ALIVE,  /* did not die */
	RERUN_FAILED, /* could not be done on this host */
};

/* The CPU before one single-stepped instruction of the second run. */
struct trail_step {
	uint64_t rip, rsp, rflags, cr3;
	uint16_t cs;
};

#define TRAIL_STEPS 64

/* One write to memory that was watched, in the first run (--watch) or in a second one. */
struct write_record {
	uint64_t linear; /* 0: not known */
	uint64_t gpa;
	uint32_t size;
	uint64_t old_value, new_value; /* zero-extended */
	bool old_unknown;              /* old_value was gone when the write was noticed */
	uint64_t rip;                  /* of the instruction, or behind it: rip_after */
	bool rip_after; /* rip is that of the next instruction (of the same one while rep goes on)
	                 */
	struct cpu_state cpu; /* as it was then */
};

/* Where a vCPU was at the monitor's ticks, for endless loops. */
struct sample {
	uint64_t rip;
	uint64_t count; /* ticks */
};

#define SAMPLES_MAX 64

/* One exit from KVM_RUN. */
struct exit_record {
	uint32_t reason; /* KVM_EXIT_* */
	uint32_t vcpu;
	uint64_t rip;   /* where known, else 0 */
	uint64_t where; /* port or guest-physical address */
	uint64_t value; /* first datum, zero-extended */
	uint32_t size;  /* bytes an item */
	uint32_t count; /* items; exits that repeat exactly are counted here */
	bool write;
};

#define EXIT_RING 32

/* A named stretch of guest-physical memory. */
struct evidence_region {
	const char *name;
	uint64_t gpa, size;
	uint64_t linear;         /* where it is mapped; == gpa when only there */
	const uint8_t *pristine; /* size bytes as the monitor wrote them before the start, or NULL
	                            when nobody kept them */
	bool writable;           /* the guest may write there: a difference is no damage */
	bool monitor;            /* the monitor's own boot structure */
};

/* Port or MMIO address that no device claims. */
struct unclaimed {
	uint64_t where;
	uint64_t reads, writes;
	bool mmio;
};

#define UNCLAIMED_MAX 16

/* 8259A and local APIC, as far as the autopsy asks. valid = false: the machine has none. */
struct pic_state {
	bool valid;
	uint8_t irr, imr, isr, vector_base;
};
struct apic_state {
	bool valid;
	uint8_t regs[1024]; /* KVM_GET_LAPIC's page of registers */
};

struct evidence {
	enum death death;
	enum stuck stuck;
	struct phys_mem mem;
	uint64_t ram_low;  /* bytes of RAM from 0 */
	uint64_t ram_high; /* bytes of RAM from 4 GiB */
	const struct cpu_state *cpus;
	unsigned cpu_count;
	unsigned cpu;        /* index of the vCPU that died */
	uint8_t boot_vector; /* DEATH_BOOT_EXCEPTION: the vector whose stub ran; cpus[cpu] is the
	                        state before */
	bool boot_has_error;
	uint32_t boot_error;
	uint32_t exit_reason; /* the last KVM_EXIT_* */
	uint32_t internal_suberror;
	uint32_t internal_ndata;
	uint64_t internal_data[16];
	uint64_t entry_failure;              /* hardware_entry_failure_reason */
	struct exit_record exits[EXIT_RING]; /* oldest first */
	unsigned exit_count;                 /* used ones of exits[] */
	uint64_t exit_total;
	const struct evidence_region *regions;
	unsigned region_count;
	struct unclaimed unclaimed[UNCLAIMED_MAX];
	unsigned unclaimed_count;
	struct pic_state pic[2];
	struct apic_state apic; /* of the vCPU that died */
	uint64_t log_ring;      /* guest-physical address of the guest's vmm_log_ring, 0: none */
	enum state_origin origin;
	enum rerun rerun;
	unsigned rerun_slices;                /* bounded runs of the recovery ... */
	unsigned rerun_steps;                 /* ... and its single steps */
	struct trail_step trail[TRAIL_STEPS]; /* the last steps before the death, oldest first; the
	                                         last is cpus[cpu] */
	unsigned trail_count;
	struct sample samples[SAMPLES_MAX]; /* of vCPU 0 at the ticks, most frequent first */
	unsigned sample_count;
	const struct write_record
		*writes; /* to the range that the verdict asked about, oldest first */
	unsigned write_count;
	double seconds;    /* since the first KVM_RUN */
	const char *image; /* file names, for reading symbols; may be NULL */
	const char *symbols;
	const char *initrd;
	const char *kvm; /* which KVM: kvm_intel, kvm_amd, kvm_pvm or "kvm" */
};

#endif
