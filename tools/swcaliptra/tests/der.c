// SPDX-License-Identifier: GPL-2.0-or-later
/* Tests what is written in DER (X.690), at the limits of lengths and buffers. */
#include "harness.h"

#include "der.h"

static uint8_t buffer[70000];
static struct der d;

static int setup(void **state)
{
	(void)state;
	memset(buffer, 0xee, sizeof(buffer));
	d = (struct der){ .bytes = buffer, .size = sizeof(buffer) };
	return 0;
}

static void expect_written(const char *hex)
{
	assert_true(der_ok(&d));
	assert_int_equal(d.len, strlen(hex) / 2);
	expect_hex(buffer, hex);
	d.len = 0;
}

static void integers(void **unused)
{
	static const uint8_t leading[] = { 0, 0, 0x80, 1 };
	static const uint8_t zero[] = { 0, 0 };

	(void)unused;
	der_integer(&d, DER_INTEGER, leading, sizeof(leading));
	expect_written("0203008001");
	der_integer(&d, DER_INTEGER, zero, sizeof(zero));
	expect_written("020100");
	der_small_integer(&d, DER_INTEGER, 0x7f);
	expect_written("02017f");
	der_small_integer(&d, DER_CONTEXT(3), 0x80);
	expect_written("83020080");
	der_small_integer(&d, DER_INTEGER, 0x100);
	expect_written("02020100");
	der_small_integer(&d, DER_INTEGER, 0xffffffff);
	expect_written("020500ffffffff");
}

/* The header of a sequence of @len bytes; they are behind it. */
static void expect_header(size_t len, const char *hex)
{
	size_t header = strlen(hex) / 2;
	size_t i;

	setup(NULL);
	der_byte(&d, 0xaa);
	for (i = 0; i < len; i++)
		der_byte(&d, (uint8_t)i);
	der_wrap(&d, 1, DER_SEQUENCE);
	assert_true(der_ok(&d));
	assert_int_equal(d.len, 1 + header + len);
	assert_int_equal(buffer[0], 0xaa);
	expect_hex(buffer + 1, hex);
	for (i = 0; i < len; i++)
		assert_int_equal(buffer[1 + header + i], (uint8_t)i);
}

static void lengths_are_short(void **unused)
{
	(void)unused;
	expect_header(0, "3000");
	expect_header(127, "307f");
	expect_header(128, "308180");
	expect_header(255, "3081ff");
	expect_header(256, "30820100");
	expect_header(65535, "3082ffff");
	expect_header(65536, "3083010000");
}

static void values_and_skew(void **unused)
{
	static const uint8_t value[200];

	(void)unused;
	der_value(&d, DER_OCTET_STRING, value, 2);
	d.skew = -1;
	der_wrap(&d, 0, DER_CONSTRUCTED(3));
	expect_written("a30304020000");
	d.skew = 0;
	der_value(&d, DER_OCTET_STRING, value, 200);
	assert_int_equal(d.len, 203);
	expect_hex(buffer, "0481c800");
}

/* Nothing is written beyond the buffer, and it is not forgotten. */
static void buffers_end(void **unused)
{
	static const uint8_t value[8];
	size_t size;

	(void)unused;
	for (size = 0; size < 12; size++) {
		setup(NULL);
		d.size = size;
		der_value(&d, DER_OCTET_STRING, value, sizeof(value));
		der_wrap(&d, 0, DER_SEQUENCE);
		assert_false(der_ok(&d));
		assert_in_range(d.len, 0, size);
		assert_int_equal(buffer[size], 0xee);
	}
	setup(NULL);
	d.size = 12;
	der_value(&d, DER_OCTET_STRING, value, sizeof(value));
	der_wrap(&d, 0, DER_SEQUENCE);
	assert_true(der_ok(&d));
	der_byte(&d, 0);
	assert_false(der_ok(&d));
	assert_int_equal(buffer[12], 0xee);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(integers),
		TEST(lengths_are_short),
		TEST(values_and_skew),
		TEST(buffers_end),
	};

	return cmocka_run_group_tests_name("der", tests, NULL, NULL);
}
