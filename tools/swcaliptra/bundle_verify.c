// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ROM's verification of a bundle: every check in the firmware's order, with its
 * error. Sources: caliptra-sw image/verify/src/verifier.rs and
 * common/src/verifier.rs of e7dc50f2 and of rom-1.2.0.
 */
#include <string.h>

#include "bundle.h"
#include "caliptra-regs.h"
#include "firmware.h"

static const uint8_t zeros[SHA384_SIZE];

/**
 * struct check - a verification
 * @fuses: what the bundle is held against
 * @src: the bundle
 * @l: its layout
 * @m: its manifest
 * @is_1x: it is of 1.x
 * @is_lms: its other signatures are of LMS
 * @extended: CPTRA_FW_EXTENDED_ERROR_INFO
 */
struct check {
	const struct bundle_fuses *fuses;
	const struct bundle_source *src;
	const struct bundle_layout *l;
	const uint8_t *m;
	bool is_1x;
	bool is_lms;
	uint32_t *extended;
};

/* Whose keys and signatures they are, and the errors of what can be wrong. */
struct party {
	uint32_t key_arg;
	uint32_t sig_arg;
	uint32_t ecc_failure;
	uint32_t ecc_invalid;
	uint32_t lms_failure;
	uint32_t lms_invalid;
	uint32_t mldsa_failure;
	uint32_t mldsa_invalid;
};

static const struct party vendor = {
	.key_arg = IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INVALID_ARG,
	.sig_arg = IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID_ARG,
	.ecc_failure = IMAGE_VERIFIER_ERR_VENDOR_ECC_VERIFY_FAILURE,
	.ecc_invalid = IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID,
	.lms_failure = IMAGE_VERIFIER_ERR_VENDOR_LMS_VERIFY_FAILURE,
	.lms_invalid = IMAGE_VERIFIER_ERR_VENDOR_LMS_SIGNATURE_INVALID,
	.mldsa_failure = IMAGE_VERIFIER_ERR_VENDOR_MLDSA_VERIFY_FAILURE,
	.mldsa_invalid = IMAGE_VERIFIER_ERR_VENDOR_MLDSA_SIGNATURE_INVALID,
};

static const struct party owner = {
	.key_arg = IMAGE_VERIFIER_ERR_OWNER_ECC_PUB_KEY_INVALID_ARG,
	.sig_arg = IMAGE_VERIFIER_ERR_OWNER_ECC_SIGNATURE_INVALID_ARG,
	.ecc_failure = IMAGE_VERIFIER_ERR_OWNER_ECC_VERIFY_FAILURE,
	.ecc_invalid = IMAGE_VERIFIER_ERR_OWNER_ECC_SIGNATURE_INVALID,
	.lms_failure = IMAGE_VERIFIER_ERR_OWNER_LMS_VERIFY_FAILURE,
	.lms_invalid = IMAGE_VERIFIER_ERR_OWNER_LMS_SIGNATURE_INVALID,
	.mldsa_failure = IMAGE_VERIFIER_ERR_OWNER_MLDSA_VERIFY_FAILURE,
	.mldsa_invalid = IMAGE_VERIFIER_ERR_OWNER_MLDSA_SIGNATURE_INVALID,
};

static uint32_t at(const struct check *c, size_t offset)
{
	return wire_get_le32(c->m + offset);
}

static bool unprovisioned(const struct check *c)
{
	return c->fuses->lifecycle == LIFECYCLE_UNPROVISIONED;
}

/* What the accelerator of 2.x, and the slice of 1.x, do not reach. */
static bool out_of_bounds(const struct check *c, uint32_t offset, uint32_t len)
{
	uint32_t size = c->src->sram_size;

	return offset > size || len > size - offset ||
	       (!c->is_1x && offset == size);
}

/* SHA-384 of bytes of the mailbox; @error where they are not all there. */
static uint32_t digest(const struct check *c, uint32_t offset, uint32_t len,
		       uint32_t error, uint8_t out[SHA384_SIZE])
{
	if (out_of_bounds(c, offset, len)) {
		if (c->is_1x)
			*c->extended = IMAGE_VERIFIER_ERR_DIGEST_OUT_OF_BOUNDS;
		return error;
	}
	return crypto_sha384(c->src->sram + offset, len, out) ? error : FW_OK;
}

/* Is @hash the one that stands at @words, as words? */
static bool same_digest(const uint8_t hash[SHA384_SIZE], const uint8_t *words)
{
	uint8_t stored[SHA384_SIZE];

	bundle_words(stored, words, SHA384_SIZE);
	return !memcmp(hash, stored, SHA384_SIZE);
}

static uint32_t check_descriptors(const struct check *c)
{
	const uint8_t *ecc = c->m + c->l->vendor_keys;
	const uint8_t *pqc = c->m + c->l->pqc_descriptor;
	uint8_t max = c->is_lms ? BUNDLE_LMS_KEYS : BUNDLE_MLDSA_KEYS;

	if ((ecc[0] | ecc[1] << 8) != DESCRIPTOR_VERSION)
		return IMAGE_VERIFIER_ERR_ECC_KEY_DESCRIPTOR_VERSION_MISMATCH;
	if (!ecc[DESCRIPTOR_COUNT_AT])
		return IMAGE_VERIFIER_ERR_ECC_KEY_DESCRIPTOR_INVALID_HASH_COUNT;
	if (ecc[DESCRIPTOR_COUNT_AT] > BUNDLE_ECC_KEYS)
		return IMAGE_VERIFIER_ERR_ECC_KEY_DESCRIPTOR_HASH_COUNT_GT_MAX;
	if ((pqc[0] | pqc[1] << 8) != DESCRIPTOR_VERSION)
		return IMAGE_VERIFIER_ERR_PQC_KEY_DESCRIPTOR_VERSION_MISMATCH;
	if (pqc[DESCRIPTOR_TYPE_AT] != c->m[c->l->pqc_type])
		return IMAGE_VERIFIER_ERR_PQC_KEY_DESCRIPTOR_TYPE_MISMATCH;
	if (!pqc[DESCRIPTOR_COUNT_AT])
		return IMAGE_VERIFIER_ERR_PQC_KEY_DESCRIPTOR_INVALID_HASH_COUNT;
	if (pqc[DESCRIPTOR_COUNT_AT] > max)
		return IMAGE_VERIFIER_ERR_PQC_KEY_DESCRIPTOR_HASH_COUNT_GT_MAX;
	return FW_OK;
}

/* The key that is used is the one whose digest the descriptor has. */
static uint32_t check_active_key(const struct check *c, uint32_t descriptor,
				 uint32_t index, uint32_t keys, uint32_t key,
				 uint32_t key_size, uint32_t absent,
				 uint32_t mismatch)
{
	uint8_t hash[SHA384_SIZE];
	uint32_t error;

	if (index >= keys)
		return absent;
	error = digest(c, key, key_size,
		       IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_FAILURE, hash);
	if (error)
		return error;
	return same_digest(hash, c->m + descriptor + DESCRIPTOR_HASHES_AT +
					 index * SHA384_SIZE) ?
		       FW_OK :
		       mismatch;
}

static uint32_t check_active_keys(const struct check *c)
{
	uint32_t error = check_active_key(
		c, c->l->vendor_keys, at(c, c->l->ecc_index), BUNDLE_ECC_KEYS,
		c->l->ecc_key, ECC_KEY_SIZE,
		IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INDEX_OUT_OF_BOUNDS,
		IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_DIGEST_MISMATCH);

	if (error)
		return error;
	return check_active_key(
		c, c->l->pqc_descriptor, at(c, c->l->pqc_index),
		c->is_lms ? BUNDLE_LMS_KEYS : BUNDLE_MLDSA_KEYS, c->l->pqc_key,
		c->is_lms ? LMS_IMAGE_KEY_SIZE : MLDSA87_PUBLIC_SIZE,
		IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_INDEX_OUT_OF_BOUNDS,
		IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_DIGEST_MISMATCH);
}

static uint32_t check_vendor_keys(const struct check *c)
{
	uint8_t hash[SHA384_SIZE];
	uint32_t error;

	if (unprovisioned(c))
		return FW_OK;
	if (!memcmp(c->fuses->vendor_pk_hash, zeros, SHA384_SIZE))
		return IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_INVALID;
	error = c->is_1x ? FW_OK : check_descriptors(c);
	if (!error)
		error = digest(c, c->l->vendor_keys, c->l->vendor_keys_size,
			       IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_FAILURE,
			       hash);
	if (error)
		return error;
	if (memcmp(hash, c->fuses->vendor_pk_hash, SHA384_SIZE))
		return IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_MISMATCH;
	return c->is_1x ? FW_OK : check_active_keys(c);
}

static uint32_t check_owner_keys(const struct check *c)
{
	const struct bundle_fuses *f = c->fuses;
	uint8_t hash[SHA384_SIZE];
	uint32_t error = digest(c, c->l->owner_keys, c->l->owner_keys_size,
				IMAGE_VERIFIER_ERR_OWNER_PUB_KEY_DIGEST_FAILURE,
				hash);

	if (error)
		return error;
	if (!memcmp(f->owner_pk_hash, zeros, SHA384_SIZE)) {
		if (f->installed_owner &&
		    memcmp(f->installed_owner, hash, SHA384_SIZE))
			return IMAGE_VERIFIER_ERR_DOT_OWNER_PUB_KEY_DIGEST_MISMATCH;
	} else if (memcmp(f->owner_pk_hash, hash, SHA384_SIZE)) {
		return IMAGE_VERIFIER_ERR_OWNER_PUB_KEY_DIGEST_MISMATCH;
	}
	if (f->running && memcmp(f->running->owner_pk_hash, hash, SHA384_SIZE))
		return IMAGE_VERIFIER_ERR_UPDATE_RESET_OWNER_DIGEST_FAILURE;
	return FW_OK;
}

/* The last key is never revoked. */
static uint32_t check_ecc_index(const struct check *c)
{
	uint32_t index = at(c, c->l->ecc_index);
	uint32_t last =
		c->is_1x ? BUNDLE_ECC_KEYS - 1 :
			   c->m[c->l->vendor_keys + DESCRIPTOR_COUNT_AT] - 1u;
	/* as firmware has it, a key that there is not is always revoked */
	uint32_t key = 1u << (index & 31) & 0xf;

	if (index > last)
		return IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INDEX_OUT_OF_BOUNDS;
	if (index != last && (c->fuses->ecc_revocation & key) == key)
		return IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_REVOKED;
	if (c->fuses->running && c->fuses->running->ecc_key_index != index)
		return IMAGE_VERIFIER_ERR_UPDATE_RESET_VENDOR_ECC_PUB_KEY_IDX_MISMATCH;
	return FW_OK;
}

static bool pqc_counts(const struct check *c)
{
	return !c->is_1x || c->fuses->lms_verify;
}

static uint32_t check_pqc_index(const struct check *c)
{
	uint32_t index = at(c, c->l->pqc_index);
	uint32_t last =
		c->is_1x ?
			BUNDLE_LMS_KEYS - 1 :
			c->m[c->l->pqc_descriptor + DESCRIPTOR_COUNT_AT] - 1u;
	uint32_t revoked = c->is_lms ? c->fuses->lms_revocation :
				       c->fuses->mldsa_revocation;

	if (!pqc_counts(c))
		return FW_OK;
	if (index > last)
		return IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_INDEX_OUT_OF_BOUNDS;
	if (index != last && revoked >> (index & 31) & 1)
		return IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_REVOKED;
	if (c->fuses->running && c->fuses->running->pqc_key_index != index)
		return IMAGE_VERIFIER_ERR_UPDATE_RESET_VENDOR_PQC_PUB_KEY_IDX_MISMATCH;
	return FW_OK;
}

static uint32_t check_preamble(const struct check *c)
{
	uint32_t error = check_vendor_keys(c);

	if (!error)
		error = check_owner_keys(c);
	if (!error)
		error = check_ecc_index(c);
	return error ? error : check_pqc_index(c);
}

static uint32_t check_ecc(const struct check *c, const struct party *who,
			  const uint8_t hash[SHA384_SIZE], const uint8_t *key,
			  const uint8_t *words)
{
	uint8_t point[P384_POINT_SIZE] = { 4 };
	struct ecdsa384_signature sig;

	if (!memcmp(key, zeros, P384_SIZE) ||
	    !memcmp(key + P384_SIZE, zeros, P384_SIZE))
		return who->key_arg;
	if (!memcmp(words, zeros, P384_SIZE) ||
	    !memcmp(words + P384_SIZE, zeros, P384_SIZE))
		return who->sig_arg;
	bundle_words(point + 1, key, ECC_KEY_SIZE);
	bundle_words(sig.r, words, P384_SIZE);
	bundle_words(sig.s, words + P384_SIZE, P384_SIZE);
	switch (crypto_ecdsa384_verify(point, hash, &sig)) {
	case ECDSA384_GOOD:
		return FW_OK;
	case ECDSA384_BAD:
		return who->ecc_invalid;
	case ECDSA384_SCALAR_OUT_OF_RANGE:
		*c->extended = DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED;
		break;
	case ECDSA384_NOT_ON_CURVE:
	case ECDSA384_ENGINE_FAILED:
		*c->extended = DRIVER_ECC384_HW_ERROR;
		break;
	}
	return who->ecc_failure;
}

static uint32_t check_lms(const struct check *c, const struct party *who,
			  const uint8_t hash[SHA384_SIZE], const uint8_t *key,
			  const uint8_t *sig)
{
	bool good;
	uint32_t error = lms_image_verify(key, hash, SHA384_SIZE, sig, &good);

	if (error) {
		*c->extended = error;
		return who->lms_failure;
	}
	return good ? FW_OK : who->lms_invalid;
}

/* ML-DSA signs the header itself, and not its digest. */
static uint32_t check_mldsa(const struct check *c, const struct party *who,
			    uint32_t len, const uint8_t *key,
			    const uint8_t *sig)
{
	switch (mldsa87_verify(key, c->m + c->l->header, len, sig)) {
	case MLDSA87_GOOD:
		return FW_OK;
	case MLDSA87_BAD:
		return who->mldsa_invalid;
	case MLDSA87_UNSUPPORTED:
		*c->extended = DRIVER_MLDSA87_UNSUPPORTED_SIGNATURE;
		break;
	case MLDSA87_ENGINE_FAILED:
		*c->extended = DRIVER_MLDSA87_HW_ERROR;
		break;
	}
	return who->mldsa_failure;
}

static uint32_t check_signatures(const struct check *c, const struct party *who,
				 uint32_t len, const uint8_t hash[SHA384_SIZE],
				 const uint8_t *ecc_key, const uint8_t *pqc_key,
				 const uint8_t *sigs)
{
	const uint8_t *pqc_sig = sigs + 2 * P384_SIZE;
	uint32_t error = check_ecc(c, who, hash, ecc_key, sigs);

	if (error || !pqc_counts(c))
		return error;
	return c->is_lms ? check_lms(c, who, hash, pqc_key, pqc_sig) :
			   check_mldsa(c, who, len, pqc_key, pqc_sig);
}

static uint32_t check_vendor_signatures(const struct check *c,
					const uint8_t hash[SHA384_SIZE])
{
	const uint8_t *ecc_key = c->m + c->l->ecc_key;
	const uint8_t *pqc_key = c->m + c->l->pqc_key;

	/* in 1.x these are tables, and the indices have been checked */
	if (c->is_1x)
		ecc_key += at(c, c->l->ecc_index) * ECC_KEY_SIZE;
	if (c->is_1x && pqc_counts(c))
		pqc_key += at(c, c->l->pqc_index) * LMS_IMAGE_KEY_SIZE;
	return check_signatures(c, &vendor, c->l->vendor_header_size, hash,
				ecc_key, pqc_key, c->m + c->l->vendor_sigs);
}

static uint32_t check_header(const struct check *c)
{
	const uint8_t *owner_keys = c->m + c->l->owner_keys;
	uint8_t vendor_hash[SHA384_SIZE];
	uint8_t owner_hash[SHA384_SIZE];
	uint32_t error = digest(c, c->l->header, c->l->vendor_header_size,
				IMAGE_VERIFIER_ERR_HEADER_DIGEST_FAILURE,
				vendor_hash);

	if (!error)
		error = digest(c, c->l->header, c->l->header_size,
			       IMAGE_VERIFIER_ERR_HEADER_DIGEST_FAILURE,
			       owner_hash);
	if (!error)
		error = check_vendor_signatures(c, vendor_hash);
	if (error)
		return error;
	if (at(c, c->l->header + HEADER_ECC_INDEX) != at(c, c->l->ecc_index))
		return IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INDEX_MISMATCH;
	if (pqc_counts(c) &&
	    at(c, c->l->header + HEADER_PQC_INDEX) != at(c, c->l->pqc_index))
		return IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_INDEX_MISMATCH;
	return check_signatures(c, &owner, c->l->header_size, owner_hash,
				owner_keys, owner_keys + ECC_KEY_SIZE,
				c->m + c->l->owner_sigs);
}

/* One of the entries of the table of contents. */
struct part {
	uint32_t load;
	uint32_t entry;
	uint32_t offset;
	uint32_t size;
	uint32_t svn;
	const uint8_t *digest;
};

static struct part part_of(const struct check *c, unsigned int i)
{
	size_t toc = c->l->toc + i * TOC_ENTRY_SIZE;

	return (struct part){
		.load = at(c, toc + TOC_LOAD_ADDR),
		.entry = at(c, toc + TOC_ENTRY),
		.offset = at(c, toc + TOC_OFFSET),
		.size = at(c, toc + TOC_SIZE),
		.svn = at(c, toc + TOC_1X_SVN),
		.digest = c->m + toc + TOC_DIGEST,
	};
}

/* Where the two lie in the bundle. */
static uint32_t check_ranges(const struct check *c, const struct part *fmc,
			     const struct part *runtime)
{
	uint64_t all = (uint64_t)c->l->size + fmc->size + runtime->size;
	uint32_t fmc_end = fmc->offset + fmc->size;
	uint32_t runtime_end = runtime->offset + runtime->size;

	if (!fmc->size)
		return IMAGE_VERIFIER_ERR_FMC_SIZE_ZERO;
	if (!runtime->size)
		return IMAGE_VERIFIER_ERR_RUNTIME_SIZE_ZERO;
	if (all > c->src->size)
		return IMAGE_VERIFIER_ERR_IMAGE_LEN_MORE_THAN_BUNDLE_SIZE;
	if (fmc_end < fmc->offset || runtime_end < runtime->offset)
		return IMAGE_VERIFIER_ERR_TOC_ENTRY_RANGE_ARITHMETIC_OVERFLOW;
	if (fmc->offset < runtime_end && fmc_end > runtime->offset)
		return IMAGE_VERIFIER_ERR_FMC_RUNTIME_OVERLAP;
	if (fmc_end > runtime->offset)
		return IMAGE_VERIFIER_ERR_FMC_RUNTIME_INCORRECT_ORDER;
	return FW_OK;
}

/* Where they will lie in memory. */
static uint32_t check_addresses(const struct part *fmc,
				const struct part *runtime)
{
	uint32_t fmc_last = fmc->load + fmc->size - 1;
	uint32_t runtime_last = runtime->load + runtime->size - 1;

	if (fmc_last < fmc->load)
		return IMAGE_VERIFIER_ERR_FMC_LOAD_ADDRESS_IMAGE_SIZE_ARITHMETIC_OVERFLOW;
	if (runtime_last < runtime->load)
		return IMAGE_VERIFIER_ERR_RUNTIME_LOAD_ADDRESS_IMAGE_SIZE_ARITHMETIC_OVERFLOW;
	if (fmc->load <= runtime_last && fmc_last >= runtime->load)
		return IMAGE_VERIFIER_ERR_FMC_RUNTIME_LOAD_ADDR_OVERLAP;
	return FW_OK;
}

static uint32_t check_toc(const struct check *c, const struct part *fmc,
			  const struct part *runtime)
{
	uint8_t hash[SHA384_SIZE];
	uint32_t error;

	if (at(c, c->l->header + HEADER_TOC_LEN) != 2)
		return IMAGE_VERIFIER_ERR_TOC_ENTRY_COUNT_INVALID;
	error = digest(c, c->l->toc, 2 * TOC_ENTRY_SIZE,
		       IMAGE_VERIFIER_ERR_TOC_DIGEST_FAILURE, hash);
	if (error)
		return error;
	if (!same_digest(hash, c->m + c->l->header + HEADER_TOC_DIGEST))
		return IMAGE_VERIFIER_ERR_TOC_DIGEST_MISMATCH;
	error = check_ranges(c, fmc, runtime);
	return error ? error : check_addresses(fmc, runtime);
}

static bool in_memory(const struct check *c, uint32_t addr)
{
	return addr - BUNDLE_MEMORY < c->l->memory_size;
}

/* The errors of FMC and of runtime firmware, in the order of the checks. */
struct part_errors {
	uint32_t digest_failure;
	uint32_t digest_mismatch;
	uint32_t load_invalid;
	uint32_t load_unaligned;
	uint32_t entry_invalid;
	uint32_t entry_unaligned;
	uint32_t svn_too_large;
	uint32_t svn_less_than_fuse;
};

static const struct part_errors fmc_errors = {
	IMAGE_VERIFIER_ERR_FMC_DIGEST_FAILURE,
	IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH,
	IMAGE_VERIFIER_ERR_FMC_LOAD_ADDR_INVALID,
	IMAGE_VERIFIER_ERR_FMC_LOAD_ADDR_UNALIGNED,
	IMAGE_VERIFIER_ERR_FMC_ENTRY_POINT_INVALID,
	IMAGE_VERIFIER_ERR_FMC_ENTRY_POINT_UNALIGNED,
	IMAGE_VERIFIER_ERR_FMC_SVN_GREATER_THAN_MAX_SUPPORTED,
	IMAGE_VERIFIER_ERR_FMC_SVN_LESS_THAN_FUSE,
};

/* In 1.x, the last two are RUNTIME_SVN_… and have the same codes. */
static const struct part_errors runtime_errors = {
	IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_FAILURE,
	IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH,
	IMAGE_VERIFIER_ERR_RUNTIME_LOAD_ADDR_INVALID,
	IMAGE_VERIFIER_ERR_RUNTIME_LOAD_ADDR_UNALIGNED,
	IMAGE_VERIFIER_ERR_RUNTIME_ENTRY_POINT_INVALID,
	IMAGE_VERIFIER_ERR_RUNTIME_ENTRY_POINT_UNALIGNED,
	IMAGE_VERIFIER_ERR_FIRMWARE_SVN_GREATER_THAN_MAX_SUPPORTED,
	IMAGE_VERIFIER_ERR_FIRMWARE_SVN_LESS_THAN_FUSE,
};

static uint32_t check_svn(const struct check *c, const struct part_errors *e,
			  uint32_t svn, uint32_t max, uint32_t fuse)
{
	if (unprovisioned(c) || c->fuses->anti_rollback_disable)
		return FW_OK;
	if (svn > max)
		return e->svn_too_large;
	return svn < fuse ? e->svn_less_than_fuse : FW_OK;
}

static uint32_t check_part(const struct check *c, const struct part *p,
			   const struct part_errors *e,
			   uint8_t hash[SHA384_SIZE])
{
	uint32_t error = digest(c, p->offset, p->size, e->digest_failure, hash);

	if (error)
		return error;
	if (!same_digest(hash, p->digest))
		return e->digest_mismatch;
	if (!in_memory(c, p->load) || !in_memory(c, p->load + p->size - 1))
		return e->load_invalid;
	if (p->load % 4)
		return e->load_unaligned;
	if (!in_memory(c, p->entry))
		return e->entry_invalid;
	return p->entry % 4 ? e->entry_unaligned : FW_OK;
}

/* FMC stays the same until the next cold boot. */
static uint32_t check_parts(const struct check *c, const struct part *fmc,
			    const struct part *runtime)
{
	const struct bundle_fuses *f = c->fuses;
	uint8_t hash[SHA384_SIZE];
	uint32_t error = check_part(c, fmc, &fmc_errors, hash);

	if (!error && c->is_1x)
		error = check_svn(c, &fmc_errors, fmc->svn, 32, f->fmc_svn);
	if (!error && f->running &&
	    memcmp(f->running->fmc_sha384, hash, SHA384_SIZE))
		error = IMAGE_VERIFIER_ERR_UPDATE_RESET_FMC_DIGEST_MISMATCH;
	if (!error)
		error = check_part(c, runtime, &runtime_errors, hash);
	if (error)
		return error;
	return check_svn(c, &runtime_errors,
			 c->is_1x ? runtime->svn :
				    at(c, c->l->header + HEADER_SVN),
			 BUNDLE_MAX_SVN, f->svn);
}

static bool pqc_type_known(uint32_t type)
{
	return type == BUNDLE_PQC_MLDSA || type == BUNDLE_PQC_LMS;
}

/* What is the same whoever has signed; 1.x has no choice of algorithms. */
static uint32_t check_beginning(const struct check *c)
{
	uint8_t type = c->m[c->l->pqc_type];

	if (at(c, 0) != c->l->marker)
		return IMAGE_VERIFIER_ERR_MANIFEST_MARKER_MISMATCH;
	if (at(c, 4) != c->l->size)
		return IMAGE_VERIFIER_ERR_MANIFEST_SIZE_MISMATCH;
	if (c->is_1x)
		return FW_OK;
	if (!pqc_type_known(type))
		return IMAGE_VERIFIER_ERR_PQC_KEY_TYPE_INVALID;
	if (unprovisioned(c))
		return FW_OK;
	if (!pqc_type_known(c->fuses->pqc_key_type))
		return IMAGE_VERIFIER_ERR_INVALID_PQC_KEY_TYPE_IN_FUSE;
	return type == c->fuses->pqc_key_type ?
		       FW_OK :
		       IMAGE_VERIFIER_ERR_PQC_KEY_TYPE_MISMATCH;
}

uint32_t bundle_verify(const struct bundle_fuses *fuses,
		       const struct bundle_source *source, uint32_t *extended)
{
	struct check c = {
		.fuses = fuses,
		.src = source,
		.l = bundle_layout(fuses->generation),
		.m = source->manifest,
		.is_1x = generation_in(fuses->generation, GENERATION_1_2),
		.extended = extended,
	};
	struct part fmc, runtime;
	uint32_t error;

	c.is_lms = c.is_1x || c.m[c.l->pqc_type] == BUNDLE_PQC_LMS;
	fmc = part_of(&c, 0);
	runtime = part_of(&c, 1);
	error = check_beginning(&c);
	if (!error)
		error = check_preamble(&c);
	if (!error)
		error = check_header(&c);
	if (!error)
		error = check_toc(&c, &fmc, &runtime);
	return error ? error : check_parts(&c, &fmc, &runtime);
}
