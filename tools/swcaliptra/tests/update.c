// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests hitless updates: other runtime firmware without a cold reset, and what an
 * update may not change (caliptra-sw rom/dev/src/flow/update_reset.rs,
 * fmc/src/flow/rt_alias.rs, runtime/src/drivers.rs).
 */
#include "bundles.h"

#include <openssl/x509.h>

#include "dpe_cert.h"

static void boot(const char *generation, uint32_t pqc_type)
{
	make(generation, pqc_type);
	power_on(LIFECYCLE_PRODUCTION);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
}

static X509 *parse(const struct cert_der *der)
{
	const unsigned char *p = der->bytes;
	X509 *cert = d2i_X509(NULL, &p, (long)der->len);

	assert_non_null(cert);
	return cert;
}

/* @key is certified by the key of the FMC alias, and last in the chain. */
static void expect_certificate(const struct cert_der *fmc_alias_cert,
			       const struct cert_der *cert, EVP_PKEY *key,
			       const uint8_t *chain, size_t chain_len)
{
	X509 *fmc_alias = parse(fmc_alias_cert);
	X509 *rt_alias = parse(cert);

	assert_int_equal(X509_verify(rt_alias, X509_get0_pubkey(fmc_alias)), 1);
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(rt_alias), key), 1);
	assert_in_range(chain_len, cert->len, FW_MLDSA_CHAIN_SIZE);
	assert_memory_equal(chain + chain_len - cert->len, cert->bytes,
			    cert->len);
	X509_free(fmc_alias);
	X509_free(rt_alias);
}

/* RT alias is certified anew, by the same FMC alias. */
static void expect_certified(void)
{
	const struct firmware *fw = &dev.fw;

	expect_certificate(&fw->fmc_alias_cert, &fw->rt_alias_cert,
			   fw->rt_alias.ecc, fw->chains.ecc,
			   fw->chains.ecc_len);
	if (!is_1x())
		expect_certificate(&fw->mldsa.fmc_alias_cert,
				   &fw->mldsa.rt_alias_cert, fw->rt_alias.mldsa,
				   fw->chains.mldsa, fw->chains.mldsa_len);
}

/* The log begins anew with each update; the last entry is of runtime firmware. */
static void expect_logged(unsigned int len)
{
	const struct pcr_log *log = &dev.fw.pcr_log;
	uint8_t tci[SHA384_SIZE];

	digest_of(&recipe.runtime, tci);
	assert_int_equal(log->len, len);
	assert_int_equal(log->entry[0][0], PCR_LOG_DEVICE_STATUS);
	assert_int_equal(log->entry[2][0], PCR_LOG_OWNER_PK_HASH);
	assert_memory_equal(log->entry[2] + 8, dev.fw.image.owner_pk_hash,
			    SHA384_SIZE);
	assert_int_equal(log->entry[len - 1][0], PCR_LOG_RT_TCI);
	assert_int_equal(wire_get_le32(log->entry[len - 1] + 4),
			 1 << 2 | 1 << 3);
	assert_memory_equal(log->entry[len - 1] + 8, tci, SHA384_SIZE);
}

/* Journeys go on from @before; what runs is measured from the beginning. */
static void expect_pcrs(const struct pcr_vault *before)
{
	uint8_t current[SHA384_SIZE] = { 0 };
	uint8_t journey[SHA384_SIZE];
	uint8_t tci[SHA384_SIZE];

	digest_of(&recipe.runtime, tci);
	crypto_sha384_extend(current, tci, SHA384_SIZE);
	memcpy(journey, before->value[3], SHA384_SIZE);
	crypto_sha384_extend(journey, tci, SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[0], before->value[0],
			    SHA384_SIZE);
	assert_memory_not_equal(dev.fw.pcrs.value[1], before->value[1],
				SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[2], current, SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[3], journey, SHA384_SIZE);
	assert_memory_equal(dev.fw.dpe.context[0].tci_current, current,
			    SHA384_SIZE);
	assert_memory_equal(dev.fw.dpe.context[0].tci_cumulative, journey,
			    SHA384_SIZE);
}

static void expect_other_mldsa(const uint8_t before[MLDSA87_PUBLIC_SIZE])
{
	uint8_t now[MLDSA87_PUBLIC_SIZE];

	assert_int_equal(mldsa87_public(dev.fw.rt_alias.mldsa, now), 0);
	assert_memory_not_equal(before, now, sizeof(now));
}

static void update(const char *generation, uint32_t pqc_type)
{
	uint8_t mldsa_before[MLDSA87_PUBLIC_SIZE];
	uint8_t rt_before[P384_POINT_SIZE];
	uint8_t rt_now[P384_POINT_SIZE];
	struct pcr_vault before;
	uint32_t cold;

	boot(generation, pqc_type);
	cold = is_1x() ? 5 : 7;
	before = dev.fw.pcrs;
	expect_logged(5);
	crypto_p384_point(dev.fw.rt_alias.ecc, rt_before);
	if (!is_1x())
		mldsa87_public(dev.fw.rt_alias.mldsa, mldsa_before);
	make_update(6);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	expect_pcrs(&before);
	expect_certified();
	crypto_p384_point(dev.fw.rt_alias.ecc, rt_now);
	assert_memory_not_equal(rt_before, rt_now, sizeof(rt_now));
	if (!is_1x())
		expect_other_mldsa(mldsa_before);
	expect_logged(5);
	expect_svns(6, 6, cold);
	expect_version(0x1803, 0x02020006);
	assert_int_equal(ifc_read(&dev, CPTRA_RESET_REASON),
			 CPTRA_RESET_REASON_FW_UPD_RESET);

	/* the lowest one is remembered */
	before = dev.fw.pcrs;
	make_update(9);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	expect_pcrs(&before);
	expect_svns(9, 6, cold);

	/* and an update that was good is no obstacle to a warm reset */
	device_reset(&dev, DEVICE_RESET_WARM);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	expect_running();
	expect_version(0x1803, 0x02020009);
	expect_svns(9, 6, cold);
	device_release(&dev);
}

static void updates(void **unused)
{
	(void)unused;
	update("2.1", BUNDLE_PQC_MLDSA);
	update("2.1", BUNDLE_PQC_LMS);
	update("2.0", BUNDLE_PQC_MLDSA);
	update("1.2", BUNDLE_PQC_LMS);
	update("1.2", 0);
}

/* FMC of 1.x measures whatever comes, until its log is full. */
static void old_journeys(void **unused)
{
	struct pcr_vault before;
	unsigned int i;

	(void)unused;
	boot("1.2", BUNDLE_PQC_LMS);
	before = dev.fw.pcrs;
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_pcrs(&before);
	expect_logged(5);
	for (i = 6; i <= PCR_LOG_ENTRIES; i++) {
		uint8_t fmc_journey[SHA384_SIZE];

		before = dev.fw.pcrs;
		memcpy(fmc_journey, before.value[1], SHA384_SIZE);
		device_reset(&dev, DEVICE_RESET_UPDATE);
		device_run(&dev);
		assert_int_equal(non_fatal(),
				 ROM_UPDATE_RESET_FLOW_MAILBOX_ACCESS_FAILURE);
		/* which ROM itself does not */
		assert_memory_equal(dev.fw.pcrs.value[1], fmc_journey,
				    SHA384_SIZE);
		memset(before.value[1], 0, SHA384_SIZE);
		expect_pcrs(&before);
		expect_logged(i);
		expect_certified();
	}
	device_reset(&dev, DEVICE_RESET_UPDATE);
	device_run(&dev);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 FMC_GLOBAL_PCR_LOG_EXHAUSTED);
	device_release(&dev);
}

/* The same image again: no step of the runtime's journey. */
static void the_same_again(void **unused)
{
	struct pcr_vault before;

	(void)unused;
	boot("2.1", BUNDLE_PQC_MLDSA);
	before = dev.fw.pcrs;
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	assert_memory_equal(dev.fw.pcrs.value[2], before.value[2],
			    2 * SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[31], before.value[31],
			    SHA384_SIZE);
	assert_int_equal(dev.fw.pcr_log.len, 4);
	expect_certified();
	device_release(&dev);
}

/* The user with privilege level 0 is the one of whatever runs. */
static void another_user_has_pl0(void **unused)
{
	(void)unused;
	boot("2.1", BUNDLE_PQC_MLDSA);
	assert_int_equal(dpe_count_used(&dev.fw.dpe, true), 2);
	recipe.pl0_user = 0x77;
	make_update(8);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	assert_true(firmware_pl0(&dev.fw, 0x77));
	/* the root is Caliptra's own and counts for the new one, too */
	assert_int_equal(dpe_count_used(&dev.fw.dpe, true), 1);
	assert_int_equal(dpe_count_used(&dev.fw.dpe, false), 1);
	device_release(&dev);
}

/* What boot was configured with is measured anew, where it has changed. */
static void configuration_is_measured(void **unused)
{
	uint8_t cumulative[SHA384_SIZE];
	uint8_t pcr31[SHA384_SIZE] = { 0 };
	struct dpe_context *cciv = &dev.fw.dpe.context[1];

	(void)unused;
	boot("2.1", BUNDLE_PQC_MLDSA);
	assert_int_equal(cciv->tci_type, DPE_TCI_CCIV);
	memcpy(cumulative, cciv->tci_cumulative, SHA384_SIZE);
	recipe.runtime.entry_point += 4;
	make_update(8);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	crypto_sha384_extend(cumulative, cciv->tci_current, SHA384_SIZE);
	assert_memory_equal(cciv->tci_cumulative, cumulative, SHA384_SIZE);
	crypto_sha384_extend(pcr31, cciv->tci_current, SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[31], pcr31, SHA384_SIZE);
	device_release(&dev);
}

/* What of the firmware an update that is refused leaves as it was. */
struct state {
	struct fw_image image;
	struct pcr_vault pcrs;
	struct dpe dpe;
	struct cert_der rt_alias_cert;
	struct cert_der rt_alias_mldsa_cert;
	struct pcr_log pcr_log;
	uint8_t rt_alias[P384_POINT_SIZE];
	uint32_t versions[2];
};

static void keep(struct state *s)
{
	memset(s, 0, sizeof(*s));
	s->image = dev.fw.image;
	s->pcrs = dev.fw.pcrs;
	s->dpe = dev.fw.dpe;
	s->rt_alias_cert = dev.fw.rt_alias_cert;
	s->rt_alias_mldsa_cert = dev.fw.mldsa.rt_alias_cert;
	s->pcr_log = dev.fw.pcr_log;
	crypto_p384_point(dev.fw.rt_alias.ecc, s->rt_alias);
	s->versions[0] = ifc_read(&dev, CPTRA_FW_REV_ID);
	s->versions[1] = ifc_read(&dev, CPTRA_FW_REV_ID + 4);
}

static void expect_kept(const struct state *before)
{
	static struct state now;

	keep(&now);
	assert_memory_equal(&now, before, sizeof(now));
}

static void expect_refused(uint32_t error)
{
	static struct state before;

	keep(&before);
	assert_int_equal(load(), MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(non_fatal(), error);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), 0);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	expect_kept(&before);
}

static void other_fmc(void)
{
	static uint8_t fmc[3000];

	memset(fmc, 0x99, sizeof(fmc));
	recipe.fmc.data = fmc;
}

static void other_owner(void)
{
	recipe.owner.ecc = recipe.vendor.ecc;
}

/* The same keys in the same places, but others sign. */
static void other_ecc_key(void)
{
	bundle_ecc_key(recipe.vendor.ecc, recipe.ecc_keys[2]);
	recipe.ecc_index = 2;
}

static void other_pqc_key(void)
{
	bundle_mldsa_key(recipe.vendor.mldsa, recipe.pqc_keys[3]);
	recipe.pqc_index = 3;
}

static void refused(void **unused)
{
	static const struct {
		void (*change)(void);
		uint32_t error;
	} cases[] = {
		{ other_fmc,
		  IMAGE_VERIFIER_ERR_UPDATE_RESET_FMC_DIGEST_MISMATCH },
		{ other_owner,
		  IMAGE_VERIFIER_ERR_UPDATE_RESET_OWNER_DIGEST_FAILURE },
	};
	size_t i;

	(void)unused;
	boot("2.1", BUNDLE_PQC_MLDSA);
	for (i = 0; i < COUNT(cases); i++) {
		test_recipe(&recipe, "2.1", BUNDLE_PQC_MLDSA);
		cases[i].change();
		make_update(8);
		expect_refused(cases[i].error);
	}
	test_recipe(&recipe, "2.1", BUNDLE_PQC_MLDSA);
	make_update(8);
	bundle[17000] ^= 1;
	expect_refused(IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH);
	bundle[17000] ^= 1;
	bundle[bundle_layout(recipe.generation)->size + 3000] ^= 1;
	expect_refused(IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH);
	/* after which it is as able as before */
	make_update(8);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	expect_svns(8, 7, 7);
	device_release(&dev);
}

/* The vendor's key may not be another one, though its list allows both. */
static void vendor_stays(void **unused)
{
	static const struct {
		void (*change)(void);
		uint32_t error;
	} cases[] = {
		{ other_ecc_key,
		  IMAGE_VERIFIER_ERR_UPDATE_RESET_VENDOR_ECC_PUB_KEY_IDX_MISMATCH },
		{ other_pqc_key,
		  IMAGE_VERIFIER_ERR_UPDATE_RESET_VENDOR_PQC_PUB_KEY_IDX_MISMATCH },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(cases); i++) {
		test_recipe(&recipe, "2.1", BUNDLE_PQC_MLDSA);
		/* both places have the vendor's key */
		bundle_ecc_key(recipe.vendor.ecc, recipe.ecc_keys[2]);
		bundle_mldsa_key(recipe.vendor.mldsa, recipe.pqc_keys[3]);
		bundle_len = bundle_size(&recipe);
		assert_int_equal(bundle_make(&recipe, bundle), 0);
		test_bundle_fuses(&fuses, &recipe, bundle);
		power_on(LIFECYCLE_PRODUCTION);
		assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
		bundle_ecc_key(recipe.vendor.ecc, recipe.ecc_keys[1]);
		cases[i].change();
		make_update(8);
		expect_refused(cases[i].error);
		device_release(&dev);
	}
}

static void rolled_back(void **unused)
{
	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	fuse_offset = FUSE_RUNTIME_SVN;
	fuse_value = 1 << 4;
	power_on(LIFECYCLE_PRODUCTION);
	fuse_offset = 0;
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	make_update(4);
	expect_refused(IMAGE_VERIFIER_ERR_FIRMWARE_SVN_LESS_THAN_FUSE);
	make_update(5);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	expect_svns(5, 5, 7);
	device_release(&dev);
}

/* An update that was refused is one that has begun, for the next warm reset. */
static void warm_reset_after_a_refusal(void **unused)
{
	(void)unused;
	boot("2.1", BUNDLE_PQC_MLDSA);
	make_update(8);
	bundle[0] ^= 1;
	expect_refused(IMAGE_VERIFIER_ERR_MANIFEST_MARKER_MISMATCH);
	device_reset(&dev, DEVICE_RESET_WARM);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 ROM_WARM_RESET_UNSUCCESSFUL_PREVIOUS_UPDATE_RESET);
	device_release(&dev);
}

/* Firmware that is the program has no owner that could update it. */
static void the_program_can_not_be_updated(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	assert_int_equal(device_init(&dev, &config), 0);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	expect_refused(IMAGE_VERIFIER_ERR_UPDATE_RESET_OWNER_DIGEST_FAILURE);
	device_release(&dev);
}

static void updates_of_a_subsystem(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	config.subsystem = true;
	assert_int_equal(device_init(&dev, &config), 0);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	bundle_len = 1000;
	expect_refused(ROM_UPDATE_RESET_FLOW_IMAGE_NOT_IN_MCU_SRAM);
	/* its mailbox has no room for a manifest */
	assert_int_equal(send(CALIPTRA_CMD_FIRMWARE_VERIFY, 1000),
			 MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(non_fatal(),
			 IMAGE_VERIFIER_ERR_MANIFEST_SIZE_MISMATCH);
	device_release(&dev);
}

static void expect_verified(uint32_t result)
{
	static struct state before;
	const uint8_t *answer = mbox_bytes(&dev.mbox);

	keep(&before);
	assert_int_equal(device_submit(&dev, SOC_BOOT_PL1_USER,
				       CALIPTRA_CMD_FIRMWARE_VERIFY, bundle,
				       bundle_len),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(dev.mbox.status, MBOX_STATUS_DATA_READY);
	assert_int_equal(dev.mbox.dlen, 12);
	assert_int_equal(wire_get_le32(answer + 4), FIPS_STATUS_APPROVED);
	assert_int_equal(wire_get_le32(answer + 8), result);
	device_finish(&dev, SOC_BOOT_PL1_USER);
	assert_int_equal(non_fatal(), 0);
	expect_kept(&before);
}

static void verify_alone(void **unused)
{
	(void)unused;
	boot("2.1", BUNDLE_PQC_MLDSA);
	expect_verified(CALIPTRA_FIRMWARE_VERIFY_RESULT_SUCCESS);
	make_update(8);
	expect_verified(CALIPTRA_FIRMWARE_VERIFY_RESULT_SUCCESS);
	bundle[17000] ^= 1;
	expect_verified(CALIPTRA_FIRMWARE_VERIFY_RESULT_FAILURE);
	bundle[17000] ^= 1;
	bundle_len = 100;
	expect_verified(CALIPTRA_FIRMWARE_VERIFY_RESULT_FAILURE);
	/* as for an update: FMC may not be another one */
	other_fmc();
	make_update(8);
	expect_verified(CALIPTRA_FIRMWARE_VERIFY_RESULT_FAILURE);
	device_release(&dev);
}

static void expect_dates(const struct cert_der *cert, const char *dates)
{
	/* each with type and length before it */
	assert_non_null(memmem(cert->bytes, cert->len, dates, 15));
	assert_non_null(memmem(cert->bytes, cert->len, dates + 15, 15));
}

/* What the DPE certifies is valid as long. */
static void expect_dpe_dates(const char *dates)
{
	struct dpe_env env = firmware_dpe_env(&dev.fw, &dpe_p384);
	const struct dpe_subject subject = {
		.key = dev.fw.rt_alias.ecc,
		.ueid = dev.fw.ueid,
		.ueid_len = sizeof(dev.fw.ueid),
	};
	struct cert_der cert;

	cert.len =
		dpe_cert_x509(&env, &subject, cert.bytes, sizeof(cert.bytes));
	assert_int_not_equal(cert.len, 0);
	expect_dates(&cert, dates);
}

/* Dates in the header go into the certificates; the owner's before the vendor's. */
static void validity(void **unused)
{
	static const char vendor[] = "20240102030405Z20340102030405Z";
	static const char owner[] = "20250607080910Z20350607080910Z";
	static const struct {
		const char *vendor, *owner, *want;
	} cases[] = {
		{ NULL, NULL, "20230101000000Z99991231235959Z" },
		{ vendor, NULL, vendor },
		{ vendor, owner, owner },
		{ NULL, owner, owner },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(cases); i++) {
		make("2.1", BUNDLE_PQC_MLDSA);
		if (cases[i].vendor)
			memcpy(recipe.vendor_dates, cases[i].vendor, 30);
		if (cases[i].owner)
			memcpy(recipe.owner_dates, cases[i].owner, 30);
		assert_int_equal(bundle_make(&recipe, bundle), 0);
		power_on(LIFECYCLE_PRODUCTION);
		assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
		expect_running();
		expect_dates(&dev.fw.fmc_alias_cert, cases[i].want);
		expect_dates(&dev.fw.rt_alias_cert, cases[i].want);
		expect_dates(&dev.fw.mldsa.fmc_alias_cert, cases[i].want);
		expect_dates(&dev.fw.mldsa.rt_alias_cert, cases[i].want);
		expect_dpe_dates(cases[i].want);
		expect_dates(&dev.fw.ldevid_cert, cases[0].want);
		expect_dates(&dev.fw.mldsa.ldevid_cert, cases[0].want);
		device_release(&dev);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates),
		cmocka_unit_test(old_journeys),
		cmocka_unit_test(the_same_again),
		cmocka_unit_test(another_user_has_pl0),
		cmocka_unit_test(configuration_is_measured),
		cmocka_unit_test(refused),
		cmocka_unit_test(vendor_stays),
		cmocka_unit_test(rolled_back),
		cmocka_unit_test(warm_reset_after_a_refusal),
		cmocka_unit_test(the_program_can_not_be_updated),
		cmocka_unit_test(updates_of_a_subsystem),
		cmocka_unit_test(verify_alone),
		cmocka_unit_test(validity),
	};

	return cmocka_run_group_tests_name("update", tests, NULL, NULL);
}
