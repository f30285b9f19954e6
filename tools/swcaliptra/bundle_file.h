/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole files in memory, and which generation a bundle is for. */
#ifndef SWCALIPTRA_BUNDLE_FILE_H
#define SWCALIPTRA_BUNDLE_FILE_H

#include "bundle.h"

/* Longer than any bundle. */
#define FILE_MAX_SIZE (1u << 20)

/**
 * file_read() - read a whole file
 * @path: of the file
 * @len: its length in bytes
 *
 * Return: its bytes, to be freed, or NULL after saying why on stderr. It is no
 * longer than FILE_MAX_SIZE.
 */
uint8_t *file_read(const char *path, uint32_t *len);

/**
 * file_write() - make a file
 * @path: of the file
 * @bytes: what is in it
 * @len: its length in bytes
 *
 * Return: 0, or -1 after saying why on stderr, and then there is no file.
 */
int file_write(const char *path, const uint8_t *bytes, uint32_t len);

/**
 * bundle_read() - read a bundle
 * @path: of the file
 * @len: its length in bytes
 * @generation: the newest that such bundles are for
 *
 * Only marker and length are looked at.
 *
 * Return: its bytes, to be freed, or NULL after saying why on stderr.
 */
uint8_t *bundle_read(const char *path, uint32_t *len,
		     const struct generation **generation);

#endif
