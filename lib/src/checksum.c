// SPDX-License-Identifier: LGPL-2.1-or-later
#include <caliptra/caliptra.h>

#include <string.h>

#define EVEN_BYTES UINT64_C(0x00ff00ff00ff00ff)

/* Words after which sums of bytes, of two in each, still fit 16 bits. */
#define WORDS_AT_ONCE 128u

static uint32_t sum_words(const uint8_t *p, size_t words)
{
	uint64_t sums = 0;
	uint64_t word;

	while (words--) {
		memcpy(&word, p, sizeof(word));
		p += sizeof(word);
		sums += (word & EVEN_BYTES) + (word >> 8 & EVEN_BYTES);
	}
	sums = (sums & UINT64_C(0x0000ffff0000ffff)) +
	       (sums >> 16 & UINT64_C(0x0000ffff0000ffff));
	return (uint32_t)sums + (uint32_t)(sums >> 32);
}

uint32_t caliptra_checksum(uint32_t code, const void *body, size_t len)
{
	const uint8_t *p = body;
	uint32_t sum = 0;
	size_t words;

	for (; code; code >>= 8)
		sum += code & 0xff;
	while (len >= sizeof(uint64_t)) {
		words = len / sizeof(uint64_t);
		if (words > WORDS_AT_ONCE)
			words = WORDS_AT_ONCE;
		sum += sum_words(p, words);
		p += words * sizeof(uint64_t);
		len -= words * sizeof(uint64_t);
	}
	while (len--)
		sum += *p++;
	return 0 - sum;
}
