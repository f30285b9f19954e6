#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Firmware images: swcaliptra makes and signs them, tells what is in them, boots them and
# is updated with them.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

image() {
	"$BUILD/swcaliptra" image "$@"
}

# field NAME prints a field of the last text.
field() {
	awk -v name="$1" '$1 == name { $1 = ""; print substr($0, 2); exit }' "$scratch/stdout"
}

# pcr INDEX prints a PCR.
pcr() {
	cli pcr read "$1" | awk '{ print $2 }'
}

# padded FILE prints SHA-384 of a file whose length zeros make a multiple of 4.
padded() {
	cp "$1" "$scratch/padded"
	truncate -s %4 "$scratch/padded"
	digest_of "$scratch/padded"
}

cd "$scratch" || exit
for who in vendor other owner; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out $who.ecc 2>/dev/null
	openssl genpkey -algorithm ML-DSA-87 -out $who.mldsa
	openssl pkey -in $who.ecc -pubout -out $who.ecc.pub
	openssl pkey -in $who.mldsa -pubout -out $who.mldsa.pub
done
head -c 5001 /dev/urandom >fmc
head -c 40002 /dev/urandom >runtime
head -c 30000 /dev/urandom >newer
cd - >/dev/null || exit
zeros96=$(printf '%096d' 0)

# make_image OUT RUNTIME [OPTION...] makes one whose vendor signs with its second keys.
make_image() {
	local out=$1 runtime=$2
	shift 2
	image make --out "$scratch/$out" --fmc "$scratch/fmc" --runtime "$scratch/$runtime" \
		--vendor-ecc "$scratch/other.ecc.pub" --vendor-ecc "$scratch/vendor.ecc" \
		--vendor-pqc "$scratch/other.mldsa.pub" --vendor-pqc "$scratch/vendor.mldsa" \
		--vendor-ecc-index 1 --vendor-pqc-index 1 \
		--owner-ecc "$scratch/owner.ecc" --owner-pqc "$scratch/owner.mldsa" "$@"
}

# --- made and shown ---

succeeds "an image is made" make_image img runtime --svn 5 --fmc-version 2.3.4 \
	--runtime-version 2.5.6 --runtime-revision 0123456789abcdef0123456789abcdef01234567
succeeds "and verifies" image show "$scratch/img"
like "with the keys that are in it" "$out" "verification +good"
like "it says who has signed" "$out" "P-384 key 1 of 2, ML-DSA-87 key 1 of 2"
like "and what it is" "$out" "SVN +5"
like "its FMC" "$out" "FMC +2.3.4 "
like "its runtime" "$out" "runtime +2.5.6 "
like "where that is from" "$out" "revision +0123456789abcdef0123456789abcdef01234567"
like "and what it hashes to" "$out" "digest +$(padded "$scratch/runtime")"
is "it is as long as images have to be" $(($(stat -c %s "$scratch/img") % 256)) 0
cp "$scratch/img" "$scratch/bad"
printf 'x' | dd of="$scratch/bad" bs=1 seek=20000 conv=notrunc status=none
run image show "$scratch/bad"
is "one that has changed does not" "$status" 1
like "and that is said" "$out" IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH
refused "what is none" 1 'begins with neither CMN2 nor CMAN' image show "$scratch/fmc"
head -c 5000 "$scratch/img" >"$scratch/cut"
refused "half of one" 1 'not a whole image' image show "$scratch/cut"
refused "a public key signs nothing" 1 'other.ecc.pub has no private key' \
	make_image no runtime --vendor-ecc-index 0
refused "one kind of key is not the other" 1 'owner.ecc is not a key of ML-DSA-87' \
	make_image no runtime --owner-pqc "$scratch/owner.ecc"
refused "a version that there is not" 2 'no version of FMC 2.32.1' \
	make_image no runtime --fmc-version 2.32.1
refused "an index beyond the keys" 2 'beyond the keys' \
	make_image no runtime --vendor-pqc-index 2
head -c 250000 /dev/zero >"$scratch/long"
refused "too much of firmware" 1 'too long' make_image no long
refused "no key" 2 'make needs' image make --out "$scratch/no"
is "what fails leaves no image" "$(ls "$scratch/no" 2>/dev/null)" ""

# --- booted ---

device_start booted --image "$scratch/img"
succeeds "a device boots it" cli version
is "it runs that runtime" "$(field runtime_version)" 2.5.6
succeeds "FW_INFO" cli cmd FW_INFO
is "has its SVN" "$(field fw_svn)" 5
is "the commit" "$(field runtime_revision)" 0123456789abcdef0123456789abcdef01234567
is "and the key that has signed" "$(field vendor_ecc384_pub_key_index)" 1
is "PCR 2 is what was measured" "$(pcr 2)" \
	"$(extended "$zeros96" "$(padded "$scratch/runtime")")"
succeeds "its certificates" cli certs --idevid "$state/idevid-ecc384.pem" \
	--root "$state/manufacturer-root.pem"
is "are trusted" "$(field trusted)" true

# --- updated ---

succeeds "an update is made" make_image update newer --svn 4 --runtime-version 2.9.9
succeeds "and would be taken" cli cmd FIRMWARE_VERIFY image="@$scratch/update"
is "as the device says" "$(field verify_result)" SUCCESS
journey=$(pcr 3)
succeeds "it is taken" cli cmd --yes FIRMWARE_LOAD image="@$scratch/update"
succeeds "and runs" cli version
is "with its version" "$(field runtime_version)" 2.9.9
succeeds "FW_INFO after it" cli cmd FW_INFO
is "has its SVN" "$(field fw_svn)" 4
is "the lowest" "$(field min_fw_svn)" 4
is "and that of cold boot" "$(field cold_boot_fw_svn)" 5
is "the journey goes on" "$(pcr 3)" \
	"$(extended "$journey" "$(padded "$scratch/newer")")"
succeeds "its certificates" cli certs --idevid "$state/idevid-ecc384.pem" \
	--root "$state/manufacturer-root.pem"
is "are trusted again" "$(field trusted)" true
refused "a bad update" 1 IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH \
	cli cmd --yes FIRMWARE_LOAD image="@$scratch/bad"
succeeds "changes nothing" cli version
is "of what runs" "$(field runtime_version)" 2.9.9
succeeds "off and on" ctl reset cold
succeeds "the device" cli version
is "has its first image again" "$(field runtime_version)" 2.5.6
device_stop TERM

# --- refused ---

succeeds "another vendor's image" image make --out "$scratch/others" --fmc "$scratch/fmc" \
	--runtime "$scratch/runtime" --vendor-ecc "$scratch/other.ecc" \
	--vendor-pqc "$scratch/other.mldsa" --owner-ecc "$scratch/owner.ecc" \
	--owner-pqc "$scratch/owner.mldsa"
device_start booted --image "$scratch/others"
refused "is not booted" 1 IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_MISMATCH cli version
like "and that is said" "$(cat "$scratch/booted/log")" \
	"does not boot: 0x000b0005 IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_MISMATCH"
device_stop TERM
refused "an image is not all that a subsystem needs" 2 'go together' \
	"$BUILD/swcaliptra" --state "$state" --subsystem --image "$scratch/img" \
	--socket "$scratch/socket"

# --- with LMS, and for 1.2 ---

succeeds "an LMS key is made" image lms-key "$scratch/lms"
refused "but never over another" 1 'there already' image lms-key "$scratch/lms"
# the key is longer than the file may be, and the message is not
refused "nor half of one" 1 'can not write .*/half: ' \
	bash -c "trap '' XFSZ; ulimit -f 1; exec '$BUILD/swcaliptra' image lms-key '$scratch/half'"
fails "of which nothing is left" test -e "$scratch/half"
refused "2.x has no SVN of FMC" 2 '--fmc-svn is for a Caliptra 1\.2' image make --fmc-svn 1 \
	--out "$scratch/no" --fmc "$scratch/fmc" --runtime "$scratch/runtime" \
	--vendor-ecc "$scratch/vendor.ecc" --vendor-pqc "$scratch/vendor.mldsa" \
	--owner-ecc "$scratch/owner.ecc" --owner-pqc "$scratch/owner.mldsa"
succeeds "it signs for both" image make --generation 1.2 --out "$scratch/old" \
	--fmc "$scratch/fmc" --runtime "$scratch/runtime" --vendor-ecc "$scratch/vendor.ecc" \
	--vendor-pqc "$scratch/lms" --owner-ecc "$scratch/owner.ecc" --owner-pqc "$scratch/lms" \
	--fmc-svn 2 --svn 3
is "which is counted" "$(sed -n 2p "$scratch/lms")" "NEXT 00000002"
succeeds "the image verifies" image show "$scratch/old"
like "and is of 1.2" "$out" "image for +Caliptra 1.2"
device_start with-lms --generation 1.2 --image "$scratch/old"
succeeds "a device of 1.2 boots it" cli cmd FW_INFO
is "with the SVN of its runtime" "$(field runtime_svn)" 3
is "and of its FMC" "$(field fmc_manifest_svn)" 2
device_stop TERM

tap_end
