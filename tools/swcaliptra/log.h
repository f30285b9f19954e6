/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages on stderr. */
#ifndef SWCALIPTRA_LOG_H
#define SWCALIPTRA_LOG_H

#include <stdbool.h>

/* Set by -v: also say what goes on, not only what goes wrong. */
extern bool log_verbose;

/** log_error() - something is wrong; a sentence without a full stop */
__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);

/** log_info() - something happened; only with -v */
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);

#endif
