// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests what the DPE does with ML-DSA-87 alone, that both profiles have one tree, and
 * what becomes of answers that are too long for the mailbox of a subsystem (caliptra-sw
 * runtime/src/invoke_dpe.rs, certify_key_extended.rs and sign_with_exported_mldsa.rs).
 */
#include "dpe_door.h"

#include "mldsa_mu.h"

#define OUTSIDE CALIPTRA_INVOKE_DPE_FLAGS_EXTERNAL_AXI_RESPONSE
#define EXTENDED_OUTSIDE \
	CALIPTRA_CERTIFY_KEY_EXTENDED_FLAGS_EXTERNAL_AXI_RESPONSE
#define PRIVILEGE RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL

static const char message[] = "what is measured";

/* The public key of the default context. */
static void get_key(uint8_t public[MLDSA87_PUBLIC_SIZE])
{
	certify_key(dpe_default_handle, FORMAT_CSR);
	assert_int_equal(invoke_as(PL0), 0);
	assert_int_equal(dpe_status(), 0);
	memcpy(public, dpe + 28, MLDSA87_PUBLIC_SIZE);
}

static bool verifies(const uint8_t public[MLDSA87_PUBLIC_SIZE],
		     const uint8_t *sig)
{
	return mldsa87_verify(public, message, sizeof(message), sig) ==
	       MLDSA87_GOOD;
}

/* Label and measurements make the key; a signature is by the key that is certified. */
static void signatures_are_over_mu(void **unused)
{
	uint8_t public[MLDSA87_PUBLIC_SIZE];
	uint8_t mu[MLDSA87_MU_SIZE];

	(void)unused;
	get_key(public);
	mu_of(public, message, sizeof(message), mu);
	sign(dpe_default_handle, mu);
	expect_done(PL0, 28 + MLDSA87_PADDED_SIGNATURE_SIZE);
	assert_memory_equal(dpe + 12, dpe_default_handle, 16);
	assert_true(verifies(public, dpe + 28));
	assert_int_equal(dpe[28 + MLDSA87_SIGNATURE_SIZE], 0);
	label[3] ^= 1;
	sign(dpe_default_handle, mu);
	expect_done(PL0, 28 + MLDSA87_PADDED_SIGNATURE_SIZE);
	assert_false(verifies(public, dpe + 28));
	label[3] ^= 1;
	derive_context(dpe_default_handle, RECURSIVE, DPE_TCI_CCIV, 0, 0);
	expect_done(PL0, 44);
	sign(dpe_default_handle, mu);
	expect_done(PL0, 28 + MLDSA87_PADDED_SIGNATURE_SIZE);
	assert_false(verifies(public, dpe + 28));
}

static void signatures_refused(void **unused)
{
	static const uint8_t mu[MLDSA87_MU_SIZE];
	uint8_t first[DPE_HANDLE_SIZE];

	(void)unused;
	sign(dpe_default_handle, mu);
	command_len--;
	expect_failed(PL0, RUNTIME_DPE_COMMAND_DESERIALIZATION_FAILED);
	/* a whole message does not fit into the request */
	sign(dpe_default_handle, mu);
	wire_put_le32(command + size_at + 4 + 12 + 16 + 48,
		      CALIPTRA_DPE_SIGN_FLAGS_IS_RAW);
	command_len = size_at + 4 + 512;
	expect_failed(PL0, RUNTIME_DPE_COMMAND_DESERIALIZATION_FAILED);
	sign(dpe_default_handle, mu);
	expect_refused(PL1, 0x1001);
	initialize(SIMULATION);
	expect_done(PL1, 28);
	memcpy(first, dpe + 12, sizeof(first));
	sign(first, mu);
	expect_refused(PL1, 3);
	expect_refused(PL0, 0x1000);
	/* a handle is good once */
	rotate(dpe_default_handle, 0);
	expect_done(PL0, 28);
	memcpy(first, dpe + 12, sizeof(first));
	sign(first, mu);
	expect_done(PL0, 28 + MLDSA87_PADDED_SIGNATURE_SIZE);
	assert_memory_equal(dpe + 12, dev.fw.dpe.context[1].handle, 16);
	expect_refused(PL0, 0x1000);
}

static void use(const struct dpe_profile *other)
{
	profile = other;
}

/* A context is of no profile; its keys are. */
static void both_have_one_tree(void **unused)
{
	uint8_t handle[DPE_HANDLE_SIZE];

	(void)unused;
	derive_context(dpe_default_handle, X509_TOO, 0x41, 0, 3);
	expect_done(PL0, 44);
	memcpy(handle, dpe + 12, sizeof(handle));
	use(&dpe_p384);
	derive_context(handle, RETAIN | X509_TOO, 0x42, 0, 4);
	expect_done(PL0, 44);
	assert_memory_not_equal(dpe + 28, handle, 16);
	memcpy(handle, dpe + 12, sizeof(handle));
	use(&dpe_mldsa87);
	certify_key(handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	assert_int_equal(dpe_status(), 0);
	X509_free(certified());
	memcpy(handle, dpe + 12, sizeof(handle));
	assert_int_equal(tag(PL0, handle, 9), 0);
	use(&dpe_p384);
	certify_key(handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	X509_free(certified());
	memcpy(handle, dpe + 12, sizeof(handle));
	use(&dpe_mldsa87);
	destroy(handle);
	expect_done(PL0, 12);
	/* with its tag */
	assert_false(dev.fw.dpe.tagged[3]);
	assert_int_equal(dpe_count_used(&dev.fw.dpe, true), 3);
}

static uint8_t to_sign[32 + 4 + 4 + 1024];

static uint32_t sign_exported(uint32_t user, uint32_t type, const void *tbs,
			      uint32_t size)
{
	memset(to_sign, 0, sizeof(to_sign));
	memcpy(to_sign, cdi_handle, 32);
	wire_put_le32(to_sign + 32, type);
	wire_put_le32(to_sign + 36, size);
	memcpy(to_sign + 40, tbs, size > 1024 ? 0 : size);
	return run(user, CALIPTRA_CMD_SIGN_WITH_EXPORTED_MLDSA, to_sign,
		   sizeof(to_sign));
}

static uint32_t revoke(void)
{
	return run(PL0, CALIPTRA_CMD_REVOKE_EXPORTED_CDI_HANDLE, cdi_handle,
		   sizeof(cdi_handle));
}

#define RAW CALIPTRA_MLDSA_SIGN_TYPE_RAW
#define MU  CALIPTRA_MLDSA_SIGN_TYPE_MU

static void expect_exported_signature(const uint8_t *public)
{
	assert_int_equal(answer_len, 7228);
	assert_memory_equal(answer + 8, public, MLDSA87_PUBLIC_SIZE);
	assert_true(verifies(public, answer + 8 + MLDSA87_PUBLIC_SIZE));
	assert_int_equal(answer[7227], 0);
}

static void exported_cdi_signs(void **unused)
{
	const uint32_t no_key =
		RUNTIME_SIGN_WITH_EXPORTED_MLDSA_KEY_DERIVIATION_FAILED;
	uint8_t public[MLDSA87_PUBLIC_SIZE];
	uint8_t mu[MLDSA87_MU_SIZE];
	X509 *cert;

	(void)unused;
	assert_int_equal(sign_exported(PL0, RAW, message, sizeof(message)),
			 no_key);
	cert = export_cdi(RETAIN);
	assert_int_equal(mldsa87_public(X509_get0_pubkey(cert), public), 0);
	X509_free(cert);
	assert_int_equal(sign_exported(PL0, RAW, message, sizeof(message)), 0);
	expect_exported_signature(public);
	mu_of(public, message, sizeof(message), mu);
	assert_int_equal(sign_exported(PL0, MU, mu, sizeof(mu)), 0);
	expect_exported_signature(public);
	assert_int_equal(sign_exported(PL0, RAW, public, 1024), 0);
	assert_int_equal(sign_exported(PL0, RAW, public, 0), 0);
	cdi_handle[31] ^= 1;
	assert_int_equal(sign_exported(PL0, RAW, message, sizeof(message)),
			 no_key);
	cdi_handle[31] ^= 1;
	assert_int_equal(revoke(), 0);
	assert_int_equal(sign_exported(PL0, RAW, message, sizeof(message)),
			 no_key);
}

static void exported_cdi_signs_not(void **unused)
{
	static const uint8_t tbs[64];

	(void)unused;
	X509_free(export_cdi(RETAIN));
	assert_int_equal(sign_exported(PL0, MU, tbs, 63),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(sign_exported(PL0, 2, tbs, 64),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(sign_exported(PL0, RAW, tbs, 1025),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(sign_exported(PL1, RAW, tbs, 64), PRIVILEGE);
	/* the size comes before the privilege level, and lengths after it */
	assert_int_equal(sign_exported(PL1, RAW, tbs, 1025), PRIVILEGE);
	assert_int_equal(run(PL1, CALIPTRA_CMD_SIGN_WITH_EXPORTED_MLDSA,
			     to_sign, sizeof(to_sign) - 1),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
}

/* There is one exported CDI, and a key of each kind comes out of it. */
static void exported_cdi_is_of_both(void **unused)
{
	uint8_t certified_key[MLDSA87_PUBLIC_SIZE];
	uint8_t public[MLDSA87_PUBLIC_SIZE];
	uint8_t body[32 + 48] = { 0 };
	X509 *cert;

	(void)unused;
	use(&dpe_p384);
	X509_free(export_cdi(RETAIN));
	use(&dpe_mldsa87);
	derive_context(dpe_default_handle, EXPORT | RETAIN, 0x55, 0, 0);
	expect_refused(PL0, 0x02000007);
	assert_int_equal(sign_exported(PL0, RAW, message, sizeof(message)), 0);
	memcpy(public, answer + 8, sizeof(public));
	expect_exported_signature(public);
	assert_int_equal(revoke(), 0);
	/* the same measurements have the same key */
	cert = export_cdi(RETAIN);
	assert_int_equal(mldsa87_public(X509_get0_pubkey(cert), certified_key),
			 0);
	assert_memory_equal(certified_key, public, sizeof(public));
	X509_free(cert);
	memcpy(body, cdi_handle, 32);
	assert_int_equal(run(PL0, CALIPTRA_CMD_SIGN_WITH_EXPORTED_ECDSA, body,
			     sizeof(body)),
			 0);
	assert_int_equal(revoke(), 0);
	assert_int_equal(revoke(),
			 RUNTIME_REVOKE_EXPORTED_CDI_HANDLE_NOT_FOUND);
}

/* 2.0 signs certificates and nothing else, and has longer answers than it tells. */
static void generation_2_0(void **unused)
{
	static const uint8_t mu[MLDSA87_MU_SIZE];

	(void)unused;
	device_release(&dev);
	boot("2.0");
	sign(dpe_default_handle, mu);
	expect_refused(PL0, 0x02000004);
	sign(dpe_default_handle, mu);
	expect_refused(PL1, 0x81);
	X509_free(export_cdi(RETAIN));
	certify_key(dpe_default_handle, FORMAT_X509);
	/* nobody looks at this */
	wire_put_le32(command, OUTSIDE);
	assert_int_equal(invoke_as(PL0), 0);
	assert_in_range(dpe_len, 8001, DPE_MAX_RESPONSE);
	X509_free(certified());
	assert_int_equal(sign_exported(PL0, RAW, message, sizeof(message)),
			 RUNTIME_UNIMPLEMENTED_COMMAND);
	assert_int_equal(sign_exported(PL1, RAW, message, sizeof(message)),
			 RUNTIME_UNIMPLEMENTED_COMMAND);
	assert_int_equal(revoke(), 0);
}

static void not_in_1_2(void **unused)
{
	(void)unused;
	device_release(&dev);
	boot("1.2");
	begin(CALIPTRA_DPE_COMMAND_GET_PROFILE);
	expect_failed(PL0, RUNTIME_UNIMPLEMENTED_COMMAND);
}

/* A full tree makes the longest certificates. */
static void longest_certificates(void **unused)
{
	unsigned int i;

	(void)unused;
	wire_put_le32(command, 62);
	assert_int_equal(run(PL0, CALIPTRA_CMD_REALLOCATE_DPE_CONTEXT_LIMITS,
			     command, 4),
			 0);
	for (i = 2; i < 62; i++) {
		derive_context(dpe_default_handle, DEFAULT | X509_TOO, i, 0, 0);
		expect_done(PL0, 44);
	}
	derive_context(dpe_default_handle, DEFAULT, 62, 0, 0);
	expect_failed(PL0, RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED);
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	assert_int_equal(dpe_status(), 0);
	X509_free(certified());
	certify_key(dpe_default_handle, FORMAT_CSR);
	assert_int_equal(invoke_as(PL0), 0);
	assert_int_equal(dpe_status(), 0);
	assert_in_range(dpe_len, 20000, DPE_MAX_RESPONSE);
}

/*
 * The same key in every device: HMAC-SHA-512, or in 2.0 HMAC-SHA-384, of "zero_cdi"
 * under zeros, then what any RT alias key is made with. SHA-256 of the public key, of
 * Python's hmac and "openssl genpkey".
 */
static const struct {
	const char *generation;
	const char *key;
} without[] = {
	{ "2.1",
	  "dbe924aac8f742f76f5eebd242b064518ef2f2e458b2d89d23792a6c83da0b4c" },
	{ "2.0",
	  "20989b3ff98d1cc7619220b41cab44b04dde7508463df9b92f0dcea9fffa0ef1" },
};

static void without_attestation(void **unused)
{
	uint8_t public[MLDSA87_PUBLIC_SIZE];
	uint8_t digest[SHA256_SIZE];
	X509 *cert;
	X509 *rt;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(without); i++) {
		device_release(&dev);
		boot(without[i].generation);
		assert_int_equal(
			run(PL0, CALIPTRA_CMD_DISABLE_ATTESTATION, NULL, 0), 0);
		certify_key(dpe_default_handle, FORMAT_X509);
		assert_int_equal(invoke_as(PL0), 0);
		cert = certified();
		rt = parse(&dev.fw.mldsa.rt_alias_cert);
		assert_int_equal(X509_verify(cert, X509_get0_pubkey(rt)), 0);
		assert_int_equal(X509_verify(cert, dev.fw.rt_alias.mldsa), 1);
		assert_int_equal(mldsa87_public(dev.fw.rt_alias.mldsa, public),
				 0);
		crypto_sha256(public, sizeof(public), digest);
		expect_hex(digest, without[i].key);
		X509_free(cert);
		X509_free(rt);
	}
}

/*
 * A subsystem
 */

static void boot_subsystem(const char *generation)
{
	struct device_config config = test_config();

	device_release(&dev);
	config.generation = generation_find(generation);
	config.subsystem = true;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
}

static uint32_t certify_extended(uint32_t user, uint32_t flags, uint32_t max)
{
	uint8_t body[16 + 72] = { 0 };

	wire_put_le32(body, flags);
	wire_put_le32(body + 12, max);
	return run(user, CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_MLDSA87, body,
		   sizeof(body));
}

/* Its mailbox is too small for what a certificate may need. */
static void small_mailbox(void **unused)
{
	static const uint8_t mu[MLDSA87_MU_SIZE];
	uint8_t body[16 + 72] = { 0 };

	(void)unused;
	boot_subsystem("2.1");
	certify_key(dpe_default_handle, FORMAT_X509);
	expect_refused(PL0, 0x1004);
	/* which comes before the format, and after the context */
	certify_key(dpe_default_handle, 2);
	expect_refused(PL0, 0x1004);
	certify_key(dpe_invalid_handle, FORMAT_CSR);
	expect_refused(PL0, 0x1000);
	derive_context(dpe_default_handle, EXPORT | RETAIN, 0x55, 0, 0);
	expect_refused(PL0, 0x1004);
	assert_int_equal(certify_extended(PL0, 0, 0), RUNTIME_INTERNAL);
	sign(dpe_default_handle, mu);
	expect_done(PL0, 28 + MLDSA87_PADDED_SIGNATURE_SIZE);
	get_chain(0, 2048);
	expect_done(PL0, 2064);
	wire_put_le32(body, CALIPTRA_CERTIFY_KEY_CHUNKS_FLAGS_USE_MLDSA);
	assert_int_equal(run(PL0, CALIPTRA_CMD_CERTIFY_KEY_CHUNKS, body,
			     sizeof(body)),
			 0);
	assert_int_equal(wire_get_le32(answer + 28), 0);
	/* the other profile's certificates are not that long, and nobody asks */
	use(&dpe_p384);
	certify_key(dpe_default_handle, FORMAT_X509);
	assert_int_equal(invoke_as(PL0), 0);
	assert_int_equal(dpe_status(), 0);
}

static void outside(uint32_t max)
{
	begin(CALIPTRA_DPE_COMMAND_GET_PROFILE);
	wire_put_le32(command, OUTSIDE);
	wire_put_le32(command + 12, max);
}

/* Answers that go over the AXI bus, to where nothing is. */
static void answers_over_axi(void **unused)
{
	(void)unused;
	outside(25180);
	expect_failed(PL0, RUNTIME_MAILBOX_INVALID_PARAMS);
	expect_failed(PL1, PRIVILEGE);
	/* here it is the other way round */
	assert_int_equal(certify_extended(PL0, EXTENDED_OUTSIDE, 25180),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(certify_extended(PL1, EXTENDED_OUTSIDE, 25180),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(certify_extended(PL1, 0, 0), PRIVILEGE);
	boot_subsystem("2.1");
	outside(25180);
	expect_failed(PL1, PRIVILEGE);
	outside(23);
	expect_failed(PL0, RUNTIME_INSUFFICIENT_MEMORY);
	assert_int_equal(certify_extended(PL0, EXTENDED_OUTSIDE, 25163),
			 RUNTIME_INTERNAL);
	assert_int_equal(certify_extended(PL1, EXTENDED_OUTSIDE, 25164),
			 PRIVILEGE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), 0);
	/* an error has room */
	outside(24);
	expect_failed(PL0, RUNTIME_GLOBAL_WDT_EXPIRED);
	assert_int_equal(dev.fw.phase, FW_HALTED);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 RUNTIME_GLOBAL_WDT_EXPIRED);
}

static void extended_answer_over_axi(void **unused)
{
	(void)unused;
	boot_subsystem("2.1");
	assert_int_equal(certify_extended(PL0, EXTENDED_OUTSIDE, 25164),
			 RUNTIME_GLOBAL_WDT_EXPIRED);
	assert_int_equal(dev.fw.phase, FW_HALTED);
	/* in 2.0 nothing goes that way */
	boot_subsystem("2.0");
	assert_int_equal(certify_extended(PL0, EXTENDED_OUTSIDE, 0), 0);
	outside(0);
	expect_done(PL0, 32);
}

/* What the DPE has answered is there, and after it as many zeros as fill a word. */
static void expect_in_memory(const uint8_t *memory, uint32_t len)
{
	assert_int_equal(status, MBOX_STATUS_CMD_COMPLETE);
	assert_int_equal(wire_get_le32(memory + 4), FIPS_STATUS_APPROVED);
	assert_int_equal(wire_get_le32(memory + 8), len);
	assert_int_equal(wire_get_le32(memory),
			 caliptra_checksum(0, memory + 4, 8 + len));
	assert_int_equal(wire_get_le32(memory + 12), 0x44504552);
	assert_int_equal(wire_get_le32(memory + 16), 0);
	for (; len % 4; len++)
		assert_int_equal(memory[12 + len], 0);
	assert_int_equal(memory[12 + len], 0xee);
}

static void answers_in_memory(void **unused)
{
	const uint32_t certificate = BUS_STAGING_BASE + 0x400;
	uint8_t body[16 + 72] = { 0 };
	uint8_t *memory;

	(void)unused;
	boot_subsystem("2.1");
	memory = dev.subsystem->staging;
	memset(memory, 0xee, 0x10000);
	outside(44);
	wire_put_le32(command + 4, BUS_STAGING_BASE);
	wire_put_le32(command + size_at, 12);
	assert_int_equal(run(PL0, invoke_code(), command, command_len), 0);
	expect_in_memory(memory, 32);
	wire_put_le32(body, EXTENDED_OUTSIDE);
	wire_put_le32(body + 4, certificate);
	wire_put_le32(body + 12, 25164);
	assert_int_equal(run(PL0, CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_MLDSA87,
			     body, sizeof(body)),
			 0);
	memory += certificate - BUS_STAGING_BASE;
	expect_in_memory(memory, wire_get_le32(memory + 8));
	assert_in_range(wire_get_le32(memory + 8), 8000, 25152);
	/* it has to be all there, and a word of its own */
	wire_put_le32(command + 4, BUS_STAGING_BASE + BUS_STAGING_SIZE - 40);
	assert_int_equal(run(PL0, invoke_code(), command, command_len),
			 RUNTIME_GLOBAL_WDT_EXPIRED);
	boot_subsystem("2.1");
	wire_put_le32(command + 4, BUS_STAGING_BASE + 2);
	assert_int_equal(run(PL0, invoke_code(), command, command_len),
			 RUNTIME_GLOBAL_WDT_EXPIRED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MLDSA(signatures_are_over_mu),
		MLDSA(signatures_refused),
		MLDSA(both_have_one_tree),
		MLDSA(exported_cdi_signs),
		MLDSA(exported_cdi_signs_not),
		MLDSA(exported_cdi_is_of_both),
		MLDSA(generation_2_0),
		MLDSA(not_in_1_2),
		MLDSA(longest_certificates),
		MLDSA(without_attestation),
		MLDSA(small_mailbox),
		MLDSA(answers_over_axi),
		MLDSA(extended_answer_over_axi),
		MLDSA(answers_in_memory),
	};

	return cmocka_run_group_tests_name("dpe_mldsa", tests, NULL, NULL);
}
