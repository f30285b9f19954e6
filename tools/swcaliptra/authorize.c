// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Authorization of the SoC's images: manifests, and what the ones in force say.
 * Sources: caliptra-sw runtime/src/set_auth_manifest.rs, set_owner_auth_manifest.rs
 * and authorize_and_stash.rs.
 */
#include <string.h>

#include <caliptra/commands.h>

#include "caliptra-regs.h"
#include "firmware.h"

/* Strap 3 has the lowest SVN of the owner's manifests in its second byte. */
#define OWNER_MIN_SVN_SHIFT 8

static bool is_1x(const struct firmware *fw)
{
	return generation_in(fw->ifc->generation, GENERATION_1_2);
}

static uint32_t lifecycle(const struct firmware *fw)
{
	return soc_ifc_get(fw->ifc, CPTRA_SECURITY_STATE) &
	       CPTRA_SECURITY_STATE_DEVICE_LIFECYCLE_MASK;
}

static bool svn_counts(const struct firmware *fw)
{
	return lifecycle(fw) != LIFECYCLE_UNPROVISIONED &&
	       !soc_ifc_get(fw->ifc, FUSE_ANTI_ROLLBACK_DISABLE);
}

uint32_t firmware_owner_manifest_min_svn(const struct firmware *fw)
{
	return soc_ifc_get(fw->ifc, SS_STRAP_GENERIC + 4 * 3) >>
		       OWNER_MIN_SVN_SHIFT &
	       0xff;
}

static uint32_t check_owner_svn(const struct firmware *fw, uint32_t svn)
{
	if (svn > OWNER_MANIFEST_MAX_SVN)
		return RUNTIME_OWNER_AUTH_MANIFEST_SVN_GREATER_THAN_MAX;
	return svn < firmware_owner_manifest_min_svn(fw) ?
		       RUNTIME_OWNER_AUTH_MANIFEST_SVN_LESS_THAN_MIN :
		       FW_OK;
}

static uint32_t check_svn(const struct firmware *fw, uint32_t svn)
{
	if (svn > MANIFEST_MAX_SVN ||
	    svn > soc_ifc_get(fw->ifc, FUSE_SOC_MANIFEST_MAX_SVN))
		return IMAGE_VERIFIER_ERR_FIRMWARE_SVN_GREATER_THAN_MAX_SUPPORTED;
	return svn < soc_ifc_svn_fuse(fw->ifc, FUSE_SOC_MANIFEST_SVN) ?
		       IMAGE_VERIFIER_ERR_FIRMWARE_SVN_LESS_THAN_FUSE :
		       FW_OK;
}

static bool is_pqc_type(uint32_t type)
{
	return type == BUNDLE_PQC_MLDSA || type == BUNDLE_PQC_LMS;
}

/* What signs besides P-384: fuses say, and since 2.1 so does the bundle. */
static uint32_t find_pqc_type(const struct firmware *fw, bool owners,
			      uint32_t *type)
{
	bool fuse_alone = generation_in(fw->ifc->generation, GENERATION_2_0) &&
			  !owners;
	uint32_t fuse = soc_ifc_get(fw->ifc, FUSE_PQC_KEY_TYPE);

	if (is_1x(fw)) {
		*type = soc_ifc_get(fw->ifc, FUSE_1X_LMS_VERIFY) ?
				BUNDLE_PQC_LMS :
				0;
		return FW_OK;
	}
	*type = fuse_alone ? fuse : fw->image.pqc_key_type;
	if (!is_pqc_type(*type))
		return fuse_alone ?
			       IMAGE_VERIFIER_ERR_INVALID_PQC_KEY_TYPE_IN_FUSE :
			       RUNTIME_AUTH_MANIFEST_INVALID_PQC_KEY_TYPE;
	if (fuse_alone || lifecycle(fw) == LIFECYCLE_UNPROVISIONED)
		return FW_OK;
	if (!is_pqc_type(fuse))
		return RUNTIME_AUTH_MANIFEST_INVALID_PQC_KEY_TYPE_IN_FUSE;
	return fuse == *type ? FW_OK :
			       RUNTIME_AUTH_MANIFEST_PQC_KEY_TYPE_MISMATCH;
}

uint32_t firmware_verify_manifest(const struct firmware *fw, bool owners,
				  uint8_t *bytes, uint32_t len,
				  struct manifest_entries *entries)
{
	const struct manifest_layout *l =
		manifest_layout(fw->ifc->generation, owners);
	struct manifest_trust trust = {
		.layout = l,
		.vendor_keys = fw->image.vendor_keys,
		.owner_keys = fw->image.owner_keys,
		.others = owners ? &fw->manifest.entries :
				   &fw->owner_manifest.entries,
	};
	uint32_t error = manifest_check_preamble(l, bytes, len);
	uint32_t svn;

	if (error)
		return error;
	svn = wire_get_le32(bytes + l->svn);
	if (l->svn && svn_counts(fw))
		error = owners ? check_owner_svn(fw, svn) : check_svn(fw, svn);
	if (!error)
		error = find_pqc_type(fw, owners, &trust.pqc_type);
	return error ? error : manifest_verify(&trust, bytes, len, entries);
}

/* What the vendor has signed, and the owner's keys; only a boot makes the contexts. */
static uint32_t measure_manifest(struct firmware *fw, const uint8_t *bytes,
				 bool booting)
{
	const struct manifest_layout *l =
		manifest_layout(fw->ifc->generation, false);
	uint8_t vendor[SHA384_SIZE];
	uint8_t owner[SHA384_SIZE];
	uint32_t error;

	if (crypto_sha384(bytes + MANIFEST_VERSION_AT, manifest_signed_size(l),
			  vendor) ||
	    crypto_sha384(bytes + l->owner_keys, l->keys_size, owner))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	if (booting) {
		error = firmware_make_context(fw, FW_SOMV, fw->manifest.svn,
					      vendor);
		return error ? error :
			       firmware_make_context(fw, FW_SOMO, 0, owner);
	}
	error = firmware_update_context(fw, FW_SOMV, vendor);
	return error ? error : firmware_update_context(fw, FW_SOMO, owner);
}

uint32_t firmware_install_manifest(struct firmware *fw, const uint8_t *bytes,
				   uint32_t len,
				   const struct manifest_entries *entries,
				   bool booting)
{
	const struct manifest_layout *l =
		manifest_layout(fw->ifc->generation, false);
	uint8_t digest[SHA384_SIZE];

	if (crypto_sha384(bytes, len, digest))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	fw->manifest_edits++;
	fw->manifest.entries = *entries;
	memcpy(fw->manifest.digest, digest, SHA384_SIZE);
	fw->manifest.svn = l->svn ? wire_get_le32(bytes + l->svn) : 0;
	if (is_1x(fw) || fw->attestation_disabled)
		return FW_OK;
	return measure_manifest(fw, bytes, booting);
}

/* The digest is of the manifest as it is then, with its images in order. */
uint32_t firmware_set_manifest(struct firmware *fw, uint8_t *bytes,
			       uint32_t len, bool booting)
{
	struct manifest_entries entries;
	uint32_t error =
		firmware_verify_manifest(fw, false, bytes, len, &entries);

	return error ? error :
		       firmware_install_manifest(fw, bytes, len, &entries,
						 booting);
}

/* Of what lies at an address. A transfer is of whole words; nothing is no transfer. */
static uint32_t hash_memory(const struct firmware *fw, uint64_t address,
			    uint32_t len, uint8_t digest[SHA384_SIZE])
{
	const uint8_t *bytes = (const uint8_t *)"";

	if (len)
		bytes = fw->soc && !(address % 4) && !(len % 4) ?
				fw->soc->memory(fw->soc->context, address,
						len) :
				NULL;
	return !bytes || crypto_sha384(bytes, len, digest) ? RUNTIME_INTERNAL :
							     FW_OK;
}

/* The manifest of both comes first, and no image is in both manifests. */
static const struct manifest_entry *find_entry(const struct firmware *fw,
					       uint32_t fw_id, uint32_t *good)
{
	const struct generation *g = fw->ifc->generation;
	const struct manifest_entry *entry =
		manifest_find(g, &fw->manifest.entries, fw_id);

	*good = CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_AUTHORIZED;
	if (entry || is_1x(fw))
		return entry;
	*good = CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_AUTHORIZED_OWNER_ONLY;
	return manifest_find(g, &fw->owner_manifest.entries, fw_id);
}

const struct manifest_entry *firmware_find_image(const struct firmware *fw,
						 uint32_t fw_id)
{
	uint32_t unused;

	return find_entry(fw, fw_id, &unused);
}

static bool is_source(const struct firmware *fw, uint32_t source)
{
	return source == CALIPTRA_IMAGE_HASH_SOURCE_IN_REQUEST ||
	       (!is_1x(fw) &&
		(source == CALIPTRA_IMAGE_HASH_SOURCE_LOAD_ADDRESS ||
		 source == CALIPTRA_IMAGE_HASH_SOURCE_STAGING_ADDRESS));
}

uint32_t firmware_authorize(const struct firmware *fw,
			    struct fw_authorization *a, uint32_t *result)
{
	const struct manifest_entry *entry;
	uint8_t digest[SHA384_SIZE];
	uint32_t error = FW_OK;
	uint32_t good;

	if (!is_source(fw, a->source))
		return RUNTIME_AUTH_AND_STASH_UNSUPPORTED_IMAGE_SOURCE;
	entry = find_entry(fw, a->fw_id, &good);
	*result = entry ? good :
			  CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_NOT_AUTHORIZED;
	if (!entry || entry->flags & ENTRY_IGNORE_AUTH_CHECK)
		return FW_OK;
	memcpy(digest, a->measurement, SHA384_SIZE);
	if (a->source == CALIPTRA_IMAGE_HASH_SOURCE_LOAD_ADDRESS)
		error = hash_memory(fw, entry->load_addr, a->len, digest);
	else if (a->source == CALIPTRA_IMAGE_HASH_SOURCE_STAGING_ADDRESS)
		error = hash_memory(fw, entry->staging_addr, a->len, digest);
	if (error)
		return error;
	if (memcmp(entry->digest, digest, SHA384_SIZE))
		*result = CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_HASH_MISMATCH;
	else
		memcpy(a->measurement, digest, SHA384_SIZE);
	return FW_OK;
}

bool firmware_authorized(uint32_t result)
{
	return result == CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_AUTHORIZED ||
	       result ==
		       CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_AUTHORIZED_OWNER_ONLY;
}
