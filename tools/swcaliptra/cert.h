/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates and certificate signing requests of the DICE layers.
 *
 * Their contents, to the byte, are those of the templates that caliptra-sw
 * x509/gen makes for generation 2.1: names, serial numbers, validity, key usage
 * and the TCG DICE extensions (UEID, TcbInfo, MultiTcbInfo; TCG DICE Attestation
 * Architecture). Keys are P-384's or, since generation 2.0, of ML-DSA-87, and
 * issuer and subject of a certificate have the same kind.
 */
#ifndef SWCALIPTRA_CERT_H
#define SWCALIPTRA_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto.h"
#include "generation.h"
#include "mldsa.h"

#define CERT_UEID_SIZE	 17
#define CERT_KEY_ID_SIZE 20
#define CERT_MAX_DER	 8192

/* Longest encoding of a public key. */
#define CERT_MAX_PUBLIC_KEY MLDSA87_PUBLIC_SIZE

/* Names of the layers with P-384 keys, in the newest generation. */
#define CERT_CN_IDEVID	  "Caliptra 2.1 Ecc384 IDevID"
#define CERT_CN_LDEVID	  "Caliptra 2.1 Ecc384 LDevID"
#define CERT_CN_FMC_ALIAS "Caliptra 2.1 Ecc384 FMC Alias"
#define CERT_CN_RT_ALIAS  "Caliptra 2.1 Ecc384 Rt Alias"

/* A date as certificates have it, YYYYMMDDHHMMSSZ. */
#define CERT_DATE_SIZE 15

/**
 * struct cert_der - a DER-encoded certificate or request
 * @len: its length in bytes, 0 where there is none
 * @bytes: the encoding
 */
struct cert_der {
	size_t len;
	uint8_t bytes[CERT_MAX_DER];
};

/**
 * struct cert_fmc_tcb - what the FMC alias certificate says was measured
 * @owner_device_info: SHA-384 over the owner's fuses
 * @vendor_device_info: SHA-384 over the vendor's fuses
 * @fmc_tci: SHA-384 of FMC
 * @svn: security version of the firmware at cold boot
 * @device_info: before 2.1, SHA-384 over the fuses of both
 * @fuse_svn: before 2.1, security version in fuses
 * @lifecycle: before 2.1, security_state.device_lifecycle
 * @debug_locked: before 2.1, debugging is locked
 * @validity: not before and not after as the image says, zeros where it does not
 */
struct cert_fmc_tcb {
	uint8_t owner_device_info[SHA384_SIZE];
	uint8_t vendor_device_info[SHA384_SIZE];
	uint8_t fmc_tci[SHA384_SIZE];
	uint8_t svn;
	uint8_t device_info[SHA384_SIZE];
	uint8_t fuse_svn;
	uint8_t lifecycle;
	bool debug_locked;
	uint8_t validity[2][CERT_DATE_SIZE];
};

/**
 * struct cert_rt_tcb - what the RT alias certificate says was measured
 * @rt_tci: SHA-384 of runtime firmware
 * @svn: its security version
 * @validity: not before and not after as the image says, zeros where it does not
 */
struct cert_rt_tcb {
	uint8_t rt_tci[SHA384_SIZE];
	uint8_t svn;
	uint8_t validity[2][CERT_DATE_SIZE];
};

/**
 * cert_date() - a date of a certificate's validity
 * @validity: not before and not after as the image says, zeros where it does not;
 *	NULL where no image has a say
 * @after: not after, else not before
 *
 * Return: CERT_DATE_SIZE characters.
 */
const char *cert_date(const uint8_t (*validity)[CERT_DATE_SIZE], bool after);

/** cert_public_key() - the key as it stands in certificates; its length, or 0 */
size_t cert_public_key(EVP_PKEY *key, uint8_t bytes[CERT_MAX_PUBLIC_KEY]);

/** cert_key_id() - subject key identifier: SHA-256 of the public key, cut */
int cert_key_id(EVP_PKEY *key, uint8_t id[CERT_KEY_ID_SIZE]);

/**
 * cert_idevid_key_id() - subject key identifier of IDevID, as fuses say
 * @key: its public key
 * @algorithm: 0 SHA-1, 1 SHA-256, 2 SHA-384, 4 SHA-512 of the key, cut; others are
 *	what is in the fuses
 * @fuses: that
 * @id: the identifier
 *
 * Source: caliptra-sw drivers/src/fuse_bank.rs.
 *
 * Return: 0, or not 0 when OpenSSL fails.
 */
int cert_idevid_key_id(EVP_PKEY *key, unsigned int algorithm,
		       const uint8_t fuses[CERT_KEY_ID_SIZE],
		       uint8_t id[CERT_KEY_ID_SIZE]);

/*
 * All of these return 0, or not 0 when OpenSSL fails. The request for LDevID has a
 * signature of zeros, as its key is gone by the time that somebody asks for it.
 */
int cert_idevid_csr(const struct generation *g, EVP_PKEY *idevid,
		    const uint8_t ueid[CERT_UEID_SIZE], struct cert_der *csr);
int cert_ldevid(const struct generation *g, EVP_PKEY *idevid,
		const uint8_t idevid_key_id[CERT_KEY_ID_SIZE], EVP_PKEY *ldevid,
		const uint8_t ueid[CERT_UEID_SIZE], struct cert_der *cert);
int cert_fmc_alias(const struct generation *g, EVP_PKEY *ldevid,
		   EVP_PKEY *fmc_alias, const uint8_t ueid[CERT_UEID_SIZE],
		   const struct cert_fmc_tcb *tcb, struct cert_der *cert);
int cert_rt_alias(const struct generation *g, EVP_PKEY *fmc_alias,
		  EVP_PKEY *rt_alias, const uint8_t ueid[CERT_UEID_SIZE],
		  const struct cert_rt_tcb *tcb, struct cert_der *cert);
int cert_ldevid_csr(const struct generation *g, EVP_PKEY *ldevid,
		    const uint8_t ueid[CERT_UEID_SIZE], struct cert_der *csr);
int cert_fmc_alias_csr(const struct generation *g, EVP_PKEY *fmc_alias,
		       const uint8_t ueid[CERT_UEID_SIZE],
		       const struct cert_fmc_tcb *tcb, struct cert_der *csr);
int cert_rt_alias_csr(const struct generation *g, EVP_PKEY *rt_alias,
		      const uint8_t ueid[CERT_UEID_SIZE],
		      const struct cert_rt_tcb *tcb, struct cert_der *csr);

/**
 * cert_assemble() - a certificate from its to-be-signed part and a signature
 * @tbs: the part, DER
 * @tbs_len: its length in bytes
 * @sig: ECDSA with SHA-384
 * @out: the certificate
 * @size: room for it in bytes
 *
 * Nothing is parsed or verified.
 *
 * Return: length of the certificate, 0 when it does not fit.
 */
size_t cert_assemble(const uint8_t *tbs, size_t tbs_len,
		     const struct ecdsa384_signature *sig, uint8_t *out,
		     size_t size);

/** cert_assemble_mldsa() - the same with a signature of ML-DSA-87 */
size_t cert_assemble_mldsa(const uint8_t *tbs, size_t tbs_len,
			   const uint8_t sig[MLDSA87_SIGNATURE_SIZE],
			   uint8_t *out, size_t size);

/**
 * cert_manufacturer_root() - a manufacturer's root certificate, self-signed
 * @key: key pair
 *
 * Return: the certificate, or NULL; X509_free() it.
 */
X509 *cert_manufacturer_root(EVP_PKEY *key);

/**
 * cert_endorse_idevid() - the manufacturer endorses an IDevID
 * @csr: certificate signing request of the device, its signature verified here
 * @root: the manufacturer's certificate
 * @root_key: its key
 * @key_id: subject key identifier that the device will use for its IDevID
 *
 * Return: the certificate, or NULL; X509_free() it.
 */
X509 *cert_endorse_idevid(X509_REQ *csr, X509 *root, EVP_PKEY *root_key,
			  const uint8_t key_id[CERT_KEY_ID_SIZE]);

#endif
