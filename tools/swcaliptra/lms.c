// SPDX-License-Identifier: GPL-2.0-or-later
/* LMS. See lms.h; names and letters are those of RFC 8554. */
#include "lms.h"

#include <openssl/crypto.h>
#include <string.h>

#include "crypto.h"
#include "firmware.h"
#include "wire.h"

#define D_PBLC 0x8080u
#define D_MESG 0x8181u
#define D_LEAF 0x8282u
#define D_INTR 0x8383u

/* Of a chain's input: I, q, number of the chain, step, and the value. */
#define CHAIN_I	   20
#define CHAIN_STEP 22
#define CHAIN_TMP  23
/* In place of the step, for what a chain begins with. */
#define STEP_SEED  0xff

static const struct {
	uint8_t n, w, ls;
	uint16_t p;
} ots_types[] = {
	{ 0 },
	{ 32, 1, 7, 265 },
	{ 32, 2, 6, 133 },
	{ 32, 4, 4, 67 },
	{ 32, 8, 0, 34 },
	{ 24, 1, 8, 200 },
	{ 24, 2, 6, 101 },
	{ 24, 4, 4, 51 },
	{ 24, 8, 0, 26 },
};

#define OTS_TYPES (sizeof(ots_types) / sizeof(ots_types[0]))

/* Types 5 to 9 are trees of 32 byte hashes, 10 to 14 those of 24. */
static bool tree_type(uint32_t type, unsigned int *n, unsigned int *h)
{
	if (type < 5 || type > 14)
		return false;
	*n = type < 10 ? 32 : 24;
	*h = type % 5 * 5 + 5;
	return true;
}

bool lms_parameters(uint32_t lms_type, uint32_t lmots_type,
		    struct lms_parameters *par)
{
	unsigned int n, h;

	if (!tree_type(lms_type, &n, &h) || !lmots_type ||
	    lmots_type >= OTS_TYPES || ots_types[lmots_type].n != n)
		return false;
	*par = (struct lms_parameters){ .n = n,
					.h = h,
					.w = ots_types[lmots_type].w,
					.p = ots_types[lmots_type].p,
					.ls = ots_types[lmots_type].ls };
	return true;
}

size_t lms_signature_size(const struct lms_parameters *par)
{
	return 4 + 4 + par->n * (1 + par->p) + 4 + par->n * par->h;
}

static void put_be16(uint8_t *p, unsigned int value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

static uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/**
 * struct hasher - SHA-256, set up once
 * @ctx: its context
 * @md: the algorithm
 * @par: whose hashes it makes
 * @failed: OpenSSL has failed, and no hash is good
 */
struct hasher {
	EVP_MD_CTX *ctx;
	EVP_MD *md;
	const struct lms_parameters *par;
	bool failed;
};

static struct hasher hasher_new(const struct lms_parameters *par)
{
	struct hasher hs = {
		.ctx = EVP_MD_CTX_new(),
		.md = EVP_MD_fetch(NULL, "SHA256", NULL),
		.par = par,
	};

	hs.failed = !hs.ctx || !hs.md;
	return hs;
}

/* Return: 0 if every hash was good. */
static int hasher_end(struct hasher *hs)
{
	EVP_MD_CTX_free(hs->ctx);
	EVP_MD_free(hs->md);
	return hs->failed ? -1 : 0;
}

static void begin(struct hasher *hs)
{
	if (!hs->failed && !EVP_DigestInit_ex2(hs->ctx, hs->md, NULL))
		hs->failed = true;
}

static void update(struct hasher *hs, const void *data, size_t len)
{
	if (!hs->failed && !EVP_DigestUpdate(hs->ctx, data, len))
		hs->failed = true;
}

static void end(struct hasher *hs, uint8_t *out)
{
	uint8_t digest[SHA256_SIZE] = { 0 };

	if (!hs->failed && !EVP_DigestFinal_ex(hs->ctx, digest, NULL))
		hs->failed = true;
	memcpy(out, digest, hs->par->n);
}

/* All hashes but those of chains begin with I, a number and what they are for. */
static void begin_for(struct hasher *hs, const uint8_t *id, uint32_t number,
		      unsigned int purpose)
{
	uint8_t prefix[4 + 2];

	wire_put_be32(prefix, number);
	put_be16(prefix + 4, purpose);
	begin(hs);
	update(hs, id, LMS_ID_SIZE);
	update(hs, prefix, sizeof(prefix));
}

/* Steps @from to @to of chain @i, whose value is in @block at CHAIN_TMP. */
static void walk_chain(struct hasher *hs, uint8_t *block, unsigned int i,
		       unsigned int from, unsigned int to)
{
	put_be16(block + CHAIN_I, i);
	for (; from < to; from++) {
		block[CHAIN_STEP] = (uint8_t)from;
		begin(hs);
		update(hs, block, CHAIN_TMP + hs->par->n);
		end(hs, block + CHAIN_TMP);
	}
}

static unsigned int digit(const uint8_t *s, unsigned int i, unsigned int w)
{
	unsigned int per_byte = 8 / w;

	return s[i / per_byte] >> (8 - w * (i % per_byte + 1)) &
	       ((1u << w) - 1);
}

/* What is signed, as digits: hash and checksum. */
static void hash_message(struct hasher *hs, const uint8_t *id, uint32_t q,
			 const uint8_t *nonce, const void *data, size_t len,
			 uint8_t digits[LMS_MAX_N + 2])
{
	const struct lms_parameters *par = hs->par;
	unsigned int sum = 0;
	unsigned int i;

	begin_for(hs, id, q, D_MESG);
	update(hs, nonce, par->n);
	update(hs, data, len);
	end(hs, digits);
	for (i = 0; i < par->n * 8 / par->w; i++)
		sum += (1u << par->w) - 1 - digit(digits, i, par->w);
	put_be16(digits + par->n, sum << par->ls & 0xffff);
}

static void begin_block(uint8_t *block, const uint8_t *id, uint32_t q)
{
	memcpy(block, id, LMS_ID_SIZE);
	wire_put_be32(block + LMS_ID_SIZE, q);
}

/* The ends of all chains are hashed to the public key of the leaf. */
static void hash_ends(struct hasher *hs, const uint8_t *id, uint32_t q,
		      const uint8_t *ends, uint8_t *k)
{
	begin_for(hs, id, q, D_PBLC);
	update(hs, ends, (size_t)hs->par->p * hs->par->n);
	end(hs, k);
}

static void hash_leaf(struct hasher *hs, const uint8_t *id, uint32_t r,
		      const uint8_t *k, uint8_t *node)
{
	begin_for(hs, id, r, D_LEAF);
	update(hs, k, hs->par->n);
	end(hs, node);
}

static void hash_inner(struct hasher *hs, const uint8_t *id, uint32_t r,
		       const uint8_t *left, const uint8_t *right, uint8_t *node)
{
	begin_for(hs, id, r, D_INTR);
	update(hs, left, hs->par->n);
	update(hs, right, hs->par->n);
	end(hs, node);
}

/* The root that a signature leads to: Algorithms 4b and 6a. */
static int candidate_root(const struct lms_parameters *par, const uint8_t *id,
			  const void *data, size_t len, const uint8_t *sig,
			  uint8_t root[LMS_MAX_N])
{
	struct hasher hs = hasher_new(par);
	uint8_t digits[LMS_MAX_N + 2];
	uint8_t block[CHAIN_TMP + LMS_MAX_N];
	uint8_t ends[LMS_MAX_CHAINS * LMS_MAX_N];
	uint32_t q = get_be32(sig);
	const uint8_t *nonce = sig + 8;
	const uint8_t *y = nonce + par->n;
	const uint8_t *path = y + par->n * par->p + 4;
	uint32_t r = (1u << par->h) + q;
	unsigned int i;

	hash_message(&hs, id, q, nonce, data, len, digits);
	begin_block(block, id, q);
	for (i = 0; i < par->p; i++) {
		memcpy(block + CHAIN_TMP, y + i * par->n, par->n);
		walk_chain(&hs, block, i, digit(digits, i, par->w),
			   (1u << par->w) - 1);
		memcpy(ends + i * par->n, block + CHAIN_TMP, par->n);
	}
	hash_ends(&hs, id, q, ends, root);
	hash_leaf(&hs, id, r, root, root);
	for (; r > 1; r /= 2, path += par->n)
		hash_inner(&hs, id, r / 2, r % 2 ? path : root,
			   r % 2 ? root : path, root);
	return hasher_end(&hs);
}

enum lms_result lms_verify(const uint8_t *key, size_t key_len, const void *data,
			   size_t len, const uint8_t *sig, size_t sig_len)
{
	struct lms_parameters par;
	uint8_t root[LMS_MAX_N];
	const uint8_t *tree;

	if (key_len < 8 ||
	    !lms_parameters(get_be32(key), get_be32(key + 4), &par) ||
	    key_len != 8 + LMS_ID_SIZE + par.n ||
	    sig_len != lms_signature_size(&par))
		return LMS_BAD;
	tree = sig + 8 + par.n * (1 + par.p);
	if (memcmp(tree, key, 4) || memcmp(sig + 4, key + 4, 4) ||
	    get_be32(sig) >> par.h)
		return LMS_BAD;
	if (candidate_root(&par, key + 8, data, len, sig, root))
		return LMS_ENGINE_FAILED;
	return memcmp(root, key + 8 + LMS_ID_SIZE, par.n) ? LMS_BAD : LMS_GOOD;
}

/* What the firmware looks at before it hashes, in its order. */
static uint32_t image_types(const uint8_t *key, const uint8_t *sig)
{
	uint32_t lmots_type = get_be32(sig + 4);
	unsigned int n, h;

	if (lmots_type != get_be32(key + 4))
		return DRIVER_LMS_SIGNATURE_LMOTS_DOESNT_MATCH_PUBKEY_LMOTS;
	if (!tree_type(get_be32(sig + 8 + 24 * 52), &n, &h))
		return DRIVER_LMS_INVALID_LMS_ALGO_TYPE;
	if (h != 15)
		return DRIVER_LMS_INVALID_TREE_HEIGHT;
	if (get_be32(sig) >> 15)
		return DRIVER_LMS_INVALID_Q_VALUE;
	if (lmots_type >= OTS_TYPES)
		return DRIVER_LMS_INVALID_LMOTS_ALGO_TYPE;
	/* no other type has as many chains */
	return ots_types[lmots_type].p == 51 ? FW_OK :
					       DRIVER_LMS_INVALID_PVALUE;
}

uint32_t lms_image_verify(const uint8_t key[LMS_IMAGE_KEY_SIZE],
			  const void *data, size_t len,
			  const uint8_t sig[LMS_IMAGE_SIG_SIZE], bool *good)
{
	uint32_t error = image_types(key, sig);
	struct lms_parameters par;
	uint8_t root[LMS_MAX_N];

	*good = false;
	if (error)
		return error;
	lms_parameters(LMS_SHA256_M24_H15, LMOTS_SHA256_N24_W4, &par);
	if (candidate_root(&par, key + 8, data, len, sig, root))
		return DRIVER_SHA256_INVALID_STATE;
	*good = !memcmp(root, key + 8 + LMS_ID_SIZE, par.n);
	return FW_OK;
}

/* The height of the nodes that are kept; there are no more than LMS_KEPT_NODES. */
static unsigned int kept_height(const struct lms_parameters *par)
{
	return par->h > 8 ? par->h - 8 : 0;
}

/* What chain @i of leaf @q begins with. */
static void begin_chain(struct hasher *hs, const struct lms_private_key *key,
			uint8_t *block, unsigned int i)
{
	memcpy(block + CHAIN_TMP, key->seed, hs->par->n);
	put_be16(block + CHAIN_I, i);
	block[CHAIN_STEP] = STEP_SEED;
	begin(hs);
	update(hs, block, CHAIN_TMP + hs->par->n);
	end(hs, block + CHAIN_TMP);
}

static void make_leaf(struct hasher *hs, const struct lms_private_key *key,
		      uint32_t r, uint8_t *node)
{
	const struct lms_parameters *par = hs->par;
	uint8_t block[CHAIN_TMP + LMS_MAX_N];
	uint8_t ends[LMS_MAX_CHAINS * LMS_MAX_N];
	uint32_t q = r - (1u << par->h);
	unsigned int i;

	begin_block(block, key->id, q);
	for (i = 0; i < par->p; i++) {
		begin_chain(hs, key, block, i);
		walk_chain(hs, block, i, 0, (1u << par->w) - 1);
		memcpy(ends + i * par->n, block + CHAIN_TMP, par->n);
	}
	hash_ends(hs, key->id, q, ends, node);
	hash_leaf(hs, key->id, r, node, node);
	OPENSSL_cleanse(block, sizeof(block));
}

/* Node @r, which is so high; @kept says that those that are kept can be used. */
static void make_node(struct hasher *hs, const struct lms_private_key *key,
		      uint32_t r, unsigned int height, bool kept, uint8_t *node)
{
	uint8_t left[LMS_MAX_N];
	uint8_t right[LMS_MAX_N];

	if (kept && height == kept_height(hs->par)) {
		memcpy(node, key->nodes[r - (1u << (hs->par->h - height))],
		       hs->par->n);
		return;
	}
	if (!height) {
		make_leaf(hs, key, r, node);
		return;
	}
	make_node(hs, key, 2 * r, height - 1, kept, left);
	make_node(hs, key, 2 * r + 1, height - 1, kept, right);
	hash_inner(hs, key->id, r, left, right, node);
}

int lms_generate(struct lms_private_key *key)
{
	struct lms_parameters par;
	struct hasher hs;
	unsigned int depth;
	uint32_t i;

	if (!lms_parameters(key->lms_type, key->lmots_type, &par))
		return -1;
	hs = hasher_new(&par);
	depth = par.h - kept_height(&par);
	for (i = 0; i < 1u << depth && !hs.failed; i++)
		make_node(&hs, key, (1u << depth) + i, kept_height(&par), false,
			  key->nodes[i]);
	make_node(&hs, key, 1, par.h, true, key->root);
	return hasher_end(&hs);
}

bool lms_nodes_match(const struct lms_private_key *key)
{
	struct lms_parameters par;
	uint8_t root[LMS_MAX_N];
	struct hasher hs;

	if (!lms_parameters(key->lms_type, key->lmots_type, &par))
		return false;
	hs = hasher_new(&par);
	make_node(&hs, key, 1, par.h, true, root);
	return !hasher_end(&hs) && !memcmp(root, key->root, par.n);
}

size_t lms_public_key(const struct lms_private_key *key,
		      uint8_t bytes[LMS_MAX_KEY_SIZE])
{
	struct lms_parameters par;

	if (!lms_parameters(key->lms_type, key->lmots_type, &par))
		return 0;
	wire_put_be32(bytes, key->lms_type);
	wire_put_be32(bytes + 4, key->lmots_type);
	memcpy(bytes + 8, key->id, LMS_ID_SIZE);
	memcpy(bytes + 8 + LMS_ID_SIZE, key->root, par.n);
	return 8 + LMS_ID_SIZE + par.n;
}

int lms_sign(const struct lms_private_key *key, uint32_t q,
	     const uint8_t *nonce, const void *data, size_t len, uint8_t *sig)
{
	uint8_t block[CHAIN_TMP + LMS_MAX_N];
	uint8_t digits[LMS_MAX_N + 2];
	struct lms_parameters par;
	struct hasher hs;
	unsigned int i;
	uint8_t *p = sig;

	if (!lms_parameters(key->lms_type, key->lmots_type, &par) || q >> par.h)
		return -1;
	hs = hasher_new(&par);
	wire_put_be32(p, q);
	wire_put_be32(p + 4, key->lmots_type);
	memcpy(p + 8, nonce, par.n);
	p += 8 + par.n;
	hash_message(&hs, key->id, q, nonce, data, len, digits);
	begin_block(block, key->id, q);
	for (i = 0; i < par.p; i++, p += par.n) {
		begin_chain(&hs, key, block, i);
		walk_chain(&hs, block, i, 0, digit(digits, i, par.w));
		memcpy(p, block + CHAIN_TMP, par.n);
	}
	OPENSSL_cleanse(block, sizeof(block));
	wire_put_be32(p, key->lms_type);
	p += 4;
	for (i = 0; i < par.h; i++, p += par.n)
		make_node(&hs, key, (((1u << par.h) + q) >> i) ^ 1, i, true, p);
	return hasher_end(&hs);
}
