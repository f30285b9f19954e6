// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The vfio-user server. See vfio_user.h.
 *
 * INTx over vfio: the server writes the eventfd, the client asserts the line and
 * deasserts it at the guest's next access to a BAR, telling the server with
 * UNMASK. If the level is still high then, it has to be signalled again. Drivers
 * make many accesses before the level falls, so an old level is signalled again
 * a little later only; a new rise is signalled at once.
 */
#include "vfio_user.h"

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"
#include "unix_socket.h"

#define RESIGNAL_NS 1000000

#define PCI_CONFIG_SIZE 256
#define MAX_TRANSFER	256
#define MAX_MESSAGE	1024
#define MAX_FDS		8

enum vfio_user_command {
	VFIO_USER_VERSION = 1,
	VFIO_USER_DMA_MAP = 2,
	VFIO_USER_DMA_UNMAP = 3,
	VFIO_USER_DEVICE_GET_INFO = 4,
	VFIO_USER_DEVICE_GET_REGION_INFO = 5,
	VFIO_USER_DEVICE_GET_IRQ_INFO = 7,
	VFIO_USER_DEVICE_SET_IRQS = 8,
	VFIO_USER_REGION_READ = 9,
	VFIO_USER_REGION_WRITE = 10,
	VFIO_USER_DEVICE_RESET = 13,
};

#define FLAG_TYPE_MASK 0xfu
#define FLAG_REPLY     0x1u
#define FLAG_NO_REPLY  0x10u
#define FLAG_ERROR     0x20u

struct header {
	uint16_t id;
	uint16_t command;
	uint32_t size;
	uint32_t flags;
	uint32_t error;
};

struct version {
	uint16_t major;
	uint16_t minor;
	char capabilities[];
};

struct dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t address;
	uint64_t size;
};

struct region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
	uint8_t data[];
};

/**
 * struct server - the server; there is one
 * @config: what is served
 * @listener: the socket that clients connect to
 * @client: the client; fd is -1 without one
 * @negotiated: it has said which version it speaks
 * @timer: signals an old level again
 * @irq: eventfd of INTA, or -1
 * @level: the wire
 * @signalled: @irq was written and the client has not unmasked since
 * @rose: the level has risen since it was signalled last
 * @in: message being received
 * @have: bytes of it
 * @fds: descriptors that came with it
 * @fd_count: how many
 * @pci: configuration space
 */
struct server {
	struct vfio_user_config config;
	struct loop_fd listener;
	struct loop_fd client;
	bool negotiated;
	struct loop_fd timer;
	int irq;
	bool level;
	bool signalled;
	bool rose;
	uint8_t in[MAX_MESSAGE];
	size_t have;
	int fds[MAX_FDS];
	unsigned int fd_count;
	uint8_t pci[PCI_CONFIG_SIZE];
};

static struct server server = { .client.fd = -1, .irq = -1 };

static void set_timer(uint64_t ns)
{
	struct itimerspec t = { .it_value.tv_nsec = (long)ns };

	timerfd_settime(server.timer.fd, 0, &t, NULL);
}

static void signal_level(void)
{
	struct pollfd room = { .fd = server.irq, .events = POLLOUT };
	uint64_t one = 1;

	if (server.irq < 0 || server.signalled || !server.level)
		return;
	server.signalled = true;
	server.rose = false;
	/* where there is no room for more, it is signalled already */
	if (poll(&room, 1, 0) == 1 &&
	    write(server.irq, &one, sizeof(one)) != sizeof(one))
		log_error("can not signal an interrupt: %s", strerror(errno));
}

void vfio_user_wires_changed(void)
{
	bool level = bus_wires(server.config.bus) & BUS_WIRE_MAILBOX_DATA_AVAIL;

	if (level == server.level)
		return;
	server.level = level;
	server.rose = level;
	signal_level();
}

static void unmask(void)
{
	server.signalled = false;
	if (server.level && server.rose)
		signal_level();
	else if (server.level)
		set_timer(RESIGNAL_NS);
}

static void timer_ready(void *context)
{
	uint64_t expirations;

	(void)context;
	if (read(server.timer.fd, &expirations, sizeof(expirations)) > 0)
		signal_level();
}

static void set_irq_fd(int fd)
{
	if (server.irq >= 0)
		close(server.irq);
	server.irq = fd;
	server.signalled = false;
	server.rose = server.level;
	signal_level();
}

static void close_fds(void)
{
	while (server.fd_count)
		close(server.fds[--server.fd_count]);
}

static void drop_client(const char *why)
{
	if (why)
		log_error("vfio-user client dropped: %s", why);
	else
		log_info("vfio-user client gone");
	loop_remove(&server.client);
	close(server.client.fd);
	server.client.fd = -1;
	server.negotiated = false;
	close_fds();
	server.have = 0;
	set_irq_fd(-1);
	/* the next one may connect */
	loop_add(&server.listener);
}

static void send_reply(const struct header *request, uint32_t error,
		       const void *payload, size_t len)
{
	uint8_t out[sizeof(struct header) + sizeof(struct region_access) +
		    MAX_TRANSFER];
	struct header h = {
		.id = request->id,
		.command = request->command,
		.flags = FLAG_REPLY | (error ? FLAG_ERROR : 0),
		.error = error,
	};

	if (request->flags & FLAG_NO_REPLY)
		return;
	if (error)
		len = 0;
	h.size = (uint32_t)(sizeof(h) + len);
	memcpy(out, &h, sizeof(h));
	if (len)
		memcpy(out + sizeof(h), payload, len);
	if (send(server.client.fd, out, h.size, MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    (ssize_t)h.size)
		drop_client("it does not read its replies");
}

static uint32_t version(const struct header *h, const void *payload, size_t len)
{
	static const char capabilities[] =
		"{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":256}}";
	struct version v = { 0 };
	struct {
		uint16_t major;
		uint16_t minor;
		char capabilities[sizeof(capabilities)];
	} reply = { 0 };

	if (server.negotiated)
		return EINVAL;
	if (len >= sizeof(v))
		memcpy(&v, payload, sizeof(v));
	if (len < sizeof(v) || v.major != 0) {
		drop_client("it does not speak version 0");
		return 0;
	}
	server.negotiated = true;
	memcpy(reply.capabilities, capabilities, sizeof(capabilities));
	send_reply(h, 0, &reply,
		   offsetof(struct version, capabilities) +
			   sizeof(capabilities));
	return 0;
}

/* Caliptra does no DMA: nothing is mapped, so nothing has to be undone. */
static uint32_t dma_unmap(const struct header *h, const void *payload,
			  size_t len)
{
	if (len < sizeof(struct dma_unmap))
		return EINVAL;
	send_reply(h, 0, payload, sizeof(struct dma_unmap));
	return 0;
}

static uint32_t get_info(const struct header *h)
{
	struct vfio_device_info info = {
		.argsz = offsetof(struct vfio_device_info, cap_offset),
		.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
		.num_regions = VFIO_PCI_NUM_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};

	send_reply(h, 0, &info, info.argsz);
	return 0;
}

static uint64_t region_size(uint32_t index)
{
	if (index == VFIO_PCI_BAR0_REGION_INDEX)
		return BUS_WINDOW_SIZE;
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return PCI_CONFIG_SIZE;
	return 0;
}

static uint32_t get_region_info(const struct header *h, const void *payload,
				size_t len)
{
	struct vfio_region_info info;

	if (len < sizeof(info))
		return EINVAL;
	memcpy(&info, payload, sizeof(info));
	if (info.index >= VFIO_PCI_NUM_REGIONS)
		return EINVAL;
	info.argsz = sizeof(info);
	info.size = region_size(info.index);
	info.flags = info.size ? VFIO_REGION_INFO_FLAG_READ |
					 VFIO_REGION_INFO_FLAG_WRITE :
				 0;
	info.cap_offset = 0;
	info.offset = 0;
	send_reply(h, 0, &info, sizeof(info));
	return 0;
}

static uint32_t get_irq_info(const struct header *h, const void *payload,
			     size_t len)
{
	struct vfio_irq_info info;

	if (len < sizeof(info))
		return EINVAL;
	memcpy(&info, payload, sizeof(info));
	if (info.index >= VFIO_PCI_NUM_IRQS)
		return EINVAL;
	info.argsz = sizeof(info);
	info.flags = 0;
	info.count = 0;
	if (info.index == VFIO_PCI_INTX_IRQ_INDEX) {
		info.flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE |
			     VFIO_IRQ_INFO_AUTOMASKED;
		info.count = 1;
	}
	send_reply(h, 0, &info, sizeof(info));
	return 0;
}

/* Anything else could block, or end the program by a signal, when written to. */
static bool is_eventfd(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && !(st.st_mode & S_IFMT);
}

static uint32_t set_trigger(uint32_t data, uint32_t count)
{
	int fd = -1;

	if (data == VFIO_IRQ_SET_DATA_EVENTFD && server.fd_count) {
		if (server.fd_count != 1 || !count ||
		    !is_eventfd(server.fds[0]))
			return EINVAL;
		server.fd_count = 0;
		fd = server.fds[0];
	} else if (data != VFIO_IRQ_SET_DATA_EVENTFD &&
		   (data != VFIO_IRQ_SET_DATA_NONE || count)) {
		return ENOTSUP;
	}
	set_irq_fd(fd);
	return 0;
}

static uint32_t set_irqs(const struct header *h, const void *payload,
			 size_t len)
{
	struct vfio_irq_set set;
	uint32_t error;
	uint32_t data;

	if (len < sizeof(set))
		return EINVAL;
	memcpy(&set, payload, sizeof(set));
	if (set.index != VFIO_PCI_INTX_IRQ_INDEX || set.start || set.count > 1)
		return EINVAL;
	data = set.flags & VFIO_IRQ_SET_DATA_TYPE_MASK;

	switch (set.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) {
	case VFIO_IRQ_SET_ACTION_MASK:
		if (data != VFIO_IRQ_SET_DATA_NONE)
			return ENOTSUP;
		server.signalled = true;
		break;
	case VFIO_IRQ_SET_ACTION_UNMASK:
		if (data != VFIO_IRQ_SET_DATA_NONE)
			return ENOTSUP;
		unmask();
		break;
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		error = set_trigger(data, set.count);
		if (error)
			return error;
		break;
	default:
		return EINVAL;
	}
	send_reply(h, 0, NULL, 0);
	return 0;
}

/* Registers take aligned accesses of 32 bits; what else comes reads as zero. */
static void access_bar(const struct region_access *a, bool write, uint8_t *data)
{
	uint32_t addr = BUS_WINDOW_BASE + (uint32_t)a->offset;
	uint32_t value = 0;

	if (a->count != 4 || addr % 4) {
		memset(data, 0, a->count);
		return;
	}
	if (write) {
		memcpy(&value, data, 4);
		bus_write32(server.config.bus, addr, server.config.user, value);
	} else {
		value = bus_read32(server.config.bus, addr, server.config.user);
		memcpy(data, &value, 4);
	}
}

/* Bits of the byte @offset that can be written. */
static uint8_t config_mask(uint64_t offset)
{
	switch (offset) {
	case PCI_COMMAND:
		return PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	case PCI_COMMAND + 1:
		return PCI_COMMAND_INTX_DISABLE >> 8;
	case PCI_CACHE_LINE_SIZE:
	case PCI_INTERRUPT_LINE:
		return 0xff;
	case PCI_BASE_ADDRESS_0 ... PCI_BASE_ADDRESS_0 + 3:
		return (uint8_t)(-BUS_WINDOW_SIZE >>
				 8 * (offset - PCI_BASE_ADDRESS_0));
	default:
		return 0;
	}
}

static void access_config(const struct region_access *a, bool write,
			  uint8_t *data)
{
	uint8_t *byte = server.pci + a->offset;
	uint32_t i;

	for (i = 0; i < a->count; i++, byte++) {
		uint8_t mask = config_mask(a->offset + i);

		if (write)
			*byte = (uint8_t)((*byte & ~mask) | (data[i] & mask));
		else
			data[i] = *byte;
	}
}

static uint32_t access_region(const struct header *h, const void *payload,
			      size_t len)
{
	bool write = h->command == VFIO_USER_REGION_WRITE;
	uint8_t reply[sizeof(struct region_access) + MAX_TRANSFER];
	uint8_t *data = reply + sizeof(struct region_access);
	struct region_access a;
	uint64_t size;

	if (len < sizeof(a))
		return EINVAL;
	memcpy(&a, payload, sizeof(a));
	size = region_size(a.region);
	if (!size || a.count > MAX_TRANSFER || a.offset > size ||
	    a.count > size - a.offset)
		return EINVAL;
	if (write) {
		if (len - sizeof(a) < a.count)
			return EINVAL;
		memcpy(data, (const uint8_t *)payload + sizeof(a), a.count);
	}
	if (a.region == VFIO_PCI_BAR0_REGION_INDEX)
		access_bar(&a, write, data);
	else
		access_config(&a, write, data);
	memcpy(reply, &a, sizeof(a));
	send_reply(h, 0, reply, sizeof(a) + (write ? 0 : a.count));
	return 0;
}

static uint32_t reset(const struct header *h)
{
	server.config.on_reset(server.config.context);
	send_reply(h, 0, NULL, 0);
	return 0;
}

static void handle_message(const struct header *h, const void *payload,
			   size_t len)
{
	uint32_t error;

	if (!server.negotiated && h->command != VFIO_USER_VERSION) {
		drop_client("it has not said which version it speaks");
		return;
	}
	switch (h->command) {
	case VFIO_USER_VERSION:
		error = version(h, payload, len);
		break;
	case VFIO_USER_DMA_MAP:
		error = 0;
		send_reply(h, 0, NULL, 0);
		break;
	case VFIO_USER_DMA_UNMAP:
		error = dma_unmap(h, payload, len);
		break;
	case VFIO_USER_DEVICE_GET_INFO:
		error = get_info(h);
		break;
	case VFIO_USER_DEVICE_GET_REGION_INFO:
		error = get_region_info(h, payload, len);
		break;
	case VFIO_USER_DEVICE_GET_IRQ_INFO:
		error = get_irq_info(h, payload, len);
		break;
	case VFIO_USER_DEVICE_SET_IRQS:
		error = set_irqs(h, payload, len);
		break;
	case VFIO_USER_REGION_READ:
	case VFIO_USER_REGION_WRITE:
		error = access_region(h, payload, len);
		break;
	case VFIO_USER_DEVICE_RESET:
		error = reset(h);
		break;
	default:
		error = ENOTSUP;
		break;
	}
	if (error)
		send_reply(h, error, NULL, 0);
}

/*
 * Bytes that the message being received has still to get; drops a client whose
 * message can not be. Never more is read, so that descriptors can not come with
 * anything but the message that they belong to.
 */
static size_t missing(void)
{
	struct header h;

	if (server.have < sizeof(h))
		return sizeof(h) - server.have;
	memcpy(&h, server.in, sizeof(h));
	if (h.size < sizeof(h) || h.size > sizeof(server.in))
		drop_client("a message has an impossible size");
	else if ((h.flags & FLAG_TYPE_MASK) != 0)
		drop_client("it sent a reply to nothing");
	else
		return h.size - server.have;
	return 0;
}

static void handle_whole(void)
{
	struct header h;

	memcpy(&h, server.in, sizeof(h));
	server.have = 0;
	handle_message(&h, server.in + sizeof(h), h.size - sizeof(h));
	close_fds();
}

static void take_fds(struct msghdr *msg)
{
	struct cmsghdr *c;
	size_t n;
	size_t i;
	int fd;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int),
			       sizeof(int));
			if (server.fd_count < MAX_FDS)
				server.fds[server.fd_count++] = fd;
			else
				close(fd);
		}
	}
}

/* True where something has come. */
static bool receive(size_t len)
{
	uint8_t control[CMSG_SPACE(MAX_FDS * sizeof(int))];
	struct iovec iov = {
		.iov_base = server.in + server.have,
		.iov_len = len,
	};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	n = recvmsg(server.client.fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		drop_client(n < 0 ? strerror(errno) : NULL);
		return false;
	}
	take_fds(&msg);
	server.have += (size_t)n;
	return true;
}

static void client_ready(void *context)
{
	size_t len = missing();

	(void)context;
	while (len && receive(len))
		len = missing();
	if (!len && server.client.fd >= 0)
		handle_whole();
	server.config.ran(server.config.context);
}

static void listener_ready(void *context)
{
	int fd = accept4(server.listener.fd, NULL, NULL, SOCK_CLOEXEC);

	(void)context;
	if (fd < 0)
		return;
	server.client.fd = fd;
	if (loop_add(&server.client)) {
		close(fd);
		server.client.fd = -1;
		return;
	}
	/* others wait until this one is gone */
	loop_remove(&server.listener);
	log_info("vfio-user client connected");
}

static void put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void make_config_space(void)
{
	put_le16(server.pci + 0x00, VFIO_USER_PCI_VENDOR_ID);
	put_le16(server.pci + 0x02, VFIO_USER_PCI_DEVICE_ID);
	server.pci[0x0a] = 0x80; /* encryption controller, other */
	server.pci[0x0b] = 0x10;
	put_le16(server.pci + 0x2c, VFIO_USER_PCI_VENDOR_ID);
	put_le16(server.pci + 0x2e, VFIO_USER_PCI_DEVICE_ID);
	server.pci[0x3d] = 1; /* INTA */
}

int vfio_user_serve(const struct vfio_user_config *config)
{
	server.config = *config;
	make_config_space();
	server.client.ready = client_ready;
	server.timer.ready = timer_ready;
	server.timer.fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (server.timer.fd < 0 || loop_add(&server.timer)) {
		log_error("can not make a timer: %s", strerror(errno));
		return -1;
	}
	server.listener.ready = listener_ready;
	server.listener.fd = unix_socket_listen(config->path);
	if (server.listener.fd < 0)
		return -1;
	if (loop_add(&server.listener)) {
		log_error("can not watch %s: %s", config->path,
			  strerror(errno));
		return -1;
	}
	return 0;
}
