// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the control socket: what each request does to the device, what is
 * refused, and lines that come in pieces, in heaps, too long or not to their
 * end. Last, the program at both ends of it.
 */
#include "door.h"

#include <caliptra/commands.h>
#include <inttypes.h>

#include "control.h"

#define PATH "control"

#define PL0 SOC_BOOT_PL0_USER

/* The longest line, with its end. */
#define MAX_LINE 256

/* The longest answer. */
#define MAX_REPLY 512

#define ERROR_REQUEST \
	"error there is no such request; see 'swcaliptra --help'\n"
#define ERROR_FAULT                                                             \
	"error a fault is 'none', 'late MS', 'no-answer', 'dlen N', "           \
	"'no-interrupt', 'stuck-interrupt', 'interrupt-storm', 'stuck-lock', "  \
	"'lost-lock', 'protocol', 'ecc', 'ecc-single', 'reset', 'reset busy', " \
	"'reset busy warm', 'update', 'watchdog', 'constant-random', "          \
	"'fatal CODE', 'non-fatal CODE', 'hw-fatal BITS' or "                   \
	"'hw-non-fatal BITS'\n"
#define ERROR_RESET \
	"error a reset is 'cold', 'cold fuses', 'cold bootfsm', 'cold firmware', 'warm' or 'update'\n"
#define ERROR_UPDATE "error no runtime firmware runs that could be updated\n"
#define ERROR_MESSAGE \
	"error a message has a number of bytes that the mailbox has room for\n"
#define ERROR_LOCK   "error somebody has the mailbox\n"
#define ERROR_UNLOCK "error the microcontroller does not have the mailbox\n"

static int client;
static unsigned int resets;
static enum device_reset last_reset;
static enum soc_boot_hold last_hold;

static bool reset(void *context, enum device_reset kind,
		  enum soc_boot_hold hold)
{
	struct fuses fuses;

	assert_ptr_equal(context, &resets);
	if (!device_reset(&dev, kind))
		return false;
	resets++;
	last_reset = kind;
	last_hold = hold;
	test_fuses(&fuses);
	if (kind != DEVICE_RESET_UPDATE)
		soc_boot(&dev.bus, &fuses, 0, hold);
	return true;
}

static void on_command(void *unused, const struct device_command *cmd)
{
	(void)unused;
	control_note_command(cmd);
}

static int setup(void **unused)
{
	static const struct device_command none;

	(void)unused;
	start_device(SOC_BOOT_HOLD_NONE);
	dev.on_command = on_command;
	control_note_command(&none);
	resets = 0;
	client = connect_to(PATH);
	settle();
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	hang_up_and_settle(client);
	stop_device();
	return 0;
}

/* The next line, and no more than that. */
static const char *next_line(int fd)
{
	static char line[MAX_REPLY];
	size_t len = 0;

	do {
		assert_in_range(len, 0, sizeof(line) - 2);
		if (!receive(fd, line + len, 1))
			fail_msg("there is no answer");
	} while (line[len++] != '\n');
	line[len] = '\0';
	return line;
}

/* @request is answered by @answer, and by nothing else. */
static void expect_answer(const char *request, const char *answer)
{
	const char *line;

	send_all(client, request, strlen(request));
	send_all(client, "\n", 1);
	line = next_line(client);
	expect(!strcmp(line, answer), "'%s' brings %s", request, line);
	expect_silence(client);
}

static void expect_no_faults(void)
{
	static const struct faults none;

	assert_memory_equal(&dev.faults, &none, sizeof(none));
}

/* The argument of the only fault that is armed, or the first one of them. */
static uint32_t late_ms(void)
{
	assert_int_not_equal(dev.faults.armed, 0);
	return dev.faults.value[__builtin_ctz(dev.faults.armed)];
}

/* A command to its end, as a SoC sends it. */
static void run_version(void)
{
	csr_read(&dev, PL0, MBOX_LOCK);
	csr_write(&dev, PL0, MBOX_CMD, CALIPTRA_CMD_VERSION);
	csr_write(&dev, PL0, MBOX_DLEN, 4);
	csr_write(&dev, PL0, MBOX_DATAIN, 0u - ('F' + 'P' + 'V' + 'R'));
	csr_write(&dev, PL0, MBOX_EXECUTE, 1);
	settle();
	csr_write(&dev, PL0, MBOX_EXECUTE, 0);
}

static void resets_as_far_as_wanted(void **unused)
{
	static const struct {
		const char *request;
		enum soc_boot_hold hold;
	} cases[] = {
		{ "reset cold", SOC_BOOT_HOLD_NONE },
		{ "reset cold fuses", SOC_BOOT_HOLD_FUSES },
		{ "reset cold bootfsm", SOC_BOOT_HOLD_BOOTFSM },
		{ "reset cold firmware", SOC_BOOT_HOLD_FIRMWARE },
		{ "reset cold", SOC_BOOT_HOLD_NONE },
	};
	unsigned int i;

	(void)unused;
	for (i = 0; i < COUNT(cases); i++) {
		expect_answer(cases[i].request, "ok\n");
		assert_int_equal(resets, i + 1);
		assert_int_equal(last_reset, DEVICE_RESET_COLD);
		assert_int_equal(last_hold, cases[i].hold);
	}
}

static void resets_without_power(void **unused)
{
	(void)unused;
	expect_answer("reset warm", "ok\n");
	assert_int_equal(last_reset, DEVICE_RESET_WARM);
	settle();
	expect_answer("reset update", "ok\n");
	assert_int_equal(last_reset, DEVICE_RESET_UPDATE);
	assert_int_equal(resets, 2);
	expect_answer("reset cold fuses", "ok\n");
	expect_answer("reset update", ERROR_UPDATE);
	assert_int_equal(resets, 3);
}

static void wrong_resets(void **unused)
{
	(void)unused;
	expect_answer("reset", ERROR_REQUEST);
	expect_answer("reset warm fuses", ERROR_RESET);
	expect_answer("reset update fuses", ERROR_RESET);
	expect_answer("reset hot", ERROR_RESET);
	expect_answer("reset Cold", ERROR_RESET);
	expect_answer("reset cold none", ERROR_RESET);
	expect_answer("reset cold fuse", ERROR_RESET);
	expect_answer("reset cold fuses again", ERROR_REQUEST);
	expect_answer("reset fuses", ERROR_RESET);
	expect_answer("resetcold", ERROR_REQUEST);
	assert_int_equal(resets, 0);
}

/* Every name there is; what each does is for other tests. */
static void faults(void **unused)
{
	static const char *const armed[] = {
		"late 1500",
		"late 0",
		"late 4294967295",
		"no-answer",
		"dlen 0x40001",
		"no-interrupt",
		"stuck-interrupt",
		"interrupt-storm",
		"lost-lock",
		"protocol",
		"ecc",
		"ecc-single",
		"reset",
		"reset busy",
		"reset busy warm",
		"update",
		"watchdog",
	};
	char request[64];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(armed); i++) {
		snprintf(request, sizeof(request), "fault %s", armed[i]);
		expect_answer(request, "ok\n");
		assert_int_not_equal(dev.faults.armed, 0);
		assert_int_equal(dev.faults.armed & (dev.faults.armed - 1), 0);
		expect_answer("fault none", "ok\n");
		expect_no_faults();
	}
	expect_answer("fault stuck-lock", "ok\n");
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 1);
	expect_answer("fault none", "ok\n");
	expect_answer("fault constant-random", "ok\n");
	assert_true(dev.fw.constant_random);
	expect_answer("fault none", "ok\n");
	assert_false(dev.fw.constant_random);
	expect_answer("fault non-fatal 0x1234", "ok\n");
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL), 0x1234);
	expect_answer("fault hw-non-fatal 1", "ok\n");
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_NON_FATAL), 1);
	expect_answer("fault hw-fatal 2", "ok\n");
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_FATAL), 2);
	expect_answer("fault fatal 0x5678", "ok\n");
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), 0x5678);
	expect_no_faults();
}

/* They are the next command's alone. */
static void faults_take_effect(void **unused)
{
	uint32_t wires;

	(void)unused;
	expect_answer("fault dlen 77", "ok\n");
	expect_answer("fault no-interrupt", "ok\n");
	csr_read(&dev, PL0, MBOX_LOCK);
	csr_write(&dev, PL0, MBOX_CMD, CALIPTRA_CMD_VERSION);
	csr_write(&dev, PL0, MBOX_DLEN, 0);
	csr_write(&dev, PL0, MBOX_EXECUTE, 1);
	settle();
	wires = bus_wires(&dev.bus);
	assert_int_equal(wires & BUS_WIRE_MAILBOX_DATA_AVAIL, 0);
	assert_int_equal(csr_read(&dev, PL0, MBOX_DLEN), 77);
	csr_write(&dev, PL0, MBOX_EXECUTE, 0);
	expect_no_faults();
}

static void wrong_faults(void **unused)
{
	static const char *const numbers[] = {
		"-1",
		"+1",
		"x",
		"0x",
		"1x",
		"0x1g",
		"1.5",
		"\t1",
		"1\t",
		"4294967296",
		"1e3",
		"-0",
		"''",
		"\xd9\xa1",
		"0x100000000",
		"1\r",
		"--1",
		"inf",
		"18446744073709551616",
		"18446744073709551617",
	};
	char request[64];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(numbers); i++) {
		snprintf(request, sizeof(request), "fault late %s", numbers[i]);
		expect_answer(request, ERROR_FAULT);
		snprintf(request, sizeof(request), "fault dlen %s", numbers[i]);
		expect_answer(request, ERROR_FAULT);
	}
	expect_answer("fault", ERROR_REQUEST);
	expect_answer("fault late", ERROR_FAULT);
	expect_answer("fault dlen", ERROR_FAULT);
	expect_answer("fault no-interrupt 1", ERROR_FAULT);
	expect_answer("fault reset 1", ERROR_FAULT);
	expect_answer("fault nothing", ERROR_FAULT);
	expect_answer("fault late 1 2", ERROR_FAULT);
	expect_answer("fault late 1 2 3", ERROR_REQUEST);
	expect_answer("fault lat 1", ERROR_FAULT);
	expect_answer("fault latex", ERROR_FAULT);
	expect_answer("fault none 1", ERROR_FAULT);
	expect_answer("fault fatal", ERROR_FAULT);
	expect_answer("fault hw-fatal x", ERROR_FAULT);
	expect_answer("fault hw-fatal 0x80000000",
		      "error CPTRA_HW_ERROR_FATAL has no such bits\n");
	expect_answer("fault hw-fatal 0",
		      "error CPTRA_HW_ERROR_FATAL has no such bits\n");
	expect_answer("fault hw-non-fatal 0x11",
		      "error CPTRA_HW_ERROR_NON_FATAL has no such bits\n");
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_FATAL), 0);
	assert_int_equal(ifc_read(&dev, CPTRA_HW_ERROR_NON_FATAL), 0);
	expect_no_faults();
}

static void lock_and_unlock(void **unused)
{
	(void)unused;
	expect_answer("unlock", ERROR_UNLOCK);
	expect_answer("lock", "ok\n");
	assert_true(dev.mbox.uc_has_lock);
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 1);
	expect_answer("lock", ERROR_LOCK);
	expect_answer("unlock", "ok\n");
	assert_false(dev.mbox.lock);
	expect_answer("unlock", ERROR_UNLOCK);

	/* and not while a SoC has it */
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 0);
	expect_answer("lock", ERROR_LOCK);
	expect_answer("unlock", ERROR_UNLOCK);
	assert_true(dev.mbox.soc_has_lock);

	/* but for a violation, which nothing else ends but a reset */
	csr_write(&dev, PL0, MBOX_EXECUTE, 1);
	assert_int_equal(dev.mbox.fsm, MBOX_FSM_ERROR);
	expect_answer("unlock", "ok\n");
	run_version();
	assert_false(dev.mbox.lock);
}

/* It is for any SoC user to read, and for the microcontroller to take back. */
static void messages(void **unused)
{
	(void)unused;
	expect_answer("message", "ok\n");
	settle();
	assert_true(bus_wires(&dev.bus) & BUS_WIRE_MAILBOX_DATA_AVAIL);
	assert_int_equal(MBOX_STATUS_FSM_PS(csr_read(&dev, PL0, MBOX_STATUS)),
			 MBOX_FSM_EXECUTE_SOC);
	assert_false(csr_read(&dev, PL0, MBOX_STATUS) &
		     MBOX_STATUS_SOC_HAS_LOCK);
	assert_int_equal(csr_read(&dev, PL0, MBOX_DLEN), 4);
	assert_int_equal(csr_read(&dev, PL0, MBOX_DATAOUT),
			 csr_read(&dev, PL0, MBOX_CMD));
	expect_answer("message", ERROR_LOCK);
	expect_answer("unlock", "ok\n");
	settle();
	assert_false(bus_wires(&dev.bus) & BUS_WIRE_MAILBOX_DATA_AVAIL);
}

/* The SoC says what it makes of it, and the mailbox is free. */
static void answered_messages(void **unused)
{
	static const uint32_t sizes[] = { 0, 1, 7, 262144 };
	char request[32];
	uint32_t i, word;

	(void)unused;
	for (i = 0; i < COUNT(sizes); i++) {
		snprintf(request, sizeof(request), "message %" PRIu32,
			 sizes[i]);
		expect_answer(request, "ok\n");
		settle();
		expect_answer("answer",
			      "error the SoC has not answered a message\n");
		assert_int_equal(csr_read(&dev, PL0, MBOX_DLEN), sizes[i]);
		for (word = 0; word < sizes[i]; word += 4)
			assert_int_equal(csr_read(&dev, PL0, MBOX_DATAOUT),
					 0x4d534721 + word);
		csr_write(&dev, PL0, MBOX_STATUS, i % 2 ? 2 : 3);
		settle();
		expect_answer("answer",
			      i % 2 ? "ok CMD_COMPLETE\n" : "ok CMD_FAILURE\n");
		assert_false(dev.mbox.lock);
	}
	expect_answer("message 262145", ERROR_MESSAGE);
	expect_answer("message x", ERROR_MESSAGE);
	expect_answer("message -1", ERROR_MESSAGE);
	assert_false(dev.mbox.lock);
}

static void counts(void **unused)
{
	uint64_t reads;
	uint64_t writes;
	uint64_t ns;

	(void)unused;
	expect_answer("count", "ok 0 0 0\n");
	run_version();
	send_all(client, "count\n", 6);
	assert_int_equal(sscanf(next_line(client),
				"ok %" SCNu64 " %" SCNu64 " %" SCNu64 "\n",
				&reads, &writes, &ns),
			 3);
	assert_int_equal(reads, 1);
	assert_int_equal(writes, 5);
	assert_int_not_equal(ns, 0);

	control_note_command(&(struct device_command){
		.reads = UINT64_MAX,
		.writes = UINT64_MAX - 1,
		.device_ns = UINT64_MAX - 2,
	});
	expect_answer("count", "ok 18446744073709551615 18446744073709551614 "
			       "18446744073709551613\n");
}

static void unknown_requests(void **unused)
{
	static const char *const unknown[] = {
		"",
		" ",
		"    ",
		"help",
		"LOCK",
		"lock x",
		"unlock x",
		"count 1",
		"coun",
		"counts",
		"lock\r",
		"\tlock",
		"lock\t",
		"\"lock\"",
		"lock;unlock",
		"reset\tcold",
		"a b c d e f g h i j",
		"\xff\xfe\xfd",
		"%n%s%d",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(unknown); i++)
		expect_answer(unknown[i], ERROR_REQUEST);
	assert_false(dev.mbox.lock);
	assert_int_equal(resets, 0);
}

static void spaces_do_not_count(void **unused)
{
	(void)unused;
	expect_answer("  fault   late    7  ", "ok\n");
	assert_int_equal(late_ms(), 7);
	expect_answer(" fault reset  busy warm ", "ok\n");
	expect_answer(" lock ", "ok\n");
	assert_true(dev.mbox.uc_has_lock);
}

static void longest_lines(void **unused)
{
	char line[2 * MAX_LINE];

	(void)unused;
	memset(line, ' ', sizeof(line));
	memcpy(line + MAX_LINE - 1 - 4, "lock\n", 5);
	send_all(client, line, MAX_LINE);
	assert_string_equal(next_line(client), "ok\n");
	assert_true(dev.mbox.uc_has_lock);

	/* one byte more is too much, whether its end is there or not */
	memcpy(line + MAX_LINE - 6, " unlock\n", 8);
	send_all(client, line, MAX_LINE + 2);
	expect_hang_up(client);
	assert_contains(heard(), "too long");
	assert_true(dev.mbox.uc_has_lock);

	client = connect_to(PATH);
	send_all(client, line, MAX_LINE - 1);
	expect_silence(client);
	send_all(client, "x", 1);
	expect_hang_up(client);

	/* what came in front of it is answered */
	client = connect_to(PATH);
	memset(line, 'x', sizeof(line));
	memcpy(line, "unlock\n", 7);
	send_all(client, line, sizeof(line));
	assert_string_equal(next_line(client), "ok\n");
	expect_hang_up(client);
	assert_false(dev.mbox.lock);
	client = connect_to(PATH);
}

static void zero_bytes(void **unused)
{
	static const char *const lines[] = { "lock\0", "lock\0unlock", "\0lock",
					     "lo\0ck" };
	static const size_t lens[] = { 5, 11, 5, 5 };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(lines); i++) {
		send_all(client, lines[i], lens[i]);
		send_all(client, "\n", 1);
		assert_string_equal(next_line(client), ERROR_REQUEST);
		expect_silence(client);
		assert_false(dev.mbox.lock);
	}
}

static void many_lines_at_once(void **unused)
{
	static const char lines[] = "lock\nunlock\nunlock\n\nfault late 3\n"
				    "reset cold\nbogus\ncount\nlock\nun";
	static const char *const answers[] = {
		"ok\n", "ok\n",	       ERROR_UNLOCK, ERROR_REQUEST, "ok\n",
		"ok\n", ERROR_REQUEST, "ok 0 0 0\n", "ok\n",
	};
	size_t i;

	(void)unused;
	send_all(client, lines, sizeof(lines) - 1);
	for (i = 0; i < COUNT(answers); i++)
		assert_string_equal(next_line(client), answers[i]);
	expect_silence(client);
	assert_int_equal(resets, 1);
	assert_true(dev.mbox.uc_has_lock);
	expect_answer("lock", "ok\n");
	assert_false(dev.mbox.lock);
}

static void byte_by_byte(void **unused)
{
	static const char lines[] = "fault late 12\nlock\nfault";
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(lines) - 1; i++) {
		send_all(client, lines + i, 1);
		if (lines[i] == '\n')
			assert_string_equal(next_line(client), "ok\n");
		expect_silence(client);
	}
	assert_int_equal(late_ms(), 12);
	expect_answer(" no-interrupt", "ok\n");
}

/* A line without its end is none. */
static void hang_up_in_a_line(void **unused)
{
	static const char line[] = "reset cold";
	unsigned int before = open_descriptors();
	size_t len;
	int fd;

	(void)unused;
	for (len = 0; len < sizeof(line); len++) {
		fd = connect_to(PATH);
		send_all(fd, line, len);
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		expect_hang_up(fd);
		assert_int_equal(open_descriptors(), before);
	}
	assert_int_equal(resets, 0);

	/* a whole one is done, whether or not somebody hears the answer */
	fd = connect_to(PATH);
	send_all(fd, "lock\n", 5);
	hang_up_and_settle(fd);
	assert_true(dev.mbox.uc_has_lock);
	expect_answer("unlock", "ok\n");
}

static void clients_beside_each_other(void **unused)
{
	unsigned int before = open_descriptors();
	int fds[40];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(fds); i++) {
		fds[i] = connect_to(PATH);
		send_all(fds[i], "cou", 3);
		settle();
	}
	for (i = 0; i < COUNT(fds); i++) {
		send_all(fds[i], "nt\n", 3);
		assert_string_equal(next_line(fds[i]), "ok 0 0 0\n");
	}
	for (i = 0; i < COUNT(fds); i++)
		close(fds[i]);
	settle();
	assert_int_equal(open_descriptors(), before);
	expect_answer("lock", "ok\n");
}

static void client_that_does_not_read(void **unused)
{
	int fd = connect_to(PATH);
	ssize_t n;
	int i;

	(void)unused;
	for (i = 0; i < 1000000; i++) {
		n = send(fd, "x\n", 2, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n != 2)
			break;
		assert_int_equal(loop_run(0), 0);
	}
	/* it is gone, and the others are not */
	assert_int_equal(n, -1);
	assert_int_not_equal(errno, EAGAIN);
	close(fd);
	expect_answer("lock", "ok\n");
}

static void nonsense(void **unused)
{
	unsigned int before = open_descriptors();
	uint32_t seed = 3;
	uint8_t bytes[2 * MAX_LINE];
	int i;

	(void)unused;
	for (i = 0; i < 500; i++) {
		int fd = connect_to(PATH);
		size_t len = 1 + next_random(&seed) % sizeof(bytes);

		fill_random(&seed, bytes, len);
		send_all(fd, bytes, len);
		hang_up_and_settle(fd);
		assert_int_equal(open_descriptors(), before);
	}
	assert_int_equal(resets, 0);
	expect_no_faults();
	expect_answer("lock", "ok\n");
}

/* "swcaliptra ctl" with these words: what it prints and its exit status. */
#define EXPECT_CTL(status, text, ...)                                        \
	do {                                                                 \
		char output[1024];                                           \
		int got = RUN(output, "ctl", "--control", "outside",         \
			      __VA_ARGS__);                                  \
		expect(got == (status) && !strcmp(output, text), "%d, '%s'", \
		       got, output);                                         \
	} while (0)

static void program(void **unused)
{
	static const char *const words[] = { "--state", "state",     "--socket",
					     "socket",	"--control", "outside",
					     NULL };
	char output[1024];
	char endless[MAX_LINE];
	pid_t pid = start_outside(words, "outside");
	struct stat st;

	(void)unused;
	assert_int_equal(stat("outside", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	EXPECT_CTL(0, "ok 0 0 0\n", "count");
	EXPECT_CTL(0, "ok\n", "lock");
	EXPECT_CTL(1, "swcaliptra: " ERROR_LOCK, "lock");
	EXPECT_CTL(0, "ok\n", "unlock");
	EXPECT_CTL(1, "swcaliptra: " ERROR_UNLOCK, "unlock");
	EXPECT_CTL(0, "ok\n", "fault", "late", "0");
	EXPECT_CTL(0, "ok\n", "fault late 0");
	EXPECT_CTL(1, "swcaliptra: " ERROR_FAULT, "fault", "late");
	EXPECT_CTL(1, "swcaliptra: " ERROR_REQUEST, "");
	EXPECT_CTL(0, "ok\n", "lock");
	/* a reset gives the mailbox back, in whatever stage it ends */
	EXPECT_CTL(0, "ok\n", "reset", "cold", "fuses");
	EXPECT_CTL(0, "ok\n", "reset", "cold", "bootfsm");
	EXPECT_CTL(0, "ok\n", "reset", "cold", "firmware");
	EXPECT_CTL(0, "ok\n", "reset", "cold");
	EXPECT_CTL(0, "ok\n", "lock");
	EXPECT_CTL(0, "ok\n", "reset", "warm");
	EXPECT_CTL(0, "ok\n", "reset", "update");
	EXPECT_CTL(0, "ok\n", "fault", "reset", "busy", "warm");
	EXPECT_CTL(0, "ok\n", "lock");

	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	EXPECT_CTL(2, "swcaliptra: error: the request is too long\n", endless);
	assert_int_equal(RUN(output, "ctl", "--control", "outside"), 2);
	assert_int_equal(RUN(output, "ctl", "lock"), 2);
	stop_outside(pid, "outside");
	EXPECT_CTL(
		1,
		"swcaliptra: error: can not connect to outside: No such file or directory\n",
		"lock");
}

static int serve(void **unused)
{
	struct control_config config = {
		.path = PATH,
		.dev = &dev,
		.reset = reset,
		.context = &resets,
	};

	enter_test_folder(unused);
	assert_int_equal(loop_init(), 0);
	assert_int_equal(control_serve(&config), 0);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(resets_as_far_as_wanted),
		TEST(resets_without_power),
		TEST(wrong_resets),
		TEST(faults),
		TEST(faults_take_effect),
		TEST(wrong_faults),
		TEST(lock_and_unlock),
		TEST(messages),
		TEST(answered_messages),
		TEST(counts),
		TEST(unknown_requests),
		TEST(spaces_do_not_count),
		TEST(longest_lines),
		TEST(zero_bytes),
		TEST(many_lines_at_once),
		TEST(byte_by_byte),
		TEST(hang_up_in_a_line),
		TEST(clients_beside_each_other),
		TEST(client_that_does_not_read),
		TEST(nonsense),
		TEST(program),
	};

	return cmocka_run_group_tests_name("control", tests, serve,
					   leave_test_folder);
}
