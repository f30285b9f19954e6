// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the command socket: QEMU's messages byte for byte and our own beside
 * them, however they are cut into pieces; clients that wait, do not read, go
 * away or talk nonsense, after which the mailbox is free and the others are
 * served.
 */
#include "door.h"

#include <caliptra/caliptra.h>
#include <caliptra/commands.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/un.h>

#define PATH	  "socket"
#define PATH_MCI0 "mci0"
#define PATH_MCI1 "mci1"

#define PL0	 SOC_BOOT_PL0_USER
#define PL1	 SOC_BOOT_PL1_USER
#define STRANGER 3u

/* The protocol's numbers, as they stand on paper. */
#define MAGIC	    0x4d424f58u
#define HEADER_SIZE 12u
enum {
	EXECUTE = 1,
	RESPONSE = 2,
	HELLO = 0x8000,
	HELLO_REPLY = 0x8001,
	EXECUTE_TAGGED = 0x8002,
	RESPONSE_TAGGED = 0x8003,
};
enum {
	REFUSED_NOT_READY = 0x100,
	REFUSED_LOCKED = 0x101,
	REFUSED_USER = 0x102,
};

#define MAX_DATA    CALIPTRA_MBOX_SIZE_PASSIVE
#define MAX_PAYLOAD (20 + MAX_DATA)

#define MAX_CLIENTS 64

#define VERSION	     CALIPTRA_CMD_VERSION
#define VERSION_SIZE 36u
#define UNKNOWN	     0x12345678u

/* RUNTIME_UNIMPLEMENTED_COMMAND */
#define UNIMPLEMENTED 0x000e0002u

/**
 * struct bytes - messages to send, one after the other
 * @len: how many bytes there are
 * @at: they
 */
struct bytes {
	size_t len;
	uint8_t at[3 * (HEADER_SIZE + MAX_PAYLOAD + 64)];
};

/**
 * struct answer - a message that came
 * @command: which
 * @len: bytes of its payload
 * @payload: they
 */
struct answer {
	uint16_t command;
	uint32_t len;
	uint8_t payload[MAX_PAYLOAD];
};

static struct bytes out;
static struct answer answer;
static int client;

/* How long commands wait for the mailbox. */
static uint32_t patience_ms;

static void put32(uint32_t value)
{
	wire_put_le32(out.at + out.len, value);
	out.len += 4;
}

static void put_header(uint32_t command, uint32_t len)
{
	put32(MAGIC);
	put32(1 | command << 16);
	put32(len);
}

/* A request as the mailbox gets it, and padding. */
static void put_data(const void *data, uint32_t len)
{
	if (len)
		memcpy(out.at + out.len, data, len);
	memset(out.at + out.len + len, 0, 3);
	out.len += (len + 3) & ~3u;
}

static void put_execute(uint32_t code, const void *data, uint32_t len)
{
	put_header(EXECUTE, 8 + ((len + 3) & ~3u));
	put32(code);
	put32(len);
	put_data(data, len);
}

static void put_tagged(uint32_t seq, uint32_t user, uint32_t code,
		       const void *data, uint32_t len)
{
	put_header(EXECUTE_TAGGED, 20 + ((len + 3) & ~3u));
	put32(seq);
	put32(user);
	put32(patience_ms);
	put32(code);
	put32(len);
	put_data(data, len);
}

static void put_hello(void)
{
	put_header(HELLO, 4);
	put32(1);
}

static void put_version(void)
{
	uint8_t request[4] = { 0 };

	put_execute(VERSION, request, test_request(request, VERSION, NULL, 0));
}

static void put_tagged_version(uint32_t seq, uint32_t user)
{
	uint8_t request[4] = { 0 };

	put_tagged(seq, user, VERSION, request,
		   test_request(request, VERSION, NULL, 0));
}

static void flush_to(int fd)
{
	send_all(fd, out.at, out.len);
	out.len = 0;
}

/* The next message, which is @command. */
static void receive_answer(int fd, uint16_t command)
{
	uint8_t header[HEADER_SIZE];

	assert_int_equal(receive(fd, header, sizeof(header)), sizeof(header));
	assert_int_equal(wire_get_le32(header), MAGIC);
	assert_int_equal(header[4] | header[5] << 8, 1);
	answer.command = (uint16_t)(header[6] | header[7] << 8);
	answer.len = wire_get_le32(header + 8);
	assert_int_equal(answer.command, command);
	assert_in_range(answer.len, 0, sizeof(answer.payload));
	assert_int_equal(receive(fd, answer.payload, answer.len), answer.len);
}

/* The words in front of the data, @count of them, with the length last. */
static void expect_words(const uint32_t *words, size_t count)
{
	uint32_t len = words[count - 1];
	size_t i;

	assert_int_equal(answer.len, 4 * count + ((len + 3) & ~3u));
	for (i = 0; i < count; i++)
		assert_int_equal(wire_get_le32(answer.payload + 4 * i),
				 words[i]);
	for (i = len; i % 4; i++)
		assert_int_equal(answer.payload[4 * count + i], 0);
}

static void expect_response(int fd, uint32_t status, uint32_t len)
{
	const uint32_t words[] = { status, len };

	receive_answer(fd, RESPONSE);
	expect_words(words, COUNT(words));
}

static void expect_tagged(int fd, uint32_t seq, uint32_t status, uint32_t error,
			  uint32_t len)
{
	const uint32_t words[] = { seq, status, error, len };

	receive_answer(fd, RESPONSE_TAGGED);
	expect_words(words, COUNT(words));
}

/* The connection is good, and the mailbox is free. */
static void expect_service(int fd)
{
	put_version();
	flush_to(fd);
	expect_response(fd, MBOX_STATUS_DATA_READY, VERSION_SIZE);
	assert_false(dev.mbox.lock);
}

static int new_client(void)
{
	int fd = connect_to(PATH);

	settle();
	return fd;
}

/* What is in @out makes the door hang up; nobody else notices. */
static void expect_refusal(const char *why)
{
	int fd = new_client();

	flush_to(fd);
	expect_hang_up(fd);
	assert_contains(heard(), why);
	expect_service(client);
}

static int setup(void **unused)
{
	(void)unused;
	start_device(SOC_BOOT_HOLD_NONE);
	out.len = 0;
	patience_ms = UINT32_MAX;
	client = new_client();
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	hang_up_and_settle(client);
	stop_device();
	return 0;
}

static void restart(enum soc_boot_hold hold)
{
	struct device_config config = test_config();

	device_release(&dev);
	config.hold_firmware = hold == SOC_BOOT_HOLD_FIRMWARE;
	test_boot(&dev, &config, 0, hold);
}

/* QEMU's messages, written out. */
static void execute_and_response(void **unused)
{
	static const char *const sent = "584f424d" /* XOBM */
					"01000100" /* version 1, EXECUTE */
					"0c000000" /* payload_len */
					"52565046" /* RVPF: code */
					"04000000" /* dlen */
					"c2feffff"; /* checksum */
	static const char *const want = "584f424d" /* XOBM */
					"01000200" /* version 1, RESPONSE */
					"2c000000" /* payload_len */
					"01000000" /* DATA_READY */
					"24000000"; /* dlen */
	uint8_t bytes[56];
	uint32_t sum;
	size_t i;

	(void)unused;
	unhex(sent, bytes, 24);
	send_all(client, bytes, 24);
	assert_int_equal(receive(client, bytes, sizeof(bytes)), sizeof(bytes));
	expect_hex(bytes, want);
	sum = wire_get_le32(bytes + 20);
	for (i = 24; i < sizeof(bytes); i++)
		sum += bytes[i];
	assert_int_equal(sum, 0);
	assert_memory_equal(bytes + 28, "SPIF", 4); /* mode FIPS */
	expect_silence(client);
	assert_false(dev.mbox.lock);
}

static void execute_failures(void **unused)
{
	uint8_t request[16] = { 0 };
	uint32_t len;

	(void)unused;
	put_execute(UNKNOWN, request, test_request(request, UNKNOWN, NULL, 0));
	flush_to(client);
	expect_response(client, MBOX_STATUS_CMD_FAILURE, 0);
	/* without a checksum, or with a wrong one */
	for (len = 0; len <= 8; len++) {
		put_execute(VERSION, request, len);
		flush_to(client);
		expect_response(client, MBOX_STATUS_CMD_FAILURE, 0);
	}
	expect_service(client);
}

/* Padding is no part of the request. */
static void odd_requests(void **unused)
{
	static const char body[] = "abcdefg";
	uint8_t request[16] = { 0 };
	uint32_t len;

	(void)unused;
	for (len = 0; len < sizeof(body); len++) {
		put_tagged(len, PL0, UNKNOWN, request,
			   test_request(request, UNKNOWN, body, len));
		flush_to(client);
		expect_tagged(client, len, MBOX_STATUS_CMD_FAILURE,
			      UNIMPLEMENTED, 0);
		assert_int_equal(dev.now.req_len, 4 + len);
	}
}

static void fault_dlen(uint32_t len)
{
	char request[32];

	snprintf(request, sizeof(request), "dlen %u", len);
	ask_fault(request);
}

static void answers_of_any_length(void **unused)
{
	static const uint32_t lens[] = { 0,	    1,
					 2,	    3,
					 5,	    VERSION_SIZE - 1,
					 1000,	    MAX_DATA - 1,
					 MAX_DATA,  MAX_DATA + 1,
					 UINT32_MAX };
	uint32_t want;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(lens); i++) {
		want = lens[i] < MAX_DATA ? lens[i] : MAX_DATA;
		fault_dlen(lens[i]);
		put_version();
		flush_to(client);
		expect_response(client, MBOX_STATUS_DATA_READY, want);
		fault_dlen(lens[i]);
		put_tagged_version(7, PL0);
		flush_to(client);
		expect_tagged(client, 7, MBOX_STATUS_DATA_READY, 0, want);
	}
	expect_service(client);
}

/* What other firmware may answer: there was nothing to say. */
static void command_complete(void **unused)
{
	(void)unused;
	ask_fault("late 0xffffffff");
	put_version();
	flush_to(client);
	expect_silence(client);
	mbox_write(&dev.mbox, MBOX_UC, MBOX_UC_USER, MBOX_STATUS,
		   MBOX_STATUS_CMD_COMPLETE);
	expect_response(client, MBOX_STATUS_CMD_COMPLETE, 0);
	expect_service(client);
}

static void longest_requests(void **unused)
{
	static uint8_t data[MAX_DATA + 4];

	(void)unused;
	wire_put_le32(data, 0u - (0x78 + 0x56 + 0x34 + 0x12));
	put_tagged(1, PL0, UNKNOWN, data, MAX_DATA);
	put_tagged(2, PL0, UNKNOWN, data, MAX_DATA - 1);
	flush_to(client);
	expect_tagged(client, 1, MBOX_STATUS_CMD_FAILURE, UNIMPLEMENTED, 0);
	expect_tagged(client, 2, MBOX_STATUS_CMD_FAILURE, UNIMPLEMENTED, 0);
	put_execute(UNKNOWN, data, MAX_DATA);
	flush_to(client);
	expect_response(client, MBOX_STATUS_CMD_FAILURE, 0);

	put_execute(UNKNOWN, data, MAX_DATA + 1);
	expect_refusal("longer than the mailbox");
	put_execute(UNKNOWN, data, MAX_DATA + 4);
	expect_refusal("longer than the mailbox");
}

static void hello(void **unused)
{
	int i;

	(void)unused;
	for (i = 0; i < 3; i++) {
		put_hello();
		flush_to(client);
		receive_answer(client, HELLO_REPLY);
		assert_int_equal(answer.len, 28);
		assert_int_equal(wire_get_le32(answer.payload), 1);
		assert_int_equal(wire_get_le32(answer.payload + 4), MAX_DATA);
		assert_int_equal(wire_get_le32(answer.payload + 8),
				 ifc_read(&dev, CPTRA_FLOW_STATUS));
		assert_int_equal(wire_get_le32(answer.payload + 12), 0);
		assert_int_equal(wire_get_le32(answer.payload + 16),
				 ifc_read(&dev, CPTRA_HW_REV_ID));
		assert_int_equal(wire_get_le32(answer.payload + 20), PL0);
		assert_int_equal(wire_get_le32(answer.payload + 24), 1);
	}
}

static void hello_tells_of_fatal_errors(void **unused)
{
	uint8_t request[4] = { 0 };

	(void)unused;
	restart(SOC_BOOT_HOLD_FIRMWARE);
	put_execute(UNKNOWN, request, test_request(request, UNKNOWN, NULL, 0));
	put_hello();
	flush_to(client);
	expect_response(client, MBOX_STATUS_CMD_FAILURE, 0);
	receive_answer(client, HELLO_REPLY);
	assert_int_not_equal(wire_get_le32(answer.payload + 12), 0);
	assert_int_equal(wire_get_le32(answer.payload + 12),
			 ifc_read(&dev, CPTRA_FW_ERROR_FATAL));
}

static void tagged_commands(void **unused)
{
	uint8_t request[8] = { 0 };

	(void)unused;
	put_tagged_version(0xdeadbeef, PL0);
	put_tagged_version(0, PL1);
	put_tagged(0xffffffff, PL0, UNKNOWN, request,
		   test_request(request, UNKNOWN, NULL, 0));
	flush_to(client);
	expect_tagged(client, 0xdeadbeef, MBOX_STATUS_DATA_READY, 0,
		      VERSION_SIZE);
	expect_tagged(client, 0, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_tagged(client, 0xffffffff, MBOX_STATUS_CMD_FAILURE,
		      UNIMPLEMENTED, 0);
	expect_silence(client);
}

static void users(void **unused)
{
	(void)unused;
	/* who does not say so is the door's own user */
	put_version();
	flush_to(client);
	expect_response(client, MBOX_STATUS_DATA_READY, VERSION_SIZE);
	assert_int_equal(dev.now.user, PL0);
	put_tagged_version(1, PL1);
	flush_to(client);
	expect_tagged(client, 1, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	assert_int_equal(dev.now.user, PL1);

	put_tagged_version(2, STRANGER);
	flush_to(client);
	expect_tagged(client, 2, REFUSED_USER, 0, 0);
	put_tagged_version(3, UINT32_MAX);
	flush_to(client);
	receive_answer(client, RESPONSE_TAGGED);
	assert_int_equal(wire_get_le32(answer.payload + 4),
			 MBOX_STATUS_CMD_FAILURE);
	expect_service(client);
}

static void no_firmware(void **unused)
{
	(void)unused;
	restart(SOC_BOOT_HOLD_FUSES);
	put_tagged_version(1, PL1);
	put_tagged_version(2, PL0);
	put_version();
	put_hello();
	flush_to(client);
	expect_tagged(client, 1, REFUSED_NOT_READY, 0, 0);
	expect_tagged(client, 2, REFUSED_NOT_READY, 0, 0);
	expect_response(client, MBOX_STATUS_CMD_FAILURE, 0);
	receive_answer(client, HELLO_REPLY);
	assert_int_equal(wire_get_le32(answer.payload + 8),
			 ifc_read(&dev, CPTRA_FLOW_STATUS));

	/* the same client goes on once it runs */
	restart(SOC_BOOT_HOLD_NONE);
	expect_service(client);
}

static void byte_by_byte(void **unused)
{
	size_t i;
	size_t len;

	(void)unused;
	put_hello();
	len = out.len;
	put_version();
	put_tagged_version(5, PL0);
	for (i = 0; i < out.len; i++) {
		send_all(client, out.at + i, 1);
		if (i < len - 1)
			expect_silence(client);
		settle();
	}
	out.len = 0;
	receive_answer(client, HELLO_REPLY);
	expect_response(client, MBOX_STATUS_DATA_READY, VERSION_SIZE);
	expect_tagged(client, 5, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
}

static void many_in_a_row(void **unused)
{
	uint32_t i;

	(void)unused;
	for (i = 0; i < 200; i++) {
		put_tagged_version(i, i % 2 ? PL0 : PL1);
		put_version();
		put_hello();
	}
	flush_to(client);
	for (i = 0; i < 200; i++) {
		expect_tagged(client, i, MBOX_STATUS_DATA_READY, 0,
			      VERSION_SIZE);
		expect_response(client, MBOX_STATUS_DATA_READY, VERSION_SIZE);
		receive_answer(client, HELLO_REPLY);
	}
	expect_silence(client);
}

static int left_in(int fd)
{
	int len;

	assert_int_equal(ioctl(fd, SIOCOUTQ, &len), 0);
	return len;
}

/* Nothing that was read stays in the socket for long, so that any has room enough. */
static void socket_of_any_size(void **unused)
{
	const int smallest = 1;
	uint32_t i;

	(void)unused;
	expect_service(client);
	assert_int_equal(left_in(client), 0);
	assert_int_equal(setsockopt(client, SOL_SOCKET, SO_SNDBUF, &smallest,
				    sizeof(smallest)),
			 0);
	for (i = 0; i < 200; i++)
		put_tagged_version(i, PL0);
	flush_to(client);
	for (i = 0; i < 200; i++)
		expect_tagged(client, i, MBOX_STATUS_DATA_READY, 0,
			      VERSION_SIZE);
	settle();
	assert_int_equal(left_in(client), 0);
}

static void hostile_headers(void **unused)
{
	static const struct {
		uint32_t words[3];
		const char *why;
	} wrong[] = {
		{ { 0, 0x10001, 8 }, "protocol" },
		{ { MAGIC + 1, 0x10001, 8 }, "protocol" },
		{ { MAGIC ^ 0x80000000, 0x10001, 8 }, "protocol" },
		{ { 0x584f424d, 0x10001, 8 }, "protocol" },
		{ { 0x43505452, 0x10001, 8 }, "protocol" },
		{ { MAGIC, 0x10000, 8 }, "protocol" },
		{ { MAGIC, 0x10002, 8 }, "protocol" },
		{ { MAGIC, 0x1ffff, 8 }, "protocol" },
		{ { MAGIC, 0x00001, 0 }, "command" },
		{ { MAGIC, 0x20001, 0 }, "command" },
		{ { MAGIC, 0x30001, 0 }, "command" },
		{ { MAGIC, 0x40001, 0 }, "command" },
		{ { MAGIC, 0x80010001, 0 }, "command" },
		{ { MAGIC, 0x80030001, 0 }, "command" },
		{ { MAGIC, 0x80040001, 0 }, "command" },
		{ { MAGIC, 0xffff0001, 0 }, "command" },
		{ { MAGIC, 0x10001, MAX_PAYLOAD + 1 }, "longer" },
		{ { MAGIC, 0x10001, 0x80000000 }, "longer" },
		{ { MAGIC, 0x10001, UINT32_MAX }, "longer" },
		{ { MAGIC, 0x10001, UINT32_MAX - 11 }, "longer" },
		{ { MAGIC, 0x80000001, UINT32_MAX }, "longer" },
		{ { MAGIC, 0x10001, 0 }, "as long as it says" },
		{ { MAGIC, 0x80020001, 0 }, "as long as it says" },
		{ { MAGIC, 0x80000001, 0 }, "HELLO" },
	};
	size_t i;
	size_t k;

	(void)unused;
	for (i = 0; i < COUNT(wrong); i++) {
		for (k = 0; k < 3; k++)
			put32(wrong[i].words[k]);
		expect_refusal(wrong[i].why);
	}
}

static void wrong_lengths(void **unused)
{
	static const struct {
		uint32_t payload;
		uint32_t dlen;
	} wrong[] = {
		{ 8, 1 },  { 8, 4 },	      { 12, 0 }, { 12, 5 },
		{ 12, 8 }, { 8, UINT32_MAX }, { 9, 1 },	 { 11, 3 },
		{ 13, 4 }, { 8, 0xfffffffc }, { 4, 0 },	 { 7, 0 },
	};
	size_t i;
	uint32_t len;

	(void)unused;
	for (i = 0; i < COUNT(wrong); i++) {
		put_header(EXECUTE, wrong[i].payload);
		put32(VERSION);
		put32(wrong[i].dlen);
		put32(0);
		out.len = HEADER_SIZE + wrong[i].payload;
		expect_refusal("as long as it says");

		put_header(EXECUTE_TAGGED, 12 + wrong[i].payload);
		put32(1);
		put32(PL0);
		put32(patience_ms);
		put32(VERSION);
		put32(wrong[i].dlen);
		put32(0);
		out.len = HEADER_SIZE + 12 + wrong[i].payload;
		expect_refusal("as long as it says");
	}
	for (len = 0; len <= 12; len++) {
		if (len == 4)
			continue;
		put_header(HELLO, len);
		memset(out.at + out.len, 0, len);
		out.len += len;
		expect_refusal("HELLO");
	}
}

/* What comes before the nonsense is answered all the same. */
static void good_then_bad(void **unused)
{
	int fd = new_client();

	(void)unused;
	put_tagged_version(1, PL0);
	put_header(0, 0);
	flush_to(fd);
	expect_tagged(fd, 1, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_hang_up(fd);
	expect_service(client);
}

static void close_in_a_message(void **unused)
{
	unsigned int before = open_descriptors();
	size_t whole;
	size_t len;
	int fd;

	(void)unused;
	put_tagged_version(1, PL0);
	whole = out.len;
	for (len = 0; len < whole; len++) {
		fd = new_client();
		send_all(fd, out.at, len);
		hang_up_and_settle(fd);
		assert_int_equal(open_descriptors(), before);
	}
	out.len = 0;
	expect_service(client);
}

/* It has said all it wants to say, and still hears the answer. */
static void half_closed(void **unused)
{
	int fd = new_client();

	(void)unused;
	put_tagged_version(1, PL0);
	put_tagged_version(2, PL0);
	flush_to(fd);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	expect_tagged(fd, 1, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_tagged(fd, 2, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_hang_up(fd);
}

/* The same, and a command still runs when that is known. */
static void half_closed_meanwhile(void **unused)
{
	int fd = new_client();

	(void)unused;
	ask_fault("late 0xffffffff");
	put_tagged_version(1, PL0);
	put_hello();
	put_tagged_version(2, PL0);
	put_hello();
	put_header(HELLO, 4);
	flush_to(fd);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	expect_silence(fd);
	dev.answer_at_ns = 0;
	expect_tagged(fd, 1, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	receive_answer(fd, HELLO_REPLY);
	expect_tagged(fd, 2, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	receive_answer(fd, HELLO_REPLY);
	expect_hang_up(fd);
}

static void make_next_late(void *unused, const struct device_command *command)
{
	(void)unused;
	(void)command;
	dev.on_command = NULL;
	ask_fault("late 0xffffffff");
}

/* Answers are sent together, but none waits for a command that runs. */
static void answer_while_the_next_runs(void **unused)
{
	(void)unused;
	dev.on_command = make_next_late;
	put_tagged_version(1, PL0);
	put_tagged_version(2, PL0);
	flush_to(client);
	expect_tagged(client, 1, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_silence(client);
	dev.answer_at_ns = 0;
	expect_tagged(client, 2, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
}

/* Nor for the mailbox. */
static void answer_while_the_next_waits(void **unused)
{
	int other = new_client();

	(void)unused;
	dev.on_command = make_next_late;
	put_tagged_version(1, PL0);
	put_tagged_version(2, PL0);
	flush_to(client);
	put_tagged_version(3, PL1);
	flush_to(other);
	expect_tagged(client, 1, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_silence(client);
	expect_silence(other);
	dev.answer_at_ns = 0;
	expect_tagged(client, 2, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_tagged(other, 3, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	hang_up_and_settle(other);
}

/* It fills its own socket, and nothing else. */
static void client_that_does_not_read(void **unused)
{
	int fd = new_client();
	uint32_t sent = 0;
	uint32_t i;
	size_t n;

	(void)unused;
	for (;;) {
		put_tagged_version(sent, PL0);
		n = send_some(fd, out.at, out.len);
		if (!n)
			break;
		assert_int_equal(n, out.len);
		out.len = 0;
		sent++;
		settle();
		assert_in_range(sent, 1, 1000000);
	}
	out.len = 0;
	expect_service(client);
	for (i = 0; i < sent; i++)
		expect_tagged(fd, i, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_silence(fd);
	hang_up_and_settle(fd);
}

/* While its command has no answer, what it sends fills a buffer and the socket. */
static void flood_while_a_command_runs(void **unused)
{
	static const uint8_t body[8192];
	static uint8_t request[sizeof(body) + 4];
	uint32_t len = test_request(request, UNKNOWN, body, sizeof(body));
	uint32_t sent = 0;
	uint32_t i;
	size_t n;

	(void)unused;
	ask_fault("late 0xffffffff");
	put_version();
	flush_to(client);
	settle();
	for (;;) {
		put_tagged(sent, PL0, UNKNOWN, request, len);
		n = send_some(client, out.at, out.len);
		if (!n)
			break;
		assert_int_equal(n, out.len);
		out.len = 0;
		settle();
		assert_in_range(++sent, 1, 2 * MAX_DATA / sizeof(body));
	}
	out.len = 0;
	dev.answer_at_ns = 0;
	expect_response(client, MBOX_STATUS_DATA_READY, VERSION_SIZE);
	for (i = 0; i < sent; i++)
		expect_tagged(client, i, MBOX_STATUS_CMD_FAILURE, UNIMPLEMENTED,
			      0);
	expect_service(client);
}

static void set_uc_lock(bool locked)
{
	enum mbox_violation unused;

	if (locked)
		mbox_read(&dev.mbox, MBOX_UC, MBOX_UC_USER, MBOX_LOCK, &unused);
	else
		mbox_write(&dev.mbox, MBOX_UC, MBOX_UC_USER, MBOX_UNLOCK, 1);
	assert_int_equal(dev.mbox.uc_has_lock, locked);
}

/* Those who do not want to wait are told, in their order, and nobody else is. */
static void patience_ends(void **unused)
{
	int patient = new_client();
	uint64_t start = device_now_ns();
	uint64_t wait_ns;

	(void)unused;
	set_uc_lock(true);
	put_tagged_version(1, PL0);
	put_version();
	flush_to(patient);
	settle();
	patience_ms = 0;
	put_tagged_version(2, PL0);
	put_tagged_version(3, PL1);
	patience_ms = 300;
	put_tagged_version(4, PL0);
	flush_to(client);
	expect_tagged(client, 2, REFUSED_LOCKED, 0, 0);
	expect_tagged(client, 3, REFUSED_LOCKED, 0, 0);
	wait_ns = command_socket_run();
	assert_in_range(wait_ns, 0, 300000000);
	settle_until_readable(client);
	assert_in_range(device_now_ns() - start, 300000000, UINT64_MAX);
	expect_tagged(client, 4, REFUSED_LOCKED, 0, 0);
	expect_silence(patient);
	wait_ns = command_socket_run();
	assert_in_range(wait_ns, UINT32_MAX * UINT64_C(900000), UINT64_MAX - 1);

	set_uc_lock(false);
	expect_tagged(patient, 1, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_response(patient, MBOX_STATUS_DATA_READY, VERSION_SIZE);
	hang_up_and_settle(patient);
	expect_service(client);
}

/* A command of another client is somebody's use of the mailbox, too. */
static void patience_with_other_clients(void **unused)
{
	int other = new_client();

	(void)unused;
	ask_fault("late 0xffffffff");
	put_version();
	flush_to(client);
	settle();
	patience_ms = 0;
	put_tagged_version(1, PL0);
	flush_to(other);
	expect_tagged(other, 1, REFUSED_LOCKED, 0, 0);
	expect_silence(client);
	dev.answer_at_ns = 0;
	expect_response(client, MBOX_STATUS_DATA_READY, VERSION_SIZE);
	hang_up_and_settle(other);
}

/* The door's end of the youngest connection. */
static int youngest_end_of_door(void)
{
	struct sockaddr_un addr;
	socklen_t len;
	int fd;

	for (fd = 255; fd > STDERR_FILENO; fd--) {
		len = sizeof(addr);
		if (!getsockname(fd, (struct sockaddr *)&addr, &len) &&
		    len > offsetof(struct sockaddr_un, sun_path) &&
		    !strcmp(addr.sun_path, PATH))
			return fd;
	}
	fail_msg("the door has no connection");
	return -1;
}

/* One that goes through a small socket in many pieces. */
static void answer_in_pieces(void **unused)
{
	int fd = new_client();
	int least = 1;
	uint32_t i;

	(void)unused;
	assert_int_equal(setsockopt(youngest_end_of_door(), SOL_SOCKET,
				    SO_SNDBUF, &least, sizeof(least)),
			 0);
	for (i = 0; i < MAX_DATA / 4; i++)
		dev.mbox.sram[i] = i * 2654435761u;
	fault_dlen(MAX_DATA);
	put_tagged_version(1, PL0);
	flush_to(fd);
	/* what others do with the mailbox meanwhile does not matter */
	expect_service(client);
	memset(dev.mbox.sram, 0xee, MAX_DATA);
	expect_tagged(fd, 1, MBOX_STATUS_DATA_READY, 0, MAX_DATA);
	/* behind the short answer, there is what was there before */
	for (i = VERSION_SIZE / 4; i < MAX_DATA / 4; i++)
		assert_int_equal(wire_get_le32(answer.payload + 16 + 4 * i),
				 i * 2654435761u);
	hang_up_and_settle(fd);
}

/* An answer that the socket has no room for waits, and comes whole. */
static void answer_larger_than_the_socket(void **unused)
{
	int fd = new_client();
	int i;

	(void)unused;
	for (i = 0; i < 3; i++) {
		fault_dlen(MAX_DATA);
		put_tagged_version(1, PL0);
		put_tagged_version(2, PL0);
		flush_to(fd);
		settle();
		assert_false(dev.mbox.lock);
		expect_service(client);
		expect_tagged(fd, 1, MBOX_STATUS_DATA_READY, 0, MAX_DATA);
		expect_tagged(fd, 2, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	}
	/* or is dropped with the client */
	fault_dlen(MAX_DATA);
	put_tagged_version(1, PL0);
	flush_to(fd);
	settle();
	hang_up_and_settle(fd);
	expect_service(client);
}

static void gone_while_its_command_runs(void **unused)
{
	int fd = new_client();

	(void)unused;
	ask_fault("late 0xffffffff");
	put_version();
	put_version();
	flush_to(fd);
	hang_up_and_settle(fd);
	assert_true(dev.mbox.execute);

	/* the next one gets it when it is done */
	put_tagged_version(9, PL1);
	flush_to(client);
	expect_silence(client);
	dev.answer_at_ns = 0;
	expect_tagged(client, 9, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_service(client);
}

static void gone_while_it_waits(void **unused)
{
	int fd = new_client();

	(void)unused;
	assert_int_equal(csr_read(&dev, PL1, MBOX_LOCK), 0);
	put_version();
	flush_to(fd);
	hang_up_and_settle(fd);
	csr_write(&dev, PL1, MBOX_CMD, VERSION);
	csr_write(&dev, PL1, MBOX_DLEN, 0);
	csr_write(&dev, PL1, MBOX_EXECUTE, 1);
	settle();
	csr_write(&dev, PL1, MBOX_EXECUTE, 0);
	expect_service(client);
}

static void waits_for_the_mailbox(void **unused)
{
	(void)unused;
	/* a SoC has it */
	assert_int_equal(csr_read(&dev, PL1, MBOX_LOCK), 0);
	put_version();
	flush_to(client);
	expect_silence(client);
	csr_write(&dev, PL1, MBOX_CMD, VERSION);
	csr_write(&dev, PL1, MBOX_DLEN, 0);
	csr_write(&dev, PL1, MBOX_EXECUTE, 1);
	expect_silence(client);
	assert_int_equal(csr_read(&dev, PL1, MBOX_USER), PL1);
	csr_write(&dev, PL1, MBOX_EXECUTE, 0);
	expect_response(client, MBOX_STATUS_DATA_READY, VERSION_SIZE);

	/* the microcontroller has it */
	set_uc_lock(true);
	put_version();
	flush_to(client);
	expect_silence(client);
	set_uc_lock(false);
	expect_response(client, MBOX_STATUS_DATA_READY, VERSION_SIZE);
	assert_false(dev.mbox.lock);
}

static void reset_and_boot(void)
{
	struct fuses fuses;

	test_fuses(&fuses);
	bus_cold_reset(&dev.bus);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
}

static void reset_while_its_command_runs(void **unused)
{
	(void)unused;
	ask_fault("late 0xffffffff");
	put_version();
	put_tagged_version(4, PL0);
	flush_to(client);
	expect_silence(client);
	reset_and_boot();
	expect_response(client, MBOX_STATUS_CMD_FAILURE, 0);
	expect_tagged(client, 4, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_service(client);
}

/*
 * Somebody with registers has brought the mailbox into the state ERROR, and only
 * a reset helps. Nobody is told before, and nobody is lost.
 */
static void mailbox_in_error(void **unused)
{
	int fd = new_client();
	int gone = new_client();

	(void)unused;
	ask_fault("late 0xffffffff");
	put_version();
	flush_to(client);
	expect_silence(client);
	csr_write(&dev, PL0, MBOX_EXECUTE, 0);
	put_tagged_version(1, PL1);
	flush_to(fd);
	put_version();
	flush_to(gone);
	hang_up_and_settle(gone);
	expect_silence(client);
	expect_silence(fd);
	reset_and_boot();
	expect_response(client, MBOX_STATUS_CMD_FAILURE, 0);
	expect_tagged(fd, 1, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	expect_service(client);
	hang_up_and_settle(fd);
}

/* The wire is for those who use registers. */
static void no_wire_is_raised(void **unused)
{
	(void)unused;
	dev.bus.wires_changed = count_call;
	dev.bus.listener = &(unsigned int){ 0 };
	put_version();
	flush_to(client);
	expect_response(client, MBOX_STATUS_DATA_READY, VERSION_SIZE);
	assert_int_equal(*(unsigned int *)dev.bus.listener, 0);
}

static void many_clients(void **unused)
{
	int fds[MAX_CLIENTS + 6];
	size_t i;

	(void)unused;
	/* one is there already */
	for (i = 1; i < COUNT(fds); i++) {
		fds[i] = connect_to(PATH);
		put_tagged_version((uint32_t)i, PL0);
		flush_to(fds[i]);
		settle();
	}
	for (i = 1; i < MAX_CLIENTS; i++)
		expect_tagged(fds[i], (uint32_t)i, MBOX_STATUS_DATA_READY, 0,
			      VERSION_SIZE);
	/* the others come in when one has gone */
	for (i = MAX_CLIENTS; i < COUNT(fds); i++)
		expect_silence(fds[i]);
	for (i = MAX_CLIENTS; i < COUNT(fds); i++) {
		hang_up_and_settle(fds[i - MAX_CLIENTS + 1]);
		expect_tagged(fds[i], (uint32_t)i, MBOX_STATUS_DATA_READY, 0,
			      VERSION_SIZE);
	}
	for (i = COUNT(fds) - MAX_CLIENTS + 1; i < COUNT(fds); i++)
		close(fds[i]);
	settle();
	expect_service(client);
}

/* While one client has much to do, another one's turn comes. */
static void clients_take_turns(void **unused)
{
	int fd = new_client();
	uint32_t order[4];
	uint32_t i;

	(void)unused;
	set_uc_lock(true);
	for (i = 0; i < 20; i++)
		put_tagged_version(i, PL0);
	flush_to(client);
	put_tagged_version(100, PL1);
	put_tagged_version(101, PL1);
	flush_to(fd);
	settle();
	set_uc_lock(false);
	for (i = 0; i < COUNT(order); i++) {
		assert_int_equal(command_socket_run(), 0);
		order[i] = dev.mbox.user;
		device_run(&dev);
	}
	assert_int_equal(order[0] + order[1], PL0 + PL1);
	assert_int_equal(order[2] + order[3], PL0 + PL1);
	for (i = 0; i < 20; i++)
		expect_tagged(client, i, MBOX_STATUS_DATA_READY, 0,
			      VERSION_SIZE);
	for (i = 100; i < 102; i++)
		expect_tagged(fd, i, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
	hang_up_and_settle(fd);
}

static void nonsense(void **unused)
{
	unsigned int before = open_descriptors();
	uint32_t seed = 2;
	uint8_t bytes[64];
	int fd;
	int i;

	(void)unused;
	for (i = 0; i < 500; i++) {
		size_t len = 1 + next_random(&seed) % sizeof(bytes);

		fill_random(&seed, bytes, len);
		/* most of them get past the header, and some to the mailbox */
		if (i % 4) {
			put_header(i % 2 ? EXECUTE_TAGGED : EXECUTE,
				   next_random(&seed) % 32);
			memcpy(bytes, out.at, HEADER_SIZE);
			out.len = 0;
		}
		fd = new_client();
		send_all(fd, bytes, len);
		hang_up_and_settle(fd);
		assert_int_equal(open_descriptors(), before);
	}
	expect_service(client);
}

/* The program behind the door. */
static void program(void **unused)
{
	static const char *const words[] = { "--state", "state", "--socket",
					     "outside", NULL };
	pid_t pid = start_outside(words, "outside");
	struct stat st;
	int fd = connect_to("outside");
	uint32_t i;

	(void)unused;
	/* for nobody but its owner */
	assert_int_equal(stat("outside", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	for (i = 0; i < 10; i++) {
		put_tagged_version(i, PL0);
		put_hello();
	}
	flush_to(fd);
	for (i = 0; i < 10; i++) {
		expect_tagged(fd, i, MBOX_STATUS_DATA_READY, 0, VERSION_SIZE);
		receive_answer(fd, HELLO_REPLY);
	}
	close(fd);
	stop_outside(pid, "outside");
}

static long sleeps(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_THREAD, &usage), 0);
	return usage.ru_nvcsw;
}

/* Whoever waits for an answer is not woken when the program takes the request. */
static void woken_for_answers(void **unused)
{
	static const char *const words[] = { "--state", "state", "--socket",
					     "outside", NULL };
	pid_t pid = start_outside(words, "outside");
	int fd = connect_to("outside");
	uint8_t bytes[HEADER_SIZE + 16 + VERSION_SIZE];
	uint32_t count = 1000;
	uint32_t i;
	long before;

	(void)unused;
	before = sleeps();
	for (i = 0; i < count; i++) {
		put_tagged_version(i, PL0);
		flush_to(fd);
		assert_int_equal(recv(fd, bytes, sizeof(bytes), 0),
				 sizeof(bytes));
	}
	/* it may still be taking the one before */
	assert_in_range(sleeps() - before, 0, count + count / 3);
	close(fd);
	stop_outside(pid, "outside");
}

/*
 * The MCI's mailboxes, each with a socket of its own.
 */

#define DEVICE_ID      CALIPTRA_CMD_MC_DEVICE_ID
#define DEVICE_ID_SIZE 16u

static int mci_clients[2];

static int setup_mci(void **unused)
{
	(void)unused;
	start_subsystem();
	out.len = 0;
	patience_ms = UINT32_MAX;
	client = new_client();
	mci_clients[0] = connect_to(PATH_MCI0);
	mci_clients[1] = connect_to(PATH_MCI1);
	settle();
	return 0;
}

static int teardown_mci(void **unused)
{
	(void)unused;
	hang_up_and_settle(client);
	hang_up_and_settle(mci_clients[0]);
	hang_up_and_settle(mci_clients[1]);
	stop_device();
	return 0;
}

static void put_device_id(uint32_t seq, uint32_t user)
{
	uint8_t request[4] = { 0 };

	put_tagged(seq, user, DEVICE_ID, request,
		   test_request(request, DEVICE_ID, NULL, 0));
}

static void expect_mci_service(unsigned int index)
{
	put_device_id(99, PL0);
	flush_to(mci_clients[index]);
	expect_tagged(mci_clients[index], 99, MBOX_STATUS_CMD_COMPLETE, 0,
		      DEVICE_ID_SIZE);
	assert_int_equal(wire_get_le32(answer.payload + 16 + 8), 0xca111234);
	assert_int_equal(mci_read_as(&dev, PL0, mci_mbox_offset(index)), 0);
}

static void mci_hello(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		put_hello();
		flush_to(mci_clients[i]);
		receive_answer(mci_clients[i], HELLO_REPLY);
		assert_int_equal(answer.len, 28);
		assert_int_equal(wire_get_le32(answer.payload + 4), 256 * 1024);
		assert_int_equal(wire_get_le32(answer.payload + 8),
				 mci_read_as(&dev, PL0, MCI_FW_FLOW_STATUS));
		assert_true(wire_get_le32(answer.payload + 8) &
			    MCI_FW_FLOW_STATUS_FIRMWARE_MAILBOX_READY);
		assert_int_equal(wire_get_le32(answer.payload + 12), 0);
		assert_int_equal(wire_get_le32(answer.payload + 16), 0x2100);
		assert_int_equal(wire_get_le32(answer.payload + 20), PL0);
		assert_int_equal(wire_get_le32(answer.payload + 24), 2);
	}
	put_hello();
	flush_to(client);
	receive_answer(client, HELLO_REPLY);
	assert_int_equal(wire_get_le32(answer.payload + 4), 16 * 1024);
	assert_int_equal(wire_get_le32(answer.payload + 16),
			 ifc_read(&dev, CPTRA_HW_REV_ID));
	assert_int_equal(wire_get_le32(answer.payload + 24), 1);
}

/* QEMU's messages; the MCU has a response and says CMD_COMPLETE. */
static void mci_execute(void **unused)
{
	uint8_t request[4] = { 0 };
	unsigned int i;

	(void)unused;
	for (i = 0; i < 2; i++) {
		put_execute(DEVICE_ID, request,
			    test_request(request, DEVICE_ID, NULL, 0));
		put_execute(DEVICE_ID, request, 4);
		put_execute(UNKNOWN, request, 4);
		put_execute(DEVICE_ID, NULL, 0);
		flush_to(mci_clients[i]);
		expect_response(mci_clients[i], MBOX_STATUS_CMD_COMPLETE,
				DEVICE_ID_SIZE);
		expect_response(mci_clients[i], MBOX_STATUS_CMD_COMPLETE,
				DEVICE_ID_SIZE);
		expect_response(mci_clients[i], MBOX_STATUS_CMD_FAILURE, 0);
		expect_response(mci_clients[i], MBOX_STATUS_CMD_FAILURE, 0);
		expect_mci_service(i);
	}
	/* the core has none of these commands, and the MCU none of the core's */
	put_tagged(1, PL0, VERSION, request,
		   test_request(request, VERSION, NULL, 0));
	flush_to(mci_clients[0]);
	expect_tagged(mci_clients[0], 1, MBOX_STATUS_CMD_FAILURE, 0, 0);
	put_device_id(2, PL0);
	flush_to(client);
	expect_tagged(client, 2, MBOX_STATUS_CMD_FAILURE, UNIMPLEMENTED, 0);
}

static void mci_users(void **unused)
{
	(void)unused;
	put_device_id(1, PL1);
	put_device_id(2, STRANGER);
	put_device_id(3, MCI_MCU_USER);
	flush_to(mci_clients[1]);
	expect_tagged(mci_clients[1], 1, MBOX_STATUS_CMD_COMPLETE, 0,
		      DEVICE_ID_SIZE);
	expect_tagged(mci_clients[1], 2, REFUSED_USER, 0, 0);
	expect_tagged(mci_clients[1], 3, REFUSED_USER, 0, 0);
}

/* Whoever has the lock of one mailbox holds up that one alone. */
static void mci_lock_is_waited_for(void **unused)
{
	uint32_t csr = mci_mbox_offset(0) + CALIPTRA_MCU_MBOX_CSR;

	(void)unused;
	assert_int_equal(mci_read_as(&dev, PL1, csr + MCU_MBOX_LOCK), 0);
	put_device_id(5, PL0);
	flush_to(mci_clients[0]);
	expect_silence(mci_clients[0]);
	expect_mci_service(1);
	expect_service(client);
	/* clearing takes its time, and nobody else wakes the door */
	mci_write_as(&dev, PL1, csr + MCU_MBOX_EXECUTE, 0);
	settle_until_readable(mci_clients[0]);
	expect_tagged(mci_clients[0], 5, MBOX_STATUS_CMD_COMPLETE, 0,
		      DEVICE_ID_SIZE);

	assert_int_equal(mci_read_as(&dev, PL1, csr + MCU_MBOX_LOCK), 0);
	patience_ms = 1;
	put_device_id(6, PL0);
	flush_to(mci_clients[0]);
	settle_until_readable(mci_clients[0]);
	expect_tagged(mci_clients[0], 6, REFUSED_LOCKED, 0, 0);
}

/* The device says when it wants to run again: once the SRAM is clear. */
static void clearing_wakes_the_device(void **unused)
{
	struct mcu_mbox *mbox = &dev.subsystem->mci.mbox[1];
	uint32_t csr = mci_mbox_offset(1) + CALIPTRA_MCU_MBOX_CSR;

	(void)unused;
	assert_int_equal(device_run(&dev), UINT64_MAX);
	assert_int_equal(mci_read_as(&dev, PL1, csr + MCU_MBOX_LOCK), 0);
	mci_write_as(&dev, PL1, csr + MCU_MBOX_EXECUTE, 0);
	mbox->zero_done_ns = device_now_ns() + 3600u * UINT64_C(1000000000);
	assert_in_range(device_run(&dev), 3500u * UINT64_C(1000000000),
			3600u * UINT64_C(1000000000));
	mbox->zero_done_ns = 0;
	assert_int_equal(device_run(&dev), UINT64_MAX);
}

static void mci_not_ready(void **unused)
{
	(void)unused;
	device_reset_mci(&dev);
	dev.fw.phase = FW_ROM;
	dev.config.hold_firmware = true;
	put_device_id(1, PL0);
	flush_to(mci_clients[0]);
	expect_tagged(mci_clients[0], 1, REFUSED_NOT_READY, 0, 0);
}

static void mci_commands_too_long(void **unused)
{
	int fd = connect_to(PATH_MCI0);

	(void)unused;
	settle();
	put_tagged(1, PL0, DEVICE_ID, (uint8_t[MAX_DATA]){ 0 }, MAX_DATA);
	flush_to(fd);
	expect_tagged(fd, 1, MBOX_STATUS_CMD_FAILURE, 0, 0);
	put_header(EXECUTE, 8 + MAX_DATA + 4);
	put32(DEVICE_ID);
	put32(MAX_DATA + 4);
	put_data((uint8_t[MAX_DATA + 4]){ 0 }, MAX_DATA + 4);
	flush_to(fd);
	expect_hang_up(fd);
	assert_contains(heard(), "longer than the mailbox");
	expect_mci_service(0);
}

static void program_with_mci(void **unused)
{
	static const char *const words[] = { "--state",	    "mci-state",
					     "--subsystem", "--mci0-socket",
					     "out0",	    "--mci1-socket",
					     "out1",	    NULL };
	/* the one that is opened last */
	pid_t pid = start_outside(words, "out1");
	int fd = connect_to("out1");
	char text[1024];

	(void)unused;
	put_device_id(1, PL0);
	flush_to(fd);
	expect_tagged(fd, 1, MBOX_STATUS_CMD_COMPLETE, 0, DEVICE_ID_SIZE);
	close(fd);
	stop_outside(pid, "out0");
	assert_int_equal(access("out1", F_OK), -1);

	assert_int_equal(RUN(text, "--mci1-socket", "s"), 2);
	assert_contains(text, "--subsystem");
}

static int serve(void **unused)
{
	struct command_port port;
	unsigned int i;

	enter_test_folder(unused);
	assert_int_equal(loop_init(), 0);
	port = command_port_core(&dev);
	assert_int_equal(command_socket_serve(PATH, &port, PL0), 0);
	for (i = 0; i < 2; i++) {
		port = command_port_mci(&dev, i);
		assert_int_equal(command_socket_serve(i ? PATH_MCI1 : PATH_MCI0,
						      &port, PL0),
				 0);
	}
	return 0;
}

#define MCI_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup_mci, teardown_mci)

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(execute_and_response),
		TEST(execute_failures),
		TEST(odd_requests),
		TEST(answers_of_any_length),
		TEST(command_complete),
		TEST(longest_requests),
		TEST(hello),
		TEST(hello_tells_of_fatal_errors),
		TEST(tagged_commands),
		TEST(users),
		TEST(no_firmware),
		TEST(byte_by_byte),
		TEST(many_in_a_row),
		TEST(socket_of_any_size),
		TEST(hostile_headers),
		TEST(wrong_lengths),
		TEST(good_then_bad),
		TEST(close_in_a_message),
		TEST(half_closed),
		TEST(half_closed_meanwhile),
		TEST(answer_while_the_next_runs),
		TEST(answer_while_the_next_waits),
		TEST(client_that_does_not_read),
		TEST(flood_while_a_command_runs),
		TEST(patience_ends),
		TEST(patience_with_other_clients),
		TEST(answer_in_pieces),
		TEST(answer_larger_than_the_socket),
		TEST(gone_while_its_command_runs),
		TEST(gone_while_it_waits),
		TEST(waits_for_the_mailbox),
		TEST(reset_while_its_command_runs),
		TEST(mailbox_in_error),
		TEST(no_wire_is_raised),
		TEST(many_clients),
		TEST(clients_take_turns),
		TEST(nonsense),
		MCI_TEST(mci_hello),
		MCI_TEST(mci_execute),
		MCI_TEST(mci_users),
		MCI_TEST(mci_lock_is_waited_for),
		MCI_TEST(clearing_wakes_the_device),
		MCI_TEST(mci_not_ready),
		MCI_TEST(mci_commands_too_long),
		TEST(program),
		TEST(woken_for_answers),
		TEST(program_with_mci),
	};

	return cmocka_run_group_tests_name("command_socket", tests, serve,
					   leave_test_folder);
}
