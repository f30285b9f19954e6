/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands in an authorization manifest, in words. */
#ifndef SWCALIPTRA_MANIFEST_SHOW_H
#define SWCALIPTRA_MANIFEST_SHOW_H

#include "manifest.h"

/**
 * struct manifest_firmware - the firmware whose keys have signed those of a manifest
 * @bytes: its bundle
 * @len: its length in bytes
 * @generation: that it is for
 */
struct manifest_firmware {
	const uint8_t *bytes;
	uint32_t len;
	const struct generation *generation;
};

/**
 * manifest_show() - print a manifest, and whether it verifies
 * @bytes: the manifest
 * @len: its length in bytes
 * @firmware: the firmware, or NULL: then it is the keys in it that count
 *
 * Return: 0 where it is good, else 1.
 */
int manifest_show(const uint8_t *bytes, uint32_t len,
		  const struct manifest_firmware *firmware);

#endif
