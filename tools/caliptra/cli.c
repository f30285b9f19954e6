// SPDX-License-Identifier: GPL-2.0-or-later
/* The command line of a command, and the device it names. */
#include "cli.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS 16

/* What getopt_long() returns for a command's own options. */
#define OWN_OPTION 256

int cli_error(int status, const char *format, ...)
{
	char text[1500];
	va_list args;
	char *c;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* what was given may have anything in it, and a terminal obeys */
	for (c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	fprintf(stderr, "caliptra: %s\n", text);
	return status;
}

static void print_help(const struct cli_command *command,
		       const struct cli_option *o)
{
	char left[48];

	printf("Usage: caliptra %s [OPTION]...%s%s\n\n"
	       "%c%s.\n\n",
	       command->name, *command->args ? " " : "", command->args,
	       toupper((unsigned char)*command->help), command->help + 1);
	for (; o->name; o++) {
		snprintf(left, sizeof(left), "--%s %s", o->name,
			 o->arg ? o->arg : "");
		printf("      %-24s%s%s\n", left, o->help,
		       o->max > 1 ? " (may be repeated)" : "");
	}
	puts("  -d, --device DEVICE         a kernel device or unix:PATH\n"
	     "  -o, --output json           print the result as JSON\n"
	     "  -h, --help                  this");
	if (command->more)
		printf("\n%s\n", command->more);
}

static bool store(const struct cli_option *o, const char *value)
{
	size_t i;

	for (i = 0; i < o->max; i++)
		if (!o->values[i]) {
			o->values[i] = value;
			return true;
		}
	return false;
}

bool cli_parse(struct cli *cli, const struct cli_option *options, int min,
	       int max, int *status)
{
	struct option all[MAX_OPTIONS + 4] = {
		{ "device", required_argument, NULL, 'd' },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
	};
	static char program[] = "caliptra";
	int opt, i;

	for (i = 0; i < MAX_OPTIONS && options[i].name; i++)
		all[3 + i] = (struct option){ options[i].name,
					      options[i].arg ?
						      required_argument :
						      no_argument,
					      NULL, OWN_OPTION + i };
	*status = CLI_USAGE;
	cli->argv[0] = program;
	optind = 0;
	while ((opt = getopt_long(cli->argc, cli->argv, "d:o:h", all, NULL)) !=
	       -1) {
		if (opt == 'd') {
			cli->device = optarg;
			cli->device_given = true;
		} else if (opt == 'o' && !strcmp(optarg, "json")) {
			cli->json = true;
		} else if (opt == 'o') {
			cli_error(0, "-o takes 'json', not '%s'", optarg);
			return false;
		} else if (opt == 'h') {
			print_help(cli->command, options);
			*status = cli_flush();
			return false;
		} else if (opt == '?') {
			cli_error(0, "see 'caliptra %s --help'",
				  cli->command->name);
			return false;
		} else if (!store(&options[opt - OWN_OPTION],
				  optarg ? optarg : "")) {
			cli_error(0, "--%s is given too often",
				  options[opt - OWN_OPTION].name);
			return false;
		}
	}
	cli->argc -= optind;
	cli->argv += optind;
	if (cli->argc < min || cli->argc > max) {
		cli_error(0, "%s: too %s arguments; see 'caliptra %s --help'",
			  cli->command->name, cli->argc < min ? "few" : "many",
			  cli->command->name);
		return false;
	}
	cli_choose_device(cli, CALIPTRA_DEVICE_MAILBOX_SOC);
	*status = CLI_OK;
	return true;
}

int cli_session_error(const CaliptraSession *session, CaliptraError error)
{
	const char *detail = caliptra_session_error(session);

	cli_error(0, "%s", *detail ? detail : caliptra_strerror(error));
	switch (error) {
	case CALIPTRA_ERROR_TRANSPORT:
	case CALIPTRA_ERROR_BUSY:
	case CALIPTRA_ERROR_STATE:
	case CALIPTRA_ERROR_PERMISSION:
		return CLI_UNREACHABLE;
	case CALIPTRA_ERROR_INVALID_ARGUMENT:
		return CLI_USAGE;
	default:
		return CLI_FAILED;
	}
}

/* The transport of the one session there is. */
static CaliptraTransport *transport;

int cli_connect(const struct cli *cli, CaliptraSession **session)
{
	CaliptraError error;
	int status;

	error = caliptra_transport_open(cli->device, &transport);
	if (error == CALIPTRA_ERROR_INVALID_ARGUMENT)
		return cli_error(
			CLI_USAGE,
			"there can be no device '%s'; a device is a path, or unix: and the path of a socket",
			cli->device);
	if (!error)
		error = caliptra_session_create_with_protocol(
			transport, CALIPTRA_PROTOCOL_MAILBOX, session);
	if (error)
		return cli_session_error(NULL, error);
	error = caliptra_session_connect(*session);
	if (!error)
		return 0;
	status = cli_session_error(*session, error);
	cli_disconnect(*session);
	*session = NULL;
	return status;
}

void cli_disconnect(CaliptraSession *session)
{
	if (!session)
		return;
	caliptra_session_destroy(session);
	caliptra_transport_destroy(transport);
	transport = NULL;
}

int cli_ask(const struct cli *cli,
	    int (*ask)(CaliptraSession *session, void *request,
		       json_object *result),
	    void *request)
{
	CaliptraSession *session;
	json_object *result;
	int status;

	status = cli_connect(cli, &session);
	if (status)
		return status;
	result = json_object_new_object();
	status = ask(session, request, result);
	cli_disconnect(session);
	if (!status)
		return cli_print(cli, result);
	json_object_put(result);
	return status;
}
