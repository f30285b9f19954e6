/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A transport for tests, made of functions as any caller can make one: it keeps
 * the request that it is given and answers what it was told to.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <stdlib.h>

#include "test.h"

#define RECORDER_SIZE (64 * 1024)

/**
 * struct recorder - the transport's context
 * @code: command code that was sent last
 * @req: its request
 * @req_len: length of that in bytes
 * @sent: how many commands were sent
 * @rsp: the answer to all of them
 * @rsp_len: its length in bytes
 * @received: how often the answer was asked for
 * @send_error: what its send() returns
 * @receive_error: what its receive() returns, if the answer has room
 * @claim: the length it claims where that is not 0
 * @connect_error: what its connect() returns
 * @disconnect_error: what its disconnect() returns
 * @connected: what its is_connected() returns
 * @destroyed: how often destroy() was called
 */
struct recorder {
	uint32_t code;
	uint8_t req[RECORDER_SIZE];
	size_t req_len;
	unsigned int sent;
	uint8_t rsp[RECORDER_SIZE];
	size_t rsp_len;
	unsigned int received;
	CaliptraError send_error;
	CaliptraError receive_error;
	size_t claim;
	CaliptraError connect_error;
	CaliptraError disconnect_error;
	bool connected;
	unsigned int destroyed;
};

static inline CaliptraError recorder_send(void *ctx, uint32_t code,
					  const uint8_t *data, size_t len)
{
	struct recorder *r = ctx;

	assert_true(len <= sizeof(r->req));
	r->code = code;
	memcpy(r->req, data, len);
	r->req_len = len;
	r->sent++;
	return r->send_error;
}

static inline CaliptraError recorder_receive(void *ctx, uint8_t *buffer,
					     size_t size, size_t *len)
{
	struct recorder *r = ctx;

	r->received++;
	*len = r->claim ? r->claim : r->rsp_len;
	if (r->rsp_len > size)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	memcpy(buffer, r->rsp, r->rsp_len);
	return r->receive_error;
}

static inline CaliptraError recorder_connect(void *ctx)
{
	struct recorder *r = ctx;

	r->connected = !r->connect_error;
	return r->connect_error;
}

static inline CaliptraError recorder_disconnect(void *ctx)
{
	struct recorder *r = ctx;

	r->connected = r->disconnect_error && r->connected;
	return r->disconnect_error;
}

static inline bool recorder_is_connected(void *ctx)
{
	const struct recorder *r = ctx;

	return r->connected;
}

static inline void recorder_destroy(void *ctx)
{
	struct recorder *r = ctx;

	r->destroyed++;
}

static const CTransportVTable recorder_vtable = {
	.send = recorder_send,
	.receive = recorder_receive,
	.connect = recorder_connect,
	.disconnect = recorder_disconnect,
	.is_connected = recorder_is_connected,
	.destroy = recorder_destroy,
};

/* The answer from now on: @body behind its checksum, where there is one. */
static inline void recorder_answer(struct recorder *r,
				   CaliptraProtocolType protocol,
				   const void *body, size_t len)
{
	size_t header = protocol == CALIPTRA_PROTOCOL_MAILBOX ? 4 : 0;

	if (header)
		put32(r->rsp, expected_checksum(0, body, len));
	memcpy(r->rsp + header, body, len);
	r->rsp_len = header + len;
}

/**
 * struct recording - a connected session with a recorder
 * @recorder: the transport's context
 * @transport: the transport
 * @session: the session
 */
struct recording {
	struct recorder recorder;
	CaliptraTransport *transport;
	CaliptraSession *session;
};

static inline struct recording *recording_start(CaliptraProtocolType protocol)
{
	struct recording *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	assert_int_equal(caliptra_transport_create_from_c_vtable(
				 &recorder_vtable, &r->recorder, &r->transport),
			 CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_session_create_with_protocol(
				 r->transport, protocol, &r->session),
			 CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_session_connect(r->session),
			 CALIPTRA_SUCCESS);
	return r;
}

static inline void recording_end(struct recording *r)
{
	caliptra_session_destroy(r->session);
	assert_int_equal(caliptra_transport_destroy(r->transport),
			 CALIPTRA_SUCCESS);
	free(r);
}

#endif
