// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MC_FIRMWARE_VERSION, MC_DEVICE_CAPABILITIES, and of firmware from 2025
 * MC_DEVICE_ID and MC_DEVICE_INFO. Sources: caliptra-mcu-sw
 * docs/src/caliptra_common_commands.md, common/config/src/capabilities.rs, and
 * external_mailbox_cmds.md as it was in 2025.
 */
#include <stdio.h>
#include <string.h>

#include "caliptra-regs.h"
#include "command.h"
#include "mcu.h"
#include "vfio_user.h"

/* Where capabilities are. */
#define CAPS_CORE	       0 /* 16 bytes, as the core's CAPABILITIES has them */
#define CAPS_MCU_RUNTIME       20
#define CAPS_EXTERNAL_COMMANDS 24

uint32_t
cmd_mc_firmware_version(struct mcu *mcu, const struct fw_request *req,
			const struct caliptra_mc_firmware_version_req *in,
			struct caliptra_mc_firmware_version_resp *out)
{
	char *text = (char *)req->scratch;
	uint32_t version;

	switch (in->index) {
	case CALIPTRA_MC_FIRMWARE_INDEX_CALIPTRA_CORE:
		version = soc_ifc_get(mcu->core->ifc, CPTRA_FW_REV_ID + 4);
		break;
	case CALIPTRA_MC_FIRMWARE_INDEX_MCU_RUNTIME:
		version = mci_get(mcu->mci, MCI_FW_REV_ID);
		break;
	default:
		/* nobody counts the SoC's firmware as one */
		return MCU_INVALID_PARAMS;
	}
	out->data_len = (uint32_t)snprintf(text, FW_MAX_RESPONSE_DATA,
					   "%u.%u.%u", version >> 24,
					   version >> 16 & 0xff,
					   version & 0xffff);
	out->version = req->scratch;
	return FW_OK;
}

uint32_t
cmd_mc_device_capabilities(struct mcu *mcu, const struct fw_request *req,
			   struct caliptra_mc_device_capabilities_resp *out)
{
	struct caliptra_capabilities_resp core = { 0 };

	if (cmd_capabilities(mcu->core, req, &core))
		return MCU_MBOX_COMMON;
	memcpy(out->caps + CAPS_CORE, core.capabilities,
	       sizeof(core.capabilities));
	wire_put_be32(
		out->caps + CAPS_MCU_RUNTIME,
		CALIPTRA_MC_RUNTIME_CAPABILITY_USERSPACE_DEBUG_LOG |
			CALIPTRA_MC_RUNTIME_CAPABILITY_MCI_MAILBOX_SERVICE);
	wire_put_be32(out->caps + CAPS_EXTERNAL_COMMANDS,
		      CALIPTRA_MC_EXTERNAL_COMMAND_FIRMWARE_VERSION |
			      CALIPTRA_MC_EXTERNAL_COMMAND_DEVICE_CAPABILITIES |
			      CALIPTRA_MC_EXTERNAL_COMMAND_GET_DEBUG_LOG |
			      CALIPTRA_MC_EXTERNAL_COMMAND_CLEAR_DEBUG_LOG);
	return FW_OK;
}

/* The ids that the PCI functions have. */
uint32_t cmd_mc_device_id(struct mcu *mcu, const struct fw_request *req,
			  struct caliptra_mc_device_id_resp *out)
{
	(void)mcu;
	(void)req;
	out->vendor_id = VFIO_USER_PCI_VENDOR_ID;
	out->device_id = VFIO_USER_PCI_DEVICE_ID;
	out->subsystem_vendor_id = VFIO_USER_PCI_VENDOR_ID;
	out->subsystem_id = VFIO_USER_PCI_DEVICE_ID;
	return FW_OK;
}

/* The chip's number is the one in its fuses, that its certificates have as UEID. */
uint32_t cmd_mc_device_info(struct mcu *mcu, const struct fw_request *req,
			    const struct caliptra_mc_device_info_req *in,
			    struct caliptra_mc_device_info_resp *out)
{
	(void)req;
	if (in->index != CALIPTRA_MC_DEVICE_INFO_INDEX_UNIQUE_CHIP_ID)
		return MCU_INVALID_PARAMS;
	out->data = mcu->core->ueid + 1;
	out->data_size = CERT_UEID_SIZE - 1;
	return FW_OK;
}
