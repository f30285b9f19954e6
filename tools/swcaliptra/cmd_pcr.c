// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * EXTEND_PCR, INCREMENT_PCR_RESET_COUNTER, QUOTE_PCRS_*, GET_PCR_LOG and
 * STASH_MEASUREMENT. Sources: caliptra-sw runtime/src/pcr.rs,
 * stash_measurement.rs and
 * rom/dev/src/flow/cold_reset/fw_processor/stash_measurement.rs.
 */
#include <string.h>

#include "command.h"
#include "dpe_key.h"

uint32_t cmd_extend_pcr(struct firmware *fw, const struct fw_request *req,
			const struct caliptra_extend_pcr_req *in,
			struct caliptra_mailbox_resp_header *out)
{
	uint32_t index = in->pcr_idx;

	(void)req;
	(void)out;
	if (index > 0xff)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	if (index >= PCR_COUNT)
		return RUNTIME_PCR_INVALID_INDEX;
	if (index <= PCR_RT_JOURNEY)
		return RUNTIME_PCR_RESERVED;
	if (pcr_extend(&fw->pcrs, index, in->data, SHA384_SIZE))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	return FW_OK;
}

uint32_t cmd_increment_pcr_reset_counter(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_increment_pcr_reset_counter_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	if (in->index >= PCR_COUNT)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	if (fw->pcrs.reset_counter[in->index] == UINT32_MAX)
		return RUNTIME_INCREMENT_PCR_RESET_MAX_REACHED;
	fw->pcrs.reset_counter[in->index]++;
	return FW_OK;
}

/* The first 48 bytes of the digest are what is signed. */
uint32_t cmd_quote_pcrs_ecc384(struct firmware *fw,
			       const struct fw_request *req,
			       const struct caliptra_quote_pcrs_ecc384_req *in,
			       struct caliptra_quote_pcrs_ecc384_resp *out)
{
	struct ecdsa384_signature sig;
	uint8_t digest[SHA512_SIZE];

	(void)req;
	if (pcr_quote_digest(fw->ifc->generation, &fw->pcrs, in->nonce, digest))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	if (crypto_ecdsa384_sign(fw->fmc_alias.ecc, digest, &sig))
		return DRIVER_ECC384_HW_ERROR;

	memcpy(out->pcrs, fw->pcrs.value, sizeof(out->pcrs));
	memcpy(out->nonce, in->nonce, sizeof(out->nonce));
	memcpy(out->reset_ctrs, fw->pcrs.reset_counter,
	       sizeof(out->reset_ctrs));
	memcpy(out->digest, digest, sizeof(out->digest));
	memcpy(out->signature_r, sig.r, sizeof(out->signature_r));
	memcpy(out->signature_s, sig.s, sizeof(out->signature_s));
	return FW_OK;
}

/* What is signed is the digest with its bytes in reverse, as the engine takes it. */
uint32_t
cmd_quote_pcrs_mldsa87(struct firmware *fw, const struct fw_request *req,
		       const struct caliptra_quote_pcrs_mldsa87_req *in,
		       struct caliptra_quote_pcrs_mldsa87_resp *out)
{
	uint8_t digest[SHA512_SIZE];
	size_t i;

	(void)req;
	if (pcr_quote_digest(fw->ifc->generation, &fw->pcrs, in->nonce, digest))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	for (i = 0; i < sizeof(digest); i++)
		out->digest[i] = digest[sizeof(digest) - 1 - i];
	if (mldsa87_sign_padded(fw->fmc_alias.mldsa, out->digest,
				sizeof(digest), out->signature))
		return DRIVER_MLDSA87_HW_ERROR;

	memcpy(out->pcrs, fw->pcrs.value, sizeof(out->pcrs));
	memcpy(out->nonce, in->nonce, sizeof(out->nonce));
	memcpy(out->reset_ctrs, fw->pcrs.reset_counter,
	       sizeof(out->reset_ctrs));
	return FW_OK;
}

uint32_t cmd_get_pcr_log(struct firmware *fw, const struct fw_request *req,
			 struct caliptra_get_pcr_log_resp *out)
{
	(void)req;
	out->data = fw->pcr_log.entry[0];
	out->data_size = sizeof(fw->pcr_log.entry);
	if (generation_in(fw->ifc->generation, GENERATION_1_2))
		out->data_size = fw->pcr_log.len * PCR_LOG_ENTRY_SIZE;
	return FW_OK;
}

/* The context of a measurement is not used by the firmware either. */
uint32_t cmd_stash_measurement(struct firmware *fw,
			       const struct fw_request *req,
			       const struct caliptra_stash_measurement_req *in,
			       struct caliptra_stash_measurement_resp *out)
{
	uint32_t fw_id = wire_get_le32(in->metadata);
	enum dpe_error refused;
	uint32_t error;

	if (fw_id == FW_MCU_IMAGE_ID &&
	    generation_in(fw->ifc->generation, GENERATION_2_X))
		return RUNTIME_STASH_MEASUREMENT_RESERVED_FW_ID;
	error = firmware_stash(fw, req->user, fw_id, in->svn, in->measurement,
			       &refused);
	if (!error)
		out->dpe_result = dpe_error_code(fw->ifc->generation, refused);
	return error;
}

uint32_t
cmd_rom_stash_measurement(struct firmware *fw, const struct fw_request *req,
			  const struct caliptra_stash_measurement_req *in,
			  struct caliptra_stash_measurement_resp *out)
{
	struct fw_measurement *entry = &fw->log[fw->log_len];

	(void)req;
	(void)out;
	if (pcr_extend(&fw->pcrs, PCR_STASH_MEASUREMENT, in->measurement,
		       SHA384_SIZE))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	memcpy(entry->metadata, in->metadata, sizeof(entry->metadata));
	memcpy(entry->measurement, in->measurement, SHA384_SIZE);
	fw->log_len++;
	fw->log_edits++;
	return FW_OK;
}
