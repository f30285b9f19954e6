// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the verification of bundles with what nobody would make on purpose: whatever
 * byte of one changes, it is refused, and there is nothing that it could not be given.
 */
#include "bundles.h"

static struct bundle_fuses against;
static struct bundle_source source;

static void prepare(const char *generation, uint32_t pqc_type)
{
	make(generation, pqc_type);
	memset(&against, 0, sizeof(against));
	against.generation = recipe.generation;
	against.lifecycle = LIFECYCLE_PRODUCTION;
	against.pqc_key_type = pqc_type;
	against.lms_verify = pqc_type;
	test_vendor_hash(&recipe, bundle, against.vendor_pk_hash);
	owner_hash(against.owner_pk_hash);
	source = (struct bundle_source){
		.manifest = bundle,
		.sram = bundle,
		.sram_size = sizeof(bundle),
		.size = bundle_len,
	};
}

static uint32_t verify(void)
{
	uint32_t extended = 0;

	return bundle_verify(&against, &source, &extended);
}

/* Bytes that mean nothing. */
struct idle {
	uint32_t first;
	uint32_t last;
};

static bool is_idle(const struct idle *idle, uint32_t i)
{
	for (; idle->last; idle++)
		if (i >= idle->first && i <= idle->last)
			return true;
	return false;
}

static void expect_every_byte_matters(const struct idle *idle, uint32_t stride)
{
	const struct bundle_layout *l = bundle_layout(recipe.generation);
	uint32_t end = l->size + 8000;
	uint32_t i;

	assert_int_equal(verify(), FW_OK);
	for (i = 0; i < end; i += i >= l->header && i < l->size ? 1 : stride) {
		uint8_t bit = (uint8_t)(1u << i % 8);

		bundle[i] ^= bit;
		if (!!verify() == is_idle(idle, i))
			fail_msg("byte %u of an image for %s", i,
				 recipe.generation->name);
		bundle[i] ^= bit;
	}
	assert_int_equal(verify(), FW_OK);
}

static void every_byte_matters(void **unused)
{
	/* reserved bytes, and one behind each signature of ML-DSA */
	static const struct idle mldsa[] = {
		{ 9, 11 }, { 9167, 9167 }, { 16579, 16587 }, { 0 }
	};
	/* much room that LMS does not fill, though the owner's is hashed */
	static const struct idle lms[] = {
		{ 9, 11 },	  { 1900, 4443 }, { 6160, 9167 },
		{ 13572, 16587 }, { 0 },
	};
	static const struct idle old[] = { { 5512, 5519 }, { 0 } };

	(void)unused;
	prepare("2.1", BUNDLE_PQC_MLDSA);
	expect_every_byte_matters(mldsa, 31);
	prepare("2.0", BUNDLE_PQC_LMS);
	expect_every_byte_matters(lms, 37);
	prepare("1.2", BUNDLE_PQC_LMS);
	expect_every_byte_matters(old, 23);
}

static uint32_t random_state = 1;

static uint8_t random_byte(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint8_t)(random_state >> 24);
}

/* All that is read before a signature is verified, as it comes. */
static void garbage(void **unused)
{
	static const char *const generations[] = { "1.2", "2.0", "2.1" };
	static const uint8_t lifecycles[] = { LIFECYCLE_UNPROVISIONED,
					      LIFECYCLE_MANUFACTURING,
					      LIFECYCLE_PRODUCTION };
	unsigned int round;

	(void)unused;
	for (round = 0; round < 105; round++) {
		const struct bundle_layout *l;
		uint32_t i;

		prepare(generations[round % 3], round % 3 && round % 2 ?
							BUNDLE_PQC_MLDSA :
							BUNDLE_PQC_LMS);
		l = bundle_layout(recipe.generation);
		against.lifecycle = lifecycles[round / 3 % 3];
		for (i = 12; i < l->size; i++)
			if (round % 5 || i >= l->header)
				bundle[i] = random_byte();
		/* as far as it can come with indices that there are */
		if (round % 2) {
			wire_put_le32(bundle + l->ecc_index, round % 4);
			wire_put_le32(bundle + l->pqc_index, round % 32);
		}
		test_vendor_hash(&recipe, bundle, against.vendor_pk_hash);
		owner_hash(against.owner_pk_hash);
		source.size = round % 7 ? bundle_len : UINT32_MAX;
		assert_int_not_equal(verify(), FW_OK);
	}
}

/* Well signed, but with entries that are anything. */
static void any_contents(void **unused)
{
	static const uint32_t values[] = {
		0,	    1,		3,	    16956,	16957,
		0x3fffc,    0x40000,	0x40000000, 0x4003ffff, 0x40040000,
		0x7fffffff, 0x80000000, 0xffff0000, 0xfffffffc, 0xffffffff,
	};
	static const uint32_t fields[] = { TOC_LOAD_ADDR, TOC_ENTRY, TOC_OFFSET,
					   TOC_SIZE };
	const struct bundle_layout *l;
	unsigned int i, k, part;

	(void)unused;
	for (part = 0; part < 2; part++)
		for (k = 0; k < COUNT(fields); k++)
			for (i = 0; i < COUNT(values); i++) {
				uint8_t *field;

				prepare("2.1", BUNDLE_PQC_MLDSA);
				l = bundle_layout(recipe.generation);
				field = bundle + l->toc +
					part * TOC_ENTRY_SIZE + fields[k];
				/* FMC begins there, and is loaded to there */
				if (wire_get_le32(field) == values[i] ||
				    (fields[k] == TOC_ENTRY &&
				     values[i] == 0x40000000))
					continue;
				wire_put_le32(field, values[i]);
				assert_int_equal(bundle_seal(&recipe, bundle),
						 0);
				assert_int_equal(bundle_sign(&recipe, bundle),
						 0);
				assert_int_not_equal(verify(), FW_OK);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_matters),
		cmocka_unit_test(garbage),
		cmocka_unit_test(any_contents),
	};

	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
