// SPDX-License-Identifier: GPL-2.0-or-later
/* Secrets that are written down. See seal.h. */
#include "seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "crypto.h"

static int run_cipher(EVP_CIPHER_CTX *ctx, const void *context,
		      size_t context_len, const void *in, size_t len, void *out)
{
	int n;

	return EVP_CipherUpdate(ctx, NULL, &n, context, (int)context_len) ==
				       1 &&
			       EVP_CipherUpdate(ctx, out, &n, in, (int)len) ==
				       1 ?
		       0 :
		       -1;
}

static EVP_CIPHER_CTX *begin(const uint8_t key[SEAL_KEY_SIZE],
			     const uint8_t nonce[SEAL_NONCE_SIZE], int encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (ctx && EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key, nonce,
				      encrypt, NULL) == 1)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

int seal(const uint8_t key[SEAL_KEY_SIZE], const void *context,
	 size_t context_len, const void *secret, size_t len, uint8_t *out)
{
	uint8_t *tag = out + SEAL_NONCE_SIZE;
	uint8_t *encrypted = out + SEAL_OVERHEAD;
	EVP_CIPHER_CTX *ctx;
	int ret = -1;
	int n;

	if (crypto_random(out, SEAL_NONCE_SIZE))
		return -1;
	ctx = begin(key, out, 1);
	if (ctx &&
	    !run_cipher(ctx, context, context_len, secret, len, encrypted) &&
	    EVP_CipherFinal_ex(ctx, encrypted + len, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_SIZE,
				tag) == 1)
		ret = 0;
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}

int unseal(const uint8_t key[SEAL_KEY_SIZE], const void *context,
	   size_t context_len, const uint8_t *in, size_t len, void *secret)
{
	const uint8_t *tag = in + SEAL_NONCE_SIZE;
	const uint8_t *encrypted = in + SEAL_OVERHEAD;
	EVP_CIPHER_CTX *ctx = begin(key, in, 0);
	int ret = -1;
	int n;

	if (ctx &&
	    !run_cipher(ctx, context, context_len, encrypted, len, secret) &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_SIZE,
				(void *)(uintptr_t)tag) == 1 &&
	    EVP_CipherFinal_ex(ctx, (uint8_t *)secret + len, &n) == 1)
		ret = 0;
	if (ret)
		OPENSSL_cleanse(secret, len);
	EVP_CIPHER_CTX_free(ctx);
	return ret;
}
