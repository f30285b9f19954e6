// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the boot of a subsystem from its recovery interface, and ACTIVATE_FIRMWARE
 * (caliptra-sw runtime/tests/runtime_integration_tests/test_recovery_flow.rs,
 * test_activate_firmware.rs and test_encrypted_firmware.rs).
 */
#include "manifests.h"

#define INVALID	 RUNTIME_MAILBOX_INVALID_PARAMS
#define FAILED	 IMAGE_VERIFIER_ACTIVATION_FAILED
#define MCU_SRAM (CALIPTRA_MCI_BASE + SUBSYSTEM_MCU_SRAM)
#define MCU_LEN	 512

/* Where images wait, from the beginning of the SoC's memory on. */
#define MCU_STAGED 0x200
#define SOC_STAGED 0x1000

static uint8_t mcu_image[MCU_LEN];
static uint8_t update[MCU_LEN];
static uint8_t bundle_bytes[sizeof(bundle)];

static void digest_entry(const void *data, size_t len)
{
	struct manifest_entry *entry =
		&man.entries.entry[man.entries.count - 1];

	crypto_sha384(data, len, entry->digest);
	entry->load_addr = MCU_SRAM;
	entry->staging_addr = BUS_STAGING_BASE + MCU_STAGED;
}

/* The MCU's firmware, two images of the SoC, and one that has no execution bit. */
static void make_soc_manifest(const void *mcu, size_t len)
{
	test_manifest_recipe(false);
	add_image(100, 127u << ENTRY_EXEC_BIT_SHIFT);
	add_image(3, 33u << ENTRY_EXEC_BIT_SHIFT);
	man.entries.entry[1].staging_addr = BUS_STAGING_BASE + SOC_STAGED;
	add_image(4, 1u << ENTRY_EXEC_BIT_SHIFT);
	add_image(FW_MCU_IMAGE_ID, 2u << ENTRY_EXEC_BIT_SHIFT);
	digest_entry(mcu, len);
	make_manifest();
}

static struct device_config subsystem_config(void)
{
	struct device_config config = test_config();

	memcpy(bundle_bytes, bundle, bundle_len);
	config.generation = recipe.generation;
	config.subsystem = true;
	config.bundle = bundle_bytes;
	config.bundle_len = bundle_len;
	config.recovery[FW_RECOVERY_MANIFEST] =
		(struct fw_image_bytes){ manifest, manifest_len };
	config.recovery[FW_RECOVERY_MCU] =
		(struct fw_image_bytes){ mcu_image, sizeof(mcu_image) };
	return config;
}

static void start(const struct device_config *config)
{
	assert_int_equal(device_init(&dev, config), 0);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	device_run(&dev);
}

static void prepare(const char *generation, uint32_t pqc_type)
{
	size_t i;

	for (i = 0; i < sizeof(mcu_image); i++) {
		mcu_image[i] = (uint8_t)(i * 11 + 3);
		update[i] = (uint8_t)(i * 13 + 4);
	}
	make(generation, pqc_type);
	make_soc_manifest(mcu_image, sizeof(mcu_image));
}

static void start_subsystem(const char *generation, uint32_t pqc_type)
{
	struct device_config config;

	prepare(generation, pqc_type);
	config = subsystem_config();
	start(&config);
	expect_running();
}

static const struct dpe_context *context_of(enum fw_context which)
{
	assert_int_not_equal(dev.fw.contexts[which], 0);
	return &dev.fw.dpe.context[dev.fw.contexts[which] - 1];
}

static void expect_context(enum fw_context which, uint32_t type,
			   const uint8_t measurement[SHA384_SIZE])
{
	const struct dpe_context *c = context_of(which);

	assert_int_equal(c->tci_type, type);
	assert_int_equal(c->locality, PL0);
	assert_memory_equal(c->tci_current, measurement, SHA384_SIZE);
}

/* The contexts hang one below the other, and PCR 31 has them all. */
static void expect_measured(void)
{
	const struct manifest_layout *l = man_layout();
	uint8_t pcr31[SHA384_SIZE] = { 0 };
	uint8_t digests[FW_CONTEXTS][SHA384_SIZE];
	size_t i;

	crypto_sha384(manifest + 8, manifest_signed_size(l), digests[FW_SOMV]);
	crypto_sha384(manifest + l->owner_keys, l->keys_size, digests[FW_SOMO]);
	crypto_sha384(mcu_image, sizeof(mcu_image), digests[FW_MCFW]);
	expect_context(FW_SOMV, DPE_TCI_SOMV, digests[FW_SOMV]);
	expect_context(FW_SOMO, DPE_TCI_SOMO, digests[FW_SOMO]);
	expect_context(FW_MCFW, DPE_TCI_MCFW, digests[FW_MCFW]);
	assert_int_equal(context_of(FW_SOMV)->svn, man.svn);
	assert_int_equal(context_of(FW_SOMO)->svn, 0);
	assert_int_equal(context_of(FW_MCFW)->svn, man.svn);
	assert_int_equal(context_of(FW_MCFW)->parent + 1,
			 dev.fw.contexts[FW_SOMO]);
	assert_int_equal(context_of(FW_SOMO)->parent + 1,
			 dev.fw.contexts[FW_SOMV]);
	for (i = 0; i < FW_CONTEXTS; i++)
		crypto_sha384_extend(pcr31, digests[i], SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[31], pcr31, SHA384_SIZE);
}

static void recovered(void **unused)
{
	static const struct {
		const char *generation;
		uint32_t pqc_type;
	} kinds[] = {
		{ "2.1", BUNDLE_PQC_MLDSA },
		{ "2.1", BUNDLE_PQC_LMS },
		{ "2.0", BUNDLE_PQC_MLDSA },
	};
	uint32_t id = FW_MCU_IMAGE_ID;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i++) {
		start_subsystem(kinds[i].generation, kinds[i].pqc_type);
		expect_measured();
		assert_int_equal(dev.fw.image.svn, 7);
		assert_int_equal(dev.subsystem->mcu.phase, MCU_RUNTIME);
		assert_int_equal(ifc_read(&dev, SS_GENERIC_FW_EXEC_CTRL), 4);
		assert_memory_equal(dev.subsystem->mcu_sram, mcu_image,
				    sizeof(mcu_image));
		assert_int_equal(mci_read_as(&dev, PL0, MCI_RESET_REASON),
				 MCI_RESET_REASON_FW_BOOT_UPD_RESET);
		assert_int_equal(
			run_as(PL1, CALIPTRA_CMD_GET_IMAGE_INFO, &id, 4), 0);
		/* and again after a warm reset of the core */
		device_reset(&dev, DEVICE_RESET_WARM);
		soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
		device_run(&dev);
		expect_running();
		expect_measured();
		assert_int_equal(ifc_read(&dev, SS_GENERIC_FW_EXEC_CTRL), 4);
		device_release(&dev);
	}
}

/* The program is all firmware that there is. */
static void recovered_from_the_program(void **unused)
{
	struct device_config config = test_config();
	uint32_t id = FW_MCU_IMAGE_ID;

	(void)unused;
	prepare("2.1", BUNDLE_PQC_MLDSA);
	config.subsystem = true;
	start(&config);
	expect_running();
	expect_context(FW_MCFW, DPE_TCI_MCFW, dev.fw.image.runtime_sha384);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_RUNTIME);
	assert_int_equal(run_as(PL1, CALIPTRA_CMD_GET_IMAGE_INFO, &id, 4), 0);
	assert_memory_equal(mbox_bytes(&dev.mbox) + 32,
			    dev.fw.image.runtime_sha384, SHA384_SIZE);
	device_release(&dev);
}

static void expect_fatal(const struct device_config *config, uint32_t error)
{
	start(config);
	assert_int_equal(dev.fw.phase, FW_HALTED);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), error);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_HALTED);
	device_release(&dev);
}

static void refused_at_boot(void **unused)
{
	struct device_config config;

	(void)unused;
	prepare("2.1", BUNDLE_PQC_MLDSA);
	config = subsystem_config();
	bundle_bytes[17000] ^= 1;
	expect_fatal(&config, IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH);
	bundle_bytes[17000] ^= 1;
	config.bundle_len = 0;
	expect_fatal(&config, FW_PROC_INVALID_IMAGE_SIZE);
	config.bundle_len = 1000;
	expect_fatal(&config,
		     IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_DIGEST_MISMATCH);
	config.bundle_len = bundle_len;
	manifest[0] ^= 1;
	expect_fatal(&config, RUNTIME_INVALID_AUTH_MANIFEST_MARKER);
	manifest[0] ^= 1;
	manifest[manifest_len - 1] ^= 1;
	expect_fatal(&config,
		     RUNTIME_AUTH_MANIFEST_VENDOR_ECC_SIGNATURE_INVALID);
	manifest[manifest_len - 1] ^= 1;
	/* what is too short goes on with zeros */
	config.recovery[FW_RECOVERY_MANIFEST].len = 100;
	expect_fatal(&config,
		     RUNTIME_AUTH_MANIFEST_VENDOR_ECC_SIGNATURE_INVALID);
	config.recovery[FW_RECOVERY_MANIFEST].len = manifest_len;
	mcu_image[5] ^= 1;
	expect_fatal(&config, IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH);
	mcu_image[5] ^= 1;
	config.recovery[FW_RECOVERY_MCU].len = 4;
	expect_fatal(&config, IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH);
	config.recovery[FW_RECOVERY_MCU].len = SUBSYSTEM_MCU_SRAM_SIZE + 4;
	expect_fatal(&config, RUNTIME_INTERNAL);
}

/* It comes with the owner's id alone. */
static void mcu_not_in_the_manifest(void **unused)
{
	struct device_config config;

	(void)unused;
	prepare("2.1", BUNDLE_PQC_MLDSA);
	usual_manifest();
	config = subsystem_config();
	expect_fatal(&config, IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH);
}

/* What the SoC itself asks for, where boot is left to it. */
static void asked_for(void **unused)
{
	struct device_config config;

	(void)unused;
	prepare("2.1", BUNDLE_PQC_MLDSA);
	config = subsystem_config();
	config.hold_firmware = true;
	start(&config);
	assert_int_equal(dev.fw.phase, FW_ROM);
	assert_int_equal(device_submit(&dev, PL0,
				       CALIPTRA_CMD_RI_DOWNLOAD_FIRMWARE, "",
				       0),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(dev.mbox.status, MBOX_STATUS_CMD_COMPLETE);
	device_finish(&dev, PL0);
	expect_running();
	expect_measured();
	device_release(&dev);

	/* nobody else has a recovery interface */
	power_on(LIFECYCLE_PRODUCTION);
	assert_int_equal(device_submit(&dev, PL0,
				       CALIPTRA_CMD_RI_DOWNLOAD_FIRMWARE, "",
				       0),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(dev.mbox.status, MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 FW_PROC_MAILBOX_INVALID_COMMAND);
	device_release(&dev);
}

/* ACTIVATE_FIRMWARE as it is sent; 2.0 has no flags. */
struct test_activate {
	uint32_t fw_id_count;
	uint32_t fw_ids[128];
	uint32_t mcu_fw_image_size;
	uint32_t flags;
};

static uint32_t activate_as(uint32_t user, const struct test_activate *a)
{
	bool has_flags = generation_in(recipe.generation, GENERATION_2_1);
	uint32_t error = run_as(user, CALIPTRA_CMD_ACTIVATE_FIRMWARE, a,
				sizeof(*a) - (has_flags ? 0 : 4));

	/* what the MCU makes of it */
	device_run(&dev);
	return error;
}

static void expect_exec(uint32_t first, uint32_t second, uint32_t last)
{
	assert_int_equal(ifc_read(&dev, SS_GENERIC_FW_EXEC_CTRL), first);
	assert_int_equal(ifc_read(&dev, SS_GENERIC_FW_EXEC_CTRL + 4), second);
	assert_int_equal(ifc_read(&dev, SS_GENERIC_FW_EXEC_CTRL + 8), 0);
	assert_int_equal(ifc_read(&dev, SS_GENERIC_FW_EXEC_CTRL + 12), last);
}

static void images_of_the_soc(void **unused)
{
	struct test_activate a = { .fw_id_count = 2, .fw_ids = { 3, 100 } };

	(void)unused;
	start_subsystem("2.1", BUNDLE_PQC_MLDSA);
	expect_exec(4, 0, 0);
	assert_int_equal(activate_as(PL0, &a), 0);
	expect_exec(4, 2, 1u << 31);
	assert_int_equal(activate_as(PL0, &a), 0);
	expect_exec(4, 2, 1u << 31);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_RUNTIME);
	device_release(&dev);

	/* where there is no MCU, there may be images all the same */
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	make_soc_manifest(mcu_image, sizeof(mcu_image));
	assert_int_equal(set_manifest(), 0);
	assert_int_equal(activate_as(PL0, &a), 0);
	expect_exec(0, 2, 1u << 31);
	a = (struct test_activate){ 1, { 2 }, MCU_LEN, 0 };
	assert_int_equal(activate_as(PL0, &a), FAILED);
	expect_exec(0, 2, 1u << 31);
	device_release(&dev);
}

static void not_to_be_activated(void **unused)
{
	static const struct {
		uint32_t count;
		uint32_t ids[2];
		uint32_t size;
		uint32_t flags;
		uint32_t error;
	} cases[] = {
		{ 0, { 3 }, 0, 0, INVALID },
		{ 129, { 3 }, 0, 0, INVALID },
		{ UINT32_MAX, { 3 }, 0, 0, INVALID },
		{ 1, { 0 }, 0, 0, INVALID },
		{ 1, { 7 }, 0, 0, INVALID },
		{ 2, { 3, 7 }, 0, 0, INVALID },
		/* an execution bit that is Caliptra's own */
		{ 1, { 4 }, 0, 0, INVALID },
		{ 1, { 2 }, 0, 0, INVALID },
		{ 1, { 3 }, 0, 2, INVALID },
		/* it was not encrypted, and runs already */
		{ 1, { 2 }, MCU_LEN, 1, FAILED },
		{ 1, { 3 }, 0, 1, FAILED },
	};
	static struct kept before;
	struct test_activate a;
	size_t i;

	(void)unused;
	start_subsystem("2.1", BUNDLE_PQC_MLDSA);
	keep(&before);
	for (i = 0; i < COUNT(cases); i++) {
		a = (struct test_activate){ .fw_id_count = cases[i].count,
					    .mcu_fw_image_size = cases[i].size,
					    .flags = cases[i].flags };
		memcpy(a.fw_ids, cases[i].ids, sizeof(cases[i].ids));
		assert_int_equal(activate_as(PL0, &a), cases[i].error);
		expect_kept(&before);
	}
	a = (struct test_activate){ 1, { 3 }, 0, 0 };
	assert_int_equal(activate_as(PL1, &a),
			 RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_ACTIVATE_FIRMWARE, &a, 519),
			 INVALID);
	expect_kept(&before);
	/* nor is more than that looked at */
	{
		uint8_t longer[sizeof(a) + 100] = { 0 };

		memcpy(longer, &a, sizeof(a));
		memset(longer + sizeof(a), 0xff, sizeof(longer) - sizeof(a));
		assert_int_equal(run_as(PL0, CALIPTRA_CMD_ACTIVATE_FIRMWARE,
					longer, sizeof(longer)),
				 0);
	}
	/* older callers have no flags */
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_ACTIVATE_FIRMWARE, &a, 520),
			 0);
	expect_exec(4, 2, 0);
	device_release(&dev);
}

/* New firmware for the MCU, whose digest the next manifest has. */
static void set_update_manifest(void)
{
	/* the mailbox is too small for it */
	make_soc_manifest(update, sizeof(update));
	assert_int_equal(firmware_set_manifest(&dev.fw, manifest, manifest_len,
					       false),
			 0);
}

static void hitless_update(void **unused)
{
	static const char *const generations[] = { "2.1", "2.0" };
	struct test_activate a = { 2, { 2, 3 }, MCU_LEN, 0 };
	uint8_t cumulative[SHA384_SIZE];
	uint8_t pcr31[SHA384_SIZE];
	uint8_t digest[SHA384_SIZE];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(generations); i++) {
		start_subsystem(generations[i], BUNDLE_PQC_MLDSA);
		/* the same again is no step */
		assert_true(subsystem_stage(dev.subsystem, MCU_STAGED,
					    mcu_image, sizeof(mcu_image)));
		memcpy(cumulative, context_of(FW_MCFW)->tci_cumulative,
		       SHA384_SIZE);
		assert_int_equal(activate_as(PL0, &a), 0);
		assert_memory_equal(context_of(FW_MCFW)->tci_cumulative,
				    cumulative, SHA384_SIZE);
		set_update_manifest();
		memcpy(pcr31, dev.fw.pcrs.value[31], SHA384_SIZE);
		assert_true(subsystem_stage(dev.subsystem, MCU_STAGED, update,
					    sizeof(update)));
		assert_int_equal(activate_as(PL0, &a), 0);
		crypto_sha384(update, sizeof(update), digest);
		expect_context(FW_MCFW, DPE_TCI_MCFW, digest);
		crypto_sha384_extend(cumulative, digest, SHA384_SIZE);
		assert_memory_equal(context_of(FW_MCFW)->tci_cumulative,
				    cumulative, SHA384_SIZE);
		crypto_sha384_extend(pcr31, digest, SHA384_SIZE);
		assert_memory_equal(dev.fw.pcrs.value[31], pcr31, SHA384_SIZE);
		assert_memory_equal(dev.subsystem->mcu_sram, update,
				    sizeof(update));
		assert_int_equal(dev.subsystem->mcu.phase, MCU_RUNTIME);
		expect_exec(4, 2, 0);
		assert_int_equal(mci_read_as(&dev, PL0, MCI_RESET_REASON),
				 MCI_RESET_REASON_FW_HITLESS_UPD_RESET);
		device_release(&dev);
	}
}

/* The MCU is held until there is firmware that may run, and the core survives it. */
static void hitless_update_fails(void **unused)
{
	struct test_activate a = { 1, { 2 }, MCU_LEN, 0 };
	uint8_t digest[SHA384_SIZE];

	(void)unused;
	start_subsystem("2.1", BUNDLE_PQC_MLDSA);
	crypto_sha384(mcu_image, sizeof(mcu_image), digest);
	assert_int_equal(activate_as(PL0, &a), FAILED);
	expect_exec(0, 0, 0);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_HELD);
	expect_context(FW_MCFW, DPE_TCI_MCFW, digest);
	/* neither words nor room for them */
	subsystem_stage(dev.subsystem, MCU_STAGED, mcu_image,
			sizeof(mcu_image));
	a.mcu_fw_image_size = MCU_LEN - 1;
	assert_int_equal(activate_as(PL0, &a), FAILED);
	a.mcu_fw_image_size = SUBSYSTEM_MCU_SRAM_SIZE + 4;
	assert_int_equal(activate_as(PL0, &a), FAILED);
	a.mcu_fw_image_size = UINT32_MAX;
	assert_int_equal(activate_as(PL0, &a), FAILED);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_HELD);
	a.mcu_fw_image_size = MCU_LEN;
	assert_int_equal(activate_as(PL0, &a), 0);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_RUNTIME);
	expect_exec(4, 0, 0);
	/* a warm reset in the middle of it is the end */
	subsystem_stage(dev.subsystem, MCU_STAGED, update, sizeof(update));
	assert_int_equal(activate_as(PL0, &a), FAILED);
	device_reset(&dev, DEVICE_RESET_WARM);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 ROM_CFI_PANIC_ASSERT_EQ_FAILURE);
	device_release(&dev);
}

static void images_in_memory(void **unused)
{
	static const uint8_t soc_image[256] = { 7, 7, 7 };
	struct test_authorize a = { .fw_id = 3,
				    .flags = SKIP_STASH,
				    .source = 3,
				    .image_size = sizeof(soc_image) };
	struct device_config config;
	uint8_t empty[SHA384_SIZE];
	uint32_t result;

	(void)unused;
	prepare("2.1", BUNDLE_PQC_MLDSA);
	crypto_sha384(soc_image, sizeof(soc_image),
		      man.entries.entry[1].digest);
	crypto_sha384("", 0, empty);
	memcpy(man.entries.entry[2].digest, empty, SHA384_SIZE);
	make_manifest();
	config = subsystem_config();
	start(&config);
	expect_running();
	expect_result(&a, MISMATCH);
	assert_true(subsystem_stage(dev.subsystem, SOC_STAGED, soc_image,
				    sizeof(soc_image)));
	expect_result(&a, AUTHORIZED);
	/* then it is what lies there that is measured */
	a.flags = 0;
	a.measurement[0] = 1;
	expect_result(&a, AUTHORIZED);
	memcpy(a.measurement, man.entries.entry[1].digest, SHA384_SIZE);
	{
		unsigned int index;

		assert_int_equal(dpe_find(&dev.fw.dpe, dpe_default_handle, PL0,
					  &index),
				 0);
		assert_memory_equal(dev.fw.dpe.context[index].tci_current,
				    a.measurement, SHA384_SIZE);
	}
	/* where nothing is, and where only the MCU may look */
	a.source = 2;
	assert_int_equal(authorize_as(PL0, &a, &result), RUNTIME_INTERNAL);
	a.fw_id = 2;
	assert_int_equal(authorize_as(PL0, &a, &result), RUNTIME_INTERNAL);
	a.fw_id = 3;
	a.source = 3;
	a.image_size = 255;
	assert_int_equal(authorize_as(PL0, &a, &result), RUNTIME_INTERNAL);
	a.image_size = BUS_STAGING_SIZE;
	assert_int_equal(authorize_as(PL0, &a, &result), RUNTIME_INTERNAL);
	/* nothing at all is nowhere */
	a = (struct test_authorize){ .fw_id = 4, .source = 2 };
	expect_result(&a, AUTHORIZED);
	device_release(&dev);
}

/* SET_AUTH_MANIFEST brings contexts up to date, and says so if they are gone. */
static void contexts_of_the_next_manifest(void **unused)
{
	uint8_t digest[SHA384_SIZE];
	struct dpe_context *c;

	(void)unused;
	start_subsystem("2.0", BUNDLE_PQC_MLDSA);
	make_soc_manifest(update, sizeof(update));
	man.version = 99;
	make_manifest();
	assert_int_equal(set_manifest(), 0);
	crypto_sha384(manifest + 8, manifest_signed_size(man_layout()), digest);
	expect_context(FW_SOMV, DPE_TCI_SOMV, digest);
	c = &dev.fw.dpe.context[dev.fw.contexts[FW_SOMV] - 1];
	c->state = DPE_INACTIVE;
	assert_int_equal(set_manifest(), RUNTIME_DPE_CONTEXT_NOT_FOUND);
	assert_int_equal(dev.fw.manifest.entries.count, 4);
	device_release(&dev);
}

/* The MCU decrypts its firmware by itself, and then asks for its start. */
static void encrypted(void **unused)
{
	struct test_activate a = { 1, { 2 }, MCU_LEN - 16, 1 };
	struct device_config config;
	uint8_t digest[SHA384_SIZE];

	(void)unused;
	prepare("2.1", BUNDLE_PQC_MLDSA);
	config = subsystem_config();
	config.hold_firmware = true;
	start(&config);
	assert_int_equal(
		device_submit(&dev, PL0,
			      CALIPTRA_CMD_RI_DOWNLOAD_ENCRYPTED_FIRMWARE, "",
			      0),
		DEVICE_SUBMITTED);
	device_run(&dev);
	device_finish(&dev, PL0);
	device_run(&dev);
	expect_running();
	expect_measured();
	expect_exec(0, 0, 0);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_ROM);
	assert_int_equal(run_as(PL1, CALIPTRA_CMD_GET_MCU_FW_SIZE, "", 0), 0);
	assert_int_equal(wire_get_le32(mbox_bytes(&dev.mbox) + 8),
			 MCU_LEN - 16);
	crypto_sha384(mcu_image, MCU_LEN - 16, digest);
	assert_memory_equal(mbox_bytes(&dev.mbox) + 12, digest, SHA384_SIZE);
	assert_int_equal(activate_as(PL0, &a), 0);
	expect_exec(4, 0, 0);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_RUNTIME);
	assert_int_equal(activate_as(PL0, &a), FAILED);
	device_release(&dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recovered),
		cmocka_unit_test(recovered_from_the_program),
		cmocka_unit_test(refused_at_boot),
		cmocka_unit_test(mcu_not_in_the_manifest),
		cmocka_unit_test(asked_for),
		cmocka_unit_test(images_of_the_soc),
		cmocka_unit_test(not_to_be_activated),
		cmocka_unit_test(hitless_update),
		cmocka_unit_test(hitless_update_fails),
		cmocka_unit_test(images_in_memory),
		cmocka_unit_test(contexts_of_the_next_manifest),
		cmocka_unit_test(encrypted),
	};

	return cmocka_run_group_tests_name("activate", tests, NULL, NULL);
}
