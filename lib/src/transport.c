// SPDX-License-Identifier: LGPL-2.1-or-later
/* Transports by name, and what all of them share. See transport.h. */
#include "transport.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIX_PREFIX "unix:"

CaliptraError fail(struct failure *why, CaliptraError error, const char *format,
		   ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return error;
}

CaliptraError fw_failure(struct failure *why, uint32_t fw_error)
{
	const char *name = fw_error_name(why->firmware, fw_error);

	why->fw_error = fw_error;
	if (!fw_error)
		return fail(
			why, CALIPTRA_ERROR_DEVICE,
			"the firmware failed the command and gave no error code");
	if (!name)
		return fail(
			why, CALIPTRA_ERROR_DEVICE,
			"the firmware failed the command: an error code without a name (0x%08" PRIx32
			")",
			fw_error);
	return fail(why, CALIPTRA_ERROR_DEVICE,
		    "the firmware failed the command: %s (0x%08" PRIx32 "): %s",
		    name, fw_error, fw_error_meaning(why->firmware, fw_error));
}

CaliptraError buffer_reserve(struct buffer *b, size_t size, struct failure *why)
{
	uint8_t *data;

	if (size <= b->size)
		return CALIPTRA_SUCCESS;
	data = realloc(b->data, size);
	if (!data)
		return fail(why, CALIPTRA_ERROR_MEMORY,
			    "there is no memory for a message of %zu bytes",
			    size);
	b->data = data;
	b->size = size;
	return CALIPTRA_SUCCESS;
}

void buffer_free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){ 0 };
}

CaliptraError caliptra_transport_open(const char *name,
				      CaliptraTransport **transport)
{
	size_t prefix = strlen(UNIX_PREFIX);

	if (!name || !*name || !transport)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	if (!strncmp(name, UNIX_PREFIX, prefix))
		return unix_socket_create(name + prefix, transport);
	return kernel_device_create(name, transport);
}

CaliptraError caliptra_transport_destroy(CaliptraTransport *transport)
{
	if (!transport)
		return CALIPTRA_SUCCESS;
	if (transport->used)
		return CALIPTRA_ERROR_BUSY;
	transport->ops->free(transport);
	return CALIPTRA_SUCCESS;
}
