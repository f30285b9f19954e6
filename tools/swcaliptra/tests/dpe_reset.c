// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests what resets do to the DPE, and what takes attestation away (caliptra-sw
 * runtime/src/drivers.rs and disable.rs).
 */
#include "dpe_door.h"

static void warm_reset(void)
{
	struct fuses fuses;

	test_fuses(&fuses);
	device_reset(&dev, DEVICE_RESET_WARM);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
}

static uint32_t non_fatal(void)
{
	return ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL);
}

static void contexts_outlive_a_warm_reset(void **unused)
{
	const uint8_t digest[SHA384_SIZE] = { 1 };
	static struct dpe before;
	size_t chain;

	(void)unused;
	chain = dev.fw.chains.ecc_len;
	derive_context(dpe_default_handle, X509_TOO, 0x41, 0, 0);
	expect_done(PL0, 44);
	populate(100, 1, 0);
	before = dev.fw.dpe;
	warm_reset();
	assert_int_equal(non_fatal(), 0);
	assert_false(dev.fw.attestation_disabled);
	assert_memory_equal(&dev.fw.dpe, &before, sizeof(before));
	assert_int_equal(dev.fw.chains.ecc_len, chain);
	sign(before.context[2].handle, digest);
	expect_done(PL0, 124);
}

static void expect_disabled(uint32_t error)
{
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_int_equal(non_fatal(), error);
	assert_true(dev.fw.attestation_disabled);
}

/* Simulated contexts beside a default one are made without complaint. */
static void mixed_localities_end_attestation(void **unused)
{
	(void)unused;
	initialize(SIMULATION);
	expect_done(PL0, 28);
	warm_reset();
	expect_disabled(RUNTIME_DPE_VALIDATION_FAILED);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_EXTENDED_ERROR_INFO),
			 0x03000007);
}

static void full_levels_end_attestation(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < 32; i++) {
		initialize(SIMULATION);
		expect_done(PL1, 28);
	}
	warm_reset();
	expect_disabled(RUNTIME_PL1_USED_DPE_CONTEXT_THRESHOLD_REACHED);
}

static void foreign_root_ends_attestation(void **unused)
{
	(void)unused;
	dev.fw.dpe.context[0].tci_current[7] ^= 1;
	warm_reset();
	expect_disabled(RUNTIME_RT_CURRENT_PCR_VALIDATION_FAILED);
	dev.fw.attestation_disabled = false;
	dev.fw.dpe.context[0].tci_current[7] ^= 1;
	dev.fw.dpe.context[0].tci_cumulative[7] ^= 1;
	warm_reset();
	expect_disabled(RUNTIME_RT_JOURNEY_PCR_VALIDATION_FAILED);
}

static void expect_dead(uint32_t error)
{
	assert_int_equal(dev.fw.phase, FW_HALTED);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), error);
}

static void no_root_is_fatal(void **unused)
{
	(void)unused;
	destroy(dpe_default_handle);
	expect_done(PL0, 12);
	warm_reset();
	expect_dead(RUNTIME_UNABLE_TO_FIND_DPE_ROOT_CONTEXT);
}

/* Who exports a CDI goes without its tag. */
static void tag_of_nothing_is_fatal(void **unused)
{
	(void)unused;
	assert_int_equal(tag(PL0, dpe_default_handle, 5), 0);
	X509_free(export_cdi(0));
	warm_reset();
	expect_dead(RUNTIME_CONTEXT_TAGS_VALIDATION_FAILED);
}

static void tag_zero_of_nothing_is_fatal(void **unused)
{
	(void)unused;
	assert_int_equal(tag(PL0, dpe_default_handle, 0), 0);
	X509_free(export_cdi(0));
	warm_reset();
	expect_dead(RUNTIME_CONTEXT_HAS_TAG_VALIDATION_FAILED);
}

/* Another user of the mailbox is one of the values that boot is given. */
static void update_reset_measures_again(void **unused)
{
	struct dpe_context *cciv = &dev.fw.dpe.context[1];
	struct dpe_context before = *cciv;
	uint8_t cumulative[SHA384_SIZE];
	uint8_t pcr[SHA384_SIZE];

	(void)unused;
	memset(dev.fw.dpe.context[0].tci_current, 0, SHA384_SIZE);
	device_reset(&dev, DEVICE_RESET_UPDATE);
	device_run(&dev);
	assert_memory_equal(dev.fw.dpe.context[0].tci_current,
			    dev.fw.pcrs.value[PCR_RT_CURRENT], SHA384_SIZE);
	assert_memory_equal(cciv, &before, sizeof(before));

	ifc_write(&dev, CPTRA_MBOX_VALID_AXI_USER + 16, 0x1234);
	ifc_write(&dev, CPTRA_MBOX_AXI_USER_LOCK + 16, 1);
	memcpy(pcr, dev.fw.pcrs.value[31], sizeof(pcr));
	device_reset(&dev, DEVICE_RESET_UPDATE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_memory_not_equal(cciv->tci_current, before.tci_current, 48);
	memcpy(cumulative, before.tci_cumulative, sizeof(cumulative));
	crypto_sha384_extend(cumulative, cciv->tci_current, SHA384_SIZE);
	assert_memory_equal(cciv->tci_cumulative, cumulative, 48);
	crypto_sha384_extend(pcr, cciv->tci_current, SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[31], pcr, sizeof(pcr));
}

static void attestation_is_disabled(void **unused)
{
	uint8_t before[P384_POINT_SIZE];
	uint8_t after[P384_POINT_SIZE];
	X509 *cert;

	(void)unused;
	crypto_p384_point(dev.fw.rt_alias.ecc, before);
	X509_free(export_cdi(RETAIN));
	assert_int_equal(run(PL1, CALIPTRA_CMD_DISABLE_ATTESTATION, NULL, 0),
			 RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	assert_false(dev.fw.attestation_disabled);
	assert_int_equal(run(PL0, CALIPTRA_CMD_DISABLE_ATTESTATION, NULL, 0),
			 0);
	/* the same key in every device: HMAC-SHA-512 of "zero_cdi" under zeros */
	crypto_p384_point(dev.fw.rt_alias.ecc, after);
	expect_hex(after + 1,
		   "a829e11a866527432b481be6b9c65f32009b18ef69f4dbe9"
		   "b20fa76ab757e8653c5135034bdcb9d1fe19c779d44b2c03"
		   "d6bd0c5c235a50b467a556757c3546fe410daa8dde3c8781"
		   "2326a866b667e56d4225e0f4e3ea9ddc2e687bbbd90a9afc");
	assert_memory_not_equal(before, after, sizeof(before));
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	cert = certified();
	assert_int_equal(X509_verify(cert, dev.fw.rt_alias.ecc), 1);
	X509_free(cert);
	cert = parse(&dev.fw.rt_alias_cert);
	assert_int_equal(
		EVP_PKEY_eq(X509_get0_pubkey(cert), dev.fw.rt_alias.ecc), 0);
	X509_free(cert);
	/* and it stays so */
	device_reset(&dev, DEVICE_RESET_UPDATE);
	device_run(&dev);
	crypto_p384_point(dev.fw.rt_alias.ecc, before);
	assert_memory_equal(before, after, sizeof(before));
}

/* Before 2.1 anybody may. */
static void attestation_is_disabled_by_anybody(void **unused)
{
	static const char *const generations[] = { "2.0", "1.2" };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(generations); i++) {
		device_release(&dev);
		boot(generations[i]);
		assert_int_equal(
			run(PL1, CALIPTRA_CMD_DISABLE_ATTESTATION, NULL, 0), 0);
		assert_true(dev.fw.attestation_disabled);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(contexts_outlive_a_warm_reset),
		TEST(mixed_localities_end_attestation),
		TEST(full_levels_end_attestation),
		TEST(foreign_root_ends_attestation),
		TEST(no_root_is_fatal),
		TEST(tag_of_nothing_is_fatal),
		TEST(tag_zero_of_nothing_is_fatal),
		TEST(update_reset_measures_again),
		TEST(attestation_is_disabled),
		TEST(attestation_is_disabled_by_anybody),
	};

	return cmocka_run_group_tests_name("dpe_reset", tests, NULL, NULL);
}
