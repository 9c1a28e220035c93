# vmm: one non-recursive Makefile; everything is built below $(BUILD).
#   V=1 shows commands, SAN=1 builds with ASan and UBSan into build/san, DEPS=no never installs packages.

SAN   ?= 0
V     ?= 0
DEPS  ?= yes
BUILD ?= build$(if $(filter 1,$(SAN)),/san)
CC    ?= cc
Q     := $(if $(filter 1,$(V)),,@)
say    = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2);)

CFLAGS  ?= -O2 -g
cflags  := -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
           -Wno-unused-parameter -Iinclude -Ivmm -fno-omit-frame-pointer $(CFLAGS)
ldflags := $(LDFLAGS)
ifeq ($(SAN),1)
cflags  += -fsanitize=address,undefined -fno-sanitize-recover=undefined
ldflags += -fsanitize=address,undefined
endif

objs = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

include vmm/files.mk
include guest/files.mk
-include tools/files.mk

.PHONY: all run check bench fuzz lint format install clean deps
all: $(programs) $(guest_images)
.DEFAULT_GOAL := all

# Packages: found or installed before anything is built (tools/deps tells how to forbid that).
deps:
	$(Q)tools/deps $(if $(filter no,$(DEPS)),--check)

run: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)cd $(BUILD) && ./vmm guest/kernel.bin

check: deps
	$(Q)$(MAKE) --no-print-directory all $(test_programs) $(test_images)
	$(Q)BUILD=$(BUILD) tools/runtests $(test_programs)

bench: deps
	$(Q)$(MAKE) --no-print-directory all $(bench_programs)
	$(Q)BUILD=$(BUILD) tools/bench

fuzz: deps
	$(Q)BUILD=$(BUILD) tools/fuzz

lint:
	$(Q)tools/lint

format:
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i

install: all
	install -d $(DESTDIR)/usr/bin $(DESTDIR)/usr/lib/vmm $(DESTDIR)/usr/share/man/man1
	install -m 755 $(BUILD)/vmm $(DESTDIR)/usr/bin/vmm

clean:
	rm -rf build compile_commands.json

# Host objects: $(BUILD)/obj/PATH.o from PATH.c.
$(BUILD)/obj/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(cflags) -MMD -MP -c -o $@ $<



-include $(patsubst %.o,%.d,$(call objs,$(vmm_main) $(vmm_sources) $(autopsy_sources) $(test_sources)))

compile_commands.json: Makefile vmm/files.mk
	$(Q)tools/compile-commands '$(CC) $(cflags)' $(vmm_main) $(vmm_sources) $(autopsy_sources) \
		$(test_sources) > $@
