// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests every command that firmware answers, in runtime and in ROM: what a good
 * request brings, and the error that a bad one ends with (caliptra-sw
 * runtime/src, rom/dev/src/flow/cold_reset/fw_processor). Each test is run twice,
 * with whole commands and register by register, as a driver does it.
 */
#include "harness.h"

#include <caliptra/caliptra.h>
#include <caliptra/commands.h>
#include <openssl/x509.h>

#include "command.h"

#define PL0	 SOC_BOOT_PL0_USER
#define PL1	 SOC_BOOT_PL1_USER
#define RESERVED 0xffffffffu

#define UNKNOWN 0x12345678u

/**
 * struct answer - what came back
 * @status: MBOX_STATUS.status
 * @len: its length in bytes
 * @bytes: what MBOX_DATAOUT gave
 */
struct answer {
	uint32_t status;
	uint32_t len;
	uint8_t bytes[16384];
};

static struct device dev;
static struct answer answer;
static bool by_registers;

/* Room for any request here. */
static uint8_t request[4096];

static void exchange_registers(uint32_t user, uint32_t code, uint32_t len)
{
	uint32_t i;

	assert_int_equal(csr_read(&dev, user, MBOX_LOCK), 0);
	csr_write(&dev, user, MBOX_CMD, code);
	csr_write(&dev, user, MBOX_DLEN, len);
	for (i = 0; i < len; i += 4)
		csr_write(&dev, user, MBOX_DATAIN, wire_get_le32(request + i));
	csr_write(&dev, user, MBOX_EXECUTE, 1);
	device_run(&dev);
	assert_true(bus_wires(&dev.bus) & BUS_WIRE_MAILBOX_DATA_AVAIL);
	answer.status = csr_read(&dev, user, MBOX_STATUS) & 0xf;
	if (answer.status == MBOX_STATUS_DATA_READY)
		answer.len = csr_read(&dev, user, MBOX_DLEN);
	assert_in_range(answer.len, 0, sizeof(answer.bytes));
	for (i = 0; i < answer.len; i += 4)
		wire_put_le32(answer.bytes + i,
			      csr_read(&dev, user, MBOX_DATAOUT));
	csr_write(&dev, user, MBOX_EXECUTE, 0);
}

static void exchange_whole(uint32_t user, uint32_t code, uint32_t len)
{
	assert_int_equal(device_submit(&dev, user, code, request, len),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_true(mbox_data_avail(&dev.mbox));
	answer.status = dev.mbox.status;
	if (answer.status == MBOX_STATUS_DATA_READY)
		answer.len = dev.mbox.dlen;
	assert_in_range(answer.len, 0, sizeof(answer.bytes));
	memcpy(answer.bytes, mbox_bytes(&dev.mbox), answer.len);
	device_finish(&dev, user);
}

/* Send the first @len bytes of the request as they are. */
static void exchange(uint32_t user, uint32_t code, uint32_t len)
{
	memset(&answer, 0, sizeof(answer));
	if (by_registers)
		exchange_registers(user, code, len);
	else
		exchange_whole(user, code, len);
	assert_int_equal(
		csr_read(&dev, PL0, MBOX_STATUS) & MBOX_STATUS_FSM_PS_MASK, 0);
}

static void run(uint32_t user, uint32_t code, const void *body, uint32_t len)
{
	assert_in_range(len, 0, sizeof(request) - 4);
	memset(request, 0, sizeof(request));
	exchange(user, code, test_request(request, code, body, len));
}

static void idle(void)
{
	device_run(&dev);
}

static uint32_t non_fatal(void)
{
	return ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL);
}

/* A response of @len bytes: its checksum is right, its header says @fips. */
static void expect_response(uint32_t len, uint32_t fips)
{
	uint32_t sum = wire_get_le32(answer.bytes);
	uint32_t i;

	assert_int_equal(answer.status, MBOX_STATUS_DATA_READY);
	assert_int_equal(answer.len, len);
	for (i = 4; i < len; i++)
		sum += answer.bytes[i];
	assert_int_equal(sum, 0);
	assert_int_equal(wire_get_le32(answer.bytes + 4), fips);
	assert_int_equal(non_fatal(), 0);
	assert_int_equal(bus_wires(&dev.bus) & (BUS_WIRE_CPTRA_ERROR_FATAL |
						BUS_WIRE_CPTRA_ERROR_NON_FATAL),
			 0);
}

static void expect_ok(uint32_t code, const void *body, uint32_t body_len,
		      uint32_t len)
{
	run(PL0, code, body, body_len);
	expect_response(len, FIPS_STATUS_APPROVED);
}

static void expect_failure(uint32_t error)
{
	assert_int_equal(answer.status, MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(non_fatal(), error);
	assert_int_equal(bus_wires(&dev.bus) & (BUS_WIRE_CPTRA_ERROR_FATAL |
						BUS_WIRE_CPTRA_ERROR_NON_FATAL),
			 error ? BUS_WIRE_CPTRA_ERROR_NON_FATAL : 0);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), 0);
}

static void expect_error(uint32_t user, uint32_t code, const void *body,
			 uint32_t len, uint32_t error)
{
	run(user, code, body, len);
	expect_failure(error);
}

/* In ROM, an error is the end. */
static void expect_fatal(uint32_t error)
{
	int i;

	assert_int_equal(answer.status, MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), error);
	assert_int_equal(non_fatal(), error);
	assert_true(bus_wires(&dev.bus) & BUS_WIRE_CPTRA_ERROR_FATAL);
	for (i = 0; i < 2; i++) {
		run(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
		assert_int_equal(answer.status, MBOX_STATUS_CMD_FAILURE);
		assert_int_equal(non_fatal(), error);
	}
	assert_int_equal(dev.fw.phase, FW_HALTED);
}

/*
 * Without arguments
 */

static void version(void **unused)
{
	(void)unused;
	expect_ok(CALIPTRA_CMD_VERSION, NULL, 0, 36);
	expect_hex(answer.bytes + 8, "53504946"
				     "12003412");
	/* ROM 2.1.3 and FMC 2.1.1, 5 bits of major and minor, 6 of patch */
	assert_int_equal(wire_get_le32(answer.bytes + 16),
			 ((2 << 11 | 1 << 6 | 1) << 16) |
				 (2 << 11 | 1 << 6 | 3));
	assert_int_equal(wire_get_le32(answer.bytes + 20), 0x02010001);
	assert_memory_equal(answer.bytes + 24, "Caliptra RTM", 12);
}

static void capabilities(void **unused)
{
	(void)unused;
	expect_ok(CALIPTRA_CMD_CAPABILITIES, NULL, 0, 24);
	expect_hex(answer.bytes + 8, "00000000000000010000000000000000");
}

/* A digest that travels as words, each with its bytes reversed. */
static void expect_words(const uint8_t *bytes, const uint8_t *digest,
			 size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		assert_int_equal(bytes[i], digest[i / 4 * 4 + 3 - i % 4]);
}

static void fw_info(void **unused)
{
	static const uint8_t revision[] = { [0 ... 19] = 0xc0 };
	static const uint8_t zero[96];
	uint8_t vendor[SHA384_SIZE];
	const uint8_t *b = answer.bytes;
	uint32_t i;

	(void)unused;
	for (i = 0; i < SHA384_SIZE; i++)
		dev.fw.image.fmc_sha384[i] = (uint8_t)i;
	expect_ok(CALIPTRA_CMD_FW_INFO, NULL, 0, 392);
	assert_int_equal(wire_get_le32(b + 8), PL0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(wire_get_le32(b + 12 + 4 * i), 3);
		assert_memory_equal(b + 28 + 20 * i, revision, 20);
	}
	assert_int_equal(wire_get_le32(b + 24), 0);
	expect_words(b + 88, dev.fw.image.rom_sha256, 32);
	expect_words(b + 120, dev.fw.image.fmc_sha384, 48);
	expect_words(b + 168, dev.fw.image.runtime_sha384, 48);
	assert_memory_equal(b + 216, zero, 96);
	assert_int_equal(wire_get_le32(b + 312), 0);
	soc_ifc_fuse_bytes(&dev.ifc, FUSE_VENDOR_PK_HASH, vendor, 12);
	expect_words(b + 316, vendor, 48);
	assert_memory_equal(b + 364, zero, 28);
}

/* The error of an earlier command, for as long as there is no other. */
static void fw_info_tells_the_last_error(void **unused)
{
	(void)unused;
	expect_error(PL0, UNKNOWN, NULL, 0, RUNTIME_UNIMPLEMENTED_COMMAND);
	expect_ok(CALIPTRA_CMD_VERSION, NULL, 0, 36);
	expect_ok(CALIPTRA_CMD_FW_INFO, NULL, 0, 392);
	assert_int_equal(wire_get_le32(answer.bytes + 312),
			 RUNTIME_UNIMPLEMENTED_COMMAND);
	expect_error(PL0, CALIPTRA_CMD_QUOTE_PCRS_ECC384, NULL, 0,
		     RUNTIME_MAILBOX_INVALID_PARAMS);
	expect_ok(CALIPTRA_CMD_FW_INFO, NULL, 0, 392);
	assert_int_equal(wire_get_le32(answer.bytes + 312),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
}

/* Runtime firmware does not look at what follows the checksum. */
static void arguments_nobody_asked_for(void **unused)
{
	static const uint8_t body[9] = "anything";

	(void)unused;
	expect_ok(CALIPTRA_CMD_VERSION, body, 9, 36);
	expect_ok(CALIPTRA_CMD_CAPABILITIES, body, 9, 24);
	expect_ok(CALIPTRA_CMD_FW_INFO, body, 9, 392);
	expect_ok(CALIPTRA_CMD_GET_IDEV_ECC384_INFO, body, 9, 104);
}

/*
 * What is wrong with a request before anybody reads it
 */

static void unknown_command(void **unused)
{
	(void)unused;
	expect_error(PL0, UNKNOWN, NULL, 0, RUNTIME_UNIMPLEMENTED_COMMAND);
	expect_error(PL0, 0, NULL, 0, RUNTIME_UNIMPLEMENTED_COMMAND);
	expect_error(PL1, 0xffffffff, "1234", 4, RUNTIME_UNIMPLEMENTED_COMMAND);
	/* the next command clears the error */
	expect_ok(CALIPTRA_CMD_VERSION, NULL, 0, 36);
}

static void bad_checksum(void **unused)
{
	uint32_t len;
	uint32_t i;

	(void)unused;
	memset(request, 0, sizeof(request));
	len = test_request(request, CALIPTRA_CMD_VERSION, "abc", 3);
	for (i = 0; i < len; i++) {
		request[i] ^= 1;
		exchange(PL0, CALIPTRA_CMD_VERSION, len);
		expect_failure(RUNTIME_INVALID_CHECKSUM);
		request[i] ^= 1;
	}
	/* right, but for another command, or for an unknown one */
	exchange(PL0, CALIPTRA_CMD_FW_INFO, len);
	expect_failure(RUNTIME_INVALID_CHECKSUM);
	exchange(PL0, UNKNOWN, len);
	expect_failure(RUNTIME_INVALID_CHECKSUM);
	exchange(PL0, CALIPTRA_CMD_VERSION, len);
	expect_response(36, FIPS_STATUS_APPROVED);
}

static void request_shorter_than_its_header(void **unused)
{
	uint32_t len;

	(void)unused;
	test_request(request, CALIPTRA_CMD_VERSION, NULL, 0);
	for (len = 0; len < 4; len++) {
		exchange(PL0, CALIPTRA_CMD_VERSION, len);
		expect_failure(RUNTIME_MAILBOX_INVALID_PARAMS);
	}
}

/* MBOX_DLEN says more than the mailbox holds. */
static void request_longer_than_the_mailbox(void **unused)
{
	static const uint32_t lengths[] = { CALIPTRA_MBOX_SIZE_PASSIVE + 1,
					    0x80000000, 0xffffffff };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(lengths); i++) {
		csr_read(&dev, PL0, MBOX_LOCK);
		csr_write(&dev, PL0, MBOX_CMD, CALIPTRA_CMD_VERSION);
		csr_write(&dev, PL0, MBOX_DLEN, lengths[i]);
		csr_write(&dev, PL0, MBOX_EXECUTE, 1);
		device_run(&dev);
		answer.status = csr_read(&dev, PL0, MBOX_STATUS) & 0xf;
		expect_failure(RUNTIME_MAILBOX_INVALID_PARAMS);
		csr_write(&dev, PL0, MBOX_EXECUTE, 0);
	}
}

/* As much as the mailbox holds is not too much. */
static void request_as_long_as_the_mailbox(void **unused)
{
	static uint8_t bytes[CALIPTRA_MBOX_SIZE_PASSIVE];

	(void)unused;
	test_request(bytes, CALIPTRA_CMD_VERSION, bytes + 4, sizeof(bytes) - 4);
	assert_int_equal(device_submit(&dev, PL0, CALIPTRA_CMD_VERSION, bytes,
				       sizeof(bytes)),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(dev.mbox.status, MBOX_STATUS_DATA_READY);
	device_finish(&dev, PL0);
}

/* The value that the microcontroller itself has as AXI user. */
static void reserved_user(void **unused)
{
	(void)unused;
	expect_error(RESERVED, CALIPTRA_CMD_VERSION, NULL, 0,
		     RUNTIME_CMD_RESERVED_PAUSER);
	expect_error(RESERVED, UNKNOWN, NULL, 0, RUNTIME_CMD_RESERVED_PAUSER);
}

/* Who has privilege level 1 may do all but what needs level 0. */
static void privilege_levels(void **unused)
{
	static const uint32_t allowed[] = {
		CALIPTRA_CMD_VERSION,
		CALIPTRA_CMD_CAPABILITIES,
		CALIPTRA_CMD_FW_INFO,
		CALIPTRA_CMD_GET_IDEV_ECC384_INFO,
		CALIPTRA_CMD_GET_LDEV_ECC384_CERT,
		CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CERT,
		CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT,
		CALIPTRA_CMD_SELF_TEST_START,
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(allowed); i++) {
		run(PL1, allowed[i], NULL, 0);
		expect_response(answer.len, FIPS_STATUS_APPROVED);
	}
	/* before its length is looked at */
	expect_error(PL1, CALIPTRA_CMD_STASH_MEASUREMENT, NULL, 0,
		     RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
}

/*
 * Certificates
 */

/* What a response of variable length carries. */
static const uint8_t *data(uint32_t *len)
{
	*len = wire_get_le32(answer.bytes + 8);
	expect_response(12 + *len, FIPS_STATUS_APPROVED);
	return answer.bytes + 12;
}

static void expect_data(const struct cert_der *der)
{
	uint32_t len;
	const uint8_t *bytes = data(&len);

	assert_int_not_equal(len, 0);
	assert_int_equal(len, der->len);
	assert_memory_equal(bytes, der->bytes, len);
}

static void certificates(void **unused)
{
	(void)unused;
	run(PL0, CALIPTRA_CMD_GET_LDEV_ECC384_CERT, NULL, 0);
	expect_data(&dev.fw.ldevid_cert);
	run(PL0, CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CERT, NULL, 0);
	expect_data(&dev.fw.fmc_alias_cert);
	run(PL0, CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT, NULL, 0);
	expect_data(&dev.fw.rt_alias_cert);
}

static void idev_info(void **unused)
{
	(void)unused;
	expect_ok(CALIPTRA_CMD_GET_IDEV_ECC384_INFO, NULL, 0, 104);
	assert_memory_equal(answer.bytes + 8, dev.fw.idevid_point + 1, 96);
}

static void idev_csr(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	expect_error(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CSR, NULL, 0,
		     RUNTIME_GET_IDEV_ID_UNPROVISIONED);
	device_release(&dev);
	test_boot(&dev, &config, CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR,
		  SOC_BOOT_HOLD_NONE);
	run(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CSR, NULL, 0);
	expect_data(&dev.fw.idevid_csr);
}

/* GetIdevEcc384CertReq: tbs_size, r, s, 916 bytes of room for the TBS */
#define IDEV_CERT_BODY (4 + 48 + 48 + 916)

static void idev_cert(void **unused)
{
	static uint8_t body[IDEV_CERT_BODY + 1];
	uint32_t len;

	(void)unused;
	/* r 1, s 0x80, a TBS of five bytes: what goes in comes out, in DER */
	body[0] = 5;
	body[51] = 1;
	body[99] = 0x80;
	memcpy(body + 100, "\x30\x03\x02\x01\x07", 5);
	run(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CERT, body, IDEV_CERT_BODY);
	expect_hex(data(&len), "301d3003020107300a06082a8648ce3d0403"
			       "03030a0030070201010202"
			       "0080");
	assert_int_equal(len, 31);

	/* what a short request leaves out counts as zero */
	run(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CERT, body, 105);
	data(&len);
	assert_int_equal(len, 31);
	run(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CERT, NULL, 0);
	data(&len);
	assert_int_equal(len, 25);

	wire_put_le32(body, 916);
	run(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CERT, body, IDEV_CERT_BODY);
	data(&len);
	assert_int_equal(len, 4 + 916 + 12 + 2 + 1 + 9);
	wire_put_le32(body, 917);
	expect_error(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CERT, body,
		     IDEV_CERT_BODY, RUNTIME_MAILBOX_INVALID_PARAMS);
	wire_put_le32(body, 0xffffffff);
	expect_error(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CERT, body,
		     IDEV_CERT_BODY, RUNTIME_MAILBOX_INVALID_PARAMS);
	wire_put_le32(body, 5);
	expect_error(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CERT, body,
		     IDEV_CERT_BODY + 1, RUNTIME_INSUFFICIENT_MEMORY);
}

/*
 * PCRs
 */

/* ExtendPcrReq: pcr_idx, 48 bytes of data */
static void extend(uint32_t index, uint8_t fill, uint32_t len)
{
	uint8_t body[53];

	memset(body, fill, sizeof(body));
	wire_put_le32(body, index);
	run(PL0, CALIPTRA_CMD_EXTEND_PCR, body, len);
}

static void extend_pcr(void **unused)
{
	struct pcr_vault before = dev.fw.pcrs;

	(void)unused;
	extend(4, 0x11, 52);
	expect_response(8, FIPS_STATUS_APPROVED);
	extend(4, 0x22, 52);
	expect_response(8, FIPS_STATUS_APPROVED);
	expect_hex(dev.fw.pcrs.value[4],
		   "3b0aa70f13ee0d6d1e004bc3925da1d69fa9638c77923663"
		   "dd226028623932c61139aacb3696bd7a45990d5eb4ca2868");
	extend(31, 0xa1, 52);
	expect_response(8, FIPS_STATUS_APPROVED);
	expect_hex(dev.fw.pcrs.value[31],
		   "0cd74f653809b78ee66ca5a9054d8e064e97a0522737571e"
		   "4430a1075f08a3fe9d889345b6f5580e6448cca9e502dec7");
	memset(dev.fw.pcrs.value[4], 0, SHA384_SIZE);
	memset(dev.fw.pcrs.value[31], 0, SHA384_SIZE);
	assert_memory_equal(&dev.fw.pcrs, &before, sizeof(before));
}

struct bad_extend {
	uint32_t index;
	uint32_t len;
	uint32_t error;
};

static void extend_pcr_refused(void **unused)
{
	static const struct bad_extend cases[] = {
		{ 0, 52, RUNTIME_PCR_RESERVED },
		{ 1, 52, RUNTIME_PCR_RESERVED },
		{ 2, 52, RUNTIME_PCR_RESERVED },
		{ 3, 52, RUNTIME_PCR_RESERVED },
		{ 32, 52, RUNTIME_PCR_INVALID_INDEX },
		{ 255, 52, RUNTIME_PCR_INVALID_INDEX },
		{ 256, 52, RUNTIME_MAILBOX_INVALID_PARAMS },
		{ 256 + 4, 52, RUNTIME_MAILBOX_INVALID_PARAMS },
		{ 0xffffffff, 52, RUNTIME_MAILBOX_INVALID_PARAMS },
		{ 4, 0, RUNTIME_INSUFFICIENT_MEMORY },
		{ 4, 4, RUNTIME_INSUFFICIENT_MEMORY },
		{ 4, 51, RUNTIME_INSUFFICIENT_MEMORY },
		{ 4, 53, RUNTIME_INSUFFICIENT_MEMORY },
	};
	struct pcr_vault before = dev.fw.pcrs;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(cases); i++) {
		extend(cases[i].index, 1, cases[i].len);
		expect_failure(cases[i].error);
	}
	assert_memory_equal(&dev.fw.pcrs, &before, sizeof(before));
}

static void count_reset(uint32_t index, uint32_t len)
{
	uint8_t body[8] = { 0 };

	wire_put_le32(body, index);
	run(PL0, CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER, body, len);
}

static void increment_pcr_reset_counter(void **unused)
{
	struct pcr_vault before = dev.fw.pcrs;
	uint32_t i;

	(void)unused;
	for (i = 0; i < PCR_COUNT; i++) {
		count_reset(i, 4);
		expect_response(8, FIPS_STATUS_APPROVED);
	}
	count_reset(31, 4);
	for (i = 0; i < PCR_COUNT; i++)
		assert_int_equal(dev.fw.pcrs.reset_counter[i], i == 31 ? 2 : 1);
	assert_memory_equal(dev.fw.pcrs.value, before.value,
			    sizeof(before.value));

	dev.fw.pcrs.reset_counter[7] = 0xfffffffe;
	count_reset(7, 4);
	expect_response(8, FIPS_STATUS_APPROVED);
	count_reset(7, 4);
	expect_failure(RUNTIME_INCREMENT_PCR_RESET_MAX_REACHED);
	assert_int_equal(dev.fw.pcrs.reset_counter[7], 0xffffffff);

	count_reset(32, 4);
	expect_failure(RUNTIME_MAILBOX_INVALID_PARAMS);
	count_reset(256, 4);
	expect_failure(RUNTIME_MAILBOX_INVALID_PARAMS);
	count_reset(0xffffffff, 4);
	expect_failure(RUNTIME_MAILBOX_INVALID_PARAMS);
	count_reset(7, 3);
	expect_failure(RUNTIME_INSUFFICIENT_MEMORY);
	count_reset(7, 5);
	expect_failure(RUNTIME_INSUFFICIENT_MEMORY);
	count_reset(7, 0);
	expect_failure(RUNTIME_INSUFFICIENT_MEMORY);
}

static EVP_PKEY *fmc_alias_key(void)
{
	const unsigned char *p = dev.fw.fmc_alias_cert.bytes;
	X509 *cert = d2i_X509(NULL, &p, (long)dev.fw.fmc_alias_cert.len);
	EVP_PKEY *key;

	assert_non_null(cert);
	key = X509_get_pubkey(cert);
	X509_free(cert);
	return key;
}

/* Verified by OpenSSL alone, against the certificate. */
static bool signature_good(const uint8_t digest[48], const uint8_t *r,
			   const uint8_t *s)
{
	EVP_PKEY *key = fmc_alias_key();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char *der = NULL;
	int len;
	int ret;

	ECDSA_SIG_set0(sig, BN_bin2bn(r, 48, NULL), BN_bin2bn(s, 48, NULL));
	len = i2d_ECDSA_SIG(sig, &der);
	EVP_PKEY_verify_init(ctx);
	ret = EVP_PKEY_verify(ctx, der, (size_t)len, digest, 48);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ret == 1;
}

/* QuotePcrsEcc384Resp: offsets behind the header */
#define QUOTE_PCRS	  8
#define QUOTE_NONCE	  (QUOTE_PCRS + 32 * 48)
#define QUOTE_RESET_CTRS  (QUOTE_NONCE + 32)
#define QUOTE_DIGEST	  (QUOTE_RESET_CTRS + 32 * 4)
#define QUOTE_SIGNATURE_R (QUOTE_DIGEST + 48)
#define QUOTE_SIGNATURE_S (QUOTE_SIGNATURE_R + 48)
#define QUOTE_SIZE	  (QUOTE_SIGNATURE_S + 48)

static void quote_pcrs(void **unused)
{
	uint8_t *b = answer.bytes;
	uint8_t nonce[32];
	uint8_t digest[64];
	unsigned int len;
	uint32_t i;

	(void)unused;
	for (i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)(0xf0 - i);
	extend(9, 0x99, 52);
	count_reset(9, 4);
	expect_ok(CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce, 32, QUOTE_SIZE);
	assert_int_equal(QUOTE_SIZE, 1848);
	assert_memory_equal(b + QUOTE_PCRS, dev.fw.pcrs.value, 32 * 48);
	assert_memory_equal(b + QUOTE_NONCE, nonce, 32);
	for (i = 0; i < 32; i++)
		assert_int_equal(wire_get_le32(b + QUOTE_RESET_CTRS + 4 * i),
				 i == 9);
	/* PCRs and nonce stand one behind the other, as they are hashed */
	EVP_Digest(b + QUOTE_PCRS, 32 * 48 + 32, digest, &len, EVP_sha512(),
		   NULL);
	assert_memory_equal(b + QUOTE_DIGEST, digest, 48);
	assert_true(signature_good(digest, b + QUOTE_SIGNATURE_R,
				   b + QUOTE_SIGNATURE_S));
	digest[0] ^= 1;
	assert_false(signature_good(digest, b + QUOTE_SIGNATURE_R,
				    b + QUOTE_SIGNATURE_S));
}

/* A quote says what the PCRs were and which nonce it was asked for with. */
static void quotes_differ(void **unused)
{
	static uint8_t first[QUOTE_SIZE];
	static const uint8_t nonce[33] = { 1 };
	static const uint8_t other[32] = { 2 };

	(void)unused;
	expect_ok(CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce, 32, QUOTE_SIZE);
	memcpy(first, answer.bytes, sizeof(first));
	expect_ok(CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce, 32, QUOTE_SIZE);
	assert_memory_equal(answer.bytes, first, sizeof(first));
	expect_ok(CALIPTRA_CMD_QUOTE_PCRS_ECC384, other, 32, QUOTE_SIZE);
	assert_memory_not_equal(answer.bytes + QUOTE_DIGEST,
				first + QUOTE_DIGEST, 48);
	extend(20, 1, 52);
	expect_ok(CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce, 32, QUOTE_SIZE);
	assert_memory_not_equal(answer.bytes + QUOTE_DIGEST,
				first + QUOTE_DIGEST, 48);

	expect_error(PL0, CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce, 31,
		     RUNTIME_MAILBOX_INVALID_PARAMS);
	expect_error(PL0, CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce, 33,
		     RUNTIME_MAILBOX_INVALID_PARAMS);
	expect_error(PL0, CALIPTRA_CMD_QUOTE_PCRS_ECC384, NULL, 0,
		     RUNTIME_MAILBOX_INVALID_PARAMS);
}

/* StashMeasurementReq: metadata, measurement, context, svn */
#define STASH_BODY 104

static void stash(uint32_t metadata, uint8_t fill, uint32_t len)
{
	uint8_t body[STASH_BODY + 1];

	memset(body, 0xcc, sizeof(body));
	wire_put_le32(body, metadata);
	memset(body + 4, fill, SHA384_SIZE);
	wire_put_le32(body + 100, 1);
	run(PL0, CALIPTRA_CMD_STASH_MEASUREMENT, body, len);
}

static void expect_stashed(void)
{
	expect_response(12, FIPS_STATUS_APPROVED);
	assert_int_equal(wire_get_le32(answer.bytes + 8), 0);
}

static void stash_measurement(void **unused)
{
	const struct dpe_context *context;
	struct pcr_vault before = dev.fw.pcrs;

	(void)unused;
	stash(0x64636261, 0xa1, STASH_BODY);
	expect_stashed();
	expect_hex(dev.fw.pcrs.value[31],
		   "0cd74f653809b78ee66ca5a9054d8e064e97a0522737571e"
		   "4430a1075f08a3fe9d889345b6f5580e6448cca9e502dec7");
	/* its context is the default one of PL0 now, below the last one */
	context = &dev.fw.dpe.context[2];
	assert_int_equal(context->state, DPE_ACTIVE);
	assert_int_equal(context->parent, 1);
	assert_int_equal(dev.fw.dpe.context[1].state, DPE_RETIRED);
	assert_int_equal(context->locality, PL0);
	assert_int_equal(context->tci_type, 0x64636261);
	assert_int_equal(context->svn, 1);
	assert_int_equal(context->tci_current[47], 0xa1);

	memset(dev.fw.pcrs.value[31], 0, SHA384_SIZE);
	assert_memory_equal(&dev.fw.pcrs, &before, sizeof(before));
}

static void stash_refused(void **unused)
{
	static const uint8_t body[STASH_BODY] = { 1 };
	struct pcr_vault pcrs = dev.fw.pcrs;
	struct dpe dpe = dev.fw.dpe;

	(void)unused;
	stash(1, 1, STASH_BODY - 1);
	expect_failure(RUNTIME_INSUFFICIENT_MEMORY);
	stash(1, 1, STASH_BODY + 1);
	expect_failure(RUNTIME_INSUFFICIENT_MEMORY);
	stash(1, 1, 0);
	expect_failure(RUNTIME_INSUFFICIENT_MEMORY);
	/* the MCU's firmware is measured by Caliptra alone */
	stash(2, 1, STASH_BODY);
	expect_failure(RUNTIME_STASH_MEASUREMENT_RESERVED_FW_ID);
	expect_error(PL1, CALIPTRA_CMD_STASH_MEASUREMENT, body, STASH_BODY,
		     RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	assert_memory_equal(&dev.fw.pcrs, &pcrs, sizeof(pcrs));
	assert_memory_equal(&dev.fw.dpe, &dpe, sizeof(dpe));
}

/* 32 contexts, of which booting has used two. */
static void stash_limit(void **unused)
{
	struct pcr_vault pcrs;
	int i;

	(void)unused;
	for (i = 0; i < 30; i++) {
		stash(0x100 + (uint32_t)i, (uint8_t)i, STASH_BODY);
		expect_stashed();
	}
	pcrs = dev.fw.pcrs;
	stash(0x200, 1, STASH_BODY);
	expect_failure(RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED);
	stash(0x200, 1, STASH_BODY);
	expect_failure(RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED);
	assert_memory_equal(&dev.fw.pcrs, &pcrs, sizeof(pcrs));
	/* other commands are not affected */
	extend(31, 1, 52);
	expect_response(8, FIPS_STATUS_APPROVED);
}

/*
 * ECDSA384_SIGNATURE_VERIFY
 */

/* EcdsaVerifyReq: x, y, r, s, digest */
#define VERIFY_BODY (5 * 48)

/* The key and the signature of "sample" in RFC 6979 A.2.6 */
static void good_signature(uint8_t body[VERIFY_BODY])
{
	unhex("ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e"
	      "06aae5286b300c64def8f0ea9055866064a254515480bc13"
	      "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9"
	      "f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720"
	      "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7"
	      "3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
	      "99ef4aeb15f178cea1fe40db2603138f130e740a19624526"
	      "203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"
	      "9a9083505bc92276aec4be312696ef7bf3bf603f4bbd3811"
	      "96a029f340585312313bca4a9b5b890efee42c77b1ee25fe",
	      body, VERIFY_BODY);
}

/**
 * struct bad_signature - a byte to change, and what comes of it
 */
struct bad_signature {
	uint32_t offset;
	uint32_t size;
	uint8_t fill;
	uint32_t error;
};

static const struct bad_signature bad_signatures[] = {
	{ 96, 1, 0x95, RUNTIME_ECDSA_VERIFY_FAILED },
	{ 191, 1, 0xc9, RUNTIME_ECDSA_VERIFY_FAILED },
	{ 192, 1, 0x9b, RUNTIME_ECDSA_VERIFY_FAILED },
	{ 239, 1, 0xff, RUNTIME_ECDSA_VERIFY_FAILED },
	{ 96, 48, 0, DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED },
	{ 96, 48, 0xff, DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED },
	{ 144, 48, 0, DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED },
	{ 144, 48, 0xff, DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED },
	{ 0, 1, 0, DRIVER_ECC384_HW_ERROR },
	{ 0, 96, 0, DRIVER_ECC384_HW_ERROR },
	{ 48, 48, 0xff, DRIVER_ECC384_HW_ERROR },
};

static void ecdsa_verify(void **unused)
{
	uint8_t body[VERIFY_BODY + 1] = { 0 };
	size_t i;

	(void)unused;
	good_signature(body);
	run(PL1, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, body, VERIFY_BODY);
	expect_response(8, FIPS_STATUS_NOT_APPROVED_USER_SUPPLIED_DIGEST);
	for (i = 0; i < COUNT(bad_signatures); i++) {
		const struct bad_signature *b = &bad_signatures[i];

		good_signature(body);
		memset(body + b->offset, b->fill, b->size);
		expect_error(PL0, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, body,
			     VERIFY_BODY, b->error);
	}
	good_signature(body);
	expect_error(PL0, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, body,
		     VERIFY_BODY - 1, RUNTIME_INSUFFICIENT_MEMORY);
	expect_error(PL0, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, body,
		     VERIFY_BODY + 1, RUNTIME_INSUFFICIENT_MEMORY);
	expect_error(PL0, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, NULL, 0,
		     RUNTIME_INSUFFICIENT_MEMORY);
}

/*
 * Self test
 */

static void self_test(void **unused)
{
	(void)unused;
	expect_error(PL0, CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0,
		     RUNTIME_SELF_TEST_NOT_STARTED);
	expect_ok(CALIPTRA_CMD_SELF_TEST_START, NULL, 0, 8);
	/* it runs when firmware is idle, which it has not been yet */
	expect_error(PL0, CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0,
		     RUNTIME_SELF_TEST_NOT_STARTED);
	expect_error(PL0, CALIPTRA_CMD_SELF_TEST_START, NULL, 0,
		     RUNTIME_SELF_TEST_IN_PROGRESS);
	idle();
	expect_error(PL0, CALIPTRA_CMD_SELF_TEST_START, NULL, 0,
		     RUNTIME_SELF_TEST_IN_PROGRESS);
	expect_ok(CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0, 8);
	expect_error(PL0, CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0,
		     RUNTIME_SELF_TEST_NOT_STARTED);
	expect_ok(CALIPTRA_CMD_SELF_TEST_START, NULL, 0, 8);
	idle();
	expect_ok(CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0, 8);
}

/* The test waits for the mailbox, and leaves it free. */
static void self_test_waits_for_the_mailbox(void **unused)
{
	(void)unused;
	expect_ok(CALIPTRA_CMD_SELF_TEST_START, NULL, 0, 8);
	csr_read(&dev, PL1, MBOX_LOCK);
	idle();
	assert_int_equal(dev.fw.self_test, SELF_TEST_IN_PROGRESS);
	assert_int_equal(csr_read(&dev, PL1, MBOX_USER), PL1);
	mbox_write(&dev.mbox, MBOX_UC, MBOX_UC_USER, MBOX_UNLOCK, 1);
	idle();
	assert_int_equal(dev.fw.self_test, SELF_TEST_DONE);
	assert_int_equal(csr_read(&dev, PL1, MBOX_LOCK), 0);
}

/* A self test that fails is fatal: here the program is not what it was. */
static void self_test_failure_is_fatal(void **unused)
{
	(void)unused;
	expect_ok(CALIPTRA_CMD_SELF_TEST_START, NULL, 0, 8);
	dev.fw.image.is_program = true;
	idle();
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 ROM_INTEGRITY_FAILURE);
	run(PL0, CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0);
	expect_fatal(ROM_INTEGRITY_FAILURE);
}

/* It is answered, and nothing is after it (test_fips.rs); in ROM as well. */
static void shutdown_is_the_last(void **unused)
{
	(void)unused;
	run(PL1, CALIPTRA_CMD_SHUTDOWN, NULL, 0);
	assert_int_equal(answer.status, MBOX_STATUS_DATA_READY);
	assert_int_equal(answer.len, 8);
	assert_int_equal(wire_get_le32(answer.bytes + 4), 0);
	assert_int_equal(ifc_read(&dev, CPTRA_FLOW_STATUS) &
				 CPTRA_FLOW_STATUS_MAILBOX_FLOW_DONE,
			 0);
	assert_null(dev.fw.rt_alias.ecc);
	assert_null(dev.fw.fmc_alias.ecc);
	assert_null(dev.fw.ldevid.ecc);
	run(PL0, CALIPTRA_CMD_VERSION, NULL, 0);
	expect_fatal(RUNTIME_SHUTDOWN);
}

/*
 * ROM
 */

static void rom_version(void **unused)
{
	(void)unused;
	expect_ok(CALIPTRA_CMD_VERSION, NULL, 0, 36);
	assert_int_equal(wire_get_le32(answer.bytes + 16),
			 2 << 11 | 1 << 6 | 3);
	assert_int_equal(wire_get_le32(answer.bytes + 20), 0);
}

static void rom_capabilities(void **unused)
{
	(void)unused;
	expect_ok(CALIPTRA_CMD_CAPABILITIES, NULL, 0, 24);
	expect_hex(answer.bytes + 8, "00000000000000000000000000000001");
}

static void rom_ldev_cert(void **unused)
{
	(void)unused;
	run(PL0, CALIPTRA_CMD_GET_LDEV_ECC384_CERT, NULL, 0);
	expect_data(&dev.fw.ldevid_cert);
}

static void rom_csr(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	device_release(&dev);
	config.hold_firmware = true;
	test_boot(&dev, &config, CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR,
		  SOC_BOOT_HOLD_FIRMWARE);
	run(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CSR, NULL, 0);
	expect_data(&dev.fw.idevid_csr);
}

static void rom_no_csr(void **unused)
{
	(void)unused;
	run(PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CSR, NULL, 0);
	expect_fatal(FW_PROC_MAILBOX_GET_IDEV_CSR_UNPROVISIONED_CSR);
}

/* In ROM the test runs at once; a second start fails and ends it. */
static void rom_self_test(void **unused)
{
	(void)unused;
	run(PL0, CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0);
	expect_failure(0);
	expect_ok(CALIPTRA_CMD_SELF_TEST_START, NULL, 0, 8);
	expect_ok(CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0, 8);
	run(PL0, CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0);
	expect_failure(0);
	expect_ok(CALIPTRA_CMD_SELF_TEST_START, NULL, 0, 8);
	run(PL0, CALIPTRA_CMD_SELF_TEST_START, NULL, 0);
	expect_failure(0);
	run(PL0, CALIPTRA_CMD_SELF_TEST_GET_RESULTS, NULL, 0);
	expect_failure(0);
}

static void rom_self_test_failure_is_fatal(void **unused)
{
	(void)unused;
	dev.fw.image.is_program = true;
	run(PL0, CALIPTRA_CMD_SELF_TEST_START, NULL, 0);
	expect_fatal(ROM_INTEGRITY_FAILURE);
}

/* A bad signature is the one thing that ROM survives. */
static void rom_ecdsa_verify(void **unused)
{
	uint8_t body[VERIFY_BODY];

	(void)unused;
	good_signature(body);
	run(PL0, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, body, sizeof(body));
	expect_response(8, FIPS_STATUS_NOT_APPROVED_USER_SUPPLIED_DIGEST);
	body[100] ^= 1;
	expect_error(PL0, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, body,
		     sizeof(body), ROM_ECDSA_VERIFY_FAILED);
	memset(body + 96, 0, 48);
	expect_error(PL0, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, body,
		     sizeof(body), DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED);
	expect_error(PL0, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, body, 3,
		     RUNTIME_INSUFFICIENT_MEMORY);
	expect_ok(CALIPTRA_CMD_VERSION, NULL, 0, 36);
}

/* Eight measurements are kept, and go on into the PCR and the DPE. */
static void rom_stash_measurement(void **unused)
{
	int i;

	(void)unused;
	stash(0x64636261, 0xa1, STASH_BODY);
	expect_stashed();
	for (i = 0; i < 7; i++) {
		stash(0x100 + (uint32_t)i, (uint8_t)i, STASH_BODY);
		expect_stashed();
	}
	dev.config.hold_firmware = false;
	idle();
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_int_equal(dpe_count_used(&dev.fw.dpe, true), 2 + 8);
	assert_int_equal(dev.fw.dpe.context[2].tci_type, 0x64636261);
	assert_int_equal(dev.fw.dpe.context[2].locality, PL0);
	assert_int_equal(dev.fw.dpe.context[2].tci_current[0], 0xa1);
	assert_int_equal(dev.fw.dpe.context[9].tci_type, 0x106);
	/* what is left of the limit */
	for (i = 0; i < 22; i++) {
		stash(0x300, 1, STASH_BODY);
		expect_stashed();
	}
	stash(0x300, 1, STASH_BODY);
	expect_failure(RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED);
}

static void rom_stash_extends_pcr31(void **unused)
{
	(void)unused;
	stash(1, 0xa1, STASH_BODY);
	expect_stashed();
	dev.config.hold_firmware = false;
	idle();
	expect_hex(dev.fw.pcrs.value[31],
		   "0cd74f653809b78ee66ca5a9054d8e064e97a0522737571e"
		   "4430a1075f08a3fe9d889345b6f5580e6448cca9e502dec7");
}

/* Whatever the ninth one looks like. */
static void rom_stash_limit(void **unused)
{
	int i;

	(void)unused;
	for (i = 0; i < 8; i++)
		stash(1, 1, STASH_BODY);
	stash(1, 1, STASH_BODY - 4);
	expect_fatal(FW_PROC_MAILBOX_STASH_MEASUREMENT_MAX_LIMIT);
}

/**
 * struct rom_fatal - a request that is the end of ROM
 * @user: who sends it
 * @code: the command
 * @len: bytes of its body
 * @error: what ROM stops with
 */
struct rom_fatal {
	uint32_t user;
	uint32_t code;
	uint32_t len;
	uint32_t error;
};

#define INVALID_COMMAND FW_PROC_MAILBOX_INVALID_COMMAND
#define INVALID_LENGTH	FW_PROC_MAILBOX_INVALID_REQUEST_LENGTH

static const struct rom_fatal rom_fatals[] = {
	{ PL0, UNKNOWN, 0, INVALID_COMMAND },
	{ PL0, CALIPTRA_CMD_FW_INFO, 0, INVALID_COMMAND },
	{ PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CERT, 104, INVALID_COMMAND },
	{ PL0, CALIPTRA_CMD_GET_IDEV_ECC384_INFO, 0, INVALID_COMMAND },
	{ PL0, CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CERT, 0, INVALID_COMMAND },
	{ PL0, CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT, 0, INVALID_COMMAND },
	{ PL0, CALIPTRA_CMD_EXTEND_PCR, 52, INVALID_COMMAND },
	{ PL0, CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER, 4, INVALID_COMMAND },
	{ PL0, CALIPTRA_CMD_QUOTE_PCRS_ECC384, 32, INVALID_COMMAND },
	{ PL0, CALIPTRA_CMD_VERSION, 1, INVALID_LENGTH },
	{ PL0, CALIPTRA_CMD_CAPABILITIES, 4, INVALID_LENGTH },
	{ PL0, CALIPTRA_CMD_SELF_TEST_START, 4, INVALID_LENGTH },
	{ PL0, CALIPTRA_CMD_SELF_TEST_GET_RESULTS, 4, INVALID_LENGTH },
	{ PL0, CALIPTRA_CMD_GET_IDEV_ECC384_CSR, 4, INVALID_LENGTH },
	{ PL0, CALIPTRA_CMD_GET_LDEV_ECC384_CERT, 4, INVALID_LENGTH },
	{ PL0, CALIPTRA_CMD_STASH_MEASUREMENT, STASH_BODY - 1, INVALID_LENGTH },
	{ PL0, CALIPTRA_CMD_STASH_MEASUREMENT, STASH_BODY + 1, INVALID_LENGTH },
	{ RESERVED, CALIPTRA_CMD_VERSION, 0, FW_PROC_MAILBOX_RESERVED_PAUSER },
};

static void boot(bool hold_firmware)
{
	struct device_config config = test_config();

	config.hold_firmware = hold_firmware;
	test_boot(&dev, &config, 0,
		  hold_firmware ? SOC_BOOT_HOLD_FIRMWARE : SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.phase, hold_firmware ? FW_ROM : FW_RUNTIME);
}

static void rom_errors_are_fatal(void **unused)
{
	static const uint8_t body[256];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(rom_fatals); i++) {
		device_release(&dev);
		boot(true);
		run(rom_fatals[i].user, rom_fatals[i].code, body,
		    rom_fatals[i].len);
		expect_fatal(rom_fatals[i].error);
	}
}

static void rom_bad_checksum_is_fatal(void **unused)
{
	(void)unused;
	memset(request, 0, 8);
	exchange(PL0, CALIPTRA_CMD_VERSION, 4);
	expect_fatal(FW_PROC_MAILBOX_INVALID_CHECKSUM);
}

static void rom_short_request_is_fatal(void **unused)
{
	(void)unused;
	exchange(PL0, CALIPTRA_CMD_VERSION, 3);
	expect_fatal(INVALID_LENGTH);
}

/* ROM commands are open to both privilege levels. */
static void rom_privilege_levels(void **unused)
{
	uint8_t body[STASH_BODY] = { 1 };

	(void)unused;
	run(PL1, CALIPTRA_CMD_STASH_MEASUREMENT, body, sizeof(body));
	expect_stashed();
	run(PL1, CALIPTRA_CMD_VERSION, NULL, 0);
	expect_response(36, FIPS_STATUS_APPROVED);
}

/*
 * The table of commands, and checksums
 */

/* One after another, in the order of the library's table. */
static void every_command_is_listed_once(void **unused)
{
	const struct caliptra_command *described;
	struct caliptra_command_info info;
	unsigned int i;
	unsigned int k;

	(void)unused;
	for (i = 0; i < command_count; i++) {
		described = caliptra_command_at(i);
		assert_non_null(described);
		caliptra_command_describe(described, &info);
		assert_int_equal(info.family, CALIPTRA_FAMILY_CORE);
		assert_int_equal(commands[i].code, info.code);
		assert_string_equal(caliptra_cmd_name(info.code), info.name);
		if (!info.raw) {
			assert_int_equal(commands[i].runtime.run != NULL,
					 info.runtime);
			assert_int_equal(commands[i].rom.run != NULL, info.rom);
		}
		for (k = 0; k < i; k++)
			assert_int_not_equal(commands[i].code,
					     commands[k].code);
	}
	caliptra_command_describe(caliptra_command_at(i), &info);
	assert_int_not_equal(info.family, CALIPTRA_FAMILY_CORE);
}

/* Those that have a handler, and where; all others are refused. */
static const struct {
	uint32_t code;
	bool rom;
} answered[] = {
	{ CALIPTRA_CMD_VERSION, true },
	{ CALIPTRA_CMD_CAPABILITIES, true },
	{ CALIPTRA_CMD_FW_INFO, false },
	{ CALIPTRA_CMD_SELF_TEST_START, true },
	{ CALIPTRA_CMD_SELF_TEST_GET_RESULTS, true },
	{ CALIPTRA_CMD_SHUTDOWN, true },
	{ CALIPTRA_CMD_GET_IDEV_ECC384_CERT, false },
	{ CALIPTRA_CMD_GET_IDEV_ECC384_INFO, false },
	{ CALIPTRA_CMD_GET_IDEV_ECC384_CSR, true },
	{ CALIPTRA_CMD_GET_LDEV_ECC384_CERT, true },
	{ CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CERT, false },
	{ CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT, false },
	{ CALIPTRA_CMD_STASH_MEASUREMENT, true },
	{ CALIPTRA_CMD_EXTEND_PCR, false },
	{ CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER, false },
	{ CALIPTRA_CMD_QUOTE_PCRS_ECC384, false },
	{ CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, true },
	{ CALIPTRA_CMD_INVOKE_DPE_ECC384, false },
	{ CALIPTRA_CMD_INVOKE_DPE_MLDSA87, false },
	{ CALIPTRA_CMD_DPE_TAG_TCI, false },
	{ CALIPTRA_CMD_DPE_GET_TAGGED_TCI, false },
	{ CALIPTRA_CMD_REALLOCATE_DPE_CONTEXT_LIMITS, false },
	{ CALIPTRA_CMD_SIGN_WITH_EXPORTED_ECDSA, false },
	{ CALIPTRA_CMD_SIGN_WITH_EXPORTED_MLDSA, false },
	{ CALIPTRA_CMD_REVOKE_EXPORTED_CDI_HANDLE, false },
	{ CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_ECC384, false },
	{ CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_MLDSA87, false },
	{ CALIPTRA_CMD_CERTIFY_KEY_CHUNKS, false },
	{ CALIPTRA_CMD_ADD_SUBJECT_ALT_NAME, false },
	{ CALIPTRA_CMD_POPULATE_IDEV_ECC384_CERT, false },
	{ CALIPTRA_CMD_DISABLE_ATTESTATION, false },
};

static const struct command *command_of(uint32_t code)
{
	unsigned int i;

	for (i = 0; i < command_count; i++)
		if (commands[i].code == code)
			return &commands[i];
	fail_msg("there is no command 0x%08x", code);
	return NULL;
}

static void known_commands_are_answered(void **unused)
{
	const struct command *c;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(answered); i++) {
		c = command_of(answered[i].code);
		assert_non_null(c->runtime.written);
		assert_int_equal(c->rom.written != NULL, answered[i].rom);
	}
}

static bool is_answered(uint32_t code)
{
	size_t i;

	for (i = 0; i < COUNT(answered); i++)
		if (answered[i].code == code)
			return true;
	return false;
}

/* Without a handler, whatever the request; those with one have their tests. */
static void other_commands_are_unimplemented(void **unused)
{
	static const uint8_t body[64];
	unsigned int i;

	(void)unused;
	for (i = 0; i < command_count; i++) {
		if (is_answered(commands[i].code) ||
		    commands[i].runtime.written)
			continue;
		expect_error(PL0, commands[i].code, body, sizeof(body),
			     RUNTIME_UNIMPLEMENTED_COMMAND);
		expect_error(PL0, commands[i].code, NULL, 0,
			     RUNTIME_UNIMPLEMENTED_COMMAND);
	}
}

/* caliptra-sw api/src/checksum.rs */
static void checksums(void **unused)
{
	static uint8_t overflowing[16843007];
	static const uint8_t body[] = { 0x83, 0xe7, 0x25 };
	uint8_t made[8];

	(void)unused;
	memset(overflowing, 0xff, sizeof(overflowing));
	assert_int_equal(caliptra_checksum(0xe8dc3994, body, 3), 0xfffffbe0);
	assert_int_equal(caliptra_checksum(0xe8dc3994, overflowing,
					   sizeof(overflowing)),
			 0xffffff6e);
	assert_int_equal(caliptra_checksum(0, NULL, 0), 0);
	/* and the one that these tests make themselves */
	test_request(made, 0xe8dc3994, body, 3);
	expect_hex(made, "e0fbffff83e725");
}

static int setup_runtime(void **state)
{
	by_registers = *state != NULL;
	boot(false);
	return 0;
}

static int setup_rom(void **state)
{
	by_registers = *state != NULL;
	boot(true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	device_release(&dev);
	return 0;
}

static int registers;

#define BOTH(name, setup)                                                      \
	cmocka_unit_test_prestate_setup_teardown(name, setup, teardown, NULL), \
	{                                                                      \
		#name "_by_registers", name, setup, teardown, &registers       \
	}
#define RUNTIME(name) BOTH(name, setup_runtime)
#define ROM(name)     BOTH(name, setup_rom)
#define ONCE(name)                                                    \
	cmocka_unit_test_prestate_setup_teardown(name, setup_runtime, \
						 teardown, NULL)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNTIME(version),
		RUNTIME(capabilities),
		RUNTIME(fw_info),
		RUNTIME(fw_info_tells_the_last_error),
		RUNTIME(arguments_nobody_asked_for),
		RUNTIME(unknown_command),
		RUNTIME(bad_checksum),
		RUNTIME(request_shorter_than_its_header),
		ONCE(request_longer_than_the_mailbox),
		ONCE(request_as_long_as_the_mailbox),
		RUNTIME(reserved_user),
		RUNTIME(privilege_levels),
		RUNTIME(certificates),
		RUNTIME(idev_info),
		RUNTIME(idev_csr),
		RUNTIME(idev_cert),
		RUNTIME(extend_pcr),
		RUNTIME(extend_pcr_refused),
		RUNTIME(increment_pcr_reset_counter),
		RUNTIME(quote_pcrs),
		RUNTIME(quotes_differ),
		RUNTIME(stash_measurement),
		RUNTIME(stash_refused),
		RUNTIME(stash_limit),
		RUNTIME(ecdsa_verify),
		RUNTIME(self_test),
		ONCE(self_test_waits_for_the_mailbox),
		RUNTIME(self_test_failure_is_fatal),
		RUNTIME(shutdown_is_the_last),
		ROM(rom_version),
		ROM(rom_capabilities),
		ROM(rom_ldev_cert),
		ROM(rom_csr),
		ROM(rom_no_csr),
		ROM(rom_self_test),
		ROM(rom_self_test_failure_is_fatal),
		ROM(shutdown_is_the_last),
		ROM(rom_ecdsa_verify),
		ROM(rom_stash_measurement),
		ROM(rom_stash_extends_pcr31),
		ROM(rom_stash_limit),
		ROM(rom_errors_are_fatal),
		ROM(rom_bad_checksum_is_fatal),
		ROM(rom_short_request_is_fatal),
		ROM(rom_privilege_levels),
		ONCE(every_command_is_listed_once),
		ONCE(known_commands_are_answered),
		ONCE(other_commands_are_unimplemented),
		ONCE(checksums),
	};

	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
