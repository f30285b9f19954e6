# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034
#
# The test machine, as far as its device tree depends on it.
machine=(qemu-system-aarch64 -machine virt -cpu cortex-a57 -smp 2 -m 512M -nodefaults -nographic)
