// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From the mailbox to a handler and back: checksums, phases, status and error
 * registers. Sources: caliptra-sw runtime/src/lib.rs and packet.rs,
 * rom/dev/src/flow/cold_reset/fw_processor; fw_processor.rs of rom-1.2.0 and
 * rom-2.0.3-1.
 */
#include "command.h"

#include <openssl/crypto.h>

#include <string.h>

#include <caliptra/describe.h>

#include "caliptra-regs.h"
#include "dpe_key.h"

#define CHECKSUM_SIZE 4

static const struct command *command_find(uint32_t code)
{
	unsigned int i;

	for (i = 0; i < command_count; i++)
		if (command_codes[i] == code)
			return &commands[i];
	return NULL;
}

static const char *name_in(const struct caliptra_command *description,
			   const char *age)
{
	const char *name;
	const char *has;
	size_t i;

	for (i = 0; (has = caliptra_command_age(description, i, &name)); i++)
		if (!strcmp(has, age))
			return name;
	return NULL;
}

/* Ages are in the order of their names. */
static bool is_before(const char *age, const char *since)
{
	return age && since && strcmp(age, since) < 0;
}

/* The library's table is in the same order. */
static const struct caliptra_command *
description_of(const struct command *command)
{
	return caliptra_command_at((size_t)(command - commands));
}

const char *command_name_in(const struct command *command, const char *age)
{
	return name_in(description_of(command), age);
}

/* Where it is not answered. */
static const struct command_handler none;

const struct command_handler *command_rom(const struct command *command,
					  const char *age)
{
	return is_before(age, command->rom_since) ? &none : &command->rom;
}

const struct command_handler *command_runtime(const struct command *command,
					      const char *age)
{
	return is_before(age, command->runtime_since) ? &none :
							&command->runtime;
}

bool command_needs_pl0(const struct command *command, const char *age)
{
	struct caliptra_command_info info;

	caliptra_command_describe(description_of(command), &info);
	return info.pl0 && !is_before(age, command->pl0_since);
}

enum command_pl0_order command_pl0_order(const struct command *command,
					 const char *age)
{
	return is_before(age, command->pl0_first_since) ?
		       COMMAND_PL0_AFTER_SIZE :
		       command->pl0_order;
}

uint32_t command_size_error(const struct command *command)
{
	return command->size_error ? command->size_error :
				     RUNTIME_INSUFFICIENT_MEMORY;
}

void execution_describe(struct execution *x,
			const struct caliptra_command *description,
			const char *age)
{
	struct caliptra_command_info info = { 0 };

	if (description)
		caliptra_command_describe(description, &info);
	x->description = description;
	x->age = age;
	x->raw = info.raw;
	x->asks = description &&
		  !caliptra_message_describe(description, CALIPTRA_REQUEST, age,
					     &x->request);
	x->answers = description &&
		     !caliptra_message_describe(description, CALIPTRA_RESPONSE,
						age, &x->response);
}

/* ROM has no such limit: it wants the length that the command has. */
static uint32_t max_request(const struct firmware *fw)
{
	return fw->phase == FW_RUNTIME ? fw->ifc->generation->max_request :
					 UINT32_MAX;
}

static uint32_t read_message(const struct firmware *fw, struct execution *x,
			     uint32_t bad_length, uint32_t bad_checksum)
{
	const uint8_t *bytes = mbox_bytes(fw->mbox);
	uint32_t dlen = fw->mbox->dlen;

	x->req.user = fw->mbox->user;
	x->req.len = dlen;
	x->body = bytes;
	/* an image is whatever it is, and its command looks at it */
	if (x->raw)
		return FW_OK;
	if (dlen > mbox_size(fw->mbox))
		return bad_length;
	if (dlen > max_request(fw))
		return RUNTIME_INSUFFICIENT_MEMORY;
	if (dlen < CHECKSUM_SIZE)
		return bad_length;
	x->req.len = dlen - CHECKSUM_SIZE;
	x->body = bytes + CHECKSUM_SIZE;
	if (wire_get_le32(bytes) !=
	    caliptra_checksum(fw->mbox->cmd, x->body, x->req.len))
		return bad_checksum;
	return FW_OK;
}

/* Look at the size alone, and make one that is cut short as long as it can be. */
static uint32_t fit(struct execution *x, uint32_t bad_size)
{
	size_t len = x->req.len;
	size_t max_size;

	if (!x->asks)
		return bad_size;
	max_size = x->request.max_size - (x->raw ? 0 : CHECKSUM_SIZE);
	x->whole = x->body;
	x->whole_len = len;
	if (len > max_size)
		return bad_size;
	if (x->raw)
		return FW_OK;
	if (x->request.min_size == x->request.max_size)
		return len < max_size ? bad_size : FW_OK;
	if (max_size > sizeof(x->cut))
		return bad_size;
	memcpy(x->cut, x->body, len);
	memset(x->cut + len, 0, max_size - len);
	x->whole = x->cut;
	x->whole_len = max_size;
	return FW_OK;
}

static uint32_t decode(struct execution *x)
{
	return caliptra_message_decode(x->description, CALIPTRA_REQUEST, x->age,
				       x->whole, x->whole_len, &x->in, NULL,
				       0) ?
		       RUNTIME_MAILBOX_INVALID_PARAMS :
		       FW_OK;
}

uint32_t execution_decode(struct execution *x, uint32_t bad_size)
{
	uint32_t error = fit(x, bad_size);

	return error ? error : decode(x);
}

bool execution_has_request(const struct execution *x)
{
	return x->asks && x->request.fields;
}

uint32_t execution_call(struct execution *x,
			const struct command_handler *handler, void *context)
{
	uint32_t error;

	/* not all of it: the longest response is many times as long as most are */
	if (x->answers)
		memset(&x->out, 0, x->response.struct_size);
	error = handler->run(context, &x->req, &x->in, &x->out);
	x->len = 0;
	if (error || !x->answers)
		return error;
	if (caliptra_message_encode(x->description, CALIPTRA_RESPONSE, x->age,
				    &x->out, x->bytes + CHECKSUM_SIZE,
				    sizeof(x->bytes) - CHECKSUM_SIZE, &x->len,
				    NULL, 0))
		return RUNTIME_INTERNAL;
	x->len += CHECKSUM_SIZE;
	return FW_OK;
}

/*
 * Firmware of the device's age has no command that came later, or is gone, or is
 * answered elsewhere: to it that is any number, and no image comes with it.
 */
static const struct command *find(struct firmware *fw, struct execution *x)
{
	const struct command *command = command_find(fw->mbox->cmd);
	const struct generation *g = fw->ifc->generation;
	const char *age = g == &generation_newest ? NULL : g->age;
	const struct caliptra_command *description;
	const struct command_handler *handler;

	x->req.scratch = x->data;
	execution_describe(x, NULL, age);
	if (!command)
		return NULL;
	description = description_of(command);
	handler = fw->phase == FW_RUNTIME ? &command->runtime :
					    command_rom(command, age);
	if (!name_in(description, g->age) || !handler->run)
		return NULL;
	execution_describe(x, description, age);
	return command;
}

static bool is_invoke_dpe(uint32_t code)
{
	return code == CALIPTRA_CMD_INVOKE_DPE_ECC384 ||
	       code == CALIPTRA_CMD_INVOKE_DPE_MLDSA87;
}

/* 2.0 copies a command of the DPE before it looks at the checksum. */
static bool has_no_room(const struct firmware *fw, const struct execution *x)
{
	return generation_in(fw->ifc->generation, GENERATION_2_0) &&
	       is_invoke_dpe(fw->mbox->cmd) && x->asks &&
	       fw->mbox->dlen > x->request.max_size;
}

/* 2.0 counts what stands before the certificate as well. */
static void count_header(const struct firmware *fw, struct execution *x)
{
	uint32_t code = fw->mbox->cmd;

	if (generation_in(fw->ifc->generation, GENERATION_2_0) &&
	    (code == CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_ECC384 ||
	     code == CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_MLDSA87))
		wire_put_le32(x->bytes + 8, (uint32_t)x->len);
}

/* Leave out what follows the fields. */
static void shorten_request(struct execution *x)
{
	if (x->asks && x->req.len > x->request.max_size - CHECKSUM_SIZE)
		x->req.len = (uint32_t)x->request.max_size - CHECKSUM_SIZE;
}

/* The request of a command, if it has one, and may the user send it? */
static uint32_t read_request(const struct firmware *fw,
			     const struct command *command, struct execution *x)
{
	bool refused = command_needs_pl0(command, x->age) &&
		       !firmware_pl0(fw, x->req.user);
	enum command_pl0_order order = command_pl0_order(command, x->age);
	uint32_t error = FW_OK;

	/* nobody looks at what follows a request without fields */
	bool has_request = execution_has_request(x) && !x->raw;

	if (refused && order == COMMAND_PL0_FIRST)
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	if (has_request)
		error = fit(x, command_size_error(command));
	if (!error && refused && order == COMMAND_PL0_AFTER_SIZE)
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	if (!error && has_request)
		error = decode(x);
	if (!error && refused && order == COMMAND_PL0_AFTER_LENGTHS)
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	return error;
}

static uint32_t run_runtime(struct firmware *fw, struct execution *x)
{
	const struct command *command = find(fw, x);
	uint32_t error;

	if (fw->mbox->user == MBOX_UC_USER)
		return RUNTIME_CMD_RESERVED_PAUSER;
	if (has_no_room(fw, x))
		return RUNTIME_INSUFFICIENT_MEMORY;
	error = read_message(fw, x, RUNTIME_MAILBOX_INVALID_PARAMS,
			     RUNTIME_INVALID_CHECKSUM);
	if (error)
		return error;
	if (!command || !command_runtime(command, x->age)->written)
		return RUNTIME_UNIMPLEMENTED_COMMAND;
	if (command->longer)
		shorten_request(x);
	error = read_request(fw, command, x);
	if (!error)
		error = execution_call(x, &command->runtime, fw);
	if (!error)
		count_header(fw, x);
	return error;
}

/*
 * Verification reads its request as runtime firmware does, and a bad one is its
 * caller's trouble alone; whatever else goes wrong in ROM is fatal.
 */
static bool rom_survives(uint32_t cmd)
{
	return cmd == CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY ||
	       cmd == CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY;
}

/* A measurement too many is the end whatever it looks like. */
static bool rom_log_full(const struct firmware *fw)
{
	return fw->mbox->cmd == CALIPTRA_CMD_STASH_MEASUREMENT &&
	       fw->log_len == ROM_MAX_MEASUREMENTS;
}

static uint32_t rom_knows(const struct firmware *fw, const struct execution *x,
			  const struct command *command)
{
	if (!command || !command_rom(command, x->age)->written)
		return FW_PROC_MAILBOX_INVALID_COMMAND;
	return rom_log_full(fw) ? FW_PROC_MAILBOX_STASH_MEASUREMENT_MAX_LIMIT :
				  FW_OK;
}

/* Before 2.1 ROM looks at the length first, and at the checksum then. */
static bool old_rom_takes(const struct firmware *fw, const struct execution *x)
{
	size_t max_size = x->asks ? x->request.max_size : 0;
	uint32_t dlen = fw->mbox->dlen;

	if (x->raw || rom_survives(fw->mbox->cmd))
		return true;
	return dlen <= max_size &&
	       (dlen == max_size || x->request.min_size != max_size);
}

/* ROM of 2.0 sends this one whole, however much of it is used. */
static void fill_up(const struct firmware *fw, struct execution *x)
{
	if (!generation_in(fw->ifc->generation, GENERATION_2_0) ||
	    fw->mbox->cmd != CALIPTRA_CMD_GET_IDEV_MLDSA87_CSR || !x->answers)
		return;
	memset(x->bytes + x->len, 0, x->response.max_size - x->len);
	x->len = x->response.max_size;
}

static uint32_t run_rom(struct firmware *fw, struct execution *x, bool *fatal)
{
	const struct command *command = find(fw, x);
	bool old = !generation_in(fw->ifc->generation, GENERATION_2_1);
	uint32_t cmd = fw->mbox->cmd;
	uint32_t error = FW_OK;

	*fatal = true;
	if (fw->mbox->user == MBOX_UC_USER)
		return FW_PROC_MAILBOX_RESERVED_PAUSER;
	if (old)
		error = rom_knows(fw, x, command);
	if (!error && old && !old_rom_takes(fw, x))
		error = FW_PROC_MAILBOX_INVALID_REQUEST_LENGTH;
	if (!error)
		error = read_message(fw, x,
				     FW_PROC_MAILBOX_INVALID_REQUEST_LENGTH,
				     FW_PROC_MAILBOX_INVALID_CHECKSUM);
	if (!error && !old)
		error = rom_knows(fw, x, command);
	if (error)
		return error;
	*fatal = !rom_survives(cmd);
	if (!x->raw)
		error = execution_decode(
			x, *fatal ? FW_PROC_MAILBOX_INVALID_REQUEST_LENGTH :
				    command_size_error(command));
	if (!error)
		error = execution_call(x, &command->rom, fw);
	if (!error)
		fill_up(fw, x);
	if (error == FW_FAILED_WITHOUT_CODE)
		*fatal = false;
	return error;
}

static void set_status(struct firmware *fw, uint32_t status)
{
	soc_ifc_mbox_violation(fw->ifc,
			       mbox_write(fw->mbox, MBOX_UC, MBOX_UC_USER,
					  MBOX_STATUS, status));
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
	struct execution execution;
	struct execution *x = &execution;
	bool fatal = false;
	uint32_t error;

	if (fw->phase == FW_HALTED) {
		set_status(fw, MBOX_STATUS_CMD_FAILURE);
		return soc_ifc_get(fw->ifc, CPTRA_FW_ERROR_NON_FATAL);
	}

	clear_non_fatal(fw);
	if (fw->phase == FW_RUNTIME) {
		set_flow_done(fw, false);
		error = run_runtime(fw, x);
		if (fw->phase != FW_HALTED)
			set_flow_done(fw, true);
	} else {
		error = run_rom(fw, x, &fatal);
	}

	if (error && fatal) {
		firmware_fatal(fw, error);
	} else if (!mbox_command_avail(fw->mbox)) {
		; /* it has been answered: by ROM, or over the AXI bus */
	} else if (error == FW_FAILED_WITHOUT_CODE) {
		set_status(fw, MBOX_STATUS_CMD_FAILURE);
		error = FW_OK;
	} else if (error) {
		soc_ifc_report_non_fatal(fw->ifc, error);
		set_status(fw, MBOX_STATUS_CMD_FAILURE);
	} else if (x->len) {
		send_response(fw, x->bytes, (uint32_t)x->len);
	} else {
		set_status(fw, MBOX_STATUS_CMD_COMPLETE);
	}
	if (!error && fw->mbox->cmd == CALIPTRA_CMD_SHUTDOWN) {
		/* it never comes to where this is set again */
		set_flow_done(fw, false);
		firmware_fatal(fw, RUNTIME_SHUTDOWN);
	}
	return error;
}

void firmware_fatal(struct firmware *fw, uint32_t code)
{
	dice_layer_release(&fw->ldevid);
	dice_layer_release(&fw->fmc_alias);
	dice_layer_release(&fw->rt_alias);
	dpe_forget_key(&fw->dpe_key);
	OPENSSL_cleanse(&fw->dpe.exported, sizeof(fw->dpe.exported));
	sha_acc_seize(&fw->ifc->sha);
	fw->cold_boot_done = false;
	fw->phase = FW_HALTED;
	soc_ifc_report_fatal(fw->ifc, code);
	soc_ifc_report_non_fatal(fw->ifc, code);
	if (mbox_command_avail(fw->mbox))
		set_status(fw, MBOX_STATUS_CMD_FAILURE);
}

void firmware_watchdog(struct firmware *fw)
{
	soc_ifc_set(fw->ifc, CPTRA_WDT_STATUS,
		    CPTRA_WDT_STATUS_T1_TIMEOUT | CPTRA_WDT_STATUS_T2_TIMEOUT);
	soc_ifc_report_hw(fw->ifc, CPTRA_HW_ERROR_FATAL,
			  CPTRA_HW_ERROR_FATAL_NMI_PIN);
	firmware_fatal(fw, fw->phase == FW_RUNTIME ?
				   RUNTIME_GLOBAL_WDT_EXPIRED :
				   ROM_GLOBAL_WDT_EXPIRED);
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
