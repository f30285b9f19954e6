// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the DPE's commands through INVOKE_DPE_ECC384 and INVOKE_DPE_MLDSA87, and the
 * commands of the mailbox around them (caliptra-sw runtime/src and runtime/tests/runtime_integration_tests).
 */
#include "dpe_door.h"

static void profile_is_told_to_anybody(void **unused)
{
	(void)unused;
	begin(CALIPTRA_DPE_COMMAND_GET_PROFILE);
	wire_put_le32(command + size_at + 12, 0x99);
	expect_done(PL1, 32);
	expect_hex(dpe + 12, "00000d004152544341525443"
			     "40000000"
			     "00006cee");
}

static void header_has_to_be_right(void **unused)
{
	const uint32_t error = RUNTIME_DPE_COMMAND_DESERIALIZATION_FAILED;

	(void)unused;
	/* the other profile */
	initialize(SIMULATION);
	command[size_at + 12] ^= 4 ^ 5;
	expect_failed(PL0, error);
	initialize(SIMULATION);
	command[size_at + 4] ^= 1;
	expect_failed(PL0, error);
	begin(0x11);
	expect_failed(PL0, error);
	begin(CALIPTRA_DPE_COMMAND_INITIALIZE_CONTEXT);
	expect_failed(PL0, error);
	command_len = size_at + 8;
	expect_failed(PL0, error);
	/* more than there is room for, in the message and in the mailbox's buffer */
	initialize(SIMULATION);
	wire_put_le32(command + size_at, 513);
	assert_int_equal(run(PL0, invoke_code(), command, command_len),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(run(PL0, invoke_code(), command, size_at + 517),
			 RUNTIME_INSUFFICIENT_MEMORY);
	/* nothing at all, and so no command either */
	assert_int_equal(run(PL0, invoke_code(), NULL, 0), error);
}

/* Bytes that are counted and do not travel are zero; more after a command are none of it. */
static void requests_may_be_cut_short(void **unused)
{
	(void)unused;
	rotate(dpe_default_handle, 0);
	wire_put_le32(command + size_at, 200);
	assert_int_equal(run(PL0, invoke_code(), command, command_len), 0);
	assert_int_equal(dpe_status(), 0);
}

/* In 2.0 they have to travel. */
static void requests_of_2_0_may_not(void **unused)
{
	static const uint8_t none[32];

	(void)unused;
	device_release(&dev);
	boot("2.0");
	rotate(dpe_default_handle, 0);
	wire_put_le32(command + size_at, command_len - size_at - 4 + 1);
	assert_int_equal(run(PL0, invoke_code(), command, command_len),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_memory_equal(dev.fw.dpe.context[1].handle, dpe_default_handle,
			    16);
	assert_int_equal(run(PL0, invoke_code(), none, size_at),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(run(PL0, invoke_code(), none, size_at + 4),
			 RUNTIME_DPE_COMMAND_DESERIALIZATION_FAILED);
	rotate(dpe_default_handle, 0);
	expect_done(PL0, 28);
}

static void contexts_are_derived(void **unused)
{
	uint8_t parent[DPE_HANDLE_SIZE];
	const struct dpe_context *c;

	(void)unused;
	derive_context(dpe_default_handle, X509_TOO | EXPORTER, 0x41, 0, 9);
	expect_done(PL0, 44);
	c = &dev.fw.dpe.context[2];
	assert_memory_equal(dpe + 12, c->handle, 16);
	assert_memory_not_equal(dpe + 12, dpe_default_handle, 16);
	assert_memory_equal(dpe + 28, dpe_invalid_handle, 16);
	assert_int_equal(c->svn, 9);
	assert_int_equal(c->locality, PL0);
	derive_context(dpe + 12, RETAIN | X509_TOO, 0x42, 0, 0);
	expect_done(PL0, 44);
	memcpy(parent, dpe + 28, sizeof(parent));
	assert_memory_equal(parent, c->handle, 16);
	derive_context(parent, RETAIN, 0x42, 0, 0);
	expect_refused(PL0, 3);
	derive_context(dpe_default_handle, 0, 0x43, 0, 0);
	expect_refused(PL0, 0x1000);
	derive_context(parent, 0, 0x43, 0, 0);
	expect_refused(PL1, 0x1001);
	derive_context(parent, RETAIN | MOVE | DEFAULT, 0x43, PL1, 0);
	expect_done(PL0, 44);
	assert_memory_equal(dpe + 12, dpe_default_handle, 16);
	rotate(dpe_default_handle, 0);
	expect_done(PL1, 28);
	destroy(dpe + 12);
	expect_done(PL1, 12);
	assert_int_equal(dpe_count_used(&dev.fw.dpe, false), 0);
}

static void measurement_by_right_of_the_parent(void **unused)
{
	uint8_t data[SHA384_SIZE] = { 1, 2, 3 };
	uint8_t parent[DPE_HANDLE_SIZE];

	(void)unused;
	derive_context(dpe_default_handle, 0, 0x41, 0, 0);
	expect_done(PL0, 44);
	derive_context(dpe + 12, RETAIN, 0x42, 0, 0);
	expect_done(PL0, 44);
	memcpy(parent, dpe + 28, sizeof(parent));
	begin(CALIPTRA_DPE_COMMAND_UPDATE_CONTEXT_MEASUREMENT);
	put_bytes(parent, sizeof(parent));
	put_bytes(data, sizeof(data));
	put32(0);
	put32(0x42);
	put32(0);
	expect_refused(PL1, 0x85);
	expect_done(PL0, 44);
	assert_memory_equal(dpe + 12, dev.fw.dpe.context[3].handle, 16);
	assert_memory_equal(dpe + 28, dev.fw.dpe.context[2].handle, 16);
	assert_memory_equal(dev.fw.dpe.context[3].tci_current, data, 48);
}

/* Level 1 gets no X.509 certificates, and gives and exports nothing. */
static void level_1_may_less(void **unused)
{
	const uint32_t error = RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;

	(void)unused;
	derive_context(dpe_default_handle, RETAIN | MOVE | X509_TOO | EXPORTER,
		       1, PL1, 0);
	expect_done(PL0, 44);
	certify_key(dpe + 12, FORMAT_X509);
	expect_failed(PL1, error);
	derive_context(dev.fw.dpe.context[2].handle, EXPORT, 2, 0, 0);
	expect_failed(PL1, error);
	derive_context(dev.fw.dpe.context[2].handle, MOVE, 2, PL0, 0);
	expect_failed(PL1, error);
	certify_key(dev.fw.dpe.context[2].handle, FORMAT_CSR);
	assert_int_equal(invoke_as(PL1), 0);
	assert_int_equal(dpe_status(), 0);
}

/* A context counts against the limit of whom it is for. */
static void limits_of_both_levels(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < 32; i++) {
		initialize(SIMULATION);
		expect_done(PL1, 28);
	}
	expect_failed(PL1, RUNTIME_PL1_USED_DPE_CONTEXT_THRESHOLD_REACHED);
	derive_context(dpe_default_handle, RETAIN | MOVE, 1, PL1, 0);
	expect_failed(PL0, RUNTIME_PL1_USED_DPE_CONTEXT_THRESHOLD_REACHED);
	initialize(CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_DEFAULT);
	expect_refused(PL1, 4);
	for (i = 2; i < 32; i++) {
		derive_context(dpe_default_handle, DEFAULT | X509_TOO, i, 0, 0);
		expect_done(PL0, 44);
	}
	derive_context(dpe_default_handle, DEFAULT, 32, 0, 0);
	expect_failed(PL0, RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED);
	/* adding needs no room */
	derive_context(dpe_default_handle, RECURSIVE, 31, 0, 0);
	expect_refused(PL0, 3);
}

static uint32_t reallocate(uint32_t user, uint32_t pl0)
{
	uint8_t body[4];

	wire_put_le32(body, pl0);
	return run(user, CALIPTRA_CMD_REALLOCATE_DPE_CONTEXT_LIMITS, body, 4);
}

static void limits_are_reallocated(void **unused)
{
	unsigned int i;

	(void)unused;
	assert_int_equal(reallocate(PL1, 40),
			 RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	assert_int_equal(reallocate(PL0, 1),
			 RUNTIME_REALLOCATE_DPE_CONTEXTS_PL0_LESS_THAN_MIN);
	assert_int_equal(reallocate(PL0, 65),
			 RUNTIME_REALLOCATE_DPE_CONTEXTS_PL0_GREATER_THAN_MAX);
	assert_int_equal(reallocate(PL0, 0xffffffff),
			 RUNTIME_REALLOCATE_DPE_CONTEXTS_PL0_GREATER_THAN_MAX);
	assert_int_equal(reallocate(PL0, 62), 0);
	assert_int_equal(wire_get_le32(answer + 8), 62);
	assert_int_equal(wire_get_le32(answer + 12), 2);
	for (i = 0; i < 2; i++) {
		initialize(SIMULATION);
		expect_done(PL1, 28);
	}
	expect_failed(PL1, RUNTIME_PL1_USED_DPE_CONTEXT_THRESHOLD_REACHED);
	assert_int_equal(reallocate(PL0, 63),
			 RUNTIME_REALLOCATE_DPE_CONTEXTS_PL1_LESS_THAN_USED);
	derive_context(dpe_default_handle, DEFAULT, 1, 0, 0);
	expect_done(PL0, 44);
	assert_int_equal(reallocate(PL0, 2),
			 RUNTIME_REALLOCATE_DPE_CONTEXTS_PL0_LESS_THAN_USED);
	assert_int_equal(reallocate(PL0, 3), 0);
}

static void chain_comes_in_parts(void **unused)
{
	const struct fw_chains *chains = &dev.fw.chains;
	const uint8_t *whole = is_mldsa() ? chains->mldsa : chains->ecc;
	size_t len = is_mldsa() ? chains->mldsa_len : chains->ecc_len;
	const struct cert_der *ldevid = is_mldsa() ? &dev.fw.mldsa.ldevid_cert :
						     &dev.fw.ldevid_cert;
	static uint8_t chain[FW_MLDSA_CHAIN_SIZE];
	uint8_t byte;

	(void)unused;
	assert_int_equal(read_chain(chain), len);
	assert_memory_equal(chain, whole, len);
	assert_memory_equal(chain, ldevid->bytes, ldevid->len);
	get_chain(5, 1);
	expect_done(PL0, 2064);
	byte = dpe[16];
	assert_int_equal(wire_get_le32(dpe + 12), 1);
	assert_int_equal(byte, chain[5]);
	assert_int_equal(dpe[17], 0);
	get_chain(0, 2049);
	expect_refused(PL0, 3);
	get_chain((uint32_t)len, 1);
	expect_refused(PL0, 0x01000001);
	get_chain(0xffffffff, 2048);
	expect_refused(PL0, 0x01000001);
}

static void chain_is_populated(void **unused)
{
	size_t len = dev.fw.chains.ecc_len;
	static uint8_t chain[FW_MLDSA_CHAIN_SIZE];

	(void)unused;
	assert_int_equal(run(PL1, CALIPTRA_CMD_POPULATE_IDEV_ECC384_CERT,
			     &(uint32_t){ 0 }, 4),
			 RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	/* lengths come before privileges */
	assert_int_equal(run(PL1, CALIPTRA_CMD_POPULATE_IDEV_ECC384_CERT,
			     &(uint32_t){ 1025 }, 4),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(run(PL1, CALIPTRA_CMD_POPULATE_IDEV_ECC384_CERT, chain,
			     4 + 1025),
			 RUNTIME_INSUFFICIENT_MEMORY);
	populate(1025, 0, RUNTIME_MAILBOX_INVALID_PARAMS);
	populate(1000, 0xaa, 0);
	populate(500, 0xbb, 0);
	assert_int_equal(read_chain(chain), len + 1500);
	assert_int_equal(chain[0], 0xbb);
	assert_int_equal(chain[499], 0xbb);
	assert_int_equal(chain[500], 0xaa);
	assert_int_equal(chain[1499], 0xaa);
	assert_memory_equal(chain + 1500, dev.fw.ldevid_cert.bytes, 100);
	populate(1024, 0xcc, RUNTIME_IDEV_CERT_POPULATION_FAILED);
	assert_int_equal(read_chain(chain), len + 1500);
}

static void certification_refused(void **unused)
{
	(void)unused;
	certify_key(dpe_default_handle, 2);
	expect_refused(PL0, 3);
	certify_key(dpe_invalid_handle, FORMAT_X509);
	expect_refused(PL0, 0x1000);
	certify_key(dpe_default_handle, FORMAT_CSR);
	expect_refused(PL1, 0x1001);
	derive_context(dpe_default_handle, 0, 1, 0, 0);
	expect_done(PL0, 44);
	certify_key(dpe + 12, FORMAT_X509);
	expect_refused(PL0, 3);
	/* a new handle each time */
	certify_key(dev.fw.dpe.context[2].handle, FORMAT_CSR);
	assert_int_equal(invoke_as(PL0), 0);
	assert_memory_equal(dpe + 12, dev.fw.dpe.context[2].handle, 16);
	expect_refused(PL0, 0x1000);
}

static void signature(struct ecdsa384_signature *sig)
{
	memcpy(sig->r, dpe + 28, 48);
	memcpy(sig->s, dpe + 76, 48);
}

/* Label and measurements make the key; a signature is by the key that is certified. */
static void signatures(void **unused)
{
	const uint8_t digest[SHA384_SIZE] = { 0xd1 };
	struct ecdsa384_signature sig;
	uint8_t point[P384_POINT_SIZE] = { 4 };

	(void)unused;
	certify_key(dpe_default_handle, FORMAT_CSR);
	assert_int_equal(invoke_as(PL0), 0);
	memcpy(point + 1, dpe + 28, 96);
	sign(dpe_default_handle, digest);
	expect_done(PL0, 124);
	signature(&sig);
	assert_int_equal(crypto_ecdsa384_verify(point, digest, &sig),
			 ECDSA384_GOOD);
	label[3] ^= 1;
	sign(dpe_default_handle, digest);
	expect_done(PL0, 124);
	signature(&sig);
	assert_int_equal(crypto_ecdsa384_verify(point, digest, &sig),
			 ECDSA384_BAD);
	label[3] ^= 1;
	derive_context(dpe_default_handle, RECURSIVE, DPE_TCI_CCIV, 0, 0);
	expect_done(PL0, 44);
	sign(dpe_default_handle, digest);
	expect_done(PL0, 124);
	signature(&sig);
	assert_int_equal(crypto_ecdsa384_verify(point, digest, &sig),
			 ECDSA384_BAD);
	initialize(SIMULATION);
	expect_done(PL1, 28);
	sign(dev.fw.dpe.context[2].handle, digest);
	expect_refused(PL1, 3);
}

static void sign_well(const uint8_t point[P384_POINT_SIZE])
{
	const uint8_t digest[SHA384_SIZE] = { 0xd1 };
	struct ecdsa384_signature sig;

	sign(dpe_default_handle, digest);
	expect_done(PL0, 124);
	signature(&sig);
	assert_int_equal(crypto_ecdsa384_verify(point, digest, &sig),
			 ECDSA384_GOOD);
}

static void certified_point(uint8_t point[P384_POINT_SIZE])
{
	point[0] = 4;
	certify_key(dpe_default_handle, FORMAT_CSR);
	assert_int_equal(invoke_as(PL0), 0);
	memcpy(point + 1, dpe + 28, 96);
}

/* The key that was derived last stays, whoever wants it with its public key or without. */
static void key_is_kept(void **unused)
{
	const struct dpe_kept_key *kept = &dev.fw.dpe_key;
	uint8_t point[P384_POINT_SIZE], other[P384_POINT_SIZE];
	const uint8_t digest[SHA384_SIZE] = { 1 };
	const EVP_PKEY *key;

	(void)unused;
	assert_null(kept->key);
	sign(dpe_default_handle, digest);
	expect_done(PL0, 124);
	key = kept->key;
	assert_non_null(key);
	assert_false(kept->has_public);
	sign(dpe_default_handle, digest);
	expect_done(PL0, 124);
	assert_ptr_equal(kept->key, key);
	certified_point(point);
	assert_true(kept->has_public);
	key = kept->key;
	sign_well(point);
	certified_point(other);
	assert_memory_equal(other, point, sizeof(point));
	assert_ptr_equal(kept->key, key);

	label[47] ^= 1;
	certified_point(other);
	assert_memory_not_equal(other, point, sizeof(point));
	sign_well(other);
	label[47] ^= 1;
	sign_well(point);
	certified_point(other);
	assert_memory_equal(other, point, sizeof(point));
	/* nobody else gets it */
	initialize(SIMULATION);
	expect_done(PL1, 28);
	certified_point(point);
	certify_key(dev.fw.dpe.context[2].handle, FORMAT_CSR);
	assert_int_equal(invoke_as(PL1), 0);
	assert_memory_not_equal(dpe + 28, point + 1, 96);
	sign_well(point);
}

static void expect_forgotten(void)
{
	static const struct dpe_kept_key none;
	const uint8_t digest[SHA384_SIZE] = { 1 };

	assert_memory_equal(&dev.fw.dpe_key, &none, sizeof(none));
	sign(dpe_default_handle, digest);
	expect_done(PL0, 124);
	assert_non_null(dev.fw.dpe_key.key);
}

/* Whatever may change a key or its context wipes it. */
static void key_is_forgotten(void **unused)
{
	uint8_t stash[4 + 48 + 48 + 4] = { 'S' };
	uint8_t handle[DPE_HANDLE_SIZE];

	(void)unused;
	expect_forgotten();
	assert_int_equal(run(PL0, CALIPTRA_CMD_STASH_MEASUREMENT, stash,
			     sizeof(stash)),
			 0);
	expect_forgotten();
	initialize(SIMULATION);
	expect_done(PL1, 28);
	memcpy(handle, dpe + 12, sizeof(handle));
	expect_forgotten();
	rotate(handle, 0);
	expect_done(PL1, 28);
	memcpy(handle, dpe + 12, sizeof(handle));
	expect_forgotten();
	destroy(handle);
	expect_done(PL1, 12);
	expect_forgotten();
	derive_context(dpe_default_handle, DEFAULT, 7, 0, 0);
	expect_done(PL0, 44);
	expect_forgotten();
	device_reset(&dev, DEVICE_RESET_UPDATE);
	assert_null(dev.fw.dpe_key.key);
	device_run(&dev);
	expect_forgotten();
	assert_int_equal(run(PL0, CALIPTRA_CMD_DISABLE_ATTESTATION, NULL, 0),
			 0);
	expect_forgotten();
	firmware_fatal(&dev.fw, 1);
	assert_null(dev.fw.dpe_key.key);
}

static uint32_t sign_exported(uint32_t user, const uint8_t digest[48])
{
	uint8_t body[32 + 48];

	memcpy(body, cdi_handle, 32);
	memcpy(body + 32, digest, 48);
	return run(user, CALIPTRA_CMD_SIGN_WITH_EXPORTED_ECDSA, body,
		   sizeof(body));
}

static uint32_t revoke(uint32_t user)
{
	return run(user, CALIPTRA_CMD_REVOKE_EXPORTED_CDI_HANDLE, cdi_handle,
		   sizeof(cdi_handle));
}

static void exported_cdi_signs(void **unused)
{
	const uint8_t digest[SHA384_SIZE] = { 0xd2 };
	uint8_t point[P384_POINT_SIZE] = { 4 };
	struct ecdsa384_signature sig;
	uint8_t certified_point[P384_POINT_SIZE];
	X509 *cert;

	(void)unused;
	assert_int_equal(
		sign_exported(PL0, digest),
		RUNTIME_SIGN_WITH_EXPORTED_ECDSA_KEY_DERIVIATION_FAILED);
	cert = export_cdi(RETAIN);
	assert_int_equal(sign_exported(PL1, digest),
			 RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	assert_int_equal(sign_exported(PL0, digest), 0);
	assert_int_equal(answer_len, 200);
	crypto_p384_point(X509_get0_pubkey(cert), certified_point);
	memcpy(point + 1, answer + 8, 96);
	assert_memory_equal(point, certified_point, sizeof(point));
	memcpy(sig.r, answer + 104, 48);
	memcpy(sig.s, answer + 152, 48);
	assert_int_equal(crypto_ecdsa384_verify(point, digest, &sig),
			 ECDSA384_GOOD);
	assert_int_equal(run(PL0, CALIPTRA_CMD_SIGN_WITH_EXPORTED_ECDSA, point,
			     79),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	assert_int_equal(run(PL0, CALIPTRA_CMD_REVOKE_EXPORTED_CDI_HANDLE,
			     point, 33),
			 RUNTIME_MAILBOX_INVALID_PARAMS);
	/* one at a time */
	derive_context(dpe_default_handle, EXPORT, 0x56, 0, 0);
	expect_refused(PL0, 0x02000007);
	assert_int_equal(revoke(PL1), RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
	cdi_handle[0] ^= 1;
	assert_int_equal(revoke(PL0),
			 RUNTIME_REVOKE_EXPORTED_CDI_HANDLE_NOT_FOUND);
	cdi_handle[0] ^= 1;
	assert_int_equal(revoke(PL0), 0);
	assert_int_equal(
		sign_exported(PL0, digest),
		RUNTIME_SIGN_WITH_EXPORTED_ECDSA_KEY_DERIVIATION_FAILED);
	X509_free(cert);
	X509_free(export_cdi(RETAIN));
}

/* Without RETAIN the exporter is gone, and the contexts above with it. */
static void exporter_is_destroyed(void **unused)
{
	X509 *cert;

	(void)unused;
	cert = export_cdi(0);
	X509_free(cert);
	assert_memory_equal(dpe + 28, dpe_invalid_handle, 16);
	assert_int_equal(dpe_count_used(&dev.fw.dpe, true), 0);
	derive_context(dpe_default_handle, 0, 1, 0, 0);
	expect_refused(PL0, 0x1001);
}

/* With another child it is retired. */
static void exporter_is_retired(void **unused)
{
	(void)unused;
	derive_context(dpe_default_handle, RETAIN | MOVE, 1, PL1, 0);
	expect_done(PL0, 44);
	X509_free(export_cdi(0));
	assert_memory_equal(dpe + 28, dpe_invalid_handle, 16);
	assert_int_equal(dev.fw.dpe.context[1].state, DPE_RETIRED);
	assert_int_equal(dpe_count_used(&dev.fw.dpe, true), 2);
}

/* What a wrong size is answered with, by whoever asks. */
static const struct {
	uint32_t code;
	uint32_t size;
	uint32_t error;
} sized[] = {
	{ CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_ECC384, 76,
	  RUNTIME_INSUFFICIENT_MEMORY },
	{ CALIPTRA_CMD_CERTIFY_KEY_EXTENDED_MLDSA87, 88,
	  RUNTIME_INSUFFICIENT_MEMORY },
	{ CALIPTRA_CMD_SIGN_WITH_EXPORTED_ECDSA, 80,
	  RUNTIME_MAILBOX_INVALID_PARAMS },
	{ CALIPTRA_CMD_SIGN_WITH_EXPORTED_MLDSA, 1064,
	  RUNTIME_MAILBOX_INVALID_PARAMS },
	{ CALIPTRA_CMD_REVOKE_EXPORTED_CDI_HANDLE, 32,
	  RUNTIME_MAILBOX_INVALID_PARAMS },
	{ CALIPTRA_CMD_REALLOCATE_DPE_CONTEXT_LIMITS, 4,
	  RUNTIME_INSUFFICIENT_MEMORY },
};

static void sizes_come_before_privileges(void **unused)
{
	static const uint8_t body[2048];
	const uint32_t privilege = RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(sized); i++) {
		assert_int_equal(run(PL1, sized[i].code, body, sized[i].size),
				 privilege);
		assert_int_equal(run(PL1, sized[i].code, body,
				     sized[i].size - 1),
				 sized[i].error);
		assert_int_equal(run(PL1, sized[i].code, body,
				     sized[i].size + 1),
				 sized[i].error);
	}
	/* not so since 2.0 */
	assert_int_equal(run(PL1, CALIPTRA_CMD_STASH_MEASUREMENT, body, 103),
			 privilege);
	device_release(&dev);
	boot("1.2");
	assert_int_equal(run(PL1, CALIPTRA_CMD_STASH_MEASUREMENT, body, 103),
			 RUNTIME_INSUFFICIENT_MEMORY);
	assert_int_equal(run(PL1, CALIPTRA_CMD_STASH_MEASUREMENT, body, 104),
			 privilege);
}

static uint32_t get_tagged(uint32_t value)
{
	uint8_t body[4];

	wire_put_le32(body, value);
	return run(PL1, CALIPTRA_CMD_DPE_GET_TAGGED_TCI, body, sizeof(body));
}

static void tags(void **unused)
{
	const struct dpe_context *c = &dev.fw.dpe.context[1];

	(void)unused;
	assert_int_equal(get_tagged(0), RUNTIME_TAGGING_FAILURE);
	assert_int_equal(tag(PL1, dpe_default_handle, 77),
			 RUNTIME_TAGGING_FAILURE);
	assert_int_equal(tag(PL0, dpe_invalid_handle, 77),
			 RUNTIME_TAGGING_FAILURE);
	assert_int_equal(tag(PL0, dpe_default_handle, 77), 0);
	assert_int_equal(tag(PL0, dpe_default_handle, 77),
			 RUNTIME_DUPLICATE_TAG);
	assert_int_equal(tag(PL0, dpe_default_handle, 78),
			 RUNTIME_CONTEXT_ALREADY_TAGGED);
	assert_int_equal(get_tagged(77), 0);
	assert_int_equal(answer_len, 108);
	assert_memory_equal(answer + 8, c->tci_cumulative, 48);
	assert_memory_equal(answer + 56, c->tci_current, 48);
	assert_int_equal(wire_get_le32(answer + 104), 0);
	/* a retired context keeps its tag, a destroyed one does not */
	derive_context(dpe_default_handle, DEFAULT, 1, 0, 0);
	expect_done(PL0, 44);
	assert_int_equal(get_tagged(77), 0);
	destroy(dpe_default_handle);
	expect_done(PL0, 12);
	assert_int_equal(get_tagged(77), RUNTIME_TAGGING_FAILURE);
}

/* The answer has all the room that there is for a certificate. */
static X509 *export_cdi_1x(void)
{
	derive_context(dpe_default_handle, EXPORT | RETAIN, 0x55, 0, 0);
	expect_done(PL0, 80 + 6144);
	memcpy(cdi_handle, dpe + 44, sizeof(cdi_handle));
	return parse_cert(dpe + 80, wire_get_le32(dpe + 76));
}

static void older_generations(void **unused)
{
	(void)unused;
	device_release(&dev);
	boot("2.0");
	assert_int_equal(reallocate(PL0, 33),
			 RUNTIME_REALLOCATE_DPE_CONTEXTS_PL0_GREATER_THAN_MAX);
	assert_int_equal(reallocate(PL0, 32), 0);
	assert_int_equal(wire_get_le32(answer + 12), 0);
	initialize(SIMULATION);
	expect_failed(PL1, RUNTIME_PL1_USED_DPE_CONTEXT_THRESHOLD_REACHED);
	device_release(&dev);
	boot("1.2");
	assert_int_equal(reallocate(PL0, 20), 0);
	assert_int_equal(wire_get_le32(answer + 12), 12);
	X509_free(export_cdi_1x());
	assert_int_equal(revoke(PL0), 0);
	/* without a security version */
	assert_int_equal(tag(PL0, dpe_default_handle, 1), 0);
	assert_int_equal(get_tagged(1), 0);
	assert_int_equal(answer_len, 104);
}

static uint32_t stash(uint32_t type)
{
	uint8_t body[104] = { 0 };

	wire_put_le32(body, type);
	body[4] = 0x77;
	assert_int_equal(run(PL0, CALIPTRA_CMD_STASH_MEASUREMENT, body,
			     sizeof(body)),
			 0);
	return wire_get_le32(answer + 8);
}

/* Where there is no default context, the DPE refuses and the mailbox does not. */
static void stash_without_a_default_context(void **unused)
{
	uint8_t pcr[SHA384_SIZE];

	(void)unused;
	memcpy(pcr, dev.fw.pcrs.value[31], sizeof(pcr));
	rotate(dpe_default_handle, 0);
	expect_done(PL0, 28);
	assert_int_equal(stash(5), 0x1000);
	assert_memory_equal(dev.fw.pcrs.value[31], pcr, sizeof(pcr));
}

/* A simulated context beside it: 2.0 adds to what is there, if it is of that type. */
static void stash_beside_a_simulated_context(void **unused)
{
	(void)unused;
	initialize(SIMULATION);
	expect_done(PL0, 28);
	assert_int_equal(stash(5), 3);
	device_release(&dev);
	boot("2.0");
	assert_int_equal(stash(5), 0);
	initialize(SIMULATION);
	expect_done(PL0, 28);
	assert_int_equal(stash(6), 3);
	assert_int_equal(stash(5), 0);
	assert_int_equal(dpe_count_used(&dev.fw.dpe, true), 4);
	assert_int_equal(dev.fw.dpe.context[2].tci_current[0], 0x77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(profile_is_told_to_anybody),
		BOTH(header_has_to_be_right),
		BOTH(requests_may_be_cut_short),
		BOTH(requests_of_2_0_may_not),
		BOTH(contexts_are_derived),
		BOTH(measurement_by_right_of_the_parent),
		BOTH(level_1_may_less),
		BOTH(limits_of_both_levels),
		TEST(limits_are_reallocated),
		BOTH(chain_comes_in_parts),
		TEST(chain_is_populated),
		BOTH(certification_refused),
		TEST(signatures),
		TEST(key_is_kept),
		TEST(key_is_forgotten),
		TEST(exported_cdi_signs),
		BOTH(exporter_is_destroyed),
		BOTH(exporter_is_retired),
		TEST(sizes_come_before_privileges),
		BOTH(tags),
		TEST(older_generations),
		TEST(stash_without_a_default_context),
		TEST(stash_beside_a_simulated_context),
	};

	return cmocka_run_group_tests_name("cmd_dpe", tests, NULL, NULL);
}
