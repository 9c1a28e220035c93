# The monitor: sources, one concept a file, and the programs made of them.

vmm_main    := vmm/main.c
vmm_sources := vmm/acpi_pm.c \
	vmm/boot.c \
	vmm/boot_map.c \
	vmm/boot_multiboot.c \
	vmm/bufcon.c \
	vmm/bus.c \
	vmm/checkpoint.c \
	vmm/cmos.c \
	vmm/colour.c \
	vmm/config.c \
	vmm/config_help.c \
	vmm/console.c \
	vmm/copier.c \
	vmm/core_file.c \
	vmm/crowd.c \
	vmm/death.c \
	vmm/debugcon.c \
	vmm/debugexit.c \
	vmm/devices.c \
	vmm/error.c \
	vmm/exit.c \
	vmm/exit_log.c \
	vmm/explain.c \
	vmm/explainer.c \
	vmm/file.c \
	vmm/gate_traps.c \
	vmm/guest_store.c \
	vmm/host.c \
	vmm/host_quirks.c \
	vmm/host_vm.c \
	vmm/hypercall.c \
	vmm/i8042.c \
	vmm/image.c \
	vmm/image_elf.c \
	vmm/image_flat.c \
	vmm/initrd.c \
	vmm/input.c \
	vmm/irqchip.c \
	vmm/keyboard.c \
	vmm/keymap.c \
	vmm/kvm.c \
	vmm/lines.c \
	vmm/machine.c \
	vmm/map.c \
	vmm/memory.c \
	vmm/msr.c \
	vmm/multiboot.c \
	vmm/outcome.c \
	vmm/outputs.c \
	vmm/probe.c \
	vmm/profile.c \
	vmm/pvpanic.c \
	vmm/replay.c \
	vmm/report_file.c \
	vmm/rerun.c \
	vmm/run.c \
	vmm/serial.c \
	vmm/session.c \
	vmm/slots.c \
	vmm/snapshot.c \
	vmm/stdin_reader.c \
	vmm/symbol_check.c \
	vmm/tagger.c \
	vmm/terminal.c \
	vmm/trace.c \
	vmm/user.c \
	vmm/vcpu.c \
	vmm/vcpu_state.c \
	vmm/watch.c \
	vmm/watch_lift.c \
	vmm/watchdog.c \
	vmm/watchlist.c

# What the monitor itself uses of the autopsy; all of it is in libautopsy.so.
autopsy_light := vmm/autopsy/boot_trap.c \
	vmm/autopsy/core_codec.c \
	vmm/autopsy/core_elf.c \
	vmm/autopsy/core_evidence.c \
	vmm/autopsy/core_format.c \
	vmm/autopsy/core_map.c \
	vmm/autopsy/core_read.c \
	vmm/autopsy/desc.c \
	vmm/autopsy/dump_text.c \
	vmm/autopsy/exception.c \
	vmm/autopsy/linear.c \
	vmm/autopsy/log_tail.c \
	vmm/autopsy/names.c \
	vmm/autopsy/region.c \
	vmm/autopsy/section_cpu.c \
	vmm/autopsy/section_machine.c \
	vmm/autopsy/section_memory.c \
	vmm/autopsy/text.c \
	vmm/autopsy/walk.c \
	vmm/autopsy/walk_text.c

autopsy_sources := vmm/autopsy/autopsy.c \
	vmm/autopsy/backtrace.c \
	vmm/autopsy/boot_trap.c \
	vmm/autopsy/cfi.c \
	vmm/autopsy/core_codec.c \
	vmm/autopsy/core_elf.c \
	vmm/autopsy/core_evidence.c \
	vmm/autopsy/core_format.c \
	vmm/autopsy/core_map.c \
	vmm/autopsy/core_read.c \
	vmm/autopsy/delivery.c \
	vmm/autopsy/delivery_chain.c \
	vmm/autopsy/delivery_stack.c \
	vmm/autopsy/delivery_text.c \
	vmm/autopsy/desc.c \
	vmm/autopsy/dump_text.c \
	vmm/autopsy/dwarf_guard.c \
	vmm/autopsy/exception.c \
	vmm/autopsy/fault_arith.c \
	vmm/autopsy/fault_control.c \
	vmm/autopsy/fault_memory.c \
	vmm/autopsy/fault_msr.c \
	vmm/autopsy/fault_pick.c \
	vmm/autopsy/fault_privilege.c \
	vmm/autopsy/fault_reason.c \
	vmm/autopsy/fault_segment.c \
	vmm/autopsy/fault_transfer.c \
	vmm/autopsy/fault_units.c \
	vmm/autopsy/fault_why.c \
	vmm/autopsy/finding_chips.c \
	vmm/autopsy/finding_code.c \
	vmm/autopsy/finding_width.c \
	vmm/autopsy/finding_boot_trap.c \
	vmm/autopsy/finding_first.c \
	vmm/autopsy/finding_gates.c \
	vmm/autopsy/finding_image.c \
	vmm/autopsy/finding_link.c \
	vmm/autopsy/finding_loop.c \
	vmm/autopsy/finding_origin.c \
	vmm/autopsy/finding_past.c \
	vmm/autopsy/finding_recursion.c \
	vmm/autopsy/finding_stack.c \
	vmm/autopsy/finding_tables.c \
	vmm/autopsy/findings.c \
	vmm/autopsy/insn.c \
	vmm/autopsy/insn_address.c \
	vmm/autopsy/insn_class.c \
	vmm/autopsy/insn_text.c \
	vmm/autopsy/json_code.c \
	vmm/autopsy/json_cpu.c \
	vmm/autopsy/json_event.c \
	vmm/autopsy/json_machine.c \
	vmm/autopsy/json_value.c \
	vmm/autopsy/linear.c \
	vmm/autopsy/listing.c \
	vmm/autopsy/log_tail.c \
	vmm/autopsy/names.c \
	vmm/autopsy/place.c \
	vmm/autopsy/region.c \
	vmm/autopsy/report_code.c \
	vmm/autopsy/report_event.c \
	vmm/autopsy/report_json.c \
	vmm/autopsy/report_text.c \
	vmm/autopsy/rule.c \
	vmm/autopsy/rules_control.c \
	vmm/autopsy/rules_entries.c \
	vmm/autopsy/rules_fallback.c \
	vmm/autopsy/rules_flow.c \
	vmm/autopsy/rules_gdt.c \
	vmm/autopsy/rules_handlers.c \
	vmm/autopsy/rules_hangs.c \
	vmm/autopsy/rules_host.c \
	vmm/autopsy/rules_idt.c \
	vmm/autopsy/rules_interrupts.c \
	vmm/autopsy/rules_link.c \
	vmm/autopsy/rules_memory.c \
	vmm/autopsy/rules_mode.c \
	vmm/autopsy/rules_null.c \
	vmm/autopsy/rules_overflow.c \
	vmm/autopsy/rules_paging.c \
	vmm/autopsy/rules_pointers.c \
	vmm/autopsy/rules_purpose.c \
	vmm/autopsy/rules_quirks.c \
	vmm/autopsy/rules_real.c \
	vmm/autopsy/rules_returns.c \
	vmm/autopsy/rules_segments.c \
	vmm/autopsy/rules_stack.c \
	vmm/autopsy/rules_tables.c \
	vmm/autopsy/rules_text.c \
	vmm/autopsy/rules_units.c \
	vmm/autopsy/rules_unmapped.c \
	vmm/autopsy/rules_user.c \
	vmm/autopsy/say.c \
	vmm/autopsy/section_cpu.c \
	vmm/autopsy/section_machine.c \
	vmm/autopsy/section_memory.c \
	vmm/autopsy/source_text.c \
	vmm/autopsy/stack_look.c \
	vmm/autopsy/symbol_file.c \
	vmm/autopsy/symbol_lines.c \
	vmm/autopsy/symbols.c \
	vmm/autopsy/symbols_default.c \
	vmm/autopsy/text.c \
	vmm/autopsy/tss.c \
	vmm/autopsy/verdict.c \
	vmm/autopsy/walk.c \
	vmm/autopsy/walk_text.c \
	vmm/autopsy/write_text.c

# Position-independent: the monitor loads libautopsy.so only when a guest has died.
$(BUILD)/obj/vmm/autopsy/%.o: cflags += -fPIC

$(BUILD)/vmm: $(call objs,$(vmm_main) $(vmm_sources) $(autopsy_light)) $(BUILD)/elf-libs
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ $(filter %.o,$^) $$(cat $(BUILD)/elf-libs)

# libelf is linked statically where it can be: two shared libraries fewer to load at every start.
$(BUILD)/elf-libs: tools/elf-libs
	$(Q)mkdir -p $(@D)
	$(call say,PROBE,$@)tools/elf-libs '$(CC) $(ldflags)' $(if $(filter 1,$(SAN)),dynamic) >$@

autopsy_libs := -ldw -lelf -lZydis -lZycore -ljansson

# Only autopsy_api is to be seen from outside; the monitor has some of these functions itself.
$(BUILD)/libautopsy.so: $(call objs,$(autopsy_sources)) vmm/autopsy/exports.map
	$(call say,LD,$@)$(CC) $(ldflags) -shared -Wl,-Bsymbolic -Wl,--version-script=vmm/autopsy/exports.map \
		-o $@ $(filter %.o,$^) $(autopsy_libs)

programs := $(BUILD)/vmm $(BUILD)/libautopsy.so

# A fuzzer: one of vmm/tests/fuzz_*.c with everything it may call (tools/fuzz sets CC=clang and the flags).
$(BUILD)/fuzz_%: $(BUILD)/obj/vmm/tests/fuzz_%.o $(call objs,$(vmm_sources) $(autopsy_sources))
	$(call say,LD,$@)$(CC) -fsanitize=fuzzer,address,undefined $(ldflags) -o $@ $^ $(autopsy_libs)

# A test: one vmm/tests/test_*.c with what it needs of the monitor (test_NAME_objects) and all of the autopsy.
tests         := test_backtrace \
	test_bus \
	test_cmos \
	test_config \
	test_console \
	test_core \
	test_core_file \
	test_core_gdb \
	test_delivery \
	test_delivery_legacy \
	test_desc \
	test_dump \
	test_explain \
	test_fault_cpu \
	test_fault_reason \
	test_fault_system \
	test_findings \
	test_i8042 \
	test_insn \
	test_manners \
	test_report \
	test_serial \
	test_small_ports \
	test_stdin \
	test_symbols \
	test_tagger \
	test_terminal \
	test_verdict \
	test_verdict_causes \
	test_verdict_first_kernels \
	test_verdict_ends \
	test_walk \
	test_walk_kvm
# Tests of the machine itself: each with all of the monitor.
machine_tests := test_boot \
	test_boot_pse32 \
	test_broken_kvm \
	test_checkpoint \
	test_cli \
	test_copy_port \
	test_crowd \
	test_endings \
	test_exit_log \
	test_host \
	test_image \
	test_image_flat \
	test_io \
	test_memory \
	test_multiboot \
	test_probe \
	test_pse32 \
	test_rerun \
	test_slots \
	test_smp \
	test_snapshot \
	test_watch \
	test_watchlist
tests         += $(machine_tests)
$(foreach test,$(machine_tests),$(eval $(test)_objects = $$(call objs,$$(vmm_sources))))

test_sources  := $(tests:%=vmm/tests/%.c)
test_programs := $(tests:%=$(BUILD)/tests/%)
test_libs      = $(autopsy_libs) -lcheck -lsubunit -lm -lrt -lpthread

test_bus_objects         := $(call objs,vmm/bus.c vmm/error.c)
test_cmos_objects        := $(test_bus_objects) $(call objs,vmm/cmos.c)
test_config_objects      := $(call objs,vmm/config.c vmm/config_help.c vmm/console.c vmm/error.c vmm/tagger.c)
test_console_objects     := $(test_bus_objects) $(call objs,vmm/console.c vmm/input.c vmm/tagger.c)
test_core_objects        := $(call objs,vmm/core_file.c vmm/error.c vmm/file.c vmm/memory.c)
test_core_file_objects   := $(test_core_objects)
test_explain_objects     := $(call objs,vmm/colour.c vmm/error.c vmm/explain.c vmm/explainer.c vmm/report_file.c)
test_i8042_objects       := $(test_bus_objects) $(call objs,vmm/i8042.c vmm/input.c vmm/keyboard.c vmm/keymap.c)
test_serial_objects      := $(test_console_objects) $(call objs,vmm/serial.c)
test_small_ports_objects := $(test_console_objects) $(call objs,vmm/acpi_pm.c vmm/bufcon.c vmm/copier.c vmm/debugcon.c \
	vmm/debugexit.c vmm/hypercall.c vmm/pvpanic.c)
test_stdin_objects       := $(call objs,vmm/error.c vmm/input.c vmm/stdin_reader.c vmm/terminal.c)
test_tagger_objects      := $(call objs,vmm/tagger.c)
test_terminal_objects    := $(test_stdin_objects)

$(BUILD)/tests/test_broken_kvm: $(BUILD)/tests/kvm_shim.so
$(BUILD)/tests/kvm_shim.so: vmm/tests/kvm_shim.c
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -O2 -Wall -Wextra -shared -fPIC -o $@ $<

$(BUILD)/libautopsy.a: $(call objs,$(autopsy_sources))
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

# Objects that only a chain of pattern rules makes are kept, fuzzers' too.
.PRECIOUS: $(BUILD)/obj/%.o
$(BUILD)/obj/vmm/tests/%.o: cflags += -Wno-missing-field-initializers

.SECONDEXPANSION:
$(BUILD)/tests/%: $(BUILD)/obj/vmm/tests/%.o $$($$*_objects) $(BUILD)/libautopsy.a
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ $^ $(test_libs)

# Benchmarks: tools/bench runs them.
$(BUILD)/obj/vmm/bench/%.o: cflags += -Wno-missing-field-initializers
bench_sources  := vmm/bench/bench.c vmm/bench/bench_rerun.c vmm/bench/bench_steps.c
-include $(patsubst %.o,%.d,$(call objs,$(bench_sources)))
bench_programs := $(BUILD)/bench/floor $(BUILD)/bench/bench $(BUILD)/bench/bench_rerun $(BUILD)/bench/bench_steps $(programs) $(guest_images)
$(BUILD)/bench/floor: vmm/bench/floor.c
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -O2 -Wall -Wextra -Wno-unused-parameter -static -o $@ $<
$(BUILD)/bench/bench: $(BUILD)/obj/vmm/bench/bench.o
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ $^
$(BUILD)/bench/bench_rerun $(BUILD)/bench/bench_steps: $(BUILD)/bench/%: $(BUILD)/obj/vmm/bench/%.o $(call objs,$(vmm_sources)) $(BUILD)/libautopsy.a
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ $^ $(autopsy_libs)
