/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Commands of the Caliptra core mailbox, each as a call.
 *
 * Requests and responses are structures in host order. A response is checked
 * before anything of it is returned: its checksum, its length, and every length
 * inside it. Codes, fields and what a command does: caliptra-sw
 * api/src/mailbox.rs and runtime/README.md, generation 2.1, in the section that is
 * called as the command is. Commands are answered by runtime firmware; where ROM
 * answers too, it says so below.
 *
 * All calls return CALIPTRA_SUCCESS or an error; after an error the response
 * structure is not changed. Any of them may return what
 * caliptra_session_execute() returns, CALIPTRA_ERROR_DEVICE where the firmware
 * refuses, and CALIPTRA_ERROR_PROTOCOL where the response can not be one.
 */
#ifndef CALIPTRA_COMMANDS_H
#define CALIPTRA_COMMANDS_H

#include <caliptra/caliptra.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* Command codes. */
#define CALIPTRA_CMD_VERSION			 0x46505652u
#define CALIPTRA_CMD_CAPABILITIES		 0x43415053u
#define CALIPTRA_CMD_FW_INFO			 0x494e464fu
#define CALIPTRA_CMD_SELF_TEST_START		 0x46504c54u
#define CALIPTRA_CMD_SELF_TEST_GET_RESULTS	 0x46504c67u
#define CALIPTRA_CMD_GET_IDEV_ECC384_CERT	 0x49444543u
#define CALIPTRA_CMD_GET_IDEV_ECC384_INFO	 0x49444549u
#define CALIPTRA_CMD_GET_IDEV_ECC384_CSR	 0x49444352u
#define CALIPTRA_CMD_GET_LDEV_ECC384_CERT	 0x4c444556u
#define CALIPTRA_CMD_GET_FMC_ALIAS_ECC384_CERT	 0x43455246u
#define CALIPTRA_CMD_GET_RT_ALIAS_ECC384_CERT	 0x43455252u
#define CALIPTRA_CMD_STASH_MEASUREMENT		 0x4d454153u
#define CALIPTRA_CMD_EXTEND_PCR			 0x50435245u
#define CALIPTRA_CMD_INCREMENT_PCR_RESET_COUNTER 0x50435252u
#define CALIPTRA_CMD_QUOTE_PCRS_ECC384		 0x50435251u
#define CALIPTRA_CMD_ECDSA384_SIGNATURE_VERIFY	 0x45435632u

/* fips_status of a response */
#define CALIPTRA_FIPS_STATUS_APPROVED			       0u
#define CALIPTRA_FIPS_STATUS_NOT_APPROVED_USER_SUPPLIED_DIGEST 0x55535244u

#define CALIPTRA_PCR_COUNT   32
#define CALIPTRA_SHA384_SIZE 48
#define CALIPTRA_ECC384_SIZE 48
#define CALIPTRA_NONCE_SIZE  32

/**
 * struct caliptra_version - VERSION
 * @fips_status: CALIPTRA_FIPS_STATUS_*
 * @mode: 0x46495053, "FIPS"
 * @hw_rev_id: CPTRA_HW_REV_ID: generation in the low half (major [3:0], minor
 *	[7:4], patch [15:8]), stepping of the SoC in the high half
 * @rom_version: major [15:11], minor [10:6], patch [5:0]
 * @fmc_version: the same for FMC
 * @runtime_version: major [31:24], minor [23:16], patch [15:0]; 0 in ROM
 * @name: name of the module
 */
struct caliptra_version {
	uint32_t fips_status;
	uint32_t mode;
	uint32_t hw_rev_id;
	uint16_t rom_version;
	uint16_t fmc_version;
	uint32_t runtime_version;
	char name[13];
};

/**
 * caliptra_cmd_version() - VERSION: hardware and firmware versions
 * @session: a connected session
 * @rsp: where the response goes
 *
 * ROM answers too.
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError caliptra_cmd_version(CaliptraSession *session,
				   struct caliptra_version *rsp);

/* Bits of the capabilities, counted from the last byte. */
#define CALIPTRA_CAPABILITY_ROM_BASE		 0
#define CALIPTRA_CAPABILITY_ROM_OCP_LOCK	 1
#define CALIPTRA_CAPABILITY_ROM_STABLE_OWNER_KEY 2
#define CALIPTRA_CAPABILITY_RT_BASE		 64
#define CALIPTRA_CAPABILITY_RT_OCP_LOCK		 65

/**
 * struct caliptra_capabilities - CAPABILITIES
 * @fips_status: CALIPTRA_FIPS_STATUS_*
 * @capabilities: a number of 128 bits, most significant byte first
 */
struct caliptra_capabilities {
	uint32_t fips_status;
	uint8_t capabilities[16];
};

/**
 * caliptra_cmd_capabilities() - CAPABILITIES: what the firmware can do
 * @session: a connected session
 * @rsp: where the response goes
 *
 * ROM answers too.
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError caliptra_cmd_capabilities(CaliptraSession *session,
					struct caliptra_capabilities *rsp);

/**
 * caliptra_has_capability() - is a capability among those of a response?
 * @capabilities: the response
 * @bit: CALIPTRA_CAPABILITY_*
 *
 * Return: true if so; false for a bit above 127.
 */
bool caliptra_has_capability(const struct caliptra_capabilities *capabilities,
			     unsigned int bit);

/**
 * struct caliptra_fw_info - FW_INFO
 * @fips_status: CALIPTRA_FIPS_STATUS_*
 * @pl0_pauser: AXI user with privilege level 0
 * @fw_svn: security version of the firmware
 * @min_fw_svn: lowest security version since the last cold boot
 * @cold_boot_fw_svn: security version at the last cold boot
 * @attestation_disabled: DISABLE_ATTESTATION was called
 * @rom_revision: commit that ROM was built from
 * @fmc_revision: the same for FMC
 * @runtime_revision: the same for runtime firmware
 * @rom_sha256_digest: SHA-256 of ROM
 * @fmc_sha384_digest: SHA-384 of FMC
 * @runtime_sha384_digest: SHA-384 of runtime firmware
 * @owner_pub_key_hash: SHA-384 of the owner's keys
 * @authman_sha384_digest: SHA-384 of the authorization manifest
 * @most_recent_fw_error: last non-fatal error
 * @vendor_pub_key_hash: SHA-384 of the vendor's keys
 * @image_manifest_pqc_type: kind of post-quantum signature of the image
 * @vendor_ecc384_pub_key_index: vendor key that signed the image
 * @vendor_pqc_pub_key_index: the same, post-quantum
 * @soc_manifest_current_svn: security version of the SoC's manifest
 * @soc_manifest_min_svn: lowest one that is accepted
 * @owner_auth_manifest_current_svn: security version of the owner's manifest
 * @owner_auth_manifest_min_svn: lowest one that is accepted
 */
struct caliptra_fw_info {
	uint32_t fips_status;
	uint32_t pl0_pauser;
	uint32_t fw_svn;
	uint32_t min_fw_svn;
	uint32_t cold_boot_fw_svn;
	uint32_t attestation_disabled;
	uint8_t rom_revision[20];
	uint8_t fmc_revision[20];
	uint8_t runtime_revision[20];
	uint8_t rom_sha256_digest[32];
	uint8_t fmc_sha384_digest[CALIPTRA_SHA384_SIZE];
	uint8_t runtime_sha384_digest[CALIPTRA_SHA384_SIZE];
	uint8_t owner_pub_key_hash[CALIPTRA_SHA384_SIZE];
	uint8_t authman_sha384_digest[CALIPTRA_SHA384_SIZE];
	uint32_t most_recent_fw_error;
	uint8_t vendor_pub_key_hash[CALIPTRA_SHA384_SIZE];
	uint32_t image_manifest_pqc_type;
	uint32_t vendor_ecc384_pub_key_index;
	uint32_t vendor_pqc_pub_key_index;
	uint32_t soc_manifest_current_svn;
	uint32_t soc_manifest_min_svn;
	uint32_t owner_auth_manifest_current_svn;
	uint32_t owner_auth_manifest_min_svn;
};

/**
 * caliptra_cmd_fw_info() - FW_INFO: what firmware runs and what it measured
 * @session: a connected session
 * @rsp: where the response goes
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError caliptra_cmd_fw_info(CaliptraSession *session,
				   struct caliptra_fw_info *rsp);

/**
 * caliptra_cmd_self_test_start() - SELF_TEST_START: test the engines
 * @session: a connected session
 * @fips_status: set to that of the response
 *
 * ROM answers too. caliptra_cmd_self_test_get_results() has the outcome.
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError caliptra_cmd_self_test_start(CaliptraSession *session,
					   uint32_t *fips_status);

/**
 * caliptra_cmd_self_test_get_results() - SELF_TEST_GET_RESULTS: how the test of
 *	the engines went
 * @session: a connected session
 * @fips_status: set to that of the response
 *
 * ROM answers too.
 *
 * Return: CALIPTRA_ERROR_DEVICE with RUNTIME_SELF_TEST_NOT_STARTED until the
 * test is over. A test that fails is fatal to the firmware.
 */
CaliptraError caliptra_cmd_self_test_get_results(CaliptraSession *session,
						 uint32_t *fips_status);

#define CALIPTRA_MAX_DATA 9216

/**
 * struct caliptra_data - a response of variable length
 * @fips_status: CALIPTRA_FIPS_STATUS_*
 * @data_size: bytes of @data that are used
 * @data: a certificate or certificate signing request, DER
 */
struct caliptra_data {
	uint32_t fips_status;
	uint32_t data_size;
	uint8_t data[CALIPTRA_MAX_DATA];
};

#define CALIPTRA_MAX_IDEV_ECC384_TBS 916

/**
 * struct caliptra_get_idev_ecc384_cert_req - GET_IDEV_ECC384_CERT
 * @tbs_size: bytes of @tbs that are used
 * @signature_r: the manufacturer's signature, r
 * @signature_s: and s
 * @tbs: to-be-signed part of the IDevID certificate, DER
 */
struct caliptra_get_idev_ecc384_cert_req {
	uint32_t tbs_size;
	uint8_t signature_r[CALIPTRA_ECC384_SIZE];
	uint8_t signature_s[CALIPTRA_ECC384_SIZE];
	uint8_t tbs[CALIPTRA_MAX_IDEV_ECC384_TBS];
};

/**
 * caliptra_cmd_get_idev_ecc384_cert() - GET_IDEV_ECC384_CERT: put an IDevID
 *	certificate together from its parts
 * @session: a connected session
 * @req: the parts
 * @rsp: the certificate
 *
 * The firmware verifies nothing of it.
 *
 * Return: CALIPTRA_ERROR_INVALID_ARGUMENT where @req->tbs_size is more than
 * CALIPTRA_MAX_IDEV_ECC384_TBS.
 */
CaliptraError caliptra_cmd_get_idev_ecc384_cert(
	CaliptraSession *session,
	const struct caliptra_get_idev_ecc384_cert_req *req,
	struct caliptra_data *rsp);

/**
 * struct caliptra_idev_ecc384_info - GET_IDEV_ECC384_INFO
 * @fips_status: CALIPTRA_FIPS_STATUS_*
 * @idev_pub_x: IDevID's public key, x
 * @idev_pub_y: and y
 */
struct caliptra_idev_ecc384_info {
	uint32_t fips_status;
	uint8_t idev_pub_x[CALIPTRA_ECC384_SIZE];
	uint8_t idev_pub_y[CALIPTRA_ECC384_SIZE];
};

/**
 * caliptra_cmd_get_idev_ecc384_info() - GET_IDEV_ECC384_INFO: IDevID's key
 * @session: a connected session
 * @rsp: where the response goes
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError
caliptra_cmd_get_idev_ecc384_info(CaliptraSession *session,
				  struct caliptra_idev_ecc384_info *rsp);

/**
 * caliptra_cmd_get_idev_ecc384_csr() - GET_IDEV_ECC384_CSR: IDevID's request to
 *	its manufacturer
 * @session: a connected session
 * @rsp: the certificate signing request
 *
 * Return: CALIPTRA_ERROR_DEVICE with RUNTIME_GET_IDEV_ID_UNPROVISIONED where the
 * device was not booted to make one (GENERATE_IDEVID_CSR in
 * CPTRA_DBG_MANUF_SERVICE_REG).
 */
CaliptraError caliptra_cmd_get_idev_ecc384_csr(CaliptraSession *session,
					       struct caliptra_data *rsp);

/**
 * caliptra_cmd_get_ldev_ecc384_cert() - GET_LDEV_ECC384_CERT: certificate of LDevID
 * @session: a connected session
 * @rsp: the certificate, signed by IDevID
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError caliptra_cmd_get_ldev_ecc384_cert(CaliptraSession *session,
						struct caliptra_data *rsp);

/**
 * caliptra_cmd_get_fmc_alias_ecc384_cert() - GET_FMC_ALIAS_ECC384_CERT:
 *	certificate of the FMC alias key
 * @session: a connected session
 * @rsp: the certificate, signed by LDevID
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError caliptra_cmd_get_fmc_alias_ecc384_cert(CaliptraSession *session,
						     struct caliptra_data *rsp);

/**
 * caliptra_cmd_get_rt_alias_ecc384_cert() - GET_RT_ALIAS_ECC384_CERT:
 *	certificate of the RT alias key
 * @session: a connected session
 * @rsp: the certificate, signed by the FMC alias key
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError caliptra_cmd_get_rt_alias_ecc384_cert(CaliptraSession *session,
						    struct caliptra_data *rsp);

/**
 * struct caliptra_stash_measurement_req - STASH_MEASUREMENT
 * @metadata: what was measured, four characters
 * @measurement: SHA-384
 * @context: not used by the firmware
 * @svn: security version of what was measured
 */
struct caliptra_stash_measurement_req {
	uint8_t metadata[4];
	uint8_t measurement[CALIPTRA_SHA384_SIZE];
	uint8_t context[CALIPTRA_SHA384_SIZE];
	uint32_t svn;
};

/**
 * struct caliptra_stash_measurement - answer to STASH_MEASUREMENT
 * @fips_status: CALIPTRA_FIPS_STATUS_*
 * @dpe_result: 0, or the error of the DICE Protection Environment
 */
struct caliptra_stash_measurement {
	uint32_t fips_status;
	uint32_t dpe_result;
};

/**
 * caliptra_cmd_stash_measurement() - STASH_MEASUREMENT: a measurement into the
 *	DICE Protection Environment and PCR 31
 * @session: a connected session
 * @req: the measurement
 * @rsp: where the response goes
 *
 * ROM answers too, up to 8 times, and leaves the measurements to runtime
 * firmware.
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError
caliptra_cmd_stash_measurement(CaliptraSession *session,
			       const struct caliptra_stash_measurement_req *req,
			       struct caliptra_stash_measurement *rsp);

/**
 * struct caliptra_extend_pcr_req - EXTEND_PCR
 * @pcr_idx: 4 to 31; 0 to 3 are the firmware's
 * @data: what to extend it with
 */
struct caliptra_extend_pcr_req {
	uint32_t pcr_idx;
	uint8_t data[CALIPTRA_SHA384_SIZE];
};

/**
 * caliptra_cmd_extend_pcr() - EXTEND_PCR: PCR := SHA-384(PCR || data)
 * @session: a connected session
 * @req: which PCR, and the data
 * @fips_status: set to that of the response
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError caliptra_cmd_extend_pcr(CaliptraSession *session,
				      const struct caliptra_extend_pcr_req *req,
				      uint32_t *fips_status);

/**
 * caliptra_cmd_increment_pcr_reset_counter() - INCREMENT_PCR_RESET_COUNTER:
 *	count a reset of a PCR
 * @session: a connected session
 * @index: which, 0 to 31; its value stays
 * @fips_status: set to that of the response
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError caliptra_cmd_increment_pcr_reset_counter(CaliptraSession *session,
						       uint32_t index,
						       uint32_t *fips_status);

/* Size of the response to QUOTE_PCRS_ECC384 as it travels. */
#define CALIPTRA_QUOTE_PCRS_ECC384_SIZE 1848

/**
 * struct caliptra_quote_pcrs_ecc384 - QUOTE_PCRS_ECC384
 * @fips_status: CALIPTRA_FIPS_STATUS_*
 * @pcrs: values of all PCRs
 * @nonce: the caller's
 * @reset_ctrs: reset counters; they are not signed
 * @digest: first 48 bytes of SHA-512(pcrs || nonce)
 * @signature_r: signature of @digest by the FMC alias key, r
 * @signature_s: and s
 */
struct caliptra_quote_pcrs_ecc384 {
	uint32_t fips_status;
	uint8_t pcrs[CALIPTRA_PCR_COUNT][CALIPTRA_SHA384_SIZE];
	uint8_t nonce[CALIPTRA_NONCE_SIZE];
	uint32_t reset_ctrs[CALIPTRA_PCR_COUNT];
	uint8_t digest[CALIPTRA_SHA384_SIZE];
	uint8_t signature_r[CALIPTRA_ECC384_SIZE];
	uint8_t signature_s[CALIPTRA_ECC384_SIZE];
};

/**
 * caliptra_cmd_quote_pcrs_ecc384() - QUOTE_PCRS_ECC384: PCRs with a signature
 *	over them and a nonce
 * @session: a connected session
 * @nonce: bytes that nobody could foresee
 * @rsp: the quote, which is not verified
 *
 * libcaliptra-attest verifies quotes.
 *
 * Return: CALIPTRA_SUCCESS or an error, as above.
 */
CaliptraError
caliptra_cmd_quote_pcrs_ecc384(CaliptraSession *session,
			       const uint8_t nonce[CALIPTRA_NONCE_SIZE],
			       struct caliptra_quote_pcrs_ecc384 *rsp);

/**
 * caliptra_quote_pcrs_ecc384_encode() - a quote as the device sends it
 * @quote: the quote
 * @bytes: CALIPTRA_QUOTE_PCRS_ECC384_SIZE bytes, checksum first
 */
void caliptra_quote_pcrs_ecc384_encode(
	const struct caliptra_quote_pcrs_ecc384 *quote,
	uint8_t bytes[CALIPTRA_QUOTE_PCRS_ECC384_SIZE]);

/**
 * caliptra_quote_pcrs_ecc384_decode() - the opposite
 * @bytes: a response to QUOTE_PCRS_ECC384, checksum first
 * @len: its length in bytes
 * @quote: where it goes
 *
 * Return: CALIPTRA_ERROR_PROTOCOL where its length or checksum is wrong.
 */
CaliptraError
caliptra_quote_pcrs_ecc384_decode(const void *bytes, size_t len,
				  struct caliptra_quote_pcrs_ecc384 *quote);

/**
 * struct caliptra_ecdsa384_signature_verify_req - ECDSA384_SIGNATURE_VERIFY
 * @pub_key_x: public key, x
 * @pub_key_y: and y
 * @signature_r: signature, r
 * @signature_s: and s
 * @hash: what was signed
 */
struct caliptra_ecdsa384_signature_verify_req {
	uint8_t pub_key_x[CALIPTRA_ECC384_SIZE];
	uint8_t pub_key_y[CALIPTRA_ECC384_SIZE];
	uint8_t signature_r[CALIPTRA_ECC384_SIZE];
	uint8_t signature_s[CALIPTRA_ECC384_SIZE];
	uint8_t hash[CALIPTRA_SHA384_SIZE];
};

/**
 * caliptra_cmd_ecdsa384_signature_verify() - ECDSA384_SIGNATURE_VERIFY: let the
 *	device verify a signature
 * @session: a connected session
 * @req: key, signature and digest
 * @fips_status: set to that of the response
 *
 * ROM answers too.
 *
 * Return: CALIPTRA_SUCCESS where the signature is good, CALIPTRA_ERROR_DEVICE
 * with RUNTIME_ECDSA_VERIFY_FAILED where it is not.
 */
CaliptraError caliptra_cmd_ecdsa384_signature_verify(
	CaliptraSession *session,
	const struct caliptra_ecdsa384_signature_verify_req *req,
	uint32_t *fips_status);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* CALIPTRA_COMMANDS_H */
