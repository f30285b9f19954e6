/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a session gives to commands. A command goes
 *
 *	session_start(s, code, name, family);
 *	session_reserve(s, size of the request's body, &body);
 *	wire_put_...(&body, ...);
 *	session_run(s, body.len, raw, &response);
 *	... = wire_get_...(&response);
 *
 * and whoever finds an error lets session_failed() say which command it was.
 */
#ifndef CALIPTRA_SESSION_H
#define CALIPTRA_SESSION_H

#include <caliptra/describe.h>

#include "transport.h"
#include "wire.h"

/** session_name() - which command is to be named, @name may be NULL and stays */
void session_name(CaliptraSession *s, uint32_t code, const char *name);

/** session_null() - a call fails, for a pointer that was given is NULL */
CaliptraError session_null(CaliptraSession *s);

/**
 * session_start() - a new command: forget the last one
 * @s: the session
 * @code: of the command
 * @name: of the command, may be NULL and stays
 * @family: of the command, which tells in whose mailbox it belongs, and whose
 *	errors the firmware answers with
 */
CaliptraError session_start(CaliptraSession *s, uint32_t code, const char *name,
			    enum caliptra_family family);

/**
 * session_reserve() - make room for a request
 * @s: the session
 * @size: of the request in bytes, without its checksum
 * @body: set to where it is to be written
 */
CaliptraError session_reserve(CaliptraSession *s, size_t size,
			      struct wire_writer *body);

/**
 * session_run() - send the request and verify the response's checksum
 * @s: the session
 * @len: bytes of the request, without its checksum
 * @raw: it travels without a checksum
 * @body: set to the response after its checksum
 */
CaliptraError session_run(CaliptraSession *s, size_t len, bool raw,
			  struct wire_reader *body);

/** session_mailbox() - whose mailbox it is, of a session that is connected */
enum caliptra_device_mailbox session_mailbox(const CaliptraSession *s);

/** session_why() - where it is said why a call fails */
struct failure *session_why(CaliptraSession *s);

/**
 * session_failed() - put the command's name in front of why it failed
 * @s: the session
 * @error: how it failed
 *
 * Return: @error.
 */
CaliptraError session_failed(CaliptraSession *s, CaliptraError error);

/* Generations of Caliptra, in the order of the core's ages. */
enum generation {
	GENERATION_1_X,
	GENERATION_2_0,
	GENERATION_2_1,
	GENERATION_UNKNOWN,
};

/** session_generation() - of the device; the newest where nobody knows it */
enum generation session_generation(CaliptraSession *s);

#endif
