/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What there is to be said about each command. The texts are made by tools/gen
 * from Documentation/commands/; none of them is NULL, "" is where there is
 * nothing to be said.
 */
#ifndef CLI_DOCS_H
#define CLI_DOCS_H

#include <stddef.h>

/**
 * struct field_doc - a field of a request or response
 * @name: as caliptra_message_field() has it; NULL after the last field
 * @type: as on the wire, for example u32 or u8[48]
 * @doc: what it is, which values it may have, and in which ages it is
 */
struct field_doc {
	const char *name;
	const char *type;
	const char *doc;
};

/**
 * struct command_doc - a command
 * @name: as caliptra_command_describe() has it
 * @doc: what it is for; a line that begins with a verb, without a dot
 * @description: more about it, in sentences
 * @availability: who answers it, and when; a sentence
 * @privilege: why it takes privileges to send it; what follows its name
 * @source: where all this comes from
 * @errors: errors of the firmware that it in particular has, each on a line
 * @request: fields that can be given: those of the newest age, then those that
 *	only older ages have
 * @response: fields that come back, likewise
 */
struct command_doc {
	const char *name;
	const char *doc;
	const char *description;
	const char *availability;
	const char *privilege;
	const char *source;
	const char *errors;
	const struct field_doc *request;
	const struct field_doc *response;
};

/* In the order of caliptra_command_at(). */
extern const struct command_doc command_docs[];
extern const size_t command_doc_count;

#endif
