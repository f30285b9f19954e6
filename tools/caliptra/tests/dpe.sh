#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The DPE of each generation, by its commands: contexts, and certificates and signatures that
# OpenSSL's own tool believes.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

none=$(printf '%032d' 0)
label=$(printf '%096d' 7)
profile=P384_SHA384

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
	cli cmd DPE_DERIVE_CONTEXT "profile=$profile" "handle.bytes=$1" "data=$(printf '%096d' "$2")" \
		"flags=$3" "tci_type=$2" target_locality=0 svn=0
}

# certify HANDLE FORMAT asks for a certificate or a request.
certify() {
	cli cmd DPE_CERTIFY_KEY_ECC384 "handle.bytes=$1" "format=$2" "label=$label"
}

# read_chain FILE writes the DPE's chain of certificates, which has two parts at most.
read_chain() {
	local offset size
	: >"$1"
	for offset in 0 2048; do
		run cli cmd DPE_GET_CERTIFICATE_CHAIN "profile=$profile" "offset=$offset" size=2048
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

# check_dpe GENERATION CONTEXTS checks it.
check_dpe() {
	local g=$1 root child parent digest
	device_start "$g" --generation "$g" --idev-csr
	root=$state/manufacturer-root.pem
	openssl x509 -in "$state/idevid-ecc384.pem" -outform DER -out "$scratch/idevid.der"
	succeeds "$g: the certificate of IDevID" cli cmd --yes POPULATE_IDEV_ECC384_CERT \
		"cert=@$scratch/idevid.der"
	read_chain "$scratch/chain.der"
	pem "$scratch/chain.der" >"$scratch/chain.pem"
	is "$g: is one of four in the chain" "$(grep -c BEGIN "$scratch/chain.pem")" 4

	succeeds "$g: the profile" cli cmd DPE_GET_PROFILE "profile=$profile"
	is "$g: has as many contexts" "$(field max_tci_nodes)" "$2"
	succeeds "$g: a context" derive "$none" 65 "INPUT_ALLOW_X509|ALLOW_NEW_CONTEXT_TO_EXPORT"
	child=$(field handle.bytes)
	is "$g: has a handle" "${#child}" 32
	is "$g: and no parent" "$(field parent_handle.bytes)" ffffffffffffffffffffffffffffffff
	refused "$g: the default one is gone" 1 'DPE_CERTIFY_KEY_ECC384: .*INVALID_HANDLE' \
		certify "$none" X509
	succeeds "$g: its certificate" certify "$child" X509
	der cert "$scratch/leaf"
	child=$(field new_context_handle.bytes)
	verifies "$g: openssl verifies it" "$scratch/leaf"
	like "$g: it is a leaf" "$(openssl x509 -in "$scratch/leaf.pem" -noout -subject)" 'CN ?= ?DPE Leaf,'

	printf '%s' "$g" >"$scratch/text"
	digest=$(digest_of "$scratch/text")
	succeeds "$g: a signature" cli cmd DPE_SIGN_ECC384 "handle.bytes=$child" "label=$label" flags=0 \
		"digest=$digest"
	child=$(field new_context_handle.bytes)
	openssl asn1parse -genconf <(printf 'asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
		"$(field sig_r)" "$(field sig_s)") -noout -out "$scratch/sig"
	openssl x509 -in "$scratch/leaf.pem" -noout -pubkey -out "$scratch/key.pem"
	ok "$g: openssl verifies it" openssl dgst -sha384 -verify "$scratch/key.pem" \
		-signature "$scratch/sig" "$scratch/text"

	succeeds "$g: a request" certify "$child" CSR
	der cert "$scratch/cms"
	child=$(field new_context_handle.bytes)
	content "$scratch/cms" "$scratch/csr"
	ok "$g: openssl verifies it" openssl req -inform DER -in "$scratch/csr" -verify -noout

	succeeds "$g: an exported CDI" cli cmd DPE_DERIVE_CONTEXT_EXPORTED_CDI "profile=$profile" \
		"handle.bytes=$child" "data=$label" "flags=EXPORT_CDI|CREATE_CERTIFICATE|RETAIN_PARENT_CONTEXT" \
		tci_type=66 target_locality=0 svn=0
	der new_certificate "$scratch/exported"
	parent=$(field parent_handle.bytes)
	verifies "$g: openssl verifies its certificate" "$scratch/exported"
	succeeds "$g: it signs" cli cmd SIGN_WITH_EXPORTED_ECDSA \
		"exported_cdi_handle=$(field exported_cdi)" "tbs=$digest"
	openssl x509 -in "$scratch/exported.pem" -noout -pubkey | openssl pkey -pubin -outform DER |
		tail -c 96 >"$scratch/point"
	is "$g: with the key of its certificate" "$(field derived_pubkey_x)$(field derived_pubkey_y)" \
		"$(od -An -v -tx1 "$scratch/point" | tr -d ' \n')"

	succeeds "$g: ADD_SUBJECT_ALT_NAME" cli cmd --yes ADD_SUBJECT_ALT_NAME \
		"dmtf_device_info=$(printf 'ACME:Widget:7' | od -An -tx1 | tr -d ' \n')"
	succeeds "$g: CERTIFY_KEY_EXTENDED_ECC384" cli cmd CERTIFY_KEY_EXTENDED_ECC384 \
		flags=DMTF_OTHER_NAME "certify_key_req=${parent}0000000000000000$label"
	field certify_key_resp | cut -c 257- | unhex >"$scratch/named"
	verifies "$g: openssl verifies its certificate" "$scratch/named"
	like "$g: which has the name" "$(openssl x509 -in "$scratch/named.pem" -noout -ext subjectAltName)" \
		'1\.3\.6\.1\.4\.1\.412\.274\.1.*ACME:Widget:7'
	device_stop TERM
}

check_dpe 1.2 32
check_dpe 2.0 32
check_dpe 2.1 64

tap_end
