#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ca: the certificates of a device, of either kind of key, are a chain for OpenSSL's own
# tool, from what 'swcaliptra ca' makes of a request down to the runtime alias and a key
# of the DPE.
# shellcheck source=../../caliptra/tests/device.bash
. tools/caliptra/tests/device.bash

to_der=$find_data'
with open(sys.argv[1], encoding="utf-8") as file:
    sys.stdout.buffer.write(bytes.fromhex(data(json.load(file))))
'

# ca REQUEST... asks the manufacturer.
ca() {
	"$BUILD/swcaliptra" ca --state "$state" "$@"
}

# der COMMAND FILE writes the data that a command gives.
der() {
	succeeds "$1" cli -o json cmd "$1"
	python3 -c "$to_der" "$scratch/stdout" >"$2"
}

# certificate COMMAND FILE writes the certificate that it gives, in PEM.
certificate() {
	der "$1" "$scratch/der"
	openssl x509 -inform DER -in "$scratch/der" -out "$2"
}

# dpe_leaf KIND FILE writes the certificate of a key of the DPE, in PEM.
dpe_leaf() {
	succeeds "DPE_CERTIFY_KEY_$1" cli cmd "DPE_CERTIFY_KEY_$1" \
		"handle.bytes=$(printf '%032d' 0)" format=X509 "label=$(printf '%096d' 7)"
	awk '$1 == "cert" { print $2; exit }' "$scratch/stdout" | unhex |
		openssl x509 -inform DER -out "$2"
}

# chain GENERATION KIND NAME ALGORITHM looks at the chain with one kind of key.
chain() {
	local layer kind=${2^^}
	succeeds "$1: ca root $2" ca root "$2"
	cp "$scratch/stdout" "$scratch/root.pem"
	der "GET_IDEV_${kind}_CSR" "$scratch/csr"
	ok "$1: openssl verifies the request" \
		openssl req -verify -noout -inform DER -in "$scratch/csr"
	succeeds "$1: ca endorse" ca endorse "$scratch/csr"
	cp "$scratch/stdout" "$scratch/above.pem"
	ok "$1: gives the certificate that is in the folder" \
		cmp "$scratch/above.pem" "$state/idevid-$2.pem"
	ok "$1: openssl verifies it" openssl verify -x509_strict -CAfile "$scratch/root.pem" \
		"$scratch/above.pem"
	for layer in "LDEV LDevID" "FMC_ALIAS FMC Alias" "RT_ALIAS Rt Alias"; do
		certificate "GET_${layer%% *}_${kind}_CERT" "$scratch/cert.pem"
		ok "$1: openssl verifies the certificate of ${layer#* }" \
			openssl verify -x509_strict -CAfile "$scratch/root.pem" \
			-untrusted "$scratch/above.pem" "$scratch/cert.pem"
		is "$1: which has its name" \
			"$(openssl x509 -in "$scratch/cert.pem" -noout -subject -nameopt multiline |
				sed -n 's/^ *commonName *= //p')" \
			"Caliptra $1 $3 ${layer#* }"
		cat "$scratch/cert.pem" >>"$scratch/above.pem"
	done
	dpe_leaf "$kind" "$scratch/cert.pem"
	ok "$1: openssl verifies the certificate of a DPE leaf" \
		openssl verify -CAfile "$scratch/root.pem" -untrusted "$scratch/above.pem" \
		"$scratch/cert.pem"
	like "$1: with the key of its kind" \
		"$(openssl x509 -in "$scratch/cert.pem" -noout -text)" "Public Key Algorithm: $4"
}

for generation in 2.1 2.0; do
	device_start "$generation" --generation "$generation" --idev-csr
	chain "$generation" ecc384 Ecc384 id-ecPublicKey
	chain "$generation" mldsa87 MlDsa87 ML-DSA-87
	device_stop TERM
done

# the keys of one kind do not stand for those of the other
run ca root ecc384
cp "$scratch/stdout" "$scratch/ecc.pem"
fails_openssl() {
	! openssl verify -CAfile "$scratch/ecc.pem" "$state/idevid-mldsa87.pem" 2>/dev/null
}
ok "the other root is not that of the certificate" fails_openssl

tap_end
