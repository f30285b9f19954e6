// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VERSION, FW_INFO, CAPABILITIES. Sources: caliptra-sw runtime/src/info.rs,
 * capabilities.rs and common/src/fips.rs.
 */
#include "command.h"

#include "caliptra-regs.h"

/* "FIPS" */
#define FIPS_MODE 0x46495053u

/* api/src/capabilities.rs, as bit numbers of a 128-bit number. */
#define CAPABILITY_ROM_BASE 0
#define CAPABILITY_RT_BASE  64

static void put_zero_words(struct wire_writer *w, unsigned int words)
{
	while (words--)
		wire_put_u32(w, 0);
}

uint32_t cmd_version(struct firmware *fw, const struct fw_request *req,
		     struct fw_response *rsp)
{
	static const char name[12] = { 'C', 'a', 'l', 'i', 'p', 't',
				       'r', 'a', ' ', 'R', 'T', 'M' };

	(void)req;
	wire_put_u32(&rsp->body, FIPS_MODE);
	wire_put_u32(&rsp->body, soc_ifc_get(fw->ifc, CPTRA_HW_REV_ID));
	wire_put_u32(&rsp->body, soc_ifc_get(fw->ifc, CPTRA_FW_REV_ID));
	wire_put_u32(&rsp->body, soc_ifc_get(fw->ifc, CPTRA_FW_REV_ID + 4));
	wire_put(&rsp->body, name, sizeof(name));
	return FW_OK;
}

/*
 * No image is verified here, so there is no owner, no authorization manifest
 * and no vendor key index: those read as zero.
 */
uint32_t cmd_fw_info(struct firmware *fw, const struct fw_request *req,
		     struct fw_response *rsp)
{
	struct wire_writer *w = &rsp->body;
	const struct fw_image *image = &fw->image;
	uint8_t vendor_pk_hash[SHA384_SIZE];
	int i;

	(void)req;
	soc_ifc_fuse_bytes(fw->ifc, FUSE_VENDOR_PK_HASH, vendor_pk_hash, 12);

	wire_put_u32(w, image->pl0_pauser);
	wire_put_u32(w, image->svn); /* fw_svn */
	wire_put_u32(w, image->svn); /* min_fw_svn */
	wire_put_u32(w, image->svn); /* cold_boot_fw_svn */
	wire_put_u32(w, 0); /* attestation_disabled */
	for (i = 0; i < 3; i++) /* of ROM, FMC and runtime */
		wire_put(w, image->revision, sizeof(image->revision));
	wire_put_be_words(w, image->rom_sha256, 8);
	wire_put_be_words(w, image->fmc_sha384, 12);
	wire_put_be_words(w, image->runtime_sha384, 12);
	put_zero_words(w, 12); /* owner_pub_key_hash */
	put_zero_words(w, 12); /* authman_sha384_digest */
	wire_put_u32(w, fw->last_error); /* most_recent_fw_error */
	wire_put_be_words(w, vendor_pk_hash, 12);
	put_zero_words(w, 4); /* PQC type, key indices, soc_manifest_current */
	wire_put_u32(w, soc_ifc_svn_fuse(fw->ifc, FUSE_SOC_MANIFEST_SVN));
	put_zero_words(w, 2); /* owner_auth_manifest_current_svn, _min_svn */
	return FW_OK;
}

static uint32_t put_capability(struct fw_response *rsp, unsigned int bit)
{
	uint8_t capabilities[16] = { 0 };

	capabilities[15 - bit / 8] |= (uint8_t)(1u << bit % 8);
	wire_put(&rsp->body, capabilities, sizeof(capabilities));
	return FW_OK;
}

uint32_t cmd_capabilities(struct firmware *fw, const struct fw_request *req,
			  struct fw_response *rsp)
{
	(void)fw;
	(void)req;
	return put_capability(rsp, CAPABILITY_RT_BASE);
}

uint32_t cmd_rom_capabilities(struct firmware *fw, const struct fw_request *req,
			      struct fw_response *rsp)
{
	(void)fw;
	(void)req;
	return put_capability(rsp, CAPABILITY_ROM_BASE);
}
