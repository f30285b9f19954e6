// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes in /sys/class/caliptra: which there are, that they tell the truth, who
 * may read them, and what becomes of them when the device goes. Needs root with
 * nobody else using the device.
 */
#include <dirent.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "caliptra-regs.h"
#include "files.h"
#include "kselftest_harness.h"

#define REGISTERS "/sys/bus/pci/devices/0000:00:01.0/resource0"
#define WINDOW	  0x20000
#define SOC_IFC	  0x10000
#define STUCK_MS  "/sys/module/caliptra/parameters/stuck_ms"

#define SOC 1
#define MCI 2

/* Documentation/ABI/testing/sysfs-class-caliptra; tools/check/lint.sh compares. */
static const struct {
	const char *name;
	int kinds;
} attributes[] = {
	{ "state", SOC | MCI },
	{ "stuck", SOC | MCI },
	{ "kind", SOC | MCI },
	{ "mbox_size", SOC | MCI },
	{ "lifecycle", SOC | MCI },
	{ "debug_locked", SOC | MCI },
	{ "hw_revision", SOC | MCI },
	{ "soc_stepping", SOC },
	{ "fw_revision", SOC | MCI },
	{ "reset_reason", SOC | MCI },
	{ "hw_error_fatal", SOC | MCI },
	{ "hw_error_non_fatal", SOC | MCI },
	{ "fw_error_fatal", SOC | MCI },
	{ "fw_error_non_fatal", SOC | MCI },
	{ "agg_error_fatal", MCI },
	{ "agg_error_non_fatal", MCI },
	{ "statistics/commands", SOC | MCI },
	{ "statistics/failures", SOC | MCI },
	{ "statistics/timeouts", SOC | MCI },
	{ "statistics/abandoned", SOC | MCI },
	{ "statistics/lost", SOC | MCI },
	{ "statistics/resets", SOC | MCI },
	{ "statistics/stuck", SOC | MCI },
	{ "statistics/recovered", SOC | MCI },
	{ "statistics/spurious", SOC | MCI },
	{ "statistics/missed", SOC | MCI },
	{ "statistics/messages", SOC | MCI },
	{ "statistics/messages_dropped", SOC | MCI },
};

#define COUNT (sizeof(attributes) / sizeof(attributes[0]))

static const char *const state_names[] = {
	[CALIPTRA_STATE_RESET] = "reset",
	[CALIPTRA_STATE_READY_FOR_FUSES] = "ready_for_fuses",
	[CALIPTRA_STATE_READY_FOR_MB_PROCESSING] = "ready_for_mb_processing",
	[CALIPTRA_STATE_READY_FOR_RUNTIME] = "ready_for_runtime",
	[CALIPTRA_STATE_FATAL_ERROR] = "fatal_error",
};

/* Call it with each mailbox; the number of mailboxes, or -1 where it failed. */
static int each_device(bool (*check)(const char *name,
				     const struct caliptra_info *info))
{
	DIR *dir = opendir(CLASS);
	struct caliptra_info info;
	struct dirent *d;
	char node[300];
	int n = 0, fd;

	while (dir && n >= 0 && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(node, sizeof(node), "/dev/%s", d->d_name);
		fd = open(node, O_RDONLY);
		if (fd >= 0 && !ioctl(fd, CALIPTRA_IOC_INFO, &info) &&
		    check(d->d_name, &info))
			n++;
		else
			n = -1;
		close(fd);
	}
	if (dir)
		closedir(dir);
	return n;
}

static bool known(const char *prefix, const char *name, uint32_t kind)
{
	static const char *const others[] = { "dev",	"device",
					      "power",	"subsystem",
					      "uevent", "statistics" };
	char path[300];
	size_t i;

	snprintf(path, sizeof(path), "%s%s", prefix, name);
	for (i = 0; i < COUNT; i++)
		if (!strcmp(path, attributes[i].name) &&
		    attributes[i].kinds & kind)
			return true;
	for (i = 0; !*prefix && i < sizeof(others) / sizeof(others[0]); i++)
		if (!strcmp(name, others[i]))
			return true;
	printf("# nobody knows %s\n", path);
	return false;
}

static bool only_known(const char *name, const char *prefix, uint32_t kind)
{
	char path[300];
	struct dirent *d;
	bool good = true;
	DIR *dir;

	snprintf(path, sizeof(path), CLASS "%s/%s", name, prefix);
	dir = opendir(path);
	if (!dir)
		return false;
	while ((d = readdir(dir)))
		if (d->d_name[0] != '.' && !known(prefix, d->d_name, kind))
			good = false;
	closedir(dir);
	return good;
}

static bool files_as_documented(const char *name,
				const struct caliptra_info *info)
{
	char path[300], text[4096];
	struct stat st;
	size_t i;
	int n;

	for (i = 0; i < COUNT; i++) {
		if (!(attributes[i].kinds & info->kind))
			continue;
		snprintf(path, sizeof(path), CLASS "%s/%s", name,
			 attributes[i].name);
		n = read_file(path, text, sizeof(text));
		if (n < 2 || strchr(text, '\n') != text + n - 1 ||
		    stat(path, &st) || (st.st_mode & 07777) != 0444) {
			printf("# %s: %d, '%s'\n", path, n, text);
			return false;
		}
	}
	return only_known(name, "", info->kind) &&
	       only_known(name, "statistics/", info->kind);
}

TEST(there_is_what_is_documented_and_nothing_else)
{
	EXPECT_GE(each_device(files_as_documented), 1);
}

static bool is(const char *name, const char *attr, const char *wanted)
{
	char text[4096];

	read_attr(name, attr, text, sizeof(text));
	if (!strcmp(text, wanted))
		return true;
	printf("# %s %s is '%s', not '%s'\n", name, attr, text, wanted);
	return false;
}

/* The number that it begins with. */
static bool begins_with(const char *name, const char *attr, uint32_t wanted)
{
	char text[4096], number[16];

	read_attr(name, attr, text, sizeof(text));
	snprintf(number, sizeof(number), "0x%08x", wanted);
	if (!strncmp(text, number, 10) && (!text[10] || text[10] == ' '))
		return true;
	printf("# %s %s is '%s', not %s\n", name, attr, text, number);
	return false;
}

static bool identity_agrees(const char *name, const struct caliptra_info *info)
{
	static const char *const lifecycles[] = { "unprovisioned",
						  "manufacturing", "unknown",
						  "production" };
	uint32_t rev = info->hw_rev_id;
	bool mci = info->kind == CALIPTRA_MBOX_MCI;
	char revision[32], stepping[32], size[32];

	snprintf(size, sizeof(size), "%u", info->mbox_size);
	snprintf(stepping, sizeof(stepping), "0x%04x", rev >> 16);
	if (mci)
		snprintf(revision, sizeof(revision), "%u.%u.%u",
			 rev >> 12 & 0xf, rev >> 8 & 0xf, rev & 0xff);
	else
		snprintf(revision, sizeof(revision), "%u.%u.%u", rev & 0xf,
			 rev >> 4 & 0xf, rev >> 8 & 0xff);
	return is(name, "kind", mci ? "mci" : "soc") &&
	       is(name, "mbox_size", size) &&
	       is(name, "hw_revision", revision) &&
	       (mci || is(name, "soc_stepping", stepping)) &&
	       is(name, "lifecycle", lifecycles[info->security_state & 3]) &&
	       is(name, "debug_locked",
		  info->security_state & CPTRA_SECURITY_STATE_DEBUG_LOCKED ?
			  "1" :
			  "0");
}

static bool condition_agrees(const char *name, const struct caliptra_info *info)
{
	return is(name, "state", state_names[info->state]) &&
	       is(name, "stuck",
		  info->flags & CALIPTRA_INFO_STUCK ? "1" : "0") &&
	       begins_with(name, "hw_error_fatal", info->hw_error_fatal) &&
	       begins_with(name, "hw_error_non_fatal",
			   info->hw_error_non_fatal) &&
	       begins_with(name, "fw_error_fatal", info->fw_error_fatal) &&
	       begins_with(name, "fw_error_non_fatal",
			   info->fw_error_non_fatal) &&
	       begins_with(name, "reset_reason", info->reset_reason);
}

TEST(values_agree_with_the_ioctl)
{
	EXPECT_GE(each_device(identity_agrees), 1);
	EXPECT_GE(each_device(condition_agrees), 1);
}

/* As nobody: how many files it could not read, or could write. */
static int try_as_nobody(const char *name, uint32_t kind)
{
	char path[300], text[4096];
	int bad = 0;
	size_t i;

	if (setgid(NOBODY) || setuid(NOBODY))
		return COUNT;
	for (i = 0; i < COUNT; i++) {
		if (!(attributes[i].kinds & kind))
			continue;
		snprintf(path, sizeof(path), CLASS "%s/%s", name,
			 attributes[i].name);
		if (read_file(path, text, sizeof(text)) < 2 ||
		    write_file(path, "0") != EACCES)
			bad++;
	}
	return bad;
}

static bool everybody_may_read(const char *name,
			       const struct caliptra_info *info)
{
	pid_t pid = fork();

	if (!pid)
		_exit(try_as_nobody(name, info->kind));
	return wait_for(pid) == 0;
}

TEST(everybody_may_read_and_nobody_write)
{
	EXPECT_GE(each_device(everybody_may_read), 1);
}

static long long statistic(const char *name, const char *which)
{
	char attr[64], text[64];

	snprintf(attr, sizeof(attr), "statistics/%s", which);
	if (read_attr(name, attr, text, sizeof(text)) < 1)
		return -1;
	return strtoll(text, NULL, 10);
}

static bool failures_count(const char *name, const struct caliptra_info *info)
{
	long long commands = statistic(name, "commands");
	long long failures = statistic(name, "failures");
	uint32_t fw_error;
	bool good = true;
	char node[300];
	int fd, i;

	snprintf(node, sizeof(node), "/dev/%s", name);
	fd = open(node, O_RDWR);
	for (i = 0; i < 3; i++)
		good &= run_unknown(fd, &fw_error) == EREMOTEIO;
	close(fd);
	return good && statistic(name, "commands") == commands + 3 &&
	       statistic(name, "failures") == failures + 3 &&
	       begins_with(name, "fw_error_non_fatal", fw_error);
}

TEST(a_command_that_fails_is_counted_and_its_error_shown)
{
	EXPECT_GE(each_device(failures_count), 1);
}

FIXTURE(sysfs)
{
	int fd;
	volatile uint32_t *regs;
};

FIXTURE_SETUP(sysfs)
{
	int fd;

	if (!getenv("CALIPTRA_CTL"))
		SKIP(return,
			   "CALIPTRA_CTL names no line to a software Caliptra");
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	fd = open(REGISTERS, O_RDWR | O_SYNC);
	ASSERT_GE(fd, 0);
	self->regs =
		mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(self->regs, MAP_FAILED);
	close(fd);
	ASSERT_EQ(try_version(self->fd), 0);
}

FIXTURE_TEARDOWN(sysfs)
{
	EXPECT_EQ(try_version(self->fd), 0);
	munmap((void *)self->regs, WINDOW);
	close(self->fd);
}

#define REG(offset) self->regs[(offset) / 4]

TEST_F(sysfs, commands_and_timeouts_are_counted)
{
	long long commands = statistic(NAME, "commands");
	long long failures = statistic(NAME, "failures");
	long long timeouts = statistic(NAME, "timeouts");
	long long abandoned = statistic(NAME, "abandoned");
	int i;

	for (i = 0; i < 7; i++)
		ASSERT_EQ(try_version(self->fd), 0);
	EXPECT_EQ(statistic(NAME, "commands"), commands + 7);
	EXPECT_EQ(statistic(NAME, "failures"), failures);
	EXPECT_EQ(statistic(NAME, "timeouts"), timeouts);
	ASSERT_EQ(ctl("fault late 2000"), 0);
	EXPECT_EQ(version_within(self->fd, 100), ETIMEDOUT);
	EXPECT_EQ(statistic(NAME, "commands"), commands + 8);
	EXPECT_EQ(statistic(NAME, "timeouts"), timeouts + 1);
	EXPECT_EQ(statistic(NAME, "abandoned"), abandoned + 1);
}

TEST_F(sysfs, messages_are_counted)
{
	long long dropped = statistic(NAME, "messages_dropped");
	long long taken = statistic(NAME, "messages");
	struct caliptra_msg m;

	/* in the way of the next command, which nobody listens to */
	ASSERT_EQ(ctl("message"), 0);
	ASSERT_EQ(try_version(self->fd), 0);
	EXPECT_EQ(statistic(NAME, "messages_dropped"), dropped + 1);
	EXPECT_EQ(statistic(NAME, "messages"), taken);
	ASSERT_EQ(ioctl(self->fd, CALIPTRA_IOC_LISTEN), 0);
	ASSERT_EQ(ctl("message"), 0);
	ASSERT_GT(read(self->fd, &m, sizeof(m)), 0);
	EXPECT_EQ(statistic(NAME, "messages"), taken + 1);
}

TEST_F(sysfs, bits_of_errors_have_names)
{
	EXPECT_TRUE(is(NAME, "hw_error_non_fatal", "0x00000000"));
	REG(MBOX_CMD) = 0;
	EXPECT_TRUE(
		is(NAME, "hw_error_non_fatal", "0x00000001 mbox_prot_no_lock"));
	REG(SOC_IFC + CPTRA_HW_ERROR_NON_FATAL) = 0xffffffff;
	EXPECT_TRUE(is(NAME, "hw_error_non_fatal", "0x00000000"));
}

TEST_F(sysfs, a_fatal_error_is_a_state)
{
	EXPECT_TRUE(is(NAME, "state", "ready_for_runtime"));
	REG(SOC_IFC + CPTRA_FW_ERROR_FATAL) = 0x00c0de01;
	EXPECT_TRUE(is(NAME, "state", "fatal_error"));
	EXPECT_TRUE(is(NAME, "fw_error_fatal", "0x00c0de01"));
	REG(SOC_IFC + CPTRA_FW_ERROR_FATAL) = 0;
	EXPECT_TRUE(is(NAME, "state", "ready_for_runtime"));
	EXPECT_TRUE(is(NAME, "fw_error_fatal", "0x00000000"));
}

static int open_to_poll(const char *attr)
{
	char path[300], text[64];
	int fd;

	snprintf(path, sizeof(path), SYSFS "%s", attr);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* it tells of changes since it was read */
	return fd >= 0 && read(fd, text, sizeof(text)) > 0 ? fd : -1;
}

static bool changes_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	return poll(&p, 1, ms) == 1 && p.revents & POLLPRI;
}

TEST_F(sysfs, a_change_of_state_wakes_who_polls)
{
	int fd = open_to_poll("state");
	long long resets, lost;
	char text[32];
	int error, i;

	ASSERT_GE(fd, 0);
	/* what an earlier test has changed may still be told of */
	for (i = 0; i < 10 && changes_within(fd, 300); i++)
		ASSERT_GT(pread(fd, text, sizeof(text), 0), 0);
	EXPECT_FALSE(changes_within(fd, 100));
	resets = statistic(NAME, "resets");
	lost = statistic(NAME, "lost");
	ASSERT_EQ(ctl("reset cold fuses"), 0);
	error = version_within(self->fd, 20000);
	/* the other one where the driver has looked already */
	EXPECT_TRUE(error == ECONNRESET || error == EHOSTDOWN);
	EXPECT_TRUE(changes_within(fd, 5000));
	EXPECT_TRUE(is(NAME, "state", "ready_for_fuses"));
	EXPECT_EQ(statistic(NAME, "resets"), resets + 1);
	EXPECT_EQ(statistic(NAME, "lost"), lost + (error == ECONNRESET));
	ASSERT_EQ(ctl("reset cold"), 0);
	EXPECT_TRUE(is(NAME, "state", "ready_for_runtime"));
	close(fd);
}

TEST_F(sysfs, a_device_that_is_stuck_says_so)
{
	long long stuck = statistic(NAME, "stuck");
	long long recovered = statistic(NAME, "recovered");
	int fd = open_to_poll("stuck");
	char before[32], again[64];
	pid_t pid;

	ASSERT_GE(fd, 0);
	ASSERT_GT(read_file(STUCK_MS, before, sizeof(before)), 0);
	ASSERT_EQ(write_file(STUCK_MS, "200"), 0);
	EXPECT_TRUE(is(NAME, "stuck", "0"));
	ASSERT_EQ(ctl("fault late 4000"), 0);
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(version_within(self->fd, 20000));
	EXPECT_TRUE(changes_within(fd, 3500));
	EXPECT_TRUE(is(NAME, "stuck", "1"));
	EXPECT_EQ(statistic(NAME, "stuck"), stuck + 1);
	EXPECT_EQ(pread(fd, again, sizeof(again), 0), 2);
	EXPECT_EQ(wait_for(pid), 0);
	EXPECT_TRUE(changes_within(fd, 3500));
	EXPECT_TRUE(is(NAME, "stuck", "0"));
	EXPECT_EQ(statistic(NAME, "recovered"), recovered + 1);
	EXPECT_EQ(write_file(STUCK_MS, before), 0);
	close(fd);
}

TEST(files_go_with_the_device)
{
	char device[256], text[64];
	int fd = open_to_poll("state");

	ASSERT_GE(fd, 0);
	platform_device(device, sizeof(device));
	ASSERT_EQ(write_file(DRIVER "unbind", device), 0);
	EXPECT_NE(access(SYSFS, F_OK), 0);
	EXPECT_EQ(pread(fd, text, sizeof(text), 0), -1);
	EXPECT_EQ(errno, ENODEV);
	ASSERT_EQ(write_file(DRIVER "bind", device), 0);
	EXPECT_TRUE(wait_until_there(SYSFS "state"));
	EXPECT_TRUE(wait_until_there(DEVICE));
	close(fd);
}

TEST(reading_while_they_go_is_safe)
{
	const char *names[COUNT];
	size_t i;

	for (i = 0; i < COUNT; i++)
		names[i] = attributes[i].name;
	EXPECT_TRUE(survives_readers(SYSFS, names, COUNT));
}

TEST_HARNESS_MAIN
