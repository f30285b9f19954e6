// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the register socket: QEMU's messages byte for byte, however they are cut
 * into pieces; a command from register to register; clients beside each other;
 * and hostile ones, which lose their connection and are told of on stderr.
 */
#include "door.h"

#include <caliptra/commands.h>

#include "register_socket.h"

#define PATH "registers"

#define IFC CALIPTRA_SOC_IFC_REG_BASE
#define CSR CALIPTRA_MBOX_CSR_BASE

/* The protocol's numbers, as they stand on paper. */
#define MAGIC	    0x43505452u
#define HEADER_SIZE 12u
enum {
	READ = 3,
	READ_DATA = 4,
	WRITE = 5,
	WRITE_ACK = 6,
};

static int client;

static int new_client(void)
{
	int fd = connect_to(PATH);

	settle();
	return fd;
}

static int setup(void **unused)
{
	(void)unused;
	start_device(SOC_BOOT_HOLD_NONE);
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

static size_t put_message(uint8_t *bytes, uint32_t command, uint32_t len,
			  uint32_t addr, uint32_t data)
{
	wire_put_le32(bytes, MAGIC);
	wire_put_le32(bytes + 4, 1 | command << 16);
	wire_put_le32(bytes + 8, len);
	wire_put_le32(bytes + 12, addr);
	wire_put_le32(bytes + 16, data);
	return HEADER_SIZE + len;
}

static void expect_header(int fd, uint32_t command, uint32_t len)
{
	uint8_t header[HEADER_SIZE];

	assert_int_equal(receive(fd, header, sizeof(header)), sizeof(header));
	assert_int_equal(wire_get_le32(header), MAGIC);
	assert_int_equal(wire_get_le32(header + 4), 1 | command << 16);
	assert_int_equal(wire_get_le32(header + 8), len);
}

static uint32_t expect_data(int fd)
{
	uint8_t data[4];

	expect_header(fd, READ_DATA, 4);
	assert_int_equal(receive(fd, data, 4), 4);
	return wire_get_le32(data);
}

static uint32_t read_by(int fd, uint32_t addr)
{
	uint8_t message[20];
	size_t len = put_message(message, READ, 4, addr, 0);

	send_all(fd, message, len);
	return expect_data(fd);
}

static void write_by(int fd, uint32_t addr, uint32_t value)
{
	uint8_t message[20];
	size_t len = put_message(message, WRITE, 8, addr, value);

	send_all(fd, message, len);
	expect_header(fd, WRITE_ACK, 0);
}

/* QEMU's messages, written out. */
static void bytes_of_messages(void **unused)
{
	uint8_t bytes[20];

	(void)unused;
	unhex("52545043" /* RTPC */
	      "01000300" /* version 1, READ */
	      "04000000" /* payload_len */
	      "d4000330", /* CPTRA_HW_REV_ID */
	      bytes, 16);
	send_all(client, bytes, 16);
	assert_int_equal(receive(client, bytes, 16), 16);
	expect_hex(bytes, "52545043"
			  "01000400"
			  "04000000");
	assert_int_equal(wire_get_le32(bytes + 12), 0x12340012);

	unhex("52545043"
	      "01000500" /* WRITE */
	      "08000000"
	      "20010330" /* CPTRA_RSVD_REG */
	      "78563412",
	      bytes, 20);
	send_all(client, bytes, 20);
	assert_int_equal(receive(client, bytes, 12), 12);
	expect_hex(bytes, "52545043"
			  "01000600"
			  "00000000");
	expect_silence(client);
	assert_int_equal(ifc_read(&dev, CPTRA_RSVD_REG), 0x12345678);
}

static void command_by_registers(void **unused)
{
	uint32_t i;

	(void)unused;
	assert_int_equal(read_by(client, CSR + MBOX_LOCK), 0);
	assert_int_equal(read_by(client, CSR + MBOX_USER), SOC_BOOT_PL0_USER);
	write_by(client, CSR + MBOX_CMD, CALIPTRA_CMD_VERSION);
	write_by(client, CSR + MBOX_DLEN, 4);
	write_by(client, CSR + MBOX_DATAIN, 0u - ('F' + 'P' + 'V' + 'R'));
	write_by(client, CSR + MBOX_EXECUTE, 1);
	assert_int_equal(read_by(client, CSR + MBOX_STATUS) &
				 MBOX_STATUS_STATUS_MASK,
			 MBOX_STATUS_DATA_READY);
	assert_int_equal(read_by(client, CSR + MBOX_DLEN), 36);
	for (i = 0; i < 2; i++)
		read_by(client, CSR + MBOX_DATAOUT);
	assert_int_equal(read_by(client, CSR + MBOX_DATAOUT), 0x46495053);
	write_by(client, CSR + MBOX_EXECUTE, 0);
	assert_false(dev.mbox.lock);
}

static void both_ends_of_the_window(void **unused)
{
	(void)unused;
	assert_int_equal(read_by(client, 0x30020000), 0);
	assert_int_equal(read_by(client, 0x3003fffc), 0);
	write_by(client, 0x3003fffc, 1);
	assert_int_equal(read_by(client, IFC + CPTRA_HW_REV_ID), 0x12340012);
}

static void byte_by_byte(void **unused)
{
	uint8_t message[20];
	size_t len = put_message(message, READ, 4, IFC + CPTRA_HW_REV_ID, 0);
	size_t i;

	(void)unused;
	for (i = 0; i < len; i++) {
		expect_silence(client);
		send_all(client, message + i, 1);
	}
	assert_int_equal(expect_data(client), 0x12340012);
}

static void many_at_once(void **unused)
{
	uint8_t messages[40 * 50];
	size_t len = 0;
	uint32_t i;

	(void)unused;
	for (i = 0; i < 50; i++) {
		len += put_message(messages + len, WRITE, 8,
				   IFC + CPTRA_RSVD_REG, i);
		len += put_message(messages + len, READ, 4,
				   IFC + CPTRA_RSVD_REG, 0);
	}
	send_all(client, messages, len);
	for (i = 0; i < 50; i++) {
		expect_header(client, WRITE_ACK, 0);
		assert_int_equal(expect_data(client), i);
	}
}

static void clients_beside_each_other(void **unused)
{
	int fds[70];
	uint8_t message[20];
	size_t len = put_message(message, READ, 4, IFC + CPTRA_HW_REV_ID, 0);
	unsigned int i;

	(void)unused;
	for (i = 0; i < COUNT(fds); i++)
		fds[i] = new_client();
	for (i = 0; i < 63; i++)
		assert_int_equal(read_by(fds[i], IFC + CPTRA_HW_REV_ID),
				 0x12340012);
	/* the others have to wait */
	send_all(fds[69], message, len);
	expect_silence(fds[69]);
	for (i = 0; i < 69; i++)
		hang_up_and_settle(fds[i]);
	assert_int_equal(expect_data(fds[69]), 0x12340012);
	hang_up_and_settle(fds[69]);
	assert_int_equal(read_by(client, IFC + CPTRA_HW_REV_ID), 0x12340012);
}

/* A message with one word changed costs the connection, and only that. */
static void wrong_messages(void **unused)
{
	static const struct {
		const char *why;
		uint32_t command;
		unsigned int word;
		uint32_t value;
	} wrong[] = {
		{ "does not speak", READ, 0, 0 },
		{ "does not speak", READ, 0, 0x4d424f58 },
		{ "does not speak", READ, 1, 2 | READ << 16 },
		{ "does not speak", READ, 1, READ << 16 },
		{ "command 0", READ, 1, 1 },
		{ "command 4", READ, 1, 1 | READ_DATA << 16 },
		{ "command 6", READ, 1, 1 | WRITE_ACK << 16 },
		{ "command 65535", READ, 1, 0xffff0001 },
		{ "says that it has 0 bytes, and has to have 4", READ, 2, 0 },
		{ "has 8 bytes, and has to have 4", READ, 2, 8 },
		{ "has 4 bytes, and has to have 8", WRITE, 2, 4 },
		{ "has 4294967295 bytes", WRITE, 2, UINT32_MAX },
		{ "0x00000000 is no address", READ, 3, 0 },
		{ "0x3001fffc is no address", READ, 3, 0x3001fffc },
		{ "0x30040000 is no address", READ, 3, 0x30040000 },
		{ "from 0x30020000 to 0x3003fffc", WRITE, 3, 0x21000000 },
		{ "0xfffffffc is no address", WRITE, 3, UINT32_MAX - 3 },
		{ "0x30030122 is no address", WRITE, 3, 0x30030122 },
		{ "0x30030121 is no address", READ, 3, 0x30030121 },
	};
	uint8_t message[20];
	size_t len;
	size_t i;
	int fd;

	(void)unused;
	ifc_write(&dev, CPTRA_RSVD_REG, 0x55555555);
	for (i = 0; i < COUNT(wrong); i++) {
		stop_listening();
		listen_to_stderr();
		fd = new_client();
		len = put_message(message, wrong[i].command,
				  wrong[i].command == READ ? 4 : 8,
				  IFC + CPTRA_RSVD_REG, 7);
		wire_put_le32(message + 4 * wrong[i].word, wrong[i].value);
		send_all(fd, message, len);
		expect_hang_up(fd);
		assert_contains(heard(), wrong[i].why);
		assert_int_equal(read_by(client, IFC + CPTRA_RSVD_REG),
				 0x55555555);
	}
}

static void hang_up_in_a_message(void **unused)
{
	uint8_t message[20];
	size_t len = put_message(message, WRITE, 8, IFC + CPTRA_RSVD_REG, 7);
	size_t i;
	int fd;

	(void)unused;
	ifc_write(&dev, CPTRA_RSVD_REG, 0);
	for (i = 0; i < len; i++) {
		fd = new_client();
		send_all(fd, message, i);
		hang_up_and_settle(fd);
	}
	assert_int_equal(read_by(client, IFC + CPTRA_RSVD_REG), 0);
}

static void client_that_does_not_read(void **unused)
{
	uint8_t message[20];
	size_t len = put_message(message, READ, 4, IFC + CPTRA_HW_REV_ID, 0);
	int fd = new_client();
	unsigned int i;

	(void)unused;
	for (i = 0; i < 100000; i++) {
		if (send(fd, message, len, MSG_NOSIGNAL | MSG_DONTWAIT) !=
		    (ssize_t)len)
			break;
		if (i % 64 == 0)
			settle();
	}
	settle();
	assert_contains(heard(), "does not read its answers");
	hang_up_and_settle(fd);
	assert_int_equal(read_by(client, IFC + CPTRA_HW_REV_ID), 0x12340012);
}

static void nonsense(void **unused)
{
	uint32_t seed = 1;
	uint8_t bytes[64];
	unsigned int i;
	int fd;

	(void)unused;
	for (i = 0; i < 200; i++) {
		fd = new_client();
		fill_random(&seed, bytes, sizeof(bytes));
		if (i % 2)
			put_message(bytes, next_random(&seed) % 8,
				    next_random(&seed) % 12, next_random(&seed),
				    0);
		send_some(fd, bytes, next_random(&seed) % sizeof(bytes));
		hang_up_and_settle(fd);
	}
	assert_int_equal(read_by(client, IFC + CPTRA_HW_REV_ID), 0x12340012);
}

static void program(void **unused)
{
	static const char *const words[] = { "--state", "state",
					     "--register-socket", "outside",
					     NULL };
	pid_t pid = start_outside(words, "outside");
	int fd = connect_to("outside");

	(void)unused;
	assert_int_equal(read_by(fd, IFC + CPTRA_HW_REV_ID) & 0xffff, 0x12);
	assert_true(read_by(fd, IFC + CPTRA_FLOW_STATUS) &
		    CPTRA_FLOW_STATUS_READY_FOR_RUNTIME);
	close(fd);
	stop_outside(pid, "outside");
}

static int serve(void **unused)
{
	const struct register_socket_config config = {
		.path = PATH,
		.bus = &dev.bus,
		.base = BUS_WINDOW_BASE,
		.size = BUS_WINDOW_SIZE,
		.user = SOC_BOOT_PL0_USER,
		.ran = run_device,
	};

	enter_test_folder(unused);
	assert_int_equal(loop_init(), 0);
	assert_int_equal(register_socket_serve(&config), 0);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_of_messages),
		TEST(command_by_registers),
		TEST(both_ends_of_the_window),
		TEST(byte_by_byte),
		TEST(many_at_once),
		TEST(clients_beside_each_other),
		TEST(wrong_messages),
		TEST(hang_up_in_a_message),
		TEST(client_that_does_not_read),
		TEST(nonsense),
		TEST(program),
	};

	return cmocka_run_group_tests_name("register_socket", tests, serve,
					   leave_test_folder);
}
