// SPDX-License-Identifier: GPL-2.0-or-later
/* cmd: any command, by the tables of commands */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "docs.h"
#include "request.h"

#define TEXT_WIDTH 78

static const char *const families[] = {
	[CALIPTRA_FAMILY_CORE] = "core",
	[CALIPTRA_FAMILY_MCI] = "mci",
	[CALIPTRA_FAMILY_VDM] = "vdm",
	[CALIPTRA_FAMILY_DPE] = "dpe",
};

/* They stand in the order of the commands, and a test holds them to it. */
static const struct command_doc *doc_of(const struct caliptra_command *command)
{
	size_t i = 0;

	while (i + 1 < command_doc_count && caliptra_command_at(i) != command)
		i++;
	return &command_docs[i];
}

/* --- --list --- */

static bool matches(const char *name, const char *pattern)
{
	if (!pattern)
		return true;
	if (strpbrk(pattern, "*?["))
		return !fnmatch(pattern, name, FNM_CASEFOLD);
	return strcasestr(name, pattern);
}

static void list_one(const struct caliptra_command_info *info, const char *doc,
		     bool json, json_object *list)
{
	json_object *item;

	if (!json) {
		printf("%-40s  %-4s  %s\n", info->name, families[info->family],
		       doc);
		return;
	}
	item = json_object_new_object();
	cli_add_string(item, "name", info->name);
	cli_add_string(item, "family", families[info->family]);
	cli_add_hex32(item, "code", info->code);
	cli_add_string(item, "doc", doc);
	json_object_array_add(list, item);
}

static int list_commands(const struct cli *cli, const char *pattern)
{
	json_object *list = json_object_new_array();
	const struct caliptra_command *command;
	struct caliptra_command_info info;
	size_t found = 0;
	size_t i;

	for (i = 0; (command = caliptra_command_at(i)); i++) {
		caliptra_command_describe(command, &info);
		if (!matches(info.name, pattern))
			continue;
		list_one(&info, command_docs[i].doc, cli->json, list);
		found++;
	}
	if (!found) {
		json_object_put(list);
		return cli_error(CLI_USAGE, "no command is called like '%s'",
				 pattern);
	}
	if (cli->json)
		return cli_print(cli, list);
	json_object_put(list);
	return cli_flush();
}

/* --- --describe --- */

/* Text in lines of a width that can be read. */
static void print_text(const char *text, int indent)
{
	int column = 0;

	while (*text) {
		int len = (int)strcspn(text, " \n");

		if (column && column + 1 + len > TEXT_WIDTH) {
			putchar('\n');
			column = 0;
		}
		if (!column)
			column = printf("%*s%.*s", indent, "", len, text);
		else
			column += printf(" %.*s", len, text);
		text += len;
		if (*text == '\n') {
			putchar('\n');
			column = 0;
		}
		text += strspn(text, " \n");
	}
	putchar('\n');
}

static void print_fields(const char *title, const struct field_doc *fields)
{
	const struct field_doc *f;
	int width = 0;

	if (!fields->name)
		return;
	printf("\n%s:\n", title);
	for (f = fields; f->name; f++)
		if (width < (int)strlen(f->name))
			width = (int)strlen(f->name);
	for (f = fields; f->name; f++)
		printf("  %-*s  %-10s  %s\n", width, f->name, f->type, f->doc);
}

static json_object *fields_json(const struct field_doc *fields)
{
	json_object *list = json_object_new_array();

	for (; fields->name; fields++) {
		json_object *item = json_object_new_object();

		cli_add_string(item, "name", fields->name);
		cli_add_string(item, "type", fields->type);
		cli_add_string(item, "doc", fields->doc);
		json_object_array_add(list, item);
	}
	return list;
}

static int describe_json(const struct cli *cli,
			 const struct caliptra_command_info *info,
			 const struct command_doc *doc)
{
	json_object *result = json_object_new_object();

	cli_add_string(result, "name", info->name);
	cli_add_string(result, "family", families[info->family]);
	cli_add_hex32(result, "code", info->code);
	cli_add_string(result, "doc", doc->doc);
	cli_add_string(result, "description", doc->description);
	cli_add_bool(result, "privileged", info->privileged);
	cli_add_string(result, "privilege", doc->privilege);
	cli_add_string(result, "availability", doc->availability);
	json_object_object_add(result, "request", fields_json(doc->request));
	json_object_object_add(result, "response", fields_json(doc->response));
	cli_add_string(result, "errors", doc->errors);
	cli_add_string(result, "source", doc->source);
	return cli_print(cli, result);
}

static int describe(const struct cli *cli,
		    const struct caliptra_command *command)
{
	struct caliptra_command_info info;
	const struct command_doc *doc;
	char privilege[200];

	caliptra_command_describe(command, &info);
	doc = doc_of(command);
	if (cli->json)
		return describe_json(cli, &info, doc);
	printf("%s (%s, 0x%08" PRIx32 "): %s\n\n", info.name,
	       families[info.family], info.code, doc->doc);
	if (*doc->description)
		print_text(doc->description, 0);
	print_text(doc->availability, 0);
	if (*doc->privilege) {
		snprintf(privilege, sizeof(privilege), "It %s.",
			 doc->privilege);
		print_text(privilege, 0);
	}
	print_fields("Request", doc->request);
	print_fields("Response", doc->response);
	if (*doc->errors) {
		printf("\nErrors:\n");
		print_text(doc->errors, 2);
	}
	printf("\nSource: %s\n", doc->source);
	return cli_flush();
}

/* --- sending --- */

/**
 * struct sending - a command on its way
 * @request: its request
 * @resp: its response
 */
struct sending {
	const struct request *request;
	void *resp;
};

static int ask(CaliptraSession *session, void *what, json_object *result)
{
	const struct sending *s = what;
	const struct caliptra_command *command = s->request->command;
	json_object *response;
	CaliptraError error;

	error = caliptra_command_execute(session, command,
					 s->request->structure, s->resp);
	if (error)
		return cli_session_error(session, error);
	response = cli_message(command, CALIPTRA_RESPONSE,
			       caliptra_session_age(session, command), s->resp);
	json_object_object_foreach(response, name, value)
		json_object_object_add(result, name, json_object_get(value));
	json_object_put(response);
	return 0;
}

static int send_request(struct cli *cli, const struct request *request)
{
	struct caliptra_message_info info = { 0 };
	struct sending s = { .request = request };
	struct caliptra_command_info command;
	int status;

	caliptra_command_describe(request->command, &command);
	if (command.family == CALIPTRA_FAMILY_MCI)
		cli_choose_device(cli, CALIPTRA_DEVICE_MAILBOX_MCI);

	caliptra_message_describe(request->command, CALIPTRA_RESPONSE, NULL,
				  &info);
	s.resp = calloc(1, info.struct_size + 1);
	if (!s.resp)
		return cli_error(CLI_FAILED, "there is no memory");
	status = cli_ask(cli, ask, &s);
	free(s.resp);
	return status;
}

static bool is_privileged(const struct caliptra_command *command)
{
	struct caliptra_command_info info;

	caliptra_command_describe(command, &info);
	return info.privileged;
}

/* Who sits before a terminal has to say that the command is meant. */
static int ask_privileged(const struct request *request, bool yes)
{
	const struct caliptra_command *carrier =
		caliptra_command_carrier(request->command, request->structure);

	if (yes || !isatty(STDIN_FILENO) ||
	    !(is_privileged(request->command) ||
	      (carrier && is_privileged(carrier))))
		return 0;
	return cli_error(CLI_USAGE, "%s %s; say --yes if that is what you want",
			 request->name, doc_of(request->command)->privilege);
}

static int make_and_send(struct cli *cli,
			 const struct caliptra_command *command,
			 const char *json, bool yes)
{
	struct request request;
	int status;
	int i;

	status = request_begin(&request, command, CALIPTRA_REQUEST, NULL);
	if (status)
		return status;
	if (json)
		status = request_json(&request, json);
	for (i = 1; !status && i < cli->argc; i++)
		status = request_assign(&request, cli->argv[i]);
	if (!status)
		status = request_end(&request);
	if (!status)
		status = ask_privileged(&request, yes);
	if (!status)
		status = send_request(cli, &request);
	request_free(&request);
	return status;
}

int cmd_cmd(struct cli *cli)
{
	const char *list = NULL, *about = NULL, *yes = NULL, *json = NULL;
	const struct cli_option options[] = {
		{ "list", NULL, "the commands there are, or those like NAME",
		  &list, 1 },
		{ "describe", NULL, "what the command is, and its fields",
		  &about, 1 },
		{ "json", "FILE", "fields from a JSON object", &json, 1 },
		{ "yes", NULL, "send what changes the device for everybody",
		  &yes, 1 },
		{ 0 },
	};
	const struct caliptra_command *command;
	int status;

	if (!cli_parse(cli, options, 0, 1000, &status))
		return status;
	if ((list || about) && (json || yes || (list && about)))
		return cli_error(
			CLI_USAGE,
			"--list and --describe go with no other option");
	if (list && cli->argc <= 1)
		return list_commands(cli, cli->argv[0]);
	if (!cli->argc)
		return cli_error(CLI_USAGE,
				 "which command? see 'caliptra cmd --list'");
	command = caliptra_command_find(cli->argv[0]);
	if (!command)
		return cli_error(
			CLI_USAGE,
			"there is no command '%s'; see 'caliptra cmd --list'",
			cli->argv[0]);
	if (about && cli->argc == 1)
		return describe(cli, command);
	if (list || about)
		return cli_error(CLI_USAGE,
				 "--list and --describe take one name");
	return make_and_send(cli, command, json, yes);
}
