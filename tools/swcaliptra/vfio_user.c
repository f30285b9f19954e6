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
#include <stdlib.h>
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

/* More than a socket holds of them. */
#define MAX_POSTED 4096

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
 * struct server - the server of one function
 * @next: of another one
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
	struct server *next;
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

static struct server *servers;

static void set_timer(struct server *s, uint64_t ns)
{
	struct itimerspec t = { .it_value.tv_nsec = (long)ns };

	timerfd_settime(s->timer.fd, 0, &t, NULL);
}

static void signal_level(struct server *s)
{
	struct pollfd room = { .fd = s->irq, .events = POLLOUT };
	uint64_t one = 1;

	if (s->irq < 0 || s->signalled || !s->level)
		return;
	s->signalled = true;
	s->rose = false;
	/* where there is no room for more, it is signalled already */
	if (poll(&room, 1, 0) == 1 &&
	    write(s->irq, &one, sizeof(one)) != sizeof(one))
		log_error("can not signal an interrupt: %s", strerror(errno));
}

void vfio_user_wires_changed(void)
{
	struct server *s;

	for (s = servers; s; s = s->next) {
		bool level = bus_wires(s->config.bus) & s->config.wires;

		if (level == s->level)
			continue;
		s->level = level;
		s->rose = level;
		signal_level(s);
	}
}

static void unmask(struct server *s)
{
	s->signalled = false;
	if (s->level && s->rose)
		signal_level(s);
	else if (s->level)
		set_timer(s, RESIGNAL_NS);
}

static void timer_ready(void *context)
{
	struct server *s = context;
	uint64_t expirations;

	if (read(s->timer.fd, &expirations, sizeof(expirations)) > 0)
		signal_level(s);
}

static void set_irq_fd(struct server *s, int fd)
{
	if (s->irq >= 0)
		close(s->irq);
	s->irq = fd;
	s->signalled = false;
	s->rose = s->level;
	signal_level(s);
}

static void close_fds(struct server *s)
{
	while (s->fd_count)
		close(s->fds[--s->fd_count]);
}

static void drop_client(struct server *s, const char *why)
{
	if (why)
		log_error("vfio-user client dropped: %s", why);
	else
		log_info("vfio-user client gone");
	loop_remove(&s->client);
	close(s->client.fd);
	s->client.fd = -1;
	s->negotiated = false;
	close_fds(s);
	s->have = 0;
	set_irq_fd(s, -1);
	/* the next one may connect */
	loop_add(&s->listener);
}

static void send_reply(struct server *s, const struct header *request,
		       uint32_t error, const void *payload, size_t len)
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
	if (send(s->client.fd, out, h.size, MSG_NOSIGNAL | MSG_DONTWAIT) !=
	    (ssize_t)h.size)
		drop_client(s, "it does not read its replies");
}

static uint32_t version(struct server *s, const struct header *h,
			const void *payload, size_t len)
{
	static const char capabilities[] =
		"{\"capabilities\":{\"max_msg_fds\":1,\"max_data_xfer_size\":256}}";
	struct version v = { 0 };
	struct {
		uint16_t major;
		uint16_t minor;
		char capabilities[sizeof(capabilities)];
	} reply = { 0 };

	if (s->negotiated)
		return EINVAL;
	if (len >= sizeof(v))
		memcpy(&v, payload, sizeof(v));
	if (len < sizeof(v) || v.major != 0) {
		drop_client(s, "it does not speak version 0");
		return 0;
	}
	s->negotiated = true;
	memcpy(reply.capabilities, capabilities, sizeof(capabilities));
	send_reply(s, h, 0, &reply,
		   offsetof(struct version, capabilities) +
			   sizeof(capabilities));
	return 0;
}

/* Caliptra does no DMA: nothing is mapped, so nothing has to be undone. */
static uint32_t dma_unmap(struct server *s, const struct header *h,
			  const void *payload, size_t len)
{
	if (len < sizeof(struct dma_unmap))
		return EINVAL;
	send_reply(s, h, 0, payload, sizeof(struct dma_unmap));
	return 0;
}

static uint32_t get_info(struct server *s, const struct header *h)
{
	struct vfio_device_info info = {
		.argsz = offsetof(struct vfio_device_info, cap_offset),
		.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
		.num_regions = VFIO_PCI_NUM_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};

	send_reply(s, h, 0, &info, info.argsz);
	return 0;
}

static uint64_t region_size(struct server *s, uint32_t index)
{
	if (index == VFIO_PCI_BAR0_REGION_INDEX)
		return s->config.size;
	if (index == VFIO_PCI_CONFIG_REGION_INDEX)
		return PCI_CONFIG_SIZE;
	return 0;
}

static uint32_t get_region_info(struct server *s, const struct header *h,
				const void *payload, size_t len)
{
	struct vfio_region_info info;

	if (len < sizeof(info))
		return EINVAL;
	memcpy(&info, payload, sizeof(info));
	if (info.index >= VFIO_PCI_NUM_REGIONS)
		return EINVAL;
	info.argsz = sizeof(info);
	info.size = region_size(s, info.index);
	info.flags = info.size ? VFIO_REGION_INFO_FLAG_READ |
					 VFIO_REGION_INFO_FLAG_WRITE :
				 0;
	info.cap_offset = 0;
	info.offset = 0;
	send_reply(s, h, 0, &info, sizeof(info));
	return 0;
}

static uint32_t get_irq_info(struct server *s, const struct header *h,
			     const void *payload, size_t len)
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
	send_reply(s, h, 0, &info, sizeof(info));
	return 0;
}

/* Anything else could block, or end the program by a signal, when written to. */
static bool is_eventfd(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && !(st.st_mode & S_IFMT);
}

static uint32_t set_trigger(struct server *s, uint32_t data, uint32_t count)
{
	int fd = -1;

	if (data == VFIO_IRQ_SET_DATA_EVENTFD && s->fd_count) {
		if (s->fd_count != 1 || !count || !is_eventfd(s->fds[0]))
			return EINVAL;
		s->fd_count = 0;
		fd = s->fds[0];
	} else if (data != VFIO_IRQ_SET_DATA_EVENTFD &&
		   (data != VFIO_IRQ_SET_DATA_NONE || count)) {
		return ENOTSUP;
	}
	set_irq_fd(s, fd);
	return 0;
}

static uint32_t set_irqs(struct server *s, const struct header *h,
			 const void *payload, size_t len)
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
		s->signalled = true;
		break;
	case VFIO_IRQ_SET_ACTION_UNMASK:
		if (data != VFIO_IRQ_SET_DATA_NONE)
			return ENOTSUP;
		unmask(s);
		break;
	case VFIO_IRQ_SET_ACTION_TRIGGER:
		error = set_trigger(s, data, set.count);
		if (error)
			return error;
		break;
	default:
		return EINVAL;
	}
	send_reply(s, h, 0, NULL, 0);
	return 0;
}

/* Registers take aligned accesses of 32 bits; what else comes reads as zero. */
static void access_bar(struct server *s, const struct region_access *a,
		       bool write, uint8_t *data)
{
	uint32_t addr = s->config.base + (uint32_t)a->offset;
	uint32_t value = 0;

	if (a->count != 4 || addr % 4) {
		memset(data, 0, a->count);
		return;
	}
	if (write) {
		memcpy(&value, data, 4);
		bus_write32(s->config.bus, addr, s->config.user, value);
	} else {
		value = bus_read32(s->config.bus, addr, s->config.user);
		memcpy(data, &value, 4);
	}
}

/* Bits of the byte @offset that can be written. */
static uint8_t config_mask(struct server *s, uint64_t offset)
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
		return (uint8_t)(-s->config.size >>
				 8 * (offset - PCI_BASE_ADDRESS_0));
	case PCI_BASE_ADDRESS_1 ... PCI_BASE_ADDRESS_1 + 3:
		return s->config.bar_64bit ? 0xff : 0;
	default:
		return 0;
	}
}

static void access_config(struct server *s, const struct region_access *a,
			  bool write, uint8_t *data)
{
	uint8_t *byte = s->pci + a->offset;
	uint32_t i;

	for (i = 0; i < a->count; i++, byte++) {
		uint8_t mask = config_mask(s, a->offset + i);

		if (write)
			*byte = (uint8_t)((*byte & ~mask) | (data[i] & mask));
		else
			data[i] = *byte;
	}
}

static uint32_t access_region(struct server *s, const struct header *h,
			      const void *payload, size_t len)
{
	bool write = h->command == VFIO_USER_REGION_WRITE;
	uint8_t reply[sizeof(struct region_access) + MAX_TRANSFER];
	uint8_t *data = reply + sizeof(struct region_access);
	struct region_access a;
	uint64_t size;

	if (len < sizeof(a))
		return EINVAL;
	memcpy(&a, payload, sizeof(a));
	size = region_size(s, a.region);
	if (!size || a.count > MAX_TRANSFER || a.offset > size ||
	    a.count > size - a.offset)
		return EINVAL;
	if (write) {
		if (len - sizeof(a) < a.count)
			return EINVAL;
		memcpy(data, (const uint8_t *)payload + sizeof(a), a.count);
	}
	if (a.region == VFIO_PCI_BAR0_REGION_INDEX)
		access_bar(s, &a, write, data);
	else
		access_config(s, &a, write, data);
	memcpy(reply, &a, sizeof(a));
	send_reply(s, h, 0, reply, sizeof(a) + (write ? 0 : a.count));
	return 0;
}

static uint32_t reset(struct server *s, const struct header *h)
{
	if (s->config.on_reset)
		s->config.on_reset(s->config.context);
	send_reply(s, h, 0, NULL, 0);
	return 0;
}

static void handle_message(struct server *s, const struct header *h,
			   const void *payload, size_t len)
{
	uint32_t error;

	if (!s->negotiated && h->command != VFIO_USER_VERSION) {
		drop_client(s, "it has not said which version it speaks");
		return;
	}
	switch (h->command) {
	case VFIO_USER_VERSION:
		error = version(s, h, payload, len);
		break;
	case VFIO_USER_DMA_MAP:
		error = 0;
		send_reply(s, h, 0, NULL, 0);
		break;
	case VFIO_USER_DMA_UNMAP:
		error = dma_unmap(s, h, payload, len);
		break;
	case VFIO_USER_DEVICE_GET_INFO:
		error = get_info(s, h);
		break;
	case VFIO_USER_DEVICE_GET_REGION_INFO:
		error = get_region_info(s, h, payload, len);
		break;
	case VFIO_USER_DEVICE_GET_IRQ_INFO:
		error = get_irq_info(s, h, payload, len);
		break;
	case VFIO_USER_DEVICE_SET_IRQS:
		error = set_irqs(s, h, payload, len);
		break;
	case VFIO_USER_REGION_READ:
	case VFIO_USER_REGION_WRITE:
		error = access_region(s, h, payload, len);
		break;
	case VFIO_USER_DEVICE_RESET:
		error = reset(s, h);
		break;
	default:
		error = ENOTSUP;
		break;
	}
	if (error)
		send_reply(s, h, error, NULL, 0);
}

/*
 * Bytes that the message being received has still to get; drops a client whose
 * message can not be. Never more is read, so that descriptors can not come with
 * anything but the message that they belong to.
 */
static size_t missing(struct server *s)
{
	struct header h;

	if (s->have < sizeof(h))
		return sizeof(h) - s->have;
	memcpy(&h, s->in, sizeof(h));
	if (h.size < sizeof(h) || h.size > sizeof(s->in))
		drop_client(s, "a message has an impossible size");
	else if ((h.flags & FLAG_TYPE_MASK) != 0)
		drop_client(s, "it sent a reply to nothing");
	else
		return h.size - s->have;
	return 0;
}

static void handle_whole(struct server *s)
{
	struct header h;

	memcpy(&h, s->in, sizeof(h));
	s->have = 0;
	handle_message(s, &h, s->in + sizeof(h), h.size - sizeof(h));
	close_fds(s);
}

static void take_fds(struct server *s, struct msghdr *msg)
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
			if (s->fd_count < MAX_FDS)
				s->fds[s->fd_count++] = fd;
			else
				close(fd);
		}
	}
}

/* True where something has come. */
static bool receive(struct server *s, size_t len)
{
	uint8_t control[CMSG_SPACE(MAX_FDS * sizeof(int))];
	struct iovec iov = {
		.iov_base = s->in + s->have,
		.iov_len = len,
	};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n;

	n = recvmsg(s->client.fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		drop_client(s, n < 0 ? strerror(errno) : NULL);
		return false;
	}
	take_fds(s, &msg);
	s->have += (size_t)n;
	return true;
}

/* Handle one message, and say whether all of it had come. */
static bool handle_next(struct server *s)
{
	size_t len;

	if (s->client.fd < 0)
		return false;
	len = missing(s);
	while (len && receive(s, len))
		len = missing(s);
	if (len || s->client.fd < 0)
		return false;
	handle_whole(s);
	return true;
}

/* Does nobody wait for the end of what comes next? */
static bool next_is_posted(const struct server *s)
{
	struct header h;

	if (s->client.fd < 0)
		return false;
	if (s->have >= sizeof(h))
		memcpy(&h, s->in, sizeof(h));
	else if (s->have || recv(s->client.fd, &h, sizeof(h),
				 MSG_PEEK | MSG_DONTWAIT) != sizeof(h))
		return false;
	return h.flags & FLAG_NO_REPLY;
}

/*
 * QEMU does not wait for the end of a write, and may then access another function.
 * That one it waits for: so what nobody waits for is older.
 */
static void handle_posted(void)
{
	struct server *s;
	unsigned int i;

	for (s = servers; s; s = s->next)
		for (i = 0; i < MAX_POSTED && next_is_posted(s); i++)
			if (!handle_next(s))
				break;
}

static void client_ready(void *context)
{
	struct server *s = context;

	handle_posted();
	handle_next(s);
	s->config.ran(s->config.context);
}

static void listener_ready(void *context)
{
	struct server *s = context;
	int fd = accept4(s->listener.fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	s->client.fd = fd;
	if (loop_add(&s->client)) {
		close(fd);
		s->client.fd = -1;
		return;
	}
	/* others wait until this one is gone */
	loop_remove(&s->listener);
	log_info("vfio-user client connected");
}

static void put_le16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void make_config_space(struct server *s)
{
	put_le16(s->pci + 0x00, VFIO_USER_PCI_VENDOR_ID);
	put_le16(s->pci + 0x02, s->config.device_id);
	s->pci[0x0a] = 0x80; /* encryption controller, other */
	s->pci[0x0b] = 0x10;
	if (s->config.bar_64bit)
		s->pci[PCI_BASE_ADDRESS_0] = PCI_BASE_ADDRESS_MEM_TYPE_64;
	put_le16(s->pci + 0x2c, VFIO_USER_PCI_VENDOR_ID);
	put_le16(s->pci + 0x2e, s->config.device_id);
	s->pci[0x3d] = 1; /* INTA */
}

int vfio_user_serve(const struct vfio_user_config *config)
{
	struct server *s = calloc(1, sizeof(*s));

	if (!s) {
		log_error("there is no memory for a PCI function");
		return -1;
	}
	s->config = *config;
	s->irq = -1;
	s->client.fd = -1;
	make_config_space(s);
	s->client.ready = client_ready;
	s->client.context = s;
	s->timer.ready = timer_ready;
	s->timer.context = s;
	s->next = servers;
	servers = s;
	s->timer.fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->timer.fd < 0 || loop_add(&s->timer)) {
		log_error("can not make a timer: %s", strerror(errno));
		return -1;
	}
	s->listener.ready = listener_ready;
	s->listener.context = s;
	s->listener.fd = unix_socket_listen(config->path);
	if (s->listener.fd < 0)
		return -1;
	if (loop_add(&s->listener)) {
		log_error("can not watch %s: %s", config->path,
			  strerror(errno));
		return -1;
	}
	return 0;
}
