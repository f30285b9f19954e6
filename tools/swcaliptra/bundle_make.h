/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making bundles, and signing them as vendor and owner do. Source: caliptra-sw
 * image/gen.
 */
#ifndef SWCALIPTRA_BUNDLE_MAKE_H
#define SWCALIPTRA_BUNDLE_MAKE_H

#include "bundle.h"

/**
 * struct bundle_signer - keys of a vendor or owner
 * @ecc: P-384 key pair
 * @mldsa: ML-DSA-87 key pair, where that is used
 * @lms_key: LMS public key, where that is used
 * @lms_sign: signs with it; 0 or -1
 * @lms: context of @lms_sign
 */
struct bundle_signer {
	EVP_PKEY *ecc;
	EVP_PKEY *mldsa;
	uint8_t lms_key[LMS_IMAGE_KEY_SIZE];
	int (*lms_sign)(void *lms, const uint8_t digest[SHA384_SIZE],
			uint8_t sig[LMS_IMAGE_SIG_SIZE]);
	void *lms;
};

/**
 * struct bundle_part - FMC or runtime firmware
 * @data: its bytes
 * @len: how many; zeros are added up to a multiple of 4
 * @version: of it
 * @revision: commit that it was built from
 * @load_addr: where it is loaded to
 * @entry_point: where it starts
 */
struct bundle_part {
	const uint8_t *data;
	uint32_t len;
	uint32_t version;
	uint8_t revision[20];
	uint32_t load_addr;
	uint32_t entry_point;
};

/**
 * struct bundle_recipe - what goes into a bundle
 * @generation: for which
 * @pqc_type: BUNDLE_PQC_*; in 1.x 0 leaves out LMS
 * @vendor: signs as vendor
 * @owner: signs as owner
 * @ecc_keys: the vendor's P-384 keys, x and y; that of @vendor is put in its place
 * @ecc_count: how many
 * @ecc_index: which is that of @vendor
 * @pqc_keys: the vendor's other keys, likewise
 * @pqc_count: how many
 * @pqc_index: which is that of @vendor
 * @svn: security version number; in 1.x of runtime firmware
 * @fmc_svn: in 1.x that of FMC
 * @flags: FW_IMAGE_PL0_USER if there is one
 * @pl0_user: AXI user with privilege level 0
 * @vendor_dates: validity of certificates as the vendor has it, zeros for none
 * @owner_dates: as the owner has it
 * @fmc: FMC
 * @runtime: runtime firmware
 */
struct bundle_recipe {
	const struct generation *generation;
	uint32_t pqc_type;
	struct bundle_signer vendor;
	struct bundle_signer owner;
	uint8_t ecc_keys[BUNDLE_ECC_KEYS][ECC_KEY_SIZE];
	unsigned int ecc_count;
	uint32_t ecc_index;
	uint8_t pqc_keys[BUNDLE_LMS_KEYS][MLDSA87_PUBLIC_SIZE];
	unsigned int pqc_count;
	uint32_t pqc_index;
	uint32_t svn;
	uint32_t fmc_svn;
	uint32_t flags;
	uint32_t pl0_user;
	uint8_t vendor_dates[2][CERT_DATE_SIZE];
	uint8_t owner_dates[2][CERT_DATE_SIZE];
	struct bundle_part fmc;
	struct bundle_part runtime;
};

/** bundle_place() - set load addresses and entry points as the firmware's own
 *	images have them
 */
void bundle_place(struct bundle_recipe *recipe);

/** bundle_size() - of the bundle in bytes; 0 if it is too large, or its parts are for
 *	the memory that they have been placed in
 */
uint32_t bundle_size(const struct bundle_recipe *recipe);

/**
 * bundle_make() - make a bundle and sign it
 * @recipe: what goes into it
 * @bundle: bundle_size() bytes
 *
 * Return: 0, or -1 where a key is not what it should be or OpenSSL fails.
 */
int bundle_make(struct bundle_recipe *recipe, uint8_t *bundle);

/** bundle_seal() - put the digest of the table of contents into the header; 0 or -1 */
int bundle_seal(const struct bundle_recipe *recipe, uint8_t *bundle);

/** bundle_sign() - make both signatures of the header anew; 0 or -1 */
int bundle_sign(const struct bundle_recipe *recipe, uint8_t *bundle);

/**
 * bundle_ecc_key() - a P-384 public key as coordinates
 * @key: the key
 * @xy: x and y
 *
 * Return: 0, or -1 if it is another kind of key.
 */
int bundle_ecc_key(EVP_PKEY *key, uint8_t xy[ECC_KEY_SIZE]);

/**
 * bundle_pqc_key() - the other public key
 * @s: whose
 * @pqc_type: BUNDLE_PQC_*
 * @bytes: the key, as long as it is
 *
 * Return: 0, or -1 where there is none.
 */
int bundle_pqc_key(const struct bundle_signer *s, uint32_t pqc_type,
		   uint8_t *bytes);

/**
 * bundle_sign_as() - both signatures of some data
 * @s: who signs
 * @pqc_type: BUNDLE_PQC_*, 0 for P-384 alone
 * @data: what is signed
 * @len: its length in bytes
 * @sigs: the signatures, as manifests have them
 *
 * Return: 0, or -1 where a key is missing or OpenSSL fails.
 */
int bundle_sign_as(const struct bundle_signer *s, uint32_t pqc_type,
		   const uint8_t *data, size_t len, uint8_t *sigs);

/** bundle_mldsa_key() - an ML-DSA-87 public key; -1 if it is another kind of key */
int bundle_mldsa_key(EVP_PKEY *key, uint8_t bytes[MLDSA87_PUBLIC_SIZE]);

#endif
