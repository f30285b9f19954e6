// SPDX-License-Identifier: LGPL-2.1-or-later
/* The tables as others see them. */
#include <caliptra/describe.h>

#include <stdio.h>
#include <strings.h>

#include "layout.h"

static const char *string(uint16_t place)
{
	return table_strings + place;
}

const struct caliptra_command *caliptra_command_at(size_t index)
{
	return index < table_command_count ? &table_commands[index] : NULL;
}

static bool is_called(const struct caliptra_command *c, const char *name)
{
	unsigned int i;

	for (i = 0; i < c->age_count; i++)
		if (!strcasecmp(string(table_ages[c->ages + i].name), name))
			return true;
	return !strcasecmp(string(c->name), name);
}

const struct caliptra_command *caliptra_command_find(const char *name)
{
	size_t i;

	for (i = 0; name && i < table_command_count; i++)
		if (is_called(&table_commands[i], name))
			return &table_commands[i];
	return NULL;
}

const struct caliptra_command *
caliptra_command_by_code(enum caliptra_family family, uint32_t code)
{
	size_t i;

	for (i = 0; i < table_command_count; i++)
		if (table_commands[i].code == code &&
		    table_commands[i].family == family)
			return &table_commands[i];
	return NULL;
}

/* Core and MCI commands go to mailboxes, where they have a code alone. */
const char *caliptra_cmd_name(uint32_t code)
{
	const struct caliptra_command *c =
		caliptra_command_by_code(CALIPTRA_FAMILY_CORE, code);

	if (!c)
		c = caliptra_command_by_code(CALIPTRA_FAMILY_MCI, code);
	return c ? string(c->name) : NULL;
}

static const char *family_age(const struct caliptra_command *c, size_t index)
{
	return string(table_family_ages[c->family][c->first_age + index]);
}

void caliptra_command_describe(const struct caliptra_command *command,
			       struct caliptra_command_info *info)
{
	const struct caliptra_command *c = command;
	unsigned int next = c->first_age + c->age_count;
	bool ended = next < TABLE_MAX_AGES &&
		     table_family_ages[c->family][next];

	*info = (struct caliptra_command_info){
		.name = string(c->name),
		.family = (enum caliptra_family)c->family,
		.code = c->code,
		.number = c->number,
		.since = family_age(c, 0),
		.until = ended ? family_age(c, c->age_count - 1u) : NULL,
		.rom = c->flags & COMMAND_ROM,
		.runtime = c->flags & COMMAND_RUNTIME,
		.passive = !(c->flags & COMMAND_SUBSYSTEM),
		.subsystem = !(c->flags & COMMAND_PASSIVE),
		.pl0 = c->flags & COMMAND_PL0,
		.privileged = c->flags & COMMAND_ADMIN,
		.raw = c->flags & COMMAND_RAW,
	};
}

const char *caliptra_command_age(const struct caliptra_command *command,
				 size_t index, const char **name)
{
	if (index >= command->age_count)
		return NULL;
	if (name)
		*name = string(table_ages[command->ages + index].name);
	return family_age(command, index);
}

static const struct layout *layout_of(const struct caliptra_command *c,
				      enum caliptra_message_kind kind,
				      const char *age)
{
	size_t i = c->age_count - 1u;
	uint16_t index;

	if (age)
		for (i = 0; i < c->age_count; i++)
			if (!strcmp(family_age(c, i), age))
				break;
	if (i == c->age_count ||
	    (kind != CALIPTRA_REQUEST && kind != CALIPTRA_RESPONSE))
		return NULL;
	index = kind == CALIPTRA_REQUEST ? table_ages[c->ages + i].request :
					   table_ages[c->ages + i].response;
	return index == NO_INDEX ? NULL : &table_layouts[index];
}

CaliptraError caliptra_message_describe(const struct caliptra_command *command,
					enum caliptra_message_kind kind,
					const char *age,
					struct caliptra_message_info *info)
{
	const struct layout *l = layout_of(command, kind, age);

	if (!l)
		return CALIPTRA_ERROR_NOT_SUPPORTED;
	*info = (struct caliptra_message_info){
		.struct_size = l->host_size,
		.min_size = l->min_size,
		.max_size = l->max_size,
		.fields = l->count,
	};
	return CALIPTRA_SUCCESS;
}

static size_t wire_size(const struct field *f)
{
	if (f->flags & FIELD_ABSENT)
		return 0;
	if (f->kind == CALIPTRA_FIELD_INT || f->kind == CALIPTRA_FIELD_CONSTANT)
		return f->size;
	return (size_t)f->count * f->size;
}

bool caliptra_message_field(const struct caliptra_command *command,
			    enum caliptra_message_kind kind, const char *age,
			    size_t index, struct caliptra_field_info *info)
{
	const struct layout *l = layout_of(command, kind, age);
	const struct field *f;
	size_t offset, i;

	if (!l || index >= l->count)
		return false;
	f = &table_fields[l->first];
	offset = l->prefix;
	for (i = 0; i < index; i++, f++)
		offset += wire_size(f);
	*info = (struct caliptra_field_info){
		.name = string(f->name),
		.kind = (enum caliptra_field_kind)f->kind,
		.size = f->size,
		.count = f->count,
		.row = f->row,
		.wire_offset = offset,
		.wire_size = wire_size(f),
		.offset = f->host,
		.length_offset = f->len_host == NO_INDEX ? CALIPTRA_NO_OFFSET :
							   f->len_host,
		.is_length = f->flags & (FIELD_LENGTH | FIELD_ABSENT),
		.min = f->min,
		.max = f->max,
		.flags = f->flags & FIELD_FLAGS,
	};
	info->fw_error = f->values == FW_ERRORS;
	if (f->values < FW_ERRORS)
		info->values = (const struct caliptra_values
					*)&table_value_sets[f->values];
	return true;
}

const char *caliptra_values_at(const struct caliptra_values *values,
			       size_t index, uint32_t *value)
{
	const struct value_set *set = (const struct value_set *)values;
	const struct named_value *v;

	if (index >= set->count)
		return NULL;
	v = &table_values[set->first + index];
	*value = v->value;
	return string(v->name);
}

/* The reason, for a caller who has room for it. */
static CaliptraError explain(CaliptraError error, const struct failure *why,
			     char *text, size_t size)
{
	if (text && size)
		snprintf(text, size, "%s", error ? why->text : "");
	return error;
}

CaliptraError caliptra_message_encode(const struct caliptra_command *command,
				      enum caliptra_message_kind kind,
				      const char *age, const void *message,
				      void *bytes, size_t size, size_t *len,
				      char *why, size_t why_size)
{
	const struct layout *l = layout_of(command, kind, age);
	struct wire_writer w = wire_writer(bytes, size);
	struct failure failure = { 0 };
	CaliptraError error;

	if (!l || (l->host_size && !message))
		error = fail(&failure, CALIPTRA_ERROR_INVALID_ARGUMENT,
			     l ? "there is no message" :
				 "there is no such message or age");
	else
		error = layout_encode(l, message, kind == CALIPTRA_REQUEST, &w,
				      &failure);
	*len = error ? 0 : w.len;
	return explain(error, &failure, why, why_size);
}

CaliptraError caliptra_message_decode(const struct caliptra_command *command,
				      enum caliptra_message_kind kind,
				      const char *age, const void *bytes,
				      size_t len, void *message, char *why,
				      size_t why_size)
{
	const struct layout *l = layout_of(command, kind, age);
	struct failure failure = { 0 };
	CaliptraError error;

	if (!l)
		error = fail(&failure, CALIPTRA_ERROR_PROTOCOL,
			     "there is no such message or age");
	else
		error = layout_decode(l, bytes, len, kind == CALIPTRA_REQUEST,
				      message, &failure);
	return explain(error, &failure, why, why_size);
}
