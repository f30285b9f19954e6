// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests IMA's measurement lists in libcaliptra-attest: how they are read, what a PCR is
 * extended by, and the replay against a quote. Lists are made here as the kernel makes
 * them (Linux security/integrity/ima/ima_fs.c), and hashed with OpenSSL alone.
 */
#include <caliptra/ima.h>

#include "identity.h"

#define ROOM 4096

/* Where the kernel measures into. */
#define TPM_PCR 10

/* Where the tests' quotes have it. */
#define PCR 16

/**
 * struct list - a list being made
 * @format: of it
 * @bytes: the list
 * @len: its length
 * @begin: where each entry begins; the last one ends at @len
 * @count: how many there are
 * @pcr: what it makes of a PCR
 */
struct list {
	struct caliptra_ima_format format;
	uint8_t bytes[ROOM];
	size_t len;
	size_t begin[16];
	size_t count;
	uint8_t pcr[SHA384_SIZE];
};

static const uint8_t nonce[CALIPTRA_NONCE_SIZE] = { 1, 2, 3, 4, 5 };

static struct identity *device;
static struct pem root, chain;
static struct caliptra_attest_report report;

static const EVP_MD *algorithm_of(const struct list *l)
{
	switch (l->format.digest_size) {
	case 20:
		return EVP_sha1();
	case 32:
		return EVP_sha256();
	case 48:
		return EVP_sha384();
	default:
		return EVP_sha512();
	}
}

static void put(struct list *l, const void *bytes, size_t len)
{
	assert_true(l->len + len <= sizeof(l->bytes));
	memcpy(l->bytes + l->len, bytes, len);
	l->len += len;
}

static void put_number(struct list *l, uint32_t value)
{
	uint8_t bytes[4];

	put32(bytes, l->format.big_endian ? __builtin_bswap32(value) : value);
	put(l, bytes, 4);
}

static void extend(struct list *l, const uint8_t digest[SHA384_SIZE])
{
	uint8_t both[2 * SHA384_SIZE];

	memcpy(both, l->pcr, SHA384_SIZE);
	memcpy(both + SHA384_SIZE, digest, SHA384_SIZE);
	assert_true(EVP_Digest(both, sizeof(both), l->pcr, NULL, EVP_sha384(),
			       NULL));
}

/* PCR, a hash that is filled in later, and the template's name. */
static void begin_entry(struct list *l, uint32_t pcr, const char *name)
{
	static const uint8_t zeros[64];

	l->begin[l->count++] = l->len;
	put_number(l, pcr);
	put(l, zeros, l->format.digest_size);
	put_number(l, (uint32_t)strlen(name));
	put(l, name, strlen(name));
}

/* What is hashed need not be what is in the list. */
static void end_entry(struct list *l, const void *data, size_t len,
		      bool violation, bool counts)
{
	uint8_t *digest = l->bytes + l->begin[l->count - 1] + 4;
	uint8_t sha384[SHA384_SIZE];

	memset(sha384, 0xff, sizeof(sha384));
	if (!violation) {
		assert_true(EVP_Digest(data, len, digest, NULL, algorithm_of(l),
				       NULL));
		assert_true(EVP_Digest(data, len, sha384, NULL, EVP_sha384(),
				       NULL));
	}
	if (counts)
		extend(l, sha384);
	l->begin[l->count] = l->len;
}

/* A file's entry of the template ima-sig, without a signature. */
static void add(struct list *l, uint32_t pcr, uint8_t seed, bool violation)
{
	uint8_t digest[8 + 32] = "sha256:";
	char name[32];
	size_t at;

	if (!violation)
		fill(digest + 8, 32, seed);
	snprintf(name, sizeof(name), "/usr/bin/program-%u", seed);
	begin_entry(l, pcr, "ima-sig");
	put_number(l, (uint32_t)(12 + sizeof(digest) + strlen(name) + 1));
	at = l->len;
	put_number(l, sizeof(digest));
	put(l, digest, sizeof(digest));
	put_number(l, (uint32_t)strlen(name) + 1);
	put(l, name, strlen(name) + 1);
	put_number(l, 0);
	end_entry(l, l->bytes + at, l->len - at, violation, pcr == TPM_PCR);
}

/* One of the template "ima": its name is hashed as if it had 256 bytes. */
static void add_old(struct list *l, uint8_t seed)
{
	uint8_t hashed[20 + 256] = { 0 };
	size_t len;

	fill(hashed, 20, seed);
	snprintf((char *)hashed + 20, 256, "program %u", seed);
	len = strlen((char *)hashed + 20);
	begin_entry(l, TPM_PCR, "ima");
	put(l, hashed, 20);
	put_number(l, (uint32_t)len);
	put(l, hashed + 20, len);
	end_entry(l, hashed, sizeof(hashed), false, true);
}

static struct list make_list(size_t digest_size, bool big_endian)
{
	struct list l = { .format = { digest_size, big_endian } };

	add(&l, TPM_PCR, 0, false);
	add(&l, TPM_PCR, 1, false);
	add(&l, TPM_PCR, 2, true);
	add_old(&l, 3);
	add(&l, TPM_PCR, 4, false);
	return l;
}

static const char *decode(struct caliptra_ima_format *format,
			  const struct list *l, size_t i,
			  struct caliptra_ima_entry *entry)
{
	const char *wrong = NULL;
	CaliptraError error;

	error = caliptra_ima_decode(format, l->bytes + l->begin[i],
				    l->len - l->begin[i], entry, &wrong);
	assert_int_equal(error,
			 wrong ? CALIPTRA_ERROR_PROTOCOL : CALIPTRA_SUCCESS);
	return wrong;
}

static void every_format_is_found_out(void **state)
{
	static const size_t sizes[] = { 20, 32, 48, 64 };
	static const char *const names[] = { "ima-sig", "ima-sig", "ima-sig",
					     "ima", "ima-sig" };
	struct caliptra_ima_format format;
	struct caliptra_ima_entry e;
	size_t i, k;

	(void)state;
	for (k = 0; k < 2 * ARRAY_SIZE(sizes); k++) {
		const struct list l = make_list(sizes[k / 2], k % 2);

		format = (struct caliptra_ima_format){ 0 };
		for (i = 0; i < l.count; i++) {
			expect(!decode(&format, &l, i, &e), "entry %zu", i);
			assert_int_equal(format.digest_size, sizes[k / 2]);
			assert_int_equal(format.big_endian, k % 2);
			assert_int_equal(e.size, l.begin[i + 1] - l.begin[i]);
			assert_int_equal(e.pcr, TPM_PCR);
			assert_string_equal(e.name, names[i]);
			assert_int_equal(e.is_violation, i == 2);
			assert_ptr_equal(e.digest, l.bytes + l.begin[i] + 4);
			assert_ptr_equal(e.data + e.data_len,
					 l.bytes + l.begin[i + 1]);
			assert_int_equal(caliptra_ima_check(&format, &e, NULL),
					 CALIPTRA_SUCCESS);
		}
	}
}

static void a_beginning_is_no_entry_yet(void **state)
{
	struct list l = make_list(20, false);
	struct caliptra_ima_format format;
	struct caliptra_ima_entry e;
	uint8_t *copy;
	size_t i, len;

	(void)state;
	for (i = 0; i < 4; i++)
		for (len = 0; len < l.begin[i + 1] - l.begin[i]; len++) {
			format = i ? l.format :
				     (struct caliptra_ima_format){ 0 };
			/* with nothing behind it, which a sanitizer sees */
			copy = malloc(len + 1);
			memcpy(copy, l.bytes + l.begin[i], len);
			copy = realloc(copy, len ? len : 1);
			memset(&e, 0xee, sizeof(e));
			assert_int_equal(caliptra_ima_decode(&format, copy, len,
							     &e, NULL),
					 CALIPTRA_SUCCESS);
			assert_int_equal(e.size, 0);
			assert_int_equal(format.digest_size, i ? 20 : 0);
			free(copy);
		}
}

/* Where numbers are in the second entry of a list with SHA-1, and what is wrong there. */
static void lengths_that_can_not_be(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
		const char *wrong;
	} cases[] = {
		{ 24, 0, "the name of its template has no length" },
		{ 24, 256, "the name of its template has no length" },
		{ 24, UINT32_MAX, "the name of its template has no length" },
		{ 24, 8, "the name of its template is none" },
		{ 35, CALIPTRA_IMA_MAX_DATA + 1, "longer than 16 MiB" },
		{ 35, UINT32_MAX, "longer than 16 MiB" },
		{ 35, 3, "have other lengths" },
		{ 35, 70, "have other lengths" },
		{ 35, 72, "have other lengths" },
		{ 39, 41, "have other lengths" },
		{ 39, UINT32_MAX, "have other lengths" },
		{ 39, UINT32_MAX - 3, "have other lengths" },
		{ 83, 18, "have other lengths" },
		{ 106, 1, "have other lengths" },
	};
	struct caliptra_ima_entry e;
	const char *wrong;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct list l = make_list(20, false);

		memset(&e, 0xee, sizeof(e));
		put32(l.bytes + l.begin[1] + cases[i].at, cases[i].value);
		wrong = decode(&l.format, &l, 1, &e);
		expect(wrong && strstr(wrong, cases[i].wrong), "case %zu: %s",
		       i, wrong ? wrong : "nothing");
		/* nothing half read */
		assert_int_equal(e.pcr, 0xeeeeeeee);
	}
}

static void an_old_name_has_a_limit(void **state)
{
	struct list l = make_list(20, false);
	struct caliptra_ima_entry e;
	const char *wrong;

	(void)state;
	put32(l.bytes + l.begin[3] + 4 + 20 + 4 + 3 + 20, 256);
	wrong = decode(&l.format, &l, 3, &e);
	assert_non_null(wrong);
	assert_contains(wrong, "longer than the template 'ima'");
}

static void arguments_that_can_not_be(void **state)
{
	struct caliptra_ima_format odd = { .digest_size = 21 }, none = { 0 };
	struct list l = make_list(20, false);
	struct caliptra_ima_entry e;

	(void)state;
	assert_int_equal(caliptra_ima_decode(&odd, l.bytes, l.len, &e, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_ima_decode(NULL, l.bytes, l.len, &e, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_ima_decode(&none, NULL, 1, &e, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_ima_decode(&none, l.bytes, l.len, NULL, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(caliptra_ima_decode(&none, l.bytes, l.len, &e, NULL),
			 CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_ima_check(&odd, &e, NULL),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
}

static void what_is_no_list_is_none(void **state)
{
	static const char text[] =
		"10 0123456789abcdef0123456789abcdef01234567 ima-ng sha256:00 "
		"/some/file and so on, until there is enough for every format";
	struct caliptra_ima_format format = { 0 };
	struct caliptra_ima_entry e;
	const char *wrong = NULL;

	(void)state;
	assert_int_equal(caliptra_ima_decode(&format, text, sizeof(text), &e,
					     &wrong),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_string_equal(wrong, "it is none of a measurement list");
	assert_int_equal(format.digest_size, 0);
}

/* Each byte is set to others; whatever is read has to be inside. */
static void hostile_bytes_do_no_harm(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct caliptra_ima_format format;
	struct caliptra_ima_entry e;
	struct list l;
	size_t i, k, at;
	uint8_t *copy;

	(void)state;
	for (i = 0; i < make_list(20, false).len; i++)
		for (k = 0; k < ARRAY_SIZE(values); k++) {
			l = make_list(20, false);
			copy = malloc(l.len);
			memcpy(copy, l.bytes, l.len);
			copy[i] = values[k];
			format = (struct caliptra_ima_format){ 0 };
			at = 0;
			while (!caliptra_ima_decode(&format, copy + at,
						    l.len - at, &e, NULL) &&
			       e.size) {
				assert_true(e.size <= l.len - at);
				caliptra_ima_check(&format, &e, NULL);
				at += e.size;
			}
			free(copy);
		}
}

static void entries_extend_a_pcr(void **state)
{
	struct list l = make_list(32, true);
	uint8_t pcr[SHA384_SIZE] = { 0 }, digest[SHA384_SIZE];
	struct caliptra_ima_entry e;
	size_t i;

	(void)state;
	for (i = 0; i < l.count; i++) {
		assert_null(decode(&l.format, &l, i, &e));
		assert_int_equal(caliptra_ima_digest(&e, digest),
				 CALIPTRA_SUCCESS);
		assert_int_equal(caliptra_ima_extend(pcr, digest),
				 CALIPTRA_SUCCESS);
	}
	assert_memory_equal(pcr, l.pcr, sizeof(pcr));
}

static void a_changed_entry_is_found(void **state)
{
	struct list good = make_list(48, false), l;
	struct caliptra_ima_entry e;
	const char *wrong;
	size_t i, at;

	(void)state;
	for (i = 0; i < good.count; i++) {
		/* the hash itself, and each byte of the digest of the file */
		size_t data = i == 3 ? 4 + 48 + 4 + 3 : 4 + 48 + 4 + 7 + 8 + 8;

		for (at = 0; at < 20; at++) {
			l = good;
			l.bytes[l.begin[i] + data + at] ^= 1;
			assert_null(decode(&l.format, &l, i, &e));
			wrong = "";
			assert_int_equal(caliptra_ima_check(&l.format, &e,
							    &wrong),
					 CALIPTRA_ERROR_PROTOCOL);
			assert_contains(wrong, i == 2 ? "that of a violation" :
							"not that of its");
		}
		l = good;
		l.bytes[l.begin[i] + 4] ^= 1;
		assert_null(decode(&l.format, &l, i, &e));
		assert_int_equal(caliptra_ima_check(&l.format, &e, NULL),
				 CALIPTRA_ERROR_PROTOCOL);
		/* to be made a violation is no way out */
		l = good;
		memset(l.bytes + l.begin[i] + 4, 0, 48);
		assert_null(decode(&l.format, &l, i, &e));
		assert_int_equal(caliptra_ima_check(&l.format, &e, NULL),
				 i == 2 ? CALIPTRA_SUCCESS :
					  CALIPTRA_ERROR_PROTOCOL);
	}
}

/* --- replay --- */

static CaliptraError replay(const struct list *l,
			    const uint8_t pcr[SHA384_SIZE])
{
	const struct caliptra_attest_policy policy = {
		.root_pem = root.text,
		.root_pem_len = root.len,
		.chain_pem = chain.text,
		.chain_pem_len = chain.len,
		.nonce = nonce,
		.ima_list = l->bytes,
		.ima_list_len = l->len,
		.ima_pcr = PCR,
	};
	struct caliptra_quote_pcrs_ecc384_resp quote;
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE];
	struct pcr_vault pcrs = device->pcrs;
	CaliptraError error;
	int i;

	memcpy(pcrs.value[PCR], pcr, SHA384_SIZE);
	make_quote(&pcrs, nonce, device->keys[FMC_ALIAS], &quote);
	caliptra_quote_pcrs_ecc384_encode(&quote, bytes);
	memset(&report, 0xee, sizeof(report));
	error = caliptra_attest_verify_quote(bytes, sizeof(bytes), &policy,
					     &report);
	for (i = 0; i < CALIPTRA_ATTEST_IMA; i++)
		expect(report.results[i].outcome == CALIPTRA_ATTEST_PASSED,
		       "%s", report.results[i].detail);
	assert_true(report.ima.is_given);
	assert_int_equal(report.results[CALIPTRA_ATTEST_IMA].outcome,
			 error ? CALIPTRA_ATTEST_FAILED :
				 CALIPTRA_ATTEST_PASSED);
	return error;
}

/* It is believed, with those counts. */
static void believed(const struct list *l, const uint8_t pcr[SHA384_SIZE],
		     size_t covered, size_t violations, size_t others,
		     const char *said)
{
	assert_int_equal(replay(l, pcr), CALIPTRA_SUCCESS);
	assert_int_equal(report.ima.entries, l->count);
	assert_int_equal(report.ima.covered, covered);
	assert_int_equal(report.ima.violations, violations);
	assert_int_equal(report.ima.others, others);
	assert_int_equal(report.ima.first_wrong, 0);
	assert_string_equal(report.results[CALIPTRA_ATTEST_IMA].detail, said);
}

static void not_believed(const struct list *l, const uint8_t pcr[SHA384_SIZE],
			 size_t first_wrong, const char *said)
{
	assert_int_equal(replay(l, pcr), CALIPTRA_ERROR_PROTOCOL);
	assert_int_equal(report.ima.first_wrong, first_wrong);
	assert_contains(report.results[CALIPTRA_ATTEST_IMA].detail, said);
}

static void a_whole_list_is_covered(void **state)
{
	struct list l = make_list(20, false);

	(void)state;
	believed(&l, l.pcr, 5, 1, 0,
		 "PCR 16 is the replay of 5 of 5 entries, 1 violations");
}

static void a_longer_list_is_covered_in_part(void **state)
{
	struct list l = { .format = { 20, false } };
	uint8_t pcr[SHA384_SIZE];

	(void)state;
	add(&l, TPM_PCR, 0, false);
	add(&l, TPM_PCR, 1, false);
	memcpy(pcr, l.pcr, sizeof(pcr));
	add(&l, TPM_PCR, 2, true);
	believed(
		&l, pcr, 2, 0, 0,
		"PCR 16 is the replay of the first 2 of 3 entries; those from 3 on are not covered by the quote");
}

static void entries_for_other_pcrs_are_passed_over(void **state)
{
	struct list l = { .format = { 20, false } };

	(void)state;
	add(&l, TPM_PCR, 0, false);
	add(&l, 11, 1, false);
	add(&l, TPM_PCR, 2, false);
	add(&l, 11, 3, false);
	believed(
		&l, l.pcr, 4, 0, 2,
		"PCR 16 is the replay of 4 of 4 entries, without 2 for another PCR");
}

static void the_first_wrong_entry_is_named(void **state)
{
	struct list l = make_list(20, false);

	(void)state;
	l.bytes[l.begin[1] + 60] ^= 1;
	l.bytes[l.begin[4] + 60] ^= 1;
	not_believed(
		&l, l.pcr, 2,
		"entry 2, ima-sig, at byte 110, is the first wrong one: its template hash is not that of its template data; PCR 16 is nothing that the list makes");
	l = make_list(20, false);
	l.bytes[l.begin[3] + 60] ^= 1;
	not_believed(&l, l.pcr, 4, "entry 4, ima, at byte");
	/* the data are those that were measured, and the list is not the kernel's */
	l = make_list(20, false);
	l.bytes[l.begin[4] + 4] ^= 1;
	not_believed(&l, l.pcr, 5, "PCR 16 is the replay of the first 5");
}

static void what_is_no_entry_is_named(void **state)
{
	struct list l = make_list(20, false);

	(void)state;
	l.len--;
	not_believed(&l, l.pcr, 5, "the list ends in the middle of it");
	l = make_list(20, false);
	put32(l.bytes + l.begin[2] + 24, 0);
	not_believed(&l, l.pcr, 3, "the name of its template has no length");
	l = make_list(20, false);
	put(&l, "x", 1);
	not_believed(&l, l.pcr, 6, "PCR 16 is the replay of the first 5");
}

static void consistent_lists_of_others_are_not_believed(void **state)
{
	static const char said[] =
		"PCR 16 is nothing that the list makes, and each of 5 entries is what its template hash says";
	static const uint8_t zeros[SHA384_SIZE];
	struct list l = make_list(20, false), other = { .format = { 20 } };
	uint8_t pcr[SHA384_SIZE];
	size_t len;

	(void)state;
	/* an entry changed together with its hash */
	add(&other, TPM_PCR, 0, false);
	add(&other, TPM_PCR, 1, false);
	add(&other, TPM_PCR, 2, true);
	add_old(&other, 5);
	add(&other, TPM_PCR, 4, false);
	not_believed(&other, l.pcr, 0, said);
	/* one missing at the end, and in the middle */
	memcpy(pcr, l.pcr, sizeof(pcr));
	l.len = l.begin[4];
	not_believed(&l, pcr, 0, "each of 4 entries");
	l = make_list(20, false);
	len = l.begin[2] - l.begin[1];
	memmove(l.bytes + l.begin[1], l.bytes + l.begin[2], l.len - l.begin[2]);
	l.len -= len;
	not_believed(&l, pcr, 0, "each of 4 entries");
	/* nothing at all */
	l.len = 0;
	not_believed(&l, pcr, 0, "the list has no entry");
	not_believed(&l, zeros, 0, "the list has no entry");
	l = make_list(20, false);
	not_believed(&l, zeros, 0, "PCR 16 has not been extended");
}

static void a_policy_names_a_pcr(void **state)
{
	struct caliptra_attest_policy policy = {
		.root_pem = root.text,
		.root_pem_len = root.len,
		.chain_pem = chain.text,
		.chain_pem_len = chain.len,
		.nonce = nonce,
		.ima_list = "",
		.ima_pcr = CALIPTRA_PCR_COUNT,
	};

	(void)state;
	assert_int_equal(caliptra_attest_verify_quote("", 0, &policy, &report),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	policy.ima_pcr = 0;
	/* what can not be checked is not believed either */
	assert_int_equal(caliptra_attest_verify_quote("", 0, &policy, &report),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_true(report.ima.is_given);
	assert_int_equal(report.results[CALIPTRA_ATTEST_IMA].outcome,
			 CALIPTRA_ATTEST_NOT_CHECKED);
}

static int make_device(void **state)
{
	(void)state;
	device = make_identity(1);
	root = make_pem(device->certs, 1);
	chain = make_pem(device->certs + IDEVID, 4);
	return 0;
}

static int free_device(void **state)
{
	(void)state;
	free(root.text);
	free(chain.text);
	free_identity(device);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_is_found_out),
		cmocka_unit_test(a_beginning_is_no_entry_yet),
		cmocka_unit_test(lengths_that_can_not_be),
		cmocka_unit_test(an_old_name_has_a_limit),
		cmocka_unit_test(arguments_that_can_not_be),
		cmocka_unit_test(what_is_no_list_is_none),
		cmocka_unit_test(hostile_bytes_do_no_harm),
		cmocka_unit_test(entries_extend_a_pcr),
		cmocka_unit_test(a_changed_entry_is_found),
		cmocka_unit_test(a_whole_list_is_covered),
		cmocka_unit_test(a_longer_list_is_covered_in_part),
		cmocka_unit_test(entries_for_other_pcrs_are_passed_over),
		cmocka_unit_test(the_first_wrong_entry_is_named),
		cmocka_unit_test(what_is_no_entry_is_named),
		cmocka_unit_test(consistent_lists_of_others_are_not_believed),
		cmocka_unit_test(a_policy_names_a_pcr),
	};

	return cmocka_run_group_tests_name("ima", tests, make_device,
					   free_device);
}
