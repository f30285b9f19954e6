/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a transport is, inside the library: a name for a device and a table of
 * functions that reach it. A session calls them; nobody else does.
 */
#ifndef CALIPTRA_TRANSPORT_H
#define CALIPTRA_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include <caliptra/caliptra.h>

#include "errors.h"

/* How long a command may take where nobody said otherwise. */
#define TRANSPORT_DEFAULT_TIMEOUT_MS 30000

/**
 * struct failure - why a call failed
 * @firmware: whose error @fw_error is; stays from one call to the next
 * @fw_error: the firmware's error code, or 0
 * @text: the reason in a sentence
 */
struct failure {
	enum fw_error_source firmware;
	uint32_t fw_error;
	char text[320];
};

/**
 * fail() - say why a call fails
 * @why: where it is said
 * @error: how it fails
 * @format: the sentence, as for printf()
 *
 * Return: @error, for the caller to return.
 */
__attribute__((format(printf, 3, 4))) CaliptraError fail(struct failure *why,
							 CaliptraError error,
							 const char *format,
							 ...);

/**
 * fw_failure() - say that the firmware failed a command, and with which error
 * @why: where it is said, and of which firmware
 * @fw_error: that error
 *
 * Return: CALIPTRA_ERROR_DEVICE.
 */
CaliptraError fw_failure(struct failure *why, uint32_t fw_error);

/**
 * struct buffer - memory that grows
 * @data: the bytes
 * @size: how many there is room for
 * @len: how many are used
 */
struct buffer {
	uint8_t *data;
	size_t size;
	size_t len;
};

/** buffer_reserve() - room for @size bytes; what is in it stays */
CaliptraError buffer_reserve(struct buffer *b, size_t size,
			     struct failure *why);

/** buffer_free() - give the memory back */
void buffer_free(struct buffer *b);

/**
 * struct exchange - a command on its way
 * @code: command code
 * @timeout_ms: how long the answer may take
 * @req: the request as it travels
 * @req_len: its length in bytes
 * @rsp: gets the response; a transport makes it as large as it has to be
 */
struct exchange {
	uint32_t code;
	uint32_t timeout_ms;
	const uint8_t *req;
	size_t req_len;
	struct buffer *rsp;
};

/**
 * struct transport_ops - how a kind of transport works
 * @connect: open the device
 * @disconnect: close it
 * @is_connected: it is open
 * @execute: send a command and wait for its response
 * @info: what is known without a command; NULL where nothing is
 * @free: free what the transport holds
 *
 * Those that fail say why in @why.
 */
struct transport_ops {
	CaliptraError (*connect)(CaliptraTransport *t, struct failure *why);
	CaliptraError (*disconnect)(CaliptraTransport *t, struct failure *why);
	bool (*is_connected)(CaliptraTransport *t);
	CaliptraError (*execute)(CaliptraTransport *t, struct exchange *x,
				 struct failure *why);
	CaliptraError (*info)(CaliptraTransport *t,
			      struct caliptra_device_info *info,
			      struct failure *why);
	void (*free)(CaliptraTransport *t);
};

/**
 * struct CaliptraTransport - common part of all transports
 * @ops: its kind
 * @protocols: bit n is set where it carries enum CaliptraProtocolType n
 * @mailbox: whose mailbox it reaches, from its connect() on
 * @used: a session has it
 */
struct CaliptraTransport {
	const struct transport_ops *ops;
	unsigned int protocols;
	enum caliptra_device_mailbox mailbox;
	bool used;
};

/* The kinds that have names. */
CaliptraError kernel_device_create(const char *path, CaliptraTransport **t);
CaliptraError unix_socket_create(const char *path, CaliptraTransport **t);

#endif
