// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CERTIFY_KEY_EXTENDED_ECC384, CERTIFY_KEY_CHUNKS and ADD_SUBJECT_ALT_NAME:
 * certificates of DPE keys. Sources: caliptra-sw runtime/src/certify_key_extended.rs,
 * certify_key_chunks.rs and subject_alt_name.rs.
 */
#include <string.h>

#include "command.h"
#include "dpe_command.h"

/* CertifyKeyChunksResp::MAX_CHUNK_SIZE */
#define MAX_CHUNK 15360

uint32_t cmd_certify_key_extended_ecc384(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_certify_key_extended_ecc384_req *in,
	struct caliptra_certify_key_extended_resp *out)
{
	struct dpe_env env = firmware_dpe_env(fw);
	struct dpe_command cmd;
	size_t len;

	env.with_alt_name = in->flags &
			    CALIPTRA_CERTIFY_KEY_EXTENDED_FLAGS_DMTF_OTHER_NAME;
	dpe_certify_key_read(in->certify_key_req, &cmd);
	if (dpe_execute(&env, req->user, &cmd, req->scratch, &len))
		return RUNTIME_CERTIFY_KEY_EXTENDED_FAILED;
	out->certify_key_resp = req->scratch;
	out->size = (uint32_t)len;
	return FW_OK;
}

/* An offset beyond the end brings no bytes, but the new handle. */
uint32_t
cmd_certify_key_chunks(struct firmware *fw, const struct fw_request *req,
		       const struct caliptra_certify_key_chunks_req *in,
		       struct caliptra_certify_key_chunks_resp *out)
{
	struct dpe_env env = firmware_dpe_env(fw);
	uint32_t offset = in->offset;
	uint32_t max = MAX_CHUNK;
	struct dpe_command cmd;
	size_t len;

	/* there is no DPE of the other profile */
	if (in->flags & CALIPTRA_CERTIFY_KEY_CHUNKS_FLAGS_USE_MLDSA)
		return RUNTIME_UNIMPLEMENTED_COMMAND;
	dpe_certify_key_read(in->certify_key_req, &cmd);
	if (!firmware_may_certify(fw, req->user, cmd.format))
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	if (dpe_execute(&env, req->user, &cmd, req->scratch, &len))
		return RUNTIME_CERTIFY_KEY_EXTENDED_FAILED;
	if (in->max_size && in->max_size < max)
		max = in->max_size;
	if (offset > len)
		offset = (uint32_t)len;
	memcpy(out->context_handle,
	       req->scratch + DPE_CERTIFY_KEY_HANDLE_OFFSET, DPE_HANDLE_SIZE);
	out->chunk_len = (uint32_t)len - offset < max ? (uint32_t)len - offset :
							max;
	out->remaining = (uint32_t)len - offset - out->chunk_len;
	out->certify_key_resp = req->scratch + offset;
	return FW_OK;
}

static bool is_device_info(const uint8_t *info, size_t len)
{
	unsigned int colons = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (info[i] > 0x7f)
			return false;
		colons += info[i] == ':';
	}
	return colons == 2;
}

uint32_t
cmd_add_subject_alt_name(struct firmware *fw, const struct fw_request *req,
			 const struct caliptra_add_subject_alt_name_req *in,
			 struct caliptra_mailbox_resp_header *out)
{
	struct dpe_platform *platform = &fw->dpe_platform;

	(void)req;
	(void)out;
	if (!is_device_info(in->dmtf_device_info, in->dmtf_device_info_size))
		return RUNTIME_DMTF_DEVICE_INFO_VALIDATION_FAILED;
	memcpy(platform->alt_name, in->dmtf_device_info,
	       in->dmtf_device_info_size);
	platform->alt_name_len = in->dmtf_device_info_size;
	platform->has_alt_name = true;
	return FW_OK;
}
