/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading and writing what travels in a mailbox.
 *
 * A reader or writer remembers that it ran out of bounds: code goes through a
 * whole message without checks and asks once at the end. Nothing is ever read or
 * written beyond the buffer; what could not be read is zero.
 */
#ifndef CALIPTRA_WIRE_H
#define CALIPTRA_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t wire_get_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static inline void wire_put_le32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

static inline void wire_put_be32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/**
 * struct wire_reader - where a message is read
 * @pos: next byte
 * @left: bytes from @pos to the end
 * @overrun: something was asked for that is not there
 */
struct wire_reader {
	const uint8_t *pos;
	size_t left;
	bool overrun;
};

/**
 * struct wire_writer - where a message is written
 * @start: first byte of the buffer
 * @len: bytes written
 * @size: of the buffer
 * @overrun: something was written that did not fit
 */
struct wire_writer {
	uint8_t *start;
	size_t len;
	size_t size;
	bool overrun;
};

static inline struct wire_reader wire_reader(const void *data, size_t len)
{
	return (struct wire_reader){ .pos = data, .left = len };
}

static inline struct wire_writer wire_writer(void *buf, size_t size)
{
	return (struct wire_writer){ .start = buf, .size = size };
}

/* The next @n bytes, or NULL. */
static inline const uint8_t *wire_take(struct wire_reader *r, size_t n)
{
	const uint8_t *p = r->pos;

	if (r->overrun || n > r->left) {
		r->overrun = true;
		return NULL;
	}
	r->pos += n;
	r->left -= n;
	return p;
}

static inline void wire_get(struct wire_reader *r, void *dst, size_t n)
{
	const uint8_t *p = wire_take(r, n);

	if (p)
		memcpy(dst, p, n);
	else
		memset(dst, 0, n);
}

static inline uint32_t wire_get_u32(struct wire_reader *r)
{
	const uint8_t *p = wire_take(r, 4);

	return p ? wire_get_le32(p) : 0;
}

/*
 * Digests that the firmware types u32[N]: each word has its bytes reversed
 * against the usual order, which is what @dst gets.
 */
static inline void wire_get_be_words(struct wire_reader *r, uint8_t *dst,
				     size_t words)
{
	while (words--) {
		uint32_t v = wire_get_u32(r);

		*dst++ = (uint8_t)(v >> 24);
		*dst++ = (uint8_t)(v >> 16);
		*dst++ = (uint8_t)(v >> 8);
		*dst++ = (uint8_t)v;
	}
}

/* Room for @n bytes, or NULL. */
static inline uint8_t *wire_reserve(struct wire_writer *w, size_t n)
{
	uint8_t *p;

	if (w->overrun || n > w->size - w->len) {
		w->overrun = true;
		return NULL;
	}
	p = w->start + w->len;
	w->len += n;
	return p;
}

static inline void wire_put(struct wire_writer *w, const void *src, size_t n)
{
	uint8_t *p = wire_reserve(w, n);

	if (p && n)
		memcpy(p, src, n);
}

static inline void wire_put_zeros(struct wire_writer *w, size_t n)
{
	uint8_t *p = wire_reserve(w, n);

	if (p && n)
		memset(p, 0, n);
}

static inline void wire_put_u32(struct wire_writer *w, uint32_t v)
{
	uint8_t *p = wire_reserve(w, 4);

	if (p)
		wire_put_le32(p, v);
}

/* The counterpart of wire_get_be_words(). */
static inline void wire_put_be_words(struct wire_writer *w, const uint8_t *src,
				     size_t words)
{
	for (; words--; src += 4)
		wire_put_u32(w, (uint32_t)src[0] << 24 |
					(uint32_t)src[1] << 16 |
					(uint32_t)src[2] << 8 | src[3]);
}

#endif
