// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SHUTDOWN: the response is all that is left to do, then firmware stops for good
 * (firmware_execute()). Sources: caliptra-sw runtime/src/fips.rs and
 * rom/dev/src/flow/cold_reset/fw_processor/shutdown.rs.
 */
#include "command.h"

uint32_t cmd_shutdown(struct firmware *fw, const struct fw_request *req,
		      struct caliptra_mailbox_resp_header *out)
{
	(void)fw;
	(void)req;
	(void)out;
	return FW_OK;
}

uint32_t cmd_rom_shutdown(struct firmware *fw, const struct fw_request *req,
			  struct caliptra_mailbox_resp_header *out)
{
	return cmd_shutdown(fw, req, out);
}
