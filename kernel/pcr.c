// SPDX-License-Identifier: GPL-2.0-only
/*
 * <linux/caliptra.h>: PCRs and measurements for the rest of the kernel.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "api-commands.h"
#include "caliptra.h"
#include "caliptra-regs.h"

static int set_extend(struct caliptra_extend_pcr_req *req, unsigned int pcr,
		      const u8 digest[CALIPTRA_PCR_SIZE])
{
	BUILD_BUG_ON(sizeof(req->data) != CALIPTRA_PCR_SIZE);
	if (pcr < CALIPTRA_EXTEND_PCR_PCR_IDX_MIN ||
	    pcr > CALIPTRA_EXTEND_PCR_PCR_IDX_MAX)
		return -EINVAL;
	req->pcr_idx = cpu_to_le32(pcr);
	memcpy(req->data, digest, sizeof(req->data));
	return 0;
}

/**
 * caliptra_extend_pcr() - extend a PCR
 * @cd: a SoC mailbox
 * @pcr: its number, 4 to 31; those before belong to the firmware
 * @digest: with what
 * @timeout_ms: as in caliptra_command()
 *
 * EXTEND_PCR. Context: may sleep.
 *
 * Return: 0, -EINVAL where @pcr can not be extended, or an error as
 * caliptra_command() has them.
 */
int caliptra_extend_pcr(struct caliptra_dev *cd, unsigned int pcr,
			const u8 digest[CALIPTRA_PCR_SIZE],
			unsigned int timeout_ms)
{
	struct caliptra_extend_pcr_req req;
	struct caliptra_extend_pcr_resp rsp;
	size_t rsp_len;
	int ret;

	ret = set_extend(&req, pcr, digest);
	if (ret)
		return ret;
	return caliptra_command(cd, CALIPTRA_EXTEND_PCR, &req, sizeof(req),
				&rsp, sizeof(rsp), &rsp_len, timeout_ms);
}
EXPORT_SYMBOL_GPL(caliptra_extend_pcr);

/**
 * caliptra_extend_pcr_async() - extend a PCR, and do not wait until it is
 * @cd: a SoC mailbox
 * @pcr: its number, as in caliptra_extend_pcr()
 * @digest: with what; it may go once this has returned
 * @call: @timeout_ms and @done are the caller's, @rsp and @rsp_room a place for the FIPS
 *	status, 4 bytes
 *
 * A PCR is extended in the order of calls. Context: may sleep.
 *
 * Return: 0, -EINVAL where @pcr can not be extended, or an error as
 * caliptra_command_async() has them.
 */
int caliptra_extend_pcr_async(struct caliptra_dev *cd, unsigned int pcr,
			      const u8 digest[CALIPTRA_PCR_SIZE],
			      struct caliptra_call *call)
{
	struct caliptra_extend_pcr_req req;
	int ret;

	ret = set_extend(&req, pcr, digest);
	if (ret)
		return ret;
	call->cmd = CALIPTRA_EXTEND_PCR;
	call->req = &req;
	call->req_len = sizeof(req);
	return caliptra_command_async(cd, call);
}
EXPORT_SYMBOL_GPL(caliptra_extend_pcr_async);

/* Both ages have the same fields, and the digest in two places. */
union quote_response {
	struct caliptra_quote_pcrs_ecc384_resp now;
	struct caliptra_quote_pcrs_resp old;
};

static int is_old(struct caliptra_dev *cd, bool *old)
{
	struct caliptra_info info;
	int ret = caliptra_get_info(cd, &info);

	if (ret)
		return ret;
	*old = CPTRA_HW_REV_ID_MAJOR(info.hw_rev_id) < 2;
	return 0;
}

static int ask_quote(struct caliptra_dev *cd,
		     const u8 nonce[CALIPTRA_NONCE_SIZE],
		     union quote_response *rsp, unsigned int timeout_ms)
{
	struct caliptra_quote_pcrs_ecc384_req req;
	size_t rsp_len;
	int ret;

	BUILD_BUG_ON(sizeof(rsp->now) != sizeof(rsp->old));
	BUILD_BUG_ON(sizeof(req.nonce) != CALIPTRA_NONCE_SIZE);
	memcpy(req.nonce, nonce, sizeof(req.nonce));
	ret = caliptra_command(cd, CALIPTRA_QUOTE_PCRS_ECC384, &req,
			       sizeof(req), rsp, sizeof(*rsp), &rsp_len,
			       timeout_ms);
	if (ret)
		return ret;
	/* some other answer, or one to somebody else */
	if (rsp_len != sizeof(*rsp) ||
	    memcmp(rsp->now.nonce, nonce, sizeof(rsp->now.nonce)))
		return -EPROTO;
	return 0;
}

static void take_quote(struct caliptra_quote *quote,
		       const union quote_response *rsp, bool old)
{
	const __le32 *ctrs = old ? rsp->old.reset_ctrs : rsp->now.reset_ctrs;
	const u8 *digest = old ? rsp->old.digest : rsp->now.digest;
	unsigned int i;

	quote->fips_status = le32_to_cpu(rsp->now.fips_status);
	memcpy(quote->pcrs, rsp->now.pcrs, sizeof(quote->pcrs));
	memcpy(quote->nonce, rsp->now.nonce, sizeof(quote->nonce));
	for (i = 0; i < CALIPTRA_PCR_COUNT; i++)
		quote->reset_ctrs[i] = le32_to_cpu(ctrs[i]);
	memcpy(quote->digest, digest, sizeof(quote->digest));
	memcpy(quote->signature_r, rsp->now.signature_r,
	       sizeof(quote->signature_r));
	memcpy(quote->signature_s, rsp->now.signature_s,
	       sizeof(quote->signature_s));
}

/**
 * caliptra_quote_pcrs() - get all PCRs, signed by the FMC alias
 * @cd: a SoC mailbox
 * @nonce: what is to be signed with them
 * @quote: filled in where there is no error
 * @timeout_ms: as in caliptra_command()
 *
 * QUOTE_PCRS_ECC384, QUOTE_PCRS of generation 1.x. The signature is not looked at.
 * Context: may sleep.
 *
 * Return: 0, -EPROTO where the answer is none to this question, -ENOMEM, or an error as
 * caliptra_command() has them.
 */
int caliptra_quote_pcrs(struct caliptra_dev *cd,
			const u8 nonce[CALIPTRA_NONCE_SIZE],
			struct caliptra_quote *quote, unsigned int timeout_ms)
{
	union quote_response *rsp;
	bool old;
	int ret;

	ret = is_old(cd, &old);
	if (ret)
		return ret;
	rsp = kmalloc(sizeof(*rsp), GFP_KERNEL);
	if (!rsp)
		return -ENOMEM;
	ret = ask_quote(cd, nonce, rsp, timeout_ms);
	if (!ret)
		take_quote(quote, rsp, old);
	kfree(rsp);
	return ret;
}
EXPORT_SYMBOL_GPL(caliptra_quote_pcrs);

/**
 * caliptra_read_pcrs() - get the values of all PCRs
 * @cd: a SoC mailbox
 * @values: filled in where there is no error
 * @timeout_ms: as in caliptra_command()
 *
 * Firmware tells them in a quote and not otherwise, so this takes as long as a signature.
 * Context: may sleep.
 *
 * Return: 0, or an error as caliptra_quote_pcrs() has them.
 */
int caliptra_read_pcrs(struct caliptra_dev *cd,
		       u8 values[CALIPTRA_PCR_COUNT][CALIPTRA_PCR_SIZE],
		       unsigned int timeout_ms)
{
	static const u8 nonce[CALIPTRA_NONCE_SIZE];
	union quote_response *rsp;
	int ret;

	BUILD_BUG_ON(sizeof(rsp->now.pcrs) !=
		     CALIPTRA_PCR_COUNT * CALIPTRA_PCR_SIZE);
	rsp = kmalloc(sizeof(*rsp), GFP_KERNEL);
	if (!rsp)
		return -ENOMEM;
	ret = ask_quote(cd, nonce, rsp, timeout_ms);
	if (!ret)
		memcpy(values, rsp->now.pcrs, sizeof(rsp->now.pcrs));
	kfree(rsp);
	return ret;
}
EXPORT_SYMBOL_GPL(caliptra_read_pcrs);

/**
 * caliptra_stash_measurement() - measure something into PCR 31 and DPE
 * @cd: a SoC mailbox, whose AXI user is of privilege level 0
 * @measurement: what
 * @dpe_result: 0, or the error of DPE's DeriveContext; in ROM there is no DPE yet
 * @timeout_ms: as in caliptra_command()
 *
 * STASH_MEASUREMENT. ROM takes eight, and runtime firmware as many as DPE has contexts.
 * Context: may sleep.
 *
 * Return: 0, -EPROTO where the answer is none to this command, or an error as
 * caliptra_command() has them.
 */
int caliptra_stash_measurement(struct caliptra_dev *cd,
			       const struct caliptra_measurement *measurement,
			       u32 *dpe_result, unsigned int timeout_ms)
{
	struct caliptra_stash_measurement_req req = {
		.svn = cpu_to_le32(measurement->svn),
	};
	struct caliptra_stash_measurement_resp rsp;
	size_t rsp_len;
	int ret;

	memcpy(req.metadata, measurement->metadata, sizeof(req.metadata));
	memcpy(req.measurement, measurement->digest, sizeof(req.measurement));
	memcpy(req.context, measurement->context, sizeof(req.context));
	ret = caliptra_command(cd, CALIPTRA_STASH_MEASUREMENT, &req,
			       sizeof(req), &rsp, sizeof(rsp), &rsp_len,
			       timeout_ms);
	if (ret)
		return ret;
	if (rsp_len != sizeof(rsp))
		return -EPROTO;
	*dpe_result = le32_to_cpu(rsp.dpe_result);
	return 0;
}
EXPORT_SYMBOL_GPL(caliptra_stash_measurement);
