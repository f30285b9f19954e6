#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each generation of Caliptra: the tool finds out which it talks to, and its commands, its
# certificates and its quotes are those of that generation.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

# field NAME prints a field of the last text.
field() {
	awk -v name="$1" '$1 == name { $1 = ""; print substr($0, 2); exit }' "$scratch/stdout"
}

# check_generation GENERATION HARDWARE RUNTIME MAILBOX SVN NAMES
check_generation() {
	local g=$1 hardware=$2 runtime=$3 mailbox=$4 svn=$5 names=$6 root idevid chain quote nonce
	device_start "$g" --generation "$g" --idev-csr
	root=$state/manufacturer-root.pem idevid=$state/idevid-ecc384.pem
	chain=$scratch/$g.chain quote=$scratch/$g.quote nonce=$(openssl rand -hex 32)

	succeeds "$g: info" cli info
	is "$g: the hardware" "$(field hw_generation)" "$hardware"
	is "$g: the size of the mailbox" "$(field mailbox_size)" "$mailbox"
	is "$g: FW_INFO of that generation" "$(field "$svn")" 0
	succeeds "$g: version" cli version
	is "$g: the runtime" "$(field runtime_version)" "$runtime"
	succeeds "$g: a CSR" cli cmd GET_IDEV_ECC384_CSR
	is "$g: it has what it says" "$(field data | wc -c)" $(($(field data_size) * 2 + 1))

	succeeds "$g: certs" cli certs --idevid "$idevid" --root "$root" --pem "$chain"
	is "$g: they are trusted" "$(field trusted)" true
	is "$g: they are called after their generation" \
		"$(grep -c "subject.*CN=$names" "$scratch/stdout")" 4

	succeeds "$g: pcr extend" cli pcr extend 16 --file "$root"
	succeeds "$g: pcr reset" cli pcr reset 16
	succeeds "$g: pcr quote" cli pcr quote --nonce "$nonce" --out "$quote"
	succeeds "$g: the quote is believed" cli quote verify "$quote" --nonce "$nonce" \
		--root "$root" --chain "$chain"
	printf '\x01' | dd of="$quote" bs=1 seek=100 conv=notrunc status=none
	fails "$g: but not if a PCR is another" cli quote verify "$quote" --nonce "$nonce" \
		--root "$root" --chain "$chain"
	run cli cmd STASH_MEASUREMENT metadata=07000000 measurement="$(printf '%096d' 0)" \
		context="$(printf '%096d' 0)" svn=0
	is "$g: STASH_MEASUREMENT is answered" "$status $(field dpe_result)" "0 0"
}

# unknown NAME CODE... passes where the firmware does not know the command.
unknown() {
	run cli cmd "${@:2}"
	like "$1: the firmware does not know it" "$err" RUNTIME_UNIMPLEMENTED_COMMAND
}

check_generation 1.2 1.1.0 1.2.5 131072 runtime_svn "Caliptra 1\.0 "
unknown "1.2: CM_RANDOM_GENERATE" CM_RANDOM_GENERATE size=8
unknown "1.2: GET_LDEV_MLDSA87_CERT" GET_LDEV_MLDSA87_CERT
device_stop TERM
check_generation 2.0 2.0.0 2.0.2 262144 fw_svn "Caliptra 2\.0 Ecc384 "
succeeds "2.0: CM_RANDOM_GENERATE" cli cmd CM_RANDOM_GENERATE size=8
unknown "2.0: CM_SHAKE256_INIT" CM_SHAKE256_INIT input=00
device_stop TERM
check_generation 2.1 2.1.0 2.1.1 262144 fw_svn "Caliptra 2\.1 Ecc384 "
device_stop TERM

# --- the device stays what it is ---

device_start 1.2
succeeds "a device of 1.2 without the option" cli version
is "is still one" "$(field runtime_version)" 1.2.5
device_stop TERM
run "$BUILD/swcaliptra" --state "$state" --generation 2.1 --socket "$scratch/socket"
is "and is refused as another" "$status" 1
like "with the reason" "$err" "has a Caliptra 1.2, not 2.1; --reset-state"
run "$BUILD/swcaliptra" --generation 3.0 --socket "$scratch/socket"
is "there is no 3.0" "$status" 2
like "and that is said" "$err" "takes 1.2, 2.0 or 2.1, not 3.0"

# --- lists of commands ---

# codes prints how many codes there are in the list of the core mailbox, which is first.
codes() {
	awk '!NF { exit } /^0x/ { n++ } END { print n }' "$scratch/stdout"
}

succeeds "commands of 1.2" "$BUILD/swcaliptra" --generation 1.2 --list-commands
is "are as many as it has" "$(codes)" 33
like "and have their old names" "$out" "0x49444543 +GET_IDEV_CERT +- +answered"
like "its ROM has no certificate of LDevID" "$out" "GET_LDEV_CERT +- "
like "what needs the SHA accelerator is answered" "$out" "ECDSA384_VERIFY +- +answered"
is "and there is no MCI mailbox" "$(grep -c MCI "$scratch/stdout")" 0
run "$BUILD/swcaliptra" --state "$state" --subsystem --socket "$scratch/socket"
is "nor can there be" "$status" 1
like "and that is said" "$err" "a Caliptra 1.2 is never part of a subsystem"
succeeds "commands of 2.0" "$BUILD/swcaliptra" --list-commands --generation 2.0
is "are as many as it has codes" "$(codes)" 95
like "its ROM has that certificate" "$out" "GET_LDEV_ECC384_CERT +answered"

tap_end
