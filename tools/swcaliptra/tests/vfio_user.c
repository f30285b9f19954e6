// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the vfio-user server by what QEMU's docs/interop/vfio-user says of
 * messages and replies: a client that does as it should, one that wants more
 * than there is, and hostile ones, after which the next client is served as if
 * nothing had been.
 */
#include "door.h"

#include <caliptra/commands.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "vfio_user.h"

#define PATH	    "vfio"
#define PATH_MCI    "vfio-mci"
#define PATH_ERRORS "vfio-errors"

enum {
	VERSION = 1,
	DMA_MAP = 2,
	DMA_UNMAP = 3,
	GET_INFO = 4,
	GET_REGION_INFO = 5,
	GET_IRQ_INFO = 7,
	SET_IRQS = 8,
	REGION_READ = 9,
	REGION_WRITE = 10,
	RESET = 13,
};

enum {
	REPLY = 1,
	NO_REPLY = 1 << 4,
	ERROR = 1 << 5,
};

#define BAR0   VFIO_PCI_BAR0_REGION_INDEX
#define CONFIG VFIO_PCI_CONFIG_REGION_INDEX

/* Most that a read or a write may transfer, by what VERSION says. */
#define MAX_TRANSFER 256
#define MAX_MESSAGE  1024

#define IFC (CALIPTRA_SOC_IFC_REG_BASE - BUS_WINDOW_BASE)
#define CSR (CALIPTRA_MBOX_CSR_BASE - BUS_WINDOW_BASE)

#define EVENTFD_TRIGGER \
	(VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)
#define UNMASK (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK)
#define MASK   (VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_MASK)

struct header {
	uint16_t id;
	uint16_t command;
	uint32_t size;
	uint32_t flags;
	uint32_t error;
};

struct access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[MAX_TRANSFER];
};

#define ACCESS_SIZE offsetof(struct access, data)

/**
 * struct message - a message and what comes with it
 * @h: its header
 * @payload: the rest
 * @fds: descriptors to send
 * @fd_count: how many
 */
struct message {
	struct header h;
	uint8_t payload[2 * MAX_MESSAGE];
	int fds[32];
	unsigned int fd_count;
};

static int client;
static uint16_t next_id;
static unsigned int resets;
static unsigned int mci_resets;

static void on_wires(void *unused)
{
	(void)unused;
	vfio_user_wires_changed();
}

static void on_reset(void *context)
{
	assert_ptr_equal(context, &dev);
	resets++;
}

static void on_mci_reset(void *context)
{
	assert_ptr_equal(context, &dev);
	mci_resets++;
}

static struct message message(uint16_t command, const void *payload, size_t len)
{
	struct message m = {
		.h.id = next_id++,
		.h.command = command,
		.h.size = (uint32_t)(sizeof(m.h) + len),
		/* reserved in a request: it is not to be looked at */
		.h.error = 0xdead,
	};

	assert_in_range(len, 0, sizeof(m.payload));
	if (len)
		memcpy(m.payload, payload, len);
	return m;
}

/* Send the first @len bytes of a message, and descriptors with them. */
static void send_part(const struct message *m, size_t len)
{
	uint8_t control[CMSG_SPACE(sizeof(m->fds))] = { 0 };
	struct iovec iov = { (void *)(uintptr_t)m, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (m->fd_count) {
		msg.msg_control = control;
		msg.msg_controllen = CMSG_SPACE(m->fd_count * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(m->fd_count * sizeof(int));
		memcpy(CMSG_DATA(c), m->fds, m->fd_count * sizeof(int));
	}
	assert_int_equal(sendmsg(client, &msg, MSG_NOSIGNAL | MSG_DONTWAIT),
			 len);
}

static void send_message(const struct message *m)
{
	send_part(m, m->h.size);
}

/* The reply to @m; the length of its payload. */
static size_t receive_reply(const struct message *m, uint32_t error,
			    void *payload, size_t size)
{
	struct header h;
	uint8_t byte;
	size_t len;

	assert_int_equal(receive(client, &h, sizeof(h)), sizeof(h));
	assert_int_equal(h.id, m->h.id);
	assert_int_equal(h.command, m->h.command);
	assert_int_equal(h.flags, REPLY | (error ? ERROR : 0));
	assert_int_equal(h.error, error);
	assert_in_range(h.size, sizeof(h), sizeof(h) + size);
	len = h.size - sizeof(h);
	if (error)
		assert_int_equal(len, 0);
	assert_int_equal(receive(client, payload, len), len);
	if (!outside)
		assert_int_equal(recv(client, &byte, 1, MSG_DONTWAIT), -1);
	return len;
}

/* One message; it brings @len bytes of payload. */
static void exchange(uint16_t command, const void *payload, size_t payload_len,
		     void *reply, size_t len)
{
	struct message m = message(command, payload, payload_len);

	send_message(&m);
	assert_int_equal(receive_reply(&m, 0, reply, len), len);
}

static void expect_error_of(const struct message *m, uint32_t error)
{
	send_message(m);
	receive_reply(m, error, NULL, 0);
}

static void expect_error(uint16_t command, const void *payload, size_t len,
			 uint32_t error)
{
	struct message m = message(command, payload, len);

	expect_error_of(&m, error);
}

static void negotiate(void)
{
	static const uint16_t version[2] = { 0, 0 };
	char reply[256];
	struct message m = message(VERSION, version, sizeof(version));

	send_message(&m);
	receive_reply(&m, 0, reply, sizeof(reply));
}

static void connect_client(void)
{
	client = connect_to(PATH);
	negotiate();
}

/* The next client, after whatever the last one did. */
static void connect_again(void)
{
	connect_client();
	exchange(GET_INFO, NULL, 0, (uint8_t[16]){ 0 }, 16);
}

static void expect_dropped(const char *why)
{
	expect_hang_up(client);
	assert_contains(heard(), why);
	connect_again();
}

static void read_region(uint32_t region, uint64_t offset, uint32_t count,
			void *data)
{
	struct access a = { offset, region, count, { 0 } };
	struct access reply;

	exchange(REGION_READ, &a, ACCESS_SIZE, &reply, ACCESS_SIZE + count);
	assert_memory_equal(&reply, &a, ACCESS_SIZE);
	memcpy(data, reply.data, count);
}

static void write_region(uint32_t region, uint64_t offset, uint32_t count,
			 const void *data)
{
	struct access a = { offset, region, count, { 0 } };
	struct access reply;

	memcpy(a.data, data, count);
	exchange(REGION_WRITE, &a, ACCESS_SIZE + count, &reply, ACCESS_SIZE);
	assert_memory_equal(&reply, &a, ACCESS_SIZE);
}

static uint32_t read_reg(uint64_t offset)
{
	uint32_t value;

	read_region(BAR0, offset, 4, &value);
	return value;
}

static void write_reg(uint64_t offset, uint32_t value)
{
	write_region(BAR0, offset, 4, &value);
}

static struct message irq_message(uint32_t flags, uint32_t count, int fd)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = flags,
		.index = VFIO_PCI_INTX_IRQ_INDEX,
		.count = count,
	};
	struct message m = message(SET_IRQS, &set, sizeof(set));

	if (fd >= 0) {
		m.fds[0] = fd;
		m.fd_count = 1;
	}
	return m;
}

static void set_irq(uint32_t flags, uint32_t count, int fd)
{
	struct message m = irq_message(flags, count, fd);

	send_message(&m);
	receive_reply(&m, 0, NULL, 0);
}

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_int_not_equal(fd, -1);
	return fd;
}

/* How often it was signalled since it was asked last. */
static uint64_t signals(int fd)
{
	uint64_t count;

	if (!outside)
		settle();
	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

/* The mailbox gets data, by the command VERSION. */
static void raise_level(void)
{
	assert_int_equal(read_reg(CSR + MBOX_LOCK), 0);
	write_reg(CSR + MBOX_CMD, CALIPTRA_CMD_VERSION);
	write_reg(CSR + MBOX_DLEN, 4);
	write_reg(CSR + MBOX_DATAIN, 0u - ('F' + 'P' + 'V' + 'R'));
	write_reg(CSR + MBOX_EXECUTE, 1);
}

static void lower_level(void)
{
	write_reg(CSR + MBOX_EXECUTE, 0);
}

static int setup(void **unused)
{
	(void)unused;
	start_device(SOC_BOOT_HOLD_NONE);
	dev.bus.wires_changed = on_wires;
	vfio_user_wires_changed();
	resets = 0;
	connect_client();
	return 0;
}

static int teardown(void **unused)
{
	(void)unused;
	hang_up_and_settle(client);
	stop_device();
	return 0;
}

static void version_is_negotiated(void **unused)
{
	static const char wanted[] = "\0\0\xff\xff{\"capabilities\":{}}";
	struct message m;
	char reply[512] = { 0 };
	size_t len;

	(void)unused;
	hang_up_and_settle(client);
	client = connect_to(PATH);
	m = message(VERSION, wanted, sizeof(wanted));
	send_message(&m);
	len = receive_reply(&m, 0, reply, sizeof(reply));
	assert_memory_equal(reply, "\0\0\0\0", 4);
	assert_int_equal(strlen(reply + 4), len - 5);
	assert_string_equal(
		reply + 4,
		"{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":256}}");

	/* once is enough */
	expect_error(VERSION, wanted, sizeof(wanted), EINVAL);
	read_reg(IFC + CPTRA_HW_REV_ID);
}

static void other_versions_are_refused(void **unused)
{
	static const uint16_t wrong[][2] = { { 1, 0 }, { 0xffff, 0 }, { 256 } };
	struct message m;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(wrong); i++) {
		hang_up_and_settle(client);
		client = connect_to(PATH);
		m = message(VERSION, wrong[i], sizeof(wrong[i]));
		send_message(&m);
		expect_dropped("version 0");
	}
	for (i = 0; i < 4; i++) {
		hang_up_and_settle(client);
		client = connect_to(PATH);
		m = message(VERSION, "\0\0\0", i);
		send_message(&m);
		expect_dropped("version 0");
	}
}

static void nothing_before_version(void **unused)
{
	struct access a = { CSR + MBOX_LOCK, BAR0, 4, { 0 } };
	struct message m;
	uint16_t command;

	(void)unused;
	for (command = 0; command < 20; command++) {
		if (command == VERSION)
			continue;
		hang_up_and_settle(client);
		client = connect_to(PATH);
		m = message(command, &a, sizeof(a));
		send_message(&m);
		expect_dropped("which version");
	}
	assert_false(dev.mbox.lock);
	assert_int_equal(resets, 0);
}

static void device_info(void **unused)
{
	struct {
		uint32_t argsz;
		uint32_t flags;
		uint32_t regions;
		uint32_t irqs;
	} info, wanted = { 16, VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
			   9, 5 };

	(void)unused;
	exchange(GET_INFO, &wanted, sizeof(wanted), &info, sizeof(info));
	assert_memory_equal(&info, &wanted, sizeof(info));
}

static void region_info(void **unused)
{
	struct vfio_region_info wanted = { 0 };
	struct vfio_region_info info;

	(void)unused;
	for (wanted.index = 0; wanted.index < 9; wanted.index++) {
		exchange(GET_REGION_INFO, &wanted, sizeof(wanted), &info,
			 sizeof(info));
		assert_int_equal(info.argsz, 32);
		assert_int_equal(info.index, wanted.index);
		assert_int_equal(info.cap_offset, 0);
		assert_int_equal(info.offset, 0);
		assert_int_equal(info.size, wanted.index == BAR0   ? 0x20000 :
					    wanted.index == CONFIG ? 256 :
								     0);
		assert_int_equal(info.flags,
				 info.size ?
					 VFIO_REGION_INFO_FLAG_READ |
						 VFIO_REGION_INFO_FLAG_WRITE :
					 0);
	}
	expect_error(GET_REGION_INFO, &wanted, sizeof(wanted), EINVAL);
	wanted.index = UINT32_MAX;
	expect_error(GET_REGION_INFO, &wanted, sizeof(wanted), EINVAL);
}

static void irq_info(void **unused)
{
	struct vfio_irq_info wanted = { 0 };
	struct vfio_irq_info info;

	(void)unused;
	for (wanted.index = 0; wanted.index < 5; wanted.index++) {
		bool intx = wanted.index == VFIO_PCI_INTX_IRQ_INDEX;

		exchange(GET_IRQ_INFO, &wanted, sizeof(wanted), &info,
			 sizeof(info));
		assert_int_equal(info.argsz, 16);
		assert_int_equal(info.index, wanted.index);
		assert_int_equal(info.count, intx);
		assert_int_equal(info.flags,
				 intx ? VFIO_IRQ_INFO_EVENTFD |
						 VFIO_IRQ_INFO_MASKABLE |
						 VFIO_IRQ_INFO_AUTOMASKED :
					0);
	}
	expect_error(GET_IRQ_INFO, &wanted, sizeof(wanted), EINVAL);
	wanted.index = UINT32_MAX;
	expect_error(GET_IRQ_INFO, &wanted, sizeof(wanted), EINVAL);
}

static void short_messages(void **unused)
{
	static const struct {
		uint16_t command;
		size_t len;
	} needs[] = {
		{ DMA_UNMAP, 24 },    { GET_REGION_INFO, 32 },
		{ GET_IRQ_INFO, 16 }, { SET_IRQS, 20 },
		{ REGION_READ, 16 },  { REGION_WRITE, 16 },
	};
	static const uint8_t zeros[32];
	size_t len;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(needs); i++)
		for (len = 0; len < needs[i].len; len++)
			expect_error(needs[i].command, zeros, len, EINVAL);
}

static void registers(void **unused)
{
	static const uint32_t values[] = { 0x12345678, 0xffffffff, 0 };
	size_t i;

	(void)unused;
	assert_int_equal(read_reg(IFC + CPTRA_HW_REV_ID),
			 ifc_read(&dev, CPTRA_HW_REV_ID));
	assert_int_not_equal(read_reg(IFC + CPTRA_HW_REV_ID), 0);
	for (i = 0; i < COUNT(values); i++) {
		write_reg(IFC + CPTRA_RSVD_REG + 4, values[i]);
		assert_int_equal(ifc_read(&dev, CPTRA_RSVD_REG + 4), values[i]);
		assert_int_equal(read_reg(IFC + CPTRA_RSVD_REG + 4), values[i]);
	}
	assert_int_equal(ifc_read(&dev, CPTRA_RSVD_REG), 0);
	assert_int_equal(read_reg(BUS_WINDOW_SIZE - 4), 0);
	write_reg(BUS_WINDOW_SIZE - 4, 1);
}

/* A whole command by messages, as a driver behind QEMU does it. */
static void command_by_registers(void **unused)
{
	uint32_t answer[9];
	uint32_t sum = 0;
	size_t i;

	(void)unused;
	raise_level();
	assert_int_equal(read_reg(CSR + MBOX_STATUS) & 0xf,
			 MBOX_STATUS_DATA_READY);
	assert_int_equal(read_reg(CSR + MBOX_USER), SOC_BOOT_PL0_USER);
	assert_int_equal(read_reg(CSR + MBOX_DLEN), sizeof(answer));
	for (i = 0; i < COUNT(answer); i++)
		answer[i] = read_reg(CSR + MBOX_DATAOUT);
	assert_int_equal(answer[2], 0x46495053); /* FIPS */
	for (i = 4; i < sizeof(answer); i++)
		sum += ((uint8_t *)answer)[i];
	assert_int_equal(answer[0] + sum, 0);
	lower_level();
	assert_false(dev.mbox.lock);
}

/* Registers take aligned words; what is no such access touches none. */
static void accesses_of_other_sizes(void **unused)
{
	static const uint32_t counts[] = { 0, 1, 2, 3, 5, 8, 16, MAX_TRANSFER };
	uint8_t data[MAX_TRANSFER];
	uint8_t zeros[MAX_TRANSFER] = { 0 };
	size_t i;
	uint64_t k;

	(void)unused;
	write_reg(IFC + CPTRA_RSVD_REG, 0x01020304);
	for (i = 0; i < COUNT(counts); i++) {
		memset(data, 0xa5, sizeof(data));
		write_region(BAR0, IFC + CPTRA_RSVD_REG, counts[i], data);
		read_region(BAR0, CSR + MBOX_LOCK, counts[i], data);
		assert_memory_equal(data, zeros, counts[i]);
	}
	for (k = 1; k < 4; k++) {
		memset(data, 0xa5, sizeof(data));
		write_region(BAR0, IFC + CPTRA_RSVD_REG + k, 4, data);
		read_region(BAR0, CSR + MBOX_LOCK + k, 4, data);
		assert_memory_equal(data, zeros, 4);
	}
	assert_int_equal(read_reg(IFC + CPTRA_RSVD_REG), 0x01020304);
	assert_int_equal(read_reg(IFC + CPTRA_RSVD_REG + 4), 0);
	assert_false(dev.mbox.lock);
}

static void accesses_out_of_bounds(void **unused)
{
	static const struct access wrong[] = {
		{ BUS_WINDOW_SIZE - 3, BAR0, 4 },
		{ BUS_WINDOW_SIZE, BAR0, 4 },
		{ BUS_WINDOW_SIZE, BAR0, 1 },
		{ BUS_WINDOW_SIZE + 1, BAR0, 0 },
		{ UINT64_C(0x100000000), BAR0, 4 },
		{ UINT64_MAX - 3, BAR0, 4 },
		{ UINT64_MAX - 3, BAR0, 8 },
		{ UINT64_MAX, BAR0, 0 },
		{ 0, BAR0, MAX_TRANSFER + 1 },
		{ 0, BAR0, UINT32_MAX },
		{ 4, BAR0, UINT32_MAX - 3 },
		{ 253, CONFIG, 4 },
		{ 256, CONFIG, 1 },
		{ 1, CONFIG, 256 },
		{ UINT64_MAX - 3, CONFIG, 8 },
		{ 0, CONFIG, MAX_TRANSFER + 1 },
		{ 0, 1, 4 },
		{ 0, 1, 0 },
		{ 0, 6, 4 },
		{ 0, 8, 1 },
		{ 0, 9, 4 },
		{ 0, 9, 0 },
		{ 0, UINT32_MAX, 4 },
		{ 0, UINT32_MAX, 0 },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(wrong); i++) {
		expect_error(REGION_READ, &wrong[i], ACCESS_SIZE, EINVAL);
		expect_error(REGION_WRITE, &wrong[i], sizeof(wrong[i]), EINVAL);
	}
}

static void writes_with_too_little_data(void **unused)
{
	struct access a = { IFC + CPTRA_RSVD_REG, BAR0, 4, { 1, 2, 3, 4 } };
	size_t len;

	(void)unused;
	for (len = 0; len < 4; len++)
		expect_error(REGION_WRITE, &a, ACCESS_SIZE + len, EINVAL);
	a.region = CONFIG;
	a.offset = 0;
	a.count = MAX_TRANSFER;
	expect_error(REGION_WRITE, &a, sizeof(a) - 1, EINVAL);
	assert_int_equal(read_reg(IFC + CPTRA_RSVD_REG), 0);
}

static void config_space(void **unused)
{
	uint8_t pci[256];
	uint8_t byte;
	uint16_t word;
	size_t i;

	(void)unused;
	read_region(CONFIG, 0, sizeof(pci), pci);
	assert_memory_equal(pci, "\x34\x12\x11\xca", 4);
	assert_memory_equal(pci + PCI_SUBSYSTEM_VENDOR_ID, "\x34\x12\x11\xca",
			    4);
	assert_int_equal(pci[PCI_CLASS_DEVICE + 1], 0x10);
	assert_int_equal(pci[PCI_CLASS_DEVICE], 0x80);
	assert_int_equal(pci[PCI_HEADER_TYPE], PCI_HEADER_TYPE_NORMAL);
	assert_int_equal(pci[PCI_INTERRUPT_PIN], 1);
	/* no list of capabilities, and a BAR of 32 bits in memory */
	assert_int_equal(pci[PCI_STATUS], 0);
	assert_int_equal(pci[PCI_BASE_ADDRESS_0], 0);

	/* in every size and place it is the same */
	for (i = 0; i < sizeof(pci); i++) {
		read_region(CONFIG, i, 1, &byte);
		assert_int_equal(byte, pci[i]);
	}
	read_region(CONFIG, 1, 2, &word);
	assert_memory_equal(&word, pci + 1, 2);
}

/* What identifies the function is not for the guest to write. */
static void config_space_writes(void **unused)
{
	uint8_t before[256];
	uint8_t ones[256];
	uint8_t wanted[256];
	uint8_t after[256];

	(void)unused;
	read_region(CONFIG, 0, sizeof(before), before);
	memcpy(wanted, before, sizeof(wanted));
	memset(ones, 0xff, sizeof(ones));
	wanted[PCI_COMMAND] = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	wanted[PCI_COMMAND + 1] = PCI_COMMAND_INTX_DISABLE >> 8;
	wanted[PCI_CACHE_LINE_SIZE] = 0xff;
	wanted[PCI_INTERRUPT_LINE] = 0xff;
	/* so many bits of the BAR say how long the window is */
	memcpy(wanted + PCI_BASE_ADDRESS_0, "\x00\x00\xfe\xff", 4);
	write_region(CONFIG, 0, sizeof(ones), ones);
	read_region(CONFIG, 0, sizeof(after), after);
	assert_memory_equal(after, wanted, sizeof(after));

	write_region(CONFIG, PCI_COMMAND, 2, "\x02\x00");
	read_region(CONFIG, PCI_COMMAND, 2, after);
	assert_memory_equal(after, "\x02\x00", 2);

	write_region(CONFIG, 0, sizeof(before), before);
	read_region(CONFIG, 0, sizeof(after), after);
	assert_memory_equal(after, before, sizeof(after));
}

static void memory_is_not_needed(void **unused)
{
	uint64_t map[4] = { 32 | UINT64_C(3) << 32, 0, 0x40000000, 0x1000 };
	uint64_t unmap[3] = { 24, 0x40000000, 0x1000 };
	uint64_t reply[3];
	struct message m = message(DMA_MAP, map, sizeof(map));
	unsigned int before = open_descriptors();

	(void)unused;
	m.fds[0] = STDIN_FILENO;
	m.fd_count = 1;
	send_message(&m);
	receive_reply(&m, 0, NULL, 0);
	assert_int_equal(open_descriptors(), before);
	exchange(DMA_UNMAP, unmap, sizeof(unmap), reply, sizeof(reply));
	assert_memory_equal(reply, unmap, sizeof(unmap));
}

static void reset(void **unused)
{
	(void)unused;
	exchange(RESET, NULL, 0, NULL, 0);
	assert_int_equal(resets, 1);
	exchange(RESET, NULL, 0, NULL, 0);
	assert_int_equal(resets, 2);
}

static void unknown_commands(void **unused)
{
	static const uint16_t unknown[] = { 0,	6,  11, 12,  14,     15,
					    16, 17, 18, 100, 0x0101, 0xffff };
	uint8_t payload[MAX_MESSAGE - sizeof(struct header)] = { 0 };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(unknown); i++) {
		expect_error(unknown[i], NULL, 0, ENOTSUP);
		expect_error(unknown[i], payload, sizeof(payload), ENOTSUP);
	}
}

static void no_reply_where_none_is_wanted(void **unused)
{
	struct access a = { IFC + CPTRA_RSVD_REG, BAR0, 4, { 1, 2, 3, 4 } };
	struct message m = message(REGION_WRITE, &a, ACCESS_SIZE + 4);
	struct message wrong = message(SET_IRQS, NULL, 0);

	(void)unused;
	m.h.flags = NO_REPLY;
	send_message(&m);
	expect_silence(client);
	assert_int_equal(ifc_read(&dev, CPTRA_RSVD_REG), 0x04030201);
	wrong.h.flags = NO_REPLY;
	send_message(&wrong);
	expect_silence(client);
	assert_int_equal(read_reg(IFC + CPTRA_RSVD_REG), 0x04030201);
}

static void impossible_sizes(void **unused)
{
	static const uint32_t sizes[] = { 0,	1,     15,	   1025,
					  4096, 65536, 0x80000000, UINT32_MAX };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(sizes); i++) {
		struct message m = message(GET_INFO, NULL, 0);

		m.h.size = sizes[i];
		send_part(&m, sizeof(m.h) + MAX_MESSAGE);
		expect_dropped("impossible size");
	}
}

static void replies_to_nothing(void **unused)
{
	uint32_t type;

	(void)unused;
	for (type = 1; type < 16; type++) {
		struct message m = message(GET_INFO, NULL, 0);

		m.h.flags = type;
		send_message(&m);
		expect_dropped("reply to nothing");
	}
}

static void byte_by_byte(void **unused)
{
	static const uint16_t version[2] = { 0, 0 };
	struct access a = { IFC + CPTRA_HW_REV_ID, BAR0, 4, { 0 } };
	struct message m = message(VERSION, version, sizeof(version));
	struct access reply;
	size_t i;

	(void)unused;
	hang_up_and_settle(client);
	client = connect_to(PATH);
	for (i = 0; i < m.h.size; i++) {
		expect_silence(client);
		send_all(client, (uint8_t *)&m + i, 1);
	}
	receive_reply(&m, 0, (uint8_t[256]){ 0 }, 256);
	m = message(REGION_READ, &a, ACCESS_SIZE);
	for (i = 0; i < m.h.size; i++) {
		expect_silence(client);
		send_all(client, (uint8_t *)&m + i, 1);
	}
	assert_int_equal(receive_reply(&m, 0, &reply, sizeof(reply)),
			 ACCESS_SIZE + 4);
	assert_memory_equal(reply.data, "\x12", 2);
}

static void many_at_once(void **unused)
{
	enum {
		MESSAGES = 50,
		REPLY_SIZE = sizeof(struct header) + 20
	};
	struct access a = { IFC + CPTRA_RSVD_REG, BAR0, 4, { 0 } };
	uint8_t sent[2 * MESSAGES * MAX_MESSAGE];
	uint8_t replies[2 * MESSAGES][sizeof(struct header) + 20];
	uint8_t *p = sent;
	uint32_t i;

	(void)unused;
	for (i = 0; i < MESSAGES; i++) {
		struct message m;

		wire_put_le32(a.data, i);
		m = message(REGION_WRITE, &a, ACCESS_SIZE + 4);
		m.h.flags = NO_REPLY;
		memcpy(p, &m, m.h.size);
		p += m.h.size;
		m = message(REGION_READ, &a, ACCESS_SIZE);
		m.h.id = (uint16_t)i;
		memcpy(p, &m, m.h.size);
		p += m.h.size;
	}
	send_all(client, sent, (size_t)(p - sent));
	assert_int_equal(receive(client, replies, MESSAGES * REPLY_SIZE),
			 MESSAGES * REPLY_SIZE);
	for (i = 0; i < MESSAGES; i++) {
		assert_int_equal(replies[i][0], i);
		assert_int_equal(wire_get_le32(replies[i] + REPLY_SIZE - 4), i);
	}
	expect_silence(client);
}

static void hang_up_in_a_message(void **unused)
{
	int event = new_eventfd();
	struct message m = irq_message(EVENTFD_TRIGGER, 1, event);
	size_t len;

	(void)unused;
	for (len = 1; len < m.h.size; len++) {
		send_part(&m, len);
		if (len % 2)
			settle();
		hang_up_and_settle(client);
		connect_again();
	}
	close(event);
}

static void hang_up_before_the_reply(void **unused)
{
	struct message m = message(GET_INFO, NULL, 0);

	(void)unused;
	send_message(&m);
	send_message(&m);
	hang_up_and_settle(client);
	connect_again();
}

static void too_many_descriptors(void **unused)
{
	static const unsigned int counts[] = { 2, 7, 8, 9, 32 };
	int event = new_eventfd();
	unsigned int before = open_descriptors();
	size_t i;
	size_t k;

	(void)unused;
	for (i = 0; i < COUNT(counts); i++) {
		struct message m = irq_message(EVENTFD_TRIGGER, 1, event);

		for (k = 0; k < counts[i]; k++)
			m.fds[k] = event;
		m.fd_count = counts[i];
		expect_error_of(&m, EINVAL);
		assert_int_equal(open_descriptors(), before);
	}
	/* one with every byte of a message */
	for (i = 0; i < 2; i++) {
		struct message m = irq_message(EVENTFD_TRIGGER, 1, event);
		struct message part = m;

		for (k = 0; k < m.h.size; k++) {
			memcpy(&part, (uint8_t *)&m + k, 1);
			send_part(&part, 1);
		}
		receive_reply(&m, EINVAL, NULL, 0);
		assert_int_equal(open_descriptors(), before);
	}
	raise_level();
	assert_int_equal(signals(event), 0);
	close(event);
}

static void descriptors_where_none_belong(void **unused)
{
	struct access a = { IFC + CPTRA_HW_REV_ID, BAR0, 4, { 0 } };
	struct message m = message(REGION_READ, &a, ACCESS_SIZE);
	struct message mask = irq_message(MASK, 1, STDIN_FILENO);
	struct message none = irq_message(VFIO_IRQ_SET_DATA_NONE |
						  VFIO_IRQ_SET_ACTION_TRIGGER,
					  0, STDIN_FILENO);
	struct message unknown = message(0, NULL, 0);
	unsigned int before = open_descriptors();

	(void)unused;
	m.fds[0] = STDIN_FILENO;
	m.fd_count = 1;
	send_message(&m);
	receive_reply(&m, 0, (uint8_t[20]){ 0 }, 20);
	send_message(&mask);
	receive_reply(&mask, 0, NULL, 0);
	send_message(&none);
	receive_reply(&none, 0, NULL, 0);
	unknown.fds[0] = STDIN_FILENO;
	unknown.fd_count = 1;
	expect_error_of(&unknown, ENOTSUP);
	assert_int_equal(open_descriptors(), before);
}

/* They come with the second message, though both arrive in one piece. */
static void descriptors_of_the_next_message(void **unused)
{
	struct access a = { IFC + CPTRA_RSVD_REG, BAR0, 4, { 1 } };
	struct message posted = message(REGION_WRITE, &a, ACCESS_SIZE + 4);
	int event = new_eventfd();
	struct message m = irq_message(EVENTFD_TRIGGER, 1, event);

	(void)unused;
	posted.h.flags = NO_REPLY;
	send_message(&posted);
	send_message(&m);
	send_message(&posted);
	receive_reply(&m, 0, NULL, 0);
	raise_level();
	assert_int_equal(signals(event), 1);
	close(event);
}

static void second_client_waits(void **unused)
{
	struct message m = message(VERSION, "\0\0\0\0", 4);
	int first = client;

	(void)unused;
	client = connect_to(PATH);
	send_message(&m);
	expect_silence(client);
	hang_up_and_settle(first);
	receive_reply(&m, 0, (uint8_t[256]){ 0 }, 256);
	read_reg(IFC + CPTRA_HW_REV_ID);
}

/* The device stays as it is; what the client has set up is gone. */
static void reconnect(void **unused)
{
	int event = new_eventfd();
	unsigned int before = open_descriptors();

	(void)unused;
	set_irq(EVENTFD_TRIGGER, 1, event);
	write_reg(IFC + CPTRA_RSVD_REG, 0x55);
	assert_int_equal(read_reg(CSR + MBOX_LOCK), 0);
	hang_up_and_settle(client);
	connect_client();
	assert_int_equal(open_descriptors(), before);
	assert_int_equal(read_reg(IFC + CPTRA_RSVD_REG), 0x55);
	assert_int_equal(read_reg(CSR + MBOX_LOCK), 1);
	write_reg(CSR + MBOX_CMD, CALIPTRA_CMD_VERSION);
	write_reg(CSR + MBOX_DLEN, 0);
	write_reg(CSR + MBOX_EXECUTE, 1);
	assert_true(bus_wires(&dev.bus) & BUS_WIRE_MAILBOX_DATA_AVAIL);
	assert_int_equal(signals(event), 0);

	/* the level is still high, and so the new one is told */
	set_irq(EVENTFD_TRIGGER, 1, event);
	assert_int_equal(signals(event), 1);
	close(event);
}

static void client_that_does_not_read(void **unused)
{
	struct access a = { 0, CONFIG, MAX_TRANSFER, { 0 } };
	struct message m = message(REGION_READ, &a, ACCESS_SIZE);
	ssize_t n;
	int i;

	(void)unused;
	for (i = 0; i < 100000; i++) {
		n = send(client, &m, m.h.size, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n != (ssize_t)m.h.size)
			break;
		assert_int_equal(loop_run(0), 0);
	}
	assert_int_equal(n, -1);
	assert_int_equal(errno, EPIPE);
	close(client);
	assert_contains(heard(), "does not read");
	connect_again();
}

static void interrupt_tells_of_data(void **unused)
{
	int event = new_eventfd();

	(void)unused;
	set_irq(EVENTFD_TRIGGER, 1, event);
	assert_int_equal(signals(event), 0);
	raise_level();
	assert_int_equal(signals(event), 1);

	/* once, as long as nobody unmasks */
	read_reg(CSR + MBOX_STATUS);
	lower_level();
	assert_int_equal(signals(event), 0);
	raise_level();
	assert_int_equal(signals(event), 0);

	/* a rise in between is told at once */
	set_irq(UNMASK, 1, -1);
	assert_int_equal(signals(event), 1);
	close(event);
}

static void level_is_told_again(void **unused)
{
	int event = new_eventfd();
	int i;

	(void)unused;
	set_irq(EVENTFD_TRIGGER, 1, event);
	raise_level();
	assert_int_equal(signals(event), 1);
	for (i = 0; i < 3; i++) {
		set_irq(UNMASK, 1, -1);
		settle_until_readable(event);
		assert_int_equal(signals(event), 1);
	}
	/* a level that has fallen is not */
	set_irq(UNMASK, 1, -1);
	lower_level();
	usleep(5000);
	signals(event);
	usleep(5000);
	assert_int_equal(signals(event), 0);
	set_irq(UNMASK, 1, -1);
	assert_int_equal(signals(event), 0);
	raise_level();
	assert_int_equal(signals(event), 1);
	close(event);
}

static void masked_interrupt_waits(void **unused)
{
	int event = new_eventfd();

	(void)unused;
	set_irq(EVENTFD_TRIGGER, 1, event);
	set_irq(MASK, 1, -1);
	raise_level();
	assert_int_equal(signals(event), 0);
	set_irq(UNMASK, 1, -1);
	assert_int_equal(signals(event), 1);
	lower_level();
	set_irq(UNMASK, 1, -1);
	assert_int_equal(signals(event), 0);
	close(event);
}

static void interrupt_is_taken_away(void **unused)
{
	static const uint32_t ways[] = {
		VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		EVENTFD_TRIGGER, /* without a descriptor */
	};
	int event = new_eventfd();
	unsigned int before = open_descriptors();
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(ways); i++) {
		set_irq(EVENTFD_TRIGGER, 1, event);
		assert_int_equal(open_descriptors(), before + 1);
		set_irq(ways[i], (uint32_t)i, -1);
		assert_int_equal(open_descriptors(), before);
		raise_level();
		assert_int_equal(signals(event), 0);
		lower_level();
	}
	close(event);
}

static void another_eventfd(void **unused)
{
	int first = new_eventfd();
	int second = new_eventfd();
	unsigned int before = open_descriptors();

	(void)unused;
	raise_level();
	set_irq(EVENTFD_TRIGGER, 1, first);
	assert_int_equal(signals(first), 1);
	set_irq(EVENTFD_TRIGGER, 1, second);
	assert_int_equal(signals(first), 0);
	assert_int_equal(signals(second), 1);
	assert_int_equal(open_descriptors(), before + 1);
	close(first);
	close(second);
}

static void wrong_irq_sets(void **unused)
{
	static const struct {
		struct vfio_irq_set set;
		uint32_t error;
	} wrong[] = {
		{ { 20, EVENTFD_TRIGGER, 1, 0, 1 }, EINVAL },
		{ { 20, EVENTFD_TRIGGER, 4, 0, 1 }, EINVAL },
		{ { 20, EVENTFD_TRIGGER, 5, 0, 1 }, EINVAL },
		{ { 20, EVENTFD_TRIGGER, UINT32_MAX, 0, 1 }, EINVAL },
		{ { 20, EVENTFD_TRIGGER, 0, 1, 1 }, EINVAL },
		{ { 20, EVENTFD_TRIGGER, 0, UINT32_MAX, 1 }, EINVAL },
		{ { 20, EVENTFD_TRIGGER, 0, 0, 2 }, EINVAL },
		{ { 20, EVENTFD_TRIGGER, 0, 0, UINT32_MAX }, EINVAL },
		{ { 20, EVENTFD_TRIGGER, 0, 0, 0 }, EINVAL },
		{ { 20, 0, 0, 0, 1 }, EINVAL },
		{ { 20, VFIO_IRQ_SET_DATA_EVENTFD, 0, 0, 1 }, EINVAL },
		{ { 20, EVENTFD_TRIGGER | VFIO_IRQ_SET_ACTION_MASK, 0, 0, 1 },
		  EINVAL },
		{ { 20, MASK | VFIO_IRQ_SET_ACTION_UNMASK, 0, 0, 1 }, EINVAL },
		{ { 20, VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_TRIGGER, 0,
		    0, 1 },
		  ENOTSUP },
		{ { 20, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER, 0,
		    0, 1 },
		  ENOTSUP },
		{ { 20, VFIO_IRQ_SET_DATA_BOOL | VFIO_IRQ_SET_ACTION_MASK, 0, 0,
		    1 },
		  ENOTSUP },
		{ { 20, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_MASK, 0,
		    0, 1 },
		  ENOTSUP },
		{ { 20, VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK,
		    0, 0, 1 },
		  ENOTSUP },
	};
	int event = new_eventfd();
	int other = new_eventfd();
	unsigned int before;
	size_t i;

	(void)unused;
	set_irq(EVENTFD_TRIGGER, 1, event);
	before = open_descriptors();
	for (i = 0; i < COUNT(wrong); i++) {
		struct message m = message(SET_IRQS, &wrong[i].set, 20);

		m.fds[0] = other;
		m.fd_count = 1;
		expect_error_of(&m, wrong[i].error);
		assert_int_equal(open_descriptors(), before);
	}
	/* the one that was set is still there, and not masked */
	raise_level();
	assert_int_equal(signals(event), 1);
	assert_int_equal(signals(other), 0);
	close(event);
	close(other);
}

/* Written to, these would block, fail or end the program. */
static void not_an_eventfd(void **unused)
{
	int pipe_ends[2];
	int sockets[2];
	unsigned int before;
	int fds[4];
	size_t i;

	(void)unused;
	assert_int_equal(pipe(pipe_ends), 0);
	close(pipe_ends[0]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	close(sockets[0]);
	fds[0] = pipe_ends[1];
	fds[1] = sockets[1];
	fds[2] = open("/dev/full", O_WRONLY);
	fds[3] = open(".", O_RDONLY | O_DIRECTORY);
	before = open_descriptors();
	raise_level();
	for (i = 0; i < COUNT(fds); i++) {
		struct message m = irq_message(EVENTFD_TRIGGER, 1, fds[i]);

		expect_error_of(&m, EINVAL);
		assert_int_equal(open_descriptors(), before);
		close(fds[i]);
		before--;
	}
}

/* A counter that is full does not block, and has signalled all there is. */
static void full_eventfd(void **unused)
{
	int event = eventfd(0, EFD_CLOEXEC);
	uint64_t count = UINT64_MAX - 1;

	(void)unused;
	assert_int_equal(write(event, &count, sizeof(count)), sizeof(count));
	set_irq(EVENTFD_TRIGGER, 1, event);
	raise_level();
	assert_int_equal(signals(event), UINT64_MAX - 1);
	close(event);
}

/* Bytes that make no sense, and messages that make hardly any. */
static void nonsense(void **unused)
{
	unsigned int before = open_descriptors();
	uint32_t seed = 1;
	int i;

	(void)unused;
	for (i = 0; i < 300; i++) {
		struct message m =
			message((uint16_t)(next_random(&seed) % 16), NULL, 0);
		uint32_t len = next_random(&seed) % 64;

		m.h.size += len;
		fill_random(&seed, m.payload, len);
		if (i % 8 == 0)
			fill_random(&seed, &m.h, sizeof(m.h));
		m.fd_count = next_random(&seed) % 3;
		m.fds[0] = STDIN_FILENO;
		m.fds[1] = STDOUT_FILENO;
		send_part(&m, sizeof(m.h) + len);
		hang_up_and_settle(client);
		connect_again();
		assert_int_equal(open_descriptors(), before);
	}
}

/* The program behind the door: interrupts, reset, and what it leaves. */
static void program(void **unused)
{
	static const char *const words[] = { "--state", "state", "--vfio",
					     "outside", NULL };
	pid_t pid = start_outside(words, "outside");
	int event = new_eventfd();
	int inside = client;

	(void)unused;
	client = connect_to("outside");
	negotiate();
	assert_int_equal(read_reg(IFC + CPTRA_HW_REV_ID), 0x12);
	set_irq(EVENTFD_TRIGGER, 1, event);
	raise_level();
	wait_until_ready(event, POLLIN);
	assert_int_equal(signals(event), 1);
	assert_int_equal(read_reg(CSR + MBOX_STATUS) & 0xf,
			 MBOX_STATUS_DATA_READY);
	write_reg(IFC + CPTRA_RSVD_REG, 0x55);

	/* a reset brings up the same device again */
	exchange(RESET, NULL, 0, NULL, 0);
	assert_int_equal(read_reg(IFC + CPTRA_RSVD_REG), 0);
	assert_int_equal(read_reg(CSR + MBOX_STATUS) & MBOX_STATUS_FSM_PS_MASK,
			 0);
	assert_int_not_equal(read_reg(IFC + CPTRA_FLOW_STATUS) &
				     CPTRA_FLOW_STATUS_READY_FOR_RUNTIME,
			     0);
	close(client);
	close(event);
	stop_outside(pid, "outside");
	client = inside;
}

/*
 * Several functions: the core's, the MCI's and that of the error wires, all with a
 * client.
 */

enum {
	CORE,
	MCI,
	ERRORS,
	FUNCTIONS
};

static const char *const function_paths[FUNCTIONS] = { PATH, PATH_MCI,
						       PATH_ERRORS };
static int clients[FUNCTIONS];
static int events[FUNCTIONS];

static void use(unsigned int function)
{
	client = clients[function];
}

static int setup_functions(void **unused)
{
	unsigned int i;

	(void)unused;
	start_subsystem();
	dev.bus.wires_changed = on_wires;
	vfio_user_wires_changed();
	resets = 0;
	mci_resets = 0;
	for (i = 0; i < FUNCTIONS; i++) {
		client = connect_to(function_paths[i]);
		clients[i] = client;
		negotiate();
		events[i] = new_eventfd();
		set_irq(EVENTFD_TRIGGER, 1, events[i]);
	}
	return 0;
}

static int teardown_functions(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < FUNCTIONS; i++) {
		close(events[i]);
		hang_up_and_settle(clients[i]);
	}
	stop_device();
	return 0;
}

static void functions_have_windows_of_their_own(void **unused)
{
	static const struct {
		uint64_t size;
		uint16_t device_id;
		uint32_t offset;
		uint32_t value;
	} of[FUNCTIONS] = {
		[CORE] = { 0x20000, 0xca11, IFC + CPTRA_HW_REV_ID, 0x12340012 },
		[MCI] = { 0x1000000, 0xca12, MCI_HW_REV_ID, 0x2100 },
		[ERRORS] = { 0x20000, 0xca13, IFC + CPTRA_HW_REV_ID,
			     0x12340012 },
	};
	struct vfio_region_info info = { .index = BAR0 };
	uint32_t id;
	unsigned int i;

	(void)unused;
	for (i = 0; i < FUNCTIONS; i++) {
		use(i);
		exchange(GET_REGION_INFO, &info, sizeof(info), &info,
			 sizeof(info));
		assert_int_equal(info.size, of[i].size);
		read_region(CONFIG, PCI_VENDOR_ID, 4, &id);
		assert_int_equal(id, 0x1234 | (uint32_t)of[i].device_id << 16);
		assert_int_equal(read_reg(of[i].offset), of[i].value);
	}
	/* the far end of the largest one, and what is behind it */
	use(MCI);
	assert_int_equal(read_reg(0xfffffc), 0);
	expect_error(REGION_READ, &(struct access){ 0x1000000, BAR0, 4, { 0 } },
		     ACCESS_SIZE, EINVAL);
}

static void high_window(void **unused)
{
	static const uint8_t ones[8] = { 0xff, 0xff, 0xff, 0xff,
					 0xff, 0xff, 0xff, 0xff };
	static const uint8_t high[8] = { 0x04, 0,    0,	   0xff,
					 0xff, 0xff, 0xff, 0xff };
	static const uint8_t low[8] = { 0, 0, 0xfe, 0xff, 0, 0, 0, 0 };
	uint8_t bar[8];

	(void)unused;
	use(MCI);
	write_region(CONFIG, PCI_BASE_ADDRESS_0, 8, ones);
	read_region(CONFIG, PCI_BASE_ADDRESS_0, 8, bar);
	assert_memory_equal(bar, high, 8);
	use(ERRORS);
	write_region(CONFIG, PCI_BASE_ADDRESS_0, 8, ones);
	read_region(CONFIG, PCI_BASE_ADDRESS_0, 8, bar);
	assert_memory_equal(bar, low, 8);
}

static void expect_signals(uint64_t core, uint64_t mci, uint64_t errors)
{
	assert_int_equal(signals(events[CORE]), core);
	assert_int_equal(signals(events[MCI]), mci);
	assert_int_equal(signals(events[ERRORS]), errors);
}

static void functions_have_interrupts_of_their_own(void **unused)
{
	struct mcu *mcu = &dev.subsystem->mcu;
	unsigned int i;

	(void)unused;
	expect_signals(0, 0, 0);
	use(CORE);
	raise_level();
	expect_signals(1, 0, 0);
	lower_level();
	/* an access without the lock */
	write_reg(CSR + MBOX_CMD, 0);
	expect_signals(0, 0, 1);

	/* a message in either mailbox of the MCI */
	for (i = 0; i < MCI_MBOXES; i++) {
		use(MCI);
		set_irq(UNMASK, 0, -1);
		assert_true(mcu_lock(mcu, i));
		mcu_send(mcu, i, SOC_BOOT_PL0_USER, 1, "abcd", 4);
		device_run(&dev);
		expect_signals(0, 1, 0);
		assert_true(mcu_unlock(mcu, i));
		device_run(&dev);
	}
	set_irq(UNMASK, 0, -1);
	expect_signals(0, 0, 0);
}

static void functions_are_reset_apart(void **unused)
{
	unsigned int i;

	(void)unused;
	for (i = 0; i < FUNCTIONS; i++) {
		use(i);
		exchange(RESET, NULL, 0, NULL, 0);
		assert_int_equal(resets, 1);
		assert_int_equal(mci_resets, i >= MCI);
	}
}

/*
 * QEMU writes to one function without waiting for a reply, and reads from another
 * one at once. In whatever order they are looked at, what was sent first counts.
 */
static void older_writes_come_first(void **unused)
{
	const uint64_t offset = IFC + CPTRA_RSVD_REG;
	struct access write = { offset, BAR0, 4, { 0 } };
	struct access read = { offset, BAR0, 4, { 0 } };
	struct access reply;
	struct message m;
	uint32_t value;
	uint32_t i;

	(void)unused;
	for (i = 1; i <= 200; i++) {
		use(i % 2 ? CORE : ERRORS);
		memcpy(write.data, &i, 4);
		m = message(REGION_WRITE, &write, ACCESS_SIZE + 4);
		m.h.flags = NO_REPLY;
		send_message(&m);

		use(i % 2 ? ERRORS : CORE);
		m = message(REGION_READ, &read, ACCESS_SIZE);
		send_message(&m);
		receive_reply(&m, 0, &reply, ACCESS_SIZE + 4);
		memcpy(&value, reply.data, 4);
		assert_int_equal(value, i);
	}
}

/* What one client does wrong costs it its own connection. */
static void functions_lose_clients_apart(void **unused)
{
	struct message m = message(GET_INFO, NULL, 0);

	(void)unused;
	use(MCI);
	m.h.size = 1;
	send_part(&m, sizeof(m.h));
	expect_hang_up(clients[MCI]);
	assert_contains(heard(), "impossible size");
	use(CORE);
	assert_int_equal(read_reg(IFC + CPTRA_HW_REV_ID), 0x12340012);
	use(ERRORS);
	assert_int_equal(read_reg(IFC + CPTRA_HW_REV_ID), 0x12340012);

	clients[MCI] = connect_to(PATH_MCI);
	use(MCI);
	negotiate();
	assert_int_equal(read_reg(MCI_HW_REV_ID), 0x2100);
}

static void program_with_functions(void **unused)
{
	static const char *const words[] = { "--state",	       "state-mci",
					     "--subsystem",    "--vfio",
					     "outside",	       "--vfio-errors",
					     "outside-errors", "--vfio-mci",
					     "outside-mci",    NULL };
	pid_t pid = start_outside(words, "outside-mci");
	int inside = client;
	char text[1024];

	(void)unused;
	client = connect_to("outside-mci");
	negotiate();
	assert_int_equal(read_reg(MCI_HW_CONFIG0), 256 << 12 | 256);
	/* the reset of one function leaves the other's device */
	exchange(RESET, NULL, 0, NULL, 0);
	assert_int_equal(read_reg(MCI_RESET_REASON),
			 MCI_RESET_REASON_WARM_RESET |
				 MCI_RESET_REASON_FW_BOOT_UPD_RESET);
	close(client);
	client = connect_to("outside");
	negotiate();
	assert_true(read_reg(IFC + CPTRA_HW_CONFIG) &
		    CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN);
	exchange(RESET, NULL, 0, NULL, 0);
	close(client);
	client = connect_to("outside-mci");
	negotiate();
	assert_int_equal(read_reg(MCI_RESET_REASON),
			 MCI_RESET_REASON_FW_BOOT_UPD_RESET);
	close(client);
	stop_outside(pid, "outside-mci");
	client = inside;

	assert_int_equal(RUN(text, "--vfio", "v", "--vfio-mci", "m"), 2);
	assert_contains(text, "--subsystem");
}

#define FUNCTIONS_TEST(name)                                   \
	cmocka_unit_test_setup_teardown(name, setup_functions, \
					teardown_functions)
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static int serve(void **unused)
{
	struct vfio_user_config config = {
		.path = PATH,
		.device_id = VFIO_USER_PCI_DEVICE_ID,
		.bus = &dev.bus,
		.base = BUS_WINDOW_BASE,
		.size = BUS_WINDOW_SIZE,
		.wires = BUS_WIRE_MAILBOX_DATA_AVAIL,
		.user = SOC_BOOT_PL0_USER,
		.ran = run_device,
		.on_reset = on_reset,
		.context = &dev,
	};

	enter_test_folder(unused);
	assert_int_equal(loop_init(), 0);
	assert_int_equal(vfio_user_serve(&config), 0);

	config.path = PATH_ERRORS;
	config.device_id = VFIO_USER_PCI_DEVICE_ID_ERRORS;
	config.wires = BUS_WIRE_CPTRA_ERROR_FATAL |
		       BUS_WIRE_CPTRA_ERROR_NON_FATAL;
	config.on_reset = NULL;
	assert_int_equal(vfio_user_serve(&config), 0);

	config.path = PATH_MCI;
	config.device_id = VFIO_USER_PCI_DEVICE_ID_MCI;
	config.base = BUS_MCI_WINDOW_BASE;
	config.size = BUS_MCI_WINDOW_SIZE;
	config.bar_64bit = true;
	config.wires = BUS_WIRE_MCU_MBOX0_DATA_AVAIL |
		       BUS_WIRE_MCU_MBOX1_DATA_AVAIL;
	config.on_reset = on_mci_reset;
	assert_int_equal(vfio_user_serve(&config), 0);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(version_is_negotiated),
		TEST(other_versions_are_refused),
		TEST(nothing_before_version),
		TEST(device_info),
		TEST(region_info),
		TEST(irq_info),
		TEST(short_messages),
		TEST(registers),
		TEST(command_by_registers),
		TEST(accesses_of_other_sizes),
		TEST(accesses_out_of_bounds),
		TEST(writes_with_too_little_data),
		TEST(config_space),
		TEST(config_space_writes),
		TEST(memory_is_not_needed),
		TEST(reset),
		TEST(unknown_commands),
		TEST(no_reply_where_none_is_wanted),
		TEST(impossible_sizes),
		TEST(replies_to_nothing),
		TEST(byte_by_byte),
		TEST(many_at_once),
		TEST(hang_up_in_a_message),
		TEST(hang_up_before_the_reply),
		TEST(too_many_descriptors),
		TEST(descriptors_where_none_belong),
		TEST(descriptors_of_the_next_message),
		TEST(second_client_waits),
		TEST(reconnect),
		TEST(client_that_does_not_read),
		TEST(interrupt_tells_of_data),
		TEST(level_is_told_again),
		TEST(masked_interrupt_waits),
		TEST(interrupt_is_taken_away),
		TEST(another_eventfd),
		TEST(wrong_irq_sets),
		TEST(not_an_eventfd),
		TEST(full_eventfd),
		TEST(nonsense),
		FUNCTIONS_TEST(functions_have_windows_of_their_own),
		FUNCTIONS_TEST(high_window),
		FUNCTIONS_TEST(functions_have_interrupts_of_their_own),
		FUNCTIONS_TEST(functions_are_reset_apart),
		FUNCTIONS_TEST(older_writes_come_first),
		FUNCTIONS_TEST(functions_lose_clients_apart),
		TEST(program),
		TEST(program_with_functions),
	};

	return cmocka_run_group_tests_name("vfio_user", tests, serve,
					   leave_test_folder);
}
