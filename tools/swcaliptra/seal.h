/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets that are written down: AES-256-GCM, with a key that only the device has.
 */
#ifndef SWCALIPTRA_SEAL_H
#define SWCALIPTRA_SEAL_H

#include <stddef.h>
#include <stdint.h>

#define SEAL_KEY_SIZE	32
#define SEAL_NONCE_SIZE 12
#define SEAL_TAG_SIZE	16

/* What sealing adds to the secret. */
#define SEAL_OVERHEAD (SEAL_NONCE_SIZE + SEAL_TAG_SIZE)

/**
 * seal() - encrypt a secret
 * @key: the key
 * @context: what it belongs to, and can not be taken from
 * @context_len: its length in bytes
 * @secret: the secret
 * @len: its length in bytes
 * @out: nonce, tag and as many encrypted bytes
 *
 * Return: 0, or not 0 when OpenSSL fails.
 */
int seal(const uint8_t key[SEAL_KEY_SIZE], const void *context,
	 size_t context_len, const void *secret, size_t len, uint8_t *out);

/**
 * unseal() - decrypt it
 * @key: the key
 * @context: what it belongs to
 * @context_len: its length in bytes
 * @in: what seal() has made
 * @len: length of the secret in bytes
 * @secret: the secret
 *
 * Return: 0, or not 0 where it is not what was sealed, or OpenSSL fails; nothing of
 * it is in @secret then.
 */
int unseal(const uint8_t key[SEAL_KEY_SIZE], const void *context,
	   size_t context_len, const uint8_t *in, size_t len, void *secret);

#endif
