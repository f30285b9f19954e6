/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys of vendors and owners, from files: P-384 and ML-DSA-87 in PEM, LMS as
 * lms_key.h has it. What is wrong is said on stderr.
 */
#ifndef SWCALIPTRA_KEY_FILE_H
#define SWCALIPTRA_KEY_FILE_H

#include "bundle_make.h"
#include "lms_key.h"

/**
 * key_file_ecc() - read a P-384 key
 * @path: of the file
 * @signs: where it goes if it is to sign, or NULL: then a public key will do
 * @xy: its coordinates
 *
 * Return: 0 or -1.
 */
int key_file_ecc(const char *path, EVP_PKEY **signs, uint8_t xy[ECC_KEY_SIZE]);

/**
 * key_file_pqc() - read the other key
 * @path: of the file
 * @pqc_type: BUNDLE_PQC_*
 * @file: stays open for an LMS key that signs
 * @signs: where it goes if it is to sign, or NULL: then a public key of ML-DSA-87
 *	will do
 * @bytes: the public key
 *
 * Return: 0 or -1.
 */
int key_file_pqc(const char *path, uint32_t pqc_type, struct lms_key_file *file,
		 struct bundle_signer *signs,
		 uint8_t bytes[MLDSA87_PUBLIC_SIZE]);

/** key_file_release() - free what is there of a signer's keys */
void key_file_release(struct bundle_signer *signer);

#endif
