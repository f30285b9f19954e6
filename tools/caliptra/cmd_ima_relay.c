// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ima-relay: follow IMA's measurement list, and extend a PCR by each entry.
 *
 * No entry may be extended twice, or left out, wherever the program is killed. Nobody
 * can be asked whether an extension has happened; but the PCR can be read, and is the
 * replay of the entries that it has. So there is nothing to be remembered: whoever
 * begins reads the PCR, and replays the list until it is what the PCR is. A command that
 * was under way when its sender was killed is over by then, as the driver lets it end
 * before the next one.
 *
 * The list can not be waited for, but a file that was read to its end goes on where it
 * ended. As long as it is open, nobody can take entries off a list that could be
 * shortened (kernels with CONFIG_IMA_STAGING).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <caliptra/ima.h>

#include "cli.h"

#define LIST "/sys/kernel/security/ima/binary_runtime_measurements"

/* Of what is read and no whole entry yet; the longest entry is longer. */
#define USUAL_ROOM 65536

/* How long to wait at the end of the list: longer each time that nothing has come. */
#define MIN_WAIT_MS 50
#define MAX_WAIT_MS 1000

/**
 * struct relay - a relay at work
 * @session: with the device
 * @path: of the list
 * @list: the list
 * @pcr: which PCR
 * @once: the end of the list is the end
 * @ours: signals that end it
 * @format: of the list
 * @bytes: what was read
 * @room: for how many bytes
 * @at: where the next entry is in them
 * @have: how many there are
 * @offset: where in the list the next entry is
 * @tpm_pcr: the PCR that the first entry is for
 * @begun: what the PCR was
 * @value: the replay of the entries up to the next one
 * @found: it has been what the PCR was: entries are new
 * @is_checked: the PCR has been read since there was nothing new
 * @entries: how many have been read
 * @others: how many of them are for other PCRs of a TPM
 * @extended: how many of them were new, and are in the PCR now
 */
struct relay {
	CaliptraSession *session;
	const char *path;
	int list;
	uint32_t pcr;
	bool once;
	sigset_t ours;
	struct caliptra_ima_format format;
	uint8_t *bytes;
	size_t room;
	size_t at;
	size_t have;
	uint64_t offset;
	uint32_t tpm_pcr;
	uint8_t begun[CALIPTRA_SHA384_SIZE];
	uint8_t value[CALIPTRA_SHA384_SIZE];
	bool found;
	bool is_checked;
	uint32_t entries;
	uint32_t others;
	uint32_t extended;
};

static int no_memory(void)
{
	return cli_error(CLI_FAILED, "there is no memory");
}

/* The lock goes with the process, and is on the one list that there is. */
static int open_list(struct relay *r)
{
	r->list = open(r->path, O_RDONLY | O_CLOEXEC);
	if (r->list < 0)
		return cli_error(
			CLI_USAGE, "can not open %s: %s%s", r->path,
			strerror(errno),
			errno == ENOENT ?
				"; is securityfs mounted, and has the kernel IMA?" :
				"");
	if (!flock(r->list, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK)
		return cli_error(CLI_UNREACHABLE, "another relay follows %s",
				 r->path);
	return cli_error(CLI_USAGE, "can not lock %s: %s", r->path,
			 strerror(errno));
}

/* True where one of them has come within so many milliseconds. */
static bool ended(const struct relay *r, long ms)
{
	const struct timespec time = { ms / 1000, ms % 1000 * 1000000 };

	return sigtimedwait(&r->ours, NULL, &time) > 0;
}

static int extend_pcr(struct relay *r,
		      const uint8_t digest[CALIPTRA_SHA384_SIZE])
{
	struct caliptra_extend_pcr_req req = { .pcr_idx = r->pcr };
	CaliptraError error;

	memcpy(req.data, digest, sizeof(req.data));
	error = caliptra_cmd_extend_pcr(r->session, &req, NULL);
	if (error)
		return cli_session_error(r->session, error);
	r->extended++;
	return 0;
}

/*
 * The PCR is what was made of it, unless the Caliptra was reset, or somebody else has
 * extended it.
 */
static int check_pcr(struct relay *r)
{
	static const uint8_t zeros[CALIPTRA_SHA384_SIZE];
	uint8_t value[CALIPTRA_SHA384_SIZE];
	int status = cli_read_pcr(r->session, r->pcr, value);

	if (status ||
	    !memcmp(value, r->found ? r->value : r->begun, sizeof(value)))
		return status;
	if (!memcmp(value, zeros, sizeof(value)))
		return cli_error(
			CLI_FAILED,
			"PCR %u is zero: the Caliptra has been reset, and the list has to be relayed from its beginning, as the next relay does",
			r->pcr);
	return cli_error(
		CLI_NOT_TRUSTED,
		"PCR %u is not the replay of the entries that it was extended by: somebody else has extended it, too, or the Caliptra was reset meanwhile. It stays as it is; a cold reset of the Caliptra makes it zero",
		r->pcr);
}

static int take_entry(struct relay *r, const struct caliptra_ima_entry *entry)
{
	uint8_t digest[CALIPTRA_SHA384_SIZE];
	int status = 0;

	if (!r->entries++)
		r->tpm_pcr = entry->pcr;
	if (entry->pcr != r->tpm_pcr) {
		r->others++;
		return 0;
	}
	if (caliptra_ima_digest(entry, digest))
		return no_memory();
	if (r->found && !r->is_checked)
		status = check_pcr(r);
	r->is_checked = true;
	if (!status && r->found)
		status = extend_pcr(r, digest);
	if (!status && caliptra_ima_extend(r->value, digest))
		status = no_memory();
	if (!status && !r->found)
		r->found = !memcmp(r->value, r->begun, sizeof(r->value));
	return status;
}

/* The whole entries of what was read. */
static int take_entries(struct relay *r, bool *end)
{
	struct caliptra_ima_entry entry;
	const char *wrong = "";
	CaliptraError error;
	int status = 0;

	while (!status && !(*end = ended(r, 0))) {
		error = caliptra_ima_decode(&r->format, r->bytes + r->at,
					    r->have - r->at, &entry, &wrong);
		if (error)
			return cli_error(
				CLI_USAGE,
				"%s: entry %u, at byte %llu, is not one: %s",
				r->path, r->entries + 1,
				(unsigned long long)r->offset, wrong);
		if (!entry.size)
			break;
		status = take_entry(r, &entry);
		r->at += entry.size;
		r->offset += entry.size;
	}
	return status;
}

/* Where one entry fills it, there has to be more. */
static int make_room(struct relay *r)
{
	uint8_t *bytes;

	memmove(r->bytes, r->bytes + r->at, r->have - r->at);
	r->have -= r->at;
	r->at = 0;
	if (r->have < r->room)
		return 0;
	bytes = realloc(r->bytes, r->room ? 2 * r->room : USUAL_ROOM);
	if (!bytes)
		return no_memory();
	r->bytes = bytes;
	r->room = r->room ? 2 * r->room : USUAL_ROOM;
	return 0;
}

/* What has come since the last time, up to the end of the list or of the relay. */
static int take_all(struct relay *r, bool *end, bool *is_new)
{
	ssize_t n;
	int status;

	*is_new = false;
	do {
		status = make_room(r);
		if (status)
			return status;
		n = read(r->list, r->bytes + r->have, r->room - r->have);
		if (n < 0)
			return cli_error(CLI_USAGE, "can not read %s: %s",
					 r->path, strerror(errno));
		r->have += (size_t)n;
		*is_new |= n > 0;
		status = take_entries(r, end);
	} while (!status && !*end && n);
	return status;
}

static int not_found(const struct relay *r)
{
	return cli_error(
		CLI_NOT_TRUSTED,
		"PCR %u is not the replay of any beginning of the %u entries of %s: somebody else has extended it, or it is of another boot. It stays as it is; a cold reset of the Caliptra makes it zero",
		r->pcr, r->entries, r->path);
}

static int follow(struct relay *r)
{
	long wait = MIN_WAIT_MS;
	bool end = false, is_new;
	int status;

	do {
		status = take_all(r, &end, &is_new);
		if (!status && end && r->once)
			status = cli_error(
				CLI_FAILED,
				"%s has not been relayed to its end: a signal came",
				r->path);
		if (status || end)
			return status;
		if (!r->found)
			return not_found(r);
		r->is_checked = false;
		if (is_new)
			wait = MIN_WAIT_MS;
		else if (wait < MAX_WAIT_MS)
			wait = 2 * wait < MAX_WAIT_MS ? 2 * wait : MAX_WAIT_MS;
	} while (!r->once && !ended(r, wait));
	return 0;
}

static int relay(struct relay *r)
{
	static const uint8_t zeros[CALIPTRA_SHA384_SIZE];
	int status = cli_read_pcr(r->session, r->pcr, r->begun);

	if (status)
		return status;
	r->found = !memcmp(r->begun, zeros, sizeof(zeros));
	r->is_checked = true;
	status = follow(r);
	if (!status && r->once && r->at < r->have)
		status = cli_error(CLI_USAGE,
				   "%s ends in the middle of entry %u", r->path,
				   r->entries + 1);
	return status ? status : check_pcr(r);
}

static int print(const struct cli *cli, const struct relay *r)
{
	json_object *result = json_object_new_object();

	cli_add_number(result, "pcr", r->pcr);
	cli_add_bytes(result, "value", r->found ? r->value : r->begun,
		      CALIPTRA_SHA384_SIZE);
	cli_add_number(result, "entries", r->entries - r->others);
	cli_add_number(result, "extended", r->extended);
	cli_add_number(result, "other_pcrs", r->others);
	return cli_print(cli, result);
}

int cmd_ima_relay(struct cli *cli)
{
	const char *pcr = NULL, *once = NULL, *path = NULL;
	const struct cli_option options[] = {
		{ "pcr", "PCR", "which PCR (default: 10)", &pcr, 1 },
		{ "ima-log", "FILE", "the list (default: the kernel's)", &path,
		  1 },
		{ "once", NULL, "end at the end of the list", &once, 1 },
		{ 0 },
	};
	struct relay r = { .list = -1, .pcr = CLI_IMA_PCR };
	int status;

	if (!cli_parse(cli, options, 0, 0, &status))
		return status;
	if (pcr && !cli_parse_pcr(pcr, &r.pcr))
		return cli_error(CLI_USAGE,
				 "--pcr takes a number from 0 to %d, not '%s'",
				 CALIPTRA_PCR_COUNT - 1, pcr);
	r.path = path ? path : LIST;
	r.once = once;
	sigemptyset(&r.ours);
	sigaddset(&r.ours, SIGINT);
	sigaddset(&r.ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &r.ours, NULL);
	status = open_list(&r);
	if (!status)
		status = cli_connect(cli, &r.session);
	if (!status)
		status = relay(&r);
	cli_disconnect(r.session);
	if (!status)
		status = print(cli, &r);
	free(r.bytes);
	if (r.list >= 0)
		close(r.list);
	return status;
}
