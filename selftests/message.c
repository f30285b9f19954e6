// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages that the device sends by itself: who gets them, what is kept, and what the
 * firmware is told. Each test runs with each mailbox that there is. Needs root with
 * nobody else using the device.
 */
#include <pthread.h>

#include "files.h"
#include "kselftest_harness.h"
#include "stream.h"

#define MESSAGE_CMD 0x4d534721u
#define KEPT	    16

#define CMD_MC_FIRMWARE_VERSION 0x4d465756u

FIXTURE(message)
{
	int fd;
	char name[32];
	uint32_t mbox_size;
	struct caliptra_msg head;
	uint8_t *data;
};

/*
 * @device: its platform device
 * @mbox: in requests to the software Caliptra; "" is the core's, whose messages have
 *	any size
 */
FIXTURE_VARIANT(message)
{
	const char *device;
	const char *mbox;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(message, core)
{
	.device = "10000000.caliptra",
	.mbox = "",
};

FIXTURE_VARIANT_ADD(message, mci0)
{
	.device = "8000400000.mailbox",
	.mbox = "mci0",
};

FIXTURE_VARIANT_ADD(message, mci1)
{
	.device = "8000800000.mailbox",
	.mbox = "mci1",
};
/* clang-format on */

static int open_mbox(const FIXTURE_VARIANT(message) * variant, int flags)
{
	char name[32], node[64];

	mailbox_of(variant->device, name, sizeof(name));
	snprintf(node, sizeof(node), "/dev/%s", name);
	return open(node, flags | O_CLOEXEC);
}

static int listen_on(const FIXTURE_VARIANT(message) * variant, int flags)
{
	int fd = open_mbox(variant, flags);

	return fd >= 0 && ioctl(fd, CALIPTRA_IOC_LISTEN) ? -1 : fd;
}

FIXTURE_SETUP(message)
{
	struct caliptra_info info;

	if (!getenv("CALIPTRA_CTL"))
		SKIP(return,
			   "CALIPTRA_CTL names no line to a software Caliptra");
	self->fd = open_mbox(variant, O_RDWR);
	ASSERT_GE(self->fd, 0);
	mailbox_of(variant->device, self->name, sizeof(self->name));
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_INFO, &info), 0);
	ASSERT_EQ(info.kind,
		  *variant->mbox ? CALIPTRA_MBOX_MCI : CALIPTRA_MBOX_SOC);
	self->mbox_size = info.mbox_size;
	self->data = malloc(self->mbox_size);
}

/* A command that each kind of mailbox has: 0 or errno. */
static int try_command(int fd, const FIXTURE_VARIANT(message) * variant)
{
	uint8_t req[8] = { 0 }, rsp[64];
	struct caliptra_cmd c = {
		.cmd = CMD_MC_FIRMWARE_VERSION,
		.req = pointer(req),
		.req_len = sizeof(req),
		.rsp = pointer(rsp),
		.rsp_room = sizeof(rsp),
	};
	int error;

	if (!*variant->mbox)
		return try_version(fd);
	seal(c.cmd, req, sizeof(req));
	error = run(fd, &c);
	return !error && !response_good(rsp, c.rsp_len) ? EBADMSG : error;
}

FIXTURE_TEARDOWN(message)
{
	EXPECT_EQ(try_command(self->fd, variant), 0);
	free(self->data);
	close(self->fd);
}

static bool ask(const FIXTURE_VARIANT(message) * variant, const char *what,
		const char *size, char *answer, size_t len)
{
	int64_t give_up = now_ms() + 10000;
	char request[64];

	snprintf(request, sizeof(request), "%s %s", what,
		 *variant->mbox ? variant->mbox : size);
	/* the last message may not have ended yet */
	while (ctl_try(request, answer, len)) {
		if (now_ms() > give_up) {
			printf("# ctl %s: %s\n", request, answer);
			return false;
		}
		usleep(20000);
	}
	return true;
}

static bool message(const FIXTURE_VARIANT(message) * variant, uint32_t len)
{
	char answer[64], size[16];

	snprintf(size, sizeof(size), "%u", len);
	return ask(variant, "message", size, answer, sizeof(answer));
}

/* What the firmware was told of the last one. */
static bool answered(const FIXTURE_VARIANT(message) * variant,
		     const char *expected)
{
	char answer[64];

	if (!ask(variant, "answer", "", answer, sizeof(answer)))
		return false;
	if (!strcmp(answer + 1, expected))
		return true;
	printf("# it was told%s\n", answer);
	return false;
}

static bool send_taken(const FIXTURE_VARIANT(message) * variant, uint32_t len)
{
	return message(variant, len) && answered(variant, "CMD_COMPLETE");
}

static bool data_right(const uint8_t *data, uint32_t len)
{
	uint8_t word[4];
	uint32_t i;

	for (i = 0; i < len; i++) {
		put_le32(word, MESSAGE_CMD + (i & ~3u));
		if (data[i] != word[i % 4])
			return false;
	}
	return true;
}

static bool head_right(const struct caliptra_msg *head)
{
	static const struct caliptra_msg zero;

	return head->type == CALIPTRA_MSG_MESSAGE && head->cmd == MESSAGE_CMD &&
	       !head->error && !head->fw_error && !head->cause &&
	       !memcmp(head->reserved, zero.reserved, sizeof(zero.reserved));
}

static int take_message(int fd, FIXTURE_DATA(message) * self)
{
	int error = readable(fd) ? 0 : ETIME;

	if (!error)
		error = take(fd, &self->head, self->data, self->mbox_size);
	if (!error && (!head_right(&self->head) ||
		       !data_right(self->data, self->head.len)))
		error = EBADMSG;
	return error;
}

static uint64_t statistic(const FIXTURE_VARIANT(message) * variant,
			  const char *name)
{
	char attr[64], text[32], device[32];

	mailbox_of(variant->device, device, sizeof(device));
	snprintf(attr, sizeof(attr), "statistics/%s", name);
	if (read_attr(device, attr, text, sizeof(text)) < 0)
		return 0;
	return strtoull(text, NULL, 10);
}

TEST_F(message, of_any_size_it_is_read_as_it_was_sent)
{
	const uint32_t sizes[] = { 4, 0, 1, 3, 5, 1000, self->mbox_size };
	size_t count = *variant->mbox ? 1 : sizeof(sizes) / sizeof(sizes[0]);
	uint32_t seq = 0;
	size_t i;

	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	/* once more changes nothing */
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
	for (i = 0; i < count; i++) {
		ASSERT_TRUE(message(variant, sizes[i]));
		ASSERT_TRUE(readable(self->fd));
		EXPECT_EQ(poll_for(self->fd, 0), POLLIN | POLLOUT);
		EXPECT_EQ(available(self->fd), HEAD + sizes[i]);
		ASSERT_EQ(take_message(self->fd, self), 0);
		EXPECT_EQ(self->head.flags, 0);
		EXPECT_EQ(self->head.len, sizes[i]);
		if (i)
			EXPECT_EQ(self->head.seq, seq + 1);
		seq = self->head.seq;
		EXPECT_TRUE(answered(variant, "CMD_COMPLETE"));
		EXPECT_EQ(available(self->fd), 0);
	}
}

TEST_F(message, everybody_who_listens_gets_it)
{
	int one = listen_on(variant, O_RDWR),
	    two = listen_on(variant, O_RDONLY);
	uint64_t before = statistic(variant, "messages");
	uint32_t seq;

	ASSERT_GE(one, 0);
	ASSERT_GE(two, 0);
	ASSERT_TRUE(send_taken(variant, 4));
	EXPECT_EQ(take_message(one, self), 0);
	seq = self->head.seq;
	EXPECT_EQ(take_message(two, self), 0);
	EXPECT_EQ(self->head.seq, seq);
	EXPECT_EQ(available(self->fd), 0);
	EXPECT_EQ(take(self->fd, &self->head, self->data, 4), ENODATA);
	EXPECT_EQ(statistic(variant, "messages"), before + 1);
	/* one of them is enough to take it */
	close(one);
	ASSERT_TRUE(send_taken(variant, 4));
	EXPECT_EQ(take_message(two, self), 0);
	EXPECT_EQ(self->head.seq, seq + 1);
	close(two);
}

static void *read_one(void *arg)
{
	FIXTURE_DATA(message) *self = arg;

	if (take(self->fd, &self->head, self->data, self->mbox_size))
		self->head.seq = 0;
	return NULL;
}

TEST_F(message, a_reader_waits_for_it)
{
	struct timespec until;
	pthread_t thread;

	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	fcntl(self->fd, F_SETFL, O_RDWR | O_NONBLOCK);
	EXPECT_EQ(take(self->fd, &self->head, self->data, 4), EAGAIN);
	fcntl(self->fd, F_SETFL, O_RDWR);
	ASSERT_EQ(pthread_create(&thread, NULL, read_one, self), 0);
	usleep(100000);
	ASSERT_TRUE(send_taken(variant, 4));
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	ASSERT_EQ(pthread_timedjoin_np(thread, NULL, &until), 0);
	EXPECT_TRUE(head_right(&self->head));
	EXPECT_GT(self->head.seq, 0);
	EXPECT_TRUE(data_right(self->data, 4));
}

TEST_F(message, it_may_be_read_in_parts)
{
	uint8_t bytes[2 * (HEAD + 4)];
	size_t first, i;

	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	for (first = 0; first < HEAD + 4; first += HEAD / 2) {
		ASSERT_TRUE(send_taken(variant, 4));
		ASSERT_TRUE(readable(self->fd));
		for (i = 0; !first && i < HEAD + 4; i++)
			ASSERT_EQ(read(self->fd, bytes + i, 1), 1);
		if (first) {
			ASSERT_EQ(read(self->fd, bytes, first), first);
			EXPECT_EQ(available(self->fd), HEAD + 4 - first);
			EXPECT_EQ(read(self->fd, bytes + first, HEAD + 4),
				  HEAD + 4 - first);
		}
		memcpy(&self->head, bytes, HEAD);
		EXPECT_TRUE(head_right(&self->head));
		EXPECT_TRUE(data_right(bytes + HEAD, 4));
	}
}

/* Whoever does not read loses the oldest, and is told. */
TEST_F(message, too_many_drop_the_oldest)
{
	uint64_t before = statistic(variant, "messages_dropped");
	uint32_t first, i;

	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	/* this one is being read before anything is lost */
	ASSERT_TRUE(send_taken(variant, 4));
	ASSERT_TRUE(readable(self->fd));
	EXPECT_EQ(available(self->fd), HEAD + 4);
	for (i = 0; i < KEPT + 2; i++)
		ASSERT_TRUE(send_taken(variant, 4));
	EXPECT_EQ(statistic(variant, "messages_dropped"), before + 2);

	ASSERT_EQ(take_message(self->fd, self), 0);
	EXPECT_EQ(self->head.flags, 0);
	first = self->head.seq + 3;
	for (i = 0; i < KEPT; i++) {
		ASSERT_EQ(take_message(self->fd, self), 0);
		EXPECT_EQ(self->head.flags, i ? 0 : CALIPTRA_MSG_DROPPED);
		EXPECT_EQ(self->head.seq, first + i);
	}
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
}

/* It is in the way of a command. */
TEST_F(message, nobody_listens_and_it_is_refused)
{
	uint64_t before = statistic(variant, "messages_dropped");

	ASSERT_TRUE(message(variant, 4));
	EXPECT_EQ(try_command(self->fd, variant), 0);
	EXPECT_TRUE(answered(variant, "CMD_FAILURE"));
	EXPECT_EQ(statistic(variant, "messages_dropped"), before + 1);
	/* the same after the last listener has left */
	close(listen_on(variant, O_RDWR));
	ASSERT_TRUE(message(variant, 4));
	EXPECT_EQ(try_command(self->fd, variant), 0);
	EXPECT_TRUE(answered(variant, "CMD_FAILURE"));
}

/* What was sent before anybody listened was not refused yet. */
TEST_F(message, a_listener_finds_what_waits)
{
	ASSERT_TRUE(message(variant, 4));
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	EXPECT_EQ(take_message(self->fd, self), 0);
	EXPECT_TRUE(answered(variant, "CMD_COMPLETE"));
}

TEST_F(message, commands_and_messages_share_the_mailbox)
{
	int stop[2], i;
	uint32_t seq = 0;
	pid_t pid;

	ASSERT_EQ(pipe2(stop, O_NONBLOCK), 0);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		int fd = open_mbox(variant, O_RDWR), error = 0;
		int64_t begin;
		char byte;

		/* half of the time the firmware finds the mailbox free */
		while (!error && read(stop[0], &byte, 1) < 0) {
			begin = now_ms();
			error = try_command(fd, variant);
			usleep(1000 * (now_ms() - begin + 1));
		}
		_exit(error);
	}
	for (i = 0; i < 20; i++) {
		ASSERT_TRUE(send_taken(variant, 4));
		ASSERT_EQ(take_message(self->fd, self), 0);
		if (i)
			EXPECT_EQ(self->head.seq, seq + 1);
		seq = self->head.seq;
		EXPECT_EQ(try_command(self->fd, variant), 0);
	}
	EXPECT_EQ(write(stop[1], "", 1), 1);
	EXPECT_EQ(wait_for(pid), 0);
}

/* A response is read before a message that has come earlier. */
TEST_F(message, the_response_comes_first)
{
	uint32_t cmd = *variant->mbox ? CMD_MC_FIRMWARE_VERSION : CMD_VERSION;
	uint8_t req[8] = { 0 };
	size_t len = *variant->mbox ? 8 : 4;

	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	ASSERT_TRUE(send_taken(variant, 4));
	ASSERT_TRUE(readable(self->fd));
	seal(cmd, req, len);
	ASSERT_EQ(post(self->fd, cmd, 0, req, len), 0);
	/* which waits for it */
	EXPECT_EQ(try_command(self->fd, variant), EBUSY);
	ASSERT_EQ(take(self->fd, &self->head, self->data, self->mbox_size), 0);
	EXPECT_EQ(self->head.type, CALIPTRA_MSG_RESPONSE);
	EXPECT_EQ(self->head.error, 0);
	EXPECT_EQ(take_message(self->fd, self), 0);
	EXPECT_EQ(poll_for(self->fd, 0), POLLOUT);
}

/* What has come is read even after the device has gone. */
TEST_F(message, what_was_taken_is_not_lost)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s", self->name);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	ASSERT_TRUE(send_taken(variant, 4));
	ASSERT_TRUE(readable(self->fd));
	ASSERT_EQ(write_file(DRIVER "unbind", variant->device), 0);
	EXPECT_EQ(take_message(self->fd, self), 0);
	EXPECT_EQ(take(self->fd, &self->head, self->data, 4), ENODEV);
	ASSERT_EQ(write_file(DRIVER "bind", variant->device), 0);
	ASSERT_TRUE(wait_until_there(path));
	close(self->fd);
	self->fd = open_mbox(variant, O_RDWR);
}

/* Where there is no MCI, those of the core are all. */
int main(int argc, char **argv)
{
	char *core[] = { argv[0], "-v", "core", NULL };

	if (argc == 1 && access("/dev/caliptra-mbox1", F_OK))
		return test_harness_run(3, core);
	return test_harness_run(argc, argv);
}
