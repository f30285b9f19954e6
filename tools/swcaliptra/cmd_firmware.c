// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * FIRMWARE_LOAD and FIRMWARE_VERIFY, bundles in the mailbox;
 * RI_DOWNLOAD_FIRMWARE and RI_DOWNLOAD_ENCRYPTED_FIRMWARE, those in the recovery
 * interface; and INSTALL_OWNER_PK_HASH. Sources: caliptra-sw
 * rom/dev/src/flow/cold_reset/fw_processor/mod.rs and install_owner_pk_hash.rs,
 * runtime/src/update.rs and firmware_verify.rs.
 */
#include <string.h>

#include "caliptra-regs.h"
#include "command.h"

uint32_t cmd_rom_firmware_load(struct firmware *fw,
			       const struct fw_request *req,
			       const struct caliptra_firmware_load_req *in)
{
	(void)req;
	(void)in;
	return rom_load_bundle(fw);
}

/* ROM answers before it looks for an image. */
static uint32_t recover(struct firmware *fw, bool encrypted)
{
	if (!fw->soc)
		return FW_PROC_MAILBOX_INVALID_COMMAND;
	mbox_write(fw->mbox, MBOX_UC, MBOX_UC_USER, MBOX_STATUS,
		   MBOX_STATUS_CMD_COMPLETE);
	fw->mcu_encrypted = encrypted;
	return rom_recover(fw);
}

uint32_t cmd_rom_ri_download_firmware(struct firmware *fw,
				      const struct fw_request *req)
{
	(void)req;
	return recover(fw, false);
}

uint32_t cmd_rom_ri_download_encrypted_firmware(struct firmware *fw,
						const struct fw_request *req)
{
	(void)req;
	return recover(fw, true);
}

/* Runtime firmware resets itself, and ROM answers. */
uint32_t cmd_firmware_load(struct firmware *fw, const struct fw_request *req,
			   const struct caliptra_firmware_load_req *in)
{
	(void)req;
	(void)in;
	soc_ifc_update_reset(fw->ifc);
	firmware_restart(fw, true);
	rom_boot(fw);
	return soc_ifc_get(fw->ifc, CPTRA_FW_ERROR_NON_FATAL);
}

/* A bundle that is not good is no error of the command. */
uint32_t cmd_firmware_verify(struct firmware *fw, const struct fw_request *req,
			     const struct caliptra_firmware_verify_req *in,
			     struct caliptra_firmware_verify_resp *out)
{
	uint32_t error;

	(void)req;
	(void)in;
	if (!rom_verify_bundle(fw, &error))
		return error;
	out->verify_result = error ? CALIPTRA_FIRMWARE_VERIFY_RESULT_FAILURE :
				     CALIPTRA_FIRMWARE_VERIFY_RESULT_SUCCESS;
	return FW_OK;
}

/* Until the next cold reset, and only where the SoC itself names no owner. */
uint32_t cmd_rom_install_owner_pk_hash(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_install_owner_pk_hash_req *in,
	struct caliptra_install_owner_pk_hash_resp *out)
{
	(void)req;
	(void)out;
	memcpy(fw->installed_owner, in->digest, sizeof(fw->installed_owner));
	fw->owner_installed = true;
	return FW_OK;
}
