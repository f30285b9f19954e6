/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Caliptra's firmware: ROM, FMC and runtime, as far as a SoC can tell.
 *
 * The microcontroller's side of mailbox and soc_ifc. rom.c boots (the DICE
 * chain) and runtime.c goes on from there; command.c answers commands in either
 * phase, and the handlers stand in cmd_*.c. Errors are the firmware's own codes.
 */
#ifndef SWCALIPTRA_FIRMWARE_H
#define SWCALIPTRA_FIRMWARE_H

#include <stdbool.h>
#include <stdint.h>

#include <caliptra/core.h>

#include "bundle.h"
#include "cert.h"
#include "dice.h"
#include "dpe.h"
#include "dpe_profile.h"
#include "manifest.h"
#include "mbox.h"
#include "mldsa.h"
#include "pcr.h"
#include "soc_ifc.h"
#include "wire.h"

/* Error codes by their names; 0 is success. */
enum fw_error {
	FW_OK = 0,
#define CALIPTRA_FW_ERROR(name, code) name = code,
#include <caliptra/fw_errors.def>
};

/* MailboxRespHeader.fips_status */
#define FIPS_STATUS_APPROVED			      0u
#define FIPS_STATUS_NOT_APPROVED_USER_SUPPLIED_DIGEST 0x55535244u

/* Measurements that ROM keeps until runtime firmware has a DPE. */
#define ROM_MAX_MEASUREMENTS 8

enum fw_phase {
	FW_RESET, /* the microcontroller is held in reset */
	FW_SENDS_CSR, /* ROM waits for the SoC to take IDevID's requests */
	FW_ROM, /* ready for mailbox processing, waiting for firmware */
	FW_RUNTIME,
	FW_HALTED, /* after a fatal error: every command fails */
};

/**
 * struct fw_part - FMC or runtime firmware
 * @revision: commit it was built from
 * @version: of it
 * @load_addr: where it is loaded to
 * @entry_point: where it starts
 */
struct fw_part {
	uint8_t revision[20];
	uint32_t version;
	uint32_t load_addr;
	uint32_t entry_point;
};

/* fw_image.flags: there is a user with privilege level 0. */
#define FW_IMAGE_PL0_USER 1u

/**
 * struct fw_image - the firmware to boot, and what boot measures of it
 * @revision: commit that ROM was built from
 * @rom_sha256: digest of ROM
 * @fmc_sha384: digest of FMC
 * @runtime_sha384: digest of runtime firmware
 * @svn: security version number; in 1.x of runtime firmware
 * @pl0_pauser: AXI user with privilege level 0
 * @is_program: ROM is the running program, and can be measured again; so are FMC
 *	and runtime firmware, unless they have come as a bundle
 * @is_bundle: FMC and runtime firmware have come as a bundle, and this is what that
 *	says; else boot fills in the rest
 * @flags: FW_IMAGE_PL0_USER
 * @cold_svn: security version number at cold boot; in 1.x of FMC
 * @min_svn: lowest security version number since cold boot
 * @fmc: about FMC
 * @runtime: about runtime firmware
 * @pqc_key_type: what signs besides P-384
 * @ecc_key_index: number of the vendor's P-384 key
 * @pqc_key_index: number of the vendor's other key
 * @owner_pk_hash: SHA-384 of the owner's keys
 * @vendor_keys: the vendor's keys that have signed, as manifests have them, or zeros
 * @owner_keys: the same of the owner
 * @dates: validity of certificates, zeros where nothing is said
 */
struct fw_image {
	uint8_t revision[20];
	uint8_t rom_sha256[SHA256_SIZE];
	uint8_t fmc_sha384[SHA384_SIZE];
	uint8_t runtime_sha384[SHA384_SIZE];
	uint32_t svn;
	uint32_t pl0_pauser;
	bool is_program;
	bool is_bundle;
	uint32_t flags;
	uint32_t cold_svn;
	uint32_t min_svn;
	struct fw_part fmc;
	struct fw_part runtime;
	uint32_t pqc_key_type;
	uint32_t ecc_key_index;
	uint32_t pqc_key_index;
	uint8_t owner_pk_hash[SHA384_SIZE];
	uint8_t vendor_keys[BUNDLE_KEYS_SIZE];
	uint8_t owner_keys[BUNDLE_KEYS_SIZE];
	uint8_t dates[2][CERT_DATE_SIZE];
};

/* What ROM's STASH_MEASUREMENT logs. */
struct fw_measurement {
	uint8_t metadata[4];
	uint8_t measurement[SHA384_SIZE];
};

enum fw_self_test {
	SELF_TEST_IDLE,
	SELF_TEST_IN_PROGRESS,
	SELF_TEST_DONE,
};

/**
 * struct fw_mldsa - the ML-DSA-87 half of the identity, which 1.x has not
 * @idevid: public key of IDevID
 * @idevid_key_id: its subject key identifier
 * @idevid_csr: empty unless the manufacturing flag asked for it at boot
 * @ldevid_cert: certificate of LDevID
 * @fmc_alias_csr: request for the FMC alias key
 * @fmc_alias_cert: certificate of the FMC alias key
 * @rt_alias_cert: certificate of the RT alias key
 */
struct fw_mldsa {
	uint8_t idevid[MLDSA87_PUBLIC_SIZE];
	uint8_t idevid_key_id[CERT_KEY_ID_SIZE];
	struct cert_der idevid_csr;
	struct cert_der ldevid_cert;
	struct cert_der fmc_alias_csr;
	struct cert_der fmc_alias_cert;
	struct cert_der rt_alias_cert;
};

/* MAX_ECC_CERT_CHAIN_SIZE and MAX_MLDSA_CERT_CHAIN_SIZE of runtime firmware */
#define FW_ECC_CHAIN_SIZE   4096
#define FW_MLDSA_CHAIN_SIZE (32 * 1024)

/**
 * struct fw_chains - the certificate chains that DPE gives, one behind the other
 * @ecc: with P-384: what was populated, LDevID, FMC alias, RT alias
 * @ecc_len: its length in bytes
 * @mldsa: the same with ML-DSA-87
 * @mldsa_len: its length in bytes
 */
struct fw_chains {
	uint8_t ecc[FW_ECC_CHAIN_SIZE];
	size_t ecc_len;
	uint8_t mldsa[FW_MLDSA_CHAIN_SIZE];
	size_t mldsa_len;
};

/* ActivateFirmwareReq::MCU_IMAGE_ID, whose contexts only Caliptra makes, since 2.0. */
#define FW_MCU_IMAGE_ID 2u

/* Bits 0 and 1 of SS_GENERIC_FW_EXEC_CTRL are Caliptra's own; the next is the MCU's. */
#define FW_MCU_EXEC_BIT 2u

/* Contexts of the DPE that firmware itself keeps up to date, in a subsystem. */
enum fw_context {
	FW_SOMV, /* what the vendor has signed of the manifest */
	FW_SOMO, /* the owner's keys in it */
	FW_MCFW, /* the MCU's firmware */
	FW_CONTEXTS,
};

/**
 * struct fw_manifest - an authorization manifest in force
 * @entries: its images
 * @digest: SHA-384 of it
 * @svn: its security version number
 */
struct fw_manifest {
	struct manifest_entries entries;
	uint8_t digest[SHA384_SIZE];
	uint32_t svn;
};

enum fw_mcu_status {
	FW_MCU_NOT_LOADED,
	FW_MCU_LOADED,
	FW_MCU_UPDATE_STARTED,
};

/**
 * struct fw_mcu_image - the MCU's firmware, as it came
 * @len: its length in bytes
 * @digest: SHA-384 of it
 */
struct fw_mcu_image {
	uint32_t len;
	uint8_t digest[SHA384_SIZE];
};

/**
 * struct fw_image_bytes - an image on its way to the firmware
 * @bytes: it, or NULL
 * @len: its length in bytes
 */
struct fw_image_bytes {
	const uint8_t *bytes;
	uint32_t len;
};

/* What the recovery interface has, in the order of its indices. */
enum fw_recovery_image {
	FW_RECOVERY_BUNDLE,
	FW_RECOVERY_MANIFEST,
	FW_RECOVERY_MCU,
	FW_RECOVERY_IMAGES,
};

/**
 * struct fw_soc - what the core reaches by DMA, in a subsystem
 * @context: of the functions
 * @recovery: what the recovery interface has; without a bundle the program is all
 *	that there is
 * @memory: the bytes at an address, or NULL where there are not so many
 * @mcu_sram: address of the MCU's SRAM
 * @hold_mcu: have the MCU reset, until it may run again; false where it does not
 *	listen
 * @set_reset_reason: write MCI_RESET_REASON
 */
struct fw_soc {
	void *context;
	struct fw_image_bytes recovery[FW_RECOVERY_IMAGES];
	uint8_t *(*memory)(void *context, uint64_t address, uint32_t len);
	uint64_t mcu_sram;
	bool (*hold_mcu)(void *context);
	void (*set_reset_reason)(void *context, uint32_t reason);
};

/**
 * struct firmware - what firmware keeps while it runs
 * @mbox: the mailbox
 * @ifc: the SoC interface registers
 * @soc: what is around it in a subsystem, else NULL
 * @image: what was or will be booted
 * @image_edits: counts changes of it
 * @phase: what runs
 * @self_test: state of the self test that was asked for
 * @last_error: CPTRA_FW_ERROR_NON_FATAL as it stood before it was cleared last
 * @ueid: unique endpoint identifier, with its type first
 * @idevid_point: public key of IDevID
 * @idevid_csr: empty unless the manufacturing flag asked for it at boot
 * @ldevid_cert: certificate of LDevID
 * @fmc_alias_csr: request for the FMC alias key
 * @fmc_alias_cert: certificate of the FMC alias key
 * @rt_alias_cert: certificate of the RT alias key
 * @mldsa: the same with ML-DSA-87
 * @chains: the certificates in chains, since runtime firmware has started
 * @idevid_key_id: subject key identifier of IDevID
 * @identity_edits: counts changes of anything from @ueid on
 * @ldevid: secrets of LDevID, until the FMC alias key is derived
 * @fmc_alias: secrets of the FMC alias layer; its key signs quotes
 * @rt_alias: secrets of the RT alias layer
 * @pcrs: the PCR vault
 * @pcr_log: what boot extended them with
 * @log: measurements stashed before runtime firmware ran
 * @log_len: how many
 * @log_edits: counts changes of these three
 * @cold_boot_done: runtime firmware has been loaded, and no fatal error has wiped
 *	what later boots need of that
 * @update_failed: a firmware update reset has come without an image that is good
 * @installed_owner: hash of the keys that INSTALL_OWNER_PK_HASH wants the owner to have
 * @owner_installed: there is one
 * @command_active: a command was being executed when a reset came
 * @attestation_disabled: the RT alias keys are not those of the certificate
 * @constant_random: it has no random number generator, and does as if it had
 * @dpe: the DICE Protection Environment
 * @dpe_edits: counts whoever could change the contexts in @dpe
 * @dpe_platform: what it needs and a reset takes away
 * @contexts: where in the DPE its own contexts are, counted from one; 0 for none
 * @manifest: what SET_AUTH_MANIFEST has put in force
 * @owner_manifest: the same of SET_OWNER_AUTH_MANIFEST
 * @manifest_edits: counts changes of these two
 * @mcu_status: what has become of the MCU's firmware
 * @mcu_encrypted: it came encrypted, and the MCU is to ask for its start
 * @mcu_image: then, what of it is encrypted
 * @dpe_key: the key of it that was derived last
 */
struct firmware {
	struct mbox *mbox;
	struct soc_ifc *ifc;
	const struct fw_soc *soc;
	struct fw_image image;
	uint32_t image_edits;
	enum fw_phase phase;
	enum fw_self_test self_test;
	uint32_t last_error;
	uint8_t ueid[CERT_UEID_SIZE];
	uint8_t idevid_point[P384_POINT_SIZE];
	struct cert_der idevid_csr;
	struct cert_der ldevid_cert;
	struct cert_der fmc_alias_csr;
	struct cert_der fmc_alias_cert;
	struct cert_der rt_alias_cert;
	struct fw_mldsa mldsa;
	struct fw_chains chains;
	uint8_t idevid_key_id[CERT_KEY_ID_SIZE];
	uint32_t identity_edits;
	struct dice_layer ldevid;
	struct dice_layer fmc_alias;
	struct dice_layer rt_alias;
	struct pcr_vault pcrs;
	struct pcr_log pcr_log;
	struct fw_measurement log[ROM_MAX_MEASUREMENTS];
	unsigned int log_len;
	uint32_t log_edits;
	bool cold_boot_done;
	bool update_failed;
	uint8_t installed_owner[SHA384_SIZE];
	bool owner_installed;
	bool command_active;
	bool attestation_disabled;
	bool constant_random;
	struct dpe dpe;
	uint32_t dpe_edits;
	struct dpe_platform dpe_platform;
	uint8_t contexts[FW_CONTEXTS];
	struct fw_manifest manifest;
	struct fw_manifest owner_manifest;
	uint32_t manifest_edits;
	enum fw_mcu_status mcu_status;
	bool mcu_encrypted;
	struct fw_mcu_image mcu_image;
	struct dpe_kept_key dpe_key;
};

/**
 * firmware_reset() - the microcontroller is held in reset: forget everything
 * @fw: the firmware; mbox, ifc, soc, image and the mirror of its PCRs stay
 */
void firmware_reset(struct firmware *fw);

/**
 * firmware_restart() - the microcontroller is held in reset, its memory is not
 * @fw: the firmware
 * @busy: a command was being executed
 */
void firmware_restart(struct firmware *fw, bool busy);

/**
 * rom_boot() - boot, as CPTRA_RESET_REASON says
 * @fw: the firmware, in FW_RESET, the boot FSM in BOOT_DONE
 *
 * A cold boot ends in FW_ROM, ready for mailbox commands, or in FW_SENDS_CSR where
 * the SoC has asked for IDevID's requests, others in FW_RUNTIME; any of them in FW_HALTED with a code in CPTRA_FW_ERROR_FATAL.
 */
void rom_boot(struct firmware *fw);

/**
 * rom_send_csr() - ROM sends IDevID's requests, and goes on once the SoC has them
 * @fw: the firmware, in FW_SENDS_CSR
 *
 * They are sent as soon as the mailbox is free. The SoC has them when it clears
 * CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR; that ends in FW_ROM.
 */
void rom_send_csr(struct firmware *fw);

/**
 * rom_load_firmware() - ROM takes the image that is the program, FMC derives the RT
 *	alias key, runtime firmware becomes ready
 * @fw: the firmware, in FW_ROM
 *
 * Ends in FW_RUNTIME, or in FW_HALTED with a code in CPTRA_FW_ERROR_FATAL.
 */
void rom_load_firmware(struct firmware *fw);

/**
 * rom_load_bundle() - the same with the bundle in the mailbox
 * @fw: the firmware, in FW_ROM; its mailbox is in EXECUTE_UC
 *
 * Return: FW_OK, the firmware in FW_RUNTIME, or a fatal error.
 */
uint32_t rom_load_bundle(struct firmware *fw);

/**
 * rom_recover() - ROM takes what the recovery interface of a subsystem has
 * @fw: the firmware, in FW_ROM; the command that asked for it has been answered
 *
 * Return: as rom_load_bundle().
 */
uint32_t rom_recover(struct firmware *fw);

/**
 * rom_verify_bundle() - verify the bundle in the mailbox as for an update
 * @fw: the firmware, in FW_RUNTIME
 * @error: FW_OK or what is wrong
 *
 * Return: false where the mailbox is too small for any bundle.
 */
bool rom_verify_bundle(struct firmware *fw, uint32_t *error);

/**
 * runtime_boot() - what runtime firmware does before its first command
 * @fw: the firmware, with the RT alias layer in place
 *
 * Return: FW_OK or a fatal error.
 */
uint32_t runtime_boot(struct firmware *fw);

/**
 * runtime_resume() - the same after a reset that has left its memory
 * @fw: the firmware
 *
 * Return: FW_OK or a fatal error.
 */
uint32_t runtime_resume(struct firmware *fw);

/**
 * firmware_disable_attestation() - DISABLE_ATTESTATION: secrets that are none
 * @fw: the firmware
 *
 * Return: FW_OK or an error.
 */
uint32_t firmware_disable_attestation(struct firmware *fw);

/** firmware_dpe_env() - what commands of the DPE are executed with, to change it */
struct dpe_env firmware_dpe_env(struct firmware *fw,
				const struct dpe_profile *profile);

/**
 * firmware_dpe_room() - may AXI user @user have one more context?
 * @fw: the firmware
 * @user: AXI user
 *
 * Return: FW_OK or the error that firmware has for it.
 */
uint32_t firmware_dpe_room(const struct firmware *fw, uint32_t user);

/* What comes before the DPE's answer: checksum, fips_status, and its length. */
#define FW_ANSWER_HEADER_SIZE 12

/**
 * firmware_answers_outside() - does the DPE's answer go over the AXI bus?
 * @fw: the firmware
 * @flag: the request says so
 */
bool firmware_answers_outside(const struct firmware *fw, bool flag);

/**
 * firmware_room() - bytes that there are for an answer of the DPE with ML-DSA-87
 * @fw: the firmware
 * @outside: it goes over the AXI bus
 * @axi: where to
 */
size_t firmware_room(const struct firmware *fw, bool outside,
		     const struct caliptra_axi_response *axi);

/**
 * firmware_answer_outside() - send an answer of the DPE over the AXI bus
 * @fw: the firmware, in a subsystem
 * @axi: where to
 * @data: the answer of the DPE
 * @len: its length in bytes
 *
 * Return: FW_OK, and the command is complete without an answer in the mailbox; or an
 * error.
 */
uint32_t firmware_answer_outside(struct firmware *fw,
				 const struct caliptra_axi_response *axi,
				 const uint8_t *data, uint32_t len);

/** firmware_may_certify() - may AXI user @user have certificates of this format? */
bool firmware_may_certify(const struct firmware *fw, uint32_t user,
			  uint32_t format);

/**
 * firmware_measure() - what Caliptra itself puts into the DPE
 * @fw: the firmware
 * @locality: whose default context is the parent
 * @target_locality: whose default context the new one becomes
 * @tci_type: what was measured
 * @svn: its security version
 * @measurement: the measurement
 */
enum dpe_error firmware_measure(struct firmware *fw, uint32_t locality,
				uint32_t target_locality, uint32_t tci_type,
				uint32_t svn,
				const uint8_t measurement[SHA384_SIZE]);

/**
 * firmware_stash() - measure an image of the SoC
 * @fw: the firmware
 * @user: AXI user that has it measured
 * @fw_id: its firmware id; that of the MCU's firmware is the caller's to allow
 * @svn: its security version
 * @measurement: the measurement
 * @refused: why the DPE refuses it, or DPE_OK
 *
 * Return: FW_OK, or an error with no state changed.
 */
uint32_t firmware_stash(struct firmware *fw, uint32_t user, uint32_t fw_id,
			uint32_t svn, const uint8_t measurement[SHA384_SIZE],
			enum dpe_error *refused);

/**
 * firmware_update_context() - measure once more what has a context already
 * @fw: the firmware
 * @which: the context; one that there is not is left out
 * @measurement: the measurement
 *
 * Return: FW_OK or an error.
 */
uint32_t firmware_update_context(struct firmware *fw, enum fw_context which,
				 const uint8_t measurement[SHA384_SIZE]);

/**
 * firmware_make_context() - measure what has none yet
 * @fw: the firmware
 * @which: the context
 * @svn: its security version
 * @measurement: the measurement
 *
 * Return: FW_OK or an error.
 */
uint32_t firmware_make_context(struct firmware *fw, enum fw_context which,
			       uint32_t svn,
			       const uint8_t measurement[SHA384_SIZE]);

/**
 * firmware_verify_manifest() - verify an authorization manifest
 * @fw: the firmware
 * @owners: it is one of SET_OWNER_AUTH_MANIFEST
 * @bytes: the manifest; its images are put in order
 * @len: its length in bytes
 * @entries: its images
 *
 * Return: FW_OK or an error with @entries as they were.
 */
uint32_t firmware_verify_manifest(const struct firmware *fw, bool owners,
				  uint8_t *bytes, uint32_t len,
				  struct manifest_entries *entries);

/**
 * firmware_set_manifest() - SET_AUTH_MANIFEST: verify one and put it in force
 * @fw: the firmware
 * @bytes: the manifest; its images are put in order
 * @len: its length in bytes
 * @booting: its contexts of the DPE are to be made
 *
 * Return: FW_OK, or an error with no state changed; or the manifest is in force, and a
 * context can not be brought up to date.
 */
uint32_t firmware_set_manifest(struct firmware *fw, uint8_t *bytes,
			       uint32_t len, bool booting);

/**
 * firmware_install_manifest() - put one in force that was verified
 * @fw: the firmware
 * @bytes: the manifest
 * @len: its length in bytes
 * @entries: its images
 * @booting: its contexts of the DPE are to be made
 *
 * Return: as firmware_set_manifest().
 */
uint32_t firmware_install_manifest(struct firmware *fw, const uint8_t *bytes,
				   uint32_t len,
				   const struct manifest_entries *entries,
				   bool booting);

/** firmware_owner_manifest_min_svn() - the lowest SVN of manifests of the owner */
uint32_t firmware_owner_manifest_min_svn(const struct firmware *fw);

/** firmware_find_image() - what a manifest in force says of an image, or NULL */
const struct manifest_entry *firmware_find_image(const struct firmware *fw,
						 uint32_t fw_id);

/**
 * struct fw_authorization - an image that may want to run
 * @fw_id: its firmware id
 * @source: CALIPTRA_IMAGE_HASH_SOURCE_*
 * @len: its length in bytes, where the firmware hashes it
 * @measurement: what it measures as; set where the firmware hashes it
 */
struct fw_authorization {
	uint32_t fw_id;
	uint32_t source;
	uint32_t len;
	uint8_t measurement[SHA384_SIZE];
};

/**
 * firmware_authorize() - may an image run?
 * @fw: the firmware
 * @a: the image
 * @result: CALIPTRA_AUTH_AND_STASH_RESULT_*
 *
 * Return: FW_OK or an error.
 */
uint32_t firmware_authorize(const struct firmware *fw,
			    struct fw_authorization *a, uint32_t *result);

/** firmware_authorized() - is it one of those results that let an image run? */
bool firmware_authorized(uint32_t result);

/**
 * firmware_recover() - the rest of a subsystem's boot: its manifest and the MCU's
 *	firmware come from the recovery interface
 * @fw: the firmware, with a DPE
 *
 * Return: FW_OK or a fatal error.
 */
uint32_t firmware_recover(struct firmware *fw);

/** firmware_release_mcu() - the MCU may run the firmware that is in its SRAM */
void firmware_release_mcu(struct firmware *fw);

/** firmware_constant_random() - what stands in for random bytes; always 0 */
int firmware_constant_random(void *out, size_t len);

/**
 * firmware_execute() - answer the command in the mailbox
 * @fw: the firmware; its mailbox is in EXECUTE_UC
 *
 * Return: what was written to CPTRA_FW_ERROR_NON_FATAL, or FW_OK. MBOX_STATUS
 * is set either way.
 */
uint32_t firmware_execute(struct firmware *fw);

/**
 * firmware_idle() - what firmware does between commands
 * @fw: the firmware
 *
 * Runs a self test that was asked for, if the mailbox is free.
 */
void firmware_idle(struct firmware *fw);

/** firmware_fatal() - stop for good, with @code in CPTRA_FW_ERROR_FATAL */
void firmware_fatal(struct firmware *fw, uint32_t code);

/** firmware_watchdog() - both timers of the watchdog, cascaded, run out */
void firmware_watchdog(struct firmware *fw);

/** firmware_is_subsystem() - is it that of a subsystem? */
bool firmware_is_subsystem(const struct firmware *fw);

/** firmware_listens() - does it look for commands in the mailbox? */
static inline bool firmware_listens(const struct firmware *fw)
{
	return fw->phase != FW_RESET && fw->phase != FW_SENDS_CSR;
}

/** firmware_pl0() - does AXI user @user have privilege level 0? */
static inline bool firmware_pl0(const struct firmware *fw, uint32_t user)
{
	return (fw->image.flags & FW_IMAGE_PL0_USER) &&
	       user == fw->image.pl0_pauser;
}

/**
 * kat_run() - known-answer tests of every engine, and ROM's integrity
 * @fw: the firmware
 *
 * Return: FW_OK or the error of the first test that failed.
 */
uint32_t kat_run(const struct firmware *fw);

#endif
