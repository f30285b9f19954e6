// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages by their tables. A message is read twice: the first time only to see
 * whether it is one, so that nobody gets half of it.
 */
#include "layout.h"

#include <inttypes.h>
#include <stdio.h>

static const char *name_of(const struct field *f)
{
	return table_strings + f->name;
}

static uint64_t load(const void *host, size_t offset, unsigned int size)
{
	const uint8_t *p = (const uint8_t *)host + offset;
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (size) {
	case 1:
		return *p;
	case 2:
		memcpy(&v16, p, sizeof(v16));
		return v16;
	case 4:
		memcpy(&v32, p, sizeof(v32));
		return v32;
	default:
		memcpy(&v64, p, sizeof(v64));
		return v64;
	}
}

static void store(void *host, size_t offset, unsigned int size, uint64_t v)
{
	uint8_t *p = (uint8_t *)host + offset;
	uint32_t v32 = (uint32_t)v;
	uint16_t v16 = (uint16_t)v;

	switch (size) {
	case 1:
		*p = (uint8_t)v;
		break;
	case 2:
		memcpy(p, &v16, sizeof(v16));
		break;
	case 4:
		memcpy(p, &v32, sizeof(v32));
		break;
	default:
		memcpy(p, &v, sizeof(v));
		break;
	}
}

static const uint8_t *load_pointer(const void *host, const struct field *f)
{
	const uint8_t *p;

	memcpy(&p, (const uint8_t *)host + f->host, sizeof(p));
	return p;
}

static uint32_t used_bytes(const void *host, const struct field *f)
{
	return (uint32_t)load(host, f->len_host, 4);
}

static uint64_t get_number(struct wire_reader *r, unsigned int size)
{
	const uint8_t *p = wire_take(r, size);
	uint64_t v = 0;

	while (p && size--)
		v = v << 8 | p[size];
	return v;
}

static void put_number(struct wire_writer *w, uint64_t v, unsigned int size)
{
	uint8_t *p = wire_reserve(w, size);

	for (; p && size--; v >>= 8)
		*p++ = (uint8_t)v;
}

/* The values that a field may have, or the bits that @mask has, for a sentence. */
static void list_values(const struct field *f, uint32_t mask, char *text,
			size_t size)
{
	const struct value_set *set = &table_value_sets[f->values];
	size_t len = 0;
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < set->count; i++) {
		const struct named_value *v = &table_values[set->first + i];
		char item[80];
		int n;

		if (mask && !(v->value & mask))
			continue;
		n = snprintf(item, sizeof(item),
			     v->value < 1000 ? "%s%s (%" PRIu32 ")" :
					       "%s%s (0x%" PRIx32 ")",
			     len ? ", " : "", table_strings + v->name,
			     v->value);
		if (len + (size_t)n + sizeof(", ...") > size) {
			strcpy(text + len, ", ...");
			return;
		}
		memcpy(text + len, item, (size_t)n + 1);
		len += (size_t)n;
	}
}

static bool has_value(const struct field *f, uint64_t v)
{
	const struct value_set *set = &table_value_sets[f->values];
	unsigned int i;

	for (i = 0; i < set->count; i++)
		if (table_values[set->first + i].value == v)
			return true;
	return false;
}

/* The bits that a field may have, for a sentence: flags, and those of numbers. */
static void list_bits(const struct field *f, char *text, size_t size)
{
	const struct value_set *set = &table_value_sets[f->values];
	uint32_t others = f->max;
	unsigned int i;
	size_t len;

	for (i = 0; i < set->count; i++)
		others &= ~table_values[set->first + i].value;
	list_values(f, f->max, text, size);
	len = strlen(text);
	if (others)
		snprintf(text + len, size - len, "%sbits 0x%" PRIx32,
			 len ? " and " : "", others);
}

/* May a request have these flags? */
static CaliptraError check_flags(const struct field *f, uint64_t v,
				 struct failure *why)
{
	uint64_t lacking = f->min & ~v;
	uint64_t wrong = v & ~(uint64_t)f->max;
	const char *what = "must have";
	char values[200];

	if (!lacking && !wrong)
		return CALIPTRA_SUCCESS;
	list_values(f, (uint32_t)(lacking ? lacking : wrong), values,
		    sizeof(values));
	if (!lacking) {
		what = "must not have";
		/* bits without a name are told by those that have one */
		if (!*values) {
			what = f->max ? "may have nothing but" : "must be 0";
			list_bits(f, values, sizeof(values));
		}
	}
	return fail(why, CALIPTRA_ERROR_INVALID_ARGUMENT,
		    "%s is 0x%" PRIx64 ", and %s%s%s", name_of(f), v, what,
		    *values ? " " : "", values);
}

/* May a request have this number? */
static CaliptraError check_number(const struct field *f, uint64_t v,
				  struct failure *why)
{
	char values[200];

	if (f->flags & FIELD_FLAGS)
		return check_flags(f, v, why);
	if (v < f->min || (f->size < 8 && v > f->max))
		return fail(why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			    "%s is %" PRIu64 ", and may be %" PRIu32
			    " to %" PRIu32,
			    name_of(f), v, f->min, f->max);
	if (f->flags & FIELD_ENUM && !has_value(f, v)) {
		list_values(f, 0, values, sizeof(values));
		return fail(why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			    "%s is %" PRIu64 ", and may be %s", name_of(f), v,
			    values);
	}
	return CALIPTRA_SUCCESS;
}

static CaliptraError encode_number(const struct field *f, const void *host,
				   bool check, struct wire_writer *w,
				   struct failure *why)
{
	CaliptraError error = CALIPTRA_SUCCESS;
	uint32_t n = f->kind == CALIPTRA_FIELD_INT ? 1 : f->count;
	uint32_t i;

	for (i = 0; i < n && !error; i++) {
		uint64_t v = load(host, f->host + i * f->size, f->size);

		if (check || f->flags & FIELD_LENGTH)
			error = check_number(f, v, why);
		if (!(f->flags & FIELD_ABSENT))
			put_number(w, v, f->size);
	}
	return error;
}

/* What is longer than it may be, or not as long as it must be. */
static CaliptraError check_used(const struct field *f, uint32_t used,
				struct failure *why)
{
	if (f->flags & FIELD_EXACT && used != f->count)
		return fail(why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			    "%s has %" PRIu32
			    " bytes, and this device wants %" PRIu32,
			    name_of(f), used, f->count);
	if (used > f->count)
		return fail(why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			    "%s has %" PRIu32 " bytes, and may have %" PRIu32,
			    name_of(f), used, f->count);
	return CALIPTRA_SUCCESS;
}

static CaliptraError encode_pointer(const struct field *f, const void *host,
				    struct wire_writer *w, struct failure *why)
{
	uint32_t used = used_bytes(host, f);
	const uint8_t *p = load_pointer(host, f);
	CaliptraError error = check_used(f, used, why);

	if (error)
		return error;
	if (used && !p)
		return fail(why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			    "%s is NULL, and is said to have %" PRIu32 " bytes",
			    name_of(f), used);
	wire_put(w, p, used);
	if (f->flags & FIELD_WHOLE)
		wire_put_zeros(w, f->count - used);
	return CALIPTRA_SUCCESS;
}

bool layout_is_set(const struct field *f, const void *host)
{
	const uint8_t *p = (const uint8_t *)host + f->host;
	size_t n = f->count;

	if (f->kind == CALIPTRA_FIELD_INT || f->kind == CALIPTRA_FIELD_ARRAY)
		n = (size_t)f->size * (f->kind == CALIPTRA_FIELD_INT ? 1 : n);
	else if (f->kind == CALIPTRA_FIELD_POINTER)
		return used_bytes(host, f);
	while (n--)
		if (*p++)
			return true;
	return false;
}

size_t layout_size(const struct layout *l, const void *host)
{
	const struct field *last;
	uint32_t used;

	if (!(l->flags & LAYOUT_TAIL))
		return l->max_size - l->prefix;
	last = &table_fields[l->first + l->count - 1];
	used = used_bytes(host, last);
	if (used > last->count)
		used = last->count;
	return l->max_size - l->prefix - last->count + used;
}

CaliptraError layout_encode(const struct layout *l, const void *host,
			    bool check, struct wire_writer *w,
			    struct failure *why)
{
	const struct field *f = &table_fields[l->first];
	const struct field *end = f + l->count;
	CaliptraError error = CALIPTRA_SUCCESS;

	for (; f < end && !error; f++) {
		const uint8_t *p = (const uint8_t *)host + f->host;

		switch ((enum caliptra_field_kind)f->kind) {
		case CALIPTRA_FIELD_INT:
		case CALIPTRA_FIELD_ARRAY:
			error = encode_number(f, host, check, w, why);
			break;
		case CALIPTRA_FIELD_BYTES:
		case CALIPTRA_FIELD_TEXT:
			wire_put(w, p, f->count);
			break;
		case CALIPTRA_FIELD_BE_WORDS:
			wire_put_be_words(w, p, f->count / 4);
			break;
		case CALIPTRA_FIELD_POINTER:
			error = encode_pointer(f, host, w, why);
			break;
		case CALIPTRA_FIELD_CONSTANT:
			put_number(w, f->min, f->size);
			break;
		case CALIPTRA_FIELD_RESERVED:
			wire_put_zeros(w, f->count);
			break;
		}
	}
	if (!error && w->overrun)
		return fail(why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			    "there is room for %zu bytes, and it needs more",
			    w->size);
	return error;
}

/* A number of a message that is being read: are there things it can not be? */
static CaliptraError decode_number(const struct field *f, size_t offset,
				   struct wire_reader *r, uint64_t *v,
				   struct failure *why)
{
	*v = get_number(r, f->size);
	if (r->overrun)
		return CALIPTRA_ERROR_PROTOCOL;
	if (f->kind == CALIPTRA_FIELD_CONSTANT && *v != f->min)
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "%s at offset %zu is 0x%" PRIx64
			    ", and must be 0x%" PRIx32,
			    name_of(f), offset, *v, f->min);
	if (f->flags & FIELD_LENGTH && *v > f->max)
		return fail(why, CALIPTRA_ERROR_PROTOCOL,
			    "%s at offset %zu is %" PRIu64
			    ", and may be %" PRIu32 " at most",
			    name_of(f), offset, *v, f->max);
	return CALIPTRA_SUCCESS;
}

/**
 * struct reading - a message being read
 * @r: what is left of it
 * @host: the structure, or NULL
 * @used: the last length, which is that of the next pointer
 * @why: why it can not be read
 */
struct reading {
	struct wire_reader r;
	void *host;
	uint64_t used;
	struct failure *why;
};

static CaliptraError decode_numbers(struct reading *d, const struct field *f,
				    size_t offset)
{
	uint32_t n = f->kind == CALIPTRA_FIELD_ARRAY ? f->count : 1;
	CaliptraError error;
	uint64_t v;
	uint32_t i;

	for (i = 0; i < n; i++) {
		error = decode_number(f, offset + i * f->size, &d->r, &v,
				      d->why);
		if (error)
			return error;
		if (f->flags & FIELD_LENGTH)
			d->used = v;
		if (d->host && f->kind != CALIPTRA_FIELD_CONSTANT)
			store(d->host, f->host + i * f->size, f->size, v);
	}
	return CALIPTRA_SUCCESS;
}

static CaliptraError decode_pointer(struct reading *d, const struct field *f,
				    size_t offset)
{
	const uint8_t *p;
	uint64_t used = d->used;
	size_t n;

	if (f->flags & FIELD_EXACT)
		used = f->count;
	else if (f->flags & FIELD_REST)
		used = d->r.left;
	if (used > f->count)
		return fail(d->why, CALIPTRA_ERROR_PROTOCOL,
			    "%s at offset %zu has %" PRIu64
			    " bytes, and may have %" PRIu32,
			    name_of(f), offset, used, f->count);
	n = f->flags & FIELD_WHOLE ? f->count : (size_t)used;
	p = wire_take(&d->r, n);
	if (p && d->host) {
		memcpy((uint8_t *)d->host + f->host, &p, sizeof(p));
		store(d->host, f->len_host, 4, used);
	}
	return CALIPTRA_SUCCESS;
}

static CaliptraError decode_field(struct reading *d, const struct field *f,
				  size_t offset)
{
	uint8_t *to = d->host ? (uint8_t *)d->host + f->host : NULL;

	switch ((enum caliptra_field_kind)f->kind) {
	case CALIPTRA_FIELD_INT:
	case CALIPTRA_FIELD_ARRAY:
	case CALIPTRA_FIELD_CONSTANT:
		if (f->flags & FIELD_ABSENT)
			return CALIPTRA_SUCCESS;
		return decode_numbers(d, f, offset);
	case CALIPTRA_FIELD_POINTER:
		return decode_pointer(d, f, offset);
	case CALIPTRA_FIELD_TEXT:
		if (to)
			to[f->count] = '\0';
		break;
	case CALIPTRA_FIELD_BE_WORDS:
		if (to) {
			wire_get_be_words(&d->r, to, f->count / 4);
			return CALIPTRA_SUCCESS;
		}
		break;
	case CALIPTRA_FIELD_BYTES:
	case CALIPTRA_FIELD_RESERVED:
		break;
	}
	if (to && f->kind != CALIPTRA_FIELD_RESERVED)
		wire_get(&d->r, to, f->count);
	else
		wire_take(&d->r, f->count);
	return CALIPTRA_SUCCESS;
}

static CaliptraError walk(const struct layout *l, const uint8_t *bytes,
			  size_t len, bool more, void *host,
			  struct failure *why)
{
	const struct field *f = &table_fields[l->first];
	const struct field *end = f + l->count;
	struct reading d = {
		.r = wire_reader(bytes, len),
		.host = host,
		.why = why,
	};
	CaliptraError error;

	for (; f < end; f++) {
		size_t offset = l->prefix + len - d.r.left;

		if (!d.r.left && f->flags & FIELD_OPTIONAL)
			break;
		error = decode_field(&d, f, offset);
		if (d.r.overrun)
			return fail(
				why, CALIPTRA_ERROR_PROTOCOL,
				"the message has %zu bytes, too few for %s at offset %zu",
				l->prefix + len, name_of(f), offset);
		if (error)
			return error;
	}
	if (d.r.left && !(more && l->flags & LAYOUT_TAIL))
		return fail(
			why, CALIPTRA_ERROR_PROTOCOL,
			"the message has %zu bytes, %zu more than belong in it after %s, from offset %zu on",
			l->prefix + len, d.r.left,
			l->count ? name_of(end - 1) : "its checksum",
			l->prefix + len - d.r.left);
	return CALIPTRA_SUCCESS;
}

CaliptraError layout_decode(const struct layout *l, const uint8_t *bytes,
			    size_t len, bool more, void *host,
			    struct failure *why)
{
	CaliptraError error = walk(l, bytes, len, more, NULL, why);

	if (error || !host)
		return error;
	if (l->flags & LAYOUT_PARTIAL)
		memset(host, 0, l->host_size);
	return walk(l, bytes, len, more, host, why);
}
