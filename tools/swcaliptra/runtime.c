// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What runtime firmware does before it answers commands: the DPE with the
 * measurements of boot, or what a reset has left of it. Sources: caliptra-sw
 * runtime/src/drivers.rs and lib.rs.
 */
#include <string.h>

#include "caliptra-regs.h"
#include "firmware.h"

/* RtBootStatus::RtReadyForCommands */
#define RT_READY_FOR_COMMANDS 0x600

#define PL0_PAUSER_FLAG 1u

/*
 * The values that boot was configured with: users of the mailbox, and header
 * and load addresses of the image. An image that is built in is not loaded
 * anywhere, so its addresses are zero.
 */
static int initialization_values_hash(const struct firmware *fw,
				      uint8_t digest[SHA384_SIZE])
{
	uint8_t values[5 * 4 + 2 * 4 + 4 * 4] = { 0 };
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
	wire_put_le32(values + len, fw->image.pl0_pauser);
	wire_put_le32(values + len + 4, PL0_PAUSER_FLAG);
	len += 4 * 6;
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

struct dpe_env firmware_dpe_env(struct firmware *fw)
{
	return (struct dpe_env){
		.dpe = &fw->dpe,
		.g = fw->ifc->generation,
		.platform = &fw->dpe_platform,
		.ueid = fw->ueid,
		.ueid_len = sizeof(fw->ueid),
		.rt_cdi = fw->rt_alias.cdi,
		.rt_key = fw->rt_alias.ecc,
		.random = fw->constant_random ? firmware_constant_random :
						crypto_random,
	};
}

/* Made anew with every start, so that what was put before it is gone. */
static void make_cert_chain(struct firmware *fw)
{
	const struct cert_der *const certs[] = {
		&fw->ldevid_cert,
		&fw->fmc_alias_cert,
		&fw->rt_alias_cert,
	};
	struct dpe_platform *platform = &fw->dpe_platform;
	unsigned int i;

	memset(platform, 0, sizeof(*platform));
	for (i = 0; i < 3; i++) {
		memcpy(platform->chain + platform->chain_len, certs[i]->bytes,
		       certs[i]->len);
		platform->chain_len += certs[i]->len;
	}
}

enum dpe_error firmware_measure(struct firmware *fw, uint32_t locality,
				uint32_t target_locality, uint32_t tci_type,
				uint32_t svn,
				const uint8_t measurement[SHA384_SIZE])
{
	struct dpe_env env = firmware_dpe_env(fw);
	struct dpe_input in = {
		.flags = DPE_CALIPTRA_FLAGS,
		.tci_type = tci_type,
		.target_locality = target_locality,
		.svn = svn,
	};
	uint8_t handle[DPE_HANDLE_SIZE];
	uint8_t parent[DPE_HANDLE_SIZE];

	memcpy(in.data, measurement, SHA384_SIZE);
	return dpe_derive(&env, locality, dpe_default_handle, &in, handle,
			  parent);
}

uint32_t runtime_boot(struct firmware *fw)
{
	uint8_t digest[SHA384_SIZE];
	uint32_t pl0 = fw->image.pl0_pauser;
	unsigned int i;

	make_cert_chain(fw);
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

	ready_for_commands(fw);
	return FW_OK;
}

void runtime_resume(struct firmware *fw)
{
	bool warm = soc_ifc_get(fw->ifc, CPTRA_RESET_REASON) &
		    CPTRA_RESET_REASON_WARM_RESET;

	make_cert_chain(fw);
	ready_for_commands(fw);
	if (warm && fw->command_active) {
		fw->attestation_disabled = true;
		soc_ifc_report_non_fatal(fw->ifc,
					 RUNTIME_CMD_BUSY_DURING_WARM_RESET);
	}
	fw->command_active = false;
}
