/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the libraries' tests share: cmocka, and a few small things. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <caliptra/caliptra.h>
#include <caliptra/commands.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Of a test that goes through a table: fail and say in which case. */
#define expect(condition, ...)                                 \
	do {                                                   \
		if (!(condition))                              \
			fail_msg(#condition ": " __VA_ARGS__); \
	} while (0)

#define assert_contains(text, part) \
	expect(strstr((text), (part)), "'%s' is not in '%s'", (part), (text))

/* The checksum of a message, by its definition and not by the library. */
static inline uint32_t expected_checksum(uint32_t code, const uint8_t *body,
					 size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < 4; i++)
		sum += (uint8_t)(code >> 8 * i);
	for (i = 0; i < len; i++)
		sum += body[i];
	return ~sum + 1;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	size_t i;

	for (i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static inline uint32_t get32(const uint8_t *p)
{
	return p[0] | p[1] * 0x100u | p[2] * 0x10000u | p[3] * 0x1000000u;
}

/* Bytes of which hardly two neighbours and no two words are alike. */
static inline void fill(void *to, size_t len, uint32_t seed)
{
	uint8_t *p = to;

	while (len--) {
		seed = seed * 1664525u + 1013904223u;
		*p++ = (uint8_t)(seed >> 24);
	}
}

#endif
