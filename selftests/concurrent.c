// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many callers at once: everybody gets the answer to what they asked, whether
 * they share an open file or not.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "mbox.h"

/* The machine may be an emulated one on a busy host, and the commands are many. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

#define CALLERS 8
#define ROUNDS	12

#define MANY	   64
#define MANY_TIMES 6

/* A TBS may be as long as this, but 1.x has no room for more than 1024 of its certificate. */
#define MAX_TBS	   916
#define MAX_TBS_1X 903

/* Quotes have the caller's nonce in them. */
static int ask_and_compare(int fd, uint32_t who)
{
	uint8_t rsp[QUOTE_RSP_LEN];
	uint8_t nonce[32];
	uint32_t i;
	int error;

	for (i = 0; i < ROUNDS; i++) {
		memset(nonce, 0, sizeof(nonce));
		put_le32(nonce, who);
		put_le32(nonce + 4, i);
		error = quote(fd, nonce, rsp);
		if (error)
			return error;
		if (!response_good(rsp, sizeof(rsp)) ||
		    memcmp(rsp + QUOTE_NONCE_OFFSET, nonce, sizeof(nonce)))
			return EBADMSG;
	}
	return 0;
}

struct caller {
	pthread_t thread;
	int fd;
	uint32_t who;
	int error;
};

static void *call(void *arg)
{
	struct caller *c = arg;

	c->error = ask_and_compare(c->fd, c->who);
	return NULL;
}

TEST(threads_share_an_open_file)
{
	struct caller callers[CALLERS];
	int fd = open(DEVICE, O_RDWR);
	uint32_t i;

	ASSERT_GE(fd, 0);
	for (i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){ .fd = fd, .who = i };
		ASSERT_EQ(pthread_create(&callers[i].thread, NULL, call,
					 &callers[i]),
			  0);
	}
	for (i = 0; i < CALLERS; i++) {
		pthread_join(callers[i].thread, NULL);
		EXPECT_EQ(callers[i].error, 0);
	}
	close(fd);
}

TEST(processes_have_their_own)
{
	pid_t pids[CALLERS];
	uint32_t i;
	int status;

	for (i = 0; i < CALLERS; i++) {
		pids[i] = fork();
		ASSERT_GE(pids[i], 0);
		if (!pids[i])
			_exit(ask_and_compare(open(DEVICE, O_RDWR), 100 + i));
	}
	for (i = 0; i < CALLERS; i++) {
		ASSERT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT_EQ(status, 0);
	}
}

/* A child can only exit with a number, which does not say enough. */
static int told(const struct caliptra_cmd *c, uint32_t who, int error)
{
	if (error)
		fprintf(stderr,
			"# %u: command %08x of %u bytes, %u back: %s, cause %u, firmware's error %08x\n",
			who, c->cmd, c->req_len, c->rsp_len, strerror(error),
			c->cause, c->fw_error);
	return error;
}

/* A certificate has the request in it, whose length and bytes are the caller's. */
static int certificate(int fd, const struct caliptra_info *info, uint32_t who,
		       uint32_t round)
{
	uint32_t max = is_1x(info) ? MAX_TBS_1X : MAX_TBS;
	uint32_t tbs = 17 + (who * 131 + round * 37) % (max - 16);
	uint8_t req[104 + MAX_TBS], rsp[MAX_TBS + 512];
	struct caliptra_cmd c = {
		.cmd = CMD_GET_IDEV_ECC384_CERT,
		.req = pointer(req),
		.req_len = 104 + tbs,
		.rsp = pointer(rsp),
		.rsp_room = sizeof(rsp),
	};
	int error;

	memset(req, 0x11, sizeof(req));
	put_le32(req + 4, tbs);
	memset(req + 104, who, tbs);
	put_le32(req + 104, who << 8 | round);
	seal(c.cmd, req, c.req_len);
	error = run(fd, &c);
	if (!error && !(response_good(rsp, c.rsp_len) &&
			get_le32(rsp + 8) + 12 == c.rsp_len &&
			memmem(rsp, c.rsp_len, req + 104, tbs)))
		error = EBADMSG;
	return told(&c, who, error);
}

/* A small answer to a request of any size, up to the longest. */
static int long_version(int fd, const struct caliptra_info *info, uint32_t who,
			uint32_t round)
{
	uint8_t *req = calloc(1, info->mbox_size);
	uint8_t rsp[VERSION_RSP_LEN];
	struct caliptra_cmd c;
	int error;

	if (!req)
		return ENOMEM;
	c = version_cmd(req, rsp);
	c.req_len = 4 + (who * 509 + round * 61) % 8192;
	if (who == MANY - 1 && round < 3)
		c.req_len = longest_request(info);
	memset(req + 4, who, c.req_len - 4);
	seal(CMD_VERSION, req, c.req_len);
	error = run(fd, &c);
	free(req);
	if (!error &&
	    !(c.rsp_len == sizeof(rsp) && response_good(rsp, sizeof(rsp))))
		error = EBADMSG;
	return told(&c, who, error);
}

static int one_quote(int fd, uint32_t who, uint32_t round)
{
	uint8_t rsp[QUOTE_RSP_LEN], req[36] = { 0 };
	struct caliptra_cmd c = {
		.cmd = CMD_QUOTE_PCRS_ECC384,
		.req = pointer(req),
		.req_len = sizeof(req),
		.rsp = pointer(rsp),
		.rsp_room = sizeof(rsp),
	};
	int error;

	put_le32(req + 4, who);
	put_le32(req + 8, round);
	seal(c.cmd, req, sizeof(req));
	error = run(fd, &c);
	if (!error && !(response_good(rsp, sizeof(rsp)) &&
			!memcmp(rsp + QUOTE_NONCE_OFFSET, req + 4, 32)))
		error = EBADMSG;
	return told(&c, who, error);
}

static int ask_for_different_things(uint32_t who)
{
	int fd = open(DEVICE, O_RDWR);
	struct caliptra_info info;
	uint32_t i;
	int error = 0;

	if (ioctl(fd, CALIPTRA_IOC_INFO, &info))
		return errno;

	for (i = 0; i < MANY_TIMES && !error; i++) {
		switch ((who + i) % 3) {
		case 0:
			error = certificate(fd, &info, who, i);
			break;
		case 1:
			error = long_version(fd, &info, who, i);
			break;
		default:
			error = one_quote(fd, who, i);
		}
	}
	return error;
}

TEST(many_processes_get_what_each_has_asked)
{
	pid_t pids[MANY];
	uint32_t i;
	int status;

	for (i = 0; i < MANY; i++) {
		pids[i] = fork();
		ASSERT_GE(pids[i], 0);
		if (!pids[i])
			_exit(ask_for_different_things(i));
	}
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT_EQ(status, 0);
	}
}

/* Those who come first are served first. */
TEST(nobody_starves)
{
	int64_t start = now_ms();
	pid_t pids[CALLERS];
	uint32_t i;
	int status;
	int fd;

	for (i = 0; i < CALLERS; i++) {
		pids[i] = fork();
		ASSERT_GE(pids[i], 0);
		if (!pids[i]) {
			fd = open(DEVICE, O_RDWR);
			while (!try_version(fd) && now_ms() - start < 1500)
				;
			_exit(now_ms() - start < 1500);
		}
	}
	fd = open(DEVICE, O_RDWR);
	ASSERT_GE(fd, 0);
	for (i = 0; i < 10; i++) {
		int64_t asked = now_ms();

		EXPECT_EQ(try_version(fd), 0);
		EXPECT_LT(now_ms() - asked, 1000);
	}
	for (i = 0; i < CALLERS; i++) {
		ASSERT_EQ(waitpid(pids[i], &status, 0), pids[i]);
		EXPECT_EQ(status, 0);
	}
	close(fd);
}

TEST_HARNESS_MAIN
