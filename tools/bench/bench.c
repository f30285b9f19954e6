// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Measures commands through /dev/caliptra-mbox0, in the test machine.
 *
 * Prints a line for each command: name, bytes of request and response, register
 * accesses (as the software Caliptra counts them), the fewest there can be, and
 * medians in nanoseconds: from ioctl() to its return, of that in register
 * accesses, of that in the device, and of the same registers accessed directly
 * by this program, which polls; then processor time of ioctl(), and of the latter.
 * The last number is the ratio of the two latencies, in thousandths: the median of
 * those of blocks of rounds, so that a time in which the host is busy does not count.
 *
 * The registers are mapped through the PCI function. A mapping of UIO is the same one;
 * but the machine's kernel has uio_pci_generic alone, which takes the interrupt for
 * itself, so that ioctl() could not be measured by turns with it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "caliptra-regs.h"
#include "mbox.h"

#define REGISTERS "/sys/bus/pci/devices/0000:00:01.0/resource0"
#define WINDOW	  0x20000

#define BLOCKS	       9
#define BLOCK_ROUNDS   20
#define ROUNDS	       (BLOCKS * BLOCK_ROUNDS)
#define COUNTED_ROUNDS 10
#define CALIBRATION    100

#define MAX_MESSAGE 10240

static volatile uint32_t *regs;
static int fd;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Processor time of this process, in the kernel too. */
static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t median(uint64_t *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	return values[count / 2];
}

/*
 * What an access costs. Writes may be posted, so they are timed with a read behind
 * them. MBOX_USER can be read at any time, and not be written.
 */
static void calibrate(void)
{
	volatile uint32_t *r = regs + MBOX_USER / 4;
	uint64_t start, reads, writes;
	int i;

	start = now_ns();
	for (i = 0; i < CALIBRATION; i++)
		(void)*r;
	reads = now_ns() - start;
	start = now_ns();
	for (i = 0; i < CALIBRATION; i++)
		*r = 0;
	(void)*r;
	writes = now_ns() - start - reads / CALIBRATION;
	printf("@access %" PRIu64 " %" PRIu64 "\n", reads / CALIBRATION,
	       writes / CALIBRATION);
}

/**
 * struct sample - a command to measure
 * @name: its name
 * @code: its code
 * @len: bytes of @req
 * @rounds: how often it may be sent
 * @before: another command to send before each round, or 0
 * @req: request, checksum first
 */
struct sample {
	const char *name;
	uint32_t code;
	uint32_t len;
	unsigned int rounds;
	uint32_t before;
	uint8_t req[4096];
};

static uint8_t rsp[MAX_MESSAGE];

static uint64_t time_command(uint32_t code, const uint8_t *req, uint32_t len,
			     uint32_t *rsp_len)
{
	struct caliptra_cmd c = {
		.cmd = code,
		.req = pointer(req),
		.req_len = len,
		.rsp = pointer(rsp),
		.rsp_room = sizeof(rsp),
	};
	uint64_t start = now_ns();
	int error = run(fd, &c);
	uint64_t end = now_ns();

	if (error) {
		fprintf(stderr, "bench: command 0x%08x: %s, firmware 0x%08x\n",
			code, strerror(error), c.fw_error);
		exit(1);
	}
	*rsp_len = c.rsp_len;
	return end - start;
}

/* Does the response say nothing that a mailbox without one would not? */
static bool is_blank(uint32_t len)
{
	return len < 4 || !(rsp[0] | rsp[1] | rsp[2] | rsp[3]);
}

static void send_before(const struct sample *s)
{
	uint8_t req[4];
	uint32_t len;

	if (!s->before)
		return;
	seal(s->before, req, 4);
	time_command(s->before, req, 4, &len);
	/* it goes on behind its answer */
	usleep(20000);
}

/*
 * The same without the driver: as fast as these registers allow. @in_regs gets
 * the time of the accesses that the driver makes too. The read of MBOX_STATUS
 * counts as one of MBOX_DLEN: where it is the first after MBOX_EXECUTE, it has
 * to wait for the device.
 */
static uint64_t time_registers(const struct sample *s, uint64_t *in_regs)
{
	uint64_t start = now_ns(), sent, seen, sized, end;
	uint32_t words, i, word;

	if (regs[MBOX_LOCK / 4] & 1)
		die("the mailbox is locked");
	regs[MBOX_CMD / 4] = s->code;
	regs[MBOX_DLEN / 4] = s->len;
	for (i = 0; i < s->len; i += 4) {
		memcpy(&word, s->req + i, 4);
		regs[MBOX_DATAIN / 4] = word;
	}
	regs[MBOX_EXECUTE / 4] = 1;
	sent = now_ns();
	while (MBOX_STATUS_FSM_PS(regs[MBOX_STATUS / 4]) !=
	       MBOX_FSM_EXECUTE_SOC)
		;
	seen = now_ns();
	words = (regs[MBOX_DLEN / 4] + 3) / 4;
	sized = now_ns();
	for (i = 0; i < words && i < sizeof(rsp) / 4; i++) {
		word = regs[MBOX_DATAOUT / 4];
		memcpy(rsp + 4 * i, &word, 4);
	}
	/* zeros may be nobody's answer: the driver asks whose the mailbox is */
	if (is_blank(4 * words))
		(void)regs[MBOX_USER / 4];
	regs[MBOX_EXECUTE / 4] = 0;
	end = now_ns();
	*in_regs = sent - start + sized - seen + end - seen;
	return end - start;
}

struct count {
	uint64_t reads;
	uint64_t writes;
	uint64_t device_ns;
};

static struct count ask_count(void)
{
	struct count c;
	char answer[128];

	if (ctl_answer("count", answer, sizeof(answer)) ||
	    sscanf(answer, "%" SCNu64 " %" SCNu64 " %" SCNu64, &c.reads,
		   &c.writes, &c.device_ns) != 3)
		die("the software Caliptra does not count");
	return c;
}

/* Ratios of the medians of each block, in thousandths: their median. */
static uint64_t ratio_of_blocks(const uint64_t *latency, const uint64_t *bare,
				unsigned int rounds)
{
	unsigned int blocks = rounds / BLOCK_ROUNDS, i;
	uint64_t a[BLOCK_ROUNDS], b[BLOCK_ROUNDS], ratio[BLOCKS];

	if (!blocks)
		return 0;
	for (i = 0; i < blocks; i++) {
		memcpy(a, latency + i * BLOCK_ROUNDS, sizeof(a));
		memcpy(b, bare + i * BLOCK_ROUNDS, sizeof(b));
		ratio[i] = 1000 * median(a, BLOCK_ROUNDS) /
			   median(b, BLOCK_ROUNDS);
	}
	return median(ratio, blocks);
}

static void measure(const struct sample *s)
{
	uint64_t latency[ROUNDS], bare[ROUNDS], in_regs[ROUNDS];
	uint64_t cpu[ROUNDS], bare_cpu[ROUNDS];
	uint64_t device[COUNTED_ROUNDS];
	unsigned int rounds = s->rounds ? s->rounds : ROUNDS;
	struct count c = { 0 }, first = { 0 };
	uint64_t ratio, begin;
	uint32_t len = 0;
	unsigned int i;

	/* after an error, or at first, the driver looks at more */
	send_before(s);
	time_command(s->code, s->req, s->len, &len);
	for (i = 0; i < COUNTED_ROUNDS; i++) {
		send_before(s);
		time_command(s->code, s->req, s->len, &len);
		c = ask_count();
		/* a late interrupt costs one, and that of a busy host may be late */
		if (!i || c.reads + c.writes < first.reads + first.writes)
			first = c;
		device[i] = c.device_ns;
	}
	/* the machine is not equally fast all the time, so by turns */
	for (i = 0; i < rounds; i++) {
		send_before(s);
		begin = cpu_ns();
		latency[i] = time_command(s->code, s->req, s->len, &len);
		cpu[i] = cpu_ns() - begin;
		send_before(s);
		begin = cpu_ns();
		bare[i] = time_registers(s, &in_regs[i]);
		bare_cpu[i] = cpu_ns() - begin;
	}
	/* it needs their order, which a median changes */
	ratio = ratio_of_blocks(latency, bare, rounds);
	printf("@row %s %u %u %" PRIu64 " %u %" PRIu64 " %" PRIu64 " %" PRIu64
	       " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
	       s->name, s->len, len, first.reads + first.writes,
	       7 + (s->len + 3) / 4 + (len + 3) / 4 + is_blank(len),
	       median(latency, rounds), median(in_regs, rounds),
	       median(device, COUNTED_ROUNDS), median(bare, rounds),
	       median(cpu, rounds), median(bare_cpu, rounds), ratio);
	fflush(stdout);
}

static void measure_simple(const char *name, uint32_t code)
{
	struct sample s = { .name = name, .code = code, .len = 4 };

	seal(code, s.req, s.len);
	measure(&s);
}

static void measure_body(const char *name, uint32_t code, const void *body,
			 size_t len, unsigned int rounds)
{
	struct sample s = { .name = name, .code = code, .rounds = rounds };

	s.len = 4 + (uint32_t)len;
	memcpy(s.req + 4, body, len);
	seal(code, s.req, s.len);
	measure(&s);
}

/* The signature of a quote, for the device to verify. */
static void measure_verify(void)
{
	static const uint8_t before_point[] = { 0x03, 0x62, 0x00, 0x04 };
	uint8_t body[5 * 48], nonce[32] = { 0 }, req[4];
	const uint8_t *digest = rsp + QUOTE_NONCE_OFFSET + 32 + 32 * 4;
	const uint8_t *point;
	uint32_t len;

	seal(0x43455246, req, 4);
	time_command(0x43455246, req, 4, &len);
	point = memmem(rsp, len, before_point, sizeof(before_point));
	if (!point)
		die("the FMC alias certificate has no key");
	memcpy(body, point + sizeof(before_point), 96);
	if (quote(fd, nonce, rsp))
		die("no quote");
	memcpy(body + 96, digest + 48, 96);
	memcpy(body + 192, digest, 48);
	measure_body("ECDSA384_SIGNATURE_VERIFY", 0x45435632, body,
		     sizeof(body), 0);
}

static void measure_self_test(void)
{
	struct sample s = { .name = "SELF_TEST_GET_RESULTS",
			    .code = 0x46504c67,
			    .len = 4,
			    .rounds = 20,
			    .before = 0x46504c54 };

	seal(s.code, s.req, s.len);
	measure(&s);
}

static void measure_all(void)
{
	uint8_t idev[4 + 96 + 916] = { 0 };
	uint8_t zeros[104] = { 0 };
	uint8_t pcr[4 + 48] = { 20 };
	static uint8_t page[4096 - 4];

	/* VERSION takes a body of any length */
	measure_body("VERSION_4K", 0x46505652, page, sizeof(page), 0);
	measure_simple("VERSION", 0x46505652);
	measure_simple("CAPABILITIES", 0x43415053);
	measure_simple("FW_INFO", 0x494e464f);
	measure_self_test();
	put_le32(idev, 916);
	measure_body("GET_IDEV_ECC384_CERT", 0x49444543, idev, sizeof(idev), 0);
	measure_simple("GET_IDEV_ECC384_INFO", 0x49444549);
	measure_simple("GET_LDEV_ECC384_CERT", 0x4c444556);
	measure_simple("GET_FMC_ALIAS_ECC384_CERT", 0x43455246);
	measure_simple("GET_RT_ALIAS_ECC384_CERT", 0x43455252);
	/* the DPE has room for 30 of them */
	measure_body("STASH_MEASUREMENT", 0x4d454153, zeros, 104, 10);
	measure_body("EXTEND_PCR", 0x50435245, pcr, sizeof(pcr), 0);
	measure_body("INCREMENT_PCR_RESET_COUNTER", 0x50435252, pcr, 4, 0);
	measure_body("QUOTE_PCRS_ECC384", 0x50435251, zeros, 32, 0);
	measure_verify();
}

int main(void)
{
	int bar = open(REGISTERS, O_RDWR | O_SYNC);

	fd = open(DEVICE, O_RDWR);
	if (fd < 0 || bar < 0)
		die("there is no device");
	regs = mmap(NULL, WINDOW, PROT_READ | PROT_WRITE, MAP_SHARED, bar, 0);
	if (regs == MAP_FAILED)
		die("the registers can not be mapped");
	calibrate();
	measure_all();
	return 0;
}
