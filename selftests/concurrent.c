// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many callers at once: everybody gets the answer to what they asked, whether
 * they share an open file or not.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "mbox.h"

#define CALLERS 8
#define ROUNDS	25

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
