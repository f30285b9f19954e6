/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is different from device to device: fuse values and the obfuscation key,
 * and the file that keeps them.
 */
#ifndef SWCALIPTRA_FUSES_H
#define SWCALIPTRA_FUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bus.h"
#include "cert.h"
#include "dice.h"
#include "generation.h"

/* Words of FUSE_IDEVID_CERT_ATTR (caliptra-sw drivers/src/fuse_bank.rs). */
#define CERT_ATTR_WORDS		24
#define CERT_ATTR_FLAGS		0
#define CERT_ATTR_ECC_KEY_ID	1
#define CERT_ATTR_MLDSA_KEY_ID	6
#define CERT_ATTR_UEID_TYPE	11
#define CERT_ATTR_SERIAL_NUMBER 12

/* Name of a TPM's key: algorithm and SHA-256. */
#define FUSES_TPM_NAME_SIZE  (2 + SHA256_SIZE)
#define FUSES_TPM_NAME_WORDS ((FUSES_TPM_NAME_SIZE + 3) / 4)

/**
 * struct fuses_tpm - what a TPM is to a device whose root of trust it is
 * @ek_name: name of its endorsement key
 * @uds_seed: FUSE_UDS_SEED, most significant byte of each word first
 */
struct fuses_tpm {
	uint8_t ek_name[FUSES_TPM_NAME_SIZE];
	uint8_t uds_seed[DICE_UDS_SIZE];
};

/**
 * struct fuses - one device
 * @obf_key: obfuscation key
 * @uds_seed: FUSE_UDS_SEED
 * @field_entropy: FUSE_FIELD_ENTROPY
 * @vendor_pk_hash: FUSE_VENDOR_PK_HASH
 * @idevid_cert_attr: FUSE_IDEVID_CERT_ATTR
 * @idevid_manuf_hsm_id: FUSE_IDEVID_MANUF_HSM_ID
 * @soc_stepping_id: FUSE_SOC_STEPPING_ID
 * @pqc_key_type: FUSE_PQC_KEY_TYPE
 * @tpm_ek_name: name of the key of the TPM that has the UDS seed, filled up with zeros;
 *	zeros where there is none. Then the seed is not in the file.
 * @cptra_generation: which generation it is, as CPTRA_HW_REV_ID has it
 *
 * All are the words that are written into the registers of the newest generation;
 * older ones get those that they have.
 */
struct fuses {
	uint32_t obf_key[8];
	uint32_t uds_seed[16];
	uint32_t field_entropy[8];
	uint32_t vendor_pk_hash[12];
	uint32_t idevid_cert_attr[CERT_ATTR_WORDS];
	uint32_t idevid_manuf_hsm_id[4];
	uint32_t soc_stepping_id[1];
	uint32_t pqc_key_type[1];
	uint32_t cptra_generation[1];
	uint32_t tpm_ek_name[FUSES_TPM_NAME_WORDS];
};

/**
 * struct fuses_vendor - keys that a vendor's firmware is verified with
 * @pk_hash: their hash
 * @pqc_key_type: what signs besides P-384; 0 where the device has no choice
 */
struct fuses_vendor {
	uint8_t pk_hash[SHA384_SIZE];
	uint32_t pqc_key_type;
};

/**
 * fuses_manufacture() - values for a new device
 * @fuses: where they go
 * @generation: which it is
 * @vendor: what the vendor has provisioned, or NULL for no key at all
 * @tpm: where its UDS seed comes from, or NULL
 *
 * Secrets and serial number are random.
 *
 * Return: 0, or not 0 where there are no random numbers.
 */
int fuses_manufacture(struct fuses *fuses, const struct generation *generation,
		      const struct fuses_vendor *vendor,
		      const struct fuses_tpm *tpm);

/** fuses_need_tpm() - is the UDS seed in a TPM? */
bool fuses_need_tpm(const struct fuses *fuses);

/**
 * fuses_take_tpm() - the UDS seed of a device that needs a TPM
 * @fuses: the device
 * @tpm: the TPM
 *
 * Return: 0, or -1 after saying on stderr that it is another TPM.
 */
int fuses_take_tpm(struct fuses *fuses, const struct fuses_tpm *tpm);

/** fuses_generation() - the generation of the device */
const struct generation *fuses_generation(const struct fuses *fuses);

/** fuses_obf_key() - the obfuscation key as bytes */
void fuses_obf_key(const struct fuses *fuses, uint8_t key[DICE_OBF_KEY_SIZE]);

/**
 * fuses_idevid_key_id() - what FUSE_IDEVID_CERT_ATTR says of a subject key identifier
 * @attr: its words
 * @key: IDevID's key, of P-384 or ML-DSA-87
 * @id: the identifier
 *
 * Return: 0, or not 0 when OpenSSL fails.
 */
int fuses_idevid_key_id(const uint32_t attr[CERT_ATTR_WORDS], EVP_PKEY *key,
			uint8_t id[CERT_KEY_ID_SIZE]);

/** fuses_program() - write the fuse registers as AXI user @user */
void fuses_program(const struct fuses *fuses, struct bus *bus, uint32_t user);

/**
 * fuses_store() - write a new file
 * @fuses: the values
 * @dir: folder to write it in
 * @name: of the file, which must not exist
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int fuses_store(const struct fuses *fuses, int dir, const char *name);

/**
 * fuses_parse() - take the values from what is in a file
 * @fuses: where they go
 * @text: what is in it
 * @path: what to call it in messages
 *
 * A file that is not exactly what fuses_store() wrote is refused.
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int fuses_parse(struct fuses *fuses, const char *text, const char *path);

#endif
