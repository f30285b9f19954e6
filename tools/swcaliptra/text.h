/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and bytes as people type them. */
#ifndef SWCALIPTRA_TEXT_H
#define SWCALIPTRA_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * text_number() - a number
 * @word: its text, in C's notation
 * @value: set to it
 *
 * Return: false where it is none, or has more than 32 bits.
 */
bool text_number(const char *word, uint32_t *value);

/** text_number64() - the same of 64 bits */
bool text_number64(const char *word, uint64_t *value);

/**
 * text_bytes() - bytes
 * @word: two hexadecimal digits for each of them
 * @bytes: set to them, or left as they are
 * @size: how many there have to be
 *
 * Return: false where it is anything else.
 */
bool text_bytes(const char *word, uint8_t *bytes, size_t size);

#endif
