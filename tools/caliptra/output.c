// SPDX-License-Identifier: GPL-2.0-or-later
/* Results, as JSON or as lines of text. */
#include <errno.h>
#include <inttypes.h>
#include <openssl/asn1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define LABEL_WIDTH 32

/* JSON is UTF-8, and the name of a file may have any bytes. */
static void make_utf8(char *text)
{
	size_t left = strlen(text);
	unsigned long c;
	int n;

	for (; left; text += n, left -= (size_t)n) {
		n = UTF8_getc((unsigned char *)text, (int)left, &c);
		if (n > 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff))
			continue;
		*text = '?';
		n = 1;
	}
}

void cli_add_string(json_object *to, const char *name, const char *value)
{
	char *text = strdup(value);

	if (text)
		make_utf8(text);
	json_object_object_add(to, name,
			       json_object_new_string(text ? text : ""));
	free(text);
}

void cli_add_number(json_object *to, const char *name, uint32_t value)
{
	json_object_object_add(to, name, json_object_new_int64(value));
}

void cli_add_bool(json_object *to, const char *name, bool value)
{
	json_object_object_add(to, name, json_object_new_boolean(value));
}

void cli_add_hex32(json_object *to, const char *name, uint32_t value)
{
	char text[11];

	snprintf(text, sizeof(text), "0x%08" PRIx32, value);
	cli_add_string(to, name, text);
}

char *cli_hex(const uint8_t *bytes, size_t len)
{
	char *text = malloc(2 * len + 1);
	size_t i;

	for (i = 0; text && i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	if (text)
		text[2 * len] = '\0';
	return text;
}

void cli_add_bytes(json_object *to, const char *name, const uint8_t *bytes,
		   size_t len)
{
	char *text = cli_hex(bytes, len);

	cli_add_string(to, name, text ? text : "");
	free(text);
}

void cli_add_text(json_object *to, const char *name, const char *text)
{
	char *clean = strdup(text);
	char *c;

	for (c = clean; c && *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	cli_add_string(to, name, clean ? clean : "");
	free(clean);
}

static void name_error(const char *name, uint32_t code,
		       char text[CLI_FW_ERROR_SIZE])
{
	if (name)
		snprintf(text, CLI_FW_ERROR_SIZE, "%s (0x%08" PRIx32 ")", name,
			 code);
	else
		snprintf(text, CLI_FW_ERROR_SIZE, "0x%08" PRIx32, code);
}

void cli_fw_error(uint32_t code, char text[CLI_FW_ERROR_SIZE])
{
	name_error(caliptra_fw_error_name(code), code, text);
}

void cli_add_fw_error(json_object *to, const char *name, uint32_t code)
{
	char text[CLI_FW_ERROR_SIZE];

	cli_fw_error(code, text);
	cli_add_string(to, name, text);
}

void cli_add_mcu_error(json_object *to, const char *name, uint32_t code)
{
	char text[CLI_FW_ERROR_SIZE];

	name_error(caliptra_mcu_error_name(code), code, text);
	cli_add_string(to, name, text);
}

static void print_value(const char *name, json_object *value, int indent);

static void print_fields(json_object *object, int indent)
{
	json_object_object_foreach(object, name, value)
		print_value(name, value, indent);
}

/* Each item of a list is one line, or lines of its own. */
static void print_items(json_object *list, int indent)
{
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		json_object *item = json_object_array_get_idx(list, i);

		if (json_object_is_type(item, json_type_object)) {
			if (i)
				putchar('\n');
			print_fields(item, indent);
		} else {
			printf("%*s%s\n", indent, "",
			       json_object_get_string(item));
		}
	}
}

static void print_value(const char *name, json_object *value, int indent)
{
	if (json_object_is_type(value, json_type_object)) {
		printf("%*s%s:\n", indent, "", name);
		print_fields(value, indent + 2);
	} else if (json_object_is_type(value, json_type_array)) {
		printf("%*s%s:\n", indent, "", name);
		print_items(value, indent + 2);
	} else {
		printf("%*s%-*s %s\n", indent, "", LABEL_WIDTH - indent, name,
		       json_object_get_string(value));
	}
}

int cli_flush(void)
{
	if (!fflush(stdout) && !ferror(stdout))
		return CLI_OK;
	return cli_error(CLI_FAILED, "can not write to standard output: %s",
			 strerror(errno));
}

int cli_print(const struct cli *cli, json_object *result)
{
	if (cli->json)
		puts(json_object_to_json_string_ext(
			result, JSON_C_TO_STRING_PRETTY |
					JSON_C_TO_STRING_SPACED |
					JSON_C_TO_STRING_NOSLASHESCAPE));
	else if (json_object_is_type(result, json_type_array))
		print_items(result, 0);
	else
		print_fields(result, 0);
	json_object_put(result);
	return cli_flush();
}
