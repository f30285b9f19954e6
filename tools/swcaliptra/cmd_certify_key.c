// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CERTIFY_KEY_EXTENDED_ECC384, CERTIFY_KEY_EXTENDED_MLDSA87, CERTIFY_KEY_CHUNKS and
 * ADD_SUBJECT_ALT_NAME: certificates of DPE keys. Sources: caliptra-sw runtime/src/certify_key_extended.rs,
 * certify_key_chunks.rs and subject_alt_name.rs.
 */
#include <string.h>

#include "command.h"
#include "dpe_command.h"

/* CertifyKeyChunksResp::MAX_CHUNK_SIZE */
#define MAX_CHUNK 15360

static uint32_t certify_extended(struct dpe_env *env,
				 const struct fw_request *req, uint32_t flags,
				 const uint8_t in[DPE_CERTIFY_KEY_SIZE],
				 struct caliptra_certify_key_extended_resp *out)
{
	struct dpe_command cmd;
	size_t len;

	env->with_alt_name =
		flags & CALIPTRA_CERTIFY_KEY_EXTENDED_FLAGS_DMTF_OTHER_NAME;
	dpe_certify_key_read(in, &cmd);
	if (dpe_execute(env, req->user, &cmd, req->scratch, &len))
		return RUNTIME_CERTIFY_KEY_EXTENDED_FAILED;
	out->certify_key_resp = req->scratch;
	out->size = (uint32_t)len;
	return FW_OK;
}

uint32_t cmd_certify_key_extended_ecc384(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_certify_key_extended_ecc384_req *in,
	struct caliptra_certify_key_extended_resp *out)
{
	struct dpe_env env = firmware_dpe_env(fw, &dpe_p384);

	return certify_extended(&env, req, in->flags, in->certify_key_req, out);
}

/* The whole structure of the response has to fit, whatever is used of it. */
uint32_t cmd_certify_key_extended_mldsa87(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_certify_key_extended_mldsa87_req *in,
	struct caliptra_certify_key_extended_resp *out)
{
	bool outside = firmware_answers_outside(
		fw,
		in->flags &
			CALIPTRA_CERTIFY_KEY_EXTENDED_FLAGS_EXTERNAL_AXI_RESPONSE);
	struct dpe_env env = firmware_dpe_env(fw, &dpe_mldsa87);
	uint32_t error;

	if (outside && !firmware_is_subsystem(fw))
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	if (!firmware_pl0(fw, req->user))
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	if (firmware_room(fw, outside, &in->axi_response) < DPE_MAX_RESPONSE)
		return RUNTIME_INTERNAL;
	error = certify_extended(&env, req, in->flags, in->certify_key_req,
				 out);
	return error || !outside ?
		       error :
		       firmware_answer_outside(fw, &in->axi_response,
					       out->certify_key_resp,
					       out->size);
}

/* An offset beyond the end brings no bytes, but the new handle. */
uint32_t
cmd_certify_key_chunks(struct firmware *fw, const struct fw_request *req,
		       const struct caliptra_certify_key_chunks_req *in,
		       struct caliptra_certify_key_chunks_resp *out)
{
	bool mldsa = in->flags & CALIPTRA_CERTIFY_KEY_CHUNKS_FLAGS_USE_MLDSA;
	struct dpe_env env =
		firmware_dpe_env(fw, mldsa ? &dpe_mldsa87 : &dpe_p384);
	uint32_t offset = in->offset;
	uint32_t max = MAX_CHUNK;
	struct dpe_command cmd;
	size_t len;

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
