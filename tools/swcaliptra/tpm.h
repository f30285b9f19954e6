/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TPM 2.0 as root of trust, by way of tpm2-tss: the UDS seed comes from it, and what
 * the PCR vault is extended with goes into its PCRs as well.
 *
 * It is connected to for as long as something is asked of it, so that others can use
 * it in between. Two of its PCRs are for whoever wants them, and can be reset by
 * anybody (TCG PC Client Platform TPM Profile, PCR attributes): there the device's
 * are mirrored. All others belong to the machine that the TPM is in.
 */
#ifndef SWCALIPTRA_TPM_H
#define SWCALIPTRA_TPM_H

#include <stdbool.h>
#include <tss2/tss2_esys.h>

#include "fuses.h"
#include "pcr.h"

/* With what firmware extends its own PCRs, 0 to 3: TPM's PCR for debugging. */
#define TPM_PCR_FIRMWARE 16

/* With what the SoC has the others extended: that of applications. */
#define TPM_PCR_SOC 23

#define TPM_PCR_COUNT 2

/**
 * struct tpm - a TPM
 * @tcti: how to reach it, as Tss2_TctiLdr_Initialize() wants it
 * @root: what it is to a device
 * @mirror: of the PCR vault of the one device
 * @pcrs: what TPM_PCR_FIRMWARE and TPM_PCR_SOC have to be
 * @failed: they are not
 */
struct tpm {
	const char *tcti;
	struct fuses_tpm root;
	struct pcr_mirror mirror;
	uint8_t pcrs[TPM_PCR_COUNT][SHA384_SIZE];
	bool failed;
};

/**
 * tpm_open() - ask a TPM for all that has to be known before a device boots
 * @tpm: the TPM
 * @tcti: how to reach it; has to stay
 *
 * Nothing in the TPM is changed.
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int tpm_open(struct tpm *tpm, const char *tcti);

/** tpm_close() - forget it */
void tpm_close(struct tpm *tpm);

/**
 * tpm_connect() - begin to use it
 * @tpm: the TPM
 *
 * Return: the connection, or NULL after saying why on stderr; tpm_disconnect() it.
 */
ESYS_CONTEXT *tpm_connect(const struct tpm *tpm);

/** tpm_disconnect() - somebody else may use it */
void tpm_disconnect(ESYS_CONTEXT *esys);

/**
 * tpm_good() - tell on stderr of what has failed
 * @tpm: the TPM
 * @what: what it was to do
 * @rc: what it answered
 *
 * Return: whether it is a success.
 */
bool tpm_good(const struct tpm *tpm, const char *what, TSS2_RC rc);

/** tpm_mirror() - the mirror of a PCR vault in @tpm */
struct pcr_mirror tpm_mirror(struct tpm *tpm);

/** tpm_check_pcrs() - has it a bank of SHA-384? 0, or -1 after saying that not */
int tpm_check_pcrs(const struct tpm *tpm, ESYS_CONTEXT *esys);

#endif
