/* SPDX-License-Identifier: MIT */
/*
 * test_slots.c: read-only stretches against a model of one flag a page, and what KVM says to the
 * slots that are made of them.
 */
#include "slots.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "kvm.h"
#include "suite.h"

#define PAGES 64

static unsigned model_stretches(const bool model[PAGES])
{
	unsigned n = 0;

	for (unsigned i = 0; i < PAGES; i++)
		n += model[i] && (i == 0 || !model[i - 1]);
	return n;
}

static void expect_same(const struct slots *slots, const bool model[PAGES])
{
	bool pages[PAGES] = {false};
	uint64_t end = 0;

	ck_assert_uint_eq(slots->read_only_count, model_stretches(model));
	for (unsigned i = 0; i < slots->read_only_count; i++) {
		uint64_t gpa = slots->read_only[i].gpa, size = slots->read_only[i].size;

		ck_assert_uint_eq((gpa | size) & 0xfff, 0);
		ck_assert(size && (i == 0 || gpa > end)); /* sorted, and apart */
		end = gpa + size;
		for (uint64_t page = gpa >> 12; page < end >> 12; page++)
			pages[page] = true;
	}
	ck_assert_mem_eq(pages, model, sizeof(pages));
}

START_TEST(stretches_are_what_the_model_says)
{
	unsigned refused = 0;

	srandom((unsigned)_i);
	for (unsigned round = 0; round < 500; round++) {
		struct slots slots = {0};
		bool model[PAGES] = {false};

		for (unsigned i = 0; i < 12; i++) {
			uint64_t gpa = (uint64_t)random() % (PAGES * 4096);
			uint64_t size = 1 + (uint64_t)random() % (i % 3 ? 16 : 20000);
			bool wanted[PAGES];

			if (gpa + size > PAGES * 4096)
				size = PAGES * 4096 - gpa;
			memcpy(wanted, model, sizeof(model));
			for (uint64_t page = gpa >> 12; page <= (gpa + size - 1) >> 12; page++)
				wanted[page] = true;
			if (slots_protect(&slots, gpa, size)) {
				memcpy(model, wanted, sizeof(model));
			} else {
				ck_assert_uint_eq(model_stretches(wanted), 9);
				refused++;
			}
			expect_same(&slots, model);
		}
	}
	ck_assert_uint_gt(refused, 0);
}
END_TEST

static int create_vm(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);

	if (vm < 0)
		printf("skip: slots_of_kvm: /dev/kvm cannot be used here\n");
	return vm;
}

/* How many slots KVM ends up with, in RAM of 3 GiB and a page and 4 GiB and a page. */
START_TEST(slots_of_kvm)
{
	int vm = create_vm();
	struct guest_mem mem;
	struct slots slots = {0};
	struct error err;

	if (vm < 0)
		return;
	ck_assert(memory_create(&mem, 0xc0000000 + 0x3000, &err));
	ck_assert_msg(slots_apply(&slots, vm, &mem, &err), "%s", err.text);
	ck_assert_uint_eq(slots.used, 2);
	slots.flags = KVM_MEM_LOG_DIRTY_PAGES; /* changed in place */
	ck_assert_msg(slots_apply(&slots, vm, &mem, &err), "%s", err.text);
	ck_assert_uint_eq(slots.used, 2);
	slots.flags = 0;
	ck_assert(slots_protect(&slots, 0x5000, 1));
	ck_assert_msg(slots_apply(&slots, vm, &mem, &err), "%s", err.text);
	ck_assert_uint_eq(slots.used, 4); /* low: RAM, ro, RAM; high: RAM */
	ck_assert(slots_protect(&slots, 0, 1));
	ck_assert(slots_protect(&slots, 0xbfffffff, 1));
	ck_assert(slots_protect(&slots, 0x100000000, 0x3000));
	ck_assert_msg(slots_apply(&slots, vm, &mem, &err), "%s", err.text);
	ck_assert_uint_eq(slots.used, 6); /* low: ro, RAM, ro, RAM, ro; high: ro */
	memory_destroy(&mem);
}
END_TEST

START_TEST(kvm_refuses)
{
	struct guest_mem mem;
	struct slots slots = {0};
	struct error err;

	ck_assert(memory_create(&mem, 0x100000, &err));
	ck_assert(!slots_apply(&slots, -1, &mem, &err));
	ck_assert_int_eq(err.status, STATUS_HOST);
	ck_assert_str_eq(err.text, "KVM_SET_USER_MEMORY_REGION: Bad file descriptor");
	memory_destroy(&mem);
}
END_TEST

int main(void)
{
	const struct looped_test tests[] = {
		{stretches_are_what_the_model_says, 4},
		{slots_of_kvm},
		{kvm_refuses},
	};

	return RUN_LOOPED_SUITE("slots", tests, 60);
}
