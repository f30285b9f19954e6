// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VERSION, FW_INFO, CAPABILITIES. Sources: caliptra-sw runtime/src/info.rs,
 * capabilities.rs and common/src/fips.rs.
 */
#include <string.h>

#include "caliptra-regs.h"
#include "command.h"

/* "FIPS" */
#define FIPS_MODE 0x46495053u

/* api/src/capabilities.rs, as bit numbers of a 128-bit number. */
#define CAPABILITY_ROM_BASE 0
#define CAPABILITY_RT_BASE  64

uint32_t cmd_version(struct firmware *fw, const struct fw_request *req,
		     struct caliptra_version_resp *out)
{
	(void)req;
	out->mode = FIPS_MODE;
	out->fips_rev[0] = soc_ifc_get(fw->ifc, CPTRA_HW_REV_ID);
	out->fips_rev[1] = soc_ifc_get(fw->ifc, CPTRA_FW_REV_ID);
	out->fips_rev[2] = soc_ifc_get(fw->ifc, CPTRA_FW_REV_ID + 4);
	memcpy(out->name, "Caliptra RTM", sizeof(out->name));
	return FW_OK;
}

uint32_t cmd_rom_version(struct firmware *fw, const struct fw_request *req,
			 struct caliptra_version_resp *out)
{
	return cmd_version(fw, req, out);
}

/* Without a bundle there are no owner and no vendor keys, which then read as zero. */
uint32_t cmd_fw_info(struct firmware *fw, const struct fw_request *req,
		     struct caliptra_fw_info_resp *out)
{
	const struct fw_image *image = &fw->image;

	(void)req;
	out->pl0_pauser = image->pl0_pauser;
	out->fw_svn = image->svn;
	out->min_fw_svn = image->min_svn;
	out->cold_boot_fw_svn = image->cold_svn;
	/* what 1.x says instead */
	out->runtime_svn = image->svn;
	out->min_runtime_svn = image->min_svn;
	out->fmc_manifest_svn = image->cold_svn;
	memcpy(out->rom_revision, image->revision, sizeof(out->rom_revision));
	memcpy(out->fmc_revision, image->fmc.revision,
	       sizeof(out->fmc_revision));
	memcpy(out->runtime_revision, image->runtime.revision,
	       sizeof(out->runtime_revision));
	memcpy(out->rom_sha256_digest, image->rom_sha256, SHA256_SIZE);
	memcpy(out->fmc_sha384_digest, image->fmc_sha384, SHA384_SIZE);
	memcpy(out->runtime_sha384_digest, image->runtime_sha384, SHA384_SIZE);
	memcpy(out->owner_pub_key_hash, image->owner_pk_hash, SHA384_SIZE);
	out->image_manifest_pqc_type = image->pqc_key_type;
	out->vendor_ecc384_pub_key_index = image->ecc_key_index;
	out->vendor_pqc_pub_key_index = image->pqc_key_index;
	out->attestation_disabled = fw->attestation_disabled;
	out->most_recent_fw_error = fw->last_error;
	soc_ifc_fuse_bytes(fw->ifc, fw->ifc->generation->fuse_vendor_pk_hash,
			   out->vendor_pub_key_hash, 12);
	memcpy(out->authman_sha384_digest, fw->manifest.digest, SHA384_SIZE);
	out->soc_manifest_current_svn = fw->manifest.svn;
	out->soc_manifest_min_svn =
		soc_ifc_svn_fuse(fw->ifc, FUSE_SOC_MANIFEST_SVN);
	out->owner_auth_manifest_current_svn = fw->owner_manifest.svn;
	out->owner_auth_manifest_min_svn = firmware_owner_manifest_min_svn(fw);
	return FW_OK;
}

static void set_capability(struct caliptra_capabilities_resp *out,
			   unsigned int bit)
{
	out->capabilities[15 - bit / 8] |= (uint8_t)(1u << bit % 8);
}

uint32_t cmd_capabilities(struct firmware *fw, const struct fw_request *req,
			  struct caliptra_capabilities_resp *out)
{
	(void)fw;
	(void)req;
	set_capability(out, CAPABILITY_RT_BASE);
	return FW_OK;
}

uint32_t cmd_rom_capabilities(struct firmware *fw, const struct fw_request *req,
			      struct caliptra_capabilities_resp *out)
{
	(void)fw;
	(void)req;
	set_capability(out, CAPABILITY_ROM_BASE);
	return FW_OK;
}
