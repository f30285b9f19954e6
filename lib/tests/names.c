// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the figures and names that callers see: error codes, names of firmware
 * errors, names of commands.
 */
#include "test.h"

#include <limits.h>

static const struct {
	uint32_t code;
	const char *name;
} fw_errors[] = {
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
	assert_int_equal(CALIPTRA_PROTOCOL_MAILBOX, 0);
	assert_int_equal(CALIPTRA_PROTOCOL_MCTP_VDM, 1);
	assert_int_equal(CALIPTRA_PROTOCOL_CUSTOM, 2);
}

static void every_error_has_a_meaning_of_its_own(void **state)
{
	CaliptraError a, b;

	(void)state;
	for (a = CALIPTRA_SUCCESS; a <= CALIPTRA_ERROR_IO; a++) {
		expect(*caliptra_strerror(a), "error %d", (int)a);
		for (b = CALIPTRA_SUCCESS; b < a; b++)
			expect(strcmp(caliptra_strerror(a),
				      caliptra_strerror(b)) != 0,
			       "errors %d and %d", (int)a, (int)b);
	}
}

static void what_is_no_error_has_a_text_too(void **state)
{
	static const int none[] = { CALIPTRA_ERROR_IO + 1, -1, INT_MAX,
				    INT_MIN };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(none); i++)
		assert_contains(caliptra_strerror((CaliptraError)none[i]),
				"not an error code");
}

static void fw_errors_are_sorted_and_unique(void **state)
{
	size_t i, j;

	(void)state;
	assert_int_equal(ARRAY_SIZE(fw_errors), 587);
	for (i = 1; i < ARRAY_SIZE(fw_errors); i++) {
		expect(fw_errors[i - 1].code < fw_errors[i].code, "%s",
		       fw_errors[i].name);
		for (j = 0; j < i; j++)
			expect(strcmp(fw_errors[i].name, fw_errors[j].name) !=
				       0,
			       "%s", fw_errors[i].name);
	}
}

static void every_fw_error_is_found_and_no_other(void **state)
{
	size_t last = ARRAY_SIZE(fw_errors) - 1;
	size_t i;

	(void)state;
	for (i = 0; i <= last; i++) {
		uint32_t after = fw_errors[i].code + 1;

		expect(!strcmp(caliptra_fw_error_name(fw_errors[i].code),
			       fw_errors[i].name),
		       "%s", fw_errors[i].name);
		if (i == last || fw_errors[i + 1].code != after)
			expect(!caliptra_fw_error_name(after), "after %s",
			       fw_errors[i].name);
	}
	assert_null(caliptra_fw_error_name(0));
	assert_null(caliptra_fw_error_name(fw_errors[0].code - 1));
	assert_null(caliptra_fw_error_name(UINT32_MAX));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_those_that_callers_know),
		cmocka_unit_test(every_error_has_a_meaning_of_its_own),
		cmocka_unit_test(what_is_no_error_has_a_text_too),
		cmocka_unit_test(fw_errors_are_sorted_and_unique),
		cmocka_unit_test(every_fw_error_is_found_and_no_other),
		cmocka_unit_test(known_fw_errors),
		cmocka_unit_test(known_commands),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
