#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# device-tree.sh [--kernel NAME] [--subsystem] [--polling] [--no-aliases] [--no-nodes]
#	[--tpm-pcrs LIST] [--tpm SOCKET] OUTPUT
# makes the device tree of the test machine that boots the kernel NAME: the one that QEMU
# makes for itself, and the Caliptra in it; with --subsystem it has an MCI, too, with
# --polling no interrupt, with --no-aliases no numbers for the mailboxes, with --no-nodes no
# Caliptra at all, with --tpm-pcrs a list of which of its PCRs are a TPM's, and with
# --tpm another TPM, swtpm, which is controlled through that socket. To be run in the build
# environment.
set -euo pipefail

kernel=6.12 subsystem='' polling='' no_aliases='' no_nodes='' tpm_pcrs=() tpm=''
while [[ ${1:-} == --* ]]; do
	case $1 in
	--kernel) kernel=$2 && shift ;;
	--subsystem) subsystem=1 ;;
	--polling) polling=1 ;;
	--no-aliases) no_aliases=1 ;;
	--tpm-pcrs) read -ra tpm_pcrs <<<"$2" && shift ;;
	--no-nodes) no_nodes=1 ;;
	--tpm) tpm=$2 && shift ;;
	*) echo "device-tree.sh: error: There is no option $1." >&2 && exit 2 ;;
	esac
	shift
done
output=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=machine.conf.sh
. tools/vm/machine.conf.sh
[[ ! $tpm ]] || add_tpm "$tpm"
if [[ $no_nodes ]]; then
	overlays=() nodes=()
elif [[ $subsystem ]]; then
	overlays+=(qemu-virt-caliptra-mci)
	nodes+=(mailbox@8000400000)
fi
"${machine[@]}" -machine "dumpdtb=$work/virt.dtb" -serial null -serial null 2>/dev/null
for overlay in "${overlays[@]}"; do
	dtc -q -@ -I dts -O dtb -o "$work/$overlay.dtbo" "dts/$overlay.dtso"
done
# without the room that QEMU leaves, with which it would be too large for the kernel
dtc -q -I dtb -O dtb -o "$output" "$work/virt.dtb"
((!${#overlays[@]})) || fdtoverlay -i "$work/virt.dtb" -o "$output" "$work"/*.dtbo
for name in $(fdtget -p "$output" /aliases); do
	[[ ! $no_aliases || $name != caliptra-* ]] || fdtput -d "$output" /aliases "$name"
done
for node in "${nodes[@]}"; do
	# the tree has no label for it
	[[ ! $interrupt_parent ]] || fdtput "$output" "/$node" interrupt-parent \
		"$(fdtget "$output" "$interrupt_parent" phandle)"
	[[ ! $polling ]] || fdtput -d "$output" "/$node" interrupts interrupt-names
done
((!${#tpm_pcrs[@]})) || fdtput -t u "$output" "/${nodes[0]}" chipsalliance,tpm-pcrs "${tpm_pcrs[@]}"
