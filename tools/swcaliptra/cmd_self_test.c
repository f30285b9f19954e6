// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SELF_TEST_START and SELF_TEST_GET_RESULTS. Sources: caliptra-sw
 * runtime/src/lib.rs, rom/dev/src/flow/cold_reset/fw_processor/self_test.rs.
 */
#include "command.h"

/* The test itself runs once the mailbox is free: firmware_idle(). */
uint32_t cmd_self_test_start(struct firmware *fw, const struct fw_request *req,
			     struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	if (fw->self_test != SELF_TEST_IDLE)
		return RUNTIME_SELF_TEST_IN_PROGRESS;
	fw->self_test = SELF_TEST_IN_PROGRESS;
	return FW_OK;
}

uint32_t cmd_self_test_get_results(struct firmware *fw,
				   const struct fw_request *req,
				   struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	if (fw->self_test != SELF_TEST_DONE)
		return RUNTIME_SELF_TEST_NOT_STARTED;
	fw->self_test = SELF_TEST_IDLE;
	return FW_OK;
}

uint32_t cmd_rom_self_test_start(struct firmware *fw,
				 const struct fw_request *req,
				 struct caliptra_mailbox_resp_header *out)
{
	uint32_t error;

	(void)req;
	(void)out;
	if (fw->self_test != SELF_TEST_IDLE) {
		fw->self_test = SELF_TEST_IDLE;
		return FW_FAILED_WITHOUT_CODE;
	}
	error = kat_run(fw);
	if (!error)
		fw->self_test = SELF_TEST_DONE;
	return error;
}

uint32_t cmd_rom_self_test_get_results(struct firmware *fw,
				       const struct fw_request *req,
				       struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	if (fw->self_test != SELF_TEST_DONE)
		return FW_FAILED_WITHOUT_CODE;
	fw->self_test = SELF_TEST_IDLE;
	return FW_OK;
}
