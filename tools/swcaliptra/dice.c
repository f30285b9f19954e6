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

enum layer {
	IDEVID,
	LDEVID,
	FMC_ALIAS,
	RT_ALIAS
};

/* What separates the uses of a secret: 1.x names the layers in another way. */
static const struct labels {
	const char *cdi;
	const char *ecc;
	const char *mldsa;
} labels[2][4] = {
	{
		{ "idevid_cdi", "idevid_ecc_key", "idevid_mldsa_key" },
		{ "ldevid_cdi", "ldevid_ecc_key", "ldevid_mldsa_key" },
		{ "alias_fmc_cdi", "alias_fmc_ecc_key", "alias_fmc_mldsa_key" },
		{ "alias_rt_cdi", "alias_rt_ecc_key",
		  DICE_RT_ALIAS_MLDSA_LABEL },
	},
	{
		{ "idevid_cdi", "idevid_keygen" },
		{ "ldevid_cdi", "ldevid_keygen" },
		{ "fmc_alias_cdi", "fmc_alias_keygen" },
		{ "rt_alias_cdi", "rt_alias_keygen" },
	},
};

static bool is_1x(const struct generation *g)
{
	return generation_in(g, GENERATION_1_2);
}

static const struct labels *labels_of(const struct generation *g,
				      enum layer which)
{
	return &labels[is_1x(g)][which];
}

/* @secret is a UDS or a CDI. Where the result is shorter, zeros follow. */
static int hmac_kdf(const struct generation *g,
		    const uint8_t secret[DICE_CDI_SIZE], const char *label,
		    const void *context, size_t context_len,
		    uint8_t out[SHA512_SIZE])
{
	if (!is_1x(g))
		return crypto_hmac512_kdf(secret, DICE_CDI_SIZE, label, context,
					  context_len, out);
	memset(out + SHA384_SIZE, 0, SHA512_SIZE - SHA384_SIZE);
	return crypto_hmac384_kdf(secret, DICE_CDI_SIZE_1X, label, context,
				  context_len, out);
}

static int hmac(const struct generation *g, const uint8_t secret[DICE_CDI_SIZE],
		const void *data, size_t len, uint8_t out[SHA512_SIZE])
{
	if (!is_1x(g))
		return crypto_hmac512(secret, DICE_CDI_SIZE, data, len, out);
	memset(out + SHA384_SIZE, 0, SHA512_SIZE - SHA384_SIZE);
	return crypto_hmac384(secret, DICE_CDI_SIZE_1X, data, len, out);
}

static int derive_ecc(const struct generation *g, struct dice_layer *layer,
		      const char *label)
{
	uint8_t seed[SHA512_SIZE];

	layer->ecc = NULL;
	if (!hmac_kdf(g, layer->cdi, label, NULL, 0, seed) &&
	    !crypto_p384_derive_scalar(seed, layer->scalar))
		layer->ecc = crypto_p384_key(layer->scalar);
	OPENSSL_cleanse(seed, sizeof(seed));
	return layer->ecc ? 0 : -1;
}

int dice_mldsa_key(struct dice_layer *layer, const char *label)
{
	uint8_t seed[SHA512_SIZE];

	layer->mldsa = NULL;
	if (!crypto_hmac512_kdf(layer->cdi, sizeof(layer->cdi), label, NULL, 0,
				seed)) {
		memcpy(layer->seed, seed, sizeof(layer->seed));
		layer->mldsa = mldsa87_vault_key(layer->seed);
	}
	OPENSSL_cleanse(seed, sizeof(seed));
	return layer->mldsa ? 0 : -1;
}

static int derive_keys(const struct generation *g, enum layer which,
		       struct dice_layer *layer)
{
	const struct labels *l = labels_of(g, which);

	layer->mldsa = NULL;
	if (!derive_ecc(g, layer, l->ecc) &&
	    (!l->mldsa || !dice_mldsa_key(layer, l->mldsa)))
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

/* A layer out of the secret of the one before it and what was measured. */
static int derive_layer(const struct generation *g, enum layer which,
			const uint8_t secret[DICE_CDI_SIZE],
			const uint8_t *measured, size_t measured_len,
			struct dice_layer *layer)
{
	if (hmac_kdf(g, secret, labels_of(g, which)->cdi, measured,
		     measured_len, layer->cdi))
		return -1;
	return derive_keys(g, which, layer);
}

int dice_derive_idevid(const struct generation *g,
		       const uint8_t uds[DICE_UDS_SIZE],
		       struct dice_layer *layer)
{
	return derive_layer(g, IDEVID, uds, NULL, 0, layer);
}

int dice_derive_ldevid(const struct generation *g,
		       const struct dice_layer *idevid,
		       const uint8_t field_entropy[DICE_FIELD_ENTROPY_SIZE],
		       struct dice_layer *layer)
{
	const char *label = labels_of(g, LDEVID)->cdi;

	if (hmac(g, idevid->cdi, label, strlen(label), layer->cdi) ||
	    hmac(g, layer->cdi, field_entropy, DICE_FIELD_ENTROPY_SIZE,
		 layer->cdi))
		return -1;
	return derive_keys(g, LDEVID, layer);
}

int dice_derive_fmc_alias(const struct generation *g,
			  const struct dice_layer *ldevid,
			  const uint8_t pcr0[SHA384_SIZE],
			  struct dice_layer *layer)
{
	return derive_layer(g, FMC_ALIAS, ldevid->cdi, pcr0, SHA384_SIZE,
			    layer);
}

int dice_derive_rt_alias(const struct generation *g,
			 const struct dice_layer *fmc_alias,
			 const uint8_t rt_tci[SHA384_SIZE],
			 struct dice_layer *layer)
{
	return derive_layer(g, RT_ALIAS, fmc_alias->cdi, rt_tci, SHA384_SIZE,
			    layer);
}
