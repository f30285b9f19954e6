// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DISABLE_ATTESTATION. Sources: caliptra-sw runtime/src/disable.rs and, of the key of
 * ML-DSA-87, drivers.rs get_key_id_rt_mldsa_pub_key.
 */
#include <openssl/crypto.h>
#include <string.h>

#include "command.h"
#include "dpe_key.h"
#include "identity.h"

/* The CDI of whose attestation is disabled: the same in every device. */
static int zero_cdi(const struct firmware *fw, uint8_t cdi[DICE_CDI_SIZE])
{
	static const uint8_t input[] = { 0,   0,   0,	1,   'z', 'e',
					 'r', 'o', '_', 'c', 'd', 'i' };
	static const uint8_t key[SHA384_SIZE];

	memset(cdi, 0, DICE_CDI_SIZE);
	return generation_in(fw->ifc->generation, GENERATION_2_1) ?
		       crypto_hmac512(key, sizeof(key), input, sizeof(input),
				      cdi) :
		       crypto_hmac384(key, sizeof(key), input, sizeof(input),
				      cdi);
}

/*
 * Here the CDI itself is the seed of the key of P-384, without a label. That of
 * ML-DSA-87 is made anew whenever it is used, as at boot.
 */
static uint32_t zero_keys(struct firmware *fw)
{
	struct dice_layer *layer = &fw->rt_alias;

	if (zero_cdi(fw, layer->cdi) ||
	    crypto_p384_derive_scalar(layer->cdi, layer->scalar))
		return DRIVER_ECC384_HW_ERROR;
	layer->ecc = crypto_p384_key(layer->scalar);
	if (!layer->ecc)
		return DRIVER_ECC384_HW_ERROR;
	if (identity_has_mldsa(fw) &&
	    dice_mldsa_key(layer, DICE_RT_ALIAS_MLDSA_LABEL))
		return DRIVER_MLDSA87_HW_ERROR;
	return FW_OK;
}

uint32_t firmware_disable_attestation(struct firmware *fw)
{
	uint32_t error;

	dice_layer_release(&fw->rt_alias);
	dpe_forget_key(&fw->dpe_key);
	error = zero_keys(fw);
	if (error)
		return error;
	memcpy(fw->dpe.exported.cdi, fw->rt_alias.cdi, DPE_CDI_SIZE);
	fw->attestation_disabled = true;
	return FW_OK;
}

uint32_t cmd_disable_attestation(struct firmware *fw,
				 const struct fw_request *req,
				 struct caliptra_mailbox_resp_header *out)
{
	(void)req;
	(void)out;
	return firmware_disable_attestation(fw);
}
