// SPDX-License-Identifier: GPL-2.0-or-later
/* The device's certificate chain, and reports of what was verified. */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef CaliptraError (*get_cert)(CaliptraSession *session,
				  struct caliptra_var_size_data_resp *resp);

static int put_der(BIO *bio, const struct caliptra_var_size_data_resp *der)
{
	const unsigned char *p = der->data;
	X509 *cert = d2i_X509(NULL, &p, (long)der->data_size);
	int ok;

	if (!cert || p != der->data + der->data_size) {
		X509_free(cert);
		return cli_error(
			CLI_FAILED,
			"the device sent %u bytes that are no certificate",
			der->data_size);
	}
	ok = PEM_write_bio_X509(bio, cert);
	X509_free(cert);
	return ok ? 0 : cli_error(CLI_FAILED, "there is no memory");
}

/* What is below an IDevID has the same kind of key. */
static int put_device(BIO *bio, CaliptraSession *session, bool is_mldsa)
{
	static const get_cert get[][3] = {
		{
			caliptra_cmd_get_ldev_ecc384_cert,
			caliptra_cmd_get_fmc_alias_ecc384_cert,
			caliptra_cmd_get_rt_alias_ecc384_cert,
		},
		{
			caliptra_cmd_get_ldev_mldsa87_cert,
			caliptra_cmd_get_fmc_alias_mldsa87_cert,
			caliptra_cmd_get_rt_alias_mldsa87_cert,
		},
	};
	struct caliptra_var_size_data_resp der = { 0 };
	CaliptraError error;
	int status = 0;
	size_t i;

	for (i = 0; !status && i < sizeof(get[0]) / sizeof(get[0][0]); i++) {
		error = get[is_mldsa][i](session, &der);
		status = error ? cli_session_error(session, error) :
				 put_der(bio, &der);
	}
	return status;
}

X509 *cli_next_cert(BIO *bio)
{
	/* an empty passphrase, lest somebody is asked for one */
	return PEM_read_bio_X509(bio, NULL, NULL, (void *)"");
}

static bool has_mldsa_key(const X509 *cert)
{
	const EVP_PKEY *key = X509_get0_pubkey(cert);

	return key && EVP_PKEY_is_a(key, "ML-DSA-87");
}

/* The certificates of a file, without what else may be in it. */
static int put_file(BIO *bio, const char *path, bool *is_mldsa)
{
	struct cli_file file;
	int status = cli_read_file(path, &file);
	int count = 0;
	X509 *cert;
	BIO *in;

	if (status)
		return status;
	in = BIO_new_mem_buf(file.data, (int)file.len);
	while (in && !status && (cert = cli_next_cert(in))) {
		*is_mldsa = has_mldsa_key(cert);
		if (PEM_write_bio_X509(bio, cert))
			count++;
		else
			status = cli_error(CLI_FAILED, "there is no memory");
		X509_free(cert);
	}
	if (!status && (!count || ERR_GET_REASON(ERR_peek_last_error()) !=
					  PEM_R_NO_START_LINE))
		status = cli_error(CLI_USAGE, "%s is not a certificate in PEM",
				   path);
	ERR_clear_error();
	BIO_free(in);
	free(file.data);
	return status;
}

static int copy(BIO *bio, struct cli_file *file)
{
	char *data;

	file->len = (size_t)BIO_get_mem_data(bio, &data);
	file->data = malloc(file->len);
	if (!file->data)
		return cli_error(CLI_FAILED, "there is no memory");
	memcpy(file->data, data, file->len);
	return 0;
}

int cli_read_chain(const struct cli *cli, const char *idevid,
		   struct cli_file *pem)
{
	CaliptraSession *session;
	bool is_mldsa = false;
	BIO *bio;
	int status;

	status = cli_connect(cli, &session);
	if (status)
		return status;
	bio = BIO_new(BIO_s_mem());
	if (!bio)
		status = cli_error(CLI_FAILED, "there is no memory");
	if (!status && idevid)
		status = put_file(bio, idevid, &is_mldsa);
	if (!status)
		status = put_device(bio, session, is_mldsa);
	if (!status)
		status = copy(bio, pem);
	BIO_free(bio);
	cli_disconnect(session);
	return status;
}

int cli_add_report(json_object *to, const struct caliptra_attest_report *report,
		   CaliptraError error)
{
	static const char *const outcomes[] = { "not checked", "passed",
						"failed" };
	json_object *checks = json_object_new_object();
	char text[sizeof(report->results[0].detail) + 32];
	int i;

	for (i = 0; i < CALIPTRA_ATTEST_CHECKS; i++) {
		const struct caliptra_attest_result *r = &report->results[i];

		if (i == CALIPTRA_ATTEST_IMA && !report->ima.is_given)
			continue;
		snprintf(text, sizeof(text), "%s%s%s", outcomes[r->outcome],
			 *r->detail ? ": " : "", r->detail);
		cli_add_string(checks,
			       caliptra_attest_check_name(
				       (enum caliptra_attest_check)i),
			       text);
	}
	cli_add_bool(to, "trusted", !error);
	json_object_object_add(to, "checks", checks);
	return error ? CLI_NOT_TRUSTED : CLI_OK;
}
