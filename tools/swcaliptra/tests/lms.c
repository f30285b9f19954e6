// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests LMS by known answers, and what the firmware says of signatures that it
 * does not take (caliptra-sw drivers/src/lms.rs).
 */
#include "bundles.h"

#include <stdlib.h>

#include "lms_vectors.h"

/* Bytes of a string of hexadecimal digits. */
struct bytes {
	size_t len;
	uint8_t at[4096];
};

static struct bytes from_hex(const char *hex)
{
	struct bytes b = { .len = strlen(hex) / 2 };

	assert_true(b.len <= sizeof(b.at));
	unhex(hex, b.at, b.len);
	return b;
}

/* Every byte of the signature matters, and of the key and the message too. */
static void expect_signature(const char *key_hex, struct bytes message,
			     const char *sig_hex)
{
	struct bytes key = from_hex(key_hex);
	struct bytes sig = from_hex(sig_hex);
	size_t i;

	assert_int_equal(lms_verify(key.at, key.len, message.at, message.len,
				    sig.at, sig.len),
			 LMS_GOOD);
	for (i = 0; i < sig.len; i += i < 48 ? 1 : 37) {
		sig.at[i] ^= 1;
		assert_int_equal(lms_verify(key.at, key.len, message.at,
					    message.len, sig.at, sig.len),
				 LMS_BAD);
		sig.at[i] ^= 1;
	}
	for (i = 0; i < key.len; i++) {
		key.at[i] ^= 0x80;
		assert_int_equal(lms_verify(key.at, key.len, message.at,
					    message.len, sig.at, sig.len),
				 LMS_BAD);
		key.at[i] ^= 0x80;
	}
	assert_int_equal(lms_verify(key.at, key.len, message.at,
				    message.len - 1, sig.at, sig.len),
			 LMS_BAD);
	for (i = 0; i < 2; i++) {
		assert_int_equal(lms_verify(key.at, key.len - 1 + 2 * i,
					    message.at, message.len, sig.at,
					    sig.len),
				 LMS_BAD);
		assert_int_equal(lms_verify(key.at, key.len, message.at,
					    message.len, sig.at,
					    sig.len - 1 + 2 * i),
				 LMS_BAD);
	}
	for (i = 0; i < 8; i++)
		assert_int_equal(lms_verify(key.at, i, message.at, message.len,
					    sig.at, sig.len),
				 LMS_BAD);
}

static void verify_by_known_answer(void **unused)
{
	struct bytes upper_message = from_hex(rfc8554_lower_key);

	(void)unused;
	expect_signature(rfc8554_lower_key, from_hex(rfc8554_message),
			 rfc8554_lower_signature);
	/* of two trees, the upper one signs the public key of the lower */
	expect_signature(rfc8554_upper_key, upper_message,
			 rfc8554_upper_signature);
	expect_signature(m24_h15_key, from_hex(m24_h15_message),
			 m24_h15_signature);
}

static struct lms_private_key *generate(uint32_t lms_type, uint32_t lmots_type,
					const char *id, const char *seed)
{
	struct lms_private_key *key = calloc(1, sizeof(*key));

	assert_non_null(key);
	key->lms_type = lms_type;
	key->lmots_type = lmots_type;
	unhex(id, key->id, sizeof(key->id));
	unhex(seed, key->seed, strlen(seed) / 2);
	assert_int_equal(lms_generate(key), 0);
	assert_true(lms_nodes_match(key));
	return key;
}

/* RFC 9858 appendix A.1: key pair and signature. */
static void rfc9858(void **unused)
{
	struct lms_private_key *key =
		generate(10, 8, "202122232425262728292a2b2c2d2e2f",
			 "000102030405060708090a0b0c0d0e0f1011121314151617");
	struct bytes message = from_hex(rfc9858_message);
	struct bytes want = from_hex(rfc9858_signature);
	uint8_t sig[4096];
	uint8_t pub[LMS_MAX_KEY_SIZE];

	(void)unused;
	expect_hex(key->root,
		   "2c571450aed99cfb4f4ac285da14882796618314508b12d2");
	assert_int_equal(lms_public_key(key, pub), 48);
	expect_hex(pub, "0000000a00000008202122232425262728292a2b2c2d2e2f"
			"2c571450aed99cfb4f4ac285da14882796618314508b12d2");
	assert_int_equal(
		lms_sign(key, 5, want.at + 8, message.at, message.len, sig), 0);
	assert_memory_equal(sig, want.at, want.len);
	assert_int_equal(lms_verify(pub, 48, message.at, message.len, sig,
				    want.len),
			 LMS_GOOD);
	assert_int_equal(lms_sign(key, 32, want.at + 8, message.at, message.len,
				  sig),
			 -1);
	free(key);
}

/* RFC 8554 appendix F, test case 2: private keys of both trees, and their roots. */
static void rfc8554_keys(void **unused)
{
	struct lms_private_key *key;

	(void)unused;
	key = generate(
		6, 3, "d08fabd4a2091ff0a8cb4ed834e74534",
		"558b8966c48ae9cb898b423c83443aae014a72f1b1ab5cc85cf1d892903b5439");
	expect_hex(
		key->root,
		"32a58885cd9ba0431235466bff9651c6c92124404d45fa53cf161c28f1ad5a8e");
	free(key);
	key = generate(
		5, 4, "215f83b7ccb9acbcd08db97b0d04dc2b",
		"a1c4696e2608035a886100d05cd99945eb3370731884a8235e2fb3d4d71f2547");
	expect_hex(
		key->root,
		"a1cd035833e0e90059603f26e07ad2aad152338e7a5e5984bcd5f7bb4eba40b7");
	free(key);
}

/* Each type, and leaves on either side of the nodes that are kept. */
static void what_is_signed_verifies(void **unused)
{
	static const struct {
		uint32_t lms_type, lmots_type, q;
	} cases[] = {
		{ 5, 1, 0 },   { 5, 2, 31 },	{ 5, 3, 16 }, { 10, 5, 15 },
		{ 10, 6, 30 }, { 11, 7, 3 },	{ 11, 7, 4 }, { 11, 7, 1023 },
		{ 6, 3, 512 }, { 11, 6, 1022 },
	};
	static const uint8_t nonce[LMS_MAX_N] = { 1, 2, 3 };
	static uint8_t sig[16384];
	uint8_t pub[LMS_MAX_KEY_SIZE];
	struct lms_parameters par;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(cases); i++) {
		struct lms_private_key *key = generate(
			cases[i].lms_type, cases[i].lmots_type,
			"000102030405060708090a0b0c0d0e0f", "ff00ff01");
		size_t key_len = lms_public_key(key, pub);
		size_t len;

		assert_true(
			lms_parameters(key->lms_type, key->lmots_type, &par));
		len = lms_signature_size(&par);
		assert_true(len <= sizeof(sig));
		assert_int_equal(
			lms_sign(key, cases[i].q, nonce, "text", 4, sig), 0);
		assert_int_equal(lms_verify(pub, key_len, "text", 4, sig, len),
				 LMS_GOOD);
		assert_int_equal(lms_verify(pub, key_len, "texT", 4, sig, len),
				 LMS_BAD);
		key->nodes[1][0] ^= 1;
		assert_false(lms_nodes_match(key));
		free(key);
	}
}

static void types(void **unused)
{
	struct lms_parameters par;
	uint32_t lms_type, lmots_type;
	unsigned int known = 0;

	(void)unused;
	for (lms_type = 0; lms_type < 20; lms_type++)
		for (lmots_type = 0; lmots_type < 12; lmots_type++)
			known += lms_parameters(lms_type, lmots_type, &par);
	/* five heights and four widths with each length of a hash */
	assert_int_equal(known, 2 * 5 * 4);
	assert_true(
		lms_parameters(LMS_SHA256_M24_H15, LMOTS_SHA256_N24_W4, &par));
	assert_int_equal(par.n, 24);
	assert_int_equal(par.h, 15);
	assert_int_equal(par.p, 51);
	assert_int_equal(lms_signature_size(&par), LMS_IMAGE_SIG_SIZE);
}

/* A signature of the size that the firmware takes, and what to change in it. */
struct change {
	bool in_key;
	size_t offset;
	uint8_t value;
	uint32_t error;
	bool good;
};

static void as_the_firmware_verifies(void **unused)
{
	static const struct change changes[] = {
		{ false, 0, 0, FW_OK, true },
		{ true, 24, 0xff, FW_OK, false },
		{ false, 100, 0xff, FW_OK, false },
		{ true, 7, 8,
		  DRIVER_LMS_SIGNATURE_LMOTS_DOESNT_MATCH_PUBKEY_LMOTS },
		{ false, 7, 6,
		  DRIVER_LMS_SIGNATURE_LMOTS_DOESNT_MATCH_PUBKEY_LMOTS },
		{ false, 1259, 15, DRIVER_LMS_INVALID_LMS_ALGO_TYPE },
		{ false, 1259, 4, DRIVER_LMS_INVALID_LMS_ALGO_TYPE },
		{ false, 1259, 10, DRIVER_LMS_INVALID_TREE_HEIGHT },
		{ false, 1259, 9, DRIVER_LMS_INVALID_TREE_HEIGHT },
		/* the height is all that the type says */
		{ false, 1259, 7, FW_OK, true },
		{ true, 3, 5, FW_OK, true },
		{ false, 2, 0x80, DRIVER_LMS_INVALID_Q_VALUE },
		{ false, 0, 1, DRIVER_LMS_INVALID_Q_VALUE },
		{ false, 2, 0x7f, FW_OK, false },
	};
	struct bytes message = from_hex(m24_h15_message);
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(changes); i++) {
		struct bytes key = from_hex(m24_h15_key);
		struct bytes sig = from_hex(m24_h15_signature);
		bool good = true;

		(changes[i].in_key ? &key : &sig)->at[changes[i].offset] =
			changes[i].value;
		assert_int_equal(lms_image_verify(key.at, message.at,
						  message.len, sig.at, &good),
				 changes[i].error);
		assert_int_equal(good, changes[i].good);
	}
}

/* Both have the same LM-OTS type, which is not the one that the firmware has. */
static void other_chains(void **unused)
{
	static const struct {
		uint8_t type;
		uint32_t error;
	} cases[] = {
		{ 9, DRIVER_LMS_INVALID_LMOTS_ALGO_TYPE },
		{ 0, DRIVER_LMS_INVALID_PVALUE },
		{ 3, DRIVER_LMS_INVALID_PVALUE },
		{ 6, DRIVER_LMS_INVALID_PVALUE },
		{ 8, DRIVER_LMS_INVALID_PVALUE },
	};
	struct bytes key = from_hex(m24_h15_key);
	struct bytes sig = from_hex(m24_h15_signature);
	bool good = true;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(cases); i++) {
		key.at[7] = cases[i].type;
		sig.at[7] = cases[i].type;
		assert_int_equal(lms_image_verify(key.at, "", 0, sig.at, &good),
				 cases[i].error);
		assert_false(good);
	}
}

/*
 * The command
 */

/* The body of LMS_SIGNATURE_VERIFY, 48 bytes of which are the digest. */
#define VERIFY_BODY   1716
#define BODY_TREE     0
#define BODY_OTS      4
#define BODY_ROOT     24
#define BODY_Q	      48
#define BODY_SIG      52
#define BODY_SIG_TREE 1304
#define BODY_HASH     1668

/* Numbers stand in a request the other way round. */
static void verify_body(uint8_t body[VERIFY_BODY], const uint8_t *key,
			const uint8_t *sig, const uint8_t *hash)
{
	uint8_t *numbers[] = { body + BODY_TREE, body + BODY_OTS, body + BODY_Q,
			       body + BODY_SIG_TREE };
	size_t i;

	memcpy(body, key, LMS_IMAGE_KEY_SIZE);
	memcpy(body + BODY_Q, sig, LMS_IMAGE_SIG_SIZE);
	memcpy(body + BODY_HASH, hash, 48);
	for (i = 0; i < COUNT(numbers); i++)
		wire_put_le32(numbers[i],
			      __builtin_bswap32(wire_get_le32(numbers[i])));
}

static void expect_verify(const uint8_t *body, uint32_t len, uint32_t error)
{
	uint8_t request[VERIFY_BODY + 16];
	const uint8_t *answer = mbox_bytes(&dev.mbox);
	uint32_t code = CALIPTRA_CMD_LMS_SIGNATURE_VERIFY;

	assert_int_equal(device_submit(&dev, SOC_BOOT_PL1_USER, code, request,
				       test_request(request, code, body, len)),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL), error);
	assert_int_equal(dev.mbox.status, error ? MBOX_STATUS_CMD_FAILURE :
						  MBOX_STATUS_DATA_READY);
	if (!error) {
		assert_int_equal(dev.mbox.dlen, 8);
		assert_int_equal(wire_get_le32(answer + 4),
				 FIPS_STATUS_NOT_APPROVED_USER_SUPPLIED_DIGEST);
	}
	device_finish(&dev, SOC_BOOT_PL1_USER);
}

static void expect_change(const uint8_t *good, size_t offset, uint8_t value,
			  uint32_t error)
{
	uint8_t body[VERIFY_BODY];

	memcpy(body, good, sizeof(body));
	body[offset] = value;
	expect_verify(body, sizeof(body), error);
}

static void command(void **unused)
{
	static struct lms_private_key key;
	struct device_config config = test_config();
	uint8_t pub[LMS_MAX_KEY_SIZE];
	uint8_t sig[LMS_IMAGE_SIG_SIZE];
	uint8_t hash[48] = { 1, 2, 3 };
	uint8_t body[VERIFY_BODY + 1] = { 0 };

	(void)unused;
	test_lms_key(&key);
	assert_true(lms_nodes_match(&key));
	assert_int_equal(lms_public_key(&key, pub), LMS_IMAGE_KEY_SIZE);
	assert_int_equal(lms_sign(&key, 0x5432, hash, hash, sizeof(hash), sig),
			 0);
	verify_body(body, pub, sig, hash);
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	expect_verify(body, VERIFY_BODY, FW_OK);
	expect_change(body, BODY_TREE, 11,
		      RUNTIME_LMS_VERIFY_INVALID_LMS_ALGORITHM);
	expect_change(body, BODY_OTS, 8,
		      RUNTIME_LMS_VERIFY_INVALID_LMOTS_ALGORITHM);
	expect_change(body, BODY_SIG_TREE, 7,
		      RUNTIME_LMS_VERIFY_INVALID_LMS_ALGORITHM);
	expect_change(body, BODY_SIG + 3, 8,
		      DRIVER_LMS_SIGNATURE_LMOTS_DOESNT_MATCH_PUBKEY_LMOTS);
	expect_change(body, BODY_Q + 2, 1, DRIVER_LMS_INVALID_Q_VALUE);
	expect_change(body, BODY_Q, 0x33, RUNTIME_LMS_VERIFY_FAILED);
	expect_change(body, BODY_ROOT, 0, RUNTIME_LMS_VERIFY_FAILED);
	expect_change(body, BODY_HASH, 0, RUNTIME_LMS_VERIFY_FAILED);
	expect_change(body, BODY_HASH - 1, 0, RUNTIME_LMS_VERIFY_FAILED);
	expect_verify(body, VERIFY_BODY - 1, RUNTIME_INSUFFICIENT_MEMORY);
	expect_verify(body, VERIFY_BODY + 1, RUNTIME_INSUFFICIENT_MEMORY);
	expect_verify(body, VERIFY_BODY, FW_OK);
	device_release(&dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verify_by_known_answer),
		cmocka_unit_test(rfc9858),
		cmocka_unit_test(rfc8554_keys),
		cmocka_unit_test(what_is_signed_verifies),
		cmocka_unit_test(types),
		cmocka_unit_test(as_the_firmware_verifies),
		cmocka_unit_test(other_chains),
		cmocka_unit_test(command),
	};

	return cmocka_run_group_tests_name("lms", tests, NULL, NULL);
}
