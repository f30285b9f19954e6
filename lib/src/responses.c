// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is done with a response after it came. */
#include <caliptra/commands.h>

#include "wire.h"

#define CHECKSUM_SIZE 4

bool caliptra_has_capability(
	const struct caliptra_capabilities_resp *capabilities, unsigned int bit)
{
	size_t size = sizeof(capabilities->capabilities);

	return bit / 8 < size &&
	       capabilities->capabilities[size - 1 - bit / 8] >> bit % 8 & 1;
}

static const struct caliptra_command *quote_command(void)
{
	return caliptra_command_by_code(CALIPTRA_FAMILY_CORE,
					CALIPTRA_CMD_QUOTE_PCRS_ECC384);
}

void caliptra_quote_pcrs_ecc384_encode(
	const struct caliptra_quote_pcrs_ecc384_resp *quote,
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE])
{
	uint8_t *body = bytes + CHECKSUM_SIZE;
	size_t len;

	caliptra_message_encode(quote_command(), CALIPTRA_RESPONSE, NULL, quote,
				body,
				CALIPTRA_QUOTE_PCRS_ECC384_SIZE - CHECKSUM_SIZE,
				&len, NULL, 0);
	wire_put_le32(bytes, caliptra_checksum(0, body, len));
}

CaliptraError
caliptra_quote_pcrs_ecc384_decode(const void *bytes, size_t len,
				  struct caliptra_quote_pcrs_ecc384_resp *quote)
{
	const uint8_t *body;

	if (!bytes || !quote)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	if (len != CALIPTRA_QUOTE_PCRS_ECC384_SIZE)
		return CALIPTRA_ERROR_PROTOCOL;
	body = (const uint8_t *)bytes + CHECKSUM_SIZE;
	len -= CHECKSUM_SIZE;
	if (wire_get_le32(bytes) != caliptra_checksum(0, body, len))
		return CALIPTRA_ERROR_PROTOCOL;
	return caliptra_message_decode(quote_command(), CALIPTRA_RESPONSE, NULL,
				       body, len, quote, NULL, 0);
}
