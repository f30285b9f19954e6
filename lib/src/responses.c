// SPDX-License-Identifier: LGPL-2.1-or-later
/* The typed calls: each command's request and response as they travel. */
#include <caliptra/commands.h>

#include "session.h"

static const struct {
	uint32_t code;
	const char *name;
} names[] = {
	{ CALIPTRA_CMD_VERSION, "VERSION" },
	{ CALIPTRA_CMD_CAPABILITIES, "CAPABILITIES" },
	{ CALIPTRA_CMD_FW_INFO, "FW_INFO" },
	{ CALIPTRA_CMD_SELF_TEST_START, "SELF_TEST_START" },
	{ CALIPTRA_CMD_SELF_TEST_GET_RESULTS, "SELF_TEST_GET_RESULTS" },
	{ CALIPTRA_CMD_GET_IDEV_ECC384_CERT, "GET_IDEV_ECC384_CERT" },
	{ CALIPTRA_CMD_GET_IDEV_ECC384_INFO, "GET_IDEV_ECC384_INFO" },
	{ CALIPTRA_CMD_GET_IDEV_ECC384_CSR, "GET_IDEV_ECC384_CSR" },
	{ CALIPTRA_CMD_GET_LDEV_ECC384_CERT, "GET_LDEV_ECC384_CERT" },
	{ CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CERT, "GET_FMC_ALIAS_ECC384_CERT" },
	{ CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT, "GET_RT_ALIAS_ECC384_CERT" },
	{ CALIPTRA_CMD_STASH_MEASUREMENT, "STASH_MEASUREMENT" },
	{ CALIPTRA_CMD_EXTEND_PCR, "EXTEND_PCR" },
	{ CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER,
	  "INCREMENT_PCR_RESET_COUNTER" },
	{ CALIPTRA_CMD_QUOTE_PCRS_ECC384, "QUOTE_PCRS_ECC384" },
	{ CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, "ECDSA384_SIGNATURE_VERIFY" },
};

const char *caliptra_cmd_name(uint32_t code)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].code == code)
			return names[i].name;
	return NULL;
}

/* Commands whose response is a header and nothing else. */
static CaliptraError finish_status_only(struct call *c, uint32_t *fips_status)
{
	uint32_t status;

	call_run(c);
	status = wire_get_u32(&c->rsp);
	if (!call_end(c) && fips_status)
		*fips_status = status;
	return c->error;
}

CaliptraError caliptra_cmd_version(CaliptraSession *session,
				   struct caliptra_version *rsp)
{
	struct call c = call_begin(session, CALIPTRA_CMD_VERSION, 0);
	struct caliptra_version v = { 0 };
	uint32_t rom_and_fmc;

	if (!rsp)
		call_reject(&c, "there is no room for the response");
	call_run(&c);
	v.fips_status = wire_get_u32(&c.rsp);
	v.mode = wire_get_u32(&c.rsp);
	v.hw_rev_id = wire_get_u32(&c.rsp);
	rom_and_fmc = wire_get_u32(&c.rsp);
	v.rom_version = (uint16_t)rom_and_fmc;
	v.fmc_version = (uint16_t)(rom_and_fmc >> 16);
	v.runtime_version = wire_get_u32(&c.rsp);
	wire_get(&c.rsp, v.name, sizeof(v.name) - 1);
	if (!call_end(&c))
		*rsp = v;
	return c.error;
}

CaliptraError caliptra_cmd_capabilities(CaliptraSession *session,
					struct caliptra_capabilities *rsp)
{
	struct call c = call_begin(session, CALIPTRA_CMD_CAPABILITIES, 0);
	struct caliptra_capabilities v;

	if (!rsp)
		call_reject(&c, "there is no room for the response");
	call_run(&c);
	v.fips_status = wire_get_u32(&c.rsp);
	wire_get(&c.rsp, v.capabilities, sizeof(v.capabilities));
	if (!call_end(&c))
		*rsp = v;
	return c.error;
}

bool caliptra_has_capability(const struct caliptra_capabilities *capabilities,
			     unsigned int bit)
{
	size_t size = sizeof(capabilities->capabilities);

	return bit / 8 < size &&
	       capabilities->capabilities[size - 1 - bit / 8] >> bit % 8 & 1;
}

CaliptraError caliptra_cmd_fw_info(CaliptraSession *session,
				   struct caliptra_fw_info *rsp)
{
	struct call c = call_begin(session, CALIPTRA_CMD_FW_INFO, 0);
	struct wire_reader *r = &c.rsp;
	struct caliptra_fw_info v;

	if (!rsp)
		call_reject(&c, "there is no room for the response");
	call_run(&c);
	v.fips_status = wire_get_u32(r);
	v.pl0_pauser = wire_get_u32(r);
	v.fw_svn = wire_get_u32(r);
	v.min_fw_svn = wire_get_u32(r);
	v.cold_boot_fw_svn = wire_get_u32(r);
	v.attestation_disabled = wire_get_u32(r);
	wire_get(r, v.rom_revision, sizeof(v.rom_revision));
	wire_get(r, v.fmc_revision, sizeof(v.fmc_revision));
	wire_get(r, v.runtime_revision, sizeof(v.runtime_revision));
	wire_get_be_words(r, v.rom_sha256_digest, 8);
	wire_get_be_words(r, v.fmc_sha384_digest, 12);
	wire_get_be_words(r, v.runtime_sha384_digest, 12);
	wire_get_be_words(r, v.owner_pub_key_hash, 12);
	wire_get_be_words(r, v.authman_sha384_digest, 12);
	v.most_recent_fw_error = wire_get_u32(r);
	wire_get_be_words(r, v.vendor_pub_key_hash, 12);
	v.image_manifest_pqc_type = wire_get_u32(r);
	v.vendor_ecc384_pub_key_index = wire_get_u32(r);
	v.vendor_pqc_pub_key_index = wire_get_u32(r);
	v.soc_manifest_current_svn = wire_get_u32(r);
	v.soc_manifest_min_svn = wire_get_u32(r);
	v.owner_auth_manifest_current_svn = wire_get_u32(r);
	v.owner_auth_manifest_min_svn = wire_get_u32(r);
	if (!call_end(&c))
		*rsp = v;
	return c.error;
}

CaliptraError caliptra_cmd_self_test_start(CaliptraSession *session,
					   uint32_t *fips_status)
{
	struct call c = call_begin(session, CALIPTRA_CMD_SELF_TEST_START, 0);

	return finish_status_only(&c, fips_status);
}

CaliptraError caliptra_cmd_self_test_get_results(CaliptraSession *session,
						 uint32_t *fips_status)
{
	struct call c =
		call_begin(session, CALIPTRA_CMD_SELF_TEST_GET_RESULTS, 0);

	return finish_status_only(&c, fips_status);
}

/*
 * Responses of variable length: fips_status, data_size and so many bytes. They
 * are copied only once all is known to be right.
 */
static CaliptraError finish_data(struct call *c, struct caliptra_data *rsp)
{
	uint32_t fips_status, size;
	const uint8_t *data;

	if (!rsp)
		call_reject(c, "there is no room for the response");
	call_run(c);
	fips_status = wire_get_u32(&c->rsp);
	size = wire_get_u32(&c->rsp);
	data = size <= CALIPTRA_MAX_DATA ? wire_take(&c->rsp, size) : NULL;
	if (!data)
		c->rsp.overrun = true;
	if (!call_end(c)) {
		rsp->fips_status = fips_status;
		rsp->data_size = size;
		memcpy(rsp->data, data, size);
	}
	return c->error;
}

CaliptraError caliptra_cmd_get_idev_ecc384_cert(
	CaliptraSession *session,
	const struct caliptra_get_idev_ecc384_cert_req *req,
	struct caliptra_data *rsp)
{
	struct call c = call_begin(session, CALIPTRA_CMD_GET_IDEV_ECC384_CERT,
				   sizeof(*req));

	if (!req) {
		call_reject(&c, "there is no request");
	} else if (req->tbs_size > CALIPTRA_MAX_IDEV_ECC384_TBS) {
		call_reject(&c, "the TBS has %u bytes, and it may have %d",
			    (unsigned int)req->tbs_size,
			    CALIPTRA_MAX_IDEV_ECC384_TBS);
	} else {
		wire_put_u32(&c.req, req->tbs_size);
		wire_put(&c.req, req->signature_r, sizeof(req->signature_r));
		wire_put(&c.req, req->signature_s, sizeof(req->signature_s));
		wire_put(&c.req, req->tbs, req->tbs_size);
	}
	return finish_data(&c, rsp);
}

CaliptraError
caliptra_cmd_get_idev_ecc384_info(CaliptraSession *session,
				  struct caliptra_idev_ecc384_info *rsp)
{
	struct call c =
		call_begin(session, CALIPTRA_CMD_GET_IDEV_ECC384_INFO, 0);
	struct caliptra_idev_ecc384_info v;

	if (!rsp)
		call_reject(&c, "there is no room for the response");
	call_run(&c);
	v.fips_status = wire_get_u32(&c.rsp);
	wire_get(&c.rsp, v.idev_pub_x, sizeof(v.idev_pub_x));
	wire_get(&c.rsp, v.idev_pub_y, sizeof(v.idev_pub_y));
	if (!call_end(&c))
		*rsp = v;
	return c.error;
}

static CaliptraError get_data(CaliptraSession *session, uint32_t code,
			      struct caliptra_data *rsp)
{
	struct call c = call_begin(session, code, 0);

	return finish_data(&c, rsp);
}

CaliptraError caliptra_cmd_get_idev_ecc384_csr(CaliptraSession *session,
					       struct caliptra_data *rsp)
{
	return get_data(session, CALIPTRA_CMD_GET_IDEV_ECC384_CSR, rsp);
}

CaliptraError caliptra_cmd_get_ldev_ecc384_cert(CaliptraSession *session,
						struct caliptra_data *rsp)
{
	return get_data(session, CALIPTRA_CMD_GET_LDEV_ECC384_CERT, rsp);
}

CaliptraError caliptra_cmd_get_fmc_alias_ecc384_cert(CaliptraSession *session,
						     struct caliptra_data *rsp)
{
	return get_data(session, CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CERT, rsp);
}

CaliptraError caliptra_cmd_get_rt_alias_ecc384_cert(CaliptraSession *session,
						    struct caliptra_data *rsp)
{
	return get_data(session, CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT, rsp);
}

CaliptraError
caliptra_cmd_stash_measurement(CaliptraSession *session,
			       const struct caliptra_stash_measurement_req *req,
			       struct caliptra_stash_measurement *rsp)
{
	struct call c = call_begin(session, CALIPTRA_CMD_STASH_MEASUREMENT,
				   sizeof(*req));
	struct caliptra_stash_measurement v;

	if (!req || !rsp) {
		call_reject(&c, "there is no %s",
			    req ? "room for the response" : "request");
	} else {
		wire_put(&c.req, req->metadata, sizeof(req->metadata));
		wire_put(&c.req, req->measurement, sizeof(req->measurement));
		wire_put(&c.req, req->context, sizeof(req->context));
		wire_put_u32(&c.req, req->svn);
	}
	call_run(&c);
	v.fips_status = wire_get_u32(&c.rsp);
	v.dpe_result = wire_get_u32(&c.rsp);
	if (!call_end(&c))
		*rsp = v;
	return c.error;
}

CaliptraError caliptra_cmd_extend_pcr(CaliptraSession *session,
				      const struct caliptra_extend_pcr_req *req,
				      uint32_t *fips_status)
{
	struct call c =
		call_begin(session, CALIPTRA_CMD_EXTEND_PCR, sizeof(*req));

	if (!req) {
		call_reject(&c, "there is no request");
	} else {
		wire_put_u32(&c.req, req->pcr_idx);
		wire_put(&c.req, req->data, sizeof(req->data));
	}
	return finish_status_only(&c, fips_status);
}

CaliptraError caliptra_cmd_increment_pcr_reset_counter(CaliptraSession *session,
						       uint32_t index,
						       uint32_t *fips_status)
{
	struct call c = call_begin(session,
				   CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER, 4);

	wire_put_u32(&c.req, index);
	return finish_status_only(&c, fips_status);
}

/* Of a quote, what follows the checksum. */
static void get_quote(struct wire_reader *r,
		      struct caliptra_quote_pcrs_ecc384 *v)
{
	unsigned int i;

	v->fips_status = wire_get_u32(r);
	wire_get(r, v->pcrs, sizeof(v->pcrs));
	wire_get(r, v->nonce, sizeof(v->nonce));
	for (i = 0; i < CALIPTRA_PCR_COUNT; i++)
		v->reset_ctrs[i] = wire_get_u32(r);
	wire_get(r, v->digest, sizeof(v->digest));
	wire_get(r, v->signature_r, sizeof(v->signature_r));
	wire_get(r, v->signature_s, sizeof(v->signature_s));
}

CaliptraError
caliptra_cmd_quote_pcrs_ecc384(CaliptraSession *session,
			       const uint8_t nonce[CALIPTRA_NONCE_SIZE],
			       struct caliptra_quote_pcrs_ecc384 *rsp)
{
	struct call c = call_begin(session, CALIPTRA_CMD_QUOTE_PCRS_ECC384,
				   CALIPTRA_NONCE_SIZE);
	struct caliptra_quote_pcrs_ecc384 v;

	if (!nonce || !rsp)
		call_reject(&c, "there is no %s",
			    nonce ? "room for the response" : "nonce");
	else
		wire_put(&c.req, nonce, CALIPTRA_NONCE_SIZE);
	call_run(&c);
	get_quote(&c.rsp, &v);
	if (!call_end(&c))
		*rsp = v;
	return c.error;
}

void caliptra_quote_pcrs_ecc384_encode(
	const struct caliptra_quote_pcrs_ecc384 *quote,
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE])
{
	struct wire_writer w =
		wire_writer(bytes + 4, CALIPTRA_QUOTE_PCRS_ECC384_SIZE - 4);
	unsigned int i;

	wire_put_u32(&w, quote->fips_status);
	wire_put(&w, quote->pcrs, sizeof(quote->pcrs));
	wire_put(&w, quote->nonce, sizeof(quote->nonce));
	for (i = 0; i < CALIPTRA_PCR_COUNT; i++)
		wire_put_u32(&w, quote->reset_ctrs[i]);
	wire_put(&w, quote->digest, sizeof(quote->digest));
	wire_put(&w, quote->signature_r, sizeof(quote->signature_r));
	wire_put(&w, quote->signature_s, sizeof(quote->signature_s));
	wire_put_le32(bytes, caliptra_checksum(0, w.start, w.len));
}

CaliptraError
caliptra_quote_pcrs_ecc384_decode(const void *bytes, size_t len,
				  struct caliptra_quote_pcrs_ecc384 *quote)
{
	struct wire_reader r = wire_reader(bytes, len);
	uint32_t sum;

	if (!bytes || !quote)
		return CALIPTRA_ERROR_INVALID_ARGUMENT;
	if (len != CALIPTRA_QUOTE_PCRS_ECC384_SIZE)
		return CALIPTRA_ERROR_PROTOCOL;
	sum = wire_get_u32(&r);
	if (sum != caliptra_checksum(0, r.pos, r.left))
		return CALIPTRA_ERROR_PROTOCOL;
	get_quote(&r, quote);
	return CALIPTRA_SUCCESS;
}

CaliptraError caliptra_cmd_ecdsa384_signature_verify(
	CaliptraSession *session,
	const struct caliptra_ecdsa384_signature_verify_req *req,
	uint32_t *fips_status)
{
	struct call c = call_begin(
		session, CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY, sizeof(*req));

	if (!req) {
		call_reject(&c, "there is no request");
	} else {
		wire_put(&c.req, req->pub_key_x, sizeof(req->pub_key_x));
		wire_put(&c.req, req->pub_key_y, sizeof(req->pub_key_y));
		wire_put(&c.req, req->signature_r, sizeof(req->signature_r));
		wire_put(&c.req, req->signature_s, sizeof(req->signature_s));
		wire_put(&c.req, req->hash, sizeof(req->hash));
	}
	return finish_status_only(&c, fips_status);
}
