// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink family: what is asked for through the library that the kernel's own
 * tool makes from the specification, and through messages that are wrong. Needs
 * root, firmware at runtime, and nobody else using the device.
 */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "caliptra-user.h"
#include "kselftest_harness.h"
#include "mbox.h"
#include "ynl.h"

#define DRIVER "/sys/bus/platform/drivers/caliptra"
#define PARENT "10000000.caliptra"
#define NAME   "caliptra-mbox0"
#define NOBODY 65534

/* What no operation has. */
#define NO_ATTRIBUTE 200
#define NO_OPERATION 77

#define MUTATIONS 8000
#define REBINDS	  10

FIXTURE(netlink)
{
	struct ynl_sock *ys;
};

FIXTURE_SETUP(netlink)
{
	struct ynl_error error;

	self->ys = ynl_sock_create(&ynl_caliptra_family, &error);
	ASSERT_NE(self->ys, NULL)
	{
		TH_LOG("no family: %s", error.msg);
	}
}

FIXTURE_TEARDOWN(netlink)
{
	ynl_sock_destroy(self->ys);
}

static int get_info(struct caliptra_info *info)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return errno;
	ret = ioctl(fd, CALIPTRA_IOC_INFO, info) ? errno : 0;
	close(fd);
	return ret;
}

/* 0, or what is wrong with what is said of the one device there is. */
static int check_device(const struct caliptra_dev_get_rsp *rsp)
{
	struct caliptra_info info;

	if (get_info(&info))
		return 1;
	if (!rsp->_present.index || rsp->index)
		return 2;
	if (!rsp->name || strcmp(rsp->name, NAME))
		return 3;
	if (!rsp->parent || strcmp(rsp->parent, PARENT))
		return 4;
	if (!rsp->_present.mailbox || rsp->mailbox != CALIPTRA_MAILBOX_SOC)
		return 5;
	if (!rsp->_present.mailbox_size || rsp->mailbox_size != info.mbox_size)
		return 6;
	if (!rsp->_present.state || rsp->state != info.state)
		return 7;
	if (!rsp->_present.hw_rev_id || rsp->hw_rev_id != info.hw_rev_id)
		return 8;
	return rsp->_present.stuck ? 9 : 0;
}

/* How many nodes there are; devices of other mailboxes come behind the first. */
static unsigned int nodes(void)
{
	unsigned int count = 0;
	char path[64];

	do
		snprintf(path, sizeof(path), "/dev/caliptra-mbox%u", count);
	while (!access(path, F_OK) && ++count);
	return count;
}

TEST_F(netlink, a_dump_has_every_device)
{
	struct caliptra_dev_get_list *list = caliptra_dev_get_dump(self->ys);
	unsigned int count = 0;

	ASSERT_NE(list, NULL);
	ynl_dump_foreach(list, rsp)
	{
		EXPECT_EQ(rsp->index, count);
		EXPECT_EQ(rsp->mailbox,
			  count ? CALIPTRA_MAILBOX_MCI : CALIPTRA_MAILBOX_SOC);
		if (!count)
			EXPECT_EQ(check_device(rsp), 0);
		EXPECT_EQ(rsp->state, CALIPTRA_STATE_READY_FOR_RUNTIME);
		count++;
	}
	EXPECT_EQ(count, nodes());
	caliptra_dev_get_list_free(list);
}

/* dev-get of what is named; 0, an error, or 1000 and what is wrong. */
static int get_device(struct ynl_sock *ys, int index, const char *name)
{
	struct caliptra_dev_get_req *req = caliptra_dev_get_req_alloc();
	struct caliptra_dev_get_rsp *rsp;
	int ret;

	if (index >= 0)
		caliptra_dev_get_req_set_index(req, index);
	if (name)
		caliptra_dev_get_req_set_name(req, name);
	rsp = caliptra_dev_get(ys, req);
	caliptra_dev_get_req_free(req);
	if (!rsp)
		return ys->err.code ? (int)ys->err.code : 999;
	ret = check_device(rsp);
	caliptra_dev_get_rsp_free(rsp);
	return ret ? 1000 + ret : 0;
}

TEST_F(netlink, a_device_is_found_by_index_and_name)
{
	EXPECT_EQ(get_device(self->ys, 0, NULL), 0);
	EXPECT_EQ(get_device(self->ys, -1, NAME), 0);
	EXPECT_EQ(get_device(self->ys, 0, NAME), 0);
}

TEST_F(netlink, what_is_not_there_is_said_not_to_be)
{
	EXPECT_EQ(get_device(self->ys, -1, NULL), EINVAL);
	EXPECT_NE(strstr(self->ys->err.msg, "give an index or a name"), NULL);
	EXPECT_NE(strstr(self->ys->err.msg, "missing"), NULL);
	EXPECT_EQ(get_device(self->ys, nodes(), NULL), ENODEV);
	EXPECT_NE(strstr(self->ys->err.msg, "there is no such device"), NULL);
	EXPECT_NE(strstr(self->ys->err.msg, ".index"), NULL);
	EXPECT_EQ(get_device(self->ys, INT32_MAX, NULL), ENODEV);
	EXPECT_EQ(get_device(self->ys, -1, "caliptra-mbox15"), ENODEV);
	EXPECT_NE(strstr(self->ys->err.msg, ".name"), NULL);
	EXPECT_EQ(get_device(self->ys, 0, "caliptra-mbox1"), EINVAL);
	EXPECT_NE(strstr(self->ys->err.msg, "another device's"), NULL);
	EXPECT_EQ(get_device(self->ys, nodes(), NAME), ENODEV);
}

static int get_stats(struct ynl_sock *ys, struct caliptra_stats_get_rsp *stats)
{
	struct caliptra_stats_get_list *list = caliptra_stats_get_dump(ys);
	unsigned int count = 0;

	if (!list)
		return ys->err.code;
	ynl_dump_foreach(list, rsp)
	{
		if (!rsp->name || strcmp(rsp->name, NAME))
			continue;
		*stats = *rsp;
		count++;
	}
	/* what they point to is not there any more */
	stats->name = NULL;
	caliptra_stats_get_list_free(list);
	return count == 1 ? 0 : -1;
}

static int run_unknown(int fd)
{
	uint8_t req[4], rsp[VERSION_RSP_LEN];
	struct caliptra_cmd c = version_cmd(req, rsp);

	c.cmd = 0x4e4f4e45;
	seal(c.cmd, req, sizeof(req));
	return run(fd, &c);
}

TEST_F(netlink, statistics_count)
{
	struct caliptra_stats_get_rsp before, after, *one;
	struct caliptra_stats_get_req *req;
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(get_stats(self->ys, &before), 0);
	EXPECT_EQ(try_version(fd), 0);
	EXPECT_EQ(try_version(fd), 0);
	EXPECT_EQ(run_unknown(fd), EREMOTEIO);
	ASSERT_EQ(get_stats(self->ys, &after), 0);
	EXPECT_EQ(after.commands, before.commands + 3);
	EXPECT_EQ(after.failures, before.failures + 1);
	EXPECT_EQ(after.timeouts, before.timeouts);
	EXPECT_EQ(after.lost, before.lost);
	EXPECT_TRUE(after._present.abandoned && after._present.resets &&
		    after._present.stuck && after._present.recovered &&
		    after._present.spurious && after._present.messages &&
		    after._present.messages_dropped);

	req = caliptra_stats_get_req_alloc();
	caliptra_stats_get_req_set_name(req, NAME);
	one = caliptra_stats_get(self->ys, req);
	caliptra_stats_get_req_free(req);
	ASSERT_NE(one, NULL);
	EXPECT_EQ(one->commands, after.commands);
	EXPECT_EQ(one->failures, after.failures);
	caliptra_stats_get_rsp_free(one);
	close(fd);
}

/* What nobody may: the bits of what was wrong. */
static int as_nobody(void)
{
	struct caliptra_stats_get_rsp stats;
	struct caliptra_dev_get_list *list;
	struct caliptra_stats_get_req *req;
	struct ynl_sock *ys;
	int wrong = 0;

	if (setgid(NOBODY) || setuid(NOBODY))
		return 1;
	ys = ynl_sock_create(&ynl_caliptra_family, NULL);
	if (!ys)
		return 2;
	list = caliptra_dev_get_dump(ys);
	if (!list || ynl_dump_empty(list))
		wrong |= 4;
	caliptra_dev_get_list_free(list);
	if (get_stats(ys, &stats) != EPERM)
		wrong |= 8;
	req = caliptra_stats_get_req_alloc();
	caliptra_stats_get_req_set_index(req, 0);
	if (caliptra_stats_get(ys, req) || ys->err.code != EPERM)
		wrong |= 16;
	if (ynl_subscribe(ys, CALIPTRA_MCGRP_MONITOR) != -1 || errno != EPERM)
		wrong |= 32;
	return wrong;
}

TEST_F(netlink, statistics_and_events_are_not_for_everybody)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(as_nobody());
	ASSERT_EQ(waitpid(pid, &status, 0), pid);
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 0);
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? errno : 0;

	close(fd);
	return ret;
}

static bool wait_for_device(void)
{
	int tries;

	for (tries = 0; tries < 500; tries++) {
		int fd = open(DEVICE, O_RDWR | O_CLOEXEC);

		if (fd >= 0) {
			close(fd);
			return true;
		}
		usleep(10000);
	}
	return false;
}

static bool rebind(void)
{
	return !write_file(DRIVER "/unbind", PARENT) &&
	       !write_file(DRIVER "/bind", PARENT) && wait_for_device();
}

/* The next event, within 5 seconds; NULL where there is none. */
static struct ynl_ntf_base_type *next_event(struct ynl_sock *ys)
{
	struct pollfd poll_fd = { .fd = ynl_socket_get_fd(ys),
				  .events = POLLIN };
	int tries;

	for (tries = 0; !ynl_has_ntf(ys) && tries < 50; tries++)
		if (poll(&poll_fd, 1, 100) > 0 && ynl_ntf_check(ys))
			return NULL;
	return ynl_ntf_dequeue(ys);
}

TEST_F(netlink, a_device_that_goes_and_comes_is_told_of)
{
	struct ynl_ntf_base_type *event;
	struct caliptra_dev_get_rsp *rsp;

	ASSERT_EQ(ynl_subscribe(self->ys, CALIPTRA_MCGRP_MONITOR), 0);
	ASSERT_TRUE(rebind());

	event = next_event(self->ys);
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->cmd, CALIPTRA_NL_CMD_DEVICE_DEL);
	rsp = &((struct caliptra_dev_get_ntf *)event)->obj;
	EXPECT_STREQ(rsp->name, NAME);
	EXPECT_STREQ(rsp->parent, PARENT);
	EXPECT_EQ(rsp->index, 0);
	EXPECT_EQ((bool)rsp->_present.state, false);
	ynl_ntf_free(event);

	event = next_event(self->ys);
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->cmd, CALIPTRA_NL_CMD_DEVICE_ADD);
	EXPECT_EQ(check_device(&((struct caliptra_dev_get_ntf *)event)->obj),
		  0);
	ynl_ntf_free(event);
}

/* The next change of state; 0, or what is wrong with it. */
static int check_change(struct ynl_sock *ys, enum caliptra_state old,
			enum caliptra_state new)
{
	struct caliptra_state_change *event = NULL;
	int ret = 0;

	/* other events may be between */
	do {
		if (event)
			ynl_ntf_free((void *)event);
		event = (void *)next_event(ys);
		if (!event)
			return 1;
	} while (event->cmd != CALIPTRA_NL_CMD_STATE_CHANGE);
	if (!event->obj.name || strcmp(event->obj.name, NAME))
		ret = 2;
	else if (event->obj.old_state != old)
		ret = 100 + event->obj.old_state;
	else if (event->obj.state != new)
		ret = 200 + event->obj.state;
	ynl_ntf_free((void *)event);
	return ret;
}

TEST_F(netlink, a_change_of_state_is_told_of)
{
	struct caliptra_info info;

	if (!getenv("CALIPTRA_CTL"))
		SKIP(return,
			   "CALIPTRA_CTL names no line to a software Caliptra");
	ASSERT_EQ(get_info(&info), 0);
	ASSERT_EQ(ynl_subscribe(self->ys, CALIPTRA_MCGRP_MONITOR), 0);
	ASSERT_EQ(ctl("reset cold fuses"), 0);
	ASSERT_EQ(get_info(&info), 0);
	EXPECT_EQ(info.state, CALIPTRA_STATE_READY_FOR_FUSES);
	EXPECT_EQ(check_change(self->ys, CALIPTRA_STATE_READY_FOR_RUNTIME,
			       CALIPTRA_STATE_READY_FOR_FUSES),
		  0);
	ASSERT_EQ(ctl("reset cold"), 0);
	ASSERT_EQ(get_info(&info), 0);
	EXPECT_EQ(info.state, CALIPTRA_STATE_READY_FOR_RUNTIME);
	EXPECT_EQ(check_change(self->ys, CALIPTRA_STATE_READY_FOR_FUSES,
			       CALIPTRA_STATE_READY_FOR_RUNTIME),
		  0);
}

/* Whoever does not listen learns that events were lost. */
TEST_F(netlink, lost_events_are_told_of)
{
	int fd = ynl_socket_get_fd(self->ys);
	char buffer[8192];
	int size = 1;
	int i;

	ASSERT_EQ(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)),
		  0);
	ASSERT_EQ(ynl_subscribe(self->ys, CALIPTRA_MCGRP_MONITOR), 0);
	for (i = 0; i < REBINDS; i++)
		ASSERT_TRUE(rebind());
	EXPECT_LT(recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT), 0);
	EXPECT_EQ(errno, ENOBUFS);
}

static bool done;

/* Ask without end; the number of wrong answers. */
static void *keep_asking(void *unused)
{
	struct ynl_sock *ys = ynl_sock_create(&ynl_caliptra_family, NULL);
	struct caliptra_dev_get_list *list;
	unsigned long wrong = !ys;

	while (ys && !__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		struct caliptra_stats_get_rsp stats;
		int ret = get_device(ys, 0, NULL);

		if (ret && ret != ENODEV && ret < 1000)
			wrong++;
		list = caliptra_dev_get_dump(ys);
		if (!list && ys->err.code != YNL_ERROR_DUMP_INTER)
			wrong++;
		caliptra_dev_get_list_free(list);
		ret = get_stats(ys, &stats);
		if (ret && ret != -1 && ret != YNL_ERROR_DUMP_INTER)
			wrong++;
	}
	if (ys)
		ynl_sock_destroy(ys);
	return (void *)wrong;
}

TEST_F(netlink, a_device_may_go_while_it_is_asked_for)
{
	pthread_t threads[4];
	void *wrong;
	size_t i;

	done = false;
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		ASSERT_EQ(pthread_create(&threads[i], NULL, keep_asking, NULL),
			  0);
	for (i = 0; i < REBINDS; i++)
		EXPECT_TRUE(rebind());
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		ASSERT_EQ(pthread_join(threads[i], &wrong), 0);
		EXPECT_EQ((unsigned long)wrong, 0);
	}
	EXPECT_EQ(get_device(self->ys, 0, NAME), 0);
}

/* --- messages that are wrong --- */

/* A request under construction. */
struct request {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	uint8_t attrs[4096];
};

static void begin(struct request *r, struct ynl_sock *ys, uint8_t cmd,
		  uint16_t flags)
{
	*r = (struct request){
		.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN),
		.header.nlmsg_type = ys->family_id,
		.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags,
		.genl.cmd = cmd,
		.genl.version = CALIPTRA_FAMILY_VERSION,
	};
}

static void add(struct request *r, uint16_t type, const void *data, size_t len)
{
	uint8_t *at = (uint8_t *)r + NLMSG_ALIGN(r->header.nlmsg_len);
	struct nlattr attr = { .nla_len = NLA_HDRLEN + len, .nla_type = type };

	memcpy(at, &attr, sizeof(attr));
	memcpy(at + NLA_HDRLEN, data, len);
	r->header.nlmsg_len =
		NLMSG_ALIGN(r->header.nlmsg_len) + NLA_ALIGN(attr.nla_len);
}

/* What the kernel says to a request. */
struct verdict {
	int error;
	char text[128];
};

static int raw_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	struct timeval timeout = { .tv_sec = 5 };
	int on = 1;

	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return fd;
}

static void read_text(struct verdict *v, const struct nlmsghdr *h, size_t skip)
{
	const uint8_t *at = (const uint8_t *)NLMSG_DATA(h) + skip;
	const uint8_t *end = (const uint8_t *)h + h->nlmsg_len;
	struct nlattr attr;

	for (; at + sizeof(attr) <= end; at += NLA_ALIGN(attr.nla_len)) {
		memcpy(&attr, at, sizeof(attr));
		if (attr.nla_len < NLA_HDRLEN || at + attr.nla_len > end)
			return;
		if (attr.nla_type == NLMSGERR_ATTR_MSG)
			snprintf(v->text, sizeof(v->text), "%.*s",
				 attr.nla_len - NLA_HDRLEN, at + NLA_HDRLEN);
	}
}

/* The end of the answer: an acknowledgement, an error, or that of a dump. */
static struct verdict ask(const struct request *r)
{
	struct verdict v = { .error = -1 };
	uint8_t buffer[16384];
	struct nlmsghdr *h;
	int fd = raw_socket();
	ssize_t n;
	int left;

	if (send(fd, r, r->header.nlmsg_len, 0) < 0)
		v.error = 10000 + errno;
	while (v.error == -1 && (n = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
		left = n;
		for (h = (void *)buffer; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type != NLMSG_ERROR &&
			    h->nlmsg_type != NLMSG_DONE)
				continue;
			v.error = -*(int *)NLMSG_DATA(h);
			read_text(&v, h,
				  h->nlmsg_type == NLMSG_DONE ?
					  sizeof(int) :
					  sizeof(struct nlmsgerr));
		}
	}
	close(fd);
	return v;
}

/* The flags of all messages of a dump, before which @change is called: it has begun then. */
static int dump_flags(const struct request *r, bool (*change)(void))
{
	uint8_t buffer[16384];
	struct nlmsghdr *h;
	bool done = false;
	int flags = 0;
	int fd = raw_socket();
	ssize_t n;
	int left;

	if (send(fd, r, r->header.nlmsg_len, 0) < 0 || (change && !change()))
		done = true;
	while (!done && (n = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
		left = n;
		for (h = (void *)buffer; NLMSG_OK(h, left);
		     h = NLMSG_NEXT(h, left)) {
			flags |= h->nlmsg_flags;
			done = h->nlmsg_type == NLMSG_ERROR ||
			       h->nlmsg_type == NLMSG_DONE;
		}
	}
	close(fd);
	return flags;
}

TEST_F(netlink, a_dump_during_which_devices_change_says_so)
{
	static const uint8_t cmds[] = { CALIPTRA_NL_CMD_DEV_GET,
					CALIPTRA_NL_CMD_STATS_GET };
	struct request r;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		begin(&r, self->ys, cmds[i], NLM_F_DUMP);
		EXPECT_EQ(dump_flags(&r, NULL), NLM_F_MULTI);
		EXPECT_EQ(dump_flags(&r, rebind),
			  NLM_F_MULTI | NLM_F_DUMP_INTR);
		EXPECT_EQ(dump_flags(&r, NULL), NLM_F_MULTI);
	}
}

#define REFUSED(request, number, words)                           \
	do {                                                      \
		struct verdict v = ask(request);                  \
		EXPECT_EQ(v.error, number);                       \
		EXPECT_NE(strstr(v.text, words), NULL)            \
		{                                                 \
			TH_LOG("the kernel says \"%s\"", v.text); \
		}                                                 \
	} while (0)

TEST_F(netlink, attributes_that_are_wrong_are_refused)
{
	static const char long_name[64] = "caliptra-mbox0 and much more of it";
	const uint32_t index = 0;
	struct request r;

	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	add(&r, CALIPTRA_A_DEV_INDEX, &index, sizeof(index));
	EXPECT_EQ(ask(&r).error, 0);

	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	REFUSED(&r, EINVAL, "give an index or a name");

	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	add(&r, CALIPTRA_A_DEV_INDEX, &index, 1);
	REFUSED(&r, EINVAL, "invalid attribute length");
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	add(&r, CALIPTRA_A_DEV_INDEX, long_name, 8);
	REFUSED(&r, EINVAL, "invalid attribute length");
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	add(&r, CALIPTRA_A_DEV_INDEX | NLA_F_NESTED, &index, sizeof(index));
	REFUSED(&r, EINVAL, "NLA_F_NESTED not expected");

	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	add(&r, CALIPTRA_A_DEV_NAME, NAME, strlen(NAME));
	REFUSED(&r, EINVAL, "Attribute failed policy validation");
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	add(&r, CALIPTRA_A_DEV_NAME, long_name, sizeof(long_name));
	REFUSED(&r, EINVAL, "Attribute failed policy validation");
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	add(&r, CALIPTRA_A_DEV_NAME, "", 0);
	REFUSED(&r, EINVAL, "Attribute failed policy validation");

	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	add(&r, CALIPTRA_A_DEV_INDEX, &index, sizeof(index));
	add(&r, CALIPTRA_A_DEV_STATE, &index, sizeof(index));
	REFUSED(&r, EINVAL, "Unknown attribute type");
	begin(&r, self->ys, CALIPTRA_NL_CMD_STATS_GET, 0);
	add(&r, NO_ATTRIBUTE, &index, sizeof(index));
	REFUSED(&r, EINVAL, "Unknown attribute type");
}

TEST_F(netlink, messages_that_are_wrong_are_refused)
{
	const uint32_t index = 0;
	const struct nlattr too_long = { 100, CALIPTRA_A_DEV_INDEX };
	const struct nlattr too_short = { 1, CALIPTRA_A_DEV_INDEX };
	struct request r;

	begin(&r, self->ys, NO_OPERATION, 0);
	EXPECT_EQ(ask(&r).error, EOPNOTSUPP);
	begin(&r, self->ys, CALIPTRA_NL_CMD_STATE_CHANGE, 0);
	EXPECT_EQ(ask(&r).error, EOPNOTSUPP);
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEVICE_ADD, NLM_F_DUMP);
	EXPECT_EQ(ask(&r).error, EOPNOTSUPP);

	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	r.header.nlmsg_len = NLMSG_LENGTH(1);
	EXPECT_EQ(ask(&r).error, EINVAL);
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	r.genl.reserved = 1;
	add(&r, CALIPTRA_A_DEV_INDEX, &index, sizeof(index));
	EXPECT_EQ(ask(&r).error, EINVAL);

	/* attributes that do not end where they say */
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	memcpy(r.attrs, &too_long, sizeof(too_long));
	r.header.nlmsg_len += 8;
	REFUSED(&r, EINVAL, "bytes leftover after parsing attributes");
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	memcpy(r.attrs, &too_short, sizeof(too_short));
	r.header.nlmsg_len += 8;
	REFUSED(&r, EINVAL, "bytes leftover after parsing attributes");

	/* the same, but right */
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, 0);
	add(&r, CALIPTRA_A_DEV_INDEX, &index, sizeof(index));
	EXPECT_EQ(ask(&r).error, 0);
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, NLM_F_DUMP);
	EXPECT_EQ(ask(&r).error, 0);
}

/* The kernel keeps one of them, and refuses the rest: some hundreds fill the socket. */
TEST_F(netlink, dumps_that_nobody_reads_hinder_nobody)
{
	int fd = raw_socket();
	struct request r;
	int i;

	ASSERT_GE(fd, 0);
	begin(&r, self->ys, CALIPTRA_NL_CMD_DEV_GET, NLM_F_DUMP);
	for (i = 0; i < 1000; i++)
		if (send(fd, &r, r.header.nlmsg_len, MSG_DONTWAIT) < 0)
			break;
	EXPECT_EQ(get_device(self->ys, 0, NAME), 0);
	close(fd);
}

/*
 * Requests with random bytes changed; the kernel's log must not tell of them. Those that
 * are still right have every device asked for its state, which takes most of the time.
 */
TEST_F_TIMEOUT(netlink, mutations_are_survived, 300)
{
	const uint32_t index = 0;
	struct request r;
	int fd = raw_socket();
	uint8_t *bytes = (uint8_t *)&r;
	unsigned int seed = 1;
	uint8_t sink[16384];
	uint32_t len;
	int i, k;

	ASSERT_GE(fd, 0);
	for (i = 0; i < MUTATIONS; i++) {
		begin(&r, self->ys, 1 + rand_r(&seed) % 3,
		      rand_r(&seed) % 16 ? 0 : NLM_F_DUMP);
		add(&r, CALIPTRA_A_DEV_INDEX, &index, sizeof(index));
		add(&r, CALIPTRA_A_DEV_NAME, NAME, sizeof(NAME));
		len = r.header.nlmsg_len - rand_r(&seed) % 8;
		for (k = rand_r(&seed) % 4; k >= 0; k--)
			bytes[NLMSG_HDRLEN +
			      rand_r(&seed) % (len - NLMSG_HDRLEN)] =
				rand_r(&seed);
		r.header.nlmsg_len = len;
		send(fd, &r, len, 0);
		while (recv(fd, sink, sizeof(sink), MSG_DONTWAIT) > 0)
			;
	}
	close(fd);
	EXPECT_EQ(get_device(self->ys, 0, NAME), 0);
}

TEST_HARNESS_MAIN
