/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FIPS mode: all that is computed is computed in OpenSSL's FIPS provider, and what
 * that does not approve of fails as an engine does that is broken. It has no LMS, and
 * no single blocks of SHA-512, which the SHA accelerator of 1.x makes (sha_acc.c).
 */
#ifndef SWCALIPTRA_FIPS_H
#define SWCALIPTRA_FIPS_H

#include <stdbool.h>

/**
 * fips_enable() - from now on, use the FIPS provider and no other
 *
 * Before OpenSSL has computed anything. The provider is taken from where OpenSSL has
 * its modules, or from OPENSSL_MODULES, and tests itself.
 *
 * Return: 0, or -1 after saying on stderr why not.
 */
int fips_enable(void);

/** fips_enabled() - is that so? */
bool fips_enabled(void);

/** fips_self_test() - the provider tests itself again; 0, also where there is none */
int fips_self_test(void);

#endif
