// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the transport over a unix socket against peers that are there, absent,
 * old, slow or hostile: what travels, what is believed, and that after a timeout
 * or a signal nobody gets somebody else's answer.
 */
#include "fake_peer.h"

#include <dirent.h>
#include <sys/time.h>
#include <time.h>

#define CODE 0x50435251

/* Long enough for any peer that is not held back. */
#define PATIENCE_MS 20000

static struct fake_peer *peer;
static CaliptraTransport *transport;
static CaliptraSession *session;

static void open_session(const char *path)
{
	char name[128];

	snprintf(name, sizeof(name), "unix:%s", path);
	assert_int_equal(caliptra_transport_open(name, &transport),
			 CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_session_create_with_protocol(
				 transport, CALIPTRA_PROTOCOL_MAILBOX,
				 &session),
			 CALIPTRA_SUCCESS);
	caliptra_session_set_timeout(session, PATIENCE_MS);
}

static void close_session(void)
{
	caliptra_session_destroy(session);
	session = NULL;
	assert_int_equal(caliptra_transport_destroy(transport),
			 CALIPTRA_SUCCESS);
	transport = NULL;
}

/* A peer of this kind, and a session that is not connected to it yet. */
static void start(enum fake_mode mode)
{
	peer = fake_peer_start(mode);
	open_session(peer->path);
}

static void start_connected(enum fake_mode mode)
{
	start(mode);
	expect(!caliptra_session_connect(session), "%s",
	       caliptra_session_error(session));
}

static void stop(void)
{
	close_session();
	if (peer)
		fake_peer_stop(peer);
	peer = NULL;
}

static size_t open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* A request of @n bytes, fips_status included; its answer has the same body. */
static CaliptraError echo(uint32_t seed, size_t n)
{
	static uint8_t body[FAKE_MAX], rsp[FAKE_MAX];
	CaliptraError error;
	size_t len = 0;

	fill(body, n, seed);
	error = caliptra_session_execute(session, CODE, body, n, rsp,
					 sizeof(rsp), &len);
	if (!error) {
		assert_int_equal(len, n);
		assert_memory_equal(rsp, body, n);
	}
	return error;
}

static void nobody_is_there(void **state)
{
	char dir[] = "/tmp/caliptra-test.XXXXXX", path[64];
	static const char *const absent[] = { "/nowhere/socket", "/dev/null",
					      "/tmp" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/socket", dir);
	strcpy(addr.sun_path, path);
	assert_return_code(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
	for (i = 0; i <= ARRAY_SIZE(absent); i++) {
		const char *where = i ? absent[i - 1] : path;

		open_session(where);
		assert_int_equal(caliptra_session_connect(session),
				 CALIPTRA_ERROR_TRANSPORT);
		assert_contains(caliptra_session_error(session), where);
		assert_int_equal(echo(1, 8), CALIPTRA_ERROR_STATE);
		close_session();
	}
	unlink(path);
	rmdir(dir);
}

static void check_request(size_t n)
{
	static uint8_t body[FAKE_MAX];
	size_t i, len = n + 4;

	fill(body, n, (uint32_t)n);
	assert_int_equal(echo((uint32_t)n, n), CALIPTRA_SUCCESS);
	assert_int_equal(peer->code, CODE);
	assert_int_equal(peer->dlen, len);
	assert_int_equal(get32(peer->data), expected_checksum(CODE, body, n));
	assert_memory_equal(peer->data + 4, body, n);
	for (i = len; i % 4; i++)
		assert_int_equal(peer->data[i], 0);
}

static void requests_travel_as_the_protocol_says(void **state)
{
	enum fake_mode mode;
	size_t n;

	(void)state;
	for (mode = FAKE_TAGGED; mode <= FAKE_CLOSES_ON_HELLO; mode++) {
		start_connected(mode);
		for (n = 4; n < 20; n++) {
			check_request(n);
			if (mode != FAKE_TAGGED)
				continue;
			assert_int_equal(peer->seq, n - 3);
			assert_int_equal(peer->user, 7);
			assert_int_equal(peer->patience_ms,
					 PATIENCE_MS / 8 * 7);
		}
		check_request(4096 - 4);
		check_request(256 * 1024 - 5);
		check_request(256 * 1024 - 4);
		stop();
	}
}

static void old_peers_are_talked_to_as_qemu_does(void **state)
{
	static const enum fake_mode modes[] = { FAKE_CLOSES_ON_HELLO,
						FAKE_CLOSES_IN_HELLO_REPLY,
						FAKE_IGNORES_HELLO };
	struct caliptra_device_info info;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		start_connected(modes[i]);
		assert_int_equal(echo(1, 100), CALIPTRA_SUCCESS);
		assert_int_equal(echo(2, 100), CALIPTRA_SUCCESS);
		assert_int_equal(peer->connections, 2);
		memset(&info, 0xff, sizeof(info));
		assert_int_equal(caliptra_session_info(session, &info),
				 CALIPTRA_SUCCESS);
		assert_int_equal(info.state, CALIPTRA_DEVICE_STATE_UNKNOWN);
		assert_int_equal(info.mailbox_size, 0);
		assert_int_equal(info.mailbox, CALIPTRA_DEVICE_MAILBOX_UNKNOWN);
		assert_false(info.registers);
		stop();
	}
}

static void greetings_are_checked(void **state)
{
	static const struct {
		const char *what;
		struct fake_hello hello;
	} cases[] = {
		{ "begins with", { 1, 4096, .reply.magic = 1 } },
		{ "of protocol version 2", { 1, 4096, .reply.version = 1 } },
		{ "message 32770", { 1, 4096, .reply.command = 1 } },
		{ "greeting has 32", { 1, 4096, .reply.payload = 4 } },
		{ "greeting has 24", { 1, 4096, .reply.payload = -4u } },
		{ "version 2 of our", { 2, 4096 } },
		{ "version 0 of our", { 0, 4096 } },
		{ "262145 bytes", { 1, 256 * 1024 + 1 } },
		{ "4294967295 bytes", { 1, UINT32_MAX } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		start(FAKE_TAGGED);
		peer->hello = cases[i].hello;
		expect(caliptra_session_connect(session) ==
			       CALIPTRA_ERROR_PROTOCOL,
		       "%s", cases[i].what);
		assert_contains(caliptra_session_error(session), cases[i].what);
		assert_int_equal(echo(1, 8), CALIPTRA_ERROR_STATE);
		assert_int_equal(peer->commands, 0);
		stop();
	}
}

static void a_greeting_tells_of_the_device(void **state)
{
	static const struct {
		uint32_t flow_status;
		uint32_t fw_error_fatal;
		enum caliptra_device_state state;
		uint32_t mailbox;
	} cases[] = {
		{ 0, 0, CALIPTRA_DEVICE_RESET, 1 },
		{ 0x8fffffff, 0, CALIPTRA_DEVICE_RESET, 1 },
		{ 1u << 30, 0, CALIPTRA_DEVICE_READY_FOR_FUSES, 1 },
		{ 1u << 28, 0, CALIPTRA_DEVICE_READY_FOR_MB_PROCESSING, 1 },
		{ 3u << 28, 0, CALIPTRA_DEVICE_READY_FOR_RUNTIME, 1 },
		{ 1u << 29, 0, CALIPTRA_DEVICE_READY_FOR_RUNTIME, 1 },
		{ 3u << 28, 1, CALIPTRA_DEVICE_FATAL_ERROR, 1 },
		{ 1u << 29, 0, CALIPTRA_DEVICE_READY_FOR_RUNTIME, 0 },
		{ 1u << 29, 0, CALIPTRA_DEVICE_READY_FOR_RUNTIME, 3 },
		{ 0xfcfeffff, 0, CALIPTRA_DEVICE_RESET, 2 },
		{ 1u << 16, 0, CALIPTRA_DEVICE_READY_FOR_MB_PROCESSING, 2 },
		{ 1u << 25, 0, CALIPTRA_DEVICE_READY_FOR_RUNTIME, 2 },
		{ 0x01ff0001, 0, CALIPTRA_DEVICE_READY_FOR_MB_PROCESSING, 2 },
		{ 0x03ff0001, 1, CALIPTRA_DEVICE_FATAL_ERROR, 2 },
	};
	struct caliptra_device_info info;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		start(FAKE_TAGGED);
		peer->hello = (struct fake_hello){ 1,
						   4096,
						   cases[i].flow_status,
						   cases[i].fw_error_fatal,
						   0x00020012,
						   1,
						   cases[i].mailbox,
						   { .in_pieces = true } };
		assert_int_equal(caliptra_session_info(session, &info),
				 CALIPTRA_ERROR_STATE);
		assert_int_equal(caliptra_session_connect(session),
				 CALIPTRA_SUCCESS);
		memset(&info, 0xff, sizeof(info));
		assert_int_equal(caliptra_session_info(session, &info),
				 CALIPTRA_SUCCESS);
		expect(info.state == cases[i].state, "case %zu", i);
		assert_int_equal(info.mailbox,
				 cases[i].mailbox < 3 ? cases[i].mailbox : 0);
		assert_int_equal(info.mailbox_size, 4096);
		assert_int_equal(info.hw_rev_id, 0x00020012);
		assert_false(info.registers);
		assert_false(info.interrupt);
		stop();
	}
}

/**
 * struct answer_case - an answer that is not the right one
 * @what: what has to be said about it
 * @reply: in what it differs
 * @error: what the call returns
 * @mode: which peers it is for: a bit for each, 0 for both
 * @lost: nobody knows where the next message begins
 */
static const struct answer_case {
	const char *what;
	struct fake_reply reply;
	CaliptraError error;
	unsigned int mode;
	bool lost;
} answers[] = {
	{ "begins with 0x4d424f59",
	  { .magic = 1 },
	  CALIPTRA_ERROR_PROTOCOL,
	  0,
	  true },
	{ "protocol version 2",
	  { .version = 1 },
	  CALIPTRA_ERROR_PROTOCOL,
	  0,
	  true },
	{ "message 3 ", { .command = 1 }, CALIPTRA_ERROR_PROTOCOL, 2, true },
	{ "message 2 ",
	  { .command = 0x7fff },
	  CALIPTRA_ERROR_PROTOCOL,
	  1,
	  true },
	{ "message 32771 ",
	  { .command = 0x8001 },
	  CALIPTRA_ERROR_PROTOCOL,
	  2,
	  true },
	{ "message has", { .payload = 4 }, CALIPTRA_ERROR_PROTOCOL, 0, true },
	{ "message has", { .payload = -4u }, CALIPTRA_ERROR_PROTOCOL, 0, true },
	{ "message has",
	  { .payload = 0x80000000 },
	  CALIPTRA_ERROR_PROTOCOL,
	  0,
	  true },
	{ "bytes",
	  { .dlen = 256 * 1024 - 104 + 1 },
	  CALIPTRA_ERROR_PROTOCOL,
	  0,
	  true },
	{ "bytes", { .dlen = 0x7fffff00 }, CALIPTRA_ERROR_PROTOCOL, 0, true },
	{ "bytes", { .dlen = -105u }, CALIPTRA_ERROR_PROTOCOL, 0, true },
	{ "command 2", { .seq = 1 }, CALIPTRA_ERROR_PROTOCOL, 1, true },
	{ "command 0", { .seq = -1u }, CALIPTRA_ERROR_PROTOCOL, 1, true },
	{ "checksum", { .dlen = 1 }, CALIPTRA_ERROR_PROTOCOL },
	{ "status is 4", { .status = 3 }, CALIPTRA_ERROR_PROTOCOL },
	{ "status is 4294967295", { .status = -2u }, CALIPTRA_ERROR_PROTOCOL },
	{ "status is 0", { .status = -1u }, CALIPTRA_ERROR_PROTOCOL },
	{ "no firmware runs",
	  { .status = 0x100, .no_data = true },
	  CALIPTRA_ERROR_STATE,
	  1 },
	{ "locked",
	  { .status = 0x101, .no_data = true },
	  CALIPTRA_ERROR_BUSY,
	  1 },
	{ "AXI user 7",
	  { .status = 0x102, .no_data = true },
	  CALIPTRA_ERROR_STATE,
	  1 },
	{ "status is 259", { .status = 0x103 - 1 }, CALIPTRA_ERROR_PROTOCOL },
	{ "no error code", { .status = 2 }, CALIPTRA_ERROR_DEVICE },
	{ "no error code",
	  { .status = 3, .no_data = true },
	  CALIPTRA_ERROR_DEVICE },
	{ "RUNTIME_PCR_RESERVED (0x000e003c)",
	  { .status = 2, .fw_error = 0xe003c },
	  CALIPTRA_ERROR_DEVICE,
	  1 },
	{ "without a name (0xffffffff)",
	  { .status = 2, .fw_error = UINT32_MAX },
	  CALIPTRA_ERROR_DEVICE,
	  1 },
};

static void check_answer(const struct answer_case *c, enum fake_mode mode)
{
	start_connected(mode);
	peer->reply = c->reply;
	expect(echo(1, 100) == c->error, "%s, mode %d: %s", c->what, mode,
	       caliptra_session_error(session));
	assert_contains(caliptra_session_error(session), c->what);
	assert_contains(caliptra_session_error(session), "QUOTE_PCRS_ECC384: ");
	assert_int_equal(caliptra_session_fw_error(session), c->reply.fw_error);
	peer->reply = (struct fake_reply){ 0 };
	if (c->lost) {
		expect(echo(2, 100) == CALIPTRA_ERROR_STATE, "%s", c->what);
		assert_int_equal(caliptra_session_connect(session),
				 CALIPTRA_SUCCESS);
	}
	expect(!echo(3, 100), "after %s: %s", c->what,
	       caliptra_session_error(session));
	assert_int_equal(caliptra_session_fw_error(session), 0);
	assert_string_equal(caliptra_session_error(session), "");
	stop();
}

static void answers_are_checked(void **state)
{
	const struct answer_case *c;

	(void)state;
	for (c = answers; c < answers + ARRAY_SIZE(answers); c++) {
		if (c->mode != 2)
			check_answer(c, FAKE_TAGGED);
		if (c->mode != 1)
			check_answer(c, FAKE_CLOSES_ON_HELLO);
	}
}

/* One code is an error of the core's firmware and another one of the MCU's. */
static void errors_are_named_by_whose_they_are(void **state)
{
	size_t len;

	(void)state;
	start(FAKE_TAGGED);
	peer->hello.mailbox = 0;
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	peer->reply.status = 2;
	peer->reply.fw_error = 0x00010001;
	assert_int_equal(echo(1, 100), CALIPTRA_ERROR_DEVICE);
	assert_contains(caliptra_session_error(session),
			"DRIVER_BAD_DATASTORE_VAULT_TYPE (0x00010001): ");
	assert_int_equal(caliptra_cmd_mc_dot_status(session, NULL),
			 CALIPTRA_ERROR_DEVICE);
	assert_contains(
		caliptra_session_error(session),
		"MC_DOT_STATUS: the firmware failed the command: ROM_COLD_BOOT_START_RI_DOWNLOAD_ERROR (0x00010001): core did not take");
	assert_int_equal(caliptra_session_fw_error(session), 0x00010001);
	assert_int_equal(caliptra_session_execute(session,
						  CALIPTRA_CMD_MC_FUSE_READ,
						  NULL, 0, NULL, 0, &len),
			 CALIPTRA_ERROR_DEVICE);
	assert_contains(caliptra_session_error(session),
			"ROM_COLD_BOOT_START_RI_DOWNLOAD_ERROR");
	assert_int_equal(caliptra_cmd_version(session, NULL),
			 CALIPTRA_ERROR_DEVICE);
	assert_contains(caliptra_session_error(session),
			"DRIVER_BAD_DATASTORE_VAULT_TYPE");
}

/* A code of nobody's is the MCU's to refuse where the mailbox is the MCI's. */
static void errors_are_named_by_whose_mailbox_it_is(void **state)
{
	size_t len;

	(void)state;
	start(FAKE_TAGGED);
	peer->hello.mailbox = 2;
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	peer->reply.status = 2;
	peer->reply.fw_error = 0x00010001;
	assert_int_equal(caliptra_session_execute(session, 0x00c0ffee, NULL, 0,
						  NULL, 0, &len),
			 CALIPTRA_ERROR_DEVICE);
	assert_contains(caliptra_session_error(session),
			"ROM_COLD_BOOT_START_RI_DOWNLOAD_ERROR");
}

/* Another peer may come, of which less is known. */
static void each_connection_asks_whose_mailbox_it_is(void **state)
{
	(void)state;
	start(FAKE_TAGGED);
	peer->hello.mailbox = 2;
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_cmd_version(session, NULL),
			 CALIPTRA_ERROR_NOT_SUPPORTED);
	caliptra_session_disconnect(session);
	peer->hello.mailbox = 0;
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	peer->reply.status = 2;
	assert_int_equal(caliptra_cmd_version(session, NULL),
			 CALIPTRA_ERROR_DEVICE);
	assert_int_equal(caliptra_cmd_mc_dot_status(session, NULL),
			 CALIPTRA_ERROR_DEVICE);
	assert_int_equal(peer->commands, 2);
}

static void a_fw_error_that_was_no_failure_is_not_told(void **state)
{
	(void)state;
	start_connected(FAKE_TAGGED);
	peer->reply.fw_error = 0xe003c;
	assert_int_equal(echo(1, 100), CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_session_fw_error(session), 0);
}

/* As those of the MCI do. */
static void a_command_may_complete_with_data(void **state)
{
	enum fake_mode mode;

	(void)state;
	for (mode = FAKE_TAGGED; mode <= FAKE_CLOSES_ON_HELLO; mode++) {
		start_connected(mode);
		peer->reply = (struct fake_reply){ .status = 1 };
		assert_int_equal(echo(1, 100), CALIPTRA_SUCCESS);
		stop();
	}
}

static void a_command_may_complete_without_data(void **state)
{
	enum fake_mode mode;
	size_t len;

	(void)state;
	for (mode = FAKE_TAGGED; mode <= FAKE_CLOSES_ON_HELLO; mode++) {
		start_connected(mode);
		peer->reply =
			(struct fake_reply){ .status = 2, .no_data = true };
		assert_int_equal(caliptra_session_execute(session, CODE, NULL,
							  0, NULL, 0, &len),
				 CALIPTRA_SUCCESS);
		assert_int_equal(len, 0);
		stop();
	}
}

static void answers_may_come_in_pieces(void **state)
{
	enum fake_mode mode;
	size_t n;

	(void)state;
	for (mode = FAKE_TAGGED; mode <= FAKE_CLOSES_ON_HELLO; mode++) {
		start_connected(mode);
		peer->reply.in_pieces = true;
		for (n = 4; n < 16; n++)
			assert_int_equal(echo(1, n), CALIPTRA_SUCCESS);
		assert_int_equal(echo(1, 9000), CALIPTRA_SUCCESS);
		stop();
	}
}

/* At every byte of an answer the peer dies; the next connection works. */
static void a_peer_may_die_in_its_answer(void **state)
{
	enum fake_mode mode;
	size_t after;

	(void)state;
	for (mode = FAKE_TAGGED; mode <= FAKE_CLOSES_ON_HELLO; mode++) {
		start_connected(mode);
		for (after = 1; after < (mode ? 20 : 28) + 16; after++) {
			peer->reply.stop_after = after;
			expect(echo(1, 12) == CALIPTRA_ERROR_IO,
			       "after %zu bytes: %s", after,
			       caliptra_session_error(session));
			assert_contains(caliptra_session_error(session),
					peer->path);
			assert_int_equal(echo(1, 12), CALIPTRA_ERROR_STATE);
			peer->reply.stop_after = 0;
			assert_int_equal(caliptra_session_connect(session),
					 CALIPTRA_SUCCESS);
			assert_int_equal(echo(2, 12), CALIPTRA_SUCCESS);
		}
		stop();
	}
}

/* A peer that greets and leaves. */
static void a_peer_may_be_gone(void **state)
{
	(void)state;
	start(FAKE_TAGGED);
	peer->hello.reply.stop_after = 40;
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	assert_int_equal(echo(1, 12), CALIPTRA_ERROR_IO);
	assert_contains(caliptra_session_error(session), peer->path);
	assert_int_equal(echo(1, 12), CALIPTRA_ERROR_STATE);
	shutdown(peer->listener, SHUT_RDWR);
	assert_int_equal(caliptra_session_connect(session),
			 CALIPTRA_ERROR_TRANSPORT);
}

static void too_long_a_request_is_not_sent(void **state)
{
	(void)state;
	start(FAKE_TAGGED);
	peer->hello.mbox_size = 64;
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	assert_int_equal(echo(1, 61), CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_contains(caliptra_session_error(session),
			"65 bytes and the mailbox only 64");
	assert_int_equal(peer->commands, 0);
	assert_int_equal(echo(1, 60), CALIPTRA_SUCCESS);
	stop();

	start_connected(FAKE_CLOSES_ON_HELLO);
	assert_int_equal(echo(1, 256 * 1024 - 3),
			 CALIPTRA_ERROR_INVALID_ARGUMENT);
	assert_int_equal(peer->commands, 0);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The answer to the first command comes when the second one is due. */
static void a_late_answer_is_nobody_elses(void **state)
{
	enum fake_mode mode;
	int64_t begin;
	size_t len;
	uint8_t rsp[8];

	(void)state;
	for (mode = FAKE_TAGGED; mode <= FAKE_CLOSES_ON_HELLO; mode++) {
		start_connected(mode);
		peer->hold = true;
		caliptra_session_set_timeout(session, 60);
		begin = now_ms();
		assert_int_equal(echo(1, 100), CALIPTRA_ERROR_TIMEOUT);
		assert_in_range(now_ms() - begin, 60, 5000);
		assert_contains(caliptra_session_error(session),
				"60 ms; the command may still be executed");
		assert_int_equal(caliptra_session_response(session, rsp, 8,
							   &len),
				 CALIPTRA_ERROR_STATE);
		caliptra_session_set_timeout(session, PATIENCE_MS);
		fake_peer_go(peer, 2);
		assert_int_equal(echo(2, 100), CALIPTRA_SUCCESS);
		fake_peer_go(peer, 1);
		assert_int_equal(echo(3, 50), CALIPTRA_SUCCESS);
		assert_int_equal(peer->commands, 3);
		stop();
	}
}

/* A peer has one command at a time, even if nobody waits for it any more. */
static void nothing_is_sent_while_an_answer_is_due(void **state)
{
	enum fake_mode mode;
	size_t i;

	(void)state;
	for (mode = FAKE_TAGGED; mode <= FAKE_CLOSES_ON_HELLO; mode++) {
		start_connected(mode);
		peer->hold = true;
		caliptra_session_set_timeout(session, 20);
		assert_int_equal(echo(1, 100), CALIPTRA_ERROR_TIMEOUT);
		for (i = 0; i < 3; i++) {
			assert_int_equal(echo(2, 100), CALIPTRA_ERROR_TIMEOUT);
			assert_contains(caliptra_session_error(session),
					"this one was not sent");
		}
		caliptra_session_set_timeout(session, PATIENCE_MS);
		fake_peer_go(peer, 2);
		assert_int_equal(echo(3, 100), CALIPTRA_SUCCESS);
		assert_int_equal(peer->commands, 2);
		assert_false(peer->eager);
		stop();
	}
}

/* What was wrong with a late answer is not what is wrong with the next one. */
static void a_late_failure_is_forgotten(void **state)
{
	(void)state;
	start_connected(FAKE_TAGGED);
	peer->hold = true;
	peer->only = 1;
	peer->reply.status = 2;
	peer->reply.fw_error = 0xe003c;
	caliptra_session_set_timeout(session, 20);
	assert_int_equal(echo(1, 100), CALIPTRA_ERROR_TIMEOUT);
	assert_int_equal(caliptra_session_fw_error(session), 0);
	caliptra_session_set_timeout(session, PATIENCE_MS);
	fake_peer_go(peer, 2);
	assert_int_equal(echo(2, 100), CALIPTRA_SUCCESS);
	assert_int_equal(caliptra_session_fw_error(session), 0);
}

static void a_new_connection_owes_nothing(void **state)
{
	(void)state;
	start_connected(FAKE_TAGGED);
	peer->hold = true;
	caliptra_session_set_timeout(session, 20);
	assert_int_equal(echo(1, 100), CALIPTRA_ERROR_TIMEOUT);
	caliptra_session_disconnect(session);
	caliptra_session_set_timeout(session, PATIENCE_MS);
	/* the late answer, the greeting, and the next answer */
	fake_peer_go(peer, 3);
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	assert_int_equal(echo(2, 100), CALIPTRA_SUCCESS);
}

/* An answer that stops in its middle can not be waited for later. */
static void a_timeout_in_an_answer_ends_the_connection(void **state)
{
	static const size_t short_by[] = { 1, 104, 4 + 104 };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(short_by); i++) {
		start_connected(FAKE_TAGGED);
		peer->reply.short_by = short_by[i];
		caliptra_session_set_timeout(session, 40);
		assert_int_equal(echo(1, 100), CALIPTRA_ERROR_TIMEOUT);
		assert_int_equal(echo(2, 100), CALIPTRA_ERROR_STATE);
		stop();
	}
}

/* In place of libc's. A time that is too long for an int is not endless. */
static bool waited_for_ever;

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000L };

	if (ms < 0)
		waited_for_ever = true;
	return ppoll(fds, n, ms < 0 ? NULL : &limit, NULL);
}

/* More than fits into the socket: it has to be waited for while sending, too. */
static void a_slow_reader_is_waited_for(void **state)
{
	(void)state;
	start_connected(FAKE_TAGGED);
	peer->read_late_ms = 200;
	caliptra_session_set_timeout(session, 40);
	assert_int_equal(echo(1, 256 * 1024 - 4), CALIPTRA_ERROR_TIMEOUT);
	assert_int_equal(echo(2, 100), CALIPTRA_ERROR_STATE);
	stop();

	start_connected(FAKE_TAGGED);
	peer->read_late_ms = 50;
	caliptra_session_set_timeout(session, UINT32_MAX);
	waited_for_ever = false;
	assert_int_equal(echo(1, 256 * 1024 - 4), CALIPTRA_SUCCESS);
	assert_false(waited_for_ever);
}

static void on_alarm(int signal)
{
	(void)signal;
}

/* SIGALRM comes every @ms milliseconds; 0 ends it. */
static void alarm_every(suseconds_t ms)
{
	struct itimerval every = { { .tv_usec = ms * 1000 },
				   { .tv_usec = ms * 1000 } };
	struct sigaction act = { .sa_handler = on_alarm,
				 .sa_flags = SA_RESTART };

	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static void a_signal_ends_the_wait(void **state)
{
	enum fake_mode mode;

	(void)state;
	for (mode = FAKE_TAGGED; mode <= FAKE_CLOSES_ON_HELLO; mode++) {
		start_connected(mode);
		peer->hold = true;
		alarm_every(30);
		assert_int_equal(echo(1, 100), CALIPTRA_ERROR_IO);
		assert_contains(caliptra_session_error(session),
				"signal interrupted the command, which may");
		assert_int_equal(echo(2, 100), CALIPTRA_ERROR_IO);
		assert_contains(caliptra_session_error(session),
				"before it was sent");
		alarm_every(0);
		fake_peer_go(peer, 2);
		assert_int_equal(echo(3, 100), CALIPTRA_SUCCESS);
		assert_int_equal(peer->commands, 2);
		stop();
	}
}

static void a_signal_ends_the_greeting(void **state)
{
	(void)state;
	start(FAKE_TAGGED);
	peer->hold = true;
	alarm_every(30);
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_ERROR_IO);
	alarm_every(0);
	assert_int_equal(echo(1, 100), CALIPTRA_ERROR_STATE);
	peer->hold = false;
	fake_peer_go(peer, 1);
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	assert_int_equal(echo(1, 100), CALIPTRA_SUCCESS);
	assert_int_equal(peer->connections, 2);
}

/* Sessions know nothing of each other. */
static void two_sessions_at_once(void **state)
{
	struct fake_peer *peers[2];
	CaliptraTransport *transports[2];
	CaliptraSession *sessions[2];
	size_t i, n;

	(void)state;
	for (i = 0; i < 2; i++) {
		start_connected(i ? FAKE_CLOSES_ON_HELLO : FAKE_TAGGED);
		peers[i] = peer;
		transports[i] = transport;
		sessions[i] = session;
	}
	for (n = 0; n < 20; n++) {
		i = n % 3 % 2;
		session = sessions[i];
		peers[i]->reply.status = n % 5 == 4 ? 2 : 0;
		assert_int_equal(echo((uint32_t)n, 40 + n),
				 n % 5 == 4 ? CALIPTRA_ERROR_DEVICE :
					      CALIPTRA_SUCCESS);
		assert_int_equal(peers[i]->dlen, 44 + n);
	}
	for (i = 0; i < 2; i++) {
		peer = peers[i];
		transport = transports[i];
		session = sessions[i];
		stop();
	}
}

/* Who connects while the peer is busy with others has to wait, not to fail. */
static void a_full_queue_is_waited_for(void **state)
{
	int waiting[8], n = 0;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t i;

	(void)state;
	start(FAKE_TAGGED);
	strcpy(addr.sun_path, peer->path);
	do {
		assert_in_range(n, 0, ARRAY_SIZE(waiting) - 1);
		waiting[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	} while (
		!connect(waiting[n++], (struct sockaddr *)&addr, sizeof(addr)));
	assert_int_equal(caliptra_session_connect(session),
			 CALIPTRA_ERROR_TRANSPORT);
	assert_contains(caliptra_session_error(session), peer->path);
	for (i = 0; i < (size_t)n; i++)
		close(waiting[i]);
	assert_int_equal(caliptra_session_connect(session), CALIPTRA_SUCCESS);
	assert_int_equal(echo(1, 100), CALIPTRA_SUCCESS);
}

static size_t files_before;

static int before_test(void **state)
{
	(void)state;
	files_before = open_files();
	return 0;
}

static int after_test(void **state)
{
	(void)state;
	alarm_every(0);
	stop();
	return open_files() == files_before ? 0 : -1;
}

#define peer_test(f) cmocka_unit_test_setup_teardown(f, before_test, after_test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		peer_test(nobody_is_there),
		peer_test(requests_travel_as_the_protocol_says),
		peer_test(old_peers_are_talked_to_as_qemu_does),
		peer_test(greetings_are_checked),
		peer_test(a_greeting_tells_of_the_device),
		peer_test(answers_are_checked),
		peer_test(errors_are_named_by_whose_they_are),
		peer_test(errors_are_named_by_whose_mailbox_it_is),
		peer_test(each_connection_asks_whose_mailbox_it_is),
		peer_test(a_fw_error_that_was_no_failure_is_not_told),
		peer_test(a_command_may_complete_with_data),
		peer_test(a_command_may_complete_without_data),
		peer_test(answers_may_come_in_pieces),
		peer_test(a_peer_may_die_in_its_answer),
		peer_test(a_peer_may_be_gone),
		peer_test(too_long_a_request_is_not_sent),
		peer_test(a_late_answer_is_nobody_elses),
		peer_test(nothing_is_sent_while_an_answer_is_due),
		peer_test(a_late_failure_is_forgotten),
		peer_test(a_new_connection_owes_nothing),
		peer_test(a_timeout_in_an_answer_ends_the_connection),
		peer_test(a_slow_reader_is_waited_for),
		peer_test(a_signal_ends_the_wait),
		peer_test(a_signal_ends_the_greeting),
		peer_test(two_sessions_at_once),
		peer_test(a_full_queue_is_waited_for),
	};

	return cmocka_run_group_tests_name("unix_socket", tests, NULL, NULL);
}
