// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * POPULATE_IDEV_ECC384_CERT and POPULATE_IDEV_MLDSA87_CERT. Source: caliptra-sw
 * runtime/src/populate_idev.rs; that of fw-2.0.3.
 */
#include <string.h>

#include "command.h"

/* MAX_CERT_SIZE of either request */
#define MAX_ECC384_CERT	 1024
#define MAX_MLDSA87_CERT 8192

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

/*
 * 2.0 looks into the mailbox itself: what a request that is cut short has left out is
 * what has been there before.
 */
static uint32_t populate(struct firmware *fw, uint8_t *chain, size_t *chain_len,
			 size_t chain_size, const uint8_t *cert, uint32_t len,
			 uint32_t room)
{
	const uint8_t *sram = mbox_bytes(fw->mbox);

	if (generation_in(fw->ifc->generation, GENERATION_2_0)) {
		len = wire_get_le32(sram + 4);
		cert = sram + 8;
	}
	if (len > room)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	return prepend(fw, chain, chain_len, chain_size, cert, len);
}

uint32_t cmd_populate_idev_ecc384_cert(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_populate_idev_ecc384_cert_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	return populate(fw, fw->chains.ecc, &fw->chains.ecc_len,
			sizeof(fw->chains.ecc), in->cert, in->cert_size,
			MAX_ECC384_CERT);
}

uint32_t cmd_populate_idev_mldsa87_cert(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_populate_idev_mldsa87_cert_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	return populate(fw, fw->chains.mldsa, &fw->chains.mldsa_len,
			sizeof(fw->chains.mldsa), in->cert, in->cert_size,
			MAX_MLDSA87_CERT);
}
