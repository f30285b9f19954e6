/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libcaliptra-attest: decide whether to believe a Caliptra.
 *
 * What a device sends is judged against what the caller knows: a root
 * certificate of the manufacturer, the nonce that was sent, PCR values that ought to
 * be, and what the kernel has listed of its measurements. Every check is made, and a report says of each how it went.
 *
 * Nothing here talks to a device. Functions may be called from any thread.
 */
#ifndef CALIPTRA_ATTEST_H
#define CALIPTRA_ATTEST_H

#include <stdbool.h>

#include <caliptra/commands.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * enum caliptra_attest_check - what is checked
 * @CALIPTRA_ATTEST_FORMAT: the quote is a response to QUOTE_PCRS_ECC384, with
 *	its length and checksum
 * @CALIPTRA_ATTEST_CHAIN: certificates lead from a root to the FMC alias key, by
 *	RFC 5280, with at least 112 bits of security each. The FMC alias
 *	certificate is the one that tells what FMC was measured (a TCG DICE
 *	TcbInfo of type CALIPTRA_2_X_FMC_FIRMWARE_INFO) and has none above it that
 *	tells of any measurement, so that no key of measured firmware can take its
 *	place. If there is an RT alias certificate, it is issued by the FMC alias
 *	key. Revocation is not checked.
 * @CALIPTRA_ATTEST_SIGNATURE: the FMC alias key signed the quote's digest
 * @CALIPTRA_ATTEST_NONCE: the quote has the caller's nonce
 * @CALIPTRA_ATTEST_DIGEST: the digest is that of the quote's PCRs and nonce
 * @CALIPTRA_ATTEST_PCRS: PCRs are what the caller expects, and PCR 2 is what the
 *	RT alias certificate, if there is one, says of the runtime firmware
 * @CALIPTRA_ATTEST_IMA: a list of IMA's measurements makes of a PCR what it is in the
 *	quote, from the list's first entry to its last or to one before it, and each
 *	entry is what its template hash says. Entries after that are not covered: they
 *	are newer than the quote, or somebody has made them up. Without a list there is
 *	no such check.
 * @CALIPTRA_ATTEST_CHECKS: how many there are
 */
enum caliptra_attest_check {
	CALIPTRA_ATTEST_FORMAT,
	CALIPTRA_ATTEST_CHAIN,
	CALIPTRA_ATTEST_SIGNATURE,
	CALIPTRA_ATTEST_NONCE,
	CALIPTRA_ATTEST_DIGEST,
	CALIPTRA_ATTEST_PCRS,
	CALIPTRA_ATTEST_IMA,
	CALIPTRA_ATTEST_CHECKS,
};

/**
 * enum caliptra_attest_outcome - how a check went
 * @CALIPTRA_ATTEST_NOT_CHECKED: it could not be made, because another failed, or
 *	there was nothing to check
 * @CALIPTRA_ATTEST_PASSED: well
 * @CALIPTRA_ATTEST_FAILED: badly
 */
enum caliptra_attest_outcome {
	CALIPTRA_ATTEST_NOT_CHECKED,
	CALIPTRA_ATTEST_PASSED,
	CALIPTRA_ATTEST_FAILED,
};

/**
 * struct caliptra_attest_result - one check
 * @outcome: how it went
 * @detail: what was found, in a sentence
 */
struct caliptra_attest_result {
	enum caliptra_attest_outcome outcome;
	char detail[320];
};

/**
 * struct caliptra_attest_ima - what a list of IMA's measurements has
 * @is_given: there was a list
 * @entries: how many were read: all, or those up to the first that is none
 * @covered: how many of them, from the first on, the PCR is the replay of
 * @violations: how many of those that are covered say that a file could not be
 *	measured reliably
 * @others: how many of those that are covered are passed over, as they are measured
 *	into another PCR than the first one
 * @first_wrong: number of the first that is not what its template hash says, or is no
 *	entry, where the first one has number 1; 0 where none is known to be wrong
 */
struct caliptra_attest_ima {
	bool is_given;
	size_t entries;
	size_t covered;
	size_t violations;
	size_t others;
	size_t first_wrong;
};

/**
 * struct caliptra_attest_report - all checks
 * @results: each
 * @bad_pcrs: bit n is set where PCR n is not what it ought to be
 * @ima: what the check CALIPTRA_ATTEST_IMA counted
 */
struct caliptra_attest_report {
	struct caliptra_attest_result results[CALIPTRA_ATTEST_CHECKS];
	uint32_t bad_pcrs;
	struct caliptra_attest_ima ima;
};

/**
 * struct caliptra_attest_pcr - a PCR's expected value
 * @index: 0 to 31
 * @value: SHA-384
 */
struct caliptra_attest_pcr {
	uint32_t index;
	uint8_t value[CALIPTRA_SHA384_SIZE];
};

/**
 * struct caliptra_attest_policy - what the caller knows
 * @root_pem: certificates to believe, PEM; they need not be self-signed. Any
 *	device below one of them is believed; to have a certain one, this is its
 *	own IDevID certificate
 * @root_pem_len: its length in bytes
 * @chain_pem: the device's certificates, PEM, in any order: IDevID, LDevID, FMC
 *	alias, and RT alias if wanted; 16 at most
 * @chain_pem_len: its length in bytes
 * @nonce: CALIPTRA_NONCE_SIZE bytes, the nonce that was sent
 * @pcrs: expected values; a PCR may be named once
 * @pcr_count: how many; without any, and without an RT alias certificate, a
 *	quote says nothing of the firmware that runs
 * @ima_list: IMA's measurements, as the kernel's binary_runtime_measurements has them,
 *	to be replayed, or NULL
 * @ima_list_len: its length in bytes
 * @ima_pcr: which PCR they were extended into, those of them that are for the same
 *	PCR of a TPM as the first one
 */
struct caliptra_attest_policy {
	const void *root_pem;
	size_t root_pem_len;
	const void *chain_pem;
	size_t chain_pem_len;
	const uint8_t *nonce;
	const struct caliptra_attest_pcr *pcrs;
	size_t pcr_count;
	const void *ima_list;
	size_t ima_list_len;
	uint32_t ima_pcr;
};

/**
 * caliptra_attest_verify_quote() - believe a quote, or not
 * @quote: the response to QUOTE_PCRS_ECC384, checksum first; one of 1.x, which has its
 *	fields in another order, as caliptra_quote_pcrs_ecc384_encode() writes it
 * @quote_len: its length in bytes
 * @policy: what the caller knows
 * @report: how each check went
 *
 * Return: CALIPTRA_SUCCESS where every check passed and never else.
 * CALIPTRA_ERROR_PROTOCOL where one failed, CALIPTRA_ERROR_INVALID_ARGUMENT
 * where @policy can not be, CALIPTRA_ERROR_MEMORY.
 *
 * Source: caliptra-sw runtime/README.md, QUOTE_PCRS_ECC384; the digest is
 * SHA-512 over PCRs and nonce, of which ECDSA P-384 signs the first 48 bytes, or in
 * 1.x SHA-384.
 */
CaliptraError
caliptra_attest_verify_quote(const void *quote, size_t quote_len,
			     const struct caliptra_attest_policy *policy,
			     struct caliptra_attest_report *report);

/**
 * caliptra_attest_verify_chain() - CALIPTRA_ATTEST_CHAIN alone
 * @policy: of which root and chain are used
 * @report: the other checks are CALIPTRA_ATTEST_NOT_CHECKED
 *
 * Return: as caliptra_attest_verify_quote().
 */
CaliptraError
caliptra_attest_verify_chain(const struct caliptra_attest_policy *policy,
			     struct caliptra_attest_report *report);

/**
 * caliptra_attest_check_name() - a check in one word
 * @check: which
 *
 * Return: for example "nonce", or "unknown" where there is no such check.
 */
const char *caliptra_attest_check_name(enum caliptra_attest_check check);

/**
 * caliptra_attest_quote_signature() - the quote's signature for other software
 * @quote: the quote
 * @der: 104 bytes of room
 *
 * ECDSA-Sig-Value (RFC 3279), which with the bytes of all PCRs and the nonce is
 * what "openssl dgst -sha512 -verify" wants: ECDSA with a digest longer than the
 * curve's order uses its first 48 bytes.
 *
 * Return: its length in bytes, 0 when there is no memory.
 */
size_t caliptra_attest_quote_signature(
	const struct caliptra_quote_pcrs_ecc384_resp *quote, uint8_t der[104]);

/* As many as there are contexts in a DPE. */
#define CALIPTRA_MAX_TCB_INFOS 64

/**
 * struct caliptra_tcb_info - what a certificate says was measured
 * @type: of what, for example "CALIPTRA_2_X_FMC_FIRMWARE_INFO"; may be empty
 * @has_svn: there is a security version
 * @svn: the security version; Caliptra encodes it in two bytes, of which the
 *	first is always 1
 * @has_fwid: there is a measurement
 * @fwid: SHA-384
 */
struct caliptra_tcb_info {
	char type[48];
	bool has_svn;
	uint32_t svn;
	bool has_fwid;
	uint8_t fwid[CALIPTRA_SHA384_SIZE];
};

/**
 * caliptra_attest_tcb_infos() - the TCG DICE extensions of a certificate
 * @der: the certificate
 * @len: its length in bytes
 * @infos: where they go
 * @count: set to how many there are
 *
 * Return: CALIPTRA_ERROR_PROTOCOL where the certificate or an extension can not
 * be read.
 *
 * Source: TCG DICE Attestation Architecture, DiceTcbInfo.
 */
CaliptraError caliptra_attest_tcb_infos(
	const void *der, size_t len,
	struct caliptra_tcb_info infos[CALIPTRA_MAX_TCB_INFOS], size_t *count);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* CALIPTRA_ATTEST_H */
