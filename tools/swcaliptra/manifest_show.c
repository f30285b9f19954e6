// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands in an authorization manifest, in words. See manifest_show.h. */
#include "manifest_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <caliptra/describe.h>

#include "bundle_show.h"
#include "firmware.h"
#include "log.h"

/* The kinds that there are, by their markers. */
static const struct {
	const char *generation;
	bool owners;
	const char *name;
} kinds[] = {
	{ "2.1", false, "Caliptra 2.0 and 2.1, of vendor and owner" },
	{ "2.1", true, "Caliptra 2.0 and 2.1, of the owner alone" },
	{ "1.2", false, "Caliptra 1.2, of vendor and owner" },
};

static const struct manifest_layout *layout_of(size_t kind)
{
	return manifest_layout(generation_find(kinds[kind].generation),
			       kinds[kind].owners);
}

static void print_number(const char *name, uint32_t value)
{
	printf("%-20s%" PRIu32 "\n", name, value);
}

static void print_address(const char *name, uint64_t address)
{
	if (address)
		printf("  %-18s0x%" PRIx64 "\n", name, address);
}

static void print_entry(const struct manifest_layout *l, const uint8_t *p)
{
	struct manifest_entry e;

	manifest_entry_get(l, p, &e);
	print_number("image", e.fw_id);
	if (e.component_id)
		printf("  %-18s%" PRIu32 "\n", "component", e.component_id);
	if (e.classification)
		printf("  %-18s%" PRIu32 "\n", "classification",
		       e.classification);
	if (e.flags >> ENTRY_EXEC_BIT_SHIFT & ENTRY_EXEC_BIT_MASK)
		printf("  %-18s%" PRIu32 "\n", "execution bit",
		       e.flags >> ENTRY_EXEC_BIT_SHIFT & ENTRY_EXEC_BIT_MASK);
	print_address("loaded to", e.load_addr);
	print_address("staged at", e.staging_addr);
	if (e.flags & ENTRY_IGNORE_AUTH_CHECK)
		printf("  %-18sdoes not count\n", "digest");
	else
		bundle_print_hex("  digest", e.digest, SHA384_SIZE);
}

static void print_preamble(const struct manifest_layout *l, const uint8_t *m)
{
	print_number("version", wire_get_le32(m + MANIFEST_VERSION_AT));
	if (l->svn)
		print_number("SVN", wire_get_le32(m + l->svn));
	if (l->vendor_keys) {
		printf("%-20s%s\n", "vendor signs images",
		       wire_get_le32(m + l->flags) &
				       MANIFEST_VENDOR_SIGNATURE_REQUIRED ?
			       "yes" :
			       "no");
		bundle_print_hash("vendor key hash", m + l->vendor_keys,
				  l->keys_size);
	}
	bundle_print_hash("owner key hash", m + l->owner_keys, l->keys_size);
}

static void print_list(const struct manifest_layout *l, const uint8_t *m,
		       uint32_t len)
{
	uint32_t count = len < l->size + 4 ? 0 : wire_get_le32(m + l->size);
	uint32_t at = l->size + 4;
	uint32_t i;

	for (i = 0; i < count && i < l->max_entries; i++, at += l->entry_size)
		if (at + l->entry_size <= len)
			print_entry(l, m + at);
}

/* A manifest does not say what keys it has: those of LMS are short, or there are none. */
static uint32_t pqc_type(const struct manifest_layout *l, const uint8_t *m)
{
	const uint8_t *key = m + l->owner_keys + ECC_KEY_SIZE;
	const uint8_t *end = m + l->owner_keys + l->keys_size;
	const uint8_t *p;

	for (p = key + LMS_IMAGE_KEY_SIZE; p < end; p++)
		if (*p)
			return BUNDLE_PQC_MLDSA;
	for (p = key; p < key + LMS_IMAGE_KEY_SIZE; p++)
		if (*p)
			return BUNDLE_PQC_LMS;
	return 0;
}

/* @trust takes the keys that sign from a bundle, which has to be a good one. */
static uint32_t use_firmware(struct manifest_trust *trust,
			     const uint8_t *bundle, uint32_t len,
			     const struct generation *g, struct fw_image *image)
{
	const struct bundle_source source = { .manifest = bundle };
	struct bundle_fuses fuses;
	uint32_t error = bundle_verify_alone(bundle, len, g, &fuses);

	if (error)
		return error;
	if (bundle_take(&fuses, &source, image))
		return RUNTIME_INTERNAL;
	trust->vendor_keys = image->vendor_keys;
	trust->owner_keys = image->owner_keys;
	return FW_OK;
}

static uint32_t verify(const struct manifest_layout *l, const uint8_t *bytes,
		       uint32_t len, const struct manifest_firmware *firmware)
{
	static struct manifest_entries entries;
	struct manifest_trust trust = {
		.layout = l,
		.pqc_type = pqc_type(l, bytes),
	};
	uint32_t error = manifest_check_preamble(l, bytes, len);
	struct fw_image image;
	uint8_t *copy;

	memset(&image, 0, sizeof(image));
	if (!error && firmware)
		error = use_firmware(&trust, firmware->bytes, firmware->len,
				     firmware->generation, &image);
	if (error)
		return error;
	copy = malloc(len);
	if (!copy)
		return RUNTIME_INTERNAL;
	memcpy(copy, bytes, len);
	error = manifest_verify(&trust, copy, len, &entries);
	free(copy);
	return error;
}

int manifest_show(const uint8_t *bytes, uint32_t len,
		  const struct manifest_firmware *firmware)
{
	const struct manifest_layout *l;
	const char *name;
	uint32_t error;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (len >= 4 && wire_get_le32(bytes) == layout_of(i)->marker)
			break;
	if (i == sizeof(kinds) / sizeof(kinds[0]) || len < layout_of(i)->size) {
		log_error(
			"it is not a whole manifest: it has %" PRIu32
			" bytes, and begins with neither ATM2, OWOM nor NMTA, or ends too early",
			len);
		return 1;
	}
	l = layout_of(i);
	if (firmware &&
	    !l->svn != generation_in(firmware->generation, GENERATION_1_2)) {
		log_error("manifest and image are for different generations");
		return 1;
	}
	error = verify(l, bytes, len, firmware);
	name = caliptra_fw_error_name(error);
	printf("%-20s%s, %" PRIu32 " bytes\n", "manifest for", kinds[i].name,
	       len);
	print_preamble(l, bytes);
	print_list(l, bytes, len);
	printf("%-20s%s%s\n", "verification",
	       !error ? "good, with the keys that are in " :
	       name   ? name :
			"failed",
	       error	? "" :
	       firmware ? "the image" :
			  "it");
	return error ? 1 : 0;
}
