// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACTIVATE_FIRMWARE, which lets the SoC's images run, and GET_MCU_FW_SIZE. Sources:
 * caliptra-sw runtime/src/activate_firmware.rs and get_mcu_fw_size.rs.
 */
#include <string.h>

#include "caliptra-regs.h"
#include "command.h"

#define EXEC_WORDS 4

/* A count, 128 ids and a size. */
#define REQUEST_WITHOUT_FLAGS (4 + 128 * 4 + 4)

/* The others follow that of the MCU. */
#define MCU_EXEC_MASK (1u << FW_MCU_EXEC_BIT)

static void get_exec_bits(const struct firmware *fw, uint32_t bits[EXEC_WORDS])
{
	uint32_t i;

	for (i = 0; i < EXEC_WORDS; i++)
		bits[i] = soc_ifc_get(fw->ifc, SS_GENERIC_FW_EXEC_CTRL + 4 * i);
}

/* @bits as they were, without those of @changed or with them. */
static void set_exec_bits(struct firmware *fw, const uint32_t bits[EXEC_WORDS],
			  const uint32_t changed[EXEC_WORDS], bool on)
{
	uint32_t i;

	for (i = 0; i < EXEC_WORDS; i++)
		soc_ifc_set(fw->ifc, SS_GENERIC_FW_EXEC_CTRL + 4 * i,
			    on ? bits[i] | changed[i] : bits[i] & ~changed[i]);
}

/* From where the manifest says that it is put to where the MCU runs it. */
static bool copy_mcu_image(struct firmware *fw, uint32_t len)
{
	const struct fw_soc *soc = fw->soc;
	const struct manifest_entry *entry = manifest_find(
		fw->ifc->generation, &fw->manifest.entries, FW_MCU_IMAGE_ID);
	const uint8_t *from;
	uint8_t *to;

	if (!entry || len % 4 || entry->staging_addr % 4)
		return false;
	from = soc->memory(soc->context, entry->staging_addr, len);
	to = soc->memory(soc->context, soc->mcu_sram, len);
	if (!from || !to)
		return false;
	memmove(to, from, len);
	return true;
}

static bool authorize_mcu_image(struct firmware *fw, uint32_t len)
{
	struct fw_authorization a = {
		.fw_id = FW_MCU_IMAGE_ID,
		.source = CALIPTRA_IMAGE_HASH_SOURCE_LOAD_ADDRESS,
		.len = len,
	};
	uint32_t result;

	return !firmware_authorize(fw, &a, &result) &&
	       firmware_authorized(result) &&
	       !firmware_update_context(fw, FW_MCFW, a.measurement);
}

/* A first start of what has been in the MCU's SRAM since boot. */
static bool may_start_mcu(const struct firmware *fw, bool is_mcu)
{
	return is_mcu && fw->mcu_encrypted &&
	       !(soc_ifc_get(fw->ifc, SS_GENERIC_FW_EXEC_CTRL) & MCU_EXEC_MASK);
}

static bool update_mcu(struct firmware *fw, uint32_t len)
{
	if (!fw->soc->hold_mcu(fw->soc->context) || !copy_mcu_image(fw, len) ||
	    !authorize_mcu_image(fw, len))
		return false;
	fw->mcu_status = FW_MCU_LOADED;
	return true;
}

/*
 * What fails after the bits are cleared leaves them so, as in the firmware: a new
 * image that is not good does not run, and the old one is gone.
 */
static bool activate(struct firmware *fw, const uint32_t which[EXEC_WORDS],
		     uint32_t mcu_len, uint32_t flags)
{
	bool first = flags & CALIPTRA_ACTIVATE_FIRMWARE_FLAGS_INITIAL_ACTIVATE;
	bool is_mcu = which[0] & MCU_EXEC_MASK;
	uint32_t before[EXEC_WORDS];

	if (first && !may_start_mcu(fw, is_mcu))
		return false;
	if (is_mcu && !fw->soc)
		return false;
	get_exec_bits(fw, before);
	if (is_mcu) {
		fw->soc->set_reset_reason(
			fw->soc->context,
			first ? MCI_RESET_REASON_FW_BOOT_UPD_RESET :
				MCI_RESET_REASON_FW_HITLESS_UPD_RESET);
		fw->mcu_status = first ? FW_MCU_LOADED : FW_MCU_UPDATE_STARTED;
	}
	set_exec_bits(fw, before, which, false);
	if (is_mcu && !first && !update_mcu(fw, mcu_len))
		return false;
	set_exec_bits(fw, before, which, true);
	return true;
}

/* The execution bit of an image, which has to be in the manifest of both; 0 if not. */
static uint32_t exec_bit(const struct firmware *fw, uint32_t fw_id,
			 uint32_t mcu_len)
{
	const struct manifest_entry *entry;
	uint32_t bit;

	if (!fw_id || (fw_id == FW_MCU_IMAGE_ID && !mcu_len))
		return 0;
	entry = manifest_find(fw->ifc->generation, &fw->manifest.entries,
			      fw_id);
	bit = entry ? entry->flags >> ENTRY_EXEC_BIT_SHIFT &
			      ENTRY_EXEC_BIT_MASK :
		      0;
	return bit < FW_MCU_EXEC_BIT ? 0 : bit;
}

uint32_t cmd_activate_firmware(struct firmware *fw,
			       const struct fw_request *req,
			       const struct caliptra_activate_firmware_req *in,
			       struct caliptra_mailbox_resp_header *out)
{
	const uint32_t known =
		CALIPTRA_ACTIVATE_FIRMWARE_FLAGS_INITIAL_ACTIVATE;
	uint32_t which[EXEC_WORDS] = { 0 };
	uint32_t bit;
	uint32_t i;

	(void)out;
	/* only the flags may be left out */
	if (req->len < REQUEST_WITHOUT_FLAGS || !in->fw_id_count ||
	    in->flags & ~known)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	for (i = 0; i < in->fw_id_count; i++) {
		bit = exec_bit(fw, in->fw_ids[i], in->mcu_fw_image_size);
		if (!bit)
			return RUNTIME_MAILBOX_INVALID_PARAMS;
		which[bit / 32] |= 1u << bit % 32;
	}
	return activate(fw, which, in->mcu_fw_image_size, in->flags) ?
		       FW_OK :
		       IMAGE_VERIFIER_ACTIVATION_FAILED;
}

uint32_t cmd_get_mcu_fw_size(struct firmware *fw, const struct fw_request *req,
			     struct caliptra_get_mcu_fw_size_resp *out)
{
	(void)req;
	out->size = fw->mcu_image.len;
	memcpy(out->sha384, fw->mcu_image.digest, SHA384_SIZE);
	return FW_OK;
}
