// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SET_AUTH_MANIFEST, VERIFY_AUTH_MANIFEST, SET_OWNER_AUTH_MANIFEST,
 * AUTHORIZE_AND_STASH and GET_IMAGE_INFO. Sources: caliptra-sw
 * runtime/src/set_auth_manifest.rs, set_owner_auth_manifest.rs,
 * authorize_and_stash.rs and get_image_info.rs.
 */
#include <string.h>

#include "caliptra-regs.h"
#include "command.h"

/* SetAuthManifestReq::MAX_MAN_SIZE, the longest of all */
#define MAX_MANIFEST 34816

/* manifest_size stands before the manifest */
#define BEFORE_MANIFEST 4

/*
 * A copy that can be put in order. What was left out of a request does not count as
 * zeros here.
 */
static uint32_t copy_manifest(const struct fw_request *req, uint32_t len,
			      const uint8_t *manifest,
			      uint8_t copy[MAX_MANIFEST])
{
	if (req->len < BEFORE_MANIFEST || len > req->len - BEFORE_MANIFEST)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	memcpy(copy, manifest, len);
	return FW_OK;
}

uint32_t cmd_set_auth_manifest(struct firmware *fw,
			       const struct fw_request *req,
			       const struct caliptra_auth_manifest_req *in,
			       struct caliptra_mailbox_resp_header *out)
{
	uint8_t copy[MAX_MANIFEST];
	uint32_t error =
		copy_manifest(req, in->manifest_size, in->manifest, copy);

	(void)out;
	return error ? error :
		       firmware_set_manifest(fw, copy, in->manifest_size,
					     false);
}

uint32_t cmd_verify_auth_manifest(struct firmware *fw,
				  const struct fw_request *req,
				  const struct caliptra_auth_manifest_req *in,
				  struct caliptra_mailbox_resp_header *out)
{
	uint8_t copy[MAX_MANIFEST];
	struct manifest_entries unused;
	uint32_t error =
		copy_manifest(req, in->manifest_size, in->manifest, copy);

	(void)out;
	return error ? error :
		       firmware_verify_manifest(fw, false, copy,
						in->manifest_size, &unused);
}

/* Its digest is of the manifest as it came. */
uint32_t cmd_set_owner_auth_manifest(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_set_owner_auth_manifest_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	uint32_t len = in->manifest_size;
	uint8_t copy[MAX_MANIFEST];
	uint8_t digest[SHA384_SIZE];
	uint32_t error = copy_manifest(req, len, in->manifest, copy);

	(void)out;
	if (!error && crypto_sha384(in->manifest, len, digest))
		error = DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	if (!error)
		error = firmware_verify_manifest(fw, true, copy, len,
						 &fw->owner_manifest.entries);
	if (error)
		return error;
	fw->manifest_edits++;
	memcpy(fw->owner_manifest.digest, digest, SHA384_SIZE);
	fw->owner_manifest.svn = wire_get_le32(
		copy + manifest_layout(fw->ifc->generation, true)->svn);
	return FW_OK;
}

static uint32_t stash(struct firmware *fw, uint32_t user,
		      const struct fw_authorization *a, uint32_t svn)
{
	const struct generation *g = fw->ifc->generation;
	enum dpe_error refused;
	uint32_t error;

	if (!firmware_pl0(fw, user))
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	error = firmware_stash(fw, user, a->fw_id, svn, a->measurement,
			       &refused);
	if (error || !refused)
		return error;
	soc_ifc_set(fw->ifc, CPTRA_FW_EXTENDED_ERROR_INFO,
		    dpe_error_code(g, refused));
	return RUNTIME_AUTH_AND_STASH_MEASUREMENT_DPE_ERROR;
}

/* 1.x looks at the user only where there is something to be measured. */
uint32_t
cmd_authorize_and_stash(struct firmware *fw, const struct fw_request *req,
			const struct caliptra_authorize_and_stash_req *in,
			struct caliptra_authorize_and_stash_resp *out)
{
	bool skip = in->flags & CALIPTRA_AUTH_AND_STASH_FLAGS_SKIP_STASH;
	struct fw_authorization a = {
		.fw_id = wire_get_le32(in->fw_id),
		.source = in->source,
		.len = in->image_size,
	};
	uint32_t error;

	if (!skip && !firmware_pl0(fw, req->user) &&
	    generation_in(fw->ifc->generation, GENERATION_2_X))
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	memcpy(a.measurement, in->measurement, SHA384_SIZE);
	error = firmware_authorize(fw, &a, &out->auth_req_result);
	if (error || skip || !firmware_authorized(out->auth_req_result))
		return error;
	return stash(fw, req->user, &a, in->svn);
}

uint32_t cmd_get_image_info(struct firmware *fw, const struct fw_request *req,
			    const struct caliptra_get_image_info_req *in,
			    struct caliptra_get_image_info_resp *out)
{
	const struct manifest_entry *entry =
		firmware_find_image(fw, wire_get_le32(in->fw_id));

	(void)req;
	if (!entry)
		return RUNTIME_IMAGE_METADATA_NOT_FOUND;
	out->component_id = entry->component_id;
	out->flags = entry->flags;
	out->image_load_address_high = (uint32_t)(entry->load_addr >> 32);
	out->image_load_address_low = (uint32_t)entry->load_addr;
	out->image_staging_address_high = (uint32_t)(entry->staging_addr >> 32);
	out->image_staging_address_low = (uint32_t)entry->staging_addr;
	memcpy(out->digest, entry->digest, SHA384_SIZE);
	return FW_OK;
}
