/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands: what a handler gets and gives, and which there are.
 *
 * The handler of EXTEND_PCR is cmd_extend_pcr(), where ROM answers a command too
 * cmd_rom_extend_pcr(). handlers.h, which is made by tools/gen, has the
 * prototypes of all that there may be; one that nobody has written is not in the
 * program, and its command is answered as unimplemented.
 *
 * A handler gets the firmware, the core's or in cmd_mc_*() the MCU's, where the
 * command comes from, the request if it has fields, and the response to fill in: zeros, and fips_status approved. The
 * privilege level that the command needs is looked at before, save for
 * COMMAND_PL0_BY_HANDLER. Where the response
 * points to data, they stay as they are until it is sent. It returns FW_OK, or the
 * firmware's error code with no state changed.
 */
#ifndef SWCALIPTRA_COMMAND_H
#define SWCALIPTRA_COMMAND_H

#include <caliptra/describe.h>

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
	uint32_t (*run)(void *context, const struct fw_request *req,
			const void *in, void *out);
};

/* When firmware looks at the privilege level of a command's user. */
enum command_pl0_order {
	COMMAND_PL0_FIRST,
	COMMAND_PL0_AFTER_SIZE, /* of the request */
	COMMAND_PL0_AFTER_LENGTHS, /* and the lengths in it */
	COMMAND_PL0_BY_HANDLER,
};

/**
 * struct command - one command
 * @code: its code
 * @runtime: its handler in runtime firmware; no run where that has none
 * @rom: the same in ROM
 * @rom_since: first age whose ROM answers it, NULL where all do
 * @runtime_since: the same of runtime firmware
 * @pl0_since: first age in which it needs privilege level 0, NULL where it always does,
 *	if it does
 * @pl0_order: when that is looked at
 * @pl0_first_since: first age in which that is so, NULL where it always is; in those
 *	before it is looked at after the size
 * @longer: runtime firmware does not mind that a request is longer than its fields
 * @size_error: what runtime firmware answers to a request of the wrong size; 0 is
 *	RUNTIME_INSUFFICIENT_MEMORY
 */
struct command {
	uint32_t code;
	struct command_handler runtime;
	struct command_handler rom;
	const char *rom_since;
	const char *runtime_since;
	const char *pl0_since;
	enum command_pl0_order pl0_order;
	const char *pl0_first_since;
	bool longer;
	uint32_t size_error;
};

/* All commands of the core mailbox and of the MCI's, made by tools/gen. */
extern const struct command commands[];
extern const unsigned int command_count;
extern const struct command mci_commands[];
extern const unsigned int mci_command_count;

/* Their codes, close together so that they are found soon. */
extern const uint32_t command_codes[];
extern const uint32_t mci_command_codes[];

/**
 * struct execution - a command being executed
 * @req: where it comes from
 * @body: what follows the checksum, or all of an image; it lies in the SRAM and
 *	stays there until the answer is written
 * @description: what its messages are made of
 * @age: of the firmware, NULL for the newest
 * @raw: it is an image, and not a message
 * @asks: it has a request
 * @answers: it has a response
 * @request: how long the request is
 * @response: how long the response is
 * @in: the request
 * @out: the response
 * @whole: what is read of @body, or @cut
 * @whole_len: its length
 * @cut: the request, zeros after it, where it may be cut short
 * @data: what the response may point to
 * @bytes: the response as it travels, room for its checksum first
 * @len: its length
 */
struct execution {
	struct fw_request req;
	const uint8_t *body;
	const struct caliptra_command *description;
	const char *age;
	bool raw;
	bool asks;
	bool answers;
	struct caliptra_message_info request;
	struct caliptra_message_info response;
	union fw_any_request in;
	union fw_any_response out;
	const uint8_t *whole;
	size_t whole_len;
	uint8_t cut[FW_MAX_CUT_REQUEST];
	uint8_t data[FW_MAX_RESPONSE_DATA];
	uint8_t bytes[FW_MAX_RESPONSE];
	size_t len;
};

/**
 * execution_describe() - say which command is executed
 * @x: the command
 * @description: what its messages are made of, or NULL
 * @age: of the firmware, NULL for the newest
 */
void execution_describe(struct execution *x,
			const struct caliptra_command *description,
			const char *age);

/**
 * execution_has_request() - does the request have fields?
 * @x: the command, described
 */
bool execution_has_request(const struct execution *x);

/**
 * execution_decode() - read the request
 * @x: the command, described, with @body and @req
 * @bad_size: error for one of the wrong size
 *
 * What a request that may be cut short leaves out counts as zero. One of the
 * right size that can not be read has a length inside that is too large.
 *
 * Return: FW_OK, @bad_size or RUNTIME_MAILBOX_INVALID_PARAMS.
 */
uint32_t execution_decode(struct execution *x, uint32_t bad_size);

/**
 * execution_call() - call the handler and write its response
 * @x: the command, its request read
 * @handler: the handler, which is written
 * @context: the firmware that it belongs to
 *
 * The checksum is still to be written. A command without a response has a length
 * of 0.
 *
 * Return: FW_OK or the error of the handler.
 */
uint32_t execution_call(struct execution *x,
			const struct command_handler *handler, void *context);

/** command_name_in() - what firmware of @age calls a command; NULL if it has none */
const char *command_name_in(const struct command *command, const char *age);

/** command_rom() - the command's handler in ROM of @age, NULL for the newest */
const struct command_handler *command_rom(const struct command *command,
					  const char *age);

/** command_runtime() - the same in runtime firmware */
const struct command_handler *command_runtime(const struct command *command,
					      const char *age);

/** command_needs_pl0() - does it need privilege level 0 in firmware of @age? */
bool command_needs_pl0(const struct command *command, const char *age);

/** command_pl0_order() - and when is that looked at? */
enum command_pl0_order command_pl0_order(const struct command *command,
					 const char *age);

/** command_size_error() - what runtime firmware says of a wrong size */
uint32_t command_size_error(const struct command *command);

#endif
