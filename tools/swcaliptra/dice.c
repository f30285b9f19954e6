// SPDX-License-Identifier: GPL-2.0-or-later
/* The DICE key derivation chain. See dice.h. */
#include "dice.h"

#include <openssl/crypto.h>
#include <string.h>

/* What ROM gives the deobfuscation engine as initialization vector. */
static const uint8_t doe_iv[16] = {
	0xfb, 0x10, 0x36, 0x5b, 0xa1, 0x17, 0x97, 0x41,
	0xfb, 0xa1, 0x93, 0xa1, 0x0f, 0x40, 0x6d, 0x7e,
};

void dice_layer_release(struct dice_layer *layer)
{
	EVP_PKEY_free(layer->ecc);
	EVP_PKEY_free(layer->mldsa);
	OPENSSL_cleanse(layer, sizeof(*layer));
}

int dice_deobfuscate(const uint8_t obf_key[DICE_OBF_KEY_SIZE],
		     const uint8_t *seed, size_t len, uint8_t *secret)
{
	return crypto_aes256_cbc_decrypt(obf_key, doe_iv, seed, len, secret);
}

/* One of the layer's key pairs out of its CDI: what all its kinds begin with. */
static int key_seed(const struct dice_layer *layer, const char *label,
		    uint8_t seed[SHA512_SIZE])
{
	return crypto_hmac512_kdf(layer->cdi, sizeof(layer->cdi), label, NULL,
				  0, seed);
}

static int derive_ecc(struct dice_layer *layer, const char *label)
{
	uint8_t seed[SHA512_SIZE];

	layer->ecc = NULL;
	if (!key_seed(layer, label, seed) &&
	    !crypto_p384_derive_scalar(seed, layer->scalar))
		layer->ecc = crypto_p384_key(layer->scalar);
	OPENSSL_cleanse(seed, sizeof(seed));
	return layer->ecc ? 0 : -1;
}

int dice_mldsa_key(struct dice_layer *layer, const char *label)
{
	uint8_t seed[SHA512_SIZE];

	layer->mldsa = NULL;
	if (!key_seed(layer, label, seed)) {
		memcpy(layer->seed, seed, sizeof(layer->seed));
		layer->mldsa = mldsa87_vault_key(layer->seed);
	}
	OPENSSL_cleanse(seed, sizeof(seed));
	return layer->mldsa ? 0 : -1;
}

static int derive_keys(struct dice_layer *layer, const char *ecc_label,
		       const char *mldsa_label)
{
	layer->mldsa = NULL;
	if (!derive_ecc(layer, ecc_label) &&
	    !dice_mldsa_key(layer, mldsa_label))
		return 0;
	dice_layer_release(layer);
	return -1;
}

int dice_layer_restore(struct dice_layer *layer)
{
	static const struct dice_layer none;
	bool has_ecc = memcmp(layer->scalar, none.scalar, sizeof(none.scalar));
	bool has_mldsa = memcmp(layer->seed, none.seed, sizeof(none.seed));

	layer->ecc = has_ecc ? crypto_p384_key(layer->scalar) : NULL;
	layer->mldsa = has_mldsa ? mldsa87_vault_key(layer->seed) : NULL;
	if (!has_ecc == !layer->ecc && !has_mldsa == !layer->mldsa)
		return 0;
	dice_layer_release(layer);
	return -1;
}

int dice_derive_idevid(const uint8_t uds[DICE_UDS_SIZE],
		       struct dice_layer *layer)
{
	if (crypto_hmac512_kdf(uds, DICE_UDS_SIZE, "idevid_cdi", NULL, 0,
			       layer->cdi))
		return -1;
	return derive_keys(layer, "idevid_ecc_key", "idevid_mldsa_key");
}

int dice_derive_ldevid(const struct dice_layer *idevid,
		       const uint8_t field_entropy[DICE_FIELD_ENTROPY_SIZE],
		       struct dice_layer *layer)
{
	static const char label[] = "ldevid_cdi";

	if (crypto_hmac512(idevid->cdi, sizeof(idevid->cdi), label,
			   strlen(label), layer->cdi) ||
	    crypto_hmac512(layer->cdi, sizeof(layer->cdi), field_entropy,
			   DICE_FIELD_ENTROPY_SIZE, layer->cdi))
		return -1;
	return derive_keys(layer, "ldevid_ecc_key", "ldevid_mldsa_key");
}

int dice_derive_fmc_alias(const struct dice_layer *ldevid,
			  const uint8_t pcr0[SHA384_SIZE],
			  struct dice_layer *layer)
{
	if (crypto_hmac512_kdf(ldevid->cdi, sizeof(ldevid->cdi),
			       "alias_fmc_cdi", pcr0, SHA384_SIZE, layer->cdi))
		return -1;
	return derive_keys(layer, "alias_fmc_ecc_key", "alias_fmc_mldsa_key");
}

int dice_derive_rt_alias(const struct dice_layer *fmc_alias,
			 const uint8_t rt_tci[SHA384_SIZE],
			 struct dice_layer *layer)
{
	if (crypto_hmac512_kdf(fmc_alias->cdi, sizeof(fmc_alias->cdi),
			       "alias_rt_cdi", rt_tci, SHA384_SIZE, layer->cdi))
		return -1;
	return derive_keys(layer, "alias_rt_ecc_key",
			   DICE_RT_ALIAS_MLDSA_LABEL);
}
