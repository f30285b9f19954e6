// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Commands of a TPM (TPM 2.0 Library, parts 2 and 3), as swtpm takes them at its
 * data socket: one at a time, without sessions and with the empty password. See
 * rot.h.
 */
#include "rot.h"

#include <string.h>
#include <tss2/tss2_tpm2_types.h>

#define PCR	 16 /* for debugging: anybody may extend it */
#define PCR_SIZE 48

#define RESPONSE_HEADER 10

static size_t response_size(const uint8_t *answer)
{
	return (size_t)answer[2] << 24 | (size_t)answer[3] << 16 |
	       (size_t)answer[4] << 8 | answer[5];
}

static bool is_success(const uint8_t *answer, uint32_t unused)
{
	(void)unused;
	return !(answer[6] | answer[7] | answer[8] | answer[9]);
}

static void put16(struct line *line, uint16_t value)
{
	line->request[line->len++] = (uint8_t)(value >> 8);
	line->request[line->len++] = (uint8_t)value;
}

static void put32(struct line *line, uint32_t value)
{
	put16(line, (uint16_t)(value >> 16));
	put16(line, (uint16_t)value);
}

static void put_bytes(struct line *line, const void *bytes, size_t len)
{
	memcpy(line->request + line->len, bytes, len);
	line->len += len;
}

/* A command of one handle, whose authorization is an empty password. */
static struct line begin(int fd, uint32_t code, uint32_t handle)
{
	struct line line = {
		.fd = fd,
		.head = RESPONSE_HEADER,
		.size = response_size,
		.good = is_success,
	};

	put16(&line, TPM2_ST_SESSIONS);
	put32(&line, 0);
	put32(&line, code);
	put32(&line, handle);
	put32(&line, 9);
	put32(&line, TPM2_RH_PW);
	put16(&line, 0);
	line.request[line.len++] = 0;
	put16(&line, 0);
	return line;
}

/* The length is known now. */
static void end(struct line *line)
{
	size_t len = line->len;

	line->len = 2;
	put32(line, (uint32_t)len);
	line->len = len;
}

struct line tpm_extend(int fd)
{
	static const uint8_t digest[PCR_SIZE];
	struct line line = begin(fd, TPM2_CC_PCR_Extend, PCR);

	put32(&line, 1);
	put16(&line, TPM2_ALG_SHA384);
	put_bytes(&line, digest, sizeof(digest));
	end(&line);
	return line;
}

/* All 24 PCRs. */
struct line tpm_quote(int fd, uint32_t key)
{
	static const uint8_t nonce[32] = { 1 };
	static const uint8_t pcrs[] = { 3, 0xff, 0xff, 0xff };
	struct line line = begin(fd, TPM2_CC_Quote, key);

	put16(&line, sizeof(nonce));
	put_bytes(&line, nonce, sizeof(nonce));
	put16(&line, TPM2_ALG_NULL);
	put32(&line, 1);
	put16(&line, TPM2_ALG_SHA384);
	put_bytes(&line, pcrs, sizeof(pcrs));
	end(&line);
	return line;
}

/* TPMT_PUBLIC of a restricted key for ECDSA with P-384 and SHA-384. */
static void put_public(struct line *line)
{
	put16(line, TPM2_ALG_ECC);
	put16(line, TPM2_ALG_SHA384);
	put32(line, TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			    TPMA_OBJECT_SENSITIVEDATAORIGIN |
			    TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
			    TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_SIGN_ENCRYPT);
	put16(line, 0); /* no policy */
	put16(line, TPM2_ALG_NULL);
	put16(line, TPM2_ALG_ECDSA);
	put16(line, TPM2_ALG_SHA384);
	put16(line, TPM2_ECC_NIST_P384);
	put16(line, TPM2_ALG_NULL);
	put16(line, 0); /* x and y */
	put16(line, 0);
}

uint32_t tpm_create_key(int fd)
{
	struct line line = begin(fd, TPM2_CC_CreatePrimary, TPM2_RH_OWNER);
	struct line public = { 0 };
	uint8_t answer[MAX_ANSWER];

	put_public(&public);
	put16(&line, 4); /* no password, no data */
	put32(&line, 0);
	put16(&line, (uint16_t)public.len);
	put_bytes(&line, public.request, public.len);
	put16(&line, 0); /* nothing from outside */
	put32(&line, 0); /* no PCRs */
	end(&line);
	line_ask(&line, answer);
	return (uint32_t)answer[10] << 24 | (uint32_t)answer[11] << 16 |
	       (uint32_t)answer[12] << 8 | answer[13];
}
