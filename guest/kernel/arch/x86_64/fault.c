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
		if ((uintptr_t)&fixup->instruction + fixup->instruction != frame->rip)
			continue;
		frame->rip = (uintptr_t)&fixup->target + fixup->target;
		return true;
	}
	return false;
}

/* Where either instruction fails, its counter is not 0 afterwards. */
bool memory_try_copy(void *to, const void *from, size_t n)
{
	size_t words = n / 8, bytes = n % 8;

	asm volatile("1: rep movsq\n"
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
	size_t words = n / 8, bytes = n % 8;

	asm volatile("1: rep stosq\n"
		     "	mov %2, %%rcx\n"
		     "2: rep stosb\n"
		     "	jmp 4f\n"
		     "3:	mov $1, %%ecx\n"
		     "4:\n"
		     "	.pushsection .fixups, \"a\"\n"
		     "	.long 1b - ., 3b - .\n"
		     "	.long 2b - ., 3b - .\n"
		     "	.popsection"
		     : "+D"(to), "+c"(words)
		     : "r"(bytes), "a"(0ull)
		     : "memory");
	return words == 0;
}

static bool fixup_exists(const struct trap_frame *frame)
{
	for (const struct fixup *fixup = fixups_start; fixup < fixups_end; fixup++) {
		if ((uintptr_t)&fixup->instruction + fixup->instruction == frame->rip)
			return true;
	}
	return false;
}

/*
 * Some KVMs that emulate CPL 0 (kvm_pvm of Linux 6.18) do all that SYSCALL does but leave CPL 3:
 * the kernel's first instruction then faults as if the program had jumped there. A program that
 * really jumps there gets what it would get by SYSCALL, so the two need not be told apart.
 */
static bool is_lost_syscall(const struct trap_frame *frame)
{
	return frame->rip == (uintptr_t)syscall_entry && frame->error & PF_I &&
	       frame->rcx < USER_LIMIT;
}

static void handle_lost_syscall(struct trap_frame *frame)
{
	frame->rip = frame->rcx;
	frame->rflags = (frame->r11 & RFLAGS_USER) | RFLAGS_IF | RFLAGS_FIXED;
	frame->vector = VECTOR_SYSCALL;
	frame->error = frame->rax;
	syscall_handle(frame);
}

/* The kernel touches the memory of programs only by instructions that may fail. */
bool page_fault_handle(struct trap_frame *frame)
{
	uint64_t address = cr2_read();

	if (frame->error & PF_RSVD)
		return false;
	if (trap_from_user(frame)) {
		if (is_lost_syscall(frame))
			handle_lost_syscall(frame);
		else
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
	if (address - STACKS < KERNEL_BASE - STACKS &&
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
