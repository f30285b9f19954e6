/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profiles of the DPE: what kind of key a context has, how long things are then, and
 * what is derived with which name. The tree of contexts is the same for all of them.
 * Sources: caliptra-dpe dpe/src/lib.rs, dpe/src/x509.rs, dpe/src/commands and
 * dpe/src/response.rs; caliptra-sw runtime/src/dpe_crypto.rs.
 */
#ifndef SWCALIPTRA_DPE_PROFILE_H
#define SWCALIPTRA_DPE_PROFILE_H

#include <openssl/evp.h>

#include "dpe.h"
#include "mldsa.h"

/* What a key pair is made of. */
#define DPE_SEED_SIZE 48

/* The longest of any profile. */
#define DPE_MAX_PUBLIC_KEY MLDSA87_PUBLIC_SIZE
#define DPE_MAX_SIGNATURE  MLDSA87_PADDED_SIGNATURE_SIZE
#define DPE_MAX_TO_SIGN	   64

/**
 * struct dpe_profile - a profile
 * @id: CALIPTRA_DPE_PROFILE_*
 * @key_info: what keys of contexts are derived with, beside their label
 * @exported_label: label of the key of an exported CDI, and what it is derived with
 * @public_size: bytes of a public key in answers, which are the last of those that it
 *	has in certificates
 * @signature_size: bytes of a signature in answers
 * @to_sign_size: bytes that Sign gets to sign
 * @key_algorithm: what SubjectPublicKeyInfo.algorithm contains, DER
 * @key_algorithm_len: its length in bytes
 * @signature_algorithm: the same of a signature
 * @signature_algorithm_len: its length in bytes
 * @make_key: a key pair, or one that may be without its public key, as signing needs
 *	no more; NULL when OpenSSL fails
 * @sign: sign what Sign gets
 * @sign_message: sign a certificate; length of the signature as it stands in there,
 *	0 when OpenSSL fails
 */
struct dpe_profile {
	uint32_t id;
	const char *key_info;
	const char *exported_label;
	size_t public_size;
	size_t signature_size;
	size_t to_sign_size;
	const uint8_t *key_algorithm;
	size_t key_algorithm_len;
	const uint8_t *signature_algorithm;
	size_t signature_algorithm_len;
	EVP_PKEY *(*make_key)(const uint8_t seed[DPE_SEED_SIZE],
			      bool with_public);
	enum dpe_error (*sign)(const struct generation *g, EVP_PKEY *key,
			       const uint8_t *to_sign,
			       uint8_t sig[DPE_MAX_SIGNATURE]);
	size_t (*sign_message)(EVP_PKEY *key, const void *msg, size_t len,
			       uint8_t sig[DPE_MAX_SIGNATURE]);
};

extern const struct dpe_profile dpe_p384;

/* 1.x has it not. */
extern const struct dpe_profile dpe_mldsa87;

#endif
