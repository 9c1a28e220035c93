/* SPDX-License-Identifier: MIT */
/*
 * fault_why.c: names of the reasons, as tools and tests know them.
 */
#include "fault_reason.h"

const char *fault_why_name(enum fault_why why)
{
	static const char *const names[FAULT_WHY_COUNT] = {
		[FAULT_UNKNOWN] = "unknown",
		[FAULT_FETCH_PAGE] = "fetch_page",
		[FAULT_FETCH_NON_CANONICAL] = "fetch_non_canonical",
		[FAULT_FETCH_LIMIT] = "fetch_limit",
		[FAULT_TOO_LONG] = "too_long",
		[FAULT_INVALID_OPCODE] = "invalid_opcode",
		[FAULT_NOT_IN_64BIT_MODE] = "not_in_64bit_mode",
		[FAULT_NOT_IN_REAL_MODE] = "not_in_real_mode",
		[FAULT_BAD_LOCK] = "bad_lock",
		[FAULT_UD_INSN] = "ud_insn",
		[FAULT_SSE_NO_OSFXSR] = "sse_no_osfxsr",
		[FAULT_UNIT_EMULATED] = "unit_emulated",
		[FAULT_UNIT_SWITCHED] = "unit_switched",
		[FAULT_NO_OSXSAVE] = "no_osxsave",
		[FAULT_NOT_IN_CPUID] = "not_in_cpuid",
		[FAULT_SYSCALL_OFF] = "syscall_off",
		[FAULT_FSGSBASE_OFF] = "fsgsbase_off",
		[FAULT_WRONG_PLACE] = "wrong_place",
		[FAULT_PRIVILEGED] = "privileged",
		[FAULT_IOPL] = "iopl",
		[FAULT_IO_BITMAP] = "io_bitmap",
		[FAULT_UMIP] = "umip",
		[FAULT_COUNTER_OFF] = "counter_off",
		[FAULT_CONTROL_RESERVED] = "control_reserved",
		[FAULT_CONTROL_COMBINATION] = "control_combination",
		[FAULT_PG_WITHOUT_PAE] = "pg_without_pae",
		[FAULT_PDPTE_RESERVED] = "pdpte_reserved",
		[FAULT_TABLE_NON_CANONICAL] = "table_non_canonical",
		[FAULT_MSR_NON_CANONICAL] = "msr_non_canonical",
		[FAULT_MSR_RESERVED] = "msr_reserved",
		[FAULT_MSR_UNKNOWN] = "msr_unknown",
		[FAULT_SELECTOR_NULL] = "selector_null",
		[FAULT_SELECTOR_LIMIT] = "selector_limit",
		[FAULT_SELECTOR_TYPE] = "selector_type",
		[FAULT_SELECTOR_PRIVILEGE] = "selector_privilege",
		[FAULT_SELECTOR_NOT_PRESENT] = "selector_not_present",
		[FAULT_DESCRIPTOR_PAGE] = "descriptor_page",
		[FAULT_IRET_NESTED] = "iret_nested",
		[FAULT_GATE] = "gate",
		[FAULT_OPERAND_PAGE] = "operand_page",
		[FAULT_OPERAND_NON_CANONICAL] = "operand_non_canonical",
		[FAULT_OPERAND_MISALIGNED] = "operand_misaligned",
		[FAULT_OPERAND_LIMIT] = "operand_limit",
		[FAULT_OPERAND_SEGMENT] = "operand_segment",
		[FAULT_ALIGNMENT_CHECK] = "alignment_check",
		[FAULT_TARGET_NON_CANONICAL] = "target_non_canonical",
		[FAULT_TARGET_LIMIT] = "target_limit",
		[FAULT_PAGE_CHANGED] = "page_changed",
		[FAULT_DIVIDE_BY_ZERO] = "divide_by_zero",
		[FAULT_DIVIDE_OVERFLOW] = "divide_overflow",
		[FAULT_BOUND] = "bound",
		[FAULT_OVERFLOW_TRAP] = "overflow_trap",
		[FAULT_BREAKPOINT_INSN] = "breakpoint_insn",
		[FAULT_DEBUG] = "debug",
		[FAULT_FLOATING_POINT] = "floating_point",
	};

	return why < FAULT_WHY_COUNT ? names[why] : "unknown";
}
