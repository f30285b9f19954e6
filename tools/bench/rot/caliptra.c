// SPDX-License-Identifier: GPL-2.0-or-later
/* Commands of the software Caliptra, in the protocol of peer.h. See rot.h. */
#include "rot.h"

#include <caliptra/caliptra.h>
#include <caliptra/core.h>
#include <caliptra/dpe.h>

#include "peer.h"
#include "wire.h"

#define DATA_READY 1 /* MBOX_STATUS.status */

#define REQUEST_FIXED (PEER_HEADER_SIZE + PEER_EXECUTE_TAGGED_FIXED)
#define ANSWER_FIXED  (PEER_HEADER_SIZE + PEER_RESPONSE_TAGGED_FIXED)

#define DPE_COMMAND_MAGIC 0x44504543u /* DPEC */
#define DPE_HANDLE_SIZE	  16
#define DPE_LABEL_SIZE	  48
#define DIGEST_SIZE	  48

#define HELLO_REPLY_SIZE (PEER_HEADER_SIZE + PEER_HELLO_REPLY_SIZE)
#define HELLO_USER	 (PEER_HEADER_SIZE + 20)

static size_t message_size(const uint8_t *message)
{
	return PEER_HEADER_SIZE + (size_t)wire_get_le32(message + 8);
}

static void set_number(uint8_t *request, uint32_t number)
{
	wire_put_le32(request + PEER_HEADER_SIZE, number);
}

static bool is_answer(const uint8_t *answer, uint32_t number)
{
	return wire_get_le32(answer) == PEER_MAGIC &&
	       wire_get_le32(answer + 4) >> 16 == PEER_RESPONSE_TAGGED &&
	       wire_get_le32(answer + PEER_HEADER_SIZE) == number &&
	       wire_get_le32(answer + PEER_HEADER_SIZE + 4) == DATA_READY;
}

/* After checksum, FIPS status, length and its own magic number, the DPE's status. */
static bool is_dpe_answer(const uint8_t *answer, uint32_t number)
{
	return is_answer(answer, number) &&
	       message_size(answer) >= ANSWER_FIXED + 20 &&
	       !wire_get_le32(answer + ANSWER_FIXED + 16);
}

static void put_header(uint8_t *message, uint32_t command, size_t len)
{
	wire_put_le32(message, PEER_MAGIC);
	wire_put_le32(message + 4, PEER_VERSION | command << 16);
	wire_put_le32(message + 8, (uint32_t)len);
}

uint32_t caliptra_hello(int fd)
{
	struct line line = {
		.fd = fd,
		.len = PEER_HEADER_SIZE + PEER_HELLO_SIZE,
		.answer_len = HELLO_REPLY_SIZE,
	};
	uint8_t answer[MAX_ANSWER];

	put_header(line.request, PEER_HELLO, PEER_HELLO_SIZE);
	wire_put_le32(line.request + PEER_HEADER_SIZE, PEER_EXTENSION);
	line_ask(&line, answer);
	return wire_get_le32(answer + HELLO_USER);
}

/* The request is @len bytes after its checksum. */
static struct line command(int fd, uint32_t user, uint32_t code,
			   const uint8_t *body, size_t len)
{
	struct line line = {
		.fd = fd,
		.len = REQUEST_FIXED + PEER_PADDED(4 + len),
		.head = PEER_HEADER_SIZE,
		.size = message_size,
		.number = set_number,
		.good = is_answer,
	};
	uint8_t *p = line.request + PEER_HEADER_SIZE;

	put_header(line.request, PEER_EXECUTE_TAGGED,
		   line.len - PEER_HEADER_SIZE);
	wire_put_le32(p + 4, user);
	wire_put_le32(p + 8, UINT32_MAX);
	wire_put_le32(p + 12, code);
	wire_put_le32(p + 16, (uint32_t)(4 + len));
	wire_put_le32(p + 20, caliptra_checksum(code, body, len));
	memcpy(p + 24, body, len);
	return line;
}

struct line caliptra_extend_pcr(int fd, uint32_t user)
{
	uint8_t body[4 + DIGEST_SIZE] = { 20 };

	return command(fd, user, CALIPTRA_CMD_EXTEND_PCR, body, sizeof(body));
}

struct line caliptra_quote(int fd, uint32_t user)
{
	uint8_t nonce[32] = { 1 };

	return command(fd, user, CALIPTRA_CMD_QUOTE_PCRS_ECC384, nonce,
		       sizeof(nonce));
}

/* The length, and a command of the DPE with @len bytes after its header. */
static struct line dpe_command(int fd, uint32_t user, uint32_t id,
			       const uint8_t *fields, size_t len)
{
	uint8_t body[4 + 12 + 256];
	struct line line;

	wire_put_le32(body, (uint32_t)(12 + len));
	wire_put_le32(body + 4, DPE_COMMAND_MAGIC);
	wire_put_le32(body + 8, id);
	wire_put_le32(body + 12, CALIPTRA_DPE_PROFILE_P384_SHA384);
	memcpy(body + 16, fields, len);
	line = command(fd, user, CALIPTRA_CMD_INVOKE_DPE_ECC384, body,
		       16 + len);
	line.good = is_dpe_answer;
	return line;
}

/* Default handle, label, flags, digest. */
struct line caliptra_sign(int fd, uint32_t user)
{
	uint8_t fields[DPE_HANDLE_SIZE + DPE_LABEL_SIZE + 4 + DIGEST_SIZE] = {
		0
	};

	fields[sizeof(fields) - 1] = 1;
	return dpe_command(fd, user, CALIPTRA_DPE_COMMAND_SIGN, fields,
			   sizeof(fields));
}

/* Default handle, flags, format, label. */
struct line caliptra_certify_key(int fd, uint32_t user)
{
	uint8_t fields[DPE_HANDLE_SIZE + 8 + DPE_LABEL_SIZE] = { 0 };

	wire_put_le32(fields + DPE_HANDLE_SIZE + 4,
		      CALIPTRA_DPE_CERTIFY_KEY_FORMAT_X509);
	return dpe_command(fd, user, CALIPTRA_DPE_COMMAND_CERTIFY_KEY, fields,
			   sizeof(fields));
}
