/* SPDX-License-Identifier: MIT */
/*
 * case_sse_pm32_main.c: the C part of case_sse_pm32: clears a structure. files.mk compiles it with
 * SSE2 allowed, and once more, for the guest that lives, without.
 */
struct process {
	int id, state;
	unsigned stack, directory;
};

struct process processes[8];

void kernel_main(void);

void kernel_main(void)
{
	for (int i = 0; i < 8; i++)
		processes[i] = (struct process){0};
}
