#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# pcr read, extend, quote and reset, and measure. What a PCR must be is worked out here.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

device_start one
zeros=$(printf '%096d' 0)
echo "some content" >"$scratch/file"
digest=$(digest_of "$scratch/file")
: >"$scratch/empty"

# pcr N prints its value.
pcr() {
	cli pcr read "$1" | awk '{ print $2 }'
}

# --- read ---

succeeds "pcr read" cli pcr read
is "has every PCR, one to a line" "$(awk '{ print $1 }' <<<"$out")" "$(seq 0 31)"
is "with nothing but number, value and counter" \
	"$(grep -cvE '^( [0-9]|[0-9]{2}) [0-9a-f]{96} 0$' <<<"$out")" 0
is "PCRs 4 to 31 are zero" "$(awk '$1 > 3 { print $2 }' <<<"$out" | uniq)" "$zeros"
is "PCRs 0 to 3 are not" "$(awk '$1 <= 3 { print $2 }' <<<"$out" | grep -c "$zeros")" 0
succeeds "pcr read of some" cli pcr read 31 2 02 7
is "has those, in order and once" "$(awk '{ print $1 }' <<<"$out")" "2"$'\n'"7"$'\n'"31"
succeeds "pcr read as JSON" cli -o json pcr read
json "is a list of 32" "[{'pcr': n, 'value': hexa(48), 'reset_counter': 0} for n in range(32)]"
succeeds "pcr read of one as JSON" cli -o json pcr read 9
json "is a list of one" "[{'pcr': 9, 'value': '$zeros', 'reset_counter': 0}]"

# --- extend ---

succeeds "pcr extend with a digest" cli pcr extend 4 "$digest"
first=$(extended "$zeros" "$digest")
is "PCR 4 is SHA-384 of what it was and the digest" "$(pcr 4)" "$first"
is "PCR 5 is as it was" "$(pcr 5)" "$zeros"
succeeds "pcr extend with a file" cli pcr extend 4 --file "$scratch/file"
like "tells what it extended with" "$out" "^pcr +4"$'\n'"extended_with +$digest\$"
is "PCR 4 is extended again" "$(pcr 4)" "$(extended "$first" "$digest")"
succeeds "pcr extend in large letters" cli pcr extend 5 "${digest^^}"
is "is the same" "$(pcr 5)" "$first"
succeeds "pcr extend with an empty file" cli pcr extend 6 --file "$scratch/empty"
is "has the SHA-384 of nothing" "$(pcr 6)" \
	"$(extended "$zeros" "$(digest_of "$scratch/empty")")"
head -c 300001 /dev/urandom >"$scratch/large"
succeeds "pcr extend with a large file" cli -o json pcr extend 7 --file "$scratch/large"
json "as JSON" "{'pcr': 7, 'extended_with': '$(digest_of "$scratch/large")'}"
is "has all of it" "$(pcr 7)" "$(extended "$zeros" "$(digest_of "$scratch/large")")"
succeeds "the last PCR can be extended" cli pcr extend 31 "$digest"
before=$(cli pcr read)
for n in 0 1 2 3; do
	refused "PCR $n is the firmware's" 2 \
		'^caliptra: EXTEND_PCR: pcr_idx is [0-3], and may be 4 to 31' \
		cli pcr extend $n "$digest"
done
refused "there is no PCR 32" 2 "from 0 to 31" cli pcr extend 32 "$digest"
is "none of those was changed" "$(cli pcr read)" "$before"

# --- reset ---

succeeds "pcr reset" cli pcr reset 4
like "says so" "$out" "^pcr +4"$'\n'"reset_counter +incremented\$"
is "the counter is 1 and the value as before" "$(cli pcr read 4)" \
	" 4 $(extended "$first" "$digest") 1"
succeeds "pcr reset again, as JSON" cli -o json pcr reset 4
json "says so" "{'pcr': 4, 'reset_counter': 'incremented'}"
succeeds "PCR 0 can be reset too" cli pcr reset 0
is "each has a counter of its own" "$(cli pcr read | awk '{ printf "%s", $3 }')" \
	"10002000000000000000000000000000"

# --- quote ---

nonce=$(openssl rand -hex 32)
quote=$scratch/quote message=$scratch/message signature=$scratch/signature
succeeds "pcr quote" cli pcr quote --nonce "$nonce" --out "$quote" --message "$message" \
	--signature "$signature"
is "tells nonce, digest and signature" \
	"$(sed -E 's/ +/ /; s/ [0-9a-f]{96}$/ 48 bytes/' <<<"$out")" "nonce $nonce
digest 48 bytes
signature_r 48 bytes
signature_s 48 bytes"
is "the quote is as long as the response" "$(stat -c %s "$quote")" 1848
values=$(cli pcr read | awk '{ printf "%s", $2 }')
is "the message is PCRs and nonce" "$(od -An -v -tx1 "$message" | tr -d ' \n')" \
	"$values$nonce"
cli certs --pem - 2>&1 |
	awk '/BEGIN/ { n++ } n == 2' | openssl x509 -noout -pubkey >"$scratch/fmc-alias.pem"
ok "openssl verifies message and signature with the FMC alias key" openssl dgst -sha512 \
	-verify "$scratch/fmc-alias.pem" -signature "$signature" "$message"
{ cat "$message"; echo; } >"$scratch/longer"
fails "but no other message" openssl dgst -sha512 -verify "$scratch/fmc-alias.pem" \
	-signature "$signature" "$scratch/longer"

# at OFFSET LENGTH prints bytes of the quote in hexadecimal.
at() {
	od -An -v -tx1 -j "$1" -N "$2" "$quote" | tr -d ' \n'
}
is "the quote has PCRs and nonce behind checksum and fips_status" "$(at 8 1568)" \
	"$values$nonce"
is "then the reset counters" "$(at 1576 128)" \
	"010000000000000000000000000000000200$(printf '%0220d' 0)"
is "then the digest of the message" "$(at 1704 48)" "$(sha512sum "$message" | cut -c 1-96)"
# DER leaves out leading zeros.
der=$(openssl asn1parse -inform DER -in "$signature" |
	awk -F : '/INTEGER/ { n = 96 - length($NF); printf "%.*s%s", n, zeros, $NF }
		' zeros="$zeros" -)
is "then the signature" "$(at 1752 96 | tr a-f A-F)" "$der"

succeeds "pcr quote as JSON" cli -o json pcr quote --nonce "$nonce"
json "pcr quote as JSON has every field" "{'nonce': '$nonce', 'digest': '$(at 1704 48)',
	'signature_r': hexa(48), 'signature_s': hexa(48),
	'pcrs': [{'pcr': n, 'value': '$values'[96 * n:96 * n + 96], 'reset_counter':
		{0: 1, 4: 2}.get(n, 0)} for n in range(32)]}"
run cli pcr quote
first=$(head -n 1 <<<"$out")
like "without --nonce there is one" "$first" '^nonce +[0-9a-f]{64}$'
run cli pcr quote
fails "and each time another" test "$first" = "$(head -n 1 <<<"$out")"
for option in out message signature; do
	succeeds "pcr quote --$option - prints it" cli pcr quote --nonce "$nonce" "--$option" -
	# the signature is another one each time, and then has another length
	case $option in
	out) ok "and nothing else" cmp -n 1704 -i 4 "$scratch/stdout" "$quote" ;;
	message) ok "and nothing else" cmp "$scratch/stdout" "$message" ;;
	signature) ok "and nothing else" openssl dgst -sha512 -verify \
		"$scratch/fmc-alias.pem" -signature "$scratch/stdout" "$message" ;;
	esac
done
for option in out message signature; do
	refused "pcr quote --$option to a full disk fails" 2 \
		"can not write /dev/full: No space" cli pcr quote "--$option" /dev/full
	refused "pcr quote --$option into no folder fails" 2 "can not create $scratch/none/x" \
		cli pcr quote "--$option" "$scratch/none/x"
done

# --- measure ---

device_start two
succeeds "measure" cli measure "$scratch/file"
like "tells file and digest" "$out" "^file +$scratch/file"$'\n'"sha384 +$digest\$"
stashed=$(extended "$zeros" "$digest")
is "PCR 31 is extended with it" "$(pcr 31)" "$stashed"
succeeds "measure an empty file, as JSON" cli -o json measure "$scratch/empty"
json "tells file and digest" \
	"{'file': '$scratch/empty', 'sha384': '$(digest_of "$scratch/empty")'}"
stashed=$(extended "$stashed" "$(digest_of "$scratch/empty")")
is "PCR 31 is extended with that" "$(pcr 31)" "$stashed"
succeeds "measure with metadata and a security version" \
	cli measure --metadata BOOT --svn 0x10 "$scratch/large"
stashed=$(extended "$stashed" "$(digest_of "$scratch/large")")
is "PCR 31 is extended with that too" "$(pcr 31)" "$stashed"
is "no other PCR is" "$(cli pcr read | awk '$1 > 3 && $1 < 31 { print $2 }' | uniq)" "$zeros"

odd=$scratch/$'a "quoted" \\ n\u00e4me\nin two lines'
cp "$scratch/file" "$odd"
succeeds "measure a file with an odd name" cli -o json measure "$odd"
name=$(printf %s "$odd" | od -An -v -tx1 | tr -d ' \n')
json "the name is in the JSON" \
	"{'file': bytes.fromhex('$name').decode(), 'sha384': '$digest'}"
# Latin-1, a surrogate, what is beyond Unicode, and a character that is cut off
odd=$scratch/$'\xe4-\xed\xa0\x80-\xf4\x90\x80\x80-\xe2\x82'
cp "$scratch/file" "$odd"
succeeds "measure a file whose name is no UTF-8" cli -o json measure "$odd"
json "the JSON is UTF-8 all the same" \
	"{'file': '$scratch/?-???-????-??', 'sha384': '$digest'}"
stashed=$(extended "$(extended "$stashed" "$digest")" "$digest")

# The DPE has room for a number of measurements that nobody has to know here.
for ((n = 0; n < 64; n++)); do
	run cli measure "$scratch/file"
	((status == 0)) || break
	stashed=$(extended "$stashed" "$digest")
done
is "at some time the DPE is full: status 1" "$status" 1
like "and the firmware's error" "$err" \
	'STASH_MEASUREMENT: .*RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED'
is "PCR 31 has those before" "$(pcr 31)" "$stashed"

tap_end
