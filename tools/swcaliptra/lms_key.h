/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file with an LMS private key and how many of its leaves have signed.
 *
 * A leaf that signs twice gives the key away. So the number of the next one is
 * counted on, and is on the disk, before a signature with it is made; what comes to
 * nothing then has used up a leaf. Nobody may copy the file, or put an older one
 * back, and sign with both.
 */
#ifndef SWCALIPTRA_LMS_KEY_H
#define SWCALIPTRA_LMS_KEY_H

#include "crypto.h"
#include "lms.h"

/**
 * struct lms_key_file - a key in a file
 * @path: what to call it in messages
 * @fd: the file
 * @key: the key
 */
struct lms_key_file {
	const char *path;
	int fd;
	struct lms_private_key key;
};

/**
 * lms_key_create() - make a key for images and a new file for it
 * @path: of the file, which must not exist
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int lms_key_create(const char *path);

/** lms_key_is() - does the file begin as such a file does? */
bool lms_key_is(const char *path);

/**
 * lms_key_open() - read a key
 * @file: where it goes; lms_key_close() it
 * @path: of the file
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int lms_key_open(struct lms_key_file *file, const char *path);

/** lms_key_close() - close the file and wipe the key */
void lms_key_close(struct lms_key_file *file);

/**
 * lms_key_sign() - sign a digest with the next leaf
 * @file: a struct lms_key_file
 * @digest: what is signed
 * @sig: the signature
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int lms_key_sign(void *file, const uint8_t digest[SHA384_SIZE],
		 uint8_t sig[LMS_IMAGE_SIG_SIZE]);

#endif
