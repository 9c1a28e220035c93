/* SPDX-License-Identifier: MIT */
/*
 * test_smp.c: guests that start their other CPUs with INIT and SIPI (SDM vol. 3, 8.4 "Multiple-
 * Processor (MP) Initialization"), and every way in which such a machine ends. Needs KVM.
 */
#include "host_cpu.h"
#include "suite.h"
#include "tiny_guest.h"
#include "vmm_process.h"

#define LAPIC_ON "movl $0x1ff, 0xfee000f0\n"
/* To all CPUs but this one: ICR, SDM vol. 3, 10.6.1. */
#define SEND_INIT "movl $0xc4500, 0xfee00300\n"
#define SEND_SIPI "movl $0xc4608, 0xfee00300\n" /* start at 0x8000 */
#define SEND_NMI  "movl $0xc4400, 0xfee00300\n"

/* Copies code from 16-bit label 5 to label 6 to address to. */
#define COPY(from, length, to)                                                       \
	"mov $(" from " - start), %esi; mov $" to ", %edi; mov $(" length "), %ecx;" \
	"cld; rep movsb\n"
#define WAKE_OTHERS(name)                                                 \
	LAPIC_ON COPY(name "_ap", name "_ap_end - " name "_ap", "0x8000") \
		SEND_INIT SEND_SIPI SEND_SIPI
/* Until 0x9000 counts all other CPUs; boot information + 28 has the number of vCPUs. */
#define AWAIT_OTHERS "mov 28(%ebx), %eax; dec %eax; 7: pause; cmp %ax, 0x9000; jne 7b\n"
#define AP(name, code)                                                                            \
	".code16\n" name "_ap: xor %ax, %ax; mov %ax, %ds; mov %ax, %ss; mov $0x9f00, %sp\n" code \
	"\n" name "_ap_end:\n"
#define COUNT_ME "lock incw 0x9000\n"
#define HALT     "8: cli; hlt; jmp 8b\n"

GUEST32(all_print, IRQCHIP_SPLIT,
	WAKE_OTHERS("all_print") AWAIT_OTHERS OUT8(0xe9, 'B') OUT8(0xe9, '\n') EXIT(0)
		AP("all_print", "mov $'A', %al; out %al, $0xe9\n" COUNT_ME HALT));
GUEST32(ap_exits, IRQCHIP_SPLIT,
	WAKE_OTHERS("ap_exits") "1: sti; hlt; jmp 1b\n" AP("ap_exits", EXIT(9)));
GUEST32(ap_exits_spin, IRQCHIP_FULL,
	WAKE_OTHERS("ap_exits_spin") "1: jmp 1b\n" AP("ap_exits_spin", EXIT(9)));
GUEST32(ap_panics, IRQCHIP_SPLIT,
	WAKE_OTHERS("ap_panics") "1: pause; jmp 1b\n" AP("ap_panics", OUT8(0x505, 1) HALT));
GUEST32(ap_storms, IRQCHIP_SPLIT,
	WAKE_OTHERS("ap_storms") AWAIT_OTHERS EXIT(4)
		AP("ap_storms", COUNT_ME "1: in $0x61, %al; jmp 1b\n"));
GUEST32(all_halt, IRQCHIP_SPLIT,
	WAKE_OTHERS("all_halt") AWAIT_OTHERS HALT AP("all_halt", COUNT_ME HALT));
GUEST32(all_loop, IRQCHIP_SPLIT,
	WAKE_OTHERS("all_loop") "1: sti; hlt; jmp 1b\n" AP("all_loop", "1: sti; hlt; jmp 1b\n"));

/* The other CPU halts for good, so it seems; then an NMI wakes it, and after a while, when the
 * first has halted, it ends the guest. */
GUEST32(nmi_wakes, IRQCHIP_SPLIT,
	"movl $(nmi_wakes_handler - nmi_wakes_ap + 0x8000), 8\n" /* vector 2 of the real-mode table
                                                                  */
	WAKE_OTHERS("nmi_wakes") AWAIT_OTHERS
	"mov $20000, %ecx; 4: in $0x61, %al; loop 4b\n" /* 0.1 s and more */
	SEND_NMI HALT AP("nmi_wakes", COUNT_ME HALT
		"nmi_wakes_handler: mov $20000, %cx; 4: in $0x61, %al; loop 4b\n" EXIT(6)));

static const struct {
	const char *name, *begin, *end, *cpus;
	int status, or_status;
	const char *out;
} guests[] = {
#define GUEST(name) #name, guest_##name, guest_##name##_end
	{GUEST(all_print), "1", 0, 0, "B\n"},
	{GUEST(all_print), "2", 0, 0, "AB\n"},
	{GUEST(all_print), "4", 0, 0, "AAAB\n"},
	{GUEST(ap_exits), "2", 9, 9, ""},
	{GUEST(ap_exits), "4", 9, 9, ""},
	{GUEST(ap_exits_spin), "3", 9, 9, ""},
	{GUEST(ap_panics), "2", 81, 81, ""},
	{GUEST(ap_storms), "4", 4, 4, ""},
	{GUEST(all_halt), "1", 83, 83, ""},
	{GUEST(all_halt), "2", 83, 83, ""},
	{GUEST(all_halt), "4", 83, 83, ""},
	{GUEST(all_loop), "2", 124, 124, ""},
	{GUEST(nmi_wakes), "2", 6, 6, ""},
};

START_TEST(ends)
{
	const char *image = write_file(
		guests[_i].name, guests[_i].begin, (size_t)(guests[_i].end - guests[_i].begin));
	const char *limit = guests[_i].status == 124 ? "0.5" : "50";
	struct run *run = VMM("-c", guests[_i].cpus, "-t", limit, image);

	ck_assert_msg(run->status == guests[_i].status || run->status == guests[_i].or_status,
		"%s: status %d\n%.2000s", guests[_i].name, run->status, run->err);
	ck_assert_str_eq(run->out, guests[_i].out);
}
END_TEST

/* CPU 0 loads segments from a watched GDT, which the CPU marks as accessed there, while another CPU
 * counts to 3000 in the same page; ends with status 3 when no count was lost. */
GUEST32(gdt_and_count, IRQCHIP_SPLIT,
	"movl $0xffff, 0xa008; movl $0xcf9a00, 0xa00c\n"
	"movl $0xffff, 0xa010; movl $0xcf9200, 0xa014\n" WAKE_OTHERS(
		"gdt_and_count") "7: cmpw $0, 0xa800; je 7b; lgdt 3f - start; ljmp $8, $(1f - "
				 "start)\n"
				 "1: mov $0x10, %eax; mov %eax, %ss\n"
				 "7: cmpw $0xa, 0x9000; je 2f; jmp 7b\n"
				 "2: cmpw $3000, 0xa800; jne 4f\n" EXIT(3) "4:" EXIT(
					 4) "3: .word 0x17; .long 0xa000\n" AP("gdt_and_count",
					 "mov $3000, %cx; 4: incw 0xa800; loop 4b; movw $10, "
					 "0x9000\n" HALT));

START_TEST(one_loads_from_a_watched_gdt)
{
	struct run *run = VMM("-c", "2", "-t", "110", "--watch", "0xa008:8", "--watch", "0xa010:8",
		GUEST_FILE(gdt_and_count));

	ck_assert_msg(run->status == 3, "status %d: %.2000s", run->status, run->err);
	ck_assert_msg(
		host_is_tcg() || strstr(run->err, "0xcf9a000000ffff -> 0xcf9b000000ffff") != NULL,
		"%s", run->err);
	ck_assert_msg(
		strstr(run->err, "0xcf92000000ffff -> 0xcf93000000ffff") != NULL, "%s", run->err);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {{ends, LENGTH(guests)}, {one_loads_from_a_watched_gdt}};
	int status;

	if (!kvm_is_here("test_smp"))
		return 77;
	scratch();
	status = RUN_LOOPED_SUITE("smp", tests, 150);
	remove_scratch();
	return status;
}
