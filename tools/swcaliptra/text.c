// SPDX-License-Identifier: GPL-2.0-or-later
/* Numbers and bytes as people type them. See text.h. */
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool text_number64(const char *word, uint64_t *value)
{
	unsigned long long v;
	char *end;

	/* no sign, and no white space that strtoull() passes over */
	if (*word < '0' || *word > '9')
		return false;
	errno = 0;
	v = strtoull(word, &end, 0);
	if (errno || *end)
		return false;
	*value = v;
	return true;
}

bool text_number(const char *word, uint32_t *value)
{
	uint64_t v;

	if (!text_number64(word, &v) || v > UINT32_MAX)
		return false;
	*value = (uint32_t)v;
	return true;
}

bool text_bytes(const char *word, uint8_t *bytes, size_t size)
{
	size_t i;

	if (strlen(word) != 2 * size ||
	    strspn(word, "0123456789abcdefABCDEF") != 2 * size)
		return false;
	for (i = 0; i < size; i++)
		sscanf(word + 2 * i, "%2hhx", &bytes[i]);
	return true;
}
