// SPDX-License-Identifier: GPL-2.0-or-later
/* Profiles of the DPE. See dpe_profile.h. */
#include "dpe_profile.h"

#include <openssl/crypto.h>
#include <string.h>

/* Object identifiers with their tags. */
static const uint8_t ecdsa_sha384[] = {
	0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03,
};
/* id-ecPublicKey, secp384r1 */
static const uint8_t p384[] = {
	0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22,
};
static const uint8_t mldsa87[] = {
	0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13,
};

static EVP_PKEY *p384_key(const uint8_t seed[DPE_SEED_SIZE], bool with_public)
{
	uint8_t scalar[P384_SIZE];
	EVP_PKEY *key = NULL;

	if (!crypto_p384_derive_scalar(seed, scalar))
		key = with_public ? crypto_p384_key(scalar) :
				    crypto_p384_signing_key(scalar);
	OPENSSL_cleanse(scalar, sizeof(scalar));
	return key;
}

static enum dpe_error p384_sign(const struct generation *g, EVP_PKEY *key,
				const uint8_t *digest,
				uint8_t sig[DPE_MAX_SIGNATURE])
{
	struct ecdsa384_signature made;

	(void)g;
	if (crypto_ecdsa384_sign(key, digest, &made))
		return DPE_CRYPTO_ERROR;
	memcpy(sig, made.r, sizeof(made.r));
	memcpy(sig + sizeof(made.r), made.s, sizeof(made.s));
	return DPE_OK;
}

static size_t p384_sign_message(EVP_PKEY *key, const void *msg, size_t len,
				uint8_t sig[DPE_MAX_SIGNATURE])
{
	struct ecdsa384_signature made;
	uint8_t digest[SHA384_SIZE];

	if (crypto_sha384(msg, len, digest) ||
	    crypto_ecdsa384_sign(key, digest, &made))
		return 0;
	return crypto_ecdsa384_signature_der(&made, sig);
}

/* There is none without its public key. */
static EVP_PKEY *mldsa_key(const uint8_t seed[DPE_SEED_SIZE], bool with_public)
{
	(void)with_public;
	return mldsa87_vault_key(seed);
}

/* 2.0 can not sign mu, and the mailbox has no room for a whole message. */
static enum dpe_error mldsa_sign(const struct generation *g, EVP_PKEY *key,
				 const uint8_t *mu,
				 uint8_t sig[DPE_MAX_SIGNATURE])
{
	if (generation_in(g, GENERATION_2_0))
		return DPE_NOT_IMPLEMENTED;
	return mldsa87_sign_mu(key, mu, sig) ? DPE_CRYPTO_ERROR : DPE_OK;
}

static size_t mldsa_sign_message(EVP_PKEY *key, const void *msg, size_t len,
				 uint8_t sig[DPE_MAX_SIGNATURE])
{
	return mldsa87_sign(key, msg, len, sig) ? 0 : MLDSA87_SIGNATURE_SIZE;
}

const struct dpe_profile dpe_p384 = {
	.id = CALIPTRA_DPE_PROFILE_P384_SHA384,
	.key_info = "ECC",
	.exported_label = "Exported ECC",
	.public_size = 2 * P384_SIZE,
	.signature_size = sizeof(struct ecdsa384_signature),
	.to_sign_size = SHA384_SIZE,
	.key_algorithm = p384,
	.key_algorithm_len = sizeof(p384),
	.signature_algorithm = ecdsa_sha384,
	.signature_algorithm_len = sizeof(ecdsa_sha384),
	.make_key = p384_key,
	.sign = p384_sign,
	.sign_message = p384_sign_message,
};

const struct dpe_profile dpe_mldsa87 = {
	.id = CALIPTRA_DPE_PROFILE_MLDSA87,
	.key_info = "MLDSA",
	.exported_label = "Exported ML-DSA",
	.public_size = MLDSA87_PUBLIC_SIZE,
	.signature_size = MLDSA87_PADDED_SIGNATURE_SIZE,
	.to_sign_size = MLDSA87_MU_SIZE,
	.key_algorithm = mldsa87,
	.key_algorithm_len = sizeof(mldsa87),
	.signature_algorithm = mldsa87,
	.signature_algorithm_len = sizeof(mldsa87),
	.make_key = mldsa_key,
	.sign = mldsa_sign,
	.sign_message = mldsa_sign_message,
};
