// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the verification of quotes with libcaliptra-attest: a good one is
 * trusted, each check can fail alone and is then the one that is named, and no
 * changed quote is trusted.
 */
#include "identity.h"

#define ORDER_SIZE 48

/* The order of P-384's base point (FIPS 186-4, D.1.2.4). */
static const uint8_t curve_order[ORDER_SIZE] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
	0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
};

static const uint8_t nonce[CALIPTRA_NONCE_SIZE] = { 1, 2, 3, 4, 5 };

static struct identity *device, *other;
static struct pem root, chain, anchor;
static struct caliptra_quote_pcrs_ecc384_resp good;
static struct caliptra_attest_report report;
static struct caliptra_attest_policy policy;

static int make_devices(void **state)
{
	(void)state;
	device = make_identity(1);
	other = make_identity(2);
	root = make_pem(device->certs, 1);
	chain = make_pem(device->certs + IDEVID, 4);
	anchor = make_pem(device->certs + FMC_ALIAS, 1);
	make_quote(&device->pcrs, nonce, device->keys[FMC_ALIAS], &good);
	return 0;
}

static int free_devices(void **state)
{
	(void)state;
	free(root.text);
	free(chain.text);
	free(anchor.text);
	free_identity(device);
	free_identity(other);
	return 0;
}

/* What a verifier has before any test changes it. */
static int reset_policy(void **state)
{
	(void)state;
	policy = (struct caliptra_attest_policy){
		.root_pem = root.text,
		.root_pem_len = root.len,
		.chain_pem = chain.text,
		.chain_pem_len = chain.len,
		.nonce = nonce,
	};
	return 0;
}

static CaliptraError judge_bytes(const void *bytes, size_t len)
{
	memset(&report, 0xee, sizeof(report));
	return caliptra_attest_verify_quote(bytes, len, &policy, &report);
}

static CaliptraError judge(const struct caliptra_quote_pcrs_ecc384_resp *q)
{
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE];

	caliptra_quote_pcrs_ecc384_encode(q, bytes);
	return judge_bytes(bytes, sizeof(bytes));
}

#define CHECK(name) (1u << CALIPTRA_ATTEST_##name)

/* These checks failed, these could not be made, and all others passed. */
static void found(unsigned int failed, unsigned int not_checked,
		  const char *what)
{
	enum caliptra_attest_outcome expected;
	const char *detail;
	unsigned int i;

	for (i = 0; i < CALIPTRA_ATTEST_CHECKS; i++) {
		detail = report.results[i].detail;
		expected = failed >> i & 1	? CALIPTRA_ATTEST_FAILED :
			   not_checked >> i & 1 ? CALIPTRA_ATTEST_NOT_CHECKED :
						  CALIPTRA_ATTEST_PASSED;
		if (i == CALIPTRA_ATTEST_IMA && !policy.ima_list)
			expected = CALIPTRA_ATTEST_NOT_CHECKED;
		expect(report.results[i].outcome == expected,
		       "%s: check %u: %d: %s", what, i,
		       report.results[i].outcome, detail);
		expect(!!*detail == (expected != CALIPTRA_ATTEST_NOT_CHECKED),
		       "%s: check %u says '%s'", what, i, detail);
	}
}

static void refused(const struct caliptra_quote_pcrs_ecc384_resp *q,
		    unsigned int failed, const char *what)
{
	expect(judge(q) == CALIPTRA_ERROR_PROTOCOL, "%s", what);
	found(failed, 0, what);
}

static void a_good_quote_is_trusted(void **state)
{
	static struct caliptra_attest_pcr pcrs[CALIPTRA_PCR_COUNT];
	uint32_t i;

	(void)state;
	assert_int_equal(judge(&good), CALIPTRA_SUCCESS);
	found(0, 0, "good");
	assert_int_equal(report.bad_pcrs, 0);
	for (i = 0; i < CALIPTRA_PCR_COUNT; i++) {
		pcrs[i].index = 31 - i;
		memcpy(pcrs[i].value, good.pcrs[31 - i], SHA384_SIZE);
	}
	policy.pcrs = pcrs;
	policy.pcr_count = CALIPTRA_PCR_COUNT;
	assert_int_equal(judge(&good), CALIPTRA_SUCCESS);
	found(0, 0, "all PCRs");
}

static void a_quote_has_one_length(void **state)
{
	static const size_t lengths[] = { 0,   1,    3,	   4,	 7,   8,
					  100, 1844, 1847, 1849, 4096 };
	uint8_t bytes[4096] = { 0 };
	size_t i;

	(void)state;
	caliptra_quote_pcrs_ecc384_encode(&good, bytes);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		assert_int_equal(judge_bytes(bytes, lengths[i]),
				 CALIPTRA_ERROR_PROTOCOL);
		found(CHECK(FORMAT),
		      CHECK(SIGNATURE) | CHECK(NONCE) | CHECK(DIGEST) |
			      CHECK(PCRS),
		      "length");
	}
}

static void a_wrong_checksum_fails_alone(void **state)
{
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE];

	(void)state;
	caliptra_quote_pcrs_ecc384_encode(&good, bytes);
	bytes[0] ^= 1;
	assert_int_equal(judge_bytes(bytes, sizeof(bytes)),
			 CALIPTRA_ERROR_PROTOCOL);
	found(CHECK(FORMAT), 0, "checksum");
	assert_contains(report.results[CALIPTRA_ATTEST_FORMAT].detail, "0x");
}

static void a_wrong_chain_fails(void **state)
{
	struct pem another = make_pem(other->certs, 1);

	(void)state;
	policy.root_pem = another.text;
	policy.root_pem_len = another.len;
	assert_int_equal(judge(&good), CALIPTRA_ERROR_PROTOCOL);
	found(CHECK(CHAIN), CHECK(SIGNATURE), "another root");
	free(another.text);
}

/* A valid signature, but not one of the FMC alias key. */
static void only_the_fmc_alias_key_signs_quotes(void **state)
{
	struct caliptra_quote_pcrs_ecc384_resp q;
	size_t i;

	(void)state;
	for (i = 0; i < LAYERS; i++) {
		if (i == FMC_ALIAS)
			continue;
		make_quote(&device->pcrs, nonce, device->keys[i], &q);
		refused(&q, CHECK(SIGNATURE), "signed by another layer");
	}
	make_quote(&device->pcrs, nonce, other->keys[FMC_ALIAS], &q);
	refused(&q, CHECK(SIGNATURE), "signed by another device");
}

static void signatures_that_are_none(void **state)
{
	struct caliptra_quote_pcrs_ecc384_resp q;
	uint8_t swapped[P384_SIZE];
	size_t i;

	(void)state;
	for (i = 0; i < 9; i++) {
		q = good;
		switch (i) {
		case 0:
			memset(q.signature_r, 0, P384_SIZE);
			break;
		case 1:
			memset(q.signature_s, 0, P384_SIZE);
			break;
		case 2:
			memset(q.signature_r, 0, P384_SIZE);
			memset(q.signature_s, 0, P384_SIZE);
			break;
		case 3:
			memset(q.signature_r, 0xff, P384_SIZE);
			break;
		case 4:
			memset(q.signature_s, 0xff, P384_SIZE);
			break;
		case 5:
			memcpy(q.signature_r, curve_order, ORDER_SIZE);
			break;
		case 6:
			memcpy(q.signature_s, curve_order, ORDER_SIZE);
			break;
		case 7:
			memcpy(swapped, q.signature_r, P384_SIZE);
			memcpy(q.signature_r, q.signature_s, P384_SIZE);
			memcpy(q.signature_s, swapped, P384_SIZE);
			break;
		case 8:
			memcpy(q.signature_s, q.signature_r, P384_SIZE);
			break;
		}
		refused(&q, CHECK(SIGNATURE), "no signature");
	}
}

static void a_nonce_of_another_time_fails_alone(void **state)
{
	static uint8_t mine[CALIPTRA_NONCE_SIZE];
	size_t bit;

	(void)state;
	policy.nonce = mine;
	for (bit = 0; bit < 8 * sizeof(mine); bit += 7) {
		memcpy(mine, nonce, sizeof(mine));
		mine[bit / 8] ^= (uint8_t)(1 << bit % 8);
		refused(&good, CHECK(NONCE), "nonce");
	}
}

/* The signature is right, but over something else. */
/* In 1.x the digest is a SHA-384; both are of PCRs and nonce, or of nothing. */
static void a_digest_of_1_x_is_one(void **state)
{
	struct caliptra_quote_pcrs_ecc384_resp q;

	(void)state;
	make_quote_of(generation_find("1.2"), &device->pcrs, nonce,
		      device->keys[FMC_ALIAS], &q);
	assert_memory_not_equal(q.digest, good.digest, sizeof(q.digest));
	assert_int_equal(judge(&q), CALIPTRA_SUCCESS);
	q.pcrs[5][0] ^= 1;
	refused(&q, CHECK(DIGEST), "digest");
}

static void a_digest_of_something_else_fails_alone(void **state)
{
	struct caliptra_quote_pcrs_ecc384_resp q = good;
	struct ecdsa384_signature sig;

	(void)state;
	q.digest[47] ^= 1;
	crypto_ecdsa384_sign(device->keys[FMC_ALIAS], q.digest, &sig);
	memcpy(q.signature_r, sig.r, P384_SIZE);
	memcpy(q.signature_s, sig.s, P384_SIZE);
	refused(&q, CHECK(DIGEST), "digest");
	q = good;
	q.pcrs[31][0] ^= 0x80;
	refused(&q, CHECK(DIGEST), "PCR 31");
}

static void every_pcr_fails_alone(void **state)
{
	static struct caliptra_attest_pcr pcrs[2];
	char named[8];
	uint32_t i;

	(void)state;
	policy.pcrs = pcrs;
	policy.pcr_count = 2;
	for (i = 0; i < CALIPTRA_PCR_COUNT; i++) {
		pcrs[0].index = (i + 1) % CALIPTRA_PCR_COUNT;
		memcpy(pcrs[0].value, good.pcrs[pcrs[0].index], SHA384_SIZE);
		pcrs[1].index = i;
		memcpy(pcrs[1].value, good.pcrs[i], SHA384_SIZE);
		pcrs[1].value[i] ^= 1;
		refused(&good, CHECK(PCRS), "PCR");
		assert_int_equal(report.bad_pcrs, 1u << i);
		snprintf(named, sizeof(named), ": %u", i);
		assert_contains(report.results[CALIPTRA_ATTEST_PCRS].detail,
				named);
	}
}

static void all_bad_pcrs_are_named(void **state)
{
	static struct caliptra_attest_pcr pcrs[CALIPTRA_PCR_COUNT] = { 0 };
	uint32_t i;

	(void)state;
	for (i = 0; i < CALIPTRA_PCR_COUNT; i++)
		pcrs[i].index = i;
	policy.pcrs = pcrs;
	policy.pcr_count = CALIPTRA_PCR_COUNT;
	refused(&good, CHECK(PCRS), "all");
	assert_int_equal(report.bad_pcrs, 0xffffffff);
	assert_contains(report.results[CALIPTRA_ATTEST_PCRS].detail,
			" 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 "
			"21 22 23 24 25 26 27 28 29 30 31");
}

/* PCR 2 has to be what the RT alias certificate says, wanted or not. */
static void pcr_2_is_of_the_certified_runtime(void **state)
{
	struct caliptra_quote_pcrs_ecc384_resp q;
	struct pcr_vault pcrs = device->pcrs;
	struct pem without;

	(void)state;
	memset(pcrs.value[2], 0, SHA384_SIZE);
	assert_false(pcr_extend(&pcrs, 2, other->rt_tci, SHA384_SIZE));
	make_quote(&pcrs, nonce, device->keys[FMC_ALIAS], &q);
	refused(&q, CHECK(PCRS), "another runtime");
	assert_int_equal(report.bad_pcrs, 1u << 2);

	without = make_pem(device->certs + IDEVID, 3);
	policy.chain_pem = without.text;
	policy.chain_pem_len = without.len;
	assert_int_equal(judge(&q), CALIPTRA_SUCCESS);
	free(without.text);
}

/* Of a quote that was changed and given its checksum anew, what is not signed. */
static bool is_unsigned(size_t at)
{
	return at < 8 || (at >= 1576 && at < 1704);
}

static void no_changed_byte_is_trusted(void **state)
{
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE], sum[4];
	CaliptraError error;
	size_t i;

	(void)state;
	policy.root_pem = anchor.text;
	policy.root_pem_len = anchor.len;
	policy.chain_pem = anchor.text;
	policy.chain_pem_len = anchor.len;
	caliptra_quote_pcrs_ecc384_encode(&good, bytes);
	assert_int_equal(judge_bytes(bytes, sizeof(bytes)), CALIPTRA_SUCCESS);
	memcpy(sum, bytes, 4);
	for (i = 0; i < sizeof(bytes); i++) {
		bytes[i] ^= (uint8_t)(1 << i % 8);
		if (i % 16 == 0)
			expect(judge_bytes(bytes, sizeof(bytes)) ==
				       CALIPTRA_ERROR_PROTOCOL,
			       "byte %zu", i);
		put32(bytes,
		      expected_checksum(0, bytes + 4, sizeof(bytes) - 4));
		error = judge_bytes(bytes, sizeof(bytes));
		expect(error == (is_unsigned(i) ? CALIPTRA_SUCCESS :
						  CALIPTRA_ERROR_PROTOCOL),
		       "byte %zu with its checksum", i);
		memcpy(bytes, sum, 4);
		if (i >= 4)
			bytes[i] ^= (uint8_t)(1 << i % 8);
	}
}

/* A certified key of another kind can not have signed a quote. */
static void other_kinds_of_keys(void **state)
{
	static const char *const kinds[] = { "P-256", "P-521", "ED25519" };
	struct forgery f = {
		.subject = "FMC alias",
		.issuer = device->certs[LDEVID],
		.issuer_key = device->keys[LDEVID],
	};
	X509 *certs[3] = { device->certs[IDEVID], device->certs[LDEVID] };
	struct pem pem;
	size_t i;

	(void)state;
	measure_like(&f, device->certs[FMC_ALIAS]);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		f.key = i < 2 ? EVP_EC_gen(kinds[i]) :
				EVP_PKEY_Q_keygen(NULL, NULL, kinds[i]);
		certs[2] = forge(&f);
		pem = make_pem(certs, 3);
		policy.chain_pem = pem.text;
		policy.chain_pem_len = pem.len;
		refused(&good, CHECK(SIGNATURE), kinds[i]);
		assert_contains(
			report.results[CALIPTRA_ATTEST_SIGNATURE].detail,
			"P-384");
		free(pem.text);
		X509_free(certs[2]);
		EVP_PKEY_free(f.key);
	}
}

static void policies_that_can_not_be(void **state)
{
	static struct caliptra_attest_pcr pcrs[2] = { { .index = 4 },
						      { .index = 4 } };
	struct caliptra_attest_report before;
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE];
	struct caliptra_attest_policy right = policy;
	size_t i;

	(void)state;
	caliptra_quote_pcrs_ecc384_encode(&good, bytes);
	memset(&report, 0xee, sizeof(report));
	before = report;
	for (i = 0; i < 8; i++) {
		policy = right;
		pcrs[1].index = 4;
		switch (i) {
		case 0:
			policy.root_pem = NULL;
			break;
		case 1:
			policy.chain_pem = NULL;
			break;
		case 2:
			policy.nonce = NULL;
			break;
		case 3:
			policy.pcr_count = 1;
			break;
		case 4:
			policy.pcrs = pcrs;
			policy.pcr_count = 2;
			break;
		case 5:
			pcrs[1].index = 32;
			policy.pcrs = pcrs;
			policy.pcr_count = 2;
			break;
		case 6:
			policy.root_pem_len = (size_t)INT32_MAX + 1;
			break;
		case 7:
			policy.chain_pem_len = SIZE_MAX;
			break;
		}
		expect(judge_bytes(bytes, sizeof(bytes)) ==
			       CALIPTRA_ERROR_INVALID_ARGUMENT,
		       "case %zu", i);
		if (i != 2)
			expect(caliptra_attest_verify_chain(&policy, &report) ==
				       CALIPTRA_ERROR_INVALID_ARGUMENT,
			       "chain, case %zu", i);
	}
	assert_memory_equal(&report, &before, sizeof(report));
	policy = right;
	assert_int_equal(judge_bytes(NULL, sizeof(bytes)),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_attest_verify_quote(bytes, sizeof(bytes),
						      NULL, &report),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_attest_verify_quote(bytes, sizeof(bytes),
						      &policy, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_attest_verify_chain(NULL, &report),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_attest_verify_chain(&policy, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
}

/* What openssl dgst -sha512 -verify does with a message and a signature. */
static bool openssl_verifies(const struct caliptra_quote_pcrs_ecc384_resp *q)
{
	uint8_t message[sizeof(q->pcrs) + sizeof(q->nonce)], der[104];
	size_t len = caliptra_attest_quote_signature(q, der);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ret;

	memcpy(message, q->pcrs, sizeof(q->pcrs));
	memcpy(message + sizeof(q->pcrs), q->nonce, sizeof(q->nonce));
	assert_in_range(len, 8, sizeof(der));
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha512(), NULL,
					      device->keys[FMC_ALIAS]),
			 1);
	ret = EVP_DigestVerify(ctx, der, len, message, sizeof(message));
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ret == 1;
}

static void openssl_says_the_same(void **state)
{
	struct caliptra_quote_pcrs_ecc384_resp q = good;

	(void)state;
	assert_true(openssl_verifies(&good));
	q.pcrs[0][0] ^= 1;
	assert_false(openssl_verifies(&q));
	q = good;
	q.nonce[31] ^= 1;
	assert_false(openssl_verifies(&q));
	q = good;
	q.signature_r[47] ^= 1;
	assert_false(openssl_verifies(&q));
	q = good;
	q.signature_s[0] ^= 1;
	assert_false(openssl_verifies(&q));
	make_quote(&device->pcrs, nonce, device->keys[RT_ALIAS], &q);
	assert_false(openssl_verifies(&q));
}

/* The shortest and the longest that scalars can be. */
static void signatures_are_encoded_in_der(void **state)
{
	static const uint8_t zero[] = { 0x30, 6, 2, 1, 0, 2, 1, 0 };
	static const uint8_t small[] = { 0x30, 7, 2, 1, 0x7f, 2, 2, 0, 0x80 };
	struct caliptra_quote_pcrs_ecc384_resp q = { 0 };
	uint8_t der[105];

	(void)state;
	der[104] = 0xa5;
	assert_int_equal(caliptra_attest_quote_signature(&q, der),
			 sizeof(zero));
	assert_memory_equal(der, zero, sizeof(zero));
	q.signature_r[47] = 0x7f;
	q.signature_s[47] = 0x80;
	assert_int_equal(caliptra_attest_quote_signature(&q, der),
			 sizeof(small));
	assert_memory_equal(der, small, sizeof(small));
	memset(q.signature_r, 0xff, P384_SIZE);
	memset(q.signature_s, 0x80, P384_SIZE);
	assert_int_equal(caliptra_attest_quote_signature(&q, der), 104);
	assert_memory_equal(der, "\x30\x66\x02\x31\x00\xff", 6);
	assert_memory_equal(der + 53, "\x02\x31\x00\x80", 4);
	assert_int_equal(der[104], 0xa5);
}

static void checks_have_names(void **state)
{
	static const char *const names[] = { "format", "chain",	 "signature",
					     "nonce",  "digest", "PCRs",
					     "IMA" };
	int i;

	(void)state;
	assert_int_equal(CALIPTRA_ATTEST_CHECKS, ARRAY_SIZE(names));
	for (i = 0; i < CALIPTRA_ATTEST_CHECKS; i++)
		assert_string_equal(caliptra_attest_check_name(
					    (enum caliptra_attest_check)i),
				    names[i]);
	assert_string_equal(caliptra_attest_check_name(CALIPTRA_ATTEST_CHECKS),
			    "unknown");
	assert_string_equal(
		caliptra_attest_check_name((enum caliptra_attest_check) - 1),
		"unknown");
}

#define quote_test(f) cmocka_unit_test_setup(f, reset_policy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		quote_test(a_good_quote_is_trusted),
		quote_test(a_quote_has_one_length),
		quote_test(a_wrong_checksum_fails_alone),
		quote_test(a_wrong_chain_fails),
		quote_test(only_the_fmc_alias_key_signs_quotes),
		quote_test(signatures_that_are_none),
		quote_test(a_nonce_of_another_time_fails_alone),
		quote_test(a_digest_of_1_x_is_one),
		quote_test(a_digest_of_something_else_fails_alone),
		quote_test(every_pcr_fails_alone),
		quote_test(all_bad_pcrs_are_named),
		quote_test(pcr_2_is_of_the_certified_runtime),
		quote_test(no_changed_byte_is_trusted),
		quote_test(other_kinds_of_keys),
		quote_test(policies_that_can_not_be),
		quote_test(openssl_says_the_same),
		quote_test(signatures_are_encoded_in_der),
		quote_test(checks_have_names),
	};

	return cmocka_run_group_tests_name("quote", tests, make_devices,
					   free_devices);
}
