// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SIGN_WITH_EXPORTED_ECDSA and REVOKE_EXPORTED_CDI_HANDLE: what the handle of an
 * exported CDI is good for. Sources: caliptra-sw
 * runtime/src/sign_with_exported_ecdsa.rs and revoke_exported_cdi_handle.rs.
 */
#include <string.h>

#include "command.h"
#include "dpe_key.h"

uint32_t cmd_sign_with_exported_ecdsa(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_sign_with_exported_ecdsa_req *in,
	struct caliptra_sign_with_exported_ecdsa_resp *out)
{
	EVP_PKEY *key = dpe_exported_key(&fw->dpe, in->exported_cdi_handle);
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
