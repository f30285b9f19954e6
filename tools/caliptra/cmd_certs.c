// SPDX-License-Identifier: GPL-2.0-or-later
/* certs */
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static void add_name(json_object *to, const char *name, const X509_NAME *value)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char text[512];
	int n;

	X509_NAME_print_ex(bio, value, 0, XN_FLAG_RFC2253);
	n = BIO_read(bio, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	cli_add_string(to, name, text);
	BIO_free(bio);
}

static void add_serial(json_object *to, const X509 *cert)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);

	cli_add_bytes(to, "serial", ASN1_STRING_get0_data(serial),
		      (size_t)ASN1_STRING_length(serial));
}

static void add_measurements(json_object *to, const uint8_t *der, size_t len)
{
	struct caliptra_tcb_info infos[CALIPTRA_MAX_TCB_INFOS];
	json_object *list;
	size_t count, i;

	if (caliptra_attest_tcb_infos(der, len, infos, &count)) {
		cli_add_string(to, "measurements", "can not be read");
		return;
	}
	if (!count)
		return;
	list = json_object_new_array();
	for (i = 0; i < count; i++) {
		json_object *item = json_object_new_object();

		cli_add_string(item, "type", infos[i].type);
		if (infos[i].has_svn)
			cli_add_number(item, "svn", infos[i].svn);
		if (infos[i].has_fwid)
			cli_add_bytes(item, "sha384", infos[i].fwid,
				      sizeof(infos[i].fwid));
		json_object_array_add(list, item);
	}
	json_object_object_add(to, "measurements", list);
}

static json_object *describe(X509 *cert)
{
	json_object *item = json_object_new_object();
	unsigned char *der = NULL;
	int len = i2d_X509(cert, &der);

	add_name(item, "subject", X509_get_subject_name(cert));
	add_name(item, "issuer", X509_get_issuer_name(cert));
	add_serial(item, cert);
	if (len > 0)
		add_measurements(item, der, (size_t)len);
	OPENSSL_free(der);
	return item;
}

static json_object *describe_all(const struct cli_file *pem)
{
	json_object *list = json_object_new_array();
	BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	X509 *cert;

	while ((cert = cli_next_cert(bio))) {
		json_object_array_add(list, describe(cert));
		X509_free(cert);
	}
	BIO_free(bio);
	return list;
}

/* Verified up to @root, if there is one. */
static int verify(const struct cli_file *pem, const char *root,
		  json_object *result)
{
	struct caliptra_attest_report report;
	struct caliptra_attest_policy policy = {
		.chain_pem = pem->data,
		.chain_pem_len = pem->len,
	};
	struct cli_file file;
	CaliptraError error;
	int status;

	if (!root)
		return 0;
	status = cli_read_file(root, &file);
	if (status)
		return status;
	policy.root_pem = file.data;
	policy.root_pem_len = file.len;
	error = caliptra_attest_verify_chain(&policy, &report);
	free(file.data);
	cli_add_bool(result, "trusted", !error);
	cli_add_string(result, "verification",
		       report.results[CALIPTRA_ATTEST_CHAIN].detail);
	return error ? CLI_NOT_TRUSTED : 0;
}

static int show(struct cli *cli, const struct cli_file *pem, const char *root,
		const char *out)
{
	json_object *result = json_object_new_object();
	int status, verdict;

	json_object_object_add(result, "certificates", describe_all(pem));
	verdict = verify(pem, root, result);
	if (verdict && verdict != CLI_NOT_TRUSTED) {
		json_object_put(result);
		return verdict;
	}
	status = out ? cli_write_file(out, pem->data, pem->len) : 0;
	if (status || (out && !strcmp(out, "-")))
		json_object_put(result);
	else
		status = cli_print(cli, result);
	return status ? status : verdict;
}

int cmd_certs(struct cli *cli)
{
	const char *idevid = NULL, *root = NULL, *out = NULL;
	const struct cli_option options[] = {
		{ "idevid", "FILE", "IDevID certificate, to put first", &idevid,
		  1 },
		{ "root", "FILE", "verify the chain up to this certificate",
		  &root, 1 },
		{ "pem", "FILE", "write the chain to FILE; - is stdout", &out,
		  1 },
		{ 0 },
	};
	struct cli_file pem;
	int status;

	if (!cli_parse(cli, options, 0, 0, &status))
		return status;
	status = cli_read_chain(cli, idevid, &pem);
	if (status)
		return status;
	status = show(cli, &pem, root, out);
	free(pem.data);
	return status;
}
