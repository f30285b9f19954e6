// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * JSON (RFC 8259) into json-c's objects. json-c's own parser takes names in single
 * quotes, cuts names at a NUL, keeps one of two members of a name, and does not
 * know numbers that it has no type for. Here all of that is refused or kept, and
 * what is wrong is said with its place; strings are still json-c's to read.
 */
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define MAX_DEPTH 32

/**
 * struct reader - a text being read
 * @file: what it is called
 * @command: the command that it is for
 * @begin: the text
 * @p: what is left of it
 * @end: its end
 * @depth: how many lists and objects it is inside of
 * @path: of the member that is being read
 * @tokener: reads strings
 * @status: the exit status after an error
 */
struct reader {
	const char *file;
	const char *command;
	const char *begin;
	const char *p;
	const char *end;
	unsigned int depth;
	char path[256];
	struct json_tokener *tokener;
	int status;
};

static bool wrong(struct reader *r, const char *reason)
{
	if (r->p == r->end)
		r->status = cli_error(
			CLI_USAGE, "%s is not a JSON object: it ends too early",
			r->file);
	else
		r->status = cli_error(CLI_USAGE,
				      "%s is not JSON at byte %zu: %s", r->file,
				      (size_t)(r->p - r->begin), reason);
	return false;
}

static void skip_blanks(struct reader *r)
{
	while (r->p < r->end && *r->p && strchr(" \t\r\n", *r->p))
		r->p++;
}

static bool take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static size_t take_digits(struct reader *r)
{
	const char *first = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return (size_t)(r->p - first);
}

/* A whole number as such where there is a type for it; others keep their text. */
static json_object *new_number(const char *text, bool whole)
{
	unsigned long long u;
	long long i;

	errno = 0;
	if (whole && *text == '-') {
		i = strtoll(text, NULL, 10);
		if (!errno)
			return json_object_new_int64(i);
	} else if (whole) {
		u = strtoull(text, NULL, 10);
		if (!errno)
			return json_object_new_uint64(u);
	}
	return json_object_new_double_s(strtod(text, NULL), text);
}

static bool read_number(struct reader *r, json_object **value)
{
	const char *first = r->p;
	bool whole = true;
	char *text;

	take(r, '-');
	if (!take(r, '0') && !take_digits(r))
		return wrong(r, "a digit is missing");
	if (take(r, '.')) {
		whole = false;
		if (!take_digits(r))
			return wrong(r, "a digit is missing");
	}
	if (take(r, 'e') || take(r, 'E')) {
		whole = false;
		if (!take(r, '-'))
			take(r, '+');
		if (!take_digits(r))
			return wrong(r, "a digit is missing");
	}
	text = strndup(first, (size_t)(r->p - first));
	if (text)
		*value = new_number(text, whole);
	free(text);
	return true;
}

/* With its quotes. */
static bool read_string(struct reader *r, json_object **value)
{
	const char *first = r->p++;

	while (r->p < r->end && *r->p != '"') {
		if ((unsigned char)*r->p < ' ')
			return wrong(r, "a string can not have it as it is");
		if (*r->p == '\\')
			r->p++;
		if (r->p < r->end)
			r->p++;
	}
	if (!take(r, '"'))
		return wrong(r, "");
	json_tokener_reset(r->tokener);
	*value = json_tokener_parse_ex(r->tokener, first, (int)(r->p - first));
	if (json_tokener_get_error(r->tokener) == json_tokener_success)
		return true;
	r->p = first + json_tokener_get_parse_end(r->tokener);
	return wrong(
		r, json_tokener_error_desc(json_tokener_get_error(r->tokener)));
}

static bool read_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len))
		return wrong(r, "no value begins like this");
	r->p += len;
	return true;
}

static bool read_value(struct reader *r, json_object **value);

static bool read_list(struct reader *r, json_object **value)
{
	size_t len = strlen(r->path);
	size_t i = 0;

	*value = json_object_new_array();
	r->p++;
	skip_blanks(r);
	if (take(r, ']'))
		return true;
	do {
		json_object *item = NULL;

		snprintf(r->path + len, sizeof(r->path) - len, "[%zu]", i++);
		if (!read_value(r, &item)) {
			json_object_put(item);
			return false;
		}
		json_object_array_add(*value, item);
		skip_blanks(r);
	} while (take(r, ','));
	r->path[len] = '\0';
	return take(r, ']') || wrong(r, "',' or ']' is missing");
}

/* The name of a member that was not there before, and its colon. */
static bool read_name(struct reader *r, json_object *object,
		      json_object **string)
{
	size_t len = strlen(r->path);
	const char *first, *name;

	skip_blanks(r);
	first = r->p;
	if (first == r->end || *first != '"')
		return wrong(r, "a name in double quotes is missing");
	if (!read_string(r, string))
		return false;
	name = json_object_get_string(*string);
	if (strlen(name) != (size_t)json_object_get_string_len(*string)) {
		r->status = cli_error(CLI_USAGE,
				      "%s has no field %.*s: no name has a NUL",
				      r->command, (int)(r->p - first), first);
		return false;
	}
	snprintf(r->path + len, sizeof(r->path) - len, "%s%s", len ? "." : "",
		 name);
	if (json_object_object_get_ex(object, name, NULL)) {
		r->status = cli_error(CLI_USAGE, "%s: %s is given twice",
				      r->command, r->path);
		return false;
	}
	skip_blanks(r);
	return take(r, ':') || wrong(r, "':' is missing");
}

static bool read_object(struct reader *r, json_object **value)
{
	size_t len = strlen(r->path);
	bool good;

	*value = json_object_new_object();
	r->p++;
	skip_blanks(r);
	if (take(r, '}'))
		return true;
	do {
		json_object *name = NULL, *member = NULL;

		good = read_name(r, *value, &name) && read_value(r, &member);
		if (good)
			json_object_object_add(
				*value, json_object_get_string(name), member);
		else
			json_object_put(member);
		json_object_put(name);
		if (!good)
			return false;
		r->path[len] = '\0';
		skip_blanks(r);
	} while (take(r, ','));
	return take(r, '}') || wrong(r, "',' or '}' is missing");
}

/* After an error @value may be something, which the caller gives back. */
static bool read_nested(struct reader *r, json_object **value)
{
	bool good;

	if (r->depth == MAX_DEPTH)
		return wrong(r, "it is nested too deeply");
	r->depth++;
	good = *r->p == '{' ? read_object(r, value) : read_list(r, value);
	r->depth--;
	return good;
}

static bool read_value(struct reader *r, json_object **value)
{
	bool good;

	skip_blanks(r);
	if (r->p == r->end)
		return wrong(r, "");
	switch (*r->p) {
	case '{':
	case '[':
		return read_nested(r, value);
	case '"':
		return read_string(r, value);
	case 'n':
		return read_word(r, "null");
	case 't':
	case 'f':
		good = *r->p == 't';
		if (!read_word(r, good ? "true" : "false"))
			return false;
		*value = json_object_new_boolean(good);
		return true;
	case '-':
	case '0' ... '9':
		return read_number(r, value);
	default:
		return wrong(r, "no value begins like this");
	}
}

int json_read(const char *file, const char *command, const void *text,
	      size_t len, json_object **object)
{
	struct reader r = {
		.file = file,
		.command = command,
		.begin = text,
		.p = text,
		.end = (const char *)text + len,
		.tokener = json_tokener_new(),
	};

	*object = NULL;
	if (!r.tokener)
		return cli_error(CLI_FAILED, "there is no memory");
	json_tokener_set_flags(r.tokener, JSON_TOKENER_STRICT |
						  JSON_TOKENER_VALIDATE_UTF8);
	if (read_value(&r, object)) {
		skip_blanks(&r);
		if (r.p < r.end)
			wrong(&r, "there is more after its end");
		else if (!json_object_is_type(*object, json_type_object))
			r.status = cli_error(CLI_USAGE,
					     "%s is not a JSON object", file);
	}
	json_tokener_free(r.tokener);
	if (r.status) {
		json_object_put(*object);
		*object = NULL;
	}
	return r.status;
}
