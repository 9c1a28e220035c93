/* SPDX-License-Identifier: MIT */
/*
 * test_endings.c: every way in which a guest can end, and the status vmm ends with: README.md,
 * "Exit status". Each guest is a few instructions. Needs KVM; skipped without.
 */
#include "suite.h"
#include "tiny_guest.h"
#include "vmm_process.h"

/* Ends that the guest asks for. */
GUEST64(acpi_off, IRQCHIP_NONE, TURN_OFF);
GUEST64(acpi_off_split, IRQCHIP_SPLIT, TURN_OFF);
GUEST64(acpi_off_full, IRQCHIP_FULL, TURN_OFF);
GUEST32(acpi_off_pm32, IRQCHIP_NONE, TURN_OFF);
GUEST16(acpi_off_real, IRQCHIP_NONE, TURN_OFF);
GUEST64(exit_0, IRQCHIP_NONE, EXIT(0));
GUEST64(exit_7, IRQCHIP_NONE, EXIT(7));
GUEST64(exit_wide, IRQCHIP_NONE, EXIT(0x12309));
GUEST64(exit_255, IRQCHIP_SPLIT, EXIT(255));
GUEST64(debug_exit, IRQCHIP_NONE, OUT8(0xf4, 3) "9: jmp 9b\n");
GUEST64(hypercall_exit, IRQCHIP_NONE, OUT8(0x500, 0) "9: jmp 9b\n");
GUEST64(keyboard_reset, IRQCHIP_NONE, OUT8(0x64, 0xfe) "9: jmp 9b\n");
GUEST64(panic, IRQCHIP_NONE, OUT8(0x505, 1) "9: jmp 9b\n");
GUEST64(panic_split, IRQCHIP_SPLIT, OUT8(0x505, 1) "9: jmp 9b\n");

/* Deaths. */
GUEST64(early_ud, IRQCHIP_NONE, "ud2\n");
GUEST64(early_pf, IRQCHIP_SPLIT, "mov 0x7ffffff00000, %al\n");
GUEST32(early_ud_pm32, IRQCHIP_NONE, "ud2\n");
GUEST64(triple, IRQCHIP_NONE, "lidt no_idt(%rip); ud2; no_idt: .word 0; .quad 0\n");
GUEST64(triple_full, IRQCHIP_FULL, "lidt no_idt2(%rip); ud2; no_idt2: .word 0; .quad 0\n");
GUEST32(fetch_nowhere, IRQCHIP_NONE, "mov $0xd0000000, %eax; jmp *%eax\n");

/* A write to the boot traps' port that comes from elsewhere is a write to a port. */
GUEST64(port_f5, IRQCHIP_NONE, OUT8(0xf5, 0) EXIT(5));

/* Ends that are none. */
GUEST64(halt_none, IRQCHIP_NONE, "cli; hlt\n");
GUEST64(halt_split, IRQCHIP_SPLIT, "cli; hlt\n");
GUEST64(halt_full, IRQCHIP_FULL, "cli; hlt\n");
GUEST16(halt_real, IRQCHIP_SPLIT, "cli; hlt\n");
/* LINT1 as NMI, as kernels set it; LINT0 as NMI can come from the PIT. */
GUEST32(halt_lint1, IRQCHIP_FULL, "movl $0x1ff, 0xfee000f0; movl $0x400, 0xfee00360; cli; hlt\n");
GUEST32(halt_lint0, IRQCHIP_FULL, "movl $0x1ff, 0xfee000f0; movl $0x400, 0xfee00350; cli; hlt\n");
GUEST64(halt_if_none, IRQCHIP_NONE, "sti; hlt\n");
GUEST64(halt_if_split, IRQCHIP_SPLIT, "1: sti; hlt; jmp 1b\n");
GUEST64(spin_none, IRQCHIP_NONE, "cli; 1: jmp 1b\n");
GUEST64(spin_split, IRQCHIP_SPLIT, "cli; 1: jmp 1b\n");
GUEST32(spin_pm32, IRQCHIP_SPLIT, "cli; 1: jmp 1b\n");
GUEST64(spin_if, IRQCHIP_SPLIT, "sti; 1: jmp 1b\n");
GUEST64(count_forever, IRQCHIP_NONE, "1: inc %rax; jmp 1b\n");
GUEST64(ports_forever, IRQCHIP_NONE, "1: in $0x61, %al; jmp 1b\n");

static const struct {
	const char *name, *begin, *end, *option, *value;
	int status;
	const char *out;   /* exactly */
	const char *words; /* in stderr; NULL: stderr is empty */
} endings[] = {
#define GUEST(name) #name, guest_##name, guest_##name##_end
	{GUEST(acpi_off), NULL, NULL, 0, "", NULL},
	{GUEST(acpi_off_split), NULL, NULL, 0, "", NULL},
	{GUEST(acpi_off_full), NULL, NULL, 0, "", NULL},
	{GUEST(acpi_off_pm32), NULL, NULL, 0, "", NULL},
	{GUEST(acpi_off_real), NULL, NULL, 0, "", NULL},
	{GUEST(acpi_off), "-m", "2M", 0, "", NULL},
	{GUEST(acpi_off), "-m", "3G", 0, "", NULL},
	{GUEST(acpi_off), "-m", "5G", 0, "", NULL},
	{GUEST(acpi_off), "-c", "2", 0, "", NULL},
	{GUEST(acpi_off_full), "-c", "4", 0, "", NULL},
	{GUEST(exit_0), NULL, NULL, 0, "", NULL},
	{GUEST(exit_7), NULL, NULL, 7, "", NULL},
	{GUEST(exit_wide), NULL, NULL, 9, "", NULL},
	{GUEST(exit_255), NULL, NULL, 255, "", NULL},
	{GUEST(debug_exit), NULL, NULL, 7, "", NULL},
	{GUEST(hypercall_exit), NULL, NULL, 0, "", NULL},
	{GUEST(keyboard_reset), NULL, NULL, 0, "", "vmm: the guest asked for a reset (i8042)\n"},
	{GUEST(keyboard_reset), "-q", "-q", 0, "", NULL},
	{GUEST(panic), NULL, NULL, 81, "", "vmm: the guest kernel panicked\n"},
	{GUEST(panic_split), NULL, NULL, 81, "", "vmm: the guest kernel panicked\n"},
	{GUEST(early_ud), NULL, NULL, 80, "", "before it had loaded an IDT\n"},
	{GUEST(early_pf), NULL, NULL, 80, "", "before it had loaded an IDT\n"},
	{GUEST(early_ud_pm32), NULL, NULL, 80, "", "before it had loaded an IDT\n"},
	{GUEST(triple), NULL, NULL, 80, "", "vmm: the guest died of a triple fault\n"},
	{GUEST(triple_full), NULL, NULL, 80, "", "vmm: the guest died of a triple fault\n"},
	{GUEST(fetch_nowhere), NULL, NULL, 82, "", "vmm: KVM gave up"},
	{GUEST(port_f5), NULL, NULL, 5, "", NULL},
	{GUEST(halt_none), NULL, NULL, 83, "", "vmm: the guest can never run again\n"},
	{GUEST(halt_split), NULL, NULL, 83, "", "vmm: the guest can never run again\n"},
	{GUEST(halt_full), NULL, NULL, 83, "", "vmm: the guest can never run again\n"},
	{GUEST(halt_real), NULL, NULL, 83, "", "vmm: the guest can never run again\n"},
	{GUEST(halt_lint1), "-t", "20", 83, "", "vmm: the guest can never run again\n"},
	{GUEST(halt_lint0), "-t", "0.3", 124, "", "vmm: the guest was stopped at the timeout\n"},
	{GUEST(halt_if_none), NULL, NULL, 83, "", "vmm: the guest can never run again\n"},
	{GUEST(halt_split), "-c", "3", 83, "", "vmm: the guest can never run again\n"},
	{GUEST(halt_if_split), "-t", "0.3", 124, "", "vmm: the guest was stopped at the timeout\n"},
	{GUEST(spin_none), NULL, NULL, 83, "", "vmm: the guest can never run again\n"},
	{GUEST(spin_split), NULL, NULL, 83, "", "vmm: the guest can never run again\n"},
	{GUEST(spin_pm32), NULL, NULL, 83, "", "vmm: the guest can never run again\n"},
	{GUEST(spin_if), "-t", "0.5", 124, "", "vmm: the guest was stopped at the timeout\n"},
	{GUEST(count_forever), "-t", "0.3", 124, "", "vmm: the guest was stopped at the timeout\n"},
	{GUEST(ports_forever), "-t", "0.3", 124, "", "vmm: the guest was stopped at the timeout\n"},
	{GUEST(exit_7), "-t", "60", 7, "", NULL},
	{GUEST(exit_7), "--expect", "x", 84, "",
		"vmm: the guest ended without a line that matches"},
};

START_TEST(ending)
{
	const char *image = write_file(
		endings[_i].name, endings[_i].begin, (size_t)(endings[_i].end - endings[_i].begin));
	struct run *run =
		endings[_i].option ? VMM(endings[_i].option, endings[_i].value, image) : VMM(image);

	ck_assert_msg(run->status == endings[_i].status, "%s: status %d\n%.2000s", endings[_i].name,
		run->status, run->err);
	ck_assert_str_eq(run->out, endings[_i].out);
	if (endings[_i].words)
		ck_assert_msg(strstr(run->err, endings[_i].words) != NULL, "%s: %.2000s",
			endings[_i].name, run->err);
	else
		ck_assert_str_eq(run->err, "");
}
END_TEST

/* KVM repeats vmcall for ever, or returns an error to the guest: api.rst, 5, KVM_EXIT_HYPERCALL. */
GUEST64(vmcall, IRQCHIP_NONE, "vmcall\n" EXIT(3));

START_TEST(vmcall_does_not_hang)
{
	struct run *run = VMM(GUEST_FILE(vmcall));

	if (run->status != 3) {
		ck_assert_int_eq(run->status, 83);
		ck_assert_ptr_nonnull(strstr(run->err, "vmm: the guest can never run again\n"));
	}
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{ending, LENGTH(endings)},
		{vmcall_does_not_hang},
	};
	int status;

	if (!kvm_is_here("test_endings"))
		return 77;
	scratch();
	status = RUN_LOOPED_SUITE("endings", tests, 60);
	remove_scratch();
	return status;
}
