// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the readers and writers of wire.h: byte order, and that nothing goes
 * beyond the buffer or is believed once something did not fit.
 */
#include "test.h"

#include "wire.h"

#define GUARD 0xa5

static void numbers_are_little_endian(void **state)
{
	static const uint8_t bytes[] = { 0x78, 0x56, 0x34, 0xf2 };
	uint8_t out[4];

	(void)state;
	assert_int_equal(wire_get_le32(bytes), 0xf2345678);
	wire_put_le32(out, 0xf2345678);
	assert_memory_equal(out, bytes, sizeof(bytes));
}

static void reads_up_to_the_end_and_not_beyond(void **state)
{
	uint8_t bytes[8];
	size_t len, n;

	(void)state;
	fill(bytes, sizeof(bytes), 1);
	for (len = 0; len <= sizeof(bytes); len++)
		for (n = 0; n <= sizeof(bytes) + 1; n++) {
			struct wire_reader r = wire_reader(bytes, len);
			const uint8_t *p = wire_take(&r, n);

			expect(p == (n <= len ? bytes : NULL), "%zu of %zu", n,
			       len);
			expect(r.overrun == (n > len), "%zu of %zu", n, len);
			expect(r.left == (n <= len ? len - n : len),
			       "%zu of %zu", n, len);
		}
}

static void reading_stops_for_good_at_an_overrun(void **state)
{
	static const uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct wire_reader r = wire_reader(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(wire_get_u32(&r), 0x04030201);
	assert_null(wire_take(&r, SIZE_MAX));
	assert_true(r.overrun);
	assert_null(wire_take(&r, 4));
	assert_null(wire_take(&r, 0));
	assert_int_equal(wire_get_u32(&r), 0);
	assert_ptr_equal(r.pos, bytes + 4);
	assert_int_equal(r.left, 4);
}

static void what_can_not_be_read_is_zero(void **state)
{
	static const uint8_t bytes[6] = { 1, 2, 3, 4, 5, 6 };
	struct wire_reader r = wire_reader(bytes, sizeof(bytes));
	uint8_t out[12];
	uint8_t zeros[12] = { 0 };

	(void)state;
	memset(out, GUARD, sizeof(out));
	wire_get(&r, out, 7);
	assert_memory_equal(out, zeros, 7);
	assert_int_equal(out[7], GUARD);

	r = wire_reader(bytes, sizeof(bytes));
	memset(out, GUARD, sizeof(out));
	wire_get_be_words(&r, out, 2);
	assert_memory_equal(out, "\4\3\2\1\0\0\0\0", 8);
	assert_int_equal(out[8], GUARD);
	assert_true(r.overrun);
}

static void an_empty_reader_has_nothing(void **state)
{
	struct wire_reader r = wire_reader(NULL, 0);
	uint8_t out = GUARD;

	(void)state;
	wire_get(&r, &out, 0);
	assert_int_equal(out, GUARD);
	assert_false(r.overrun);
	assert_int_equal(wire_get_u32(&r), 0);
	assert_true(r.overrun);
}

static void digests_have_their_words_reversed(void **state)
{
	static const uint8_t wire[] = { 3, 2, 1, 0, 7, 6, 5, 4 };
	static const uint8_t usual[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	struct wire_reader r = wire_reader(wire, sizeof(wire));
	uint8_t out[8];
	struct wire_writer w = wire_writer(out, sizeof(out));

	(void)state;
	wire_get_be_words(&r, out, 2);
	assert_memory_equal(out, usual, sizeof(usual));
	assert_int_equal(r.left, 0);
	wire_put_be_words(&w, usual, 2);
	assert_memory_equal(out, wire, sizeof(wire));
	assert_int_equal(w.len, 8);
}

static void writes_up_to_the_end_and_not_beyond(void **state)
{
	static const uint8_t bytes[9] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	uint8_t out[10];
	size_t size, n;

	(void)state;
	for (size = 0; size <= 8; size++)
		for (n = 0; n <= 9; n++) {
			struct wire_writer w = wire_writer(out, size);

			memset(out, GUARD, sizeof(out));
			wire_put(&w, bytes, n);
			expect(w.overrun == (n > size), "%zu in %zu", n, size);
			expect(w.len == (n <= size ? n : 0), "%zu in %zu", n,
			       size);
			expect(!memcmp(out, bytes, w.len) &&
				       out[w.len] == GUARD,
			       "%zu in %zu", n, size);
		}
}

static void writing_stops_for_good_at_an_overrun(void **state)
{
	uint8_t out[8];
	struct wire_writer w = wire_writer(out, sizeof(out));

	(void)state;
	memset(out, GUARD, sizeof(out));
	wire_put_u32(&w, 0x04030201);
	assert_null(wire_reserve(&w, 5));
	assert_true(w.overrun);
	assert_null(wire_reserve(&w, SIZE_MAX));
	wire_put_u32(&w, 0);
	wire_put(&w, "x", 1);
	wire_put_be_words(&w, (const uint8_t *)"wxyz", 1);
	assert_int_equal(w.len, 4);
	assert_memory_equal(out, "\1\2\3\4\xa5\xa5\xa5\xa5", 8);
}

static void a_writer_without_room_takes_nothing(void **state)
{
	struct wire_writer w = wire_writer(NULL, 0);

	(void)state;
	wire_put(&w, NULL, 0);
	assert_false(w.overrun);
	wire_put_u32(&w, 1);
	assert_true(w.overrun);
	assert_int_equal(w.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_little_endian),
		cmocka_unit_test(reads_up_to_the_end_and_not_beyond),
		cmocka_unit_test(reading_stops_for_good_at_an_overrun),
		cmocka_unit_test(what_can_not_be_read_is_zero),
		cmocka_unit_test(an_empty_reader_has_nothing),
		cmocka_unit_test(digests_have_their_words_reversed),
		cmocka_unit_test(writes_up_to_the_end_and_not_beyond),
		cmocka_unit_test(writing_stops_for_good_at_an_overrun),
		cmocka_unit_test(a_writer_without_room_takes_nothing),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
