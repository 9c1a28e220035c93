/* SPDX-License-Identifier: MIT */
/*
 * fault.c: page faults and double faults in words. SDM vol. 3, 4.7 "Page-Fault Exceptions",
 * and 6.15, "Interrupt 8".
 */
#include "arch.h"
#include "image.h"
#include "memory.h"
#include "panic.h"
#include "trap.h"

/* Where an instruction may fail, and where to go on then: distances from the fields themselves. */
struct fixup {
	int32_t instruction, target;
};

extern const struct fixup fixups_start[], fixups_end[];

bool fixup_apply(struct trap_frame *frame)
{
	for (const struct fixup *fixup = fixups_start; fixup < fixups_end; fixup++) {
		if ((uintptr_t)&fixup->instruction + fixup->instruction != frame->rip)
			continue;
		frame->rip = (uintptr_t)&fixup->target + fixup->target;
		return true;
	}
	return false;
}

bool memory_try_copy(void *to, const void *from, size_t n)
{
	asm volatile("1: rep movsb\n"
		     "2:\n"
		     "	.pushsection .fixups, \"a\"\n"
		     "	.long 1b - ., 2b - .\n"
		     "	.popsection"
		     : "+D"(to), "+S"(from), "+c"(n)
		     :
		     : "memory");
	return n == 0;
}

bool page_fault_handle(struct trap_frame *frame)
{
	return !trap_from_user(frame) && fixup_apply(frame);
}

/* Which guard page the address lies in: the stack's name, or NULL. */
static const char *guarded_stack(uint64_t address)
{
	static const char *const names[CPU_STACKS] = {
		[STACK_BOOT] = "kernel's",
		[STACK_DOUBLE_FAULT] = "double fault's",
		[STACK_NMI] = "NMI's",
		[STACK_MACHINE_CHECK] = "machine check's",
	};

	for (unsigned i = 0; i < CPU_STACKS; i++) {
		if (address - (uintptr_t)cpu_stacks[i].guard < PAGE_SIZE)
			return names[i];
	}
	return NULL;
}

/* What is known of the address beside the error code. */
static const char *describe_address(uint64_t address)
{
	if (address < PAGE_SIZE)
		return ", a null pointer";
	if (guarded_stack(address))
		return ", the guard page below a stack";
	if (address - (uintptr_t)kernel_start < (uintptr_t)text_end - (uintptr_t)kernel_start)
		return ", the kernel's code";
	if (address - (uintptr_t)rodata_start < (uintptr_t)data_start - (uintptr_t)rodata_start)
		return ", the kernel's read-only data";
	if (address - HEAP_BASE < HEAP_LIMIT - HEAP_BASE)
		return ", in the heap's area";
	if (address < USER_LIMIT)
		return ", in the user half";
	return "";
}

void page_fault_panic(const struct trap_frame *frame)
{
	uint64_t address = cr2_read(), error = frame->error;
	const char *access = error & PF_I ? "execute" : error & PF_W ? "write" : "read";
	const char *why = error & PF_RSVD ? "reserved bit set in a page table"
	                  : error & PF_PK ? "protection key"
	                  : error & PF_P  ? "page is there but does not allow it"
	                                  : "page not present";

	panic_trap(frame, "page fault: %s cannot %s %016llx%s: %s",
		error & PF_U ? "user code" : "the kernel", access, (unsigned long long)address,
		describe_address(address), why);
}

/* A push onto a full stack faults; the page fault's own frame finds no room either. */
void double_fault_panic(const struct trap_frame *frame)
{
	const char *stack = guarded_stack(cr2_read());

	if (!stack)
		stack = guarded_stack(frame->rsp - 1);
	if (stack)
		panic_trap(frame, "double fault: the %s stack is full, rsp %016llx", stack,
			(unsigned long long)frame->rsp);
	panic_trap(frame, "double fault: an exception could not be delivered, rsp %016llx",
		(unsigned long long)frame->rsp);
}
