// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GET_IDEV_*, GET_LDEV_*, GET_FMC_ALIAS_* and GET_RT_ALIAS_*, with ECC384 and
 * MLDSA87. Sources: caliptra-sw runtime/src/dice.rs, info.rs, get_idev_csr.rs,
 * get_fmc_alias_csr.rs and rom/dev/src/flow/cold_reset/fw_processor/get_idev_csr.rs.
 */
#include <string.h>

#include "command.h"

static uint32_t put_cert(struct caliptra_var_size_data_resp *out,
			 const struct cert_der *cert)
{
	out->data = cert->bytes;
	out->data_size = (uint32_t)cert->len;
	return FW_OK;
}

uint32_t
cmd_get_idev_ecc384_cert(struct firmware *fw, const struct fw_request *req,
			 const struct caliptra_get_idev_ecc384_cert_req *in,
			 struct caliptra_var_size_data_resp *out)
{
	struct ecdsa384_signature sig;

	memcpy(sig.r, in->signature_r, sizeof(sig.r));
	memcpy(sig.s, in->signature_s, sizeof(sig.s));
	out->data = req->scratch;
	out->data_size = (uint32_t)cert_assemble(in->tbs, in->tbs_size, &sig,
						 req->scratch,
						 fw->ifc->generation->max_cert);
	return out->data_size ? FW_OK : RUNTIME_GET_IDEVID_CERT_FAILED;
}

uint32_t
cmd_get_idev_ecc384_info(struct firmware *fw, const struct fw_request *req,
			 struct caliptra_get_idev_ecc384_info_resp *out)
{
	(void)req;
	memcpy(out->idev_pub_x, fw->idevid_point + 1, P384_SIZE);
	memcpy(out->idev_pub_y, fw->idevid_point + 1 + P384_SIZE, P384_SIZE);
	return FW_OK;
}

/* The signature's padding is not looked at. */
uint32_t
cmd_get_idev_mldsa87_cert(struct firmware *fw, const struct fw_request *req,
			  const struct caliptra_get_idev_mldsa87_cert_req *in,
			  struct caliptra_var_size_data_resp *out)
{
	out->data = req->scratch;
	out->data_size = (uint32_t)cert_assemble_mldsa(
		in->tbs, in->tbs_size, in->signature, req->scratch,
		fw->ifc->generation->max_cert);
	return out->data_size ? FW_OK : RUNTIME_GET_IDEVID_CERT_FAILED;
}

uint32_t
cmd_get_idev_mldsa87_info(struct firmware *fw, const struct fw_request *req,
			  struct caliptra_get_idev_mldsa87_info_resp *out)
{
	(void)req;
	memcpy(out->idev_pub_key, fw->mldsa.idevid, MLDSA87_PUBLIC_SIZE);
	return FW_OK;
}

static uint32_t put_csr(struct caliptra_var_size_data_resp *out,
			const struct cert_der *csr, uint32_t unprovisioned)
{
	return csr->len ? put_cert(out, csr) : unprovisioned;
}

uint32_t cmd_get_idev_ecc384_csr(struct firmware *fw,
				 const struct fw_request *req,
				 struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_csr(out, &fw->idevid_csr, RUNTIME_GET_IDEV_ID_UNPROVISIONED);
}

uint32_t cmd_rom_get_idev_ecc384_csr(struct firmware *fw,
				     const struct fw_request *req,
				     struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_csr(out, &fw->idevid_csr,
		       FW_PROC_MAILBOX_GET_IDEV_CSR_UNPROVISIONED_CSR);
}

uint32_t cmd_get_ldev_ecc384_cert(struct firmware *fw,
				  const struct fw_request *req,
				  struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_cert(out, &fw->ldevid_cert);
}

uint32_t cmd_rom_get_ldev_ecc384_cert(struct firmware *fw,
				      const struct fw_request *req,
				      struct caliptra_var_size_data_resp *out)
{
	return cmd_get_ldev_ecc384_cert(fw, req, out);
}

uint32_t cmd_get_fmc_alias_ecc384_csr(struct firmware *fw,
				      const struct fw_request *req,
				      struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_csr(out, &fw->fmc_alias_csr,
		       RUNTIME_GET_FMC_CSR_UNPROVISIONED);
}

uint32_t cmd_get_fmc_alias_ecc384_cert(struct firmware *fw,
				       const struct fw_request *req,
				       struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_cert(out, &fw->fmc_alias_cert);
}

uint32_t cmd_get_rt_alias_ecc384_cert(struct firmware *fw,
				      const struct fw_request *req,
				      struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_cert(out, &fw->rt_alias_cert);
}

uint32_t cmd_get_idev_mldsa87_csr(struct firmware *fw,
				  const struct fw_request *req,
				  struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_csr(out, &fw->mldsa.idevid_csr,
		       RUNTIME_GET_IDEV_ID_UNPROVISIONED);
}

uint32_t cmd_rom_get_idev_mldsa87_csr(struct firmware *fw,
				      const struct fw_request *req,
				      struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_csr(out, &fw->mldsa.idevid_csr,
		       FW_PROC_MAILBOX_GET_IDEV_CSR_UNPROVISIONED_CSR);
}

uint32_t cmd_get_ldev_mldsa87_cert(struct firmware *fw,
				   const struct fw_request *req,
				   struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_cert(out, &fw->mldsa.ldevid_cert);
}

uint32_t cmd_rom_get_ldev_mldsa87_cert(struct firmware *fw,
				       const struct fw_request *req,
				       struct caliptra_var_size_data_resp *out)
{
	return cmd_get_ldev_mldsa87_cert(fw, req, out);
}

uint32_t cmd_get_fmc_alias_mldsa87_csr(struct firmware *fw,
				       const struct fw_request *req,
				       struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_csr(out, &fw->mldsa.fmc_alias_csr,
		       RUNTIME_GET_FMC_CSR_UNPROVISIONED);
}

uint32_t cmd_get_fmc_alias_mldsa87_cert(struct firmware *fw,
					const struct fw_request *req,
					struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_cert(out, &fw->mldsa.fmc_alias_cert);
}

uint32_t cmd_get_rt_alias_mldsa87_cert(struct firmware *fw,
				       const struct fw_request *req,
				       struct caliptra_var_size_data_resp *out)
{
	(void)req;
	return put_cert(out, &fw->mldsa.rt_alias_cert);
}
