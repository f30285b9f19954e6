// SPDX-License-Identifier: GPL-2.0-or-later
/* What ROM sends the SoC of IDevID's requests. See csr_envelope.h. */
#include "csr_envelope.h"

#include <assert.h>
#include <string.h>

#include "identity.h"

#define ECC_SIZE       512
#define MLDSA_SIZE     8192
#define OLD_MLDSA_SIZE 7680

static_assert(8 + 4 + ECC_SIZE + 4 + MLDSA_SIZE + SHA512_SIZE ==
		      CSR_ENVELOPE_MAX,
	      "the largest envelope is that of 2.1");

/* cptra_csr_hmac_key, as caliptra-sw hw-model/types has the wires. */
static const uint8_t hmac_key[64] = {
	0x01, 0x45, 0x52, 0xad, 0x19, 0x55, 0x07, 0x57, 0x50, 0xc6, 0x02,
	0xdd, 0x85, 0xde, 0x4e, 0x9b, 0x81, 0x5c, 0xc9, 0xef, 0x0b, 0xa8,
	0x1a, 0x35, 0x7a, 0x05, 0xd7, 0xc0, 0x7f, 0x5e, 0xfa, 0xeb, 0xf7,
	0x6d, 0xd9, 0xd2, 0x9e, 0x38, 0x19, 0x7f, 0x04, 0x05, 0x25, 0x37,
	0x25, 0xb5, 0x68, 0xf4, 0x43, 0x26, 0x65, 0xf1, 0xd1, 0x1d, 0x02,
	0xa7, 0xbf, 0xb9, 0x27, 0x9f, 0xa2, 0xeb, 0x96, 0xd7,
};

/* A request in a field of @size bytes, its length first; where the next one is. */
static uint8_t *put_csr(uint8_t *p, const struct cert_der *csr, size_t size)
{
	size_t len = csr->len < size ? csr->len : size;

	wire_put_le32(p, (uint32_t)len);
	memcpy(p + 4, csr->bytes, len);
	memset(p + 4 + len, 0, size - len);
	return p + 4 + size;
}

size_t csr_envelope(const struct firmware *fw, uint8_t bytes[CSR_ENVELOPE_MAX])
{
	bool is_new = generation_in(fw->ifc->generation, GENERATION_2_1);
	uint8_t *p = bytes + 8;
	size_t len;

	if (!identity_has_mldsa(fw)) {
		memcpy(bytes, fw->idevid_csr.bytes, fw->idevid_csr.len);
		return fw->idevid_csr.len;
	}
	p = put_csr(p, &fw->idevid_csr, ECC_SIZE);
	p = put_csr(p, &fw->mldsa.idevid_csr,
		    is_new ? MLDSA_SIZE : OLD_MLDSA_SIZE);
	len = (size_t)(p - bytes) + SHA512_SIZE;
	wire_put_le32(bytes, CSR_ENVELOPE_MARKER);
	wire_put_le32(bytes + 4, (uint32_t)len);
	if (crypto_hmac512(hmac_key, sizeof(hmac_key), bytes, len - SHA512_SIZE,
			   p))
		return 0;
	return len;
}
