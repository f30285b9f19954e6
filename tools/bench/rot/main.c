// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rot one|many SOCKET TPM-SOCKET measures the software Caliptra as a root of trust:
 * commands over its command socket, which is SOCKET, and what they are to be compared
 * with: an echo of as many bytes, OpenSSL's signatures alone, and swtpm at TPM-SOCKET.
 *
 * All that is compared takes turns, in blocks of some milliseconds. What is printed
 * are medians over the blocks, times in nanoseconds, ratios in thousandths; a ratio is
 * the median of those of single blocks, with the quartiles behind it:
 *
 *	@one NAME REQUEST ANSWER ns ECHO-ns SIGNATURE-ns TPM-ns RATIO LOWER UPPER
 *	@noise LOWER UPPER
 *	@many NAME ns TPM-ns RATIO LOWER UPPER
 *
 * @one is of one command at a time, its ratio to what echo and signature take
 * together; SIGNATURE-ns is 0 where there is none, and TPM-ns where a TPM has nothing
 * like it. @many is of 32 commands in flight, as many as peer.h allows, its ratio to
 * a TPM, which takes one at a time. @noise are the quartiles of the echo's times,
 * which should all be the same, in thousandths of the median.
 */
#include "rot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCKS	 41
#define BLOCK_NS 20000000u

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/**
 * struct lane - one of those who take turns
 * @line: where messages go, or NULL: it signs
 * @depth: how many of them without an answer
 * @count: how many fill a block
 * @ns: what each took, of every block
 */
struct lane {
	const struct line *line;
	unsigned int depth;
	unsigned int count;
	uint64_t ns[BLOCKS];
};

struct quartiles {
	uint64_t lower;
	uint64_t median;
	uint64_t upper;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static struct quartiles quartiles(const uint64_t values[BLOCKS])
{
	uint64_t sorted[BLOCKS];

	memcpy(sorted, values, sizeof(sorted));
	qsort(sorted, BLOCKS, sizeof(*sorted), compare);
	return (struct quartiles){ sorted[BLOCKS / 4], sorted[BLOCKS / 2],
				   sorted[BLOCKS - 1 - BLOCKS / 4] };
}

static uint64_t median(const struct lane *lane)
{
	return quartiles(lane->ns).median;
}

/* Nanoseconds for each of @count. */
static uint64_t time_lane(const struct lane *lane, unsigned int count)
{
	uint64_t start = now_ns();

	if (lane->line)
		line_run(lane->line, count, lane->depth);
	else
		sign_run(count);
	return (now_ns() - start) / count;
}

/* How many fill a block, once it is warm. */
static void calibrate(struct lane *lane)
{
	uint64_t ns;

	time_lane(lane, 2 * MAX_IN_FLIGHT);
	ns = time_lane(lane, 2 * MAX_IN_FLIGHT);
	lane->count = (unsigned int)(BLOCK_NS / (ns + 1)) + 1;
	if (lane->count < 2 * lane->depth)
		lane->count = 2 * lane->depth;
}

static void take_turns(struct lane *lanes, size_t count)
{
	unsigned int block;
	size_t i;

	for (i = 0; i < count; i++)
		calibrate(&lanes[i]);
	for (block = 0; block < BLOCKS; block++)
		for (i = 0; i < count; i++)
			lanes[i].ns[block] =
				time_lane(&lanes[i], lanes[i].count);
}

/* Of each block: how many times as long as @lane the others took together. */
static struct quartiles ratio(const struct lane *lane, const struct lane *first,
			      const struct lane *second)
{
	uint64_t values[BLOCKS];
	unsigned int i;

	for (i = 0; i < BLOCKS; i++)
		values[i] = 1000 *
			    (first->ns[i] + (second ? second->ns[i] : 0)) /
			    lane->ns[i];
	return quartiles(values);
}

static void print_ratio(struct quartiles q)
{
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", q.median, q.lower,
	       q.upper);
}

/**
 * struct row - what is measured of a command
 * @name: its name
 * @line: the command
 * @signs: its answer has a signature
 * @like: a TPM's command that is like it, or NULL
 */
struct row {
	const char *name;
	struct line line;
	bool signs;
	const struct line *like;
};

static void measure_one(const struct row *row, struct quartiles *noise)
{
	uint8_t answer[MAX_ANSWER];
	size_t answer_len = line_ask(&row->line, answer);
	struct line echo = echo_line(row->line.len, answer_len);
	struct lane lanes[4] = {
		{ .line = &row->line, .depth = 1 },
		{ .line = &echo, .depth = 1 },
	};
	const struct lane *sign = NULL, *like = NULL;
	size_t count = 2;

	if (row->signs)
		sign = &lanes[count++];
	if (row->like) {
		like = &lanes[count];
		lanes[count++] = (struct lane){ .line = row->like, .depth = 1 };
	}
	take_turns(lanes, count);
	printf("@one %s %zu %zu %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	       " ",
	       row->name, row->line.len, answer_len, median(&lanes[0]),
	       median(&lanes[1]), sign ? median(sign) : 0,
	       like ? median(like) : 0);
	print_ratio(ratio(&lanes[0], &lanes[1], sign));
	*noise = quartiles(lanes[1].ns);
	echo_end(&echo);
}

static void measure_many(const struct row *row)
{
	struct lane lanes[] = {
		{ .line = &row->line, .depth = MAX_IN_FLIGHT },
		{ .line = row->like, .depth = 1 },
	};

	take_turns(lanes, COUNT(lanes));
	printf("@many %s %" PRIu64 " %" PRIu64 " ", row->name,
	       median(&lanes[0]), median(&lanes[1]));
	print_ratio(ratio(&lanes[0], &lanes[1], NULL));
}

static void measure_each(const struct row *rows, size_t count)
{
	struct quartiles noise, unused;
	size_t i;

	for (i = 0; i < count; i++)
		measure_one(&rows[i], i ? &unused : &noise);
	printf("@noise %" PRIu64 " %" PRIu64 "\n",
	       1000 * noise.lower / noise.median,
	       1000 * noise.upper / noise.median);
}

static void measure_those_in_flight(const struct row *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (rows[i].like)
			measure_many(&rows[i]);
}

int main(int argc, char **argv)
{
	struct line extend, quote;
	uint32_t user;
	int tpm;
	int fd;

	if (argc != 4 || (strcmp(argv[1], "one") && strcmp(argv[1], "many")))
		die("usage: rot one|many SOCKET TPM-SOCKET");
	fd = line_connect(argv[2]);
	user = caliptra_hello(fd);
	tpm = line_connect(argv[3]);
	extend = tpm_extend(tpm);
	quote = tpm_quote(tpm, tpm_create_key(tpm));
	sign_prepare();

	const struct row rows[] = {
		{ "EXTEND_PCR", caliptra_extend_pcr(fd, user), false, &extend },
		{ "QUOTE_PCRS_ECC384", caliptra_quote(fd, user), true, &quote },
		{ "DPE_SIGN", caliptra_sign(fd, user), true },
		{ "DPE_CERTIFY_KEY", caliptra_certify_key(fd, user), true },
	};

	if (!strcmp(argv[1], "one"))
		measure_each(rows, COUNT(rows));
	else
		measure_those_in_flight(rows, COUNT(rows));
	return 0;
}
