/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCR vault: 32 registers of SHA-384, and their reset counters
 * (CaliptraHardwareSpecification, "PCR vault"); and the log of what boot extends
 * them with (caliptra-sw drivers/src/pcr_log.rs).
 */
#ifndef SWCALIPTRA_PCR_H
#define SWCALIPTRA_PCR_H

#include <stdint.h>

#include "crypto.h"
#include "generation.h"

#define PCR_COUNT 32

/* Who extends what; all others are the SoC's (rom/dev/README.md). */
#define PCR_FMC_CURRENT	      0
#define PCR_FMC_JOURNEY	      1
#define PCR_RT_CURRENT	      2
#define PCR_RT_JOURNEY	      3
#define PCR_STASH_MEASUREMENT 31

/**
 * struct pcr_mirror - another place in which PCRs are extended
 * @reset: all of them are to be zero
 * @extend: the PCR @index is being extended with data whose digest this is: those
 *	48 bytes themselves where it is as many, or else SHA-384 of them
 * @context: for both
 *
 * They return 0, or not 0 where that place can not.
 */
struct pcr_mirror {
	int (*reset)(void *context);
	int (*extend)(void *context, unsigned int index,
		      const uint8_t digest[SHA384_SIZE]);
	void *context;
};

/**
 * struct pcr_vault - the registers
 * @value: the PCRs, in the usual byte order of SHA-384
 * @reset_counter: what INCREMENT_PCR_RESET_COUNTER counts
 * @mirror: where they are extended as well, or NULL
 */
struct pcr_vault {
	uint8_t value[PCR_COUNT][SHA384_SIZE];
	uint32_t reset_counter[PCR_COUNT];
	const struct pcr_mirror *mirror;
};

/* PcrLogEntryId */
enum pcr_log_id {
	PCR_LOG_DEVICE_STATUS = 1,
	PCR_LOG_VENDOR_PK_HASH = 2,
	PCR_LOG_OWNER_PK_HASH = 3,
	PCR_LOG_FMC_TCI = 4,
	PCR_LOG_RT_TCI = 6,
};

#define PCR_LOG_ENTRIES	   17
#define PCR_LOG_ENTRY_SIZE 56

/**
 * struct pcr_log - the log, as GET_PCR_LOG gives it
 * @len: entries in use; those after them are as they were
 * @entry: identifier (u16), two zeros, bitmap of PCRs (u32), data filled up with
 *	zeros
 */
struct pcr_log {
	unsigned int len;
	uint8_t entry[PCR_LOG_ENTRIES][PCR_LOG_ENTRY_SIZE];
};

/** pcr_log_add() - log what the PCRs @pcrs are extended with; -1 where it is full */
int pcr_log_add(struct pcr_log *log, enum pcr_log_id id, uint32_t pcrs,
		const void *data, size_t len);

/** pcr_begin() - a power cycle begins, the PCRs being zero; not 0 without its mirror */
int pcr_begin(const struct pcr_vault *vault);

/**
 * pcr_extend() - PCR := SHA-384(PCR || data)
 * @vault: the registers
 * @index: which
 * @data: what with
 * @len: its length in bytes
 *
 * Return: 0, or not 0, and it stays as it is, when OpenSSL or the mirror fails.
 */
int pcr_extend(struct pcr_vault *vault, unsigned int index, const void *data,
	       size_t len);

/**
 * pcr_quote_digest() - GEN_PCR_HASH: SHA-512 over all PCRs and a nonce, SHA-384 in
 *	1.x
 * @g: generation of the hardware
 * @vault: the registers
 * @nonce: 32 bytes
 * @digest: the digest, as long as it is
 *
 * Return: 0, or not 0 when OpenSSL fails.
 */
int pcr_quote_digest(const struct generation *g, const struct pcr_vault *vault,
		     const uint8_t nonce[32], uint8_t digest[SHA512_SIZE]);

#endif
