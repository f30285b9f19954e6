// SPDX-License-Identifier: LGPL-2.1-or-later
#include <caliptra/caliptra.h>

uint32_t caliptra_checksum(uint32_t code, const void *body, size_t len)
{
	const uint8_t *p = body;
	uint32_t sum = 0;

	for (; code; code >>= 8)
		sum += code & 0xff;
	while (len--)
		sum += *p++;
	return 0 - sum;
}
