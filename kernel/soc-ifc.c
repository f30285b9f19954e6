// SPDX-License-Identifier: GPL-2.0-only
/*
 * soc_ifc_reg: what Caliptra tells about itself.
 */
#include "caliptra-regs.h"
#include "io.h"

static u32 soc_ifc_read(struct caliptra_dev *cd, unsigned int offset)
{
	return caliptra_read(cd, cd->state_regs + offset);
}

/**
 * caliptra_soc_ifc_ready() - does firmware answer commands?
 * @cd: the device
 *
 * Return: true if ROM or runtime firmware does.
 */
bool caliptra_soc_ifc_ready(struct caliptra_dev *cd)
{
	return soc_ifc_read(cd, CPTRA_FLOW_STATUS) &
	       (CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING |
		CPTRA_FLOW_STATUS_READY_FOR_RUNTIME);
}

/**
 * caliptra_soc_ifc_fw_error() - why the firmware failed a command
 * @cd: the device
 *
 * Return: CPTRA_FW_ERROR_NON_FATAL.
 */
u32 caliptra_soc_ifc_fw_error(struct caliptra_dev *cd)
{
	return soc_ifc_read(cd, CPTRA_FW_ERROR_NON_FATAL);
}

static u32 state_of(const struct caliptra_info *info)
{
	if (info->flow_status & CPTRA_FLOW_STATUS_READY_FOR_RUNTIME)
		return CALIPTRA_STATE_READY_FOR_RUNTIME;
	if (info->flow_status & CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING)
		return CALIPTRA_STATE_READY_FOR_MB_PROCESSING;
	if (info->flow_status & CPTRA_FLOW_STATUS_READY_FOR_FUSES)
		return CALIPTRA_STATE_READY_FOR_FUSES;
	return CALIPTRA_STATE_RESET;
}

/**
 * caliptra_soc_ifc_get_info() - fill in what registers tell
 * @cd: the device
 * @info: where it goes; zero
 */
void caliptra_soc_ifc_get_info(struct caliptra_dev *cd,
			       struct caliptra_info *info)
{
	info->hw_rev_id = soc_ifc_read(cd, CPTRA_HW_REV_ID);
	info->hw_config = soc_ifc_read(cd, CPTRA_HW_CONFIG);
	info->flow_status = soc_ifc_read(cd, CPTRA_FLOW_STATUS);
	info->boot_status = soc_ifc_read(cd, CPTRA_BOOT_STATUS);
	info->security_state = soc_ifc_read(cd, CPTRA_SECURITY_STATE);
	info->hw_error_fatal = soc_ifc_read(cd, CPTRA_HW_ERROR_FATAL);
	info->hw_error_non_fatal = soc_ifc_read(cd, CPTRA_HW_ERROR_NON_FATAL);
	info->fw_error_fatal = soc_ifc_read(cd, CPTRA_FW_ERROR_FATAL);
	info->fw_error_non_fatal = soc_ifc_read(cd, CPTRA_FW_ERROR_NON_FATAL);
	info->reset_reason = soc_ifc_read(cd, CPTRA_RESET_REASON);
	info->state = state_of(info);
}
