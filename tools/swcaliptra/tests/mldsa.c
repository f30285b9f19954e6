// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests ML-DSA-87 by the known answers of caliptra-sw
 * drivers/test-fw/src/bin/mldsa87_tests.rs and kat/src/mldsa87_kat.rs: long ones by
 * their SHA-256 or SHA-512.
 */
#include "harness.h"

#include "crypto.h"
#include "mldsa.h"
#include "mldsa_mu.h"

/* MLDSA_SEED and MLDSA_MSG of the driver's tests */
#define SEED "0a00409327d15f67121d0737d5e4ce3f28fe43a2d4f06807858a76469cf85c2d"
#define DRIVER_MESSAGE                                                     \
	"78fb03e722ed1fc4f2a5e2449600e6160d298750179a0dd9b503d306bc2ac6d4" \
	"735f11ee23f6c548358498db04f50a80fb169e3c1c6cd56ed41baaf3d418f5c8"

/* SEED and KAT_MESSAGE of the KAT: the same words, each turned round */
#define KAT_SEED \
	"9340000a675fd12737071d123fcee4d5a243fe280768f0d446768a852d5cf89c"
#define KAT_MESSAGE                                                        \
	"e703fb78c41fed2244e2a5f216e600965087290dd90d9a1706d303b5d4c62abc" \
	"ee115f7348c5f623db988435800af5043c9e16fb6ed56c1cf3aa1bd4c8f518d4"

static void expect_sha256(const void *data, size_t len, const char *hex)
{
	uint8_t digest[SHA256_SIZE];

	assert_int_equal(crypto_sha256(data, len, digest), 0);
	expect_hex(digest, hex);
}

static void expect_sha512(const void *data, size_t len, const char *hex)
{
	uint8_t digest[SHA512_SIZE];

	assert_int_equal(crypto_sha512(data, len, digest), 0);
	expect_hex(digest, hex);
}

static EVP_PKEY *key_of(const char *seed_hex)
{
	uint8_t seed[MLDSA87_SEED_SIZE];
	EVP_PKEY *key;

	unhex(seed_hex, seed, sizeof(seed));
	key = mldsa87_key(seed);
	assert_non_null(key);
	return key;
}

static void sign(EVP_PKEY *key, const char *message_hex,
		 uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE])
{
	uint8_t message[64];

	unhex(message_hex, message, sizeof(message));
	memset(sig, 0xee, MLDSA87_PADDED_SIGNATURE_SIZE);
	assert_int_equal(
		mldsa87_sign_padded(key, message, sizeof(message), sig), 0);
}

static void key_from_a_seed(void **unused)
{
	EVP_PKEY *key = key_of(SEED);
	uint8_t pub[MLDSA87_PUBLIC_SIZE];

	(void)unused;
	assert_true(mldsa87_is(key));
	assert_int_equal(mldsa87_public(key, pub), 0);
	expect_sha256(
		pub, sizeof(pub),
		"37a7ee29a2cb50a2c2d24b0ced62b4310a29f2727501488233b688c555a31152");
	EVP_PKEY_free(key);

	key = key_of(KAT_SEED);
	assert_int_equal(mldsa87_public(key, pub), 0);
	expect_sha512(
		pub, sizeof(pub),
		"156d7184ed6113a41944255a3ffd5aa13273e7a73d8b5febf695df65351a7476"
		"b74d6d96e89279600d188fdab7adaa9a431308edf9544ec35fe96fa4d012c3a8");
	EVP_PKEY_free(key);
}

static void deterministic_signatures(void **unused)
{
	EVP_PKEY *key = key_of(SEED);
	uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE];

	(void)unused;
	sign(key, DRIVER_MESSAGE, sig);
	expect_sha256(
		sig, sizeof(sig),
		"8a802f3c9ea1bc8308e1d2b3cd276478f480e6a6dfae34c3904b26166e56b241");
	EVP_PKEY_free(key);

	key = key_of(KAT_SEED);
	sign(key, KAT_MESSAGE, sig);
	expect_sha512(
		sig, sizeof(sig),
		"2cc91683f3f3677020082e6006351dbe459019bbf99c95f4f34a6562f712686d"
		"e85df11e324c79546e4ff08c5a0285891c5ee7018d490941b805a33751746789");
	EVP_PKEY_free(key);
}

/* The representative stands for the message. */
static void signatures_of_mu(void **unused)
{
	uint8_t want[MLDSA87_PADDED_SIGNATURE_SIZE];
	uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE];
	uint8_t public[MLDSA87_PUBLIC_SIZE];
	EVP_PKEY *key = key_of(SEED);
	uint8_t mu[MLDSA87_MU_SIZE];
	uint8_t message[64];

	(void)unused;
	unhex(KAT_MESSAGE, message, sizeof(message));
	sign(key, KAT_MESSAGE, want);
	assert_int_equal(mldsa87_public(key, public), 0);
	mu_of(public, message, sizeof(message), mu);
	memset(sig, 0xee, sizeof(sig));
	assert_int_equal(mldsa87_sign_mu(key, mu, sig), 0);
	assert_memory_equal(sig, want, sizeof(sig));
	mu[0] ^= 1;
	assert_int_equal(mldsa87_sign_mu(key, mu, sig), 0);
	assert_memory_not_equal(sig, want, sizeof(sig));
	EVP_PKEY_free(key);
}

static void context_makes_the_same_signature(void **unused)
{
	EVP_PKEY *key = key_of(SEED);
	EVP_MD_CTX *ctx = mldsa87_sign_ctx(key);
	uint8_t message[64];
	uint8_t sig[MLDSA87_SIGNATURE_SIZE];
	uint8_t want[MLDSA87_PADDED_SIGNATURE_SIZE];
	size_t len = sizeof(sig);

	(void)unused;
	assert_non_null(ctx);
	unhex(KAT_MESSAGE, message, sizeof(message));
	sign(key, KAT_MESSAGE, want);
	assert_int_equal(
		EVP_DigestSign(ctx, sig, &len, message, sizeof(message)), 1);
	assert_int_equal(len, sizeof(sig));
	assert_memory_equal(sig, want, sizeof(sig));
	assert_int_equal(want[MLDSA87_SIGNATURE_SIZE], 0);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static void verification(void **unused)
{
	EVP_PKEY *key = key_of(SEED);
	uint8_t pub[MLDSA87_PUBLIC_SIZE];
	uint8_t message[64];
	uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE];

	(void)unused;
	assert_int_equal(mldsa87_public(key, pub), 0);
	unhex(KAT_MESSAGE, message, sizeof(message));
	sign(key, KAT_MESSAGE, sig);
	assert_int_equal(mldsa87_verify(pub, message, sizeof(message), sig),
			 MLDSA87_GOOD);
	assert_int_equal(mldsa87_verify(pub, message, sizeof(message) - 1, sig),
			 MLDSA87_BAD);
	message[63] ^= 0x80;
	assert_int_equal(mldsa87_verify(pub, message, sizeof(message), sig),
			 MLDSA87_BAD);
	message[63] ^= 0x80;
	pub[0] ^= 1;
	assert_int_equal(mldsa87_verify(pub, message, sizeof(message), sig),
			 MLDSA87_BAD);
	EVP_PKEY_free(key);
}

/* One bit in each part: commitment hash, response, hints. */
static void every_part_of_a_signature_counts(void **unused)
{
	static const size_t where[] = {
		0, 63, 64, 4000, 4543, MLDSA87_SIGNATURE_SIZE - 1
	};
	EVP_PKEY *key = key_of(SEED);
	uint8_t pub[MLDSA87_PUBLIC_SIZE];
	uint8_t message[64];
	uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE];
	size_t i;

	(void)unused;
	assert_int_equal(mldsa87_public(key, pub), 0);
	unhex(KAT_MESSAGE, message, sizeof(message));
	sign(key, KAT_MESSAGE, sig);
	for (i = 0; i < COUNT(where); i++) {
		sig[where[i]] ^= 1;
		assert_int_equal(mldsa87_verify(pub, message, sizeof(message),
						sig),
				 MLDSA87_BAD);
		sig[where[i]] ^= 1;
	}
	memset(sig, 0, 64);
	assert_int_equal(mldsa87_verify(pub, message, sizeof(message), sig),
			 MLDSA87_UNSUPPORTED);
	EVP_PKEY_free(key);
}

static void empty_messages_are_signed_too(void **unused)
{
	EVP_PKEY *key = key_of(SEED);
	uint8_t pub[MLDSA87_PUBLIC_SIZE];
	uint8_t sig[MLDSA87_SIGNATURE_SIZE];

	(void)unused;
	assert_int_equal(mldsa87_public(key, pub), 0);
	assert_int_equal(mldsa87_sign(key, "", 0, sig), 0);
	assert_int_equal(mldsa87_verify(pub, "", 0, sig), MLDSA87_GOOD);
	assert_int_equal(mldsa87_verify(pub, "x", 1, sig), MLDSA87_BAD);
	EVP_PKEY_free(key);
}

/* A P-384 key has no ML-DSA public key. */
static void other_keys_are_told_apart(void **unused)
{
	uint8_t seed[P384_SIZE] = { 1 };
	uint8_t scalar[P384_SIZE];
	uint8_t pub[MLDSA87_PUBLIC_SIZE];
	EVP_PKEY *key;

	(void)unused;
	assert_int_equal(crypto_p384_derive_scalar(seed, scalar), 0);
	key = crypto_p384_key(scalar);
	assert_non_null(key);
	assert_false(mldsa87_is(key));
	assert_int_not_equal(mldsa87_public(key, pub), 0);
	EVP_PKEY_free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_from_a_seed),
		cmocka_unit_test(deterministic_signatures),
		cmocka_unit_test(signatures_of_mu),
		cmocka_unit_test(context_makes_the_same_signature),
		cmocka_unit_test(verification),
		cmocka_unit_test(every_part_of_a_signature_counts),
		cmocka_unit_test(empty_messages_are_signed_too),
		cmocka_unit_test(other_keys_are_told_apart),
	};

	return cmocka_run_group_tests_name("mldsa", tests, NULL, NULL);
}
