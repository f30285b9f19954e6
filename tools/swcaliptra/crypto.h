/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cryptographic engines of a Caliptra, by way of OpenSSL.
 *
 * Everything is in the usual byte order of its standard: digests, scalars and
 * coordinates most significant byte first. Functions return 0, or not 0
 * when OpenSSL fails (no memory, algorithm absent), which a caller treats as a
 * failed engine.
 */
#ifndef SWCALIPTRA_CRYPTO_H
#define SWCALIPTRA_CRYPTO_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA1_SIZE   20
#define SHA256_SIZE 32
#define SHA384_SIZE 48
#define SHA512_SIZE 64
#define P384_SIZE   48

/* Scalars r and s. */
struct ecdsa384_signature {
	uint8_t r[P384_SIZE];
	uint8_t s[P384_SIZE];
};

/* Ecdsa-Sig-Value of RFC 3279 with both scalars at their longest. */
#define ECDSA384_MAX_DER (2 + 2 * (2 + 1 + P384_SIZE))

/* An uncompressed point: 4, x, y. */
#define P384_POINT_SIZE (1 + 2 * P384_SIZE)

int crypto_sha1(const void *data, size_t len, uint8_t digest[SHA1_SIZE]);
int crypto_sha256(const void *data, size_t len, uint8_t digest[SHA256_SIZE]);
int crypto_sha384(const void *data, size_t len, uint8_t digest[SHA384_SIZE]);
int crypto_sha512(const void *data, size_t len, uint8_t digest[SHA512_SIZE]);

/** crypto_sha384_extend() - value := SHA-384(value || data) */
int crypto_sha384_extend(uint8_t value[SHA384_SIZE], const void *data,
			 size_t len);

int crypto_hmac384(const void *key, size_t key_len, const void *data,
		   size_t len, uint8_t tag[SHA384_SIZE]);
int crypto_hmac512(const void *key, size_t key_len, const void *data,
		   size_t len, uint8_t tag[SHA512_SIZE]);

/**
 * crypto_hmac384_kdf() - SP 800-108 counter mode, one block of HMAC-SHA-384
 * @key: key
 * @key_len: its length in bytes
 * @label: text that separates the uses of the key
 * @context: appended after a zero byte if not NULL
 * @context_len: its length in bytes, at most 64
 * @out: 48 bytes; may be the key
 *
 * As caliptra-sw drivers/src/hmac384_kdf.rs of 1.x has it: no length at the end.
 */
int crypto_hmac384_kdf(const void *key, size_t key_len, const char *label,
		       const void *context, size_t context_len,
		       uint8_t out[SHA384_SIZE]);

/**
 * crypto_hmac512_kdf() - SP 800-108 counter mode, one block of HMAC-SHA-512
 * @key: key
 * @key_len: its length in bytes
 * @label: text that separates the uses of the key
 * @context: appended after a zero byte if not NULL
 * @context_len: its length in bytes, at most 64
 * @out: 64 bytes; may be the key
 *
 * As caliptra-sw drivers/src/hmac_kdf.rs has it: no length at the end.
 */
int crypto_hmac512_kdf(const void *key, size_t key_len, const char *label,
		       const void *context, size_t context_len,
		       uint8_t out[SHA512_SIZE]);

/** crypto_aes256_cbc_decrypt() - whole blocks, no padding */
int crypto_aes256_cbc_decrypt(const uint8_t key[32], const uint8_t iv[16],
			      const void *in, size_t len, void *out);

/**
 * crypto_p384_derive_scalar() - the ECC engine's KeyGen, private part
 * @seed: 48 bytes
 * @scalar: the private key
 *
 * HMAC_DRBG (SP 800-90A 10.1.2, HMAC-SHA-384) with a nonce of zeros, until the
 * value is in [1, n-1] (CaliptraHardwareSpecification, HMAC_DRBG).
 */
int crypto_p384_derive_scalar(const uint8_t seed[P384_SIZE],
			      uint8_t scalar[P384_SIZE]);

/**
 * crypto_p384_key() - key pair of a private scalar
 * @scalar: most significant byte first
 *
 * Return: the key, or NULL; EVP_PKEY_free() it.
 */
EVP_PKEY *crypto_p384_key(const uint8_t scalar[P384_SIZE]);

/**
 * crypto_p384_signing_key() - a private scalar without its public key
 * @scalar: most significant byte first
 *
 * Signing needs no more, and the public key takes as long as a signature.
 *
 * Return: the key, or NULL, as for a scalar that is out of range; EVP_PKEY_free() it.
 */
EVP_PKEY *crypto_p384_signing_key(const uint8_t scalar[P384_SIZE]);

/**
 * crypto_p384_public_key() - public key from a point
 * @point: uncompressed
 *
 * Return: the key, or NULL where the point is not on the curve;
 * EVP_PKEY_free() it.
 */
EVP_PKEY *crypto_p384_public_key(const uint8_t point[P384_POINT_SIZE]);

/** crypto_is_pair() - do public and private part of a key belong together? */
bool crypto_is_pair(EVP_PKEY *key);

/** crypto_p384_point() - the public point of a key */
int crypto_p384_point(EVP_PKEY *key, uint8_t point[P384_POINT_SIZE]);

/**
 * crypto_ecdsa384_sign() - sign a digest
 * @key: private key
 * @digest: 48 bytes
 * @sig: the signature
 *
 * The nonce is that of RFC 6979 with SHA-384, as the ECC engine makes it, unless
 * crypto_ecdsa384_is_deterministic() says otherwise.
 */
int crypto_ecdsa384_sign(EVP_PKEY *key, const uint8_t digest[SHA384_SIZE],
			 struct ecdsa384_signature *sig);

/** crypto_ecdsa384_is_deterministic() - or is every signature another one? */
bool crypto_ecdsa384_is_deterministic(void);

/** crypto_ecdsa384_signature_der() - encode a signature; its length, or 0 */
size_t crypto_ecdsa384_signature_der(const struct ecdsa384_signature *sig,
				     uint8_t der[ECDSA384_MAX_DER]);

/** enum ecdsa384_result - what a verification found */
enum ecdsa384_result {
	ECDSA384_GOOD,
	ECDSA384_BAD,
	ECDSA384_SCALAR_OUT_OF_RANGE, /* r or s is 0 or not below n */
	ECDSA384_NOT_ON_CURVE,
	ECDSA384_ENGINE_FAILED,
};

enum ecdsa384_result
crypto_ecdsa384_verify(const uint8_t point[P384_POINT_SIZE],
		       const uint8_t digest[SHA384_SIZE],
		       const struct ecdsa384_signature *sig);

/**
 * crypto_ecdsa384_sign_ctx() - a context for X509_sign_ctx() and the like
 * @key: private key
 *
 * ECDSA with SHA-384, as crypto_ecdsa384_sign().
 *
 * Return: the context, or NULL; EVP_MD_CTX_free() it.
 */
EVP_MD_CTX *crypto_ecdsa384_sign_ctx(EVP_PKEY *key);

/** crypto_random() - bytes from OpenSSL's generator for private values */
int crypto_random(void *out, size_t len);

#endif
