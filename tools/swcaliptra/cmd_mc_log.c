// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MC_GET_LOG and MC_CLEAR_LOG. Source: caliptra-mcu-sw
 * runtime/userspace/api/mcu-mbox-lib/src/cmd_interface.rs. Entries are text here,
 * where the reference firmware has frames that its ELF file makes text of.
 */
#include "command.h"
#include "mcu.h"

/* MAX_RESP_DATA_SIZE, and the word that begins the data. */
#define MAX_DATA       4096
#define MORE_DATA_SIZE 4

uint32_t cmd_mc_get_log(struct mcu *mcu, const struct fw_request *req,
			const struct caliptra_mc_get_log_req *in,
			struct caliptra_mc_get_log_resp *out)
{
	bool more;
	size_t len;

	(void)in;
	len = mcu_log_read(&mcu->log, req->scratch + MORE_DATA_SIZE,
			   MAX_DATA - MORE_DATA_SIZE, &more);
	wire_put_le32(req->scratch, more);
	out->data = req->scratch;
	out->data_len = MORE_DATA_SIZE + (uint32_t)len;
	return FW_OK;
}

uint32_t cmd_mc_clear_log(struct mcu *mcu, const struct fw_request *req,
			  const struct caliptra_mc_clear_log_req *in,
			  struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)in;
	(void)out;
	mcu_log_clear(&mcu->log);
	return FW_OK;
}
