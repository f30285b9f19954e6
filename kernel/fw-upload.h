/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What fw-upload.c decides without a device: which images are tried, and what the class
 * "firmware" calls an error.
 */
#ifndef CALIPTRA_FW_UPLOAD_H
#define CALIPTRA_FW_UPLOAD_H

#include <linux/errno.h>
#include <linux/firmware.h>

#include <uapi/linux/caliptra.h>

#include "caliptra-regs.h"

/* "firmware-invalid", of kernels that have it; it is behind what older ones have. */
#define CALIPTRA_UPLOAD_INVALID                                    \
	(FW_UPLOAD_ERR_WEAROUT + 1 < FW_UPLOAD_ERR_MAX ?           \
		 (enum fw_upload_err)(FW_UPLOAD_ERR_WEAROUT + 1) : \
		 FW_UPLOAD_ERR_HW_ERROR)

/* The firmware of a subsystem gets its images from the MCU, since 2.1 from nobody else. */
static inline bool caliptra_upload_supported(const struct caliptra_info *info)
{
	unsigned int rev = CPTRA_HW_REV_ID_MAJOR(info->hw_rev_id) << 4 |
			   CPTRA_HW_REV_ID_MINOR(info->hw_rev_id);

	return info->kind == CALIPTRA_MBOX_SOC &&
	       (rev < 0x21 ||
		!(info->hw_config & CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN));
}

/* The request is the image: all of it has to be in the mailbox. */
static inline int caliptra_upload_check_size(const struct caliptra_info *info,
					     u32 size)
{
	return size && size <= info->mbox_size ? 0 : -EMSGSIZE;
}

/*
 * Does the image run that was loaded? Registers tell of a warm reset, which keeps it, as
 * of the update itself; a cold reset has taken it and left no reason.
 */
static inline int caliptra_upload_check_state(const struct caliptra_info *info)
{
	if (info->state == CALIPTRA_STATE_FATAL_ERROR)
		return -EIO;
	if (info->state != CALIPTRA_STATE_READY_FOR_RUNTIME)
		return -EHOSTDOWN;
	return info->reset_reason ? 0 : -ECONNRESET;
}

/* @error: 0 or negative, of <linux/caliptra.h> */
static inline enum fw_upload_err caliptra_upload_error(int error)
{
	switch (error) {
	case 0:
		return FW_UPLOAD_ERR_NONE;
	case -ECANCELED:
		return FW_UPLOAD_ERR_CANCELED;
	case -EMSGSIZE:
		return FW_UPLOAD_ERR_INVALID_SIZE;
	case -EKEYREJECTED:
	case -EREMOTEIO:
		return CALIPTRA_UPLOAD_INVALID;
	case -ETIMEDOUT:
		return FW_UPLOAD_ERR_TIMEOUT;
	case -EBUSY:
		return FW_UPLOAD_ERR_BUSY;
	case -EBADMSG:
	case -EPROTO:
		return FW_UPLOAD_ERR_RW_ERROR;
	default:
		return FW_UPLOAD_ERR_HW_ERROR;
	}
}

#endif /* CALIPTRA_FW_UPLOAD_H */
