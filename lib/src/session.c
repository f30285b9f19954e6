// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sessions: commands, checksums and errors over any transport. */
#include "session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "transport.h"

/* Both buffers; most commands fit and the others make them grow. */
#define INITIAL_BUFFER 4096

#define CHECKSUM_SIZE	 4
#define FIPS_STATUS_SIZE 4

/**
 * struct CaliptraSession - a conversation with a device
 * @transport: over which
 * @protocol: what travels
 * @timeout_ms: how long commands may take
 * @req: request as it travels; a body always begins at CHECKSUM_SIZE
 * @rsp: response as it travels
 * @code: of the last command
 * @name: of the last command, or NULL
 * @answered: @rsp has the verified response to the last command
 * @generation: of the device's hardware, as session_generation() tells it
 * @why: why the last call failed
 */
struct CaliptraSession {
	CaliptraTransport *transport;
	CaliptraProtocolType protocol;
	uint32_t timeout_ms;
	struct buffer req;
	struct buffer rsp;
	uint32_t code;
	const char *name;
	bool answered;
	enum generation generation;
	struct failure why;
};

CaliptraError
caliptra_session_create_with_protocol(CaliptraTransport *transport,
				      CaliptraProtocolType protocol,
				      CaliptraSession **session)
{
	CaliptraSession *s;

	if (!transport || !session || (unsigned int)protocol > 2)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	if (!(transport->protocols & 1u << protocol))
		return CALIPTRA_ERROR_NOT_SUPPORTED;
	if (transport->used)
		return CALIPTRA_ERROR_BUSY;
	s = calloc(1, sizeof(*s));
	if (!s)
		return CALIPTRA_ERROR_MEMORY;
	s->transport = transport;
	s->protocol = protocol;
	s->timeout_ms = TRANSPORT_DEFAULT_TIMEOUT_MS;
	if (buffer_reserve(&s->req, INITIAL_BUFFER, &s->why) ||
	    buffer_reserve(&s->rsp, INITIAL_BUFFER, &s->why)) {
		buffer_free(&s->req);
		free(s);
		return CALIPTRA_ERROR_MEMORY;
	}
	transport->used = true;
	*session = s;
	return CALIPTRA_SUCCESS;
}

static bool connected(CaliptraSession *s)
{
	return s->transport->ops->is_connected(s->transport);
}

/* Every call on a session starts by forgetting the last one's failure. */
static void forget_failure(CaliptraSession *s)
{
	s->why.fw_error = 0;
	s->why.text[0] = '\0';
}

static CaliptraError null_argument(CaliptraSession *s)
{
	forget_failure(s);
	return fail(&s->why, CALIPTRA_ERROR_INVALID_ARGUMENT,
		    "a pointer that was given is NULL");
}

CaliptraError caliptra_session_connect(CaliptraSession *session)
{
	if (!session)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	forget_failure(session);
	if (connected(session))
		return fail(&session->why, CALIPTRA_ERROR_STATE,
			    "the session is connected already");
	session->answered = false;
	session->generation = GENERATION_UNKNOWN;
	return session->transport->ops->connect(session->transport,
						&session->why);
}

CaliptraError caliptra_session_disconnect(CaliptraSession *session)
{
	if (!session)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	forget_failure(session);
	if (!connected(session))
		return fail(&session->why, CALIPTRA_ERROR_STATE,
			    "the session is not connected");
	session->generation = GENERATION_UNKNOWN;
	return session->transport->ops->disconnect(session->transport,
						   &session->why);
}

CaliptraError caliptra_session_destroy(CaliptraSession *session)
{
	if (!session)
		return CALIPTRA_SUCCESS;
	if (connected(session))
		session->transport->ops->disconnect(session->transport,
						    &session->why);
	session->transport->used = false;
	buffer_free(&session->req);
	buffer_free(&session->rsp);
	free(session);
	return CALIPTRA_SUCCESS;
}

void caliptra_session_set_timeout(CaliptraSession *session, uint32_t ms)
{
	if (session)
		session->timeout_ms = ms ? ms : TRANSPORT_DEFAULT_TIMEOUT_MS;
}

CaliptraError caliptra_session_info(CaliptraSession *session,
				    struct caliptra_device_info *info)
{
	const struct transport_ops *ops;

	if (!session)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	if (!info)
		return null_argument(session);
	ops = session->transport->ops;
	forget_failure(session);
	if (!ops->info)
		return fail(&session->why, CALIPTRA_ERROR_NOT_SUPPORTED,
			    "this transport knows nothing but commands");
	if (!connected(session))
		return fail(&session->why, CALIPTRA_ERROR_STATE,
			    "the session is not connected");
	return ops->info(session->transport, info, &session->why);
}

const char *caliptra_session_error(const CaliptraSession *session)
{
	return session ? session->why.text : "";
}

uint32_t caliptra_session_fw_error(const CaliptraSession *session)
{
	return session ? session->why.fw_error : 0;
}

/* Put the command's name in front of what is said about it. */
CaliptraError session_failed(CaliptraSession *s, CaliptraError error)
{
	char *text = s->why.text;
	size_t room = sizeof(s->why.text) - 1;
	size_t len = strlen(text);
	char prefix[64];
	size_t n;

	if (s->name)
		n = (size_t)snprintf(prefix, sizeof(prefix), "%s: ", s->name);
	else
		n = (size_t)snprintf(prefix, sizeof(prefix),
				     "command 0x%08" PRIx32 ": ", s->code);
	if (len > room - n)
		len = room - n;
	memmove(text + n, text, len);
	memcpy(text, prefix, n);
	text[n + len] = '\0';
	s->answered = false;
	return error;
}

static size_t checksum_size(const CaliptraSession *s)
{
	return s->protocol == CALIPTRA_PROTOCOL_CUSTOM ? 0 : CHECKSUM_SIZE;
}

static CaliptraError check_response(CaliptraSession *s)
{
	size_t header = checksum_size(s) + FIPS_STATUS_SIZE;
	const struct buffer *rsp = &s->rsp;
	uint32_t said, sum;

	/* CMD_COMPLETE: some commands answer without a response */
	if (!rsp->len)
		return CALIPTRA_SUCCESS;
	if (rsp->len < header)
		return fail(
			&s->why, CALIPTRA_ERROR_PROTOCOL,
			"the response has %zu bytes, too few for %s of its header at offset %zu",
			rsp->len,
			rsp->len < checksum_size(s) ? "chksum" : "fips_status",
			rsp->len < checksum_size(s) ? 0 : checksum_size(s));
	if (!checksum_size(s))
		return CALIPTRA_SUCCESS;
	said = wire_get_le32(rsp->data);
	sum = caliptra_checksum(0, rsp->data + CHECKSUM_SIZE,
				rsp->len - CHECKSUM_SIZE);
	if (said != sum)
		return fail(&s->why, CALIPTRA_ERROR_PROTOCOL,
			    "the response has the checksum 0x%08" PRIx32
			    ", and its %zu bytes make 0x%08" PRIx32,
			    said, rsp->len, sum);
	return CALIPTRA_SUCCESS;
}

void session_name(CaliptraSession *s, uint32_t code, const char *name)
{
	s->code = code;
	s->name = name;
}

CaliptraError session_null(CaliptraSession *s)
{
	s->answered = false;
	return null_argument(s);
}

enum caliptra_device_mailbox session_mailbox(const CaliptraSession *s)
{
	return s->transport->mailbox;
}

/* Those of VDM travel in none. */
static enum caliptra_device_mailbox mailbox_of(enum caliptra_family family)
{
	switch (family) {
	case CALIPTRA_FAMILY_CORE:
	case CALIPTRA_FAMILY_DPE:
		return CALIPTRA_DEVICE_MAILBOX_SOC;
	case CALIPTRA_FAMILY_MCI:
		return CALIPTRA_DEVICE_MAILBOX_MCI;
	default:
		return CALIPTRA_DEVICE_MAILBOX_UNKNOWN;
	}
}

static CaliptraError check_mailbox(CaliptraSession *s,
				   enum caliptra_family family)
{
	enum caliptra_device_mailbox wanted = mailbox_of(family);
	enum caliptra_device_mailbox mailbox = session_mailbox(s);

	if (!wanted || !mailbox || wanted == mailbox)
		return CALIPTRA_SUCCESS;
	return fail(
		&s->why, CALIPTRA_ERROR_NOT_SUPPORTED,
		wanted == CALIPTRA_DEVICE_MAILBOX_MCI ?
			"it is a command of the MCI's mailboxes, and this session is with the core's" :
			"it is a command of the core's mailbox, and this session is with one of the MCI's");
}

CaliptraError session_start(CaliptraSession *s, uint32_t code, const char *name,
			    enum caliptra_family family)
{
	CaliptraError error;

	forget_failure(s);
	s->why.firmware = family == CALIPTRA_FAMILY_MCI ? FW_ERRORS_MCI :
							  FW_ERRORS_CORE;
	s->answered = false;
	session_name(s, code, name);
	if (connected(s))
		error = check_mailbox(s, family);
	else
		error = fail(&s->why, CALIPTRA_ERROR_STATE,
			     "the session is not connected");
	return error ? session_failed(s, error) : CALIPTRA_SUCCESS;
}

CaliptraError session_reserve(CaliptraSession *s, size_t size,
			      struct wire_writer *body)
{
	CaliptraError error;

	if (size > UINT32_MAX - CHECKSUM_SIZE)
		error = fail(&s->why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			     "the request has %zu bytes, more than any mailbox",
			     size);
	else
		error = buffer_reserve(&s->req, CHECKSUM_SIZE + size, &s->why);
	if (error)
		return session_failed(s, error);
	*body = wire_writer(s->req.data + CHECKSUM_SIZE, size);
	return CALIPTRA_SUCCESS;
}

/* The body of the request lies in s->req behind room for its checksum. */
CaliptraError session_run(CaliptraSession *s, size_t len, bool raw,
			  struct wire_reader *body)
{
	size_t checksum = raw ? 0 : checksum_size(s);
	struct exchange x = {
		.code = s->code,
		.timeout_ms = s->timeout_ms,
		.req = s->req.data + CHECKSUM_SIZE - checksum,
		.req_len = checksum + len,
		.rsp = &s->rsp,
	};
	CaliptraError error;

	wire_put_le32(s->req.data,
		      caliptra_checksum(s->code, s->req.data + CHECKSUM_SIZE,
					len));
	s->answered = false;
	s->rsp.len = 0;
	error = s->transport->ops->execute(s->transport, &x, &s->why);
	if (!error)
		error = check_response(s);
	if (error)
		return session_failed(s, error);
	s->answered = true;
	*body = wire_reader(s->rsp.data, 0);
	if (s->rsp.len)
		*body = wire_reader(s->rsp.data + checksum_size(s),
				    s->rsp.len - checksum_size(s));
	return CALIPTRA_SUCCESS;
}

/*
 * A code that both have is that of the mailbox, or the core's where nobody knows whose
 * mailbox it is, and one that none has likewise.
 */
static void identify(CaliptraSession *s, uint32_t code,
		     struct caliptra_command_info *info)
{
	bool mci = session_mailbox(s) == CALIPTRA_DEVICE_MAILBOX_MCI;
	enum caliptra_family own = mci ? CALIPTRA_FAMILY_MCI :
					 CALIPTRA_FAMILY_CORE;
	enum caliptra_family other = mci ? CALIPTRA_FAMILY_CORE :
					   CALIPTRA_FAMILY_MCI;
	const struct caliptra_command *command;

	*info = (struct caliptra_command_info){ .family = own };
	command = caliptra_command_by_code(own, code);
	if (!command)
		command = caliptra_command_by_code(other, code);
	if (command)
		caliptra_command_describe(command, info);
}

CaliptraError caliptra_session_execute(CaliptraSession *session, uint32_t code,
				       const void *body, size_t body_len,
				       void *rsp, size_t rsp_size,
				       size_t *rsp_len)
{
	struct caliptra_command_info info;
	struct wire_writer w;
	struct wire_reader r;
	CaliptraError error;

	if (!session)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	if ((!body && body_len) || (!rsp && rsp_size) || !rsp_len)
		return session_null(session);
	identify(session, code, &info);
	error = session_start(session, code, info.name, info.family);
	if (!error)
		error = session_reserve(session, body_len, &w);
	if (error)
		return error;
	wire_put(&w, body, body_len);
	error = session_run(session, body_len, false, &r);
	if (error)
		return error;
	return caliptra_session_response(session, rsp, rsp_size, rsp_len);
}

CaliptraError caliptra_session_response(CaliptraSession *session, void *rsp,
					size_t rsp_size, size_t *rsp_len)
{
	if (!session)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	if ((!rsp && rsp_size) || !rsp_len)
		return null_argument(session);
	forget_failure(session);
	if (!session->answered)
		return fail(
			&session->why, CALIPTRA_ERROR_STATE,
			"there is no response: the last command failed, or there was none");
	*rsp_len = session->rsp.len;
	if (*rsp_len)
		*rsp_len -= checksum_size(session);
	if (*rsp_len > rsp_size)
		return fail(
			&session->why, CALIPTRA_ERROR_INVALID_ARGUMENT,
			"the response has %zu bytes, and there is room for %zu",
			*rsp_len, rsp_size);
	if (*rsp_len)
		memcpy(rsp, session->rsp.data + checksum_size(session),
		       *rsp_len);
	return CALIPTRA_SUCCESS;
}

struct failure *session_why(CaliptraSession *s)
{
	return &s->why;
}

/* CPTRA_HW_REV_ID has it in its low half: major [3:0], minor [7:4]. */
enum generation session_generation(CaliptraSession *s)
{
	const struct transport_ops *ops = s->transport->ops;
	struct caliptra_device_info info;
	struct failure unused;

	if (s->generation != GENERATION_UNKNOWN)
		return s->generation;
	if (!ops->info || !connected(s) ||
	    session_mailbox(s) == CALIPTRA_DEVICE_MAILBOX_MCI ||
	    ops->info(s->transport, &info, &unused))
		return GENERATION_2_1;
	if ((info.hw_rev_id & 0xf) == 1)
		s->generation = GENERATION_1_X;
	else if ((info.hw_rev_id & 0xff) == 2)
		s->generation = GENERATION_2_0;
	else
		s->generation = GENERATION_2_1;
	return s->generation;
}
