/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware image bundles: a manifest, FMC and runtime firmware.
 *
 * A manifest has the public keys of vendor and owner, their signatures of its
 * header, the header with the digest of the table of contents, and that. Numbers
 * are little-endian; P-384 scalars and digests are words of which each has its
 * bytes reversed; keys and signatures of ML-DSA and LMS are as their standards
 * have them. Sources: caliptra-sw image/types, image/verify and image/gen of
 * e7dc50f2, and of rom-1.2.0 for the generation that has no ML-DSA.
 */
#ifndef SWCALIPTRA_BUNDLE_H
#define SWCALIPTRA_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cert.h"
#include "crypto.h"
#include "generation.h"
#include "lms.h"
#include "mldsa.h"

#define BUNDLE_MAX_MANIFEST 17408
#define BUNDLE_ECC_KEYS	    4
#define BUNDLE_LMS_KEYS	    32
#define BUNDLE_MLDSA_KEYS   4
#define BUNDLE_MAX_SVN	    128

#define ECC_KEY_SIZE (2 * P384_SIZE)

/* A P-384 key and the other one, as manifests have them, and their signatures. */
#define BUNDLE_KEYS_SIZE (ECC_KEY_SIZE + MLDSA87_PUBLIC_SIZE)
#define BUNDLE_SIGS_SIZE (2 * P384_SIZE + MLDSA87_PADDED_SIGNATURE_SIZE)

/* What signs besides P-384, as manifests and FUSE_PQC_KEY_TYPE have it. */
#define BUNDLE_PQC_MLDSA 1u
#define BUNDLE_PQC_LMS	 3u

/* Header: what stands where. */
#define HEADER_ECC_INDEX  8
#define HEADER_PQC_INDEX  12
#define HEADER_FLAGS	  16
#define HEADER_TOC_LEN	  20
#define HEADER_PL0_USER	  24
#define HEADER_TOC_DIGEST 28
#define HEADER_SVN	  76 /* not in 1.x */

/* One of the two entries of the table of contents. */
#define TOC_ID	       0
#define TOC_TYPE       4
#define TOC_REVISION   8
#define TOC_VERSION    28
#define TOC_1X_SVN     32
#define TOC_LOAD_ADDR  40
#define TOC_ENTRY      44
#define TOC_OFFSET     48
#define TOC_SIZE       52
#define TOC_DIGEST     56
#define TOC_ENTRY_SIZE 104

/* Key descriptors of 2.x: version, type of keys, count, and their digests. */
#define DESCRIPTOR_VERSION   1
#define DESCRIPTOR_TYPE_AT   2
#define DESCRIPTOR_COUNT_AT  3
#define DESCRIPTOR_HASHES_AT 4

/**
 * struct bundle_layout - where things stand in a manifest
 * @marker: it begins with this
 * @size: of the manifest
 * @max_size: of the whole bundle
 * @memory_size: of the memory from BUNDLE_MEMORY on that FMC and runtime are loaded to
 * @pqc_type: byte that tells the PQC algorithm; 0 where there is only LMS
 * @vendor_keys: what the vendor's hash in fuses is over: two key descriptors, in
 *	1.x all keys
 * @vendor_keys_size: its length
 * @pqc_descriptor: the second of the descriptors, or the table of LMS keys
 * @ecc_index: number of the vendor's P-384 key that is used
 * @ecc_key: that key; in 1.x the table with all of them
 * @pqc_index: the same of the other key
 * @pqc_key: that key; in 1.x the table with all of them
 * @vendor_sigs: the vendor's signatures; P-384 first
 * @owner_keys: the owner's keys; P-384 first
 * @owner_keys_size: their length
 * @owner_sigs: the owner's signatures
 * @header: what is signed
 * @vendor_header_size: what the vendor signs of it
 * @header_size: the owner signs all of it
 * @toc: table of contents: FMC, runtime
 */
struct bundle_layout {
	uint32_t marker;
	uint32_t size;
	uint32_t max_size;
	uint32_t memory_size;
	uint16_t pqc_type;
	uint16_t vendor_keys;
	uint16_t vendor_keys_size;
	uint16_t pqc_descriptor;
	uint16_t ecc_index;
	uint16_t ecc_key;
	uint16_t pqc_index;
	uint16_t pqc_key;
	uint16_t vendor_sigs;
	uint16_t owner_keys;
	uint16_t owner_keys_size;
	uint16_t owner_sigs;
	uint16_t header;
	uint16_t vendor_header_size;
	uint16_t header_size;
	uint16_t toc;
};

/* Where the memory for instructions begins. */
#define BUNDLE_MEMORY 0x40000000u

/** bundle_layout() - that of the generation's bundles */
const struct bundle_layout *bundle_layout(const struct generation *g);

/** bundle_words() - turn round the bytes of each word; @to may be @from */
void bundle_words(uint8_t *to, const uint8_t *from, size_t len);

/** bundle_dates() - validity that certificates get: the owner's, the vendor's or
 *	none
 * @l: layout
 * @manifest: the manifest
 * @dates: not before and not after, or zeros
 */
void bundle_dates(const struct bundle_layout *l, const uint8_t *manifest,
		  uint8_t dates[2][CERT_DATE_SIZE]);

struct fw_image;

/**
 * struct bundle_fuses - what a bundle is held against
 * @generation: of the device
 * @lifecycle: security_state.device_lifecycle
 * @pqc_key_type: FUSE_PQC_KEY_TYPE; not in 1.x
 * @lms_verify: 1.x: LMS signatures count
 * @vendor_pk_hash: hash of the vendor's keys
 * @owner_pk_hash: hash of the owner's keys, zeros where there is none
 * @installed_owner: what INSTALL_OWNER_PK_HASH has set, or NULL
 * @ecc_revocation: vendor's P-384 keys that are revoked
 * @lms_revocation: the same of LMS
 * @mldsa_revocation: the same of ML-DSA
 * @anti_rollback_disable: security versions do not count
 * @svn: lowest security version; of runtime firmware in 1.x
 * @fmc_svn: 1.x: the same of FMC
 * @running: at an update, what runs; else NULL
 */
struct bundle_fuses {
	const struct generation *generation;
	uint8_t lifecycle;
	uint32_t pqc_key_type;
	bool lms_verify;
	uint8_t vendor_pk_hash[SHA384_SIZE];
	uint8_t owner_pk_hash[SHA384_SIZE];
	const uint8_t *installed_owner;
	uint32_t ecc_revocation;
	uint32_t lms_revocation;
	uint32_t mldsa_revocation;
	bool anti_rollback_disable;
	uint32_t svn;
	uint32_t fmc_svn;
	const struct fw_image *running;
};

/**
 * struct bundle_source - a bundle in the mailbox
 * @manifest: as firmware has read it; at least the layout's size
 * @sram: the mailbox's memory
 * @sram_size: its size
 * @size: of the bundle as its sender says, MBOX_DLEN
 */
struct bundle_source {
	const uint8_t *manifest;
	const uint8_t *sram;
	uint32_t sram_size;
	uint32_t size;
};

/**
 * bundle_verify() - verify a bundle as ROM does
 * @fuses: what it is held against
 * @source: the bundle
 * @extended: what firmware writes to CPTRA_FW_EXTENDED_ERROR_INFO; not changed
 *	where it writes nothing
 *
 * Return: FW_OK or the firmware's error.
 */
uint32_t bundle_verify(const struct bundle_fuses *fuses,
		       const struct bundle_source *source, uint32_t *extended);

/**
 * bundle_take() - what a bundle that was verified says of itself
 * @fuses: what it was held against
 * @source: the bundle
 * @image: where it goes; what is ROM's stays
 *
 * Return: 0, or not 0 when OpenSSL fails.
 */
int bundle_take(const struct bundle_fuses *fuses,
		const struct bundle_source *source, struct fw_image *image);

#endif
