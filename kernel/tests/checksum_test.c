// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit tests of how the driver sees that a response is not what was sent: against a sum
 * that is made byte by byte.
 */
#include <kunit/test.h>
#include <linux/random.h>

#include "../caliptra.h"

#define SIZE   8192u
#define ROUNDS 2000u

static u32 naive_sum(const u8 *bytes, u32 len)
{
	u32 sum = 0, i;

	for (i = 0; i < len; i++)
		sum += bytes[i];
	return sum;
}

static void set_checksum(u8 *bytes, u32 len)
{
	*(__le32 *)bytes = cpu_to_le32(-naive_sum(bytes + 4, len - 4));
}

static bool looks_torn(u8 *bytes, u32 len)
{
	struct caliptra_txn txn = { .buf = bytes, .rsp_len = len };

	return caliptra_looks_torn(&txn);
}

static bool is_blank(u8 *bytes, u32 len)
{
	struct caliptra_txn txn = { .buf = bytes, .rsp_len = len };

	return caliptra_is_blank(&txn);
}

static u8 *new_buffer(struct kunit *test)
{
	u8 *bytes = kunit_kzalloc(test, SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	return bytes;
}

/* Every length around the words and blocks that the sum is made of. */
static void every_length(struct kunit *test)
{
	u8 *bytes = new_buffer(test);
	u32 len;

	for (len = 8; len < 1100; len++) {
		get_random_bytes(bytes, len);
		/* what is behind the end does not count */
		memset(bytes + len, 0xff, 8);
		set_checksum(bytes, len);
		KUNIT_EXPECT_FALSE_MSG(test, looks_torn(bytes, len), "%u", len);
		bytes[len - 1]++;
		KUNIT_EXPECT_TRUE_MSG(test, looks_torn(bytes, len), "%u", len);
	}
}

static void random_lengths(struct kunit *test)
{
	u8 *bytes = new_buffer(test);
	u32 i, len, start, at;

	for (i = 0; i < ROUNDS; i++) {
		start = 4 * get_random_u32_below(32);
		len = 8 + get_random_u32_below(SIZE - start - 8);
		get_random_bytes(bytes + start, len);
		set_checksum(bytes + start, len);
		KUNIT_EXPECT_FALSE_MSG(test, looks_torn(bytes + start, len),
				       "%u bytes at %u", len, start);
		at = 4 + get_random_u32_below(len - 4);
		bytes[start + at] ^= 1 << get_random_u32_below(8);
		KUNIT_EXPECT_TRUE_MSG(test, looks_torn(bytes + start, len),
				      "%u bytes at %u, of which %u is wrong",
				      len, start, at);
	}
}

/* As large as a sum of that many bytes can be. */
static void largest_sums(struct kunit *test)
{
	u8 *bytes = new_buffer(test);
	u32 len;

	memset(bytes, 0xff, SIZE);
	for (len = SIZE; len >= 8; len -= 4) {
		set_checksum(bytes, len);
		KUNIT_EXPECT_FALSE_MSG(test, looks_torn(bytes, len), "%u", len);
		memset(bytes, 0xff, 4);
		if (naive_sum(bytes + 4, len - 4) != 1)
			KUNIT_EXPECT_TRUE_MSG(test, looks_torn(bytes, len),
					      "%u", len);
	}
}

/* Too short for a checksum. */
static void short_ones(struct kunit *test)
{
	u8 *bytes = new_buffer(test);
	u32 len;

	KUNIT_EXPECT_FALSE(test, looks_torn(bytes, 0));
	KUNIT_EXPECT_TRUE(test, is_blank(bytes, 0));
	for (len = 1; len < 8; len++) {
		KUNIT_EXPECT_TRUE_MSG(test, looks_torn(bytes, len), "%u", len);
		KUNIT_EXPECT_FALSE_MSG(test, is_blank(bytes, len), "%u", len);
	}
}

static void blank_ones(struct kunit *test)
{
	u8 *bytes = new_buffer(test);
	u32 len;

	for (len = 8; len < 1100; len++) {
		KUNIT_EXPECT_FALSE_MSG(test, looks_torn(bytes, len), "%u", len);
		KUNIT_EXPECT_TRUE_MSG(test, is_blank(bytes, len), "%u", len);
	}
	bytes[7] = 1;
	set_checksum(bytes, 8);
	KUNIT_EXPECT_FALSE(test, is_blank(bytes, 8));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_length), KUNIT_CASE(random_lengths),
	KUNIT_CASE(largest_sums), KUNIT_CASE(short_ones),
	KUNIT_CASE(blank_ones),	  {}
};

static struct kunit_suite suite = {
	.name = "caliptra-checksum",
	.test_cases = cases,
};
kunit_test_suite(suite);
