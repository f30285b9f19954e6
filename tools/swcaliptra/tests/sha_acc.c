// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the SHA accelerator as the SoC of a 1.x uses it: its lock, digests of every
 * length, what it makes of lengths that are not those of the data, what firmware does
 * with it, and the commands that take their digest from it.
 */
#include "bundles.h"

#define USER_A 0x11u
#define USER_B 0x22u

static uint8_t message[600];

static void boot(const char *generation)
{
	struct device_config config = test_config();
	size_t i;

	config.generation = generation_find(generation);
	test_fuses(&fuses);
	fuses.cptra_generation[0] = config.generation->cptra_generation;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	for (i = 0; i < sizeof(message); i++)
		message[i] = (uint8_t)(i * 11 + 3);
}

static uint32_t sha_read(uint32_t user, uint32_t offset)
{
	return bus_read32(&dev.bus, SHA_ACC_BASE + offset, user);
}

static void sha_write(uint32_t user, uint32_t offset, uint32_t value)
{
	bus_write32(&dev.bus, SHA_ACC_BASE + offset, user, value);
}

static void take(uint32_t user)
{
	assert_int_equal(sha_read(user, SHA_ACC_LOCK), 0);
}

static void give_back(uint32_t user)
{
	sha_write(user, SHA_ACC_LOCK, 1);
}

/* Whole words; what is behind @len in the last one counts for nothing. */
static void stream(uint32_t user, const uint8_t *data, uint32_t len)
{
	uint8_t word[4];
	uint32_t i;

	for (i = 0; i < len; i += 4) {
		memset(word, 0xee, sizeof(word));
		memcpy(word, data + i, len - i < 4 ? len - i : 4);
		sha_write(user, SHA_ACC_DATAIN, test_be32(word));
	}
}

static bool is_valid(void)
{
	return sha_read(USER_A, SHA_ACC_STATUS) & SHA_ACC_STATUS_VALID;
}

static void expect_digest(const uint8_t *digest, uint32_t size)
{
	uint8_t got[SHA512_SIZE];
	uint32_t i;

	for (i = 0; i < size / 4; i++)
		wire_put_be32(got + 4 * i,
			      sha_read(USER_B, SHA_ACC_DIGEST + 4 * i));
	assert_memory_equal(got, digest, size);
}

/* As the integration specification says; the digest stays after the lock is free. */
static void hash(uint32_t mode, const void *data, uint32_t len)
{
	take(USER_A);
	sha_write(USER_A, SHA_ACC_MODE, mode);
	sha_write(USER_A, SHA_ACC_DLEN, len);
	stream(USER_A, data, len);
	assert_false(is_valid());
	sha_write(USER_A, SHA_ACC_EXECUTE, 1);
	assert_true(is_valid());
	give_back(USER_A);
	assert_false(is_valid());
}

static void lock(void **unused)
{
	(void)unused;
	boot("1.2");
	take(USER_A);
	assert_int_equal(sha_read(USER_A, SHA_ACC_LOCK), 1);
	assert_int_equal(sha_read(USER_B, SHA_ACC_LOCK), 1);
	assert_int_equal(sha_read(USER_B, SHA_ACC_USER), USER_A);
	assert_int_equal(sha_read(USER_B, SHA_ACC_STATUS), SHA_ACC_STATUS_SOC);
	/* nobody else may set anything */
	sha_write(USER_A, SHA_ACC_DLEN, 77);
	sha_write(USER_B, SHA_ACC_DLEN, 78);
	sha_write(USER_B, SHA_ACC_MODE, 1);
	sha_write(USER_B, SHA_ACC_START_ADDRESS, 4);
	sha_write(USER_B, SHA_ACC_DATAIN, 5);
	sha_write(USER_B, SHA_ACC_EXECUTE, 1);
	give_back(USER_B);
	assert_int_equal(sha_read(USER_B, SHA_ACC_LOCK), 1);
	assert_int_equal(sha_read(USER_A, SHA_ACC_DLEN), 77);
	assert_int_equal(sha_read(USER_A, SHA_ACC_START_ADDRESS), 0);
	assert_int_equal(sha_read(USER_A, SHA_ACC_DATAIN), 0);
	assert_int_equal(sha_read(USER_A, SHA_ACC_EXECUTE), 0);
	sha_write(USER_A, SHA_ACC_LOCK, 0);
	assert_int_equal(sha_read(USER_B, SHA_ACC_LOCK), 1);
	give_back(USER_A);
	assert_int_equal(sha_read(USER_A, SHA_ACC_STATUS), 0);
	/* without the lock not even who had it last */
	sha_write(USER_A, SHA_ACC_DLEN, 79);
	assert_int_equal(sha_read(USER_A, SHA_ACC_DLEN), 77);
	take(USER_B);
	assert_int_equal(sha_read(USER_A, SHA_ACC_USER), USER_B);
	sha_write(USER_B, SHA_ACC_MODE, 0xffffffff);
	assert_int_equal(sha_read(USER_A, SHA_ACC_MODE), 7);
	device_release(&dev);
}

static void digests(void **unused)
{
	uint8_t digest[SHA512_SIZE];
	uint32_t len;

	(void)unused;
	boot("1.2");
	for (len = 1; len <= sizeof(message); len++) {
		hash(0, message, len);
		crypto_sha384(message, len, digest);
		expect_digest(digest, SHA384_SIZE);
		hash(SHA_ACC_MODE_512, message, len);
		crypto_sha512(message, len, digest);
		expect_digest(digest, SHA512_SIZE);
	}
	/* data from the mailbox are for Caliptra alone */
	hash(SHA_ACC_MODE_MBOX, message, 5);
	crypto_sha384(message, 5, digest);
	expect_digest(digest, SHA384_SIZE);
	device_release(&dev);
}

/* Without DLEN nothing ends a block, and words go round in it. */
static void dlen_says_how_much(void **unused)
{
	uint8_t digest[SHA512_SIZE];

	(void)unused;
	boot("1.2");
	take(USER_A);
	sha_write(USER_A, SHA_ACC_MODE, 0);
	sha_write(USER_A, SHA_ACC_DLEN, 3);
	sha_write(USER_A, SHA_ACC_EXECUTE, 1);
	assert_false(is_valid());
	stream(USER_A, message, 4);
	assert_true(is_valid());
	crypto_sha384(message, 3, digest);
	expect_digest(digest, SHA384_SIZE);
	give_back(USER_A);
	assert_int_equal(sha_read(USER_A, SHA_ACC_EXECUTE), 0);

	take(USER_A);
	sha_write(USER_A, SHA_ACC_DLEN, 0);
	stream(USER_A, message, 132);
	sha_write(USER_A, SHA_ACC_DLEN, 4);
	sha_write(USER_A, SHA_ACC_EXECUTE, 1);
	crypto_sha384(message + 128, 4, digest);
	expect_digest(digest, SHA384_SIZE);
	give_back(USER_A);

	/* what is missing is what was there before */
	hash(0, message, 20);
	take(USER_A);
	sha_write(USER_A, SHA_ACC_DLEN, 8);
	stream(USER_A, message + 100, 4);
	sha_write(USER_A, SHA_ACC_EXECUTE, 1);
	memcpy(message, message + 100, 4);
	crypto_sha384(message, 8, digest);
	expect_digest(digest, SHA384_SIZE);
	device_release(&dev);
}

/* Zeroizing is for everybody, and the registers do not show it. */
static void zeroize(void **unused)
{
	uint8_t digest[SHA512_SIZE];
	uint8_t zeroized[SHA512_SIZE];
	uint32_t i;

	(void)unused;
	boot("1.2");
	hash(0, message, 9);
	crypto_sha384(message, 9, digest);
	sha_write(USER_B, SHA_ACC_CONTROL, SHA_ACC_CONTROL_ZEROIZE);
	assert_int_equal(sha_read(USER_B, SHA_ACC_CONTROL), 0);
	expect_digest(digest, SHA384_SIZE);

	take(USER_A);
	sha_write(USER_A, SHA_ACC_DLEN, 256);
	stream(USER_A, message, 128);
	sha_write(USER_B, SHA_ACC_CONTROL, SHA_ACC_CONTROL_ZEROIZE);
	stream(USER_A, message + 128, 128);
	sha_write(USER_A, SHA_ACC_EXECUTE, 1);
	assert_true(is_valid());
	crypto_sha384(message, 256, digest);
	for (i = 0; i < 12; i++)
		wire_put_be32(zeroized + 4 * i,
			      sha_read(USER_A, SHA_ACC_DIGEST + 4 * i));
	assert_memory_not_equal(zeroized, digest, SHA384_SIZE);
	give_back(USER_A);
	hash(0, message, 256);
	expect_digest(digest, SHA384_SIZE);
	device_release(&dev);
}

/* What the known-answer test of boot leaves: SHA-512 of nothing. */
static void after_boot(void **unused)
{
	uint8_t digest[SHA512_SIZE];

	(void)unused;
	boot("1.2");
	crypto_sha512("", 0, digest);
	expect_digest(digest, SHA512_SIZE);
	assert_int_equal(sha_read(USER_A, SHA_ACC_MODE), 3);
	assert_int_equal(sha_read(USER_A, SHA_ACC_USER), 0);
	assert_int_equal(sha_read(USER_A, SHA_ACC_NOTIF_STATUS), 1);
	assert_int_equal(sha_read(USER_A, SHA_ACC_NOTIF_COUNT), 1);

	/* from a reset to its test it is Caliptra's */
	hash(0, message, 3);
	device_reset(&dev, DEVICE_RESET_WARM);
	assert_int_equal(sha_read(USER_A, SHA_ACC_LOCK), 1);
	assert_int_equal(sha_read(USER_A, SHA_ACC_DIGEST), 0);
	give_back(USER_A);
	assert_int_equal(sha_read(USER_A, SHA_ACC_LOCK), 1);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
	take(USER_A);
	device_release(&dev);
}

static void expect_fatal(uint32_t code)
{
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), code);
	assert_int_equal(dev.fw.phase, FW_HALTED);
}

/* A self test needs it, and Caliptra takes it for good after a fatal error. */
static void firmware_needs_it(void **unused)
{
	(void)unused;
	boot("1.2");
	ask(CALIPTRA_CMD_SELF_TEST_START);
	device_run(&dev);
	assert_int_equal(sha_read(USER_A, SHA_ACC_USER), MBOX_UC_USER);
	assert_int_equal(sha_read(USER_A, SHA_ACC_NOTIF_COUNT), 2);
	ask(CALIPTRA_CMD_SELF_TEST_GET_RESULTS);
	take(USER_A);
	ask(CALIPTRA_CMD_SELF_TEST_START);
	device_run(&dev);
	expect_fatal(KAT_SHA2_512_384_ACC_DIGEST_START_OP_FAILURE);
	give_back(USER_A);
	assert_int_equal(sha_read(USER_A, SHA_ACC_LOCK), 1);
	give_back(USER_A);
	assert_int_equal(sha_read(USER_A, SHA_ACC_LOCK), 1);
	device_release(&dev);

	boot("1.2");
	firmware_fatal(&dev.fw, ROM_GLOBAL_EXCEPTION);
	assert_int_equal(sha_read(USER_A, SHA_ACC_LOCK), 1);
	assert_int_equal(sha_read(USER_A, SHA_ACC_STATUS), 0);
	device_release(&dev);

	boot("1.2");
	take(USER_A);
	device_reset(&dev, DEVICE_RESET_UPDATE);
	device_run(&dev);
	expect_fatal(KAT_SHA2_512_384_ACC_DIGEST_START_OP_FAILURE);
	device_release(&dev);
}

static void not_in_2x(void **unused)
{
	static const char *const generations[] = { "2.0", "2.1" };
	uint32_t offset;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(generations); i++) {
		boot(generations[i]);
		for (offset = 0; offset < 0x1000; offset += 4) {
			sha_write(USER_A, offset, 0xffffffff);
			assert_int_equal(sha_read(USER_A, offset), 0);
		}
		device_release(&dev);
	}
}

/* Send a command; the error, or 0 where it is answered by an approved header. */
static uint32_t run(uint32_t code, const void *body, uint32_t len)
{
	uint8_t request[2048];

	assert_int_equal(device_submit(&dev, PL0, code, request,
				       test_request(request, code, body, len)),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	if (dev.mbox.status == MBOX_STATUS_DATA_READY) {
		assert_int_equal(dev.mbox.dlen, 8);
		assert_int_equal(wire_get_le32(mbox_bytes(&dev.mbox) + 4), 0);
	}
	device_finish(&dev, PL0);
	return non_fatal();
}

static void verifies_ecdsa384(void **unused)
{
	EVP_PKEY *key = test_ecc_key(5);
	struct ecdsa384_signature sig;
	uint8_t point[P384_POINT_SIZE];
	uint8_t digest[SHA384_SIZE];
	uint8_t body[4 * P384_SIZE];
	uint32_t code = CALIPTRA_CMD_ECDSA384_VERIFY;

	(void)unused;
	boot("1.2");
	crypto_sha384(message, 200, digest);
	assert_int_equal(crypto_p384_point(key, point), 0);
	assert_int_equal(crypto_ecdsa384_sign(key, digest, &sig), 0);
	EVP_PKEY_free(key);
	memcpy(body, point + 1, 2 * P384_SIZE);
	memcpy(body + 2 * P384_SIZE, sig.r, P384_SIZE);
	memcpy(body + 3 * P384_SIZE, sig.s, P384_SIZE);
	assert_int_equal(run(code, body, sizeof(body)),
			 RUNTIME_ECDSA_VERIFY_FAILED);
	hash(0, message, 200);
	assert_int_equal(run(code, body, sizeof(body)), 0);
	/* the digest is there whoever has the lock, and stays */
	take(USER_B);
	assert_int_equal(run(code, body, sizeof(body)), 0);
	give_back(USER_B);
	hash(0, message, 201);
	assert_int_equal(run(code, body, sizeof(body)),
			 RUNTIME_ECDSA_VERIFY_FAILED);
	assert_int_equal(run(code, body, sizeof(body) - 1),
			 RUNTIME_INSUFFICIENT_MEMORY);
	memset(body + 2 * P384_SIZE, 0, P384_SIZE);
	assert_int_equal(run(code, body, sizeof(body)),
			 DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED);
	device_release(&dev);
}

static void verifies_lms(void **unused)
{
	uint8_t pub[LMS_MAX_KEY_SIZE];
	uint8_t sig[LMS_IMAGE_SIG_SIZE];
	uint8_t digest[SHA384_SIZE];
	uint8_t body[1668];
	struct test_lms lms = { .q = 7 };
	uint32_t code = CALIPTRA_CMD_LMS_VERIFY;

	(void)unused;
	boot("1.2");
	test_lms_key(&lms.key);
	lms_public_key(&lms.key, pub);
	crypto_sha384(message, 300, digest);
	assert_int_equal(test_lms_sign(&lms, digest, sig), 0);
	wire_put_le32(body, LMS_SHA256_M24_H15);
	wire_put_le32(body + 4, LMOTS_SHA256_N24_W4);
	memcpy(body + 8, pub + 8, 40);
	wire_put_le32(body + 48, 7);
	memcpy(body + 52, sig + 4, 1252);
	wire_put_le32(body + 1304, LMS_SHA256_M24_H15);
	memcpy(body + 1308, sig + 4 + 1252 + 4, 360);
	assert_int_equal(run(code, body, sizeof(body)),
			 RUNTIME_LMS_VERIFY_FAILED);
	hash(0, message, 300);
	assert_int_equal(run(code, body, sizeof(body)), 0);
	hash(0, message, 299);
	assert_int_equal(run(code, body, sizeof(body)),
			 RUNTIME_LMS_VERIFY_FAILED);
	wire_put_le32(body, LMS_SHA256_M24_H15 + 1);
	assert_int_equal(run(code, body, sizeof(body)),
			 RUNTIME_LMS_VERIFY_INVALID_LMS_ALGORITHM);
	device_release(&dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lock),
		cmocka_unit_test(digests),
		cmocka_unit_test(dlen_says_how_much),
		cmocka_unit_test(zeroize),
		cmocka_unit_test(after_boot),
		cmocka_unit_test(firmware_needs_it),
		cmocka_unit_test(not_in_2x),
		cmocka_unit_test(verifies_ecdsa384),
		cmocka_unit_test(verifies_lms),
	};

	return cmocka_run_group_tests_name("sha_acc", tests, NULL, NULL);
}
