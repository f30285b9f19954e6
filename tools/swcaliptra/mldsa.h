/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ML-DSA-87 as the Adams Bridge engine has it (FIPS 204), by way of OpenSSL.
 *
 * Everything is in the byte order of FIPS 204. Signatures are pure ML-DSA with an
 * empty context and no randomness, so a message always has the same one
 * (caliptra-sw drivers/src/mldsa87.rs).
 */
#ifndef SWCALIPTRA_MLDSA_H
#define SWCALIPTRA_MLDSA_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MLDSA87_SEED_SIZE      32
#define MLDSA87_PUBLIC_SIZE    2592
#define MLDSA87_SIGNATURE_SIZE 4627

/* Message representative, of which a signature can be made as well. */
#define MLDSA87_MU_SIZE 64

/* Where a signature travels it is filled up to whole words with a zero. */
#define MLDSA87_PADDED_SIGNATURE_SIZE 4628

/**
 * mldsa87_key() - key pair of a seed
 * @seed: the xi of ML-DSA.KeyGen_internal
 *
 * Return: the key, or NULL; EVP_PKEY_free() it.
 */
EVP_PKEY *mldsa87_key(const uint8_t seed[MLDSA87_SEED_SIZE]);

/**
 * mldsa87_vault_key() - the same of what is in the key vault
 * @entry: its first words; the engine takes the first one as the last of the seed
 */
EVP_PKEY *mldsa87_vault_key(const uint8_t entry[MLDSA87_SEED_SIZE]);

/** mldsa87_public_key() - the same of a public key alone */
EVP_PKEY *mldsa87_public_key(const uint8_t pub[MLDSA87_PUBLIC_SIZE]);

/** mldsa87_public() - the encoded public key; 0, or not 0 when OpenSSL fails */
int mldsa87_public(EVP_PKEY *key, uint8_t pub[MLDSA87_PUBLIC_SIZE]);

/** mldsa87_is() - is it an ML-DSA-87 key? */
static inline bool mldsa87_is(const EVP_PKEY *key)
{
	return EVP_PKEY_is_a(key, "ML-DSA-87");
}

/**
 * mldsa87_sign() - sign a message
 * @key: private key
 * @msg: the message
 * @len: its length in bytes
 * @sig: the signature
 *
 * Return: 0, or not 0 when OpenSSL fails.
 */
int mldsa87_sign(EVP_PKEY *key, const void *msg, size_t len,
		 uint8_t sig[MLDSA87_SIGNATURE_SIZE]);

/** mldsa87_sign_padded() - the same, filled up to whole words */
int mldsa87_sign_padded(EVP_PKEY *key, const void *msg, size_t len,
			uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE]);

/**
 * mldsa87_sign_mu() - sign a message by its representative
 * @key: private key
 * @mu: what Sign_internal of FIPS 204 makes of public key and message
 * @sig: the signature, filled up to whole words
 *
 * Return: 0, or not 0 when OpenSSL fails.
 */
int mldsa87_sign_mu(EVP_PKEY *key, const uint8_t mu[MLDSA87_MU_SIZE],
		    uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE]);

/** enum mldsa87_result - what a verification found */
enum mldsa87_result {
	MLDSA87_GOOD,
	MLDSA87_BAD,
	MLDSA87_UNSUPPORTED, /* begins with 64 zeros, as the engine's failures do */
	MLDSA87_ENGINE_FAILED,
};

enum mldsa87_result mldsa87_verify(const uint8_t pub[MLDSA87_PUBLIC_SIZE],
				   const void *msg, size_t len,
				   const uint8_t sig[MLDSA87_SIGNATURE_SIZE]);

/**
 * mldsa87_sign_ctx() - a context for X509_sign_ctx() and the like
 * @key: private key
 *
 * Return: the context, or NULL; EVP_MD_CTX_free() it.
 */
EVP_MD_CTX *mldsa87_sign_ctx(EVP_PKEY *key);

#endif
