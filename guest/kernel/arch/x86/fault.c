/* SPDX-License-Identifier: MIT */
/*
 * fault.c: page faults and double faults in words. SDM vol. 3, 4.7 "Page-Fault Exceptions",
 * and 6.15, "Interrupt 8".
 */
#include "process/fault.h"
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
		if ((uintptr_t)&fixup->instruction + fixup->instruction != frame->ip)
			continue;
		frame->ip = (uintptr_t)&fixup->target + fixup->target;
		return true;
	}
	return false;
}

/* Where either instruction fails, its counter is not 0 afterwards. */
bool memory_try_copy(void *to, const void *from, size_t n)
{
	size_t words = n / sizeof(uintptr_t), bytes = n % sizeof(uintptr_t);

	asm volatile("1: rep movs" WORD_SUFFIX "\n"
		     "2:\n"
		     "	.pushsection .fixups, \"a\"\n"
		     "	.long 1b - ., 2b - .\n"
		     "	.popsection"
		     : "+D"(to), "+S"(from), "+c"(words)
		     :
		     : "memory");
	if (words || !bytes)
		return words == 0;
	asm volatile("1: rep movsb\n"
		     "2:\n"
		     "	.pushsection .fixups, \"a\"\n"
		     "	.long 1b - ., 2b - .\n"
		     "	.popsection"
		     : "+D"(to), "+S"(from), "+c"(bytes)
		     :
		     : "memory");
	return bytes == 0;
}

bool memory_try_zero(void *to, size_t n)
{
	size_t words = n / sizeof(uintptr_t), bytes = n % sizeof(uintptr_t);

	asm volatile("1: rep stos" WORD_SUFFIX "\n"
		     "	mov %2, %1\n"
		     "2: rep stosb\n"
		     "	jmp 4f\n"
		     "3:	mov $1, %%ecx\n"
		     "4:\n"
		     "	.pushsection .fixups, \"a\"\n"
		     "	.long 1b - ., 3b - .\n"
		     "	.long 2b - ., 3b - .\n"
		     "	.popsection"
		     : "+D"(to), "+c"(words)
		     : "r"(bytes), "a"((uintptr_t)0)
		     : "memory");
	return words == 0;
}

static bool fixup_exists(const struct trap_frame *frame)
{
	for (const struct fixup *fixup = fixups_start; fixup < fixups_end; fixup++) {
		if ((uintptr_t)&fixup->instruction + fixup->instruction == frame->ip)
			return true;
	}
	return false;
}

/* The kernel touches the memory of programs only by instructions that may fail. */
bool page_fault_handle(struct trap_frame *frame)
{
	uint64_t address = cr2_read();

	/* Some KVMs (kvm_pvm of Linux 6.18) show programs that touch the kernel half a reserved
	 * bit, of tables that are not ours. */
	if (frame->error & PF_RSVD && !(trap_from_user(frame) && address >= USER_LIMIT))
		return false;
	if (trap_from_user(frame)) {
		if (!syscall_was_lost(frame))
			process_page_fault(frame, address);
		return true;
	}
	if (!fixup_exists(frame))
		return false;
	return process_touch(address, frame->error & PF_W) || fixup_apply(frame);
}

/* Which guard page the address lies in: the stack's name, or NULL. */
static const char *guarded_stack(uint64_t address)
{
	static const char *const names[] = {
		[STACK_BOOT] = "kernel's",
		[STACK_DOUBLE_FAULT] = "double fault's",
		[STACK_NMI] = "NMI's",
		[STACK_MACHINE_CHECK] = "machine check's",
	};

	for (unsigned i = 0; i < CPU_STACKS; i++) {
		if (address - (uintptr_t)cpu_stacks[i].guard < PAGE_SIZE)
			return names[i];
	}
	if (address - STACKS < STACKS_END - STACKS &&
		address % STACK_STRIDE < STACK_STRIDE - STACK_SIZE)
		return "process's kernel";
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

	panic_trap(frame, "page fault: %s cannot %s " ADDRESS_FORMAT "%s: %s",
		error & PF_U ? "user code" : "the kernel", access, (unsigned long long)address,
		describe_address(address), why);
}

/* A push onto a full stack faults; the page fault's own frame finds no room either. */
void double_fault_panic(const struct trap_frame *frame)
{
	const char *stack = guarded_stack(cr2_read());

	if (!stack)
		stack = guarded_stack(trap_sp(frame) - 1);
	if (stack)
		panic_trap(frame, "double fault: the %s stack is full, " SP_NAME " " ADDRESS_FORMAT,
			stack, (unsigned long long)trap_sp(frame));
	panic_trap(frame,
		"double fault: an exception could not be delivered, " SP_NAME " " ADDRESS_FORMAT,
		(unsigned long long)trap_sp(frame));
}
