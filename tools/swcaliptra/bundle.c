// SPDX-License-Identifier: GPL-2.0-or-later
/* Firmware image bundles: what both maker and verifier know. See bundle.h. */
#include "bundle.h"

#include <string.h>

#include "firmware.h"

static const struct bundle_layout layout_2_x = {
	.marker = 0x324e4d43, /* CMN2 */
	.size = 16956,
	.max_size = 256 * 1024,
	.memory_size = 256 * 1024,
	.pqc_type = 8,
	.vendor_keys = 12,
	.vendor_keys_size = 1736,
	.pqc_descriptor = 208,
	.ecc_index = 1748,
	.ecc_key = 1752,
	.pqc_index = 1848,
	.pqc_key = 1852,
	.vendor_sigs = 4444,
	.owner_keys = 9168,
	.owner_keys_size = ECC_KEY_SIZE + MLDSA87_PUBLIC_SIZE,
	.owner_sigs = 11856,
	.header = 16588,
	.vendor_header_size = 120,
	.header_size = 160,
	.toc = 16748,
};

static const struct bundle_layout layout_1_x = {
	.marker = 0x4e414d43, /* CMAN */
	.size = 5884,
	.max_size = 128 * 1024,
	.memory_size = 128 * 1024,
	.vendor_keys = 8,
	.vendor_keys_size = 1920,
	.pqc_descriptor = 392,
	.ecc_index = 1928,
	.ecc_key = 8,
	.pqc_index = 1932,
	.pqc_key = 392,
	.vendor_sigs = 1936,
	.owner_keys = 3652,
	.owner_keys_size = ECC_KEY_SIZE + LMS_IMAGE_KEY_SIZE,
	.owner_sigs = 3796,
	.header = 5520,
	.vendor_header_size = 116,
	.header_size = 156,
	.toc = 5676,
};

const struct bundle_layout *bundle_layout(const struct generation *g)
{
	return generation_in(g, GENERATION_1_2) ? &layout_1_x : &layout_2_x;
}

void bundle_words(uint8_t *to, const uint8_t *from, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 4)
		wire_put_le32(to + i,
			      __builtin_bswap32(wire_get_le32(from + i)));
}

/* The vendor's dates are before the owner's, the last things of a header. */
void bundle_dates(const struct bundle_layout *l, const uint8_t *manifest,
		  uint8_t dates[2][CERT_DATE_SIZE])
{
	static const uint8_t none[CERT_DATE_SIZE];
	const uint8_t *owner = manifest + l->header + l->vendor_header_size;
	const uint8_t *vendor =
		owner - (l->header_size - l->vendor_header_size);
	const uint8_t *both[] = { vendor, owner };
	size_t i;

	memset(dates, 0, 2 * CERT_DATE_SIZE);
	for (i = 0; i < 2; i++)
		if (memcmp(both[i], none, sizeof(none)) &&
		    memcmp(both[i] + CERT_DATE_SIZE, none, sizeof(none)))
			memcpy(dates, both[i], 2 * CERT_DATE_SIZE);
}

static void take_part(const uint8_t *toc, struct fw_part *part,
		      uint8_t digest[SHA384_SIZE])
{
	memcpy(part->revision, toc + TOC_REVISION, sizeof(part->revision));
	part->version = wire_get_le32(toc + TOC_VERSION);
	part->load_addr = wire_get_le32(toc + TOC_LOAD_ADDR);
	part->entry_point = wire_get_le32(toc + TOC_ENTRY);
	bundle_words(digest, toc + TOC_DIGEST, SHA384_SIZE);
}

/* 1.x has a security version for either part. */
static void take_svns(const struct bundle_fuses *fuses, const uint8_t *header,
		      const uint8_t *toc, struct fw_image *image)
{
	bool is_1x = generation_in(fuses->generation, GENERATION_1_2);
	const uint8_t *svn = is_1x ? toc + TOC_ENTRY_SIZE + TOC_1X_SVN :
				     header + HEADER_SVN;
	bool update = fuses->running;

	image->svn = wire_get_le32(svn);
	if (!update || image->svn < image->min_svn)
		image->min_svn = image->svn;
	if (!update)
		image->cold_svn = is_1x ? wire_get_le32(toc + TOC_1X_SVN) :
					  image->svn;
}

/* 1.x has tables of keys. Where LMS does not count, there is none. */
static void take_keys(const struct bundle_layout *l, const uint8_t *m,
		      struct fw_image *image)
{
	bool table = !l->pqc_type;
	size_t pqc_size = image->pqc_key_type == BUNDLE_PQC_MLDSA ?
				  MLDSA87_PUBLIC_SIZE :
				  LMS_IMAGE_KEY_SIZE;
	size_t ecc = table ? image->ecc_key_index * (size_t)ECC_KEY_SIZE : 0;
	size_t pqc = table ? image->pqc_key_index * pqc_size : 0;

	memset(image->vendor_keys, 0, sizeof(image->vendor_keys));
	memset(image->owner_keys, 0, sizeof(image->owner_keys));
	memcpy(image->vendor_keys, m + l->ecc_key + ecc, ECC_KEY_SIZE);
	if (image->pqc_key_index != UINT32_MAX)
		memcpy(image->vendor_keys + ECC_KEY_SIZE, m + l->pqc_key + pqc,
		       pqc_size);
	memcpy(image->owner_keys, m + l->owner_keys, l->owner_keys_size);
}

int bundle_take(const struct bundle_fuses *fuses,
		const struct bundle_source *source, struct fw_image *image)
{
	const struct bundle_layout *l = bundle_layout(fuses->generation);
	const uint8_t *m = source->manifest;
	const uint8_t *header = m + l->header;
	const uint8_t *toc = m + l->toc;

	image->is_bundle = true;
	image->pqc_key_type = l->pqc_type ? m[l->pqc_type] : 0;
	image->ecc_key_index = wire_get_le32(m + l->ecc_index);
	image->pqc_key_index = l->pqc_type || fuses->lms_verify ?
				       wire_get_le32(m + l->pqc_index) :
				       UINT32_MAX;
	take_keys(l, m, image);
	image->flags = wire_get_le32(header + HEADER_FLAGS);
	image->pl0_pauser = wire_get_le32(header + HEADER_PL0_USER);
	take_svns(fuses, header, toc, image);
	take_part(toc, &image->fmc, image->fmc_sha384);
	take_part(toc + TOC_ENTRY_SIZE, &image->runtime, image->runtime_sha384);
	bundle_dates(l, m, image->dates);
	return crypto_sha384(m + l->owner_keys, l->owner_keys_size,
			     image->owner_pk_hash);
}
