// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests that a device goes on where it was: everything that firmware and registers
 * keep is there again, in every generation and at every stage of boot, and does what
 * it would have done; what is not this device's is not used; secrets are not to be
 * found; and whatever stands in the file, it does no harm.
 */
#include "dpe_door.h"

static struct fuses fuses;

#include "kept.h"

static int begin_dpe_test(void **unused)
{
	profile = &dpe_p384;
	return begin_test(unused);
}

static void be(const char *generation)
{
	config.generation = generation_find(generation);
	fuses.cptra_generation[0] = config.generation->cptra_generation;
}

/* --- What is there again --- */

static void extend(uint32_t pcr, uint8_t fill)
{
	uint8_t body[4 + SHA384_SIZE];

	wire_put_le32(body, pcr);
	memset(body + 4, fill, SHA384_SIZE);
	assert_int_equal(run(PL0, CALIPTRA_CMD_EXTEND_PCR, body, sizeof(body)),
			 0);
}

static void count_reset(uint32_t pcr)
{
	uint8_t body[4];

	wire_put_le32(body, pcr);
	assert_int_equal(run(PL0, CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER,
			     body, sizeof(body)),
			 0);
}

static void stash(uint8_t fill)
{
	uint8_t body[4 + 48 + 48 + 4];

	memset(body, fill, sizeof(body));
	assert_int_equal(run(PL0, CALIPTRA_CMD_STASH_MEASUREMENT, body,
			     sizeof(body)),
			 0);
}

static void set_limit(uint32_t pl0)
{
	uint8_t body[4];

	wire_put_le32(body, pl0);
	assert_int_equal(run(PL0, CALIPTRA_CMD_REALLOCATE_DPE_CONTEXT_LIMITS,
			     body, sizeof(body)),
			 0);
}

static void name_it(const char *name)
{
	uint8_t body[4 + DPE_MAX_ALT_NAME] = { 0 };

	wire_put_le32(body, (uint32_t)strlen(name));
	memcpy(body + 4, name, strlen(name));
	assert_int_equal(run(PL0, CALIPTRA_CMD_ADD_SUBJECT_ALT_NAME, body,
			     sizeof(body)),
			 0);
}

/* A signature of everything, by way of the FMC alias key. */
static void quote(uint8_t out[2048])
{
	uint8_t nonce[32] = { 1, 2, 3 };

	assert_int_equal(run(PL0, CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce,
			     sizeof(nonce)),
			 0);
	assert_in_range(answer_len, 1, 2048);
	memset(out, 0, 2048);
	memcpy(out, answer, answer_len);
}

static uint8_t handle[DPE_HANDLE_SIZE];

/* As the commands leave them, which have tests of their own. */
static void authorize(struct fw_manifest *manifest, uint32_t count)
{
	memset(manifest, 0x51, sizeof(*manifest));
	manifest->entries.count = count;
	dev.fw.manifest_edits++;
	persist_commit(&persist);
}

/* Some of whatever a SoC may do, each of which is there at once. */
static void do_much(void)
{
	extend(4, 0x11);
	die_and_resume();
	extend(30, 0x12);
	count_reset(7);
	die_and_resume();
	stash(0x13);
	die_and_resume();
	derive_context(dpe_default_handle, RETAIN | MOVE, 0x21, PL1, 5);
	die_and_resume();
	expect_done(PL0, 44);
	memcpy(handle, dpe + 12, sizeof(handle));
	die_and_resume();
	assert_int_equal(tag(PL1, handle, 0x31), 0);
	die_and_resume();
	rotate(handle, 0);
	expect_done(PL1, 28);
	memcpy(handle, dpe + 12, sizeof(handle));
	die_and_resume();
	populate(100, 0x41, 0);
	die_and_resume();
	authorize(&dev.fw.manifest, MANIFEST_MAX_ENTRIES);
	die_and_resume();
	authorize(&dev.fw.owner_manifest, 1);
	die_and_resume();
}

/* Signatures need no random numbers, so that they are the same again. */
static void expect_same_quote(void)
{
	static uint8_t before[2048];
	static uint8_t after[2048];

	quote(before);
	die_and_resume();
	quote(after);
	assert_memory_equal(before, after, sizeof(before));
}

static void everything(const char *generation)
{
	be(generation);
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	do_much();
	expect_same_quote();
	/* the handle is good for what it is for */
	rotate(handle, 0);
	expect_done(PL1, 28);
}

static void everything_in_2_1(void **unused)
{
	(void)unused;
	everything("2.1");
	set_limit(20);
	name_it("Chips Alliance:Caliptra:one");
	die_and_resume();
}

static void everything_in_2_0(void **unused)
{
	(void)unused;
	everything("2.0");
}

static void everything_in_1_2(void **unused)
{
	(void)unused;
	everything("1.2");
}

static void expect_certified_alike(const uint8_t *of)
{
	static uint8_t before[8192];

	certify_key(of, FORMAT_X509);
	expect_done(PL0, wire_get_le32(answer + 8));
	memcpy(before, answer, sizeof(before));
	die_and_resume();
	certify_key(of, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	/* a new handle each time, but for the default one */
	assert_memory_equal(answer + 4, before + 4, answer_len - 4);
}

static void certificates(void **unused)
{
	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	expect_certified_alike(dpe_default_handle);
}

static void sign_with_cdi(uint8_t out[2048])
{
	uint8_t body[DPE_CDI_HANDLE_SIZE + SHA384_SIZE] = { 0 };

	memcpy(body, cdi_handle, DPE_CDI_HANDLE_SIZE);
	assert_int_equal(run(PL0, CALIPTRA_CMD_SIGN_WITH_EXPORTED_ECDSA, body,
			     sizeof(body)),
			 0);
	memcpy(out, answer, answer_len);
}

static void exported_cdi(void **unused)
{
	static uint8_t before[2048];
	static uint8_t after[2048];

	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	X509_free(export_cdi(RETAIN));
	sign_with_cdi(before);
	die_and_resume();
	sign_with_cdi(after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(run(PL0, CALIPTRA_CMD_REVOKE_EXPORTED_CDI_HANDLE,
			     cdi_handle, sizeof(cdi_handle)),
			 0);
	die_and_resume();
	assert_int_not_equal(run(PL0, CALIPTRA_CMD_REVOKE_EXPORTED_CDI_HANDLE,
				 cdi_handle, sizeof(cdi_handle)),
			     0);
}

static void expect_same_key(EVP_PKEY *was, EVP_PKEY *is)
{
	assert_int_equal(EVP_PKEY_eq(was, is), 1);
	EVP_PKEY_free(was);
}

/* In 2.0 the two keys of a layer are of two CDIs then. */
static void attestation_disabled(const char *generation)
{
	EVP_PKEY *mldsa;
	EVP_PKEY *ecc;

	be(generation);
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	assert_int_equal(run(PL0, CALIPTRA_CMD_DISABLE_ATTESTATION, NULL, 0),
			 0);
	ecc = dev.fw.rt_alias.ecc;
	mldsa = dev.fw.rt_alias.mldsa;
	EVP_PKEY_up_ref(ecc);
	EVP_PKEY_up_ref(mldsa);
	die_and_resume();
	assert_true(dev.fw.attestation_disabled);
	expect_same_key(ecc, dev.fw.rt_alias.ecc);
	expect_same_key(mldsa, dev.fw.rt_alias.mldsa);
}

static void attestation_disabled_in_2_1(void **unused)
{
	(void)unused;
	attestation_disabled("2.1");
}

static void attestation_disabled_in_2_0(void **unused)
{
	(void)unused;
	attestation_disabled("2.0");
}

static void errors(void **unused)
{
	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	assert_int_not_equal(run(PL0, 0x12345678, NULL, 0), 0);
	assert_true(dev.wires & BUS_WIRE_CPTRA_ERROR_NON_FATAL);
	die_and_resume();
	device_run(&dev);
	assert_true(dev.wires & BUS_WIRE_CPTRA_ERROR_NON_FATAL);
	assert_null(fault_set(&dev, "hw-fatal 4"));
	device_settle(&dev);
	die_and_resume();
	assert_null(fault_set(&dev, "fatal 0x1234"));
	device_settle(&dev);
	die_and_resume();
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_HALTED);
	assert_true(dev.wires & BUS_WIRE_CPTRA_ERROR_FATAL);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), 0x1234);
}

/* --- Boot that has not come to its end --- */

static void registers_before_boot(void **unused)
{
	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_FUSES);
	die_and_resume();
	ifc_write(&dev, FUSE_UDS_SEED, 0x12345678);
	ifc_write(&dev, FUSE_VENDOR_PK_HASH + 4, 0x9abcdef0);
	ifc_write(&dev, CPTRA_WDT_CFG, 77);
	die_and_resume();
	assert_int_equal(dev.ifc.reg[FUSE_UDS_SEED / 4], 0x12345678);
	assert_int_equal(ifc_read(&dev, FUSE_VENDOR_PK_HASH + 4), 0x9abcdef0);
	/* and it boots with them */
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	die_and_resume();
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	ifc_write(&dev, FUSE_VENDOR_PK_HASH + 4, 1);
	assert_int_not_equal(ifc_read(&dev, FUSE_VENDOR_PK_HASH + 4), 1);
	die_and_resume();
	ifc_write(&dev, FUSE_VENDOR_PK_HASH + 4, 1);
	assert_int_not_equal(ifc_read(&dev, FUSE_VENDOR_PK_HASH + 4), 1);
}

static void held_at_bootfsm(void **unused)
{
	(void)unused;
	config.straps.bootfsm_brkpoint = true;
	config.straps.device_lifecycle = LIFECYCLE_MANUFACTURING;
	boot_as_far_as(SOC_BOOT_HOLD_BOOTFSM);
	die_and_resume();
	assert_int_equal(dev.ifc.boot_fsm, BOOT_WAIT);
	ifc_write(&dev, CPTRA_BOOTFSM_GO, 1);
	die_and_resume();
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
}

/* ROM's measurements, and firmware that comes after another start. */
static void rom(void **unused)
{
	static struct pcr_vault pcrs;
	uint8_t owner[48];
	int i;

	(void)unused;
	memset(owner, 0x0e, sizeof(owner));
	boot_as_far_as(SOC_BOOT_HOLD_FIRMWARE);
	assert_int_equal(dev.fw.phase, FW_ROM);
	for (i = 0; i < 3; i++) {
		stash((uint8_t)(0x60 + i));
		die_and_resume();
	}
	assert_int_equal(run(PL0, CALIPTRA_CMD_INSTALL_OWNER_PK_HASH, owner,
			     sizeof(owner)),
			 0);
	die_and_resume();
	assert_true(dev.fw.owner_installed);
	dev.config.hold_firmware = false;
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	pcrs = dev.fw.pcrs;
	die_and_resume();
	assert_memory_equal(&dev.fw.pcrs, &pcrs, sizeof(pcrs));
	/* the same without having died */
	let_it_die();
	assert_int_equal(unlinkat(dir, PERSIST_FILE, 0), 0);
	boot_as_far_as(SOC_BOOT_HOLD_FIRMWARE);
	for (i = 0; i < 3; i++)
		stash((uint8_t)(0x60 + i));
	dev.config.hold_firmware = false;
	device_run(&dev);
	assert_memory_equal(&dev.fw.pcrs, &pcrs, sizeof(pcrs));
}

/* ROM's requests lie in the mailbox, and are put there again. */
static void sends_csr(void **unused)
{
	static uint8_t csr[16 * 1024];
	uint32_t len;

	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_FUSES);
	soc_boot(&dev.bus, &fuses, CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR,
		 SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_SENDS_CSR);
	len = dev.mbox.dlen;
	assert_in_range(len, 1, sizeof(csr));
	memcpy(csr, mbox_bytes(&dev.mbox), len);
	let_it_die();
	assert_true(start_again());
	device_run(&dev);
	assert_true(mbox_data_avail(&dev.mbox));
	assert_int_equal(dev.mbox.dlen, len);
	assert_memory_equal(mbox_bytes(&dev.mbox), csr, len);
	assert_true(soc_boot_take_csr(&dev.bus));
	/* the SoC has them, and ROM does not know it yet */
	let_it_die();
	assert_true(start_again());
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	expect_idle_mailbox();
}

/* Held in a warm reset, and booted after it. */
static void warm_reset(void **unused)
{
	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	extend(9, 0x99);
	assert_true(device_reset(&dev, DEVICE_RESET_WARM));
	die_and_resume();
	assert_int_equal(dev.fw.phase, FW_RESET);
	ifc_write(&dev, CPTRA_MBOX_VALID_AXI_USER, PL0);
	ifc_write(&dev, CPTRA_MBOX_AXI_USER_LOCK, 1);
	ifc_write(&dev, CPTRA_FUSE_WR_DONE, 1);
	die_and_resume();
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	die_and_resume();
	extend(9, 0x98);
}

/* What belongs together is there together, or not at all. */
static void all_at_once(void **unused)
{
	static struct firmware before;

	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	extend(5, 5);
	before = dev.fw;
	device_begin(&dev);
	device_reset(&dev, DEVICE_RESET_COLD);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_FUSES);
	device_run(&dev);
	/* killed in the middle of it */
	let_it_die();
	assert_true(start_again());
	expect_same_firmware(&before);

	device_begin(&dev);
	device_reset(&dev, DEVICE_RESET_COLD);
	device_end(&dev);
	die_and_resume();
	assert_int_equal(dev.fw.phase, FW_RESET);
}

static void subsystem(void **unused)
{
	static uint32_t reg[CALIPTRA_MCI_REG_SIZE / 4];
	static struct mcu_log log;

	(void)unused;
	config.subsystem = true;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	mci_write_as(&dev, PL0, MCI_GENERIC_OUTPUT_WIRES, 0x12345678);
	memcpy(reg, dev.subsystem->mci.reg, sizeof(reg));
	memcpy(&log, &dev.subsystem->mcu.log, sizeof(log));
	assert_int_equal(dev.subsystem->mcu.phase, MCU_RUNTIME);
	die_and_resume();
	assert_int_equal(dev.subsystem->mcu.phase, MCU_RUNTIME);
	assert_memory_equal(dev.subsystem->mci.reg, reg, sizeof(reg));
	assert_memory_equal(&dev.subsystem->mcu.log, &log,
			    offsetof(struct mcu_log, edits));
	/* whoever could use the mailboxes can, and they are free */
	assert_int_equal(mci_read_as(&dev, PL0,
				     CALIPTRA_MCI_MCU_MBOX0 +
					     CALIPTRA_MCU_MBOX_CSR +
					     MCU_MBOX_LOCK),
			 0);
	assert_int_equal(dev.subsystem->mci.mbox[0].user, PL0);
}

/* As SET_AUTH_MANIFEST and ACTIVATE_FIRMWARE do, which look for no context. */
static void measured_once_more(void **unused)
{
	uint8_t measurement[SHA384_SIZE];
	unsigned int i;

	(void)unused;
	config.subsystem = true;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	for (i = 0; i < FW_CONTEXTS; i++) {
		assert_int_not_equal(dev.fw.contexts[i], 0);
		memset(measurement, 0x71 + (int)i, sizeof(measurement));
		assert_int_equal(firmware_update_context(&dev.fw,
							 (enum fw_context)i,
							 measurement),
				 FW_OK);
		persist_commit(&persist);
		die_and_resume();
	}
}

static uint32_t sha_read(uint32_t offset)
{
	return bus_read32(&dev.bus, SHA_ACC_BASE + offset, PL0);
}

static void sha_write(uint32_t offset, uint32_t value)
{
	bus_write32(&dev.bus, SHA_ACC_BASE + offset, PL0, value);
}

/* A SoC that hashes goes on with that, whose lock it still has. */
static void sha_accelerator(void **unused)
{
	static const uint8_t message[8] = { 'S', 'H', 'A', ' ',
					    'a', 'c', 'c', '.' };
	uint8_t digest[SHA384_SIZE];
	uint8_t word[4];
	uint32_t i;

	(void)unused;
	be("1.2");
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	die_and_resume();
	assert_int_equal(sha_read(SHA_ACC_LOCK), 0);
	die_and_resume();
	assert_int_equal(sha_read(SHA_ACC_LOCK), 1);
	sha_write(SHA_ACC_MODE, 0);
	sha_write(SHA_ACC_DLEN, sizeof(message));
	for (i = 0; i < sizeof(message); i += 4) {
		sha_write(SHA_ACC_DATAIN,
			  __builtin_bswap32(wire_get_le32(message + i)));
		die_and_resume();
	}
	sha_write(SHA_ACC_EXECUTE, 1);
	die_and_resume();
	assert_int_equal(crypto_sha384(message, sizeof(message), digest), 0);
	for (i = 0; i < SHA384_SIZE; i += 4) {
		wire_put_be32(word, sha_read(SHA_ACC_DIGEST + i));
		assert_memory_equal(word, digest + i, 4);
	}
	sha_write(SHA_ACC_LOCK, 1);
	die_and_resume();
	assert_int_equal(sha_read(SHA_ACC_LOCK), 0);
}

/* The core is still to start the MCU's firmware, and images wait in memory. */
static void subsystem_in_an_update(void **unused)
{
	static const char image[] = "an image of the SoC";
	struct subsystem *s;
	uint8_t *sram;

	(void)unused;
	config.subsystem = true;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	s = dev.subsystem;
	assert_true(subsystem_stage(s, 0x1234, image, sizeof(image)));
	soc_ifc_set(&dev.ifc, SS_GENERIC_FW_EXEC_CTRL, 0);
	assert_true(mcu_hold(&s->mcu));
	sram = s->soc.memory(s, s->soc.mcu_sram + 64, sizeof(image));
	assert_non_null(sram);
	memcpy(sram, image, sizeof(image));
	dev.fw.mcu_status = FW_MCU_UPDATE_STARTED;
	dev.fw.mcu_encrypted = true;
	dev.fw.mcu_image.len = sizeof(image);
	memset(dev.fw.mcu_image.digest, 0x61, SHA384_SIZE);
	extend(4, 0x62);
	die_and_resume();
	s = dev.subsystem;
	assert_int_equal(s->mcu.phase, MCU_HELD);
	assert_memory_equal(s->staging + 0x1234, image, sizeof(image));
	assert_memory_equal(s->mcu_sram + 64, image, sizeof(image));
}

static void subsystem_in_reset(void **unused)
{
	(void)unused;
	config.subsystem = true;
	boot_as_far_as(SOC_BOOT_HOLD_FUSES);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_ROM);
	die_and_resume();
	assert_true(dev.subsystem->mci.mbox[0].lock);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	device_run(&dev);
	assert_int_equal(dev.subsystem->mcu.phase, MCU_RUNTIME);
}

/* --- What is not this device's --- */

/* It boots anew, and says why, or says nothing. */
static void expect_cold_boot(const char *why)
{
	listen_to_stderr();
	start_device();
	assert_false(persist_resume(&persist));
	if (why)
		assert_contains(heard(), why);
	else
		assert_string_equal(heard(), "");
	stop_listening();
	assert_int_equal(dev.fw.phase, FW_RESET);
	assert_int_equal(dev.ifc.boot_fsm, BOOT_FUSE);
	/* and is none the worse for it */
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase,
			 config.hold_firmware ? FW_ROM : FW_RUNTIME);
}

static void killed_after_extending(void)
{
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	extend(4, 4);
	let_it_die();
}

static void switched_off(void **unused)
{
	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	persist_power_off(&persist);
	let_it_die();
	expect_cold_boot(NULL);
}

static void other_device(void **unused)
{
	(void)unused;
	killed_after_extending();
	fuses.field_entropy[0] ^= 1;
	expect_cold_boot("it is of another device");
}

static void other_program(void **unused)
{
	(void)unused;
	killed_after_extending();
	config.image.rom_sha256[31] ^= 1;
	expect_cold_boot("this is another ROM");
}

static void other_options(void **unused)
{
	(void)unused;
	killed_after_extending();
	hold = SOC_BOOT_HOLD_FIRMWARE;
	expect_cold_boot("it was started with other options");
}

static void other_boot_of_the_host(void **unused)
{
	uint8_t *id = persist.key + 3 * 32;

	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	id[7] ^= 1;
	assert_int_equal(persist_begin(&persist), 0);
	let_it_die();
	expect_cold_boot(NULL);
}

static void held_as_it_was(void **unused)
{
	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	/* as the control socket does */
	hold = SOC_BOOT_HOLD_FIRMWARE;
	device_settle(&dev);
	let_it_die();
	hold = SOC_BOOT_HOLD_NONE;
	assert_true(start_again());
	assert_int_equal(hold, SOC_BOOT_HOLD_FIRMWARE);
}

/* --- What stands in the file --- */

static uint8_t bytes[1 << 20];

static size_t read_file(void)
{
	int fd = openat(dir, PERSIST_FILE, O_RDONLY);
	ssize_t len = read(fd, bytes, sizeof(bytes));

	close(fd);
	assert_in_range(len, 1, sizeof(bytes) - 1);
	return (size_t)len;
}

static void write_file(size_t len)
{
	int fd = openat(dir, PERSIST_FILE, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, bytes, len), len);
	close(fd);
}

static void expect_hidden(const void *secret, size_t len)
{
	size_t size = read_file();
	size_t i;

	for (i = 0; i + 16 <= len; i++)
		assert_null(
			memmem(bytes, size, (const uint8_t *)secret + i, 16));
}

static void expect_layer_hidden(const struct dice_layer *layer)
{
	expect_hidden(layer->cdi, sizeof(layer->cdi));
	expect_hidden(layer->scalar, sizeof(layer->scalar));
	expect_hidden(layer->seed, sizeof(layer->seed));
}

static void secrets_are_sealed(void **unused)
{
	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_FUSES);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_FUSES);
	fuses_program(&fuses, &dev.bus, PL0);
	assert_memory_equal(&dev.ifc.reg[FUSE_UDS_SEED / 4], fuses.uds_seed,
			    sizeof(fuses.uds_seed));
	expect_hidden(fuses.uds_seed, sizeof(fuses.uds_seed));
	expect_hidden(fuses.field_entropy, sizeof(fuses.field_entropy));
	expect_hidden(fuses.obf_key, sizeof(fuses.obf_key));
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	X509_free(export_cdi(RETAIN));
	expect_layer_hidden(&dev.fw.fmc_alias);
	expect_layer_hidden(&dev.fw.rt_alias);
	expect_hidden(dev.fw.dpe.exported.cdi, DPE_CDI_SIZE);
	/* the search finds what is there */
	read_file();
	assert_non_null(memmem(bytes, sizeof(bytes), dev.fw.idevid_point,
			       P384_POINT_SIZE));
}

/* Sealed ones of the same device at another time are not of this time. */
static void seal_of_another_boot(void **unused)
{
	uint8_t *id = persist.key + 3 * 32;
	uint8_t real;

	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	real = id[0];
	id[0] ^= 1;
	assert_int_equal(persist_begin(&persist), 0);
	id[0] = real;
	/* everything of that time, under the present key */
	assert_int_equal(journal_begin(&persist.journal, persist.key), 0);
	let_it_die();
	expect_cold_boot("is damaged");
}

static void damaged(void **unused)
{
	size_t len;

	(void)unused;
	killed_after_extending();
	len = read_file();
	bytes[len / 3] ^= 1;
	write_file(len);
	expect_cold_boot("is damaged");
	let_it_die();
	write_file(len / 2);
	expect_cold_boot("is damaged");
	let_it_die();
	memset(bytes, 0xff, len);
	write_file(len);
	expect_cold_boot("is damaged");
}

static void spoil_flag(bool *flag)
{
	memset(flag, 2, 1);
}

static void spoil_cold_boot_done(void)
{
	spoil_flag(&dev.fw.cold_boot_done);
}

static void spoil_error_fatal(void)
{
	spoil_flag(&dev.ifc.error_fatal);
}

static void spoil_strap(void)
{
	spoil_flag(&dev.ifc.straps.debug_locked);
}

static void spoil_image(void)
{
	spoil_flag(&dev.fw.image.is_bundle);
}

static void spoil_tagged(void)
{
	spoil_flag(&dev.fw.dpe.tagged[63]);
}

static void spoil_context(void)
{
	spoil_flag(&dev.fw.dpe.context[3].allow_x509);
}

static void spoil_phase(void)
{
	dev.fw.phase = FW_HALTED + 1;
}

static void spoil_boot_fsm(void)
{
	dev.ifc.boot_fsm = BOOT_DONE + 1;
}

static void spoil_pcr_log(void)
{
	dev.fw.pcr_log.len = PCR_LOG_ENTRIES + 1;
}

static void spoil_rom_log(void)
{
	dev.fw.log_len = ROM_MAX_MEASUREMENTS + 1;
}

static void spoil_size(void)
{
	dev.fw.dpe.size = DPE_MAX_CONTEXTS + 1;
}

static void spoil_parent(void)
{
	dev.fw.dpe.context[1].parent = DPE_MAX_CONTEXTS;
}

static void spoil_with_cycle(void)
{
	struct dpe_context *c = dev.fw.dpe.context;

	c[0].parent = 1;
	c[1].parent = 0;
	c[0].children = 2;
	c[1].children = 1;
}

static void spoil_with_child_of_its_own(void)
{
	dev.fw.dpe.context[0].children |= 1;
}

static void spoil_with_strange_child(void)
{
	dev.fw.dpe.context[1].children |= 1ull << 63;
}

static void spoil_cert(void)
{
	dev.fw.mldsa.rt_alias_cert.len = CERT_MAX_DER + 1;
}

static void spoil_chain(void)
{
	dev.fw.chains.mldsa_len = SIZE_MAX;
}

static void spoil_alt_name(void)
{
	dev.fw.dpe_platform.alt_name_len = DPE_MAX_ALT_NAME + 1;
}

static void spoil_sha_lock(void)
{
	memset(&dev.ifc.sha.lock, 2, 1);
}

static void spoil_sha_fsm(void)
{
	dev.ifc.sha.fsm = SHA_ACC_DONE + 1;
}

static void spoil_sha_place(void)
{
	dev.ifc.sha.wptr = 2 * SHA_ACC_BLOCK_WORDS;
}

static void spoil_place(void)
{
	dev.fw.contexts[FW_MCFW] = DPE_MAX_CONTEXTS + 1;
}

static void spoil_manifest(void)
{
	dev.fw.owner_manifest.entries.count = MANIFEST_MAX_ENTRIES + 1;
}

static void spoil_mcu_status(void)
{
	dev.fw.mcu_status = FW_MCU_UPDATE_STARTED + 1;
}

static void spoil_hold(void)
{
	hold = SOC_BOOT_HOLD_FIRMWARE + 1;
}

static void spoil_keys(void)
{
	OPENSSL_cleanse(dev.fw.rt_alias.scalar, P384_SIZE);
}

/* ROM would go on with a key that it does not have. */
static void spoil_phase_of_booted(void)
{
	dev.fw.phase = FW_ROM;
}

static void well_summed_nonsense(void **unused)
{
	static void (*const spoilers[])(void) = {
		spoil_cold_boot_done,
		spoil_error_fatal,
		spoil_strap,
		spoil_image,
		spoil_tagged,
		spoil_context,
		spoil_phase,
		spoil_phase_of_booted,
		spoil_boot_fsm,
		spoil_pcr_log,
		spoil_rom_log,
		spoil_size,
		spoil_parent,
		spoil_with_cycle,
		spoil_with_child_of_its_own,
		spoil_with_strange_child,
		spoil_cert,
		spoil_chain,
		spoil_alt_name,
		spoil_sha_lock,
		spoil_sha_fsm,
		spoil_sha_place,
		spoil_place,
		spoil_manifest,
		spoil_mcu_status,
		spoil_hold,
		spoil_keys,
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(spoilers); i++) {
		boot_as_far_as(SOC_BOOT_HOLD_NONE);
		spoilers[i]();
		journal_distrust(&persist.journal);
		persist_commit(&persist);
		let_it_die();
		hold = SOC_BOOT_HOLD_NONE;
		expect_cold_boot("is damaged");
		persist_power_off(&persist);
		let_it_die();
	}
	assert_true(start_again() == false);
}

/* As any test would end in which firmware does that. */
static void change_that_is_not_counted(void **unused)
{
	int status;
	pid_t pid;

	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	pid = fork();
	assert_in_range(pid, 0, INT32_MAX);
	if (!pid) {
		signal(SIGABRT, SIG_DFL);
		dev.fw.image.svn++;
		persist_commit(&persist);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void spoil_mcu_log(void **unused)
{
	(void)unused;
	config.subsystem = true;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	dev.subsystem->mcu.log.text[dev.subsystem->mcu.log.len - 1] = 'x';
	dev.subsystem->mcu.log.edits++;
	persist_commit(&persist);
	let_it_die();
	expect_cold_boot("is damaged");
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Bytes of what is kept, other than keys, whatever they are. */
static void spoil_anything(uint32_t *seed)
{
	struct journal_region *r;
	uint32_t n = 1 + next_random(seed) % 6;

	while (n--) {
		r = &persist.regions[next_random(seed) % (persist.count - 1)];
		((uint8_t *)r->live)[next_random(seed) % r->size] =
			(uint8_t)(next_random(seed) % 4 ?
					  next_random(seed) % 4 :
					  next_random(seed));
	}
	journal_distrust(&persist.journal);
}

/* Commands that go through all of it; what they answer is of no importance. */
static void use_everything(void)
{
	static uint8_t out[sizeof(answer)];
	static const uint32_t codes[] = {
		CALIPTRA_CMD_EXTEND_PCR,
		CALIPTRA_CMD_QUOTE_PCRS_ECC384,
		CALIPTRA_CMD_GET_PCR_LOG,
		CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CSR,
		CALIPTRA_CMD_GET_LDEV_ECC384_CERT,
		CALIPTRA_CMD_GET_RT_ALIAS_MLDSA87_CERT,
		CALIPTRA_CMD_FW_INFO,
		CALIPTRA_CMD_DPE_GET_TAGGED_TCI,
		CALIPTRA_CMD_GET_IDEV_ECC384_CSR,
		CALIPTRA_CMD_STASH_MEASUREMENT,
		CALIPTRA_CMD_AUTHORIZE_AND_STASH,
	};
	static const uint32_t lens[] = { 52, 32, 0, 0, 0, 0, 0, 4, 0, 104, 116 };
	static uint8_t request[256];
	uint32_t len;
	size_t i;

	for (i = 0; i < COUNT(codes); i++) {
		memset(request, 0, sizeof(request));
		len = test_request(request, codes[i], NULL, lens[i]);
		if (device_submit(&dev, PL0, codes[i], request, len) !=
		    DEVICE_SUBMITTED)
			continue;
		device_run(&dev);
		memcpy(out, mbox_bytes(&dev.mbox), sizeof(out));
		device_finish(&dev, PL0);
	}
}

static void use_dpe(void)
{
	static uint8_t request[256];
	uint32_t len;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		switch (i) {
		case 0:
			derive_context(dpe_default_handle, RETAIN, 1, 0, 0);
			break;
		case 1:
			certify_key(dpe_default_handle, FORMAT_X509);
			break;
		case 2:
			get_chain(0, 2048);
			break;
		case 3:
			destroy(dpe_default_handle);
			break;
		}
		wire_put_le32(command, command_len - 4);
		memset(request, 0, sizeof(request));
		len = test_request(request, CALIPTRA_CMD_INVOKE_DPE_ECC384,
				   command, command_len);
		if (device_submit(&dev, PL0, CALIPTRA_CMD_INVOKE_DPE_ECC384,
				  request, len) != DEVICE_SUBMITTED)
			continue;
		device_run(&dev);
		device_finish(&dev, PL0);
	}
}

/* Whether it goes on or boots anew, sanitizers look at it. */
static void anything(void **unused)
{
	unsigned int resumed = 0;
	uint32_t seed = 42;
	size_t len;
	int i;

	(void)unused;
	boot_as_far_as(SOC_BOOT_HOLD_NONE);
	derive_context(dpe_default_handle, RETAIN, 0x21, PL0, 5);
	invoke_as(PL0);
	let_it_die();
	len = read_file();
	listen_to_stderr();
	for (i = 0; i < 150; i++) {
		write_file(len);
		assert_true(start_again());
		dev.on_change = NULL;
		spoil_anything(&seed);
		persist_commit(&persist);
		/* what was spoilt is not to be used in here */
		persist_close(&persist);
		device_reset(&dev, DEVICE_RESET_COLD);
		device_release(&dev);
		if (start_again()) {
			resumed++;
			device_run(&dev);
			use_everything();
			use_dpe();
		}
		let_it_die();
		hold = SOC_BOOT_HOLD_NONE;
	}
	stop_listening();
	print_message("%u of %d went on\n", resumed, i);
	assert_in_range(resumed, 10, 149);
	write_file(len);
	assert_true(start_again());
}

#undef TEST
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, begin_dpe_test, end_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_in_2_1),
		TEST(everything_in_2_0),
		TEST(everything_in_1_2),
		TEST(certificates),
		TEST(exported_cdi),
		TEST(attestation_disabled_in_2_1),
		TEST(attestation_disabled_in_2_0),
		TEST(errors),
		TEST(registers_before_boot),
		TEST(held_at_bootfsm),
		TEST(rom),
		TEST(sends_csr),
		TEST(warm_reset),
		TEST(all_at_once),
		TEST(subsystem),
		TEST(subsystem_in_an_update),
		TEST(measured_once_more),
		TEST(sha_accelerator),
		TEST(subsystem_in_reset),
		TEST(switched_off),
		TEST(other_device),
		TEST(other_program),
		TEST(other_options),
		TEST(other_boot_of_the_host),
		TEST(held_as_it_was),
		TEST(secrets_are_sealed),
		TEST(seal_of_another_boot),
		TEST(damaged),
		TEST(well_summed_nonsense),
		TEST(change_that_is_not_counted),
		TEST(spoil_mcu_log),
		TEST(anything),
	};

	return cmocka_run_group_tests(tests, enter_test_folder,
				      leave_test_folder);
}
