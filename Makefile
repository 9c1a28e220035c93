# vmm: one non-recursive Makefile; everything is built below $(BUILD).
#   V=1 shows commands, SAN=1 builds with ASan and UBSan into build/san, BUILD=DIR builds elsewhere,
#   JOBS=N runs that many test programs side by side (as many as there are CPUs),
#   DEPS=no never installs packages, PREFIX=DIR and DESTDIR=DIR say where `make install` puts things. Nothing here needs a compiler before tools/deps has run.

SAN   ?= 0
V     ?= 0
DEPS  ?= yes
JOBS  ?= $(shell nproc)
PREFIX ?= /usr
BUILD ?= build$(if $(filter 1,$(SAN)),/san)
CC    ?= cc
Q     := $(if $(filter 1,$(V)),,@)
say    = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2);)
deps   = $(Q)tools/deps $(if $(filter no,$(DEPS)),--check) $(1)
sub    = $(Q)$(MAKE) --no-print-directory $(1)

CFLAGS  ?= -O2 -g
cflags  := -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
           -Wno-unused-parameter -Iinclude -Ivmm -fno-omit-frame-pointer $(CFLAGS)
ldflags := $(LDFLAGS)
ifeq ($(SAN),1)
cflags  += -fsanitize=address,undefined -fno-sanitize-recover=undefined
ldflags += -fsanitize=address,undefined
endif

objs = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

.PHONY: all run check check-programs check-lab check-svm check-vmx hosts-table bench fuzz lint format install clean distclean tests benches
.DELETE_ON_ERROR:
all:

include vmm/files.mk
include guest/files.mk
-include tools/files.mk

# Their recipes keep make from telling of each program that there is nothing to do for it.
all: $(programs) $(guest_images) $(example_images)
	@:
tests: all $(test_programs) $(test_images)
	@:
benches: $(bench_programs)
	@:

# Packages come before anything is built, hence a second make: with -j, "run: deps all" would build at once.
run:
	$(call deps,build)
	$(call sub,all)
	$(Q)cd $(BUILD) && ./vmm -i guest/initrd.cpio guest/kernel.bin

# Real programs run under QEMU where that is faster: vmm's sanitizers have nothing to see then.
check:
	$(call deps,build test $(if $(filter 1,$(SAN)),,programs))
	$(call sub,tests)
	$(Q)BUILD=$(BUILD) V=$(V) JOBS=$(JOBS) tools/runtests $(if $(filter 1,$(SAN)),,$(program_tests)) $(test_programs)

# The suites that depend on the KVM, on an emulated AMD and an emulated Intel machine.
check-svm check-vmx: check-%:
	$(call deps,build test lab-$*)
	$(call sub,all $(test_programs) $(test_images))
	$(Q)BUILD=$(BUILD) V=$(V) tools/lab $* $(lab_options) -- env CATALOGUE_STEP=$($*_step) bash ../tools/runtests $($*_tests:%=tests/%)

# Real programs and their own test suites on the guest kernel, beside the host's Linux: those of make check and the slow ones.
check-programs:
	$(call deps,build test programs)
	$(call sub,all)
	$(Q)BUILD=$(BUILD) V=$(V) TEST_TIMEOUT=1800 JOBS=$(JOBS) tools/runtests guest/tests/programs/check-slow $(program_tests)

check-lab:
	$(call deps,build lab-svm)
	$(call sub,all)
	$(Q)BUILD=$(BUILD) tools/runtests tools/check-lab

hosts-table:
	$(Q)BUILD=$(BUILD) tools/hosts-table

bench:
	$(call deps,build)
	$(call sub,benches)
	$(Q)BUILD=$(BUILD) tools/bench

fuzz:
	$(call deps,build fuzz)
	$(Q)BUILD=$(BUILD) tools/fuzz

lint:
	$(call deps,build lint)
	$(call sub,all)
	$(Q)BUILD=$(BUILD) tools/lint

format:
	$(Q)git ls-files '*.c' '*.h' | xargs clang-format -i

# bisect has a name that is ours alone there. tools/lab needs the source and its build, and stays with them.
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/lib/vmm/examples
	install -m 755 $(BUILD)/vmm $(DESTDIR)$(PREFIX)/bin/vmm
	install -m 755 $(BUILD)/bisect $(DESTDIR)$(PREFIX)/bin/vmm-bisect
	install -m 644 $(filter %.so,$(programs)) $(guest_images) $(DESTDIR)$(PREFIX)/lib/vmm
	install -m 644 $(example_images) $(DESTDIR)$(PREFIX)/lib/vmm/examples
	install -m 644 $(man_pages) $(DESTDIR)$(PREFIX)/share/man/man1

# `clean` leaves what was fetched from elsewhere.
clean distclean:
	rm -rf $(if $(filter clean,$@),$(filter-out %/cache,$(wildcard $(BUILD)/*)),$(BUILD)) compile_commands.json

man_pages := docs/vmm.1 docs/vmm-bisect.1
sources    = $(vmm_main) $(vmm_sources) $(autopsy_sources) $(test_sources)

# Host objects: $(BUILD)/obj/PATH.o from PATH.c.
$(BUILD)/obj/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(cflags) -MMD -MP -c -o $@ $<

-include $(patsubst %.o,%.d,$(call objs,$(sources)))

compile_commands.json: Makefile vmm/files.mk
	$(Q)tools/compile-commands '$(CC) $(cflags)' $(sources) >$@
