// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing DER. See der.h. */
#include "der.h"

#include <string.h>

void der_bytes(struct der *d, const void *bytes, size_t len)
{
	if (d->overrun || len > d->size - d->len) {
		d->overrun = true;
		return;
	}
	memcpy(d->bytes + d->len, bytes, len);
	d->len += len;
}

void der_byte(struct der *d, uint8_t byte)
{
	der_bytes(d, &byte, 1);
}

/* Tag and length in as few bytes as there can be; how many. */
static size_t put_header(uint8_t tag, size_t len, uint8_t header[6])
{
	size_t n = 0;
	size_t rest;

	header[0] = tag;
	if (len < 0x80) {
		header[1] = (uint8_t)len;
		return 2;
	}
	for (rest = len; rest; rest >>= 8)
		n++;
	header[1] = (uint8_t)(0x80 | n);
	for (rest = n; rest; rest--, len >>= 8)
		header[1 + rest] = (uint8_t)len;
	return 2 + n;
}

static void write_header(struct der *d, uint8_t tag, size_t len)
{
	uint8_t header[6];
	size_t n = put_header(tag, len, header);

	der_bytes(d, header, n);
}

void der_value(struct der *d, uint8_t tag, const void *value, size_t len)
{
	write_header(d, tag, len);
	der_bytes(d, value, len);
}

void der_integer(struct der *d, uint8_t tag, const uint8_t *number, size_t len)
{
	bool sign;

	while (len > 1 && !*number) {
		number++;
		len--;
	}
	sign = *number & 0x80;
	write_header(d, tag, len + sign);
	if (sign)
		der_byte(d, 0);
	der_bytes(d, number, len);
}

void der_small_integer(struct der *d, uint8_t tag, uint32_t number)
{
	uint8_t bytes[4] = {
		(uint8_t)(number >> 24),
		(uint8_t)(number >> 16),
		(uint8_t)(number >> 8),
		(uint8_t)number,
	};

	der_integer(d, tag, bytes, sizeof(bytes));
}

void der_wrap(struct der *d, size_t start, uint8_t tag)
{
	uint8_t header[6];
	size_t n;

	if (d->overrun)
		return;
	n = put_header(tag, d->len - start + (size_t)d->skew, header);
	if (n > d->size - d->len) {
		d->overrun = true;
		return;
	}
	memmove(d->bytes + start + n, d->bytes + start, d->len - start);
	memcpy(d->bytes + start, header, n);
	d->len += n;
}
