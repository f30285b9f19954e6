// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fields by their tables, from the command line and from JSON. Whatever can not
 * be is said with the command, the field, what was given and what may be.
 */
#include "request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "json.h"

int request_begin(struct request *r, const struct caliptra_command *command,
		  enum caliptra_message_kind kind, const char *age)
{
	struct caliptra_command_info info;
	struct caliptra_message_info message;

	caliptra_command_describe(command, &info);
	*r = (struct request){
		.command = command,
		.kind = kind,
		.age = age,
		.name = info.name,
	};
	if (caliptra_message_describe(command, kind, age, &message))
		return cli_error(CLI_FAILED, "%s has no such message",
				 info.name);
	r->fields = message.fields;
	r->structure = calloc(1, message.struct_size + 1);
	r->given = calloc(message.fields + 1, sizeof(*r->given));
	r->lengths = calloc(message.fields + 1, sizeof(*r->lengths));
	if (r->structure && r->given && r->lengths)
		return 0;
	request_free(r);
	return cli_error(CLI_FAILED, "there is no memory");
}

void request_free(struct request *r)
{
	free(r->structure);
	free(r->given);
	free(r->lengths);
	free(r->data);
	*r = (struct request){ 0 };
}

static bool field_at(const struct request *r, size_t index,
		     struct caliptra_field_info *f)
{
	return caliptra_message_field(r->command, r->kind, r->age, index, f);
}

static bool is_hidden(const struct caliptra_field_info *f)
{
	return f->kind == CALIPTRA_FIELD_CONSTANT ||
	       f->kind == CALIPTRA_FIELD_RESERVED;
}

/* Is it the length of the other one, whether or not the message ends by it? */
static bool is_length_of(const struct caliptra_field_info *f,
			 const struct caliptra_field_info *of)
{
	return !is_hidden(f) && of->length_offset == f->offset;
}

static bool is_length(const struct request *r,
		      const struct caliptra_field_info *f)
{
	struct caliptra_field_info of;
	size_t i;

	for (i = 0; field_at(r, i, &of); i++)
		if (is_length_of(f, &of))
			return true;
	return false;
}

/* The names of values or fields, one after another. */
static void append(char *text, size_t size, const char *name)
{
	size_t len = strlen(text);

	snprintf(text + len, size - len, "%s%s", len ? ", " : "", name);
}

static void value_names(const struct caliptra_field_info *f, char *text,
			size_t size)
{
	uint32_t others = f->max;
	const char *name;
	uint32_t value;
	char bits[24];
	size_t i;

	text[0] = '\0';
	for (i = 0; (name = caliptra_values_at(f->values, i, &value)); i++) {
		others &= ~value;
		if (!f->flags || !(value & ~f->max))
			append(text, size, name);
	}
	if (!f->flags || !others)
		return;
	snprintf(bits, sizeof(bits), "bits of 0x%" PRIx32, others);
	append(text, size, bits);
}

/* How much there may be of a field: its length has limits of its own. */
static void limits(const struct request *r, const struct caliptra_field_info *f,
		   size_t *min, size_t *max)
{
	struct caliptra_field_info length;
	size_t i;

	*min = *max = f->count;
	if (f->length_offset == CALIPTRA_NO_OFFSET)
		return;
	*min = 0;
	for (i = 0; field_at(r, i, &length); i++)
		if (is_length_of(&length, f)) {
			*min = r->kind == CALIPTRA_REQUEST ? length.min : 0;
			if (length.max < *max)
				*max = length.max;
		}
}

/* What a field may be, for a sentence. */
static void allowed(const struct request *r,
		    const struct caliptra_field_info *f, char *text,
		    size_t size)
{
	char names[400], how_many[48];
	size_t min, max;

	limits(r, f, &min, &max);
	if (min == max)
		snprintf(how_many, sizeof(how_many), "%zu", max);
	else if (min)
		snprintf(how_many, sizeof(how_many), "%zu to %zu", min, max);
	else
		snprintf(how_many, sizeof(how_many), "at most %zu", max);

	switch (f->kind) {
	case CALIPTRA_FIELD_INT:
	case CALIPTRA_FIELD_ARRAY:
		if (f->kind == CALIPTRA_FIELD_ARRAY)
			snprintf(text, size, "%s numbers with commas",
				 how_many);
		else if (f->values) {
			value_names(f, names, sizeof(names));
			snprintf(text, size, "%s%s",
				 !f->flags ? "one of " :
				 *names ? "0, or one or, with |, several of " :
					  "0",
				 names);
		} else if (f->size > 4) {
			snprintf(text, size, "a number");
		} else {
			snprintf(text, size,
				 "a number from %" PRIu32 " to %" PRIu32,
				 f->min, f->max);
		}
		break;
	case CALIPTRA_FIELD_TEXT:
		snprintf(text, size, "at most %zu characters", f->count);
		break;
	default:
		snprintf(text, size, "%s bytes in hexadecimal, %s", how_many,
			 r->json ? "in a string" : "or @FILE");
		break;
	}
}

__attribute__((format(printf, 3, 4))) static int
refuse(const struct request *r, const struct caliptra_field_info *f,
       const char *format, ...)
{
	char may_be[500], reason[200];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	allowed(r, f, may_be, sizeof(may_be));
	return cli_error(CLI_USAGE, "%s: %s %s; it is %s", r->name, f->name,
			 reason, may_be);
}

static void put(void *structure, size_t offset, size_t size, uint64_t v)
{
	uint8_t *p = (uint8_t *)structure + offset;

	switch (size) {
	case 1:
		*p = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)(void *)p = (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)(void *)p = (uint32_t)v;
		break;
	default:
		*(uint64_t *)(void *)p = v;
		break;
	}
}

static uint32_t number_at(const struct request *r, size_t offset)
{
	uint32_t v;

	memcpy(&v, (uint8_t *)r->structure + offset, sizeof(v));
	return v;
}

/* An error of the firmware as cli_fw_error() has it, with its name. */
static bool parse_fw_error(const char *word, uint64_t *v)
{
	const char *code = strchr(word, '(');
	char text[CLI_FW_ERROR_SIZE];

	if (!code)
		return false;
	*v = strtoul(code + 1, NULL, 16);
	cli_fw_error((uint32_t)*v, text);
	return !strcmp(text, word);
}

/* A name of a value, or a number. */
static bool parse_word(const struct caliptra_field_info *f, const char *text,
		       size_t len, uint64_t *v)
{
	char word[CLI_FW_ERROR_SIZE], *end;
	const char *name;
	uint32_t value;
	size_t i;

	if (!len || len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	for (i = 0;
	     f->values && (name = caliptra_values_at(f->values, i, &value));
	     i++)
		if (!strcasecmp(name, word)) {
			*v = value;
			return true;
		}
	if (f->fw_error && parse_fw_error(word, v))
		return true;
	errno = 0;
	*v = strtoull(word, &end, strncasecmp(word, "0x", 2) ? 10 : 16);
	return *word >= '0' && *word <= '9' && !*end && !errno &&
	       (f->size == 8 || !(*v >> 8 * f->size));
}

static bool parse_number(const struct caliptra_field_info *f, const char *text,
			 size_t len, uint64_t *v)
{
	const char *end = text + len;
	uint64_t bits;

	if (!f->flags)
		return parse_word(f, text, len, v);
	*v = 0;
	do {
		const char *bar = memchr(text, '|', (size_t)(end - text));
		const char *stop = bar ? bar : end;

		if (!parse_word(f, text, (size_t)(stop - text), &bits))
			return false;
		*v |= bits;
		text = stop + 1;
	} while (text <= end);
	return true;
}

static int set_number(struct request *r, const struct caliptra_field_info *f,
		      size_t index, const char *text, size_t len)
{
	uint64_t v;

	if (index >= f->count)
		return refuse(r, f, "has more than %zu numbers", f->count);
	if (!parse_number(f, text, len, &v))
		return refuse(r, f, "can not be '%.*s'",
			      (int)(len < 80 ? len : 80), text);
	if (is_length(r, f))
		r->lengths[r->current] = (uint32_t)v;
	else
		put(r->structure, f->offset + index * f->size, f->size, v);
	return 0;
}

static const char *unit(const struct caliptra_field_info *f)
{
	return f->kind == CALIPTRA_FIELD_ARRAY ? "numbers" : "bytes";
}

/* Nobody has to give a length; whoever does gives the right one. */
static int check_lengths(const struct request *r)
{
	struct caliptra_field_info f, length;
	size_t i, k;

	for (i = 0; field_at(r, i, &f); i++)
		for (k = 0; field_at(r, k, &length); k++)
			if (is_length_of(&length, &f) && r->given[k] &&
			    r->lengths[k] != number_at(r, length.offset))
				return cli_error(CLI_USAGE,
						 "%s: %s is %" PRIu32
						 ", and %s has %" PRIu32 " %s",
						 r->name, length.name,
						 r->lengths[k], f.name,
						 number_at(r, length.offset),
						 unit(&f));
	return 0;
}

/* So much of the field was given. */
static int set_length(struct request *r, const struct caliptra_field_info *f,
		      size_t given)
{
	size_t min, max;

	limits(r, f, &min, &max);
	if (given < min || given > max)
		return refuse(r, f, "has %zu %s", given, unit(f));
	if (f->length_offset != CALIPTRA_NO_OFFSET)
		put(r->structure, f->length_offset, 4, given);
	return 0;
}

static int set_numbers(struct request *r, const struct caliptra_field_info *f,
		       const char *text)
{
	size_t count = 0;
	int status = 0;

	while (!status) {
		size_t len = strcspn(text, ",");

		status = set_number(r, f, count++, text, len);
		if (!text[len])
			break;
		text += len + 1;
	}
	return status ? status : set_length(r, f, count);
}

/* Takes @bytes, which are on the heap. */
static int set_bytes(struct request *r, const struct caliptra_field_info *f,
		     uint8_t *bytes, size_t len)
{
	int status = set_length(r, f, len);

	if (!status && f->kind == CALIPTRA_FIELD_POINTER) {
		r->data = bytes;
		memcpy((uint8_t *)r->structure + f->offset, &bytes,
		       sizeof(bytes));
		return 0;
	}
	if (!status)
		memcpy((uint8_t *)r->structure + f->offset, bytes, len);
	free(bytes);
	return status;
}

static int set_hex(struct request *r, const struct caliptra_field_info *f,
		   const char *text)
{
	size_t len = strlen(text) / 2;
	uint8_t *bytes = malloc(len + 1);

	if (!bytes)
		return cli_error(CLI_FAILED, "there is no memory");
	if (strlen(text) % 2 || !cli_parse_hex(text, bytes, len)) {
		free(bytes);
		return refuse(r, f, "can not be '%.80s%s'", text,
			      strlen(text) > 80 ? "..." : "");
	}
	return set_bytes(r, f, bytes, len);
}

static int set_file(struct request *r, const struct caliptra_field_info *f,
		    const char *path)
{
	char may_be[500], why[500];
	struct cli_file file;

	if (!*path)
		return refuse(r, f, "can not be '@' without a file");
	if (cli_load_file(path, &file, why, sizeof(why)))
		return set_bytes(r, f, file.data, file.len);
	allowed(r, f, may_be, sizeof(may_be));
	return cli_error(CLI_USAGE, "%s: %s: %s; it is %s", r->name, f->name,
			 why, may_be);
}

/* Text, in which what is not plain stands as \xNN. */
static int set_plain(struct request *r, const struct caliptra_field_info *f,
		     const char *text)
{
	uint8_t *to = (uint8_t *)r->structure + f->offset;
	const char *from = text;
	char hex[3] = "";
	size_t n;

	for (n = 0; *from; n++) {
		uint8_t byte = (uint8_t)*from++;

		if (byte == '\\') {
			if (*from++ != 'x' || !from[0] || !from[1])
				return refuse(r, f, "can not be '%.80s'", text);
			memcpy(hex, from, 2);
			if (!cli_parse_hex(hex, &byte, 1))
				return refuse(r, f, "can not be '%.80s'", text);
			from += 2;
		}
		if (n < f->count)
			to[n] = byte;
	}
	return n > f->count ? refuse(r, f, "has %zu characters", n) : 0;
}

static int set_text(struct request *r, const struct caliptra_field_info *f,
		    const char *text)
{
	switch (f->kind) {
	case CALIPTRA_FIELD_INT:
		return set_number(r, f, 0, text, strlen(text));
	case CALIPTRA_FIELD_ARRAY:
		return set_numbers(r, f, text);
	case CALIPTRA_FIELD_TEXT:
		return set_plain(r, f, text);
	default:
		return set_hex(r, f, text);
	}
}

static bool is_number(const struct caliptra_field_info *f)
{
	return f->kind == CALIPTRA_FIELD_INT || f->kind == CALIPTRA_FIELD_ARRAY;
}

/* Only who types a command may name a file; JSON may be somebody else's. */
static int set_argument(struct request *r, const struct caliptra_field_info *f,
			const char *text)
{
	bool bytes = !is_number(f) && f->kind != CALIPTRA_FIELD_TEXT;

	return bytes && *text == '@' ? set_file(r, f, text + 1) :
				       set_text(r, f, text);
}

/* The field of a name; each may be given once. */
static int find_field(struct request *r, const char *name,
		      struct caliptra_field_info *f)
{
	char names[800] = "";
	size_t i;

	for (i = 0; field_at(r, i, f); i++) {
		if (is_hidden(f))
			continue;
		append(names, sizeof(names), f->name);
		if (strcmp(f->name, name))
			continue;
		if (r->given[i])
			return cli_error(CLI_USAGE, "%s: %s is given twice",
					 r->name, name);
		r->given[i] = true;
		r->current = i;
		return 0;
	}
	if (!*names)
		return cli_error(CLI_USAGE,
				 "%s has no fields, and there can be no '%s'",
				 r->name, name);
	return cli_error(CLI_USAGE, "%s has no field '%s'; it has %s", r->name,
			 name, names);
}

int request_assign(struct request *r, const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	struct caliptra_field_info f;
	char name[128];
	int status;

	if (!equals || equals == assignment ||
	    (size_t)(equals - assignment) >= sizeof(name))
		return cli_error(CLI_USAGE,
				 "%s: a field is given as NAME=VALUE, not '%s'",
				 r->name, assignment);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - assignment),
		 assignment);
	status = find_field(r, name, &f);
	return status ? status : set_argument(r, &f, equals + 1);
}

/* Text of a string, or of a whole number that is given for one; else NULL. */
static const char *json_text(const struct caliptra_field_info *f,
			     json_object *value)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string) &&
	    !(json_object_is_type(value, json_type_int) && is_number(f)))
		return NULL;
	text = json_object_get_string(value);
	if (json_object_is_type(value, json_type_string) &&
	    strlen(text) != (size_t)json_object_get_string_len(value))
		return NULL;
	return text;
}

static int refuse_json(struct request *r, const struct caliptra_field_info *f,
		       json_object *value)
{
	return refuse(r, f, "can not be %.80s",
		      json_object_to_json_string(value));
}

static int set_json_list(struct request *r, const struct caliptra_field_info *f,
			 json_object *list)
{
	size_t n = json_object_array_length(list);
	size_t i;

	if (f->kind != CALIPTRA_FIELD_ARRAY)
		return refuse(r, f, "can not be a list");
	for (i = 0; i < n; i++) {
		json_object *item = json_object_array_get_idx(list, i);
		const char *text = json_text(f, item);
		int status;

		if (!text)
			return refuse_json(r, f, item);
		status = set_number(r, f, i, text, strlen(text));
		if (status)
			return status;
	}
	return set_length(r, f, n);
}

/* Rows of bytes are a list of strings. */
static int set_json_rows(struct request *r, const struct caliptra_field_info *f,
			 json_object *list)
{
	size_t n = json_object_array_length(list);
	char *text = calloc(1, 2 * f->count + 1);
	int status = 0;
	size_t i;

	if (!text)
		return cli_error(CLI_FAILED, "there is no memory");
	for (i = 0; i < n && !status; i++) {
		const char *row =
			json_text(f, json_object_array_get_idx(list, i));

		if (!row || strlen(row) != 2 * f->row || i >= f->count / f->row)
			status = refuse(r, f, "has a wrong row %zu", i);
		else
			strcat(text, row);
	}
	if (!status)
		status = set_hex(r, f, text);
	free(text);
	return status;
}

static int set_json(struct request *r, const char *name, json_object *value);

/* A structure is an object, several are a list of them: their fields have names
 * with a dot, after an index.
 */
static int set_json_members(struct request *r, const char *prefix,
			    json_object *object)
{
	int status = 0;

	if (*prefix && !json_object_object_length(object))
		return cli_error(CLI_USAGE, "%s: %s is empty", r->name, prefix);
	json_object_object_foreach(object, name, value)
	{
		char *path;

		if (status)
			break;
		if (!*name)
			return cli_error(CLI_USAGE,
					 "%s: there is a field without a name",
					 r->name);
		if (asprintf(&path, "%s%s%s", prefix, *prefix ? "." : "",
			     name) < 0)
			return cli_error(CLI_FAILED, "there is no memory");
		status = set_json(r, path, value);
		free(path);
	}
	return status;
}

static int set_json_objects(struct request *r, const char *name,
			    json_object *list)
{
	size_t n = json_object_array_length(list);
	int status = 0;
	size_t i;

	for (i = 0; i < n && !status; i++) {
		char *path;

		if (asprintf(&path, "%s[%zu]", name, i) < 0)
			return cli_error(CLI_FAILED, "there is no memory");
		status = set_json(r, path, json_object_array_get_idx(list, i));
		free(path);
	}
	return status;
}

static int set_json(struct request *r, const char *name, json_object *value)
{
	struct caliptra_field_info f;
	const char *text;
	int status;

	if (json_object_is_type(value, json_type_object))
		return set_json_members(r, name, value);
	if (json_object_is_type(value, json_type_array) &&
	    json_object_is_type(json_object_array_get_idx(value, 0),
				json_type_object))
		return set_json_objects(r, name, value);
	status = find_field(r, name, &f);
	if (status)
		return status;
	if (json_object_is_type(value, json_type_array))
		return f.row ? set_json_rows(r, &f, value) :
			       set_json_list(r, &f, value);
	text = json_text(&f, value);
	return text ? set_text(r, &f, text) : refuse_json(r, &f, value);
}

int request_object(struct request *r, json_object *object)
{
	int status;

	r->json = true;
	status = set_json_members(r, "", object);
	r->json = false;
	return status;
}

int request_json(struct request *r, const char *path)
{
	struct cli_file file;
	json_object *object;
	int status = cli_read_file(path, &file);

	if (status)
		return status;
	status = json_read(path, r->name, file.data, file.len, &object);
	free(file.data);
	if (!status)
		status = request_object(r, object);
	json_object_put(object);
	return status;
}

/* Before there is a device, and by the newest age; the library looks again. */
static int check_values(const struct request *r)
{
	struct caliptra_message_info info;
	char why[300];
	size_t len;
	void *bytes;
	int status = 0;

	caliptra_message_describe(r->command, r->kind, r->age, &info);
	bytes = malloc(info.max_size + 1);
	if (!bytes)
		return cli_error(CLI_FAILED, "there is no memory");
	if (caliptra_message_encode(r->command, r->kind, r->age, r->structure,
				    bytes, info.max_size, &len, why,
				    sizeof(why)))
		status = cli_error(CLI_USAGE, "%s: %s", r->name, why);
	free(bytes);
	return status;
}

int request_end(const struct request *r)
{
	int status;
	struct caliptra_field_info f;
	size_t i;

	for (i = 0; field_at(r, i, &f); i++)
		if (!r->given[i] && !is_hidden(&f) && !is_length(r, &f))
			return refuse(r, &f, "is missing");
	status = check_lengths(r);
	return status ? status : check_values(r);
}
