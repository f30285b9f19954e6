// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The PCR vault's mirror in a TPM. See tpm.h.
 *
 * After each extension the TPM's PCR is read back: it has to be what it was before,
 * extended. Where the TPM can not extend, was started again, or somebody else has
 * extended or reset the PCR, then the mirror is broken until the next cold reset, and
 * nothing is extended any more: the vault is never ahead of a mirror that looks right.
 */
#include "tpm.h"

#include <string.h>

#include "log.h"

static const unsigned int tpm_pcrs[TPM_PCR_COUNT] = {
	TPM_PCR_FIRMWARE,
	TPM_PCR_SOC,
};

/* Handles of PCRs are their numbers. */
static ESYS_TR handle(unsigned int which)
{
	return ESYS_TR_PCR0 + tpm_pcrs[which];
}

static int read_pcr(const struct tpm *tpm, ESYS_CONTEXT *esys,
		    unsigned int which, uint8_t value[SHA384_SIZE])
{
	unsigned int pcr = tpm_pcrs[which];
	TPML_PCR_SELECTION selection = {
		.count = 1,
		.pcrSelections[0] = {
			.hash = TPM2_ALG_SHA384,
			.sizeofSelect = 3,
		},
	};
	TPML_DIGEST *values = NULL;
	int ret = -1;

	selection.pcrSelections[0].pcrSelect[pcr / 8] = (BYTE)(1u << pcr % 8);
	if (!tpm_good(tpm, "read a PCR",
		      Esys_PCR_Read(esys, ESYS_TR_NONE, ESYS_TR_NONE,
				    ESYS_TR_NONE, &selection, NULL, NULL,
				    &values)))
		return -1;
	if (values->count == 1 && values->digests[0].size == SHA384_SIZE) {
		memcpy(value, values->digests[0].buffer, SHA384_SIZE);
		ret = 0;
	} else {
		log_error(
			"the TPM %s has no PCRs of SHA-384; 'tpm2_pcrallocate sha384:all' gives it some, after it was started again",
			tpm->tcti);
	}
	Esys_Free(values);
	return ret;
}

int tpm_check_pcrs(const struct tpm *tpm, ESYS_CONTEXT *esys)
{
	uint8_t value[SHA384_SIZE];
	unsigned int i;

	for (i = 0; i < TPM_PCR_COUNT; i++)
		if (read_pcr(tpm, esys, i, value))
			return -1;
	return 0;
}

static int expect(const struct tpm *tpm, ESYS_CONTEXT *esys, unsigned int which)
{
	uint8_t value[SHA384_SIZE];

	if (read_pcr(tpm, esys, which, value))
		return -1;
	if (!memcmp(value, tpm->pcrs[which], SHA384_SIZE))
		return 0;
	log_error(
		"PCR %u of the TPM %s is not what was extended: somebody else has used it, or the TPM was started again",
		tpm_pcrs[which], tpm->tcti);
	return -1;
}

static int reset_pcrs(struct tpm *tpm, ESYS_CONTEXT *esys)
{
	unsigned int i;

	memset(tpm->pcrs, 0, sizeof(tpm->pcrs));
	for (i = 0; i < TPM_PCR_COUNT; i++)
		if (!tpm_good(tpm, "reset a PCR",
			      Esys_PCR_Reset(esys, handle(i), ESYS_TR_PASSWORD,
					     ESYS_TR_NONE, ESYS_TR_NONE)) ||
		    expect(tpm, esys, i))
			return -1;
	return 0;
}

static int extend_pcr(struct tpm *tpm, ESYS_CONTEXT *esys, unsigned int which,
		      const uint8_t digest[SHA384_SIZE])
{
	TPML_DIGEST_VALUES digests = {
		.count = 1,
		.digests[0].hashAlg = TPM2_ALG_SHA384,
	};

	memcpy(digests.digests[0].digest.sha384, digest, SHA384_SIZE);
	if (crypto_sha384_extend(tpm->pcrs[which], digest, SHA384_SIZE) ||
	    !tpm_good(tpm, "extend a PCR",
		      Esys_PCR_Extend(esys, handle(which), ESYS_TR_PASSWORD,
				      ESYS_TR_NONE, ESYS_TR_NONE, &digests)))
		return -1;
	return expect(tpm, esys, which);
}

static int mirror_reset(void *context)
{
	struct tpm *tpm = context;
	ESYS_CONTEXT *esys = tpm_connect(tpm);

	tpm->failed = !esys || reset_pcrs(tpm, esys);
	if (esys)
		tpm_disconnect(esys);
	return tpm->failed ? -1 : 0;
}

static int mirror_extend(void *context, unsigned int index,
			 const uint8_t digest[SHA384_SIZE])
{
	struct tpm *tpm = context;
	ESYS_CONTEXT *esys = tpm->failed ? NULL : tpm_connect(tpm);

	tpm->failed = !esys ||
		      extend_pcr(tpm, esys, index > PCR_RT_JOURNEY, digest);
	if (esys)
		tpm_disconnect(esys);
	return tpm->failed ? -1 : 0;
}

struct pcr_mirror tpm_mirror(struct tpm *tpm)
{
	return (struct pcr_mirror){
		.reset = mirror_reset,
		.extend = mirror_extend,
		.context = tpm,
	};
}
