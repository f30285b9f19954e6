/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making authorization manifests, and signing them as vendor and owner do. Source:
 * caliptra-sw auth-manifest/gen.
 */
#ifndef SWCALIPTRA_MANIFEST_MAKE_H
#define SWCALIPTRA_MANIFEST_MAKE_H

#include "bundle_make.h"
#include "manifest.h"

/**
 * struct manifest_recipe - what goes into a manifest
 * @generation: for which
 * @owners: the owner makes it alone, for SET_OWNER_AUTH_MANIFEST
 * @pqc_type: BUNDLE_PQC_*; in 1.x 0 leaves out LMS
 * @vendor_firmware: signs the vendor's keys in it: the keys of the firmware's vendor
 * @owner_firmware: the same of the owner
 * @vendor: its keys are in it, and sign the list
 * @owner: the same of the owner
 * @version: of the manifest
 * @svn: security version number, not in 1.x
 * @flags: MANIFEST_VENDOR_SIGNATURE_REQUIRED, or the vendor does not sign the list
 * @entries: the images
 */
struct manifest_recipe {
	const struct generation *generation;
	bool owners;
	uint32_t pqc_type;
	struct bundle_signer vendor_firmware;
	struct bundle_signer owner_firmware;
	struct bundle_signer vendor;
	struct bundle_signer owner;
	uint32_t version;
	uint32_t svn;
	uint32_t flags;
	struct manifest_entries entries;
};

/**
 * manifest_make() - make a manifest and sign it
 * @r: what goes into it
 * @manifest: manifest_size() bytes
 *
 * Return: 0, or -1 where a key is not what it should be or OpenSSL fails.
 */
int manifest_make(const struct manifest_recipe *r, uint8_t *manifest);

/**
 * manifest_sign_list() - sign its list of images anew
 * @r: what signs
 * @manifest: the manifest
 * @len: its length in bytes: a list may be shorter than the longest
 *
 * Return: 0 or -1.
 */
int manifest_sign_list(const struct manifest_recipe *r, uint8_t *manifest,
		       uint32_t len);

#endif
