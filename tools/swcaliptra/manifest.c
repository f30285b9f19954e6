// SPDX-License-Identifier: GPL-2.0-or-later
/* Authorization manifests: what both maker and verifier know. See manifest.h. */
#include "manifest.h"

#include <string.h>

#include "wire.h"

#define KEYS_1X	   (ECC_KEY_SIZE + LMS_IMAGE_KEY_SIZE)
#define SIGS_1X	   (2 * P384_SIZE + LMS_IMAGE_SIG_SIZE)
#define KEYS_AT	   20
#define KEYS_AT_1X 16

static const struct manifest_layout layout_2_x = {
	.marker = 0x324d5441, /* ATM2 */
	.size = KEYS_AT + 2 * BUNDLE_KEYS_SIZE + 4 * BUNDLE_SIGS_SIZE,
	.svn = 12,
	.flags = 16,
	.vendor_keys = KEYS_AT,
	.vendor_key_sigs = KEYS_AT + BUNDLE_KEYS_SIZE,
	.owner_keys = KEYS_AT + BUNDLE_KEYS_SIZE + BUNDLE_SIGS_SIZE,
	.owner_key_sigs = KEYS_AT + 2 * BUNDLE_KEYS_SIZE + BUNDLE_SIGS_SIZE,
	.vendor_sigs = KEYS_AT + 2 * BUNDLE_KEYS_SIZE + 2 * BUNDLE_SIGS_SIZE,
	.owner_sigs = KEYS_AT + 2 * BUNDLE_KEYS_SIZE + 3 * BUNDLE_SIGS_SIZE,
	.keys_size = BUNDLE_KEYS_SIZE,
	.entry_size = 80,
	.max_entries = 80,
};

static const struct manifest_layout layout_of_owner = {
	.marker = 0x4d4f574f, /* OWOM */
	.size = KEYS_AT + BUNDLE_KEYS_SIZE + 2 * BUNDLE_SIGS_SIZE,
	.svn = 12,
	.flags = 16,
	.owner_keys = KEYS_AT,
	.owner_key_sigs = KEYS_AT + BUNDLE_KEYS_SIZE,
	.owner_sigs = KEYS_AT + BUNDLE_KEYS_SIZE + BUNDLE_SIGS_SIZE,
	.keys_size = BUNDLE_KEYS_SIZE,
	.entry_size = 80,
	.max_entries = 32,
};

static const struct manifest_layout layout_1_x = {
	.marker = 0x41544d4e, /* NMTA */
	.size = KEYS_AT_1X + 2 * KEYS_1X + 4 * SIGS_1X,
	.flags = 12,
	.vendor_keys = KEYS_AT_1X,
	.vendor_key_sigs = KEYS_AT_1X + KEYS_1X,
	.owner_keys = KEYS_AT_1X + KEYS_1X + SIGS_1X,
	.owner_key_sigs = KEYS_AT_1X + 2 * KEYS_1X + SIGS_1X,
	.vendor_sigs = KEYS_AT_1X + 2 * KEYS_1X + 2 * SIGS_1X,
	.owner_sigs = KEYS_AT_1X + 2 * KEYS_1X + 3 * SIGS_1X,
	.keys_size = KEYS_1X,
	.entry_size = 56,
	.max_entries = MANIFEST_MAX_ENTRIES,
};

const struct manifest_layout *manifest_layout(const struct generation *g,
					      bool owners)
{
	if (generation_in(g, GENERATION_1_2))
		return owners ? NULL : &layout_1_x;
	return owners ? &layout_of_owner : &layout_2_x;
}

uint32_t manifest_size(const struct manifest_layout *l)
{
	return l->size + 4 + (uint32_t)l->max_entries * l->entry_size;
}

uint32_t manifest_signed_size(const struct manifest_layout *l)
{
	uint32_t keys = l->vendor_keys ? l->vendor_keys : l->owner_keys;

	return keys + l->keys_size - MANIFEST_VERSION_AT;
}

static uint64_t get_address(const uint8_t *p)
{
	return wire_get_le32(p) | (uint64_t)wire_get_le32(p + 4) << 32;
}

static void put_address(uint8_t *p, uint64_t address)
{
	wire_put_le32(p, (uint32_t)address);
	wire_put_le32(p + 4, (uint32_t)(address >> 32));
}

void manifest_entry_get(const struct manifest_layout *l, const uint8_t *p,
			struct manifest_entry *entry)
{
	const uint8_t *digest = p + l->entry_size - SHA384_SIZE;

	memset(entry, 0, sizeof(*entry));
	entry->fw_id = wire_get_le32(p);
	memcpy(entry->digest, digest, SHA384_SIZE);
	if (l == &layout_1_x) {
		entry->flags = wire_get_le32(p + 4);
		return;
	}
	entry->component_id = wire_get_le32(p + 4);
	entry->classification = wire_get_le32(p + 8);
	entry->flags = wire_get_le32(p + 12);
	entry->load_addr = get_address(p + 16);
	entry->staging_addr = get_address(p + 24);
}

void manifest_entry_put(const struct manifest_layout *l, uint8_t *p,
			const struct manifest_entry *entry)
{
	wire_put_le32(p, entry->fw_id);
	memcpy(p + l->entry_size - SHA384_SIZE, entry->digest, SHA384_SIZE);
	if (l == &layout_1_x) {
		wire_put_le32(p + 4, entry->flags);
		return;
	}
	wire_put_le32(p + 4, entry->component_id);
	wire_put_le32(p + 8, entry->classification);
	wire_put_le32(p + 12, entry->flags);
	put_address(p + 16, entry->load_addr);
	put_address(p + 24, entry->staging_addr);
}

/*
 * Which of several is found, and whether one is where they are not in order, depends
 * on how one looks; this is how Rust does.
 */
const struct manifest_entry *
manifest_find(const struct generation *g,
	      const struct manifest_entries *entries, uint32_t fw_id)
{
	uint32_t left = 0;
	uint32_t right = generation_in(g, GENERATION_1_2) ?
				 MANIFEST_MAX_ENTRIES :
				 entries->count;

	while (left < right) {
		uint32_t middle = left + (right - left) / 2;
		const struct manifest_entry *entry = &entries->entry[middle];

		if (entry->fw_id == fw_id)
			return entry;
		if (entry->fw_id < fw_id)
			left = middle + 1;
		else
			right = middle;
	}
	return NULL;
}
