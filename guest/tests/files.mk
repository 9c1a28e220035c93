# Guest images for the tests: explicit lists; outputs are $(BUILD)/guest/tests/DIR/NAME.elf, for real mode also .bin.

# Crash guests, one root cause each: crash/catalogue.cfg says what is expected of them.
cases64 := case_brk_additive case_kernel_stack_unmapped case_malloc_bss case_user_bit_levels
crash64 := $(cases64) alignment_check entry_falls_off lidt_of_table idt_gate_upper_half_missing stack_over_page_tables apic_timer_without_gate boot_tables_overwritten \
	call_into_bss call_null_function_pointer code_overwritten code_patched_null_pointer cr3_outside_ram cr3_process_no_kernel_stack \
	cr3_process_no_kernel_text cr4_reserved_bit df_ist_entry_zero efer_reserved_bit eoi_missing \
	frame_allocator_gives_page_table gdt_code_segment_not_long gdt_limit_too_small gdt_memory_reused \
	gs_base_zero handler_faults handler_returns_without_fixing heap_beyond_mapping \
	heap_freelist_overwritten heap_not_mapped hlt_all_masked hlt_with_interrupts_off \
	identity_map_too_small idt_8byte_entries idt_base_unmapped_after_higher_half \
	idt_gate_present_bit_clear idt_gate_selector_is_data idt_handler_offset_zero idt_limit_zero \
	idt_never_loaded idt_wiped_by_bss_clear idt_zero_gate_pf int3_in_kernel iret_32bit_in_long_mode \
	iret_frame_shifted iret_cs_not_in_gdt int_gate_selector_is_data iret_without_popping_error_code iretq_ss_not_in_gdt jump_into_zeroed_memory \
	kmain_returns lapic_not_mapped load_segment_outside_ram load_segments_overlap lock_in_handler \
	ltr_8byte_descriptor movaps_misaligned_stack nm_task_switched noncanonical_pointer \
	noncanonical_stack nx_bit_without_nxe nx_exec_heap page_table_not_zeroed \
	pagetables_wiped_by_bss_clear panic_reported pic_not_remapped_irq0_is_vector8 pml4e_ps_bit \
	poll_missing_device process_pml4_lacks_late_entry reboot_on_purpose ret_address_smashed \
	rsp0_unmapped_in_process_cr3 rsp0_zero segment_not_present smap_kernel_reads_user_page \
	smep_kernel_runs_user_page spin_interrupts_off spin_on_own_lock sse_without_osfxsr \
	stack_overflow_guard_no_ist stack_overflow_into_data timer_irq_without_gate \
	user_accesses_kernel_page user_bit_missing_at_pdpt user_hlt_no_gp_gate vmcall_spin \
	wp_stack_read_only wp_write_rodata table_entry_virtual_address large_page_misaligned pde_without_ps \
	idt_limit_too_small idt_base_wrong idt_struct_not_packed timer_irq_no_lidt pic_not_remapped_no_lidt idt_overwritten \
	idt_wiped_then_timer stack_overflow_over_code stack_overflow_over_tables lretq_selector_wrong code_not_long_boot_idt \
	call_null_zeros_fault call_null_zeros_header syscall_entry_supervisor_page syscall_handler_null_pointer syscall_handler_privileged \
	eoi_missing_poll handler_returns_by_ret timer_returns_by_ret timer_ret_then_hlt tss_limit_too_small \
	idt_second_empty idt_gate_set_wrong handler_stack_below_recursion ret_without_pop \
	user_int_gate_dpl0 user_int_gate_good ud_gate_empty_gp_gate_good stack_frame_over_code null_page_taken_out
crash32 := case_sse_pm32 p32_bss_clear_wipes_page_directory p32_df_ist_without_ltr p32_div0_no_idt p32_first_4mb_only \
	p32_higher_half_only p32_loader_gdt_garbage p32_gdt_struct_not_packed p32_entry_is_function p32_long_mode_without_pae p32_long_mode_no_idt p32_long_mode_page_fault \
	p32_long_mode_jump_to_data p32_long_mode_code_32bit p32_long_mode_no_far_jump p32_pse_bit_not_set \
	p32_runs_64bit_code p32_stack_not_mapped p32_tss_ss0_null p32_user_bit_missing_in_pde \
	p32_stack_overflow_over_code p32_handler_faults_no_guard p32_dec_then_div0
crash_pse := pse_gdt_overwritten pse_null_pointer pse_sse_without_osfxsr pse_stack_below_map
# C parts: NAME.elf has NAME_main.c too.
crash_mains := case_malloc_bss case_sse_pm32
crash_real := rm_idt_limit_zero rm_ivt_gate_garbage rm_pmode_gdt_base_wrong rm_bios_call rm_bios_call_high rm_div0 rm_reboot rm_pmode_selector_wrong rm_pmode_jump_to_data rm_pmode_code_not_32bit rm_pmode_no_far_jump \
	rm_org_missing rm_org_missing_div0

# Guests that fault on purpose and handle it: they end with status 0 and never get a verdict.
healthy64 := demand_paging double_faults growing_stack reload_tables skip_faults timer_ticks user_faults
healthy32 := p32_skip_faults
healthy_pse := pse32_environment
# The cure of a crash guest: the same sources, compiled otherwise.
healthy_cured := case_sse_pm32
healthy_real := rm_vectors

# Real mode as one would write it: test_real.c tells what each prints.
real := counter fault fibonacci hello hypercall keyboard multiply timer

tests_out := $(BUILD)/guest/tests
images64  := $(crash64:%=$(tests_out)/crash/%.elf)
images32  := $(crash32:%=$(tests_out)/crash/%.elf)
images_pse := $(crash_pse:%=$(tests_out)/crash/%.elf)
images_rm := $(crash_real:%=$(tests_out)/crash/%.elf) $(healthy_real:%=$(tests_out)/healthy/%.elf) \
	$(real:%=$(tests_out)/real/%.elf)
healthy   := $(healthy64:%=$(tests_out)/healthy/%.elf)
healthy_32 := $(healthy32:%=$(tests_out)/healthy/%.elf)
cured := $(healthy_cured:%=$(tests_out)/healthy/%.elf)
healthy_pse32 := $(healthy_pse:%=$(tests_out)/healthy/%.elf)
test_images := $(images64) $(images32) $(tests_out)/crash/entry_point_zero.elf $(images_rm) $(images_rm:.elf=.bin) \
	$(healthy) $(healthy_32) $(healthy_pse32) $(cured) $(images_pse) $(images_pse:.elf=.bin)

tests_cflags := -g -std=gnu11 -O1 -Wall -Wextra -ffreestanding -fno-pic -fno-pie -fno-stack-protector \
	-fcf-protection=none -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -Iinclude -Iguest/tests
tests_ld := $(LD) -nostdlib -z max-page-size=4096 --no-warn-rwx-segments --build-id=none
tests_mode = -m64 -mno-red-zone -mgeneral-regs-only

$(images32:.elf=.o) $(images_pse:.elf=.o) $(tests_out)/boot_pse32.o $(healthy_32:.elf=.o) $(healthy_pse32:.elf=.o) $(tests_out)/healthy/runtime32.o $(images_rm:.elf=.o): \
	tests_mode := -m32 -mgeneral-regs-only
$(tests_out)/crash/case_sse_pm32_main.o: tests_mode := -m32 -march=x86-64 -O3

$(tests_out)/%.o: guest/tests/%.S
	$(Q)mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(tests_cflags) $(tests_mode) -MMD -MP -c -o $@ $<

$(tests_out)/%.o: guest/tests/%.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(tests_cflags) $(tests_mode) -MMD -MP -c -o $@ $<

# The object that has the gates goes first: crash.inc counts handlers' addresses from there.
runtimes := $(tests_out)/healthy/runtime64.o $(tests_out)/healthy/runtime32.o
linked    = $(filter $(runtimes),$^) $(filter-out $(runtimes),$(filter %.o,$^))

# A test whose layout is its point has a linker script of its own.
own_layout := $(tests_out)/crash/load_segments_overlap.elf $(tests_out)/crash/load_segment_outside_ram.elf
$(own_layout): $(tests_out)/%.elf: $(tests_out)/%.o $(tests_out)/boot64.o guest/tests/%.lds
	$(call say,LD,$@)$(tests_ld) --no-check-sections -T guest/tests/$*.lds -o $@ $(linked)

$(crash_mains:%=$(tests_out)/crash/%.elf): %.elf: %_main.o
$(tests_out)/crash/call_null_zeros_header.elf: tests_ldflags := --defsym=image_base=0x4000
$(tests_out)/crash/case_malloc_bss.elf: tests_ldflags := --defsym=image_base=0x100000
$(tests_out)/crash/idt_base_unmapped_after_higher_half.elf: tests_ldflags := --defsym=high=1
$(tests_out)/crash/idt_gate_upper_half_missing.elf: tests_ldflags := --defsym=high=1
$(healthy): $(tests_out)/healthy/runtime64.o
$(healthy_32): $(tests_out)/healthy/runtime32.o
$(filter-out $(own_layout),$(images64)) $(healthy): %.elf: %.o $(tests_out)/boot64.o guest/tests/guest64.lds
	$(call say,LD,$@)$(tests_ld) $(tests_ldflags) -T guest/tests/guest64.lds -o $@ $(linked)

$(tests_out)/crash/entry_point_zero.elf: $(tests_out)/crash/entry_point_zero.o
	$(call say,LD,$@)$(tests_ld) --entry 0 -Ttext 0x200000 -o $@ $<

$(images32) $(healthy_32): %.elf: %.o guest/tests/guest32.lds
	$(call say,LD,$@)$(tests_ld) -m elf_i386 -T guest/tests/guest32.lds -o $@ $(linked)

$(tests_out)/healthy/%_cured.o: guest/tests/crash/%_main.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(tests_cflags) -m32 -march=x86-64 -O3 -mgeneral-regs-only -MMD -MP -c -o $@ $<

$(cured): $(tests_out)/healthy/%.elf: $(tests_out)/crash/%.o $(tests_out)/healthy/%_cured.o guest/tests/guest32.lds
	$(call say,LD,$@)$(tests_ld) -m elf_i386 -T guest/tests/guest32.lds -o $@ $(filter %.o,$^)

$(healthy_pse32): %.elf: %.o guest/tests/pse32.lds
	$(call say,LD,$@)$(tests_ld) -m elf_i386 -T guest/tests/pse32.lds -o $@ $<

# The flat file is what vmm starts: without the PVH entry, which is for QEMU.
$(images_pse): %.elf: %.o $(tests_out)/boot_pse32.o guest/tests/pse32.lds
	$(call say,LD,$@)$(tests_ld) -m elf_i386 -T guest/tests/pse32.lds -o $@ $(filter %.o,$^)

$(images_pse:.elf=.bin): %.bin: %.elf
	$(call say,OBJCOPY,$@)objcopy -O binary -R .note -R .pvh $< $@

# As without "org 0x7c00".
$(tests_out)/crash/rm_org_missing.elf $(tests_out)/crash/rm_org_missing_div0.elf: tests_ldflags := --defsym=image_base=0
$(images_rm): %.elf: %.o guest/tests/real.lds
	$(call say,LD,$@)$(tests_ld) $(tests_ldflags) -m elf_i386 -T guest/tests/real.lds -o $@ $<

$(images_rm:.elf=.bin): %.bin: %.elf
	$(call say,OBJCOPY,$@)objcopy -O binary $< $@

-include $(wildcard $(tests_out)/*.d $(tests_out)/*/*.d)

# Those that README.md and docs/cases.md tell to run.
example_images := $(addprefix $(tests_out)/crash/,$(addsuffix .elf,idt_wiped_by_bss_clear case_sse_pm32 $(cases64)))

# The tables that the suite reads lie beside the images.
test_tables := $(tests_out)/crash/catalogue.cfg $(tests_out)/crash/oracle.txt $(tests_out)/healthy/healthy.cfg
test_images += $(test_tables)
$(test_tables): $(tests_out)/%: guest/tests/%
	$(Q)mkdir -p $(@D)
	$(call say,COPY,$@)cp $< $@

# The suite itself is a host program.
guest_suite   := guest/tests/test_guests.c guest/tests/catalogue.c guest/tests/guest_run.c \
	guest/tests/host_table.c
test_sources  += $(guest_suite)
test_programs += $(BUILD)/tests/test_guests tools/check-docs tools/check-options tools/check-install tools/check-runtests guest/tests/check-numbers

$(BUILD)/tests/test_guests: $(call objs,$(guest_suite))
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ $^ -ljansson $(test_libs)

.PHONY: test-images
test-images: $(test_images)

# Real programs; where the sources of one cannot be had, it is skipped.
program_tests := $(addprefix guest/tests/programs/check-,ash busybox lua sqlite)
