// SPDX-License-Identifier: GPL-2.0-or-later
/* The PCR vault. See pcr.h. */
#include "pcr.h"

#include <string.h>

#include "wire.h"

int pcr_begin(const struct pcr_vault *vault)
{
	const struct pcr_mirror *mirror = vault->mirror;

	return mirror ? mirror->reset(mirror->context) : 0;
}

static int extend_mirror(const struct pcr_mirror *mirror, unsigned int index,
			 const void *data, size_t len)
{
	uint8_t digest[SHA384_SIZE];

	if (len == SHA384_SIZE)
		memcpy(digest, data, len);
	else if (crypto_sha384(data, len, digest))
		return -1;
	return mirror->extend(mirror->context, index, digest);
}

int pcr_extend(struct pcr_vault *vault, unsigned int index, const void *data,
	       size_t len)
{
	uint8_t value[SHA384_SIZE];

	memcpy(value, vault->value[index], SHA384_SIZE);
	if (crypto_sha384_extend(value, data, len) ||
	    (vault->mirror && extend_mirror(vault->mirror, index, data, len)))
		return -1;
	memcpy(vault->value[index], value, SHA384_SIZE);
	return 0;
}

int pcr_log_add(struct pcr_log *log, enum pcr_log_id id, uint32_t pcrs,
		const void *data, size_t len)
{
	uint8_t *entry;

	if (log->len == PCR_LOG_ENTRIES || len > PCR_LOG_ENTRY_SIZE - 8)
		return -1;
	entry = log->entry[log->len++];
	memset(entry, 0, PCR_LOG_ENTRY_SIZE);
	entry[0] = (uint8_t)id;
	wire_put_le32(entry + 4, pcrs);
	memcpy(entry + 8, data, len);
	return 0;
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
