/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DICE key derivation chain: UDS, IDevID, LDevID, FMC alias, RT alias.
 *
 * Labels and order are those of caliptra-sw rom/dev/src/flow/cold_reset and
 * fmc/src/flow/rt_alias.rs. Each layer's CDI is derived from the one before it
 * and from what that one measured; the layer's key pairs are derived from its CDI.
 * Caliptra 1.x derives with HMAC-SHA-384, by labels of its own, and no key pair of
 * ML-DSA (rom-1.2.0, rt-1.2.5).
 */
#ifndef SWCALIPTRA_DICE_H
#define SWCALIPTRA_DICE_H

#include <openssl/evp.h>
#include <stdint.h>

#include "crypto.h"
#include "generation.h"
#include "mldsa.h"

#define DICE_UDS_SIZE		64
#define DICE_FIELD_ENTROPY_SIZE 32
#define DICE_OBF_KEY_SIZE	32
#define DICE_CDI_SIZE		64

/* In 1.x, the UDS likewise. */
#define DICE_CDI_SIZE_1X 48

/**
 * struct dice_layer - one layer's secrets; the first three are all that it takes
 * @cdi: compound device identifier, in 1.x of DICE_CDI_SIZE_1X bytes
 * @scalar: what the P-384 key pair is made of
 * @seed: what the ML-DSA-87 key pair is made of, as in the key vault
 * @ecc: P-384 key pair
 * @mldsa: ML-DSA-87 key pair, none in 1.x
 */
struct dice_layer {
	uint8_t cdi[DICE_CDI_SIZE];
	uint8_t scalar[P384_SIZE];
	uint8_t seed[MLDSA87_SEED_SIZE];
	EVP_PKEY *ecc;
	EVP_PKEY *mldsa;
};

/* What the RT alias layer derives its ML-DSA-87 key pair with. */
#define DICE_RT_ALIAS_MLDSA_LABEL "alias_rt_mldsa_key"

/** dice_layer_release() - wipe and free a layer's secrets */
void dice_layer_release(struct dice_layer *layer);

/**
 * dice_mldsa_key() - the ML-DSA-87 key pair out of a layer's CDI
 * @layer: the layer, which has none
 * @label: text that says what it is for
 *
 * Return: 0, or not 0 when OpenSSL fails.
 */
int dice_mldsa_key(struct dice_layer *layer, const char *label);

/**
 * dice_layer_restore() - make a layer's key pairs again of what they are made of
 * @layer: the layer, without key pairs
 *
 * Where there is nothing to make one of, there is none.
 *
 * Return: 0, or -1 with nothing left in @layer.
 */
int dice_layer_restore(struct dice_layer *layer);

/**
 * dice_deobfuscate() - the deobfuscation engine: fuse values to secrets
 * @obf_key: obfuscation key, 32 bytes
 * @seed: from the fuses, whole blocks of 16 bytes
 * @len: its length in bytes
 * @secret: as many bytes
 */
int dice_deobfuscate(const uint8_t obf_key[DICE_OBF_KEY_SIZE],
		     const uint8_t *seed, size_t len, uint8_t *secret);

/*
 * Each returns 0, or -1 with nothing left in @layer. dice_layer_release() what
 * they made. In 1.x the first DICE_CDI_SIZE_1X bytes of a UDS count.
 */
int dice_derive_idevid(const struct generation *g,
		       const uint8_t uds[DICE_UDS_SIZE],
		       struct dice_layer *layer);
int dice_derive_ldevid(const struct generation *g,
		       const struct dice_layer *idevid,
		       const uint8_t field_entropy[DICE_FIELD_ENTROPY_SIZE],
		       struct dice_layer *layer);
int dice_derive_fmc_alias(const struct generation *g,
			  const struct dice_layer *ldevid,
			  const uint8_t pcr0[SHA384_SIZE],
			  struct dice_layer *layer);
int dice_derive_rt_alias(const struct generation *g,
			 const struct dice_layer *fmc_alias,
			 const uint8_t rt_tci[SHA384_SIZE],
			 struct dice_layer *layer);

#endif
