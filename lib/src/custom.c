// SPDX-License-Identifier: LGPL-2.1-or-later
/* Transports made of the caller's own functions. */
#include <stdlib.h>

#include "transport.h"

/**
 * struct custom - a transport of the caller's functions
 * @base: what all transports have
 * @vtable: the functions
 * @context: what they get
 */
struct custom {
	CaliptraTransport base;
	CTransportVTable vtable;
	void *context;
};

static struct custom *custom(CaliptraTransport *t)
{
	return (struct custom *)t;
}

/* What the caller's functions return is checked like any input. */
static CaliptraError said(CaliptraError error, const char *function,
			  struct failure *why)
{
	if (!error)
		return CALIPTRA_SUCCESS;
	if (error < 0 || error > CALIPTRA_ERROR_PERMISSION)
		return fail(
			why, CALIPTRA_ERROR_UNKNOWN,
			"the transport's %s function returned %d, which is no CaliptraError",
			function, (int)error);
	return fail(why, error, "the transport's %s function says: %s",
		    function, caliptra_strerror(error));
}

static CaliptraError custom_connect(CaliptraTransport *t, struct failure *why)
{
	struct custom *c = custom(t);

	return said(c->vtable.connect(c->context), "connect", why);
}

static CaliptraError custom_disconnect(CaliptraTransport *t,
				       struct failure *why)
{
	struct custom *c = custom(t);

	return said(c->vtable.disconnect(c->context), "disconnect", why);
}

static bool custom_is_connected(CaliptraTransport *t)
{
	struct custom *c = custom(t);

	return c->vtable.is_connected(c->context);
}

static CaliptraError receive(struct custom *c, struct buffer *rsp,
			     struct failure *why)
{
	CaliptraError error;
	size_t len = 0;

	error = c->vtable.receive(c->context, rsp->data, rsp->size, &len);
	if (error == CALIPTRA_ERROR_INVALID_ARGUMENT && len > rsp->size) {
		error = buffer_reserve(rsp, len, why);
		if (error)
			return error;
		len = 0;
		error = c->vtable.receive(c->context, rsp->data, rsp->size,
					  &len);
	}
	if (error)
		return said(error, "receive", why);
	if (len > rsp->size)
		return fail(
			why, CALIPTRA_ERROR_PROTOCOL,
			"the transport's receive function claims %zu bytes in a buffer of %zu",
			len, rsp->size);
	rsp->len = len;
	return CALIPTRA_SUCCESS;
}

static CaliptraError custom_execute(CaliptraTransport *t, struct exchange *x,
				    struct failure *why)
{
	struct custom *c = custom(t);
	CaliptraError error =
		c->vtable.send(c->context, x->code, x->req, x->req_len);

	if (error)
		return said(error, "send", why);
	return receive(c, x->rsp, why);
}

static void custom_free(CaliptraTransport *t)
{
	struct custom *c = custom(t);

	if (c->vtable.destroy)
		c->vtable.destroy(c->context);
	free(c);
}

static const struct transport_ops custom_ops = {
	.connect = custom_connect,
	.disconnect = custom_disconnect,
	.is_connected = custom_is_connected,
	.execute = custom_execute,
	.free = custom_free,
};

CaliptraError
caliptra_transport_create_from_c_vtable(const CTransportVTable *vtable,
					void *context,
					CaliptraTransport **transport)
{
	struct custom *c;

	if (!vtable || !vtable->send || !vtable->receive || !vtable->connect ||
	    !vtable->disconnect || !vtable->is_connected || !transport)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	c = calloc(1, sizeof(*c));
	if (!c)
		return CALIPTRA_ERROR_MEMORY;
	c->base.ops = &custom_ops;
	c->base.protocols = 1u << CALIPTRA_PROTOCOL_MAILBOX |
			    1u << CALIPTRA_PROTOCOL_CUSTOM;
	c->vtable = *vtable;
	c->context = context;
	*transport = &c->base;
	return CALIPTRA_SUCCESS;
}
