/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands: what a handler gets and gives, and which there are.
 *
 * The handler of EXTEND_PCR is cmd_extend_pcr(), where ROM answers a command too
 * cmd_rom_extend_pcr(). handlers.h, which is made by tools/gen, has the
 * prototypes of all that there may be; one that nobody has written is not in the
 * program, and its command is answered as unimplemented.
 *
 * A handler gets the firmware, where the command comes from, the request if it
 * has fields, and the response to fill in: zeros, and fips_status approved. The
 * privilege level that the command needs is looked at before. Where the response
 * points to data, they stay as they are until it is sent. It returns FW_OK, or the
 * firmware's error code with no state changed.
 */
#ifndef SWCALIPTRA_COMMAND_H
#define SWCALIPTRA_COMMAND_H

#include "firmware.h"
#include "handlers.h"

/**
 * struct fw_request - where a command comes from
 * @user: AXI user that sent it
 * @len: bytes that follow the checksum
 * @scratch: FW_MAX_RESPONSE_DATA bytes that the response may point to
 */
struct fw_request {
	uint32_t user;
	uint32_t len;
	uint8_t *scratch;
};

/* A ROM command failed without an error code of its own. */
#define FW_FAILED_WITHOUT_CODE 0xffffffffu

typedef void command_function(void);

/**
 * struct command_handler - who answers a command
 * @written: the function, or NULL where there is none yet
 * @run: calls it
 */
struct command_handler {
	command_function *written;
	uint32_t (*run)(struct firmware *fw, const struct fw_request *req,
			const void *in, void *out);
};

/**
 * struct command - one command
 * @code: its code
 * @runtime: its handler in runtime firmware; no run where that has none
 * @rom: the same in ROM
 * @size_error: what runtime firmware answers to a request of the wrong size; 0 is
 *	RUNTIME_INSUFFICIENT_MEMORY
 */
struct command {
	uint32_t code;
	struct command_handler runtime;
	struct command_handler rom;
	uint32_t size_error;
};

/* All commands of the core mailbox, made by tools/gen. */
extern const struct command commands[];
extern const unsigned int command_count;

#endif
