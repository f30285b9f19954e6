// SPDX-License-Identifier: GPL-2.0-or-later
/* The PCR vault. See pcr.h. */
#include "pcr.h"

#include <string.h>

int pcr_extend(struct pcr_vault *vault, unsigned int index, const void *data,
	       size_t len)
{
	return crypto_sha384_extend(vault->value[index], data, len);
}

int pcr_quote_digest(const struct generation *g, const struct pcr_vault *vault,
		     const uint8_t nonce[32], uint8_t digest[SHA512_SIZE])
{
	uint8_t message[sizeof(vault->value) + 32];

	memcpy(message, vault->value, sizeof(vault->value));
	memcpy(message + sizeof(vault->value), nonce, 32);
	return generation_in(g, GENERATION_1_2) ?
		       crypto_sha384(message, sizeof(message), digest) :
		       crypto_sha512(message, sizeof(message), digest);
}
