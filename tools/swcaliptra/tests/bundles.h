/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of firmware images share: keys, a bundle of each kind, a device whose
 * fuses have the hash of the vendor's keys, and commands to it.
 */
#ifndef SWCALIPTRA_TESTS_BUNDLES_H
#define SWCALIPTRA_TESTS_BUNDLES_H

#include "harness.h"

#include <caliptra/commands.h>

#include "bundle_make.h"
#include "lms_test_key.h"

/* An LMS key and the leaf that signs next. */
struct test_lms {
	struct lms_private_key key;
	uint32_t q;
};

static inline void test_lms_key(struct lms_private_key *key)
{
	size_t i;

	memset(key, 0, sizeof(*key));
	key->lms_type = LMS_SHA256_M24_H15;
	key->lmots_type = LMOTS_SHA256_N24_W4;
	for (i = 0; i < LMS_ID_SIZE; i++)
		key->id[i] = (uint8_t)(0xa0 + i);
	for (i = 0; i < 24; i++)
		key->seed[i] = (uint8_t)(0x40 + i);
	unhex(test_lms_root, key->root, 24);
	for (i = 0; i < LMS_KEPT_NODES; i++) {
		char node[49] = { 0 };

		memcpy(node, test_lms_nodes + 48 * i, 48);
		unhex(node, key->nodes[i], 24);
	}
}

static inline int test_lms_sign(void *context,
				const uint8_t digest[SHA384_SIZE],
				uint8_t sig[LMS_IMAGE_SIG_SIZE])
{
	static const uint8_t nonce[24] = { 9, 8, 7 };
	struct test_lms *lms = context;

	return lms_sign(&lms->key, lms->q++, nonce, digest, SHA384_SIZE, sig);
}

static inline EVP_PKEY *test_ecc_key(uint8_t number)
{
	uint8_t seed[P384_SIZE] = { number };
	uint8_t scalar[P384_SIZE];
	EVP_PKEY *key;

	assert_int_equal(crypto_p384_derive_scalar(seed, scalar), 0);
	key = crypto_p384_key(scalar);
	assert_non_null(key);
	return key;
}

/* Vendor and owner: keys are made once, for all bundles. */
static inline void test_signers(struct bundle_recipe *r)
{
	static struct test_lms lms;
	static EVP_PKEY *keys[4];
	uint8_t pub[LMS_MAX_KEY_SIZE];

	if (!keys[0]) {
		test_lms_key(&lms.key);
		keys[0] = test_ecc_key(1);
		keys[1] = test_ecc_key(2);
		keys[2] = EVP_PKEY_Q_keygen(NULL, NULL, "ML-DSA-87");
		keys[3] = EVP_PKEY_Q_keygen(NULL, NULL, "ML-DSA-87");
		assert_true(keys[2] && keys[3]);
	}
	r->vendor.ecc = keys[0];
	r->owner.ecc = keys[1];
	r->vendor.mldsa = keys[2];
	r->owner.mldsa = keys[3];
	r->vendor.lms_sign = test_lms_sign;
	r->vendor.lms = &lms;
	lms_public_key(&lms.key, pub);
	memcpy(r->vendor.lms_key, pub, LMS_IMAGE_KEY_SIZE);
	memcpy(r->owner.lms_key, pub, LMS_IMAGE_KEY_SIZE);
	r->owner.lms_sign = test_lms_sign;
	r->owner.lms = &lms;
}

/* A bundle with the second of three P-384 keys and the third of four others. */
static inline void test_recipe(struct bundle_recipe *r, const char *generation,
			       uint32_t pqc_type)
{
	static uint8_t fmc[3000];
	static uint8_t runtime[5000];
	size_t i;

	memset(r, 0, sizeof(*r));
	r->generation = generation_find(generation);
	r->pqc_type = pqc_type;
	test_signers(r);
	for (i = 0; i < 3; i++)
		memset(r->ecc_keys[i], 0x30 + (int)i, ECC_KEY_SIZE);
	for (i = 0; i < 4; i++)
		memset(r->pqc_keys[i], 0x60 + (int)i, MLDSA87_PUBLIC_SIZE);
	r->ecc_count = 3;
	r->ecc_index = 1;
	r->pqc_count = 4;
	r->pqc_index = 2;
	r->svn = 7;
	r->fmc_svn = 5;
	r->flags = FW_IMAGE_PL0_USER;
	r->pl0_user = SOC_BOOT_PL0_USER;
	for (i = 0; i < sizeof(fmc); i++)
		fmc[i] = (uint8_t)(i * 5 + 1);
	for (i = 0; i < sizeof(runtime); i++)
		runtime[i] = (uint8_t)(i * 3 + 2);
	r->fmc = (struct bundle_part){ .data = fmc,
				       .len = sizeof(fmc) - 2,
				       .version = 0x00011803 };
	r->runtime = (struct bundle_part){ .data = runtime,
					   .len = sizeof(runtime),
					   .version = 0x02010905 };
	memset(r->fmc.revision, 0xf1, sizeof(r->fmc.revision));
	memset(r->runtime.revision, 0xf2, sizeof(r->runtime.revision));
	bundle_place(r);
}

/* The vendor's hash of what is in a bundle. */
static inline void test_vendor_hash(const struct bundle_recipe *r,
				    const uint8_t *bundle,
				    uint8_t hash[SHA384_SIZE])
{
	const struct bundle_layout *l = bundle_layout(r->generation);

	assert_int_equal(crypto_sha384(bundle + l->vendor_keys,
				       l->vendor_keys_size, hash),
			 0);
}

static inline uint32_t test_be32(const uint8_t *p)
{
	return __builtin_bswap32(wire_get_le32(p));
}

/* Fuses of a device that takes bundles of this vendor. */
static inline void test_bundle_fuses(struct fuses *fuses,
				     const struct bundle_recipe *r,
				     const uint8_t *bundle)
{
	uint8_t hash[SHA384_SIZE];
	size_t i;

	test_fuses(fuses);
	fuses->cptra_generation[0] = r->generation->cptra_generation;
	fuses->pqc_key_type[0] = r->pqc_type;
	test_vendor_hash(r, bundle, hash);
	for (i = 0; i < 12; i++)
		fuses->vendor_pk_hash[i] = test_be32(hash + 4 * i);
}

#define PL0 SOC_BOOT_PL0_USER

static struct device dev;
static struct bundle_recipe recipe;
static struct fuses fuses;
static uint8_t bundle[256 * 1024];
static uint32_t bundle_len;

/* What comes before CPTRA_FUSE_WR_DONE, besides the fuses that all devices have. */
static uint32_t fuse_offset;
static uint32_t fuse_value;

static inline bool is_1x(void)
{
	return generation_in(recipe.generation, GENERATION_1_2);
}

static inline void make(const char *generation, uint32_t pqc_type)
{
	test_recipe(&recipe, generation, pqc_type);
	bundle_len = bundle_size(&recipe);
	assert_in_range(bundle_len, 1, sizeof(bundle));
	assert_int_equal(bundle_make(&recipe, bundle), 0);
	test_bundle_fuses(&fuses, &recipe, bundle);
}

/* A device in ROM, which waits for firmware. */
static inline void power_on(uint8_t lifecycle)
{
	struct device_config config = test_config();

	config.generation = recipe.generation;
	config.hold_firmware = true;
	config.straps.device_lifecycle = lifecycle;
	assert_int_equal(device_init(&dev, &config), 0);
	if (fuse_offset)
		ifc_write(&dev, fuse_offset, fuse_value);
	if (is_1x() && recipe.pqc_type)
		ifc_write(&dev, FUSE_1X_LMS_VERIFY, 1);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_ROM);
}

/* Send @len bytes of the bundle with command @code; MBOX_STATUS.status. */
static inline uint32_t send(uint32_t code, uint32_t len)
{
	uint32_t status;

	assert_int_equal(device_submit(&dev, PL0, code, bundle, len),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_true(mbox_data_avail(&dev.mbox));
	status = dev.mbox.status;
	device_finish(&dev, PL0);
	return status;
}

static inline uint32_t load(void)
{
	return send(CALIPTRA_CMD_FIRMWARE_LOAD, bundle_len);
}

/* A command without arguments; its response. */
static inline const uint8_t *ask(uint32_t code)
{
	static uint8_t answer[1024];
	uint8_t request[4];

	assert_int_equal(device_submit(&dev, PL0, code, request,
				       test_request(request, code, NULL, 0)),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(dev.mbox.status, MBOX_STATUS_DATA_READY);
	memcpy(answer, mbox_bytes(&dev.mbox), dev.mbox.dlen);
	device_finish(&dev, PL0);
	return answer;
}

static inline uint32_t non_fatal(void)
{
	return ifc_read(&dev, CPTRA_FW_ERROR_NON_FATAL);
}

static inline void expect_running(void)
{
	assert_int_equal(non_fatal(), 0);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), 0);
	assert_int_equal(dev.fw.phase, FW_RUNTIME);
}

/* SHA-384 of a part, with the zeros that make it a multiple of 4 bytes. */
static inline void digest_of(const struct bundle_part *part,
			     uint8_t digest[SHA384_SIZE])
{
	static uint8_t bytes[8192];

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, part->data, part->len);
	crypto_sha384(bytes, (part->len + 3) / 4 * 4, digest);
}

static inline void owner_hash(uint8_t hash[SHA384_SIZE])
{
	const struct bundle_layout *l = bundle_layout(recipe.generation);

	crypto_sha384(bundle + l->owner_keys, l->owner_keys_size, hash);
}

static inline void expect_version(uint16_t fmc, uint32_t runtime)
{
	const uint8_t *version = ask(CALIPTRA_CMD_VERSION);

	assert_int_equal(wire_get_le32(version + 16),
			 recipe.generation->rom_version | (uint32_t)fmc << 16);
	assert_int_equal(wire_get_le32(version + 20), runtime);
}

static uint8_t other_runtime[3000];

/* The same bundle with other runtime firmware, whose SVN is @svn. */
static inline void make_update(uint32_t svn)
{
	memset(other_runtime, (int)svn, sizeof(other_runtime));
	recipe.runtime.data = other_runtime;
	recipe.runtime.len = sizeof(other_runtime);
	recipe.runtime.version = 0x02020000 + svn;
	recipe.svn = svn;
	bundle_len = bundle_size(&recipe);
	assert_int_equal(bundle_make(&recipe, bundle), 0);
}

static inline void expect_svns(uint32_t svn, uint32_t min, uint32_t cold)
{
	const uint8_t *info = ask(CALIPTRA_CMD_FW_INFO);

	assert_int_equal(wire_get_le32(info + 12), svn);
	assert_int_equal(wire_get_le32(info + 16), min);
	assert_int_equal(wire_get_le32(info + 20), cold);
}

#endif
