/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The PCR vault: 32 registers of SHA-384, and their reset counters
 * (CaliptraHardwareSpecification, "PCR vault").
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
 * struct pcr_vault - the registers
 * @value: the PCRs, in the usual byte order of SHA-384
 * @reset_counter: what INCREMENT_PCR_RESET_COUNTER counts
 */
struct pcr_vault {
	uint8_t value[PCR_COUNT][SHA384_SIZE];
	uint32_t reset_counter[PCR_COUNT];
};

/** pcr_extend() - PCR := SHA-384(PCR || data); 0, or not 0 when OpenSSL fails */
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
