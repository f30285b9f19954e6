#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# certs: the certificates in PEM, their summary, and what is decided about them. OpenSSL's
# own tool must see the same in them.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

device_start one --idev-csr
idevid=$state/idevid-ecc384.pem root=$state/manufacturer-root.pem
pem=$scratch/chain.pem

# split FILE PREFIX puts each certificate into a file of its own, and prints how many.
split() {
	awk -v prefix="$2" '/BEGIN/ { n++ } { print > (prefix n ".pem") } END { print n }' "$1"
}

# field CERTIFICATE OPTION prints what OpenSSL says of one.
field() {
	openssl x509 -in "$1" -noout "$2" -nameopt RFC2253 | cut -d = -f 2-
}

# --- PEM ---

succeeds "certs --pem FILE" cli certs --idevid "$idevid" --pem "$pem"
like "prints the summary as well" "$out" '^certificates:'
is "the file has four certificates" "$(split "$pem" "$scratch/c")" 4
ok "of which the first is the IDevID's" \
	cmp "$idevid" "$scratch/c1.pem"
for layer in "2 LDevID" "3 FMC Alias" "4 Rt Alias"; do
	n=${layer%% *} name=${layer#* }
	like "certificate $n is that of $name" "$(field "$scratch/c$n.pem" -subject)" \
		"CN=Caliptra 2.1 Ecc384 $name\$"
done
is "its mode is that of other new files" "$(stat -c %a "$pem")" 644
for n in 2 3 4; do
	cat "$scratch"/c[1-$((n - 1))].pem >"$scratch/above.pem"
	ok "openssl verifies certificate $n" openssl verify -x509_strict -CAfile "$root" \
		-untrusted "$scratch/above.pem" "$scratch/c$n.pem"
done
ok "openssl verifies the IDevID's" openssl verify -x509_strict -CAfile "$root" \
	"$scratch/c1.pem"

succeeds "certs without --idevid" cli certs --pem "$scratch/three.pem"
cat "$scratch"/c[234].pem >"$scratch/wanted"
ok "writes the device's own three" cmp "$scratch/three.pem" "$scratch/wanted"
succeeds "certs --pem - prints PEM" cli certs --idevid "$idevid" --pem -
ok "and nothing else" cmp "$pem" "$scratch/stdout"
{ echo "what follows is a certificate"; cat "$idevid"; } >"$scratch/wordy.pem"
succeeds "text around an IDevID certificate is left out" \
	cli certs --idevid "$scratch/wordy.pem" --pem -
ok "and the certificate is not" cmp "$pem" "$scratch/stdout"
mkfifo "$scratch/fifo"
spawn cp "$scratch/fifo" "$scratch/from-fifo"
copier=$!
succeeds "certs --pem to a pipe" cli certs --idevid "$idevid" --pem "$scratch/fifo"
wait $copier
ok "the pipe got it" cmp "$pem" "$scratch/from-fifo"
ok "and is still one" test -p "$scratch/fifo"

# --- files ---

echo old >"$scratch/old"
chmod 600 "$scratch/old"
succeeds "an old file is replaced" cli certs --idevid "$idevid" --pem "$scratch/old"
ok "by the chain" cmp "$pem" "$scratch/old"
mkdir "$scratch/dir"
refused "a folder is no file to write" 2 "can not write $scratch/dir: Is a directory" \
	cli certs --pem "$scratch/dir"
refused "nor is one in a folder that is not there" 2 \
	"can not create $scratch/none/pem: No such file" cli certs --pem "$scratch/none/pem"
refused "a full disk fails" 2 "can not write /dev/full: No space left" \
	cli certs --pem /dev/full
refused "an IDevID certificate that is not there" 2 "can not open $scratch/none" \
	cli certs --idevid "$scratch/none"
sed '1a Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n' \
	"$idevid" >"$scratch/encrypted.pem"
refused "an encrypted file is none" 2 '^caliptra: .*/encrypted.pem is not a certificate in PEM' \
	cli certs --idevid "$scratch/encrypted.pem"
is "and nobody is asked for its passphrase" \
	"$( (cli certs --idevid "$scratch/encrypted.pem" 2>/dev/null; cat) <<<secret)" secret
echo text >"$scratch/text"
refused "one that is none" 2 "$scratch/text is not a certificate in PEM" \
	cli certs --idevid "$scratch/text"
sed '3s/^..../AAAA/' "$idevid" >"$scratch/torn.pem"
head -n 4 "$idevid" >"$scratch/short.pem"
cat "$idevid" "$scratch/torn.pem" >"$scratch/half-torn.pem"
for file in torn short half-torn; do
	echo untouched >"$scratch/kept"
	refused "one that is $file" 2 "$scratch/$file.pem is not a certificate in PEM" \
		cli certs --idevid "$scratch/$file.pem" --pem "$scratch/kept"
	is "leaves the file of the chain alone" "$(cat "$scratch/kept")" untouched
done
# full FILE is certs --pem FILE where no file may have more than 1024 bytes.
full() {
	(trap '' XFSZ && ulimit -f 1 && cli certs --pem "$1")
}
echo old >"$scratch/old"
refused "a file that can not be written whole" 2 "can not write $scratch/old: File too large" \
	full "$scratch/old"
is "is as it was" "$(cat "$scratch/old")" old
refused "a root that is not there" 2 "can not open $scratch/none" \
	cli certs --root "$scratch/none"
ok "no file was left behind beside these" \
	test -z "$(find "$scratch" -name '*.pem.*' -o -name 'old.*' -o -name 'kept.*')"

# --- the summary ---

measurement="{'type': text, 'svn': 256, 'sha384': hexa(48)}"
succeeds "certs as JSON" cli -o json certs --idevid "$idevid" --root "$root"
cp "$scratch/stdout" "$scratch/json"
json "certs as JSON has every field" "{'certificates': [
	{'subject': text, 'issuer': text, 'serial': hexa(20)},
	{'subject': text, 'issuer': text, 'serial': hexa(20)},
	{'subject': text, 'issuer': text, 'serial': hexa(20), 'measurements': [
		{'type': 'CALIPTRA_2_X_FUSE_OWNER_INFO', 'sha384': hexa(48)},
		{'type': 'CALIPTRA_2_X_FUSE_VENDOR_INFO', 'sha384': hexa(48)},
		$measurement]},
	{'subject': text, 'issuer': text, 'serial': hexa(20), 'measurements': [
		$measurement]}],
	'trusted': True, 'verification': text}"
for name in subject issuer serial; do
	is "its $name is what openssl tells" \
		"$(sed -nE "s/^ *\"$name\": \"(.*)\",?/\\1/p" "$scratch/json")" \
		"$(for n in 1 2 3 4; do
			# the last two are written in small letters
			if [[ $name == serial ]]; then
				field "$scratch/c$n.pem" -serial | tr A-F a-f
			else
				field "$scratch/c$n.pem" "-$name"
			fi
		done)"
done
run cli -o json info
for layer in "3 fmc" "4 runtime"; do
	digest=$(sed -nE "s/^ *\"${layer#* }_sha384_digest\": \"(.*)\",/\\1/p" <<<"$out")
	like "certificate ${layer% *} tells what FW_INFO says of the ${layer#* }" \
		"$(openssl x509 -in "$scratch/c${layer% *}.pem" -outform DER | od -An -v -tx1 |
			tr -d ' \n')" "${digest:-none}"
	like "and so does the summary" "$(cat "$scratch/json")" \
		"\"sha384\": \"${digest:-none}\""
done
succeeds "certs as text" cli certs --idevid "$idevid" --root "$root"
is "has a subject for each certificate" "$(grep -c '^  subject ' <<<"$out")" 4
like "and the verdict" "$out" $'\n''trusted +true'$'\n''verification +4 certificates verified;'
succeeds "certs without --root has no verdict" cli -o json certs
json "and three certificates" "{'certificates': [dict, dict, dict]}"

# --- the other kind of key, which is the IDevID's ---

succeeds "a root with an ML-DSA-87 key" "$BUILD/swcaliptra" ca --state "$state" root mldsa87
cp "$scratch/stdout" "$scratch/mldsa-root.pem"
mldsa=$state/idevid-mldsa87.pem
succeeds "certs with an ML-DSA-87 IDevID" cli certs --idevid "$mldsa" \
	--root "$scratch/mldsa-root.pem" --pem "$scratch/mldsa.pem"
like "is trusted" "$out" $'\n''verification +4 certificates verified; Caliptra 2.1 MlDsa87 FMC Alias'
is "and has four certificates" "$(split "$scratch/mldsa.pem" "$scratch/m")" 4
cat "$scratch"/m[123].pem >"$scratch/above.pem"
ok "openssl verifies the last of them" openssl verify -x509_strict \
	-CAfile "$scratch/mldsa-root.pem" -untrusted "$scratch/above.pem" "$scratch/m4.pem"
like "which is the RT alias" "$(field "$scratch/m4.pem" -subject)" 'CN=Caliptra 2.1 MlDsa87 Rt Alias$'
run cli certs --idevid "$mldsa" --root "$root"
is "the other root is not believed" "$status" 3

# --- the verdict ---

device_start two
other=$state/manufacturer-root.pem
other_idevid=$state/idevid-ecc384.pem
device=unix:$scratch/one/socket

# distrusted NAME REGEX ARGUMENT... is certs that must say no, and why.
distrusted() {
	local name=$1 regex=$2
	shift 2
	run cli -o json certs "$@"
	is "$name: status 3" "$status" 3
	json "$name: it says so" "{'certificates': list, 'trusted': False,
		'verification': re.compile('.*$regex.*')}"
}
distrusted "another manufacturer's root" 'unable to get local issuer certificate' \
	--idevid "$idevid" --root "$other"
distrusted "no IDevID certificate" 'LDevID: unable to get local issuer certificate' \
	--root "$root"
distrusted "another device's IDevID certificate" 'IDevID: unable to get local issuer' \
	--idevid "$other_idevid" --root "$root"
distrusted "another device's IDevID certificate with its root" \
	'LDevID: unable to get local issuer' --idevid "$other_idevid" --root "$other"
distrusted "no certificate as root" 'certificate 1 of the root is not one in PEM' \
	--idevid "$idevid" --root "$scratch/text"
distrusted "an empty root" 'certificate 1 of the root is not one in PEM' \
	--idevid "$idevid" --root /dev/null
succeeds "the IDevID's certificate can be a root" cli certs --root "$idevid"
cat "$other" "$root" >"$scratch/roots.pem"
succeeds "there can be several roots" cli certs --idevid "$idevid" --root "$scratch/roots.pem"
run cli certs --idevid "$idevid" --root "$other" --pem "$scratch/untrusted.pem"
is "a chain that is not trusted ends with status 3" "$status" 3
ok "and is written all the same" cmp "$pem" "$scratch/untrusted.pem"

# --- a device in ROM has not all certificates ---

device_start rom --hold firmware
refused "certs of a device in ROM" 1 \
	'^caliptra: GET_FMC_ALIAS_ECC384_CERT: the firmware failed' cli certs

tap_end
