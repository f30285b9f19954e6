// SPDX-License-Identifier: GPL-2.0-or-later
/* ML-DSA-87. See mldsa.h. */
#include "mldsa.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "memory.h"

#define ALGORITHM "ML-DSA-87"

static EVP_PKEY *key_from(const char *param, const uint8_t *bytes, size_t len,
			  int selection)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, ALGORITHM, NULL);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(param, (void *)bytes, len),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY *key = NULL;

	memory_use_secret();
	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, selection, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

EVP_PKEY *mldsa87_key(const uint8_t seed[MLDSA87_SEED_SIZE])
{
	return key_from(OSSL_PKEY_PARAM_ML_DSA_SEED, seed, MLDSA87_SEED_SIZE,
			EVP_PKEY_KEYPAIR);
}

EVP_PKEY *mldsa87_vault_key(const uint8_t entry[MLDSA87_SEED_SIZE])
{
	uint8_t seed[MLDSA87_SEED_SIZE];
	EVP_PKEY *key;
	size_t i;

	for (i = 0; i < sizeof(seed); i++)
		seed[i] = entry[sizeof(seed) - 1 - i];
	key = mldsa87_key(seed);
	OPENSSL_cleanse(seed, sizeof(seed));
	return key;
}

EVP_PKEY *mldsa87_public_key(const uint8_t pub[MLDSA87_PUBLIC_SIZE])
{
	return key_from(OSSL_PKEY_PARAM_PUB_KEY, pub, MLDSA87_PUBLIC_SIZE,
			EVP_PKEY_PUBLIC_KEY);
}

int mldsa87_public(EVP_PKEY *key, uint8_t pub[MLDSA87_PUBLIC_SIZE])
{
	size_t len;

	if (!mldsa87_is(key) ||
	    !EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, pub,
					     MLDSA87_PUBLIC_SIZE, &len))
		return -1;
	return len == MLDSA87_PUBLIC_SIZE ? 0 : -1;
}

static EVP_MD_CTX *sign_ctx(EVP_PKEY *key, int is_mu)
{
	int deterministic = 1;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_DETERMINISTIC,
					 &deterministic),
		OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_MU, &is_mu),
		OSSL_PARAM_construct_end(),
	};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key,
					  params) != 1) {
		EVP_MD_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

EVP_MD_CTX *mldsa87_sign_ctx(EVP_PKEY *key)
{
	return sign_ctx(key, 0);
}

/* Takes the context. */
static int sign(EVP_MD_CTX *ctx, const void *msg, size_t msg_len,
		uint8_t sig[MLDSA87_SIGNATURE_SIZE])
{
	size_t len = MLDSA87_SIGNATURE_SIZE;
	int ok;

	ok = ctx && EVP_DigestSign(ctx, sig, &len, msg, msg_len) == 1 &&
	     len == MLDSA87_SIGNATURE_SIZE;
	EVP_MD_CTX_free(ctx);
	return ok ? 0 : -1;
}

int mldsa87_sign(EVP_PKEY *key, const void *msg, size_t len,
		 uint8_t sig[MLDSA87_SIGNATURE_SIZE])
{
	memory_use_secret();
	return sign(sign_ctx(key, 0), msg, len, sig);
}

int mldsa87_sign_mu(EVP_PKEY *key, const uint8_t mu[MLDSA87_MU_SIZE],
		    uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE])
{
	memory_use_secret();
	sig[MLDSA87_SIGNATURE_SIZE] = 0;
	return sign(sign_ctx(key, 1), mu, MLDSA87_MU_SIZE, sig);
}

int mldsa87_sign_padded(EVP_PKEY *key, const void *msg, size_t len,
			uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE])
{
	sig[MLDSA87_SIGNATURE_SIZE] = 0;
	return mldsa87_sign(key, msg, len, sig);
}

enum mldsa87_result mldsa87_verify(const uint8_t pub[MLDSA87_PUBLIC_SIZE],
				   const void *msg, size_t len,
				   const uint8_t sig[MLDSA87_SIGNATURE_SIZE])
{
	static const uint8_t zeros[64];
	enum mldsa87_result result = MLDSA87_ENGINE_FAILED;
	EVP_PKEY *key;
	EVP_MD_CTX *ctx;

	if (!memcmp(sig, zeros, sizeof(zeros)))
		return MLDSA87_UNSUPPORTED;
	key = mldsa87_public_key(pub);
	ctx = EVP_MD_CTX_new();
	/* OpenSSL calls a malformed signature an error, which leaves a reason */
	if (key && ctx &&
	    EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) ==
		    1)
		result = EVP_DigestVerify(ctx, sig, MLDSA87_SIGNATURE_SIZE, msg,
					  len) == 1 ?
				 MLDSA87_GOOD :
				 MLDSA87_BAD;
	ERR_clear_error();
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return result;
}
