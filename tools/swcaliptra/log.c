// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages on stderr. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

bool log_verbose;

static void say(const char *prefix, const char *format, va_list args)
{
	flockfile(stderr);
	fputs(prefix, stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	funlockfile(stderr);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("swcaliptra: error: ", format, args);
	va_end(args);
}

void log_info(const char *format, ...)
{
	va_list args;

	if (!log_verbose)
		return;
	va_start(args, format);
	say("swcaliptra: ", format, args);
	va_end(args);
}
