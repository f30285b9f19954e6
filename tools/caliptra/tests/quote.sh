#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# quote verify: a good quote is believed, and for each thing that can be wrong with one the
# tool says which check failed, and fails no other. Such quotes are made of a good one.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

device_start other
other_root=$state/manufacturer-root.pem
other_chain=$scratch/other-chain.pem
cli certs --idevid "$state/idevid-ecc384.pem" --pem "$other_chain" >/dev/null
device_stop TERM
device_start one
root=$state/manufacturer-root.pem idevid=$state/idevid-ecc384.pem
chain=$scratch/chain.pem quote=$scratch/quote
cli certs --idevid "$idevid" --pem "$chain" >/dev/null
cli pcr extend 4 --file "$root" >/dev/null
cli pcr reset 9 >/dev/null
nonce=$(openssl rand -hex 32)
cli pcr quote --nonce "$nonce" --out "$quote" >/dev/null
cli pcr read >"$scratch/pcrs"
value=$(awk '$1 == 4 { print $2 }' "$scratch/pcrs")
wrong_value=$(printf '%096d' 0)
names=(format chain signature nonce digest PCRs)

# outcomes prints how the checks of the last run went, one word each.
outcomes() {
	sed -nE 's/^ *"[a-zA-Z]+": "(not checked|passed|failed).*/\1/p' "$scratch/stdout" |
		tr ' \n' '- '
}

# verify ARGUMENT... is quote verify of $quote as it should be asked, and more arguments.
verify() {
	cli -o json quote verify "$quote" --nonce "$nonce" --root "$root" --chain "$chain" "$@"
}

# believed NAME COMMAND... passes where the quote is believed.
believed() {
	local name=$1
	shift
	succeeds "$name: believed" "$@"
	is "$name: every check passed" "$(outcomes)" "${names[*]/*/passed} "
}

# not_believed NAME FAILED SKIPPED REGEX COMMAND... passes where the quote is not believed
# and those checks are told to have failed or to be skipped, the others to have passed.
not_believed() {
	local name=$1 failed=" $2 " skipped=" $3 " regex=$4 check wanted=
	shift 4
	for check in "${names[@]}"; do
		if [[ $failed == *" $check "* ]]; then
			wanted+='failed '
		elif [[ $skipped == *" $check "* ]]; then
			wanted+='not-checked '
		else
			wanted+='passed '
		fi
	done
	run "$@"
	is "$name: status 3, and nothing on stderr" "$status:$err" "3:"
	is "$name: these checks failed:${failed% }" "$(outcomes)" "$wanted"
	like "$name: it says why" "$out" "\"trusted\": false,.*$regex"
}

# forge OFFSET [keep] writes to $scratch/forged the quote with one byte changed, and with a
# checksum that is right again, unless it is to be kept.
forge() {
	python3 -IS - "$quote" "$scratch/forged" "$@" <<-'PYTHON'
		import sys
		data = bytearray(open(sys.argv[1], "rb").read())
		data[int(sys.argv[3])] ^= 0x01
		if len(sys.argv) == 4:
		    data[:4] = (-sum(data[4:]) & 0xffffffff).to_bytes(4, "little")
		open(sys.argv[2], "wb").write(data)
	PYTHON
}

# verify_forged ARGUMENT... is verify, of $scratch/forged.
verify_forged() {
	cli -o json quote verify "$scratch/forged" --nonce "$nonce" --root "$root" \
		--chain "$chain" "$@"
}

# --- good ones ---

believed "a good quote" verify
json "a good quote: the JSON has every field" "{'trusted': True, 'checks': {
	'format': 'passed: 1848 bytes with their checksum',
	'chain': re.compile('passed: 4 certificates verified; .*, and the RT alias below it'),
	'signature': 'passed: the FMC alias key signed the digest',
	'nonce': 'passed: it is the nonce that was sent',
	'digest': 'passed: it is that of the PCRs and the nonce',
	'PCRs': 'passed: 0 as expected, and PCR 2 as the RT alias certificate says'}}"
succeeds "a good quote, as text" cli quote verify "$quote" --nonce "$nonce" --root "$root" \
	--chain "$chain"
like "has the verdict" "$out" '^trusted +true'$'\n''checks:'
is "and six checks that passed" "$(grep -cE '^  [a-zA-Z]+ +passed: ' <<<"$out")" 6
believed "with a PCR" verify --pcr "4=$value"
like "with a PCR: it counts" "$out" '"PCRs": "passed: 1 as expected'
believed "with a PCR in large letters" verify --pcr "4=${value^^}"
believed "with all PCRs of pcr read" verify --pcrs "$scratch/pcrs"
like "with all PCRs: it counts" "$out" '"PCRs": "passed: 32 as expected'
printf '# expected\r\n\n\t4\t%s\r\n  5 %s comment\n' "$value" "$wrong_value" \
	>"$scratch/by-hand"
believed "with PCRs of a file by hand" verify --pcrs "$scratch/by-hand"
like "with PCRs of a file by hand: it counts" "$out" '"PCRs": "passed: 2 as expected'
believed "with PCRs of both" verify --pcrs "$scratch/by-hand" --pcr "6=$wrong_value"
believed "with the nonce in large letters" cli -o json quote verify "$quote" \
	--nonce "${nonce^^}" --root "$root" --chain "$chain"
believed "with the chain of the device" cli -o json quote verify "$quote" \
	--nonce "$nonce" --root "$root" --idevid "$idevid"
awk -v prefix="$scratch/c" '/BEGIN/ { n++ } { print > (prefix n ".pem") }' "$chain"
cat "$scratch"/c{4,2,3,1}.pem >"$scratch/mixed.pem"
believed "with the chain in another order" tool -o json quote verify "$quote" \
	--nonce "$nonce" --root "$root" --chain "$scratch/mixed.pem"
cat "$scratch"/c{1,2,3}.pem >"$scratch/three.pem"
believed "without the RT alias certificate" tool -o json quote verify "$quote" \
	--nonce "$nonce" --root "$root" --chain "$scratch/three.pem"
like "and then PCR 2 is nobody's word" "$out" '"PCRs": "passed: 0 as expected"'
cli pcr quote --nonce "$nonce" --out - >"$scratch/again"
believed "another quote with the same nonce" tool -o json quote verify "$scratch/again" \
	--nonce "$nonce" --root "$root" --chain "$chain" --pcrs "$scratch/pcrs"

# --- each check alone ---

forge 0 keep
not_believed "the checksum is changed" format "" 'the checksum is 0x' verify_forged
for offset in 12:0 440:9 1543:31; do
	forge ${offset%:*}
	not_believed "PCR ${offset#*:} is changed in the quote" digest "" \
		'the PCRs or the nonce are not those' verify_forged
done
for offset in 1704:first 1751:last; do
	forge ${offset%:*}
	not_believed "the ${offset#*:} byte of the digest is changed" "signature digest" "" \
		'not one of the FMC alias key' verify_forged
done
for offset in 1752 1799 1800 1847; do
	forge $offset
	not_believed "the signature is changed, byte $offset" signature "" \
		'not one of the FMC alias key' verify_forged
done
for digit in 0 63; do
	asked=${nonce::digit}$(tr 0-9a-f 1-9a-f0 <<<"${nonce:digit:1}")${nonce:digit+1}
	not_believed "the nonce that was sent is another, digit $digit" nonce "" \
		'it is not the nonce that was sent' cli -o json quote verify "$quote" \
		--nonce "$asked" --root "$root" --chain "$chain"
done
not_believed "PCR 4 is not as expected" PCRs "" 'not as expected: 4"' \
	verify --pcr "4=$wrong_value"
not_believed "the last digit of a PCR is not as expected" PCRs "" 'not as expected: 9"' \
	verify --pcr "4=$value" --pcr "9=${wrong_value:1}1"
sed -E 's/^( 4|31) ./\1 f/; /^ 4 f/s/f/0/' "$scratch/pcrs" >"$scratch/wrong-pcrs"
not_believed "a PCR of a file is not as expected" PCRs "" 'not as expected: .*31"' \
	verify --pcrs "$scratch/wrong-pcrs"
not_believed "several PCRs are not" PCRs "" 'not as expected: 0 4 8"' verify \
	--pcr "8=${value}" --pcr "0=$value" --pcr "4=$wrong_value" --pcr "5=$wrong_value"
for what in "$other_root:another manufacturer's root" "/dev/null:an empty root" \
	"$quote:a root that is none"; do
	not_believed "${what#*:}" chain signature '"chain": "failed: ' \
		cli -o json quote verify "$quote" --nonce "$nonce" --root "${what%%:*}" \
		--chain "$chain"
done
not_believed "another device's chain" signature "" 'not one of the FMC alias key' \
	cli -o json quote verify "$quote" --nonce "$nonce" --root "$other_root" \
	--chain "$other_chain"
cat "$scratch"/c{2,3,4}.pem >"$scratch/no-idevid.pem"
cat "$scratch"/c{1,2,4}.pem >"$scratch/no-fmc-alias.pem"
cat "$scratch"/c{1,2}.pem >"$scratch/no-alias.pem"
sed '2s/^..../AAAA/' "$chain" >"$scratch/torn.pem"
: >"$scratch/empty.pem"
for what in 'no-idevid:LDevID: unable to get local issuer' \
	'no-fmc-alias:Rt Alias: unable to get local issuer' \
	'no-alias:there is no FMC alias certificate among the 2' \
	'torn:certificate 1 of the chain is not one in PEM' \
	'empty:certificate 1 of the chain is not one in PEM'; do
	not_believed "a chain: ${what%%:*}" chain signature "${what#*:}" cli -o json \
		quote verify "$quote" --nonce "$nonce" --root "$root" \
		--chain "$scratch/${what%%:*}.pem"
done
not_believed "the device's chain without its IDevID" chain signature \
	'LDevID: unable to get local issuer' \
	cli -o json quote verify "$quote" --nonce "$nonce" --root "$root"
head -c 1847 "$quote" >"$scratch/1847"
cat "$quote" "$quote" >"$scratch/3696"
: >"$scratch/0"
for size in 0 1847 3696; do
	not_believed "a quote of $size bytes" format "signature nonce digest PCRs" \
		"the quote has $size bytes, and it should have 1848" cli -o json quote verify \
		"$scratch/$size" --nonce "$nonce" --root "$root" --chain "$chain"
done

# --- several at once ---

forge 210 keep
not_believed "a byte is changed, and the checksum left" "format digest" "" \
	'the quote is not as the device sent it' verify_forged
forge 210
not_believed "PCR 4 is changed, and told" "digest PCRs" "" 'not as expected: 4"' \
	verify_forged --pcr "4=$value"
forge 110
not_believed "PCR 2 is not what the RT alias certificate says" "digest PCRs" "" \
	'not as expected: 2"' verify_forged
for offset in 1544 1575; do
	forge $offset
	not_believed "the quote's nonce is changed, byte $offset" "nonce digest" "" \
		'it is not the nonce that was sent' verify_forged
done
forge 210
not_believed "everything is wrong" "chain nonce digest PCRs" signature '"format": "passed' \
	cli -o json quote verify "$scratch/forged" --nonce "${nonce:1}${nonce::1}" \
	--root "$other_root" --chain "$chain" --pcr "4=$value"
run cli quote verify "$scratch/forged" --nonce "$nonce" --root "$root" --chain "$chain"
is "the text of a quote that is not believed: status 3" "$status" 3
like "it has the verdict and the reason" "$out" \
	'^trusted +false'$'\n''.* digest +failed: the PCRs or the nonce are not those'

# A limit of the command, not of the tool: counters are in no digest.
forge 1576
believed "a reset counter is changed, which nobody signed" verify_forged

tap_end
