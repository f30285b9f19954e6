// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the messages of every command in every age: what a structure of random
 * values is written as, that it is read as it was, and that whatever can not be
 * is refused by name. What is legal is taken from what the library says of its
 * tables. That the tables are right is for the messages at the end, which were
 * written by hand.
 */
#include <stdio.h>
#include <stdlib.h>

#include "test.h"

#define GUARD 0xa5

/* Structures of random values for each message. */
#define ROUNDS 20

#define MAX_FIELDS 256

/* Where every byte is tried, and how far apart they are after that. */
#define DENSE  64
#define STRIDE 61

/**
 * struct subject - a message
 * @command: of this command
 * @name: what that is called
 * @age: in this age
 * @kind: its request or response
 * @info: what is known of it
 * @fields: its fields
 * @prefix: bytes of its checksum
 * @tail: the pointer at its end, or NULL
 * @length: the field with the length of that, or NULL where it is @tail's count
 */
struct subject {
	const struct caliptra_command *command;
	const char *name;
	const char *age;
	enum caliptra_message_kind kind;
	struct caliptra_message_info info;
	struct caliptra_field_info fields[MAX_FIELDS];
	size_t prefix;
	const struct caliptra_field_info *tail;
	const struct caliptra_field_info *length;
};

/**
 * struct sample - a message with values
 * @s: which one
 * @host: its structure, or NULL
 * @bytes: as it travels, without the checksum
 * @len: their number
 */
struct sample {
	const struct subject *s;
	uint8_t *host;
	uint8_t *bytes;
	size_t len;
};

static uint64_t seed;

static uint64_t any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t between(uint64_t low, uint64_t high)
{
	switch (any() % 8) {
	case 0:
		return low;
	case 1:
		return high;
	default:
		return low + any() % (high - low + 1);
	}
}

static void any_bytes(uint8_t *p, size_t n)
{
	while (n--)
		*p++ = (uint8_t)any();
}

/* What pointers of messages point to. */
static uint8_t *pointed;
static size_t pointed_size;

#define expect_of(s, condition, format, ...)                           \
	expect(condition, "%s of %s, %s: " format,                     \
	       (s)->kind == CALIPTRA_REQUEST ? "request" : "response", \
	       (s)->name, (s)->age, ##__VA_ARGS__)

#define for_each_field(f, s) \
	for (f = (s)->fields; f < (s)->fields + (s)->info.fields; f++)

static bool is_number(const struct caliptra_field_info *f)
{
	return f->kind == CALIPTRA_FIELD_INT || f->kind == CALIPTRA_FIELD_ARRAY;
}

static bool is_hidden(const struct caliptra_field_info *f)
{
	return f->kind == CALIPTRA_FIELD_CONSTANT ||
	       f->kind == CALIPTRA_FIELD_RESERVED;
}

/* The end of the message is the end of the data, whatever their length says. */
static bool is_rest(const struct subject *s)
{
	return s->tail && s->length &&
	       !(s->length->is_length && s->length->wire_size);
}

/* The message has zeros behind what is used of the data. */
static bool is_whole(const struct subject *s)
{
	return s->tail && s->info.min_size == s->info.max_size;
}

static bool describe(struct subject *s)
{
	struct caliptra_field_info *f;
	size_t i;

	if (caliptra_message_describe(s->command, s->kind, s->age, &s->info))
		return false;
	assert_in_range(s->info.fields, 0, MAX_FIELDS);
	for (i = 0; i < s->info.fields; i++)
		assert_true(caliptra_message_field(s->command, s->kind, s->age,
						   i, &s->fields[i]));
	assert_false(caliptra_message_field(s->command, s->kind, s->age, i,
					    &s->fields[0]));
	s->prefix = i ? s->fields[0].wire_offset : s->info.min_size;
	s->tail = s->length = NULL;
	if (i && s->fields[i - 1].kind == CALIPTRA_FIELD_POINTER)
		s->tail = &s->fields[i - 1];
	for_each_field(f, s) if (s->tail && f->kind == CALIPTRA_FIELD_INT &&
				 f->offset == s->tail->length_offset)
		s->length = f;
	return true;
}

static void for_each_age(const struct caliptra_command *command,
			 void (*test)(const struct subject *s))
{
	struct subject s = { .command = command };
	size_t i;

	for (i = 0; (s.age = caliptra_command_age(command, i, &s.name)); i++) {
		s.kind = CALIPTRA_REQUEST;
		if (describe(&s))
			test(&s);
		s.kind = CALIPTRA_RESPONSE;
		if (describe(&s))
			test(&s);
	}
	assert_int_not_equal(i, 0);
}

static void for_each_subject(void (*test)(const struct subject *s))
{
	const struct caliptra_command *command;
	size_t i;

	seed = 0x9e3779b97f4a7c15;
	for (i = 0; (command = caliptra_command_at(i)); i++)
		for_each_age(command, test);
	assert_in_range(i, 200, 300);
}

static uint64_t load(const uint8_t *host, size_t offset, size_t size)
{
	uint64_t v64 = 0;
	uint32_t v32;
	uint16_t v16;

	host += offset;
	switch (size) {
	case 1:
		return *host;
	case 2:
		memcpy(&v16, host, size);
		return v16;
	case 4:
		memcpy(&v32, host, size);
		return v32;
	default:
		assert_int_equal(size, 8);
		memcpy(&v64, host, size);
		return v64;
	}
}

static void store(uint8_t *host, size_t offset, size_t size, uint64_t v)
{
	uint32_t v32 = (uint32_t)v;
	uint16_t v16 = (uint16_t)v;

	host += offset;
	if (size == 1)
		*host = (uint8_t)v;
	else
		memcpy(host,
		       size == 2 ? (void *)&v16 :
		       size == 4 ? (void *)&v32 :
				   (void *)&v,
		       size);
}

static uint64_t most_of(const struct caliptra_field_info *f)
{
	return f->size < 8 ? (1ull << 8 * f->size) - 1 : UINT64_MAX;
}

static bool has_value(const struct caliptra_field_info *f, uint64_t v)
{
	uint32_t value;
	size_t i;

	for (i = 0; caliptra_values_at(f->values, i, &value); i++)
		if (value == v)
			return true;
	return false;
}

/* One that may be in a request; in a response everything may be but lengths. */
static uint64_t legal_number(const struct subject *s,
			     const struct caliptra_field_info *f)
{
	uint64_t high = f->size < 8 ? f->max : UINT64_MAX - 1;
	uint32_t value;
	size_t n;

	if (s->kind == CALIPTRA_RESPONSE && !f->is_length)
		return any() & most_of(f);
	if (f->flags)
		return (any() & f->max & most_of(f)) | f->min;
	if (!f->values)
		return between(f->min, high);
	for (n = 0; caliptra_values_at(f->values, n, &value);)
		n++;
	do
		caliptra_values_at(f->values, any() % n, &value);
	while (value < f->min || value > high);
	return value;
}

/* The most, the least, and then something small. */
static size_t legal_length(const struct subject *s, int round)
{
	size_t most = s->tail->count;
	size_t least = most;

	if (s->length) {
		least = s->length->min;
		if (most > s->length->max)
			most = s->length->max;
	}
	if (!round)
		return most;
	if (round == 1)
		return least;
	return between(least, most < least + 300 ? most : least + 300);
}

static void fill_field(const struct subject *s, uint8_t *host,
		       const struct caliptra_field_info *f, int round)
{
	size_t n = f->kind == CALIPTRA_FIELD_ARRAY ? f->count : 1;
	const uint8_t *data = pointed;
	size_t i;

	switch (f->kind) {
	case CALIPTRA_FIELD_INT:
	case CALIPTRA_FIELD_ARRAY:
		for (i = 0; i < n; i++)
			store(host, f->offset + i * f->size, f->size,
			      legal_number(s, f));
		break;
	case CALIPTRA_FIELD_TEXT:
		host[f->offset + f->count] = '\0';
		any_bytes(host + f->offset, f->count);
		break;
	case CALIPTRA_FIELD_BYTES:
	case CALIPTRA_FIELD_BE_WORDS:
		any_bytes(host + f->offset, f->count);
		break;
	case CALIPTRA_FIELD_POINTER:
		i = legal_length(s, round);
		store(host, f->length_offset, 4, i);
		if (!i && round % 2)
			data = NULL;
		memcpy(host + f->offset, &data, sizeof(data));
		break;
	case CALIPTRA_FIELD_CONSTANT:
	case CALIPTRA_FIELD_RESERVED:
		break;
	}
}

static size_t used_of(const struct sample *m)
{
	return load(m->host, m->s->tail->length_offset, 4);
}

static const uint8_t *data_of(const struct subject *s, const uint8_t *host)
{
	const uint8_t *data;

	memcpy(&data, host + s->tail->offset, sizeof(data));
	return data;
}

static uint8_t *guarded(const struct subject *s)
{
	uint8_t *host = malloc(s->info.struct_size + 1);

	assert_non_null(host);
	memset(host, GUARD, s->info.struct_size + 1);
	return host;
}

static void is_guarded(const struct subject *s, const uint8_t *host,
		       const char *when)
{
	size_t i;

	for (i = 0; i <= s->info.struct_size; i++)
		expect_of(s, host[i] == GUARD, "byte %zu, %s", i, when);
}

static CaliptraError decode(const struct subject *s, const uint8_t *bytes,
			    size_t len, uint8_t *host, char why[320])
{
	return caliptra_message_decode(s->command, s->kind, s->age, bytes, len,
				       host, why, 320);
}

static CaliptraError encode(const struct subject *s, const uint8_t *host,
			    uint8_t *bytes, size_t size, size_t *len,
			    char why[320])
{
	return caliptra_message_encode(s->command, s->kind, s->age, host, bytes,
				       size, len, why, 320);
}

static struct sample make_sample(const struct subject *s, int round)
{
	struct sample m = { .s = s };
	const struct caliptra_field_info *f;
	char why[320];

	if (s->tail && s->tail->count > pointed_size) {
		pointed_size = s->tail->count;
		pointed = realloc(pointed, pointed_size);
		any_bytes(pointed, pointed_size);
	}
	m.host = guarded(s);
	for_each_field(f, s) fill_field(s, m.host, f, round);
	m.bytes = malloc(s->info.max_size);
	assert_non_null(m.bytes);
	expect_of(s,
		  !encode(s, m.host, m.bytes, s->info.max_size - s->prefix,
			  &m.len, why),
		  "%s", why);
	assert_string_equal(why, "");
	return m;
}

static void free_sample(struct sample *m)
{
	free(m->host);
	free(m->bytes);
}

static void free_pointed(void)
{
	free(pointed);
	pointed = NULL;
	pointed_size = 0;
}

/* A field as it must be on the wire, made without the library. */
static void check_wire(const struct sample *m,
		       const struct caliptra_field_info *f)
{
	const uint8_t *p = m->bytes + f->wire_offset - m->s->prefix;
	const uint8_t *host = m->host + f->offset;
	uint64_t v;
	size_t i;

	for (i = 0; i < f->wire_size; i++) {
		uint8_t want = 0;

		if (f->kind == CALIPTRA_FIELD_CONSTANT) {
			want = (uint8_t)(f->min >> 8 * i);
		} else if (is_number(f)) {
			v = load(host, i / f->size * f->size, f->size);
			want = (uint8_t)(v >> 8 * (i % f->size));
		} else if (f->kind == CALIPTRA_FIELD_BE_WORDS) {
			want = host[i ^ 3];
		} else if (f->kind == CALIPTRA_FIELD_POINTER) {
			if (i < used_of(m))
				want = data_of(m->s, m->host)[i];
			else if (!is_whole(m->s))
				break;
		} else if (f->kind != CALIPTRA_FIELD_RESERVED) {
			want = host[i];
		}
		expect_of(m->s, p[i] == want, "%s, byte %zu", f->name, i);
	}
}

static void check_length(const struct sample *m)
{
	const struct subject *s = m->s;
	size_t want = s->info.max_size;

	if (s->tail && !is_whole(s))
		want -= s->tail->count - used_of(m);
	expect_of(s, s->prefix + m->len == want, "%zu bytes and not %zu",
		  s->prefix + m->len, want);
	assert_in_range(want, s->info.min_size, s->info.max_size);
}

/* Bytes that a field has in the structure. */
static size_t host_size(const struct caliptra_field_info *f)
{
	switch (f->kind) {
	case CALIPTRA_FIELD_INT:
		return f->size;
	case CALIPTRA_FIELD_ARRAY:
		return f->size * f->count;
	case CALIPTRA_FIELD_TEXT:
		return f->count + 1;
	case CALIPTRA_FIELD_BYTES:
	case CALIPTRA_FIELD_BE_WORDS:
		return f->count;
	case CALIPTRA_FIELD_POINTER:
		return sizeof(uint8_t *);
	default:
		return 0;
	}
}

static void is_zero(const struct subject *s, const uint8_t *host,
		    const struct caliptra_field_info *f)
{
	size_t i;

	for (i = 0; i < host_size(f); i++)
		expect_of(s, !host[f->offset + i], "%s is not zero", f->name);
}

/* What @host has of a field is what the sample has. */
static void same_field(const struct sample *m, const uint8_t *host,
		       const struct caliptra_field_info *f)
{
	const struct subject *s = m->s;

	if (f->kind != CALIPTRA_FIELD_POINTER) {
		expect_of(s,
			  !memcmp(host + f->offset, m->host + f->offset,
				  host_size(f)),
			  "%s", f->name);
		return;
	}
	expect_of(s, load(host, f->length_offset, 4) == used_of(m), "%s",
		  f->name);
	expect_of(s,
		  !used_of(m) || !memcmp(data_of(s, host), data_of(s, m->host),
					 used_of(m)),
		  "%s", f->name);
}

static bool has_member(const struct subject *s,
		       const struct caliptra_field_info *other)
{
	const struct caliptra_field_info *f;

	for_each_field(f, s) if (!is_hidden(f) &&
				 f->offset == other->offset) return true;
	return s->tail && other->offset == s->tail->length_offset;
}

/* What the structure has for other ages is zero. */
static void others_are_zero(const struct subject *s, const uint8_t *host)
{
	struct caliptra_field_info f;
	const char *age;
	size_t i, k;

	for (i = 0; (age = caliptra_command_age(s->command, i, NULL)); i++)
		for (k = 0;
		     caliptra_message_field(s->command, s->kind, age, k, &f);
		     k++)
			if (!is_hidden(&f) && !has_member(s, &f))
				is_zero(s, host, &f);
}

static void goes_there_and_back(const struct subject *s)
{
	const struct caliptra_field_info *f;
	uint8_t *host, *again = malloc(s->info.max_size);
	struct sample m;
	char why[320];
	size_t len;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		m = make_sample(s, round);
		check_length(&m);
		for_each_field(f, s) check_wire(&m, f);
		host = guarded(s);
		expect_of(s, !decode(s, m.bytes, m.len, host, why), "%s", why);
		for_each_field(f, s) same_field(&m, host, f);
		others_are_zero(s, host);
		assert_int_equal(host[s->info.struct_size], GUARD);
		expect_of(s, !encode(s, host, again, m.len, &len, why), "%s",
			  why);
		assert_int_equal(len, m.len);
		assert_memory_equal(again, m.bytes, len);
		assert_int_equal(decode(s, m.bytes, m.len, NULL, NULL), 0);
		free(host);
		free_sample(&m);
	}
	free(again);
}

static void every_message_goes_there_and_back(void **state)
{
	(void)state;
	for_each_subject(goes_there_and_back);
	free_pointed();
}

static void needs_its_room(const struct subject *s)
{
	struct sample m = make_sample(s, 2);
	uint8_t *less;
	char why[320];
	size_t len = 1;

	if (m.len) {
		less = malloc(m.len - 1);
		assert_int_equal(encode(s, m.host, less, m.len - 1, &len, why),
				 CALIPTRA_ERROR_INVALID_ARGUMENT);
		expect_of(s, strstr(why, "room"), "%s", why);
		assert_int_equal(len, 0);
		free(less);
	}
	free_sample(&m);
}

static void nothing_is_written_where_there_is_no_room(void **state)
{
	(void)state;
	for_each_subject(needs_its_room);
	free_pointed();
}

/* May the message end so early? Before what is optional, or inside the rest. */
static bool may_end_at(const struct subject *s, size_t at)
{
	const struct caliptra_field_info *f;

	if (is_rest(s) && at >= s->tail->wire_offset)
		return true;
	if (at < s->info.min_size)
		return false;
	for_each_field(f, s) if (f != s->tail && f->wire_size &&
				 f->wire_offset == at) return true;
	return false;
}

static void check_early_end(const struct sample *m, const uint8_t *bytes,
			    size_t len)
{
	const struct subject *s = m->s;
	size_t at = s->prefix + len;
	const struct caliptra_field_info *f;
	uint8_t *host = guarded(s);
	char why[320];

	expect_of(s, !decode(s, bytes, len, host, why), "%zu bytes: %s", len,
		  why);
	for_each_field(f, s)
	{
		if (is_hidden(f) || !f->wire_size)
			continue;
		if (f->wire_offset + f->wire_size <= at &&
		    !(is_rest(s) && f == s->length))
			same_field(m, host, f);
		else if (!is_rest(s))
			is_zero(s, host, f);
	}
	if (is_rest(s))
		assert_int_equal(load(host, s->tail->length_offset, 4),
				 at - s->tail->wire_offset);
	free(host);
}

static void must_be_whole(const struct subject *s)
{
	struct sample m = make_sample(s, 2);
	size_t dense = s->tail ? s->tail->wire_offset - s->prefix + DENSE :
				 m.len;
	uint8_t *host = guarded(s), *end = malloc(m.len + 1);
	char why[320];
	size_t len;

	for (len = 0; len < m.len; len += len < dense ? 1 : STRIDE) {
		/* at the end of the memory, so that nobody reads further */
		uint8_t *p = end + m.len + 1 - len;

		memcpy(p, m.bytes, len);
		if (may_end_at(s, s->prefix + len)) {
			check_early_end(&m, p, len);
			continue;
		}
		expect_of(s,
			  decode(s, p, len, host, why) ==
				  CALIPTRA_ERROR_PROTOCOL,
			  "%zu bytes", len);
		expect_of(s, strstr(why, "too few for "), "%zu bytes: %s", len,
			  why);
	}
	is_guarded(s, host, "cut short");
	free(end);
	free(host);
	free_sample(&m);
}

static void what_is_cut_short_is_refused(void **state)
{
	(void)state;
	for_each_subject(must_be_whole);
	free_pointed();
}

/* Firmware does not look behind data whose length it is told; others do. */
static void may_not_be_longer(const struct subject *s)
{
	bool more = s->kind == CALIPTRA_REQUEST && s->length &&
		    s->info.min_size != s->info.max_size;
	const struct caliptra_field_info *f;
	uint8_t *host = guarded(s);
	struct sample m;
	char why[320], where[40];
	int round;

	for (round = 0; round < 3; round++) {
		m = make_sample(s, round);
		m.bytes = realloc(m.bytes, m.len + 1);
		m.bytes[m.len] = 0;
		if (is_rest(s) && used_of(&m) < s->tail->count) {
			assert_int_equal(decode(s, m.bytes, m.len + 1, host,
						why),
					 CALIPTRA_SUCCESS);
			assert_int_equal(load(host, s->tail->length_offset, 4),
					 used_of(&m) + 1);
			memset(host, GUARD, s->info.struct_size);
		} else if (more && !is_rest(s)) {
			expect_of(s, !decode(s, m.bytes, m.len + 1, host, why),
				  "%s", why);
			for_each_field(f, s) same_field(&m, host, f);
			memset(host, GUARD, s->info.struct_size);
		} else {
			expect_of(s,
				  decode(s, m.bytes, m.len + 1, host, why) ==
					  CALIPTRA_ERROR_PROTOCOL,
				  "longer");
			expect_of(s,
				  strstr(why, is_rest(s) ? s->tail->name :
							   "1 more than"),
				  "%s", why);
			snprintf(where, sizeof(where), "offset %zu",
				 is_rest(s) ? s->tail->wire_offset :
					      s->prefix + m.len);
			expect_of(s, strstr(why, where), "%s: %s", where, why);
		}
		is_guarded(s, host, "longer");
		free_sample(&m);
	}
	free(host);
}

static void what_is_too_long_is_refused(void **state)
{
	(void)state;
	for_each_subject(may_not_be_longer);
	free_pointed();
}

/* Bytes that can not be: it is refused, and said which field it is. */
static void decode_refuses(const struct sample *m,
			   const struct caliptra_field_info *f)
{
	uint8_t *host = guarded(m->s);
	char why[320];

	expect_of(m->s,
		  decode(m->s, m->bytes, m->len, host, why) ==
			  CALIPTRA_ERROR_PROTOCOL,
		  "%s", f->name);
	expect_of(m->s, !strncmp(why, f->name, strlen(f->name)), "%s: %s",
		  f->name, why);
	is_guarded(m->s, host, f->name);
	free(host);
}

static void put_number(uint8_t *p, uint64_t v, size_t size)
{
	for (; size--; v >>= 8)
		*p++ = (uint8_t)v;
}

static void try_lengths(struct sample *m, const struct caliptra_field_info *f)
{
	const uint64_t bad[] = { (uint64_t)f->max + 1, (uint64_t)f->max + 256,
				 0x7fffffff,	       0x80000000,
				 0xfffffffc,	       UINT64_MAX };
	uint8_t *p = m->bytes + f->wire_offset - m->s->prefix;
	uint64_t before = load(m->host, f->offset, f->size);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		if ((bad[i] & most_of(f)) <= f->max)
			continue;
		put_number(p, bad[i], f->size);
		decode_refuses(m, f);
	}
	put_number(p, before, f->size);
}

static void try_constant(struct sample *m, const struct caliptra_field_info *f)
{
	uint8_t *p = m->bytes + f->wire_offset - m->s->prefix;
	size_t bit;

	for (bit = 0; bit < 8 * f->wire_size; bit++) {
		p[bit / 8] ^= 1u << bit % 8;
		decode_refuses(m, f);
		p[bit / 8] ^= 1u << bit % 8;
	}
}

/* Nobody looks at what is reserved. */
static void try_reserved(struct sample *m, const struct caliptra_field_info *f)
{
	uint8_t *p = m->bytes + f->wire_offset - m->s->prefix;
	uint8_t *host = guarded(m->s);
	const struct caliptra_field_info *other;
	char why[320];

	memset(p, 0xff, f->wire_size);
	expect_of(m->s, !decode(m->s, m->bytes, m->len, host, why), "%s: %s",
		  f->name, why);
	for_each_field(other, m->s) same_field(m, host, other);
	memset(p, 0, f->wire_size);
	free(host);
}

static void try_bytes(const struct subject *s)
{
	struct sample m = make_sample(s, 2);
	const struct caliptra_field_info *f;

	for_each_field(f, s)
	{
		if (f->kind == CALIPTRA_FIELD_INT && f->is_length &&
		    f->wire_size)
			try_lengths(&m, f);
		if (f->kind == CALIPTRA_FIELD_CONSTANT)
			try_constant(&m, f);
		if (f->kind == CALIPTRA_FIELD_RESERVED)
			try_reserved(&m, f);
	}
	free_sample(&m);
}

static void bytes_that_can_not_be_are_refused(void **state)
{
	(void)state;
	for_each_subject(try_bytes);
	free_pointed();
}

/* How many values were found that can not be, so that the test is one. */
static struct {
	unsigned int flags, values, limits, lengths, pointers, exact;
} refused;

/* @or_name is for who looks first, the length or the data. */
static void encode_refuses(const struct sample *m, const char *name,
			   const char *or_name)
{
	uint8_t *bytes = malloc(m->s->info.max_size);
	char why[320];
	size_t len = 1;

	expect_of(m->s,
		  encode(m->s, m->host, bytes,
			 m->s->info.max_size - m->s->prefix, &len,
			 why) == CALIPTRA_ERROR_INVALID_ARGUMENT,
		  "%s", name);
	assert_int_equal(len, 0);
	expect_of(m->s,
		  !strncmp(why, name, strlen(name)) ||
			  !strncmp(why, or_name, strlen(or_name)),
		  "%s: %s", name, why);
	free(bytes);
}

static void try_number(struct sample *m, const struct caliptra_field_info *f,
		       size_t offset, uint64_t v, unsigned int *count)
{
	uint64_t before = load(m->host, offset, f->size);
	bool of_tail = f == m->s->length;

	store(m->host, offset, f->size, v);
	encode_refuses(m, f->name, of_tail ? m->s->tail->name : f->name);
	store(m->host, offset, f->size, before);
	++*count;
}

static void try_flags(struct sample *m, const struct caliptra_field_info *f,
		      size_t at)
{
	uint64_t before = load(m->host, at, f->size);
	unsigned int i;

	for (i = 0; i < 8 * f->size; i++) {
		uint64_t bit = 1ull << i;

		if (f->min & bit)
			try_number(m, f, at, before & ~bit, &refused.flags);
		else if (!(f->max & bit))
			try_number(m, f, at, before | bit, &refused.flags);
	}
}

static void try_values(struct sample *m, const struct caliptra_field_info *f,
		       size_t at)
{
	uint64_t v;

	for (v = f->min; v <= f->max && v < f->min + 300ull; v++)
		if (!has_value(f, v))
			try_number(m, f, at, v, &refused.values);
	if (!has_value(f, f->max))
		try_number(m, f, at, f->max, &refused.values);
}

static void try_limits(struct sample *m, const struct caliptra_field_info *f,
		       size_t at)
{
	unsigned int *count = f->is_length ? &refused.lengths : &refused.limits;

	if (f->min)
		try_number(m, f, at, f->min - 1ull, count);
	if (f->size < 8 && f->max < most_of(f)) {
		try_number(m, f, at, f->max + 1ull, count);
		try_number(m, f, at, most_of(f), count);
	}
}

static void try_numbers(struct sample *m, const struct caliptra_field_info *f)
{
	size_t n = f->kind == CALIPTRA_FIELD_ARRAY ? f->count : 1;
	size_t at = f->offset + any() % n * f->size;

	if (m->s->kind == CALIPTRA_RESPONSE && !f->is_length)
		return;
	if (f->flags)
		try_flags(m, f, at);
	else
		try_limits(m, f, at);
	if (f->values && !f->flags)
		try_values(m, f, at);
}

static void try_length(struct sample *m, uint64_t v)
{
	const struct caliptra_field_info *f = m->s->tail;
	const struct caliptra_field_info *length = m->s->length;

	store(m->host, f->length_offset, 4, v);
	encode_refuses(m, f->name, length ? length->name : f->name);
}

static void try_pointer(struct sample *m)
{
	const struct caliptra_field_info *f = m->s->tail;
	const uint8_t *null = NULL;
	size_t used = used_of(m);

	try_length(m, f->count + 1);
	try_length(m, UINT32_MAX);
	if (!m->s->length) {
		try_length(m, f->count - 1);
		try_length(m, 0);
		refused.exact++;
	}
	store(m->host, f->length_offset, 4, used ? used : 1);
	memcpy(m->host + f->offset, &null, sizeof(null));
	encode_refuses(m, f->name, f->name);
	refused.pointers++;
}

static void try_values_of(const struct subject *s)
{
	struct sample m = make_sample(s, 2);
	const struct caliptra_field_info *f;

	for_each_field(f, s) if (is_number(f)) try_numbers(&m, f);
	/* the last, as it does not tidy up */
	if (s->tail)
		try_pointer(&m);
	free_sample(&m);
}

static void values_that_can_not_be_are_refused(void **state)
{
	(void)state;
	memset(&refused, 0, sizeof(refused));
	for_each_subject(try_values_of);
	free_pointed();
	assert_int_not_equal(refused.flags, 0);
	assert_int_not_equal(refused.values, 0);
	assert_int_not_equal(refused.limits, 0);
	assert_int_not_equal(refused.lengths, 0);
	assert_int_not_equal(refused.pointers, 0);
	assert_int_not_equal(refused.exact, 0);
}

/* Fields stand one behind the other and have names. */
static void check_fields(const struct subject *s)
{
	const struct caliptra_field_info *f;
	size_t at = s->prefix;

	for_each_field(f, s)
	{
		expect_of(s, *f->name, "field at %zu", at);
		expect_of(s, f->wire_offset == at, "%s", f->name);
		at += f->wire_size;
		expect_of(s,
			  f->offset + host_size(f) <= s->info.struct_size ||
				  is_hidden(f),
			  "%s", f->name);
	}
	expect_of(s, at == s->info.max_size, "%zu", at);
	expect_of(s, s->info.min_size <= at, "%zu", at);
}

static void fields_make_up_the_message(void **state)
{
	(void)state;
	for_each_subject(check_fields);
}

static void what_is_not_there_is_said(void **state)
{
	const struct caliptra_command *c = caliptra_command_find("EXTEND_PCR");
	struct caliptra_extend_pcr_req req = { .pcr_idx = 4 };
	struct caliptra_message_info info;
	uint8_t bytes[64];
	char why[320];
	size_t len;

	(void)state;
	assert_int_equal(caliptra_message_describe(c, CALIPTRA_REQUEST, "0.9",
						   &info),
			 CALIPTRA_ERROR_NOT_SUPPORTED);
	assert_int_equal(caliptra_message_encode(c, CALIPTRA_REQUEST, "0.9",
						 &req, bytes, sizeof(bytes),
						 &len, why, sizeof(why)),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(why, "age");
	assert_int_equal(caliptra_message_decode(c, CALIPTRA_REQUEST, "0.9",
						 bytes, 52, &req, why,
						 sizeof(why)),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_contains(why, "age");
	assert_int_equal(caliptra_message_encode(c, CALIPTRA_REQUEST, NULL,
						 NULL, bytes, sizeof(bytes),
						 &len, why, sizeof(why)),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(why, "no message");
	/* ROM and runtime acknowledge an image and say nothing */
	c = caliptra_command_find("FIRMWARE_LOAD");
	assert_int_equal(caliptra_message_describe(c, CALIPTRA_RESPONSE, NULL,
						   &info),
			 CALIPTRA_ERROR_NOT_SUPPORTED);
	assert_null(caliptra_command_find("EXTEND_PC"));
	assert_null(caliptra_command_find(""));
	assert_null(caliptra_command_find(NULL));
	assert_null(caliptra_command_at(10000));
}

static void old_names_are_found(void **state)
{
	const struct caliptra_command *c;
	const char *name;

	(void)state;
	c = caliptra_command_find("QUOTE_PCRS_ECC384");
	assert_non_null(c);
	assert_ptr_equal(caliptra_command_find("QUOTE_PCRS"), c);
	assert_ptr_equal(caliptra_command_find("quote_pcrs_ecc384"), c);
	assert_string_equal(caliptra_command_age(c, 0, &name), "1.x");
	assert_string_equal(name, "QUOTE_PCRS");
	assert_string_equal(caliptra_command_age(c, 2, &name), "2.1");
	assert_string_equal(name, "QUOTE_PCRS_ECC384");
	assert_null(caliptra_command_age(c, 3, &name));
}

/*
 * Messages that were written by hand, from the sources of the firmware
 */

/* Encode, and expect these bytes. */
static void encodes(const char *command, enum caliptra_message_kind kind,
		    const char *age, const void *message, const uint8_t *want,
		    size_t size)
{
	static uint8_t bytes[4096];
	char why[320];
	size_t len;

	expect(!caliptra_message_encode(caliptra_command_find(command), kind,
					age, message, bytes, sizeof(bytes),
					&len, why, sizeof(why)),
	       "%s: %s", command, why);
	assert_int_equal(len, size);
	assert_memory_equal(bytes, want, size);
}

static void decodes(const char *command, enum caliptra_message_kind kind,
		    const char *age, const uint8_t *bytes, size_t len,
		    void *message)
{
	char why[320];

	expect(!caliptra_message_decode(caliptra_command_find(command), kind,
					age, bytes, len, message, why,
					sizeof(why)),
	       "%s: %s", command, why);
}

static void known_extend_pcr(void **state)
{
	static const uint8_t wire[] = {
		0x1f, 0x00, 0x00, 0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
		0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e,
		0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17,
		0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20,
		0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29,
		0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30,
	};
	static const char *const ages[] = { "1.x", "2.0", "2.1", NULL };
	struct caliptra_extend_pcr_req req = { .pcr_idx = 31 }, out;
	size_t i;

	(void)state;
	for (i = 0; i < 48; i++)
		req.data[i] = (uint8_t)(i + 1);
	for (i = 0; i < ARRAY_SIZE(ages); i++) {
		encodes("EXTEND_PCR", CALIPTRA_REQUEST, ages[i], &req, wire,
			sizeof(wire));
		decodes("EXTEND_PCR", CALIPTRA_REQUEST, ages[i], wire,
			sizeof(wire), &out);
		assert_int_equal(out.pcr_idx, 31);
		assert_memory_equal(out.data, req.data, 48);
	}
}

/* The bytes 0, 1, 2, … from @first on; each word of them turned round. */
static void count_up(uint8_t *p, size_t n, uint8_t first)
{
	while (n--)
		*p++ = first++;
}

static void count_up_in_words(uint8_t *p, size_t n, uint8_t first)
{
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)(first + i / 4 * 4 + 3 - i % 4);
}

static void make_fw_info_wire(uint8_t wire[388])
{
	static const uint8_t rom_sha256[32] = {
		0x43, 0x42, 0x41, 0x40, 0x47, 0x46, 0x45, 0x44,
		0x4b, 0x4a, 0x49, 0x48, 0x4f, 0x4e, 0x4d, 0x4c,
		0x53, 0x52, 0x51, 0x50, 0x57, 0x56, 0x55, 0x54,
		0x5b, 0x5a, 0x59, 0x58, 0x5f, 0x5e, 0x5d, 0x5c,
	};
	static const uint8_t start[] = {
		0x00, 0x00, 0x00, 0x00, /* fips_status */
		0x04, 0x03, 0x02, 0x01, /* pl0_pauser */
		0x05, 0x00, 0x00, 0x00, /* fw_svn */
		0x06, 0x00, 0x00, 0x00, /* min_fw_svn */
		0x07, 0x00, 0x00, 0x00, /* cold_boot_fw_svn */
		0x01, 0x00, 0x00, 0x00, /* attestation_disabled */
	};

	memcpy(wire, start, sizeof(start));
	count_up(wire + 24, 20, 0x10);
	count_up(wire + 44, 20, 0x20);
	count_up(wire + 64, 20, 0x30);
	memcpy(wire + 84, rom_sha256, 32);
	count_up_in_words(wire + 116, 48, 0x60);
	count_up_in_words(wire + 164, 48, 0x70);
	count_up_in_words(wire + 212, 48, 0x80);
	count_up_in_words(wire + 260, 48, 0x90);
	put32(wire + 308, 0x000e0002);
	count_up_in_words(wire + 312, 48, 0xa0);
	put32(wire + 360, 3);
	put32(wire + 364, 11);
	put32(wire + 368, 12);
	put32(wire + 372, 13);
	put32(wire + 376, 14);
	put32(wire + 380, 15);
	put32(wire + 384, 16);
}

static void known_fw_info(void **state)
{
	struct caliptra_fw_info_resp r;
	uint8_t wire[388], want[48];

	(void)state;
	make_fw_info_wire(wire);
	memset(&r, GUARD, sizeof(r));
	decodes("FW_INFO", CALIPTRA_RESPONSE, "2.1", wire, sizeof(wire), &r);
	assert_int_equal(r.pl0_pauser, 0x01020304);
	assert_int_equal(r.cold_boot_fw_svn, 7);
	assert_int_equal(r.attestation_disabled, 1);
	count_up(want, 32, 0x40);
	assert_memory_equal(r.rom_sha256_digest, want, 32);
	count_up(want, 48, 0x60);
	assert_memory_equal(r.fmc_sha384_digest, want, 48);
	count_up(want, 48, 0x70);
	assert_memory_equal(r.runtime_sha384_digest, want, 48);
	count_up(want, 48, 0x80);
	assert_memory_equal(r.owner_pub_key_hash, want, 48);
	count_up(want, 48, 0x90);
	assert_memory_equal(r.authman_sha384_digest, want, 48);
	assert_int_equal(r.most_recent_fw_error, 0x000e0002);
	count_up(want, 48, 0xa0);
	assert_memory_equal(r.vendor_pub_key_hash, want, 48);
	assert_int_equal(r.image_manifest_pqc_type, 3);
	assert_int_equal(r.owner_auth_manifest_min_svn, 16);
	assert_int_equal(r.runtime_svn, 0);
	encodes("FW_INFO", CALIPTRA_RESPONSE, "2.1", &r, wire, sizeof(wire));

	/* what 1.x tells ends with the owner's keys and has other numbers */
	memset(&r, GUARD, sizeof(r));
	decodes("FW_INFO", CALIPTRA_RESPONSE, "1.x", wire, 260, &r);
	assert_int_equal(r.runtime_svn, 5);
	assert_int_equal(r.min_runtime_svn, 6);
	assert_int_equal(r.fmc_manifest_svn, 7);
	assert_int_equal(r.fw_svn, 0);
	count_up(want, 48, 0x80);
	assert_memory_equal(r.owner_pub_key_hash, want, 48);
	assert_int_equal(r.most_recent_fw_error, 0);
}

/* All but two fields stand where they stood in 1.x. */
static void known_quote(const char *age, size_t digest, size_t reset_ctrs)
{
	struct caliptra_quote_pcrs_ecc384_resp r;
	uint8_t wire[1844] = { 0 };
	size_t i;

	for (i = 0; i < 32; i++) {
		memset(wire + 4 + 48 * i, (int)i + 1, 48);
		put32(wire + reset_ctrs + 4 * i, 0x01000000 + (uint32_t)i);
	}
	memset(wire + 1540, 0xaa, 32);
	memset(wire + digest, 0xdd, 48);
	memset(wire + 1748, 0x22, 48);
	memset(wire + 1796, 0x33, 48);
	decodes("QUOTE_PCRS_ECC384", CALIPTRA_RESPONSE, age, wire, sizeof(wire),
		&r);
	for (i = 0; i < 32; i++) {
		assert_int_equal(r.reset_ctrs[i], 0x01000000 + i);
		assert_int_equal(r.pcrs[i][0], i + 1);
		assert_int_equal(r.pcrs[i][47], i + 1);
	}
	for (i = 0; i < 48; i++) {
		assert_int_equal(r.nonce[i % 32], 0xaa);
		assert_int_equal(r.digest[i], 0xdd);
		assert_int_equal(r.signature_r[i], 0x22);
		assert_int_equal(r.signature_s[i], 0x33);
	}
	encodes("QUOTE_PCRS_ECC384", CALIPTRA_RESPONSE, age, &r, wire,
		sizeof(wire));
}

static void known_quotes(void **state)
{
	(void)state;
	known_quote("2.1", 1700, 1572);
	known_quote("2.0", 1700, 1572);
	known_quote("1.x", 1572, 1620);
}

static void known_idev_cert(void **state)
{
	static const uint8_t tbs[] = { 0x30, 0x03, 0x02, 0x01, 0x07 };
	struct caliptra_get_idev_ecc384_cert_req req = {
		.tbs_size = sizeof(tbs),
		.tbs = tbs,
	}, out;
	uint8_t wire[105] = { 5, 0, 0, 0 };

	(void)state;
	memset(req.signature_r, 0x11, 48);
	memset(req.signature_s, 0x22, 48);
	memset(wire + 4, 0x11, 48);
	memset(wire + 52, 0x22, 48);
	memcpy(wire + 100, "\x30\x03\x02\x01\x07", 5);
	encodes("GET_IDEV_ECC384_CERT", CALIPTRA_REQUEST, "1.x", &req, wire,
		sizeof(wire));
	encodes("GET_IDEV_ECC384_CERT", CALIPTRA_REQUEST, "2.1", &req, wire,
		sizeof(wire));
	decodes("GET_IDEV_ECC384_CERT", CALIPTRA_REQUEST, "2.1", wire,
		sizeof(wire), &out);
	assert_int_equal(out.tbs_size, 5);
	assert_ptr_equal(out.tbs, wire + 100);
}

static void known_sign_with_exported_mldsa(void **state)
{
	static const char command[] = "SIGN_WITH_EXPORTED_MLDSA";
	uint8_t tbs[64], old[96], new[1064] = { 0 }, bytes[96];
	struct caliptra_sign_with_exported_mldsa_req req = {
		.sign_type = CALIPTRA_MLDSA_SIGN_TYPE_RAW,
		.tbs_size = sizeof(tbs),
		.tbs = tbs,
	}, out;
	char why[320];
	size_t len;

	(void)state;
	memset(req.exported_cdi_handle, 0xcd, 32);
	count_up(tbs, 64, 0x80);
	memset(old, 0xcd, 32);
	count_up(old + 32, 64, 0x80);
	encodes(command, CALIPTRA_REQUEST, "2.0", &req, old, sizeof(old));
	decodes(command, CALIPTRA_REQUEST, "2.0", old, sizeof(old), &out);
	assert_int_equal(out.tbs_size, 64);
	assert_ptr_equal(out.tbs, old + 32);
	assert_int_equal(out.sign_type, 0);

	memset(new, 0xcd, 32);
	put32(new + 32, 1);
	put32(new + 36, 64);
	count_up(new + 40, 64, 0x80);
	encodes(command, CALIPTRA_REQUEST, "2.1", &req, new, sizeof(new));
	decodes(command, CALIPTRA_REQUEST, "2.1", new, sizeof(new), &out);
	assert_int_equal(out.tbs_size, 64);
	assert_ptr_equal(out.tbs, new + 40);
	assert_int_equal(out.sign_type, 1);

	req.tbs_size = 63;
	assert_int_equal(caliptra_message_encode(caliptra_command_find(command),
						 CALIPTRA_REQUEST, "2.0", &req,
						 bytes, sizeof(bytes), &len,
						 why, sizeof(why)),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_string_equal(why, "tbs has 63 bytes, and this device wants 64");
}

static void known_authorize_and_stash(void **state)
{
	struct caliptra_authorize_and_stash_req req = {
		.fw_id = { 2, 0, 0, 0 },
		.svn = 9,
		.flags = CALIPTRA_AUTH_AND_STASH_FLAGS_SKIP_STASH,
		.source = CALIPTRA_IMAGE_HASH_SOURCE_IN_REQUEST,
		.image_size = 0x12345678,
	}, out;
	uint8_t wire[116] = { 2, 0, 0, 0 };

	(void)state;
	memset(req.measurement, 0x44, 48);
	memset(req.context, 0x55, 48);
	memset(wire + 4, 0x44, 48);
	memset(wire + 52, 0x55, 48);
	put32(wire + 100, 9);
	put32(wire + 104, 1);
	put32(wire + 108, 1);
	put32(wire + 112, 0x12345678);
	encodes("AUTHORIZE_AND_STASH", CALIPTRA_REQUEST, "1.x", &req, wire,
		112);
	encodes("AUTHORIZE_AND_STASH", CALIPTRA_REQUEST, "2.0", &req, wire,
		116);
	encodes("AUTHORIZE_AND_STASH", CALIPTRA_REQUEST, "2.1", &req, wire,
		116);
	memset(&out, GUARD, sizeof(out));
	decodes("AUTHORIZE_AND_STASH", CALIPTRA_REQUEST, "1.x", wire, 112,
		&out);
	assert_int_equal(out.source, 1);
	assert_int_equal(out.image_size, 0);
}

static void known_dpe_get_profile(void **state)
{
	static const uint8_t ask[] = {
		0x43, 0x45, 0x50, 0x44, 0x01, 0, 0, 0, 0x04, 0, 0, 0,
	};
	static const uint8_t answer[] = {
		0x52, 0x45, 0x50, 0x44, /* magic */
		0x00, 0x00, 0x00, 0x00, /* status */
		0x04, 0x00, 0x00, 0x00, /* profile */
		0x02, 0x01, 0x04, 0x03, /* major, minor */
		0x52, 0x54, 0x50, 0x43, /* vendor_id */
		0x08, 0x07, 0x06, 0x05, /* vendor_sku */
		0x40, 0x00, 0x00, 0x00, /* max_tci_nodes */
		0x00, 0x00, 0x00, 0x24, /* flags: AUTO_INIT and X509 */
	};
	struct caliptra_dpe_get_profile_req req = {
		.profile = CALIPTRA_DPE_PROFILE_P384_SHA384,
	};
	struct caliptra_dpe_get_profile_resp resp;

	(void)state;
	encodes("DPE_GET_PROFILE", CALIPTRA_REQUEST, NULL, &req, ask,
		sizeof(ask));
	req.profile = 0;
	decodes("DPE_GET_PROFILE", CALIPTRA_REQUEST, NULL, ask, sizeof(ask),
		&req);
	assert_int_equal(req.profile, 4);
	decodes("DPE_GET_PROFILE", CALIPTRA_RESPONSE, NULL, answer,
		sizeof(answer), &resp);
	assert_int_equal(resp.profile, 4);
	assert_int_equal(resp.major_version, 0x0102);
	assert_int_equal(resp.minor_version, 0x0304);
	assert_int_equal(resp.vendor_id, 0x43505452);
	assert_int_equal(resp.vendor_sku, 0x05060708);
	assert_int_equal(resp.max_tci_nodes, 64);
	assert_int_equal(resp.flags, CALIPTRA_DPE_SUPPORT_AUTO_INIT |
					     CALIPTRA_DPE_SUPPORT_X509);
	encodes("DPE_GET_PROFILE", CALIPTRA_RESPONSE, NULL, &resp, answer,
		sizeof(answer));
}

/* Bits without a name may be in a response, and in a request if they are a number's. */
static void known_flags(void **state)
{
	struct caliptra_activate_firmware_req activate = {
		.fw_id_count = 1,
		.flags = CALIPTRA_ACTIVATE_FIRMWARE_FLAGS_INITIAL_ACTIVATE | 2,
	};
	struct caliptra_cm_aes_gcm_spdm_init_req spdm = {
		.spdm_flags = CALIPTRA_CM_SPDM_FLAGS_COUNTER_BIG_ENDIAN | 0x12,
	};
	struct caliptra_dpe_get_profile_resp profile = {
		.profile = CALIPTRA_DPE_PROFILE_P384_SHA384,
		.flags = UINT32_MAX,
	}, out;
	static uint8_t bytes[4300];
	char why[320];
	size_t len;

	(void)state;
	assert_int_equal(caliptra_message_encode(
				 caliptra_command_find("ACTIVATE_FIRMWARE"),
				 CALIPTRA_REQUEST, NULL, &activate, bytes,
				 sizeof(bytes), &len, why, sizeof(why)),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_string_equal(
		why,
		"flags is 0x3, and may have nothing but INITIAL_ACTIVATE (1)");
	assert_int_equal(
		caliptra_message_encode(
			caliptra_command_find("CM_AES_GCM_SPDM_ENCRYPT_INIT"),
			CALIPTRA_REQUEST, NULL, &spdm, bytes, sizeof(bytes),
			&len, why, sizeof(why)),
		CALIPTRA_SUCCESS);
	spdm.spdm_flags |= 0x200;
	assert_int_equal(
		caliptra_message_encode(
			caliptra_command_find("CM_AES_GCM_SPDM_ENCRYPT_INIT"),
			CALIPTRA_REQUEST, NULL, &spdm, bytes, sizeof(bytes),
			&len, why, sizeof(why)),
		CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_string_equal(
		why,
		"spdm_flags is 0x312, and may have nothing but COUNTER_BIG_ENDIAN (256) and bits 0xff");
	assert_int_equal(caliptra_message_encode(
				 caliptra_command_find("DPE_GET_PROFILE"),
				 CALIPTRA_RESPONSE, NULL, &profile, bytes,
				 sizeof(bytes), &len, why, sizeof(why)),
			 CALIPTRA_SUCCESS);
	decodes("DPE_GET_PROFILE", CALIPTRA_RESPONSE, NULL, bytes, len, &out);
	assert_int_equal(out.flags, UINT32_MAX);
}

static void known_mc_dot_status(void **state)
{
	static const uint8_t ask[] = { 0x54, 0x53, 0x44, 0x4d };
	static const uint8_t answer[] = { 0, 0, 0, 0, 1, 0, 0x02, 0x01 };
	struct caliptra_mc_dot_status_resp resp;

	(void)state;
	encodes("MC_DOT_STATUS", CALIPTRA_REQUEST, NULL, NULL, ask,
		sizeof(ask));
	decodes("MC_DOT_STATUS", CALIPTRA_RESPONSE, NULL, answer,
		sizeof(answer), &resp);
	assert_int_equal(resp.fips_status, 0);
	assert_int_equal(resp.status.enabled, 1);
	assert_int_equal(resp.status.locked, 0);
	assert_int_equal(resp.status.burned, 0x0102);
	encodes("MC_DOT_STATUS", CALIPTRA_RESPONSE, NULL, &resp, answer,
		sizeof(answer));
}

static void known_vdm_pci_device_id(void **state)
{
	static const uint8_t answer[] = { 0,	0,    0,    0,	  0x14, 0x14,
					  0x02, 0x01, 0x04, 0x03, 0x06, 0x05 };
	uint8_t failed[sizeof(answer)] = { 1 };
	struct caliptra_vdm_pci_device_id_resp resp;
	char why[320];

	(void)state;
	encodes("VDM_PCI_DEVICE_ID", CALIPTRA_REQUEST, NULL, NULL, NULL, 0);
	decodes("VDM_PCI_DEVICE_ID", CALIPTRA_RESPONSE, NULL, answer,
		sizeof(answer), &resp);
	assert_int_equal(resp.vendor_id, 0x1414);
	assert_int_equal(resp.device_id, 0x0102);
	assert_int_equal(resp.subsystem_vendor_id, 0x0304);
	assert_int_equal(resp.subsystem_id, 0x0506);
	assert_int_equal(caliptra_message_decode(
				 caliptra_command_find("VDM_PCI_DEVICE_ID"),
				 CALIPTRA_RESPONSE, NULL, failed,
				 sizeof(failed), &resp, why, sizeof(why)),
			 CALIPTRA_ERROR_PROTOCOL);
	assert_string_equal(
		why, "completion_code at offset 0 is 0x1, and must be 0x0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_make_up_the_message),
		cmocka_unit_test(every_message_goes_there_and_back),
		cmocka_unit_test(nothing_is_written_where_there_is_no_room),
		cmocka_unit_test(what_is_cut_short_is_refused),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(bytes_that_can_not_be_are_refused),
		cmocka_unit_test(values_that_can_not_be_are_refused),
		cmocka_unit_test(what_is_not_there_is_said),
		cmocka_unit_test(old_names_are_found),
		cmocka_unit_test(known_extend_pcr),
		cmocka_unit_test(known_fw_info),
		cmocka_unit_test(known_quotes),
		cmocka_unit_test(known_idev_cert),
		cmocka_unit_test(known_sign_with_exported_mldsa),
		cmocka_unit_test(known_authorize_and_stash),
		cmocka_unit_test(known_dpe_get_profile),
		cmocka_unit_test(known_flags),
		cmocka_unit_test(known_mc_dot_status),
		cmocka_unit_test(known_vdm_pci_device_id),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
