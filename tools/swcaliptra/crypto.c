// SPDX-License-Identifier: GPL-2.0-or-later
/* The cryptographic engines. See crypto.h. */
#include "crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <string.h>

#include "fips.h"
#include "memory.h"

#if OPENSSL_VERSION_NUMBER < 0x30500000L
#error "swcaliptra needs OpenSSL 3.5 or newer; 'make libs cli' does with 3.0"
#endif

/* Order n of P-384. */
static const uint8_t p384_order[P384_SIZE] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
	0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
};

static const uint8_t p384_generator[P384_POINT_SIZE] = {
	0x04, 0xaa, 0x87, 0xca, 0x22, 0xbe, 0x8b, 0x05, 0x37, 0x8e, 0xb1,
	0xc7, 0x1e, 0xf3, 0x20, 0xad, 0x74, 0x6e, 0x1d, 0x3b, 0x62, 0x8b,
	0xa7, 0x9b, 0x98, 0x59, 0xf7, 0x41, 0xe0, 0x82, 0x54, 0x2a, 0x38,
	0x55, 0x02, 0xf2, 0x5d, 0xbf, 0x55, 0x29, 0x6c, 0x3a, 0x54, 0x5e,
	0x38, 0x72, 0x76, 0x0a, 0xb7, 0x36, 0x17, 0xde, 0x4a, 0x96, 0x26,
	0x2c, 0x6f, 0x5d, 0x9e, 0x98, 0xbf, 0x92, 0x92, 0xdc, 0x29, 0xf8,
	0xf4, 0x1d, 0xbd, 0x28, 0x9a, 0x14, 0x7c, 0xe9, 0xda, 0x31, 0x13,
	0xb5, 0xf0, 0xb8, 0xc0, 0x0a, 0x60, 0xb1, 0xce, 0x1d, 0x7e, 0x81,
	0x9d, 0x7a, 0x43, 0x1d, 0x7c, 0x90, 0xea, 0x0e, 0x5f,
};

/*
 * Looking an algorithm up by its name takes longer than a short digest, so it is done
 * once; there is one thread.
 */
static const EVP_MD *digest_of(const char *name, EVP_MD **fetched)
{
	if (!*fetched)
		*fetched = EVP_MD_fetch(NULL, name, NULL);
	return *fetched;
}

static const EVP_MD *sha384(void)
{
	static EVP_MD *md;

	return digest_of("SHA2-384", &md);
}

static const EVP_MD *sha512(void)
{
	static EVP_MD *md;

	return digest_of("SHA2-512", &md);
}

static int digest(const EVP_MD *md, const void *data, size_t len, uint8_t *out)
{
	return md && EVP_Digest(data, len, out, NULL, md, NULL) ? 0 : -1;
}

int crypto_sha1(const void *data, size_t len, uint8_t out[SHA1_SIZE])
{
	static EVP_MD *md;

	return digest(digest_of("SHA1", &md), data, len, out);
}

int crypto_sha256(const void *data, size_t len, uint8_t out[SHA256_SIZE])
{
	static EVP_MD *md;

	return digest(digest_of("SHA2-256", &md), data, len, out);
}

int crypto_sha384(const void *data, size_t len, uint8_t out[SHA384_SIZE])
{
	return digest(sha384(), data, len, out);
}

int crypto_sha512(const void *data, size_t len, uint8_t out[SHA512_SIZE])
{
	return digest(sha512(), data, len, out);
}

/* The context stays for the next time: what PCRs are extended with is no secret. */
int crypto_sha384_extend(uint8_t value[SHA384_SIZE], const void *data,
			 size_t len)
{
	static EVP_MD_CTX *ctx;
	const EVP_MD *md = sha384();

	if (!ctx)
		ctx = EVP_MD_CTX_new();
	/* one that has its digest needs no other */
	return ctx && md &&
			       EVP_DigestInit_ex2(
				       ctx, EVP_MD_CTX_get0_md(ctx) ? NULL : md,
				       NULL) &&
			       EVP_DigestUpdate(ctx, value, SHA384_SIZE) &&
			       EVP_DigestUpdate(ctx, data, len) &&
			       EVP_DigestFinal_ex(ctx, value, NULL) ?
		       0 :
		       -1;
}

/* A context that has its digest, and still no key, to be copied. */
static EVP_MAC_CTX *new_hmac(const char *name)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
						 (char *)(uintptr_t)name, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

	EVP_MAC_free(mac);
	if (ctx && EVP_MAC_CTX_set_params(ctx, params))
		return ctx;
	EVP_MAC_CTX_free(ctx);
	return NULL;
}

static const EVP_MAC_CTX *hmac_of(const char *name, EVP_MAC_CTX **made)
{
	if (!*made)
		*made = new_hmac(name);
	return *made;
}

/* The key goes with its context. */
static int hmac(const EVP_MAC_CTX *empty, const void *key, size_t key_len,
		const void *data, size_t len, uint8_t *tag, size_t tag_len)
{
	EVP_MAC_CTX *ctx = empty ? EVP_MAC_CTX_dup(empty) : NULL;
	int ok;

	memory_use_secret();
	ok = ctx && EVP_MAC_init(ctx, key, key_len, NULL) &&
	     EVP_MAC_update(ctx, data, len) &&
	     EVP_MAC_final(ctx, tag, NULL, tag_len);
	EVP_MAC_CTX_free(ctx);
	return ok ? 0 : -1;
}

static const EVP_MAC_CTX *hmac384(void)
{
	static EVP_MAC_CTX *made;

	return hmac_of("SHA2-384", &made);
}

static const EVP_MAC_CTX *hmac512(void)
{
	static EVP_MAC_CTX *made;

	return hmac_of("SHA2-512", &made);
}

int crypto_hmac384(const void *key, size_t key_len, const void *data,
		   size_t len, uint8_t tag[SHA384_SIZE])
{
	return hmac(hmac384(), key, key_len, data, len, tag, SHA384_SIZE);
}

int crypto_hmac512(const void *key, size_t key_len, const void *data,
		   size_t len, uint8_t tag[SHA512_SIZE])
{
	return hmac(hmac512(), key, key_len, data, len, tag, SHA512_SIZE);
}

static int kdf(const EVP_MAC_CTX *empty, const void *key, size_t key_len,
	       const char *label, const void *context, size_t context_len,
	       uint8_t *out, size_t out_len)
{
	uint8_t input[4 + 64 + 1 + 64] = { 0, 0, 0, 1 };
	size_t label_len = strlen(label);
	size_t len = 4;

	if (label_len > 64 || context_len > 64)
		return -1;
	memcpy(input + len, label, label_len);
	len += label_len;
	if (context) {
		input[len++] = 0;
		memcpy(input + len, context, context_len);
		len += context_len;
	}
	return hmac(empty, key, key_len, input, len, out, out_len);
}

int crypto_hmac384_kdf(const void *key, size_t key_len, const char *label,
		       const void *context, size_t context_len,
		       uint8_t out[SHA384_SIZE])
{
	return kdf(hmac384(), key, key_len, label, context, context_len, out,
		   SHA384_SIZE);
}

int crypto_hmac512_kdf(const void *key, size_t key_len, const char *label,
		       const void *context, size_t context_len,
		       uint8_t out[SHA512_SIZE])
{
	return kdf(hmac512(), key, key_len, label, context, context_len, out,
		   SHA512_SIZE);
}

int crypto_aes256_cbc_decrypt(const uint8_t key[32], const uint8_t iv[16],
			      const void *in, size_t len, void *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;
	int ok;

	memory_use_secret();
	ok = ctx &&
	     EVP_DecryptInit_ex2(ctx, EVP_aes_256_cbc(), key, iv, NULL) &&
	     EVP_CIPHER_CTX_set_padding(ctx, 0) &&
	     EVP_DecryptUpdate(ctx, out, &n, in, (int)len) && n == (int)len;
	EVP_CIPHER_CTX_free(ctx);
	return ok ? 0 : -1;
}

static bool scalar_in_range(const uint8_t scalar[P384_SIZE])
{
	static const uint8_t zero[P384_SIZE];

	return memcmp(scalar, zero, P384_SIZE) &&
	       memcmp(scalar, p384_order, P384_SIZE) < 0;
}

/* HMAC_DRBG_Update of SP 800-90A 10.1.2.2, one of its two halves. */
static int drbg_update(uint8_t k[SHA384_SIZE], uint8_t v[SHA384_SIZE],
		       uint8_t step, const uint8_t *data, size_t len)
{
	uint8_t input[SHA384_SIZE + 1 + 2 * P384_SIZE];
	int ret;

	memcpy(input, v, SHA384_SIZE);
	input[SHA384_SIZE] = step;
	if (len)
		memcpy(input + SHA384_SIZE + 1, data, len);
	ret = crypto_hmac384(k, SHA384_SIZE, input, SHA384_SIZE + 1 + len, k);
	if (!ret)
		ret = crypto_hmac384(k, SHA384_SIZE, v, SHA384_SIZE, v);
	OPENSSL_cleanse(input, sizeof(input));
	return ret;
}

int crypto_p384_derive_scalar(const uint8_t seed[P384_SIZE],
			      uint8_t scalar[P384_SIZE])
{
	uint8_t entropy_and_nonce[2 * P384_SIZE] = { 0 };
	uint8_t k[SHA384_SIZE];
	uint8_t v[SHA384_SIZE];
	int ret;

	memory_use_secret();
	memset(k, 0, sizeof(k));
	memset(v, 1, sizeof(v));
	memcpy(entropy_and_nonce, seed, P384_SIZE);

	ret = drbg_update(k, v, 0, entropy_and_nonce,
			  sizeof(entropy_and_nonce)) ||
	      drbg_update(k, v, 1, entropy_and_nonce,
			  sizeof(entropy_and_nonce)) ||
	      crypto_hmac384(k, sizeof(k), v, sizeof(v), v);
	while (!ret && !scalar_in_range(v))
		ret = drbg_update(k, v, 0, NULL, 0) ||
		      crypto_hmac384(k, sizeof(k), v, sizeof(v), v);
	if (!ret)
		memcpy(scalar, v, P384_SIZE);

	OPENSSL_cleanse(k, sizeof(k));
	OPENSSL_cleanse(v, sizeof(v));
	OPENSSL_cleanse(entropy_and_nonce, sizeof(entropy_and_nonce));
	return ret ? -1 : 0;
}

/* Whichever there are: a point, a scalar or both. */
static EVP_PKEY *p384_from_params(const uint8_t *point, size_t len,
				  const BIGNUM *scalar)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;
	int selection = scalar ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;

	memory_use_secret();
	if (!bld || !ctx ||
	    !OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
					     "P-384", 0))
		goto out;
	if (point && !OSSL_PARAM_BLD_push_octet_string(
			     bld, OSSL_PKEY_PARAM_PUB_KEY, point, len))
		goto out;
	if (scalar &&
	    !OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, scalar))
		goto out;
	params = OSSL_PARAM_BLD_to_param(bld);
	if (!params || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, selection, params) <= 0)
		key = NULL;
out:
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

EVP_PKEY *crypto_p384_signing_key(const uint8_t scalar[P384_SIZE])
{
	BIGNUM *bn = BN_secure_new();
	EVP_PKEY *key = NULL;

	if (scalar_in_range(scalar) && bn && BN_bin2bn(scalar, P384_SIZE, bn))
		key = p384_from_params(NULL, 0, bn);
	BN_clear_free(bn);
	return key;
}

static void free_point(void *parent, void *point, CRYPTO_EX_DATA *data,
		       int index, long unused, void *none)
{
	(void)parent;
	(void)data;
	(void)index;
	(void)unused;
	(void)none;
	OPENSSL_free(point);
}

static int copy_point(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from,
		      void **point, int index, long unused, void *none)
{
	(void)to;
	(void)from;
	(void)index;
	(void)unused;
	(void)none;
	*point = *point ? OPENSSL_memdup(*point, P384_POINT_SIZE) : NULL;
	return 1;
}

/*
 * Where a key that is made here has its point: OpenSSL makes all that a key has out
 * of it when it is asked for any.
 */
static int point_index(void)
{
	static int index = -1;

	if (index < 0)
		index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_EVP_PKEY, 0,
						NULL, NULL, copy_point,
						free_point);
	return index;
}

static void keep_point(EVP_PKEY *key, const uint8_t point[P384_POINT_SIZE])
{
	void *copy = OPENSSL_memdup(point, P384_POINT_SIZE);

	if (!EVP_PKEY_set_ex_data(key, point_index(), copy))
		OPENSSL_free(copy);
}

bool crypto_is_pair(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	bool good = ctx && EVP_PKEY_pairwise_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

/*
 * The x coordinate of a scalar's point: providers multiply the generator when it is
 * somebody's public key in ECDH, and only then.
 */
static int p384_x(const BIGNUM *scalar, uint8_t x[P384_SIZE])
{
	EVP_PKEY *g =
		p384_from_params(p384_generator, sizeof(p384_generator), NULL);
	EVP_PKEY *key = p384_from_params(NULL, 0, scalar);
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) :
				  NULL;
	size_t len = P384_SIZE;
	bool ok;

	ok = g && ctx && EVP_PKEY_derive_init(ctx) > 0 &&
	     EVP_PKEY_derive_set_peer(ctx, g) > 0 &&
	     EVP_PKEY_derive(ctx, x, &len) > 0 && len == P384_SIZE;
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	EVP_PKEY_free(g);
	return ok ? 0 : -1;
}

/* Of the two points with this x, the one that is the scalar's. */
EVP_PKEY *crypto_p384_key(const uint8_t scalar[P384_SIZE])
{
	BIGNUM *bn = BN_secure_new();
	uint8_t point[1 + P384_SIZE];
	uint8_t encoded[P384_POINT_SIZE];
	EVP_PKEY *key = NULL;

	ERR_set_mark();
	if (bn && BN_bin2bn(scalar, P384_SIZE, bn) && !p384_x(bn, point + 1))
		for (point[0] = 2; !key && point[0] <= 3; point[0]++) {
			key = p384_from_params(point, sizeof(point), bn);
			if (!key || crypto_is_pair(key))
				continue;
			EVP_PKEY_free(key);
			key = NULL;
		}
	ERR_pop_to_mark();
	if (key && !crypto_p384_point(key, encoded))
		keep_point(key, encoded);
	BN_clear_free(bn);
	return key;
}

EVP_PKEY *crypto_p384_public_key(const uint8_t point[P384_POINT_SIZE])
{
	EVP_PKEY *key = p384_from_params(point, P384_POINT_SIZE, NULL);
	EVP_PKEY_CTX *ctx;

	if (!key)
		return NULL;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (!ctx || EVP_PKEY_public_check(ctx) != 1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	EVP_PKEY_CTX_free(ctx);
	return key;
}

int crypto_p384_point(EVP_PKEY *key, uint8_t point[P384_POINT_SIZE])
{
	const uint8_t *kept = EVP_PKEY_get_ex_data(key, point_index());
	size_t len;

	if (kept) {
		memcpy(point, kept, P384_POINT_SIZE);
		return 0;
	}
	if (!EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
					     point, P384_POINT_SIZE, &len))
		return -1;
	return len == P384_POINT_SIZE && point[0] == 4 ? 0 : -1;
}

/*
 * OpenSSL's values for a nonce made as RFC 6979 says, and for a random one, which is
 * all that its FIPS provider has.
 */
static unsigned int deterministic_nonce = 1;
static unsigned int random_nonce = 0;

static OSSL_PARAM nonce_type(void)
{
	return OSSL_PARAM_construct_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE,
					 crypto_ecdsa384_is_deterministic() ?
						 &deterministic_nonce :
						 &random_nonce);
}

bool crypto_ecdsa384_is_deterministic(void)
{
	return !fips_enabled();
}

static void sign_params(OSSL_PARAM params[3])
{
	params[0] = nonce_type();
	params[1] = OSSL_PARAM_construct_utf8_string(
		OSSL_SIGNATURE_PARAM_DIGEST, "SHA2-384", 0);
	params[2] = OSSL_PARAM_construct_end();
}

int crypto_ecdsa384_sign(EVP_PKEY *key, const uint8_t digest[SHA384_SIZE],
			 struct ecdsa384_signature *sig)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	ECDSA_SIG *parsed = NULL;
	OSSL_PARAM params[3];
	uint8_t der[ECDSA384_MAX_DER];
	const uint8_t *p = der;
	size_t len = sizeof(der);
	int ok = 0;

	memory_use_secret();
	sign_params(params);
	if (!ctx || EVP_PKEY_sign_init_ex(ctx, params) <= 0 ||
	    EVP_PKEY_sign(ctx, der, &len, digest, SHA384_SIZE) <= 0)
		goto out;
	parsed = d2i_ECDSA_SIG(NULL, &p, (long)len);
	ok = parsed &&
	     BN_bn2binpad(ECDSA_SIG_get0_r(parsed), sig->r, P384_SIZE) ==
		     P384_SIZE &&
	     BN_bn2binpad(ECDSA_SIG_get0_s(parsed), sig->s, P384_SIZE) ==
		     P384_SIZE;
out:
	ECDSA_SIG_free(parsed);
	EVP_PKEY_CTX_free(ctx);
	return ok ? 0 : -1;
}

size_t crypto_ecdsa384_signature_der(const struct ecdsa384_signature *sig,
				     uint8_t der[ECDSA384_MAX_DER])
{
	ECDSA_SIG *built = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(sig->r, P384_SIZE, NULL);
	BIGNUM *s = BN_bin2bn(sig->s, P384_SIZE, NULL);
	int len = 0;

	if (built && r && s && ECDSA_SIG_set0(built, r, s)) {
		r = NULL;
		s = NULL;
		len = i2d_ECDSA_SIG(built, &der);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(built);
	return len > 0 ? (size_t)len : 0;
}

enum ecdsa384_result
crypto_ecdsa384_verify(const uint8_t point[P384_POINT_SIZE],
		       const uint8_t digest[SHA384_SIZE],
		       const struct ecdsa384_signature *sig)
{
	enum ecdsa384_result result = ECDSA384_ENGINE_FAILED;
	EVP_PKEY_CTX *ctx = NULL;
	EVP_PKEY *key;
	uint8_t der[ECDSA384_MAX_DER];
	size_t len;
	int ret;

	if (!scalar_in_range(sig->r) || !scalar_in_range(sig->s))
		return ECDSA384_SCALAR_OUT_OF_RANGE;
	key = crypto_p384_public_key(point);
	if (!key)
		return ECDSA384_NOT_ON_CURVE;
	len = crypto_ecdsa384_signature_der(sig, der);
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	if (len && ctx && EVP_PKEY_verify_init(ctx) > 0) {
		ret = EVP_PKEY_verify(ctx, der, len, digest, SHA384_SIZE);
		if (ret >= 0)
			result = ret == 1 ? ECDSA384_GOOD : ECDSA384_BAD;
	}
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return result;
}

EVP_MD_CTX *crypto_ecdsa384_sign_ctx(EVP_PKEY *key)
{
	OSSL_PARAM params[] = {
		nonce_type(),
		OSSL_PARAM_construct_end(),
	};
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || EVP_DigestSignInit_ex(ctx, NULL, "SHA2-384", NULL, NULL,
					  key, params) != 1) {
		EVP_MD_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

int crypto_random(void *out, size_t len)
{
	memory_use_secret();
	return RAND_priv_bytes(out, len) == 1 ? 0 : -1;
}
