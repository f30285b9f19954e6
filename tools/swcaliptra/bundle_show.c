// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands in a bundle, in words. See bundle_show.h. */
#include "bundle_show.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <caliptra/describe.h>

#include "firmware.h"

void bundle_print_hex(const char *name, const uint8_t *bytes, size_t len)
{
	size_t i;

	printf("%-20s", name);
	for (i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

void bundle_print_hash(const char *name, const uint8_t *data, size_t len)
{
	uint8_t digest[SHA384_SIZE];

	if (!crypto_sha384(data, len, digest))
		bundle_print_hex(name, digest, sizeof(digest));
}

static const char *pqc_name(uint32_t type)
{
	return type == BUNDLE_PQC_MLDSA ? "ML-DSA-87" :
	       type == BUNDLE_PQC_LMS	? "LMS" :
					  "unknown";
}

/* Bytes that may be anything, as they are printed. */
static void print_text(const uint8_t *text, size_t len)
{
	for (; len; len--, text++)
		putchar(isprint(*text) ? *text : '?');
}

static void print_dates(const char *who, const uint8_t *dates)
{
	static const uint8_t none[CERT_DATE_SIZE];

	if (!memcmp(dates, none, sizeof(none)))
		return;
	printf("%-20s", who);
	print_text(dates, CERT_DATE_SIZE);
	printf(" to ");
	print_text(dates + CERT_DATE_SIZE, CERT_DATE_SIZE);
	putchar('\n');
}

static void print_keys(const struct bundle_layout *l, const uint8_t *m)
{
	uint32_t ecc = wire_get_le32(m + l->ecc_index);
	uint32_t pqc = wire_get_le32(m + l->pqc_index);

	if (l->pqc_type)
		printf("%-20sP-384 key %" PRIu32 " of %u, %s key %" PRIu32
		       " of %u\n",
		       "vendor signs with", ecc,
		       m[l->vendor_keys + DESCRIPTOR_COUNT_AT],
		       pqc_name(m[l->pqc_type]), pqc,
		       m[l->pqc_descriptor + DESCRIPTOR_COUNT_AT]);
	else
		printf("%-20sP-384 key %" PRIu32 ", LMS key %" PRIu32 "\n",
		       "vendor signs with", ecc, pqc);
	bundle_print_hash("vendor key hash", m + l->vendor_keys,
			  l->vendor_keys_size);
	bundle_print_hash("owner key hash", m + l->owner_keys,
			  l->owner_keys_size);
}

static void print_header(const struct bundle_layout *l, const uint8_t *m)
{
	const uint8_t *h = m + l->header;
	uint32_t flags = wire_get_le32(h + HEADER_FLAGS);

	if (l->pqc_type)
		printf("%-20s%" PRIu32 "\n", "SVN",
		       wire_get_le32(h + HEADER_SVN));
	if (flags & FW_IMAGE_PL0_USER)
		printf("%-20s%" PRIu32 "\n", "PL0 user",
		       wire_get_le32(h + HEADER_PL0_USER));
	else
		printf("%-20snone\n", "PL0 user");
	print_dates("vendor's dates",
		    h + 2 * l->vendor_header_size - l->header_size);
	print_dates("owner's dates", h + l->vendor_header_size);
}

/* Versions are packed differently. */
static void print_version(const char *name, uint32_t v, bool fmc)
{
	if (fmc)
		printf("%-20s%" PRIu32 ".%" PRIu32 ".%" PRIu32 " (0x%04" PRIx32
		       ")\n",
		       name, v >> 11 & 0x1f, v >> 6 & 0x1f, v & 0x3f, v);
	else
		printf("%-20s%" PRIu32 ".%" PRIu32 ".%" PRIu32 " (0x%08" PRIx32
		       ")\n",
		       name, v >> 24, v >> 16 & 0xff, v & 0xffff, v);
}

static void print_part(const struct bundle_layout *l, const uint8_t *toc,
		       const char *name, bool fmc)
{
	uint8_t digest[SHA384_SIZE];

	print_version(name, wire_get_le32(toc + TOC_VERSION), fmc);
	bundle_print_hex("  revision", toc + TOC_REVISION, 20);
	if (!l->pqc_type)
		printf("  %-18s%" PRIu32 "\n", "SVN",
		       wire_get_le32(toc + TOC_1X_SVN));
	printf("  %-18s%" PRIu32 " bytes at %" PRIu32 "\n", "in the bundle",
	       wire_get_le32(toc + TOC_SIZE), wire_get_le32(toc + TOC_OFFSET));
	printf("  %-18s0x%08" PRIx32 ", starts at 0x%08" PRIx32 "\n",
	       "loaded to", wire_get_le32(toc + TOC_LOAD_ADDR),
	       wire_get_le32(toc + TOC_ENTRY));
	bundle_words(digest, toc + TOC_DIGEST, SHA384_SIZE);
	bundle_print_hex("  digest", digest, SHA384_SIZE);
}

uint32_t bundle_verify_alone(const uint8_t *bytes, uint32_t len,
			     const struct generation *g,
			     struct bundle_fuses *fuses)
{
	static const uint8_t none[LMS_IMAGE_KEY_SIZE];
	const struct bundle_layout *l = bundle_layout(g);
	struct bundle_source source = {
		.manifest = bytes,
		.sram = bytes,
		.sram_size = len,
		.size = len,
	};
	uint32_t extended = 0;

	*fuses = (struct bundle_fuses){
		.generation = g,
		.lifecycle = LIFECYCLE_PRODUCTION,
		.pqc_key_type = bytes[l->pqc_type],
		.lms_verify = memcmp(bytes + l->owner_keys + ECC_KEY_SIZE, none,
				     sizeof(none)),
	};
	if (crypto_sha384(bytes + l->vendor_keys, l->vendor_keys_size,
			  fuses->vendor_pk_hash))
		return ROM_GLOBAL_EXCEPTION;
	return bundle_verify(fuses, &source, &extended);
}

int bundle_show(const uint8_t *bytes, uint32_t len, const struct generation *g)
{
	const struct bundle_layout *l = bundle_layout(g);
	struct bundle_fuses fuses;
	uint32_t error = bundle_verify_alone(bytes, len, g, &fuses);
	const char *name = caliptra_fw_error_name(error);

	printf("%-20sCaliptra %s, %" PRIu32 " bytes\n", "image for",
	       l->pqc_type ? "2.0 and 2.1" : "1.2", len);
	print_keys(l, bytes);
	print_header(l, bytes);
	print_part(l, bytes + l->toc, "FMC", true);
	print_part(l, bytes + l->toc + TOC_ENTRY_SIZE, "runtime", false);
	printf("%-20s%s\n", "verification",
	       !error ? "good, with the keys that are in it" :
	       name   ? name :
			"failed");
	return error ? 1 : 0;
}
