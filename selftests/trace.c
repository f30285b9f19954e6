// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tracepoints: what a command leaves in a trace. Needs root with nobody else using
 * the device.
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "files.h"
#include "kselftest_harness.h"

#define TRACEFS "/sys/kernel/tracing/"
#define BUFFER	TRACEFS "instances/caliptra-test/"

FIXTURE(trace)
{
	int fd;
	char text[65536];
};

FIXTURE_SETUP(trace)
{
	if (!getenv("CALIPTRA_CTL"))
		SKIP(return,
			   "CALIPTRA_CTL names no line to a software Caliptra");
	ASSERT_TRUE(mount_at("tracefs", TRACEFS));
	/* a buffer of our own, so that others keep theirs */
	ASSERT_EQ(mkdir(BUFFER, 0700), 0);
	self->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(try_version(self->fd), 0);
	ASSERT_EQ(write_file(BUFFER "events/caliptra/enable", "1"), 0);
}

FIXTURE_TEARDOWN(trace)
{
	EXPECT_EQ(write_file(BUFFER "events/caliptra/enable", "0"), 0);
	EXPECT_EQ(rmdir(BUFFER), 0);
	EXPECT_EQ(try_version(self->fd), 0);
	close(self->fd);
}

/* What the event of a line of the trace says; *@text is the next line then. */
static bool next_event(char **text, const char *event, char *fields,
		       size_t size)
{
	char *line, *found;

	while ((line = strsep(text, "\n"))) {
		if (line[0] == '#' || !line[0])
			continue;
		found = strstr(line, ": caliptra_");
		if (!found)
			return false;
		found += 2;
		if (strncmp(found, event, strlen(event)) ||
		    strncmp(found + strlen(event), ": " NAME " ", 17)) {
			printf("# '%s' is not %s\n", line, event);
			return false;
		}
		snprintf(fields, size, "%s", found + strlen(event) + 17);
		return true;
	}
	printf("# there is no %s\n", event);
	return false;
}

TEST_F(trace, a_command_that_succeeds)
{
	char fields[256], *text = self->text;
	unsigned int status;
	uint64_t ns;

	ASSERT_EQ(ctl("fault late 200"), 0);
	ASSERT_EQ(try_version(self->fd), 0);
	ASSERT_GT(read_file(BUFFER "trace", text, sizeof(self->text)), 0);
	ASSERT_TRUE(next_event(&text, "caliptra_lock", fields, sizeof(fields)));
	EXPECT_STREQ(fields, "cmd=0x46505652 req_len=4");
	ASSERT_TRUE(
		next_event(&text, "caliptra_execute", fields, sizeof(fields)));
	EXPECT_STREQ(fields, "cmd=0x46505652 req_len=4");
	ASSERT_TRUE(
		next_event(&text, "caliptra_complete", fields, sizeof(fields)));
	ASSERT_EQ(sscanf(fields,
			 "cmd=0x46505652 status=0x%x rsp_len=36 ns=%" SCNu64,
			 &status, &ns),
		  2);
	EXPECT_EQ(status & 0xf, STATUS_DATA_READY);
	EXPECT_GE(ns, 150000000);
	EXPECT_STREQ(text, "");
}

TEST_F(trace, a_command_that_the_firmware_fails)
{
	char fields[256], wanted[64], *text = self->text;
	uint32_t fw_error;

	ASSERT_EQ(run_unknown(self->fd, &fw_error), EREMOTEIO);
	ASSERT_GT(read_file(BUFFER "trace", text, sizeof(self->text)), 0);
	ASSERT_TRUE(next_event(&text, "caliptra_lock", fields, sizeof(fields)));
	ASSERT_TRUE(
		next_event(&text, "caliptra_execute", fields, sizeof(fields)));
	ASSERT_TRUE(
		next_event(&text, "caliptra_error", fields, sizeof(fields)));
	EXPECT_EQ(strncmp(fields, "cmd=0x00c0ffee error=-121 ", 26), 0);
	snprintf(wanted, sizeof(wanted), " fw_error=0x%08x cause=0 sent=1",
		 fw_error);
	EXPECT_NE(strstr(fields, wanted), NULL);
	EXPECT_STREQ(text, "");
}

/* The second one has never had the mailbox. */
TEST_F(trace, commands_whose_callers_leave)
{
	char fields[256], *text = self->text;

	ASSERT_EQ(ctl("fault late 600"), 0);
	ASSERT_EQ(version_within(self->fd, 100), ETIMEDOUT);
	ASSERT_EQ(version_within(self->fd, 50), ETIMEDOUT);
	ASSERT_GT(read_file(BUFFER "trace", text, sizeof(self->text)), 0);
	ASSERT_TRUE(next_event(&text, "caliptra_lock", fields, sizeof(fields)));
	ASSERT_TRUE(
		next_event(&text, "caliptra_execute", fields, sizeof(fields)));
	ASSERT_TRUE(
		next_event(&text, "caliptra_error", fields, sizeof(fields)));
	EXPECT_EQ(strncmp(fields, "cmd=0x46505652 error=-110 ", 26), 0);
	EXPECT_NE(strstr(fields, " sent=1"), NULL);
	ASSERT_TRUE(
		next_event(&text, "caliptra_error", fields, sizeof(fields)));
	EXPECT_NE(strstr(fields, " error=-110 "), NULL);
	EXPECT_NE(strstr(fields, " sent=0"), NULL);
	EXPECT_STREQ(text, "");
}

TEST_HARNESS_MAIN
