#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The DPE of each generation, by its commands: contexts, and certificates and signatures that
# OpenSSL's own tool believes.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

none=$(printf '%032d' 0)
label=$(printf '%096d' 7)

# field NAME prints a field of the last text.
field() {
	awk -v name="$1" '$1 == name { print $2; exit }' "$scratch/stdout"
}

# der NAME FILE writes the bytes of a field of the last text.
der() {
	field "$1" | unhex >"$2"
}

# derive PARENT TYPE FLAGS derives a context.
derive() {
	cli cmd --yes DPE_DERIVE_CONTEXT "profile=$profile" "handle.bytes=$1" "data=$(printf '%096d' "$2")" \
		"flags=$3" "tci_type=$2" target_locality=0 svn=0
}

# certify HANDLE FORMAT asks for a certificate or a request.
certify() {
	cli cmd --yes "DPE_CERTIFY_KEY_$kind" "handle.bytes=$1" "format=$2" "label=$label"
}

# read_chain FILE writes the DPE's chain of certificates, which has 16 parts at most.
read_chain() {
	local offset size
	: >"$1"
	for ((offset = 0; offset < 32768; offset += 2048)); do
		run cli cmd --yes DPE_GET_CERTIFICATE_CHAIN "profile=$profile" "offset=$offset" size=2048
		((status == 0)) || break
		size=$(field certificate_size)
		field certificate_chain | cut -c "1-$((2 * size))" | unhex >>"$1"
	done
}

# pem FILE writes certificates in DER that stand one behind the other as PEM.
pem() {
	local from=$1 size rest=0 all
	all=$(stat -c %s "$from")
	while ((rest < all)); do
		size=$((16#$(tail -c +$((rest + 3)) "$from" | head -c 2 | od -An -tx1 | tr -d ' ') + 4))
		tail -c +$((rest + 1)) "$from" | head -c "$size" | openssl x509 -inform DER
		rest=$((rest + size))
	done
}

# verifies NAME CERTIFICATE: it is trusted by way of the chain.
verifies() {
	openssl x509 -inform DER -in "$2" -out "$2.pem"
	ok "$1" openssl verify -CAfile "$root" -untrusted "$scratch/chain.pem" "$2.pem"
}

# content CMS FILE writes what a CMS message has inside. Who signed it is encoded so that
# "openssl cms" finds nobody.
content() {
	local at header size
	read -r at header size < <(openssl asn1parse -inform DER -in "$1" |
		sed -nE 's/^ *([0-9]+):d=5 +hl= *([0-9]+) l= *([0-9]+) prim: OCTET STRING.*/\1 \2 \3/p' |
		head -n 1)
	tail -c +$((at + header + 1)) "$1" | head -c "$size" >"$2"
}

# sign_ecc384 HANDLE writes a signature of the text and looks at it; child is the new handle.
sign_ecc384() {
	succeeds "$g: a signature" cli cmd DPE_SIGN_ECC384 "handle.bytes=$1" "label=$label" flags=0 \
		"digest=$(digest_of "$scratch/text")"
	child=$(field new_context_handle.bytes)
	openssl asn1parse -genconf <(printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
		"$(field sig_r)" "$(field sig_s)") -noout -out "$scratch/sig"
	ok "$g: openssl verifies it" openssl dgst -sha384 -verify "$scratch/key.pem" \
		-signature "$scratch/sig" "$scratch/text"
}

# raw_key PEM prints the public key as it stands at the end of its encoding, without tags.
raw_key() {
	openssl pkey -pubin -in "$1" -outform DER | tail -c "$key_size" | od -An -v -tx1 | tr -d ' \n'
}

# mu KEY FILE prints what ML-DSA makes of a public key and a message (FIPS 204).
mu() {
	python3 -IS -c 'import hashlib, sys
tr = hashlib.shake_256(bytes.fromhex(sys.argv[1])).digest(64)
with open(sys.argv[2], "rb") as file:
    print(hashlib.shake_256(tr + bytes(2) + file.read()).hexdigest(64))' "$1" "$2"
}

# verifies_mldsa NAME KEY FILE: the last signature is one of the text.
verifies_mldsa() {
	der "$3" "$scratch/sig"
	ok "$1" openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$scratch/text" \
		-sigfile "$scratch/sig"
}

# sign_mldsa87 HANDLE does so with ML-DSA, which 2.0 can not.
sign_mldsa87() {
	local mu
	mu=$(mu "$(raw_key "$scratch/key.pem")" "$scratch/text")
	if [[ $g == 2.0 ]]; then
		refused "$g: no signature" 1 'DPE_SIGN_MLDSA87: .*NOT_IMPLEMENTED' cli cmd --yes \
			DPE_SIGN_MLDSA87 "handle.bytes=$1" "label=$label" flags=0 "digest=$mu"
		return
	fi
	succeeds "$g: a signature" cli cmd --yes DPE_SIGN_MLDSA87 "handle.bytes=$1" "label=$label" \
		flags=0 "digest=$mu"
	child=$(field new_context_handle.bytes)
	verifies_mldsa "$g: openssl verifies it" "$scratch/key.pem" sig
}

# exported_ecc384 and exported_mldsa87 sign with the exported CDI.
exported_ecc384() {
	succeeds "$g: it signs" cli cmd SIGN_WITH_EXPORTED_ECDSA "exported_cdi_handle=$1" \
		"tbs=$(digest_of "$scratch/text")"
	is "$g: with the key of its certificate" "$(field derived_pubkey_x)$(field derived_pubkey_y)" \
		"$(raw_key "$scratch/exported-key.pem")"
}

exported_mldsa87() {
	if [[ $g == 2.0 ]]; then
		refused "$g: it does not sign" 1 'SIGN_WITH_EXPORTED_MLDSA: .*UNIMPLEMENTED' \
			cli cmd SIGN_WITH_EXPORTED_MLDSA "exported_cdi_handle=$1" sign_type=MU \
			"tbs=$(printf '%0128d' 0)"
		return
	fi
	succeeds "$g: it signs" cli cmd SIGN_WITH_EXPORTED_MLDSA "exported_cdi_handle=$1" sign_type=RAW \
		"tbs=@$scratch/text"
	is "$g: with the key of its certificate" "$(field derived_pubkey)" \
		"$(raw_key "$scratch/exported-key.pem")"
	verifies_mldsa "$g: openssl verifies it" "$scratch/exported-key.pem" signature
}

# check_dpe GENERATION CONTEXTS PROFILE KIND checks it, with one kind of key.
check_dpe() {
	local g=$1 profile=$3 kind=$4 root child parent cdi key_size=96 extra=()
	[[ $kind == ECC384 ]] || key_size=2592 extra=(axi_response.addr_lo=0 axi_response.addr_hi=0
		axi_response.max_size=0)
	device_start "$g-$kind" --generation "$g" --idev-csr
	succeeds "$g: the root of $kind" "$BUILD/swcaliptra" ca --state "$state" root "${kind,,}"
	root=$scratch/root.pem
	cp "$scratch/stdout" "$root"
	openssl x509 -in "$state/idevid-${kind,,}.pem" -outform DER -out "$scratch/idevid.der"
	succeeds "$g: the certificate of IDevID" cli cmd --yes "POPULATE_IDEV_${kind}_CERT" \
		"cert=@$scratch/idevid.der"
	read_chain "$scratch/chain.der"
	pem "$scratch/chain.der" >"$scratch/chain.pem"
	is "$g: is one of four in the chain" "$(grep -c BEGIN "$scratch/chain.pem")" 4

	succeeds "$g: the profile" cli cmd --yes DPE_GET_PROFILE "profile=$profile"
	is "$g: has as many contexts" "$(field max_tci_nodes)" "$2"
	succeeds "$g: a context" derive "$none" 65 "INPUT_ALLOW_X509|ALLOW_NEW_CONTEXT_TO_EXPORT"
	child=$(field handle.bytes)
	is "$g: has a handle" "${#child}" 32
	is "$g: and no parent" "$(field parent_handle.bytes)" ffffffffffffffffffffffffffffffff
	refused "$g: the default one is gone" 1 "DPE_CERTIFY_KEY_$kind: .*INVALID_HANDLE" \
		certify "$none" X509
	succeeds "$g: its certificate" certify "$child" X509
	der cert "$scratch/leaf"
	child=$(field new_context_handle.bytes)
	verifies "$g: openssl verifies it" "$scratch/leaf"
	like "$g: it is a leaf" "$(openssl x509 -in "$scratch/leaf.pem" -noout -subject)" 'CN ?= ?DPE Leaf,'

	printf '%s' "$g" >"$scratch/text"
	openssl x509 -in "$scratch/leaf.pem" -noout -pubkey -out "$scratch/key.pem"
	"sign_${kind,,}" "$child"

	succeeds "$g: a request" certify "$child" CSR
	der cert "$scratch/cms"
	child=$(field new_context_handle.bytes)
	content "$scratch/cms" "$scratch/csr"
	ok "$g: openssl verifies it" openssl req -inform DER -in "$scratch/csr" -verify -noout

	succeeds "$g: an exported CDI" cli cmd --yes DPE_DERIVE_CONTEXT_EXPORTED_CDI "profile=$profile" \
		"handle.bytes=$child" "data=$label" "flags=EXPORT_CDI|CREATE_CERTIFICATE|RETAIN_PARENT_CONTEXT" \
		tci_type=66 target_locality=0 svn=0
	der new_certificate "$scratch/exported"
	parent=$(field parent_handle.bytes) cdi=$(field exported_cdi)
	verifies "$g: openssl verifies its certificate" "$scratch/exported"
	openssl x509 -in "$scratch/exported.pem" -noout -pubkey -out "$scratch/exported-key.pem"
	"exported_${kind,,}" "$cdi"

	succeeds "$g: ADD_SUBJECT_ALT_NAME" cli cmd --yes ADD_SUBJECT_ALT_NAME \
		"dmtf_device_info=$(printf 'ACME:Widget:7' | od -An -tx1 | tr -d ' \n')"
	succeeds "$g: CERTIFY_KEY_EXTENDED_$kind" cli cmd --yes "CERTIFY_KEY_EXTENDED_$kind" \
		flags=DMTF_OTHER_NAME "${extra[@]}" "certify_key_req=${parent}0000000000000000$label"
	field certify_key_resp | cut -c "$((2 * (28 + key_size + 4) + 1))-" | unhex >"$scratch/named"
	verifies "$g: openssl verifies its certificate" "$scratch/named"
	like "$g: which has the name" "$(openssl x509 -in "$scratch/named.pem" -noout -ext subjectAltName)" \
		'1\.3\.6\.1\.4\.1\.412\.274\.1.*ACME:Widget:7'
	device_stop TERM
}

check_dpe 1.2 32 P384_SHA384 ECC384
for kind in "P384_SHA384 ECC384" "MLDSA87 MLDSA87"; do
	check_dpe 2.0 32 "${kind% *}" "${kind#* }"
	check_dpe 2.1 64 "${kind% *}" "${kind#* }"
done

tap_end
