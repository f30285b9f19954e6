// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TPM that caliptra-tpm makes of a Caliptra's PCRs, command by command: what each is
 * answered with, and that nothing that is too short, too long or wrong gets further. The
 * module has to be loaded, and nobody else may use the device. Numbers are as the TCG's TPM
 * Library, Part 2 has them.
 */
#include "kselftest_harness.h"
#include "mbox.h"

#define TPM	    "/dev/tpm0"
#define TPM_RM	    "/dev/tpmrm0"
#define MAX_SIZE    4096
#define HEADER	    10
#define DIGEST	    48
#define PCR	    10
#define MAX_DIGESTS 8
#define MAX_PCRS    24
#define PCR_LIST    "/proc/device-tree/caliptra@10000000/chipsalliance,tpm-pcrs"

#define NO_SESSIONS 0x8001
#define SESSIONS    0x8002

#define PCR_EVENT      0x13c
#define SELF_TEST      0x143
#define STARTUP	       0x144
#define SHUTDOWN       0x145
#define GET_CAPABILITY 0x17a
#define GET_RANDOM     0x17b
#define PCR_READ       0x17e
#define PCR_EXTEND     0x182

#define SHA256 0x000b
#define SHA384 0x000c

#define RH_NULL 0x40000007

/* A message, being made or taken apart. */
struct bytes {
	uint8_t at[MAX_SIZE + 64];
	size_t len;
	size_t pos;
};

static struct bytes out, in;

static void put8(uint8_t v)
{
	out.at[out.len++] = v;
}

static void put16(uint16_t v)
{
	put8(v >> 8);
	put8(v);
}

static void put32(uint32_t v)
{
	put16(v >> 16);
	put16(v);
}

static void put(const void *data, size_t len)
{
	memcpy(out.at + out.len, data, len);
	out.len += len;
}

static uint32_t get(unsigned int size)
{
	uint32_t v = 0;

	while (size--)
		v = v << 8 | in.at[in.pos++];
	return v;
}

/* The header, whose length comes last. */
static void begin(uint16_t tag, uint32_t code)
{
	out.len = 0;
	put16(tag);
	put32(0);
	put32(code);
}

static void set_length(size_t len)
{
	out.at[2] = len >> 24;
	out.at[3] = len >> 16;
	out.at[4] = len >> 8;
	out.at[5] = len;
}

/* Send what is there; in.len is 0 where there is no answer. */
static void exchange(int fd)
{
	ssize_t n;

	in.len = 0;
	in.pos = 0;
	if (write(fd, out.at, out.len) != (ssize_t)out.len)
		return;
	n = read(fd, in.at, sizeof(in.at));
	if (n > 0)
		in.len = n;
}

/* The response code, ~0 where the answer is none. */
static uint32_t answer(int fd)
{
	uint32_t size;

	exchange(fd);
	if (in.len < HEADER)
		return ~0u;
	get(2);
	size = get(4);
	return size == in.len ? get(4) : ~0u;
}

static uint32_t ask(int fd)
{
	set_length(out.len);
	return answer(fd);
}

/* The password of a PCR, which is empty. */
static void put_auth(void)
{
	put32(9);
	put32(0x40000009);
	put16(0);
	put8(0);
	put16(0);
}

static void begin_extend(uint32_t pcr)
{
	begin(SESSIONS, PCR_EXTEND);
	put32(pcr);
	put_auth();
}

static uint32_t extend(int fd, uint32_t pcr, const uint8_t digest[DIGEST])
{
	begin_extend(pcr);
	put32(1);
	put16(SHA384);
	put(digest, DIGEST);
	return ask(fd);
}

static void begin_event(uint32_t pcr, const void *data, uint16_t len)
{
	begin(SESSIONS, PCR_EVENT);
	put32(pcr);
	put_auth();
	put16(len);
	put(data, len);
}

/* Its digest is the TPM's own. */
static uint32_t event(int fd, uint32_t pcr, const void *data, uint16_t len,
		      uint8_t digest[DIGEST])
{
	uint32_t rc;

	begin_event(pcr, data, len);
	rc = ask(fd);
	if (!rc)
		memcpy(digest, in.at + HEADER + 4 + 4 + 2, DIGEST);
	return rc;
}

static void begin_read(uint32_t selected)
{
	begin(NO_SESSIONS, PCR_READ);
	put32(1);
	put16(SHA384);
	put8(3);
	put8(selected);
	put8(selected >> 8);
	put8(selected >> 16);
}

/* Returns false where the answer is another one than that of this PCR. */
static bool read_pcr(int fd, uint32_t pcr, uint8_t value[DIGEST])
{
	begin_read(1u << pcr);
	if (ask(fd))
		return false;
	get(4);
	if (get(4) != 1 || get(2) != SHA384 || get(1) != 3 ||
	    get(1) != (1u << pcr & 0xff) || get(1) != (1u << pcr >> 8 & 0xff) ||
	    get(1) != 1u << pcr >> 16 || get(4) != 1 || get(2) != DIGEST)
		return false;
	memcpy(value, in.at + in.pos, DIGEST);
	return in.pos + DIGEST == in.len;
}

static void begin_capability(uint32_t which, uint32_t first, uint32_t most)
{
	begin(NO_SESSIONS, GET_CAPABILITY);
	put32(which);
	put32(first);
	put32(most);
}

/* Which PCR of the device each of the TPM's is, and how many there are. */
static uint8_t pcr_map[MAX_PCRS];
static unsigned int pcr_count;

static void read_map(void)
{
	uint8_t list[4 * MAX_PCRS];
	int fd = open(PCR_LIST, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, list, sizeof(list));
	unsigned int i;

	pcr_count = n > 0 ? n / 4 : MAX_PCRS;
	for (i = 0; i < pcr_count; i++)
		pcr_map[i] = n > 0 ? list[4 * i + 3] : i;
	close(fd);
}

/* The bits of TPMS_PCR_SELECT as they are sent. */
static uint32_t select_bits(uint32_t selected)
{
	return (selected & 0xff) << 16 | (selected & 0xff00) |
	       (selected >> 16 & 0xff);
}

FIXTURE(tpm)
{
	int fd;
	int mbox;
	bool has_random;
};

FIXTURE_SETUP(tpm)
{
	struct caliptra_info info;

	self->fd = open(TPM, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	self->mbox = open(DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->mbox, 0);
	ASSERT_EQ(ioctl(self->mbox, CALIPTRA_IOC_INFO, &info), 0);
	self->has_random = !is_1x(&info);
	read_map();
}

/* Whatever was sent, the next command is answered. */
FIXTURE_TEARDOWN(tpm)
{
	uint8_t value[DIGEST];

	EXPECT_TRUE(read_pcr(self->fd, PCR, value));
	close(self->fd);
	close(self->mbox);
}

/* --- What there is --- */

TEST_F(tpm, commands)
{
	static const uint32_t wanted[] = {
		0x02400000 | PCR_EVENT,
		SELF_TEST,
		STARTUP,
		SHUTDOWN,
		GET_CAPABILITY,
		GET_RANDOM,
		PCR_READ,
		0x02400000 | PCR_EXTEND,
	};
	uint32_t count = self->has_random ? 8 : 7;
	unsigned int i;

	begin_capability(2, 0, 1000);
	ASSERT_EQ(ask(self->fd), 0);
	EXPECT_EQ(get(1), 0);
	EXPECT_EQ(get(4), 2);
	ASSERT_EQ(get(4), count);
	for (i = 0; i < 8; i++)
		if (self->has_random || wanted[i] != GET_RANDOM)
			EXPECT_EQ(get(4), wanted[i]);
	EXPECT_EQ(in.pos, in.len);

	/* from one on, and that there are more */
	begin_capability(2, STARTUP, 2);
	ASSERT_EQ(ask(self->fd), 0);
	EXPECT_EQ(get(1), 1);
	EXPECT_EQ(get(4), 2);
	EXPECT_EQ(get(4), 2);
	EXPECT_EQ(get(4), STARTUP);
	EXPECT_EQ(get(4), SHUTDOWN);
	EXPECT_EQ(in.pos, in.len);
}

static uint32_t property(int fd, uint32_t tag)
{
	begin_capability(6, tag, 1);
	if (ask(fd))
		return ~0u;
	in.pos += 5;
	if (get(4) != 1 || get(4) != tag)
		return ~0u;
	return get(4);
}

TEST_F(tpm, properties)
{
	EXPECT_EQ(property(self->fd, 0x100), 0x322e3000);
	EXPECT_EQ(property(self->fd, 0x112), pcr_count);
	EXPECT_EQ(property(self->fd, 0x113), 3);
	EXPECT_EQ(property(self->fd, 0x120), DIGEST);
	EXPECT_EQ(property(self->fd, 0x129), self->has_random ? 8 : 7);
	/* one that there is not is followed by the next */
	EXPECT_EQ(property(self->fd, 0x10e), ~0u);
}

TEST_F(tpm, banks)
{
	begin_capability(5, 0, 1);
	ASSERT_EQ(ask(self->fd), 0);
	EXPECT_EQ(get(1), 0);
	EXPECT_EQ(get(4), 5);
	EXPECT_EQ(get(4), 1);
	EXPECT_EQ(get(2), SHA384);
	EXPECT_EQ(get(1), 3);
	EXPECT_EQ(get(3), select_bits((1u << pcr_count) - 1));
	EXPECT_EQ(in.pos, in.len);

	begin_capability(0, 0, 100);
	ASSERT_EQ(ask(self->fd), 0);
	EXPECT_EQ(get(1), 0);
	EXPECT_EQ(get(4), 0);
	EXPECT_EQ(get(4), 1);
	EXPECT_EQ(get(2), SHA384);
	EXPECT_EQ(get(4), 4);
	EXPECT_EQ(in.pos, in.len);
}

TEST_F(tpm, handles)
{
	begin_capability(1, pcr_count - 2, 100);
	ASSERT_EQ(ask(self->fd), 0);
	EXPECT_EQ(get(1), 0);
	EXPECT_EQ(get(4), 1);
	EXPECT_EQ(get(4), 2);
	EXPECT_EQ(get(4), pcr_count - 2);
	EXPECT_EQ(get(4), pcr_count - 1);
	/* no objects */
	begin_capability(1, 0x80000000, 100);
	ASSERT_EQ(ask(self->fd), 0);
	in.pos += 5;
	EXPECT_EQ(get(4), 0);
	EXPECT_EQ(in.pos, in.len);
}

TEST_F(tpm, no_such_capability)
{
	begin_capability(3, 0, 1);
	EXPECT_EQ(ask(self->fd), 0x1c4);
	begin_capability(5, 1, 1);
	EXPECT_EQ(ask(self->fd), 0x2c4);
}

/* --- PCRs --- */

TEST_F(tpm, event_is_hashed)
{
	/* FIPS 180-4: SHA-384 of "abc" */
	static const uint8_t wanted[DIGEST] = {
		0xcb, 0x00, 0x75, 0x3f, 0x45, 0xa3, 0x5e, 0x8b, 0xb5, 0xa0,
		0x3d, 0x69, 0x9a, 0xc6, 0x50, 0x07, 0x27, 0x2c, 0x32, 0xab,
		0x0e, 0xde, 0xd1, 0x63, 0x1a, 0x8b, 0x60, 0x5a, 0x43, 0xff,
		0x5b, 0xed, 0x80, 0x86, 0x07, 0x2b, 0xa1, 0xe7, 0xcc, 0x23,
		0x58, 0xba, 0xec, 0xa1, 0x34, 0xc8, 0x25, 0xa7,
	};
	uint8_t before[DIGEST], after[DIGEST], digest[DIGEST];

	ASSERT_TRUE(read_pcr(self->fd, PCR, before));
	ASSERT_EQ(event(self->fd, RH_NULL, "abc", 3, digest), 0);
	EXPECT_EQ(memcmp(digest, wanted, DIGEST), 0);
	/* one count, algorithm and digest, and the answer to the password */
	EXPECT_EQ(in.len, HEADER + 4 + 4 + 2 + DIGEST + 5);
	ASSERT_TRUE(read_pcr(self->fd, PCR, after));
	EXPECT_EQ(memcmp(before, after, DIGEST), 0);
}

/* What a PCR is after it was extended, by the TPM's own hash. */
static bool extended(int fd, const uint8_t old[DIGEST],
		     const uint8_t digest[DIGEST], uint8_t value[DIGEST])
{
	uint8_t both[2 * DIGEST];

	memcpy(both, old, DIGEST);
	memcpy(both + DIGEST, digest, DIGEST);
	return !event(fd, RH_NULL, both, sizeof(both), value);
}

/* What it is in the device, as a quote has it. */
static bool quoted(int fd, uint32_t pcr, uint8_t value[DIGEST])
{
	static const uint8_t nonce[32] = { 1 };
	uint8_t rsp[QUOTE_RSP_LEN];

	if (quote(fd, nonce, rsp))
		return false;
	memcpy(value, rsp + QUOTE_PCRS_OFFSET + pcr_map[pcr] * DIGEST, DIGEST);
	return true;
}

TEST_F(tpm, extend_is_the_devices)
{
	uint8_t old[DIGEST], wanted[DIGEST], value[DIGEST];
	uint8_t digest[DIGEST] = "some digest";

	ASSERT_TRUE(read_pcr(self->fd, PCR, old));
	ASSERT_TRUE(extended(self->fd, old, digest, wanted));
	ASSERT_EQ(extend(self->fd, PCR, digest), 0);
	ASSERT_TRUE(read_pcr(self->fd, PCR, value));
	EXPECT_EQ(memcmp(value, wanted, DIGEST), 0);
	ASSERT_TRUE(quoted(self->mbox, PCR, value));
	EXPECT_EQ(memcmp(value, wanted, DIGEST), 0);
}

TEST_F(tpm, event_extends)
{
	uint8_t old[DIGEST], digest[DIGEST], wanted[DIGEST], value[DIGEST];

	uint32_t pcr = pcr_count - 1;

	ASSERT_TRUE(read_pcr(self->fd, pcr, old));
	ASSERT_EQ(event(self->fd, pcr, "an event", 8, digest), 0);
	ASSERT_TRUE(extended(self->fd, old, digest, wanted));
	ASSERT_TRUE(read_pcr(self->fd, pcr, value));
	EXPECT_EQ(memcmp(value, wanted, DIGEST), 0);
}

/* Nothing is remembered here. */
TEST_F(tpm, others_extend_too)
{
	uint8_t value[DIGEST], own[DIGEST], old[DIGEST];
	uint8_t req[56] = { 0 }, rsp[8];
	struct caliptra_cmd c = {
		.cmd = CMD_EXTEND_PCR,
		.req = pointer(req),
		.req_len = sizeof(req),
		.rsp = pointer(rsp),
		.rsp_room = sizeof(rsp),
	};

	ASSERT_TRUE(read_pcr(self->fd, PCR, old));
	put_le32(req + 4, pcr_map[PCR]);
	seal(c.cmd, req, sizeof(req));
	ASSERT_EQ(run(self->mbox, &c), 0);
	ASSERT_TRUE(read_pcr(self->fd, PCR, value));
	EXPECT_NE(memcmp(value, old, DIGEST), 0);
	ASSERT_TRUE(quoted(self->mbox, PCR, own));
	EXPECT_EQ(memcmp(value, own, DIGEST), 0);
}

TEST_F(tpm, reading_many)
{
	uint8_t value[DIGEST];
	unsigned int i;

	/* the first eight, and those that there are not are none */
	begin_read(0xfffffc);
	ASSERT_EQ(ask(self->fd), 0);
	get(4);
	EXPECT_EQ(get(4), 1);
	EXPECT_EQ(get(2), SHA384);
	EXPECT_EQ(get(1), 3);
	EXPECT_EQ(get(3), select_bits(0x3fc));
	ASSERT_EQ(get(4), MAX_DIGESTS);
	for (i = 2; i < 10; i++) {
		EXPECT_EQ(get(2), DIGEST);
		ASSERT_TRUE(quoted(self->mbox, i, value));
		EXPECT_EQ(memcmp(in.at + in.pos, value, DIGEST), 0);
		in.pos += DIGEST;
	}
	EXPECT_EQ(in.pos, in.len);

	/* none at all */
	begin_read(0);
	ASSERT_EQ(ask(self->fd), 0);
	in.pos += 4 + 4 + 2 + 4;
	EXPECT_EQ(get(4), 0);
	begin(NO_SESSIONS, PCR_READ);
	put32(0);
	ASSERT_EQ(ask(self->fd), 0);
	EXPECT_EQ(in.len, HEADER + 4 + 4 + 4);
}

TEST_F(tpm, wrong_pcrs)
{
	uint8_t digest[DIGEST] = { 0 };

	/* the firmware's own */
	EXPECT_EQ(extend(self->fd, 0, digest), 0x907);
	EXPECT_EQ(extend(self->fd, 3, digest), 0x907);
	EXPECT_EQ(event(self->fd, 3, "x", 1, digest), 0x907);
	EXPECT_EQ(extend(self->fd, pcr_count, digest), 0x184);
	EXPECT_EQ(extend(self->fd, 0x80000000, digest), 0x184);
	EXPECT_EQ(extend(self->fd, RH_NULL, digest), 0);
}

TEST_F(tpm, wrong_banks)
{
	uint8_t digest[DIGEST] = { 0 };

	begin_extend(PCR);
	put32(1);
	put16(SHA256);
	put(digest, 32);
	EXPECT_EQ(ask(self->fd), 0x1c3);
	begin_extend(PCR);
	put32(2);
	put16(SHA384);
	put(digest, DIGEST);
	put16(SHA256);
	put(digest, 32);
	EXPECT_EQ(ask(self->fd), 0x1d5);
	begin_extend(PCR);
	put32(0);
	EXPECT_EQ(ask(self->fd), 0);
	begin_read(1 << PCR);
	out.at[HEADER + 5] = SHA256;
	EXPECT_EQ(ask(self->fd), 0x1c3);
	begin_read(1 << PCR);
	out.at[HEADER + 6] = 4;
	put8(0);
	EXPECT_EQ(ask(self->fd), 0x1c4);
}

TEST_F(tpm, authorization)
{
	uint8_t digest[DIGEST] = { 0 };
	uint8_t before[DIGEST], after[DIGEST];

	ASSERT_TRUE(read_pcr(self->fd, PCR, before));
	/* none */
	begin(NO_SESSIONS, PCR_EXTEND);
	put32(PCR);
	put32(1);
	put16(SHA384);
	put(digest, DIGEST);
	EXPECT_EQ(ask(self->fd), 0x125);
	/* a password */
	begin(SESSIONS, PCR_EXTEND);
	put32(PCR);
	put32(12);
	put32(0x40000009);
	put16(0);
	put8(0);
	put16(3);
	put("abc", 3);
	put32(1);
	put16(SHA384);
	put(digest, DIGEST);
	EXPECT_EQ(ask(self->fd), 0x9a2);
	/* a session */
	begin_extend(PCR);
	out.at[HEADER + 8] = 0x02;
	out.at[HEADER + 11] = 0;
	put32(1);
	put16(SHA384);
	put(digest, DIGEST);
	EXPECT_EQ(ask(self->fd), 0x918);
	/* one for a command that needs none */
	begin(SESSIONS, GET_CAPABILITY);
	put_auth();
	put32(2);
	put32(0);
	put32(1);
	EXPECT_EQ(ask(self->fd), 0x145);
	ASSERT_TRUE(read_pcr(self->fd, PCR, after));
	EXPECT_EQ(memcmp(before, after, DIGEST), 0);
}

/* --- The rest --- */

TEST_F(tpm, starting_and_stopping)
{
	begin(NO_SESSIONS, STARTUP);
	put16(0);
	EXPECT_EQ(ask(self->fd), 0x100);
	begin(NO_SESSIONS, STARTUP);
	put16(2);
	EXPECT_EQ(ask(self->fd), 0x1c4);
	begin(NO_SESSIONS, SHUTDOWN);
	put16(1);
	EXPECT_EQ(ask(self->fd), 0);
	begin(NO_SESSIONS, SHUTDOWN);
	put16(7);
	EXPECT_EQ(ask(self->fd), 0x1c4);
	begin(NO_SESSIONS, SELF_TEST);
	put8(0);
	EXPECT_EQ(ask(self->fd), 0);
	begin(NO_SESSIONS, SELF_TEST);
	put8(1);
	EXPECT_EQ(ask(self->fd), 0);
	begin(NO_SESSIONS, SELF_TEST);
	put8(2);
	EXPECT_EQ(ask(self->fd), 0x1c4);
}

static uint32_t get_random(int fd, uint16_t len)
{
	begin(NO_SESSIONS, GET_RANDOM);
	put16(len);
	return ask(fd);
}

TEST_F(tpm, random)
{
	static const uint16_t lengths[] = { 0, 1, 32, 48, 49, 0xffff };
	uint8_t first[DIGEST];
	unsigned int i;

	if (!self->has_random) {
		EXPECT_EQ(get_random(self->fd, 32), 0x143);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		uint16_t len = lengths[i] < DIGEST ? lengths[i] : DIGEST;

		ASSERT_EQ(get_random(self->fd, lengths[i]), 0);
		EXPECT_EQ(get(2), len);
		EXPECT_EQ(in.len, (size_t)HEADER + 2 + len);
	}
	memcpy(first, in.at + in.pos, DIGEST);
	ASSERT_EQ(get_random(self->fd, DIGEST), 0);
	EXPECT_NE(memcmp(first, in.at + HEADER + 2, DIGEST), 0);
}

TEST_F(tpm, no_such_command)
{
	/* CreatePrimary, FlushContext, PCR_Reset, Quote, one that there is not */
	static const uint32_t codes[] = { 0x131, 0x165,	     0x13d, 0x158,
					  0x1ff, 0x20000000, 0 };
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		begin(NO_SESSIONS, codes[i]);
		put32(PCR);
		EXPECT_EQ(ask(self->fd), 0x143);
		EXPECT_EQ(in.len, HEADER);
	}
	close(self->fd);
	fd = open(TPM_RM, O_RDWR | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	begin(NO_SESSIONS, 0x131);
	put32(PCR);
	/* the resource manager says so itself, in its own layer */
	EXPECT_EQ(ask(fd) & 0xffff, 0x143);
	close(fd);
	self->fd = open(TPM, O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
}

TEST_F(tpm, resource_manager)
{
	uint8_t value[DIGEST], own[DIGEST];
	int fd = open(TPM_RM, O_RDWR | O_CLOEXEC);

	ASSERT_GE(fd, 0);
	ASSERT_TRUE(read_pcr(self->fd, PCR, own));
	ASSERT_TRUE(read_pcr(fd, PCR, value));
	EXPECT_EQ(memcmp(value, own, DIGEST), 0);
	EXPECT_EQ(extend(fd, PCR, own), 0);
	close(fd);
}

TEST_F(tpm, tags)
{
	begin(0x00c1, GET_CAPABILITY);
	EXPECT_EQ(ask(self->fd), 0x01e);
	/* the tag of the answer is a 1.2's */
	EXPECT_EQ(in.at[0] << 8 | in.at[1], 0x00c4);
}

/* Of each command, every beginning, with both lengths, and with more behind it. */
static void cut(struct __test_metadata *_metadata, int fd)
{
	struct bytes whole = out;
	size_t len;

	for (len = HEADER; len < whole.len; len++) {
		out = whole;
		out.len = len;
		set_length(len);
		EXPECT_NE(answer(fd), 0)
		TH_LOG("%zu of %zu bytes", len, whole.len);
		EXPECT_EQ(in.len, HEADER);
	}
	out = whole;
	put8(0);
	set_length(out.len);
	EXPECT_NE(answer(fd), 0) TH_LOG("one byte more than %zu", whole.len);
	EXPECT_EQ(in.len, HEADER);
}

TEST_F(tpm, cut_short)
{
	uint8_t before[DIGEST], after[DIGEST], digest[DIGEST] = { 0 };

	ASSERT_TRUE(read_pcr(self->fd, PCR, before));
	begin_extend(PCR);
	put32(1);
	put16(SHA384);
	put(digest, DIGEST);
	cut(_metadata, self->fd);
	begin_event(PCR, "event", 5);
	cut(_metadata, self->fd);
	begin_read(1 << PCR);
	cut(_metadata, self->fd);
	begin_capability(6, 0x100, 100);
	cut(_metadata, self->fd);
	begin(NO_SESSIONS, STARTUP);
	put16(0);
	cut(_metadata, self->fd);
	begin(NO_SESSIONS, SHUTDOWN);
	put16(0);
	cut(_metadata, self->fd);
	begin(NO_SESSIONS, SELF_TEST);
	put8(0);
	cut(_metadata, self->fd);
	begin(NO_SESSIONS, GET_RANDOM);
	put16(8);
	cut(_metadata, self->fd);
	ASSERT_TRUE(read_pcr(self->fd, PCR, after));
	EXPECT_EQ(memcmp(before, after, DIGEST), 0);
}

/* Each bit of a command turned round: whatever it is answered, it is answered. */
TEST_F(tpm, turned_bits)
{
	uint8_t digest[DIGEST] = { 0 };
	struct bytes whole;
	size_t bit;

	begin_extend(PCR);
	put32(1);
	put16(SHA384);
	put(digest, DIGEST);
	set_length(out.len);
	whole = out;
	for (bit = 0; bit < 8 * (HEADER + 23); bit++) {
		/* the kernel itself looks at the length */
		if (bit / 8 >= 2 && bit / 8 < 6)
			continue;
		out = whole;
		out.at[bit / 8] ^= 1 << bit % 8;
		exchange(self->fd);
		ASSERT_GE(in.len, HEADER) TH_LOG("bit %zu", bit);
	}
}

TEST_F(tpm, longest)
{
	static const uint8_t data[MAX_SIZE];
	uint8_t digest[DIGEST];

	EXPECT_EQ(event(self->fd, RH_NULL, data, 1024, digest), 0);
	EXPECT_EQ(event(self->fd, RH_NULL, data, 1025, digest), 0x1d5);
	begin_event(RH_NULL, data, 1024);
	put(data, MAX_SIZE - out.len);
	EXPECT_EQ(ask(self->fd), 0x095);
}

TEST_HARNESS_MAIN
