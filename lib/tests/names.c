// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the figures and names that callers see: error codes, names of firmware
 * errors, names of commands.
 */
#include "test.h"

#include <limits.h>

#include <caliptra/describe.h>

#include "errors.h"

/* The public list, which has those of the core. */
static const struct {
	uint32_t code;
	const char *name;
} listed[] = {
#define CALIPTRA_FW_ERROR(name, code) { code, #name },
#include <caliptra/fw_errors.def>
};

static void figures_are_those_that_callers_know(void **state)
{
	(void)state;
	assert_int_equal(CALIPTRA_SUCCESS, 0);
	assert_int_equal(CALIPTRA_ERROR_UNKNOWN, 1);
	assert_int_equal(CALIPTRA_ERROR_INVALID_ARGUMENT, 2);
	assert_int_equal(CALIPTRA_ERROR_TIMEOUT, 3);
	assert_int_equal(CALIPTRA_ERROR_NOT_SUPPORTED, 4);
	assert_int_equal(CALIPTRA_ERROR_TRANSPORT, 5);
	assert_int_equal(CALIPTRA_ERROR_PROTOCOL, 6);
	assert_int_equal(CALIPTRA_ERROR_DEVICE, 7);
	assert_int_equal(CALIPTRA_ERROR_MEMORY, 8);
	assert_int_equal(CALIPTRA_ERROR_BUSY, 9);
	assert_int_equal(CALIPTRA_ERROR_STATE, 10);
	assert_int_equal(CALIPTRA_ERROR_IO, 11);
	assert_int_equal(CALIPTRA_ERROR_PERMISSION, 12);
	assert_int_equal(CALIPTRA_PROTOCOL_MAILBOX, 0);
	assert_int_equal(CALIPTRA_PROTOCOL_MCTP_VDM, 1);
	assert_int_equal(CALIPTRA_PROTOCOL_CUSTOM, 2);
}

static void every_error_has_a_meaning_of_its_own(void **state)
{
	CaliptraError a, b;

	(void)state;
	for (a = CALIPTRA_SUCCESS; a <= CALIPTRA_ERROR_PERMISSION; a++) {
		expect(*caliptra_strerror(a), "error %d", (int)a);
		for (b = CALIPTRA_SUCCESS; b < a; b++)
			expect(strcmp(caliptra_strerror(a),
				      caliptra_strerror(b)) != 0,
			       "errors %d and %d", (int)a, (int)b);
	}
}

static void what_is_no_error_has_a_text_too(void **state)
{
	static const int none[] = { CALIPTRA_ERROR_PERMISSION + 1, -1, INT_MAX,
				    INT_MIN };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(none); i++)
		assert_contains(caliptra_strerror((CaliptraError)none[i]),
				"not an error code");
}

static const char *name_at(const struct fw_error_table *t, size_t i)
{
	return t->strings + t->errors[i].name;
}

static void fw_errors_are_sorted_and_unique(void **state)
{
	static const uint32_t counts[FW_ERROR_SOURCES] = { 589, 93 };
	const struct fw_error_table *t;
	size_t i, j;

	(void)state;
	for (t = table_errors; t < table_errors + FW_ERROR_SOURCES; t++) {
		assert_int_equal(t->count, counts[t - table_errors]);
		for (i = 1; i < t->count; i++) {
			expect(t->errors[i - 1].code < t->errors[i].code, "%s",
			       name_at(t, i));
			for (j = 0; j < i; j++)
				expect(strcmp(name_at(t, i), name_at(t, j)) !=
					       0,
				       "%s", name_at(t, i));
		}
	}
}

static void the_list_has_the_errors_of_the_core(void **state)
{
	const struct fw_error_table *t = &table_errors[FW_ERRORS_CORE];
	size_t i;

	(void)state;
	assert_int_equal(ARRAY_SIZE(listed), t->count);
	for (i = 0; i < t->count; i++) {
		assert_int_equal(listed[i].code, t->errors[i].code);
		assert_string_equal(listed[i].name, name_at(t, i));
	}
}

/* How the codes of each firmware are looked up. */
static const struct {
	const char *(*name)(uint32_t code);
	const char *(*meaning)(uint32_t code);
} lookups[FW_ERROR_SOURCES] = {
	[FW_ERRORS_CORE] = { caliptra_fw_error_name,
			     caliptra_fw_error_meaning },
	[FW_ERRORS_MCI] = { caliptra_mcu_error_name,
			    caliptra_mcu_error_meaning },
};

/* Not by the search that is being tested. */
static const struct fw_error *find(const struct fw_error_table *t,
				   uint32_t code)
{
	size_t i;

	for (i = 0; i < t->count; i++)
		if (t->errors[i].code == code)
			return &t->errors[i];
	return NULL;
}

static void check_code(int source, uint32_t code)
{
	const struct fw_error_table *t = &table_errors[source];
	const struct fw_error *e = find(t, code);
	const char *name = lookups[source].name(code);
	const char *meaning = lookups[source].meaning(code);

	if (!e) {
		expect(!name, "%d 0x%08x", source, code);
		expect(!meaning, "%d 0x%08x", source, code);
		return;
	}
	assert_string_equal(name, t->strings + e->name);
	assert_string_equal(meaning, t->strings + e->meaning);
	expect(*name, "%d 0x%08x", source, code);
	expect(*meaning, "%d 0x%08x", source, code);
}

static void every_error_is_found_and_no_other(void **state)
{
	int source;
	size_t i;

	(void)state;
	for (source = 0; source < FW_ERROR_SOURCES; source++) {
		const struct fw_error_table *t = &table_errors[source];

		for (i = 0; i < t->count; i++) {
			check_code(source, t->errors[i].code - 1);
			check_code(source, t->errors[i].code);
			check_code(source, t->errors[i].code + 1);
		}
		check_code(source, 0);
		check_code(source, UINT32_MAX);
	}
}

static void codes_of_both_have_a_name_each(void **state)
{
	(void)state;
	assert_string_equal(caliptra_fw_error_name(0x00020001),
			    "DRIVER_SHA256_INVALID_STATE");
	assert_string_not_equal(caliptra_mcu_error_name(0x00020001),
				"DRIVER_SHA256_INVALID_STATE");
}

/* Figures of the firmware, not taken from the table. */
static void known_fw_errors(void **state)
{
	static const struct {
		uint32_t code;
		const char *name;
	} known[] = {
		{ 0x0000d100, "DRIVER_HANDOFF_INVALID_VAULT" },
		{ 0x000e0001, "RUNTIME_INTERNAL" },
		{ 0x000e0002, "RUNTIME_UNIMPLEMENTED_COMMAND" },
		{ 0x000e0003, "RUNTIME_INSUFFICIENT_MEMORY" },
		{ 0x000e0004, "RUNTIME_ECDSA_VERIFY_FAILED" },
		{ 0x000e0005, "RUNTIME_INVALID_CHECKSUM" },
		{ 0x000e0009, "RUNTIME_MAILBOX_INVALID_PARAMS" },
		{ 0x000e0011, "RUNTIME_SELF_TEST_IN_PROGRESS" },
		{ 0x000e0012, "RUNTIME_SELF_TEST_NOT_STARTED" },
		{ 0x000e003c, "RUNTIME_PCR_RESERVED" },
		{ 0x000e003d, "RUNTIME_PCR_INVALID_INDEX" },
		{ 0x000f0005, "FMC_RT_ALIAS_DERIVE_FAILURE" },
		{ 0x01050002, "ROM_GLOBAL_EXCEPTION" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		const char *name = caliptra_fw_error_name(known[i].code);

		expect(name && !strcmp(name, known[i].name), "%s is %s",
		       known[i].name, name ? name : "not known");
	}
}

static void known_commands(void **state)
{
	static const struct {
		uint32_t code;
		const char *name;
	} known[] = {
		{ 0x46505652, "VERSION" },
		{ 0x43415053, "CAPABILITIES" },
		{ 0x494e464f, "FW_INFO" },
		{ 0x46504c54, "SELF_TEST_START" },
		{ 0x46504c67, "SELF_TEST_GET_RESULTS" },
		{ 0x49444543, "GET_IDEV_ECC384_CERT" },
		{ 0x49444549, "GET_IDEV_ECC384_INFO" },
		{ 0x49444352, "GET_IDEV_ECC384_CSR" },
		{ 0x4c444556, "GET_LDEV_ECC384_CERT" },
		{ 0x43455246, "GET_FMC_ALIAS_ECC384_CERT" },
		{ 0x43455252, "GET_RT_ALIAS_ECC384_CERT" },
		{ 0x4d454153, "STASH_MEASUREMENT" },
		{ 0x50435245, "EXTEND_PCR" },
		{ 0x50435252, "INCREMENT_PCR_RESET_COUNTER" },
		{ 0x50435251, "QUOTE_PCRS_ECC384" },
		{ 0x45435632, "ECDSA384_SIGNATURE_VERIFY" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		const char *name = caliptra_cmd_name(known[i].code);

		expect(name && !strcmp(name, known[i].name), "%s is %s",
		       known[i].name, name ? name : "not known");
		expect(!caliptra_cmd_name(known[i].code ^ 0x80000000), "%s",
		       known[i].name);
	}
	assert_null(caliptra_cmd_name(0));
	assert_null(caliptra_cmd_name(UINT32_MAX));
}

/* Figures of the host library, not taken from the table. */
static void known_numbers(void **state)
{
	static const struct {
		const char *name;
		uint16_t number;
	} known[] = {
		{ "MC_FIRMWARE_VERSION", 0x0001 },
		{ "GET_IDEV_ECC384_CERT", 0x1001 },
		{ "CM_SHA", 0x2004 },
		{ "CM_ECDSA_SIGN", 0x4001 },
		{ "CM_MLDSA_SIGN", 0x4021 },
		{ "MC_MLDSA_CMK_SIGN", 0x4021 },
		{ "CM_MLDSA_VERIFY", 0x4022 },
		{ "MC_MLDSA_CMK_VERIFY", 0x4022 },
		{ "MC_GET_LOG", 0x7005 },
		{ "MC_FUSE_READ", 0x8001 },
		{ "MC_FUSE_WRITE", 0x8002 },
		{ "MC_FUSE_LOCK_PARTITION", 0x8016 },
		{ "MC_DOT_OVERRIDE", 0x8029 },
	};
	static const uint16_t none[] = { 0x7001, 0x7002, 0x8003 };
	const struct caliptra_command *c;
	struct caliptra_command_info info;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		c = caliptra_command_find(known[i].name);
		assert_non_null(c);
		caliptra_command_describe(c, &info);
		expect(info.number == known[i].number, "%s has 0x%04x",
		       known[i].name, info.number);
	}
	for (i = 0; (c = caliptra_command_at(i)); i++) {
		caliptra_command_describe(c, &info);
		for (k = 0; k < ARRAY_SIZE(none); k++)
			expect(info.number != none[k], "%s", info.name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_those_that_callers_know),
		cmocka_unit_test(every_error_has_a_meaning_of_its_own),
		cmocka_unit_test(what_is_no_error_has_a_text_too),
		cmocka_unit_test(fw_errors_are_sorted_and_unique),
		cmocka_unit_test(the_list_has_the_errors_of_the_core),
		cmocka_unit_test(every_error_is_found_and_no_other),
		cmocka_unit_test(codes_of_both_have_a_name_each),
		cmocka_unit_test(known_fw_errors),
		cmocka_unit_test(known_commands),
		cmocka_unit_test(known_numbers),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
