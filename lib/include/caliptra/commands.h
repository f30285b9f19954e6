/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every command there is, as a call, and what is done with some of the
 * responses. The families are made from the tables in Documentation/commands/.
 */
#ifndef CALIPTRA_COMMANDS_H
#define CALIPTRA_COMMANDS_H

#include <caliptra/core.h>
#include <caliptra/describe.h>
#include <caliptra/dpe.h>
#include <caliptra/mci.h>
#include <caliptra/vdm.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Bits of the capabilities, counted from the last byte. */
#define CALIPTRA_CAPABILITY_ROM_BASE		 0
#define CALIPTRA_CAPABILITY_ROM_OCP_LOCK	 1
#define CALIPTRA_CAPABILITY_ROM_STABLE_OWNER_KEY 2
#define CALIPTRA_CAPABILITY_RT_BASE		 64
#define CALIPTRA_CAPABILITY_RT_OCP_LOCK		 65

/**
 * caliptra_has_capability() - is a capability among those of a response?
 * @capabilities: the response
 * @bit: CALIPTRA_CAPABILITY_*
 *
 * Return: true if so; false for a bit above 127.
 */
bool caliptra_has_capability(
	const struct caliptra_capabilities_resp *capabilities,
	unsigned int bit);

/* Size of the response to QUOTE_PCRS_ECC384 as it travels. */
#define CALIPTRA_QUOTE_PCRS_ECC384_SIZE 1848

/**
 * caliptra_quote_pcrs_ecc384_encode() - a quote as the device sends it
 * @quote: the quote
 * @bytes: CALIPTRA_QUOTE_PCRS_ECC384_SIZE bytes, checksum first
 */
void caliptra_quote_pcrs_ecc384_encode(
	const struct caliptra_quote_pcrs_ecc384_resp *quote,
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE]);

/**
 * caliptra_quote_pcrs_ecc384_decode() - the opposite
 * @bytes: a response to QUOTE_PCRS_ECC384, checksum first
 * @len: its length in bytes
 * @quote: where it goes
 *
 * Return: CALIPTRA_ERROR_PROTOCOL where its length or checksum is wrong.
 */
CaliptraError caliptra_quote_pcrs_ecc384_decode(
	const void *bytes, size_t len,
	struct caliptra_quote_pcrs_ecc384_resp *quote);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* CALIPTRA_COMMANDS_H */
