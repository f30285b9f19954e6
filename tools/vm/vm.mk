# SPDX-License-Identifier: GPL-2.0-or-later
# What runs in the build environment: builds for this host and for the arm64 machine, and
# the machine itself.

ifeq ($(filter -j% --jobserver%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif
MAKEFLAGS += --no-print-directory

override B := build/vm
USER_BUILD := $(MAKE) GEN=build/gen CFLAGS='-O2 -g -Werror'
TESTS := $(patsubst %.c,$(B)/sanitized/%,$(wildcard lib/tests/*.c tools/*/tests/*.c))
ARM64 := ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-
RISCV64 := ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu-
X86_64 := ARCH=x86_64 CROSS_COMPILE=x86_64-linux-gnu-
# how to build for the kernel of this name
cross = $(if $(filter riscv64-%,$(1)),$(RISCV64),$(if $(filter x86_64-%,$(1)),$(X86_64),$(ARM64)))
KERNELS := 6.1 6.12 newest debug
# what "make shell" boots
KERNEL := 6.12
INITRAMFS := $(B)/initramfs.cpio

.PHONY: gen host arm64 selftests module tests machine demo shell
gen:
	@$(USER_BUILD) gen
host: gen
	@$(USER_BUILD) BUILD=$(B)/host all
arm64: gen
	@$(USER_BUILD) BUILD=$(B)/arm64 $(ARM64) libs cli

# The driver for the kernel that the machine boots. For the debug kernel, which
# tools/vm/kernel.sh has made, it has its unit tests and counts what runs; without a seed
# the compiler would stamp what it counts with the time.
module: $(B)/modules/6.12/caliptra.ko
DRIVER := $(shell find kernel uapi -type f) $(addprefix build/gen/kernel/,core-commands.h mci-commands.h api-commands.h)
$(B)/modules/debug/caliptra.ko: private KBUILD_FLAGS := \
	CONFIG_CALIPTRA_KUNIT_TEST=y GCOV_PROFILE=y KCOV_INSTRUMENT=y KCFLAGS=-frandom-seed=caliptra
$(B)/modules/%/caliptra.ko: $(DRIVER)
	@printf '  %-8s%s\n' KBUILD $@
	@mkdir -p $(@D) && $(MAKE) -C kernel KDIR=/opt/kernels/$*/build MO=$(abspath $(@D)) $(call cross,$*) W=1 \
		$(KBUILD_FLAGS) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }
	@touch $@

# Other modules of the kernel's, which use the driver.
$(B)/modules/%/api-test/api_test.ko: $(wildcard selftests/modules/*) $(B)/modules/%/caliptra.ko
	@printf '  %-8s%s\n' KBUILD $@
	@rm -rf $(@D) && mkdir -p $(@D) && ln -sf $(abspath $(filter selftests/%,$^)) $(@D)/ && \
		$(MAKE) -C /opt/kernels/$*/build M=$(abspath $(@D)) $(call cross,$*) W=1 DRIVER=$(abspath $(B)/modules/$*) \
		KBUILD_EXTRA_SYMBOLS=$(abspath $(B)/modules/$*/Module.symvers) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }
	@touch $@

build/gen/%: gen ;
$(B)/arm64/%: arm64 ;

$(INITRAMFS): $(B)/arm64/caliptra $(B)/modules/6.12/caliptra.ko \
		$(wildcard tools/vm/guest/*) tools/vm/initramfs.sh
	@printf '  %-8s%s\n' CPIO $@
	@tools/vm/initramfs.sh $@ $(B)/modules/6.12/caliptra.ko $(B)/arm64/caliptra

# What uses a TPM there: Debian's own programs, and the kernel's tests, with what they need
# of Python, some of which nothing imports by name. libtss2-tctildr loads the other library.
GUEST := /opt/guest/usr/bin
TPM_TESTS := /opt/linux-source/tools/testing/selftests/tpm2
$(B)/tpm-tools.cpio: tools/vm/initramfs.sh tools/vm/root.sh tools/vm/packages
	@printf '  %-8s%s\n' CPIO $@
	@tools/vm/initramfs.sh --more $@ $(GUEST)/evmctl $(GUEST)/rngtest $(GUEST)/tpm2* \
		/usr/lib/aarch64-linux-gnu/libtss2-tcti-device.so.0 \
		$(GUEST)/python3* $(wildcard $(addprefix $(TPM_TESTS)/,*.py *.sh)) \
		$(wildcard $(addprefix /usr/lib/python3.*/,encodings/utf_8.py unittest/__main__.py)) \
		$$(python3 -m modulefinder $(TPM_TESTS)/tpm2_tests.py | sed -nE 's/^[Pm] .* (\/.*\.py)$$/\1/p')

# Tests that run in the machine, without its libraries.
SELFTEST_CFLAGS := -O2 -g -Wall -Wextra -Werror -Wno-missing-field-initializers \
	-Wno-unused-parameter -Wno-sign-compare -D_GNU_SOURCE -static -pthread \
	-Iuapi -Ikernel -I/opt/linux-source/tools/testing/selftests
SELFTESTS := $(patsubst selftests/%.c,$(B)/selftests/%,$(wildcard selftests/*.c)) \
	$(B)/selftests/abi32 \
	$(patsubst %,$(B)/%,$(filter-out selftests/run.sh,$(wildcard selftests/*.sh)))

selftests: $(SELFTESTS) $(B)/modules/6.12/api-test/api_test.ko
SELFTEST_HEADERS := $(wildcard selftests/*.h) uapi/linux/caliptra.h kernel/caliptra-regs.h
$(B)/selftests/%: selftests/%.c $(SELFTEST_HEADERS)
	@mkdir -p $(@D)
	@printf '  %-8s%s\n' CC $@
	@aarch64-linux-gnu-gcc $(SELFTEST_CFLAGS) -o $@ $<
$(B)/selftests/abi32: selftests/abi.c $(SELFTEST_HEADERS)
	@mkdir -p $(@D)
	@printf '  %-8s%s\n' CC $@
	@arm-linux-gnueabihf-gcc $(SELFTEST_CFLAGS) -o $@ $<
# The kernel's own library for netlink, and what its generator makes for the family.
YNL := $(B)/ynl
$(YNL)/user/caliptra-user.c $(YNL)/user/caliptra-user.h &: tools/gen/netlink.sh \
		Documentation/netlink/specs/caliptra.yaml
	@printf '  %-8s%s\n' YNL $(YNL)
	@tools/gen/netlink.sh $(YNL) && touch $(YNL)/user/*
$(B)/selftests/netlink: selftests/netlink.c $(YNL)/user/caliptra-user.c \
		$(SELFTEST_HEADERS) uapi/linux/caliptra_netlink.h
	@mkdir -p $(@D)
	@printf '  %-8s%s\n' CC $@
	@aarch64-linux-gnu-gcc $(SELFTEST_CFLAGS) -I$(YNL)/user -I/opt/linux-source/tools/net/ynl/lib \
		-o $@ $(filter %.c,$^) /opt/linux-source/tools/net/ynl/lib/ynl.c
$(B)/selftests/%.sh: selftests/%.sh
	@mkdir -p $(@D)
	@cp $< $@

# What of them the riscv64 machine runs, which has no line to the software Caliptra.
RISCV64_SELFTESTS := $(addprefix $(B)/riscv64/selftests/,abi concurrent)
$(B)/riscv64/selftests/%: selftests/%.c $(SELFTEST_HEADERS)
	@mkdir -p $(@D)
	@printf '  %-8s%s\n' CC $@
	@riscv64-linux-gnu-gcc $(SELFTEST_CFLAGS) -o $@ $<
$(B)/riscv64/initramfs.cpio: tools/vm/guest/first.c
	@printf '  %-8s%s\n' CPIO $@
	@rm -rf $(B)/riscv64/root && mkdir -p $(addprefix $(B)/riscv64/root/,dev lib/modules proc root sys tmp)
	@riscv64-linux-gnu-gcc -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -static -o $(B)/riscv64/root/init $<
	@cd $(B)/riscv64/root && find . -exec touch -h -d @0 {} + && \
		find . | LC_ALL=C sort | cpio -o -H newc --reproducible --quiet >../initramfs.cpio

# Firmware of a Caliptra, and updates of it.
FIRMWARE := $(patsubst %,$(B)/firmware/%/image,1.2 2.0 2.1)
$(FIRMWARE): $(B)/firmware/%/image: tools/vm/firmware.sh $(B)/host/swcaliptra
	@printf '  %-8s%s\n' IMAGE $@
	@tools/vm/firmware.sh $* $(@D)

# Unit tests feed hostile bytes to code in which every slip is to be seen.
SANITIZERS := -fno-sanitize-recover=all -DSWCALIPTRA_EXPECT_KEPT
SANITIZED_CFLAGS := -O1 -g -Werror -fsanitize=address,undefined $(SANITIZERS)
tests: gen
	@$(USER_BUILD) CFLAGS='$(SANITIZED_CFLAGS)' BUILD=$(B)/sanitized tests

# Goals are built one at a time, so that several may run side by side; see Makefile.
.PHONY: build-matrix build-demo build-shell build-check build-bench build-soak build-lint build-fuzz
build-demo: machine
build-shell: machine $(if $(filter-out builtin,$(KERNEL)),$(B)/modules/$(KERNEL)/caliptra.ko)
build-check: machine selftests tests $(FIRMWARE) $(B)/tpm-tools.cpio $(KERNELS:%=$(B)/modules/%/caliptra.ko) \
	$(B)/modules/debug/api-test/api_test.ko $(B)/bench/bench
build-bench: machine $(B)/bench/bench $(B)/bench/measure $(B)/bench/rot
build-soak: machine tests $(B)/modules/debug/caliptra.ko $(addprefix $(B)/selftests/,soak fuzz_ioctl)
build-lint: module

.PHONY: check matrix lint bench soak fuzz
# percent of kernel/ that must run in the tests on the debug kernel
COVERAGE := 90
check:
	@COVERAGE=$(COVERAGE) KERNELS='$(KERNELS)' TESTS='$(TESTS)' tools/check/check.sh
# Every kernel and architecture, with sparse's opinion. C=1 would ask kernels from 7.2 on
# whether they like this sparse, which Debian's headers can not tell.
MATRIX := $(KERNELS) $(foreach a,x86_64 riscv64,$(addprefix $(a)-,6.1 6.12 newest))
build-matrix: machine selftests $(RISCV64_SELFTESTS) $(B)/riscv64/initramfs.cpio \
	$(B)/modules/debug/caliptra.ko $(B)/modules/riscv64-newest/caliptra.ko $(MATRIX:%=$(B)/matrix/%/caliptra.ko)
matrix:
	@modules=$(B)/matrix KERNELS='$(MATRIX)' tools/check/check.sh matrix
$(B)/matrix/debug/caliptra.ko: private KBUILD_FLAGS := CONFIG_CALIPTRA_KUNIT_TEST=y
$(B)/matrix/%/caliptra.ko: $(DRIVER)
	@printf '  %-8s%s\n' KBUILD $@
	@rm -rf $(@D) && mkdir -p $(@D) && $(MAKE) -C kernel V=0 KDIR=/opt/kernels/$*/build MO=$(abspath $(@D)) $(call cross,$*) W=1 \
		KBUILD_CHECKSRC=1 CHECK='$(CURDIR)/tools/check/sparse.sh' CF=-D__CHECK_ENDIAN__ $(KBUILD_FLAGS) \
		$(if $(wildcard /opt/kernels/$*/build/Module.symvers),,KBUILD_MODPOST_WARN=1) >$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }
	@touch $@

lint:
	@tools/check/lint.sh

$(B)/bench/bench $(B)/bench/measure: $(B)/bench/%: tools/bench/%.c $(SELFTEST_HEADERS)
	@mkdir -p $(@D)
	@printf '  %-8s%s\n' CC $@
	@aarch64-linux-gnu-gcc $(SELFTEST_CFLAGS) -Iselftests -o $@ $<
# On this machine, without the other one.
$(B)/bench/rot: $(wildcard tools/bench/rot/*) lib/src/peer.h $(B)/host/libcaliptra.a
	@mkdir -p $(@D)
	@printf '  %-8s%s\n' CC $@
	@gcc -std=c17 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror -Wno-missing-field-initializers -Ilib/include \
		-Ilib/src -Ibuild/gen/include -o $@ $(filter %.c %.a,$^) -lcrypto
$(B)/host/%: host ;
bench:
	@tools/bench/bench.sh
soak:
	@tools/soak/soak.sh

# Fuzzers of messages, one for each family of commands, and of the software device.
FUZZ_CFLAGS := -O1 -g -Werror -fsanitize=fuzzer-no-link,address,undefined $(SANITIZERS)
build-fuzz: gen
	@$(USER_BUILD) CC=clang CFLAGS='$(FUZZ_CFLAGS)' BUILD=$(B)/fuzz fuzzers
fuzz:
	@tools/fuzz/fuzz.sh core mci vdm dpe device

machine: host $(INITRAMFS)

demo:
	@tools/vm/machine.sh tools/vm/guest/demo.sh
shell:
	@tools/vm/machine.sh --kernel $(KERNEL) --interactive
