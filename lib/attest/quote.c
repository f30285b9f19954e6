// SPDX-License-Identifier: LGPL-2.1-or-later
/* Quotes: the checks, each on its own. See caliptra/attest.h. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chain.h"
#include "ima_replay.h"
#include "report.h"
#include "wire.h"

/* Of a SHA-512 digest, what ECDSA P-384 signs; in 1.x all of a SHA-384 digest. */
#define SIGNED_DIGEST_SIZE 48

#define PCR_RT_CURRENT 2

static ECDSA_SIG *
signature_of(const struct caliptra_quote_pcrs_ecc384_resp *quote)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(quote->signature_r, CALIPTRA_ECC384_SIZE, NULL);
	BIGNUM *s = BN_bin2bn(quote->signature_s, CALIPTRA_ECC384_SIZE, NULL);

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s))
		return sig;
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return NULL;
}

size_t caliptra_attest_quote_signature(
	const struct caliptra_quote_pcrs_ecc384_resp *quote, uint8_t der[104])
{
	ECDSA_SIG *sig = signature_of(quote);
	int len = sig ? i2d_ECDSA_SIG(sig, NULL) : 0;

	if (len > 0 && len <= 104)
		len = i2d_ECDSA_SIG(sig, &der);
	else
		len = 0;
	ECDSA_SIG_free(sig);
	return len > 0 ? (size_t)len : 0;
}

/*
 * A quote with a wrong checksum is still looked at, so that the report can tell
 * what else is wrong with it.
 */
static CaliptraError check_format(const void *bytes, size_t len,
				  struct caliptra_quote_pcrs_ecc384_resp *quote,
				  struct caliptra_attest_report *report)
{
	uint8_t copy[CALIPTRA_QUOTE_PCRS_ECC384_SIZE];
	uint32_t said, sum;

	if (len != sizeof(copy)) {
		report_failed(report, CALIPTRA_ATTEST_FORMAT,
			      "the quote has %zu bytes, and it should have %zu",
			      len, sizeof(copy));
		return CALIPTRA_ERROR_PROTOCOL;
	}
	memcpy(copy, bytes, len);
	said = wire_get_le32(copy);
	sum = caliptra_checksum(0, copy + 4, sizeof(copy) - 4);
	wire_put_le32(copy, sum);
	if (said == sum)
		report_passed(report, CALIPTRA_ATTEST_FORMAT,
			      "%zu bytes with their checksum", len);
	else
		report_failed(report, CALIPTRA_ATTEST_FORMAT,
			      "the checksum is 0x%08" PRIx32
			      ", and the bytes make 0x%08" PRIx32
			      ": the quote is not as the device sent it",
			      said, sum);
	return caliptra_quote_pcrs_ecc384_decode(copy, len, quote);
}

/* 1 good, 0 bad, below 0 when OpenSSL could not tell. */
static int verify_signature(EVP_PKEY *key, ECDSA_SIG *sig,
			    const uint8_t digest[SIGNED_DIGEST_SIZE])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	unsigned char *der = NULL;
	int len = i2d_ECDSA_SIG(sig, &der);
	int ret = -1;

	if (ctx && len > 0 && EVP_PKEY_verify_init(ctx) > 0)
		ret = EVP_PKEY_verify(ctx, der, (size_t)len, digest,
				      SIGNED_DIGEST_SIZE);
	OPENSSL_free(der);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return ret;
}

static CaliptraError
check_signature(const struct caliptra_quote_pcrs_ecc384_resp *quote,
		X509 *fmc_alias, struct caliptra_attest_report *report)
{
	EVP_PKEY *key = X509_get0_pubkey(fmc_alias);
	char curve[32] = "";
	ECDSA_SIG *sig;

	if (!key || !EVP_PKEY_is_a(key, "EC") ||
	    !EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
					    curve, sizeof(curve), NULL) ||
	    strcmp(curve, SN_secp384r1)) {
		report_failed(
			report, CALIPTRA_ATTEST_SIGNATURE,
			"the FMC alias certificate has no key of the curve P-384");
		return CALIPTRA_SUCCESS;
	}
	sig = signature_of(quote);
	if (!sig)
		return CALIPTRA_ERROR_MEMORY;
	if (verify_signature(key, sig, quote->digest) == 1)
		report_passed(report, CALIPTRA_ATTEST_SIGNATURE,
			      "the FMC alias key signed the digest");
	else
		report_failed(
			report, CALIPTRA_ATTEST_SIGNATURE,
			"the signature over the digest is not one of the FMC alias key");
	ECDSA_SIG_free(sig);
	return CALIPTRA_SUCCESS;
}

static void check_nonce(const struct caliptra_quote_pcrs_ecc384_resp *quote,
			const uint8_t *nonce,
			struct caliptra_attest_report *report)
{
	if (!CRYPTO_memcmp(quote->nonce, nonce, CALIPTRA_NONCE_SIZE))
		report_passed(report, CALIPTRA_ATTEST_NONCE,
			      "it is the nonce that was sent");
	else
		report_failed(
			report, CALIPTRA_ATTEST_NONCE,
			"it is not the nonce that was sent: the quote is of another time");
}

/* Is it this digest of PCRs and nonce? 1 yes, 0 no, below 0 when OpenSSL fails. */
static int is_digest(const struct caliptra_quote_pcrs_ecc384_resp *quote,
		     const EVP_MD *algorithm)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t digest[64];
	bool ok;

	ok = ctx && EVP_DigestInit_ex(ctx, algorithm, NULL) &&
	     EVP_DigestUpdate(ctx, quote->pcrs, sizeof(quote->pcrs)) &&
	     EVP_DigestUpdate(ctx, quote->nonce, sizeof(quote->nonce)) &&
	     EVP_DigestFinal_ex(ctx, digest, NULL);
	EVP_MD_CTX_free(ctx);
	return ok ? !memcmp(digest, quote->digest, SIGNED_DIGEST_SIZE) : -1;
}

static CaliptraError
check_digest(const struct caliptra_quote_pcrs_ecc384_resp *quote,
	     struct caliptra_attest_report *report)
{
	int sha512 = is_digest(quote, EVP_sha512());
	int sha384 = is_digest(quote, EVP_sha384());

	if (sha512 < 0 || sha384 < 0)
		return CALIPTRA_ERROR_MEMORY;
	if (sha512 || sha384)
		report_passed(report, CALIPTRA_ATTEST_DIGEST,
			      "it is that of the PCRs and the nonce");
	else
		report_failed(
			report, CALIPTRA_ATTEST_DIGEST,
			"the PCRs or the nonce are not those that the digest was made of");
	return CALIPTRA_SUCCESS;
}

/* What PCR 2 is after runtime firmware was measured into it. */
static CaliptraError
check_runtime(const struct caliptra_quote_pcrs_ecc384_resp *quote,
	      const struct chain *chain, struct caliptra_attest_report *report)
{
	uint8_t data[2 * CALIPTRA_SHA384_SIZE] = { 0 };
	uint8_t value[CALIPTRA_SHA384_SIZE];

	if (!chain->has_rt_tci)
		return CALIPTRA_SUCCESS;
	memcpy(data + CALIPTRA_SHA384_SIZE, chain->rt_tci,
	       CALIPTRA_SHA384_SIZE);
	if (!EVP_Digest(data, sizeof(data), value, NULL, EVP_sha384(), NULL))
		return CALIPTRA_ERROR_MEMORY;
	if (memcmp(value, quote->pcrs[PCR_RT_CURRENT], sizeof(value)))
		report->bad_pcrs |= 1u << PCR_RT_CURRENT;
	return CALIPTRA_SUCCESS;
}

static CaliptraError
check_pcrs(const struct caliptra_quote_pcrs_ecc384_resp *quote,
	   const struct caliptra_attest_policy *policy,
	   const struct chain *chain, struct caliptra_attest_report *report)
{
	CaliptraError error = check_runtime(quote, chain, report);
	char list[4 * CALIPTRA_PCR_COUNT] = "";
	size_t len = 0;
	unsigned int n;
	size_t i;

	if (error)
		return error;
	for (i = 0; i < policy->pcr_count; i++) {
		const struct caliptra_attest_pcr *pcr = &policy->pcrs[i];

		if (memcmp(quote->pcrs[pcr->index], pcr->value,
			   CALIPTRA_SHA384_SIZE))
			report->bad_pcrs |= 1u << pcr->index;
	}
	for (n = 0; n < CALIPTRA_PCR_COUNT; n++)
		if (report->bad_pcrs >> n & 1)
			len += (size_t)snprintf(list + len, sizeof(list) - len,
						" %u", n);
	if (report->bad_pcrs)
		report_failed(report, CALIPTRA_ATTEST_PCRS,
			      "not as expected:%s", list);
	else
		report_passed(
			report, CALIPTRA_ATTEST_PCRS, "%zu as expected%s",
			policy->pcr_count,
			chain->has_rt_tci ?
				", and PCR 2 as the RT alias certificate says" :
				"");
	return CALIPTRA_SUCCESS;
}

static bool policy_possible(const struct caliptra_attest_policy *policy)
{
	uint32_t seen = 0;
	size_t i;

	if (!policy || !policy->root_pem || policy->root_pem_len > INT32_MAX ||
	    !policy->chain_pem || policy->chain_pem_len > INT32_MAX ||
	    (policy->pcr_count && !policy->pcrs) ||
	    (policy->ima_list && policy->ima_pcr >= CALIPTRA_PCR_COUNT))
		return false;
	for (i = 0; i < policy->pcr_count; i++) {
		uint32_t index = policy->pcrs[i].index;

		if (index >= CALIPTRA_PCR_COUNT || seen >> index & 1)
			return false;
		seen |= 1u << index;
	}
	return true;
}

static CaliptraError verdict(const struct caliptra_attest_report *report)
{
	int i;

	for (i = 0; i < CALIPTRA_ATTEST_CHECKS; i++) {
		if (i == CALIPTRA_ATTEST_IMA && !report->ima.is_given)
			continue;
		if (report->results[i].outcome != CALIPTRA_ATTEST_PASSED)
			return CALIPTRA_ERROR_PROTOCOL;
	}
	return CALIPTRA_SUCCESS;
}

static CaliptraError check_all(const void *bytes, size_t len,
			       const struct caliptra_attest_policy *policy,
			       const struct chain *chain,
			       struct caliptra_attest_report *report)
{
	struct caliptra_quote_pcrs_ecc384_resp quote;
	CaliptraError error;

	error = check_format(bytes, len, &quote, report);
	if (error)
		return error;
	check_nonce(&quote, policy->nonce, report);
	error = check_digest(&quote, report);
	if (!error && chain->fmc_alias)
		error = check_signature(&quote, chain->fmc_alias, report);
	if (!error)
		error = check_pcrs(&quote, policy, chain, report);
	if (!error && policy->ima_list)
		error = ima_replay(policy, quote.pcrs[policy->ima_pcr], report);
	return error;
}

CaliptraError
caliptra_attest_verify_quote(const void *quote, size_t quote_len,
			     const struct caliptra_attest_policy *policy,
			     struct caliptra_attest_report *report)
{
	struct chain chain;
	CaliptraError error;

	if (!quote || !report || !policy_possible(policy) || !policy->nonce)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	memset(report, 0, sizeof(*report));
	report->ima.is_given = policy->ima_list;
	error = chain_verify(policy, &chain, report);
	if (error == CALIPTRA_ERROR_MEMORY)
		return error;
	error = check_all(quote, quote_len, policy, &chain, report);
	X509_free(chain.fmc_alias);
	return error ? error : verdict(report);
}

CaliptraError
caliptra_attest_verify_chain(const struct caliptra_attest_policy *policy,
			     struct caliptra_attest_report *report)
{
	struct chain chain;
	CaliptraError error;

	if (!report || !policy_possible(policy))
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	memset(report, 0, sizeof(*report));
	error = chain_verify(policy, &chain, report);
	X509_free(chain.fmc_alias);
	return error;
}
