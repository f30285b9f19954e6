/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages: between a C structure in host order and what travels. */
#ifndef CALIPTRA_LAYOUT_H
#define CALIPTRA_LAYOUT_H

#include "tables.h"
#include "transport.h"
#include "wire.h"

/**
 * layout_size() - how long a message will be, if it can be written
 * @l: its layout
 * @host: the structure
 *
 * Return: its length in bytes, without the checksum.
 */
size_t layout_size(const struct layout *l, const void *host);

/** layout_is_set() - is a field of a structure anything but zero? */
bool layout_is_set(const struct field *f, const void *host);

/**
 * layout_encode() - write a message
 * @l: its layout
 * @host: the structure
 * @check: numbers must be such as the table allows; lengths always are
 * @w: where it goes, after the checksum
 * @why: why it can not be written
 *
 * Return: CALIPTRA_ERROR_INVALID_ARGUMENT where a field can not be so.
 */
CaliptraError layout_encode(const struct layout *l, const void *host,
			    bool check, struct wire_writer *w,
			    struct failure *why);

/**
 * layout_decode() - read a message
 * @l: its layout
 * @bytes: the message, after its checksum
 * @len: its length in bytes
 * @more: bytes after data whose length the message tells do not matter
 * @host: the structure, or NULL; unchanged after an error
 * @why: why it can not be read
 *
 * Return: CALIPTRA_ERROR_PROTOCOL where it is no such message.
 */
CaliptraError layout_decode(const struct layout *l, const uint8_t *bytes,
			    size_t len, bool more, void *host,
			    struct failure *why);

#endif
