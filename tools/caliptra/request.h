/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message made of fields that are named at run time: a request, as a rule. */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include <json-c/json.h>

#include <caliptra/describe.h>

/**
 * struct request - a request, or another message, being made
 * @command: of which command
 * @kind: which of its messages
 * @age: as of when, NULL for the newest
 * @name: of that command
 * @structure: its C structure, NULL where it has none
 * @fields: how many fields it has
 * @given: which of them were given
 * @lengths: those that are lengths, as they were given
 * @current: the field that is being given
 * @json: it is given in JSON
 * @data: what the structure points to; NULL where it does not
 */
struct request {
	const struct caliptra_command *command;
	enum caliptra_message_kind kind;
	const char *age;
	const char *name;
	void *structure;
	size_t fields;
	bool *given;
	uint32_t *lengths;
	size_t current;
	bool json;
	void *data;
};

/**
 * request_begin() - an empty request, or another message
 * @r: where it goes; request_free() it
 * @command: the command
 * @kind: which of its messages
 * @age: as of when, NULL for the newest
 *
 * Return: 0 or the exit status.
 */
int request_begin(struct request *r, const struct caliptra_command *command,
		  enum caliptra_message_kind kind, const char *age);

/** request_free() - give back what a request holds */
void request_free(struct request *r);

/** request_assign() - a field from the command line, as NAME=VALUE */
int request_assign(struct request *r, const char *assignment);

/** request_object() - fields from a JSON object, as cli_message() makes it */
int request_object(struct request *r, json_object *object);

/** request_json() - fields from a JSON object in a file */
int request_json(struct request *r, const char *path);

/** request_end() - see that nothing is missing; 0 or the exit status */
int request_end(const struct request *r);

#endif
