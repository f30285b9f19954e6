// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boot. Cold: the DICE chain from the fuses to the RT alias key, and the PCRs. Warm:
 * what was made then is still there. Firmware update reset: the same with other
 * runtime firmware.
 * Sources: caliptra-sw rom/dev/src/flow, rom/dev/src/pcr.rs, common/src/dice.rs and
 * fmc/src/flow.
 */
#include <openssl/crypto.h>
#include <string.h>

#include <caliptra/commands.h>

#include "caliptra-regs.h"
#include "csr_envelope.h"
#include "dpe_key.h"
#include "firmware.h"
#include "identity.h"

/* CPTRA_BOOT_STATUS: caliptra-sw common/src/boot_status.rs, fmc likewise. */
#define IDEVID_KEY_ID_COMPLETE	     7
#define LDEVID_DERIVATION_COMPLETE   70
#define FW_DOWNLOADED		     129
#define FW_MANIFEST_LOADED	     130
#define FW_VERIFIED		     131
#define FW_PROCESSOR_COMPLETE	     137
#define COLD_RESET_COMPLETE	     320
#define UPDATE_RESET_STARTED	     321
#define UPDATE_MANIFEST_LOADED	     322
#define UPDATE_VERIFIED		     323
#define UPDATE_RESET_COMPLETE	     329
#define RT_ALIAS_DERIVATION_COMPLETE 0x406

static void set_boot_status(struct firmware *fw, uint32_t status)
{
	soc_ifc_set(fw->ifc, CPTRA_BOOT_STATUS, status);
}

static int deobfuscate(struct firmware *fw, uint8_t uds[DICE_UDS_SIZE],
		       uint8_t field_entropy[DICE_FIELD_ENTROPY_SIZE])
{
	const struct generation *g = fw->ifc->generation;
	uint8_t key[DICE_OBF_KEY_SIZE];
	uint8_t seed[DICE_UDS_SIZE];
	int ret;

	soc_ifc_fuse_bytes(fw->ifc, INTERNAL_OBF_KEY, key, 8);
	soc_ifc_fuse_bytes(fw->ifc, FUSE_UDS_SEED, seed, g->uds_seed_words);
	memset(uds, 0, DICE_UDS_SIZE);
	ret = dice_deobfuscate(key, seed, 4u * g->uds_seed_words, uds);
	if (!ret) {
		soc_ifc_fuse_bytes(fw->ifc, g->fuse_field_entropy, seed, 8);
		ret = dice_deobfuscate(key, seed, DICE_FIELD_ENTROPY_SIZE,
				       field_entropy);
	}
	soc_ifc_clear_secrets(fw->ifc);
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(seed, sizeof(seed));
	return ret;
}

static int derive_idevid(struct firmware *fw, const uint8_t uds[DICE_UDS_SIZE],
			 struct dice_layer *idevid)
{
	if (dice_derive_idevid(fw->ifc->generation, uds, idevid))
		return -1;
	if (!identity_idevid(fw, idevid))
		return 0;
	dice_layer_release(idevid);
	return -1;
}

static int derive_identity(struct firmware *fw)
{
	uint8_t uds[DICE_UDS_SIZE];
	uint8_t field_entropy[DICE_FIELD_ENTROPY_SIZE];
	struct dice_layer idevid;
	int ret = -1;

	if (deobfuscate(fw, uds, field_entropy) ||
	    derive_idevid(fw, uds, &idevid))
		goto out;
	dice_layer_release(&fw->ldevid);
	ret = dice_derive_ldevid(fw->ifc->generation, &idevid, field_entropy,
				 &fw->ldevid) ||
	      identity_ldevid(fw, &idevid);
	dice_layer_release(&idevid);
out:
	OPENSSL_cleanse(uds, sizeof(uds));
	OPENSSL_cleanse(field_entropy, sizeof(field_entropy));
	return ret;
}

void firmware_reset(struct firmware *fw)
{
	struct mbox *mbox = fw->mbox;
	struct soc_ifc *ifc = fw->ifc;
	const struct fw_soc *soc = fw->soc;
	struct fw_image image = fw->image;
	uint32_t image_edits = fw->image_edits;
	uint32_t identity_edits = fw->identity_edits;
	uint32_t log_edits = fw->log_edits;
	uint32_t dpe_edits = fw->dpe_edits;
	uint32_t manifest_edits = fw->manifest_edits;
	const struct pcr_mirror *mirror = fw->pcrs.mirror;

	dice_layer_release(&fw->ldevid);
	dice_layer_release(&fw->fmc_alias);
	dice_layer_release(&fw->rt_alias);
	dpe_forget_key(&fw->dpe_key);
	memset(fw, 0, sizeof(*fw));
	fw->mbox = mbox;
	fw->ifc = ifc;
	fw->soc = soc;
	fw->image = image;
	fw->image_edits = image_edits;
	fw->identity_edits = identity_edits + 1;
	fw->log_edits = log_edits + 1;
	fw->dpe_edits = dpe_edits + 1;
	fw->manifest_edits = manifest_edits + 1;
	fw->pcrs.mirror = mirror;
}

void firmware_restart(struct firmware *fw, bool busy)
{
	dpe_forget_key(&fw->dpe_key);
	fw->phase = FW_RESET;
	fw->command_active = busy;
}

/* The register has room for half of FMC's version. */
static void set_all_versions(struct firmware *fw)
{
	soc_ifc_set(fw->ifc, CPTRA_FW_REV_ID,
		    fw->ifc->generation->rom_version | fw->image.fmc.version
							       << 16);
	soc_ifc_set(fw->ifc, CPTRA_FW_REV_ID + 4, fw->image.runtime.version);
}

static void ready_for_mailbox(struct firmware *fw)
{
	set_boot_status(fw, LDEVID_DERIVATION_COMPLETE);
	fw->phase = FW_ROM;
	soc_ifc_set(fw->ifc, CPTRA_FLOW_STATUS,
		    CPTRA_FLOW_STATUS_READY_FOR_MB_PROCESSING);
}

static void uc_writes(struct firmware *fw, uint32_t offset, uint32_t value)
{
	mbox_write(fw->mbox, MBOX_UC, MBOX_UC_USER, offset, value);
}

/* The mailbox is ROM's: put the requests into it. */
static void put_csr(struct firmware *fw)
{
	uint8_t bytes[CSR_ENVELOPE_MAX];
	size_t len = csr_envelope(fw, bytes);

	if (!len) {
		firmware_fatal(fw, ROM_GLOBAL_EXCEPTION);
		return;
	}
	uc_writes(fw, MBOX_CMD, 0);
	uc_writes(fw, MBOX_DLEN, (uint32_t)len);
	mbox_load(fw->mbox, bytes, len);
	uc_writes(fw, MBOX_EXECUTE, MBOX_EXECUTE_EXECUTE);
	soc_ifc_set(fw->ifc, CPTRA_FLOW_STATUS,
		    CPTRA_FLOW_STATUS_IDEVID_CSR_READY);
}

void rom_send_csr(struct firmware *fw)
{
	enum mbox_violation unused;

	if (!(soc_ifc_get(fw->ifc, CPTRA_FLOW_STATUS) &
	      CPTRA_FLOW_STATUS_IDEVID_CSR_READY)) {
		if (!mbox_read(fw->mbox, MBOX_UC, MBOX_UC_USER, MBOX_LOCK,
			       &unused))
			put_csr(fw);
	} else if (!(soc_ifc_get(fw->ifc, CPTRA_DBG_MANUF_SERVICE_REG) &
		     CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR)) {
		uc_writes(fw, MBOX_EXECUTE, 0);
		ready_for_mailbox(fw);
	}
}

/* LDevID comes after the requests are sent, but nobody can see when. */
static uint32_t cold_boot(struct firmware *fw)
{
	soc_ifc_set(fw->ifc, CPTRA_FW_REV_ID, fw->ifc->generation->rom_version);
	if (pcr_begin(&fw->pcrs) || derive_identity(fw))
		return ROM_GLOBAL_EXCEPTION;
	if (!fw->idevid_csr.len) {
		ready_for_mailbox(fw);
		return FW_OK;
	}
	set_boot_status(fw, IDEVID_KEY_ID_COMPLETE);
	fw->phase = FW_SENDS_CSR;
	return FW_OK;
}

static uint32_t warm_boot(struct firmware *fw)
{
	if (!fw->cold_boot_done)
		return ROM_WARM_RESET_UNSUCCESSFUL_PREVIOUS_COLD_RESET;
	/* ROM leaves an update that failed as one that has begun */
	if (fw->update_failed)
		return ROM_WARM_RESET_UNSUCCESSFUL_PREVIOUS_UPDATE_RESET;
	set_all_versions(fw);
	return runtime_resume(fw);
}

static uint8_t fuse8(const struct firmware *fw, uint32_t offset)
{
	return (uint8_t)soc_ifc_get(fw->ifc, offset);
}

static uint8_t lifecycle(const struct firmware *fw)
{
	return soc_ifc_get(fw->ifc, CPTRA_SECURITY_STATE) &
	       CPTRA_SECURITY_STATE_DEVICE_LIFECYCLE_MASK;
}

static uint8_t debug_locked(const struct firmware *fw)
{
	return !!(soc_ifc_get(fw->ifc, CPTRA_SECURITY_STATE) &
		  CPTRA_SECURITY_STATE_DEBUG_LOCKED);
}

static uint8_t subsystem_mode(const struct firmware *fw)
{
	return !!(soc_ifc_get(fw->ifc, CPTRA_HW_CONFIG) &
		  CPTRA_HW_CONFIG_SUBSYSTEM_MODE_EN);
}

/* Of the owner's keys, where the SoC knows it; zeros where not. */
static bool owner_hash_in_fuses(const struct firmware *fw,
				uint8_t hash[SHA384_SIZE])
{
	static const uint8_t none[SHA384_SIZE];
	bool is_1x = generation_in(fw->ifc->generation, GENERATION_1_2);

	soc_ifc_fuse_bytes(fw->ifc,
			   is_1x ? FUSE_1X_OWNER_PK_HASH : CPTRA_OWNER_PK_HASH,
			   hash, 12);
	return memcmp(hash, none, sizeof(none));
}

/*
 * What boot measures of the device's state. The owner's key hash and the indices
 * of vendor keys come with a bundle, and are zero without one.
 */
struct device_status {
	bool owner_in_fuses;
	uint8_t vendor_pk_hash[SHA384_SIZE];
	/* revocations, security versions and switches of the owner */
	uint8_t owner_fuses[11];
	/* key type, state and choices of the vendor */
	uint8_t vendor_fuses[7];
	/* before 2.1 all is in one; 1.x has no subsystem mode, which is last */
	uint8_t old_fuses[10];
	size_t old_fuses_len;
};

static struct device_status device_status(const struct firmware *fw)
{
	uint8_t owner_hash[SHA384_SIZE];
	bool owner_in_fuses = owner_hash_in_fuses(fw, owner_hash);
	struct device_status s = {
		.owner_in_fuses = owner_in_fuses,
		.owner_fuses = {
			owner_in_fuses,
			fuse8(fw, FUSE_ANTI_ROLLBACK_DISABLE),
			fuse8(fw, FUSE_ECC_REVOCATION),
			/* 4 bytes LMS revocation */
			[7] = fuse8(fw, FUSE_MLDSA_REVOCATION),
			(uint8_t)soc_ifc_svn_fuse(fw->ifc, FUSE_RUNTIME_SVN),
			(uint8_t)soc_ifc_svn_fuse(fw->ifc,
						  FUSE_SOC_MANIFEST_SVN),
			fuse8(fw, FUSE_SOC_MANIFEST_MAX_SVN),
		},
		.vendor_fuses = {
			fuse8(fw, FUSE_PQC_KEY_TYPE),
			lifecycle(fw),
			debug_locked(fw),
			(uint8_t)fw->image.cold_svn,
			(uint8_t)fw->image.ecc_key_index,
			(uint8_t)fw->image.pqc_key_index,
			subsystem_mode(fw),
		},
	};

	wire_put_le32(s.owner_fuses + 3,
		      soc_ifc_get(fw->ifc, FUSE_LMS_REVOCATION));
	soc_ifc_fuse_bytes(fw->ifc, fw->ifc->generation->fuse_vendor_pk_hash,
			   s.vendor_pk_hash, 12);
	return s;
}

/* The lowest security version that firmware may have, a fuse. */
static uint8_t fuse_svn(const struct firmware *fw)
{
	uint32_t bits = soc_ifc_get(fw->ifc, FUSE_FMC_KEY_MANIFEST_SVN);

	if (soc_ifc_get(fw->ifc, FUSE_ANTI_ROLLBACK_DISABLE))
		return 0;
	if (!generation_in(fw->ifc->generation, GENERATION_1_2))
		return (uint8_t)soc_ifc_svn_fuse(fw->ifc, FUSE_RUNTIME_SVN);
	return bits ? (uint8_t)(32 - __builtin_clz(bits)) : 0;
}

static void old_device_status(const struct firmware *fw,
			      struct device_status *s)
{
	bool is_1x = generation_in(fw->ifc->generation, GENERATION_1_2);
	const uint8_t fuses[] = {
		lifecycle(fw),
		debug_locked(fw),
		fuse8(fw, FUSE_ANTI_ROLLBACK_DISABLE),
		(uint8_t)fw->image.ecc_key_index,
		(uint8_t)fw->image.cold_svn,
		fuse_svn(fw),
		(uint8_t)fw->image.pqc_key_index,
		/* LMS keys are used; key type */
		fuse8(fw, is_1x ? FUSE_1X_LMS_VERIFY : FUSE_PQC_KEY_TYPE),
		s->owner_in_fuses,
		subsystem_mode(fw),
	};

	memcpy(s->old_fuses, fuses, sizeof(fuses));
	s->old_fuses_len = sizeof(fuses) - is_1x;
}

static bool is_old(const struct firmware *fw)
{
	return !generation_in(fw->ifc->generation, GENERATION_2_1);
}

static int extend_fmc_pcrs(struct firmware *fw, enum pcr_log_id id,
			   const void *data, size_t len)
{
	return pcr_extend(&fw->pcrs, PCR_FMC_CURRENT, data, len) ||
	       pcr_extend(&fw->pcrs, PCR_FMC_JOURNEY, data, len) ||
	       pcr_log_add(&fw->pcr_log, id,
			   1u << PCR_FMC_CURRENT | 1u << PCR_FMC_JOURNEY, data,
			   len);
}

static int measure_fmc(struct firmware *fw, const struct device_status *s)
{
	uint8_t fuses[sizeof(s->owner_fuses) + sizeof(s->vendor_fuses)];
	size_t len = sizeof(fuses);

	memcpy(fuses, s->owner_fuses, sizeof(s->owner_fuses));
	memcpy(fuses + sizeof(s->owner_fuses), s->vendor_fuses,
	       sizeof(s->vendor_fuses));
	if (is_old(fw)) {
		len = s->old_fuses_len;
		memcpy(fuses, s->old_fuses, len);
	}
	fw->log_edits++;
	fw->pcr_log.len = 0;
	return extend_fmc_pcrs(fw, PCR_LOG_DEVICE_STATUS, fuses, len) ||
	       extend_fmc_pcrs(fw, PCR_LOG_VENDOR_PK_HASH, s->vendor_pk_hash,
			       SHA384_SIZE) ||
	       extend_fmc_pcrs(fw, PCR_LOG_OWNER_PK_HASH,
			       fw->image.owner_pk_hash, SHA384_SIZE) ||
	       extend_fmc_pcrs(fw, PCR_LOG_FMC_TCI, fw->image.fmc_sha384,
			       SHA384_SIZE);
}

/* SHA-384 over a key hash and the fuses that go with it. */
static int hash_device_info(const uint8_t pk_hash[SHA384_SIZE],
			    const uint8_t *fuses, size_t len,
			    uint8_t digest[SHA384_SIZE])
{
	memcpy(digest, pk_hash, SHA384_SIZE);
	return crypto_sha384_extend(digest, fuses, len);
}

/* Before 2.1: the device's state without security versions, and both key hashes. */
static int hash_old_device_info(const struct device_status *s,
				const uint8_t owner_pk_hash[SHA384_SIZE],
				uint8_t digest[SHA384_SIZE])
{
	uint8_t info[sizeof(s->old_fuses) + 2 * SHA384_SIZE];
	size_t len = s->old_fuses_len - 2;

	memcpy(info, s->old_fuses, 4);
	memcpy(info + 4, s->old_fuses + 6, len - 4);
	memcpy(info + len, s->vendor_pk_hash, SHA384_SIZE);
	memcpy(info + len + SHA384_SIZE, owner_pk_hash, SHA384_SIZE);
	return crypto_sha384(info, len + 2 * SHA384_SIZE, digest);
}

static int hash_device_infos(const struct firmware *fw,
			     const struct device_status *s,
			     struct cert_fmc_tcb *tcb)
{
	if (is_old(fw))
		return hash_old_device_info(s, fw->image.owner_pk_hash,
					    tcb->device_info);
	return hash_device_info(fw->image.owner_pk_hash, s->owner_fuses,
				sizeof(s->owner_fuses),
				tcb->owner_device_info) ||
	       hash_device_info(s->vendor_pk_hash, s->vendor_fuses,
				sizeof(s->vendor_fuses),
				tcb->vendor_device_info);
}

static int derive_fmc_alias(struct firmware *fw, const struct device_status *s)
{
	struct cert_fmc_tcb tcb = {
		.svn = (uint8_t)fw->image.cold_svn,
		.fuse_svn = fuse_svn(fw),
		.lifecycle = lifecycle(fw),
		.debug_locked = debug_locked(fw),
	};

	memcpy(tcb.fmc_tci, fw->image.fmc_sha384, SHA384_SIZE);
	memcpy(tcb.validity, fw->image.dates, sizeof(tcb.validity));
	dice_layer_release(&fw->fmc_alias);
	return hash_device_infos(fw, s, &tcb) ||
	       dice_derive_fmc_alias(fw->ifc->generation, &fw->ldevid,
				     fw->pcrs.value[PCR_FMC_CURRENT],
				     &fw->fmc_alias) ||
	       identity_fmc_alias(fw, &tcb) || identity_fmc_alias_csr(fw, &tcb);
}

static int measure_runtime(struct firmware *fw)
{
	const uint8_t *tci = fw->image.runtime_sha384;

	fw->log_edits++;
	return pcr_extend(&fw->pcrs, PCR_RT_CURRENT, tci, SHA384_SIZE) ||
	       pcr_extend(&fw->pcrs, PCR_RT_JOURNEY, tci, SHA384_SIZE) ||
	       pcr_log_add(&fw->pcr_log, PCR_LOG_RT_TCI,
			   1u << PCR_RT_CURRENT | 1u << PCR_RT_JOURNEY, tci,
			   SHA384_SIZE);
}

static int derive_rt_alias(struct firmware *fw)
{
	dice_layer_release(&fw->rt_alias);
	return dice_derive_rt_alias(fw->ifc->generation, &fw->fmc_alias,
				    fw->image.runtime_sha384, &fw->rt_alias) ||
	       identity_rt_alias(fw);
}

/* From the image that ROM has taken to runtime firmware. */
static uint32_t start_firmware(struct firmware *fw)
{
	struct device_status s = device_status(fw);
	uint32_t error = FW_OK;

	old_device_status(fw, &s);
	if (measure_fmc(fw, &s)) {
		error = ROM_GLOBAL_EXCEPTION;
	} else {
		set_all_versions(fw);
		set_boot_status(fw, FW_PROCESSOR_COMPLETE);
		if (derive_fmc_alias(fw, &s))
			error = ROM_GLOBAL_EXCEPTION;
	}
	dice_layer_release(&fw->ldevid);
	if (!error) {
		set_boot_status(fw, COLD_RESET_COMPLETE);
		if (measure_runtime(fw) || derive_rt_alias(fw))
			error = FMC_RT_ALIAS_DERIVE_FAILURE;
	}
	if (!error) {
		set_boot_status(fw, RT_ALIAS_DERIVATION_COMPLETE);
		error = runtime_boot(fw);
	}
	fw->cold_boot_done = !error;
	return error;
}

void rom_load_firmware(struct firmware *fw)
{
	const struct generation *g = fw->ifc->generation;
	struct fw_image *image = &fw->image;
	uint32_t error;

	/* what a bundle would say */
	fw->image_edits++;
	image->flags = FW_IMAGE_PL0_USER;
	image->cold_svn = image->svn;
	image->min_svn = image->svn;
	image->fmc.version = g->fmc_version;
	image->runtime.version = g->runtime_version;
	memcpy(image->fmc.revision, image->revision, sizeof(image->revision));
	memcpy(image->runtime.revision, image->revision,
	       sizeof(image->revision));
	error = start_firmware(fw);
	if (error)
		firmware_fatal(fw, error);
}

bool firmware_is_subsystem(const struct firmware *fw)
{
	return generation_in(fw->ifc->generation, GENERATION_2_X) &&
	       subsystem_mode(fw);
}

static struct bundle_fuses bundle_fuses(const struct firmware *fw,
					const struct fw_image *running)
{
	const struct generation *g = fw->ifc->generation;
	bool is_1x = generation_in(g, GENERATION_1_2);
	uint32_t fmc_svn = soc_ifc_get(fw->ifc, FUSE_FMC_KEY_MANIFEST_SVN);
	struct bundle_fuses f = {
		.generation = g,
		.lifecycle = lifecycle(fw),
		.pqc_key_type = soc_ifc_get(fw->ifc, FUSE_PQC_KEY_TYPE),
		.lms_verify = is_1x && fuse8(fw, FUSE_1X_LMS_VERIFY),
		.ecc_revocation = soc_ifc_get(
			fw->ifc, is_1x ? FUSE_1X_KEY_MANIFEST_PK_HASH_MASK :
					 FUSE_ECC_REVOCATION),
		.lms_revocation =
			soc_ifc_get(fw->ifc, is_1x ? FUSE_1X_LMS_REVOCATION :
						     FUSE_LMS_REVOCATION),
		.mldsa_revocation = soc_ifc_get(fw->ifc, FUSE_MLDSA_REVOCATION),
		.anti_rollback_disable = fuse8(fw, FUSE_ANTI_ROLLBACK_DISABLE),
		.svn = soc_ifc_svn_fuse(fw->ifc, FUSE_RUNTIME_SVN),
		.fmc_svn = fmc_svn ? 32u - (uint32_t)__builtin_clz(fmc_svn) : 0,
		.installed_owner = fw->owner_installed ? fw->installed_owner :
							 NULL,
		.running = running,
	};

	soc_ifc_fuse_bytes(fw->ifc, g->fuse_vendor_pk_hash, f.vendor_pk_hash,
			   12);
	owner_hash_in_fuses(fw, f.owner_pk_hash);
	return f;
}

/*
 * The bundle in the mailbox. Some read the manifest from the memory, others by way of
 * MBOX_DATAOUT, which is zero beyond the message. False where the memory is too small
 * for a manifest.
 */
static bool read_mailbox(const struct firmware *fw, bool by_dataout,
			 uint8_t manifest[BUNDLE_MAX_MANIFEST],
			 struct bundle_source *source)
{
	uint32_t size = bundle_layout(fw->ifc->generation)->size;
	uint32_t valid = 4 * fw->mbox->valid_words;

	if (size > mbox_size(fw->mbox))
		return false;
	memcpy(manifest, mbox_bytes(fw->mbox), size);
	if (by_dataout && valid < size)
		memset(manifest + valid, 0, size - valid);
	*source = (struct bundle_source){
		.manifest = manifest,
		.sram = mbox_bytes(fw->mbox),
		.sram_size = mbox_size(fw->mbox),
		.size = fw->mbox->dlen,
	};
	return true;
}

static uint32_t verify(struct firmware *fw, const struct bundle_fuses *fuses,
		       const struct bundle_source *source)
{
	uint32_t extended = soc_ifc_get(fw->ifc, CPTRA_FW_EXTENDED_ERROR_INFO);
	uint32_t error = bundle_verify(fuses, source, &extended);

	soc_ifc_set(fw->ifc, CPTRA_FW_EXTENDED_ERROR_INFO, extended);
	return error;
}

/*
 * FMC and runtime firmware are loaded one after the other from behind the
 * manifest, whatever the table of contents says, and since 2.1 what was loaded has
 * to be what was verified.
 */
static uint32_t check_loaded(const struct firmware *fw,
			     const struct bundle_source *source)
{
	const struct bundle_layout *l = bundle_layout(fw->ifc->generation);
	const uint8_t *fmc = source->manifest + l->toc;
	const uint8_t *runtime = fmc + TOC_ENTRY_SIZE;

	if (is_old(fw))
		return FW_OK;
	if (wire_get_le32(fmc + TOC_OFFSET) != l->size)
		return IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH;
	if (wire_get_le32(runtime + TOC_OFFSET) !=
	    l->size + wire_get_le32(fmc + TOC_SIZE))
		return IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH;
	return FW_OK;
}

/* ROM has a bundle: verify it, and start what is in it. */
static uint32_t start_bundle(struct firmware *fw,
			     const struct bundle_source *source)
{
	struct bundle_fuses fuses = bundle_fuses(fw, NULL);
	uint32_t error;

	set_boot_status(fw, FW_MANIFEST_LOADED);
	error = verify(fw, &fuses, source);
	if (error)
		return error;
	set_boot_status(fw, FW_VERIFIED);
	error = check_loaded(fw, source);
	if (error)
		return error;
	fw->image_edits++;
	if (bundle_take(&fuses, source, &fw->image))
		return ROM_GLOBAL_EXCEPTION;
	/* the key ladder, which has as many steps, begins with it */
	if (!generation_in(fw->ifc->generation, GENERATION_1_2) &&
	    fw->image.svn > BUNDLE_MAX_SVN)
		return FW_PROC_SVN_TOO_LARGE;
	return start_firmware(fw);
}

uint32_t rom_load_bundle(struct firmware *fw)
{
	const struct bundle_layout *l = bundle_layout(fw->ifc->generation);
	uint8_t manifest[BUNDLE_MAX_MANIFEST];
	struct bundle_source source;

	if (firmware_is_subsystem(fw))
		return FW_PROC_MAILBOX_FW_LOAD_CMD_IN_SUBSYSTEM_MODE;
	if (!fw->mbox->dlen || fw->mbox->dlen > l->max_size)
		return FW_PROC_INVALID_IMAGE_SIZE;
	set_boot_status(fw, FW_DOWNLOADED);
	if (!read_mailbox(fw,
			  generation_in(fw->ifc->generation, GENERATION_1_2),
			  manifest, &source))
		return FW_PROC_INVALID_IMAGE_SIZE;
	return start_bundle(fw, &source);
}

/* 2.1 puts the bundle into the MCU's SRAM, 2.0 into the mailbox; either has room. */
static const uint8_t *receive_bundle(struct firmware *fw, uint32_t max)
{
	const struct fw_image_bytes *from =
		&fw->soc->recovery[FW_RECOVERY_BUNDLE];
	uint8_t *sram;

	if (is_old(fw)) {
		mbox_put(fw->mbox, from->bytes, from->len);
		return mbox_bytes(fw->mbox);
	}
	sram = fw->soc->memory(fw->soc->context, fw->soc->mcu_sram, max);
	if (sram)
		memcpy(sram, from->bytes, from->len);
	return sram;
}

uint32_t rom_recover(struct firmware *fw)
{
	const struct bundle_layout *l = bundle_layout(fw->ifc->generation);
	const struct fw_image_bytes *from =
		&fw->soc->recovery[FW_RECOVERY_BUNDLE];
	uint8_t manifest[BUNDLE_MAX_MANIFEST];
	struct bundle_source source = {
		.manifest = manifest,
		.sram_size = l->max_size,
		.size = from->len,
	};

	if (!from->bytes) {
		rom_load_firmware(fw);
		return FW_OK;
	}
	if (!from->len || from->len > l->max_size)
		return FW_PROC_INVALID_IMAGE_SIZE;
	source.sram = receive_bundle(fw, l->max_size);
	if (!source.sram)
		return FW_PROC_INVALID_IMAGE_SIZE;
	set_boot_status(fw, FW_DOWNLOADED);
	memcpy(manifest, source.sram, l->size);
	return start_bundle(fw, &source);
}

bool rom_verify_bundle(struct firmware *fw, uint32_t *error)
{
	struct bundle_fuses fuses = bundle_fuses(fw, &fw->image);
	uint8_t manifest[BUNDLE_MAX_MANIFEST];
	struct bundle_source source;

	*error = IMAGE_VERIFIER_ERR_MANIFEST_SIZE_MISMATCH;
	if (!read_mailbox(fw, false, manifest, &source))
		return false;
	*error = verify(fw, &fuses, &source);
	return true;
}

/* What is new of @image, which was verified against @fw's own. */
static uint32_t take_update(struct firmware *fw,
			    const struct bundle_fuses *fuses,
			    const struct bundle_source *source)
{
	struct fw_image image = fw->image;
	uint32_t error = check_loaded(fw, source);

	if (error)
		return error;
	if (bundle_take(fuses, source, &image))
		return ROM_GLOBAL_EXCEPTION;
	fw->image_edits++;
	fw->image = image;
	return FW_OK;
}

static uint32_t update_from_mailbox(struct firmware *fw)
{
	struct bundle_fuses fuses = bundle_fuses(fw, &fw->image);
	uint8_t manifest[BUNDLE_MAX_MANIFEST];
	struct bundle_source source;
	uint32_t error;

	if (!mbox_command_avail(fw->mbox))
		return ROM_UPDATE_RESET_FLOW_MAILBOX_ACCESS_FAILURE;
	if (fw->mbox->cmd != CALIPTRA_CMD_FIRMWARE_LOAD)
		return ROM_UPDATE_RESET_FLOW_INVALID_FIRMWARE_COMMAND;
	if (firmware_is_subsystem(fw) && !is_old(fw))
		return ROM_UPDATE_RESET_FLOW_IMAGE_NOT_IN_MCU_SRAM;
	if (!read_mailbox(fw, is_old(fw), manifest, &source))
		return ROM_UPDATE_RESET_FLOW_MAILBOX_ACCESS_FAILURE;
	set_boot_status(fw, UPDATE_MANIFEST_LOADED);
	error = verify(fw, &fuses, &source);
	if (error)
		return error;
	set_boot_status(fw, UPDATE_VERIFIED);
	return take_update(fw, &fuses, &source);
}

/* PCRs that stand for what runs begin anew, those of the journey go on. */
static int remeasure_fmc(struct firmware *fw)
{
	struct device_status s = device_status(fw);

	old_device_status(fw, &s);
	memset(fw->pcrs.value[PCR_FMC_CURRENT], 0, SHA384_SIZE);
	return measure_fmc(fw, &s);
}

/* The same firmware again is no step of the journey, but for 1.x, which never looks. */
static uint32_t remeasure_runtime(struct firmware *fw)
{
	bool is_1x = generation_in(fw->ifc->generation, GENERATION_1_2);
	uint8_t predicted[SHA384_SIZE] = { 0 };

	if (crypto_sha384_extend(predicted, fw->image.runtime_sha384,
				 SHA384_SIZE))
		return FMC_RT_ALIAS_DERIVE_FAILURE;
	if (!is_1x &&
	    !memcmp(predicted, fw->pcrs.value[PCR_RT_CURRENT], SHA384_SIZE))
		return FW_OK;
	if (fw->pcr_log.len == PCR_LOG_ENTRIES)
		return FMC_GLOBAL_PCR_LOG_EXHAUSTED;
	memset(fw->pcrs.value[PCR_RT_CURRENT], 0, SHA384_SIZE);
	return measure_runtime(fw) ? FMC_RT_ALIAS_DERIVE_FAILURE : FW_OK;
}

/* The new runtime firmware takes the place of the one that ran. */
static uint32_t start_update(struct firmware *fw)
{
	uint32_t error;

	if (remeasure_fmc(fw))
		return ROM_GLOBAL_EXCEPTION;
	set_all_versions(fw);
	set_boot_status(fw, UPDATE_RESET_COMPLETE -
				    generation_in(fw->ifc->generation,
						  GENERATION_1_2));
	error = remeasure_runtime(fw);
	if (error)
		return error;
	if (derive_rt_alias(fw))
		return FMC_RT_ALIAS_DERIVE_FAILURE;
	set_boot_status(fw, RT_ALIAS_DERIVATION_COMPLETE);
	return runtime_resume(fw);
}

/*
 * ROM expects the new image in the mailbox. Where it is not there, or not good, the
 * firmware stays the one it is, and FMC starts it again.
 */
static uint32_t update_boot(struct firmware *fw)
{
	uint32_t error;

	set_boot_status(fw, UPDATE_RESET_STARTED);
	fw->update_failed = true;
	error = update_from_mailbox(fw);
	if (error)
		soc_ifc_report_non_fatal(fw->ifc, error);
	if (mbox_command_avail(fw->mbox))
		mbox_write(fw->mbox, MBOX_UC, MBOX_UC_USER, MBOX_STATUS,
			   error ? MBOX_STATUS_CMD_FAILURE :
				   MBOX_STATUS_CMD_COMPLETE);
	if (!error) {
		fw->update_failed = false;
		return start_update(fw);
	}
	error = remeasure_runtime(fw);
	return error ? error : runtime_resume(fw);
}

void rom_boot(struct firmware *fw)
{
	uint32_t reason = soc_ifc_get(fw->ifc, CPTRA_RESET_REASON);
	uint32_t error = kat_run(fw);

	if (!error)
		error = reason & CPTRA_RESET_REASON_FW_UPD_RESET ?
				update_boot(fw) :
			reason & CPTRA_RESET_REASON_WARM_RESET ? warm_boot(fw) :
								 cold_boot(fw);
	if (error)
		firmware_fatal(fw, error);
}
