// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * EXTEND_PCR, INCREMENT_PCR_RESET_COUNTER, QUOTE_PCRS_ECC384 and
 * STASH_MEASUREMENT. Sources: caliptra-sw runtime/src/pcr.rs,
 * stash_measurement.rs and
 * rom/dev/src/flow/cold_reset/fw_processor/stash_measurement.rs.
 */
#include "command.h"

#include <caliptra/caliptra.h>

#include "caliptra-regs.h"

#define NONCE_SIZE 32

uint32_t cmd_extend_pcr(struct firmware *fw, const struct fw_request *req,
			struct fw_response *rsp)
{
	struct wire_reader r = wire_reader(req->body, req->len);
	uint32_t index = wire_get_u32(&r);
	const uint8_t *data = wire_take(&r, SHA384_SIZE);

	(void)rsp;
	if (r.overrun || r.left)
		return RUNTIME_INSUFFICIENT_MEMORY;
	if (index > 0xff)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	if (index >= PCR_COUNT)
		return RUNTIME_PCR_INVALID_INDEX;
	if (index <= PCR_RT_JOURNEY)
		return RUNTIME_PCR_RESERVED;
	if (pcr_extend(&fw->pcrs, index, data, SHA384_SIZE))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	return FW_OK;
}

uint32_t cmd_increment_pcr_reset_counter(struct firmware *fw,
					 const struct fw_request *req,
					 struct fw_response *rsp)
{
	struct wire_reader r = wire_reader(req->body, req->len);
	uint32_t index = wire_get_u32(&r);

	(void)rsp;
	if (r.overrun || r.left)
		return RUNTIME_INSUFFICIENT_MEMORY;
	if (index >= PCR_COUNT)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	if (fw->pcrs.reset_counter[index] == UINT32_MAX)
		return RUNTIME_INCREMENT_PCR_RESET_MAX_REACHED;
	fw->pcrs.reset_counter[index]++;
	return FW_OK;
}

/* The first 48 bytes of the SHA-512 digest are what is signed. */
uint32_t cmd_quote_pcrs_ecc384(struct firmware *fw,
			       const struct fw_request *req,
			       struct fw_response *rsp)
{
	struct wire_writer *w = &rsp->body;
	struct ecdsa384_signature sig;
	uint8_t digest[SHA512_SIZE];
	unsigned int i;

	if (req->len != NONCE_SIZE)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	if (pcr_quote_digest(&fw->pcrs, req->body, digest))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	if (crypto_ecdsa384_sign(fw->fmc_alias.ecc, digest, &sig))
		return DRIVER_ECC384_HW_ERROR;

	wire_put(w, fw->pcrs.value, sizeof(fw->pcrs.value));
	wire_put(w, req->body, NONCE_SIZE);
	for (i = 0; i < PCR_COUNT; i++)
		wire_put_u32(w, fw->pcrs.reset_counter[i]);
	wire_put(w, digest, SHA384_SIZE);
	wire_put(w, sig.r, sizeof(sig.r));
	wire_put(w, sig.s, sizeof(sig.s));
	return FW_OK;
}

/* StashMeasurementReq; the context is not used by the firmware either. */
static bool read_measurement(const struct fw_request *req,
			     const uint8_t **metadata,
			     const uint8_t **measurement, uint32_t *svn)
{
	struct wire_reader r = wire_reader(req->body, req->len);

	*metadata = wire_take(&r, 4);
	*measurement = wire_take(&r, SHA384_SIZE);
	wire_take(&r, SHA384_SIZE);
	*svn = wire_get_u32(&r);
	return !r.overrun && !r.left;
}

uint32_t cmd_stash_measurement(struct firmware *fw,
			       const struct fw_request *req,
			       struct fw_response *rsp)
{
	/* ActivateFirmwareReq::MCU_IMAGE_ID, which only Caliptra may stash */
	static const uint32_t mcu_image_id = 2;
	const uint8_t *measurement;
	const uint8_t *metadata;
	unsigned int contexts;
	uint32_t svn;

	if (!firmware_pl0(fw, req->user))
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	if (!read_measurement(req, &metadata, &measurement, &svn))
		return RUNTIME_INSUFFICIENT_MEMORY;
	if (wire_get_le32(metadata) == mcu_image_id)
		return RUNTIME_STASH_MEASUREMENT_RESERVED_FW_ID;
	contexts = dpe_pl0_contexts(&fw->dpe);
	if (contexts == DPE_PL0_CONTEXT_LIMIT)
		return RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED;
	if (contexts > DPE_PL0_CONTEXT_LIMIT)
		return RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_EXCEEDED;

	if (dpe_derive(&fw->dpe, req->user, req->user, wire_get_le32(metadata),
		       svn, measurement) ||
	    pcr_extend(&fw->pcrs, PCR_STASH_MEASUREMENT, measurement,
		       SHA384_SIZE))
		return RUNTIME_INTERNAL;
	wire_put_u32(&rsp->body, 0); /* dpe_result: NoError */
	return FW_OK;
}

uint32_t cmd_rom_stash_measurement(struct firmware *fw,
				   const struct fw_request *req,
				   struct fw_response *rsp)
{
	struct fw_measurement *entry = &fw->log[fw->log_len];
	const uint8_t *measurement;
	const uint8_t *metadata;
	uint32_t svn;

	if (fw->log_len == ROM_MAX_MEASUREMENTS)
		return FW_PROC_MAILBOX_STASH_MEASUREMENT_MAX_LIMIT;
	if (!read_measurement(req, &metadata, &measurement, &svn))
		return FW_PROC_MAILBOX_INVALID_REQUEST_LENGTH;
	if (pcr_extend(&fw->pcrs, PCR_STASH_MEASUREMENT, measurement,
		       SHA384_SIZE))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	memcpy(entry->metadata, metadata, sizeof(entry->metadata));
	memcpy(entry->measurement, measurement, SHA384_SIZE);
	fw->log_len++;
	wire_put_u32(&rsp->body, 0); /* dpe_result */
	return FW_OK;
}
