// SPDX-License-Identifier: GPL-2.0-or-later
/* pcr read, pcr extend, pcr quote, pcr reset, measure */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct cli_option no_options[] = { { 0 } };

static int bad_pcr(const char *text)
{
	return cli_error(CLI_USAGE, "a PCR is a number from 0 to %d, not '%s'",
			 CALIPTRA_PCR_COUNT - 1, text);
}

static int ask_quote(CaliptraSession *session,
		     const uint8_t nonce[CALIPTRA_NONCE_SIZE],
		     struct caliptra_quote_pcrs_ecc384_resp *q)
{
	struct caliptra_quote_pcrs_ecc384_req req;
	CaliptraError error;

	memcpy(req.nonce, nonce, sizeof(req.nonce));
	error = caliptra_cmd_quote_pcrs_ecc384(session, &req, q);
	return error ? cli_session_error(session, error) : 0;
}

/* A quote, with a nonce of the caller or a fresh one. */
static int quote(struct cli *cli, const uint8_t nonce[CALIPTRA_NONCE_SIZE],
		 struct caliptra_quote_pcrs_ecc384_resp *q)
{
	CaliptraSession *session;
	int status;

	status = cli_connect(cli, &session);
	if (status)
		return status;
	status = ask_quote(session, nonce, q);
	cli_disconnect(session);
	return status;
}

/* There is no command that reads a PCR; a quote has them all. */
int cli_read_pcr(CaliptraSession *session, uint32_t index,
		 uint8_t value[CALIPTRA_SHA384_SIZE])
{
	struct caliptra_quote_pcrs_ecc384_resp q;
	uint8_t nonce[CALIPTRA_NONCE_SIZE];
	int status = cli_random(nonce, sizeof(nonce));

	if (!status)
		status = ask_quote(session, nonce, &q);
	if (!status)
		memcpy(value, q.pcrs[index], CALIPTRA_SHA384_SIZE);
	return status;
}

static json_object *pcr_item(const struct caliptra_quote_pcrs_ecc384_resp *q,
			     uint32_t index)
{
	json_object *item = json_object_new_object();

	cli_add_number(item, "pcr", index);
	cli_add_bytes(item, "value", q->pcrs[index], CALIPTRA_SHA384_SIZE);
	cli_add_number(item, "reset_counter", q->reset_ctrs[index]);
	return item;
}

/* Text is one PCR to a line, as quote verify --pcrs reads it. */
static int print_pcrs(struct cli *cli,
		      const struct caliptra_quote_pcrs_ecc384_resp *q,
		      uint32_t selected)
{
	json_object *list = json_object_new_array();
	uint32_t n;

	for (n = 0; n < CALIPTRA_PCR_COUNT; n++) {
		json_object *item;

		if (!(selected >> n & 1))
			continue;
		item = pcr_item(q, n);
		if (cli->json) {
			json_object_array_add(list, item);
			continue;
		}
		printf("%2" PRIu32 " %s %" PRIu32 "\n", n,
		       json_object_get_string(
			       json_object_object_get(item, "value")),
		       q->reset_ctrs[n]);
		json_object_put(item);
	}
	return cli_print(cli, list);
}

int cmd_pcr_read(struct cli *cli)
{
	uint8_t nonce[CALIPTRA_NONCE_SIZE];
	struct caliptra_quote_pcrs_ecc384_resp q;
	uint32_t selected = 0;
	uint32_t n;
	int status;
	int i;

	if (!cli_parse(cli, no_options, 0, CALIPTRA_PCR_COUNT, &status))
		return status;
	for (i = 0; i < cli->argc; i++) {
		if (!cli_parse_pcr(cli->argv[i], &n))
			return bad_pcr(cli->argv[i]);
		selected |= 1u << n;
	}
	status = cli_random(nonce, sizeof(nonce));
	if (!status)
		status = quote(cli, nonce, &q);
	if (status)
		return status;
	return print_pcrs(cli, &q, selected ? selected : ~0u);
}

/* What to extend with: a digest on the command line or a file's. */
static int extend_data(struct cli *cli, const char *file,
		       uint8_t data[CALIPTRA_SHA384_SIZE])
{
	if (!file == (cli->argc == 1))
		return cli_error(
			CLI_USAGE,
			"pcr extend: give either a SHA-384 or --file FILE");
	if (file)
		return cli_sha384_file(file, data);
	if (cli_parse_hex(cli->argv[1], data, CALIPTRA_SHA384_SIZE))
		return 0;
	return cli_error(CLI_USAGE,
			 "a SHA-384 has %d hexadecimal digits, not '%s'",
			 2 * CALIPTRA_SHA384_SIZE, cli->argv[1]);
}

static int ask_extend(CaliptraSession *session, void *request,
		      json_object *result)
{
	const struct caliptra_extend_pcr_req *req = request;
	CaliptraError error;

	error = caliptra_cmd_extend_pcr(session, req, NULL);
	if (error)
		return cli_session_error(session, error);
	cli_add_number(result, "pcr", req->pcr_idx);
	cli_add_bytes(result, "extended_with", req->data, sizeof(req->data));
	return 0;
}

int cmd_pcr_extend(struct cli *cli)
{
	struct caliptra_extend_pcr_req req = { 0 };
	const char *file = NULL;
	const struct cli_option options[] = {
		{ "file", "FILE", "extend with the SHA-384 of a file", &file,
		  1 },
		{ 0 },
	};
	int status;

	if (!cli_parse(cli, options, 1, 2, &status))
		return status;
	if (!cli_parse_pcr(cli->argv[0], &req.pcr_idx))
		return bad_pcr(cli->argv[0]);
	status = extend_data(cli, file, req.data);
	return status ? status : cli_ask(cli, ask_extend, &req);
}

static int ask_reset(CaliptraSession *session, void *request,
		     json_object *result)
{
	const struct caliptra_increment_pcr_reset_counter_req *req = request;
	CaliptraError error;

	error = caliptra_cmd_increment_pcr_reset_counter(session, req, NULL);
	if (error)
		return cli_session_error(session, error);
	cli_add_number(result, "pcr", req->index);
	cli_add_string(result, "reset_counter", "incremented");
	return 0;
}

int cmd_pcr_reset(struct cli *cli)
{
	struct caliptra_increment_pcr_reset_counter_req req;
	int status;

	if (!cli_parse(cli, no_options, 1, 1, &status))
		return status;
	if (!cli_parse_pcr(cli->argv[0], &req.index))
		return bad_pcr(cli->argv[0]);
	return cli_ask(cli, ask_reset, &req);
}

/* The quote, and what openssl needs to verify it. */
static int write_quote(const struct caliptra_quote_pcrs_ecc384_resp *q,
		       const char *out, const char *message,
		       const char *signature)
{
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE];
	uint8_t signed_bytes[sizeof(q->pcrs) + sizeof(q->nonce)];
	uint8_t der[104];
	size_t len;
	int status = 0;

	caliptra_quote_pcrs_ecc384_encode(q, bytes);
	memcpy(signed_bytes, q->pcrs, sizeof(q->pcrs));
	memcpy(signed_bytes + sizeof(q->pcrs), q->nonce, sizeof(q->nonce));
	len = caliptra_attest_quote_signature(q, der);
	if (!len)
		return cli_error(CLI_FAILED, "there is no memory");
	if (out)
		status = cli_write_file(out, bytes, sizeof(bytes));
	if (!status && message)
		status = cli_write_file(message, signed_bytes,
					sizeof(signed_bytes));
	if (!status && signature)
		status = cli_write_file(signature, der, len);
	return status;
}

static bool is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

static int print_quote(struct cli *cli,
		       const struct caliptra_quote_pcrs_ecc384_resp *q)
{
	json_object *result = json_object_new_object();
	json_object *pcrs;
	uint32_t n;

	cli_add_bytes(result, "nonce", q->nonce, sizeof(q->nonce));
	cli_add_bytes(result, "digest", q->digest, sizeof(q->digest));
	cli_add_bytes(result, "signature_r", q->signature_r,
		      sizeof(q->signature_r));
	cli_add_bytes(result, "signature_s", q->signature_s,
		      sizeof(q->signature_s));
	if (cli->json) {
		pcrs = json_object_new_array();
		for (n = 0; n < CALIPTRA_PCR_COUNT; n++)
			json_object_array_add(pcrs, pcr_item(q, n));
		json_object_object_add(result, "pcrs", pcrs);
	}
	return cli_print(cli, result);
}

int cmd_pcr_quote(struct cli *cli)
{
	const char *hex = NULL, *out = NULL, *message = NULL, *sig = NULL;
	const struct cli_option options[] = {
		{ "nonce", "HEX", "32 bytes of the verifier; or random", &hex,
		  1 },
		{ "out", "FILE", "write the quote, for quote verify", &out, 1 },
		{ "message", "FILE", "write what is signed, for openssl dgst",
		  &message, 1 },
		{ "signature", "FILE", "write the signature, likewise", &sig,
		  1 },
		{ 0 },
	};
	uint8_t nonce[CALIPTRA_NONCE_SIZE];
	struct caliptra_quote_pcrs_ecc384_resp q;
	int status;

	if (!cli_parse(cli, options, 0, 0, &status))
		return status;
	if (!hex)
		status = cli_random(nonce, sizeof(nonce));
	else if (!cli_parse_hex(hex, nonce, sizeof(nonce)))
		status =
			cli_error(CLI_USAGE,
				  "a nonce has %d hexadecimal digits, not '%s'",
				  2 * CALIPTRA_NONCE_SIZE, hex);
	if (!status)
		status = quote(cli, nonce, &q);
	if (!status)
		status = write_quote(&q, out, message, sig);
	if (status || is_stdout(out) || is_stdout(message) || is_stdout(sig))
		return status;
	return print_quote(cli, &q);
}

static int measurement_request(struct caliptra_stash_measurement_req *req,
			       const char *metadata, const char *svn)
{
	unsigned long value = 0;
	char *end;

	if (!metadata)
		metadata = "FILE";
	if (strlen(metadata) != sizeof(req->metadata))
		return cli_error(CLI_USAGE,
				 "metadata are four characters, not '%s'",
				 metadata);
	memcpy(req->metadata, metadata, sizeof(req->metadata));
	if (svn) {
		errno = 0;
		value = strtoul(svn, &end, 0);
		if (errno || *svn < '0' || *svn > '9' || *end ||
		    value > UINT32_MAX)
			return cli_error(
				CLI_USAGE,
				"a security version is a number, not '%s'",
				svn);
	}
	req->svn = (uint32_t)value;
	return 0;
}

/**
 * struct measured_file - a file, and its measurement to be stashed
 * @path: of the file
 * @req: the request
 */
struct measured_file {
	const char *path;
	struct caliptra_stash_measurement_req req;
};

static int ask_stash(CaliptraSession *session, void *request,
		     json_object *result)
{
	const struct measured_file *file = request;
	struct caliptra_stash_measurement_resp rsp;
	CaliptraError error;

	error = caliptra_cmd_stash_measurement(session, &file->req, &rsp);
	if (error)
		return cli_session_error(session, error);
	if (rsp.dpe_result)
		return cli_error(CLI_FAILED,
				 "the DPE refused the measurement: error 0x%x",
				 rsp.dpe_result);
	cli_add_string(result, "file", file->path);
	cli_add_bytes(result, "sha384", file->req.measurement,
		      sizeof(file->req.measurement));
	return 0;
}

int cmd_measure(struct cli *cli)
{
	const char *metadata = NULL, *svn = NULL;
	const struct cli_option options[] = {
		{ "metadata", "TEXT", "four characters (default: FILE)",
		  &metadata, 1 },
		{ "svn", "N", "security version of the file (default: 0)", &svn,
		  1 },
		{ 0 },
	};
	struct measured_file file = { 0 };
	int status;

	if (!cli_parse(cli, options, 1, 1, &status))
		return status;
	file.path = cli->argv[0];
	status = measurement_request(&file.req, metadata, svn);
	if (!status)
		status = cli_sha384_file(file.path, file.req.measurement);
	return status ? status : cli_ask(cli, ask_stash, &file);
}
