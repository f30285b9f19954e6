// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests FIPS mode from inside: where the primitives come from, that what is not
 * approved fails, and that a device of each generation boots, answers and tests
 * itself. What can be seen from outside is in fips.sh.
 */
#include "harness.h"

#include <caliptra/commands.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>

#include "fips.h"

static struct device dev;

static int count_provider(OSSL_PROVIDER *provider, void *count)
{
	const char *name = OSSL_PROVIDER_get0_name(provider);

	assert_true(!strcmp(name, "fips") || !strcmp(name, "base"));
	(*(unsigned int *)count)++;
	return 1;
}

static void no_other_provider_is_there(void **unused)
{
	unsigned int count = 0;

	(void)unused;
	assert_true(fips_enabled());
	assert_int_equal(OSSL_PROVIDER_do_all(NULL, count_provider, &count), 1);
	assert_int_equal(count, 2);
}

#define assert_is_of_fips(type, name)                                       \
	do {                                                                \
		type *fetched = type##_fetch(NULL, name, NULL);             \
		assert_non_null(fetched);                                   \
		assert_string_equal(OSSL_PROVIDER_get0_name(                \
					    type##_get0_provider(fetched)), \
				    "fips");                                \
		type##_free(fetched);                                       \
	} while (0)

static void primitives_are_those_of_the_provider(void **unused)
{
	(void)unused;
	assert_is_of_fips(EVP_MD, "SHA1");
	assert_is_of_fips(EVP_MD, "SHA2-256");
	assert_is_of_fips(EVP_MD, "SHA2-384");
	assert_is_of_fips(EVP_MD, "SHA2-512");
	assert_is_of_fips(EVP_MAC, "HMAC");
	assert_is_of_fips(EVP_CIPHER, "AES-256-CBC");
	assert_is_of_fips(EVP_SIGNATURE, "ECDSA");
	assert_is_of_fips(EVP_SIGNATURE, "ML-DSA-87");
	assert_is_of_fips(EVP_KEYMGMT, "EC");
	assert_is_of_fips(EVP_KEYEXCH, "ECDH");
	assert_is_of_fips(EVP_RAND, "CTR-DRBG");
}

static void what_is_not_approved_fails(void **unused)
{
	static const uint8_t key[14] = { 1 };
	uint8_t tag[SHA512_SIZE];

	(void)unused;
	assert_null(EVP_MD_fetch(NULL, "MD5", NULL));
	/* SP 800-131A: 112 bits */
	assert_int_not_equal(crypto_hmac384(key, 13, "x", 1, tag), 0);
	assert_int_not_equal(crypto_hmac512(key, 13, "x", 1, tag), 0);
	assert_int_equal(crypto_hmac384(key, 14, "x", 1, tag), 0);
	assert_int_equal(crypto_hmac512(key, 14, "x", 1, tag), 0);
}

static void nonces_are_random(void **unused)
{
	static const uint8_t seed[P384_SIZE] = { 7 };
	static const uint8_t digest[SHA384_SIZE] = { 9 };
	struct ecdsa384_signature sig[2];
	uint8_t point[P384_POINT_SIZE];
	uint8_t scalar[P384_SIZE];
	EVP_PKEY *key;
	int i;

	(void)unused;
	assert_false(crypto_ecdsa384_is_deterministic());
	assert_int_equal(crypto_p384_derive_scalar(seed, scalar), 0);
	key = crypto_p384_key(scalar);
	assert_non_null(key);
	assert_int_equal(crypto_p384_point(key, point), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(crypto_ecdsa384_sign(key, digest, &sig[i]), 0);
		assert_int_equal(crypto_ecdsa384_verify(point, digest, &sig[i]),
				 ECDSA384_GOOD);
	}
	assert_memory_not_equal(&sig[0], &sig[1], sizeof(sig[0]));
	EVP_PKEY_free(key);
}

/* The answer's fips_status. */
static uint32_t execute(uint32_t code, const void *body, uint32_t len)
{
	uint8_t request[64];
	uint32_t status;

	len = test_request(request, code, body, len);
	assert_int_equal(device_submit(&dev, SOC_BOOT_PL0_USER, code, request,
				       len),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(dev.now.fw_error, 0);
	assert_int_equal(dev.mbox.status, MBOX_STATUS_DATA_READY);
	status = wire_get_le32(mbox_bytes(&dev.mbox) + 4);
	device_finish(&dev, SOC_BOOT_PL0_USER);
	return status;
}

static void devices_boot_and_answer(void **unused)
{
	static const char *const generations[] = { "1.2", "2.0", "2.1" };
	static const uint8_t nonce[32] = { 1 };
	struct device_config config = test_config();
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(generations); i++) {
		config.generation = generation_find(generations[i]);
		test_boot(&dev, &config,
			  CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR,
			  SOC_BOOT_HOLD_NONE);
		assert_int_equal(dev.fw.phase, FW_RUNTIME);
		assert_int_equal(execute(CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce,
					 sizeof(nonce)),
				 FIPS_STATUS_APPROVED);
		assert_int_equal(execute(CALIPTRA_CMD_SELF_TEST_START, NULL, 0),
				 FIPS_STATUS_APPROVED);
		device_run(&dev);
		assert_int_equal(dev.fw.self_test, SELF_TEST_DONE);
		assert_int_equal(execute(CALIPTRA_CMD_SELF_TEST_GET_RESULTS,
					 NULL, 0),
				 FIPS_STATUS_APPROVED);
		device_release(&dev);
	}
}

/* They do not hold for the vectors of the test. */
static void self_test_leaves_rules_in_force(void **unused)
{
	uint8_t tag[SHA512_SIZE];

	(void)unused;
	assert_int_equal(fips_self_test(), 0);
	assert_int_not_equal(crypto_hmac384("short", 5, "x", 1, tag), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_other_provider_is_there),
		cmocka_unit_test(primitives_are_those_of_the_provider),
		cmocka_unit_test(what_is_not_approved_fails),
		cmocka_unit_test(nonces_are_random),
		cmocka_unit_test(devices_boot_and_answer),
		cmocka_unit_test(self_test_leaves_rules_in_force),
	};

	if (fips_enable())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
