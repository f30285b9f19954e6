// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GET_IDEV_ECC384_*, GET_LDEV, GET_FMC_ALIAS and GET_RT_ALIAS_ECC384_CERT.
 * Sources: caliptra-sw runtime/src/dice.rs, info.rs, get_idev_csr.rs and
 * rom/dev/src/flow/cold_reset/fw_processor/get_idev_csr.rs.
 */
#include "command.h"

#include <string.h>

#include "caliptra-regs.h"

/* GetIdevEcc384CertReq: tbs_size, signature_r, signature_s, tbs */
#define IDEV_CERT_TBS_MAX  916
#define IDEV_CERT_BODY_MAX (4 + 2 * P384_SIZE + IDEV_CERT_TBS_MAX)

/* VarSizeDataResp.data */
#define DATA_MAX 9216

static uint32_t put_data(struct fw_response *rsp, const uint8_t *data,
			 size_t len)
{
	wire_put_u32(&rsp->body, (uint32_t)len);
	wire_put(&rsp->body, data, len);
	return FW_OK;
}

static uint32_t put_cert(struct fw_response *rsp, const struct cert_der *cert)
{
	return put_data(rsp, cert->bytes, cert->len);
}

uint32_t cmd_get_idev_ecc384_cert(struct firmware *fw,
				  const struct fw_request *req,
				  struct fw_response *rsp)
{
	struct ecdsa384_signature sig;
	uint8_t body[IDEV_CERT_BODY_MAX] = { 0 };
	uint8_t cert[DATA_MAX];
	struct wire_reader r;
	uint32_t tbs_size;
	size_t len;

	(void)fw;
	if (req->len > sizeof(body))
		return RUNTIME_INSUFFICIENT_MEMORY;
	/* What a short request leaves out counts as zero. */
	memcpy(body, req->body, req->len);
	r = wire_reader(body, sizeof(body));
	tbs_size = wire_get_u32(&r);
	wire_get(&r, sig.r, sizeof(sig.r));
	wire_get(&r, sig.s, sizeof(sig.s));
	if (tbs_size > r.left)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	len = cert_assemble(r.pos, tbs_size, &sig, cert, sizeof(cert));
	if (!len)
		return RUNTIME_GET_IDEVID_CERT_FAILED;
	return put_data(rsp, cert, len);
}

uint32_t cmd_get_idev_ecc384_info(struct firmware *fw,
				  const struct fw_request *req,
				  struct fw_response *rsp)
{
	(void)req;
	wire_put(&rsp->body, fw->idevid_point + 1, 2 * P384_SIZE);
	return FW_OK;
}

uint32_t cmd_get_idev_ecc384_csr(struct firmware *fw,
				 const struct fw_request *req,
				 struct fw_response *rsp)
{
	(void)req;
	if (!fw->idevid_csr.len)
		return RUNTIME_GET_IDEV_ID_UNPROVISIONED;
	return put_cert(rsp, &fw->idevid_csr);
}

uint32_t cmd_rom_get_idev_ecc384_csr(struct firmware *fw,
				     const struct fw_request *req,
				     struct fw_response *rsp)
{
	(void)req;
	if (!fw->idevid_csr.len)
		return FW_PROC_MAILBOX_GET_IDEV_CSR_UNPROVISIONED_CSR;
	return put_cert(rsp, &fw->idevid_csr);
}

uint32_t cmd_get_ldev_ecc384_cert(struct firmware *fw,
				  const struct fw_request *req,
				  struct fw_response *rsp)
{
	(void)req;
	return put_cert(rsp, &fw->ldevid_cert);
}

uint32_t cmd_get_fmc_alias_ecc384_cert(struct firmware *fw,
				       const struct fw_request *req,
				       struct fw_response *rsp)
{
	(void)req;
	return put_cert(rsp, &fw->fmc_alias_cert);
}

uint32_t cmd_get_rt_alias_ecc384_cert(struct firmware *fw,
				      const struct fw_request *req,
				      struct fw_response *rsp)
{
	(void)req;
	return put_cert(rsp, &fw->rt_alias_cert);
}
