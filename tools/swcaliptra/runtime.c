// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What runtime firmware does before it answers commands: the DPE with the
 * measurements of boot, or what a reset has left of it. Sources: caliptra-sw
 * runtime/src/drivers.rs and lib.rs.
 */
#include <string.h>

#include "caliptra-regs.h"
#include "dpe_command.h"
#include "dpe_key.h"
#include "firmware.h"
#include "identity.h"

/* RtBootStatus::RtReadyForCommands */
#define RT_READY_FOR_COMMANDS 0x600

/*
 * The values that boot was configured with: users of the mailbox, and header
 * and load addresses of the image. An image that is the program is not loaded
 * anywhere, so its addresses are zero.
 */
static int initialization_values_hash(const struct firmware *fw,
				      uint8_t digest[SHA384_SIZE])
{
	const struct fw_image *image = &fw->image;
	const uint32_t header[] = {
		image->pl0_pauser,	  image->flags,
		image->fmc.load_addr,	  image->fmc.entry_point,
		image->runtime.load_addr, image->runtime.entry_point,
	};
	uint8_t values[5 * 4 + sizeof(header)];
	size_t len = 0;
	unsigned int i;

	for (i = 0; i < 5; i++) {
		if (!soc_ifc_get(fw->ifc, CPTRA_MBOX_AXI_USER_LOCK + 4 * i))
			continue;
		wire_put_le32(values + len,
			      soc_ifc_get(fw->ifc,
					  CPTRA_MBOX_VALID_AXI_USER + 4 * i));
		len += 4;
	}
	for (i = 0; i < 6; i++, len += 4)
		wire_put_le32(values + len, header[i]);
	return crypto_sha384(values, len, digest);
}

static void ready_for_commands(struct firmware *fw)
{
	fw->self_test = SELF_TEST_IDLE;
	fw->phase = FW_RUNTIME;
	soc_ifc_set(fw->ifc, CPTRA_BOOT_STATUS, RT_READY_FOR_COMMANDS);
	soc_ifc_set(fw->ifc, CPTRA_FLOW_STATUS,
		    soc_ifc_get(fw->ifc, CPTRA_FLOW_STATUS) |
			    CPTRA_FLOW_STATUS_READY_FOR_RUNTIME |
			    CPTRA_FLOW_STATUS_MAILBOX_FLOW_DONE);
}

struct dpe_env firmware_dpe_env(struct firmware *fw,
				const struct dpe_profile *profile)
{
	const struct generation *g = fw->ifc->generation;
	bool mldsa = profile == &dpe_mldsa87;

	fw->dpe_edits++;
	return (struct dpe_env){
		.dpe = &fw->dpe,
		.g = g,
		.profile = profile,
		.room = DPE_MAX_RESPONSE,
		.chain = mldsa ? fw->chains.mldsa : fw->chains.ecc,
		.chain_len = mldsa ? fw->chains.mldsa_len : fw->chains.ecc_len,
		.platform = &fw->dpe_platform,
		.ueid = fw->ueid,
		.ueid_len = sizeof(fw->ueid),
		.validity = fw->image.dates,
		.issuer = mldsa ? g->mldsa_cert_name : g->cert_name,
		.rt_cdi = fw->rt_alias.cdi,
		.rt_key = mldsa ? fw->rt_alias.mldsa : fw->rt_alias.ecc,
		.kept_key = &fw->dpe_key,
		.random = fw->constant_random ? firmware_constant_random :
						crypto_random,
	};
}

/* Made anew with every start, so that what the SoC has added is gone. */
static void start_platform(struct firmware *fw)
{
	dpe_forget_key(&fw->dpe_key);
	memset(&fw->dpe_platform, 0, sizeof(fw->dpe_platform));
	memset(&fw->mcu_image, 0, sizeof(fw->mcu_image));
	identity_chains(fw);
}

enum dpe_error firmware_measure(struct firmware *fw, uint32_t locality,
				uint32_t target_locality, uint32_t tci_type,
				uint32_t svn,
				const uint8_t measurement[SHA384_SIZE])
{
	/* of either profile */
	struct dpe_env env = firmware_dpe_env(fw, &dpe_p384);
	struct dpe_input in = {
		.flags = DPE_CALIPTRA_FLAGS,
		.tci_type = tci_type,
		.target_locality = target_locality,
		.svn = svn,
	};
	uint8_t handle[DPE_HANDLE_SIZE];
	uint8_t parent[DPE_HANDLE_SIZE];

	dpe_forget_key(&fw->dpe_key);
	memcpy(in.data, measurement, SHA384_SIZE);
	return dpe_derive(&env, locality, dpe_default_handle, &in, handle,
			  parent);
}

/*
 * Where 2.0 can not make a context it adds to the one that is there, if that measures
 * the same kind of thing.
 */
static enum dpe_error measure_again(struct firmware *fw, uint32_t user,
				    uint32_t type,
				    const uint8_t measurement[SHA384_SIZE])
{
	struct dpe_env env = firmware_dpe_env(fw, &dpe_p384);
	struct dpe_input in = {
		.flags = CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RECURSIVE,
		.tci_type = type,
	};
	uint8_t handle[DPE_HANDLE_SIZE];
	uint8_t parent[DPE_HANDLE_SIZE];

	memcpy(in.data, measurement, SHA384_SIZE);
	return dpe_derive(&env, user, dpe_default_handle, &in, handle, parent);
}

/* The default context of @user is from now on the firmware's own. */
static uint32_t note_context(struct firmware *fw, enum fw_context which,
			     uint32_t user)
{
	unsigned int index;

	if (dpe_find(&fw->dpe, dpe_default_handle, user, &index))
		return RUNTIME_DPE_CONTEXT_NOT_FOUND;
	fw->contexts[which] = (uint8_t)(index + 1);
	return FW_OK;
}

static uint32_t extend_stash_pcr(struct firmware *fw,
				 const uint8_t measurement[SHA384_SIZE])
{
	return pcr_extend(&fw->pcrs, PCR_STASH_MEASUREMENT, measurement,
			  SHA384_SIZE) ?
		       DRIVER_SHA2_512_384_INVALID_STATE_ERR :
		       FW_OK;
}

uint32_t firmware_stash(struct firmware *fw, uint32_t user, uint32_t fw_id,
			uint32_t svn, const uint8_t measurement[SHA384_SIZE],
			enum dpe_error *refused)
{
	const struct generation *g = fw->ifc->generation;
	bool is_mcu = fw_id == FW_MCU_IMAGE_ID &&
		      generation_in(g, GENERATION_2_X);
	uint32_t type = is_mcu ? DPE_TCI_MCFW : fw_id;
	uint32_t error = firmware_dpe_room(fw, user);

	if (error)
		return error;
	*refused = firmware_measure(fw, user, user, type, svn, measurement);
	if (*refused == DPE_INVALID_ARGUMENT &&
	    generation_in(g, GENERATION_2_0))
		*refused = measure_again(fw, user, type, measurement);
	if (*refused)
		return FW_OK;
	if (is_mcu)
		error = note_context(fw, FW_MCFW, user);
	return error ? error : extend_stash_pcr(fw, measurement);
}

static const uint32_t context_types[FW_CONTEXTS] = {
	[FW_SOMV] = DPE_TCI_SOMV,
	[FW_SOMO] = DPE_TCI_SOMO,
	[FW_MCFW] = DPE_TCI_MCFW,
};

uint32_t firmware_update_context(struct firmware *fw, enum fw_context which,
				 const uint8_t measurement[SHA384_SIZE])
{
	struct dpe_context *c;

	if (!fw->contexts[which])
		return FW_OK;
	c = &fw->dpe.context[fw->contexts[which] - 1];
	if (c->state == DPE_INACTIVE || c->simulation ||
	    c->tci_type != context_types[which] ||
	    c->locality != fw->image.pl0_pauser)
		return RUNTIME_DPE_CONTEXT_NOT_FOUND;
	if (!memcmp(c->tci_current, measurement, SHA384_SIZE))
		return FW_OK;
	fw->dpe_edits++;
	dpe_forget_key(&fw->dpe_key);
	if (crypto_sha384_extend(c->tci_cumulative, measurement, SHA384_SIZE))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	memcpy(c->tci_current, measurement, SHA384_SIZE);
	return extend_stash_pcr(fw, measurement);
}

uint32_t firmware_make_context(struct firmware *fw, enum fw_context which,
			       uint32_t svn,
			       const uint8_t measurement[SHA384_SIZE])
{
	uint32_t pl0 = fw->image.pl0_pauser;
	uint32_t error = firmware_dpe_room(fw, pl0);

	if (error)
		return error;
	if (firmware_measure(fw, pl0, pl0, context_types[which], svn,
			     measurement))
		return RUNTIME_AUTH_AND_STASH_MEASUREMENT_DPE_ERROR;
	error = note_context(fw, which, pl0);
	return error ? error : extend_stash_pcr(fw, measurement);
}

uint32_t runtime_boot(struct firmware *fw)
{
	uint8_t digest[SHA384_SIZE];
	uint32_t pl0 = fw->image.pl0_pauser;
	uint32_t error;
	unsigned int i;

	start_platform(fw);
	fw->dpe_edits++;
	dpe_init(&fw->dpe, fw->ifc->generation, pl0,
		 fw->pcrs.value[PCR_RT_CURRENT],
		 fw->pcrs.value[PCR_RT_JOURNEY]);
	if (initialization_values_hash(fw, digest) ||
	    firmware_measure(fw, DPE_CALIPTRA_LOCALITY, pl0, DPE_TCI_CCIV, 0,
			     digest))
		return RUNTIME_ADD_CCIV_MEASUREMENT_TO_DPE_FAILED;
	for (i = 0; i < fw->log_len; i++)
		if (firmware_measure(fw, pl0, pl0,
				     wire_get_le32(fw->log[i].metadata), 0,
				     fw->log[i].measurement))
			return RUNTIME_ADD_ROM_MEASUREMENTS_TO_DPE_FAILED;
	if (fw->soc) {
		error = firmware_recover(fw);
		if (error)
			return error;
	}
	ready_for_commands(fw);
	return FW_OK;
}

/* Whatever is wrong with the DPE, firmware goes on without attestation. */
static uint32_t disable_attestation_for(struct firmware *fw, uint32_t reason)
{
	uint32_t error = firmware_disable_attestation(fw);

	if (!error)
		soc_ifc_report_non_fatal(fw->ifc, reason);
	return error;
}

/* It is the limit of whoever has used the mailbox last that counts. */
static uint32_t validate_dpe(struct firmware *fw)
{
	uint32_t wrong = dpe_validate(&fw->dpe);
	uint32_t full;

	if (wrong) {
		soc_ifc_set(fw->ifc, CPTRA_FW_EXTENDED_ERROR_INFO, wrong);
		return disable_attestation_for(fw,
					       RUNTIME_DPE_VALIDATION_FAILED);
	}
	full = firmware_dpe_room(fw, fw->mbox->user);
	return full ? disable_attestation_for(fw, full) : FW_OK;
}

/* Whoever exports a CDI may leave the tag of a context that is gone with it. */
static uint32_t validate_tags(const struct dpe *dpe)
{
	unsigned int i;

	for (i = 0; i < dpe->size; i++) {
		if (dpe->context[i].state != DPE_INACTIVE)
			continue;
		if (dpe->tag[i])
			return RUNTIME_CONTEXT_TAGS_VALIDATION_FAILED;
		if (dpe->tagged[i])
			return RUNTIME_CONTEXT_HAS_TAG_VALIDATION_FAILED;
	}
	return FW_OK;
}

static uint32_t check_root(struct firmware *fw, const struct dpe_context *root)
{
	if (memcmp(root->tci_current, fw->pcrs.value[PCR_RT_CURRENT],
		   SHA384_SIZE))
		return disable_attestation_for(
			fw, RUNTIME_RT_CURRENT_PCR_VALIDATION_FAILED);
	if (memcmp(root->tci_cumulative, fw->pcrs.value[PCR_RT_JOURNEY],
		   SHA384_SIZE))
		return disable_attestation_for(
			fw, RUNTIME_RT_JOURNEY_PCR_VALIDATION_FAILED);
	return FW_OK;
}

static struct dpe_context *find_cciv(struct dpe *dpe,
				     const struct dpe_context *root)
{
	unsigned int i;

	for (i = 0; i < dpe->size; i++)
		if (root->children >> i & 1 &&
		    dpe->context[i].tci_type == DPE_TCI_CCIV)
			return &dpe->context[i];
	return NULL;
}

/* 1.x leaves PCR 31 as it is. */
static uint32_t update_cciv(struct firmware *fw, const struct dpe_context *root)
{
	struct dpe_context *cciv = find_cciv(&fw->dpe, root);
	uint8_t digest[SHA384_SIZE];

	if (fw->attestation_disabled)
		return FW_OK;
	if (!cciv)
		return RUNTIME_DPE_CONTEXT_NOT_FOUND;
	if (initialization_values_hash(fw, digest))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	if (!memcmp(cciv->tci_current, digest, SHA384_SIZE))
		return FW_OK;
	memcpy(cciv->tci_current, digest, SHA384_SIZE);
	if (crypto_sha384_extend(cciv->tci_cumulative, digest, SHA384_SIZE))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	if (generation_in(fw->ifc->generation, GENERATION_1_2))
		return FW_OK;
	return pcr_extend(&fw->pcrs, PCR_STASH_MEASUREMENT, digest,
			  SHA384_SIZE) ?
		       DRIVER_SHA2_512_384_INVALID_STATE_ERR :
		       FW_OK;
}

static uint32_t resume_dpe(struct firmware *fw, bool warm)
{
	struct dpe_context *root;
	uint32_t error;

	fw->dpe_edits++;
	/* what runs now may have another */
	fw->dpe.pl0_locality = fw->image.pl0_pauser;
	error = validate_dpe(fw);
	if (!error)
		error = validate_tags(&fw->dpe);
	if (error)
		return error;
	root = dpe_root(&fw->dpe);
	if (!root)
		return RUNTIME_UNABLE_TO_FIND_DPE_ROOT_CONTEXT;
	if (warm)
		return check_root(fw, root);
	memcpy(root->tci_current, fw->pcrs.value[PCR_RT_CURRENT], SHA384_SIZE);
	memcpy(root->tci_cumulative, fw->pcrs.value[PCR_RT_JOURNEY],
	       SHA384_SIZE);
	return update_cciv(fw, root);
}

/* The firmware takes it for an attack where the MCU has none that is good. */
static uint32_t resume_mcu(struct firmware *fw)
{
	if (fw->mcu_status != FW_MCU_LOADED)
		return ROM_CFI_PANIC_ASSERT_EQ_FAILURE;
	firmware_release_mcu(fw);
	return FW_OK;
}

uint32_t runtime_resume(struct firmware *fw)
{
	bool warm = soc_ifc_get(fw->ifc, CPTRA_RESET_REASON) &
		    CPTRA_RESET_REASON_WARM_RESET;
	uint32_t error = FW_OK;

	start_platform(fw);
	if (fw->attestation_disabled)
		error = firmware_disable_attestation(fw);
	if (!error)
		error = resume_dpe(fw, warm);
	if (!error && warm && fw->soc)
		error = resume_mcu(fw);
	if (error)
		return error;
	ready_for_commands(fw);
	if (warm && fw->command_active)
		error = disable_attestation_for(
			fw, RUNTIME_CMD_BUSY_DURING_WARM_RESET);
	fw->command_active = false;
	return error;
}
