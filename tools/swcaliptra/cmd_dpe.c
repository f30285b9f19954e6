// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * INVOKE_DPE_ECC384, INVOKE_DPE_MLDSA87, DPE_TAG_TCI, DPE_GET_TAGGED_TCI and
 * REALLOCATE_DPE_CONTEXT_LIMITS. Sources: caliptra-sw runtime/src/invoke_dpe.rs,
 * drivers.rs, tagging.rs and reallocate_dpe_context_limits.rs.
 */
#include <string.h>

#include "caliptra-regs.h"
#include "command.h"
#include "dpe_command.h"

/* PL0_DPE_ACTIVE_CONTEXT_THRESHOLD_MIN */
#define MIN_PL0_CONTEXTS 2

_Static_assert(DPE_MAX_RESPONSE <= FW_MAX_RESPONSE_DATA,
	       "every response of the DPE fits into the scratch");

uint32_t firmware_dpe_room(const struct firmware *fw, uint32_t user)
{
	bool pl0 = firmware_pl0(fw, user);
	unsigned int used = dpe_count_used(&fw->dpe, pl0);
	unsigned int limit = pl0 ? fw->dpe.pl0_limit : fw->dpe.pl1_limit;

	if (used < limit)
		return FW_OK;
	if (pl0)
		return used == limit ?
			       RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED :
			       RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_EXCEEDED;
	return used == limit ? RUNTIME_PL1_USED_DPE_CONTEXT_THRESHOLD_REACHED :
			       RUNTIME_PL1_USED_DPE_CONTEXT_THRESHOLD_EXCEEDED;
}

/* A context counts against the limit of whom it is for. */
static uint32_t may_derive(const struct firmware *fw, uint32_t user,
			   const struct dpe_input *in)
{
	bool changes_locality =
		in->flags & CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CHANGE_LOCALITY;
	uint32_t error = FW_OK;

	if (!(in->flags & CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RECURSIVE))
		error = firmware_dpe_room(
			fw, changes_locality ? in->target_locality : user);
	if (error || firmware_pl0(fw, user))
		return error;
	if (changes_locality && firmware_pl0(fw, in->target_locality))
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	if (in->flags & CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_EXPORT_CDI)
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	return FW_OK;
}

static uint32_t may_execute(const struct firmware *fw, uint32_t user,
			    const struct dpe_command *cmd)
{
	switch (cmd->id) {
	case CALIPTRA_DPE_COMMAND_INITIALIZE_CONTEXT:
		return cmd->flags & CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_SIMULATION ?
			       firmware_dpe_room(fw, user) :
			       FW_OK;
	case CALIPTRA_DPE_COMMAND_DERIVE_CONTEXT:
		return may_derive(fw, user, &cmd->in);
	case CALIPTRA_DPE_COMMAND_CERTIFY_KEY:
		return firmware_may_certify(fw, user, cmd->format) ?
			       FW_OK :
			       RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	default:
		return FW_OK;
	}
}

/* Before 2.1 nobody looks at the flag. */
bool firmware_answers_outside(const struct firmware *fw, bool flag)
{
	return flag && generation_in(fw->ifc->generation, GENERATION_2_1);
}

size_t firmware_room(const struct firmware *fw, bool outside,
		     const struct caliptra_axi_response *axi)
{
	size_t room = FW_ANSWER_HEADER_SIZE + FW_MAX_RESPONSE_DATA;

	if (outside && axi->max_size < room)
		room = axi->max_size;
	else if (!outside && firmware_is_subsystem(fw) &&
		 generation_in(fw->ifc->generation, GENERATION_2_1))
		room = CALIPTRA_MBOX_SIZE_SUBSYSTEM;
	return room < FW_ANSWER_HEADER_SIZE ? 0 : room - FW_ANSWER_HEADER_SIZE;
}

/*
 * Where there is no memory the DMA fails, and firmware waits until the watchdog has had
 * enough. Transfers are of whole words.
 */
static uint8_t *memory_at(const struct firmware *fw,
			  const struct caliptra_axi_response *axi, uint32_t len)
{
	uint64_t address = (uint64_t)axi->addr_hi << 32 | axi->addr_lo;

	return address % 4 ? NULL :
			     fw->soc->memory(fw->soc->context, address,
					     (len + 3) & ~3u);
}

uint32_t firmware_answer_outside(struct firmware *fw,
				 const struct caliptra_axi_response *axi,
				 const uint8_t *data, uint32_t len)
{
	uint8_t *answer = memory_at(fw, axi, FW_ANSWER_HEADER_SIZE + len);

	if (!answer) {
		firmware_watchdog(fw);
		return RUNTIME_GLOBAL_WDT_EXPIRED;
	}
	wire_put_le32(answer + 4, FIPS_STATUS_APPROVED);
	wire_put_le32(answer + 8, len);
	memcpy(answer + FW_ANSWER_HEADER_SIZE, data, len);
	memset(answer + FW_ANSWER_HEADER_SIZE + len, 0, -len % 4);
	wire_put_le32(answer,
		      caliptra_checksum(0, answer + 4,
					FW_ANSWER_HEADER_SIZE - 4 + len));
	mbox_write(fw->mbox, MBOX_UC, MBOX_UC_USER, MBOX_STATUS,
		   MBOX_STATUS_CMD_COMPLETE);
	return FW_OK;
}

bool firmware_may_certify(const struct firmware *fw, uint32_t user,
			  uint32_t format)
{
	return format != CALIPTRA_DPE_CERTIFY_KEY_FORMAT_X509 ||
	       firmware_pl0(fw, user);
}

/* What a command of the DPE comes in. */
struct envelope {
	size_t header_size;
	const uint8_t *data;
	uint32_t data_size;
};

/* 2.0 has no bytes but those that have come, and others do as if zeros followed. */
static bool has_come(const struct firmware *fw, const struct fw_request *req,
		     const struct envelope *envelope)
{
	return !generation_in(fw->ifc->generation, GENERATION_2_0) ||
	       req->len >= envelope->header_size + envelope->data_size;
}

static uint32_t invoke(const struct dpe_env *env, struct firmware *fw,
		       const struct fw_request *req,
		       const struct envelope *envelope,
		       struct caliptra_invoke_dpe_resp *out)
{
	struct dpe_command cmd;
	uint32_t error;
	size_t len;

	if (!has_come(fw, req, envelope))
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	if (!dpe_command_read(env->g, env->profile, envelope->data,
			      envelope->data_size, &cmd))
		return RUNTIME_DPE_COMMAND_DESERIALIZATION_FAILED;
	error = may_execute(fw, req->user, &cmd);
	if (error)
		return error;
	if (env->room < DPE_RESPONSE_HEADER_SIZE)
		return RUNTIME_INSUFFICIENT_MEMORY;
	dpe_execute(env, req->user, &cmd, req->scratch, &len);
	if (cmd.id == CALIPTRA_DPE_COMMAND_DESTROY_CONTEXT)
		dpe_drop_tags(&fw->dpe);
	out->data = req->scratch;
	out->data_size = (uint32_t)len;
	return FW_OK;
}

uint32_t cmd_invoke_dpe_ecc384(struct firmware *fw,
			       const struct fw_request *req,
			       const struct caliptra_invoke_dpe_ecc384_req *in,
			       struct caliptra_invoke_dpe_resp *out)
{
	struct dpe_env env = firmware_dpe_env(fw, &dpe_p384);
	struct envelope envelope = { 4, in->data, in->data_size };

	return invoke(&env, fw, req, &envelope, out);
}

uint32_t
cmd_invoke_dpe_mldsa87(struct firmware *fw, const struct fw_request *req,
		       const struct caliptra_invoke_dpe_mldsa87_req *in,
		       struct caliptra_invoke_dpe_resp *out)
{
	bool outside = firmware_answers_outside(
		fw,
		in->flags & CALIPTRA_INVOKE_DPE_FLAGS_EXTERNAL_AXI_RESPONSE);
	struct dpe_env env = firmware_dpe_env(fw, &dpe_mldsa87);
	struct envelope envelope = { 20, in->data, in->data_size };
	uint32_t error;

	if (outside && !firmware_pl0(fw, req->user))
		return RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	if (outside && !firmware_is_subsystem(fw))
		return RUNTIME_MAILBOX_INVALID_PARAMS;
	env.room = firmware_room(fw, outside, &in->axi_response);
	error = invoke(&env, fw, req, &envelope, out);
	return error || !outside ?
		       error :
		       firmware_answer_outside(fw, &in->axi_response, out->data,
					       out->data_size);
}

static bool find_tag(const struct dpe *dpe, uint32_t tag, unsigned int *index)
{
	unsigned int i;

	for (i = 0; i < dpe->size; i++) {
		if (dpe->tagged[i] && dpe->tag[i] == tag) {
			*index = i;
			return true;
		}
	}
	return false;
}

uint32_t cmd_dpe_tag_tci(struct firmware *fw, const struct fw_request *req,
			 const struct caliptra_dpe_tag_tci_req *in,
			 struct caliptra_mailbox_resp_header *out)
{
	unsigned int index;

	(void)out;
	if (find_tag(&fw->dpe, in->tag, &index))
		return RUNTIME_DUPLICATE_TAG;
	if (dpe_find(&fw->dpe, in->handle, req->user, &index))
		return RUNTIME_TAGGING_FAILURE;
	if (fw->dpe.tagged[index])
		return RUNTIME_CONTEXT_ALREADY_TAGGED;
	fw->dpe.tagged[index] = true;
	fw->dpe.tag[index] = in->tag;
	return FW_OK;
}

uint32_t
cmd_dpe_get_tagged_tci(struct firmware *fw, const struct fw_request *req,
		       const struct caliptra_dpe_get_tagged_tci_req *in,
		       struct caliptra_dpe_get_tagged_tci_resp *out)
{
	const struct dpe_context *context;
	unsigned int index;

	(void)req;
	if (!find_tag(&fw->dpe, in->tag, &index))
		return RUNTIME_TAGGING_FAILURE;
	context = &fw->dpe.context[index];
	memcpy(out->tci_cumulative, context->tci_cumulative, SHA384_SIZE);
	memcpy(out->tci_current, context->tci_current, SHA384_SIZE);
	out->svn = context->svn;
	return FW_OK;
}

uint32_t cmd_reallocate_dpe_context_limits(
	struct firmware *fw, const struct fw_request *req,
	const struct caliptra_reallocate_dpe_context_limits_req *in,
	struct caliptra_reallocate_dpe_context_limits_resp *out)
{
	struct dpe *dpe = &fw->dpe;
	uint32_t pl0 = in->pl0_context_limit;

	(void)req;
	if (pl0 < MIN_PL0_CONTEXTS)
		return RUNTIME_REALLOCATE_DPE_CONTEXTS_PL0_LESS_THAN_MIN;
	if (pl0 > dpe->size)
		return RUNTIME_REALLOCATE_DPE_CONTEXTS_PL0_GREATER_THAN_MAX;
	if (pl0 < dpe_count_used(dpe, true))
		return RUNTIME_REALLOCATE_DPE_CONTEXTS_PL0_LESS_THAN_USED;
	if (dpe->size - pl0 < dpe_count_used(dpe, false))
		return RUNTIME_REALLOCATE_DPE_CONTEXTS_PL1_LESS_THAN_USED;
	dpe->pl0_limit = pl0;
	dpe->pl1_limit = dpe->size - pl0;
	out->new_pl0_context_limit = dpe->pl0_limit;
	out->new_pl1_context_limit = dpe->pl1_limit;
	return FW_OK;
}
