# bisect: from "this image lives, that one dies" to what matters. It is made of the monitor's own parts.

bisect_main    := tools/bisect.d/main.c
bisect_sources := tools/bisect.d/answer.c \
	tools/bisect.d/answer_json.c \
	tools/bisect.d/answer_text.c \
	tools/bisect.d/answer_value.c \
	tools/bisect.d/build.c \
	tools/bisect.d/change.c \
	tools/bisect.d/command.c \
	tools/bisect.d/content.c \
	tools/bisect.d/diff.c \
	tools/bisect.d/elf_headers.c \
	tools/bisect.d/elf_reach.c \
	tools/bisect.d/elf_symbols.c \
	tools/bisect.d/flags.c \
	tools/bisect.d/hunt.c \
	tools/bisect.d/judge.c \
	tools/bisect.d/layout_way.c \
	tools/bisect.d/mover.c \
	tools/bisect.d/objects.c \
	tools/bisect.d/options.c \
	tools/bisect.d/options_help.c \
	tools/bisect.d/pad_object.c \
	tools/bisect.d/pair.c \
	tools/bisect.d/pool.c \
	tools/bisect.d/progress.c \
	tools/bisect.d/prove.c \
	tools/bisect.d/rates.c \
	tools/bisect.d/relocate.c \
	tools/bisect.d/results.c \
	tools/bisect.d/results_show.c \
	tools/bisect.d/search.c \
	tools/bisect.d/session.c \
	tools/bisect.d/session_answer.c \
	tools/bisect.d/session_inputs.c \
	tools/bisect.d/session_layout.c \
	tools/bisect.d/shape.c \
	tools/bisect.d/symbol_diff.c \
	tools/bisect.d/tester.c \
	tools/bisect.d/verdicts.c \
	tools/bisect.d/vm.c

bisect_libs := $(autopsy_libs) -lm -lpthread

# It stands beside vmm, which it starts for the autopsy; build/tools/bisect is the same program.
$(BUILD)/bisect: $(call objs,$(bisect_main) $(bisect_sources) $(vmm_sources)) $(BUILD)/libautopsy.a
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ $^ $(bisect_libs)
	$(Q)mkdir -p $(BUILD)/tools && ln -sf ../bisect $(BUILD)/tools/bisect

programs += $(BUILD)/bisect

bisect_tests := test_bisect test_bisect_results test_bisect_builds test_bisect_search test_bisect_symbols
test_programs += $(bisect_tests:%=$(BUILD)/tests/%) tools/bisect.d/tests/test-git-bisect
bisect_test_sources := $(bisect_tests:%=tools/bisect.d/tests/%.c)

$(call objs,$(bisect_main) $(bisect_sources) $(bisect_test_sources)): cflags += -Itools/bisect.d
$(call objs,$(bisect_test_sources)): cflags += -Ivmm/tests -Wno-missing-field-initializers

$(bisect_tests:%=$(BUILD)/tests/%): $(BUILD)/tests/%: $(BUILD)/obj/tools/bisect.d/tests/%.o \
		$(call objs,$(bisect_sources) $(vmm_sources)) $(BUILD)/libautopsy.a
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ $^ $(bisect_libs) -lcheck -lsubunit -lrt

# make bench
bisect_bench   := tools/bisect.d/bench/bench_bisect.c
bench_programs += $(BUILD)/bench/bench_bisect
$(call objs,$(bisect_bench)): cflags += -Itools/bisect.d -Wno-missing-field-initializers
$(BUILD)/bench/bench_bisect: $(call objs,$(bisect_bench) $(bisect_sources) $(vmm_sources)) $(BUILD)/libautopsy.a
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ $^ $(bisect_libs)

-include $(patsubst %.o,%.d,$(call objs,$(bisect_main) $(bisect_sources) $(bisect_test_sources) $(bisect_bench)))

# What make check-svm and make check-vmx run: everything whose answers come from the KVM, and the autopsy's own suites
# where that is no matter of minutes.
svm_tests   := test_guests $(filter-out test_broken_kvm,$(machine_tests)) test_walk_kvm test_kernel test_kernel32 \
	test_user test_user32 $(filter test_delivery% test_fault_system test_find% test_verdict test_verdict_causes,$(tests))
# Bochs is some fifty times slower than a CPU: the crash guests, what differs between KVMs, and the 32-bit kernel.
vmx_tests   := test_guests test_host test_probe test_pse32 test_kernel32
# Of the crash guests each so-manieth row.
svm_step    ?= 1
vmx_step    ?= 1
lab_options := --timeout 1500 --with /bin/bash

# Kernels for its tests, of which one function of heap.c is compiled wrong: make_used() marks a block as free, in as many
# bytes; and units_for() forgets the red zone, which makes heap_alloc() longer and shifts what follows. Their files are
# compiled one by one: objects that are to be optimised together are no code yet.
planted        := $(BUILD)/guest/planted
planted_obj    := $(BUILD)/obj/planted
planted_cflags := $(filter-out -flto,$(kernel64_cflags))
planted_heap   := $(planted_obj)/guest/kernel/heap.o
planted_kernel := $(filter-out $(planted_heap),$(k64_objs:$(k64)/%=$(planted_obj)/%)) $(planted_obj)/symbols-none.o
planted_images := $(planted)/good.elf $(planted)/alike.elf $(planted)/shifted.elf $(planted)/objects.list
test_images    += $(planted_images)

$(planted_obj)/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(call say,CC64,$<)$(guest_cc) $(planted_cflags) -MMD -MP -c -o $@ $<

$(planted_obj)/%.o: %.S
	$(Q)mkdir -p $(@D)
	$(call say,AS64,$<)$(guest_cc) $(planted_cflags) -MMD -MP -c -o $@ $<

$(planted_obj)/symbols-none.o: $(k64)/symbols-none.S
	$(Q)mkdir -p $(@D)
	$(call say,AS64,$<)$(guest_cc) $(planted_cflags) -c -o $@ $<

-include $(planted_kernel:.o=.d) $(planted_heap:.o=.d)

$(planted)/alike.c: plant   := s/block->state = STATE_USED/block->state = STATE_FREE/
$(planted)/shifted.c: plant := s/size + RED_ZONE + UNIT - 1/size + UNIT - 1/
$(planted)/%.c: guest/kernel/heap.c tools/files.mk
	$(Q)mkdir -p $(@D)
	$(Q)(echo '# 1 "$<"'; sed '$(plant)' $<) >$@ && ! sed 1d $@ | cmp -s - $<

$(planted)/%.o: $(planted)/%.c
	$(call say,CC64,$<)$(guest_cc) $(planted_cflags) -c -o $@ $<

$(planted)/good.elf: $(planted_heap)
$(planted)/alike.elf: $(planted)/alike.o
$(planted)/shifted.elf: $(planted)/shifted.o
$(planted)/good.elf $(planted)/alike.elf $(planted)/shifted.elf: $(planted_kernel) $(k64)/kernel.lds
	$(Q)mkdir -p $(@D)
	$(call say,LD64,$@)$(guest_cc) $(planted_cflags) $(kernel_ldflags) -Wl,-T,$(k64)/kernel.lds -o $@ $(filter %.o,$^)

# The objects of the second build, some of which differ without harm, and the order of linking by names below
# $(planted_obj).
$(planted)/objects.list: $(planted_kernel) $(planted_heap) $(planted)/shifted.o
	$(Q)mkdir -p $(planted)/objects && cp -r $(planted_obj)/. $(planted)/objects/
	$(Q)cp $(planted)/shifted.o $(planted)/objects/guest/kernel/heap.o
	$(Q)strip -g $(planted)/objects/guest/kernel/process/*.o $(planted)/objects/guest/kernel/time.o
	$(Q)printf '%s\n' $(patsubst $(planted_obj)/%,%,$(filter $(planted_obj)/%,$^)) >$@
