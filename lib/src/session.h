/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a session gives to the typed calls. A call goes
 *
 *	struct call c = call_begin(session, code, size of the body);
 *	wire_put_...(&c.req, ...);
 *	call_run(&c);
 *	... = wire_get_...(&c.rsp);
 *	if (!call_end(&c))
 *		*result = ...;
 *	return c.error;
 *
 * and the first thing that goes wrong is what call_end() and c.error say.
 */
#ifndef CALIPTRA_SESSION_H
#define CALIPTRA_SESSION_H

#include <caliptra/caliptra.h>

#include "wire.h"

/**
 * struct call - a command being made
 * @session: over which
 * @code: command code
 * @req: where the body of the request is written
 * @rsp: where the body of the response is read, fips_status first
 * @rsp_len: length of that in bytes
 * @error: what went wrong
 */
struct call {
	CaliptraSession *session;
	uint32_t code;
	struct wire_writer req;
	struct wire_reader rsp;
	size_t rsp_len;
	CaliptraError error;
};

/** call_begin() - a command with a request of at most @size bytes */
struct call call_begin(CaliptraSession *session, uint32_t code, size_t size);

/** call_reject() - end a call before it is run: an argument can not be */
__attribute__((format(printf, 2, 3))) void call_reject(struct call *c,
						       const char *format, ...);

/** call_run() - send the request and verify the response's checksum */
void call_run(struct call *c);

/**
 * call_end() - the response has been read
 * @c: the call
 *
 * Return: what went wrong; CALIPTRA_ERROR_PROTOCOL where the response was
 * shorter or longer than what was read of it.
 */
CaliptraError call_end(struct call *c);

#endif
