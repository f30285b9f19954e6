/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Generations of Caliptra: what hardware and firmware of each are, where they are
 * not as the newest. Everything that differs asks this table, or, of commands,
 * what is made from Documentation/commands.
 */
#ifndef SWCALIPTRA_GENERATION_H
#define SWCALIPTRA_GENERATION_H

#include <stdbool.h>
#include <stdint.h>

/* Sets of generations. */
enum generation_set {
	GENERATION_1_2 = 1 << 0,
	GENERATION_2_0 = 1 << 1,
	GENERATION_2_1 = 1 << 2,
	GENERATION_2_X = GENERATION_2_0 | GENERATION_2_1,
};

/**
 * struct generation - one generation
 * @name: what it is called
 * @age: what the tables of commands call it
 * @bit: its enum generation_set
 * @cptra_generation: CPTRA_HW_REV_ID.cptra_generation; firmware 1.2 runs on
 *	hardware 1.1
 * @mbox_size: of the mailbox in bytes
 * @subsystem_mbox_size: the same in a subsystem, of which 1.x is never part
 * @mc_generation: MCI_HW_REV_ID.mc_generation of the subsystem that it is part of
 * @rom_version: of ROM, as CPTRA_FW_REV_ID has it
 * @fmc_version: of FMC
 * @runtime_version: of runtime firmware
 * @uds_seed_words: words of FUSE_UDS_SEED
 * @fuse_field_entropy: offset of FUSE_FIELD_ENTROPY
 * @fuse_vendor_pk_hash: offset of FUSE_VENDOR_PK_HASH, which 1.x calls
 *	FUSE_KEY_MANIFEST_PK_HASH
 * @max_request: longest request that runtime firmware takes, other than an image
 * @max_cert: longest certificate that a response has room for
 * @dpe_pl0_contexts: contexts that callers of PL0 may use by default
 * @cert_name: how the subjects of its certificates with P-384 keys begin
 * @mldsa_cert_name: the same with ML-DSA-87 keys, which 1.x has not
 * @cert_path_len: path length of IDevID's certificate; one less in each that follows
 */
struct generation {
	const char *name;
	const char *age;
	enum generation_set bit;
	uint16_t cptra_generation;
	uint16_t mc_generation;
	uint32_t mbox_size;
	uint32_t subsystem_mbox_size;
	uint16_t rom_version;
	uint16_t fmc_version;
	uint32_t runtime_version;
	uint16_t uds_seed_words;
	uint16_t fuse_field_entropy;
	uint16_t fuse_vendor_pk_hash;
	uint32_t max_request;
	uint32_t max_cert;
	unsigned int dpe_pl0_contexts;
	const char *cert_name;
	const char *mldsa_cert_name;
	int cert_path_len;
};

/* The newest. */
extern const struct generation generation_newest;

/** generation_find() - the one of this name, or NULL */
const struct generation *generation_find(const char *name);

/** generation_of_hw() - the one of this CPTRA_HW_REV_ID.cptra_generation, or NULL */
const struct generation *generation_of_hw(uint32_t cptra_generation);

/** generation_in() - is @g one of @set? */
static inline bool generation_in(const struct generation *g,
				 enum generation_set set)
{
	return g->bit & set;
}

#endif
