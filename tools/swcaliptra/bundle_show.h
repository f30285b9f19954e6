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

/**
 * bundle_verify_alone() - as a device would that has the hashes of these keys in its
 *	fuses
 * @bytes: the bundle, at least as long as a manifest
 * @len: its length in bytes
 * @g: generation that it is for
 * @fuses: of that device
 *
 * Return: FW_OK or the firmware's error.
 */
uint32_t bundle_verify_alone(const uint8_t *bytes, uint32_t len,
			     const struct generation *g,
			     struct bundle_fuses *fuses);

/** bundle_print_hex() - print a line of bytes with their name */
void bundle_print_hex(const char *name, const uint8_t *bytes, size_t len);

/** bundle_print_hash() - the same of the SHA-384 of some data */
void bundle_print_hash(const char *name, const uint8_t *data, size_t len);

#endif
