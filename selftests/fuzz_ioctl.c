// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_ioctl [SECONDS [SEED]] - system calls on the device with arguments that are
 * random, or right but for something
 *
 * Threads share some open files and have some of their own; the device is unbound and
 * bound meanwhile, misbehaves, and files of it in sysfs and debugfs are read. A call
 * may only fail as the ABI says, writes nothing behind the room that it was given, and
 * comes to an end; at the end the device works. What the kernel has to say is in its
 * log, which is for the caller to look at. SECONDS is 20, and SEED random, if they are
 * not given. Needs CALIPTRA_CTL, root, and nobody else using the device. Prints TAP.
 */
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>

#include "files.h"

#define THREADS	     10
#define SHARED_FILES 4
#define OWN_FILES    2
#define BUFFER	     (320 * 1024)
#define GUARD	     64
#define GUARD_BYTE   0xa5

/* Longer than the driver keeps anybody: the device's 5 seconds, 10 for a suspend. */
#define PATIENCE_MS 60000

static _Atomic bool stop_now;
static _Atomic int shared_files[SHARED_FILES];
static _Atomic uint64_t calls, successes, wrong;
static uint8_t *read_only;

/**
 * struct thread - one that calls
 * @id: its thread
 * @random: state of its random numbers
 * @files: its own open files
 * @buffer: room for data, with nothing mapped behind it
 * @since: when its last call began, 0 between two
 * @call: what that was
 */
static struct thread {
	pthread_t id;
	uint64_t random;
	int files[OWN_FILES];
	uint8_t *buffer;
	_Atomic int64_t since;
	const char *_Atomic call;
} threads[THREADS];

/* --- Random values --- */

static uint64_t random64(struct thread *t)
{
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return t->random * 0x2545f4914f6cdd1dull;
}

static uint32_t below(struct thread *t, uint32_t n)
{
	return (random64(t) >> 32) % n;
}

static bool one_in(struct thread *t, uint32_t n)
{
	return !below(t, n);
}

/* Numbers at which something may change. */
static uint32_t odd_number(struct thread *t)
{
	static const uint32_t edges[] = { 0,	      1,
					  3,	      4,
					  8,	      36,
					  4096,	      16384,
					  262140,     262144,
					  262145,     0x7fffffff,
					  0x80000000, UINT_MAX - 3,
					  UINT_MAX };

	switch (below(t, 3)) {
	case 0:
		return edges[below(t, sizeof(edges) / sizeof(edges[0]))];
	case 1:
		return below(t, 5000);
	}
	return random64(t);
}

static uint32_t odd_command(struct thread *t)
{
	static const uint32_t known[] = { CMD_VERSION, CMD_GET_LDEV_ECC384_CERT,
					  CMD_GET_IDEV_ECC384_CERT,
					  CMD_EXTEND_PCR,
					  CMD_QUOTE_PCRS_ECC384 };

	if (one_in(t, 10))
		return random64(t);
	return known[below(t, 5)] ^ (one_in(t, 10) ? 1u << below(t, 32) : 0);
}

/* So that nothing takes all the time there is. */
static uint32_t odd_timeout(struct thread *t)
{
	return one_in(t, 200) ? random64(t) : 1 + below(t, 100);
}

static void *odd_pointer(struct thread *t)
{
	switch (below(t, 12)) {
	case 0:
		return NULL;
	case 1:
		return (void *)random64(t);
	case 2:
		return (void *)0xffff800000000000ull;
	case 3:
		return read_only;
	case 4:
		/* the end of what is mapped comes in the middle */
		return t->buffer + BUFFER - below(t, 5000);
	}
	return t->buffer + (one_in(t, 8) ? below(t, 4096) : 0);
}

static void mutate(struct thread *t, void *data, size_t len)
{
	uint8_t *bytes = data;

	while (one_in(t, 4))
		bytes[below(t, len)] = random64(t);
}

static int any_file(struct thread *t)
{
	if (one_in(t, 2))
		return shared_files[below(t, SHARED_FILES)];
	return t->files[below(t, OWN_FILES)];
}

/* --- Calls --- */

static bool is_one_of(int error, const int *allowed)
{
	while (*allowed)
		if (*allowed++ == error)
			return true;
	return false;
}

static void begin(struct thread *t, const char *call)
{
	t->call = call;
	t->since = now_ms();
}

/* @ret: what it has returned; @allowed: how it may fail, with a zero behind. */
static void end(struct thread *t, long ret, const int *allowed)
{
	int error = errno;

	t->since = 0;
	calls++;
	if (ret >= 0) {
		successes++;
		return;
	}
	/* a file that another thread has closed */
	if (error == EBADF || is_one_of(error, allowed))
		return;
	wrong++;
	printf("# %s: %s\n", t->call, strerror(error));
}

static void fail(const char *what)
{
	wrong++;
	printf("# %s\n", what);
}

static const int command_errors[] = { EFAULT,	 EINVAL,     EPERM,  EMSGSIZE,
				      EHOSTDOWN, EBUSY,	     ENOSPC, EREMOTEIO,
				      EPROTO,	 ECONNRESET, EIO,    ETIMEDOUT,
				      EINTR,	 ENODEV,     ENOMEM, 0 };

/* A command that would do, in most of its fields; its room for a response. */
static uint32_t make_command(struct thread *t, struct caliptra_cmd *c)
{
	uint8_t *req = t->buffer + BUFFER / 2;
	uint32_t len = one_in(t, 8) ? 4 + below(t, 4096) : 4;

	*c = (struct caliptra_cmd){ .cmd = odd_command(t),
				    .req = pointer(req),
				    .req_len = len,
				    .rsp = pointer(t->buffer),
				    .rsp_room = 1 + below(t, 4096),
				    .timeout_ms = odd_timeout(t) };
	seal(c->cmd, req, len);
	if (one_in(t, 8))
		c->req_len = odd_number(t);
	if (one_in(t, 8))
		c->rsp_room = odd_number(t);
	if (one_in(t, 8))
		c->req = pointer(odd_pointer(t));
	if (one_in(t, 8))
		c->rsp = pointer(odd_pointer(t));
	if (one_in(t, 16))
		mutate(t, c, sizeof(*c));
	if (c->timeout_ms > 100 && !one_in(t, 50))
		c->timeout_ms = 1 + below(t, 100);
	if (c->left_ms > 100)
		c->left_ms = 1 + below(t, 100);
	return c->rsp_room;
}

static bool guarded(const uint8_t *bytes)
{
	size_t i;

	for (i = 0; i < GUARD; i++)
		if (bytes[i] != GUARD_BYTE)
			return false;
	return true;
}

static void do_command(struct thread *t, int fd)
{
	struct caliptra_cmd c;
	uint32_t room = make_command(t, &c);
	void *at = one_in(t, 16) ? odd_pointer(t) : &c;
	/* elsewhere the structure itself may come to lie there */
	bool guard = at == &c && c.rsp == pointer(t->buffer) &&
		     room < BUFFER / 2 - GUARD;
	long ret;

	if (guard)
		memset(t->buffer + room, GUARD_BYTE, GUARD);
	begin(t, "CALIPTRA_IOC_COMMAND");
	ret = ioctl(fd, CALIPTRA_IOC_COMMAND, at);
	end(t, ret, command_errors);
	if (guard && !guarded(t->buffer + room))
		fail("a response is longer than the room for it");
	if (!ret && one_in(t, 2) && c.rsp_len > room)
		fail("a response that did not fit is no error");
}

static void do_response(struct thread *t, int fd)
{
	static const int errors[] = { EFAULT, EINVAL,	 ENODATA, ENOSPC, EBUSY,
				      ENODEV, ETIMEDOUT, EINTR,	  0 };
	struct caliptra_cmd c = { .rsp = pointer(t->buffer),
				  .rsp_room = odd_number(t),
				  .seq = one_in(t, 2) ? below(t, 100) :
							odd_number(t) };

	if (c.rsp_room > BUFFER / 2)
		c.rsp = pointer(odd_pointer(t));
	if (one_in(t, 8))
		mutate(t, &c, sizeof(c));
	begin(t, "CALIPTRA_IOC_RESPONSE");
	end(t, ioctl(fd, CALIPTRA_IOC_RESPONSE, &c), errors);
}

static void do_info(struct thread *t, int fd)
{
	static const int errors[] = { EFAULT, ENODEV, 0 };

	begin(t, "CALIPTRA_IOC_INFO");
	end(t, ioctl(fd, CALIPTRA_IOC_INFO, odd_pointer(t)), errors);
}

static void do_available(struct thread *t, int fd)
{
	static const int errors[] = { EFAULT, ENODEV, EINTR, 0 };

	begin(t, "FIONREAD");
	end(t, ioctl(fd, FIONREAD, odd_pointer(t)), errors);
}

static void do_listen(struct thread *t, int fd)
{
	static const int errors[] = { ENODEV, 0 };

	if (!one_in(t, 8))
		return;
	begin(t, "CALIPTRA_IOC_LISTEN");
	end(t, ioctl(fd, CALIPTRA_IOC_LISTEN, odd_pointer(t)), errors);
}

static void do_unknown(struct thread *t, int fd)
{
	static const int errors[] = { ENOTTY, EFAULT, EINVAL, ENODEV, 0 };
	uint32_t number = random64(t);

	if (one_in(t, 2))
		number = _IOC(below(t, 4), CALIPTRA_IOC_MAGIC,
			      4 + below(t, 252), below(t, 200));
	begin(t, "an unknown ioctl");
	end(t, ioctl(fd, number, odd_pointer(t)), errors);
}

static void do_write(struct thread *t, int fd)
{
	static const int errors[] = { EFAULT, EINVAL, EPERM, EMSGSIZE,
				      ENODEV, EAGAIN, EBUSY, ETIMEDOUT,
				      EINTR,  ENOMEM, 0 };
	struct caliptra_request r = { .cmd = odd_command(t),
				      .timeout_ms = odd_timeout(t) };
	uint8_t *from = t->buffer + BUFFER / 2;
	uint32_t len = one_in(t, 8) ? 4 + below(t, 4096) : 4;

	seal(r.cmd, from + sizeof(r), len);
	if (one_in(t, 16))
		mutate(t, &r, sizeof(r));
	memcpy(from, &r, sizeof(r));
	len += sizeof(r);
	if (one_in(t, 8))
		len = odd_number(t);
	begin(t, "write()");
	end(t, write(fd, one_in(t, 8) ? odd_pointer(t) : from, len), errors);
}

static void do_read(struct thread *t, int fd)
{
	static const int errors[] = { EFAULT, EINVAL, EAGAIN, ENODATA,
				      ENODEV, EINTR,  0 };
	uint32_t len = one_in(t, 4) ? odd_number(t) : 1 + below(t, 4096);
	bool guard = len < BUFFER / 2 - GUARD;
	void *to = guard ? t->buffer : odd_pointer(t);

	if (guard)
		memset(t->buffer + len, GUARD_BYTE, GUARD);
	begin(t, "read()");
	end(t, read(fd, to, len), errors);
	if (guard && !guarded(t->buffer + len))
		fail("read() gives more than there is room for");
}

static void do_poll(struct thread *t, int fd)
{
	static const int errors[] = { EINTR, 0 };
	struct pollfd p[2] = { { fd, random64(t) }, { any_file(t), POLLIN } };

	begin(t, "poll()");
	end(t, poll(p, 1 + below(t, 2), below(t, 20)), errors);
}

static void do_flags(struct thread *t, int fd)
{
	static const int errors[] = { 0 };

	begin(t, "fcntl()");
	end(t, fcntl(fd, F_SETFL, one_in(t, 4) ? 0 : O_NONBLOCK), errors);
}

/* What the device's files are not for. */
static void do_others(struct thread *t, int fd)
{
	static const int errors[] = { ENODEV,	  ESPIPE,  EINVAL, EFAULT,
				      EAGAIN,	  ENOTTY,  EPERM,  EACCES,
				      EOPNOTSUPP, ENODATA, EINTR,  0 };
	void *p;

	begin(t, "a call that the device does not know");
	switch (below(t, 5)) {
	case 0:
		p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
		if (p != MAP_FAILED)
			fail("the device can be mapped");
		end(t, p == MAP_FAILED ? -1 : 0, errors);
		break;
	case 1:
		end(t, lseek(fd, random64(t), below(t, 6)), errors);
		break;
	case 2:
		end(t, pread(fd, t->buffer, below(t, 4096), random64(t)),
		    errors);
		break;
	case 3:
		end(t, fsync(fd), errors);
		break;
	default:
		end(t, ftruncate(fd, random64(t)), errors);
		break;
	}
}

static int open_device(struct thread *t)
{
	static const int modes[] = { O_RDWR, O_RDWR, O_RDWR, O_RDONLY,
				     O_WRONLY };
	int mode = modes[below(t, 5)] | O_CLOEXEC;

	return open(DEVICE, mode | (one_in(t, 2) ? 0 : O_NONBLOCK));
}

/* Not there while the device is unbound. */
static void do_open(struct thread *t, int unused)
{
	static const int errors[] = { ENOENT, ENXIO, ENODEV, ENOMEM, EINTR, 0 };
	int fd, old;

	begin(t, "open()");
	fd = open_device(t);
	end(t, fd, errors);
	if (fd < 0)
		return;
	if (one_in(t, 2)) {
		old = atomic_exchange(&shared_files[below(t, SHARED_FILES)],
				      fd);
	} else {
		int *own = &t->files[below(t, OWN_FILES)];

		old = *own;
		*own = fd;
	}
	begin(t, "close()");
	close(old);
	t->since = 0;
}

static void (*const actions[])(struct thread *t, int fd) = {
	do_command, do_command,	  do_command, do_response, do_info, do_listen,
	do_unknown, do_available, do_write,   do_write,	   do_read, do_read,
	do_poll,    do_flags,	  do_others,  do_open,
};

static void *call(void *arg)
{
	struct thread *t = arg;

	while (!stop_now)
		actions[below(t, sizeof(actions) / sizeof(actions[0]))](
			t, any_file(t));
	return NULL;
}

/* --- What happens meanwhile --- */

static void on_signal(int signal)
{
	(void)signal;
}

static const char *const requests[] = {
	"fault late 50",
	"fault dlen 0xffffffff",
	"fault dlen 3",
	"fault no-interrupt",
	"fault stuck-interrupt",
	"fault interrupt-storm",
	"fault lost-lock",
	"fault protocol",
	"fault ecc",
	"fault reset",
	"fault reset busy",
	"fault reset busy warm",
	"fault update",
	"fault watchdog",
	"fault fatal 0x1234",
	"fault no-answer",
	"fault stuck-lock",
	"fault hw-fatal 1",
	"message",
	"message 262144",
	"message 0",
	"lock",
	"reset warm",
	"reset update",
	"fault none",
	"unlock",
};

/* Some are refused, where the mailbox is not as they need it. */
static void ask_device(struct thread *t)
{
	char answer[128];

	ctl_try(requests[below(t, sizeof(requests) / sizeof(requests[0]))],
		answer, sizeof(answer));
	if (one_in(t, 3)) {
		ctl_try("unlock", answer, sizeof(answer));
		ctl_try("reset cold", answer, sizeof(answer));
	}
}

static void read_files(struct thread *t)
{
	static const char *const paths[] = { SYSFS "state", SYSFS "stuck",
					     DEBUGFS "regs", DEBUGFS "fsm",
					     DEBUGFS "transactions" };
	char text[16384];

	read_file(paths[below(t, 5)], text, sizeof(text));
}

static void rebind(const char *device)
{
	if (write_file(DRIVER "unbind", device))
		fail("it can not be unbound");
	if (write_file(DRIVER "bind", device) || !wait_until_there(DEVICE))
		fail("it can not be bound");
}

/* Does a call last for longer than any may? */
static bool hung(void)
{
	int64_t since;
	int i;

	for (i = 0; i < THREADS; i++) {
		since = threads[i].since;
		if (!since || now_ms() - since < PATIENCE_MS)
			continue;
		printf("# %s does not come back\n", threads[i].call);
		return true;
	}
	return false;
}

static bool disturb(struct thread *t, int64_t until, const char *device)
{
	int64_t next_rebind = now_ms() + 1000;

	while (now_ms() < until) {
		usleep(below(t, 20000));
		if (hung())
			return false;
		if (one_in(t, 2))
			pthread_kill(threads[below(t, THREADS)].id, SIGUSR1);
		if (one_in(t, 4))
			read_files(t);
		if (one_in(t, 10))
			ask_device(t);
		if (now_ms() < next_rebind)
			continue;
		rebind(device);
		next_rebind = now_ms() + 500 + below(t, 3000);
	}
	return true;
}

/* --- All of it --- */

static bool start(uint64_t seed)
{
	struct thread *t;
	int i, j;

	for (i = 0; i < SHARED_FILES; i++)
		shared_files[i] = open(DEVICE, O_RDWR | O_CLOEXEC);
	read_only = mmap(NULL, BUFFER, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	for (i = 0; i < THREADS; i++) {
		t = &threads[i];
		t->random = (seed + i + 1) * 0x9e3779b97f4a7c15ull | 1;
		t->buffer = mmap(NULL, BUFFER + 4096, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (t->buffer == MAP_FAILED || read_only == MAP_FAILED)
			return false;
		munmap(t->buffer + BUFFER, 4096);
		for (j = 0; j < OWN_FILES; j++)
			t->files[j] = open(DEVICE, O_RDWR | O_CLOEXEC);
		if (pthread_create(&t->id, NULL, call, t))
			return false;
	}
	return true;
}

/*
 * Whoever waits for a message that does not come is sent a signal until it leaves. A command
 * that was sent has to end: the device may be waiting for a reset.
 */
static bool stop(void)
{
	int64_t give_up = now_ms() + PATIENCE_MS;
	char answer[128];
	int i;

	stop_now = true;
	ctl_try("unlock", answer, sizeof(answer));
	ctl_try("fault none", answer, sizeof(answer));
	ctl_try("reset cold", answer, sizeof(answer));
	for (i = 0; i < THREADS; i++)
		while (pthread_tryjoin_np(threads[i].id, NULL)) {
			if (now_ms() > give_up) {
				hung();
				return false;
			}
			pthread_kill(threads[i].id, SIGUSR1);
			usleep(10000);
		}
	for (i = 0; i < SHARED_FILES; i++)
		close(shared_files[i]);
	return true;
}

/* Somebody's last command may still be in the mailbox. */
static bool works(void)
{
	int fd, error = 0, tries;
	char answer[128];

	ctl_try("unlock", answer, sizeof(answer));
	if (ctl("fault none") || ctl("reset cold"))
		return false;
	for (tries = 0; tries < 3; tries++) {
		fd = open(DEVICE, O_RDWR | O_CLOEXEC);
		error = fd < 0 ? errno : try_version(fd);
		if (fd >= 0)
			close(fd);
		if (!error)
			return true;
		printf("# VERSION: %s\n", strerror(error));
	}
	return false;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	int64_t seconds = argc > 1 ? strtol(argv[1], NULL, 0) : 20;
	struct thread self = { 0 };
	uint64_t seed = 0;
	char device[256];
	bool ended, good;

	if (argc > 2)
		seed = strtoull(argv[2], NULL, 0);
	else if (getrandom(&seed, 4, 0) != 4)
		seed = now_ms();
	if (seconds <= 0 || argc > 3) {
		fprintf(stderr, "Usage: fuzz_ioctl [SECONDS [SEED]]\n");
		return 2;
	}
	if (ctl("fault none")) {
		printf("Bail out! CALIPTRA_CTL names no line to a software Caliptra\n");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("# fuzz_ioctl %lld %llu\n", (long long)seconds,
	       (unsigned long long)seed);
	sigaction(SIGUSR1, &action, NULL);
	platform_device(device, sizeof(device));
	self.random = seed * 0x9e3779b97f4a7c15ull | 1;
	ended = start(seed) &&
		disturb(&self, now_ms() + 1000 * seconds, device);
	ended = stop() && ended;
	printf("# %llu calls, of which %llu succeeded\n",
	       (unsigned long long)calls, (unsigned long long)successes);
	printf("%sok 1 - every call comes to an end\n", ended ? "" : "not ");
	printf("%sok 2 - each fails as it may, and keeps to its room\n",
	       wrong || !successes ? "not " : "");
	good = works();
	printf("%sok 3 - the device works as before\n1..3\n",
	       good ? "" : "not ");
	fflush(stdout);
	_exit(ended && !wrong && successes && good ? 0 : 1);
}
