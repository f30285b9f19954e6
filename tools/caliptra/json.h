/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON that is given to the tool. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <json-c/json.h>
#include <stddef.h>

/**
 * json_read() - an object in JSON
 * @file: what the text is called, for errors of JSON
 * @command: the command that it is for, for errors of fields
 * @text: the text
 * @len: its length in bytes
 * @object: set to the object; json_object_put() it
 *
 * A number that no 64 bits can hold, or that is not whole, is a real number with
 * the text that it was given as. A name is there once, and has no NUL.
 *
 * Return: 0 or the exit status.
 */
int json_read(const char *file, const char *command, const void *text,
	      size_t len, json_object **object);

#endif
