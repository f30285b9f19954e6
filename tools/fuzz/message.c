// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A fuzzer for messages of one family of commands: FAMILY. Input is
 *
 *	byte 0: which command of the family
 *	byte 1: bit 0 its response, bits 2:1 in which age
 *	then the message, without its checksum
 *
 * What can be read has to be the same after it was written and read again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <caliptra/describe.h>

#include "fuzz.h"

#define MAX_MESSAGE (256 * 1024)

/**
 * struct message - which message it is
 * @command: of which command
 * @kind: which of its messages
 * @age: in which age
 * @struct_size: bytes of its C structure
 */
struct message {
	const struct caliptra_command *command;
	enum caliptra_message_kind kind;
	const char *age;
	size_t struct_size;
};

static const struct caliptra_command *command_of(uint8_t choice)
{
	const struct caliptra_command *command;
	struct caliptra_command_info info;
	size_t i, n = 0;

	for (i = 0; (command = caliptra_command_at(i)); i++) {
		caliptra_command_describe(command, &info);
		if (info.family == FAMILY && n++ == choice)
			return command;
	}
	return NULL;
}

static bool choose(const uint8_t *data, size_t size, struct message *m)
{
	struct caliptra_message_info info;

	if (size < 2)
		return false;
	m->command = command_of(data[0]);
	if (!m->command)
		return false;
	m->kind = data[1] & 1 ? CALIPTRA_RESPONSE : CALIPTRA_REQUEST;
	m->age = caliptra_command_age(m->command, data[1] >> 1 & 3, NULL);
	if (!m->age ||
	    caliptra_message_describe(m->command, m->kind, m->age, &info))
		return false;
	m->struct_size = info.struct_size;
	return true;
}

static void fail(const struct message *m, const char *what, const char *why)
{
	struct caliptra_command_info info;

	caliptra_command_describe(m->command, &info);
	fprintf(stderr, "%s %s %s: %s: %s\n", info.name, m->age,
		m->kind == CALIPTRA_REQUEST ? "request" : "response", what,
		why);
	abort();
}

static const uint8_t *pointer_at(const void *where)
{
	const uint8_t *p;

	memcpy(&p, where, sizeof(p));
	return p;
}

/* Everything of a structure that is not a pointer, and what pointers point to. */
static void compare(const struct message *m, const void *a, const void *b)
{
	struct caliptra_field_info f;
	size_t i;

	for (i = 0; caliptra_message_field(m->command, m->kind, m->age, i, &f);
	     i++) {
		const uint8_t *pa = (const uint8_t *)a + f.offset;
		const uint8_t *pb = (const uint8_t *)b + f.offset;
		size_t n = f.kind == CALIPTRA_FIELD_INT ? f.size :
							  f.size * f.count;
		uint32_t used;

		if (f.kind == CALIPTRA_FIELD_CONSTANT ||
		    f.kind == CALIPTRA_FIELD_RESERVED)
			continue;
		if (f.kind == CALIPTRA_FIELD_POINTER) {
			memcpy(&used, (const uint8_t *)a + f.length_offset,
			       sizeof(used));
			pa = pointer_at(pa);
			pb = pointer_at(pb);
			n = used;
		}
		if (n && memcmp(pa, pb, n))
			fail(m, f.name, "it is another one after a round trip");
	}
}

static void try(const struct message *m, const uint8_t *data, size_t size)
{
	static uint8_t bytes[MAX_MESSAGE];
	uint8_t *a = calloc(1, m->struct_size + 1);
	uint8_t *b = calloc(1, m->struct_size + 1);
	char why[256];
	size_t len;

	if (!a || !b)
		abort();
	if (caliptra_message_decode(m->command, m->kind, m->age, data, size, a,
				    why, sizeof(why))) {
		if (!*why)
			fail(m, "refused", "and nobody knows why");
		goto out;
	}
	/* a response may have values that nobody may send */
	if (caliptra_message_encode(m->command, m->kind, m->age, a, bytes,
				    sizeof(bytes), &len, why, sizeof(why))) {
		if (!*why)
			fail(m, "not written", "and nobody knows why");
		goto out;
	}
	if (caliptra_message_decode(m->command, m->kind, m->age, bytes, len, b,
				    why, sizeof(why)))
		fail(m, "can not be read again", why);
	compare(m, a, b);
out:
	free(a);
	free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct message m;
	uint8_t *copy;

	if (!choose(data, size, &m))
		return 0;
	/* of exactly this size, so that reading beyond it is seen */
	copy = malloc(size - 2 ? size - 2 : 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 2, size - 2);
	try(&m, copy, size - 2);
	free(copy);
	return 0;
}
