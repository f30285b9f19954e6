/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The device's certificates, inside libcaliptra-attest. */
#ifndef CALIPTRA_CHAIN_H
#define CALIPTRA_CHAIN_H

#include <openssl/x509.h>

#include <caliptra/attest.h>

/**
 * struct chain - a verified chain
 * @fmc_alias: the FMC alias certificate
 * @has_rt_tci: there is an RT alias certificate that says what was measured
 * @rt_tci: SHA-384 of runtime firmware
 */
struct chain {
	X509 *fmc_alias;
	bool has_rt_tci;
	uint8_t rt_tci[CALIPTRA_SHA384_SIZE];
};

/**
 * chain_verify() - the check CALIPTRA_ATTEST_CHAIN
 * @policy: of which root and chain are used
 * @chain: what was found; X509_free() its certificate
 * @report: how the check went
 *
 * Return: CALIPTRA_SUCCESS, CALIPTRA_ERROR_PROTOCOL where it failed,
 * CALIPTRA_ERROR_MEMORY.
 */
CaliptraError chain_verify(const struct caliptra_attest_policy *policy,
			   struct chain *chain,
			   struct caliptra_attest_report *report);

#endif
