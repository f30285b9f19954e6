// SPDX-License-Identifier: GPL-2.0-or-later
/* quote verify */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/**
 * struct expected - PCR values that ought to be
 * @pcrs: the values
 * @count: how many
 * @seen: bit n is set where PCR n is among them
 */
struct expected {
	struct caliptra_attest_pcr pcrs[CALIPTRA_PCR_COUNT];
	size_t count;
	uint32_t seen;
};

static int expect(struct expected *e, const char *index, const char *value,
		  const char *where)
{
	struct caliptra_attest_pcr pcr;

	if (!cli_parse_pcr(index, &pcr.index))
		return cli_error(CLI_USAGE,
				 "%s: a PCR is a number from 0 to %d, not '%s'",
				 where, CALIPTRA_PCR_COUNT - 1, index);
	if (!cli_parse_hex(value, pcr.value, sizeof(pcr.value)))
		return cli_error(
			CLI_USAGE,
			"%s: a PCR's value has %zu hexadecimal digits, not '%s'",
			where, 2 * sizeof(pcr.value), value);
	if (e->seen >> pcr.index & 1)
		return cli_error(CLI_USAGE, "%s: PCR %u is given twice", where,
				 pcr.index);
	e->seen |= 1u << pcr.index;
	e->pcrs[e->count++] = pcr;
	return 0;
}

/* PCR=VALUE */
static int expect_argument(struct expected *e, const char *argument)
{
	char index[8];
	size_t len = strcspn(argument, "=");

	if (!argument[len] || len >= sizeof(index))
		return cli_error(CLI_USAGE, "--pcr takes PCR=SHA384, not '%s'",
				 argument);
	memcpy(index, argument, len);
	index[len] = '\0';
	return expect(e, index, argument + len + 1, "--pcr");
}

/* A line of pcr read: the number, the value, and what need not be compared. */
static int expect_line(struct expected *e, char *line, const char *path)
{
	char *index = strtok(line, " \t\r");
	char *value = index ? strtok(NULL, " \t\r") : NULL;

	if (!index || *index == '#')
		return 0;
	if (!value)
		return cli_error(CLI_USAGE, "%s: PCR '%s' has no value", path,
				 index);
	return expect(e, index, value, path);
}

static int expect_file(struct expected *e, const char *path)
{
	struct cli_file file;
	int status = cli_read_file(path, &file);
	size_t before = e->count;
	char *line, *rest;

	if (status)
		return status;
	file.data[file.len] = '\0';
	if (strlen((char *)file.data) != file.len)
		status = cli_error(CLI_USAGE, "%s is not text", path);
	rest = (char *)file.data;
	while (!status && (line = strsep(&rest, "\n")))
		status = expect_line(e, line, path);
	free(file.data);
	if (!status && e->count == before)
		status = cli_error(CLI_USAGE, "%s has no PCR in it", path);
	return status;
}

/* The chain is read from the device where no file has it. */
static int get_chain(struct cli *cli, const char *chain, const char *idevid,
		     struct cli_file *pem)
{
	if (chain && idevid)
		return cli_error(
			CLI_USAGE,
			"--idevid is for a chain that is read from the device, and --chain gives one");
	if (chain)
		return cli_read_file(chain, pem);
	return cli_read_chain(cli, idevid, pem);
}

/* What the list has, for those who do not want to read the check's sentence. */
static void add_ima(json_object *to, const struct caliptra_attest_ima *ima)
{
	json_object *item = json_object_new_object();

	cli_add_number(item, "entries", (uint32_t)ima->entries);
	cli_add_number(item, "covered", (uint32_t)ima->covered);
	cli_add_number(item, "violations", (uint32_t)ima->violations);
	cli_add_number(item, "other_pcrs", (uint32_t)ima->others);
	if (ima->first_wrong)
		cli_add_number(item, "first_wrong", (uint32_t)ima->first_wrong);
	json_object_object_add(to, "ima", item);
}

static int judge(struct cli *cli, const struct cli_file *quote,
		 const struct caliptra_attest_policy *policy)
{
	struct caliptra_attest_report report;
	json_object *result;
	CaliptraError error;
	int status, verdict;

	error = caliptra_attest_verify_quote(quote->data, quote->len, policy,
					     &report);
	if (error && error != CALIPTRA_ERROR_PROTOCOL)
		return cli_error(CLI_FAILED, "%s", caliptra_strerror(error));
	result = json_object_new_object();
	verdict = cli_add_report(result, &report, error);
	if (report.ima.is_given)
		add_ima(result, &report.ima);
	status = cli_print(cli, result);
	return status ? status : verdict;
}

static int verify(struct cli *cli, struct caliptra_attest_policy *policy,
		  const char *root, const char *chain, const char *idevid,
		  const char *ima_log)
{
	struct cli_file files[4] = { 0 };
	int status;
	int i;

	status = cli_read_file(cli->argv[0], &files[0]);
	if (!status)
		status = cli_read_file(root, &files[1]);
	if (!status)
		status = get_chain(cli, chain, idevid, &files[2]);
	if (!status && ima_log)
		status = cli_read_list(ima_log, &files[3]);
	if (!status) {
		policy->root_pem = files[1].data;
		policy->root_pem_len = files[1].len;
		policy->chain_pem = files[2].data;
		policy->chain_pem_len = files[2].len;
		policy->ima_list = files[3].data;
		policy->ima_list_len = files[3].len;
		status = judge(cli, &files[0], policy);
	}
	for (i = 0; i < 4; i++)
		free(files[i].data);
	return status;
}

static int choose_ima_pcr(const char *ima_log, const char *text,
			  uint32_t *index)
{
	if (!ima_log)
		return cli_error(
			CLI_USAGE,
			"--ima-pcr is for a list, and there is no --ima-log");
	if (cli_parse_pcr(text, index))
		return 0;
	return cli_error(CLI_USAGE,
			 "--ima-pcr takes a number from 0 to %d, not '%s'",
			 CALIPTRA_PCR_COUNT - 1, text);
}

int cmd_quote_verify(struct cli *cli)
{
	const char *root = NULL, *chain = NULL, *idevid = NULL, *hex = NULL;
	const char *pcrs_file = NULL, *ima_log = NULL, *ima_pcr = NULL;
	const char *pcrs[CALIPTRA_PCR_COUNT] = { 0 };
	const struct cli_option options[] = {
		{ "root", "FILE", "manufacturer's certificate; required", &root,
		  1 },
		{ "nonce", "HEX", "the nonce that was sent; required", &hex,
		  1 },
		{ "chain", "FILE", "device's certificates (default: ask it)",
		  &chain, 1 },
		{ "idevid", "FILE", "IDevID certificate, where it is asked",
		  &idevid, 1 },
		{ "pcr", "PCR=SHA384", "value that a PCR ought to have", pcrs,
		  CALIPTRA_PCR_COUNT },
		{ "pcrs", "FILE", "values in a file, as of pcr read",
		  &pcrs_file, 1 },
		{ "ima-log", "FILE", "IMA's measurements, to replay", &ima_log,
		  1 },
		{ "ima-pcr", "PCR", "PCR that has them (default: 10)", &ima_pcr,
		  1 },
		{ 0 },
	};
	struct caliptra_attest_policy policy = { .ima_pcr = CLI_IMA_PCR };
	uint8_t nonce[CALIPTRA_NONCE_SIZE];
	struct expected e = { 0 };
	int status;
	size_t i;

	if (!cli_parse(cli, options, 1, 1, &status))
		return status;
	if (!root || !hex)
		return cli_error(CLI_USAGE, "quote verify needs --%s",
				 root ? "nonce" : "root");
	if (!cli_parse_hex(hex, nonce, sizeof(nonce)))
		return cli_error(CLI_USAGE,
				 "a nonce has %d hexadecimal digits, not '%s'",
				 2 * CALIPTRA_NONCE_SIZE, hex);
	for (i = 0; !status && i < CALIPTRA_PCR_COUNT && pcrs[i]; i++)
		status = expect_argument(&e, pcrs[i]);
	if (!status && pcrs_file)
		status = expect_file(&e, pcrs_file);
	if (!status && ima_pcr)
		status = choose_ima_pcr(ima_log, ima_pcr, &policy.ima_pcr);
	if (status)
		return status;
	policy.nonce = nonce;
	policy.pcrs = e.pcrs;
	policy.pcr_count = e.count;
	return verify(cli, &policy, root, chain, idevid, ima_log);
}
