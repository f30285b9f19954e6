// SPDX-License-Identifier: LGPL-2.1-or-later
#include "report.h"

#include <stdarg.h>
#include <stdio.h>

/* Names in certificates may have any bytes; what is shown is text. */
static void set(struct caliptra_attest_result *result,
		enum caliptra_attest_outcome outcome, const char *format,
		va_list args)
{
	char *p;

	result->outcome = outcome;
	vsnprintf(result->detail, sizeof(result->detail), format, args);
	for (p = result->detail; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

void report_passed(struct caliptra_attest_report *report,
		   enum caliptra_attest_check check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(&report->results[check], CALIPTRA_ATTEST_PASSED, format, args);
	va_end(args);
}

void report_failed(struct caliptra_attest_report *report,
		   enum caliptra_attest_check check, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(&report->results[check], CALIPTRA_ATTEST_FAILED, format, args);
	va_end(args);
}

const char *caliptra_attest_check_name(enum caliptra_attest_check check)
{
	static const char *const names[CALIPTRA_ATTEST_CHECKS] = {
		[CALIPTRA_ATTEST_FORMAT] = "format",
		[CALIPTRA_ATTEST_CHAIN] = "chain",
		[CALIPTRA_ATTEST_SIGNATURE] = "signature",
		[CALIPTRA_ATTEST_NONCE] = "nonce",
		[CALIPTRA_ATTEST_DIGEST] = "digest",
		[CALIPTRA_ATTEST_PCRS] = "PCRs",
		[CALIPTRA_ATTEST_IMA] = "IMA",
	};

	return (unsigned int)check < CALIPTRA_ATTEST_CHECKS ? names[check] :
							      "unknown";
}
