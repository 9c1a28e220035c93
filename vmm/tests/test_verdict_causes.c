/* SPDX-License-Identifier: MIT */
/*
 * test_verdict_causes.c: verdicts that look behind the first exception: at what a table, a stack or
 * a caller was meant to be. Each with its counterpart, in which that is not certain.
 */
#include <string.h>

#include "death_scene.h"
#include "suite.h"

#define CODE(scene, bytes) scene_code(scene, bytes, sizeof(bytes) - 1)

/* A page directory entry without PS for its own frame, which holds code: no table. */
static struct death_scene *frame_as_table(void)
{
	struct death_scene *scene = scene_long();

	scene_put(scene, AT_PD, 0x03, 8);
	for (unsigned i = 0; i < 512; i++)
		scene_put(scene, 8 * i, 0x4855c3c9d48948fe, 8);
	return scene;
}

/* The same entry over an empty page may be a table that nobody filled. */
static struct death_scene *empty_table(void)
{
	struct death_scene *scene = scene_long();

	scene_put(scene, AT_PD, 0x03, 8);
	return scene;
}

/* call AT_CODE, at AT_CODE: the return address behind it every 16 bytes from below up. */
static void fill_stack(struct death_scene *scene, uint64_t from, uint64_t to)
{
	CODE(scene, "\xe8\xfb\xff\xff\xff");
	for (uint64_t at = from; at < to; at += 16)
		scene_put(scene, at, AT_CODE + 5, 4);
}

/* ESP went below 0, where the guest has no memory. */
static struct death_scene *wrapped_stack(void)
{
	struct death_scene *scene = scene_pm32();

	fill_stack(scene, 0x8, 0x800);
	scene->cpu.gpr[GPR_RSP] = 0xfffffff8;
	scene->evidence.death = DEATH_TIMEOUT;
	return scene;
}

/* The same deep recursion within its stack, and the death has another cause. */
static struct death_scene *deep_recursion(void)
{
	struct death_scene *scene = scene_pm32();

	fill_stack(scene, AT_STACK, AT_STACK + 0x800);
	scene->cpu.rip = AT_CODE + 0x10;
	scene_put(scene, AT_CODE + 0x10, 0x0b0f, 2);
	return scene;
}

/* A buffer that holds one value only is no recursion, though that is a return address. */
static struct death_scene *filled_buffer(void)
{
	struct death_scene *scene = wrapped_stack();

	for (uint64_t at = 0; at < 0x800; at += 4)
		scene_put(scene, at, AT_CODE + 5, 4);
	return scene;
}

/* mov %eax,%cr0 with PG, which vmm's boot IDT reports as #GP. */
static struct death_scene *paging_refused(void)
{
	struct death_scene *scene = scene_pm32();

	CODE(scene, "\x0f\x22\xc0");
	scene->cpu.gpr[GPR_RAX] = 0x80000011;
	scene->evidence.death = DEATH_BOOT_EXCEPTION;
	scene->evidence.boot_vector = 13;
	scene->evidence.boot_has_error = true;
	scene->evidence.kvm = "kvm_pvm";
	return scene;
}

/* Only one KVM does that. */
static struct death_scene *paging_refused_elsewhere(void)
{
	struct death_scene *scene = paging_refused();

	scene->evidence.kvm = "kvm_intel";
	return scene;
}

/* call *%rbx with RBX = 0; the guest is on its way through the zeros below the image. */
static struct death_scene *zeros_at_timeout(void)
{
	struct death_scene *scene = scene_long();

	scene_put(scene, AT_PML4, 0, 8); /* the tables elsewhere: 0 to AT_CODE are zeros */
	scene_put(scene, AT_PDPT, 0, 8);
	scene_put(scene, AT_PD, 0, 8);
	scene_put(scene, 0x101000, 0x102007, 8);
	scene_put(scene, 0x102000, 0x103007, 8);
	scene_put(scene, 0x103000, 0x87, 8);
	scene->cpu.cr3 = 0x101000;
	memset(scene->ram + AT_GDT, 0, 0x40);
	CODE(scene, "\xff\xd3");
	scene_put(scene, AT_STACK, AT_CODE + 2, 8);
	scene->cpu.rip = 0x4a2;
	scene->evidence.death = DEATH_TIMEOUT;
	return scene;
}

/* The call leads elsewhere, so it was not this one. */
static struct death_scene *other_call(void)
{
	struct death_scene *scene = zeros_at_timeout();

	scene->cpu.gpr[GPR_RBX] = AT_CODE;
	return scene;
}

/* The row's verdict when it is expected, any other when id begins with '!'. */
static const struct verdict_row rows[] = {
	{"large-page-bit-missing", frame_as_table},
	{"!large-page-bit-missing", empty_table},
	{"kvm-no-32bit-paging", paging_refused},
	{"!kvm-no-32bit-paging", paging_refused_elsewhere},
	{"null-call-through-zeros", zeros_at_timeout},
	{"!null-call-through-zeros", other_call},
	{"stack-overflow-recursion", wrapped_stack},
	{"!stack-overflow-recursion", deep_recursion},
	{"!stack-overflow-recursion", filled_buffer},
};

START_TEST(test_row)
{
	const char *id = rows[_i].id;
	struct death_scene *scene = rows[_i].make();

	scene_verdict(scene);
	if (*id == '!')
		ck_assert_str_ne(scene->verdict.id, id + 1);
	else
		ck_assert_msg(!strcmp(scene->verdict.id, id), "%s instead of %s: %s",
			scene->verdict.id, id, scene->verdict.cause);
	scene_free(scene);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict-causes");
	TCase *tcase = tcase_create("verdict-causes");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_row, 0, sizeof(rows) / sizeof(rows[0]));
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
