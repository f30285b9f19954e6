// SPDX-License-Identifier: GPL-2.0-only
/*
 * TPM 2.0 commands for those who use PCRs, on a Caliptra's PCRs. Everything else is
 * answered with TPM_RC_COMMAND_CODE: there are no keys, no sessions and no memory.
 *
 * Sources: TCG Trusted Platform Module Library, Part 1 (11.4.5, 18), Part 2 (6.5, 6.6, 6.9,
 * 6.12, 6.13, 8.9, 10) and Part 3 (5, 9 to 11, 16, 22, 30). Numbers are big-endian.
 */
#include <crypto/hash.h>
#include <linux/bits.h>
#include <linux/delay.h>
#include <linux/string.h>

#include "api-commands.h"
#include "tpm.h"

#define TIMEOUT_MS 2000

/*
 * IMA lists what it could not extend all the same, and does not try again; so that waits
 * as long as an update of the firmware may take. But a device that does not answer holds
 * it up only once.
 */
#define EXTEND_TIMEOUT_MS 10000

/* How often, and when, to ask whether self-tests have passed. */
#define TEST_TRIES	 100
#define TEST_INTERVAL_MS 20

/* TPM_ST */
#define ST_RSP_COMMAND 0x00c4
#define ST_NO_SESSIONS 0x8001
#define ST_SESSIONS    0x8002

/* TPM_CC */
#define CC_PCR_EVENT	  0x13c
#define CC_SELF_TEST	  0x143
#define CC_STARTUP	  0x144
#define CC_SHUTDOWN	  0x145
#define CC_GET_CAPABILITY 0x17a
#define CC_GET_RANDOM	  0x17b
#define CC_PCR_READ	  0x17e
#define CC_PCR_EXTEND	  0x182

/* TPMA_CC */
#define CC_NV	      BIT(22)
#define CC_ONE_HANDLE BIT(25)
#define CC_INDEX      GENMASK(15, 0)

/* TPM_RC, and which parameter, handle or session it is about */
#define RC_SUCCESS	0
#define RC_BAD_TAG	0x01e
#define RC_VALUE	0x084
#define RC_HASH		0x083
#define RC_SIZE		0x095
#define RC_INSUFFICIENT 0x09a
#define RC_BAD_AUTH	0x0a2
#define RC_INITIALIZE	0x100
#define RC_FAILURE	0x101
#define RC_AUTH_MISSING 0x125
#define RC_COMMAND_SIZE 0x142
#define RC_COMMAND_CODE 0x143
#define RC_AUTHSIZE	0x144
#define RC_AUTH_CONTEXT 0x145
#define RC_LOCALITY	0x907
#define RC_REFERENCE_S0 0x918
#define RC_P(n)		(0x040 | (n) << 8)
#define RC_H(n)		((n) << 8)
#define RC_S(n)		(0x800 | (n) << 8)

#define RH_NULL 0x40000007
#define RS_PW	0x40000009

/* TPMA_SESSION */
#define SA_CONTINUE_SESSION BIT(0)

#define ALG_SHA384  0x000c
/* TPMA_ALGORITHM */
#define ALG_IS_HASH BIT(2)

/* TPM_SU */
#define SU_CLEAR 0
#define SU_STATE 1

/* TPM_CAP */
#define CAP_ALGS	   0
#define CAP_HANDLES	   1
#define CAP_COMMANDS	   2
#define CAP_PCRS	   5
#define CAP_TPM_PROPERTIES 6

/* TPM_HT of a handle is its first byte; that of PCRs is 0. */
#define HANDLE_TYPE(handle) ((handle) >> 24)

/* TPM_PT */
#define PT_FIXED 0x100
#define PT_VAR	 0x200

#define HEADER_SIZE	10
#define PCR_SELECT_SIZE (TPM_PCRS / 8)
#define MAX_EVENT	1024

/* So many digests are in a TPML_DIGEST at most. */
#define MAX_DIGESTS 8

/* Of the device's PCRs those before belong to its firmware. */
#define FIRST_WRITABLE 4

/**
 * struct call - a command and its response
 * @t: whose
 * @in: what is left of the command
 * @left: bytes of it
 * @pcr: its handle, where it has one
 * @len: bytes of the response so far
 */
struct call {
	struct caliptra_tpm *t;
	const u8 *in;
	size_t left;
	u32 pcr;
	size_t len;
};

/**
 * struct command - a command that there is
 * @attrs: TPMA_CC
 * @run: answers it: TPM_RC, or an error where the device gives no answer
 */
struct command {
	u32 attrs;
	int (*run)(struct call *c);
};

/* --- Reading and writing; who reads too much gets false --- */

static bool get(struct call *c, void *data, size_t len)
{
	if (c->left < len)
		return false;
	if (data)
		memcpy(data, c->in, len);
	c->in += len;
	c->left -= len;
	return true;
}

static bool get8(struct call *c, u8 *value)
{
	return get(c, value, sizeof(*value));
}

static bool get16(struct call *c, u16 *value)
{
	__be16 be;

	if (!get(c, &be, sizeof(be)))
		return false;
	*value = be16_to_cpu(be);
	return true;
}

static bool get32(struct call *c, u32 *value)
{
	__be32 be;

	if (!get(c, &be, sizeof(be)))
		return false;
	*value = be32_to_cpu(be);
	return true;
}

/* The longest response is a tenth of what there is room for. */
static void put(struct call *c, const void *data, size_t len)
{
	if (WARN_ON_ONCE(len > TPM_MAX_SIZE - c->len))
		return;
	memcpy(c->t->rsp + c->len, data, len);
	c->len += len;
}

static void put8(struct call *c, u8 value)
{
	put(c, &value, sizeof(value));
}

static void put16(struct call *c, u16 value)
{
	__be16 be = cpu_to_be16(value);

	put(c, &be, sizeof(be));
}

static void put32(struct call *c, u32 value)
{
	__be32 be = cpu_to_be32(value);

	put(c, &be, sizeof(be));
}

static int missing(unsigned int parameter)
{
	return RC_INSUFFICIENT | RC_P(parameter);
}

/* --- Starting and stopping, which the device does without us --- */

/* Its ROM and firmware have started it, or it would not answer. */
static int start_up(struct call *c)
{
	u16 type;

	if (!get16(c, &type))
		return missing(1);
	if (type != SU_CLEAR && type != SU_STATE)
		return RC_VALUE | RC_P(1);
	return c->left ? RC_SIZE : RC_INITIALIZE;
}

/* What is to be kept the device keeps. */
static int shut_down(struct call *c)
{
	u16 type;

	if (!get16(c, &type))
		return missing(1);
	if (type != SU_CLEAR && type != SU_STATE)
		return RC_VALUE | RC_P(1);
	return c->left ? RC_SIZE : RC_SUCCESS;
}

/* The firmware does so when it has answered, and answers no more if one fails. */
static int test_all(struct caliptra_dev *cd)
{
	struct caliptra_self_test_start_resp rsp;
	unsigned int tries;
	size_t len;
	int ret;

	ret = caliptra_command(cd, CALIPTRA_SELF_TEST_START, NULL, 0, &rsp,
			       sizeof(rsp), &len, TIMEOUT_MS);
	/* refused where somebody else has asked for them, and they are running */
	for (tries = 0; ret == -EREMOTEIO || !ret; tries++) {
		ret = caliptra_command(cd, CALIPTRA_SELF_TEST_GET_RESULTS, NULL,
				       0, &rsp, sizeof(rsp), &len, TIMEOUT_MS);
		if (ret != -EREMOTEIO || tries == TEST_TRIES)
			break;
		msleep(TEST_INTERVAL_MS);
	}
	return ret;
}

/* One that has not tested itself does not answer at all, so there is only all of it. */
static int self_test(struct call *c)
{
	u8 full;

	if (!get8(c, &full))
		return missing(1);
	if (full > 1)
		return RC_VALUE | RC_P(1);
	if (c->left)
		return RC_SIZE;
	return full ? test_all(c->t->cd) : RC_SUCCESS;
}

static int get_random(struct call *c)
{
	u8 bytes[CALIPTRA_PCR_SIZE]; /* the longest digest, as the specification has it */
	u16 len;
	int ret;

	if (!get16(c, &len))
		return missing(1);
	if (c->left)
		return RC_SIZE;
	len = min_t(u16, len, sizeof(bytes));
	ret = len ? caliptra_get_random(c->t->cd, bytes, len, TIMEOUT_MS) : 0;
	if (!ret) {
		put16(c, len);
		put(c, bytes, len);
	}
	memzero_explicit(bytes, sizeof(bytes));
	return ret;
}

/* --- PCRs --- */

static bool is_allocated(const struct caliptra_tpm *t, unsigned int pcr)
{
	return pcr < t->pcr_count;
}

static void put_select(struct call *c, u32 selected)
{
	unsigned int i;

	put16(c, ALG_SHA384);
	put8(c, PCR_SELECT_SIZE);
	for (i = 0; i < PCR_SELECT_SIZE; i++)
		put8(c, selected >> 8 * i);
}

/* TPMS_PCR_SELECTION; PCRs that there are not are none. */
static int get_select(struct call *c, u32 *selected)
{
	u16 alg;
	u8 size, byte;
	unsigned int i;

	if (!get16(c, &alg))
		return missing(1);
	if (alg != ALG_SHA384)
		return RC_HASH | RC_P(1);
	if (!get8(c, &size))
		return missing(1);
	if (size < 3 || size > PCR_SELECT_SIZE)
		return RC_VALUE | RC_P(1);
	for (i = 0; i < size; i++) {
		if (!get8(c, &byte))
			return missing(1);
		*selected |= (u32)byte << 8 * i;
	}
	return RC_SUCCESS;
}

/* The first of those that are asked for, as many as there is room for. */
static u32 choose(const struct caliptra_tpm *t, u32 asked, unsigned int *count)
{
	u32 chosen = 0;
	unsigned int i;

	*count = 0;
	for (i = 0; i < TPM_PCRS && *count < MAX_DIGESTS; i++) {
		if (!(asked & BIT(i)) || !is_allocated(t, i))
			continue;
		chosen |= BIT(i);
		++*count;
	}
	return chosen;
}

static int pcr_read(struct call *c)
{
	struct caliptra_tpm *t = c->t;
	u32 selections, chosen, asked = 0;
	unsigned int i, count;
	int rc;

	if (!get32(c, &selections))
		return missing(1);
	/* there is one bank */
	if (selections > 1)
		return RC_SIZE | RC_P(1);
	rc = selections ? get_select(c, &asked) : RC_SUCCESS;
	if (rc)
		return rc;
	if (c->left)
		return RC_SIZE;
	chosen = choose(t, asked, &count);
	if (count) {
		rc = caliptra_read_pcrs(t->cd, t->values, TIMEOUT_MS);
		if (rc)
			return rc;
	}
	put32(c, t->updates);
	put32(c, selections);
	if (selections)
		put_select(c, chosen);
	put32(c, count);
	for (i = 0; i < TPM_PCRS; i++) {
		if (!(chosen & BIT(i)))
			continue;
		put16(c, CALIPTRA_PCR_SIZE);
		put(c, t->values[t->pcrs[i]], CALIPTRA_PCR_SIZE);
	}
	return RC_SUCCESS;
}

static int extend(struct call *c, const u8 digest[CALIPTRA_PCR_SIZE])
{
	struct caliptra_tpm *t = c->t;
	int ret;

	/* as PCRs of a TPM that only its platform's firmware may extend */
	if (t->pcrs[c->pcr] < FIRST_WRITABLE)
		return RC_LOCALITY;
	ret = caliptra_extend_pcr(t->cd, t->pcrs[c->pcr], digest,
				  t->impatient ? TIMEOUT_MS :
						 EXTEND_TIMEOUT_MS);
	t->impatient = ret == -ETIMEDOUT;
	if (!ret)
		t->updates++;
	return ret;
}

static int pcr_extend(struct call *c)
{
	u8 digest[CALIPTRA_PCR_SIZE];
	u32 count;
	u16 alg;

	if (!get32(c, &count))
		return missing(1);
	/* there is one bank */
	if (count > 1)
		return RC_SIZE | RC_P(1);
	if (count) {
		if (!get16(c, &alg))
			return missing(1);
		if (alg != ALG_SHA384)
			return RC_HASH | RC_P(1);
		if (!get(c, digest, sizeof(digest)))
			return missing(1);
	}
	if (c->left)
		return RC_SIZE;
	return count && c->pcr != RH_NULL ? extend(c, digest) : RC_SUCCESS;
}

static int pcr_event(struct call *c)
{
	u8 digest[CALIPTRA_PCR_SIZE];
	u16 len;
	int ret;

	if (!get16(c, &len))
		return missing(1);
	if (len > MAX_EVENT)
		return RC_SIZE | RC_P(1);
	if (c->left < len)
		return missing(1);
	if (c->left > len)
		return RC_SIZE;
	ret = crypto_shash_tfm_digest(c->t->sha384, c->in, len, digest);
	if (!ret && c->pcr != RH_NULL)
		ret = extend(c, digest);
	if (ret)
		return ret;
	put32(c, 1);
	put16(c, ALG_SHA384);
	put(c, digest, sizeof(digest));
	return RC_SUCCESS;
}

/* --- What there is --- */

static int get_capability(struct call *c);

/* In the order of their codes. */
static const struct command commands[] = {
	{ CC_PCR_EVENT | CC_NV | CC_ONE_HANDLE, pcr_event },
	{ CC_SELF_TEST, self_test },
	{ CC_STARTUP, start_up },
	{ CC_SHUTDOWN, shut_down },
	{ CC_GET_CAPABILITY, get_capability },
	{ CC_GET_RANDOM, get_random },
	{ CC_PCR_READ, pcr_read },
	{ CC_PCR_EXTEND | CC_NV | CC_ONE_HANDLE, pcr_extend },
};

static u32 code_of(const struct command *command)
{
	return command->attrs & CC_INDEX;
}

static bool is_there(const struct caliptra_tpm *t,
		     const struct command *command)
{
	return code_of(command) != CC_GET_RANDOM || t->has_random;
}

static u32 command_count(const struct caliptra_tpm *t)
{
	u32 i, count = 0;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		count += is_there(t, &commands[i]);
	return count;
}

#define FOUR(a, b, c, d) ((u32)(a) << 24 | (b) << 16 | (c) << 8 | (d))

/**
 * struct property - TPMS_TAGGED_PROPERTY
 * @tag: TPM_PT
 * @value: its value, where nothing else says it
 * @ask: says it
 */
struct property {
	u32 tag;
	u32 value;
	u32 (*ask)(const struct caliptra_tpm *t);
};

static u32 pcr_count(const struct caliptra_tpm *t)
{
	return t->pcr_count;
}

static u32 hw_rev_id(const struct caliptra_tpm *t)
{
	return t->hw_rev_id;
}

/* In the order of their tags. "CPTR" is in no registry of TCG's. */
static const struct property properties[] = {
	{ PT_FIXED + 0, FOUR('2', '.', '0', 0) }, /* FAMILY_INDICATOR */
	{ PT_FIXED + 1, 0 }, /* LEVEL */
	{ PT_FIXED + 2, 159 }, /* REVISION: 1.59 */
	{ PT_FIXED + 3, 312 }, /* DAY_OF_YEAR, YEAR: of that */
	{ PT_FIXED + 4, 2019 },
	{ PT_FIXED + 5, FOUR('C', 'P', 'T', 'R') }, /* MANUFACTURER */
	{ PT_FIXED + 6, FOUR('C', 'a', 'l', 'i') }, /* VENDOR_STRING_1 to _4 */
	{ PT_FIXED + 7, FOUR('p', 't', 'r', 'a') },
	{ PT_FIXED + 8, FOUR(' ', 'P', 'C', 'R') },
	{ PT_FIXED + 9, FOUR('s', 0, 0, 0) },
	{ PT_FIXED + 10, 0 }, /* VENDOR_TPM_TYPE */
	{ PT_FIXED + 11, 0, hw_rev_id }, /* FIRMWARE_VERSION_1 and _2 */
	{ PT_FIXED + 12, 0 },
	{ PT_FIXED + 13, MAX_EVENT }, /* INPUT_BUFFER */
	{ PT_FIXED + 18, 0, pcr_count }, /* PCR_COUNT */
	{ PT_FIXED + 19, PCR_SELECT_SIZE }, /* PCR_SELECT_MIN */
	{ PT_FIXED + 30, TPM_MAX_SIZE }, /* MAX_COMMAND_SIZE */
	{ PT_FIXED + 31, TPM_MAX_SIZE }, /* MAX_RESPONSE_SIZE */
	{ PT_FIXED + 32, CALIPTRA_PCR_SIZE }, /* MAX_DIGEST */
	{ PT_FIXED + 41, 0, command_count }, /* TOTAL_COMMANDS */
	{ PT_FIXED + 42, 0, command_count }, /* LIBRARY_COMMANDS */
	{ PT_FIXED + 43, 0 }, /* VENDOR_COMMANDS */
	{ PT_VAR + 0, 0 }, /* PERMANENT */
	{ PT_VAR + 1, 0 }, /* STARTUP_CLEAR */
	{ PT_VAR + 3, 0 }, /* HR_LOADED */
};

/**
 * struct capability - TPML of a capability, being written
 * @first: the first that is asked for
 * @most: how many more may be written
 * @count: how many were
 * @count_at: where in the response that is to stand
 * @more: there would be more
 */
struct capability {
	u32 first;
	u32 most;
	u32 count;
	size_t count_at;
	bool more;
};

/* True where the next one, with this number, is to be written. */
static bool wanted(struct capability *cap, u32 number)
{
	if (number < cap->first)
		return false;
	if (!cap->most) {
		cap->more = true;
		return false;
	}
	cap->most--;
	cap->count++;
	return true;
}

static void put_algs(struct call *c, struct capability *cap)
{
	if (!wanted(cap, ALG_SHA384))
		return;
	put16(c, ALG_SHA384);
	put32(c, ALG_IS_HASH);
}

/* Of no other type there are any. */
static void put_handles(struct call *c, struct capability *cap)
{
	u32 i;

	if (HANDLE_TYPE(cap->first))
		return;
	for (i = 0; i < c->t->pcr_count; i++)
		if (wanted(cap, i))
			put32(c, i);
}

static void put_commands(struct call *c, struct capability *cap)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (is_there(c->t, &commands[i]) &&
		    wanted(cap, code_of(&commands[i])))
			put32(c, commands[i].attrs);
}

static void put_pcrs(struct call *c, struct capability *cap)
{
	/* the bank's place, and there is no other */
	if (wanted(cap, cap->first))
		put_select(c, GENMASK(c->t->pcr_count - 1, 0));
}

static void put_properties(struct call *c, struct capability *cap)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(properties); i++) {
		const struct property *p = &properties[i];

		if (!wanted(cap, p->tag))
			continue;
		put32(c, p->tag);
		put32(c, p->ask ? p->ask(c->t) : p->value);
	}
}

static int get_capability(struct call *c)
{
	struct capability cap = {};
	__be32 be;
	u32 which;

	if (!get32(c, &which))
		return missing(1);
	if (!get32(c, &cap.first))
		return missing(2);
	if (!get32(c, &cap.most))
		return missing(3);
	if (c->left)
		return RC_SIZE;
	if (which == CAP_PCRS && cap.first)
		return RC_VALUE | RC_P(2);

	put8(c, 0);
	put32(c, which);
	cap.count_at = c->len;
	put32(c, 0);
	switch (which) {
	case CAP_ALGS:
		put_algs(c, &cap);
		break;
	case CAP_HANDLES:
		put_handles(c, &cap);
		break;
	case CAP_COMMANDS:
		put_commands(c, &cap);
		break;
	case CAP_PCRS:
		put_pcrs(c, &cap);
		break;
	case CAP_TPM_PROPERTIES:
		put_properties(c, &cap);
		break;
	default:
		return RC_VALUE | RC_P(1);
	}
	be = cpu_to_be32(cap.count);
	memcpy(c->t->rsp + cap.count_at, &be, sizeof(be));
	c->t->rsp[cap.count_at - 5] = cap.more;
	return RC_SUCCESS;
}

/* --- A command, from its header to its response --- */

/* The authorization of a PCR: its password, which is empty. */
static int authorize(struct call *c)
{
	struct call auth = *c;
	u32 size, handle;
	u16 len;

	if (!get32(c, &size))
		return RC_AUTHSIZE;
	auth.in = c->in;
	auth.left = size;
	if (size < 9 || !get(c, NULL, size))
		return RC_AUTHSIZE;
	get32(&auth, &handle);
	if (handle != RS_PW)
		return RC_REFERENCE_S0;
	/* nonce, attributes, password */
	if (!get16(&auth, &len) || !get(&auth, NULL, len) ||
	    !get(&auth, NULL, 1) || !get16(&auth, &len) || len > auth.left)
		return RC_AUTHSIZE;
	if (len)
		return RC_BAD_AUTH | RC_S(1);
	/* there is one handle that it could be for */
	return auth.left ? RC_AUTH_CONTEXT : RC_SUCCESS;
}

static int get_handle(struct call *c)
{
	if (!get32(c, &c->pcr))
		return RC_INSUFFICIENT | RC_H(1);
	if (c->pcr == RH_NULL)
		return RC_SUCCESS;
	return is_allocated(c->t, c->pcr) ? RC_SUCCESS : RC_VALUE | RC_H(1);
}

static int run(struct call *c, const struct command *command, bool sessions)
{
	size_t size_at = c->len;
	__be32 be;
	int rc;

	if (!(command->attrs & CC_ONE_HANDLE))
		return sessions ? RC_AUTH_CONTEXT : command->run(c);
	rc = get_handle(c);
	if (rc)
		return rc;
	if (!sessions)
		return RC_AUTH_MISSING;
	rc = authorize(c);
	if (rc)
		return rc;
	put32(c, 0);
	rc = command->run(c);
	if (rc)
		return rc;
	be = cpu_to_be32(c->len - size_at - sizeof(be));
	memcpy(c->t->rsp + size_at, &be, sizeof(be));
	put16(c, 0);
	put8(c, SA_CONTINUE_SESSION);
	put16(c, 0);
	return RC_SUCCESS;
}

static const struct command *find(const struct caliptra_tpm *t, u32 code)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (code_of(&commands[i]) == code && is_there(t, &commands[i]))
			return &commands[i];
	return NULL;
}

static int execute(struct call *c, bool *sessions)
{
	const struct command *command;
	size_t len = c->left;
	u16 tag;
	u32 size, code;

	if (!get16(c, &tag))
		return RC_COMMAND_SIZE;
	if (tag != ST_NO_SESSIONS && tag != ST_SESSIONS)
		return RC_BAD_TAG;
	if (!get32(c, &size) || size != len || !get32(c, &code))
		return RC_COMMAND_SIZE;
	command = find(c->t, code);
	if (!command)
		return RC_COMMAND_CODE;
	*sessions = tag == ST_SESSIONS;
	return run(c, command, *sessions);
}

/* What the firmware refuses, a TPM would say of itself. */
static int to_rc(int ret)
{
	return ret == -EREMOTEIO ? RC_FAILURE : ret;
}

/**
 * caliptra_tpm_execute() - answer a command
 * @t: whose; its @rsp and @rsp_len are the response where there is no error
 * @cmd: the command
 * @len: its length, at most TPM_MAX_SIZE
 *
 * One at a time. Context: may sleep.
 *
 * Return: 0, or the error of a device that does not answer.
 */
int caliptra_tpm_execute(struct caliptra_tpm *t, const u8 *cmd, size_t len)
{
	struct call c = { .t = t, .in = cmd, .left = len, .len = HEADER_SIZE };
	bool sessions = false;
	size_t end;
	int rc;

	rc = to_rc(execute(&c, &sessions));
	if (rc < 0)
		return rc;
	end = rc ? HEADER_SIZE : c.len;
	c.len = 0;
	if (rc == RC_BAD_TAG)
		put16(&c, ST_RSP_COMMAND);
	else
		put16(&c, sessions && !rc ? ST_SESSIONS : ST_NO_SESSIONS);
	put32(&c, end);
	put32(&c, rc);
	t->rsp_len = end;
	return 0;
}
