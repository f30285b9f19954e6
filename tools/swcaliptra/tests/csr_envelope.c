// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests how ROM sends IDevID's requests at manufacture: what is in the envelope
 * (caliptra-sw drivers/src/persistent.rs, and the key of
 * rom/dev/tests/rom_integration_tests/tests_get_idev_csr.rs), and how ROM waits
 * until the SoC has it.
 */
#include "harness.h"

#include <openssl/x509.h>

#include "csr_envelope.h"

#define PL0	 SOC_BOOT_PL0_USER
#define CSR_FLAG CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR

static struct device dev;
static uint8_t bytes[CSR_ENVELOPE_MAX + 4];

/* Boot as far as ROM gets by itself. */
static void boot(const char *generation)
{
	struct device_config config = test_config();
	struct fuses fuses;

	config.generation = generation_find(generation);
	config.hold_firmware = true;
	test_fuses(&fuses);
	fuses.cptra_generation[0] = config.generation->cptra_generation;
	assert_int_equal(device_init(&dev, &config), 0);
	soc_boot(&dev.bus, &fuses, CSR_FLAG, SOC_BOOT_HOLD_FIRMWARE);
}

static uint32_t flow(void)
{
	return ifc_read(&dev, CPTRA_FLOW_STATUS) &
	       (CPTRA_FLOW_STATUS_IDEVID_CSR_READY |
		CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING);
}

static void expect_waiting(void)
{
	assert_int_equal(dev.fw.phase, FW_SENDS_CSR);
	assert_int_equal(flow(), CPTRA_FLOW_STATUS_IDEVID_CSR_READY);
	assert_int_equal(ifc_read(&dev, CPTRA_BOOT_STATUS), 7);
	assert_true(dev.mbox.uc_has_lock);
}

static void expect_ready(void)
{
	assert_int_equal(dev.fw.phase, FW_ROM);
	assert_int_equal(flow(), CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING);
	assert_int_equal(bus_wires(&dev.bus) & BUS_WIRE_MAILBOX_DATA_AVAIL, 0);
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 0);
}

static void clear_flag(void)
{
	ifc_write(&dev, CPTRA_DBG_MANUF_SERVICE_REG, 0);
	device_run(&dev);
}

/* As a driver reads a message. */
static uint32_t read_message(void)
{
	uint32_t len;
	uint32_t i;

	assert_true(bus_wires(&dev.bus) & BUS_WIRE_MAILBOX_DATA_AVAIL);
	assert_int_equal(csr_read(&dev, PL0, MBOX_CMD), 0);
	len = csr_read(&dev, PL0, MBOX_DLEN);
	assert_in_range(len, 1, CSR_ENVELOPE_MAX);
	for (i = 0; i < len; i += 4)
		wire_put_le32(bytes + i, csr_read(&dev, PL0, MBOX_DATAOUT));
	return len;
}

/* The request at @at, in @size bytes; zeros follow it. */
static void expect_csr(size_t at, size_t size, const struct cert_der *csr)
{
	uint32_t len = wire_get_le32(bytes + at);
	const unsigned char *p = bytes + at + 4;
	X509_REQ *parsed = d2i_X509_REQ(NULL, &p, (long)len);
	size_t i;

	assert_int_equal(len, csr->len);
	assert_memory_equal(bytes + at + 4, csr->bytes, len);
	assert_non_null(parsed);
	assert_int_equal(X509_REQ_verify(parsed, X509_REQ_get0_pubkey(parsed)),
			 1);
	X509_REQ_free(parsed);
	for (i = len; i < size; i++)
		assert_int_equal(bytes[at + 4 + i], 0);
}

static void expect_mac(size_t len)
{
	uint8_t key[64];
	uint8_t mac[SHA512_SIZE];

	unhex("014552ad1955075750c602dd85de4e9b815cc9ef0ba81a357a05d7c07f5efaeb"
	      "f76dd9d29e38197f0405253725b568f4432665f1d11d02a7bfb9279fa2eb96d7",
	      key, sizeof(key));
	assert_int_equal(crypto_hmac512(key, sizeof(key), bytes,
					len - sizeof(mac), mac),
			 0);
	assert_memory_equal(bytes + len - sizeof(mac), mac, sizeof(mac));
}

static void envelopes(void **unused)
{
	static const struct {
		const char *generation;
		uint32_t size;
		size_t mldsa_size;
	} envelope[] = { { "2.1", 8784, 8192 }, { "2.0", 8272, 7680 } };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(envelope); i++) {
		boot(envelope[i].generation);
		device_run(&dev);
		expect_waiting();
		assert_int_equal(read_message(), envelope[i].size);
		expect_hex(bytes, "52534300");
		assert_int_equal(wire_get_le32(bytes + 4), envelope[i].size);
		expect_csr(8, 512, &dev.fw.idevid_csr);
		expect_csr(8 + 516, envelope[i].mldsa_size,
			   &dev.fw.mldsa.idevid_csr);
		expect_mac(envelope[i].size);
		clear_flag();
		expect_ready();
		device_release(&dev);
	}
}

/* In 1.x there is no envelope. */
static void request_alone(void **unused)
{
	(void)unused;
	boot("1.2");
	device_run(&dev);
	expect_waiting();
	assert_int_equal(read_message(), dev.fw.idevid_csr.len);
	assert_memory_equal(bytes, dev.fw.idevid_csr.bytes,
			    dev.fw.idevid_csr.len);
	clear_flag();
	expect_ready();
	device_release(&dev);
}

/* It is the flag that ROM waits for, whatever becomes of the message. */
static void only_the_flag_counts(void **unused)
{
	(void)unused;
	boot("2.1");
	device_run(&dev);
	read_message();
	device_run(&dev);
	expect_waiting();
	csr_write(&dev, PL0, MBOX_STATUS, MBOX_STATUS_CMD_COMPLETE);
	device_run(&dev);
	expect_waiting();
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 1);
	ifc_write(&dev, CPTRA_DBG_MANUF_SERVICE_REG, CSR_FLAG | 0x100);
	device_run(&dev);
	expect_waiting();
	clear_flag();
	expect_ready();
	device_release(&dev);

	/* not even read */
	boot("2.1");
	device_run(&dev);
	clear_flag();
	expect_ready();
	device_release(&dev);
}

/* ROM does not look for commands before that. */
static void commands_wait(void **unused)
{
	uint8_t request[8];

	(void)unused;
	boot("2.1");
	device_run(&dev);
	assert_int_equal(
		device_submit(&dev, PL0, 0x46505652, request,
			      test_request(request, 0x46505652, NULL, 0)),
		DEVICE_LOCKED);
	clear_flag();
	assert_int_equal(
		device_submit(&dev, PL0, 0x46505652, request,
			      test_request(request, 0x46505652, NULL, 0)),
		DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(dev.mbox.status, MBOX_STATUS_DATA_READY);
	device_finish(&dev, PL0);
	device_release(&dev);
}

/* Nor does it get the mailbox while somebody else has it. */
static void mailbox_in_use(void **unused)
{
	(void)unused;
	boot("2.1");
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 0);
	csr_write(&dev, PL0, MBOX_CMD, 0x46505652);
	csr_write(&dev, PL0, MBOX_DLEN, 0);
	csr_write(&dev, PL0, MBOX_EXECUTE, 1);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_SENDS_CSR);
	assert_int_equal(flow(), 0);
	/* and it does not answer */
	assert_int_equal(csr_read(&dev, PL0, MBOX_STATUS) &
				 MBOX_STATUS_STATUS_MASK,
			 MBOX_STATUS_CMD_BUSY);
	assert_false(soc_boot_take_csr(&dev.bus));
	clear_flag();
	assert_int_equal(dev.fw.phase, FW_SENDS_CSR);
	device_release(&dev);
}

static void resets_while_waiting(void **unused)
{
	(void)unused;
	boot("2.1");
	device_run(&dev);
	expect_waiting();
	assert_true(device_reset(&dev, DEVICE_RESET_COLD));
	assert_int_equal(dev.fw.phase, FW_RESET);
	assert_int_equal(flow(), 0);
	assert_false(dev.mbox.lock);
	device_release(&dev);

	boot("2.1");
	device_run(&dev);
	assert_true(device_reset(&dev, DEVICE_RESET_WARM));
	ifc_write(&dev, CPTRA_FUSE_WR_DONE, 1);
	ifc_write(&dev, CPTRA_BOOTFSM_GO, 1);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_HALTED);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 ROM_WARM_RESET_UNSUCCESSFUL_PREVIOUS_COLD_RESET);
	device_release(&dev);
}

/* The SoC's boot ROM takes it where it is there, and only once. */
static void soc_takes_it(void **unused)
{
	(void)unused;
	boot("2.1");
	assert_false(soc_boot_take_csr(&dev.bus));
	device_run(&dev);
	assert_true(soc_boot_take_csr(&dev.bus));
	assert_false(soc_boot_take_csr(&dev.bus));
	device_run(&dev);
	assert_false(soc_boot_take_csr(&dev.bus));
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_NON_FATAL), 0);
	expect_ready();
	device_release(&dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(envelopes),
		cmocka_unit_test(request_alone),
		cmocka_unit_test(only_the_flag_counts),
		cmocka_unit_test(commands_wait),
		cmocka_unit_test(mailbox_in_use),
		cmocka_unit_test(resets_while_waiting),
		cmocka_unit_test(soc_takes_it),
	};

	return cmocka_run_group_tests_name("csr_envelope", tests, NULL, NULL);
}
