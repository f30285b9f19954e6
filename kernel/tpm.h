/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TPM face: between the chip that the TPM subsystem has (tpm.c) and the commands that
 * it answers (tpm-commands.c).
 */
#ifndef CALIPTRA_TPM_H
#define CALIPTRA_TPM_H

#include <linux/caliptra.h>
#include <linux/list.h>
#include <linux/types.h>

struct crypto_shash;
struct device;
struct tpm_chip;
struct tpm_class_ops;

/* TPM PCRs, as the PC Client Platform has them. */
#define TPM_PCRS 24

/* Longest command, and longest response; so many bytes has the TPM subsystem. */
#define TPM_MAX_SIZE 4096

/**
 * struct caliptra_tpm - a device's
 * @node: in the list of them
 * @cd: the device
 * @chip: what the TPM subsystem has of it
 * @sha384: hashes events
 * @pcrs: the device's PCR for each TPM PCR
 * @pcr_count: how many TPM PCRs there are
 * @has_random: its firmware gives random bytes
 * @hw_rev_id: for TPM_PT_FIRMWARE_VERSION_1
 * @impatient: the last extend has waited in vain
 * @updates: extends that came through here
 * @values: of the device's PCRs, read last
 * @rsp: the response to the last command
 * @rsp_len: its length, 0 where it has been taken
 */
struct caliptra_tpm {
	struct list_head node;
	struct caliptra_dev *cd;
	struct tpm_chip *chip;
	struct crypto_shash *sha384;
	u8 pcrs[TPM_PCRS];
	unsigned int pcr_count;
	bool has_random;
	u32 hw_rev_id;
	bool impatient;
	u32 updates;
	u8 values[CALIPTRA_PCR_COUNT][CALIPTRA_PCR_SIZE];
	u8 rsp[TPM_MAX_SIZE];
	size_t rsp_len;
};

int caliptra_tpm_execute(struct caliptra_tpm *t, const u8 *cmd, size_t len);

/* The kernel has these in a header that its drivers of TPMs keep to themselves. */
struct tpm_chip *tpm_chip_alloc(struct device *dev,
				const struct tpm_class_ops *ops);
int tpm_chip_register(struct tpm_chip *chip);
void tpm_chip_unregister(struct tpm_chip *chip);

#endif /* CALIPTRA_TPM_H */
