// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the mailbox to a handler and back: checksums, phases, status and error
 * registers. Sources: caliptra-sw runtime/src/lib.rs and packet.rs,
 * rom/dev/src/flow/cold_reset/fw_processor.
 */
#include "command.h"

#include <openssl/crypto.h>

#include <caliptra/caliptra.h>
#include <caliptra/commands.h>

#include "caliptra-regs.h"

#define RESPONSE_HEADER_SIZE 8

/* The longest answer of any command here, certificates included. */
#define MAX_RESPONSE_SIZE (RESPONSE_HEADER_SIZE + 4 + 9216)

static const struct command commands[] = {
	{ CALIPTRA_CMD_VERSION, "VERSION", cmd_version, cmd_version },
	{ CALIPTRA_CMD_CAPABILITIES, "CAPABILITIES", cmd_capabilities,
	  cmd_rom_capabilities },
	{ CALIPTRA_CMD_FW_INFO, "FW_INFO", cmd_fw_info },
	{ CALIPTRA_CMD_SELF_TEST_START, "SELF_TEST_START", cmd_self_test_start,
	  cmd_rom_self_test_start },
	{ CALIPTRA_CMD_SELF_TEST_GET_RESULTS, "SELF_TEST_GET_RESULTS",
	  cmd_self_test_get_results, cmd_rom_self_test_get_results },
	{ CALIPTRA_CMD_GET_IDEV_ECC384_CERT, "GET_IDEV_ECC384_CERT",
	  cmd_get_idev_ecc384_cert },
	{ CALIPTRA_CMD_GET_IDEV_ECC384_INFO, "GET_IDEV_ECC384_INFO",
	  cmd_get_idev_ecc384_info },
	{ CALIPTRA_CMD_GET_IDEV_ECC384_CSR, "GET_IDEV_ECC384_CSR",
	  cmd_get_idev_ecc384_csr, cmd_rom_get_idev_ecc384_csr },
	{ CALIPTRA_CMD_GET_LDEV_ECC384_CERT, "GET_LDEV_ECC384_CERT",
	  cmd_get_ldev_ecc384_cert, cmd_get_ldev_ecc384_cert },
	{ CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CERT, "GET_FMC_ALIAS_ECC384_CERT",
	  cmd_get_fmc_alias_ecc384_cert },
	{ CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT, "GET_RT_ALIAS_ECC384_CERT",
	  cmd_get_rt_alias_ecc384_cert },
	{ CALIPTRA_CMD_STASH_MEASUREMENT, "STASH_MEASUREMENT",
	  cmd_stash_measurement, cmd_rom_stash_measurement, .rom_body = true },
	{ CALIPTRA_CMD_EXTEND_PCR, "EXTEND_PCR", cmd_extend_pcr },
	{ CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER,
	  "INCREMENT_PCR_RESET_COUNTER", cmd_increment_pcr_reset_counter },
	{ CALIPTRA_CMD_QUOTE_PCRS_ECC384, "QUOTE_PCRS_ECC384",
	  cmd_quote_pcrs_ecc384 },
	{ CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, "ECDSA384_SIGNATURE_VERIFY",
	  cmd_ecdsa384_signature_verify, cmd_rom_ecdsa384_signature_verify,
	  .rom_body = true, .rom_survives = true },
};

const struct command *command_find(uint32_t code)
{
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].code == code)
			return &commands[i];
	return NULL;
}

const struct command *command_at(unsigned int index)
{
	return index < sizeof(commands) / sizeof(commands[0]) ?
		       &commands[index] :
		       NULL;
}

/*
 * The message lies in the SRAM and stays there until the answer is written, so
 * handlers read it in place.
 */
static uint32_t read_request(const struct firmware *fw, struct fw_request *req,
			     uint32_t bad_length, uint32_t bad_checksum)
{
	const uint8_t *bytes = mbox_bytes(fw->mbox);
	uint32_t dlen = fw->mbox->dlen;

	if (dlen > mbox_size(fw->mbox) || dlen < 4)
		return bad_length;
	req->user = fw->mbox->user;
	req->cmd = fw->mbox->cmd;
	req->body = bytes + 4;
	req->len = dlen - 4;
	if (wire_get_le32(bytes) !=
	    caliptra_checksum(req->cmd, req->body, req->len))
		return bad_checksum;
	return FW_OK;
}

static uint32_t run_runtime(struct firmware *fw, struct fw_request *req,
			    struct fw_response *rsp)
{
	const struct command *command;
	uint32_t error;

	if (fw->mbox->user == MBOX_UC_USER)
		return RUNTIME_CMD_RESERVED_PAUSER;
	error = read_request(fw, req, RUNTIME_MAILBOX_INVALID_PARAMS,
			     RUNTIME_INVALID_CHECKSUM);
	if (error)
		return error;
	command = command_find(req->cmd);
	if (!command || !command->runtime)
		return RUNTIME_UNIMPLEMENTED_COMMAND;
	return command->runtime(fw, req, rsp);
}

/* In ROM an error is fatal unless the command says otherwise. */
static uint32_t run_rom(struct firmware *fw, struct fw_request *req,
			struct fw_response *rsp, bool *fatal)
{
	const struct command *command = command_find(fw->mbox->cmd);
	uint32_t error;

	*fatal = true;
	if (fw->mbox->user == MBOX_UC_USER)
		return FW_PROC_MAILBOX_RESERVED_PAUSER;
	error = read_request(fw, req, FW_PROC_MAILBOX_INVALID_REQUEST_LENGTH,
			     FW_PROC_MAILBOX_INVALID_CHECKSUM);
	if (error)
		return error;
	if (!command || !command->rom)
		return FW_PROC_MAILBOX_INVALID_COMMAND;
	if (req->len && !command->rom_body)
		return FW_PROC_MAILBOX_INVALID_REQUEST_LENGTH;
	error = command->rom(fw, req, rsp);
	*fatal = !command->rom_survives && error != FW_FAILED_WITHOUT_CODE;
	return error;
}

static void set_status(struct firmware *fw, uint32_t status)
{
	mbox_write(fw->mbox, MBOX_UC, MBOX_UC_USER, MBOX_STATUS, status);
}

static void send_response(struct firmware *fw, uint8_t *bytes, uint32_t len)
{
	wire_put_le32(bytes, caliptra_checksum(0, bytes + 4, len - 4));
	mbox_write(fw->mbox, MBOX_UC, MBOX_UC_USER, MBOX_DLEN, len);
	mbox_load(fw->mbox, bytes, len);
	set_status(fw, MBOX_STATUS_DATA_READY);
}

static void clear_non_fatal(struct firmware *fw)
{
	uint32_t error = soc_ifc_get(fw->ifc, CPTRA_FW_ERROR_NON_FATAL);

	if (!error)
		return;
	fw->last_error = error;
	soc_ifc_report_non_fatal(fw->ifc, 0);
}

static void set_flow_done(struct firmware *fw, bool done)
{
	uint32_t status = soc_ifc_get(fw->ifc, CPTRA_FLOW_STATUS) &
			  ~CPTRA_FLOW_STATUS_MAILBOX_FLOW_DONE;

	if (done)
		status |= CPTRA_FLOW_STATUS_MAILBOX_FLOW_DONE;
	soc_ifc_set(fw->ifc, CPTRA_FLOW_STATUS, status);
}

uint32_t firmware_execute(struct firmware *fw)
{
	uint8_t bytes[MAX_RESPONSE_SIZE];
	struct fw_response rsp = {
		.fips_status = FIPS_STATUS_APPROVED,
		.body = wire_writer(bytes + RESPONSE_HEADER_SIZE,
				    sizeof(bytes) - RESPONSE_HEADER_SIZE),
	};
	struct fw_request req;
	bool fatal = false;
	uint32_t error;

	if (fw->phase == FW_HALTED) {
		set_status(fw, MBOX_STATUS_CMD_FAILURE);
		return soc_ifc_get(fw->ifc, CPTRA_FW_ERROR_NON_FATAL);
	}

	clear_non_fatal(fw);
	if (fw->phase == FW_RUNTIME) {
		set_flow_done(fw, false);
		error = run_runtime(fw, &req, &rsp);
		set_flow_done(fw, true);
		if (!error && rsp.body.overrun)
			error = RUNTIME_INSUFFICIENT_MEMORY;
	} else {
		error = run_rom(fw, &req, &rsp, &fatal);
	}

	if (error && fatal) {
		firmware_fatal(fw, error);
	} else if (error == FW_FAILED_WITHOUT_CODE) {
		set_status(fw, MBOX_STATUS_CMD_FAILURE);
		error = FW_OK;
	} else if (error) {
		soc_ifc_report_non_fatal(fw->ifc, error);
		set_status(fw, MBOX_STATUS_CMD_FAILURE);
	} else {
		wire_put_le32(bytes + 4, rsp.fips_status);
		send_response(fw, bytes,
			      RESPONSE_HEADER_SIZE + (uint32_t)rsp.body.len);
	}
	return error;
}

void firmware_fatal(struct firmware *fw, uint32_t code)
{
	dice_layer_release(&fw->ldevid);
	dice_layer_release(&fw->fmc_alias);
	dice_layer_release(&fw->rt_alias);
	fw->phase = FW_HALTED;
	soc_ifc_report_fatal(fw->ifc, code);
	soc_ifc_report_non_fatal(fw->ifc, code);
	if (mbox_command_avail(fw->mbox))
		set_status(fw, MBOX_STATUS_CMD_FAILURE);
}

void firmware_idle(struct firmware *fw)
{
	enum mbox_violation unused;
	uint32_t error;

	if (fw->phase != FW_RUNTIME || fw->self_test != SELF_TEST_IN_PROGRESS)
		return;
	if (mbox_read(fw->mbox, MBOX_UC, MBOX_UC_USER, MBOX_LOCK, &unused))
		return;
	error = kat_run(fw);
	mbox_write(fw->mbox, MBOX_UC, MBOX_UC_USER, MBOX_UNLOCK,
		   MBOX_UNLOCK_UNLOCK);
	if (error)
		firmware_fatal(fw, error);
	else
		fw->self_test = SELF_TEST_DONE;
}
