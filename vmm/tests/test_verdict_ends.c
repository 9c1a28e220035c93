/* SPDX-License-Identifier: MIT */
/*
 * test_verdict_ends.c: the verdict for interrupts, hangs, panics and a KVM that gives up, written
 * down by hand; and the list of all ids against docs/autopsy.md.
 */
#include <ctype.h>
#include <stdio.h>

#include "death_scene.h"
#include "suite.h"

#define CODE(scene, bytes) scene_code(scene, bytes, sizeof(bytes) - 1)

static struct death_scene *timer(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x90");
	scene->cpu.rflags = 0x202;
	scene->evidence.pic[0] = (struct pic_state){.valid = true, .isr = 1, .vector_base = 0x20};
	return scene;
}

static struct death_scene *keyboard_as_9(void)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\xf4");
	scene->evidence.death = DEATH_STUCK;
	scene->evidence.stuck = STUCK_HLT_IF0;
	scene->evidence.pic[0] = (struct pic_state){.valid = true, .isr = 2, .vector_base = 8};
	return scene;
}

static struct death_scene *timer_as_8(void)
{
	struct death_scene *scene = keyboard_as_9();

	scene->evidence.pic[0].isr = 1;
	return scene;
}

static struct death_scene *ended(enum death death, enum stuck stuck)
{
	struct death_scene *scene = scene_long();

	CODE(scene, "\x90\x90\x90\x90");
	scene->evidence.death = death;
	scene->evidence.stuck = stuck;
	return scene;
}

static struct death_scene *halted(void)
{
	return ended(DEATH_STUCK, STUCK_HLT_IF0);
}

static struct death_scene *masked(void)
{
	return ended(DEATH_STUCK, STUCK_HLT_MASKED);
}

static struct death_scene *spins(void)
{
	return ended(DEATH_STUCK, STUCK_SPIN_IF0);
}

static struct death_scene *vmcall(void)
{
	return ended(DEATH_STUCK, STUCK_VMCALL);
}

static struct death_scene *runs(void)
{
	return ended(DEATH_TIMEOUT, STUCK_NONE);
}

static struct death_scene *idles(void)
{
	struct death_scene *scene = runs();

	scene->cpu.run_state = CPU_HALTED;
	scene->cpu.rflags = 0x202;
	return scene;
}

static struct death_scene *no_eoi(void)
{
	struct death_scene *scene = idles();

	scene->evidence.pic[0] = (struct pic_state){.valid = true, .isr = 1, .vector_base = 0x20};
	return scene;
}

static struct death_scene *polls(bool unclaimed)
{
	struct death_scene *scene = runs();

	CODE(scene, "\xec\xeb\xfd"); /* 1: in %dx,%al; jmp 1b */
	scene->evidence.exit_count = 1;
	scene->evidence.exits[0] = (struct exit_record){
		.reason = 2, .where = 0x1f7, .value = 0xff, .size = 1, .count = 123456};
	scene->evidence.unclaimed_count = unclaimed;
	scene->evidence.unclaimed[0] = (struct unclaimed){.where = 0x1f7, .reads = 123456};
	return scene;
}

static struct death_scene *polls_nobody(void)
{
	return polls(true);
}

static struct death_scene *polls_somebody(void)
{
	return polls(false);
}

/* The exits are from before: the code at RIP makes none. */
static struct death_scene *polled_once(void)
{
	struct death_scene *scene = polls(true);

	CODE(scene, "\x90\xeb\xfd");
	return scene;
}

/* RIP is behind the hlt, and what follows it would fault, were it executed. */
static struct death_scene *halted_before_zeros(void)
{
	struct death_scene *scene = halted();

	CODE(scene, "\xf4\x00\x00");
	scene->cpu.rip = AT_CODE + 1;
	scene->cpu.gpr[GPR_RAX] = 0x40000000;
	scene_gate(scene, 14, AT_CODE + 0x100, 0x08, 0x8e, 0);
	return scene;
}

/* ud2 with a handler at AT_CODE + 0x100, and where the ticks found the CPU. */
static struct death_scene *faults(uint64_t other)
{
	struct death_scene *scene = runs();

	CODE(scene, "\x0f\x0b\xeb\xfc"); /* 1: ud2; jmp 1b */
	scene_gate(scene, 6, AT_CODE + 0x100, 0x08, 0x8e, 0);
	scene->evidence.samples[0] = (struct sample){.rip = AT_CODE, .count = 20};
	scene->evidence.samples[1] = (struct sample){.rip = other, .count = 10};
	scene->evidence.sample_count = 2;
	return scene;
}

static struct death_scene *faults_for_ever(void)
{
	return faults(AT_CODE + 0x100);
}

static struct death_scene *faults_and_goes_on(void)
{
	return faults(AT_CODE + 2);
}

/* 1: xchg %eax,0x18000; test %eax,%eax; jnz 1b */
static struct death_scene *waits_for_lock(void)
{
	struct death_scene *scene = runs();

	CODE(scene, "\x87\x04\x25\x00\x80\x01\x00\x85\xc0\x75\xf5");
	return scene;
}

/* 1: lock incl 0x18000; jmp 1b */
static struct death_scene *counts(void)
{
	struct death_scene *scene = runs();

	CODE(scene, "\xf0\xff\x04\x25\x00\x80\x01\x00\xeb\xf6");
	return scene;
}

/* 1: pause; cmpl $0,0x18000; jne 2f; dec %ecx; jnz 1b; 2: */
static struct death_scene *waits_so_long(void)
{
	struct death_scene *scene = runs();

	CODE(scene, "\xf3\x90\x83\x3c\x25\x00\x80\x01\x00\x00\x75\x04\xff\xc9\x75\xf0");
	return scene;
}

static struct death_scene *panics(void)
{
	return ended(DEATH_PANIC, STUCK_NONE);
}

static struct death_scene *refused(void)
{
	return ended(DEATH_FAIL_ENTRY, STUCK_NONE);
}

static struct death_scene *strange_exit(void)
{
	return ended(DEATH_UNKNOWN_EXIT, STUCK_NONE);
}

static struct death_scene *emulation(void)
{
	struct death_scene *scene = ended(DEATH_KVM_INTERNAL, STUCK_NONE);

	scene->evidence.internal_suberror = 1;
	scene->evidence.kvm = "kvm_pvm";
	return scene;
}

/* mov %eax,%cr0 with PG, right by the architecture, and a KVM without 32-bit paging. */
static struct death_scene *no_paging32(void)
{
	struct death_scene *scene = scene_pm32();

	CODE(scene, "\x0f\x22\xc0");
	scene->cpu.gpr[GPR_RAX] = 0x80000011;
	scene->evidence.kvm = "kvm_pvm";
	return scene;
}

static const struct verdict_row rows[] = {
	{"interrupt-without-gate", timer},
	{"pic-not-remapped", keyboard_as_9},
	{"irq0-as-vector-8", timer_as_8},
	{"halted-interrupts-off", halted},
	{"halted-nothing-enabled", masked},
	{"spins-interrupts-off", spins},
	{"vmcall-spin", vmcall},
	{"running-at-timeout", runs},
	{"idle-at-timeout", idles},
	{"eoi-missing", no_eoi},
	{"polls-missing-device", polls_nobody},
	{"polls-device", polls_somebody},
	{"running-at-timeout", polled_once},
	{"halted-interrupts-off", halted_before_zeros},
	{"fault-loop", faults_for_ever},
	{"running-at-timeout", faults_and_goes_on},
	{"deadlock-own-lock", waits_for_lock},
	{"running-at-timeout", counts},
	{"running-at-timeout", waits_so_long},
	{"kernel-panic", panics},
	{"kvm-entry-refused", refused},
	{"kvm-unknown-exit", strange_exit},
	{"kvm-cannot-emulate", emulation},
	{"kvm-no-32bit-paging", no_paging32},
};

START_TEST(test_row)
{
	verdict_row_check(&rows[_i]);
}
END_TEST

/* The handler of #PF raises #PF, and its stack has run out of mapped memory. */
START_TEST(test_handler_calls_itself)
{
	struct death_scene *scene = scene_long();
	struct place *rip = &scene->findings.rip;

	CODE(scene, "\x48\x8b\x03"); /* mov (%rbx),%rax */
	scene_gate(scene, 14, AT_CODE, 0x08, 0x8e, 0);
	scene->cpu.gpr[GPR_RBX] = 0x50000000;
	scene->cpu.gpr[GPR_RSP] = 0x40000000;
	ck_assert_str_eq(scene_verdict(scene), "stack-pointer-bad");
	rip->has_symbol = true;
	rip->symbol = (struct symbol){.address = AT_CODE, .size = 16};
	verdict_make(&scene->verdict, &scene->findings);
	ck_assert_str_eq(scene->verdict.id, "handler-faults");
	scene_free(scene);
}
END_TEST
//* The hlt is the byte before RIP, 0x10000. */
START_TEST(test_hlt_place)
{
	struct death_scene *scene = halted_before_zeros();

	scene_verdict(scene);
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "hlt at 0x10000,"));
	scene_free(scene);
}
END_TEST

START_TEST(test_panic_words)
{
	struct death_scene *scene = panics();
	const char *words = "boot\npanic: out of frames\n";

	/* vmm_log_ring: "VMMLOG", buffer, size, head. */
	scene_put(scene, 0x30000, 0x474f4c4d4d56, 8);
	scene_put(scene, 0x30008, 0x31000, 8);
	scene_put(scene, 0x30010, 4096, 8);
	scene_put(scene, 0x30018, strlen(words), 8);
	memcpy(scene->ram + 0x31000, words, strlen(words));
	scene->evidence.log_ring = 0x30000;
	scene_verdict(scene);
	ck_assert_ptr_nonnull(strstr(scene->verdict.cause, "panic: out of frames"));
	scene_free(scene);
}
END_TEST

START_TEST(test_ids)
{
	const char *id, *last = NULL;

	for (unsigned n = 0; (id = verdict_rule_id(n)); n++, last = id) {
		for (const char *c = id; *c; c++)
			ck_assert_msg(islower(*c) || isdigit(*c) || *c == '-', "%s", id);
		for (unsigned i = 0; i < n; i++)
			ck_assert_str_ne(verdict_rule_id(i), id);
	}
	ck_assert_str_eq(last, "unexplained");
}
END_TEST

static char *read_doc(void)
{
	FILE *file = fopen("docs/autopsy.md", "r");
	char *text = calloc(1, 1 << 20);

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_gt(fread(text, 1, (1 << 20) - 1, file), 0);
	fclose(file);
	return text;
}

START_TEST(test_each_id_is_documented)
{
	char *doc = read_doc(), heading[80];
	const char *id;

	for (unsigned n = 0; (id = verdict_rule_id(n)); n++) {
		snprintf(heading, sizeof(heading), "\n### %s\n", id);
		ck_assert_msg(strstr(doc, heading), "%s is not in docs/autopsy.md", id);
	}
	free(doc);
}
END_TEST

static bool is_rule(const char *name, size_t length)
{
	const char *id;

	for (unsigned n = 0; (id = verdict_rule_id(n)); n++)
		if (strlen(id) == length && !memcmp(id, name, length))
			return true;
	return false;
}

START_TEST(test_each_heading_is_an_id)
{
	char *doc = read_doc(), *at = doc;

	while ((at = strstr(at, "\n### "))) {
		at += 5;
		ck_assert_msg(is_rule(at, strcspn(at, "\n")), "no rule: %.40s", at);
	}
	free(doc);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdict-ends");
	TCase *tcase = tcase_create("verdict-ends");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, test_row, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tcase, test_handler_calls_itself);
	tcase_add_test(tcase, test_hlt_place);
	tcase_add_test(tcase, test_panic_words);
	tcase_add_test(tcase, test_ids);
	tcase_add_test(tcase, test_each_id_is_documented);
	tcase_add_test(tcase, test_each_heading_is_an_id);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
