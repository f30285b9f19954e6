#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# firmware.sh GENERATION FOLDER makes firmware images for a Caliptra 1.2, 2.0 or 2.1, as
# selftests/fw-upload.sh wants them: image, which the test machine's Caliptra boots, and
# update, an update of it; and what of it is not to be taken: forged, another vendor's;
# spoiled, with another signature of the vendor; truncated; and long, which no mailbox has
# room for. To be run in the build environment, after make has built swcaliptra.
set -euo pipefail

generation=$1 folder=$2.new
keys=$(mktemp -d)
trap 'rm -rf "$keys"' EXIT

for who in vendor other owner; do
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out "$keys/$who.ecc" 2>/dev/null
	openssl genpkey -algorithm ML-DSA-87 -out "$keys/$who.mldsa"
done
head -c 5001 /dev/urandom >"$keys/fmc"
head -c 40002 /dev/urandom >"$keys/runtime"
# what they are on silicon is about as long
head -c 110003 /dev/urandom >"$keys/newer"

# make NAME VENDOR RUNTIME VERSION
make() {
	local options=()
	# 1.2 knows LMS, and can do without
	[[ $generation == 1.* ]] ||
		options=(--vendor-pqc "$keys/$2.mldsa" --owner-pqc "$keys/owner.mldsa")
	build/vm/host/swcaliptra image make --generation "$generation" --out "$folder/$1" --fmc "$keys/fmc" \
		--runtime "$keys/$3" --runtime-version "$4" --svn 3 --vendor-ecc "$keys/$2.ecc" \
		--owner-ecc "$keys/owner.ecc" "${options[@]}"
}

rm -rf "$folder"
mkdir -p "$folder"
make image vendor runtime 2.5.6
make update vendor newer 2.9.9
make forged other newer 2.9.9
# where the vendor's signature is: vendor_sigs in tools/swcaliptra/bundle.c
signature=4444
[[ $generation != 1.* ]] || signature=1936
cp "$folder/update" "$folder/spoiled"
dd if="$folder/forged" of="$folder/spoiled" bs=1 skip=$signature seek=$signature count=96 conv=notrunc status=none
head -c 50000 "$folder/update" >"$folder/truncated"
head -c $((256 * 1024 + 1)) /dev/zero >"$folder/long"
# all of it or nothing
rm -rf "$2"
mv -T "$folder" "$2"
