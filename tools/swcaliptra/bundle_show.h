/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in a bundle, in words. */
#ifndef SWCALIPTRA_BUNDLE_SHOW_H
#define SWCALIPTRA_BUNDLE_SHOW_H

#include "bundle.h"

/**
 * bundle_show() - print a manifest on stdout, and whether the bundle verifies
 * @bytes: the bundle, at least as long as a manifest
 * @len: its length in bytes
 * @g: generation that it is for
 *
 * Return: exit status, 1 where it does not verify.
 */
int bundle_show(const uint8_t *bytes, uint32_t len, const struct generation *g);

#endif
