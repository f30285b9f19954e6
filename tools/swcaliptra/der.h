/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing DER (X.690) from the inside out: contents first, then der_wrap() puts tag
 * and length before them.
 *
 * What does not fit is not written, and der_ok() tells at the end.
 */
#ifndef SWCALIPTRA_DER_H
#define SWCALIPTRA_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DER_BOOLEAN	     0x01
#define DER_INTEGER	     0x02
#define DER_BIT_STRING	     0x03
#define DER_OCTET_STRING     0x04
#define DER_OID		     0x06
#define DER_UTF8_STRING	     0x0c
#define DER_PRINTABLE_STRING 0x13
#define DER_GENERALIZED_TIME 0x18
#define DER_SEQUENCE	     0x30
#define DER_SET		     0x31
#define DER_CONTEXT(n)	     (0x80 | (n)) /* primitive */
#define DER_CONSTRUCTED(n)   (0xa0 | (n))

/**
 * struct der - what is being written
 * @bytes: the buffer
 * @size: its size
 * @len: bytes written
 * @skew: added to every length that der_wrap() writes
 * @overrun: something did not fit
 */
struct der {
	uint8_t *bytes;
	size_t size;
	size_t len;
	int skew;
	bool overrun;
};

/** der_bytes() - bytes as they are */
void der_bytes(struct der *d, const void *bytes, size_t len);

/** der_byte() - one byte */
void der_byte(struct der *d, uint8_t byte);

/** der_value() - tag, length and value */
void der_value(struct der *d, uint8_t tag, const void *value, size_t len);

/** der_integer() - an unsigned number, most significant byte first */
void der_integer(struct der *d, uint8_t tag, const uint8_t *number, size_t len);

/** der_small_integer() - the same of a number of 32 bits */
void der_small_integer(struct der *d, uint8_t tag, uint32_t number);

/** der_wrap() - put tag and length before everything from @start on */
void der_wrap(struct der *d, size_t start, uint8_t tag);

/** der_ok() - did everything fit? */
static inline bool der_ok(const struct der *d)
{
	return !d->overrun;
}

#endif
