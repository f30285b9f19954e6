// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the mirror of the PCR vault with one that writes down what it is told, and fails
 * when it is to; and the fuses of a device whose UDS seed is in a TPM. The TPM itself is
 * in tpm.sh.
 */
#include "process.h"

#include <caliptra/commands.h>
#include <fcntl.h>

#include "command.h"

/**
 * struct notes - what a mirror was told
 * @resets: how often it was reset
 * @extends: how often it was extended
 * @value: each PCR as a mirror of its own would have it
 * @fails: it can not, from now on
 */
struct notes {
	unsigned int resets;
	unsigned int extends;
	uint8_t value[PCR_COUNT][SHA384_SIZE];
	bool fails;
};

static int note_reset(void *context)
{
	struct notes *n = context;

	n->resets++;
	n->extends = 0;
	memset(n->value, 0, sizeof(n->value));
	return n->fails ? -1 : 0;
}

static int note_extend(void *context, unsigned int index,
		       const uint8_t digest[SHA384_SIZE])
{
	struct notes *n = context;

	if (n->fails)
		return -1;
	n->extends++;
	return crypto_sha384_extend(n->value[index], digest, SHA384_SIZE);
}

static struct notes notes;
static const struct pcr_mirror mirror = { note_reset, note_extend, &notes };
static struct device dev;

static void start(void)
{
	struct device_config config = test_config();

	memset(&notes, 0, sizeof(notes));
	config.pcr_mirror = &mirror;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
}

static uint32_t extend(uint32_t index, uint8_t byte)
{
	uint8_t request[64];
	uint8_t body[52];
	uint32_t len;

	memset(body, byte, sizeof(body));
	wire_put_le32(body, index);
	len = test_request(request, CALIPTRA_CMD_EXTEND_PCR, body,
			   sizeof(body));
	assert_int_equal(device_submit(&dev, SOC_BOOT_PL0_USER,
				       CALIPTRA_CMD_EXTEND_PCR, request, len),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	device_finish(&dev, SOC_BOOT_PL0_USER);
	return dev.now.fw_error;
}

/* What is 48 bytes long is mirrored as it is; the first of FMC's is not. */
static void all_extensions_are_mirrored(void **unused)
{
	struct pcr_vault expected = { 0 };
	uint8_t digest[SHA384_SIZE];
	unsigned int i;

	(void)unused;
	start();
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_int_equal(notes.resets, 1);
	assert_int_equal(notes.extends, 2 * dev.fw.pcr_log.len);
	assert_memory_equal(notes.value[PCR_RT_CURRENT],
			    dev.fw.pcrs.value[PCR_RT_CURRENT], SHA384_SIZE);
	for (i = 0; i < 4; i++) {
		const uint8_t *data = dev.fw.pcr_log.entry[i] + 8;

		/* struct device_status has 18 bytes in 2.1 */
		if (!i && !crypto_sha384(data, 18, digest))
			data = digest;
		assert_int_equal(pcr_extend(&expected, 0, data, SHA384_SIZE),
				 0);
	}
	assert_memory_equal(notes.value[PCR_FMC_JOURNEY], expected.value[0],
			    SHA384_SIZE);

	assert_int_equal(extend(9, 1), FW_OK);
	assert_int_equal(extend(30, 2), FW_OK);
	for (i = PCR_RT_JOURNEY; i < PCR_COUNT; i++)
		assert_memory_equal(notes.value[i], dev.fw.pcrs.value[i],
				    SHA384_SIZE);
	device_release(&dev);
}

static void only_power_cycles_reset_it(void **unused)
{
	struct fuses fuses;
	unsigned int extends;

	(void)unused;
	start();
	assert_int_equal(extend(9, 1), FW_OK);
	extends = notes.extends;
	test_fuses(&fuses);
	assert_true(device_reset(&dev, DEVICE_RESET_WARM));
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_int_equal(notes.resets, 1);
	assert_int_equal(notes.extends, extends);
	assert_true(device_reset(&dev, DEVICE_RESET_COLD));
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_int_equal(notes.resets, 2);
	assert_int_equal(notes.extends, extends - 1);
	device_release(&dev);
}

static void command_fails_and_changes_nothing(void **unused)
{
	struct pcr_vault before;

	(void)unused;
	start();
	assert_int_equal(extend(9, 1), FW_OK);
	before = dev.fw.pcrs;
	notes.fails = true;
	assert_int_equal(extend(9, 1), DRIVER_SHA2_512_384_INVALID_STATE_ERR);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_memory_equal(&dev.fw.pcrs, &before, sizeof(before));
	notes.fails = false;
	assert_int_equal(extend(9, 1), FW_OK);
	assert_memory_not_equal(&dev.fw.pcrs, &before, sizeof(before));
	device_release(&dev);
}

static void boot_fails(void **unused)
{
	struct fuses fuses;

	(void)unused;
	start();
	test_fuses(&fuses);
	notes.fails = true;
	assert_true(device_reset(&dev, DEVICE_RESET_COLD));
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_HALTED);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 ROM_GLOBAL_EXCEPTION);
	device_release(&dev);
}

/* --- Fuses --- */

static const struct fuses_tpm tpm = {
	.ek_name = { 0, 0x0b, 1, 2, 3 },
	.uds_seed = { 0x11, 0x22, 0x33, 0x44, 0x55 },
};

static size_t read_text(const char *name, char *text, size_t size)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_return_code(fd, errno);
	n = read(fd, text, size - 1);
	assert_in_range(n, 1, size - 2);
	text[n] = '\0';
	close(fd);
	return (size_t)n;
}

static void seed_of_tpm_is_not_kept(void **unused)
{
	struct fuses_tpm other = tpm;
	struct fuses made;
	struct fuses fuses;
	char text[4096];

	(void)unused;
	assert_int_equal(
		fuses_manufacture(&made, &generation_newest, NULL, &tpm), 0);
	assert_int_equal(made.uds_seed[0], 0x11223344);
	assert_int_equal(made.uds_seed[1], 0x55000000);
	assert_int_equal(fuses_store(&made, AT_FDCWD, "fuses"), 0);
	read_text("fuses", text, sizeof(text));
	assert_null(strstr(text, "FUSE_UDS_SEED"));
	assert_null(strstr(text, "11223344"));
	assert_contains(text, "\nTPM_EK_NAME 000b0102 03000000");

	memset(&fuses, 0xff, sizeof(fuses));
	assert_int_equal(fuses_parse(&fuses, text, "fuses"), 0);
	assert_true(fuses_need_tpm(&fuses));
	assert_int_equal(fuses.uds_seed[0], 0);
	other.ek_name[33] = 1;
	listen_to_stderr();
	assert_int_equal(fuses_take_tpm(&fuses, &other), -1);
	assert_contains(heard(), "not the one that the device was made with");
	stop_listening();
	assert_int_equal(fuses.uds_seed[0], 0);
	assert_int_equal(fuses_take_tpm(&fuses, &tpm), 0);
	assert_memory_equal(&fuses, &made, sizeof(made));
}

/* Neither, or both: nobody writes such a file, its digest may be what it wants. */
static void there_is_a_seed_or_a_tpm(void **unused)
{
	static const char *const wrong[] = {
		"",
		"FUSE_UDS_SEED 1 2 3 4 5 6 7 8 9 a b c d e f 10\n"
		"TPM_EK_NAME 000b0000 0 0 0 0 0 0 0 0\n",
		"FUSE_UDS_SEED 00000000 00000000 00000000 00000000 00000000 "
		"00000000 00000000 00000000 00000000 00000000 00000000 "
		"00000000 00000000 00000000 00000000 00000000\n"
		"TPM_EK_NAME 000b0000 00000000 00000000 00000000 00000000 "
		"00000000 00000000 00000000 00000000\n",
		"TPM_EK_NAME 00000000 00000001 00000000 00000000 00000000 "
		"00000000 00000000 00000000 00000000\n",
	};
	uint8_t digest[SHA384_SIZE];
	struct fuses fuses;
	char text[4096];
	char made[8192];
	char *from;
	char *to;
	size_t len;
	size_t i;
	size_t k;

	(void)unused;
	read_text("fuses", text, sizeof(text));
	from = strstr(text, "TPM_EK_NAME");
	to = strchr(from, '\n') + 1;
	*strstr(to, "SHA384 ") = '\0';
	for (i = 0; i < COUNT(wrong); i++) {
		len = (size_t)sprintf(made, "%.*s%s%s", (int)(from - text),
				      text, wrong[i], to);
		assert_int_equal(crypto_sha384(made, len, digest), 0);
		len += (size_t)sprintf(made + len, "SHA384");
		for (k = 0; k < sizeof(digest); k++)
			len += (size_t)sprintf(made + len, "%s%02x",
					       k ? "" : " ", digest[k]);
		strcpy(made + len, "\n");
		listen_to_stderr();
		assert_int_equal(fuses_parse(&fuses, made, "fuses"), -1);
		assert_contains(heard(),
				"it has been written by something else");
		stop_listening();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_extensions_are_mirrored),
		cmocka_unit_test(only_power_cycles_reset_it),
		cmocka_unit_test(command_fails_and_changes_nothing),
		cmocka_unit_test(boot_fails),
		cmocka_unit_test(seed_of_tpm_is_not_kept),
		cmocka_unit_test(there_is_a_seed_or_a_tpm),
	};

	return cmocka_run_group_tests(tests, enter_test_folder,
				      leave_test_folder);
}
