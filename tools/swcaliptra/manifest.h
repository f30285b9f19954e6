/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Authorization manifests: which images of the SoC may run.
 *
 * A manifest has a preamble, with public keys that the keys of the firmware have
 * signed, and a list of images, which those keys have signed. Vendor and owner make
 * one together; of 2.x the owner makes another one alone. Byte order is as in bundles,
 * but digests of images are in the usual one. Sources: caliptra-sw auth-manifest and
 * runtime/src/set_auth_manifest.rs, set_owner_auth_manifest.rs and manifest.rs of
 * e7dc50f2, of fw-2.0.3, and of rt-1.2.5 for the generation that has no ML-DSA.
 */
#ifndef SWCALIPTRA_MANIFEST_H
#define SWCALIPTRA_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bundle.h"

#define MANIFEST_MAX_ENTRIES 127
#define MANIFEST_MAX_SIZE    30696

/* Whatever the manifest, this is where its marker, size and version are. */
#define MANIFEST_SIZE_AT    4
#define MANIFEST_VERSION_AT 8

/* Manifest flags: the vendor has to have signed the list, too. */
#define MANIFEST_VENDOR_SIGNATURE_REQUIRED 1u

/* Flags of an image. */
#define ENTRY_SOURCE_MASK	3u
#define ENTRY_IGNORE_AUTH_CHECK 4u
#define ENTRY_EXEC_BIT_SHIFT	8
#define ENTRY_EXEC_BIT_MASK	0x7fu

/* SVN that the manifest of either kind may have at most. */
#define MANIFEST_MAX_SVN       128
#define OWNER_MANIFEST_MAX_SVN 255

/**
 * struct manifest_layout - where things stand in a manifest
 * @marker: it begins with this
 * @size: of the preamble; the list follows
 * @svn: security version number; 0 where there is none
 * @flags: MANIFEST_VENDOR_SIGNATURE_REQUIRED
 * @vendor_keys: the vendor's keys; 0 where only the owner signs
 * @vendor_key_sigs: their signatures, by the firmware's vendor
 * @owner_keys: the owner's keys
 * @owner_key_sigs: their signatures, by the firmware's owner
 * @vendor_sigs: signatures of the list, by the vendor's keys
 * @owner_sigs: the same by the owner's keys
 * @keys_size: of either's keys
 * @entry_size: of an image in the list
 * @max_entries: how many images a list has at most; it always has room for them
 */
struct manifest_layout {
	uint32_t marker;
	uint32_t size;
	uint16_t svn;
	uint16_t flags;
	uint16_t vendor_keys;
	uint16_t vendor_key_sigs;
	uint16_t owner_keys;
	uint16_t owner_key_sigs;
	uint16_t vendor_sigs;
	uint16_t owner_sigs;
	uint16_t keys_size;
	uint16_t entry_size;
	uint16_t max_entries;
};

/** manifest_layout() - that of SET_AUTH_MANIFEST's, or NULL if the generation has none
 * @g: generation
 * @owners: rather of SET_OWNER_AUTH_MANIFEST's
 */
const struct manifest_layout *manifest_layout(const struct generation *g,
					      bool owners);

/** manifest_size() - of a whole manifest in bytes */
uint32_t manifest_size(const struct manifest_layout *l);

/**
 * manifest_signed_size() - what is signed with the first keys, from version to keys
 * @l: layout
 *
 * The owner's keys of a manifest that the vendor has signed, too, are signed alone.
 */
uint32_t manifest_signed_size(const struct manifest_layout *l);

/**
 * struct manifest_entry - what is said of an image
 * @fw_id: its firmware id
 * @component_id: its component id, not in 1.x
 * @classification: not in 1.x
 * @flags: ENTRY_*
 * @load_addr: where it is to run, not in 1.x
 * @staging_addr: where it is put before that, not in 1.x
 * @digest: SHA-384 of it
 */
struct manifest_entry {
	uint32_t fw_id;
	uint32_t component_id;
	uint32_t classification;
	uint32_t flags;
	uint64_t load_addr;
	uint64_t staging_addr;
	uint8_t digest[SHA384_SIZE];
};

/**
 * struct manifest_entries - a list of images, in the order of their ids
 * @count: how many there are
 * @entry: the images, and what else has travelled
 */
struct manifest_entries {
	uint32_t count;
	struct manifest_entry entry[MANIFEST_MAX_ENTRIES];
};

/** manifest_entry_get() - read an image at @p */
void manifest_entry_get(const struct manifest_layout *l, const uint8_t *p,
			struct manifest_entry *entry);

/** manifest_entry_put() - write an image to @p */
void manifest_entry_put(const struct manifest_layout *l, uint8_t *p,
			const struct manifest_entry *entry);

/**
 * manifest_find() - find an image as the firmware does
 * @g: generation of the firmware
 * @entries: the list
 * @fw_id: firmware id
 *
 * 1.x looks at all of a list, as if what follows the last image were images.
 *
 * Return: what is said of it, or NULL.
 */
const struct manifest_entry *
manifest_find(const struct generation *g,
	      const struct manifest_entries *entries, uint32_t fw_id);

/**
 * struct manifest_trust - what a manifest is held against
 * @layout: of the manifest
 * @pqc_type: BUNDLE_PQC_*: what signs besides P-384; 0 for nothing
 * @vendor_keys: keys of the vendor of the firmware that runs
 * @owner_keys: the same of the owner, or NULL to leave out what they have signed
 * @others: images that may not be in it, or NULL
 */
struct manifest_trust {
	const struct manifest_layout *layout;
	uint32_t pqc_type;
	const uint8_t *vendor_keys;
	const uint8_t *owner_keys;
	const struct manifest_entries *others;
};

/**
 * manifest_check_preamble() - is it a manifest at all?
 * @l: layout
 * @bytes: the manifest
 * @len: its length in bytes
 *
 * Return: FW_OK or the firmware's error.
 */
uint32_t manifest_check_preamble(const struct manifest_layout *l,
				 const uint8_t *bytes, uint32_t len);

/**
 * manifest_verify() - verify the signatures and read the list
 * @trust: what it is held against
 * @bytes: the manifest, whose preamble is checked; its images are put in order
 * @len: its length in bytes
 * @entries: its images
 *
 * Return: FW_OK or the firmware's error; @entries is changed with FW_OK alone.
 */
uint32_t manifest_verify(const struct manifest_trust *trust, uint8_t *bytes,
			 uint32_t len, struct manifest_entries *entries);

#endif
