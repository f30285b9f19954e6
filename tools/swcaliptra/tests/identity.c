// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the commands that tell of the device's identity, with ML-DSA-87 above all:
 * certificates, requests, public keys, tokens, quotes and the log of the PCRs, and
 * what comes of bad requests (caliptra-sw runtime/src, drivers/src/pcr_log.rs).
 */
#include "harness.h"

#include <caliptra/caliptra.h>
#include <caliptra/commands.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "command.h"

#define PL0 SOC_BOOT_PL0_USER
#define PL1 SOC_BOOT_PL1_USER

#define CSR_FLAG CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR

static struct device dev;
static uint8_t request[16384];
static uint8_t response[16384];
static uint32_t response_len;

static void boot(const char *generation, uint32_t flags, bool rom)
{
	struct device_config config = test_config();

	config.generation = generation_find(generation);
	config.hold_firmware = rom;
	test_boot(&dev, &config, flags, SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.phase, rom ? FW_ROM : FW_RUNTIME);
}

static uint32_t run_as(uint32_t user, uint32_t code, const void *body,
		       uint32_t len)
{
	uint32_t status;

	assert_in_range(len, 0, sizeof(request) - 4);
	assert_int_equal(device_submit(&dev, user, code, request,
				       test_request(request, code, body, len)),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	status = dev.mbox.status;
	response_len = status == MBOX_STATUS_DATA_READY ? dev.mbox.dlen : 0;
	assert_in_range(response_len, 0, sizeof(response));
	memcpy(response, mbox_bytes(&dev.mbox), response_len);
	device_finish(&dev, user);
	return status;
}

static void expect_ok(uint32_t code, const void *body, uint32_t len)
{
	assert_int_equal(run_as(PL0, code, body, len), MBOX_STATUS_DATA_READY);
	assert_int_equal(wire_get_le32(response + 4), FIPS_STATUS_APPROVED);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL), 0);
}

static void expect_error_as(uint32_t user, uint32_t code, const void *body,
			    uint32_t len, uint32_t error)
{
	assert_int_equal(run_as(user, code, body, len),
			 MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL), error);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), 0);
}

static void expect_error(uint32_t code, const void *body, uint32_t len,
			 uint32_t error)
{
	expect_error_as(PL0, code, body, len, error);
}

static void expect_fatal(uint32_t code, uint32_t error)
{
	assert_int_equal(run_as(PL0, code, NULL, 0), MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), error);
}

/* Data of variable length; they are all of the response. */
static const uint8_t *data_of(size_t *len)
{
	*len = wire_get_le32(response + 8);
	assert_int_equal(response_len, *len + 12);
	return response + 12;
}

static X509 *cert_by(uint32_t code)
{
	const unsigned char *p;
	X509 *cert;
	size_t len;

	expect_ok(code, NULL, 0);
	p = data_of(&len);
	cert = d2i_X509(NULL, &p, (long)len);
	assert_non_null(cert);
	assert_ptr_equal(p, response + 12 + len);
	return cert;
}

static X509_REQ *parse_csr(const uint8_t *bytes, size_t len)
{
	const unsigned char *p = bytes;
	X509_REQ *csr = d2i_X509_REQ(NULL, &p, (long)len);

	assert_non_null(csr);
	assert_ptr_equal(p, bytes + len);
	return csr;
}

static X509_REQ *csr_by(uint32_t code)
{
	const uint8_t *data;
	size_t len;

	expect_ok(code, NULL, 0);
	data = data_of(&len);
	return parse_csr(data, len);
}

static EVP_PKEY *idevid_key(void)
{
	EVP_PKEY *key;

	expect_ok(CALIPTRA_CMD_GET_IDEV_MLDSA87_INFO, NULL, 0);
	assert_int_equal(response_len, 8 + MLDSA87_PUBLIC_SIZE);
	key = mldsa87_public_key(response + 8);
	assert_non_null(key);
	return key;
}

static const char *const generations[] = { "2.1", "2.0" };

/* The chain from IDevID's public key, and what names the certificates have. */
static void certificates_are_a_chain(void **unused)
{
	static const char *const names[COUNT(generations)][3] = {
		{ "Caliptra 2.1 MlDsa87 LDevID",
		  "Caliptra 2.1 MlDsa87 FMC Alias",
		  "Caliptra 2.1 MlDsa87 Rt Alias" },
		{ "Caliptra 2.0 MlDsa87 LDevID",
		  "Caliptra 2.0 MlDsa87 FMC Alias",
		  "Caliptra 2.0 MlDsa87 Rt Alias" },
	};
	static const uint32_t codes[] = {
		CALIPTRA_CMD_GET_LDEV_MLDSA87_CERT,
		CALIPTRA_CMD_GET_FMC_ALIAS_MLDSA87_CERT,
		CALIPTRA_CMD_GET_RT_ALIAS_MLDSA87_CERT
	};
	EVP_PKEY *issuer;
	char cn[64];
	X509 *cert;
	size_t i, k;

	(void)unused;
	for (i = 0; i < COUNT(generations); i++) {
		boot(generations[i], 0, false);
		issuer = idevid_key();
		for (k = 0; k < COUNT(codes); k++) {
			cert = cert_by(codes[k]);
			assert_int_equal(X509_verify(cert, issuer), 1);
			X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
						  NID_commonName, cn,
						  sizeof(cn));
			assert_string_equal(cn, names[i][k]);
			EVP_PKEY_free(issuer);
			issuer = X509_get_pubkey(cert);
			assert_true(mldsa87_is(issuer));
			X509_free(cert);
		}
		assert_int_equal(EVP_PKEY_eq(issuer, dev.fw.rt_alias.mldsa), 1);
		EVP_PKEY_free(issuer);
		device_release(&dev);
	}
}

/* ROM gives LDevID's already, and there is no secret of it left in runtime. */
static void ldevid_in_rom(void **unused)
{
	static uint8_t first[16384];
	uint32_t len;

	(void)unused;
	boot("2.1", 0, true);
	expect_ok(CALIPTRA_CMD_GET_LDEV_MLDSA87_CERT, NULL, 0);
	memcpy(first, response, response_len);
	len = response_len;
	device_release(&dev);
	boot("2.1", 0, false);
	expect_ok(CALIPTRA_CMD_GET_LDEV_MLDSA87_CERT, NULL, 0);
	assert_int_equal(response_len, len);
	assert_memory_equal(response, first, len);
	assert_null(dev.fw.ldevid.mldsa);
	device_release(&dev);
}

/* A 1.2 has neither the commands nor the certificates. */
static void no_mldsa_in_1_2(void **unused)
{
	static const struct cert_der none;

	(void)unused;
	boot("1.2", CSR_FLAG, false);
	expect_error(CALIPTRA_CMD_GET_LDEV_MLDSA87_CERT, NULL, 0,
		     RUNTIME_UNIMPLEMENTED_COMMAND);
	assert_memory_equal(&dev.fw.mldsa.ldevid_cert, &none, sizeof(none));
	assert_memory_equal(&dev.fw.mldsa.idevid_csr, &none, sizeof(none));
	device_release(&dev);
}

/* Of FUSE_IDEVID_CERT_ATTR word 0, bits 3 to 5 (fuse_bank.rs). */
static void idevid_key_identifier(void **unused)
{
	static uint8_t digest[8][SHA512_SIZE];
	const ASN1_OCTET_STRING *authority;
	struct fuses fuses;
	uint32_t algorithm;
	X509 *cert;
	uint8_t i;

	(void)unused;
	for (algorithm = 0; algorithm < 8; algorithm++) {
		struct device_config config = test_config();

		config.hold_firmware = true;
		test_fuses(&fuses);
		fuses.idevid_cert_attr[0] = algorithm << 3 | 2;
		for (i = 0; i < 5; i++)
			fuses.idevid_cert_attr[6 + i] = 0x10111213u + i;
		assert_int_equal(device_init(&dev, &config), 0);
		soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
		device_run(&dev);
		crypto_sha1(dev.fw.mldsa.idevid, MLDSA87_PUBLIC_SIZE,
			    digest[0]);
		crypto_sha256(dev.fw.mldsa.idevid, MLDSA87_PUBLIC_SIZE,
			      digest[1]);
		crypto_sha384(dev.fw.mldsa.idevid, MLDSA87_PUBLIC_SIZE,
			      digest[2]);
		crypto_sha512(dev.fw.mldsa.idevid, MLDSA87_PUBLIC_SIZE,
			      digest[4]);
		unhex("1312111014121110151211101612111017121110", digest[3],
		      20);
		memcpy(digest[5], digest[3], 20);
		memcpy(digest[6], digest[3], 20);
		memcpy(digest[7], digest[3], 20);
		cert = cert_by(CALIPTRA_CMD_GET_LDEV_MLDSA87_CERT);
		authority = X509_get0_authority_key_id(cert);
		assert_memory_equal(authority->data, digest[algorithm], 20);
		X509_free(cert);
		device_release(&dev);
	}
}

static void expect_own_csr(uint32_t code, bool is_mldsa, const char *cn)
{
	X509_REQ *csr = csr_by(code);
	char name[64];

	assert_int_equal(mldsa87_is(X509_REQ_get0_pubkey(csr)), is_mldsa);
	assert_int_equal(X509_REQ_verify(csr, X509_REQ_get0_pubkey(csr)), 1);
	X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(csr),
				  NID_commonName, name, sizeof(name));
	assert_string_equal(name, cn);
	X509_REQ_free(csr);
}

static void idevid_requests(void **unused)
{
	int rom;

	(void)unused;
	for (rom = 0; rom < 2; rom++) {
		boot("2.1", CSR_FLAG, rom);
		expect_own_csr(CALIPTRA_CMD_GET_IDEV_ECC384_CSR, false,
			       "Caliptra 2.1 Ecc384 IDevID");
		expect_own_csr(CALIPTRA_CMD_GET_IDEV_MLDSA87_CSR, true,
			       "Caliptra 2.1 MlDsa87 IDevID");
		device_release(&dev);
	}
}

/* Nobody has asked for them at boot, which ROM does not survive. */
static void idevid_requests_unprovisioned(void **unused)
{
	(void)unused;
	boot("2.1", 0, false);
	expect_error(CALIPTRA_CMD_GET_IDEV_MLDSA87_CSR, NULL, 0,
		     RUNTIME_GET_IDEV_ID_UNPROVISIONED);
	expect_error(CALIPTRA_CMD_GET_IDEV_ECC384_CSR, NULL, 0,
		     RUNTIME_GET_IDEV_ID_UNPROVISIONED);
	device_release(&dev);
	boot("2.1", 0, true);
	expect_fatal(CALIPTRA_CMD_GET_IDEV_MLDSA87_CSR,
		     FW_PROC_MAILBOX_GET_IDEV_CSR_UNPROVISIONED_CSR);
	device_release(&dev);
}

static void fmc_alias_requests(void **unused)
{
	(void)unused;
	boot("2.1", 0, false);
	expect_own_csr(CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CSR, false,
		       "Caliptra 2.1 Ecc384 FMC Alias");
	expect_own_csr(CALIPTRA_CMD_GET_FMC_ALIAS_MLDSA87_CSR, true,
		       "Caliptra 2.1 MlDsa87 FMC Alias");
	device_release(&dev);
	boot("2.0", 0, false);
	expect_own_csr(CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CSR, false,
		       "Caliptra 2.0 FMC Alias");
	expect_own_csr(CALIPTRA_CMD_GET_FMC_ALIAS_MLDSA87_CSR, true,
		       "Caliptra 2.0 MlDsa87 FMC Alias");
	device_release(&dev);
}

/* In 1.x the response always has its full length. */
static void fmc_alias_request_of_1_2(void **unused)
{
	X509_REQ *csr;
	size_t len;

	(void)unused;
	boot("1.2", 0, false);
	expect_ok(CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CSR, NULL, 0);
	assert_int_equal(response_len, 12 + 768);
	len = wire_get_le32(response + 8);
	csr = parse_csr(response + 12, len);
	assert_int_equal(X509_REQ_verify(csr, dev.fw.fmc_alias.ecc), 1);
	X509_REQ_free(csr);
	for (; len < 768; len++)
		assert_int_equal(response[12 + len], 0);
	device_release(&dev);
}

/* A certificate is put together of its body and any signature. */
static void idevid_certificate(void **unused)
{
	static uint8_t body[8192];
	static uint8_t whole[8192];
	const uint8_t *data;
	size_t size, len, whole_len;

	(void)unused;
	boot("2.1", 0, false);
	expect_ok(CALIPTRA_CMD_GET_LDEV_MLDSA87_CERT, NULL, 0);
	data = data_of(&whole_len);
	memcpy(whole, data, whole_len);
	size = (size_t)(whole[6] << 8 | whole[7]) + 4;
	/* one that fits into the request */
	assert_in_range(size, 2821, 4096);
	size = 2820;
	wire_put_le32(body, (uint32_t)size);
	memcpy(body + 4, whole + whole_len - MLDSA87_SIGNATURE_SIZE,
	       MLDSA87_SIGNATURE_SIZE);
	body[4 + MLDSA87_SIGNATURE_SIZE] = 0xee;
	memcpy(body + 4 + 4628, whole + 4, size);
	expect_ok(CALIPTRA_CMD_GET_IDEV_MLDSA87_CERT, body,
		  (uint32_t)(4 + 4628 + size));
	data = data_of(&len);
	assert_int_equal(len, 4 + size + 13 + 5 + MLDSA87_SIGNATURE_SIZE);
	expect_hex(data, "3082");
	assert_int_equal((size_t)(data[2] << 8 | data[3]) + 4, len);
	assert_memory_equal(data + 4, whole + 4, size);
	expect_hex(data + 4 + size, "300b0609608648016503040313"
				    "0382121400");
	assert_memory_equal(data + 4 + size + 18, body + 4,
			    MLDSA87_SIGNATURE_SIZE);

	wire_put_le32(body, 2821);
	expect_error(CALIPTRA_CMD_GET_IDEV_MLDSA87_CERT, body,
		     (uint32_t)(4 + 4628 + size),
		     RUNTIME_MAILBOX_INVALID_PARAMS);
	expect_error(CALIPTRA_CMD_GET_IDEV_MLDSA87_CERT, body, 7456 - 4 + 1,
		     RUNTIME_INSUFFICIENT_MEMORY);
	/* what is left out counts as zero */
	expect_ok(CALIPTRA_CMD_GET_IDEV_MLDSA87_CERT, NULL, 0);
	data_of(&len);
	assert_int_equal(len, 4 + 13 + 5 + MLDSA87_SIGNATURE_SIZE);
	device_release(&dev);
}

/* Is @cert the one at @at of @chain? */
static void expect_in_chain(const uint8_t *chain, size_t *at,
			    const struct cert_der *cert)
{
	assert_memory_equal(chain + *at, cert->bytes, cert->len);
	*at += cert->len;
}

static void chains_begin_with_what_is_populated(void **unused)
{
	static uint8_t body[4 + 8192];
	const struct fw_chains *chains = &dev.fw.chains;
	size_t own, at = 3;

	(void)unused;
	boot("2.1", 0, false);
	own = chains->mldsa_len;
	wire_put_le32(body, 2);
	memcpy(body + 4, "bc", 2);
	expect_ok(CALIPTRA_CMD_POPULATE_IDEV_MLDSA87_CERT, body, 6);
	wire_put_le32(body, 1);
	body[4] = 'a';
	expect_ok(CALIPTRA_CMD_POPULATE_IDEV_MLDSA87_CERT, body, 4 + 8192);
	assert_int_equal(chains->mldsa_len, own + 3);
	assert_memory_equal(chains->mldsa, "abc", 3);
	expect_in_chain(chains->mldsa, &at, &dev.fw.mldsa.ldevid_cert);
	expect_in_chain(chains->mldsa, &at, &dev.fw.mldsa.fmc_alias_cert);
	expect_in_chain(chains->mldsa, &at, &dev.fw.mldsa.rt_alias_cert);
	assert_int_equal(at, own + 3);
	device_release(&dev);
}

static void expect_chain_full(uint32_t code, size_t max, const uint8_t *chain,
			      const size_t *len, size_t size)
{
	static uint8_t body[4 + 8192];
	static uint8_t before[FW_MLDSA_CHAIN_SIZE];
	size_t was;

	wire_put_le32(body, (uint32_t)max);
	while (size - *len >= max)
		expect_ok(code, body, (uint32_t)(4 + max));
	was = *len;
	memcpy(before, chain, size);
	wire_put_le32(body, (uint32_t)(size - was + 1));
	expect_error(code, body, (uint32_t)(4 + max),
		     RUNTIME_IDEV_CERT_POPULATION_FAILED);
	assert_int_equal(*len, was);
	assert_memory_equal(chain, before, size);
	wire_put_le32(body, (uint32_t)(size - was));
	expect_ok(code, body, (uint32_t)(4 + max));
	assert_int_equal(*len, size);
	/* nothing is what there is always room for */
	wire_put_le32(body, 0);
	expect_ok(code, body, 4);
}

static void chains_are_full_one_day(void **unused)
{
	const struct fw_chains *chains = &dev.fw.chains;

	(void)unused;
	boot("2.1", 0, false);
	expect_chain_full(CALIPTRA_CMD_POPULATE_IDEV_MLDSA87_CERT, 8192,
			  chains->mldsa, &chains->mldsa_len,
			  sizeof(chains->mldsa));
	expect_chain_full(CALIPTRA_CMD_POPULATE_IDEV_ECC384_CERT, 1024,
			  chains->ecc, &chains->ecc_len, sizeof(chains->ecc));
	device_release(&dev);
}

static void populating_bad_certificates(void **unused)
{
	static uint8_t body[4 + 8192 + 4];
	const struct fw_chains *chains = &dev.fw.chains;
	size_t own;

	(void)unused;
	boot("2.1", 0, false);
	own = chains->mldsa_len;
	wire_put_le32(body, 8193);
	expect_error(CALIPTRA_CMD_POPULATE_IDEV_MLDSA87_CERT, body, 4 + 8192,
		     RUNTIME_MAILBOX_INVALID_PARAMS);
	wire_put_le32(body, 1);
	expect_error(CALIPTRA_CMD_POPULATE_IDEV_MLDSA87_CERT, body, 4 + 8193,
		     RUNTIME_INSUFFICIENT_MEMORY);
	expect_error_as(PL1, CALIPTRA_CMD_POPULATE_IDEV_MLDSA87_CERT, body,
			4 + 8192, RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	assert_int_equal(chains->mldsa_len, own);
	/* a reset of runtime firmware forgets what was populated */
	expect_ok(CALIPTRA_CMD_POPULATE_IDEV_MLDSA87_CERT, body, 5);
	assert_int_equal(chains->mldsa_len, own + 1);
	assert_true(device_reset(&dev, DEVICE_RESET_WARM));
	ifc_write(&dev, CPTRA_FUSE_WR_DONE, 1);
	ifc_write(&dev, CPTRA_BOOTFSM_GO, 1);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	assert_int_equal(chains->mldsa_len, own);
	device_release(&dev);
}

/* MLDSA87_SIGNATURE_VERIFY's request for a message of @len bytes. */
static uint32_t verify_request(uint8_t *body, EVP_PKEY *key, const void *msg,
			       uint32_t len)
{
	assert_int_equal(mldsa87_public(key, body), 0);
	assert_int_equal(mldsa87_sign_padded(key, msg, len, body + 2592), 0);
	wire_put_le32(body + 2592 + 4628, len);
	memcpy(body + 2592 + 4628 + 4, msg, len);
	return 2592 + 4628 + 4 + len;
}

static void verification_in_both(void **unused)
{
	static const uint32_t sizes[] = { 0, 1, 3, 4, 64, 4096 };
	static uint8_t msg[4096];
	static uint8_t body[12288];
	uint8_t seed[MLDSA87_SEED_SIZE] = { 7 };
	EVP_PKEY *key = mldsa87_key(seed);
	uint32_t len;
	size_t i;
	int rom;

	(void)unused;
	for (rom = 0; rom < 2; rom++) {
		uint32_t bad = rom ? ROM_MLDSA_VERIFY_FAILED :
				     RUNTIME_MLDSA_VERIFY_FAILED;

		boot("2.1", 0, rom);
		for (i = 0; i < COUNT(sizes); i++) {
			msg[0] = (uint8_t)i;
			len = verify_request(body, key, msg, sizes[i]);
			/* the padding is not looked at */
			body[2592 + 4627] = 0xee;
			expect_ok(CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY, body,
				  len);
			assert_int_equal(response_len, 8);
		}
		body[0] ^= 1;
		expect_error(CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY, body, len,
			     bad);
		body[0] ^= 1;
		body[len - 1] ^= 1;
		expect_error(CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY, body, len,
			     bad);
		memset(body + 2592, 0, 64);
		expect_error(CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY, body, len,
			     DRIVER_MLDSA87_UNSUPPORTED_SIGNATURE);
		device_release(&dev);
	}
	EVP_PKEY_free(key);
}

static void verification_of_bad_sizes(void **unused)
{
	static uint8_t body[12288];
	uint8_t seed[MLDSA87_SEED_SIZE] = { 8 };
	EVP_PKEY *key = mldsa87_key(seed);
	uint32_t len;
	int rom;

	(void)unused;
	for (rom = 0; rom < 2; rom++) {
		boot("2.1", 0, rom);
		len = verify_request(body, key, "\0\0\0\0", 4);
		/* zeros that were left out are not there */
		expect_error(CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY, body,
			     len - 1, RUNTIME_MAILBOX_INVALID_PARAMS);
		expect_error(CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY, body,
			     len - 5, RUNTIME_MAILBOX_INVALID_PARAMS);
		expect_error(CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY, NULL, 0,
			     RUNTIME_MAILBOX_INVALID_PARAMS);
		wire_put_le32(body + 2592 + 4628, 4097);
		expect_error(CALIPTRA_CMD_MLDSA87_SIGNATURE_VERIFY, body,
			     2592 + 4628 + 4 + 4096,
			     RUNTIME_MAILBOX_INVALID_PARAMS);
		device_release(&dev);
	}
	EVP_PKEY_free(key);
}

static void quote(void **unused)
{
	uint8_t nonce[32];
	uint8_t digest[SHA512_SIZE];
	uint8_t pub[MLDSA87_PUBLIC_SIZE];
	X509 *cert;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(nonce); i++)
		nonce[i] = (uint8_t)(0x40 + i);
	boot("2.1", 0, false);
	cert = cert_by(CALIPTRA_CMD_GET_FMC_ALIAS_MLDSA87_CERT);
	assert_int_equal(mldsa87_public(X509_get0_pubkey(cert), pub), 0);
	X509_free(cert);
	dev.fw.pcrs.reset_counter[31] = 9;
	expect_ok(CALIPTRA_CMD_QUOTE_PCRS_MLDSA87, nonce, sizeof(nonce));
	assert_int_equal(response_len, 6396);
	assert_memory_equal(response + 8, dev.fw.pcrs.value, 32 * 48);
	assert_memory_equal(response + 1544, nonce, 32);
	assert_int_equal(wire_get_le32(response + 1576 + 4 * 31), 9);
	/* SHA-512 of what stands in the response, the last byte first */
	assert_int_equal(crypto_sha512(response + 8, 32 * 48 + 32, digest), 0);
	for (i = 0; i < sizeof(digest); i++)
		assert_int_equal(response[1704 + i], digest[63 - i]);
	assert_int_equal(mldsa87_verify(pub, response + 1704, 64,
					response + 1768),
			 MLDSA87_GOOD);
	assert_int_equal(response[6395], 0);

	expect_error(CALIPTRA_CMD_QUOTE_PCRS_MLDSA87, nonce, 31,
		     RUNTIME_MAILBOX_INVALID_PARAMS);
	expect_error(CALIPTRA_CMD_QUOTE_PCRS_MLDSA87, NULL, 0,
		     RUNTIME_MAILBOX_INVALID_PARAMS);
	device_release(&dev);
}

/* The PCRs can be computed from their log; 1.x gives the entries in use alone. */
static void pcr_log_of(const char *generation, uint32_t size, uint32_t used,
		       size_t status_size)
{
	const uint8_t *entry = response + 12;
	uint8_t pcr[PCR_COUNT][SHA384_SIZE] = { 0 };
	uint32_t ids, id, k;

	boot(generation, 0, false);
	expect_ok(CALIPTRA_CMD_GET_PCR_LOG, NULL, 0);
	assert_int_equal(response_len, size);
	assert_int_equal(wire_get_le32(response + 8), used * 56);
	for (id = 1; id <= 6; id++) {
		if (id == 5)
			continue;
		assert_int_equal(entry[0], id);
		expect_hex(entry + 1, "000000");
		ids = wire_get_le32(entry + 4);
		for (k = 0; k < PCR_COUNT; k++)
			if (ids >> k & 1)
				crypto_sha384_extend(pcr[k], entry + 8,
						     id == 1 ? status_size :
							       48);
		entry += 56;
	}
	while (entry < response + response_len)
		assert_int_equal(*entry++, 0);
	assert_memory_equal(pcr, dev.fw.pcrs.value, 4 * SHA384_SIZE);
	device_release(&dev);
}

static void pcr_log(void **unused)
{
	(void)unused;
	pcr_log_of("2.1", 9228, 17, 18);
	pcr_log_of("2.0", 9228, 17, 10);
	pcr_log_of("1.2", 964, 5, 9);
}

static void pcr_log_is_full_one_day(void **unused)
{
	static struct pcr_log log;
	static struct pcr_log before;
	uint8_t data[SHA384_SIZE + 1];
	int i;

	(void)unused;
	memset(data, 0xd7, sizeof(data));
	assert_int_equal(pcr_log_add(&log, PCR_LOG_RT_TCI, 0xc, data, 49), -1);
	assert_int_equal(log.len, 0);
	for (i = 0; i < PCR_LOG_ENTRIES; i++)
		assert_int_equal(
			pcr_log_add(&log, PCR_LOG_RT_TCI, 0xc, data, 48), 0);
	before = log;
	assert_int_equal(pcr_log_add(&log, PCR_LOG_RT_TCI, 0xc, data, 1), -1);
	assert_memory_equal(&log, &before, sizeof(log));
	expect_hex(log.entry[16], "060000000c000000d7d7");
}

/* The key whose request a token has, and what it is derived from. */
struct key_of_token {
	uint32_t id;
	const char *cn[2];
	const char *attribute;
};

static const struct key_of_token tokens[] = {
	{ 1,
	  { "Caliptra 2.1 Ecc384 LDevID", "Caliptra 2.1 MlDsa87 LDevID" },
	  "2b0601040182cd1f010201" },
	{ 2,
	  { "Caliptra 2.1 Ecc384 FMC Alias", "Caliptra 2.1 MlDsa87 FMC Alias" },
	  "2b0601040182cd1f010202" },
	{ 3,
	  { "Caliptra 2.1 Ecc384 Rt Alias", "Caliptra 2.1 MlDsa87 Rt Alias" },
	  "2b0601040182cd1f010203" },
};

/* A byte string with two bytes of length at *@p, passed over. */
static const uint8_t *bytes_at(const uint8_t **p, size_t *len)
{
	const uint8_t *start = *p + 3;

	assert_int_equal((*p)[0], 0x59);
	*len = (size_t)((*p)[1] << 8 | (*p)[2]);
	*p = start + *len;
	return start;
}

static void expect_claims(const uint8_t *claims, size_t len,
			  const uint8_t nonce[32],
			  const struct key_of_token *token, bool is_mldsa)
{
	const uint8_t *p = claims;
	const uint8_t *csr_bytes;
	X509_REQ *csr;
	size_t csr_len;
	char cn[64];
	int good;

	/* {10: nonce, -70001: CSR, -70002: [111(attribute)]} */
	expect_hex(p, "a30a5820");
	assert_memory_equal(p + 4, nonce, 32);
	p += 4 + 32;
	expect_hex(p, "3a00011170");
	p += 5;
	csr_bytes = bytes_at(&p, &csr_len);
	csr = parse_csr(csr_bytes, csr_len);
	X509_NAME_get_text_by_NID(X509_REQ_get_subject_name(csr),
				  NID_commonName, cn, sizeof(cn));
	assert_string_equal(cn, token->cn[is_mldsa]);
	/* LDevID's has no signature */
	good = X509_REQ_verify(csr, X509_REQ_get0_pubkey(csr));
	if (token->id == 1)
		assert_int_not_equal(good, 1);
	else
		assert_int_equal(good, 1);
	X509_REQ_free(csr);
	expect_hex(p, "3a0001117181d86f4b");
	expect_hex(p + 9, token->attribute);
	assert_ptr_equal(p + 9 + 11, claims + len);
}

/* Sig_structure, put together by hand. */
static size_t to_sign(uint8_t *bytes, const uint8_t *header,
		      const uint8_t *claims, size_t len)
{
	uint8_t *p = bytes;

	memcpy(p, "\x84\x6aSignature1\x58\x1e", 14);
	p += 14;
	memcpy(p, header, 30);
	p += 30;
	*p++ = 0x40;
	*p++ = 0x59;
	*p++ = (uint8_t)(len >> 8);
	*p++ = (uint8_t)len;
	memcpy(p, claims, len);
	return (size_t)(p - bytes) + len;
}

static void expect_token_ecdsa(EVP_PKEY *rt_alias, const uint8_t *digest,
			       const uint8_t *sig)
{
	struct ecdsa384_signature rs;
	uint8_t point[P384_POINT_SIZE];

	expect_hex(sig, "5860");
	memcpy(rs.r, sig + 2, 48);
	memcpy(rs.s, sig + 50, 48);
	assert_int_equal(crypto_p384_point(rt_alias, point), 0);
	assert_int_equal(crypto_ecdsa384_verify(point, digest, &rs),
			 ECDSA384_GOOD);
	assert_ptr_equal(sig + 98, response + response_len);
}

/* The digest is signed as words in the order of a little-endian memory. */
static void expect_token_mldsa(EVP_PKEY *rt_alias, const uint8_t *digest,
			       const uint8_t *sig)
{
	uint8_t pub[MLDSA87_PUBLIC_SIZE];
	uint8_t words[SHA384_SIZE];
	size_t i;

	expect_hex(sig, "591214");
	for (i = 0; i < sizeof(words); i += 4) {
		words[i] = digest[i + 3];
		words[i + 1] = digest[i + 2];
		words[i + 2] = digest[i + 1];
		words[i + 3] = digest[i];
	}
	assert_int_equal(mldsa87_public(rt_alias, pub), 0);
	assert_int_equal(mldsa87_verify(pub, words, sizeof(words), sig + 3),
			 MLDSA87_GOOD);
	assert_int_equal(sig[3 + 4627], 0);
	assert_ptr_equal(sig + 3 + 4628, response + response_len);
}

static void expect_token(const struct key_of_token *token, EVP_PKEY *rt_alias,
			 const uint8_t key_id[CERT_KEY_ID_SIZE], bool is_mldsa)
{
	static uint8_t signed_bytes[16384];
	uint8_t body[36];
	uint8_t digest[SHA384_SIZE];
	const uint8_t *header;
	const uint8_t *claims;
	const uint8_t *p;
	size_t len, claims_len;
	size_t i;

	wire_put_le32(body, token->id);
	for (i = 0; i < 32; i++)
		body[4 + i] = (uint8_t)(0xa0 + i);
	expect_ok(is_mldsa ? CALIPTRA_CMD_GET_ATTESTED_MLDSA87_CSR :
			     CALIPTRA_CMD_GET_ATTESTED_ECC384_CSR,
		  body, sizeof(body));
	p = data_of(&len);
	/* 61(18([header, {}, claims, signature])) */
	expect_hex(p, "d83dd284581e");
	header = p + 6;
	/* {1: algorithm, 3: 263, 4: key identifier} */
	expect_hex(header,
		   is_mldsa ? "a3013831031901070454" : "a3013832031901070454");
	assert_memory_equal(header + 10, key_id, 20);
	p = header + 30;
	assert_int_equal(*p++, 0xa0);
	claims = bytes_at(&p, &claims_len);
	expect_claims(claims, claims_len, body + 4, token, is_mldsa);
	len = to_sign(signed_bytes, header, claims, claims_len);
	assert_int_equal(crypto_sha384(signed_bytes, len, digest), 0);
	if (is_mldsa)
		expect_token_mldsa(rt_alias, digest, p);
	else
		expect_token_ecdsa(rt_alias, digest, p);
}

static void attested_requests(void **unused)
{
	X509 *certs[2];
	size_t i, k;

	(void)unused;
	boot("2.1", 0, false);
	certs[0] = cert_by(CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT);
	certs[1] = cert_by(CALIPTRA_CMD_GET_RT_ALIAS_MLDSA87_CERT);
	for (i = 0; i < COUNT(tokens); i++)
		for (k = 0; k < 2; k++)
			expect_token(&tokens[i], X509_get0_pubkey(certs[k]),
				     X509_get0_subject_key_id(certs[k])->data,
				     k);
	X509_free(certs[0]);
	X509_free(certs[1]);
	device_release(&dev);
}

/* With keys that are not those of the certificates. */
static void attested_requests_without_attestation(void **unused)
{
	uint8_t key_id[CERT_KEY_ID_SIZE];
	EVP_PKEY *key;
	X509 *certs[2];
	size_t i, k;

	(void)unused;
	boot("2.1", 0, false);
	certs[0] = cert_by(CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT);
	certs[1] = cert_by(CALIPTRA_CMD_GET_RT_ALIAS_MLDSA87_CERT);
	expect_ok(CALIPTRA_CMD_DISABLE_ATTESTATION, NULL, 0);
	for (k = 0; k < 2; k++) {
		key = k ? dev.fw.rt_alias.mldsa : dev.fw.rt_alias.ecc;
		assert_non_null(key);
		assert_int_equal(EVP_PKEY_eq(key, X509_get0_pubkey(certs[k])),
				 0);
		assert_int_equal(cert_key_id(key, key_id), 0);
		for (i = 0; i < COUNT(tokens); i++)
			expect_token(&tokens[i], key, key_id, k);
		X509_free(certs[k]);
	}
	device_release(&dev);
}

static void without_attestation_in_2_0(void **unused)
{
	X509 *ecc;
	X509 *mldsa;

	(void)unused;
	boot("2.0", 0, false);
	ecc = cert_by(CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT);
	mldsa = cert_by(CALIPTRA_CMD_GET_RT_ALIAS_MLDSA87_CERT);
	expect_ok(CALIPTRA_CMD_DISABLE_ATTESTATION, NULL, 0);
	assert_int_equal(
		EVP_PKEY_eq(dev.fw.rt_alias.ecc, X509_get0_pubkey(ecc)), 0);
	assert_int_equal(
		EVP_PKEY_eq(dev.fw.rt_alias.mldsa, X509_get0_pubkey(mldsa)), 0);
	X509_free(ecc);
	X509_free(mldsa);
	device_release(&dev);
}

static void bad_attested_requests(void **unused)
{
	static const uint32_t codes[] = {
		CALIPTRA_CMD_GET_ATTESTED_ECC384_CSR,
		CALIPTRA_CMD_GET_ATTESTED_MLDSA87_CSR
	};
	static const uint32_t ids[] = { 0, 4, 0x01000001 };
	uint8_t body[40] = { 0 };
	size_t i, k;

	(void)unused;
	boot("2.1", 0, false);
	for (i = 0; i < COUNT(codes); i++) {
		for (k = 0; k < COUNT(ids); k++) {
			wire_put_le32(body, ids[k]);
			expect_error(codes[i], body, 36,
				     RUNTIME_MAILBOX_INVALID_PARAMS);
		}
		wire_put_le32(body, 1);
		expect_error(codes[i], body, 35,
			     RUNTIME_MAILBOX_INVALID_PARAMS);
		expect_error(codes[i], body, 40,
			     RUNTIME_MAILBOX_INVALID_PARAMS);
		expect_error(codes[i], NULL, 0, RUNTIME_MAILBOX_INVALID_PARAMS);
	}
	device_release(&dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_are_a_chain),
		cmocka_unit_test(ldevid_in_rom),
		cmocka_unit_test(no_mldsa_in_1_2),
		cmocka_unit_test(idevid_key_identifier),
		cmocka_unit_test(idevid_requests),
		cmocka_unit_test(idevid_requests_unprovisioned),
		cmocka_unit_test(fmc_alias_requests),
		cmocka_unit_test(fmc_alias_request_of_1_2),
		cmocka_unit_test(idevid_certificate),
		cmocka_unit_test(chains_begin_with_what_is_populated),
		cmocka_unit_test(chains_are_full_one_day),
		cmocka_unit_test(populating_bad_certificates),
		cmocka_unit_test(verification_in_both),
		cmocka_unit_test(verification_of_bad_sizes),
		cmocka_unit_test(quote),
		cmocka_unit_test(pcr_log),
		cmocka_unit_test(pcr_log_is_full_one_day),
		cmocka_unit_test(attested_requests),
		cmocka_unit_test(attested_requests_without_attestation),
		cmocka_unit_test(without_attestation_in_2_0),
		cmocka_unit_test(bad_attested_requests),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
