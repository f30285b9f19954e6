// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GET_ATTESTED_ECC384_CSR and GET_ATTESTED_MLDSA87_CSR: a request for one of the
 * device's keys in an entity attestation token that the RT alias key signs, a
 * COSE_Sign1 (RFC 9052) in CBOR (RFC 8949). Sources: caliptra-sw
 * runtime/src/attested_csr, common/eat/src/csr_eat.rs and cose.rs.
 */
#include <openssl/x509.h>
#include <string.h>

#include "command.h"
#include "identity.h"

/* Major types of CBOR. */
enum cbor {
	CBOR_UINT = 0,
	CBOR_NEGATIVE = 1,
	CBOR_BYTES = 2,
	CBOR_TEXT = 3,
	CBOR_ARRAY = 4,
	CBOR_MAP = 5,
	CBOR_TAG = 6,
};

#define CBOR_TAG_COSE_SIGN1 18
#define CBOR_TAG_CWT	    61
#define CBOR_TAG_OID	    111

/* Header parameters, and claims; the last two are private. */
#define COSE_ALG	   1
#define COSE_CONTENT_TYPE  3
#define COSE_KID	   4
#define COSE_ALG_ESP384	   (-51)
#define COSE_ALG_ML_DSA_87 (-50)
#define EAT_CWT		   263
#define CLAIM_NONCE	   10
#define CLAIM_CSR	   (-70001)
#define CLAIM_KEY_ATTRIBS  (-70002)

/* Room for claims, for what is signed, and in the response for the token. */
#define MAX_CLAIMS  8192
#define MAX_TO_SIGN 8192
#define MAX_TOKEN   12800

/**
 * struct writer - CBOR being written
 * @bytes: where it goes
 * @len: bytes written
 * @size: room for them
 * @full: there was not enough of it
 */
struct writer {
	uint8_t *bytes;
	size_t len;
	size_t size;
	bool full;
};

static void put(struct writer *w, const void *bytes, size_t len)
{
	if (w->full || len > w->size - w->len) {
		w->full = true;
		return;
	}
	memcpy(w->bytes + w->len, bytes, len);
	w->len += len;
}

/* The head of an item, in as few bytes as it takes. */
static void put_head(struct writer *w, enum cbor type, uint32_t value)
{
	const uint8_t major = (uint8_t)(type << 5);
	const uint8_t big[4] = { (uint8_t)(value >> 24), (uint8_t)(value >> 16),
				 (uint8_t)(value >> 8), (uint8_t)value };
	uint8_t first;

	if (value < 24) {
		first = (uint8_t)(major | value);
		put(w, &first, 1);
		return;
	}
	first = (uint8_t)(major | (value < 0x100   ? 24 :
				   value < 0x10000 ? 25 :
						     26));
	put(w, &first, 1);
	if (value < 0x100)
		put(w, big + 3, 1);
	else if (value < 0x10000)
		put(w, big + 2, 2);
	else
		put(w, big, 4);
}

static void put_int(struct writer *w, int32_t value)
{
	put_head(w, value < 0 ? CBOR_NEGATIVE : CBOR_UINT,
		 (uint32_t)(value < 0 ? -1 - value : value));
}

static void put_bytes(struct writer *w, const void *bytes, size_t len)
{
	put_head(w, CBOR_BYTES, (uint32_t)len);
	put(w, bytes, len);
}

/* The key that a certificate is for, without its private part. */
static EVP_PKEY *key_in(const struct cert_der *cert)
{
	const unsigned char *p = cert->bytes;
	X509 *parsed = d2i_X509(NULL, &p, (long)cert->len);
	EVP_PKEY *key = parsed ? X509_get_pubkey(parsed) : NULL;

	X509_free(parsed);
	return key;
}

static uint32_t ldevid_csr(const struct firmware *fw,
			   const struct cert_der *cert, struct cert_der *csr)
{
	EVP_PKEY *key = key_in(cert);
	uint32_t error = FW_OK;

	if (!key || cert_ldevid_csr(fw->ifc->generation, key, fw->ueid, csr))
		error = RUNTIME_ATTESTED_CSR_EAT_ENCODING_ERROR;
	EVP_PKEY_free(key);
	return error;
}

static uint32_t rt_alias_csr(const struct firmware *fw, EVP_PKEY *key,
			     struct cert_der *csr)
{
	const struct cert_rt_tcb tcb = identity_rt_tcb(fw);

	return cert_rt_alias_csr(fw->ifc->generation, key, fw->ueid, &tcb,
				 csr) ?
		       RUNTIME_ATTESTED_CSR_EAT_ENCODING_ERROR :
		       FW_OK;
}

/**
 * struct half - the keys of one kind
 * @ldevid: LDevID's certificate
 * @fmc_alias_csr: request for the FMC alias key
 * @rt_alias: the RT alias key
 * @algorithm: what it signs with
 */
struct half {
	const struct cert_der *ldevid;
	const struct cert_der *fmc_alias_csr;
	EVP_PKEY *rt_alias;
	int32_t algorithm;
};

static uint32_t make_csr(const struct firmware *fw, const struct half *half,
			 uint32_t key_id, struct cert_der *csr)
{
	switch (key_id) {
	case CALIPTRA_ATTESTED_CSR_KEY_LDEV_ID:
		return ldevid_csr(fw, half->ldevid, csr);
	case CALIPTRA_ATTESTED_CSR_KEY_FMC_ALIAS:
		if (!half->fmc_alias_csr->len)
			return RUNTIME_GET_FMC_CSR_UNPROVISIONED;
		*csr = *half->fmc_alias_csr;
		return FW_OK;
	case CALIPTRA_ATTESTED_CSR_KEY_RT_ALIAS:
		return rt_alias_csr(fw, half->rt_alias, csr);
	}
	return RUNTIME_MAILBOX_INVALID_PARAMS;
}

static void put_claims(struct writer *w,
		       const struct caliptra_attested_csr_req *in,
		       const struct cert_der *csr)
{
	/* OCP's key derivation attributes: 1.3.6.1.4.1.42623.1.2, the key's number */
	uint8_t oid[] = { 0x2b,
			  0x06,
			  0x01,
			  0x04,
			  0x01,
			  0x82,
			  0xcd,
			  0x1f,
			  0x01,
			  0x02,
			  (uint8_t)in->key_id };

	put_head(w, CBOR_MAP, 3);
	put_int(w, CLAIM_NONCE);
	put_bytes(w, in->nonce, sizeof(in->nonce));
	put_int(w, CLAIM_CSR);
	put_bytes(w, csr->bytes, csr->len);
	put_int(w, CLAIM_KEY_ATTRIBS);
	put_head(w, CBOR_ARRAY, 1);
	put_head(w, CBOR_TAG, CBOR_TAG_OID);
	put_bytes(w, oid, sizeof(oid));
}

static void put_protected_header(struct writer *w, int32_t algorithm,
				 const uint8_t kid[CERT_KEY_ID_SIZE])
{
	put_head(w, CBOR_MAP, 3);
	put_int(w, COSE_ALG);
	put_int(w, algorithm);
	put_int(w, COSE_CONTENT_TYPE);
	put_int(w, EAT_CWT);
	put_int(w, COSE_KID);
	put_bytes(w, kid, CERT_KEY_ID_SIZE);
}

/* Sig_structure, which is what is signed. */
static void put_to_sign(struct writer *w, const struct writer *header,
			const struct writer *claims)
{
	static const char context[] = "Signature1";

	put_head(w, CBOR_ARRAY, 4);
	put_head(w, CBOR_TEXT, sizeof(context) - 1);
	put(w, context, sizeof(context) - 1);
	put_bytes(w, header->bytes, header->len);
	put_bytes(w, "", 0);
	put_bytes(w, claims->bytes, claims->len);
}

/* r and s one after the other. */
static size_t sign_ecdsa(EVP_PKEY *key, const uint8_t digest[SHA384_SIZE],
			 uint8_t *sig)
{
	struct ecdsa384_signature rs;

	if (crypto_ecdsa384_sign(key, digest, &rs))
		return 0;
	memcpy(sig, rs.r, P384_SIZE);
	memcpy(sig + P384_SIZE, rs.s, P384_SIZE);
	return 2 * P384_SIZE;
}

/*
 * The message is the digest as the firmware has it in memory, which is with the
 * bytes of each word in reverse, and the signature is padded.
 */
static size_t sign_mldsa(EVP_PKEY *key, const uint8_t digest[SHA384_SIZE],
			 uint8_t *sig)
{
	uint8_t message[SHA384_SIZE];
	size_t i;

	for (i = 0; i < sizeof(message); i++)
		message[i] = digest[i ^ 3];
	return mldsa87_sign_padded(key, message, sizeof(message), sig) ?
		       0 :
		       MLDSA87_PADDED_SIGNATURE_SIZE;
}

static void put_token(struct writer *w, const struct writer *header,
		      const struct writer *claims, const uint8_t *sig,
		      size_t sig_len)
{
	put_head(w, CBOR_TAG, CBOR_TAG_CWT);
	put_head(w, CBOR_TAG, CBOR_TAG_COSE_SIGN1);
	put_head(w, CBOR_ARRAY, 4);
	put_bytes(w, header->bytes, header->len);
	put_head(w, CBOR_MAP, 0);
	put_bytes(w, claims->bytes, claims->len);
	put_bytes(w, sig, sig_len);
}

static uint32_t sign_token(const struct half *half, const struct writer *claims,
			   struct writer *token)
{
	uint8_t kid[CERT_KEY_ID_SIZE];
	uint8_t header_bytes[64];
	uint8_t to_sign_bytes[MAX_TO_SIGN];
	struct writer header = { .bytes = header_bytes,
				 .size = sizeof(header_bytes) };
	struct writer to_sign = { .bytes = to_sign_bytes,
				  .size = sizeof(to_sign_bytes) };
	uint8_t digest[SHA384_SIZE];
	uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE];
	size_t sig_len;

	if (cert_key_id(half->rt_alias, kid))
		return RUNTIME_ATTESTED_CSR_COSE_SIGN1_ENCODING_ERROR;
	put_protected_header(&header, half->algorithm, kid);
	put_to_sign(&to_sign, &header, claims);
	if (header.full || to_sign.full)
		return RUNTIME_ATTESTED_CSR_COSE_SIGN1_ENCODING_ERROR;
	if (crypto_sha384(to_sign.bytes, to_sign.len, digest))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	sig_len = half->algorithm == COSE_ALG_ESP384 ?
			  sign_ecdsa(half->rt_alias, digest, sig) :
			  sign_mldsa(half->rt_alias, digest, sig);
	if (!sig_len)
		return half->algorithm == COSE_ALG_ESP384 ?
			       DRIVER_ECC384_HW_ERROR :
			       DRIVER_MLDSA87_HW_ERROR;
	put_token(token, &header, claims, sig, sig_len);
	return token->full ? RUNTIME_ATTESTED_CSR_COSE_SIGN1_ENCODING_ERROR :
			     FW_OK;
}

static uint32_t attested_csr(const struct firmware *fw, const struct half *half,
			     const struct fw_request *req,
			     const struct caliptra_attested_csr_req *in,
			     struct caliptra_attested_csr_resp *out)
{
	uint8_t claim_bytes[MAX_CLAIMS];
	struct writer claims = { .bytes = claim_bytes,
				 .size = sizeof(claim_bytes) };
	struct writer token = { .bytes = req->scratch, .size = MAX_TOKEN };
	struct cert_der csr;
	uint32_t error = make_csr(fw, half, in->key_id, &csr);

	if (error)
		return error;
	put_claims(&claims, in, &csr);
	if (claims.full)
		return RUNTIME_ATTESTED_CSR_EAT_ENCODING_ERROR;
	error = sign_token(half, &claims, &token);
	out->data = token.bytes;
	out->data_size = (uint32_t)token.len;
	return error;
}

uint32_t cmd_get_attested_ecc384_csr(struct firmware *fw,
				     const struct fw_request *req,
				     const struct caliptra_attested_csr_req *in,
				     struct caliptra_attested_csr_resp *out)
{
	const struct half half = {
		.ldevid = &fw->ldevid_cert,
		.fmc_alias_csr = &fw->fmc_alias_csr,
		.rt_alias = fw->rt_alias.ecc,
		.algorithm = COSE_ALG_ESP384,
	};

	return attested_csr(fw, &half, req, in, out);
}

uint32_t
cmd_get_attested_mldsa87_csr(struct firmware *fw, const struct fw_request *req,
			     const struct caliptra_attested_csr_req *in,
			     struct caliptra_attested_csr_resp *out)
{
	const struct half half = {
		.ldevid = &fw->mldsa.ldevid_cert,
		.fmc_alias_csr = &fw->mldsa.fmc_alias_csr,
		.rt_alias = fw->rt_alias.mldsa,
		.algorithm = COSE_ALG_ML_DSA_87,
	};

	return attested_csr(fw, &half, req, in, out);
}
