// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests that messages become JSON and messages again: both of every command, in
 * every age and with random values, are what they were. What may be in a message
 * is taken from what the library says of its tables.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "json.h"
#include "request.h"

/* Structures of random values for each message. */
#define ROUNDS 8

/**
 * struct sample - a message with values
 * @command: of this command
 * @name: what that is called
 * @kind: which of its messages
 * @age: in this age
 * @host: the structure
 * @data: what it points to
 * @round: how many there were before it
 */
struct sample {
	const struct caliptra_command *command;
	const char *name;
	enum caliptra_message_kind kind;
	const char *age;
	uint8_t *host;
	uint8_t *data;
	int round;
};

#define expect(s, condition, format, ...)                                    \
	do {                                                                 \
		if (!(condition))                                            \
			fail_msg("%s of %s, %s: " format,                    \
				 (s)->kind == CALIPTRA_REQUEST ? "request" : \
								 "response", \
				 (s)->name, (s)->age, ##__VA_ARGS__);        \
	} while (0)

static uint64_t seed = 0x9e3779b97f4a7c15;

static uint64_t any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static uint64_t between(uint64_t low, uint64_t high)
{
	return any() % 4 ? low + any() % (high - low + 1) :
	       any() % 2 ? low :
			   high;
}

static bool field_at(const struct sample *s, size_t i,
		     struct caliptra_field_info *f)
{
	return caliptra_message_field(s->command, s->kind, s->age, i, f);
}

static bool is_hidden(const struct caliptra_field_info *f)
{
	return f->kind == CALIPTRA_FIELD_CONSTANT ||
	       f->kind == CALIPTRA_FIELD_RESERVED;
}

static uint64_t any_value(const struct caliptra_field_info *f)
{
	uint32_t value;
	size_t n;

	for (n = 0; caliptra_values_at(f->values, n, &value);)
		n++;
	do
		caliptra_values_at(f->values, any() % n, &value);
	while (value < f->min || value > f->max);
	return value;
}

/* A request has what the table allows, a response may have anything. */
static uint64_t any_number(const struct sample *s,
			   const struct caliptra_field_info *f)
{
	bool free = s->kind == CALIPTRA_RESPONSE && any() % 2;

	if (f->fw_error && any() % 2)
		return 0x000e0000 + any() % 100;
	if (free || f->size == 8)
		return any();
	if (f->flags)
		return (any() & f->max) | f->min;
	return f->values ? any_value(f) : between(f->min, f->max);
}

/* Integers lie as the machine has them, which is little-endian wherever this runs. */
static void store(const struct sample *s, size_t offset, size_t size,
		  uint64_t v)
{
	memcpy(s->host + offset, &v, size);
}

static size_t load(const uint8_t *host, size_t offset)
{
	uint32_t v;

	memcpy(&v, host + offset, sizeof(v));
	return v;
}

static void any_bytes(uint8_t *p, size_t n)
{
	while (n--)
		*p++ = (uint8_t)any();
}

/* How much of a field is used; its length says so, within its own limits. */
static size_t choose_length(const struct sample *s,
			    const struct caliptra_field_info *f)
{
	struct caliptra_field_info length;
	size_t min = 0, max = f->count;
	bool found = false;
	size_t i, n;

	if (f->length_offset == CALIPTRA_NO_OFFSET)
		return f->count;
	for (i = 0; field_at(s, i, &length); i++)
		if (!is_hidden(&length) && length.offset == f->length_offset) {
			min = length.min;
			max = max < length.max ? max : length.max;
			found = true;
		}
	n = s->round == 0 ? min :
	    s->round == 1 ? max :
			    between(min, max < min + 40 ? max : min + 40);
	if (!found)
		n = f->count;
	store(s, f->length_offset, 4, n);
	return n;
}

static void fill_field(struct sample *s, const struct caliptra_field_info *f)
{
	uint8_t *at = s->host + f->offset;
	size_t n, i;

	if (is_hidden(f) || f->is_length)
		return;
	n = choose_length(s, f);
	switch (f->kind) {
	case CALIPTRA_FIELD_INT:
	case CALIPTRA_FIELD_ARRAY:
		n = f->kind == CALIPTRA_FIELD_INT ? 1 : n;
		for (i = 0; i < n; i++)
			store(s, f->offset + i * f->size, f->size,
			      any_number(s, f));
		break;
	case CALIPTRA_FIELD_POINTER:
		s->data = malloc(n + 1);
		assert_non_null(s->data);
		any_bytes(s->data, n);
		memcpy(at, &s->data, sizeof(s->data));
		break;
	case CALIPTRA_FIELD_TEXT:
		any_bytes(at, s->round % 2 ? n : any() % (n + 1));
		if (s->round == 2)
			memset(at, 'a' + s->round, n);
		break;
	default:
		any_bytes(at, n);
		break;
	}
}

static size_t used_of(const uint8_t *host, const struct caliptra_field_info *f)
{
	return f->length_offset == CALIPTRA_NO_OFFSET ?
		       f->count :
		       load(host, f->length_offset);
}

static const uint8_t *pointer_at(const void *where)
{
	const uint8_t *p;

	memcpy(&p, where, sizeof(p));
	return p;
}

static void compare_field(const struct sample *s, const uint8_t *host,
			  const struct caliptra_field_info *f)
{
	const uint8_t *a = s->host + f->offset, *b = host + f->offset;
	size_t n = used_of(s->host, f);

	expect(s, used_of(host, f) == n, "%s has %zu and not %zu", f->name,
	       used_of(host, f), n);
	if (f->kind == CALIPTRA_FIELD_POINTER) {
		a = pointer_at(a);
		b = pointer_at(b);
	} else if (f->kind == CALIPTRA_FIELD_INT) {
		n = f->size;
	} else if (f->kind == CALIPTRA_FIELD_ARRAY) {
		n *= f->size;
	} else if (f->kind == CALIPTRA_FIELD_TEXT) {
		n++;
	}
	expect(s, !n || !memcmp(a, b, n), "%s is another", f->name);
}

/* As text, and not only as objects. */
static void read_back(const struct sample *s, struct request *r)
{
	json_object *made = cli_message(s->command, s->kind, s->age, s->host);
	json_object *object;
	const char *text;

	assert_non_null(made);
	text = json_object_to_json_string(made);
	assert_int_equal(request_begin(r, s->command, s->kind, s->age), 0);
	expect(s, !json_read("the text", s->name, text, strlen(text), &object),
	       "%s", text);
	expect(s, !request_object(r, object), "%s", text);
	expect(s, !request_end(r), "%s", text);
	json_object_put(object);
	json_object_put(made);
}

static void goes_there_and_back(struct sample *s, size_t size)
{
	struct caliptra_field_info f;
	struct request r;
	size_t i;

	for (s->round = 0; s->round < ROUNDS; s->round++) {
		s->host = calloc(1, size + 1);
		s->data = NULL;
		assert_non_null(s->host);
		for (i = 0; field_at(s, i, &f); i++)
			fill_field(s, &f);
		read_back(s, &r);
		for (i = 0; field_at(s, i, &f); i++)
			if (!is_hidden(&f))
				compare_field(s, r.structure, &f);
		request_free(&r);
		free(s->data);
		free(s->host);
	}
}

static void every_message_goes_there_and_back(void **state)
{
	struct caliptra_message_info info;
	size_t i, age, requests = 0, responses = 0;
	struct sample s;

	(void)state;
	for (i = 0; (s.command = caliptra_command_at(i)); i++)
		for (age = 0;
		     (s.age = caliptra_command_age(s.command, age, &s.name));
		     age++)
			for (s.kind = CALIPTRA_REQUEST;
			     s.kind <= CALIPTRA_RESPONSE; s.kind++) {
				if (caliptra_message_describe(s.command, s.kind,
							      s.age, &info))
					continue;
				goes_there_and_back(&s, info.struct_size);
				s.kind == CALIPTRA_REQUEST ? requests++ :
							     responses++;
			}
	assert_in_range(i, 200, 300);
	assert_in_range(requests, i, 4 * i);
	assert_in_range(responses, i - 10, 4 * i);
}

static json_object *response_of(const char *name, const void *resp)
{
	return cli_message(caliptra_command_find(name), CALIPTRA_RESPONSE, NULL,
			   resp);
}

static const char *string_in(json_object *object, const char *name)
{
	json_object *value;

	assert_true(json_object_object_get_ex(object, name, &value));
	return json_object_get_string(value);
}

/* What has no name is shown as a number beside what has one. */
static void unknown_values_are_shown(void **state)
{
	struct caliptra_dpe_get_profile_resp profile = {
		.profile = 77,
		.flags = CALIPTRA_DPE_SUPPORT_X509 | 0x11,
	};
	struct caliptra_fw_info_resp info = {
		.most_recent_fw_error = 0x000e0002,
	};
	struct caliptra_version_resp version = { .name = "A\\b\x1b[2J" };
	json_object *object = response_of("DPE_GET_PROFILE", &profile);

	(void)state;
	assert_string_equal(string_in(object, "flags"), "X509|0x11");
	assert_string_equal(string_in(object, "profile"), "77");
	json_object_put(object);
	object = response_of("FW_INFO", &info);
	assert_string_equal(string_in(object, "most_recent_fw_error"),
			    "RUNTIME_UNIMPLEMENTED_COMMAND (0x000e0002)");
	json_object_put(object);
	object = response_of("VERSION", &version);
	assert_string_equal(string_in(object, "name"), "A\\x5cb\\x1b[2J");
	json_object_put(object);
}

static int assign(const char *name, const char *assignment)
{
	struct request r;
	int status;

	assert_int_equal(request_begin(&r, caliptra_command_find(name),
				       CALIPTRA_RESPONSE, NULL),
			 0);
	status = request_assign(&r, assignment);
	request_free(&r);
	return status;
}

static void what_no_response_has_is_refused(void **state)
{
	(void)state;
	assert_int_equal(assign("VERSION", "name=Caliptra RTM"), 0);
	assert_int_equal(assign("VERSION", "name=\\x41\\x5c"), 0);
	assert_int_equal(assign("VERSION", "name=\\"), CLI_USAGE);
	assert_int_equal(assign("VERSION", "name=\\x4"), CLI_USAGE);
	assert_int_equal(assign("VERSION", "name=\\x4g"), CLI_USAGE);
	assert_int_equal(assign("VERSION", "name=\\n41"), CLI_USAGE);
	assert_int_equal(assign("VERSION", "name=Caliptra RTM."), CLI_USAGE);
	assert_int_equal(assign("FW_INFO", "most_recent_fw_error="
					   "RUNTIME_INTERNAL (0x000e0001)"),
			 0);
	assert_int_equal(assign("FW_INFO", "most_recent_fw_error="
					   "RUNTIME_INTERNAL (0x000e0002)"),
			 CLI_USAGE);
	assert_int_equal(assign("FW_INFO", "most_recent_fw_error=("),
			 CLI_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_message_goes_there_and_back),
		cmocka_unit_test(unknown_values_are_shown),
		cmocka_unit_test(what_no_response_has_is_refused),
	};

	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
