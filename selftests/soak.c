// SPDX-License-Identifier: GPL-2.0-only
/*
 * soak [COMMANDS [PROCESSES [SEED]]] - commands of many callers, while the device
 * misbehaves now and then
 *
 * Half of the callers use ioctl(), half write(), poll() and read(). Each answer is
 * held against its request. After every 1,000 commands comes one of the faults below,
 * at random; whoever fails must fail as that fault entitles to, and no more often.
 * Before, each fault comes once, in turn. COMMANDS is 2000, PROCESSES 16, and SEED
 * random, if they are not given. Needs CALIPTRA_CTL, and nobody else using the
 * device. Prints TAP.
 */
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>

#include "ask.h"
#include "files.h"

#define COMMANDS_PER_FAULT 1000
#define MAX_PROCESSES	   64

/* A caller that waits for longer has lost its command: the driver gives up sooner. */
#define PATIENCE_MS 90000

/* One in so many commands has a caller who is not willing to wait. */
#define HASTY 400

/* What a fault entitles to: bits of @entitles. */
#define MAY_RESET	(1u << 0)
#define MAY_BE_DOWN	(1u << 1)
#define MAY_VIOLATE	(1u << 2)
#define MAY_BE_GARBLED	(1u << 3)
/* Another firmware answers, or none but for saying so: it fails what it likes. */
#define MAY_REFUSE	(1u << 4)
#define MAY_FAIL(cause) (1u << (8 + (cause)))

#define MAY_STOP \
	(MAY_FAIL(CALIPTRA_CAUSE_FATAL) | MAY_RESET | MAY_BE_DOWN | MAY_REFUSE)

/**
 * struct fault - a fault
 * @begin: what is asked of the software Caliptra
 * @end: likewise, so that it is over; NULL for nothing but "fault none"
 * @entitles: MAY_*
 * @once: one command at most may fail
 *
 * A warm reset does not help where an update has failed before, as all do here: ROM
 * then stops with an error.
 */
static const struct fault {
	const char *begin;
	const char *end;
	uint32_t entitles;
	bool once;
} faults[] = {
	{ "fault late 300" },
	{ "fault dlen 0xffffffff", NULL, MAY_VIOLATE, true },
	{ "fault dlen 5", NULL, MAY_BE_GARBLED, true },
	{ "fault no-interrupt" },
	{ "fault stuck-interrupt" },
	{ "fault interrupt-storm" },
	{ "fault no-answer", "reset cold", MAY_RESET },
	{ "fault stuck-lock" },
	{ "fault lost-lock", NULL, MAY_FAIL(CALIPTRA_CAUSE_LOCK_LOST), true },
	{ "fault protocol", "reset cold",
	  MAY_FAIL(CALIPTRA_CAUSE_PROTOCOL) | MAY_RESET },
	{ "fault ecc", NULL, MAY_FAIL(CALIPTRA_CAUSE_ECC), true },
	{ "fault ecc-single" },
	{ "fault reset", "reset cold", MAY_RESET | MAY_BE_DOWN },
	{ "fault reset busy", NULL, MAY_RESET, true },
	{ "fault reset busy warm", "reset cold", MAY_STOP },
	{ "fault update", NULL, MAY_RESET | MAY_REFUSE },
	{ "fault watchdog", "reset cold", MAY_STOP },
	{ "fault fatal 0x12345678", "reset cold", MAY_STOP },
	{ "fault non-fatal 0x12345678" },
	{ "fault hw-fatal 1", "reset cold", MAY_STOP },
	{ "fault hw-non-fatal 1" },
	{ "reset cold", NULL, MAY_RESET, true },
	{ "reset warm", "reset cold", MAY_STOP },
	{ "reset update", NULL, MAY_RESET | MAY_REFUSE },
	{ "lock", "unlock" },
	{ "message" },
};

#define FAULTS (sizeof(faults) / sizeof(faults[0]))

/**
 * struct caller - a process
 * @begun: commands it has begun
 * @ended: commands that have ended
 * @since: when the last one began
 */
struct caller {
	_Atomic uint64_t begun;
	_Atomic uint64_t ended;
	_Atomic int64_t since;
};

/**
 * struct shared - what callers and the one who makes faults share
 * @stop: callers end
 * @entitled: MAY_* at this time
 * @entitled_failures: how many failures since it was set
 * @told: one of them was an error, for which the driver has looked at registers
 * @answered: commands answered, and rightly
 * @failed: commands that failed as they may
 * @hasty: likewise, because their caller was in haste
 * @sent: commands that the device has had
 * @lost: commands that failed in a way that nothing entitles to
 * @crossed: answers to something else
 * @callers: each of them
 */
static struct shared {
	_Atomic bool stop;
	_Atomic uint32_t entitled;
	_Atomic uint64_t entitled_failures;
	_Atomic bool told;
	_Atomic uint64_t answered;
	_Atomic uint64_t failed;
	_Atomic uint64_t hasty;
	_Atomic uint64_t sent;
	_Atomic uint64_t lost;
	_Atomic uint64_t crossed;
	struct caller callers[MAX_PROCESSES];
} *shared;

static unsigned int processes = 16;
static int number, failures;

__attribute__((format(printf, 2, 3))) static void
result(bool good, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("%sok %d - ", good ? "" : "not ", ++number);
	vprintf(format, args);
	printf("\n");
	fflush(stdout);
	va_end(args);
	failures += !good;
}

/* --- Callers --- */

static void prepare(struct question *q, uint32_t who, uint32_t n)
{
	uint32_t kind = rand() % 100;

	if (kind < 50)
		prepare_echo(q, who, n);
	else if (kind < 70)
		/* no two callers ask for the same at a time */
		prepare_random(q, n % 8 * MAX_PROCESSES + who);
	else if (kind < 89)
		prepare_version(q, rand() % 64);
	else if (kind < 90)
		prepare_version(q, rand() % 4096);
	else if (kind < 91)
		prepare_quote(q, who, n);
	else
		prepare_unknown(q, 0xffff0000 + n % 0x10000);
	q->timeout_ms = rand() % HASTY ? 0 : 1 + rand() % 8;
}

/* The bit of MAY_* that a failure needs; 0 where none will do. */
static uint32_t needed(const struct question *q)
{
	switch (q->error) {
	case 0:
		return MAY_BE_GARBLED;
	case EREMOTEIO:
		return MAY_REFUSE;
	case ECONNRESET:
		return MAY_RESET;
	case EHOSTDOWN:
		return MAY_BE_DOWN;
	case EPROTO:
		return MAY_VIOLATE;
	case EIO:
		return MAY_FAIL(q->cause);
	}
	return 0;
}

static void tell(const char *what, uint32_t who, uint32_t n,
		 const struct question *q, uint32_t entitled)
{
	printf("# %s: caller %u, its command %u, 0x%08x, %s, cause %u, firmware 0x%08x, %u bytes, entitled to 0x%x\n",
	       what, who, n, q->cmd, q->error ? strerror(q->error) : "answered",
	       q->cause, q->fw_error, q->rsp_len, entitled);
	fflush(stdout);
}

/* @entitled: what anything between the command's beginning and end entitles to. */
static void judge(struct question *q, uint32_t who, uint32_t n,
		  uint32_t entitled)
{
	bool came = !q->error || q->error == EREMOTEIO;

	if (came && answers(q)) {
		shared->answered++;
	} else if (needed(q) & entitled) {
		shared->entitled_failures++;
		if (q->error)
			shared->told = true;
		shared->failed++;
	} else if (came) {
		shared->crossed++;
		tell("not its answer", who, n, q, entitled);
	} else if (q->timeout_ms &&
		   (q->error == ETIMEDOUT || q->error == EBUSY)) {
		shared->hasty++;
	} else {
		shared->lost++;
		tell("lost", who, n, q, entitled);
	}
}

static void call(uint32_t who, unsigned int seed)
{
	struct caller *self = &shared->callers[who];
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	static struct question q;
	uint32_t entitled, n;
	int error = fd < 0 ? errno : 0;

	srand(seed + who);
	for (n = 0; !error && !shared->stop; n++) {
		prepare(&q, who, n);
		self->since = now_ms();
		self->begun++;
		entitled = shared->entitled;
		if (who % 2)
			ask_by_ioctl(fd, &q);
		else
			error = ask_by_stream(fd, &q);
		entitled |= shared->entitled;
		shared->sent += q.sent;
		if (!error)
			judge(&q, who, n, entitled);
		self->ended++;
		/* what fails at once should not be all there is to do */
		if (q.error && q.error != EREMOTEIO)
			usleep(5000);
	}
	if (error) {
		printf("# caller %u: %s\n", who, strerror(error));
		fflush(stdout);
	}
	_exit(!!error);
}

/* --- Faults --- */

static uint64_t ended(void)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < processes; i++)
		sum += shared->callers[i].ended;
	return sum;
}

/* Has somebody waited for too long? Then there is no use in going on. */
static bool hung(void)
{
	unsigned int i;

	for (i = 0; i < processes; i++) {
		struct caller *c = &shared->callers[i];

		if (c->begun == c->ended || now_ms() - c->since < PATIENCE_MS)
			continue;
		printf("# caller %u has waited for %d s\n", i,
		       PATIENCE_MS / 1000);
		shared->lost++;
		shared->stop = true;
	}
	return shared->stop;
}

/* Until so many commands have ended since @from, or time is over. */
static void wait_for_commands(uint64_t from, uint64_t count, int64_t ms)
{
	int64_t give_up = now_ms() + ms;

	while (ended() - from < count && now_ms() < give_up && !hung())
		usleep(1000);
}

/* Until everybody has ended a command that began after this was called. */
static void wait_for_everybody(void)
{
	uint64_t begun[MAX_PROCESSES];
	unsigned int i;

	for (i = 0; i < processes; i++)
		begun[i] = shared->callers[i].begun;
	for (i = 0; i < processes; i++)
		while (shared->callers[i].ended <= begun[i] && !hung())
			usleep(1000);
}

/* Some are refused while the mailbox has a command, as it has most of the time. */
static bool insist(const char *request)
{
	int64_t give_up = now_ms() + 20000;
	char answer[128];

	while (ctl_try(request, answer, sizeof(answer))) {
		if (now_ms() > give_up || hung()) {
			printf("# ctl %s: %s\n", request, answer);
			return false;
		}
		usleep(rand() % 3000);
	}
	return true;
}

/*
 * It acts on the next commands; then it is over, and so are its consequences. But a
 * reset for new firmware that no command was under shows in a register only, and may be
 * told of in place of what the next command fails for.
 */
static void make_fault(const struct fault *f)
{
	static uint32_t untold;
	uint64_t before = ended();

	shared->entitled_failures = 0;
	shared->told = false;
	shared->entitled = f->entitles ? f->entitles | untold : 0;
	if (!insist(f->begin))
		shared->lost++;
	wait_for_commands(before, 2 * processes, f->end ? 300 : 3000);
	if (ctl("fault none") || (f->end && ctl(f->end)))
		shared->lost++;
	wait_for_everybody();
	if (shared->told)
		untold = 0;
	else
		untold |= shared->entitled & MAY_RESET;
	shared->entitled = 0;
	if (f->once && shared->entitled_failures > 1) {
		printf("# %s: %" PRIu64 " commands failed\n", f->begin,
		       shared->entitled_failures);
		shared->lost++;
	}
}

static bool start(pid_t *pids, unsigned int seed)
{
	unsigned int i;

	memset(shared->callers, 0, sizeof(shared->callers));
	shared->stop = false;
	for (i = 0; i < processes; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			return false;
		if (!pids[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			call(i, seed);
		}
	}
	return true;
}

static bool stop(pid_t *pids)
{
	int64_t give_up = now_ms() + PATIENCE_MS;
	bool good = true;
	unsigned int i;

	shared->stop = true;
	for (i = 0; i < processes; i++) {
		while (shared->callers[i].begun != shared->callers[i].ended &&
		       now_ms() < give_up)
			usleep(1000);
		if (now_ms() >= give_up)
			kill(pids[i], SIGKILL);
		good &= wait_for(pids[i]) == 0;
	}
	return good;
}

/* --- What the kernel has --- */

struct cache {
	char name[64];
	uint64_t objects;
	uint64_t size;
	uint64_t per_slab;
};

#define MAX_CACHES 400

/* What is in use, and what is free in the slab that a processor has. */
static size_t count_slabs(struct cache *caches)
{
	struct dirent *entry;
	char path[300], line[300];
	size_t n = 0;
	FILE *file;
	DIR *dir;

	dir = opendir("/sys/kernel/slab");
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 entry->d_name);
		write_file(path, "1");
	}
	if (dir)
		closedir(dir);
	file = fopen("/proc/slabinfo", "re");
	while (file && n < MAX_CACHES && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %" SCNu64 " %*u %" SCNu64 " %" SCNu64,
			   caches[n].name, &caches[n].objects, &caches[n].size,
			   &caches[n].per_slab) == 4 &&
		    !strncmp(caches[n].name, "kmalloc", 7))
			n++;
	if (file)
		fclose(file);
	return n;
}

/* What is lost with each command, or each fault, adds up to more than this. */
static bool grew(const struct cache *before, const struct cache *after,
		 uint64_t commands)
{
	uint64_t slack = 200 + commands / COMMANDS_PER_FAULT / 2 +
			 after->per_slab * sysconf(_SC_NPROCESSORS_ONLN);

	if (after->objects <= before->objects + slack)
		return false;
	printf("# %s: %" PRIu64 " objects of %" PRIu64
	       " bytes, and then %" PRIu64 "\n",
	       before->name, before->objects, before->size, after->objects);
	return true;
}

static void compare_slabs(const struct cache *before, size_t count,
			  const struct cache *after, uint64_t commands)
{
	uint64_t was = 0, is = 0;
	bool good = count > 0;
	size_t i;

	for (i = 0; i < count; i++) {
		was += before[i].objects * before[i].size;
		is += after[i].objects * after[i].size;
		good &= !strcmp(before[i].name, after[i].name) &&
			!grew(&before[i], &after[i], commands);
	}
	printf("# kmalloc caches: %" PRIu64 " KiB before, %" PRIu64
	       " KiB after\n",
	       was / 1024, is / 1024);
	result(good, "no cache of the kernel's memory has grown with it");
}

static uint64_t commands_counted(void)
{
	char text[32];

	return read_attr(NAME, "statistics/commands", text, sizeof(text)) > 0 ?
		       strtoull(text, NULL, 10) :
		       0;
}

/* --- All of it --- */

static void report(uint64_t commands, int64_t ms, unsigned int made)
{
	uint64_t all = shared->answered + shared->failed + shared->hasty;

	printf("# %" PRIu64 " commands in %" PRId64 " s, %" PRIu64
	       " a second, and %u faults: %" PRIu64 " answered, %" PRIu64
	       " failed by a fault, %" PRIu64 " in haste\n",
	       all, ms / 1000, ms ? all * 1000 / ms : 0, made, shared->answered,
	       shared->failed, shared->hasty);
	result(shared->answered >= commands && !shared->lost,
	       "none is lost of %" PRIu64 " commands", commands);
	result(!shared->crossed, "none gets an answer that is another's");
}

static void reset_counts(void)
{
	shared->answered = 0;
	shared->failed = 0;
	shared->hasty = 0;
}

static void each_fault_once(unsigned int seed)
{
	pid_t pids[MAX_PROCESSES];
	size_t i;

	if (!start(pids, seed)) {
		result(false, "callers can be started");
		return;
	}
	for (i = 0; i < FAULTS && !hung(); i++) {
		uint64_t lost = shared->lost + shared->crossed;

		wait_for_commands(ended(), processes, PATIENCE_MS);
		make_fault(&faults[i]);
		result(shared->lost + shared->crossed == lost, "%s",
		       faults[i].begin);
	}
	result(stop(pids), "callers come to an end");
}

static void run_commands(uint64_t commands, unsigned int seed)
{
	pid_t pids[MAX_PROCESSES];
	int64_t begin = now_ms();
	unsigned int made = 0;

	if (!start(pids, seed)) {
		result(false, "callers can be started");
		return;
	}
	while (shared->answered < commands && !hung()) {
		wait_for_commands(ended(), COMMANDS_PER_FAULT,
				  PATIENCE_MS * 10);
		if (hung())
			break;
		make_fault(&faults[rand() % FAULTS]);
		if (++made % 50 == 0) {
			printf("# %" PRIu64 " of %" PRIu64 " commands, %" PRId64
			       " s\n",
			       shared->answered, commands,
			       (now_ms() - begin) / 1000);
			fflush(stdout);
		}
	}
	result(stop(pids), "callers come to an end");
	report(commands, now_ms() - begin, made);
}

static bool works(void)
{
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	bool good = fd >= 0 && !try_version(fd);

	if (fd >= 0)
		close(fd);
	return good;
}

static void soak(uint64_t commands, unsigned int seed)
{
	static struct cache before[MAX_CACHES], after[MAX_CACHES];
	uint64_t counted = commands_counted();
	size_t caches;

	each_fault_once(seed);
	caches = count_slabs(before);
	reset_counts();
	run_commands(commands, seed + MAX_PROCESSES);
	counted = commands_counted() - counted;
	if (counted != shared->sent)
		printf("# the driver counts %" PRIu64 ", callers %" PRIu64 "\n",
		       counted, shared->sent);
	result(counted == shared->sent,
	       "the driver counts as many commands as were sent");
	if (count_slabs(after) != caches)
		caches = 0;
	compare_slabs(before, caches, after, commands);
	result(works(), "the device works as before");
}

int main(int argc, char **argv)
{
	uint64_t commands = argc > 1 ? strtoull(argv[1], NULL, 0) : 2000;
	unsigned int seed;

	if (argc > 2)
		processes = strtoul(argv[2], NULL, 0);
	if (argc > 3)
		seed = strtoul(argv[3], NULL, 0);
	else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 1;
	if (!commands || !processes || processes > MAX_PROCESSES || argc > 4) {
		fprintf(stderr,
			"Usage: soak [COMMANDS [PROCESSES [SEED]]], 1 to %d processes\n",
			MAX_PROCESSES);
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || !getenv("CALIPTRA_CTL") ||
	    ctl("fault none")) {
		printf("Bail out! CALIPTRA_CTL names no line to a software Caliptra\n");
		return 1;
	}
	printf("# soak %" PRIu64 " %u %u\n", commands, processes, seed);
	fflush(stdout);
	srand(seed);
	soak(commands, seed);
	printf("1..%d\n", number);
	return failures ? 1 : 0;
}
