/* SPDX-License-Identifier: MIT */
/*
 * test_verdict_first_kernels.c: verdicts on mistakes of first kernels that look like another one,
 * each with its counterpart.
 */
#include <stdio.h>
#include <string.h>

#include "death_scene.h"
#include "suite.h"

#define CODE(scene, bytes) scene_code(scene, bytes, sizeof(bytes) - 1)

/* int $0x80 in user mode through a gate of this type byte, on this KVM. */
static struct death_scene *user_int(const char *kvm, uint8_t type)
{
	struct death_scene *scene = scene_long();

	scene_user(scene);
	scene_put(scene, AT_TSS + 4, AT_STACK, 8);
	CODE(scene, "\xcd\x80");
	scene_gate(scene, 0x80, AT_CODE + 0x100, 0x08, type, 0);
	scene->evidence.kvm = kvm;
	return scene;
}

static struct death_scene *int_good_gate(void)
{
	return user_int("kvm_pvm", 0xee);
}

static struct death_scene *int_good_elsewhere(void)
{
	return user_int("kvm_intel", 0xee);
}

static struct death_scene *int_dpl0(void)
{
	return user_int("kvm_intel", 0x8e);
}

/* With a handler of #GP, too: the death came otherwise, the gate is wrong all the same. */
static struct death_scene *int_dpl0_handled(void)
{
	struct death_scene *scene = user_int("kvm_pvm", 0x8e);

	scene_gate(scene, 13, AT_CODE + 0x100, 0x08, 0x8e, 0);
	return scene;
}

/* ud2 without a gate, and a handler of the #GP that follows. */
static struct death_scene *ud2_gp_gate(const char *kvm)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x0f\x0b");
	scene_gate(scene, 13, AT_CODE + 0x100, 0x08, 0x8e, 0);
	scene->evidence.kvm = kvm;
	return scene;
}

static struct death_scene *doubles_at_once(void)
{
	return ud2_gp_gate("kvm_pvm");
}

static struct death_scene *doubles_elsewhere(void)
{
	return ud2_gp_gate("kvm_amd");
}

/* The row's verdict when it is expected, any other when id begins with '!'. */
static const struct verdict_row rows[] = {
	{"kvm-int-raises-ud", int_good_gate},
	{"unexplained", int_good_elsewhere},
	{"gate-not-for-user", int_dpl0},
	{"gate-not-for-user", int_dpl0_handled},
	{"kvm-double-fault-at-once", doubles_at_once},
	{"unexplained", doubles_elsewhere},
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

/* #UD has no handler: only the #GP has that its delivery raises. */
START_TEST(test_handler_of_what_follows)
{
	struct death_scene *scene = doubles_elsewhere();

	scene_verdict(scene);
	ck_assert_ptr_null(strstr(scene->verdict.cause, "raises #UD, which has a handler"));
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "so that #GP follows"));
	scene_free(scene);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict-first-kernels");
	TCase *tcase = tcase_create("verdict-first-kernels");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_row, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, test_handler_of_what_follows);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
