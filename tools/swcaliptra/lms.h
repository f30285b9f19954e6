/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LMS, the stateful hash-based signatures of RFC 8554, with the parameters for
 * SHA-256/192 that SP 800-208 adds. Signatures and public keys are encoded as the
 * RFC has them. Private keys are derived from a seed as its appendix A says.
 */
#ifndef SWCALIPTRA_LMS_H
#define SWCALIPTRA_LMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What Caliptra's firmware uses: trees of height 15 and chains of 16, 24 bytes. */
#define LMS_SHA256_M24_H15  12u
#define LMOTS_SHA256_N24_W4 7u
#define LMS_IMAGE_KEY_SIZE  48
#define LMS_IMAGE_SIG_SIZE  1620

#define LMS_ID_SIZE	 16
#define LMS_MAX_N	 32
#define LMS_MAX_CHAINS	 265
#define LMS_MAX_KEY_SIZE (4 + 4 + LMS_ID_SIZE + LMS_MAX_N)

/* Inner nodes of the tree that a private key keeps, so that signing is quick. */
#define LMS_KEPT_NODES 256

/**
 * struct lms_parameters - of a pair of LMS and LM-OTS types
 * @n: bytes of a hash
 * @h: height of the tree
 * @w: bits of a digit
 * @p: digits, each of which has a chain
 * @ls: how far the checksum is shifted to the left
 */
struct lms_parameters {
	unsigned int n;
	unsigned int h;
	unsigned int w;
	unsigned int p;
	unsigned int ls;
};

/**
 * struct lms_private_key - a private key, without the count of what it has signed
 * @lms_type: LMS type
 * @lmots_type: LM-OTS type
 * @id: identifier I
 * @seed: what the chains begin with is derived from it; n bytes
 * @root: of the tree; n bytes
 * @nodes: those of the tree at the height kept_height()
 */
struct lms_private_key {
	uint32_t lms_type;
	uint32_t lmots_type;
	uint8_t id[LMS_ID_SIZE];
	uint8_t seed[LMS_MAX_N];
	uint8_t root[LMS_MAX_N];
	uint8_t nodes[LMS_KEPT_NODES][LMS_MAX_N];
};

/** lms_parameters() - false if there is no such type, or the two do not match */
bool lms_parameters(uint32_t lms_type, uint32_t lmots_type,
		    struct lms_parameters *par);

/** lms_signature_size() - of a signature in bytes */
size_t lms_signature_size(const struct lms_parameters *par);

/** enum lms_result - what a verification found */
enum lms_result {
	LMS_GOOD,
	LMS_BAD, /* or it is not a signature of this key's types */
	LMS_ENGINE_FAILED,
};

enum lms_result lms_verify(const uint8_t *key, size_t key_len, const void *data,
			   size_t len, const uint8_t *sig, size_t sig_len);

/**
 * lms_image_verify() - verify as the firmware does, which knows one size only
 * @key: a public key
 * @data: what was signed
 * @len: its length in bytes
 * @sig: the signature
 * @good: it is right
 *
 * Return: FW_OK, or the error of caliptra-sw drivers/src/lms.rs that stops it.
 */
uint32_t lms_image_verify(const uint8_t key[LMS_IMAGE_KEY_SIZE],
			  const void *data, size_t len,
			  const uint8_t sig[LMS_IMAGE_SIG_SIZE], bool *good);

/**
 * lms_generate() - a key pair out of identifier and seed
 * @key: its types, identifier and seed; the rest is computed
 *
 * Takes seconds with a tree of height 15.
 *
 * Return: 0, or -1 where the types are unknown or OpenSSL fails.
 */
int lms_generate(struct lms_private_key *key);

/**
 * lms_nodes_match() - does the root follow from the nodes that are kept?
 * @key: a whole key
 */
bool lms_nodes_match(const struct lms_private_key *key);

/** lms_public_key() - encode the public key; its length, or 0 */
size_t lms_public_key(const struct lms_private_key *key,
		      uint8_t bytes[LMS_MAX_KEY_SIZE]);

/**
 * lms_sign() - sign with one of the key's leaves
 * @key: the key
 * @q: the leaf, which must never be used for anything else again
 * @nonce: n random bytes
 * @data: what is signed
 * @len: its length in bytes
 * @sig: lms_signature_size() bytes
 *
 * Return: 0, or -1 where there is no such leaf or OpenSSL fails.
 */
int lms_sign(const struct lms_private_key *key, uint32_t q,
	     const uint8_t *nonce, const void *data, size_t len, uint8_t *sig);

#endif
