// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Generations of Caliptra. Sources: caliptra-rtl v1.1, v2.0 and v2.1; caliptra-ss of
 * branches release_css_gen2_v1.0 and main; caliptra-sw of branch caliptra-1.2, tags
 * rt-1.2.5 and fw-2.0.3.
 */
#include "generation.h"

#include <stddef.h>
#include <string.h>

#include "caliptra-regs.h"

#define VERSION16(major, minor, patch) ((major) << 11 | (minor) << 6 | (patch))
#define VERSION32(major, minor, patch) ((major) << 24 | (minor) << 16 | (patch))

const struct generation generation_newest = {
	.name = "2.1",
	.age = "2.1",
	.bit = GENERATION_2_1,
	.cptra_generation = 0x0012,
	.mc_generation = 0x2100,
	.mbox_size = CALIPTRA_MBOX_SIZE_PASSIVE,
	.subsystem_mbox_size = CALIPTRA_MBOX_SIZE_SUBSYSTEM,
	.rom_version = VERSION16(2, 1, 3),
	.fmc_version = VERSION16(2, 1, 1),
	.runtime_version = VERSION32(2, 1, 1),
	.uds_seed_words = 16,
	.fuse_field_entropy = FUSE_FIELD_ENTROPY,
	.fuse_vendor_pk_hash = FUSE_VENDOR_PK_HASH,
	.max_request = CALIPTRA_MBOX_SIZE_PASSIVE,
	.max_cert = 9216,
	.dpe_pl0_contexts = 32,
	.cert_name = "Caliptra 2.1 Ecc384 ",
	.mldsa_cert_name = "Caliptra 2.1 MlDsa87 ",
	.cert_path_len = 7,
};

static const struct generation generation_2_0 = {
	.name = "2.0",
	.age = "2.0",
	.bit = GENERATION_2_0,
	.cptra_generation = 0x0002,
	.mc_generation = 0x1000,
	.mbox_size = CALIPTRA_MBOX_SIZE_PASSIVE,
	.subsystem_mbox_size = CALIPTRA_MBOX_SIZE_PASSIVE,
	.rom_version = VERSION16(2, 0, 3),
	.fmc_version = VERSION16(2, 0, 2),
	.runtime_version = VERSION32(2, 0, 2),
	.uds_seed_words = 16,
	.fuse_field_entropy = FUSE_FIELD_ENTROPY,
	.fuse_vendor_pk_hash = FUSE_VENDOR_PK_HASH,
	.max_request = CALIPTRA_MBOX_SIZE_PASSIVE,
	.max_cert = 9216,
	.dpe_pl0_contexts = 16,
	.cert_name = "Caliptra 2.0 Ecc384 ",
	.mldsa_cert_name = "Caliptra 2.0 MlDsa87 ",
	.cert_path_len = 5,
};

static const struct generation generation_1_2 = {
	.name = "1.2",
	.age = "1.x",
	.bit = GENERATION_1_2,
	.cptra_generation = 0x0011,
	.mbox_size = CALIPTRA_MBOX_SIZE_1X,
	.rom_version = VERSION16(1, 2, 0),
	.fmc_version = VERSION16(1, 2, 5),
	.runtime_version = VERSION32(1, 2, 5),
	.uds_seed_words = 12,
	.fuse_field_entropy = 0x230,
	.fuse_vendor_pk_hash = 0x250,
	.max_request = 4 * 3586,
	.max_cert = 1024,
	.dpe_pl0_contexts = 16,
	.cert_name = "Caliptra 1.0 ",
	.cert_path_len = 5,
};

static const struct generation *const generations[] = {
	&generation_newest,
	&generation_2_0,
	&generation_1_2,
};

#define GENERATIONS (sizeof(generations) / sizeof(generations[0]))

const struct generation *generation_find(const char *name)
{
	size_t i;

	for (i = 0; i < GENERATIONS; i++)
		if (!strcmp(generations[i]->name, name))
			return generations[i];
	return NULL;
}

const struct generation *generation_of_hw(uint32_t cptra_generation)
{
	size_t i;

	for (i = 0; i < GENERATIONS; i++)
		if (generations[i]->cptra_generation == cptra_generation)
			return generations[i];
	return NULL;
}
