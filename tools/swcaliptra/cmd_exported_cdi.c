// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SIGN_WITH_EXPORTED_ECDSA, SIGN_WITH_EXPORTED_MLDSA and REVOKE_EXPORTED_CDI_HANDLE:
 * what the handle of an exported CDI is good for, whichever profile has exported it.
 * Sources: caliptra-sw runtime/src/sign_with_exported_ecdsa.rs,
 * sign_with_exported_mldsa.rs and revoke_exported_cdi_handle.rs.
 */
#include <string.h>

#include "command.h"
#include "dpe_key.h"

uint32_t cmd_sign_with_exported_ecdsa(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_sign_with_exported_ecdsa_req *in,
	struct caliptra_sign_with_exported_ecdsa_resp *out)
{
	EVP_PKEY *key =
		dpe_exported_key(&dpe_p384, &fw->dpe, in->exported_cdi_handle);
	uint8_t point[P384_POINT_SIZE];
	struct ecdsa384_signature sig;
	uint32_t error = FW_OK;

	(void)req;
	if (!key || crypto_p384_point(key, point))
		error = RUNTIME_SIGN_WITH_EXPORTED_ECDSA_KEY_DERIVIATION_FAILED;
	else if (crypto_ecdsa384_sign(key, in->tbs, &sig))
		error = RUNTIME_SIGN_WITH_EXPORTED_ECDSA_SIGNATURE_FAILED;
	EVP_PKEY_free(key);
	if (error)
		return error;
	memcpy(out->derived_pubkey_x, point + 1, P384_SIZE);
	memcpy(out->derived_pubkey_y, point + 1 + P384_SIZE, P384_SIZE);
	memcpy(out->signature_r, sig.r, sizeof(sig.r));
	memcpy(out->signature_s, sig.s, sizeof(sig.s));
	return FW_OK;
}

static int sign_mldsa(EVP_PKEY *key,
		      const struct caliptra_sign_with_exported_mldsa_req *in,
		      uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE])
{
	return in->sign_type == CALIPTRA_MLDSA_SIGN_TYPE_MU ?
		       mldsa87_sign_mu(key, in->tbs, sig) :
		       mldsa87_sign_padded(key, in->tbs, in->tbs_size, sig);
}

static bool can_sign(const struct caliptra_sign_with_exported_mldsa_req *in)
{
	switch (in->sign_type) {
	case CALIPTRA_MLDSA_SIGN_TYPE_MU:
		return in->tbs_size == MLDSA87_MU_SIZE;
	case CALIPTRA_MLDSA_SIGN_TYPE_RAW:
		return true;
	default:
		return false;
	}
}

uint32_t cmd_sign_with_exported_mldsa(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_sign_with_exported_mldsa_req *in,
	struct caliptra_sign_with_exported_mldsa_resp *out)
{
	uint8_t sig[MLDSA87_PADDED_SIGNATURE_SIZE];
	uint32_t error = FW_OK;
	EVP_PKEY *key;

	(void)req;
	if (!can_sign(in))
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	key = dpe_exported_key(&dpe_mldsa87, &fw->dpe, in->exported_cdi_handle);
	if (!key || mldsa87_public(key, out->derived_pubkey))
		error = RUNTIME_SIGN_WITH_EXPORTED_MLDSA_KEY_DERIVIATION_FAILED;
	else if (sign_mldsa(key, in, sig))
		error = RUNTIME_SIGN_WITH_EXPORTED_MLDSA_SIGNATURE_FAILED;
	EVP_PKEY_free(key);
	if (error)
		return error;
	memcpy(out->signature, sig, sizeof(out->signature));
	return FW_OK;
}

uint32_t cmd_revoke_exported_cdi_handle(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_revoke_exported_cdi_handle_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	return dpe_revoke_cdi(&fw->dpe, in->exported_cdi_handle) ?
		       FW_OK :
		       RUNTIME_REVOKE_EXPORTED_CDI_HANDLE_NOT_FOUND;
}
