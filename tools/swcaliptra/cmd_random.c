// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CM_RANDOM_GENERATE and CM_RANDOM_STIR. Sources: caliptra-sw
 * runtime/src/cryptographic_mailbox.rs and
 * rom/dev/src/flow/cold_reset/fw_processor/cm_random_generate.rs; drivers/src/trng.rs
 * for what stands in for a generator in MfgMode.
 */
#include <openssl/rand.h>

#include "command.h"

/* MAX_CMB_DATA_SIZE */
#define MAX_DATA 4096

/* What is stirred in is filled up with zeros to a multiple of a seed's size. */
#define SEED_SIZE 48

/* Words are big-endian. */
int firmware_constant_random(void *out, size_t len)
{
	static const uint8_t word[] = { 0xde, 0xad, 0xbe, 0xef };
	uint8_t *to = out;
	size_t i;

	for (i = 0; i < len; i++)
		to[i] = word[i % sizeof(word)];
	return 0;
}

static uint32_t generate(const struct firmware *fw,
			 const struct fw_request *req, uint32_t size,
			 struct caliptra_cm_random_generate_resp *out)
{
	if (fw->constant_random)
		firmware_constant_random(req->scratch, size);
	else if (crypto_random(req->scratch, size))
		return DRIVER_CSRNG_GENERATE;
	out->data = req->scratch;
	out->data_len = size;
	return FW_OK;
}

uint32_t
cmd_cm_random_generate(struct firmware *fw, const struct fw_request *req,
		       const struct caliptra_cm_random_generate_req *in,
		       struct caliptra_cm_random_generate_resp *out)
{
	if (in->size > MAX_DATA)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	return generate(fw, req, in->size, out);
}

uint32_t
cmd_rom_cm_random_generate(struct firmware *fw, const struct fw_request *req,
			   const struct caliptra_cm_random_generate_req *in,
			   struct caliptra_cm_random_generate_resp *out)
{
	if (in->size > MAX_DATA)
		return FW_FAILED_WITHOUT_CODE;
	return generate(fw, req, in->size, out);
}

uint32_t cmd_cm_random_stir(struct firmware *fw, const struct fw_request *req,
			    const struct caliptra_cm_random_stir_req *in,
			    struct caliptra_mailbox_resp_header *out)
{
	static const uint8_t zeros[SEED_SIZE];
	uint32_t rest = in->input_size % SEED_SIZE;

	(void)fw;
	(void)req;
	(void)out;
	if (in->input_size + (rest ? SEED_SIZE - rest : 0) > MAX_DATA)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	RAND_add(in->input, (int)in->input_size, 0);
	RAND_add(zeros, rest ? SEED_SIZE - (int)rest : 0, 0);
	return FW_OK;
}
