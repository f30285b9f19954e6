// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests what becomes of requests that are no requests: every command that is written,
 * in every generation, in ROM and runtime firmware and in the MCI's mailbox, with
 * every length and a checksum that is wrong. Each is answered with firmware's own
 * error, and leaves everything as it was. All is taken from the tables of commands,
 * so that a new command is tested by itself.
 */
#include "machines.h"

#include <caliptra/describe.h>

#include "command.h"
#include "command_port.h"

/* Requests of all lengths up to this one are sent. */
#define SMALL 24u

/**
 * struct subject - a command as firmware has it
 * @m: where
 * @mci: it is one of the MCI's
 * @command: the command
 * @name: what it is called there
 * @description: what its messages are made of
 * @info: what is known of it
 * @age: of the firmware, NULL for the newest
 * @longest: of its requests, in bytes
 * @shortest: and the shortest of them
 * @has_request: its request has fields
 */
struct subject {
	struct machine *m;
	bool mci;
	const struct command *command;
	const char *name;
	const struct caliptra_command *description;
	struct caliptra_command_info info;
	const char *age;
	uint32_t longest;
	uint32_t shortest;
	bool has_request;
};

static uint8_t request[80 * 1024];
static unsigned int tried;

/* What firmware keeps, besides its image. */
static void kept_digest(const struct firmware *fw, uint8_t digest[SHA256_SIZE])
{
	static uint8_t kept[sizeof(struct fw_image) + sizeof(struct firmware)];
	static struct firmware copy;
	size_t rest = sizeof(copy) - KEPT_FROM;

	machine_kept(fw, &copy);
	memcpy(kept, &copy.image, sizeof(copy.image));
	memcpy(kept + sizeof(copy.image), (uint8_t *)&copy + KEPT_FROM, rest);
	assert_int_equal(crypto_sha256(kept, sizeof(copy.image) + rest, digest),
			 0);
}

static void fail_of(const struct subject *s, uint32_t len, const char *what,
		    uint32_t value)
{
	fail_msg("%s %s%s of %u bytes (%u to %u): %s 0x%x", s->m->generation,
		 s->name, s->m->rom ? " in ROM" : "", len, s->shortest,
		 s->longest, what, value);
}

/* Send what is in @request; the error code, or 0. */
static uint32_t error_of(const struct subject *s, uint32_t user, uint32_t len)
{
	struct device *dev = &s->m->dev;
	struct command_port port = s->mci ? command_port_mci(dev, 0) :
					    command_port_core(dev);
	struct command_answer a;
	uint32_t error;

	assert_int_equal(port.ops->submit(&port, user, s->command->code,
					  request, len),
			 DEVICE_SUBMITTED);
	device_run(dev);
	assert_true(port.ops->answer(&port, &a));
	error = a.fw_error;
	/* nobody is told why */
	if (s->mci && a.status == MBOX_STATUS_CMD_FAILURE)
		error = MCU_INVALID_PARAMS;
	else if ((a.status == MBOX_STATUS_CMD_FAILURE) != !!error)
		fail_of(s, len, "status", a.status);
	port.ops->finish(&port, user);
	return error;
}

static void expect_idle(const struct subject *s)
{
	const struct device *dev = &s->m->dev;

	assert_int_equal(dev->mbox.fsm, MBOX_FSM_IDLE);
	assert_false(dev->mbox.lock);
	if (!s->m->rom)
		assert_int_equal(dpe_validate(&dev->fw.dpe), 0);
}

/* What is in @request fails with @want, and nothing has changed. */
static void expect_refused(const struct subject *s, uint32_t user, uint32_t len,
			   uint32_t want)
{
	uint8_t before[SHA256_SIZE];
	uint8_t after[SHA256_SIZE];
	enum fw_phase phase = s->m->dev.fw.phase;
	uint32_t error;

	tried++;
	kept_digest(&s->m->dev.fw, before);
	error = error_of(s, user, len);
	if (error != want)
		fail_of(s, len, "error", error);
	expect_idle(s);
	if (s->m->dev.fw.phase == FW_HALTED && phase == FW_ROM) {
		assert_int_equal(ifc_read(&s->m->dev, CPTRA_FW_ERROR_FATAL),
				 want);
		machine_restore(s->m);
		return;
	}
	assert_int_equal(s->m->dev.fw.phase, phase);
	kept_digest(&s->m->dev.fw, after);
	if (memcmp(before, after, sizeof(after)))
		fail_of(s, len, "something has changed, by error", error);
}

static void put_checksum(const struct subject *s, uint32_t len)
{
	if (len >= 4)
		wire_put_le32(request, caliptra_checksum(s->command->code,
							 request + 4, len - 4));
}

static uint32_t no_checksum_error(const struct subject *s)
{
	return s->mci	 ? MCU_INVALID_PARAMS :
	       s->m->rom ? FW_PROC_MAILBOX_INVALID_REQUEST_LENGTH :
			   RUNTIME_MAILBOX_INVALID_PARAMS;
}

/* ROM before 2.1 looks at the command and the length before. */
static bool is_old_rom(const struct subject *s)
{
	return s->m->rom && strcmp(s->m->generation, "2.1");
}

static uint32_t checksum_error(const struct subject *s)
{
	return s->mci	 ? MCU_INVALID_PARAMS :
	       s->m->rom ? FW_PROC_MAILBOX_INVALID_CHECKSUM :
			   RUNTIME_INVALID_CHECKSUM;
}

/* Verification in ROM is what it is in runtime firmware. */
static bool like_runtime(const struct subject *s)
{
	uint32_t code = s->command->code;

	return !s->m->rom || code == CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY ||
	       code == CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY;
}

static uint32_t size_error(const struct subject *s)
{
	if (s->mci)
		return MCU_INVALID_PARAMS;
	if (!like_runtime(s))
		return FW_PROC_MAILBOX_INVALID_REQUEST_LENGTH;
	return command_size_error(s->command);
}

/* Some do not mind what follows. */
static bool takes_longer(const struct subject *s)
{
	return !s->m->rom && s->command->longer;
}

/* A request may be cut short where it ends with data. */
static bool is_size(const struct subject *s, uint32_t len)
{
	if (!s->has_request)
		return len == 4 || (!s->m->rom && !s->mci);
	if (len > s->longest && takes_longer(s))
		return true;
	return len <= s->longest &&
	       (len == s->longest || s->shortest < s->longest);
}

/* A DPE's command to 2.0 */
static bool copied_before(const struct subject *s)
{
	return !s->m->rom && !strcmp(s->m->generation, "2.0") &&
	       (s->command->code == CALIPTRA_CMD_INVOKE_DPE_ECC384 ||
		s->command->code == CALIPTRA_CMD_INVOKE_DPE_MLDSA87);
}

static void try_length(const struct subject *s, uint32_t len)
{
	uint32_t error;

	if (len > 4 * 3586 && !strcmp(s->m->generation, "1.2"))
		return;
	memset(request, 0, len + 4);
	put_checksum(s, len);
	request[0] ^= 1;
	error = len < 4 ? no_checksum_error(s) : checksum_error(s);
	if (copied_before(s) && len > s->longest)
		error = RUNTIME_INSUFFICIENT_MEMORY;
	if (is_old_rom(s) && !like_runtime(s) && !is_size(s, len))
		error = size_error(s);
	expect_refused(s, SOC_BOOT_PL0_USER, len, error);
	if (len < 4 || is_size(s, len))
		return;
	put_checksum(s, len);
	error = size_error(s);
	expect_refused(s, SOC_BOOT_PL0_USER, len, error);
}

static void try_lengths(const struct subject *s)
{
	const uint32_t some[] = { s->shortest - 1, s->shortest,
				  s->longest - 1,  s->longest,
				  s->longest + 1,  s->longest + 128 };
	uint32_t len;
	size_t i;

	for (len = 0; len <= SMALL; len++)
		try_length(s, len);
	for (i = 0; i < COUNT(some); i++)
		if (some[i] > SMALL)
			try_length(s, some[i]);
}

/* A length inside that is more than there is room for. */
static void try_inner_lengths(const struct subject *s)
{
	struct caliptra_field_info f;
	size_t i;

	for (i = 0; caliptra_message_field(s->description, CALIPTRA_REQUEST,
					   s->age, i, &f);
	     i++) {
		if (!f.is_length || !f.wire_size)
			continue;
		memset(request, 0, s->longest);
		memset(request + f.wire_offset, 0xff, f.wire_size);
		put_checksum(s, s->longest);
		expect_refused(s, SOC_BOOT_PL0_USER, s->longest,
			       s->mci ? MCU_INVALID_PARAMS :
					RUNTIME_MAILBOX_INVALID_PARAMS);
	}
}

/* Who may not send it is told so, some before anybody looks at the request's length. */
static void try_pl1(const struct subject *s)
{
	uint32_t error = RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;

	memset(request, 0, s->longest + 1);
	put_checksum(s, s->longest);
	expect_refused(s, SOC_BOOT_PL1_USER, s->longest, error);
	if (!s->has_request)
		return;
	put_checksum(s, s->longest + 1);
	expect_refused(s, SOC_BOOT_PL1_USER, s->longest + 1,
		       command_pl0_order(s->command, s->age) ==
				       COMMAND_PL0_FIRST ?
			       error :
			       size_error(s));
}

static void try_users(const struct subject *s)
{
	if (!s->m->rom && command_needs_pl0(s->command, s->age))
		try_pl1(s);
	memset(request, 0, s->longest);
	put_checksum(s, s->longest);
	expect_refused(s, MBOX_UC_USER, s->longest,
		       s->m->rom ? FW_PROC_MAILBOX_RESERVED_PAUSER :
				   RUNTIME_CMD_RESERVED_PAUSER);
}

static bool is_written(const struct subject *s)
{
	if (s->mci)
		return s->command->runtime.written;
	if (!command_name_in(s->command, s->age))
		return false;
	return s->m->rom ? command_rom(s->command, s->age)->written :
			   command_runtime(s->command, s->age)->written;
}

static void try_command(struct machine *m, bool mci,
			const struct command *command)
{
	struct subject s = {
		.m = m,
		.mci = mci,
		.command = command,
		.description = caliptra_command_by_code(
			mci ? CALIPTRA_FAMILY_MCI : CALIPTRA_FAMILY_CORE,
			command->code),
		.age = mci ? NULL : m->dev.ifc.generation->age,
		.longest = 4,
		.shortest = 4,
	};
	struct caliptra_message_info info;

	caliptra_command_describe(s.description, &s.info);
	s.name = s.info.name;
	/* an image has neither checksum nor length */
	if (!is_written(&s) || s.info.raw)
		return;
	if (!caliptra_message_describe(s.description, CALIPTRA_REQUEST, s.age,
				       &info)) {
		s.longest = (uint32_t)info.max_size;
		s.shortest = (uint32_t)info.min_size;
		s.has_request = info.fields;
	}
	machine_restore(m);
	try_lengths(&s);
	if (s.has_request && like_runtime(&s))
		try_inner_lengths(&s);
	if (!mci)
		try_users(&s);
}

static void try_all(unsigned int number, bool mci)
{
	const struct command *table = mci ? mci_commands : commands;
	unsigned int count = mci ? mci_command_count : command_count;
	struct machine *m = machine_get(number);
	unsigned int i;

	tried = 0;
	for (i = 0; i < count; i++)
		try_command(m, mci, &table[i]);
	print_message("# %s: %u requests\n", m->generation, tried);
	assert_true(tried > SMALL);
}

static void runtime(void **unused)
{
	(void)unused;
	try_all(0, false);
	try_all(1, false);
	try_all(2, false);
}

static void rom(void **unused)
{
	(void)unused;
	try_all(3, false);
	try_all(4, false);
	try_all(5, false);
}

static void mci(void **unused)
{
	(void)unused;
	try_all(6, true);
	try_all(7, true);
}

/* Is it one of the table that is answered neither here nor now? */
static bool is_unknown(const struct machine *m, const struct command *command)
{
	const char *age = m->dev.ifc.generation->age;

	return !command_name_in(command, age) ||
	       !(m->rom ? command_rom(command, age) : &command->runtime)->run;
}

/* Codes that are not in the table, or of another age, or for ROM or runtime alone. */
static void unknown_commands(void **unused)
{
	static const uint32_t codes[] = { 0, 1, 0xffffffff, 0x12345678 };
	struct command none = { 0 };
	struct subject s = { .command = &none, .name = "a code" };
	unsigned int number;
	unsigned int i;

	(void)unused;
	for (number = 0; number < 6; number++) {
		s.m = machine_get(number);
		for (i = 0; i < COUNT(codes) + command_count; i++) {
			none.code = i < COUNT(codes) ?
					    codes[i] :
					    commands[i - COUNT(codes)].code;
			if (i >= COUNT(codes) &&
			    !is_unknown(s.m, &commands[i - COUNT(codes)]))
				continue;
			memset(request, 0, 64);
			put_checksum(&s, 64);
			expect_refused(&s, SOC_BOOT_PL0_USER, 64,
				       s.m->rom ?
					       FW_PROC_MAILBOX_INVALID_COMMAND :
					       RUNTIME_UNIMPLEMENTED_COMMAND);
			request[0] ^= 1;
			expect_refused(&s, SOC_BOOT_PL0_USER, 64,
				       is_old_rom(&s) ?
					       FW_PROC_MAILBOX_INVALID_COMMAND :
					       checksum_error(&s));
		}
	}
}

/* Runtime firmware 1.2 has no room for more than 3586 words, whatever is in them. */
static void too_long_for_1x(void **unused)
{
	struct subject s = { .m = machine_get(2),
			     .command = &commands[0],
			     .name = "anything" };
	unsigned int i;

	(void)unused;
	memset(request, 0, 4 * 3586 + 1);
	for (i = 0; i < command_count; i++) {
		struct caliptra_command_info info;

		s.command = &commands[i];
		caliptra_command_describe(
			caliptra_command_by_code(CALIPTRA_FAMILY_CORE,
						 commands[i].code),
			&info);
		if (info.raw)
			continue;
		expect_refused(&s, SOC_BOOT_PL0_USER, 4 * 3586 + 1,
			       RUNTIME_INSUFFICIENT_MEMORY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runtime),
		cmocka_unit_test(rom),
		cmocka_unit_test(mci),
		cmocka_unit_test(unknown_commands),
		cmocka_unit_test(too_long_for_1x),
	};

	return cmocka_run_group_tests_name("negative", tests, machines_setup,
					   machines_teardown);
}
