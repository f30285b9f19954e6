/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How checks went, inside libcaliptra-attest. */
#ifndef CALIPTRA_REPORT_H
#define CALIPTRA_REPORT_H

#include <caliptra/attest.h>

/** report_passed() - a check passed; say what was found */
__attribute__((format(printf, 3, 4))) void
report_passed(struct caliptra_attest_report *report,
	      enum caliptra_attest_check check, const char *format, ...);

/** report_failed() - a check failed; say why */
__attribute__((format(printf, 3, 4))) void
report_failed(struct caliptra_attest_report *report,
	      enum caliptra_attest_check check, const char *format, ...);

#endif
