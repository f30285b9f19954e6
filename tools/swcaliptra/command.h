/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands: what a handler gets and gives, and which there are.
 */
#ifndef SWCALIPTRA_COMMAND_H
#define SWCALIPTRA_COMMAND_H

#include "firmware.h"

/**
 * struct fw_request - a command as it stands in the mailbox
 * @user: AXI user that sent it
 * @cmd: command code
 * @body: what follows the checksum
 * @len: its length in bytes
 */
struct fw_request {
	uint32_t user;
	uint32_t cmd;
	const uint8_t *body;
	uint32_t len;
};

/**
 * struct fw_response - the answer being made
 * @fips_status: of the header
 * @body: what follows the header
 */
struct fw_response {
	uint32_t fips_status;
	struct wire_writer body;
};

/* A ROM command failed without an error code of its own. */
#define FW_FAILED_WITHOUT_CODE 0xffffffffu

/**
 * typedef command_handler - answer one command
 * @fw: the firmware
 * @req: the command, its checksum verified
 * @rsp: the answer, empty; what is written to it is sent unless an error is
 *	returned
 *
 * Return: FW_OK, or the firmware's error code, with no state changed.
 */
typedef uint32_t command_handler(struct firmware *fw,
				 const struct fw_request *req,
				 struct fw_response *rsp);

/**
 * struct command - one command
 * @code: its code
 * @name: as the firmware names it
 * @runtime: handler in runtime firmware, NULL where it is not answered
 * @rom: handler in ROM, NULL where it is not answered
 * @rom_body: ROM's handler takes a body and looks at its length itself; for
 *	others there must be none
 * @rom_survives: an error in ROM is not fatal
 */
struct command {
	uint32_t code;
	const char *name;
	command_handler *runtime;
	command_handler *rom;
	bool rom_body;
	bool rom_survives;
};

/** command_find() - the command with @code, or NULL */
const struct command *command_find(uint32_t code);

/** command_at() - the command number @index, or NULL after the last */
const struct command *command_at(unsigned int index);

command_handler cmd_version;
command_handler cmd_fw_info;
command_handler cmd_capabilities;
command_handler cmd_rom_capabilities;
command_handler cmd_self_test_start;
command_handler cmd_self_test_get_results;
command_handler cmd_rom_self_test_start;
command_handler cmd_rom_self_test_get_results;
command_handler cmd_get_idev_ecc384_cert;
command_handler cmd_get_idev_ecc384_info;
command_handler cmd_get_idev_ecc384_csr;
command_handler cmd_rom_get_idev_ecc384_csr;
command_handler cmd_get_ldev_ecc384_cert;
command_handler cmd_get_fmc_alias_ecc384_cert;
command_handler cmd_get_rt_alias_ecc384_cert;
command_handler cmd_stash_measurement;
command_handler cmd_rom_stash_measurement;
command_handler cmd_extend_pcr;
command_handler cmd_increment_pcr_reset_counter;
command_handler cmd_quote_pcrs_ecc384;
command_handler cmd_ecdsa384_signature_verify;
command_handler cmd_rom_ecdsa384_signature_verify;

#endif
