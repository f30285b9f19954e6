// SPDX-License-Identifier: GPL-2.0-or-later
/* Making and signing bundles. See bundle_make.h. */
#include "bundle_make.h"

#include <string.h>

#include "firmware.h"

/* Bundles of 2.x are as long as recovery images have to be. */
#define ALIGNMENT 256

/* Memory that the firmware's own FMC has. */
#define FMC_SIZE_2_X (32u * 1024)
#define FMC_SIZE_1_X (20u * 1024)

#define TOC_TYPE_EXECUTABLE 1
#define TOC_ID_FMC	    1
#define TOC_ID_RUNTIME	    2

static bool is_1x(const struct bundle_recipe *r)
{
	return generation_in(r->generation, GENERATION_1_2);
}

static uint32_t padded(const struct bundle_part *part)
{
	return (part->len + 3) & ~3u;
}

void bundle_place(struct bundle_recipe *r)
{
	uint32_t room = is_1x(r) ? FMC_SIZE_1_X : FMC_SIZE_2_X;

	if (padded(&r->fmc) > room)
		room = padded(&r->fmc);
	r->fmc.load_addr = BUNDLE_MEMORY;
	r->runtime.load_addr = BUNDLE_MEMORY + room;
	r->fmc.entry_point = r->fmc.load_addr;
	r->runtime.entry_point = r->runtime.load_addr;
}

uint32_t bundle_size(const struct bundle_recipe *r)
{
	const struct bundle_layout *l = bundle_layout(r->generation);
	uint64_t size =
		(uint64_t)l->size + padded(&r->fmc) + padded(&r->runtime);

	if (!is_1x(r))
		size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (r->runtime.load_addr - BUNDLE_MEMORY + (uint64_t)r->runtime.len >
	    l->memory_size)
		return 0;
	return size > l->max_size || r->fmc.len > l->max_size ||
			       r->runtime.len > l->max_size ?
		       0 :
		       (uint32_t)size;
}

int bundle_ecc_key(EVP_PKEY *key, uint8_t xy[ECC_KEY_SIZE])
{
	uint8_t point[P384_POINT_SIZE];

	if (!EVP_PKEY_is_a(key, "EC") || crypto_p384_point(key, point))
		return -1;
	memcpy(xy, point + 1, ECC_KEY_SIZE);
	return 0;
}

int bundle_mldsa_key(EVP_PKEY *key, uint8_t bytes[MLDSA87_PUBLIC_SIZE])
{
	return mldsa87_is(key) && !mldsa87_public(key, bytes) ? 0 : -1;
}

static uint32_t pqc_key_size(const struct bundle_recipe *r)
{
	return r->pqc_type == BUNDLE_PQC_MLDSA ? MLDSA87_PUBLIC_SIZE :
						 LMS_IMAGE_KEY_SIZE;
}

int bundle_pqc_key(const struct bundle_signer *s, uint32_t pqc_type,
		   uint8_t *bytes)
{
	if (pqc_type == BUNDLE_PQC_MLDSA)
		return s->mldsa ? bundle_mldsa_key(s->mldsa, bytes) : -1;
	memcpy(bytes, s->lms_key, LMS_IMAGE_KEY_SIZE);
	return 0;
}

/* The vendor's own keys to their places among all. */
static int place_vendor_keys(struct bundle_recipe *r)
{
	if (r->ecc_index >= r->ecc_count || r->ecc_count > BUNDLE_ECC_KEYS ||
	    !r->vendor.ecc ||
	    bundle_ecc_key(r->vendor.ecc, r->ecc_keys[r->ecc_index]))
		return -1;
	if (!r->pqc_type)
		return is_1x(r) ? 0 : -1;
	if (r->pqc_index >= r->pqc_count ||
	    r->pqc_count > (r->pqc_type == BUNDLE_PQC_LMS ? BUNDLE_LMS_KEYS :
							    BUNDLE_MLDSA_KEYS))
		return -1;
	return bundle_pqc_key(&r->vendor, r->pqc_type,
			      r->pqc_keys[r->pqc_index]);
}

static int put_digest(uint8_t *to, const uint8_t *data, size_t len)
{
	uint8_t digest[SHA384_SIZE];

	if (crypto_sha384(data, len, digest))
		return -1;
	bundle_words(to, digest, SHA384_SIZE);
	return 0;
}

/* 1.x has the keys themselves. */
static void put_key_tables(const struct bundle_recipe *r, uint8_t *m)
{
	const struct bundle_layout *l = bundle_layout(r->generation);
	unsigned int i;

	for (i = 0; i < r->ecc_count; i++)
		bundle_words(m + l->ecc_key + i * ECC_KEY_SIZE, r->ecc_keys[i],
			     ECC_KEY_SIZE);
	for (i = 0; r->pqc_type && i < r->pqc_count; i++)
		memcpy(m + l->pqc_key + i * LMS_IMAGE_KEY_SIZE, r->pqc_keys[i],
		       LMS_IMAGE_KEY_SIZE);
}

static void put_descriptor(uint8_t *d, uint32_t type, unsigned int count)
{
	d[0] = DESCRIPTOR_VERSION;
	d[DESCRIPTOR_TYPE_AT] = (uint8_t)type;
	d[DESCRIPTOR_COUNT_AT] = (uint8_t)count;
}

/* 2.x has the digests of all keys, and the two that are used. */
static int put_descriptors(const struct bundle_recipe *r, uint8_t *m)
{
	const struct bundle_layout *l = bundle_layout(r->generation);
	uint8_t *ecc = m + l->vendor_keys;
	uint8_t *pqc = m + l->pqc_descriptor;
	uint8_t words[ECC_KEY_SIZE];
	unsigned int i;
	int ret = 0;

	put_descriptor(ecc, 0, r->ecc_count);
	put_descriptor(pqc, r->pqc_type, r->pqc_count);
	for (i = 0; i < r->ecc_count; i++) {
		bundle_words(words, r->ecc_keys[i], ECC_KEY_SIZE);
		ret |= put_digest(ecc + DESCRIPTOR_HASHES_AT + i * SHA384_SIZE,
				  words, ECC_KEY_SIZE);
	}
	for (i = 0; i < r->pqc_count; i++)
		ret |= put_digest(pqc + DESCRIPTOR_HASHES_AT + i * SHA384_SIZE,
				  r->pqc_keys[i], pqc_key_size(r));
	bundle_words(m + l->ecc_key, r->ecc_keys[r->ecc_index], ECC_KEY_SIZE);
	memcpy(m + l->pqc_key, r->pqc_keys[r->pqc_index], pqc_key_size(r));
	return ret;
}

static int put_owner_keys(const struct bundle_recipe *r, uint8_t *m)
{
	uint8_t *keys = m + bundle_layout(r->generation)->owner_keys;
	uint8_t xy[ECC_KEY_SIZE];

	if (!r->owner.ecc || bundle_ecc_key(r->owner.ecc, xy))
		return -1;
	bundle_words(keys, xy, ECC_KEY_SIZE);
	return r->pqc_type ? bundle_pqc_key(&r->owner, r->pqc_type,
					    keys + ECC_KEY_SIZE) :
			     0;
}

static void put_header(const struct bundle_recipe *r, uint8_t *m)
{
	const struct bundle_layout *l = bundle_layout(r->generation);
	uint8_t *h = m + l->header;

	wire_put_le32(h + HEADER_ECC_INDEX, r->ecc_index);
	wire_put_le32(h + HEADER_PQC_INDEX, r->pqc_index);
	wire_put_le32(h + HEADER_FLAGS, r->flags);
	wire_put_le32(h + HEADER_TOC_LEN, 2);
	wire_put_le32(h + HEADER_PL0_USER, r->pl0_user);
	if (!is_1x(r))
		wire_put_le32(h + HEADER_SVN, r->svn);
	memcpy(h + l->vendor_header_size -
		       (l->header_size - l->vendor_header_size),
	       r->vendor_dates, sizeof(r->vendor_dates));
	memcpy(h + l->vendor_header_size, r->owner_dates,
	       sizeof(r->owner_dates));
}

/* The part behind @offset in the bundle, and its entry in the table of contents. */
static int put_part(const struct bundle_recipe *r,
		    const struct bundle_part *part, uint8_t *bundle,
		    uint32_t id, uint32_t offset)
{
	uint8_t *toc = bundle + bundle_layout(r->generation)->toc +
		       (id - 1) * TOC_ENTRY_SIZE;

	if (part->len)
		memcpy(bundle + offset, part->data, part->len);
	wire_put_le32(toc + TOC_ID, id);
	wire_put_le32(toc + TOC_TYPE, TOC_TYPE_EXECUTABLE);
	memcpy(toc + TOC_REVISION, part->revision, sizeof(part->revision));
	wire_put_le32(toc + TOC_VERSION, part->version);
	if (is_1x(r))
		wire_put_le32(toc + TOC_1X_SVN,
			      id == TOC_ID_FMC ? r->fmc_svn : r->svn);
	wire_put_le32(toc + TOC_LOAD_ADDR, part->load_addr);
	wire_put_le32(toc + TOC_ENTRY, part->entry_point);
	wire_put_le32(toc + TOC_OFFSET, offset);
	wire_put_le32(toc + TOC_SIZE, padded(part));
	return put_digest(toc + TOC_DIGEST, bundle + offset, padded(part));
}

int bundle_seal(const struct bundle_recipe *r, uint8_t *bundle)
{
	const struct bundle_layout *l = bundle_layout(r->generation);

	return put_digest(bundle + l->header + HEADER_TOC_DIGEST,
			  bundle + l->toc, 2 * TOC_ENTRY_SIZE);
}

int bundle_sign_as(const struct bundle_signer *s, uint32_t pqc_type,
		   const uint8_t *data, size_t len, uint8_t *sigs)
{
	uint8_t *pqc_sig = sigs + 2 * P384_SIZE;
	struct ecdsa384_signature sig;
	uint8_t digest[SHA384_SIZE];

	if (!s->ecc || crypto_sha384(data, len, digest) ||
	    crypto_ecdsa384_sign(s->ecc, digest, &sig))
		return -1;
	bundle_words(sigs, sig.r, P384_SIZE);
	bundle_words(sigs + P384_SIZE, sig.s, P384_SIZE);
	if (!pqc_type)
		return 0;
	if (pqc_type == BUNDLE_PQC_MLDSA)
		return s->mldsa ? mldsa87_sign(s->mldsa, data, len, pqc_sig) :
				  -1;
	return s->lms_sign ? s->lms_sign(s->lms, digest, pqc_sig) : -1;
}

int bundle_sign(const struct bundle_recipe *r, uint8_t *bundle)
{
	const struct bundle_layout *l = bundle_layout(r->generation);
	const uint8_t *header = bundle + l->header;

	return bundle_sign_as(&r->vendor, r->pqc_type, header,
			      l->vendor_header_size, bundle + l->vendor_sigs) ||
			       bundle_sign_as(&r->owner, r->pqc_type, header,
					      l->header_size,
					      bundle + l->owner_sigs) ?
		       -1 :
		       0;
}

int bundle_make(struct bundle_recipe *r, uint8_t *bundle)
{
	const struct bundle_layout *l = bundle_layout(r->generation);
	uint32_t size = bundle_size(r);

	if (!size || place_vendor_keys(r))
		return -1;
	memset(bundle, 0, size);
	wire_put_le32(bundle, l->marker);
	wire_put_le32(bundle + 4, l->size);
	wire_put_le32(bundle + l->ecc_index, r->ecc_index);
	wire_put_le32(bundle + l->pqc_index, r->pqc_index);
	if (l->pqc_type)
		bundle[l->pqc_type] = (uint8_t)r->pqc_type;
	else
		put_key_tables(r, bundle);
	put_header(r, bundle);
	return (l->pqc_type && put_descriptors(r, bundle)) ||
			       put_owner_keys(r, bundle) ||
			       put_part(r, &r->fmc, bundle, TOC_ID_FMC,
					l->size) ||
			       put_part(r, &r->runtime, bundle, TOC_ID_RUNTIME,
					l->size + padded(&r->fmc)) ||
			       bundle_seal(r, bundle) ||
			       bundle_sign(r, bundle) ?
		       -1 :
		       0;
}
