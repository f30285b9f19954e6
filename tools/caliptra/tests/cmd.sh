#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# cmd: any command by its name and the names of its fields, and what it says to those that
# can not be. What was refused was not sent: the device counts its commands.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

device_start one
hash=$(printf '%096d' 0 | tr 0 a)
printf '%s' "$hash" | sed 's/../\\x&/g' | xargs -0 printf '%b' >"$scratch/hash"

# --- list and describe ---

succeeds "--list" tool cmd --list
like "names core commands" "$out" '(^|'$'\n'')EXTEND_PCR +core  extend '
like "and those of the MCI" "$out" $'\n''MC_FIRMWARE_VERSION +mci  '
like "and of VDM" "$out" $'\n''VDM_IANA_GET_DEBUG_LOG +vdm  '
like "and of the DPE" "$out" $'\n''DPE_DERIVE_CONTEXT +dpe  '
is "all of them" "$(wc -l <<<"$out")" \
	"$(cat Documentation/commands/{core,mci,vdm,dpe}.yaml | grep -c '^    code: ')"
succeeds "--list of a word" tool cmd --list random
is "has those with the word" "$(awk '{ print $1 }' <<<"$out" | sort | xargs)" \
	"CM_RANDOM_GENERATE CM_RANDOM_STIR MC_RANDOM_GENERATE MC_RANDOM_STIR"
succeeds "--list of a pattern" tool cmd --list 'get_*_csr'
like "has those that match" "$out" '^GET_IDEV_ECC384_CSR'
fails "and no other" grep -qv '^GET_.*_CSR ' "$scratch/stdout"
refused "--list of what is not there" 2 "no command is called like 'nonsense'" \
	tool cmd --list nonsense
succeeds "--list as JSON" tool -o json cmd --list SHUTDOWN
json "as JSON" "[{'name': 'SHUTDOWN', 'family': 'core', 'code': '0x46505344', 'doc': text}]"
succeeds "--describe" tool cmd --describe extend_pcr
like "tells what it does" "$out" '^EXTEND_PCR \(core, 0x50435245\): [a-z]'
like "and its fields" "$out" $'\n''Request:'$'\n''  pcr_idx +u32 .*'$'\n''  data +u8\[48\] '
like "and its errors" "$out" $'\n''Errors:'$'\n''.*RUNTIME_PCR_RESERVED'
succeeds "--describe as JSON" tool -o json cmd --describe VERSION
like "has the same" "$out" '"name": "fips_rev"'
refused "--describe of what is not there" 2 "there is no command 'NONSENSE'" \
	tool cmd --describe NONSENSE
failed=
for name in $(tool cmd --list | awk '{ print $1 }'); do
	tool cmd --describe "$name" >"$scratch/text" 2>&1 || failed+=" $name"
	grep -q "^$name (" "$scratch/text" || failed+=" $name"
done
is "--describe knows every command" "$failed" ""

# --- sent ---

succeeds "VERSION" cli cmd VERSION
like "has the fields' names" "$out" $'\n''name +Caliptra RTM$'
succeeds "EXTEND_PCR" cli cmd EXTEND_PCR pcr_idx=16 "data=$hash"
is "changes the PCR" "$(cli pcr read 16 | cut -d ' ' -f 2)" \
	"$({ head -c 48 /dev/zero; cat "$scratch/hash"; } | sha384sum | cut -d ' ' -f 1)"
succeeds "with a file" cli cmd EXTEND_PCR "data=@$scratch/hash" pcr_idx=0x11
is "changes the PCR by the same" "$(cli pcr read 17 | cut -d ' ' -f 2)" \
	"$(cli pcr read 16 | cut -d ' ' -f 2)"
echo "{\"pcr_idx\": 18, \"data\": \"$hash\"}" >"$scratch/request.json"
succeeds "with JSON" cli cmd EXTEND_PCR --json "$scratch/request.json"
is "and so does that" "$(cli pcr read 18 | cut -d ' ' -f 2)" \
	"$(cli pcr read 16 | cut -d ' ' -f 2)"
echo "{\"data\": \"$hash\"}" >"$scratch/half.json"
succeeds "with some of both" cli cmd --json "$scratch/half.json" EXTEND_PCR pcr_idx=19
succeeds "ten is ten" cli cmd EXTEND_PCR pcr_idx=010 "data=$hash"
like "and not eight" "$(cli pcr read 8 10)" '^ 8 0{96} 0'$'\n''10 7'
succeeds "in small letters" cli cmd extend_pcr pcr_idx=20 "data=$hash"
succeeds "by the name of an older age" cli cmd QUOTE_PCRS nonce="$(printf '%064d' 1)"
succeeds "CM_RANDOM_GENERATE" cli -o json cmd CM_RANDOM_GENERATE size=32
json "has as many bytes" "{'fips_status': 'APPROVED', 'data_len': 32, 'data': hexa(32)}"
succeeds "no bytes" cli -o json cmd CM_RANDOM_GENERATE size=0
json "are no bytes" "{'fips_status': 'APPROVED', 'data_len': 0, 'data': ''}"
succeeds "CM_RANDOM_STIR with a length" cli cmd CM_RANDOM_STIR input_size=3 input=010203
succeeds "and without" cli cmd CM_RANDOM_STIR input=010203
refused "the firmware's error has a name and a meaning" 1 \
	'^caliptra: GET_IDEV_ECC384_CSR: .*RUNTIME_GET_IDEV_ID_UNPROVISIONED \(0x000e0051\): [a-zA-Z]' \
	cli cmd GET_IDEV_ECC384_CSR
refused "a command that is not written yet" 1 'RUNTIME_UNIMPLEMENTED_COMMAND' \
	cli cmd CM_STATUS
succeeds "what is no image is verified" cli cmd FIRMWARE_VERIFY "image=@$scratch/hash"
like "and is none" "$out" 'verify_result +FAILURE'
refused "what travels in MCTP" 1 'VDM_IANA_FIRMWARE_VERSION: it travels in MCTP' \
	cli cmd VDM_IANA_FIRMWARE_VERSION area_index=0

# --- not sent ---

before=$(ctl count)
bad() {
	refused "$1" 2 "^caliptra: $2" cli cmd "${@:3}"
}
bad "no command" "which command" --json "$scratch/half.json"
bad "an unknown command" "there is no command 'NONSENSE'" NONSENSE
bad "an unknown field" "EXTEND_PCR has no field 'foo'; it has pcr_idx, data" EXTEND_PCR foo=1
bad "a field where there is none" "VERSION has no fields" VERSION foo=1
bad "a field without a value" "EXTEND_PCR: a field is given as NAME=VALUE, not 'data'" \
	EXTEND_PCR pcr_idx=5 data
bad "a field without a name" "EXTEND_PCR: a field is given as NAME=VALUE" EXTEND_PCR =5
bad "a missing field" "EXTEND_PCR: data is missing; it is 48 bytes" EXTEND_PCR pcr_idx=5
bad "a field twice" "EXTEND_PCR: pcr_idx is given twice" EXTEND_PCR pcr_idx=5 pcr_idx=5
bad "no number" "EXTEND_PCR: pcr_idx can not be 'x'; it is a number from 4 to 31" \
	EXTEND_PCR pcr_idx=x "data=$hash"
bad "half a number" "EXTEND_PCR: pcr_idx can not be '5x'" EXTEND_PCR pcr_idx=5x "data=$hash"
bad "a negative number" "EXTEND_PCR: pcr_idx can not be '-5'" EXTEND_PCR pcr_idx=-5 "data=$hash"
bad "an empty number" "EXTEND_PCR: pcr_idx can not be ''" EXTEND_PCR pcr_idx= "data=$hash"
bad "a number of more than 32 bits" "EXTEND_PCR: pcr_idx can not be '4294967301'" \
	EXTEND_PCR pcr_idx=4294967301 "data=$hash"
bad "a number out of range" "EXTEND_PCR: pcr_idx is 32, and may be 4 to 31" \
	EXTEND_PCR pcr_idx=32 "data=$hash"
bad "too few bytes" "EXTEND_PCR: data has 47 bytes; it is 48 bytes" \
	EXTEND_PCR pcr_idx=5 "data=${hash:2}"
bad "too many bytes" "EXTEND_PCR: data has 49 bytes" EXTEND_PCR pcr_idx=5 "data=${hash}00"
bad "half a byte" "EXTEND_PCR: data can not be '" EXTEND_PCR pcr_idx=5 "data=${hash:1}"
bad "no hexadecimal" "EXTEND_PCR: data can not be 'zz" EXTEND_PCR pcr_idx=5 "data=zz${hash:2}"
bad "a file of another size" "EXTEND_PCR: data has 0 bytes" EXTEND_PCR pcr_idx=5 data=@/dev/null
bad "a file that is not there" "EXTEND_PCR: data: can not open $scratch/none: .*; it is 48 bytes" \
	EXTEND_PCR pcr_idx=5 "data=@$scratch/none"
bad "a folder" "EXTEND_PCR: data: can not read $scratch: Is a directory; it is 48 bytes" \
	EXTEND_PCR pcr_idx=5 "data=@$scratch"
bad "a file without an end" "EXTEND_PCR: data: /dev/zero is longer than 1 MiB; it is 48 bytes" \
	EXTEND_PCR pcr_idx=5 data=@/dev/zero
bad "an unknown value" "CM_SHA_INIT: hash_algorithm can not be 'MD5'; it is one of .*SHA384" \
	CM_SHA_INIT hash_algorithm=MD5 input=00
bad "a value out of an enumeration" "CM_SHA_INIT: hash_algorithm is 77, and may be .*SHA384" \
	CM_SHA_INIT hash_algorithm=77 input=00
bad "an unknown flag" "ACTIVATE_FIRMWARE: flags can not be 'NONE'" ACTIVATE_FIRMWARE --yes \
	fw_ids=3 mcu_fw_image_size=0 flags=NONE
bad "a bit that is no flag" \
	"ACTIVATE_FIRMWARE: flags is 0x2, and may have nothing but INITIAL_ACTIVATE \(1\)" \
	ACTIVATE_FIRMWARE --yes fw_ids=3 mcu_fw_image_size=0 flags=2
bad "a bit where there is no flag that may be set" "DPE_SIGN_ECC384: flags is 0x2, and must be 0" \
	DPE_SIGN_ECC384 handle.bytes="$(printf '%032d' 0)" label="$hash" flags=2 digest="$hash"
bad "an image without a byte" "FIRMWARE_LOAD: image has 0 bytes; it is 1 to 262144 bytes" \
	FIRMWARE_LOAD --yes image=
bad "an image where there is none" "RI_DOWNLOAD_FIRMWARE has no fields" \
	RI_DOWNLOAD_FIRMWARE --yes image=00
bad "too many numbers" "ACTIVATE_FIRMWARE: fw_ids has more than 128 numbers" \
	ACTIVATE_FIRMWARE --yes "fw_ids=$(printf '1,%.0s' {1..128})1" mcu_fw_image_size=0 flags=0
bad "a wrong length" "CM_RANDOM_STIR: input_size is 4, and input has 3 bytes" \
	CM_RANDOM_STIR input_size=4 input=010203
bad "more bytes than fit" "CM_RANDOM_STIR: input has 4097 bytes; it is at most 4080 bytes" \
	CM_RANDOM_STIR "input=$(printf '%08194d' 0)"
head -c 4096 /dev/zero >"$scratch/long"
bad "more bytes than the firmware takes" "CM_RANDOM_STIR: input has 4096 bytes; it is at most 4080 bytes" \
	CM_RANDOM_STIR "input=@$scratch/long"
echo '{"pcr_idx": 5' >"$scratch/broken.json"
bad "JSON that ends" "$scratch/broken.json is not a JSON object: it ends too early" \
	EXTEND_PCR --json "$scratch/broken.json"
echo '{"pcr_idx" 5}' >"$scratch/broken.json"
bad "what is not JSON" "$scratch/broken.json is not JSON at byte " \
	EXTEND_PCR --json "$scratch/broken.json"
# json NAME REASON TEXT gives it, with a good PCR and good data beside it.
bad_json() {
	printf '%s' "$3" >"$scratch/odd.json"
	bad "$1" "$2" EXTEND_PCR --json "$scratch/odd.json"
}
bad_json "a name twice" "EXTEND_PCR: pcr_idx is given twice" \
	"{\"pcr_idx\": 17, \"pcr_idx\": 18, \"data\": \"$hash\"}"
bad_json "a name twice, once with an escape" "EXTEND_PCR: pcr_idx is given twice" \
	"{\"pcr_idx\": 17, \"pcr_\\u0069dx\": 18, \"data\": \"$hash\"}"
bad_json "a name twice in a structure" "EXTEND_PCR: a\[1\].b is given twice" \
	'{"a": [{"b": 1}, {"b": 1, "b": 2}]}'
bad_json "a name in single quotes" "$scratch/odd.json is not JSON at byte 16: a name in double quotes" \
	"{\"pcr_idx\": 17, 'pcr_idx': 18, \"data\": \"$hash\"}"
bad_json "a string in single quotes" "$scratch/odd.json is not JSON at byte 12: no value" \
	"{\"pcr_idx\": '17', \"data\": \"$hash\"}"
bad_json "a colon in single quotes beside a name twice" "EXTEND_PCR: pcr_idx is given twice" \
	"{\"pcr_idx\": 17, \"pcr_idx\": 18, ':': 1, \"data\": \"$hash\"}"
bad_json "a name with a NUL" \
	"EXTEND_PCR has no field .pcr_idx.u0000zz.: no name has a NUL" \
	"{\"pcr_idx\\u0000zz\": 17, \"data\": \"$hash\"}"
bad_json "a number for bytes" "EXTEND_PCR: data can not be 12; it is 48 bytes in hexadecimal, in a string" \
	'{"pcr_idx": 16, "data": 12}'
bad_json "a number of 65 bits" \
	"EXTEND_PCR: pcr_idx can not be 18446744073709551616; it is a number from 4 to 31" \
	'{"pcr_idx": 18446744073709551616}'
bad_json "a number of 64 bits" "EXTEND_PCR: pcr_idx can not be '18446744073709551615'; it is a num" \
	'{"pcr_idx": 18446744073709551615}'
bad_json "a number below all" \
	"EXTEND_PCR: pcr_idx can not be -9223372036854775809; it is a number from 4 to 31" \
	'{"pcr_idx": -9223372036854775809}'
bad_json "a number with a zero before it" "$scratch/odd.json is not JSON at byte 13: " '{"pcr_idx": 016}'
bad_json "a number that ends" "$scratch/odd.json is not JSON at byte 14: a digit" '{"pcr_idx": 1.}'
bad_json "nothing for a number" "EXTEND_PCR: pcr_idx can not be null; it is" '{"pcr_idx": null}'
bad_json "a comma at the end" "$scratch/odd.json is not JSON at byte 14: a name" '{"pcr_idx": 1,}'
bad_json "a comment" "$scratch/odd.json is not JSON at byte 1: " '{/* */"pcr_idx": 1}'
bad_json "an escape that is none" "$scratch/odd.json is not JSON at byte [0-9]*: " '{"data": "\x"}'
bad_json "a line feed in a string" "$scratch/odd.json is not JSON at byte 10: " $'{"data": "\n"}'
bad_json "a string that ends" "$scratch/odd.json is not a JSON object: it ends too early" '{"data": "'
bad_json "a deep nest" "$scratch/odd.json is not JSON at byte 40: it is nested too deeply" \
	"{\"data\": $(printf '[%.0s' {1..100})"
bad_json "a string with a NUL" "EXTEND_PCR: pcr_idx can not be" \
	"{\"pcr_idx\": \"16\\u0000\", \"data\": \"$hash\"}"
bad_json "an empty structure" "EXTEND_PCR: x is empty" \
	"{\"pcr_idx\": 16, \"data\": \"$hash\", \"x\": {}}"
bad_json "no name" "EXTEND_PCR: there is a field without a name" \
	"{\"\": {\"pcr_idx\": 16}, \"data\": \"$hash\"}"
bad_json "a file, which only an argument may name" "EXTEND_PCR: data can not be '@" \
	"{\"pcr_idx\": 16, \"data\": \"@$scratch/hash\"}"
printf '{"pcr_idx": 16, "data": "%s"}\0' "$hash" >"$scratch/nul.json"
bad "a NUL after JSON" "$scratch/nul.json is not JSON" EXTEND_PCR --json "$scratch/nul.json"
echo '[5]' >"$scratch/list.json"
bad "what is no JSON object" "$scratch/list.json is not a JSON object" \
	EXTEND_PCR --json "$scratch/list.json"
echo '{"pcr_idx": true}' >"$scratch/bool.json"
bad "a truth for a number" "EXTEND_PCR: pcr_idx can not be true; it is a number" \
	EXTEND_PCR --json "$scratch/bool.json"
echo '{"pcr_idx": 5.5}' >"$scratch/real.json"
bad "a fraction" "EXTEND_PCR: pcr_idx can not be 5.5; it is a number" \
	EXTEND_PCR --json "$scratch/real.json"
echo '{"pcr_idx": -5}' >"$scratch/minus.json"
bad "a negative number in JSON" "EXTEND_PCR: pcr_idx can not be '-5'" \
	EXTEND_PCR --json "$scratch/minus.json"
echo '{"data": [1, 2]}' >"$scratch/bytes.json"
bad "a list for bytes" "EXTEND_PCR: data can not be a list" EXTEND_PCR --json "$scratch/bytes.json"
echo '{"pcr_idx": {"a": 1}}' >"$scratch/deep.json"
bad "an object for a number" "EXTEND_PCR has no field 'pcr_idx.a'" \
	EXTEND_PCR --json "$scratch/deep.json"
bad "JSON and command line at odds" "EXTEND_PCR: data is given twice" \
	EXTEND_PCR --json "$scratch/half.json" pcr_idx=5 "data=$hash"
printf '{"fw_ids": [1, "2", null], "mcu_fw_image_size": 0, "flags": 0}' >"$scratch/null.json"
bad "nothing in a list" "ACTIVATE_FIRMWARE: fw_ids can not be null; it is 1 to 128 numbers" \
	ACTIVATE_FIRMWARE --yes --json "$scratch/null.json"
echo '{"input": 12}' >"$scratch/number.json"
bad "a number for bytes of any length" "CM_RANDOM_STIR: input can not be 12; it is at most 4080 bytes" \
	CM_RANDOM_STIR --json "$scratch/number.json"
bad "@ alone" "EXTEND_PCR: data can not be '@' without a file" EXTEND_PCR pcr_idx=5 data=@
bad "a flag that must not be" "DPE_SIGN_ECC384: flags is 0x[0-9a-f]*, and must not have IS_RAW" \
	DPE_SIGN_ECC384 handle.bytes="$(printf '%032d' 0)" label="$hash" \
	flags=IS_RAW digest="$hash"
bad "--list with --describe" "--list and --describe go with no other option" \
	--list --describe VERSION
bad "a name with an escape sequence" "there is no command 'X\?\[2J'" $'X\e[2J'
bad "--list with more" "--list and --describe take one name" --list VERSION CAPABILITIES
is "nothing of that was sent" "$(ctl count)" "$before"

# --- structures ---

refused "numbers, and their count" 1 RUNTIME_MAILBOX_INVALID_PARAMS cli cmd ACTIVATE_FIRMWARE \
	--yes fw_ids=3,4 mcu_fw_image_size=0 flags=INITIAL_ACTIVATE
refused "fields of a structure" 1 RUNTIME_DPE_COMMAND_DESERIALIZATION_FAILED \
	cli cmd INVOKE_DPE_MLDSA87 --yes flags=0 axi_response.addr_lo=1 axi_response.addr_hi=2 \
	axi_response.max_size=0 data=00
cat >"$scratch/nested.json" <<'JSON'
{"flags": "0", "axi_response": {"addr_lo": 1, "addr_hi": 2, "max_size": 0}, "data": "00"}
JSON
refused "or a structure in JSON" 1 RUNTIME_DPE_COMMAND_DESERIALIZATION_FAILED \
	cli cmd INVOKE_DPE_MLDSA87 --yes --json "$scratch/nested.json"
succeeds "a DPE command" cli cmd DPE_GET_PROFILE profile=P384_SHA384
like "has an answer inside of one" "$out" $'\n''max_tci_nodes +64'

# --- what changes the device for everybody ---

on_terminal() {
	run script -qec "$*" /dev/null
}
on_terminal "$BUILD/caliptra -d $device cmd SHUTDOWN"
like "a terminal is asked for --yes" "$out" 'SHUTDOWN changes the device for everybody; say --yes'
on_terminal "$BUILD/caliptra -d $device cmd --yes REALLOCATE_DPE_CONTEXT_LIMITS pl0_context_limit=16"
like "and with it a command is sent" "$out" 'new_pl0_context_limit +16'
succeeds "--describe of what travels in a privileged command" tool cmd --describe DPE_SIGN_MLDSA87
like "says so" "$out" 'It travels in INVOKE_DPE_MLDSA87, which is for administrators\.'
succeeds "--describe of what may do so" tool cmd --describe DPE_GET_PROFILE
like "says when" "$out" \
	'It travels with the profile MLDSA87 in INVOKE_DPE_MLDSA87, which is for.administrators\.'
succeeds "--describe of what has the code of one" tool -o json cmd --describe MC_DOT_STATUS
like "says of which" "$out" '"privilege": "has the code of MC_DEVICE_OWNERSHIP_TRANSFER, '
like "and is as privileged" "$out" '"privileged": true'
on_terminal "$BUILD/caliptra -d $device cmd DPE_GET_PROFILE profile=MLDSA87"
like "a terminal is asked for what is inside of one" "$out" \
	'DPE_GET_PROFILE travels with the profile MLDSA87 in INVOKE_DPE_MLDSA87, .*; say --yes'
on_terminal "$BUILD/caliptra -d $device cmd --yes DPE_GET_PROFILE profile=MLDSA87"
like "and with --yes that is sent" "$out" 'max_tci_nodes +64'
on_terminal "$BUILD/caliptra -d $device cmd DPE_GET_PROFILE profile=P384_SHA384"
like "the other profile needs none" "$out" 'max_tci_nodes +64'
succeeds "a script is not asked" cli cmd SHUTDOWN
refused "and that was it" 1 'RUNTIME_SHUTDOWN' cli cmd VERSION

# --- to the MCI's mailbox ---

mkdir -p "$scratch/mci"
device_start mci --subsystem --mci0-socket "$scratch/mci/mailbox"
device=unix:$scratch/mci/mailbox
succeeds "MC_FIRMWARE_VERSION" cli cmd MC_FIRMWARE_VERSION index=1
like "has a response" "$out" $'\n''version +322e302e30$'
succeeds "MC_CLEAR_LOG" cli cmd MC_CLEAR_LOG --yes
refused "one that the MCU does not have" 1 'gave no error code' cli cmd MC_CM_STATUS
before=$(ctl count)
for command in VERSION FW_INFO DPE_GET_PROFILE\ profile=P384_SHA384; do
	read -ra words <<<"$command"
	refused "$command is of the core" 1 \
		"^caliptra: ${words[0]}: it is a command of the core's mailbox, and this session is with one of the MCI's" \
		cli cmd "${words[@]}"
done
device=unix:$scratch/mci/socket
refused "MC_FIRMWARE_VERSION is of the MCI" 1 \
	"^caliptra: MC_FIRMWARE_VERSION: it is a command of the MCI's mailboxes, and this session is with the core's" \
	cli cmd MC_FIRMWARE_VERSION index=0
is "none of them was sent" "$(ctl count)" "$before"
succeeds "VERSION goes to the core" cli cmd VERSION

tap_end
