// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests what booting leaves behind: PCRs (caliptra-sw test/src/derive.rs,
 * Pcr0::derive), the measurements in the certificates (common/src/dice.rs), the
 * identities that follow from the fuses, and a firmware image that is not what
 * was measured. Digests were computed apart from this code.
 */
#include "certs.h"
#include "harness.h"

#include <fcntl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "image.h"
#include "log.h"

static struct device dev;

/* test_derive_pcr0 of derive.rs: what is extended, in order, and the result */
static const char *const pcr0_inputs[] = {
	"010001020000000304058003030106070800",
	"ed6dd78c131d69e2313b5d890acd8e4ee2a1db67790721de"
	"01346b641c5cf3c9cf284e7d0e114d50e894b381d874ba94",
	"dc1a27ef0c08201a8b066094118c29fe0bc2270ebd965c43"
	"f7b9a68d8eaf37fa968ca8d813b2920b3b88b026f2f0ebb0",
	"e44ea8559fcf4063d3110a9ad60579dbe03e6dd74556cd98"
	"b2b941f51bb5034b587eea1ffcdd0e0f8e88d4063327a3fe",
};

static void pcr_extend_by_known_answer(void **unused)
{
	static struct pcr_vault vault;
	static struct pcr_vault empty;
	uint8_t data[SHA384_SIZE];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(pcr0_inputs); i++) {
		size_t size = strlen(pcr0_inputs[i]) / 2;

		unhex(pcr0_inputs[i], data, size);
		assert_int_equal(pcr_extend(&vault, 9, data, size), 0);
	}
	expect_hex(vault.value[9],
		   "da5f7363116f0c53b228d17749d044b4c62c4432418c4937"
		   "2cd6cd2d6df3d808c01f5afb5346caef61c7d6fe67e7eac5");
	memset(vault.value[9], 0, SHA384_SIZE);
	assert_memory_equal(&vault, &empty, sizeof(empty));
}

static void quote_digest_by_known_answer(void **unused)
{
	static struct pcr_vault vault;
	uint8_t nonce[32];
	uint8_t digest[SHA512_SIZE];
	uint8_t i;

	(void)unused;
	for (i = 0; i < PCR_COUNT; i++) {
		memset(vault.value[i], i + 1, SHA384_SIZE);
		/* these are not part of it */
		vault.reset_counter[i] = i;
	}
	for (i = 0; i < sizeof(nonce); i++)
		nonce[i] = i;
	assert_int_equal(
		pcr_quote_digest(&generation_newest, &vault, nonce, digest), 0);
	expect_hex(
		digest,
		"783a0cd5d45bee18876e6e15a9a97890d5e8b07d2b682bcbc12899e784b30725"
		"6b8ad6c793cc1488ef00e16e1cbc345f0969b628177e8f2ea5e55366a6bea08f");
	assert_int_equal(pcr_quote_digest(generation_find("1.2"), &vault, nonce,
					  digest),
			 0);
	expect_hex(digest, "99b1f8f499cc5cb28ba0655e351f7b617cdf01270c9feee9"
			   "bc68bb6346e7c715e9e83c2459bcac7fa8fda25bc5bf6473");
}

/**
 * struct measured - fuses, and what boot makes of them
 */
struct measured {
	uint8_t lifecycle;
	bool more_fuses;
	const char *pcr0;
	const char *owner_info;
	const char *vendor_info;
};

static const struct measured measurements[] = {
	{ LIFECYCLE_PRODUCTION, false,
	  "c094e5131cc1f4b6809c72084205752f4bc4ffaac64f56a5"
	  "e634f2f59b6fc42e2d11fd861c976b177dd9bf2052c77149",
	  "138f0c3f5efd9de876007e2fc7f223c78d0a6a4d2383f33e"
	  "54bd06147c3075a05b89034d3b0c0495647688356e36a2ef",
	  "6a109ad4ef20c578ee10870eb873049129ad2c2436a602c0"
	  "09f1cd6310c82f1786f8bb5965de231e3d0f3d498cf4649f" },
	{ LIFECYCLE_MANUFACTURING, true,
	  "ad783e7d6b448126788e9421c0116b79ad5caec175e01fcd"
	  "03439e78f3577728e4d4f7efab76cf21952b67576f5c55ff",
	  "e705027aad5eb8f483fcdd956af089cf5b2bfc96f93f14b7"
	  "7c56d3d2e1567fa40f10b58b8caf2b0a5907f4a9d33cf2a7",
	  "765829acc3f4ca4b1abaf8a7a547272107ba438359c998d3"
	  "d4dc43cda4fc314299a3482176f95851bb03b5ac0bf539b6" },
};

/* Fuses that every swcaliptra leaves at zero, but a SoC may write. */
static void write_more_fuses(void)
{
	ifc_write(&dev, FUSE_ANTI_ROLLBACK_DISABLE, 1);
	ifc_write(&dev, FUSE_ECC_REVOCATION, 5);
	ifc_write(&dev, FUSE_LMS_REVOCATION, 0x12345678);
	ifc_write(&dev, FUSE_MLDSA_REVOCATION, 0xa);
	ifc_write(&dev, FUSE_RUNTIME_SVN, 0xf);
	ifc_write(&dev, FUSE_SOC_MANIFEST_SVN + 4, 0x10);
	ifc_write(&dev, FUSE_SOC_MANIFEST_MAX_SVN, 0x80);
}

static void boot_measured(const struct measured *m)
{
	struct device_config config = test_config();
	struct fuses fuses;

	config.straps.device_lifecycle = m->lifecycle;
	test_fuses(&fuses);
	assert_int_equal(device_init(&dev, &config), 0);
	if (m->more_fuses) {
		write_more_fuses();
		fuses.pqc_key_type[0] = 2;
	}
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
}

static void pcrs_after_boot(void **unused)
{
	static const uint8_t zero[SHA384_SIZE];
	size_t i;
	int k;

	(void)unused;
	for (i = 0; i < COUNT(measurements); i++) {
		boot_measured(&measurements[i]);
		expect_hex(dev.fw.pcrs.value[0], measurements[i].pcr0);
		expect_hex(dev.fw.pcrs.value[1], measurements[i].pcr0);
		for (k = 2; k <= 3; k++)
			expect_hex(
				dev.fw.pcrs.value[k],
				"a50250fcabf806072ef2941b2a2c22b171e1b9c0cf2d7f02"
				"111568134571776017563cf668ce329d703118670557b51e");
		for (k = 4; k < PCR_COUNT; k++)
			assert_memory_equal(dev.fw.pcrs.value[k], zero, 48);
		device_release(&dev);
	}
}

/* Offsets of the TBS templates, behind the certificate's own header. */
static void certificates_say_what_was_measured(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(measurements); i++) {
		const uint8_t *fmc = dev.fw.fmc_alias_cert.bytes + 4;
		const uint8_t *rt = dev.fw.rt_alias_cert.bytes + 4;
		static const uint8_t fmc_tci[] = { [0 ... 47] = 0xc2 };
		static const uint8_t rt_tci[] = { [0 ... 47] = 0xc3 };

		boot_measured(&measurements[i]);
		expect_hex(fmc + 575, measurements[i].owner_info);
		expect_hex(fmc + 672, measurements[i].vendor_info);
		assert_memory_equal(fmc + 774, fmc_tci, 48);
		assert_int_equal(fmc[756], 3);
		assert_memory_equal(rt + 564, rt_tci, 48);
		assert_int_equal(rt[546], 3);
		/* UEID: its type, and the serial number as bytes */
		expect_hex(fmc + 490, "0104030201"
				      "08060402"
				      "0c090603"
				      "100c0804");
		device_release(&dev);
	}
}

static void certificates_are_a_chain(void **unused)
{
	struct device_config config = test_config();
	X509 *ldevid;
	X509 *fmc_alias;
	X509 *rt_alias;
	EVP_PKEY *idevid;

	(void)unused;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	idevid = crypto_p384_public_key(dev.fw.idevid_point);
	assert_non_null(idevid);
	ldevid = parse(&dev.fw.ldevid_cert);
	fmc_alias = parse(&dev.fw.fmc_alias_cert);
	rt_alias = parse(&dev.fw.rt_alias_cert);
	assert_int_equal(X509_verify(ldevid, idevid), 1);
	assert_int_equal(X509_verify(fmc_alias, X509_get0_pubkey(ldevid)), 1);
	assert_int_equal(X509_verify(rt_alias, X509_get0_pubkey(fmc_alias)), 1);
	assert_int_equal(X509_verify(rt_alias, X509_get0_pubkey(ldevid)), 0);
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(fmc_alias),
				     dev.fw.fmc_alias.ecc),
			 1);
	/* LDevID's secrets are of no more use */
	assert_null(dev.fw.ldevid.ecc);
	X509_free(ldevid);
	X509_free(fmc_alias);
	X509_free(rt_alias);
	EVP_PKEY_free(idevid);
	device_release(&dev);
}

/* Of FUSE_IDEVID_CERT_ATTR word 0 (fuse_bank.rs, idev_id_x509_key_id_algo). */
static void idevid_key_identifier(void **unused)
{
	uint8_t digest[8][SHA512_SIZE];
	struct fuses fuses;
	uint32_t flags;
	uint8_t i;

	(void)unused;
	for (flags = 0; flags < 16; flags++) {
		struct device_config config = test_config();

		config.hold_firmware = true;
		test_fuses(&fuses);
		/* the bits above are those of another algorithm */
		fuses.idevid_cert_attr[0] = flags & 7 ? flags : 0xfff8;
		for (i = 0; i < 5; i++)
			fuses.idevid_cert_attr[1 + i] = 0x10111213u + i;
		device_init(&dev, &config);
		soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
		device_run(&dev);
		crypto_sha1(dev.fw.idevid_point, 97, digest[0]);
		crypto_sha256(dev.fw.idevid_point, 97, digest[1]);
		crypto_sha384(dev.fw.idevid_point, 97, digest[2]);
		crypto_sha512(dev.fw.idevid_point, 97, digest[4]);
		unhex("1312111014121110151211101612111017121110", digest[3],
		      20);
		memcpy(digest[5], digest[3], 20);
		memcpy(digest[6], digest[3], 20);
		memcpy(digest[7], digest[3], 20);
		assert_memory_equal(dev.fw.idevid_key_id, digest[flags & 7],
				    20);
		assert_memory_equal(dev.fw.ldevid_cert.bytes + 4 + 575,
				    digest[flags & 7], 20);
		device_release(&dev);
	}
}

static void csr_only_with_the_flag(void **unused)
{
	struct device_config config = test_config();
	const unsigned char *p = dev.fw.idevid_csr.bytes;
	X509_REQ *csr;

	(void)unused;
	test_boot(&dev, &config, 0xfffffffe, SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.idevid_csr.len, 0);
	device_release(&dev);
	test_boot(&dev, &config, CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR,
		  SOC_BOOT_HOLD_NONE);
	csr = d2i_X509_REQ(NULL, &p, (long)dev.fw.idevid_csr.len);
	assert_non_null(csr);
	assert_int_equal(X509_REQ_verify(csr, X509_REQ_get0_pubkey(csr)), 1);
	X509_REQ_free(csr);
	device_release(&dev);
}

/* Public keys of the four layers, out of the certificates. */
struct keys {
	uint8_t idevid[P384_POINT_SIZE];
	uint8_t ldevid[P384_POINT_SIZE];
	uint8_t fmc_alias[P384_POINT_SIZE];
	uint8_t rt_alias[P384_POINT_SIZE];
};

static struct keys keys_of(const struct device_config *config,
			   const struct fuses *fuses)
{
	struct keys keys;

	assert_int_equal(device_init(&dev, config), 0);
	soc_boot(&dev.bus, fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	memcpy(keys.idevid, dev.fw.idevid_point, sizeof(keys.idevid));
	memcpy(keys.ldevid, dev.fw.ldevid_cert.bytes + 4 + 330, 97);
	memcpy(keys.fmc_alias, dev.fw.fmc_alias_cert.bytes + 4 + 333, 97);
	memcpy(keys.rt_alias, dev.fw.rt_alias_cert.bytes + 4 + 335, 97);
	device_release(&dev);
	return keys;
}

static void expect_same(const struct keys *a, const struct keys *b, int layers)
{
	const uint8_t(*x)[P384_POINT_SIZE] = (const void *)a;
	const uint8_t(*y)[P384_POINT_SIZE] = (const void *)b;
	int i;

	for (i = 0; i < 4; i++) {
		if (i < layers)
			assert_memory_equal(x[i], y[i], P384_POINT_SIZE);
		else
			assert_memory_not_equal(x[i], y[i], P384_POINT_SIZE);
	}
}

/* A layer's key changes with what goes into it, and so do those above. */
static void identities(void **unused)
{
	struct device_config config = test_config();
	struct device_config other = config;
	struct fuses fuses;
	struct fuses changed;
	struct keys keys;
	struct keys now;

	(void)unused;
	test_fuses(&fuses);
	keys = keys_of(&config, &fuses);
	now = keys_of(&config, &fuses);
	expect_same(&keys, &now, 4);

	changed = fuses;
	changed.uds_seed[15] ^= 1;
	now = keys_of(&config, &changed);
	expect_same(&keys, &now, 0);
	other.obf_key[31] ^= 1;
	now = keys_of(&other, &fuses);
	expect_same(&keys, &now, 0);
	changed = fuses;
	changed.field_entropy[7] ^= 1;
	now = keys_of(&config, &changed);
	expect_same(&keys, &now, 1);
	changed = fuses;
	changed.vendor_pk_hash[11] ^= 1;
	now = keys_of(&config, &changed);
	expect_same(&keys, &now, 2);
	other = config;
	other.image.fmc_sha384[0] ^= 1;
	now = keys_of(&other, &fuses);
	expect_same(&keys, &now, 2);
	other = config;
	other.image.runtime_sha384[0] ^= 1;
	now = keys_of(&other, &fuses);
	expect_same(&keys, &now, 3);
}

static void reset_starts_over(void **unused)
{
	struct device_config config = test_config();
	static struct firmware before;
	struct fuses fuses;

	(void)unused;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	before = dev.fw;
	memset(dev.fw.pcrs.value[31], 1, SHA384_SIZE);
	dev.fw.pcrs.reset_counter[5] = 5;
	dev.fw.last_error = 1;
	dev.fw.log_len = 3;
	bus_cold_reset(&dev.bus);
	assert_int_equal(dev.fw.phase, FW_RESET);
	assert_null(dev.fw.fmc_alias.ecc);
	assert_int_equal(dev.fw.ldevid_cert.len, 0);

	test_fuses(&fuses);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_memory_equal(&dev.fw.pcrs, &before.pcrs, sizeof(before.pcrs));
	assert_memory_equal(&dev.fw.rt_alias_cert, &before.rt_alias_cert,
			    sizeof(before.rt_alias_cert));
	assert_memory_equal(&dev.fw.dpe, &before.dpe, sizeof(before.dpe));
	assert_int_equal(dev.fw.last_error, 0);
	assert_int_equal(dev.fw.log_len, 0);
	device_release(&dev);
}

/* This program is the firmware, as every swcaliptra is its own. */
static void image_is_the_program(void **unused)
{
	static uint8_t bytes[64 * 1024 * 1024];
	int fd = open("/proc/self/exe", O_RDONLY);
	struct fw_image image;
	uint8_t digest[SHA384_SIZE];
	ssize_t n;
	size_t size = 0;

	(void)unused;
	while ((n = read(fd, bytes + size, sizeof(bytes) - size)) > 0)
		size += (size_t)n;
	close(fd);
	assert_int_equal(image_measure(&image), 0);
	assert_true(image.is_program);
	assert_int_equal(image.pl0_pauser, SOC_BOOT_PL0_USER);
	crypto_sha384(bytes, size, digest);
	assert_memory_equal(image.fmc_sha384, digest, SHA384_SIZE);
	assert_memory_equal(image.runtime_sha384, digest, SHA384_SIZE);
	crypto_sha256(bytes, size, digest);
	assert_memory_equal(image.rom_sha256, digest, SHA256_SIZE);

	assert_true(image_intact(&image));
	image.rom_sha256[0] ^= 1;
	assert_false(image_intact(&image));
	image.rom_sha256[0] ^= 1;
	image.runtime_sha384[47] ^= 1;
	assert_false(image_intact(&image));
	image.is_program = false;
	assert_true(image_intact(&image));
}

/* ROM does not go on with a program that has changed. */
static void changed_program_is_fatal(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	assert_int_equal(image_measure(&config.image), 0);
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	device_release(&dev);

	config.image.rom_sha256[5] ^= 1;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.phase, FW_HALTED);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 ROM_INTEGRITY_FAILURE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL),
			 ROM_INTEGRITY_FAILURE);
	assert_int_equal(bus_wires(&dev.bus),
			 BUS_WIRE_CPTRA_ERROR_FATAL |
				 BUS_WIRE_CPTRA_ERROR_NON_FATAL);
	assert_int_equal(ifc_read(&dev, CPTRA_FLOW_STATUS) &
				 CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING,
			 0);
	device_release(&dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcr_extend_by_known_answer),
		cmocka_unit_test(quote_digest_by_known_answer),
		cmocka_unit_test(pcrs_after_boot),
		cmocka_unit_test(certificates_say_what_was_measured),
		cmocka_unit_test(certificates_are_a_chain),
		cmocka_unit_test(idevid_key_identifier),
		cmocka_unit_test(csr_only_with_the_flag),
		cmocka_unit_test(identities),
		cmocka_unit_test(reset_starts_over),
		cmocka_unit_test(image_is_the_program),
		cmocka_unit_test(changed_program_is_fatal),
	};

	return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
