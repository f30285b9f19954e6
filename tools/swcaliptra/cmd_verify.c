// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ECDSA384_SIGNATURE_VERIFY, LMS_SIGNATURE_VERIFY and MLDSA87_SIGNATURE_VERIFY, and
 * of 1.x ECDSA384_VERIFY and LMS_VERIFY, whose digest is in the SHA accelerator.
 * Sources: caliptra-sw common/src/verify.rs, drivers/src/ecc384.rs,
 * runtime/src/verify.rs, drivers/src/mldsa87.rs; rt-1.2.5 runtime/src/verify.rs.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "command.h"
#include "lms.h"

static uint32_t verify(const struct caliptra_ecdsa384_signature_verify_req *in,
		       struct caliptra_mailbox_resp_header *out,
		       uint32_t bad_signature)
{
	uint8_t point[P384_POINT_SIZE] = { 4 };
	struct ecdsa384_signature sig;

	memcpy(point + 1, in->pub_key_x, P384_SIZE);
	memcpy(point + 1 + P384_SIZE, in->pub_key_y, P384_SIZE);
	memcpy(sig.r, in->signature_r, sizeof(sig.r));
	memcpy(sig.s, in->signature_s, sizeof(sig.s));

	out->fips_status =
		CALIPTRA_FIPS_STATUS_NOT_APPROVED_USER_SUPPLIED_DIGEST;
	switch (crypto_ecdsa384_verify(point, in->hash, &sig)) {
	case ECDSA384_GOOD:
		return FW_OK;
	case ECDSA384_BAD:
		return bad_signature;
	case ECDSA384_SCALAR_OUT_OF_RANGE:
		return DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED;
	case ECDSA384_NOT_ON_CURVE:
	case ECDSA384_ENGINE_FAILED:
		break;
	}
	return DRIVER_ECC384_HW_ERROR;
}

uint32_t cmd_ecdsa384_signature_verify(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_ecdsa384_signature_verify_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)fw;
	(void)req;
	return verify(in, out, RUNTIME_ECDSA_VERIFY_FAILED);
}

uint32_t cmd_rom_ecdsa384_signature_verify(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_ecdsa384_signature_verify_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)fw;
	(void)req;
	return verify(in, out, ROM_ECDSA_VERIFY_FAILED);
}

/* The older request is the newer one up to the digest. */
static_assert(sizeof(struct caliptra_ecdsa384_verify_req) ==
		      offsetof(struct caliptra_ecdsa384_signature_verify_req,
			       hash),
	      "the digest does not follow the older request");
static_assert(sizeof(struct caliptra_lms_verify_req) ==
		      offsetof(struct caliptra_lms_signature_verify_req, hash),
	      "the digest does not follow the older request");

uint32_t cmd_ecdsa384_verify(struct firmware *fw, const struct fw_request *req,
			     const struct caliptra_ecdsa384_verify_req *in,
			     struct caliptra_mailbox_resp_header *out)
{
	struct caliptra_ecdsa384_signature_verify_req newer;
	uint32_t error;

	(void)req;
	memcpy(&newer, in, sizeof(*in));
	sha_acc_digest(&fw->ifc->sha, newer.hash, sizeof(newer.hash) / 4);
	error = verify(&newer, out, RUNTIME_ECDSA_VERIFY_FAILED);
	out->fips_status = FIPS_STATUS_APPROVED;
	return error;
}

static uint32_t
verify_mldsa(const struct fw_request *req,
	     const struct caliptra_mldsa87_signature_verify_req *in,
	     uint32_t bad_signature)
{
	const size_t before =
		MLDSA87_PUBLIC_SIZE + MLDSA87_PADDED_SIGNATURE_SIZE + 4;

	/* what was left out does not count as zeros here */
	if (req->len < before || in->message_size > req->len - before)
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	switch (mldsa87_verify(in->pub_key, in->message, in->message_size,
			       in->signature)) {
	case MLDSA87_GOOD:
		return FW_OK;
	case MLDSA87_BAD:
		return bad_signature;
	case MLDSA87_UNSUPPORTED:
		return DRIVER_MLDSA87_UNSUPPORTED_SIGNATURE;
	case MLDSA87_ENGINE_FAILED:
		break;
	}
	return DRIVER_MLDSA87_HW_ERROR;
}

uint32_t cmd_mldsa87_signature_verify(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_mldsa87_signature_verify_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)fw;
	(void)out;
	return verify_mldsa(req, in, RUNTIME_MLDSA_VERIFY_FAILED);
}

uint32_t cmd_rom_mldsa87_signature_verify(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_mldsa87_signature_verify_req *in,
	struct caliptra_mailbox_resp_header *out)
{
	(void)fw;
	(void)out;
	return verify_mldsa(req, in, ROM_MLDSA_VERIFY_FAILED);
}

/* Numbers of a request are little-endian, those of a key or signature are not. */
static void lms_key(const struct caliptra_lms_signature_verify_req *in,
		    uint8_t key[LMS_IMAGE_KEY_SIZE])
{
	wire_put_be32(key, in->pub_key_tree_type);
	wire_put_be32(key + 4, in->pub_key_ots_type);
	memcpy(key + 8, in->pub_key_id, sizeof(in->pub_key_id));
	memcpy(key + 24, in->pub_key_digest, sizeof(in->pub_key_digest));
}

static void lms_signature(const struct caliptra_lms_signature_verify_req *in,
			  uint8_t sig[LMS_IMAGE_SIG_SIZE])
{
	uint8_t *p = sig + 4;

	wire_put_be32(sig, in->signature_q);
	memcpy(p, in->signature_ots, sizeof(in->signature_ots));
	p += sizeof(in->signature_ots);
	wire_put_be32(p, in->signature_tree_type);
	memcpy(p + 4, in->signature_tree_path, sizeof(in->signature_tree_path));
}

uint32_t
cmd_lms_signature_verify(struct firmware *fw, const struct fw_request *req,
			 const struct caliptra_lms_signature_verify_req *in,
			 struct caliptra_mailbox_resp_header *out)
{
	uint8_t key[LMS_IMAGE_KEY_SIZE];
	uint8_t sig[LMS_IMAGE_SIG_SIZE];
	uint32_t error;
	bool good;

	(void)fw;
	(void)req;
	if (in->pub_key_tree_type != LMS_SHA256_M24_H15)
		return RUNTIME_LMS_VERIFY_INVALID_LMS_ALGORITHM;
	if (in->pub_key_ots_type != LMOTS_SHA256_N24_W4)
		return RUNTIME_LMS_VERIFY_INVALID_LMOTS_ALGORITHM;
	if (in->signature_tree_type != LMS_SHA256_M24_H15)
		return RUNTIME_LMS_VERIFY_INVALID_LMS_ALGORITHM;
	lms_key(in, key);
	lms_signature(in, sig);
	error = lms_image_verify(key, in->hash, sizeof(in->hash), sig, &good);
	if (error)
		return error;
	out->fips_status =
		CALIPTRA_FIPS_STATUS_NOT_APPROVED_USER_SUPPLIED_DIGEST;
	return good ? FW_OK : RUNTIME_LMS_VERIFY_FAILED;
}

uint32_t cmd_lms_verify(struct firmware *fw, const struct fw_request *req,
			const struct caliptra_lms_verify_req *in,
			struct caliptra_mailbox_resp_header *out)
{
	struct caliptra_lms_signature_verify_req newer;
	uint32_t error;

	memcpy(&newer, in, sizeof(*in));
	sha_acc_digest(&fw->ifc->sha, newer.hash, sizeof(newer.hash) / 4);
	error = cmd_lms_signature_verify(fw, req, &newer, out);
	out->fips_status = FIPS_STATUS_APPROVED;
	return error;
}
