// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of which answers of a random number generator are refused.
 */
#include <kunit/test.h>
#include <linux/random.h>

#include "../caliptra.h"

/* The shortest answer that is judged, and the longest one that there is. */
#define SHORTEST 64u
#define LONGEST	 4096u

/* What the firmware has of its generator at a time. */
#define DRAW 48u

static u8 *new_buffer(struct kunit *test)
{
	u8 *bytes = kunit_kzalloc(test, LONGEST, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	return bytes;
}

/* What begins with @period random bytes, again and again; refused at every length. */
static void expect_refused(struct kunit *test, u8 *bytes, u32 period)
{
	u32 i, len;

	get_random_bytes(bytes, period);
	for (i = period; i < LONGEST; i++)
		bytes[i] = bytes[i - period];
	for (len = SHORTEST; len <= LONGEST; len++)
		KUNIT_ASSERT_TRUE_MSG(test, caliptra_is_constant(bytes, len),
				      "%u bytes, each %u", len, period);
}

static void constant(struct kunit *test)
{
	static const u8 fills[] = { 0x00, 0xff, 0x5a };
	u8 *bytes = new_buffer(test);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(fills); i++) {
		memset(bytes, fills[i], LONGEST);
		KUNIT_EXPECT_TRUE(test, caliptra_is_constant(bytes, SHORTEST));
		KUNIT_EXPECT_TRUE(test, caliptra_is_constant(bytes, LONGEST));
	}
	/* a word, a block of the DRBG, and all that is drawn at a time */
	expect_refused(test, bytes, 4);
	expect_refused(test, bytes, 16);
	expect_refused(test, bytes, DRAW);
}

static void random(struct kunit *test)
{
	u8 *bytes = new_buffer(test);
	u32 len;

	for (len = SHORTEST; len <= LONGEST; len++) {
		get_random_bytes(bytes, len);
		KUNIT_ASSERT_FALSE_MSG(test, caliptra_is_constant(bytes, len),
				       "%u", len);
	}
}

/* Behind the end there may be anything, and the last byte before it counts. */
static void every_byte_counts(struct kunit *test)
{
	u8 *bytes = new_buffer(test);
	u32 len;

	memset(bytes, 0x5a, LONGEST);
	for (len = SHORTEST; len < LONGEST; len++) {
		bytes[len] = 0;
		KUNIT_ASSERT_TRUE_MSG(test, caliptra_is_constant(bytes, len),
				      "%u", len);
		KUNIT_ASSERT_FALSE_MSG(
			test, caliptra_is_constant(bytes, len + 1), "%u", len);
		bytes[len] = 0x5a;
	}
}

static struct kunit_case cases[] = { KUNIT_CASE(constant),
				     KUNIT_CASE(random),
				     KUNIT_CASE(every_byte_counts),
				     {} };

static struct kunit_suite suite = {
	.name = "caliptra-random",
	.test_cases = cases,
};

kunit_test_suite(suite);
