// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages by their tables, as JSON. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static const void *at(const void *structure, size_t offset)
{
	return (const uint8_t *)structure + offset;
}

static uint64_t number_at(const void *structure, size_t offset, size_t size)
{
	const void *p = at(structure, offset);

	switch (size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return *(const uint16_t *)p;
	case 4:
		return *(const uint32_t *)p;
	default:
		return *(const uint64_t *)p;
	}
}

/* The names of the bits that are set, and what is left of them as a number. */
static json_object *flag_names(const struct caliptra_values *values, uint32_t v)
{
	char text[512] = "";
	size_t len = 0, i;
	const char *name;
	uint32_t bit;

	for (i = 0; (name = caliptra_values_at(values, i, &bit)); i++) {
		if (!bit || (v & bit) != bit || len >= sizeof(text))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					len ? "|" : "", name);
		v &= ~bit;
	}
	if ((v || !len) && len < sizeof(text))
		snprintf(text + len, sizeof(text) - len,
			 len ? "|0x%" PRIx32 : "%" PRIu32, v);
	return json_object_new_string(text);
}

static json_object *fw_error(uint32_t code)
{
	char text[CLI_FW_ERROR_SIZE];

	cli_fw_error(code, text);
	return json_object_new_string(text);
}

static json_object *number(const struct caliptra_field_info *f, uint64_t v)
{
	const char *name;
	uint32_t value;
	size_t i;

	if (f->fw_error)
		return fw_error((uint32_t)v);
	if (f->flags)
		return flag_names(f->values, (uint32_t)v);
	for (i = 0;
	     f->values && (name = caliptra_values_at(f->values, i, &value));
	     i++)
		if (value == v)
			return json_object_new_string(name);
	return json_object_new_uint64(v);
}

/* How much of a field is used. */
static size_t used(const struct caliptra_field_info *f, const void *structure)
{
	uint64_t n = f->count;

	if (f->length_offset != CALIPTRA_NO_OFFSET)
		n = number_at(structure, f->length_offset, 4);
	return n < f->count ? (size_t)n : f->count;
}

static json_object *numbers(const struct caliptra_field_info *f,
			    const void *structure)
{
	json_object *list = json_object_new_array();
	size_t n = used(f, structure);
	size_t i;

	for (i = 0; i < n; i++)
		json_object_array_add(
			list,
			number(f, number_at(structure, f->offset + i * f->size,
					    f->size)));
	return list;
}

static json_object *hex(const uint8_t *bytes, size_t len)
{
	char *text = cli_hex(bytes, len);
	json_object *string = json_object_new_string(text ? text : "");

	free(text);
	return string;
}

static json_object *rows(const struct caliptra_field_info *f,
			 const uint8_t *bytes)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < f->count; i += f->row)
		json_object_array_add(list, hex(bytes + i, f->row));
	return list;
}

static json_object *pointed(const struct caliptra_field_info *f,
			    const void *structure)
{
	const uint8_t *bytes =
		*(const uint8_t *const *)at(structure, f->offset);

	return hex(bytes, used(f, structure));
}

/* Text of a device may be anything; what is not plain stands there as \xNN. */
static json_object *text(const struct caliptra_field_info *f,
			 const void *structure)
{
	const uint8_t *bytes = at(structure, f->offset);
	json_object *string;
	size_t n = f->count;
	char *plain, *p;
	size_t i;

	while (n && !bytes[n - 1])
		n--;
	p = plain = malloc(4 * n + 1);
	if (!plain)
		return NULL;
	for (i = 0; i < n; i++) {
		if (bytes[i] >= ' ' && bytes[i] <= '~' && bytes[i] != '\\')
			*p++ = (char)bytes[i];
		else
			p += sprintf(p, "\\x%02x", bytes[i]);
	}
	string = json_object_new_string_len(plain, (int)(p - plain));
	free(plain);
	return string;
}

static void add_field(json_object *to, const struct caliptra_field_info *f,
		      const void *structure)
{
	json_object *value = NULL;

	switch (f->kind) {
	case CALIPTRA_FIELD_INT:
		value = number(f, number_at(structure, f->offset, f->size));
		break;
	case CALIPTRA_FIELD_ARRAY:
		value = numbers(f, structure);
		break;
	case CALIPTRA_FIELD_BYTES:
	case CALIPTRA_FIELD_BE_WORDS:
		value = f->row ? rows(f, at(structure, f->offset)) :
				 hex(at(structure, f->offset),
				     used(f, structure));
		break;
	case CALIPTRA_FIELD_TEXT:
		value = text(f, structure);
		break;
	case CALIPTRA_FIELD_POINTER:
		value = pointed(f, structure);
		break;
	case CALIPTRA_FIELD_CONSTANT:
	case CALIPTRA_FIELD_RESERVED:
		return;
	}
	json_object_object_add(to, f->name, value);
}

json_object *cli_message(const struct caliptra_command *command,
			 enum caliptra_message_kind kind, const char *age,
			 const void *message)
{
	json_object *result = json_object_new_object();
	struct caliptra_field_info f;
	size_t i;

	for (i = 0; caliptra_message_field(command, kind, age, i, &f); i++)
		add_field(result, &f, message);
	return result;
}
