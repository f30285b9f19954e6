# SPDX-License-Identifier: GPL-2.0-or-later
# What runs in the build environment: builds for this host and for the arm64 machine, and
# the machine itself.

ifeq ($(filter -j% --jobserver%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif
MAKEFLAGS += --no-print-directory

B := build/vm
ARM64 := ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-
KERNELS := 6.1 6.12 newest
INITRAMFS := $(B)/initramfs.cpio

.PHONY: host arm64 selftests module machine demo shell
host:
	@$(MAKE) BUILD=$(B)/host all
arm64:
	@$(MAKE) BUILD=$(B)/arm64 $(ARM64) libs cli

# The driver for the kernel that the machine boots.
module: $(B)/modules/6.12/caliptra.ko
$(B)/modules/%/caliptra.ko: $(wildcard kernel/* uapi/linux/*)
	@mkdir -p $(@D)
	@printf '  %-8s%s\n' KBUILD $@
	@$(MAKE) -C kernel KDIR=/opt/kernels/$*/build MO=$(abspath $(@D)) $(ARM64) W=1 \
		>$(@D)/log 2>&1 || { cat $(@D)/log; exit 1; }
	@touch $@

$(B)/arm64/%: arm64 ;

$(INITRAMFS): $(B)/arm64/caliptra $(B)/modules/6.12/caliptra.ko \
		$(wildcard tools/vm/guest/*) tools/vm/initramfs.sh
	@printf '  %-8s%s\n' CPIO $@
	@tools/vm/initramfs.sh $@ $(B)/modules/6.12/caliptra.ko $(B)/arm64/caliptra

machine: host $(INITRAMFS)

demo: machine
	@tools/vm/machine.sh tools/vm/guest/demo.sh
shell: machine
	@tools/vm/machine.sh --interactive
