// SPDX-License-Identifier: GPL-2.0-or-later
/* caliptra - talk to a Caliptra from the command line */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

static const struct cli_command commands[] = {
	{ "list", "", "the devices there are", cmd_list },
	{ "info", "", "the device, its state and its firmware", cmd_info },
	{ "version", "", "versions of hardware and firmware", cmd_version },
	{ "capabilities", "", "what the firmware can do", cmd_capabilities },
	{ "certs", "", "certificates of the device", cmd_certs },
	{ "pcr read", "[PCR]...", "values and reset counters of PCRs",
	  cmd_pcr_read },
	{ "pcr extend", "PCR [SHA384]", "extend a PCR", cmd_pcr_extend },
	{ "pcr quote", "", "PCRs signed by the device", cmd_pcr_quote },
	{ "pcr reset", "PCR", "count a reset of a PCR, whose value stays",
	  cmd_pcr_reset },
	{ "quote verify", "QUOTE", "decide whether to believe a quote",
	  cmd_quote_verify },
	{ "ima-relay", "", "extend a PCR by what the kernel's IMA measures",
	  cmd_ima_relay,
	  "Each entry of IMA's list, from the first on, is extended once, in the list's order,\n"
	  "by the SHA-384 that IMA would extend a TPM by. Where to go on after a restart or a\n"
	  "kill the PCR itself tells: it is the replay of the entries that it has. A PCR that\n"
	  "is not is left alone: it is of another boot, or somebody else has extended it.\n"
	  "\n"
	  "What it covers: all that IMA has measured into the same PCR of a TPM as its first\n"
	  "entry, since the kernel was started; a quote then tells whether a list is the one\n"
	  "that was relayed. What it does not cover: an entry that is not in the PCR yet is\n"
	  "only as true as the kernel, so what runs before the relay, or while it is stopped,\n"
	  "is trusted to leave the list as it is. Files are used without waiting for the PCR.\n"
	  "What IMA's policy does not measure is in no list.\n"
	  "\n"
	  "It is for kernels whose IMA has begun without the driver. One that extends the Caliptra\n"
	  "itself, as a TPM, needs no relay, and must have none." },
	{ "measure", "FILE", "stash the SHA-384 of a file in the device",
	  cmd_measure },
	{ "monitor", "",
	  "what happens to the kernel's devices, as it happens; needs CAP_NET_ADMIN",
	  cmd_monitor },
	{ "statistics", "",
	  "what the kernel's devices have done; needs CAP_NET_ADMIN",
	  cmd_statistics },
	{ "cmd", "NAME [FIELD=VALUE]...", "send any command by its name",
	  cmd_cmd },
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(void)
{
	size_t i;

	puts("Usage: caliptra [-d DEVICE] [-o json] COMMAND [ARGUMENT]...\n"
	     "\n"
	     "Talk to a Caliptra. Commands:\n");
	for (i = 0; i < COMMANDS; i++)
		printf("  %-14s%-22s%s\n", commands[i].name, commands[i].args,
		       commands[i].help);
	puts("\n"
	     "  -d, --device DEVICE  a kernel device, or unix:PATH, the socket of a software\n"
	     "                       Caliptra (default: the kernel's first with the mailbox\n"
	     "                       that takes the command)\n"
	     "  -o, --output json    print the result as JSON\n"
	     "      --version        version of this program\n"
	     "  -h, --help           this; 'caliptra COMMAND --help' tells more\n"
	     "\n"
	     "Exit status: 0 done; 1 the device failed the command; 2 an argument or a\n"
	     "file can not be used; 3 a verification says no; 4 the device is absent,\n"
	     "busy or not ready, or does not let the caller do that.");
}

/* Words of @name that the command line begins with, 0 if not all of them. */
static int match(const char *name, int argc, char **argv)
{
	int words = 0;

	for (;; words++) {
		size_t len = strcspn(name, " ");

		if (words == argc || strlen(argv[words]) != len ||
		    strncmp(argv[words], name, len))
			return 0;
		if (!name[len])
			return words + 1;
		name += len + 1;
	}
}

static int run(struct cli *cli, int argc, char **argv)
{
	size_t i;
	int words;

	for (i = 0; i < COMMANDS; i++) {
		words = match(commands[i].name, argc, argv);
		if (!words)
			continue;
		cli->command = &commands[i];
		cli->argc = argc - words + 1;
		cli->argv = argv + words - 1;
		return commands[i].run(cli);
	}
	return cli_error(
		CLI_USAGE,
		argc ? "there is no command '%s%s%s'; see 'caliptra --help'" :
		       "which command? see 'caliptra --help'%.0s%.0s%.0s",
		argc ? argv[0] : "", argc > 1 ? " " : "",
		argc > 1 ? argv[1] : "");
}

/*
 * A standard stream that is closed would be the number of the device, and get
 * what is printed. What stands there instead can not be written to.
 */
static bool keep_standard_streams(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return false;
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "output", required_argument, NULL, 'o' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct cli cli = { 0 };
	int opt;

	if (!keep_standard_streams())
		return CLI_FAILED;
	while ((opt = getopt_long(argc, argv, "+d:o:h", options, NULL)) != -1) {
		switch (opt) {
		case 'd':
			cli.device = optarg;
			cli.device_given = true;
			break;
		case 'o':
			if (strcmp(optarg, "json"))
				return cli_error(CLI_USAGE,
						 "-o takes 'json', not '%s'",
						 optarg);
			cli.json = true;
			break;
		case 'V':
			puts("caliptra " CALIPTRA_LINUX_VERSION);
			return cli_flush();
		case 'h':
			print_help();
			return cli_flush();
		default:
			return cli_error(CLI_USAGE, "see 'caliptra --help'");
		}
	}
	return run(&cli, argc - optind, argv + optind);
}
