/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the commands of the tool share: the command line, the device, files and
 * output. A command's function returns the exit status; whoever finds an error
 * has said so on stderr.
 */
#ifndef CLI_H
#define CLI_H

#include <json-c/json.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caliptra/attest.h>
#include <caliptra/caliptra.h>
#include <caliptra/commands.h>
#include <caliptra/describe.h>

/**
 * enum cli_exit - exit status
 * @CLI_OK: done
 * @CLI_FAILED: the device or its firmware failed the command, or an answer was
 *	not a valid one
 * @CLI_USAGE: an argument or a file that was given can not be used
 * @CLI_NOT_TRUSTED: a verification says no
 * @CLI_UNREACHABLE: the device is absent, busy or not ready, or does not let the
 *	caller do that
 */
enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_NOT_TRUSTED = 3,
	CLI_UNREACHABLE = 4,
};

struct cli;

/**
 * struct cli_command - a command of the tool
 * @name: its words
 * @args: what follows them, for the help
 * @help: what it does
 * @run: does it
 * @more: what else there is to be said in its own help, or NULL
 */
struct cli_command {
	const char *name;
	const char *args;
	const char *help;
	int (*run)(struct cli *cli);
	const char *more;
};

/**
 * struct cli - the command line
 * @device: where the device is
 * @device_given: the command line says so
 * @json: the result is printed as JSON
 * @command: the command
 * @argc: words that follow it; after cli_parse() those that are no options
 * @argv: the words
 */
struct cli {
	const char *device;
	bool device_given;
	bool json;
	const struct cli_command *command;
	int argc;
	char **argv;
};

/**
 * struct cli_option - an option of a command, beside those that all have
 * @name: without dashes
 * @arg: what its argument is called, NULL where it has none
 * @help: what it does
 * @values: where arguments go, "" where it has none
 * @max: how many there may be
 */
struct cli_option {
	const char *name;
	const char *arg;
	const char *help;
	const char **values;
	size_t max;
};

/**
 * cli_parse() - read a command's options and arguments
 * @cli: the command line
 * @options: the command's own options; ends with one without name
 * @min: fewest arguments that are no options
 * @max: most
 * @status: the exit status, where the command is not to go on
 *
 * Return: true where the command is to go on; otherwise help was printed, or
 * something was wrong.
 */
bool cli_parse(struct cli *cli, const struct cli_option *options, int min,
	       int max, int *status);

/** cli_error() - print an error; returns @status */
__attribute__((format(printf, 2, 3))) int cli_error(int status,
						    const char *format, ...);

/** cli_session_error() - print why a call failed; returns the exit status */
int cli_session_error(const CaliptraSession *session, CaliptraError error);

/**
 * cli_connect() - a connected session with the device
 * @cli: says which
 * @session: set to the session; cli_disconnect() it
 *
 * Return: 0, or the exit status.
 */
int cli_connect(const struct cli *cli, CaliptraSession **session);

/**
 * cli_choose_device() - where no device is named, the first with a kind of mailbox
 * @cli: the command line; its device is set
 * @mailbox: the kind
 *
 * cli_parse() has chosen one with the core's mailbox.
 */
void cli_choose_device(struct cli *cli, enum caliptra_device_mailbox mailbox);

/** cli_disconnect() - close the session; NULL does nothing */
void cli_disconnect(CaliptraSession *session);

/**
 * cli_ask() - ask the device, and print what it says
 * @cli: the command line
 * @ask: asks, and adds the answer to @result; 0 or the exit status
 * @request: for @ask
 *
 * Return: the exit status.
 */
int cli_ask(const struct cli *cli,
	    int (*ask)(CaliptraSession *session, void *request,
		       json_object *result),
	    void *request);

/**
 * struct cli_file - the contents of a file
 * @data: the bytes
 * @len: how many
 */
struct cli_file {
	uint8_t *data;
	size_t len;
};

/**
 * cli_load_file() - read a file
 * @path: of the file
 * @file: free() its data
 * @why: says why it can not be read
 * @size: room there in bytes
 *
 * Return: whether it was read.
 */
bool cli_load_file(const char *path, struct cli_file *file, char *why,
		   size_t size);

/** cli_read_file() - the same; says why not itself; 0 or the exit status */
int cli_read_file(const char *path, struct cli_file *file);

/** cli_read_list() - the same, of one that may have up to 1 GiB */
int cli_read_list(const char *path, struct cli_file *file);

/**
 * cli_write_file() - write a file, or standard output
 * @path: of the file, or "-"
 * @data: the bytes
 * @len: how many
 *
 * The file is whole or not there.
 *
 * Return: 0 or the exit status.
 */
int cli_write_file(const char *path, const void *data, size_t len);

/** cli_sha384_file() - SHA-384 of a file of any length; 0 or the exit status */
int cli_sha384_file(const char *path, uint8_t digest[CALIPTRA_SHA384_SIZE]);

/** cli_parse_hex() - @size bytes in hexadecimal, and nothing else */
bool cli_parse_hex(const char *text, uint8_t *bytes, size_t size);

/* Where IMA measures into, and so does its relay. */
#define CLI_IMA_PCR 10

/** cli_parse_pcr() - the number of a PCR, 0 to 31 */
bool cli_parse_pcr(const char *text, uint32_t *index);

/** cli_read_pcr() - the value of a PCR, of a connected session; 0 or the exit status */
int cli_read_pcr(CaliptraSession *session, uint32_t index,
		 uint8_t value[CALIPTRA_SHA384_SIZE]);

/** cli_random() - fill with random bytes; 0 or the exit status */
int cli_random(void *data, size_t len);

/*
 * Results are JSON objects. Those who do not want JSON get the same fields, one
 * to a line.
 */
void cli_add_string(json_object *to, const char *name, const char *value);
void cli_add_number(json_object *to, const char *name, uint32_t value);
void cli_add_bool(json_object *to, const char *name, bool value);
void cli_add_hex32(json_object *to, const char *name, uint32_t value);
void cli_add_bytes(json_object *to, const char *name, const uint8_t *bytes,
		   size_t len);

/** cli_add_text() - text of the device, which may be anything */
void cli_add_text(json_object *to, const char *name, const char *text);

#define CLI_FW_ERROR_SIZE 128

/** cli_fw_error() - an error code of the firmware, with its name if it has one */
void cli_fw_error(uint32_t code, char text[CLI_FW_ERROR_SIZE]);

/** cli_add_fw_error() - the same, as a field */
void cli_add_fw_error(json_object *to, const char *name, uint32_t code);

/** cli_add_mcu_error() - the same, of the MCU's firmware */
void cli_add_mcu_error(json_object *to, const char *name, uint32_t code);

/** cli_state_name() - a state in a word */
const char *cli_state_name(enum caliptra_device_state state);

/** cli_mailbox_name() - whose mailbox it is, in a word */
const char *cli_mailbox_name(enum caliptra_device_mailbox mailbox);

/**
 * cli_add_hw_rev_id() - HW_REV_ID, and the generation in it
 * @to: where it goes
 * @id: the register
 * @mci: it is the MCI's, which has it otherwise
 */
void cli_add_hw_rev_id(json_object *to, uint32_t id, bool mci);

/** cli_hex() - bytes in hexadecimal; free() them; NULL where there is no memory */
char *cli_hex(const uint8_t *bytes, size_t len);

/**
 * cli_message() - a message as JSON, with the names of its fields and values
 * @command: the command
 * @kind: which of its messages
 * @age: as of when, NULL for the newest
 * @message: the structure, as caliptra_message_describe() tells; NULL where it has
 *	none
 *
 * Nothing of it is lost: request_object() makes the same structure of it.
 */
json_object *cli_message(const struct caliptra_command *command,
			 enum caliptra_message_kind kind, const char *age,
			 const void *message);

/** cli_flush() - end what goes to stdout; returns the exit status */
int cli_flush(void);

/** cli_print() - print a result and free it; returns the exit status */
int cli_print(const struct cli *cli, json_object *result);

/**
 * cli_read_chain() - the device's certificates
 * @cli: says which device
 * @idevid: path of the IDevID certificate, to be put first, or NULL
 * @pem: set to them, in PEM: LDevID, FMC alias, RT alias, with P-384 keys unless that
 *	one has an ML-DSA-87 key; free() its data
 *
 * Return: 0 or the exit status.
 */
int cli_read_chain(const struct cli *cli, const char *idevid,
		   struct cli_file *pem);

/** cli_next_cert() - the next certificate in PEM; X509_free() it; or NULL */
X509 *cli_next_cert(BIO *bio);

/** cli_add_report() - how checks went; returns the exit status */
int cli_add_report(json_object *to, const struct caliptra_attest_report *report,
		   CaliptraError error);

/* The commands. */
int cmd_list(struct cli *cli);
int cmd_info(struct cli *cli);
int cmd_version(struct cli *cli);
int cmd_capabilities(struct cli *cli);
int cmd_certs(struct cli *cli);
int cmd_pcr_read(struct cli *cli);
int cmd_pcr_extend(struct cli *cli);
int cmd_pcr_quote(struct cli *cli);
int cmd_pcr_reset(struct cli *cli);
int cmd_quote_verify(struct cli *cli);
int cmd_ima_relay(struct cli *cli);
int cmd_measure(struct cli *cli);
int cmd_cmd(struct cli *cli);
int cmd_monitor(struct cli *cli);
int cmd_statistics(struct cli *cli);

#endif
