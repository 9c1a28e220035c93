# Guest images: the kernel, and small ones for the tests.

kernel_sources := guest/kernel/boot.c \
	guest/kernel/check.c \
	guest/kernel/check_machine.c \
	guest/kernel/check_memory.c \
	guest/kernel/copy.c \
	guest/kernel/crash.c \
	guest/kernel/format.c \
	guest/kernel/frames.c \
	guest/kernel/heap.c \
	guest/kernel/heap_guard.c \
	guest/kernel/log.c \
	guest/kernel/main.c \
	guest/kernel/memory.c \
	guest/kernel/memory_show.c \
	guest/kernel/fs/copy_calls.c \
	guest/kernel/fs/cpio.c \
	guest/kernel/fs/dentry.c \
	guest/kernel/fs/descriptors.c \
	guest/kernel/fs/device.c \
	guest/kernel/fs/device_nodes.c \
	guest/kernel/fs/epoll.c \
	guest/kernel/fs/eventfd.c \
	guest/kernel/fs/fd_calls.c \
	guest/kernel/fs/file.c \
	guest/kernel/fs/file_calls.c \
	guest/kernel/fs/fs.c \
	guest/kernel/fs/initrd.c \
	guest/kernel/fs/inode.c \
	guest/kernel/fs/io_calls.c \
	guest/kernel/fs/memfd.c \
	guest/kernel/fs/lock.c \
	guest/kernel/fs/lock_calls.c \
	guest/kernel/fs/mount.c \
	guest/kernel/fs/mount_calls.c \
	guest/kernel/fs/name_calls.c \
	guest/kernel/fs/nameless.c \
	guest/kernel/fs/path_calls.c \
	guest/kernel/fs/pipe.c \
	guest/kernel/fs/proc.c \
	guest/kernel/fs/proc_process.c \
	guest/kernel/fs/proc_system.c \
	guest/kernel/fs/poll.c \
	guest/kernel/fs/ram.c \
	guest/kernel/fs/ram_names.c \
	guest/kernel/fs/select.c \
	guest/kernel/fs/signalfd.c \
	guest/kernel/fs/socket.c \
	guest/kernel/fs/socket_calls.c \
	guest/kernel/fs/socket_connect.c \
	guest/kernel/fs/socket_names.c \
	guest/kernel/fs/stat_calls.c \
	guest/kernel/fs/statx.c \
	guest/kernel/fs/timerfd.c \
	guest/kernel/fs/tty.c \
	guest/kernel/fs/utime_calls.c \
	guest/kernel/fs/walk.c \
	guest/kernel/mm/area.c \
	guest/kernel/mm/calls.c \
	guest/kernel/mm/mm.c \
	guest/kernel/pages.c \
	guest/kernel/panic.c \
	guest/kernel/pc/console.c \
	guest/kernel/pc/interrupt.c \
	guest/kernel/pc/lapic.c \
	guest/kernel/pc/pic.c \
	guest/kernel/pc/pit.c \
	guest/kernel/pc/power.c \
	guest/kernel/pc/rtc.c \
	guest/kernel/pc/serial_input.c \
	guest/kernel/pool.c \
	guest/kernel/process/deliver.c \
	guest/kernel/process/elf.c \
	guest/kernel/process/exec.c \
	guest/kernel/process/exec_stack.c \
	guest/kernel/process/exit.c \
	guest/kernel/process/fault.c \
	guest/kernel/process/fork.c \
	guest/kernel/process/futex.c \
	guest/kernel/process/identity_calls.c \
	guest/kernel/process/limit_calls.c \
	guest/kernel/process/load.c \
	guest/kernel/process/out_of_memory.c \
	guest/kernel/process/log_calls.c \
	guest/kernel/process/program_symbol.c \
	guest/kernel/process/sched_calls.c \
	guest/kernel/process/schedule.c \
	guest/kernel/process/signal_calls.c \
	guest/kernel/process/signals.c \
	guest/kernel/process/start.c \
	guest/kernel/process/system_calls.c \
	guest/kernel/process/table.c \
	guest/kernel/process/thread_calls.c \
	guest/kernel/process/threads.c \
	guest/kernel/process/time_calls.c \
	guest/kernel/process/timers.c \
	guest/kernel/process/user.c \
	guest/kernel/process/user_time.c \
	guest/kernel/random.c \
	guest/kernel/symbols.c \
	guest/kernel/syscall.c \
	guest/kernel/time.c

# The same in 32 and in 64 bits, with the numbers of the architecture's headers.
kernel_x86_sources := $(kernel_sources) \
	guest/kernel/arch/x86/backtrace.c \
	guest/kernel/arch/x86/fault.c \
	guest/kernel/arch/x86/fpu.c \
	guest/kernel/arch/x86/multiboot.c \
	guest/kernel/arch/x86/paging.c \
	guest/kernel/arch/x86/paging_user.c \
	guest/kernel/arch/x86/string.c \
	guest/kernel/arch/x86/trap.c

kernel_x86_64_sources := $(kernel_x86_sources) \
	guest/kernel/arch/x86_64/cpu.c \
	guest/kernel/arch/x86_64/entry.S \
	guest/kernel/arch/x86_64/lost_syscall.c \
	guest/kernel/arch/x86_64/signal_frame.c \
	guest/kernel/arch/x86_64/syscall_table.c \
	guest/kernel/arch/x86_64/tls.c \
	guest/kernel/arch/x86_64/trap_entry.S \
	guest/kernel/arch/x86_64/trap_show.c \
	guest/kernel/arch/x86_64/wide.c \
	guest/kernel/arch/x86_64/wide_code.S

kernel_i386_sources := $(kernel_x86_sources) \
	guest/kernel/arch/i386/cpu.c \
	guest/kernel/arch/i386/arithmetic.c \
	guest/kernel/arch/i386/calls.c \
	guest/kernel/arch/i386/double_fault.c \
	guest/kernel/arch/i386/entry.S \
	guest/kernel/arch/i386/signal_frame.c \
	guest/kernel/arch/i386/syscall_table.c \
	guest/kernel/arch/i386/system_call.c \
	guest/kernel/arch/i386/tls.c \
	guest/kernel/arch/i386/trap_entry.S \
	guest/kernel/arch/i386/trap_show.c

# Programs of the guest are C and assembly without the host's libraries and without its choices of code.
guest_cc      := $(if $(findstring clang,$(CC)),gcc,$(CC))
guest_cflags  := -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wno-unused-parameter -ffreestanding -fno-pic -fno-stack-protector -fno-omit-frame-pointer -fno-optimize-sibling-calls \
	-fno-asynchronous-unwind-tables -fcf-protection=none -Iinclude -O2 -g
kernel_cflags := $(guest_cflags) -fno-strict-aliasing -iquote guest/kernel -iquote guest/kernel/pc \
	-iquote guest/kernel/arch/x86

# Every general register is saved at each trap, vector registers are not: no instruction may use those.
kernel_cflags += -mgeneral-regs-only -fno-shrink-wrap -fno-reorder-blocks-and-partition
# Where an emulator runs the kernel a call costs as much as ten other instructions: functions become part of their only
# or small callers, across files too.
kernel64_cflags := $(kernel_cflags) -flto -m64 -march=x86-64 -mcmodel=kernel -mno-red-zone -iquote guest/kernel/arch/x86_64
kernel32_cflags := $(kernel_cflags) -m32 -march=i686 -mpreferred-stack-boundary=2 -iquote guest/kernel/arch/i386
kernel_ldflags  := -nostdlib -static -no-pie -Wl,-z,max-page-size=4096,-z,noexecstack \
	-Wl,--build-id=none,--no-warn-rwx-segments
kernel64_ldflags := $(kernel64_cflags) -flto-partition=one
kernel32_ldflags := -m32

# kernel_rules(64 or 32, architecture, image): the image's ELF and flat file. The kernel carries a table of its own
# functions: linked with an empty one first, then with the real one. The table lies behind the code, so no function moves
# in between; tools/check-kernel looks at that and more.
define kernel_rules
k$(1)      := $(BUILD)/obj/kernel$(1)
k$(1)_objs := $$(patsubst %,$$(k$(1))/%.o,$$(basename $$(kernel_$(2)_sources)))
k$(1)_link  = $(guest_cc) $(kernel$(1)_ldflags) $(kernel_ldflags) -Wl,-T,$$(k$(1))/kernel.lds -o

$$(k$(1))/%.o: %.c
	$(Q)mkdir -p $$(@D)
	$$(call say,CC$(1),$$<)$(guest_cc) $(kernel$(1)_cflags) -MMD -MP -c -o $$@ $$<

$$(k$(1))/%.o: %.S
	$(Q)mkdir -p $$(@D)
	$$(call say,AS$(1),$$<)$(guest_cc) $(kernel$(1)_cflags) -MMD -MP -c -o $$@ $$<

$$(k$(1))/kernel.lds: guest/kernel/arch/x86/kernel.lds.S guest/kernel/arch/$(2)/layout.h
	$(Q)mkdir -p $$(@D)
	$$(call say,CPP,$$<)$(guest_cc) -E -P -x assembler-with-cpp -iquote guest/kernel/arch/$(2) -o $$@ $$<

$$(k$(1))/symbols-none.S: guest/kernel/symbols.awk
	$(Q)mkdir -p $$(@D)
	$$(call say,AWK,$$@)awk -f $$< </dev/null >$$@

$$(k$(1))/first.elf: $$(k$(1)_objs) $$(k$(1))/symbols-none.o $$(k$(1))/kernel.lds
	$$(call say,LD$(1),$$@)$$(k$(1)_link) $$@ $$(filter %.o,$$^)

$$(k$(1))/symbols-all.S: $$(k$(1))/first.elf guest/kernel/symbols.awk
	$$(call say,AWK,$$@)nm -n $$< | awk -f guest/kernel/symbols.awk >$$@

$$(k$(1))/symbols-%.o: $$(k$(1))/symbols-%.S
	$$(call say,AS$(1),$$<)$(guest_cc) $(kernel$(1)_cflags) -c -o $$@ $$<

$(BUILD)/guest/$(3).elf: $$(k$(1)_objs) $$(k$(1))/symbols-all.o $$(k$(1))/kernel.lds tools/check-kernel
	$(Q)mkdir -p $$(@D)
	$$(call say,LD$(1),$$@)$$(k$(1)_link) $$@ $$(filter %.o,$$^) && tools/check-kernel $$(k$(1))/first.elf $$@

$(BUILD)/guest/$(3).bin: $(BUILD)/guest/$(3).elf
	$$(call say,OBJCOPY,$$@)objcopy -O binary $$< $$@

-include $$(k$(1)_objs:.o=.d)
endef

$(eval $(call kernel_rules,64,x86_64,kernel))
$(eval $(call kernel_rules,32,i386,kernel32))

# A slip: one file of the 32-bit kernel compiled with the vector registers that its architecture has by default.
# tools/check-kernel must refuse it, and vmm must say what it dies of.
slip := $(BUILD)/guest/tests/kernel32_sse.elf
$(k32)/slip.o: guest/kernel/boot.c
	$(Q)mkdir -p $(@D)
	$(call say,CC32,$<)$(guest_cc) $(filter-out -mgeneral-regs-only -march=%,$(kernel32_cflags)) -march=x86-64 -O3 -c -o $@ $<

$(slip): $(k32)/slip.o $(BUILD)/guest/kernel32.elf
	$(Q)mkdir -p $(@D)
	$(call say,LD32,$@)$(k32_link) $@ $(filter-out %/boot.o,$(k32_objs)) $(k32)/symbols-none.o $<

$(BUILD)/guest/tests/check-kernel: tools/check-kernel
	$(Q)mkdir -p $(@D)
	$(call say,COPY,$@)cp $< $@

guest_images := $(BUILD)/guest/kernel.bin $(BUILD)/guest/kernel.elf $(BUILD)/guest/kernel32.bin $(BUILD)/guest/kernel32.elf

include guest/tests/files.mk

# Programs that run on the kernel, and on any Linux: static, for the tests' initial RAM disk.
user_out      := $(BUILD)/guest/user
user_programs := $(addprefix $(user_out)/,abi hello isolation memtorture stdcheck syscall_fuzz)
user_cflags   := -std=gnu11 -O1 -g -Wall -Wextra -Wno-unused-parameter -Wno-unused-result -static

$(user_out)/hello: guest/user/hello.S
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)$(guest_cc) -nostdlib -static -no-pie -o $@ $<

$(user_out)/%: guest/user/%.c
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)$(guest_cc) $(user_cflags) -o $@ $<

fuzz_sources := guest/user/syscall_fuzz.c guest/user/fuzz_arguments.c guest/user/fuzz_calls.c
$(user_out)/syscall_fuzz: $(fuzz_sources) guest/user/fuzz.h
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)$(guest_cc) $(user_cflags) -o $@ $(fuzz_sources)

shell_sources := guest/user/sh.c guest/user/sh_builtin.c guest/user/sh_word.c
$(user_out)/sh: $(shell_sources) guest/user/sh.h
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)$(guest_cc) $(user_cflags) -D_GNU_SOURCE -o $@ $(filter %.c,$^)

# The same for i386, and a small shell. All but hello need a 32-bit C library.
user32_out      := $(BUILD)/guest/user32
user32_libc     := $(wildcard /usr/lib32/libc.a /lib32/libc.a /usr/lib/i386-linux-gnu/libc.a)
user32_programs := $(user32_out)/hello $(if $(user32_libc),$(addprefix $(user32_out)/,abi isolation sh syscall_fuzz threads vectors))

$(user32_out)/hello: guest/user/hello32.S
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)$(guest_cc) -m32 -nostdlib -static -no-pie -o $@ $<

$(user32_out)/sh: $(shell_sources) guest/user/sh.h
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)$(guest_cc) -m32 $(user_cflags) -D_GNU_SOURCE -o $@ $(filter %.c,$^)

$(user32_out)/syscall_fuzz: $(fuzz_sources) guest/user/fuzz.h
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)$(guest_cc) -m32 $(user_cflags) -o $@ $(fuzz_sources)

$(user32_out)/%: guest/user/%.c
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)$(guest_cc) -m32 $(user_cflags) -o $@ $<

# The suite of system calls, with Check, for this host and for the kernel; and what measures both.
syscalls_sources := $(addprefix guest/tests/syscalls/,main.c test_copy.c test_cpu.c test_event.c test_exec.c test_file.c test_lock.c test_map.c test_memory.c \
	test_name.c test_pipe.c test_pointer.c test_process.c test_race.c test_signal_faults.c test_signal_waits.c test_signals.c \
	test_socket.c test_thread.c test_time.c)
musl_gcc := $(shell command -v musl-gcc)
measured := $(user_programs) $(addprefix $(user_out)/,syscalls bench_calls soak threads vectors $(if $(musl_gcc),threads_musl))

$(user_out)/threads_musl: guest/user/threads.c
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)musl-gcc $(user_cflags) -o $@ $< -pthread


$(user_out)/syscalls: $(syscalls_sources) guest/tests/syscalls/suite.h
	$(Q)mkdir -p $(@D)
	$(call say,CCUSER,$@)$(guest_cc) $(user_cflags) -o $@ $(syscalls_sources) -lcheck -lsubunit -lm -lrt -lpthread

$(BUILD)/guest/programs.cpio: $(BUILD)/tools/mkinitrd tools/initrd-list guest/initrd.list $(measured)
	$(call say,INITRD,$@)tools/initrd-list none $(measured) | $(BUILD)/tools/mkinitrd $@

# For a machine with little memory: no more than is needed.
$(BUILD)/guest/exhaust.cpio: $(BUILD)/tools/mkinitrd tools/initrd-list guest/initrd.list $(user_out)/exhaust $(user_out)/hello
	$(call say,INITRD,$@)tools/initrd-list none $(user_out)/exhaust $(user_out)/hello | $(BUILD)/tools/mkinitrd $@

# SECONDS=N: for how long; CALLS=N: random calls only; SEED=N; QEMU=1: not on KVM.
.PHONY: soak
soak: all $(BUILD)/guest/programs.cpio
	$(Q)BUILD=$(BUILD) CALLS=$(CALLS) SEED=$(SEED) QEMU=$(QEMU) tools/soak $(SECONDS)

bench_programs += $(BUILD)/guest/programs.cpio
test_images += $(user_programs) $(BUILD)/guest/programs.cpio $(BUILD)/guest/exhaust.cpio $(slip) $(BUILD)/guest/tests/check-kernel

# The initial RAM disk: busybox, where it is installed, else a small shell, and our own programs.
busybox  := $(firstword $(wildcard /bin/busybox /usr/bin/busybox) $(BUILD)/no-busybox)
ramdisk  := $(user_programs) $(if $(wildcard $(busybox)),,$(user_out)/sh)
mkinitrd := $(BUILD)/tools/mkinitrd

$(mkinitrd): tools/mkinitrd.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(cflags) $(ldflags) -o $@ $<

$(BUILD)/guest/initrd.cpio: $(mkinitrd) tools/initrd-list guest/initrd.list $(wildcard guest/etc/*) $(ramdisk) \
		$(wildcard $(busybox))
	$(call say,INITRD,$@)tools/initrd-list $(busybox) $(ramdisk) | $(mkinitrd) $@

$(BUILD)/guest/initrd32.cpio: $(mkinitrd) tools/initrd-list guest/initrd.list $(wildcard guest/etc/*) $(user32_programs)
	$(call say,INITRD,$@)tools/initrd-list "$(user32_out)/busybox" $(user32_programs) | $(mkinitrd) $@

guest_images += $(BUILD)/guest/initrd.cpio $(BUILD)/guest/initrd32.cpio

# The kernel's own code in programs of the host, one guest/tests/test_*.c each, with an array for memory; and the kernel
# as a whole (test_kernel).
# The longest come first: several run side by side.
kernel_tests        := test_shell test_programs test_tty
kernel_tests        += test_area test_elf test_files test_frames test_i386 test_initrd test_kernel test_kernel32 test_kheap test_load test_paging
kernel_tests        += test_real test_user test_user32
test_load_objects   := $(call objs,guest/kernel/process/load.c)
test_area_objects   := $(call objs,guest/kernel/mm/area.c guest/kernel/pool.c)
test_elf_objects    := $(call objs,guest/kernel/process/elf.c)
test_kernel_objects := $(call objs,guest/tests/kernel_run.c)
test_tty_objects := $(test_kernel_objects)
test_programs_objects := $(test_kernel_objects)
fs_host_sources     := guest/tests/fs_host.c guest/kernel/format.c guest/kernel/fs/copy_calls.c guest/kernel/fs/cpio.c guest/kernel/fs/dentry.c guest/kernel/fs/descriptors.c \
	guest/kernel/fs/fd_calls.c guest/kernel/fs/file.c guest/kernel/fs/file_calls.c guest/kernel/fs/initrd.c \
	guest/kernel/fs/inode.c guest/kernel/fs/io_calls.c guest/kernel/fs/lock.c guest/kernel/fs/lock_calls.c guest/kernel/fs/memfd.c guest/kernel/fs/mount.c guest/kernel/fs/name_calls.c \
	guest/kernel/fs/path_calls.c guest/kernel/fs/ram.c guest/kernel/fs/ram_names.c guest/kernel/fs/stat_calls.c \
	guest/kernel/fs/walk.c guest/kernel/pool.c
test_files_objects  := $(call objs,$(fs_host_sources))
test_initrd_objects := $(test_files_objects)
test_kernel32_objects := $(test_kernel_objects)
test_user32_objects := $(test_kernel_objects)
test_i386_objects   := $(addprefix $(BUILD)/obj/host32/guest/kernel/,arch/i386/arithmetic.o arch/x86/paging.o process/elf.o) \
	$(call objs,guest/kernel/frames.c)
test_real_objects   := $(test_kernel_objects)
test_frames_objects := $(call objs,guest/kernel/frames.c)
test_kheap_objects  := $(call objs,guest/kernel/heap.c guest/kernel/heap_guard.c)
test_paging_objects := $(call objs,guest/kernel/arch/x86/paging.c guest/kernel/frames.c)

test_programs := $(kernel_tests:%=$(BUILD)/tests/%) $(test_programs)
kernel_host_sources := $(fs_host_sources) $(kernel_tests:%=guest/tests/%.c) guest/tests/kernel_run.c guest/kernel/frames.c guest/kernel/heap.c \
	guest/kernel/mm/area.c guest/kernel/process/elf.c guest/kernel/process/load.c \
	guest/kernel/heap_guard.c guest/kernel/arch/x86/paging.c
$(filter-out %/test_i386.o,$(call objs,$(kernel_host_sources))): cflags += -iquote guest/kernel -iquote guest/kernel/arch/x86 \
	-iquote guest/kernel/arch/x86_64 \
	-Wno-missing-field-initializers

# With the headers of i386, in 64 bits.
host32_cflags = $(cflags) -Wno-missing-field-initializers -iquote guest/kernel -iquote guest/kernel/arch/x86 -iquote guest/kernel/arch/i386
$(BUILD)/obj/host32/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(host32_cflags) -MMD -MP -c -o $@ $<

$(BUILD)/obj/guest/tests/test_i386.o: guest/tests/test_i386.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(host32_cflags) -MMD -MP -c -o $@ $<

-include $(test_i386_objects:.o=.d)

$(kernel_tests:%=$(BUILD)/tests/%): $(BUILD)/tests/%: $(BUILD)/obj/guest/tests/%.o $$($$*_objects)
	$(Q)mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(ldflags) -o $@ $^ $(test_libs)

$(BUILD)/tests/test_shell: | $(mkinitrd)

-include $(patsubst %.o,%.d,$(call objs,$(kernel_host_sources)))
