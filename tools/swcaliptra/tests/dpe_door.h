/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the DPE share: a device, and commands of the DPE through its
 * mailbox, of the profile that a test is run with.
 */
#ifndef SWCALIPTRA_TESTS_DPE_DOOR_H
#define SWCALIPTRA_TESTS_DPE_DOOR_H

#include "certs.h"
#include "harness.h"

#include <caliptra/caliptra.h>
#include <caliptra/commands.h>
#include <openssl/x509.h>

#include "dpe_command.h"

#define PL0 SOC_BOOT_PL0_USER
#define PL1 SOC_BOOT_PL1_USER

#define RETAIN	  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RETAIN_PARENT_CONTEXT
#define DEFAULT	  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_MAKE_DEFAULT
#define MOVE	  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CHANGE_LOCALITY
#define X509_TOO  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_INPUT_ALLOW_X509
#define EXPORTER  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_ALLOW_NEW_CONTEXT_TO_EXPORT
#define RECURSIVE CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RECURSIVE
#define EXPORT                                          \
	(CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_EXPORT_CDI | \
	 CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CREATE_CERTIFICATE)
#define SIMULATION CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_SIMULATION

#define FORMAT_X509 CALIPTRA_DPE_CERTIFY_KEY_FORMAT_X509
#define FORMAT_CSR  CALIPTRA_DPE_CERTIFY_KEY_FORMAT_CSR

static struct device dev;

/* The profile of the commands. */
static const struct dpe_profile *profile;

static inline bool is_mldsa(void)
{
	return profile == &dpe_mldsa87;
}

/* The answer of the mailbox, and DPE's in it. */
static uint32_t status;
static uint32_t answer_len;
static uint8_t answer[CALIPTRA_MBOX_SIZE_PASSIVE];
static uint8_t *const dpe = answer + 12;
static uint32_t dpe_len;

/* The command being made, and where the length of DPE's is in it. */
static uint8_t command[1024 + 32];
static uint32_t command_len;
static uint32_t size_at;

static uint8_t label[DPE_LABEL_SIZE];

static inline uint32_t run(uint32_t user, uint32_t code, const void *body,
			   uint32_t len)
{
	static uint8_t request[12288];

	memset(request, 0, sizeof(request));
	memset(answer, 0, sizeof(answer));
	assert_in_range(len, 0, sizeof(request) - 4);
	len = test_request(request, code, body, len);
	assert_int_equal(device_submit(&dev, user, code, request, len),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	status = dev.mbox.status;
	answer_len = status == MBOX_STATUS_DATA_READY ? dev.mbox.dlen : 0;
	memcpy(answer, mbox_bytes(&dev.mbox), answer_len);
	device_finish(&dev, user);
	return ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL);
}

static inline void put32(uint32_t value)
{
	wire_put_le32(command + command_len, value);
	command_len += 4;
}

static inline void put_bytes(const void *bytes, size_t len)
{
	memcpy(command + command_len, bytes, len);
	command_len += (uint32_t)len;
}

static inline void begin(uint32_t id)
{
	/* flags and axi_response come first */
	size_at = is_mldsa() ? 16 : 0;
	memset(command, 0, size_at);
	command_len = size_at + 4;
	put32(0x44504543);
	put32(id);
	put32(profile->id);
}

static inline uint32_t invoke_code(void)
{
	return is_mldsa() ? CALIPTRA_CMD_INVOKE_DPE_MLDSA87 :
			    CALIPTRA_CMD_INVOKE_DPE_ECC384;
}

/* The error of the mailbox; without one, there is a header of DPE's. */
static inline uint32_t invoke_as(uint32_t user)
{
	uint32_t error;

	wire_put_le32(command + size_at, command_len - size_at - 4);
	error = run(user, invoke_code(), command, command_len);
	if (error) {
		assert_int_equal(status, MBOX_STATUS_CMD_FAILURE);
		return error;
	}
	assert_int_equal(status, MBOX_STATUS_DATA_READY);
	dpe_len = wire_get_le32(answer + 8);
	assert_int_equal(answer_len, 12 + dpe_len);
	assert_in_range(dpe_len, 12, sizeof(answer) - 12);
	assert_int_equal(wire_get_le32(dpe), 0x44504552);
	assert_int_equal(wire_get_le32(dpe + 8), profile->id);
	return 0;
}

static inline uint32_t dpe_status(void)
{
	return wire_get_le32(dpe + 4);
}

/* DPE has done it, and its answer is this long. */
static inline void expect_done(uint32_t user, uint32_t len)
{
	assert_int_equal(invoke_as(user), 0);
	assert_int_equal(dpe_status(), 0);
	assert_int_equal(dpe_len, len);
}

/* DPE refuses it, and nothing has changed. */
static inline void expect_refused(uint32_t user, uint32_t error)
{
	static struct dpe before;

	before = dev.fw.dpe;
	assert_int_equal(invoke_as(user), 0);
	assert_int_equal(dpe_status(), error);
	assert_int_equal(dpe_len, 12);
	assert_memory_equal(&dev.fw.dpe, &before, sizeof(before));
}

/* Firmware does not even give it to DPE. */
static inline void expect_failed(uint32_t user, uint32_t error)
{
	static struct dpe before;

	before = dev.fw.dpe;
	assert_int_equal(invoke_as(user), error);
	assert_memory_equal(&dev.fw.dpe, &before, sizeof(before));
}

static inline void derive_context(const uint8_t *handle, uint32_t flags,
				  uint32_t type, uint32_t locality,
				  uint32_t svn)
{
	uint8_t of[DPE_HANDLE_SIZE];
	uint8_t data[SHA384_SIZE];

	memcpy(of, handle, sizeof(of));
	memset(data, (int)type, sizeof(data));
	begin(CALIPTRA_DPE_COMMAND_DERIVE_CONTEXT);
	put_bytes(of, sizeof(of));
	put_bytes(data, sizeof(data));
	put32(flags);
	put32(type);
	put32(locality);
	put32(svn);
}

static inline void certify_key(const uint8_t *handle, uint32_t format)
{
	uint8_t of[DPE_HANDLE_SIZE];

	memcpy(of, handle, sizeof(of));
	begin(CALIPTRA_DPE_COMMAND_CERTIFY_KEY);
	put_bytes(of, sizeof(of));
	put32(0);
	put32(format);
	put_bytes(label, sizeof(label));
}

static inline void sign(const uint8_t *handle, const uint8_t *to_sign)
{
	begin(CALIPTRA_DPE_COMMAND_SIGN);
	put_bytes(handle, DPE_HANDLE_SIZE);
	put_bytes(label, sizeof(label));
	put32(0);
	put_bytes(to_sign, profile->to_sign_size);
}

static inline void destroy(const uint8_t *handle)
{
	begin(CALIPTRA_DPE_COMMAND_DESTROY_CONTEXT);
	put_bytes(handle, DPE_HANDLE_SIZE);
}

static inline void initialize(uint32_t flags)
{
	begin(CALIPTRA_DPE_COMMAND_INITIALIZE_CONTEXT);
	put32(flags);
}

static inline void rotate(const uint8_t *handle, uint32_t flags)
{
	begin(CALIPTRA_DPE_COMMAND_ROTATE_CONTEXT_HANDLE);
	put_bytes(handle, DPE_HANDLE_SIZE);
	put32(flags);
}

static inline void get_chain(uint32_t offset, uint32_t size)
{
	begin(CALIPTRA_DPE_COMMAND_GET_CERTIFICATE_CHAIN);
	put32(offset);
	put32(size);
}

/* The whole chain, by GetCertificateChain. */
static inline size_t read_chain(uint8_t chain[FW_MLDSA_CHAIN_SIZE])
{
	size_t len = 0;
	uint32_t n;

	do {
		get_chain((uint32_t)len, 2048);
		expect_done(PL1, 2064);
		n = wire_get_le32(dpe + 12);
		memcpy(chain + len, dpe + 16, n);
		len += n;
	} while (n == 2048);
	return len;
}

static inline void boot(const char *generation)
{
	struct device_config config = test_config();
	size_t i;

	config.generation = generation_find(generation);
	for (i = 0; i < sizeof(label); i++)
		label[i] = (uint8_t)(48 - i);
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
}

/* What DPE's answer to CertifyKey has after the public key; its length. */
static inline const uint8_t *certificate(uint32_t *len)
{
	const uint8_t *p = dpe + 28 + profile->public_size;

	*len = wire_get_le32(p);
	assert_int_equal(dpe_len, 28 + profile->public_size + 4 + *len);
	return p + 4;
}

static inline X509 *certified(void)
{
	uint32_t len;
	const uint8_t *der = certificate(&len);

	return parse_cert(der, len);
}

static uint8_t cdi_handle[DPE_CDI_HANDLE_SIZE];

static inline X509 *export_cdi(uint32_t flags)
{
	uint32_t len;

	derive_context(dpe_default_handle, EXPORT | flags, 0x55, 0, 0);
	assert_int_equal(invoke_as(PL0), 0);
	assert_int_equal(dpe_status(), 0);
	len = wire_get_le32(dpe + 76);
	assert_int_equal(dpe_len, 80 + len);
	assert_memory_equal(dpe + 12, dpe_invalid_handle, 16);
	memcpy(cdi_handle, dpe + 44, sizeof(cdi_handle));
	return parse_cert(dpe + 80, len);
}

static inline uint32_t tag(uint32_t user, const uint8_t *handle, uint32_t value)
{
	uint8_t body[20];

	memcpy(body, handle, 16);
	wire_put_le32(body + 16, value);
	return run(user, CALIPTRA_CMD_DPE_TAG_TCI, body, sizeof(body));
}

static inline void populate(uint32_t len, uint8_t fill, uint32_t error)
{
	uint8_t body[4 + 1024];

	wire_put_le32(body, len);
	memset(body + 4, fill, 1024);
	assert_int_equal(run(PL0, CALIPTRA_CMD_POPULATE_IDEV_ECC384_CERT, body,
			     sizeof(body)),
			 error);
}

static inline int setup(void **state)
{
	profile = *state ? *state : &dpe_p384;
	boot("2.1");
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	device_release(&dev);
	return 0;
}

#define MLDSA(name) \
	{ #name "_mldsa", name, setup, teardown, (void *)&dpe_mldsa87 }
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define BOTH(name) TEST(name), MLDSA(name)

#endif
