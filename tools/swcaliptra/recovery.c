// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a subsystem's boot takes from the recovery interface after the bundle: the
 * manifest and the MCU's firmware. Source: caliptra-sw runtime/src/recovery_flow.rs.
 *
 * Where there is no bundle the program is the MCU's firmware as well, and its manifest
 * is one that nobody has signed.
 */
#include <string.h>

#include <caliptra/commands.h>

#include "caliptra-regs.h"
#include "firmware.h"

/* At the end of firmware that is encrypted. */
#define GCM_TAG_SIZE 16

/* Its bit is this one whatever the manifest says. */
void firmware_release_mcu(struct firmware *fw)
{
	fw->mcu_status = FW_MCU_LOADED;
	fw->soc->set_reset_reason(fw->soc->context,
				  MCI_RESET_REASON_FW_BOOT_UPD_RESET);
	soc_ifc_set(fw->ifc, SS_GENERIC_FW_EXEC_CTRL,
		    soc_ifc_get(fw->ifc, SS_GENERIC_FW_EXEC_CTRL) |
			    1u << FW_MCU_EXEC_BIT);
}

static uint32_t stash_mcu(struct firmware *fw,
			  const uint8_t measurement[SHA384_SIZE])
{
	enum dpe_error refused;
	uint32_t error = firmware_stash(fw, fw->image.pl0_pauser,
					FW_MCU_IMAGE_ID, fw->manifest.svn,
					measurement, &refused);

	if (error || !refused)
		return error;
	soc_ifc_set(fw->ifc, CPTRA_FW_EXTENDED_ERROR_INFO,
		    dpe_error_code(fw->ifc->generation, refused));
	return RUNTIME_AUTH_AND_STASH_MEASUREMENT_DPE_ERROR;
}

static uint32_t recover_program(struct firmware *fw)
{
	const struct manifest_layout *l =
		manifest_layout(fw->ifc->generation, false);
	struct manifest_entries entries = {
		.count = 1,
		.entry[0] = {
			.fw_id = FW_MCU_IMAGE_ID,
			.component_id = FW_MCU_IMAGE_ID,
			.flags = FW_MCU_EXEC_BIT << ENTRY_EXEC_BIT_SHIFT,
			.load_addr = fw->soc->mcu_sram,
		},
	};
	uint8_t bytes[MANIFEST_MAX_SIZE] = { 0 };
	uint32_t error;

	memcpy(entries.entry[0].digest, fw->image.runtime_sha384, SHA384_SIZE);
	wire_put_le32(bytes, l->marker);
	wire_put_le32(bytes + MANIFEST_SIZE_AT, l->size);
	wire_put_le32(bytes + l->size, entries.count);
	manifest_entry_put(l, bytes + l->size + 4, &entries.entry[0]);
	error = firmware_install_manifest(fw, bytes, manifest_size(l), &entries,
					  true);
	return error ? error : stash_mcu(fw, fw->image.runtime_sha384);
}

/*
 * 2.1 has a buffer for the longest manifest, with zeros behind a shorter one. 2.0 has
 * it in the mailbox, and takes all of that for it.
 */
static uint32_t recover_manifest(struct firmware *fw)
{
	const struct fw_image_bytes *from =
		&fw->soc->recovery[FW_RECOVERY_MANIFEST];
	uint8_t bytes[MANIFEST_MAX_SIZE] = { 0 };
	uint32_t len = from->len < sizeof(bytes) ? from->len : sizeof(bytes);

	if (generation_in(fw->ifc->generation, GENERATION_2_1)) {
		memcpy(bytes, from->bytes, len);
		return firmware_set_manifest(fw, bytes, sizeof(bytes), true);
	}
	if (from->len > mbox_size(fw->mbox))
		return RUNTIME_INTERNAL;
	mbox_put(fw->mbox, from->bytes, from->len);
	return firmware_set_manifest(fw, (uint8_t *)mbox_bytes(fw->mbox),
				     mbox_size(fw->mbox), true);
}

/* Images in the recovery interface are whole words. */
static uint32_t load_mcu(struct firmware *fw, uint8_t digest[SHA384_SIZE],
			 uint32_t *len)
{
	const struct fw_image_bytes *from = &fw->soc->recovery[FW_RECOVERY_MCU];
	uint8_t *sram;

	*len = (from->len + 3) & ~3u;
	sram = fw->soc->memory(fw->soc->context, fw->soc->mcu_sram, *len);
	if (!sram)
		return RUNTIME_INTERNAL;
	memset(sram, 0, *len);
	memcpy(sram, from->bytes, from->len);
	return crypto_sha384(sram, *len, digest) ? RUNTIME_INTERNAL : FW_OK;
}

/* The MCU's ROM decrypts what it has, and then wants to know whether it is still that. */
static uint32_t note_encrypted(struct firmware *fw, uint32_t len)
{
	const uint8_t *sram =
		fw->soc->memory(fw->soc->context, fw->soc->mcu_sram, len);

	if (len < GCM_TAG_SIZE)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	fw->mcu_image.len = len - GCM_TAG_SIZE;
	return crypto_sha384(sram, fw->mcu_image.len, fw->mcu_image.digest) ?
		       RUNTIME_INTERNAL :
		       FW_OK;
}

static uint32_t recover_mcu(struct firmware *fw)
{
	struct fw_authorization a = {
		.fw_id = FW_MCU_IMAGE_ID,
		.source = CALIPTRA_IMAGE_HASH_SOURCE_IN_REQUEST,
	};
	uint32_t result;
	uint32_t error;
	uint32_t len;

	error = load_mcu(fw, a.measurement, &len);
	if (!error)
		error = firmware_authorize(fw, &a, &result);
	if (!error && !firmware_authorized(result))
		error = IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH;
	if (!error)
		error = stash_mcu(fw, a.measurement);
	return !error && fw->mcu_encrypted ? note_encrypted(fw, len) : error;
}

uint32_t firmware_recover(struct firmware *fw)
{
	uint32_t error;

	if (fw->soc->recovery[FW_RECOVERY_BUNDLE].bytes) {
		error = recover_manifest(fw);
		if (!error)
			error = recover_mcu(fw);
	} else {
		error = recover_program(fw);
	}
	if (!error && !fw->mcu_encrypted)
		firmware_release_mcu(fw);
	return error;
}
