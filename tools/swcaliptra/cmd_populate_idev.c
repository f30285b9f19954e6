// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * POPULATE_IDEV_ECC384_CERT and POPULATE_IDEV_MLDSA87_CERT. Source: caliptra-sw
 * runtime/src/populate_idev.rs.
 */
#include <string.h>

#include "command.h"

static uint32_t prepend(struct firmware *fw, uint8_t *chain, size_t *chain_len,
			size_t chain_size, const uint8_t *cert, uint32_t len)
{
	if (len > chain_size - *chain_len)
		return RUNTIME_IDEV_CERT_POPULATION_FAILED;
	memmove(chain + len, chain, *chain_len);
	memcpy(chain, cert, len);
	*chain_len += len;
	fw->identity_edits++;
	return FW_OK;
}

uint32_t cmd_populate_idev_ecc384_cert(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_populate_idev_ecc384_cert_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	return prepend(fw, fw->chains.ecc, &fw->chains.ecc_len,
		       sizeof(fw->chains.ecc), in->cert, in->cert_size);
}

uint32_t cmd_populate_idev_mldsa87_cert(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_populate_idev_mldsa87_cert_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	return prepend(fw, fw->chains.mldsa, &fw->chains.mldsa_len,
		       sizeof(fw->chains.mldsa), in->cert, in->cert_size);
}
