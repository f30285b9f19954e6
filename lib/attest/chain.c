// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The check CALIPTRA_ATTEST_CHAIN. OpenSSL builds and verifies paths; what is
 * added here is which certificate is whose.
 *
 * Firmware can issue certificates: runtime with the RT alias key, and whoever
 * took runtime over too. Each such certificate has one above it that says what
 * was measured. And firmware asks others to certify keys that it has, the RT
 * alias key among them; such a certificate says what was measured, but not FMC.
 * So the FMC alias certificate is the one that tells FMC's measurement and has
 * none above it that tells any.
 */
#include "chain.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>

#include "report.h"
#include "tcb_info.h"

#define CHECK CALIPTRA_ATTEST_CHAIN

/* Each of them is verified, and a device has four. */
#define MAX_DEVICE_CERTS 16

/* Security level in OpenSSL's terms: 112 bits, so no SHA-1, no short RSA. */
#define SECURITY_LEVEL 2

/* DiceTcbInfo.type, caliptra-sw x509/gen; before 2.1 x509/build */
static const struct {
	const char *fmc;
	const char *rt;
} firmware_types[] = {
	{ "CALIPTRA_2_X_FMC_FIRMWARE_INFO", "CALIPTRA_2_X_RT_FIRMWARE_INFO" },
	{ "FMC_INFO", "RT_INFO" },
};

typedef STACK_OF(X509) certs;

/**
 * struct search - a verification under way
 * @roots: to believe
 * @device: the device's certificates
 * @store: @roots, for OpenSSL
 * @report: how the check goes
 * @rt_type: of the measurement that the RT alias certificate tells, once there is an
 *	FMC alias certificate
 */
struct search {
	certs *roots;
	certs *device;
	X509_STORE *store;
	struct caliptra_attest_report *report;
	const char *rt_type;
};

static void free_certs(certs *list)
{
	sk_X509_pop_free(list, X509_free);
}

/* What is encrypted is no certificate of ours: nobody is asked for a passphrase. */
static X509 *next_cert(BIO *bio)
{
	return PEM_read_bio_X509(bio, NULL, NULL, (void *)"");
}

/*
 * All certificates of a PEM file, at most @max. What is around them is passed
 * over.
 */
static CaliptraError read_pem(const void *pem, size_t len, const char *what,
			      int max, certs **list,
			      struct caliptra_attest_report *report)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	CaliptraError error = CALIPTRA_SUCCESS;
	X509 *cert;

	*list = sk_X509_new_null();
	if (!bio || !*list) {
		BIO_free(bio);
		return CALIPTRA_ERROR_MEMORY;
	}
	while (!error && (cert = next_cert(bio))) {
		if (sk_X509_num(*list) == max) {
			report_failed(report, CHECK,
				      "the %s has more than %d certificates",
				      what, max);
			error = CALIPTRA_ERROR_PROTOCOL;
		} else if (sk_X509_push(*list, cert)) {
			continue;
		} else {
			error = CALIPTRA_ERROR_MEMORY;
		}
		X509_free(cert);
	}
	if (!error &&
	    (!sk_X509_num(*list) ||
	     ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)) {
		report_failed(report, CHECK,
			      "certificate %d of the %s is not one in PEM",
			      sk_X509_num(*list) + 1, what);
		error = CALIPTRA_ERROR_PROTOCOL;
	}
	ERR_clear_error();
	BIO_free(bio);
	return error;
}

static CaliptraError make_store(struct search *s)
{
	int i;

	s->store = X509_STORE_new();
	if (!s->store)
		return CALIPTRA_ERROR_MEMORY;
	for (i = 0; i < sk_X509_num(s->roots); i++)
		if (!X509_STORE_add_cert(s->store, sk_X509_value(s->roots, i)))
			return CALIPTRA_ERROR_MEMORY;
	X509_STORE_set_flags(s->store, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(s->store),
					 SECURITY_LEVEL);
	return CALIPTRA_SUCCESS;
}

static void name_of(X509 *cert, char *name, size_t size)
{
	if (X509_NAME_get_text_by_NID(X509_get_subject_name(cert),
				      NID_commonName, name, (int)size) < 0)
		snprintf(name, size, "a certificate without common name");
}

/* The verified path from @leaf, first, to a root, or NULL. */
static CaliptraError find_path(struct search *s, X509 *leaf, certs **path)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	CaliptraError error = CALIPTRA_SUCCESS;
	char name[96];

	*path = NULL;
	if (!ctx || !X509_STORE_CTX_init(ctx, s->store, leaf, s->device)) {
		error = CALIPTRA_ERROR_MEMORY;
	} else if (X509_verify_cert(ctx) == 1) {
		*path = X509_STORE_CTX_get1_chain(ctx);
		if (!*path)
			error = CALIPTRA_ERROR_MEMORY;
	} else {
		X509 *at = X509_STORE_CTX_get_current_cert(ctx);

		name_of(at ? at : leaf, name, sizeof(name));
		report_failed(s->report, CHECK, "%s: %s", name,
			      X509_verify_cert_error_string(
				      X509_STORE_CTX_get_error(ctx)));
		error = CALIPTRA_ERROR_PROTOCOL;
	}
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return error;
}

/* How many measurements a certificate tells. */
static CaliptraError measurements(struct search *s, X509 *cert,
				  struct caliptra_tcb_info *infos, int *count)
{
	char name[96];

	*count = tcb_infos_read(cert, infos);
	if (*count >= 0)
		return CALIPTRA_SUCCESS;
	name_of(cert, name, sizeof(name));
	report_failed(s->report, CHECK,
		      "%s: its TCG DICE extension can not be read", name);
	return CALIPTRA_ERROR_PROTOCOL;
}

/* Does a certificate above the first one of @path tell measurements? */
static CaliptraError measured_above(struct search *s, const certs *path,
				    bool *measured)
{
	struct caliptra_tcb_info infos[CALIPTRA_MAX_TCB_INFOS];
	CaliptraError error;
	int count;
	int i;

	*measured = false;
	for (i = 1; !*measured && i < sk_X509_num(path); i++) {
		error = measurements(s, sk_X509_value(path, i), infos, &count);
		if (error)
			return error;
		*measured = count > 0;
	}
	return CALIPTRA_SUCCESS;
}

/* The type of the measurement below one of FMC, or NULL where there is none of it. */
static const char *type_below_fmc(const struct caliptra_tcb_info *infos,
				  int count)
{
	size_t k;
	int i;

	for (i = 0; i < count; i++)
		for (k = 0; k < 2; k++)
			if (!strcmp(infos[i].type, firmware_types[k].fmc))
				return firmware_types[k].rt;
	return NULL;
}

/* Verify one of the device's certificates; take it if it is the FMC alias. */
static CaliptraError verify_one(struct search *s, X509 *cert,
				struct chain *chain)
{
	struct caliptra_tcb_info infos[CALIPTRA_MAX_TCB_INFOS];
	CaliptraError error;
	bool above = false;
	const char *rt_type;
	certs *path;
	int count;

	error = measurements(s, cert, infos, &count);
	if (error)
		return error;
	error = find_path(s, cert, &path);
	if (error)
		return error;
	error = measured_above(s, path, &above);
	free_certs(path);
	rt_type = type_below_fmc(infos, count);
	if (error || above || !rt_type)
		return error;

	if (!chain->fmc_alias) {
		X509_up_ref(cert);
		chain->fmc_alias = cert;
		s->rt_type = rt_type;
	} else if (X509_cmp(chain->fmc_alias, cert)) {
		report_failed(s->report, CHECK,
			      "there are two FMC alias certificates");
		return CALIPTRA_ERROR_PROTOCOL;
	}
	return CALIPTRA_SUCCESS;
}

/* The RT alias certificate is the one that the FMC alias key signed. */
static CaliptraError find_rt_alias(struct search *s, struct chain *chain)
{
	EVP_PKEY *key = X509_get0_pubkey(chain->fmc_alias);
	struct caliptra_tcb_info infos[CALIPTRA_MAX_TCB_INFOS];
	CaliptraError error;
	X509 *cert;
	int count;
	int i;

	for (i = 0; i < sk_X509_num(s->device); i++) {
		cert = sk_X509_value(s->device, i);
		if (X509_verify(cert, key) != 1)
			continue;
		error = measurements(s, cert, infos, &count);
		if (error)
			return error;
		if (count != 1 || !infos[0].has_fwid ||
		    strcmp(infos[0].type, s->rt_type)) {
			report_failed(
				s->report, CHECK,
				"the RT alias certificate does not tell one SHA-384 measurement, of %s",
				s->rt_type);
			return CALIPTRA_ERROR_PROTOCOL;
		}
		if (chain->has_rt_tci && memcmp(chain->rt_tci, infos[0].fwid,
						sizeof(chain->rt_tci))) {
			report_failed(s->report, CHECK,
				      "there are two RT alias certificates");
			return CALIPTRA_ERROR_PROTOCOL;
		}
		chain->has_rt_tci = true;
		memcpy(chain->rt_tci, infos[0].fwid, CALIPTRA_SHA384_SIZE);
	}
	return CALIPTRA_SUCCESS;
}

static CaliptraError verify_all(struct search *s, struct chain *chain)
{
	CaliptraError error = CALIPTRA_SUCCESS;
	char name[96];
	int i;

	for (i = 0; !error && i < sk_X509_num(s->device); i++)
		error = verify_one(s, sk_X509_value(s->device, i), chain);
	if (!error && !chain->fmc_alias) {
		report_failed(
			s->report, CHECK,
			"there is no FMC alias certificate among the %d given",
			sk_X509_num(s->device));
		error = CALIPTRA_ERROR_PROTOCOL;
	}
	if (!error)
		error = find_rt_alias(s, chain);
	ERR_clear_error();
	if (error)
		return error;
	name_of(chain->fmc_alias, name, sizeof(name));
	report_passed(s->report, CHECK, "%d certificates verified; %s%s",
		      sk_X509_num(s->device), name,
		      chain->has_rt_tci ? ", and the RT alias below it" : "");
	return CALIPTRA_SUCCESS;
}

CaliptraError chain_verify(const struct caliptra_attest_policy *policy,
			   struct chain *chain,
			   struct caliptra_attest_report *report)
{
	struct search s = { .report = report };
	CaliptraError error;

	*chain = (struct chain){ 0 };
	error = read_pem(policy->root_pem, policy->root_pem_len, "root",
			 INT_MAX, &s.roots, report);
	if (!error)
		error = read_pem(policy->chain_pem, policy->chain_pem_len,
				 "chain", MAX_DEVICE_CERTS, &s.device, report);
	if (!error)
		error = make_store(&s);
	if (!error)
		error = verify_all(&s, chain);
	if (error) {
		X509_free(chain->fmc_alias);
		*chain = (struct chain){ 0 };
	}
	X509_STORE_free(s.store);
	free_certs(s.device);
	free_certs(s.roots);
	return error;
}
