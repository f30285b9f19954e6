#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# list, info, version and capabilities of a device that runs, as text and as JSON.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

device_start one

# lines prints the last text without the blanks that put it in columns.
lines() {
	sed -E 's/^ +//; s/ +/ /' "$scratch/stdout"
}

# same_fields NAME checks that text and JSON have the same fields in the same order. The
# text is what was printed last but one, and is in $scratch/text.
same_fields() {
	is "$1: the text has the fields of the JSON" \
		"$(sed -E 's/^ *([A-Za-z0-9_]+).*/\1/' "$scratch/text")" \
		"$(sed -nE 's/^ *"([A-Za-z0-9_]+)":.*/\1/p' "$scratch/stdout")"
}

# --- list ---

succeeds "list" cli list
is "list tells the device" "$(lines)" "device $device
state ready_for_runtime
mailbox soc
hw_rev_id 0x00000012
hw_generation 2.1.0"
cp "$scratch/stdout" "$scratch/text"
succeeds "list as JSON" cli -o json list
json "list as JSON is a list of one device" "[{'device': '$device',
	'state': 'ready_for_runtime', 'mailbox': 'soc', 'hw_rev_id': '0x00000012',
	'hw_generation': '2.1.0'}]"
first=$out
succeeds "options may stand behind the command" tool list -d "$device" -o json
is "they do the same there" "$out" "$first"
succeeds "and long ones" tool --device="$device" list --output json
is "they do the same too" "$out" "$first"
succeeds "of two devices the last one counts" tool -d "unix:$scratch/none" list -d "$device" \
	-o json
is "which is the one that is listed" "$out" "$first"

run tool -o json list -d "unix:$scratch/none"
is "list of a device that is not there succeeds" "$status" 0
like "and complains" "$err" "^caliptra: can not connect to $scratch/none: No such file"
json "and lists it as unreachable" \
	"[{'device': 'unix:$scratch/none', 'state': 'unreachable'}]"
for place in before behind; do
	none=/dev/caliptra-mbox-of-nobody
	if [[ $place == before ]]; then
		run tool -d $none -o json list
	else
		run tool -o json list -d $none
	fi
	json "a kernel device named $place the command is the one listed" \
		"[{'device': '$none', 'state': 'unreachable'}]"
	like "and is said not to be there" "$err" \
		"^caliptra: $none is not there; is the driver"
done
# Whoever runs this on a machine with a Caliptra gets a list of it.
run tool -o json list
is "list succeeds without a device named" "$status" 0
if compgen -G '/dev/caliptra-mbox*' >/dev/null; then
	like "and finds the kernel's" "$out" '"device": "/dev/caliptra-mbox'
else
	like "and says that there is none" "$err" "there is no device /dev/caliptra-mbox\*"
	json "and its list is empty" "[]"
fi

# --- info ---

succeeds "info" cli info
cp "$scratch/stdout" "$scratch/text"
like "info tells the device" "$out" "^device +$device"$'\n'
like "info tells its state" "$out" $'\n''state +ready_for_runtime'$'\n'
like "info tells of the firmware, indented" "$out" \
	$'\n''firmware:'$'\n''  fips_status +APPROVED'$'\n''  pl0_pauser +1'$'\n'
succeeds "info as JSON" cli -o json info
json "info as JSON has every field" "{
	'device': '$device', 'state': 'ready_for_runtime', 'mailbox': 'soc',
	'hw_rev_id': '0x00000012', 'hw_generation': '2.1.0', 'mailbox_size': 262144,
	'firmware': {
		'fips_status': 'APPROVED', 'pl0_pauser': 1, 'fw_svn': 0, 'min_fw_svn': 0, 'cold_boot_fw_svn': 0,
		'attestation_disabled': 0,
		'rom_revision': hexa(20), 'fmc_revision': hexa(20),
		'runtime_revision': hexa(20),
		'rom_sha256_digest': hexa(32), 'fmc_sha384_digest': hexa(48),
		'runtime_sha384_digest': hexa(48), 'owner_pub_key_hash': '00' * 48,
		'authman_sha384_digest': '00' * 48, 'most_recent_fw_error': '0x00000000',
		'vendor_pub_key_hash': hexa(48), 'image_manifest_pqc_type': 0,
		'vendor_ecc384_pub_key_index': 0, 'vendor_pqc_pub_key_index': 0,
		'soc_manifest_current_svn': 0, 'soc_manifest_min_svn': 0,
		'owner_auth_manifest_current_svn': 0, 'owner_auth_manifest_min_svn': 0}}"
same_fields info
# The firmware's error of a command that failed is what FW_INFO tells afterwards.
refused "the firmware has no CSR" 1 \
	'^caliptra: GET_IDEV_ECC384_CSR: .*RUNTIME_GET_IDEV_ID_UNPROVISIONED \(0x000e0051\): ' \
	cli cmd GET_IDEV_ECC384_CSR
succeeds "info after that" cli info
like "info tells the firmware's last error" "$out" \
	'most_recent_fw_error +RUNTIME_GET_IDEV_ID_UNPROVISIONED \(0x000e0051\)'

# --- version ---

succeeds "version" cli version
is "version tells what swcaliptra is" "$(lines)" "name Caliptra RTM
hw_rev_id 0x00000012
hw_generation 2.1.0
rom_version 2.1.3
fmc_version 2.1.1
runtime_version 2.1.1
mode 0x46495053"
cp "$scratch/stdout" "$scratch/text"
succeeds "version as JSON" cli -o json version
json "version as JSON" "{'name': 'Caliptra RTM', 'hw_rev_id': '0x00000012',
	'hw_generation': '2.1.0', 'rom_version': '2.1.3', 'fmc_version': '2.1.1',
	'runtime_version': '2.1.1', 'mode': '0x46495053'}"
same_fields version

# --- capabilities ---

succeeds "capabilities" cli capabilities
is "capabilities tells those of runtime" "$(lines)" \
	"capabilities 00000000000000010000000000000000
names:
RT_BASE"
succeeds "capabilities as JSON" cli -o json capabilities
json "capabilities as JSON" \
	"{'capabilities': '00000000000000010000000000000000', 'names': ['RT_BASE']}"

# --- a device that has no runtime firmware yet ---

device_start rom --hold firmware
succeeds "info of a device in ROM" cli -o json info
json "says so and has nothing of firmware" "{'device': '$device',
	'state': 'ready_for_mb_processing', 'mailbox': 'soc', 'hw_rev_id': '0x00000012',
	'hw_generation': '2.1.0', 'mailbox_size': int}"
succeeds "version of a device in ROM" cli -o json version
json "has none of the runtime" "{'name': 'Caliptra RTM', 'hw_rev_id': '0x00000012',
	'hw_generation': '2.1.0', 'rom_version': '2.1.3', 'fmc_version': version,
	'runtime_version': '0.0.0', 'mode': '0x46495053'}"
succeeds "capabilities of a device in ROM" cli -o json capabilities
json "are those of ROM" \
	"{'capabilities': '00000000000000000000000000000001', 'names': ['ROM_BASE']}"

# --- a mailbox of an MCI ---

mkdir -p "$scratch/mci"
device_start mci --subsystem --mci0-socket "$scratch/mci/mailbox0" \
	--mci1-socket "$scratch/mci/mailbox1"
core=$device
for n in 0 1; do
	device=unix:$scratch/mci/mailbox$n
	succeeds "mailbox $n: list" cli list
	is "mailbox $n: list tells whose it is" "$(lines)" "device $device
state ready_for_runtime
mailbox mci
hw_rev_id 0x00002100
hw_generation 2.1.0"
	succeeds "mailbox $n: info as JSON" cli -o json info
	json "mailbox $n: info tells of the MCU's firmware" "{
		'device': '$device', 'state': 'ready_for_runtime', 'mailbox': 'mci',
		'hw_rev_id': '0x00002100', 'hw_generation': '2.1.0', 'mailbox_size': 262144,
		'firmware': {'CALIPTRA_CORE': version, 'MCU_RUNTIME': version}}"
	refused "mailbox $n: version is of the core" 1 \
		"^caliptra: VERSION: it is a command of the core's mailbox, and this session is with one of the MCI's" \
		cli version
done
device=$core
succeeds "the core beside it" cli -o json list
json "is one" "[{'device': '$device', 'state': 'ready_for_runtime', 'mailbox': 'soc',
	'hw_rev_id': '0x00000012', 'hw_generation': '2.1.0'}]"

tap_end
