#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# device-tree.sh [--polling] OUTPUT makes the device tree of the test machine: the one that
# QEMU makes for itself, and the Caliptra in it; with --polling it has no interrupt. To be
# run in the build environment.
set -euo pipefail

polling=
if [[ $1 == --polling ]]; then
	polling=1
	shift
fi
output=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=machine.conf.sh
. tools/vm/machine.conf.sh
"${machine[@]}" -machine "dumpdtb=$work/virt.dtb" -serial null -serial null 2>/dev/null
dtc -q -@ -I dts -O dtb -o "$work/caliptra.dtbo" dts/qemu-virt-caliptra.dtso
fdtoverlay -i "$work/virt.dtb" -o "$output" "$work/caliptra.dtbo"
if [[ $polling ]]; then
	fdtput -d "$output" /caliptra@10000000 interrupts interrupt-names
fi
