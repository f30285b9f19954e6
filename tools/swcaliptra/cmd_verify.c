// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ECDSA384_SIGNATURE_VERIFY. Sources: caliptra-sw common/src/verify.rs,
 * drivers/src/ecc384.rs.
 */
#include "command.h"

static uint32_t verify(const struct fw_request *req, struct fw_response *rsp,
		       uint32_t bad_signature)
{
	struct wire_reader r = wire_reader(req->body, req->len);
	uint8_t point[P384_POINT_SIZE] = { 4 };
	uint8_t digest[SHA384_SIZE];
	struct ecdsa384_signature sig;

	wire_get(&r, point + 1, 2 * P384_SIZE);
	wire_get(&r, sig.r, sizeof(sig.r));
	wire_get(&r, sig.s, sizeof(sig.s));
	wire_get(&r, digest, sizeof(digest));
	if (r.overrun || r.left)
		return RUNTIME_INSUFFICIENT_MEMORY;

	rsp->fips_status = FIPS_STATUS_NOT_APPROVED_USER_SUPPLIED_DIGEST;
	switch (crypto_ecdsa384_verify(point, digest, &sig)) {
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

uint32_t cmd_ecdsa384_signature_verify(struct firmware *fw,
				       const struct fw_request *req,
				       struct fw_response *rsp)
{
	(void)fw;
	return verify(req, rsp, RUNTIME_ECDSA_VERIFY_FAILED);
}

uint32_t cmd_rom_ecdsa384_signature_verify(struct firmware *fw,
					   const struct fw_request *req,
					   struct fw_response *rsp)
{
	(void)fw;
	return verify(req, rsp, ROM_ECDSA_VERIFY_FAILED);
}
