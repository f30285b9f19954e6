/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware image that is this program itself: ROM, FMC and runtime are one
 * executable file, so each of them measures as that file's digest. A bundle may take
 * the place of the last two.
 */
#ifndef SWCALIPTRA_IMAGE_H
#define SWCALIPTRA_IMAGE_H

#include "firmware.h"

/**
 * image_measure() - describe the running program as a firmware image
 * @image: what it measures as
 *
 * Return: 0, or -1 with errno set where the program can not be read.
 */
int image_measure(struct fw_image *image);

/**
 * image_intact() - does the running program still measure as @image says?
 * @image: the image
 *
 * An image that was not made by image_measure() has no file and is intact.
 */
bool image_intact(const struct fw_image *image);

#endif
