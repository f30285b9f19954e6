/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* IMA's measurements in a quote, inside libcaliptra-attest. */
#ifndef CALIPTRA_IMA_REPLAY_H
#define CALIPTRA_IMA_REPLAY_H

#include <caliptra/attest.h>

/**
 * ima_replay() - the check CALIPTRA_ATTEST_IMA
 * @policy: of which the list and its PCR are used
 * @pcr: that PCR in the quote
 * @report: how the check went
 *
 * Return: CALIPTRA_SUCCESS, also where it failed; CALIPTRA_ERROR_MEMORY.
 */
CaliptraError ima_replay(const struct caliptra_attest_policy *policy,
			 const uint8_t pcr[CALIPTRA_SHA384_SIZE],
			 struct caliptra_attest_report *report);

#endif
