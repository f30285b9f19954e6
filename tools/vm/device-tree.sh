#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# device-tree.sh [--subsystem] [--polling] OUTPUT makes the device tree of the test machine:
# the one that QEMU makes for itself, and the Caliptra in it; with --subsystem it has an MCI,
# too, and with --polling no interrupt. To be run in the build environment.
set -euo pipefail

overlays=(qemu-virt-caliptra) nodes=(caliptra@10000000) polling=
while [[ ${1:-} == --* ]]; do
	case $1 in
	--subsystem)
		overlays+=(qemu-virt-caliptra-mci)
		nodes+=(mailbox@8000400000)
		;;
	--polling) polling=1 ;;
	*) echo "device-tree.sh: error: There is no option $1." >&2 && exit 2 ;;
	esac
	shift
done
output=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=machine.conf.sh
. tools/vm/machine.conf.sh
"${machine[@]}" -machine "dumpdtb=$work/virt.dtb" -serial null -serial null 2>/dev/null
for overlay in "${overlays[@]}"; do
	dtc -q -@ -I dts -O dtb -o "$work/$overlay.dtbo" "dts/$overlay.dtso"
done
fdtoverlay -i "$work/virt.dtb" -o "$output" "$work"/*.dtbo
if [[ $polling ]]; then
	for node in "${nodes[@]}"; do
		fdtput -d "$output" "/$node" interrupts interrupt-names
	done
fi
