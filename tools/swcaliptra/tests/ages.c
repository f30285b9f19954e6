// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests where firmware of an older age answers the same command in another way
 * (caliptra-sw, tags rt-1.2.5, rom-1.2.0, fw-2.0.3 and rom-2.0.3-1): who may send it,
 * what of the request is looked at first, what counts in the response.
 */
#include "machines.h"

#include "dpe_command.h"

enum {
	OF_2_1,
	OF_2_0,
	OF_1_2,
	ROM_OF_2_1,
	ROM_OF_2_0
};

static struct machine *m;
static uint8_t request[32 * 1024];
static uint8_t response[32 * 1024];
static uint32_t response_len;

/* Send a command whose body is at @request + 4; the error, or 0. */
static uint32_t run_as(uint32_t user, uint32_t code, uint32_t len)
{
	struct device *d = &m->dev;

	test_request(request, code, NULL, len);
	assert_int_equal(device_submit(d, user, code, request, 4 + len),
			 DEVICE_SUBMITTED);
	device_run(d);
	response_len = 0;
	if (d->mbox.status == MBOX_STATUS_DATA_READY) {
		response_len = d->mbox.dlen;
		memcpy(response, mbox_bytes(&d->mbox), response_len);
	}
	device_finish(d, user);
	return ifc_read(d, CPTRA_FW_ERROR_NON_FATAL);
}

static uint32_t run(uint32_t code, uint32_t len)
{
	return run_as(SOC_BOOT_PL0_USER, code, len);
}

static void start(unsigned int number)
{
	m = machine_get(number);
	memset(request, 0, sizeof(request));
}

/* Before 2.1 anybody may disable attestation. */
static void who_may_disable_attestation(void **unused)
{
	const uint32_t code = CALIPTRA_CMD_DISABLE_ATTESTATION;

	(void)unused;
	start(OF_1_2);
	assert_int_equal(run_as(SOC_BOOT_PL1_USER, code, 0), 0);
	assert_true(m->dev.fw.attestation_disabled);
	start(OF_2_0);
	assert_int_equal(run_as(SOC_BOOT_PL1_USER, code, 0), 0);
	assert_true(m->dev.fw.attestation_disabled);
	start(OF_2_1);
	assert_int_equal(run_as(SOC_BOOT_PL1_USER, code, 0),
			 RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	assert_false(m->dev.fw.attestation_disabled);
}

/* What 10 bytes of a certificate are followed by, of which 6 are in the request. */
static const uint8_t *populated(unsigned int number)
{
	start(number);
	memset(request + 4, 0xaa, 200);
	run(CALIPTRA_CMD_FW_INFO ^ 1, 200);
	wire_put_le32(request + 4, 10);
	memset(request + 8, 0xcc, 6);
	assert_int_equal(run(CALIPTRA_CMD_POPULATE_IDEV_ECC384_CERT, 10), 0);
	return m->dev.fw.chains.ecc;
}

static void cut_certificate(void **unused)
{
	(void)unused;
	expect_hex(populated(OF_1_2), "cccccccccccc00000000");
	/* the last word of the request came whole */
	expect_hex(populated(OF_2_0), "cccccccccccc0000aaaa");
	expect_hex(populated(OF_2_1), "cccccccccccc00000000");
}

/* GetProfile, of which the last bytes are left out. */
static uint32_t cut_dpe_command(unsigned int number, uint32_t len)
{
	start(number);
	wire_put_le32(request + 4, 12);
	memcpy(request + 8, "CEPD", 4);
	wire_put_le32(request + 12, CALIPTRA_DPE_COMMAND_GET_PROFILE);
	wire_put_le32(request + 16, CALIPTRA_DPE_PROFILE_P384_SHA384);
	return run(CALIPTRA_CMD_INVOKE_DPE_ECC384, len);
}

/* What is zero may be left out, but not in 2.0. */
static void cut_commands_of_the_dpe(void **unused)
{
	(void)unused;
	assert_int_equal(cut_dpe_command(OF_1_2, 13), 0);
	assert_int_equal(cut_dpe_command(OF_2_1, 13), 0);
	assert_int_equal(cut_dpe_command(OF_2_0, 16), 0);
	assert_int_equal(cut_dpe_command(OF_2_0, 15),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(cut_dpe_command(OF_2_0, 3),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(cut_dpe_command(OF_2_1, 3),
			 RUNTIME_DPE_COMMAND_DESERIALIZATION_FAILED);
}

/* In 2.0 the size of a certificate is that of the response. */
static void certificate_size(void **unused)
{
	const uint32_t code = CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_ECC384;

	(void)unused;
	start(OF_2_0);
	assert_int_equal(run(code, 76), 0);
	assert_int_equal(wire_get_le32(response + 8), response_len);
	start(OF_2_1);
	assert_int_equal(run(code, 76), 0);
	assert_int_equal(wire_get_le32(response + 8) + 12, response_len);
}

/* ROM of 2.0 sends all that there is room for. */
static void request_of_idevid(void **unused)
{
	const uint32_t code = CALIPTRA_CMD_GET_IDEV_MLDSA87_CSR;

	(void)unused;
	start(ROM_OF_2_1);
	assert_int_equal(run(code, 0), 0);
	assert_int_equal(response_len, 12 + wire_get_le32(response + 8));
	start(ROM_OF_2_0);
	assert_int_equal(run(code, 0), 0);
	assert_int_equal(response_len, 12 + 9216);
	assert_in_range(wire_get_le32(response + 8), 7000, 9000);
	assert_int_equal(response[response_len - 1], 0);
	assert_int_equal(run(CALIPTRA_CMD_GET_IDEV_ECC384_CSR, 0), 0);
	assert_int_equal(response_len, 12 + wire_get_le32(response + 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_disable_attestation),
		cmocka_unit_test(cut_certificate),
		cmocka_unit_test(cut_commands_of_the_dpe),
		cmocka_unit_test(certificate_size),
		cmocka_unit_test(request_of_idevid),
	};

	return cmocka_run_group_tests_name("ages", tests, machines_setup,
					   machines_teardown);
}
