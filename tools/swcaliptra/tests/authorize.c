// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests authorization manifests, and the commands about them (caliptra-sw
 * runtime/tests/runtime_integration_tests/test_set_auth_manifest.rs,
 * test_set_owner_auth_manifest.rs, test_authorize_and_stash.rs and
 * test_get_image_info.rs).
 */
#include "manifests.h"

#define INVALID RUNTIME_MAILBOX_INVALID_PARAMS

static const struct {
	const char *generation;
	uint32_t pqc_type;
} kinds[] = {
	{ "2.1", BUNDLE_PQC_MLDSA }, { "2.1", BUNDLE_PQC_LMS },
	{ "2.0", BUNDLE_PQC_MLDSA }, { "2.0", BUNDLE_PQC_LMS },
	{ "1.2", BUNDLE_PQC_LMS },   { "1.2", 0 },
};

/* The digest that FW_INFO has: of the manifest with its images in order. */
static void expect_manifest_digest(void)
{
	static uint8_t sorted[MANIFEST_MAX_SIZE];
	const struct manifest_layout *l = man_layout();
	uint8_t *list = sorted + l->size + 4;
	uint8_t digest[SHA384_SIZE];
	uint8_t words[SHA384_SIZE];
	uint32_t i;

	/* they are 9, 3, 5 */
	memcpy(sorted, manifest, manifest_len);
	for (i = 0; i < 3; i++)
		memcpy(list + i * l->entry_size,
		       manifest + l->size + 4 + (i + 1) % 3 * l->entry_size,
		       l->entry_size);
	crypto_sha384(sorted, manifest_len, digest);
	assert_memory_equal(dev.fw.manifest.digest, digest, SHA384_SIZE);
	if (is_1x())
		return;
	bundle_words(words, ask(CALIPTRA_CMD_FW_INFO) + 264, SHA384_SIZE);
	assert_memory_equal(words, digest, SHA384_SIZE);
}

static void expect_info(uint32_t fw_id)
{
	const uint8_t *answer = mbox_bytes(&dev.mbox);
	uint8_t digest[SHA384_SIZE];

	test_digest(fw_id, digest);
	assert_int_equal(run_as(PL1, CALIPTRA_CMD_GET_IMAGE_INFO, &fw_id, 4),
			 0);
	assert_int_equal(dev.mbox.dlen, 80);
	assert_int_equal(wire_get_le32(answer + 8), fw_id + 0x1000);
	assert_int_equal(wire_get_le32(answer + 12),
			 4 << ENTRY_EXEC_BIT_SHIFT | 1);
	assert_int_equal(wire_get_le32(answer + 16), 1);
	assert_int_equal(wire_get_le32(answer + 20), fw_id);
	assert_int_equal(wire_get_le32(answer + 24), 2);
	assert_int_equal(wire_get_le32(answer + 28), fw_id);
	assert_memory_equal(answer + 32, digest, SHA384_SIZE);
}

/* The context that was derived last, the default one, measures this. */
static void expect_stashed(const struct test_authorize *a)
{
	struct dpe_context *c;
	unsigned int index;

	assert_int_equal(dpe_find(&dev.fw.dpe, dpe_default_handle, PL0, &index),
			 0);
	c = &dev.fw.dpe.context[index];
	assert_int_equal(c->tci_type, a->fw_id);
	assert_int_equal(c->svn, a->svn);
	assert_memory_equal(c->tci_current, a->measurement, SHA384_SIZE);
}

static void authorize_images(void)
{
	struct test_authorize a = authorize_request(9);
	uint8_t pcr31[SHA384_SIZE] = { 0 };
	struct kept before;

	expect_result(&a, AUTHORIZED);
	expect_stashed(&a);
	crypto_sha384_extend(pcr31, a.measurement, SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[31], pcr31, SHA384_SIZE);
	/* it may be any that calls itself so, and is what it says that is measured */
	a = authorize_request(5);
	a.measurement[0] ^= 1;
	expect_result(&a, AUTHORIZED);
	expect_stashed(&a);
	crypto_sha384_extend(pcr31, a.measurement, SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[31], pcr31, SHA384_SIZE);

	keep(&before);
	a = authorize_request(3);
	a.flags = SKIP_STASH;
	expect_result(&a, AUTHORIZED);
	a.flags = 0;
	a.measurement[47] ^= 0x80;
	expect_result(&a, MISMATCH);
	a = authorize_request(4);
	expect_result(&a, UNKNOWN);
	expect_kept(&before);
}

static void manifests_of_both(void **unused)
{
	uint32_t unknown = 4;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i++) {
		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		assert_int_equal(set_manifest(), 0);
		assert_int_equal(dev.fw.manifest.entries.count, 3);
		expect_manifest_digest();
		authorize_images();
		if (!is_1x()) {
			expect_info(9);
			assert_int_equal(run_as(PL0,
						CALIPTRA_CMD_GET_IMAGE_INFO,
						&unknown, 4),
					 RUNTIME_IMAGE_METADATA_NOT_FOUND);
		}
		device_release(&dev);
	}
}

/* One takes the place of the last one, with as many images as there can be. */
static void the_next_manifest(void **unused)
{
	struct test_authorize a;
	uint32_t i;

	(void)unused;
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	usual_manifest();
	assert_int_equal(set_manifest(), 0);
	test_manifest_recipe(false);
	for (i = 0; i < 80; i++)
		add_image(1000 - i, 0);
	make_manifest();
	assert_int_equal(set_manifest(), 0);
	a = authorize_request(921);
	a.flags = SKIP_STASH;
	expect_result(&a, AUTHORIZED);
	a = authorize_request(1000);
	a.flags = SKIP_STASH;
	expect_result(&a, AUTHORIZED);
	a = authorize_request(9);
	expect_result(&a, UNKNOWN);
	/* what stands behind the images is none */
	usual_manifest();
	assert_int_equal(set_manifest(), 0);
	a = authorize_request(UINT32_MAX);
	memset(a.measurement, 0, SHA384_SIZE);
	expect_result(&a, UNKNOWN);
	a.fw_id = 0;
	expect_result(&a, UNKNOWN);
	device_release(&dev);
}

static void verified_alone(void **unused)
{
	static const char *const generations[] = { "2.1", "2.0" };
	static struct kept before;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(generations); i++) {
		boot_bundle(generations[i], BUNDLE_PQC_MLDSA);
		usual_manifest();
		keep(&before);
		assert_int_equal(
			send_manifest(PL0, CALIPTRA_CMD_VERIFY_AUTH_MANIFEST,
				      manifest_len),
			0);
		expect_kept(&before);
		manifest[man_layout()->owner_sigs] ^= 1;
		assert_int_equal(
			send_manifest(PL0, CALIPTRA_CMD_VERIFY_AUTH_MANIFEST,
				      manifest_len),
			RUNTIME_AUTH_MANIFEST_OWNER_ECC_SIGNATURE_INVALID);
		assert_int_equal(
			send_manifest(PL1, CALIPTRA_CMD_VERIFY_AUTH_MANIFEST,
				      manifest_len),
			RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL);
		expect_kept(&before);
		device_release(&dev);
	}
}

static void manifests_of_the_owner(void **unused)
{
	uint8_t digest[SHA384_SIZE];
	struct test_authorize a;
	size_t i;

	(void)unused;
	for (i = 0; i < 4; i++) {
		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_owner_manifest();
		assert_int_equal(set_manifest(), 0);
		crypto_sha384(manifest, manifest_len, digest);
		assert_memory_equal(dev.fw.owner_manifest.digest, digest,
				    SHA384_SIZE);
		usual_manifest();
		assert_int_equal(set_manifest(), 0);
		a = authorize_request(30);
		expect_result(&a, OWNERS_ALONE);
		expect_stashed(&a);
		a.measurement[1] ^= 1;
		expect_result(&a, MISMATCH);
		a = authorize_request(9);
		expect_result(&a, AUTHORIZED);
		assert_int_equal(run_as(PL0, CALIPTRA_CMD_GET_IMAGE_INFO,
					&(uint32_t){ 40 }, 4),
				 0);
		device_release(&dev);
	}
}

/* No image is in both manifests, whichever comes last. */
static void images_in_both(void **unused)
{
	(void)unused;
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	usual_manifest();
	assert_int_equal(set_manifest(), 0);
	usual_owner_manifest();
	add_image(5, 0);
	make_manifest();
	expect_refused(RUNTIME_OWNER_AUTH_MANIFEST_IMC_DUPLICATE_FW_ID);
	usual_owner_manifest();
	assert_int_equal(set_manifest(), 0);
	usual_manifest();
	add_image(40, 0);
	make_manifest();
	expect_refused(
		RUNTIME_AUTH_MANIFEST_IMAGE_METADATA_LIST_DUPLICATE_FIRMWARE_ID);
	assert_int_equal(
		send_manifest(PL0, CALIPTRA_CMD_VERIFY_AUTH_MANIFEST,
			      manifest_len),
		RUNTIME_AUTH_MANIFEST_IMAGE_METADATA_LIST_DUPLICATE_FIRMWARE_ID);
	device_release(&dev);
}

/* Where a bit of the manifest changes, and what the firmware says to that. */
struct change {
	uint32_t at;
	uint32_t error;
};

static void expect_changes_refused(const struct change *changes, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		manifest[changes[i].at] ^= 0x10;
		expect_refused(changes[i].error);
		manifest[changes[i].at] ^= 0x10;
	}
	assert_int_equal(set_manifest(), 0);
}

static uint32_t pqc_error(uint32_t lms, uint32_t mldsa)
{
	return man.pqc_type == BUNDLE_PQC_LMS ? lms : mldsa;
}

static void changed(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i++) {
		const struct manifest_layout *l;
		uint32_t vendor_pqc, owner_pqc;

		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		l = man_layout();
		vendor_pqc = pqc_error(
			RUNTIME_AUTH_MANIFEST_VENDOR_LMS_SIGNATURE_INVALID,
			RUNTIME_AUTH_MANIFEST_MLDSA_VENDOR_SIG_INVALID);
		owner_pqc = pqc_error(
			RUNTIME_AUTH_MANIFEST_OWNER_LMS_SIGNATURE_INVALID,
			RUNTIME_AUTH_MANIFEST_MLDSA_OWNER_SIG_INVALID);
		{
			const uint32_t vendor =
				RUNTIME_AUTH_MANIFEST_VENDOR_ECC_SIGNATURE_INVALID;
			const uint32_t owner =
				RUNTIME_AUTH_MANIFEST_OWNER_ECC_SIGNATURE_INVALID;
			const struct change changes[] = {
				{ 0, RUNTIME_INVALID_AUTH_MANIFEST_MARKER },
				{ 4,
				  RUNTIME_AUTH_MANIFEST_PREAMBLE_SIZE_MISMATCH },
				{ MANIFEST_VERSION_AT, vendor },
				{ l->flags, vendor },
				{ l->vendor_keys, vendor },
				{ l->vendor_key_sigs, vendor },
				{ l->owner_keys, owner },
				{ l->owner_key_sigs + 50, owner },
				{ l->vendor_sigs, vendor },
				{ l->owner_sigs + 95, owner },
				/* of the images, which the vendor signs first */
				{ l->size + 4, vendor },
				{ manifest_len - 1, vendor },
				/* the last of those that 1.2 without LMS has */
				{ l->vendor_key_sigs + 400, vendor_pqc },
				{ l->owner_key_sigs + 400, owner_pqc },
				{ l->vendor_sigs + 1000, vendor_pqc },
				{ l->owner_sigs + 1000, owner_pqc },
			};

			expect_changes_refused(changes,
					       COUNT(changes) -
						       (man.pqc_type ? 0 : 4));
		}
		device_release(&dev);
	}
}

static void changed_by_the_owner(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < 4; i++) {
		const struct manifest_layout *l;

		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_owner_manifest();
		l = man_layout();
		{
			const uint32_t keys =
				RUNTIME_OWNER_AUTH_MANIFEST_OWNER_ECC_SIGNATURE_INVALID;
			const uint32_t list =
				RUNTIME_OWNER_AUTH_MANIFEST_IMC_OWNER_ECC_SIGNATURE_INVALID;
			const struct change changes[] = {
				{ 3,
				  RUNTIME_OWNER_AUTH_MANIFEST_INVALID_MARKER },
				{ 5,
				  RUNTIME_OWNER_AUTH_MANIFEST_PREAMBLE_SIZE_MISMATCH },
				{ l->flags,
				  RUNTIME_OWNER_AUTH_MANIFEST_INVALID_FLAGS },
				{ MANIFEST_VERSION_AT, keys },
				{ l->owner_keys, keys },
				{ l->owner_key_sigs, keys },
				{ l->owner_sigs, list },
				{ l->size + 4, list },
				{ l->owner_key_sigs + 400,
				  pqc_error(
					  RUNTIME_OWNER_AUTH_MANIFEST_OWNER_LMS_SIGNATURE_INVALID,
					  RUNTIME_OWNER_AUTH_MANIFEST_OWNER_MLDSA_SIGNATURE_INVALID) },
				{ l->owner_sigs + 1000,
				  pqc_error(
					  RUNTIME_OWNER_AUTH_MANIFEST_IMC_OWNER_LMS_SIGNATURE_INVALID,
					  RUNTIME_OWNER_AUTH_MANIFEST_IMC_OWNER_MLDSA_SIGNATURE_INVALID) },
			};

			expect_changes_refused(changes, COUNT(changes));
		}
		manifest_len--;
		expect_refused(RUNTIME_OWNER_AUTH_MANIFEST_IMC_INVALID_SIZE);
		manifest_len = l->size - 1;
		expect_refused(
			RUNTIME_OWNER_AUTH_MANIFEST_PREAMBLE_SIZE_LT_MIN);
		device_release(&dev);
	}
}

/* A signature that begins with zeros is what the engine makes of a bad one. */
static void signatures_of_zeros(void **unused)
{
	const uint16_t sigs[] = { 2708, 10120, 14844, 19568 };
	size_t i;

	(void)unused;
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	for (i = 0; i < COUNT(sigs); i++) {
		usual_manifest();
		memset(manifest + sigs[i] + 96, 0, 4627);
		expect_refused(DRIVER_MLDSA87_UNSUPPORTED_SIGNATURE);
	}
	device_release(&dev);
}

/* The vendor need not have signed the list. */
static void signed_by_the_owner_alone(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i++) {
		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		man.flags = 0;
		make_manifest();
		assert_int_equal(set_manifest(), 0);
		manifest[man_layout()->owner_sigs] ^= 1;
		expect_refused(
			RUNTIME_AUTH_MANIFEST_OWNER_ECC_SIGNATURE_INVALID);
		device_release(&dev);
	}
}

/* Other keys have signed than those of the firmware, or than those in it. */
static void wrong_keys(void **unused)
{
	EVP_PKEY *stranger = test_ecc_key(77);
	EVP_PKEY *mldsa = EVP_PKEY_Q_keygen(NULL, NULL, "ML-DSA-87");

	(void)unused;
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	usual_manifest();
	man.vendor_firmware.ecc = stranger;
	make_manifest();
	expect_refused(RUNTIME_AUTH_MANIFEST_VENDOR_ECC_SIGNATURE_INVALID);
	man.vendor_firmware = recipe.vendor;
	man.vendor_firmware.mldsa = mldsa;
	make_manifest();
	expect_refused(RUNTIME_AUTH_MANIFEST_MLDSA_VENDOR_SIG_INVALID);
	man.vendor_firmware = recipe.vendor;
	man.owner_firmware = recipe.vendor;
	make_manifest();
	expect_refused(RUNTIME_AUTH_MANIFEST_OWNER_ECC_SIGNATURE_INVALID);
	man.owner_firmware = recipe.owner;
	man.owner_firmware.mldsa = mldsa;
	make_manifest();
	expect_refused(RUNTIME_AUTH_MANIFEST_MLDSA_OWNER_SIG_INVALID);
	man.owner_firmware = recipe.owner;
	make_manifest();
	man.vendor.ecc = stranger;
	manifest_sign_list(&man, manifest, manifest_len);
	expect_refused(RUNTIME_AUTH_MANIFEST_VENDOR_ECC_SIGNATURE_INVALID);
	man.vendor = recipe.owner;
	man.owner.mldsa = mldsa;
	manifest_sign_list(&man, manifest, manifest_len);
	expect_refused(RUNTIME_AUTH_MANIFEST_MLDSA_OWNER_SIG_INVALID);
	man.owner = recipe.vendor;
	manifest_sign_list(&man, manifest, manifest_len);
	assert_int_equal(set_manifest(), 0);

	usual_owner_manifest();
	man.owner_firmware = recipe.vendor;
	make_manifest();
	expect_refused(RUNTIME_OWNER_AUTH_MANIFEST_OWNER_ECC_SIGNATURE_INVALID);
	device_release(&dev);
	EVP_PKEY_free(stranger);
	EVP_PKEY_free(mldsa);
}

/* A list of @len bytes that says @count images, signed. */
static void sign_list(uint32_t count, uint32_t len)
{
	wire_put_le32(manifest + man_layout()->size, count);
	manifest_len = man_layout()->size + len;
	assert_int_equal(manifest_sign_list(&man, manifest, manifest_len), 0);
}

static void counts(void **unused)
{
	const uint32_t bad =
		RUNTIME_AUTH_MANIFEST_IMAGE_METADATA_LIST_INVALID_ENTRY_COUNT;
	const uint32_t owners_bad =
		RUNTIME_OWNER_AUTH_MANIFEST_IMC_INVALID_ENTRY_COUNT;
	const uint32_t too_short =
		RUNTIME_AUTH_MANIFEST_IMAGE_METADATA_LIST_INVALID_SIZE;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i++) {
		uint32_t size, max;

		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		size = man_layout()->entry_size;
		max = man_layout()->max_entries;
		sign_list(0, 4 + max * size);
		expect_refused(bad);
		sign_list(max + 1, 4 + max * size);
		expect_refused(bad);
		sign_list(UINT32_MAX, 4 + max * size);
		expect_refused(bad);
		sign_list(3, 3);
		expect_refused(too_short);
		sign_list(3, 4 + 3 * size - 1);
		expect_refused(too_short);
		/* it may be as short as its images are */
		sign_list(3, 4 + 3 * size);
		assert_int_equal(set_manifest(), 0);
		device_release(&dev);
	}
	boot_bundle("2.1", BUNDLE_PQC_LMS);
	usual_owner_manifest();
	sign_list(0, 4 + 32 * 80);
	expect_refused(owners_bad);
	sign_list(33, 4 + 32 * 80);
	expect_refused(owners_bad);
	device_release(&dev);
}

static void the_same_image_twice(void **unused)
{
	static const uint8_t orders[][3] = {
		{ 5, 5, 9 }, { 9, 5, 9 }, { 1, 5, 5 }, { 0, 0, 0 }
	};
	size_t i, k;

	(void)unused;
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	for (i = 0; i < COUNT(orders); i++) {
		test_manifest_recipe(false);
		for (k = 0; k < 3; k++)
			add_image(orders[i][k], 0);
		make_manifest();
		expect_refused(
			RUNTIME_AUTH_MANIFEST_IMAGE_METADATA_LIST_DUPLICATE_FIRMWARE_ID);
		test_manifest_recipe(true);
		for (k = 0; k < 3; k++)
			add_image(orders[i][k], 0);
		make_manifest();
		expect_refused(RUNTIME_OWNER_AUTH_MANIFEST_IMC_DUPLICATE_FW_ID);
	}
	device_release(&dev);
}

/* What the firmware makes of the first @len bytes, without the mailbox. */
static uint32_t verify_directly(uint32_t len, struct manifest_entries *entries)
{
	static uint8_t copy[MANIFEST_MAX_SIZE];

	memcpy(copy, manifest, len);
	return firmware_verify_manifest(&dev.fw, man.owners, copy, len,
					entries);
}

/* At every length: as long as the preamble is cut, and as long as the list is. */
static void cut_short(void **unused)
{
	static struct manifest_entries entries;
	size_t i;
	uint32_t len;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i += 2) {
		struct manifest_trust trust = { 0 };

		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		test_manifest_recipe(false);
		while (man.entries.count < man_layout()->max_entries)
			add_image(man.entries.count, 0);
		make_manifest();
		trust.layout = man_layout();
		trust.pqc_type = man.pqc_type;
		for (len = 0; len < trust.layout->size; len++)
			assert_int_equal(
				verify_directly(len, &entries),
				RUNTIME_AUTH_MANIFEST_PREAMBLE_SIZE_LT_MIN);
		for (; len < manifest_len; len++)
			assert_int_equal(
				manifest_verify(&trust, manifest, len,
						&entries),
				RUNTIME_AUTH_MANIFEST_IMAGE_METADATA_LIST_INVALID_SIZE);
		for (len = 1; len < manifest_len; len += 1997)
			assert_int_not_equal(
				send_manifest(PL0,
					      CALIPTRA_CMD_SET_AUTH_MANIFEST,
					      len),
				0);
		assert_int_equal(dev.fw.manifest.entries.count, 0);
		assert_int_equal(set_manifest(), 0);
		device_release(&dev);
	}
}

/* Nobody signs the ends of signatures that are shorter than their places. */
static bool counts_at(uint32_t at)
{
	const struct manifest_layout *l = man_layout();
	const uint16_t sigs[] = { l->vendor_key_sigs, l->owner_key_sigs,
				  l->vendor_sigs, l->owner_sigs };
	uint32_t size = is_1x() ? 96 + LMS_IMAGE_SIG_SIZE : BUNDLE_SIGS_SIZE;
	uint32_t used = 96;
	size_t i;

	if (man.pqc_type)
		used += man.pqc_type == BUNDLE_PQC_MLDSA ?
				MLDSA87_SIGNATURE_SIZE :
				LMS_IMAGE_SIG_SIZE;
	for (i = 0; i < COUNT(sigs); i++)
		if (sigs[i] && at >= sigs[i] + used && at < sigs[i] + size)
			return false;
	return true;
}

static void bits_flipped(void **unused)
{
	static struct manifest_entries entries;
	static struct kept before;
	size_t i;
	uint32_t at;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i++) {
		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		keep(&before);
		for (at = (uint32_t)i; at < manifest_len; at += 61) {
			uint8_t bit = (uint8_t)(1 << at % 8);

			manifest[at] ^= bit;
			if (counts_at(at))
				assert_int_not_equal(
					verify_directly(manifest_len, &entries),
					0);
			manifest[at] ^= bit;
		}
		expect_kept(&before);
		assert_int_equal(set_manifest(), 0);
		device_release(&dev);
	}
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	usual_owner_manifest();
	for (at = 0; at < manifest_len; at += 61) {
		manifest[at] ^= 4;
		if (counts_at(at))
			assert_int_not_equal(
				verify_directly(manifest_len, &entries), 0);
		manifest[at] ^= 4;
	}
	device_release(&dev);
}

static void set_svn_fuses(uint32_t min, uint32_t max)
{
	uint32_t i;

	for (i = 0; i < 4; i++)
		soc_ifc_set(&dev.ifc, FUSE_SOC_MANIFEST_SVN + 4 * i, 0);
	if (min)
		soc_ifc_set(&dev.ifc,
			    FUSE_SOC_MANIFEST_SVN + (min - 1) / 32 * 4,
			    1u << (min - 1) % 32);
	soc_ifc_set(&dev.ifc, FUSE_SOC_MANIFEST_MAX_SVN, max);
}

static void make_with_svn(uint32_t svn)
{
	man.svn = svn;
	make_manifest();
}

static void rolled_back(void **unused)
{
	const uint32_t less = IMAGE_VERIFIER_ERR_FIRMWARE_SVN_LESS_THAN_FUSE;
	const uint32_t greater =
		IMAGE_VERIFIER_ERR_FIRMWARE_SVN_GREATER_THAN_MAX_SUPPORTED;
	const uint8_t *info;
	size_t i;

	(void)unused;
	for (i = 0; i < 4; i += 2) {
		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		make_with_svn(1);
		expect_refused(greater);
		set_svn_fuses(5, 60);
		make_with_svn(4);
		expect_refused(less);
		make_with_svn(61);
		expect_refused(greater);
		make_with_svn(5);
		assert_int_equal(set_manifest(), 0);
		set_svn_fuses(128, 200);
		make_with_svn(129);
		expect_refused(greater);
		make_with_svn(127);
		expect_refused(less);
		make_with_svn(128);
		assert_int_equal(set_manifest(), 0);
		info = ask(CALIPTRA_CMD_FW_INFO);
		assert_int_equal(wire_get_le32(info + 376), 128);
		assert_int_equal(wire_get_le32(info + 380), 128);
		/* where rolling back is allowed, any will do */
		soc_ifc_set(&dev.ifc, FUSE_ANTI_ROLLBACK_DISABLE, 1);
		make_with_svn(1000);
		assert_int_equal(set_manifest(), 0);
		device_release(&dev);
	}
}

static void rolled_back_by_the_owner(void **unused)
{
	const uint8_t *info;
	size_t i;

	(void)unused;
	for (i = 0; i < 4; i += 2) {
		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_owner_manifest();
		soc_ifc_set(&dev.ifc, SS_STRAP_GENERIC + 12, 0x12340977);
		make_with_svn(8);
		expect_refused(RUNTIME_OWNER_AUTH_MANIFEST_SVN_LESS_THAN_MIN);
		make_with_svn(256);
		expect_refused(
			RUNTIME_OWNER_AUTH_MANIFEST_SVN_GREATER_THAN_MAX);
		make_with_svn(9);
		assert_int_equal(set_manifest(), 0);
		make_with_svn(255);
		assert_int_equal(set_manifest(), 0);
		info = ask(CALIPTRA_CMD_FW_INFO);
		assert_int_equal(wire_get_le32(info + 384), 255);
		assert_int_equal(wire_get_le32(info + 388), 9);
		soc_ifc_set(&dev.ifc, FUSE_ANTI_ROLLBACK_DISABLE, 1);
		make_with_svn(1);
		assert_int_equal(set_manifest(), 0);
		device_release(&dev);
	}
}

static void unprovisioned(void **unused)
{
	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	power_on(LIFECYCLE_UNPROVISIONED);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	usual_manifest();
	make_with_svn(500);
	/* the fuses say nothing yet */
	soc_ifc_set(&dev.ifc, FUSE_PQC_KEY_TYPE, 0);
	assert_int_equal(set_manifest(), 0);
	device_release(&dev);
}

static void kinds_of_keys(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	usual_manifest();
	soc_ifc_set(&dev.ifc, FUSE_PQC_KEY_TYPE, BUNDLE_PQC_LMS);
	expect_refused(RUNTIME_AUTH_MANIFEST_PQC_KEY_TYPE_MISMATCH);
	soc_ifc_set(&dev.ifc, FUSE_PQC_KEY_TYPE, 0);
	expect_refused(RUNTIME_AUTH_MANIFEST_INVALID_PQC_KEY_TYPE_IN_FUSE);
	usual_owner_manifest();
	expect_refused(RUNTIME_AUTH_MANIFEST_INVALID_PQC_KEY_TYPE_IN_FUSE);
	device_release(&dev);

	boot_bundle("2.0", BUNDLE_PQC_MLDSA);
	usual_manifest();
	soc_ifc_set(&dev.ifc, FUSE_PQC_KEY_TYPE, 2);
	expect_refused(IMAGE_VERIFIER_ERR_INVALID_PQC_KEY_TYPE_IN_FUSE);
	usual_owner_manifest();
	expect_refused(RUNTIME_AUTH_MANIFEST_INVALID_PQC_KEY_TYPE_IN_FUSE);
	device_release(&dev);

	/* firmware that is the program has no keys */
	make("2.1", BUNDLE_PQC_MLDSA);
	usual_manifest();
	assert_int_equal(device_init(&dev, &config), 0);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	expect_refused(RUNTIME_AUTH_MANIFEST_INVALID_PQC_KEY_TYPE);
	device_release(&dev);
	config.generation = generation_find("1.2");
	make("1.2", 0);
	usual_manifest();
	assert_int_equal(device_init(&dev, &config), 0);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	expect_refused(RUNTIME_AUTH_MANIFEST_VENDOR_ECC_SIGNATURE_INVALID);
	device_release(&dev);
}

static void privileges(void **unused)
{
	const uint32_t refused = RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	static const uint32_t codes[] = { CALIPTRA_CMD_SET_AUTH_MANIFEST,
					  CALIPTRA_CMD_SET_OWNER_AUTH_MANIFEST };
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i += 2) {
		bool is_2_0 = !strcmp(kinds[i].generation, "2.0");

		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		assert_int_equal(send_manifest(PL1, codes[0], manifest_len),
				 is_1x() ? 0 : refused);
		if (!is_1x()) {
			usual_owner_manifest();
			assert_int_equal(send_manifest(PL1, codes[1],
						       manifest_len),
					 is_2_0 ? 0 : refused);
		}
		device_release(&dev);
	}
}

/* Who may have it measured is looked at first, but by 1.2. */
static void privileges_of_stashing(void **unused)
{
	const uint32_t refused = RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL;
	struct test_authorize a;
	struct kept before;
	uint32_t result;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i += 2) {
		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		assert_int_equal(set_manifest(), 0);
		keep(&before);
		a = authorize_request(9);
		assert_int_equal(authorize_as(PL1, &a, &result), refused);
		a.fw_id = 1;
		assert_int_equal(authorize_as(PL1, &a, &result),
				 is_1x() ? 0 : refused);
		a = authorize_request(9);
		a.flags = SKIP_STASH;
		assert_int_equal(authorize_as(PL1, &a, &result), 0);
		assert_int_equal(result, AUTHORIZED);
		expect_kept(&before);
		device_release(&dev);
	}
}

static void lengths_of_requests(void **unused)
{
	static uint8_t body[40 * 1024];
	struct test_authorize a;

	(void)unused;
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	usual_manifest();
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_SET_AUTH_MANIFEST, body, 0),
			 INVALID);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_SET_AUTH_MANIFEST, body, 3),
			 INVALID);
	wire_put_le32(body, manifest_len);
	memcpy(body + 4, manifest, manifest_len);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_SET_AUTH_MANIFEST, body,
				4 + manifest_len - 1),
			 INVALID);
	/* what is there is looked at, and that is none */
	wire_put_le32(body, 0);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_SET_AUTH_MANIFEST, body, 4),
			 RUNTIME_AUTH_MANIFEST_PREAMBLE_SIZE_LT_MIN);
	wire_put_le32(body, 34817);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_SET_AUTH_MANIFEST, body,
				34820),
			 INVALID);
	wire_put_le32(body, 34816);
	assert_int_equal(
		run_as(PL0, CALIPTRA_CMD_SET_AUTH_MANIFEST, body, 34820), 0);
	/* and the longest has room behind its list */
	wire_put_le32(body, 24577);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_SET_OWNER_AUTH_MANIFEST, body,
				24580),
			 INVALID);

	/* what follows the longest is not looked at */
	wire_put_le32(body, manifest_len);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_SET_AUTH_MANIFEST, body,
				sizeof(body)),
			 0);
	usual_owner_manifest();
	wire_put_le32(body, manifest_len);
	memcpy(body + 4, manifest, manifest_len);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_SET_OWNER_AUTH_MANIFEST, body,
				sizeof(body)),
			 0);

	a = authorize_request(9);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_AUTHORIZE_AND_STASH, &a,
				sizeof(a) - 1),
			 RUNTIME_INSUFFICIENT_MEMORY);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_AUTHORIZE_AND_STASH, body,
				sizeof(a) + 4),
			 RUNTIME_INSUFFICIENT_MEMORY);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_GET_IMAGE_INFO, body, 3),
			 RUNTIME_INSUFFICIENT_MEMORY);
	device_release(&dev);
}

static void sources(void **unused)
{
	struct test_authorize a;
	uint32_t result;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i += 2) {
		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		assert_int_equal(set_manifest(), 0);
		a = authorize_request(9);
		a.source = 0;
		assert_int_equal(
			authorize_as(PL0, &a, &result),
			RUNTIME_AUTH_AND_STASH_UNSUPPORTED_IMAGE_SOURCE);
		a.source = 4;
		assert_int_equal(
			authorize_as(PL0, &a, &result),
			RUNTIME_AUTH_AND_STASH_UNSUPPORTED_IMAGE_SOURCE);
		/* outside of a subsystem there is no memory to look at */
		a.source = 2;
		a.image_size = 4;
		assert_int_equal(
			authorize_as(PL0, &a, &result),
			is_1x() ?
				RUNTIME_AUTH_AND_STASH_UNSUPPORTED_IMAGE_SOURCE :
				RUNTIME_INTERNAL);
		a.source = 3;
		a.fw_id = 5;
		assert_int_equal(
			authorize_as(PL0, &a, &result),
			is_1x() ?
				RUNTIME_AUTH_AND_STASH_UNSUPPORTED_IMAGE_SOURCE :
				0);
		device_release(&dev);
	}
}

/* The DPE may refuse, or have no room. */
static void measurements_refused(void **unused)
{
	struct test_authorize a = authorize_request(9);
	struct dpe_context *c = NULL;
	struct kept before;
	unsigned int index;
	uint32_t result;

	(void)unused;
	boot_bundle("2.1", BUNDLE_PQC_MLDSA);
	usual_manifest();
	assert_int_equal(set_manifest(), 0);
	assert_int_equal(dpe_find(&dev.fw.dpe, dpe_default_handle, PL0, &index),
			 0);
	c = &dev.fw.dpe.context[index];
	c->handle[3] = 1;
	keep(&before);
	assert_int_equal(authorize_as(PL0, &a, &result),
			 RUNTIME_AUTH_AND_STASH_MEASUREMENT_DPE_ERROR);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_EXTENDED_ERROR_INFO),
			 DPE_INVALID_HANDLE);
	expect_kept(&before);
	c->handle[3] = 0;
	dev.fw.dpe.pl0_limit = 2;
	keep(&before);
	assert_int_equal(authorize_as(PL0, &a, &result),
			 RUNTIME_PL0_USED_DPE_CONTEXT_THRESHOLD_REACHED);
	expect_kept(&before);
	device_release(&dev);
}

static void over_resets(void **unused)
{
	struct test_authorize a = authorize_request(9);
	size_t i;

	(void)unused;
	a.flags = SKIP_STASH;
	for (i = 0; i < COUNT(kinds); i += 2) {
		boot_bundle(kinds[i].generation, kinds[i].pqc_type);
		usual_manifest();
		assert_int_equal(set_manifest(), 0);
		/* an update */
		assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
		expect_running();
		expect_result(&a, AUTHORIZED);
		/* a warm reset */
		device_reset(&dev, DEVICE_RESET_WARM);
		soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
		device_run(&dev);
		expect_running();
		expect_result(&a, AUTHORIZED);
		/* and its keys are still those of the firmware */
		usual_manifest();
		assert_int_equal(set_manifest(), 0);
		device_reset(&dev, DEVICE_RESET_COLD);
		soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
		device_run(&dev);
		assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
		expect_result(&a, UNKNOWN);
		device_release(&dev);
	}
}

/*
 * 1.2 looks at all of its list. What follows the images of a whole one has the last
 * of all ids, of a shorter one the first, and then images are not found.
 */
static void lists_of_1x(void **unused)
{
	struct test_authorize a;

	(void)unused;
	boot_bundle("1.2", BUNDLE_PQC_LMS);
	/* without a manifest there are images of zeros */
	a = (struct test_authorize){ .source = 1, .flags = SKIP_STASH };
	expect_result(&a, AUTHORIZED);
	usual_manifest();
	assert_int_equal(set_manifest(), 0);
	expect_result(&a, UNKNOWN);
	a.fw_id = UINT32_MAX;
	expect_result(&a, AUTHORIZED);
	a.measurement[0] = 1;
	expect_result(&a, MISMATCH);
	sign_list(3, 4 + 3 * 56);
	assert_int_equal(set_manifest(), 0);
	a = authorize_request(9);
	expect_result(&a, UNKNOWN);
	device_release(&dev);
}

/* Commands of later generations. */
static void unknown_commands(void **unused)
{
	(void)unused;
	boot_bundle("1.2", 0);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_VERIFY_AUTH_MANIFEST, "", 0),
			 RUNTIME_UNIMPLEMENTED_COMMAND);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_SET_OWNER_AUTH_MANIFEST, "",
				0),
			 RUNTIME_UNIMPLEMENTED_COMMAND);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_GET_IMAGE_INFO, "", 0),
			 RUNTIME_UNIMPLEMENTED_COMMAND);
	assert_int_equal(run_as(PL0, CALIPTRA_CMD_ACTIVATE_FIRMWARE, "", 0),
			 RUNTIME_UNIMPLEMENTED_COMMAND);
	device_release(&dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifests_of_both),
		cmocka_unit_test(the_next_manifest),
		cmocka_unit_test(verified_alone),
		cmocka_unit_test(manifests_of_the_owner),
		cmocka_unit_test(images_in_both),
		cmocka_unit_test(changed),
		cmocka_unit_test(changed_by_the_owner),
		cmocka_unit_test(signatures_of_zeros),
		cmocka_unit_test(signed_by_the_owner_alone),
		cmocka_unit_test(wrong_keys),
		cmocka_unit_test(counts),
		cmocka_unit_test(the_same_image_twice),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(bits_flipped),
		cmocka_unit_test(rolled_back),
		cmocka_unit_test(rolled_back_by_the_owner),
		cmocka_unit_test(unprovisioned),
		cmocka_unit_test(kinds_of_keys),
		cmocka_unit_test(privileges),
		cmocka_unit_test(privileges_of_stashing),
		cmocka_unit_test(lengths_of_requests),
		cmocka_unit_test(sources),
		cmocka_unit_test(measurements_refused),
		cmocka_unit_test(over_resets),
		cmocka_unit_test(lists_of_1x),
		cmocka_unit_test(unknown_commands),
	};

	return cmocka_run_group_tests_name("authorize", tests, NULL, NULL);
}
