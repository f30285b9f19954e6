// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests caliptra_checksum(): messages whose checksum was added up by hand, and
 * what must hold for any message.
 */
#include "test.h"

#include <stdlib.h>

static void known_messages(void **state)
{
	static const struct {
		uint32_t code;
		const char *body;
		size_t len;
		uint32_t sum;
	} messages[] = {
		{ 0, NULL, 0, 0 },
		{ 0, "\0\0\0\0", 4, 0 },
		{ 0, "\1", 1, 0xffffffff },
		{ CALIPTRA_CMD_VERSION, NULL, 0, 0xfffffec2 },
		{ CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER, "\4\0\0\0", 4,
		  0xfffffec5 },
		{ 0xffffffff, "\xff\xff", 2, 0xfffffa06 },
		{ 0x01000000, NULL, 0, 0xffffffff },
		{ 0, "\x80", 1, 0xffffff80 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(messages); i++)
		expect(caliptra_checksum(messages[i].code, messages[i].body,
					 messages[i].len) == messages[i].sum,
		       "message %zu", i);
}

static void carries_into_every_byte(void **state)
{
	size_t len = 256 * 1024;
	uint8_t *body = malloc(len);

	(void)state;
	assert_non_null(body);
	memset(body, 0xff, len);
	assert_int_equal(caliptra_checksum(0, body, len), 0xfc040000);
	free(body);
}

static void notices_any_changed_bit(void **state)
{
	uint8_t body[65];
	uint32_t sum;
	size_t bit;

	(void)state;
	fill(body, sizeof(body), 1);
	sum = caliptra_checksum(0x12345678, body, sizeof(body));
	assert_int_equal(sum,
			 expected_checksum(0x12345678, body, sizeof(body)));
	for (bit = 0; bit < 8 * sizeof(body); bit++) {
		body[bit / 8] ^= (uint8_t)(1 << bit % 8);
		expect(caliptra_checksum(0x12345678, body, sizeof(body)) != sum,
		       "bit %zu", bit);
		body[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (bit = 0; bit < 32; bit++)
		expect(caliptra_checksum(0x12345678 ^ 1u << bit, body,
					 sizeof(body)) != sum,
		       "bit %zu of the code", bit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_messages),
		cmocka_unit_test(carries_into_every_byte),
		cmocka_unit_test(notices_any_changed_bit),
	};

	return cmocka_run_group_tests_name("checksum", tests, NULL, NULL);
}
