/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The measurements of IMA, the Linux kernel's integrity measurement architecture.
 *
 * The kernel lists them in /sys/kernel/security/ima/binary_runtime_measurements, and
 * extends a PCR of a TPM by each entry, if it has one. These functions read such a
 * list and tell what it makes of a PCR of SHA-384. caliptra_attest_verify_quote(),
 * in caliptra/attest.h, replays a whole list against a quote.
 *
 * Nothing here talks to a device. Functions may be called from any thread.
 */
#ifndef CALIPTRA_IMA_H
#define CALIPTRA_IMA_H

#include <stdbool.h>

#include <caliptra/commands.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Room for the name of a template: the kernel's have up to 15 fields. */
#define CALIPTRA_IMA_NAME_SIZE 256

/* No entry has more template data; the longest that the kernel writes are signatures. */
#define CALIPTRA_IMA_MAX_DATA 16777216

/**
 * struct caliptra_ima_format - how a list is written; the list does not tell
 * @digest_size: bytes of each entry's template hash: 20 for SHA-1, which the kernel
 *	always has, 32, 48 or 64 for lists of its other banks; 0 while it is not known
 * @big_endian: numbers are so; they are as the kernel's machine has them
 */
struct caliptra_ima_format {
	size_t digest_size;
	bool big_endian;
};

/**
 * struct caliptra_ima_entry - an entry of a list
 * @size: its length in the list in bytes, 0 where it is not all there
 * @pcr: which PCR the kernel measures it into
 * @is_violation: it says that a file could not be measured reliably: its template
 *	hash is zero
 * @name: of the template, or its fields where it has none
 * @digest: the template hash, in the list's bytes
 * @data: the template data, in the list's bytes
 * @data_len: their length in bytes
 */
struct caliptra_ima_entry {
	size_t size;
	uint32_t pcr;
	bool is_violation;
	char name[CALIPTRA_IMA_NAME_SIZE];
	const uint8_t *digest;
	const uint8_t *data;
	size_t data_len;
};

/**
 * caliptra_ima_decode() - read an entry
 * @format: of the list; zeros for its first entry, from which it is found out
 * @bytes: the list, from this entry on
 * @len: how many there are
 * @entry: the entry, which has pointers to @bytes; of size 0 where that is its
 *	beginning, and more is needed
 * @wrong: set to what is wrong where it fails; may be NULL
 *
 * The template "ima" is read as its default hash SHA-1 has it.
 *
 * Return: CALIPTRA_SUCCESS; CALIPTRA_ERROR_PROTOCOL where the bytes are not those of
 * an entry; CALIPTRA_ERROR_INVALID_ARGUMENT where @format can not be.
 *
 * Source: Linux security/integrity/ima/ima_fs.c, ima_measurements_show().
 */
CaliptraError caliptra_ima_decode(struct caliptra_ima_format *format,
				  const void *bytes, size_t len,
				  struct caliptra_ima_entry *entry,
				  const char **wrong);

/**
 * caliptra_ima_check() - is an entry what its template hash says?
 * @format: of the list
 * @entry: the entry
 * @wrong: set to what is wrong where it is not; may be NULL
 *
 * Whoever changes an entry can change the hash, too: nothing but a replay proves that
 * an entry is the kernel's. This finds out which one is not, where it is found.
 *
 * Return: CALIPTRA_SUCCESS where it is, CALIPTRA_ERROR_PROTOCOL where it is not,
 * CALIPTRA_ERROR_MEMORY.
 */
CaliptraError caliptra_ima_check(const struct caliptra_ima_format *format,
				 const struct caliptra_ima_entry *entry,
				 const char **wrong);

/**
 * caliptra_ima_digest() - what a PCR of SHA-384 is extended by
 * @entry: the entry
 * @digest: SHA-384 of the template data, or ones for a violation
 *
 * Return: CALIPTRA_SUCCESS, CALIPTRA_ERROR_MEMORY.
 *
 * Source: Linux security/integrity/ima/ima_crypto.c, ima_calc_field_array_hash();
 * ima_queue.c, ima_add_template_entry().
 */
CaliptraError caliptra_ima_digest(const struct caliptra_ima_entry *entry,
				  uint8_t digest[CALIPTRA_SHA384_SIZE]);

/**
 * caliptra_ima_extend() - what a PCR is after it was extended
 * @value: of the PCR; changed
 * @digest: what it is extended by
 *
 * Return: CALIPTRA_SUCCESS; CALIPTRA_ERROR_MEMORY, and @value is unchanged.
 */
CaliptraError caliptra_ima_extend(uint8_t value[CALIPTRA_SHA384_SIZE],
				  const uint8_t digest[CALIPTRA_SHA384_SIZE]);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* CALIPTRA_IMA_H */
