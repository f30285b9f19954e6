// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests what hardware and firmware of each generation present: registers that there
 * are and are not (caliptra-rtl v1.1, v2.0.4), the mailbox's size, what boot measures
 * and certifies, and which commands ROM and runtime firmware answer with which layout.
 */
#include "harness.h"

#include <caliptra/caliptra.h>
#include <caliptra/commands.h>
#include <openssl/x509.h>

#define PL0 SOC_BOOT_PL0_USER

/* 1.x alone has it. */
#define CMD_ECDSA384_VERIFY 0x53494756u

#define ALL 0xffffffffu

static struct device dev;
static const struct generation *g;

/* Power on one of generation @name, as far as @hold. */
static void boot(const char *name, enum soc_boot_hold hold)
{
	struct device_config config = test_config();

	g = generation_find(name);
	assert_non_null(g);
	config.generation = g;
	config.hold_firmware = hold == SOC_BOOT_HOLD_FIRMWARE;
	test_boot(&dev, &config, 0, hold);
}

static int teardown(void **unused)
{
	(void)unused;
	device_release(&dev);
	return 0;
}

/* The next one, after the one before it. */
static void boot_next(const char *name, enum soc_boot_hold hold)
{
	device_release(&dev);
	boot(name, hold);
}

static void names(void **unused)
{
	static const char *const wrong[] = { "",    "1",    "1.x",
					     "1.1", "2.10", "3.0" };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(wrong); i++)
		assert_null(generation_find(wrong[i]));
	assert_ptr_equal(generation_find("2.1"), &generation_newest);
	assert_ptr_equal(generation_of_hw(0x11), generation_find("1.2"));
	assert_ptr_equal(generation_of_hw(0x02), generation_find("2.0"));
	assert_null(generation_of_hw(0x10));
	boot("2.1", SOC_BOOT_HOLD_FUSES);
}

/* A SoC may set these bits, and no others. */
static void expect_mask(uint32_t offset, uint32_t mask)
{
	uint32_t before = ifc_read(&dev, offset);

	ifc_write(&dev, offset, ALL);
	if (ifc_read(&dev, offset) != mask)
		fail_msg("%s: 0x%x holds 0x%x, not 0x%x", g->name, offset,
			 ifc_read(&dev, offset), mask);
	ifc_write(&dev, offset, before);
}

static void registers_of_1_2(void **unused)
{
	uint32_t offset;

	(void)unused;
	boot("1.2", SOC_BOOT_HOLD_FUSES);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_REV_ID), 0x0011);
	/* internal TRNG and LMS accelerator, no QSPI, I3C or UART */
	assert_int_equal(ifc_read(&dev, CPTRA_HW_CONFIG), 0x11);
	expect_mask(0x118, ALL); /* CPTRA_ITRNG_ENTROPY_CONFIG */
	expect_mask(0x11c, ALL);
	expect_mask(CPTRA_RSVD_REG, ALL);
	/* there is nothing up to the fuses */
	for (offset = CPTRA_HW_CAPABILITIES; offset < FUSE_UDS_SEED;
	     offset += 4)
		expect_mask(offset, 0);
	/* seed and field entropy are secret */
	for (; offset < 0x250; offset += 4)
		expect_mask(offset, 0);
	for (; offset < 0x280; offset += 4)
		expect_mask(offset, ALL); /* FUSE_KEY_MANIFEST_PK_HASH */
	expect_mask(0x280, 0xf);
	for (offset = 0x284; offset < 0x2c8; offset += 4)
		expect_mask(offset, ALL); /* owner's hash and SVNs */
	expect_mask(FUSE_ANTI_ROLLBACK_DISABLE, 1);
	for (offset = FUSE_IDEVID_CERT_ATTR; offset < 0x33c; offset += 4)
		expect_mask(offset, ALL);
	expect_mask(0x33c, 3); /* FUSE_LIFE_CYCLE */
	expect_mask(0x340, 1); /* FUSE_LMS_VERIFY */
	expect_mask(0x344, ALL); /* FUSE_LMS_REVOCATION */
	expect_mask(FUSE_SOC_STEPPING_ID, 0xffff);
	/* and nothing more */
	for (offset = 0x34c; offset < SOC_IFC_REG_SIZE; offset += 4)
		expect_mask(offset, 0);

	assert_false(soc_ifc_report_hw(&dev.ifc, CPTRA_HW_ERROR_FATAL, 0x10));
	assert_true(soc_ifc_report_hw(&dev.ifc, CPTRA_HW_ERROR_FATAL, 0xf));
	assert_false(soc_ifc_report_hw(&dev.ifc, CPTRA_HW_ERROR_NON_FATAL, 8));
	assert_true(soc_ifc_report_hw(&dev.ifc, CPTRA_HW_ERROR_NON_FATAL, 7));
}

static void registers_of_2_0(void **unused)
{
	(void)unused;
	boot("2.0", SOC_BOOT_HOLD_FUSES);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_REV_ID), 0x0002);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_CONFIG), 0x11);
	expect_mask(0x118, ALL); /* CPTRA_ITRNG_ENTROPY_CONFIG */
	expect_mask(CPTRA_ITRNG_ENTROPY_CONFIG, 0);
	expect_mask(CPTRA_ITRNG1_ENTROPY_CONFIG, 0);
	expect_mask(CPTRA_OWNER_PK_HASH, ALL);
	expect_mask(FUSE_VENDOR_PK_HASH, ALL);
	expect_mask(FUSE_MLDSA_REVOCATION, 0xf);
	expect_mask(FUSE_PQC_KEY_TYPE, 3);
	expect_mask(FUSE_HEK_SEED, 0);
	expect_mask(SS_CALIPTRA_DMA_AXI_USER, ALL);
	expect_mask(SS_EXTERNAL_STAGING_AREA_BASE_ADDR_L, 0);
	expect_mask(SS_KEY_RELEASE_BASE_ADDR_L, 0);
	expect_mask(SS_KEY_RELEASE_SIZE, 0);
	expect_mask(SS_STRAP_GENERIC, ALL);
	assert_false(soc_ifc_report_hw(&dev.ifc, CPTRA_HW_ERROR_FATAL, 0x10));
	assert_false(soc_ifc_report_hw(&dev.ifc, CPTRA_HW_ERROR_NON_FATAL, 8));

	boot_next("2.1", SOC_BOOT_HOLD_FUSES);
	expect_mask(0x118, 0);
	expect_mask(CPTRA_ITRNG_ENTROPY_CONFIG, ALL);
	expect_mask(FUSE_HEK_SEED, ALL);
	expect_mask(SS_KEY_RELEASE_SIZE, 0xffff);
}

/* No generation leaves a secret where it was. */
static void secrets_are_cleared(void **unused)
{
	static const char *const all[] = { "1.2", "2.0", "2.1" };
	uint32_t offset;
	size_t i;

	(void)unused;
	boot("2.1", SOC_BOOT_HOLD_FUSES);
	for (i = 0; i < COUNT(all); i++) {
		boot_next(all[i], SOC_BOOT_HOLD_BOOTFSM);
		assert_int_equal(dev.fw.phase, FW_RUNTIME);
		for (offset = FUSE_UDS_SEED;
		     offset < g->fuse_field_entropy + 32u; offset += 4)
			assert_int_equal(soc_ifc_get(&dev.ifc, offset), 0);
		/* what stands behind them is not one */
		assert_int_equal(ifc_read(&dev, g->fuse_vendor_pk_hash),
				 0x11223344);
	}
}

/* One word more than the mailbox has is lost; mbox_rdptr comes to its end. */
static void size_of_the_mailbox(const char *name, uint32_t size)
{
	uint32_t words = size / 4;
	uint32_t status;
	uint32_t i;

	boot_next(name, SOC_BOOT_HOLD_NONE);
	assert_int_equal(mbox_size(&dev.mbox), size);
	assert_int_equal(device_submit(&dev, PL0, 1, NULL, size + 1),
			 DEVICE_TOO_LONG);
	csr_read(&dev, PL0, MBOX_LOCK);
	csr_write(&dev, PL0, MBOX_CMD, CALIPTRA_CMD_VERSION);
	csr_write(&dev, PL0, MBOX_DLEN, size);
	for (i = 0; i <= words; i++)
		csr_write(&dev, PL0, MBOX_DATAIN, i);
	csr_write(&dev, PL0, MBOX_EXECUTE, 1);
	for (i = 0; i < words; i++) {
		enum mbox_violation unused;

		assert_int_equal(mbox_read(&dev.mbox, MBOX_UC, MBOX_UC_USER,
					   MBOX_DATAOUT, &unused),
				 i);
	}
	status = csr_read(&dev, PL0, MBOX_STATUS);
	assert_int_equal((status & MBOX_STATUS_RDPTR_MASK) >>
				 MBOX_STATUS_RDPTR_SHIFT,
			 words - 1);
	assert_int_equal(status & MBOX_STATUS_TAP_HAS_LOCK, 0);
}

static void mailboxes(void **unused)
{
	(void)unused;
	boot("2.1", SOC_BOOT_HOLD_FUSES);
	size_of_the_mailbox("1.2", 128 * 1024);
	size_of_the_mailbox("2.0", 256 * 1024);
	size_of_the_mailbox("2.1", 256 * 1024);
}

/* It has become small with 2.1. */
static void mailbox_of_a_subsystem(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	config.subsystem = true;
	config.generation = generation_find("2.0");
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_FUSES);
	assert_int_equal(mbox_size(&dev.mbox), 256 * 1024);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_CONFIG), 0x31);
	/* the first release of the subsystem */
	assert_int_equal(mci_read_as(&dev, PL0, MCI_HW_REV_ID), 0x1000);
	device_release(&dev);
	config.generation = generation_find("2.1");
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_FUSES);
	assert_int_equal(mbox_size(&dev.mbox), 16 * 1024);
	assert_int_equal(mci_read_as(&dev, PL0, MCI_HW_REV_ID), 0x2100);
}

static void versions(void **unused)
{
	struct fuses fuses;

	(void)unused;
	boot("1.2", SOC_BOOT_HOLD_NONE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_REV_ID),
			 (1 << 11 | 2 << 6 | 5) << 16 | 1 << 11 | 2 << 6);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_REV_ID + 4), 0x01020005);
	/* its hardware forgets them over a warm reset, and firmware does not */
	device_reset(&dev, DEVICE_RESET_WARM);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_REV_ID + 4), 0);
	test_fuses(&fuses);
	fuses.cptra_generation[0] = g->cptra_generation;
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_REV_ID + 4), 0x01020005);
	boot_next("2.0", SOC_BOOT_HOLD_NONE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_REV_ID),
			 (2 << 11 | 2) << 16 | 2 << 11 | 3);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_REV_ID + 4), 0x02000002);
}

/* PCR 0 of a device whose fuses are measured as @status. */
static void expect_pcr0(const uint8_t *status, size_t len)
{
	static const uint8_t owner_hash[SHA384_SIZE];
	struct pcr_vault vault = { 0 };
	uint8_t vendor_hash[SHA384_SIZE];
	uint32_t i;

	for (i = 0; i < 12; i++) {
		uint32_t word = 0x11223344u * (i + 1);

		vendor_hash[4 * i] = (uint8_t)(word >> 24);
		vendor_hash[4 * i + 1] = (uint8_t)(word >> 16);
		vendor_hash[4 * i + 2] = (uint8_t)(word >> 8);
		vendor_hash[4 * i + 3] = (uint8_t)word;
	}
	pcr_extend(&vault, 0, status, len);
	pcr_extend(&vault, 0, vendor_hash, SHA384_SIZE);
	pcr_extend(&vault, 0, owner_hash, SHA384_SIZE);
	pcr_extend(&vault, 0, dev.fw.image.fmc_sha384, SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[0], vault.value[0], SHA384_SIZE);
}

static void measurements(void **unused)
{
	/*
	 * Life cycle, debug locked, anti-rollback off, key, SVN, SVN fuse, other
	 * key, LMS or key type, owner in fuses, subsystem mode.
	 */
	static const uint8_t of_1_2[9] = { 3, 1, 0, 0, 3 };
	static const uint8_t of_2_0[10] = { 3, 1, 0, 0, 3, 0, 0, 1 };
	static const uint8_t of_subsystem[10] = { 3, 1, 0, 0, 3, 0, 0, 1, 0, 1 };
	struct device_config config = test_config();

	(void)unused;
	boot("1.2", SOC_BOOT_HOLD_NONE);
	expect_pcr0(of_1_2, sizeof(of_1_2));
	boot_next("2.0", SOC_BOOT_HOLD_NONE);
	expect_pcr0(of_2_0, sizeof(of_2_0));
	device_release(&dev);
	config.subsystem = true;
	config.generation = g;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	expect_pcr0(of_subsystem, sizeof(of_subsystem));
}

static bool has(const struct cert_der *cert, const void *bytes, size_t len)
{
	return memmem(cert->bytes, cert->len, bytes, len);
}

static bool says(const struct cert_der *cert, const char *text)
{
	return has(cert, text, strlen(text));
}

/* The path length in a certificate. */
static long path_len(const struct cert_der *der)
{
	const unsigned char *p = der->bytes;
	X509 *cert = d2i_X509(NULL, &p, (long)der->len);
	long len;

	assert_non_null(cert);
	len = X509_get_pathlen(cert);
	X509_free(cert);
	return len;
}

static void certificates(void **unused)
{
	/* flags: not configured, not secure, debug, fixed width; and their mask */
	static const uint8_t flags[] = { 0x87, 5, 0, 0, 0, 0, 1 };
	static const uint8_t mask[] = { 0x8a, 5, 0, 0xd0, 0, 0, 1 };
	/* extended key usage */
	static const uint8_t eku[] = { 0x55, 0x1d, 0x25 };
	const struct firmware *fw = &dev.fw;

	(void)unused;
	boot("1.2", SOC_BOOT_HOLD_NONE);
	assert_true(says(&fw->ldevid_cert, "Caliptra 1.0 IDevID"));
	assert_true(says(&fw->ldevid_cert, "Caliptra 1.0 LDevID"));
	assert_true(says(&fw->fmc_alias_cert, "Caliptra 1.0 FMC Alias"));
	assert_true(says(&fw->fmc_alias_cert, "DEVICE_INFO"));
	assert_true(says(&fw->fmc_alias_cert, "FMC_INFO"));
	assert_true(has(&fw->fmc_alias_cert, flags, sizeof(flags)));
	assert_true(has(&fw->fmc_alias_cert, mask, sizeof(mask)));
	assert_true(says(&fw->rt_alias_cert, "RT_INFO"));
	assert_false(has(&fw->rt_alias_cert, eku, sizeof(eku)));
	assert_int_equal(path_len(&fw->ldevid_cert), 4);
	assert_int_equal(path_len(&fw->rt_alias_cert), 2);
	/* they fit into the responses of 1.x */
	assert_in_range(fw->fmc_alias_cert.len, 1, 1024);

	boot_next("2.0", SOC_BOOT_HOLD_NONE);
	assert_true(says(&fw->fmc_alias_cert, "Caliptra 2.0 Ecc384 FMC Alias"));
	assert_true(says(&fw->fmc_alias_cert, "DEVICE_INFO"));
	assert_false(has(&fw->fmc_alias_cert, eku, sizeof(eku)));
	assert_true(has(&fw->rt_alias_cert, eku, sizeof(eku)));
	assert_int_equal(path_len(&fw->ldevid_cert), 4);

	boot_next("2.1", SOC_BOOT_HOLD_NONE);
	assert_false(says(&fw->fmc_alias_cert, "DEVICE_INFO"));
	assert_true(has(&fw->fmc_alias_cert, eku, sizeof(eku)));
	assert_int_equal(path_len(&fw->ldevid_cert), 6);
}

/* A command to its end; the length of the answer, which is in @answer. */
static uint32_t run(uint32_t code, const void *body, uint32_t len,
		    uint8_t answer[2048])
{
	uint8_t request[2048];
	uint32_t got = 0;

	assert_int_equal(device_submit(&dev, PL0, code, request,
				       test_request(request, code, body, len)),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	if (dev.mbox.status == MBOX_STATUS_DATA_READY) {
		got = dev.mbox.dlen;
		assert_in_range(got, 8, 2048);
		memcpy(answer, mbox_bytes(&dev.mbox), got);
	}
	device_finish(&dev, PL0);
	return got;
}

static uint32_t error(void)
{
	return ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL);
}

static void layouts_of_1_2(void **unused)
{
	static const uint8_t mcu[104] = { 2 };
	uint8_t answer[2048];
	uint8_t nonce[32];
	uint8_t digest[SHA512_SIZE];

	(void)unused;
	boot("1.2", SOC_BOOT_HOLD_NONE);
	/* the SVNs of runtime and FMC, and it ends with the owner's key hash */
	assert_int_equal(run(CALIPTRA_CMD_FW_INFO, NULL, 0, answer), 264);
	assert_int_equal(wire_get_le32(answer + 12), 3);
	assert_int_equal(wire_get_le32(answer + 20), 3);
	/* the digest stands before the reset counters, and is a SHA-384 */
	memset(nonce, 7, sizeof(nonce));
	assert_int_equal(run(CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce, 32, answer),
			 1848);
	pcr_quote_digest(g, &dev.fw.pcrs, nonce, digest);
	assert_memory_equal(answer + 8 + 32 * 48 + 32, digest, SHA384_SIZE);
	/* no metadata is reserved */
	assert_int_equal(run(CALIPTRA_CMD_STASH_MEASUREMENT, mcu, 104, answer),
			 12);
	assert_int_equal(wire_get_le32(answer + 8), 0);

	/* what it has not, or not yet */
	assert_int_equal(run(CALIPTRA_CMD_CM_RANDOM_GENERATE, nonce, 4, answer),
			 0);
	assert_int_equal(error(), RUNTIME_UNIMPLEMENTED_COMMAND);
	assert_int_equal(run(CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, answer,
			     240, answer),
			 0);
	assert_int_equal(error(), RUNTIME_UNIMPLEMENTED_COMMAND);
	memset(answer, 0, 192);
	assert_int_equal(run(CMD_ECDSA384_VERIFY, answer, 192, answer), 0);
	assert_int_equal(error(), DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED);

	boot_next("2.0", SOC_BOOT_HOLD_NONE);
	assert_int_equal(run(CALIPTRA_CMD_FW_INFO, NULL, 0, answer), 392);
	assert_int_equal(run(CALIPTRA_CMD_STASH_MEASUREMENT, mcu, 104, answer),
			 0);
	assert_int_equal(error(), RUNTIME_STASH_MEASUREMENT_RESERVED_FW_ID);
}

/* ROM of 1.x has no certificate to give. */
static void commands_of_rom(void **unused)
{
	uint8_t answer[2048];

	(void)unused;
	boot("1.2", SOC_BOOT_HOLD_FIRMWARE);
	assert_int_equal(dev.fw.phase, FW_ROM);
	assert_true(ifc_read(&dev, CPTRA_FLOW_STATUS) & 1u << 28);
	assert_int_equal(run(CALIPTRA_CMD_VERSION, NULL, 0, answer), 36);
	assert_int_equal(wire_get_le32(answer + 12), 0x12340011);
	assert_int_equal(
		run(CALIPTRA_CMD_GET_LDEV_ECC384_CERT, NULL, 0, answer), 0);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 FW_PROC_MAILBOX_INVALID_COMMAND);

	boot_next("2.0", SOC_BOOT_HOLD_FIRMWARE);
	assert_in_range(run(CALIPTRA_CMD_GET_LDEV_ECC384_CERT, NULL, 0, answer),
			500, 1100);
}

/* Contexts of the DPE for PL0: 16, of which boot takes two. */
static void contexts(void **unused)
{
	static const uint8_t body[104] = { 9 };
	uint8_t answer[2048];
	unsigned int n = 0;

	(void)unused;
	boot("1.2", SOC_BOOT_HOLD_NONE);
	while (run(CALIPTRA_CMD_STASH_MEASUREMENT, body, 104, answer))
		n++;
	assert_int_equal(n, 14);
	assert_int_equal(error(),
			 RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED);
}

/* GetIdevCertReq: a TBS of @tbs bytes, with the longest signature that there is. */
static uint32_t idev_cert(uint32_t tbs, uint8_t answer[2048])
{
	uint8_t body[4 + 48 + 48 + 916];

	memset(body, 0xff, sizeof(body));
	wire_put_le32(body, tbs);
	return run(CALIPTRA_CMD_GET_IDEV_ECC384_CERT, body, sizeof(body),
		   answer);
}

/* A certificate of 1024 bytes is the longest that 1.2 has room for. */
static void room_for_certificates(void **unused)
{
	/* SEQUENCE, algorithm, BIT STRING; SEQUENCE and two INTEGERs */
	const uint32_t around = 4 + 12 + 3 + 2 + 2 * 51;
	uint8_t answer[2048];

	(void)unused;
	boot("1.2", SOC_BOOT_HOLD_NONE);
	assert_int_equal(idev_cert(1024 - around, answer), 12 + 1024);
	assert_int_equal(wire_get_le32(answer + 8), 1024);
	assert_int_equal(idev_cert(1024 - around + 1, answer), 0);
	assert_int_equal(error(), RUNTIME_GET_IDEVID_CERT_FAILED);

	boot_next("2.0", SOC_BOOT_HOLD_NONE);
	assert_int_equal(idev_cert(916, answer), 12 + 916 + around);
}

/* VERSION, which does not look at what follows it. */
static uint32_t version(uint32_t len)
{
	uint8_t *request = calloc(1, len);
	uint32_t got;

	assert_non_null(request);
	wire_put_le32(request,
		      caliptra_checksum(CALIPTRA_CMD_VERSION, NULL, 0));
	assert_int_equal(device_submit(&dev, PL0, CALIPTRA_CMD_VERSION, request,
				       len),
			 DEVICE_SUBMITTED);
	free(request);
	device_run(&dev);
	got = dev.mbox.status == MBOX_STATUS_DATA_READY ? dev.mbox.dlen : 0;
	device_finish(&dev, PL0);
	return got;
}

/* Runtime firmware 1.2 copies a request to where 3586 words fit. */
static void room_for_requests(void **unused)
{
	(void)unused;
	boot("1.2", SOC_BOOT_HOLD_NONE);
	assert_int_equal(version(4 * 3586), 36);
	assert_int_equal(version(4 * 3586 + 1), 0);
	assert_int_equal(error(), RUNTIME_INSUFFICIENT_MEMORY);
	assert_int_equal(version(128 * 1024), 0);
	assert_int_equal(error(), RUNTIME_INSUFFICIENT_MEMORY);

	boot_next("2.0", SOC_BOOT_HOLD_NONE);
	assert_int_equal(version(256 * 1024), 36);
}

#define TEST(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names),
		TEST(registers_of_1_2),
		TEST(registers_of_2_0),
		TEST(secrets_are_cleared),
		TEST(mailboxes),
		TEST(mailbox_of_a_subsystem),
		TEST(versions),
		TEST(measurements),
		TEST(certificates),
		TEST(layouts_of_1_2),
		TEST(commands_of_rom),
		TEST(contexts),
		TEST(room_for_certificates),
		TEST(room_for_requests),
	};

	return cmocka_run_group_tests_name("generation", tests, NULL, NULL);
}
