// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * kill [TIMES [SEED]] kills swcaliptra again and again, 30 times where nobody says how
 * often, while many clients work with it, and starts it again. Whatever was answered
 * is there then, and of what was not, all or nothing: PCRs and their counters,
 * contexts of the DPE with their measurements, handles and tags, an exported CDI,
 * certificates, registers, and the keys that sign it all. Now and then it is stopped
 * instead, and begins anew.
 *
 * Half of the times it is killed at any time, half of the times at some system call
 * on its way from one answer to the next, or some instructions later. The seed is
 * printed.
 */
#include "process.h"

#include <caliptra/caliptra.h>
#include <caliptra/commands.h>
#include <fcntl.h>
#include <openssl/x509.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include "peer.h"
#include "register_socket.h"
#include "unix_socket.h"

#define SOCKET	  "socket"
#define REGISTERS "registers"

#define PL0   SOC_BOOT_PL0_USER
#define PL1   SOC_BOOT_PL1_USER
#define THIRD 3u /* AXI user that a register lets in */

#define RETAIN	  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RETAIN_PARENT_CONTEXT
#define DEFAULT	  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_MAKE_DEFAULT
#define MOVE	  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CHANGE_LOCALITY
#define RECURSIVE CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RECURSIVE
#define MAY_RECUR CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_ALLOW_RECURSIVE
#define EXPORT                                          \
	(CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_EXPORT_CDI | \
	 CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CREATE_CERTIFICATE)

/* Offsets in the response of QUOTE_PCRS_ECC384, which begins with its header. */
#define QUOTE_PCRS   8
#define QUOTE_RESETS (QUOTE_PCRS + PCR_COUNT * SHA384_SIZE + 32)
#define QUOTE_DIGEST (QUOTE_RESETS + 4 * PCR_COUNT)
#define QUOTE_R	     (QUOTE_DIGEST + SHA384_SIZE)
#define QUOTE_SIZE   (QUOTE_R + 2 * P384_SIZE)

/* Tags that never move, and the first of those that are given one by one. */
#define TAG_MEASURED 0x1001u
#define TAG_STASHED  0x2000u

/* Contexts there is room for beside those that all begin with. */
#define MAX_STASHED 24u
#define MAX_LOST    24u

static unsigned int times = 30;
static uint32_t seed = 1;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)seed * below >> 32);
}

static void any_bytes(uint8_t *bytes, size_t len)
{
	while (len--)
		*bytes++ = (uint8_t)any(256);
}

/* --- The program --- */

static pid_t program;
static int output;
static uint64_t starting_ns;

static int connect_to(const char *path)
{
	int waited = 0;
	int fd;

	while ((fd = unix_socket_connect(path)) < 0 &&
	       waited++ < PATIENCE_MS * 2 && !waitpid(program, NULL, WNOHANG))
		usleep(500);
	expect(fd >= 0, "the program does not open %s", path);
	return fd;
}

static void start_it(void)
{
	static const char *const words[] = {
		"--state",	     "device",	"--socket", SOCKET,
		"--register-socket", REGISTERS, NULL
	};
	uint64_t begin = device_now_ns();

	program = start_program(words, &output);
	close(connect_to(SOCKET));
	starting_ns += device_now_ns() - begin;
}

/* It has said nothing, as all is well. */
static void expect_silence(void)
{
	char said_text[1000];
	ssize_t n = read(output, said_text, sizeof(said_text) - 1);

	assert_int_not_equal(n, -1);
	said_text[n] = '\0';
	close(output);
	assert_string_equal(said_text, "");
}

static void kill_it(void)
{
	int status;

	kill(program, SIGKILL);
	do
		assert_int_equal(waitpid(program, &status, 0), program);
	while (WIFSTOPPED(status));
	expect(WIFSIGNALED(status), "it ended by itself");
	expect_silence();
	assert_int_equal(access("device/running", F_OK), 0);
}

static void stop_it(void)
{
	kill(program, SIGTERM);
	assert_int_equal(end_of(program), 0);
	expect_silence();
	assert_int_equal(access("device/running", F_OK), -1);
}

/* --- A connection --- */

struct answer {
	uint32_t status;
	uint32_t error;
	uint32_t len;
	uint8_t data[8192];
};

static size_t put_words(uint8_t *to, const uint32_t *words, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		wire_put_le32(to + 4 * i, words[i]);
	return 4 * count;
}

static void send_command(int fd, uint32_t user, uint32_t code, const void *body,
			 uint32_t len)
{
	static uint8_t message[PEER_HEADER_SIZE + 20 + 2048];
	uint8_t request[2048] = { 0 };
	uint32_t size = test_request(request, code, body, len);
	const uint32_t words[] = {
		PEER_MAGIC,
		PEER_VERSION | (uint32_t)PEER_EXECUTE_TAGGED << 16,
		20 + PEER_PADDED(size),
		1,
		user,
		PATIENCE_MS,
		code,
		size,
	};
	size_t at = put_words(message, words, COUNT(words));

	memcpy(message + at, request, PEER_PADDED(size));
	at += PEER_PADDED(size);
	assert_int_equal(send(fd, message, at, MSG_NOSIGNAL), at);
}

/* So many bytes, or false where the other end is gone. */
static bool receive(int fd, void *bytes, size_t len)
{
	uint8_t *p = bytes;
	ssize_t n;

	while (len) {
		n = recv(fd, p, len, 0);
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* An answer, or false where the program was killed before it gave one. */
static bool take_answer(int fd, struct answer *a)
{
	uint8_t head[PEER_HEADER_SIZE + 16];

	if (!receive(fd, head, sizeof(head)))
		return false;
	assert_int_equal(wire_get_le32(head), PEER_MAGIC);
	assert_int_equal(head[6] | head[7] << 8, PEER_RESPONSE_TAGGED);
	a->status = wire_get_le32(head + 16);
	a->error = wire_get_le32(head + 20);
	a->len = wire_get_le32(head + 24);
	assert_in_range(a->len, 0, sizeof(a->data) - 4);
	return receive(fd, a->data, PEER_PADDED(a->len));
}

static int own_fd;
static struct answer got;

/* A command that nobody disturbs; the error of firmware. */
static uint32_t call(uint32_t user, uint32_t code, const void *body,
		     uint32_t len)
{
	send_command(own_fd, user, code, body, len);
	expect(take_answer(own_fd, &got), "there is no answer");
	assert_in_range(got.status, MBOX_STATUS_DATA_READY,
			MBOX_STATUS_CMD_FAILURE);
	return got.error;
}

static void call_well(uint32_t user, uint32_t code, const void *body,
		      uint32_t len)
{
	assert_int_equal(call(user, code, body, len), 0);
	assert_int_not_equal(got.status, MBOX_STATUS_CMD_FAILURE);
}

/* --- Commands of the DPE --- */

struct body {
	uint32_t len;
	uint8_t bytes[256];
};

static void put(struct body *b, const void *bytes, uint32_t len)
{
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
}

static void put32(struct body *b, uint32_t value)
{
	wire_put_le32(b->bytes + b->len, value);
	b->len += 4;
}

static void begin_dpe(struct body *b, uint32_t id)
{
	b->len = 4;
	put32(b, 0x44504543);
	put32(b, id);
	put32(b, CALIPTRA_DPE_PROFILE_P384_SHA384);
}

static void end_dpe(struct body *b)
{
	wire_put_le32(b->bytes, b->len - 4);
}

static struct body derive(const uint8_t *handle, uint32_t flags, uint32_t type,
			  uint32_t locality, const uint8_t *data)
{
	struct body b;

	begin_dpe(&b, CALIPTRA_DPE_COMMAND_DERIVE_CONTEXT);
	put(&b, handle, DPE_HANDLE_SIZE);
	put(&b, data, SHA384_SIZE);
	put32(&b, flags);
	put32(&b, type);
	put32(&b, locality);
	put32(&b, 0);
	end_dpe(&b);
	return b;
}

static struct body rotate(const uint8_t *handle)
{
	struct body b;

	begin_dpe(&b, CALIPTRA_DPE_COMMAND_ROTATE_CONTEXT_HANDLE);
	put(&b, handle, DPE_HANDLE_SIZE);
	put32(&b, 0);
	end_dpe(&b);
	return b;
}

/* What DPE says, of which the mailbox says nothing. */
static uint32_t dpe_status(const struct answer *a)
{
	assert_int_equal(a->error, 0);
	assert_in_range(a->len, 12 + 12, sizeof(a->data));
	assert_int_equal(wire_get_le32(a->data + 12), 0x44504552);
	return wire_get_le32(a->data + 16);
}

static uint32_t call_dpe(uint32_t user, const struct body *b)
{
	call_well(user, CALIPTRA_CMD_INVOKE_DPE_ECC384, b->bytes, b->len);
	return dpe_status(&got);
}

static const uint8_t *dpe_handle(const struct answer *a)
{
	return a->data + 12 + 12;
}

static uint32_t get_tagged(uint32_t tag)
{
	uint8_t body[4];

	wire_put_le32(body, tag);
	return call(PL0, CALIPTRA_CMD_DPE_GET_TAGGED_TCI, body, sizeof(body));
}

static const uint8_t *tagged_cumulative(void)
{
	return got.data + 8;
}

static const uint8_t *tagged_current(void)
{
	return got.data + 8 + SHA384_SIZE;
}

static struct body tag_default(uint32_t tag)
{
	struct body b = { 0 };

	put(&b, dpe_default_handle, DPE_HANDLE_SIZE);
	put32(&b, tag);
	return b;
}

/* --- Clients, each of which waits for an answer and knows what it will change --- */

struct client {
	const char *name;
	uint32_t user;
	/* send a command, unless there is nothing to do */
	void (*ask)(struct client *c);
	/* it is done */
	void (*done)(struct client *c, const struct answer *a);
	/* it was not answered: is it done or not? */
	void (*look)(struct client *c);
	uint32_t index;
	int fd;
	bool waiting;
};

static unsigned int answered;
static unsigned int unanswered;
static unsigned int unanswered_but_done;

static uint8_t quote[QUOTE_SIZE];

static const uint8_t *pcr(uint32_t index)
{
	return quote + QUOTE_PCRS + SHA384_SIZE * index;
}

static void client_sends(struct client *c, uint32_t code, const void *body,
			 uint32_t len)
{
	send_command(c->fd, c->user, code, body, len);
	c->waiting = true;
}

static void expect_no_error(const struct client *c, const struct answer *a)
{
	expect(!a->error && a->status != MBOX_STATUS_CMD_FAILURE,
	       "%s: status %u, error 0x%08x", c->name, a->status, a->error);
}

/* A value that the command has or has not changed into @next. */
static void look_at(const struct client *c, const void *is, void *value,
		    const void *next, size_t size)
{
	if (!memcmp(is, value, size))
		return;
	expect(c->waiting, "%s: what was answered is lost", c->name);
	expect(!memcmp(is, next, size), "%s: half of it is done", c->name);
	unanswered_but_done++;
	memcpy(value, next, size);
}

/* Extends a PCR. */
struct extender {
	uint8_t value[SHA384_SIZE];
	uint8_t next[SHA384_SIZE];
};

static struct extender extenders[PCR_COUNT];

static void extend(struct client *c)
{
	struct extender *e = &extenders[c->index];
	uint8_t body[4 + SHA384_SIZE];

	wire_put_le32(body, c->index);
	any_bytes(body + 4, SHA384_SIZE);
	memcpy(e->next, e->value, SHA384_SIZE);
	assert_int_equal(crypto_sha384_extend(e->next, body + 4, SHA384_SIZE),
			 0);
	client_sends(c, CALIPTRA_CMD_EXTEND_PCR, body, sizeof(body));
}

static void extended(struct client *c, const struct answer *a)
{
	struct extender *e = &extenders[c->index];

	expect_no_error(c, a);
	memcpy(e->value, e->next, SHA384_SIZE);
}

static void look_at_pcr(struct client *c)
{
	struct extender *e = &extenders[c->index];

	look_at(c, pcr(c->index), e->value, e->next, SHA384_SIZE);
}

/* Counts resets of a PCR. */
static uint32_t counted;

static void count(struct client *c)
{
	uint8_t body[4];

	wire_put_le32(body, c->index);
	client_sends(c, CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER, body,
		     sizeof(body));
}

static void has_counted(struct client *c, const struct answer *a)
{
	expect_no_error(c, a);
	counted++;
}

static void look_at_counter(struct client *c)
{
	uint32_t is = wire_get_le32(quote + QUOTE_RESETS + 4 * c->index);
	uint32_t next = counted + 1;

	look_at(c, &is, &counted, &next, sizeof(is));
}

/* Measures again and again into the default context of PL1. */
static uint8_t measured[SHA384_SIZE];
static uint8_t measured_next[SHA384_SIZE];

static void measure(struct client *c)
{
	uint8_t data[SHA384_SIZE];
	struct body b;

	any_bytes(data, sizeof(data));
	memcpy(measured_next, measured, SHA384_SIZE);
	assert_int_equal(
		crypto_sha384_extend(measured_next, data, sizeof(data)), 0);
	b = derive(dpe_default_handle, RECURSIVE, 0x4d, 0, data);
	client_sends(c, CALIPTRA_CMD_INVOKE_DPE_ECC384, b.bytes, b.len);
}

static void has_measured(struct client *c, const struct answer *a)
{
	(void)c;
	assert_int_equal(dpe_status(a), 0);
	memcpy(measured, measured_next, SHA384_SIZE);
}

static void look_at_measured(struct client *c)
{
	assert_int_equal(get_tagged(TAG_MEASURED), 0);
	look_at(c, tagged_cumulative(), measured, measured_next, SHA384_SIZE);
}

/* Gives a context another handle, which nobody else knows. */
static uint8_t handle[DPE_HANDLE_SIZE];
static unsigned int lost;
static uint32_t next_type;

static void new_context(void)
{
	uint8_t data[SHA384_SIZE];
	struct body b;

	any_bytes(data, sizeof(data));
	b = derive(dpe_default_handle, RETAIN | MOVE, next_type++, THIRD, data);
	assert_int_equal(call_dpe(PL0, &b), 0);
	memcpy(handle, dpe_handle(&got), sizeof(handle));
}

static void turn(struct client *c)
{
	struct body b = rotate(handle);

	client_sends(c, CALIPTRA_CMD_INVOKE_DPE_ECC384, b.bytes, b.len);
}

static void has_turned(struct client *c, const struct answer *a)
{
	(void)c;
	assert_int_equal(dpe_status(a), 0);
	memcpy(handle, dpe_handle(a), sizeof(handle));
}

static void look_at_handle(struct client *c)
{
	struct body b = rotate(handle);
	uint32_t status = call_dpe(THIRD, &b);

	if (!status) {
		memcpy(handle, dpe_handle(&got), sizeof(handle));
		return;
	}
	expect(c->waiting, "the handle that was answered is lost");
	assert_int_equal(status, CALIPTRA_DPE_STATUS_INVALID_HANDLE);
	/* it has a new one, and nobody was told */
	unanswered_but_done++;
	lost++;
	new_context();
}

/* Stashes a measurement, which goes into PCR 31 and a context, and then tags that. */
static uint8_t stashed[SHA384_SIZE];
static unsigned int stashes;
static bool to_tag;

static void stash(struct client *c)
{
	struct extender *e = &extenders[PCR_STASH_MEASUREMENT];
	uint8_t body[4 + 48 + 48 + 4] = { 0 };
	struct body tag;

	if (to_tag) {
		tag = tag_default(TAG_STASHED + stashes);
		client_sends(c, CALIPTRA_CMD_DPE_TAG_TCI, tag.bytes, tag.len);
		return;
	}
	if (stashes == MAX_STASHED || any(50))
		return;
	any_bytes(stashed, SHA384_SIZE);
	wire_put_le32(body, next_type++);
	memcpy(body + 4, stashed, SHA384_SIZE);
	memcpy(e->next, e->value, SHA384_SIZE);
	assert_int_equal(crypto_sha384_extend(e->next, stashed, SHA384_SIZE),
			 0);
	client_sends(c, CALIPTRA_CMD_STASH_MEASUREMENT, body, sizeof(body));
}

static void has_stashed(struct client *c, const struct answer *a)
{
	expect_no_error(c, a);
	if (to_tag) {
		to_tag = false;
		stashes++;
		return;
	}
	/* dpe_result */
	assert_int_equal(wire_get_le32(a->data + 8), 0);
	extended(c, a);
	to_tag = true;
}

/* PCR 31 tells of the measurement, and the context that is now the default has it. */
static void look_at_stashed(struct client *c)
{
	struct extender *e = &extenders[PCR_STASH_MEASUREMENT];
	uint8_t before[SHA384_SIZE];
	struct body b;
	uint32_t error;

	if (c->waiting && to_tag) {
		error = get_tagged(TAG_STASHED + stashes);
		if (error)
			return;
		unanswered_but_done++;
	} else {
		memcpy(before, e->value, SHA384_SIZE);
		look_at_pcr(c);
		to_tag |= memcmp(before, e->value, SHA384_SIZE);
		if (!to_tag)
			return;
		b = tag_default(TAG_STASHED + stashes);
		call_well(PL0, CALIPTRA_CMD_DPE_TAG_TCI, b.bytes, b.len);
		assert_int_equal(get_tagged(TAG_STASHED + stashes), 0);
	}
	assert_memory_equal(tagged_current(), stashed, SHA384_SIZE);
	to_tag = false;
	stashes++;
}

static struct client clients[] = {
	{ "EXTEND_PCR 4", PL0, extend, extended, look_at_pcr, 4 },
	{ "EXTEND_PCR 17", PL1, extend, extended, look_at_pcr, 17 },
	{ "EXTEND_PCR 30", PL0, extend, extended, look_at_pcr, 30 },
	{ "INCREMENT_PCR_RESET_COUNTER", PL1, count, has_counted,
	  look_at_counter, 9 },
	{ "DeriveContext", PL1, measure, has_measured, look_at_measured },
	{ "RotateContextHandle", THIRD, turn, has_turned, look_at_handle },
	{ "STASH_MEASUREMENT", PL0, stash, has_stashed, look_at_stashed,
	  PCR_STASH_MEASUREMENT },
};

/* --- Registers --- */

static int register_fd;
static uint32_t written;
static bool writing;

static void send_register(uint16_t command, uint32_t offset, uint32_t value)
{
	uint8_t message[20];
	const uint32_t words[] = {
		REGISTER_PEER_MAGIC,
		REGISTER_PEER_VERSION | (uint32_t)command << 16,
		command == REGISTER_PEER_READ ? 4 : 8,
		CALIPTRA_SOC_IFC_REG_BASE + offset,
		value,
	};
	size_t len = put_words(message, words, COUNT(words));

	if (command == REGISTER_PEER_READ)
		len -= 4;
	assert_int_equal(send(register_fd, message, len, MSG_NOSIGNAL), len);
}

static void write_register(uint32_t offset, uint32_t value)
{
	uint8_t ack[12];

	send_register(REGISTER_PEER_WRITE, offset, value);
	assert_true(receive(register_fd, ack, sizeof(ack)));
}

static uint32_t read_register(uint32_t offset)
{
	uint8_t reply[16];

	send_register(REGISTER_PEER_READ, offset, 0);
	assert_true(receive(register_fd, reply, sizeof(reply)));
	return wire_get_le32(reply + 12);
}

static void write_next(void)
{
	send_register(REGISTER_PEER_WRITE, CPTRA_RSVD_REG, written + 1);
	writing = true;
}

static bool take_ack(void)
{
	uint8_t ack[12];

	if (!receive(register_fd, ack, sizeof(ack)))
		return false;
	writing = false;
	written++;
	answered++;
	return true;
}

static void look_at_register(void)
{
	uint32_t is = read_register(CPTRA_RSVD_REG);

	if (is != written) {
		expect(writing, "a register that was written is not");
		assert_int_equal(is, written + 1);
		unanswered_but_done++;
	}
	unanswered += writing;
	written = is;
	writing = false;
}

/* --- What never changes --- */

static uint8_t fmc_alias[P384_POINT_SIZE];
static uint8_t cdi_handle[DPE_CDI_HANDLE_SIZE];
static struct answer chain;
static struct answer signature;
static uint8_t boot_pcrs[PCR_COUNT * SHA384_SIZE];
static unsigned int epochs;

static void take_fmc_alias_key(void)
{
	const unsigned char *p = got.data + 12;
	uint8_t point[P384_POINT_SIZE];
	X509 *cert;

	call_well(PL0, CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CERT, NULL, 0);
	cert = d2i_X509(NULL, &p, wire_get_le32(got.data + 8));
	assert_non_null(cert);
	assert_int_equal(crypto_p384_point(X509_get0_pubkey(cert), point), 0);
	X509_free(cert);
	if (epochs)
		assert_memory_equal(point, fmc_alias, sizeof(point));
	memcpy(fmc_alias, point, sizeof(point));
}

/* All PCRs and counters, signed by a key that never changes. */
static void take_quote(void)
{
	struct ecdsa384_signature sig;
	uint8_t nonce[32];

	any_bytes(nonce, sizeof(nonce));
	call_well(PL0, CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce, sizeof(nonce));
	assert_int_equal(got.len, QUOTE_SIZE);
	memcpy(quote, got.data, QUOTE_SIZE);
	assert_memory_equal(quote + QUOTE_RESETS - 32, nonce, 32);
	memcpy(&sig, quote + QUOTE_R, sizeof(sig));
	assert_int_equal(crypto_ecdsa384_verify(fmc_alias, quote + QUOTE_DIGEST,
						&sig),
			 ECDSA384_GOOD);
}

static void get_chain(void)
{
	struct body b;

	begin_dpe(&b, CALIPTRA_DPE_COMMAND_GET_CERTIFICATE_CHAIN);
	put32(&b, 0);
	put32(&b, 2048);
	end_dpe(&b);
	assert_int_equal(call_dpe(PL0, &b), 0);
}

static void sign_with_cdi(void)
{
	uint8_t body[DPE_CDI_HANDLE_SIZE + SHA384_SIZE] = { 0 };

	memcpy(body, cdi_handle, sizeof(cdi_handle));
	call_well(PL0, CALIPTRA_CMD_SIGN_WITH_EXPORTED_ECDSA, body,
		  sizeof(body));
}

static void expect_same_answer(const struct answer *was)
{
	assert_int_equal(got.len, was->len);
	assert_memory_equal(got.data, was->data, got.len);
}

static void populate(void)
{
	uint8_t body[4 + 1024];

	wire_put_le32(body, 500);
	any_bytes(body + 4, 1024);
	call_well(PL0, CALIPTRA_CMD_POPULATE_IDEV_ECC384_CERT, body,
		  sizeof(body));
	get_chain();
	assert_memory_equal(got.data + 28, body + 4, 500);
	chain = got;
}

static void export_cdi(void)
{
	uint8_t data[SHA384_SIZE] = { 0 };
	struct body b =
		derive(dpe_default_handle, EXPORT | RETAIN, 0x45, 0, data);

	assert_int_equal(call_dpe(PL0, &b), 0);
	memcpy(cdi_handle, got.data + 12 + 44, sizeof(cdi_handle));
	sign_with_cdi();
	signature = got;
}

static void prepare_measuring(void)
{
	uint8_t data[SHA384_SIZE] = { 1 };
	struct body b = derive(dpe_default_handle,
			       RETAIN | MOVE | DEFAULT | MAY_RECUR, 0x4d, PL1,
			       data);

	assert_int_equal(call_dpe(PL0, &b), 0);
	b = tag_default(TAG_MEASURED);
	call_well(PL1, CALIPTRA_CMD_DPE_TAG_TCI, b.bytes, b.len);
	assert_int_equal(get_tagged(TAG_MEASURED), 0);
	memcpy(measured, tagged_cumulative(), SHA384_SIZE);
}

/* After a cold boot, of which all are alike. */
static void begin_epoch(void)
{
	uint32_t i;

	take_fmc_alias_key();
	take_quote();
	if (epochs)
		assert_memory_equal(pcr(0), boot_pcrs, sizeof(boot_pcrs));
	memcpy(boot_pcrs, pcr(0), sizeof(boot_pcrs));
	assert_int_not_equal(get_tagged(TAG_MEASURED), 0);
	for (i = 0; i < PCR_COUNT; i++) {
		memcpy(extenders[i].value, pcr(i), SHA384_SIZE);
		assert_int_equal(wire_get_le32(quote + QUOTE_RESETS + 4 * i),
				 0);
	}
	for (i = 0; i < COUNT(clients); i++)
		clients[i].waiting = false;
	assert_int_equal(read_register(CPTRA_RSVD_REG), 0);
	counted = written = lost = stashes = 0;
	writing = to_tag = false;
	next_type = 0x10000;
	write_register(CPTRA_MBOX_VALID_AXI_USER + 8, THIRD);
	write_register(CPTRA_MBOX_AXI_USER_LOCK + 8, 1);
	populate();
	prepare_measuring();
	export_cdi();
	new_context();
	epochs++;
}

/* Whatever was answered is there, and nothing of it is half there. */
static void look_at_all(void)
{
	uint32_t i;

	take_quote();
	for (i = 0; i < COUNT(clients); i++) {
		unanswered += clients[i].waiting;
		clients[i].look(&clients[i]);
		clients[i].waiting = false;
	}
	look_at_register();
	for (i = 0; i < PCR_COUNT; i++)
		assert_memory_equal(pcr(i), extenders[i].value, SHA384_SIZE);
	get_chain();
	expect_same_answer(&chain);
	sign_with_cdi();
	expect_same_answer(&signature);
}

/* --- Work --- */

static void connect_all(void)
{
	size_t i;

	own_fd = connect_to(SOCKET);
	register_fd = connect_to(REGISTERS);
	for (i = 0; i < COUNT(clients); i++)
		clients[i].fd = connect_to(SOCKET);
}

static void hang_up_all(void)
{
	size_t i;

	close(own_fd);
	close(register_fd);
	for (i = 0; i < COUNT(clients); i++)
		close(clients[i].fd);
}

static bool client_answered(struct client *c)
{
	static struct answer a;

	if (!take_answer(c->fd, &a))
		return false;
	c->done(c, &a);
	c->waiting = false;
	answered++;
	return true;
}

static void ask_all(void)
{
	size_t i;

	for (i = 0; i < COUNT(clients); i++)
		if (!clients[i].waiting)
			clients[i].ask(&clients[i]);
	if (!writing)
		write_next();
}

/* Take the answers that there are. */
static void take_answers(void)
{
	struct pollfd p[COUNT(clients) + 1];
	size_t i;

	for (i = 0; i < COUNT(clients); i++)
		p[i] = (struct pollfd){ clients[i].fd, POLLIN, 0 };
	p[i] = (struct pollfd){ register_fd, POLLIN, 0 };
	assert_int_not_equal(poll(p, COUNT(p), 1), -1);
	if (p[i].revents)
		assert_true(take_ack());
	for (i = 0; i < COUNT(clients); i++)
		if (p[i].revents)
			assert_true(client_answered(&clients[i]));
}

/* Until @ns are over. */
static void work(uint64_t ns)
{
	uint64_t end = device_now_ns() + ns;

	do {
		ask_all();
		take_answers();
	} while (device_now_ns() < end);
}

/* It has come to where it was to be stopped; not so where it waits for something. */
static bool stopped(void)
{
	uint64_t end = device_now_ns() + 20000000;
	int status;
	pid_t pid;

	do {
		pid = waitpid(program, &status, WNOHANG);
		assert_int_not_equal(pid, -1);
		if (pid) {
			assert_true(WIFSTOPPED(status));
			return true;
		}
	} while (device_now_ns() < end);
	return false;
}

/*
 * From one system call to the next, and then some instructions further: what is
 * interesting is in front of the answer and behind it, where the clock seldom hits.
 */
static void step(void)
{
	unsigned int calls = any(64);
	unsigned int steps = any(2) ? any(1000) : 0;

	if (ptrace(PTRACE_SEIZE, program, NULL, PTRACE_O_TRACESYSGOOD) ||
	    ptrace(PTRACE_INTERRUPT, program, NULL, NULL)) {
		fail_msg(
			"processes can not be traced here, and half of the kills are where that leads to");
	}
	if (!stopped())
		return;
	while (calls--)
		if (ptrace(PTRACE_SYSCALL, program, NULL, NULL) || !stopped())
			return;
	while (steps--)
		if (ptrace(PTRACE_SINGLESTEP, program, NULL, NULL) ||
		    !stopped())
			return;
}

/* What it has answered before it was killed. */
static void take_last_answers(void)
{
	size_t i;

	for (i = 0; i < COUNT(clients); i++)
		if (clients[i].waiting)
			client_answered(&clients[i]);
	if (writing)
		take_ack();
}

static void kill_at_work(void)
{
	work(any(20000000));
	if (any(2)) {
		ask_all();
		step();
	}
	kill_it();
	take_last_answers();
}

static bool worn_out(void)
{
	return stashes == MAX_STASHED || lost == MAX_LOST || !any(40);
}

static void killed(void **unused)
{
	uint64_t begin = device_now_ns();
	unsigned int kills = 0;

	(void)unused;
	start_it();
	connect_all();
	begin_epoch();
	starting_ns = 0;
	while (kills < times) {
		bool stop = worn_out();

		kills += !stop;
		alarm(5 * PATIENCE_MS / 1000);
		if (stop)
			stop_it();
		else
			kill_at_work();
		hang_up_all();
		start_it();
		connect_all();
		if (stop)
			begin_epoch();
		else
			look_at_all();
	}
	stop_it();
	hang_up_all();
	print_message(
		"killed %u times in %u s; a start took %u ms; %u cold boots; %u commands answered, %u not, of which %u were done\n",
		times, (unsigned int)((device_now_ns() - begin) / 1000000000),
		(unsigned int)(starting_ns /
			       ((times + epochs) * UINT64_C(1000000))),
		epochs, answered, unanswered, unanswered_but_done);
}

/* --- What it goes on with, and what it does not --- */

#define CONTROL "control"

static const char *const with_control[] = {
	"--state", "device",	"--socket", SOCKET, "--register-socket",
	REGISTERS, "--control", CONTROL,    NULL
};

static const char *const with_hold[] = {
	"--state", "device",	"--socket", SOCKET,   "--register-socket",
	REGISTERS, "--control", CONTROL,    "--hold", "firmware",
	NULL
};

static void start_with(const char *const *words)
{
	program = start_program(words, &output);
	register_fd = connect_to(REGISTERS);
	own_fd = connect_to(SOCKET);
}

static void die(void)
{
	int status;

	kill(program, SIGKILL);
	assert_int_equal(waitpid(program, &status, 0), program);
	close(own_fd);
	close(register_fd);
	close(output);
}

static uint32_t flow_status(void)
{
	return read_register(CPTRA_FLOW_STATUS);
}

static bool in_rom(void)
{
	return (flow_status() & CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING) &&
	       !(flow_status() & CPTRA_FLOW_STATUS_READY_FOR_RUNTIME);
}

static void ask_control(const char *a, const char *b, const char *c)
{
	char text[100];

	assert_int_equal(RUN(text, "ctl", "--control", CONTROL, a, b, c), 0);
	assert_string_equal(text, "ok\n");
}

/* What it said since it was started. */
static void expect_said(const char *what)
{
	char text[1000];
	ssize_t n;

	wait_until_ready(output, POLLIN);
	n = read(output, text, sizeof(text) - 1);
	assert_in_range(n, 1, sizeof(text) - 1);
	text[n] = '\0';
	assert_contains(text, what);
}

/* What the SoC was last asked to hold is what it holds. */
static void holds_as_before(void **unused)
{
	(void)unused;
	start_with(with_control);
	assert_false(in_rom());
	ask_control("reset", "cold", "firmware");
	assert_true(in_rom());
	die();
	start_with(with_control);
	assert_true(in_rom());
	ask_control("reset", "warm", NULL);
	die();
	start_with(with_control);
	ask_control("reset", "cold", NULL);
	assert_false(in_rom());
	die();
	start_with(with_control);
	assert_false(in_rom());
	die();
}

static void errors_are_kept(void **unused)
{
	(void)unused;
	start_with(with_control);
	ask_control("fault", "fatal", "0x1234");
	die();
	start_with(with_control);
	assert_int_equal(read_register(CPTRA_FW_ERROR_FATAL), 0x1234);
	ask_control("reset", "cold", NULL);
	die();
}

static void other_options(void **unused)
{
	(void)unused;
	start_with(with_control);
	write_register(CPTRA_RSVD_REG, 1);
	die();
	start_with(with_hold);
	expect_said("started with other options");
	assert_true(in_rom());
	assert_int_equal(read_register(CPTRA_RSVD_REG), 0);
	die();
}

static void damaged(void **unused)
{
	int fd;

	(void)unused;
	start_with(with_control);
	write_register(CPTRA_RSVD_REG, 1);
	die();
	fd = open("device/running", O_WRONLY);
	assert_int_equal(pwrite(fd, "x", 1, 1000), 1);
	close(fd);
	start_with(with_control);
	expect_said("is damaged");
	assert_int_equal(read_register(CPTRA_RSVD_REG), 0);
	die();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed),
		cmocka_unit_test(holds_as_before),
		cmocka_unit_test(errors_are_kept),
		cmocka_unit_test(other_options),
		cmocka_unit_test(damaged),
	};

	seed = (uint32_t)device_now_ns();
	if (argc > 1)
		times = (unsigned int)strtoul(argv[1], NULL, 0);
	if (argc > 2)
		seed = (uint32_t)strtoul(argv[2], NULL, 0);
	if (!times) {
		fputs("usage: kill [TIMES [SEED]]\n", stderr);
		return 2;
	}
	printf("# kill %u %u\n", times, seed);
	return cmocka_run_group_tests(tests, enter_test_folder,
				      leave_test_folder);
}
