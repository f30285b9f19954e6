#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Authorization manifests: swcaliptra makes and signs them, tells what is in them, takes
# them, and boots a subsystem with one.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

manifest() {
	"$BUILD/swcaliptra" manifest "$@"
}

# field NAME prints a field of the last text.
field() {
	awk -v name="$1" '$1 == name { $1 = ""; print substr($0, 2); exit }' "$scratch/stdout"
}

cd "$scratch" || exit
for who in vendor owner soc_vendor soc_owner; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out $who.ecc 2>/dev/null
	openssl genpkey -algorithm ML-DSA-87 -out $who.mldsa
done
head -c 5000 /dev/urandom >fmc
head -c 40000 /dev/urandom >runtime
head -c 6000 /dev/urandom >mcu
head -c 7000 /dev/urandom >newer
head -c 3333 /dev/urandom >nic
cd - >/dev/null || exit

firmware_keys=(--vendor-ecc "$scratch/vendor.ecc" --vendor-pqc "$scratch/vendor.mldsa"
	--owner-ecc "$scratch/owner.ecc" --owner-pqc "$scratch/owner.mldsa")

# make_manifest OUT [OPTION...] makes one with keys of its own.
make_manifest() {
	local out=$1
	shift
	manifest make --out "$scratch/$out" "${firmware_keys[@]}" \
		--manifest-vendor-ecc "$scratch/soc_vendor.ecc" \
		--manifest-vendor-pqc "$scratch/soc_vendor.mldsa" \
		--manifest-owner-ecc "$scratch/soc_owner.ecc" \
		--manifest-owner-pqc "$scratch/soc_owner.mldsa" "$@"
}

# authorize ID FILE [FIELD...] asks whether a file may run as this image.
authorize() {
	local id=$1 file=$2
	shift 2
	cli cmd --yes AUTHORIZE_AND_STASH "fw_id=$(printf '%02x000000' "$id")" \
		"measurement=$(digest_of "$file")" "context=$(printf '%096d' 0)" svn=0 \
		flags=SKIP_STASH source=IN_REQUEST image_size=0 "$@"
}

# --- made and shown ---

succeeds "a firmware image" "$BUILD/swcaliptra" image make --out "$scratch/img" \
	--fmc "$scratch/fmc" --runtime "$scratch/runtime" "${firmware_keys[@]}"
succeeds "and a manifest of that vendor and owner" make_manifest man --manifest-version 7 \
	--image "2=$scratch/mcu,exec-bit=2,load=0x21c00000,staging=0x40000100" \
	--image "9=$scratch/nic,exec-bit=5,component=77,classification=10" \
	--image "4=sha384:$(printf 'ab%.0s' {1..48}),ignore"
is "it is as long as its list may be" "$(stat -c %s "$scratch/man")" 30696
succeeds "it verifies" manifest show "$scratch/man"
like "with its own keys" "$out" "verification +good, with the keys that are in it"
like "it says what it is for" "$out" "manifest for +Caliptra 2.0 and 2.1, of vendor and owner"
like "its version" "$out" "version +7"
like "its images" "$out" "image +9"
like "their digests" "$out" "digest +$(digest_of "$scratch/nic")"
like "where they run" "$out" "loaded to +0x21c00000"
like "what may be any" "$out" "digest +does not count"
succeeds "it verifies with the image" manifest show "$scratch/man" "$scratch/img"
like "whose keys have signed" "$out" "good, with the keys that are in the image"
cp "$scratch/man" "$scratch/bad"
printf 'x' | dd of="$scratch/bad" bs=1 seek=24300 conv=notrunc status=none
run manifest show "$scratch/bad"
is "one that has changed does not" "$status" 1
like "and that is said" "$out" RUNTIME_AUTH_MANIFEST_VENDOR_ECC_SIGNATURE_INVALID
refused "what is none" 1 'not a whole manifest' manifest show "$scratch/fmc"
head -c 9000 "$scratch/man" >"$scratch/cut"
refused "half of one" 1 'not a whole manifest' manifest show "$scratch/cut"
succeeds "one of the owner alone" manifest make --out "$scratch/own" --owner-only \
	--owner-ecc "$scratch/owner.ecc" --owner-pqc "$scratch/owner.mldsa" \
	--image "30=$scratch/newer"
is "is shorter" "$(stat -c %s "$scratch/own")" 14720
succeeds "it verifies, too" manifest show "$scratch/own" "$scratch/img"
refused "the vendor has no part in it" 2 'no part in --owner-only' manifest make --owner-only \
	--out "$scratch/no" "${firmware_keys[@]}" --image "3=$scratch/nic"
refused "the same image twice" 2 'such an image already' make_manifest no \
	--image "3=$scratch/nic" --image "3=$scratch/mcu"
refused "what is no image" 2 'an image is ID=FILE' make_manifest no --image nic
refused "what an image has not" 2 'no such exec-bit' make_manifest no \
	--image "3=$scratch/nic,exec-bit=128"
refused "what is no digest" 2 '96 hexadecimal digits' make_manifest no --image 3=sha384:12
refused "an image that there is not" 1 'can not read' make_manifest no --image "3=$scratch/none"
refused "no image" 2 'needs --out and --image' make_manifest no
refused "no key" 2 'needs the keys of the firmware' manifest make --out "$scratch/no" \
	--image "3=$scratch/nic"
refused "half of a pair of keys" 2 'with every --…-pqc key' manifest make \
	--out "$scratch/no" "${firmware_keys[@]}" --image "3=$scratch/nic" \
	--manifest-owner-pqc "$scratch/soc_owner.mldsa"
is "what fails leaves no manifest" "$(ls "$scratch/no" 2>/dev/null)" ""

# --- taken ---

device_start passive --image "$scratch/img"
refused "an image that no manifest has" 1 RUNTIME_IMAGE_METADATA_NOT_FOUND cli cmd GET_IMAGE_INFO \
	fw_id=09000000
succeeds "a manifest is verified" cli cmd VERIFY_AUTH_MANIFEST manifest="@$scratch/man"
succeeds "and taken" cli cmd --yes SET_AUTH_MANIFEST manifest="@$scratch/man"
succeeds "FW_INFO" cli cmd FW_INFO
is "has its SVN" "$(field soc_manifest_current_svn)" 0
succeeds "an image in it" authorize 9 "$scratch/nic"
is "may run" "$(field auth_req_result)" IMAGE_AUTHORIZED
succeeds "another that says so" authorize 9 "$scratch/mcu"
is "may not" "$(field auth_req_result)" IMAGE_HASH_MISMATCH
succeeds "what may be any" authorize 4 "$scratch/mcu"
is "may be that" "$(field auth_req_result)" IMAGE_AUTHORIZED
succeeds "what is in none" authorize 30 "$scratch/newer"
is "may not" "$(field auth_req_result)" IMAGE_NOT_AUTHORIZED
succeeds "until the owner" cli cmd --yes SET_OWNER_AUTH_MANIFEST manifest="@$scratch/own"
succeeds "says so" authorize 30 "$scratch/newer"
is "alone" "$(field auth_req_result)" IMAGE_AUTHORIZED_OWNER_ONLY
refused "what has changed" 1 RUNTIME_AUTH_MANIFEST_VENDOR_ECC_SIGNATURE_INVALID \
	cli cmd --yes SET_AUTH_MANIFEST manifest="@$scratch/bad"
succeeds "is not taken" authorize 9 "$scratch/nic"
is "and changes nothing" "$(field auth_req_result)" IMAGE_AUTHORIZED
succeeds "an image of the SoC is activated" cli cmd --yes ACTIVATE_FIRMWARE fw_ids=9 \
	mcu_fw_image_size=0 flags=0
device_stop TERM

# --- booted ---

device_start subsystem --subsystem --image "$scratch/img" --manifest "$scratch/man" \
	--mcu-image "$scratch/mcu"
succeeds "a subsystem boots all three" cli version
succeeds "its MCU's image" cli cmd GET_IMAGE_INFO fw_id=02000000
is "is the manifest's" "$(field digest)" "$(digest_of "$scratch/mcu")"
succeeds "an image gets into memory" ctl stage 0x100 "$scratch/mcu"
succeeds "from where it is hashed" cli cmd --yes AUTHORIZE_AND_STASH fw_id=02000000 \
	"measurement=$(printf '%096d' 0)" "context=$(printf '%096d' 0)" svn=0 flags=SKIP_STASH \
	source=STAGING_ADDRESS image_size=6000
is "and may run" "$(field auth_req_result)" IMAGE_AUTHORIZED
succeeds "the MCU starts anew with it" cli cmd --yes ACTIVATE_FIRMWARE fw_ids=2 \
	mcu_fw_image_size=6000 flags=0
refused "more than there is room for" 1 'no room' ctl stage 0x100000 "$scratch/mcu"
refused "what is no file" 1 'can not read' ctl stage 0 "$scratch/none"
refused "no offset" 1 'at an offset' ctl stage here "$scratch/mcu"
succeeds "an image that is not the manifest's" ctl stage 0x100 "$scratch/newer"
refused "is not started" 1 IMAGE_VERIFIER_ACTIVATION_FAILED cli cmd --yes ACTIVATE_FIRMWARE \
	fw_ids=2 mcu_fw_image_size=6000 flags=0
device_stop TERM
device_start subsystem --subsystem --image "$scratch/img" --manifest "$scratch/man" \
	--mcu-image "$scratch/newer"
refused "other firmware of the MCU" 1 IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH cli version
device_stop TERM
refused "firmware of the MCU that is no whole words" 1 'whole words' "$BUILD/swcaliptra" \
	--state "$state" --subsystem --image "$scratch/img" --manifest "$scratch/man" \
	--mcu-image "$scratch/nic" --socket "$scratch/socket"
refused "two of the three" 2 'go together' "$BUILD/swcaliptra" --state "$state" --subsystem \
	--image "$scratch/img" --manifest "$scratch/man" --socket "$scratch/socket"

# --- with LMS, and for 1.2 ---

succeeds "an LMS key is made" "$BUILD/swcaliptra" image lms-key "$scratch/lms"
lms_keys=(--generation 1.2 --vendor-ecc "$scratch/vendor.ecc" --vendor-pqc "$scratch/lms"
	--owner-ecc "$scratch/owner.ecc" --owner-pqc "$scratch/lms")
succeeds "it signs an image" "$BUILD/swcaliptra" image make --out "$scratch/old" \
	--fmc "$scratch/fmc" --runtime "$scratch/runtime" "${lms_keys[@]}"
succeeds "and a manifest" manifest make --out "$scratch/oldman" "${lms_keys[@]}" \
	--image "9=$scratch/nic"
is "four times" "$(sed -n 2p "$scratch/lms")" "NEXT 00000006"
is "which is as long as all of them" "$(stat -c %s "$scratch/oldman")" 14284
succeeds "it verifies" manifest show "$scratch/oldman" "$scratch/old"
refused "but not with other firmware" 1 'different generations' manifest show \
	"$scratch/oldman" "$scratch/img"
refused "nor do images have more than a digest there" 2 'nothing but ignore' manifest make \
	--out "$scratch/no" "${lms_keys[@]}" --image "9=$scratch/nic,load=0x1000"

# patch FILE OFFSET BYTES writes bytes, in octal, into a file.
patch() {
	printf '%b' "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
# without LMS, what it would have signed may be anything, and is not to be followed
no_lms=(--generation 1.2 --vendor-ecc "$scratch/vendor.ecc" --owner-ecc "$scratch/owner.ecc")
succeeds "an image without LMS" "$BUILD/swcaliptra" image make --out "$scratch/ecc" \
	--fmc "$scratch/fmc" --runtime "$scratch/runtime" "${no_lms[@]}"
succeeds "and a manifest" manifest make --out "$scratch/eccman" "${no_lms[@]}" \
	--image "9=$scratch/nic"
succeeds "they verify" manifest show "$scratch/eccman" "$scratch/ecc"
patch "$scratch/ecc" 1932 '\0\0\0\020'
patch "$scratch/eccman" 1972 '\1'
succeeds "what is not signed does not matter" "$BUILD/swcaliptra" image show "$scratch/ecc"
run manifest show "$scratch/eccman" "$scratch/ecc"
is "and is looked for nowhere" "$status" 1
refused "1.2 has none of the owner alone" 2 'has no --owner-only' manifest make \
	--owner-only --out "$scratch/no" --generation 1.2 --image "9=$scratch/nic" \
	--owner-ecc "$scratch/owner.ecc"
device_start of-1x --generation 1.2 --image "$scratch/old"
succeeds "a device of 1.2 takes it" cli cmd --yes SET_AUTH_MANIFEST manifest="@$scratch/oldman"
device_stop TERM

tap_end
