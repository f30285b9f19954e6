// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests firmware images: bundles of every kind boot and say what is in them, and
 * whatever is wrong with one ends with the firmware's own error (caliptra-sw
 * image/verify/src/verifier.rs).
 */
#include "bundles.h"

static struct kind {
	const char *generation;
	uint32_t pqc_type;
} kinds[] = {
	{ "2.1", BUNDLE_PQC_MLDSA }, { "2.1", BUNDLE_PQC_LMS },
	{ "2.0", BUNDLE_PQC_MLDSA }, { "2.0", BUNDLE_PQC_LMS },
	{ "1.2", BUNDLE_PQC_LMS },   { "1.2", 0 },
};

/* A digest in a response: words, each with its bytes reversed. */
static void expect_words(const uint8_t *words, const uint8_t *digest)
{
	uint8_t bytes[SHA384_SIZE];

	bundle_words(bytes, words, sizeof(bytes));
	assert_memory_equal(bytes, digest, sizeof(bytes));
}

/* PCRs 0 and 1: state of the device, keys of vendor and owner, FMC. */
static void expect_fmc_pcrs(void)
{
	const uint8_t pqc = recipe.pqc_type ? 2 : 0xff;
	const uint8_t device_2_1[18] = {
		[11] = (uint8_t)recipe.pqc_type,
		LIFECYCLE_PRODUCTION,
		1,
		7,
		1,
		pqc,
		0,
	};
	const uint8_t device_old[10] = {
		LIFECYCLE_PRODUCTION,
		1,
		0,
		1,
		is_1x() ? 5 : 7,
		0,
		pqc,
		is_1x() ? !!recipe.pqc_type : (uint8_t)recipe.pqc_type,
	};
	bool is_2_1 = generation_in(recipe.generation, GENERATION_2_1);
	uint8_t want[SHA384_SIZE] = { 0 };
	uint8_t hash[SHA384_SIZE];

	crypto_sha384_extend(want, is_2_1 ? device_2_1 : device_old,
			     is_2_1  ? 18 :
			     is_1x() ? 9 :
				       10);
	test_vendor_hash(&recipe, bundle, hash);
	crypto_sha384_extend(want, hash, SHA384_SIZE);
	owner_hash(hash);
	crypto_sha384_extend(want, hash, SHA384_SIZE);
	digest_of(&recipe.fmc, hash);
	crypto_sha384_extend(want, hash, SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[0], want, SHA384_SIZE);
	assert_memory_equal(dev.fw.pcrs.value[1], want, SHA384_SIZE);
}

static void expect_fw_info(void)
{
	const uint8_t *info = ask(CALIPTRA_CMD_FW_INFO);
	uint8_t hash[SHA384_SIZE];
	uint8_t revision[20];

	assert_int_equal(wire_get_le32(info + 8), PL0);
	assert_int_equal(wire_get_le32(info + 12), 7);
	assert_int_equal(wire_get_le32(info + 16), 7);
	assert_int_equal(wire_get_le32(info + 20), is_1x() ? 5 : 7);
	memset(revision, 0xc0, sizeof(revision));
	assert_memory_equal(info + 28, revision, 20);
	memset(revision, 0xf1, sizeof(revision));
	assert_memory_equal(info + 48, revision, 20);
	memset(revision, 0xf2, sizeof(revision));
	assert_memory_equal(info + 68, revision, 20);
	digest_of(&recipe.fmc, hash);
	expect_words(info + 120, hash);
	digest_of(&recipe.runtime, hash);
	expect_words(info + 168, hash);
	owner_hash(hash);
	expect_words(info + 216, hash);
	if (is_1x())
		return;
	test_vendor_hash(&recipe, bundle, hash);
	expect_words(info + 316, hash);
	assert_int_equal(wire_get_le32(info + 364), recipe.pqc_type);
	assert_int_equal(wire_get_le32(info + 368), 1);
	assert_int_equal(wire_get_le32(info + 372), 2);
}

static void bundles_boot(void **unused)
{
	uint8_t hash[SHA384_SIZE];
	uint8_t want[SHA384_SIZE];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(kinds); i++) {
		make(kinds[i].generation, kinds[i].pqc_type);
		power_on(LIFECYCLE_PRODUCTION);
		assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
		expect_running();
		expect_fmc_pcrs();
		memset(want, 0, sizeof(want));
		digest_of(&recipe.runtime, hash);
		crypto_sha384_extend(want, hash, SHA384_SIZE);
		assert_memory_equal(dev.fw.pcrs.value[2], want, SHA384_SIZE);
		assert_memory_equal(dev.fw.pcrs.value[3], want, SHA384_SIZE);
		expect_fw_info();
		/* the register has room for half of FMC's version */
		expect_version(0x1803, 0x02010905);
		device_release(&dev);
	}
}

/* What is measured decides the keys: FMC, runtime, and who has signed. */
static void identity_follows_the_bundle(void **unused)
{
	uint8_t first[2][P384_POINT_SIZE];
	uint8_t now[2][P384_POINT_SIZE];
	static uint8_t other[3000];
	int i;

	(void)unused;
	memset(other, 1, sizeof(other));
	for (i = 0; i < 3; i++) {
		make("2.1", BUNDLE_PQC_MLDSA);
		if (i == 1)
			recipe.runtime.data = other;
		if (i == 1)
			recipe.runtime.len = sizeof(other);
		if (i == 2)
			recipe.owner.ecc = recipe.vendor.ecc;
		assert_int_equal(bundle_make(&recipe, bundle), 0);
		power_on(LIFECYCLE_PRODUCTION);
		assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
		crypto_p384_point(dev.fw.fmc_alias.ecc, now[0]);
		crypto_p384_point(dev.fw.rt_alias.ecc, now[1]);
		if (!i)
			memcpy(first, now, sizeof(now));
		else
			assert_int_equal(!memcmp(first[0], now[0],
						 sizeof(now[0])),
					 i == 1);
		if (i)
			assert_memory_not_equal(first[1], now[1],
						sizeof(now[1]));
		device_release(&dev);
	}
}

/* Send a command with @len bytes of zeros; what it ends with. */
static uint32_t send_zeros(uint32_t user, uint32_t code, uint32_t len)
{
	static const uint8_t body[256];
	uint8_t request[sizeof(body) + 4];

	assert_int_equal(device_submit(&dev, user, code, request,
				       test_request(request, code, body, len)),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	device_finish(&dev, user);
	return non_fatal();
}

/* The header names the user with privilege level 0, or that there is none. */
static void who_has_pl0(void **unused)
{
	static const struct {
		uint32_t flags, user, error_of_1, error_of_2;
	} cases[] = {
		{ FW_IMAGE_PL0_USER, SOC_BOOT_PL0_USER, FW_OK,
		  RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL },
		{ FW_IMAGE_PL0_USER, SOC_BOOT_PL1_USER,
		  RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL, FW_OK },
		{ 0, SOC_BOOT_PL0_USER,
		  RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL,
		  RUNTIME_INCORRECT_PAUSER_PRIVILEGE_LEVEL },
	};
	/* STASH_MEASUREMENT: metadata, measurement, context, SVN */
	const uint32_t len = 4 + 48 + 48 + 4;
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(cases); i++) {
		make("2.1", BUNDLE_PQC_MLDSA);
		recipe.flags = cases[i].flags;
		recipe.pl0_user = cases[i].user;
		assert_int_equal(bundle_make(&recipe, bundle), 0);
		power_on(LIFECYCLE_PRODUCTION);
		assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
		expect_running();
		assert_int_equal(send_zeros(SOC_BOOT_PL0_USER,
					    CALIPTRA_CMD_STASH_MEASUREMENT,
					    len),
				 cases[i].error_of_1);
		assert_int_equal(send_zeros(SOC_BOOT_PL1_USER,
					    CALIPTRA_CMD_STASH_MEASUREMENT,
					    len),
				 cases[i].error_of_2);
		device_release(&dev);
	}
}

/* From where an offset counts. */
enum base {
	MANIFEST,
	HEADER,
	FMC,
	RUNTIME,
	CONTENT
};

/* What is made good again, so that the change alone is wrong. */
enum mend {
	NOTHING,
	SIGN = 1 << 0, /* signatures */
	SEAL = 1 << 1, /* digest of the table of contents, signatures */
	HASH = 1 << 2, /* the vendor's hash in fuses */
};

/**
 * struct bad - a bundle with a change
 * @base: from where @offset counts
 * @offset: of the change
 * @size: of it in bytes; 4 is a number
 * @value: the number, or each byte
 * @mend: what is made good again
 * @error: what ROM says
 * @extended: what it says besides
 */
struct bad {
	enum base base;
	uint32_t offset;
	uint32_t size;
	uint32_t value;
	unsigned int mend;
	uint32_t error;
	uint32_t extended;
};

static uint8_t *place(enum base base, uint32_t offset)
{
	const struct bundle_layout *l = bundle_layout(recipe.generation);

	switch (base) {
	case MANIFEST:
		return bundle + offset;
	case HEADER:
		return bundle + l->header + offset;
	case FMC:
		return bundle + l->toc + offset;
	case RUNTIME:
		return bundle + l->toc + TOC_ENTRY_SIZE + offset;
	case CONTENT:
		break;
	}
	return bundle + l->size + offset;
}

static void change(const struct bad *b)
{
	uint8_t *p = place(b->base, b->offset);

	if (b->size == 4)
		wire_put_le32(p, b->value);
	else
		memset(p, (int)b->value, b->size);
	if (b->mend & SEAL)
		assert_int_equal(bundle_seal(&recipe, bundle), 0);
	if (b->mend & (SEAL | SIGN))
		assert_int_equal(bundle_sign(&recipe, bundle), 0);
	if (b->mend & HASH)
		test_bundle_fuses(&fuses, &recipe, bundle);
}

/* ROM stops for good; the registers say why, and nothing was measured. */
static void expect_refused(uint32_t error, uint32_t extended)
{
	static const uint8_t zeros[SHA384_SIZE];
	int i;

	assert_int_equal(load(), MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL), error);
	assert_int_equal(non_fatal(), error);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_EXTENDED_ERROR_INFO),
			 extended);
	assert_int_equal(dev.fw.phase, FW_HALTED);
	assert_true(bus_wires(&dev.bus) & BUS_WIRE_CPTRA_ERROR_FATAL);
	for (i = 0; i < 4; i++)
		assert_memory_equal(dev.fw.pcrs.value[i], zeros, SHA384_SIZE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_REV_ID),
			 recipe.generation->rom_version);
	device_release(&dev);
}

static void expect_all_refused(const char *generation, uint32_t pqc_type,
			       const struct bad *all, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		make(generation, pqc_type);
		change(&all[i]);
		power_on(LIFECYCLE_PRODUCTION);
		expect_refused(all[i].error, all[i].extended);
	}
}

/* Offsets in manifests of 2.x, out of image/types. */
static const struct bad bad_2_x[] = {
	{ MANIFEST, 0, 4, 0x4e414d43, NOTHING,
	  IMAGE_VERIFIER_ERR_MANIFEST_MARKER_MISMATCH },
	{ MANIFEST, 4, 4, 16955, NOTHING,
	  IMAGE_VERIFIER_ERR_MANIFEST_SIZE_MISMATCH },
	{ MANIFEST, 4, 4, 0xffffffff, NOTHING,
	  IMAGE_VERIFIER_ERR_MANIFEST_SIZE_MISMATCH },
	{ MANIFEST, 8, 1, 0, NOTHING, IMAGE_VERIFIER_ERR_PQC_KEY_TYPE_INVALID },
	{ MANIFEST, 8, 1, 2, NOTHING, IMAGE_VERIFIER_ERR_PQC_KEY_TYPE_INVALID },
	{ MANIFEST, 12, 1, 2, HASH,
	  IMAGE_VERIFIER_ERR_ECC_KEY_DESCRIPTOR_VERSION_MISMATCH },
	{ MANIFEST, 13, 1, 1, HASH,
	  IMAGE_VERIFIER_ERR_ECC_KEY_DESCRIPTOR_VERSION_MISMATCH },
	{ MANIFEST, 15, 1, 0, HASH,
	  IMAGE_VERIFIER_ERR_ECC_KEY_DESCRIPTOR_INVALID_HASH_COUNT },
	{ MANIFEST, 15, 1, 5, HASH,
	  IMAGE_VERIFIER_ERR_ECC_KEY_DESCRIPTOR_HASH_COUNT_GT_MAX },
	{ MANIFEST, 208, 1, 0, HASH,
	  IMAGE_VERIFIER_ERR_PQC_KEY_DESCRIPTOR_VERSION_MISMATCH },
	{ MANIFEST, 210, 1, 2, HASH,
	  IMAGE_VERIFIER_ERR_PQC_KEY_DESCRIPTOR_TYPE_MISMATCH },
	{ MANIFEST, 211, 1, 0, HASH,
	  IMAGE_VERIFIER_ERR_PQC_KEY_DESCRIPTOR_INVALID_HASH_COUNT },
	{ MANIFEST, 211, 1, 33, HASH,
	  IMAGE_VERIFIER_ERR_PQC_KEY_DESCRIPTOR_HASH_COUNT_GT_MAX },
	{ MANIFEST, 16, 1, 0, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_MISMATCH },
	{ MANIFEST, 1747, 1, 1, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_MISMATCH },
	{ MANIFEST, 1748, 4, 4, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INDEX_OUT_OF_BOUNDS },
	{ MANIFEST, 1748, 4, 0xffffffff, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INDEX_OUT_OF_BOUNDS },
	{ MANIFEST, 1748, 4, 0, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_DIGEST_MISMATCH },
	{ MANIFEST, 1752, 1, 0xff, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_DIGEST_MISMATCH },
	{ MANIFEST, 1848, 4, 32, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_INDEX_OUT_OF_BOUNDS },
	{ MANIFEST, 1848, 4, 0x80000000, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_INDEX_OUT_OF_BOUNDS },
	{ MANIFEST, 1848, 4, 3, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_DIGEST_MISMATCH },
	{ MANIFEST, 1899, 1, 0xee, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_DIGEST_MISMATCH },
	/* fewer keys than the index of the one that has signed says */
	{ MANIFEST, 15, 1, 1, HASH,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INDEX_OUT_OF_BOUNDS },
	{ MANIFEST, 211, 1, 2, HASH,
	  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_INDEX_OUT_OF_BOUNDS },
	{ MANIFEST, 4444, 48, 0, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID_ARG },
	{ MANIFEST, 4492, 48, 0, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID_ARG },
	{ MANIFEST, 4444, 48, 0xff, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_VERIFY_FAILURE,
	  DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED },
	{ MANIFEST, 4444, 3, 0x55, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID },
	{ MANIFEST, 11856, 48, 0, NOTHING,
	  IMAGE_VERIFIER_ERR_OWNER_ECC_SIGNATURE_INVALID_ARG },
	{ MANIFEST, 11904, 48, 0xff, NOTHING,
	  IMAGE_VERIFIER_ERR_OWNER_ECC_VERIFY_FAILURE,
	  DRIVER_ECC384_SCALAR_RANGE_CHECK_FAILED },
	{ MANIFEST, 11904, 3, 0x55, NOTHING,
	  IMAGE_VERIFIER_ERR_OWNER_ECC_SIGNATURE_INVALID },
	/* not in fuses, the owner's keys may be anybody's, but not anything */
	{ MANIFEST, 9168, 48, 0, NOTHING,
	  IMAGE_VERIFIER_ERR_OWNER_ECC_PUB_KEY_INVALID_ARG },
	{ MANIFEST, 9216, 48, 0, NOTHING,
	  IMAGE_VERIFIER_ERR_OWNER_ECC_PUB_KEY_INVALID_ARG },
	{ MANIFEST, 9168, 1, 0x77, NOTHING,
	  IMAGE_VERIFIER_ERR_OWNER_ECC_VERIFY_FAILURE, DRIVER_ECC384_HW_ERROR },
	/* the header, which either has signed */
	{ HEADER, 0, 1, 1, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID },
	{ HEADER, 119, 1, 1, NOTHING,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID },
	{ HEADER, 120, 1, 1, NOTHING,
	  IMAGE_VERIFIER_ERR_OWNER_ECC_SIGNATURE_INVALID },
	{ HEADER, 159, 1, 1, NOTHING,
	  IMAGE_VERIFIER_ERR_OWNER_ECC_SIGNATURE_INVALID },
	{ HEADER, HEADER_ECC_INDEX, 4, 2, SIGN,
	  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INDEX_MISMATCH },
	{ HEADER, HEADER_PQC_INDEX, 4, 1, SIGN,
	  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_INDEX_MISMATCH },
	{ HEADER, HEADER_TOC_LEN, 4, 1, SIGN,
	  IMAGE_VERIFIER_ERR_TOC_ENTRY_COUNT_INVALID },
	{ HEADER, HEADER_TOC_LEN, 4, 3, SIGN,
	  IMAGE_VERIFIER_ERR_TOC_ENTRY_COUNT_INVALID },
	{ HEADER, HEADER_TOC_DIGEST, 1, 0, SIGN,
	  IMAGE_VERIFIER_ERR_TOC_DIGEST_MISMATCH },
	{ HEADER, HEADER_SVN, 4, 129, SIGN,
	  IMAGE_VERIFIER_ERR_FIRMWARE_SVN_GREATER_THAN_MAX_SUPPORTED },
};

/* The table of contents is the same in all generations. */
static const struct bad bad_toc[] = {
	{ FMC, TOC_ID, 4, 9, NOTHING, IMAGE_VERIFIER_ERR_TOC_DIGEST_MISMATCH },
	{ RUNTIME, TOC_DIGEST + 47, 1, 9, NOTHING,
	  IMAGE_VERIFIER_ERR_TOC_DIGEST_MISMATCH },
	{ FMC, TOC_SIZE, 4, 0, SEAL, IMAGE_VERIFIER_ERR_FMC_SIZE_ZERO },
	{ RUNTIME, TOC_SIZE, 4, 0, SEAL, IMAGE_VERIFIER_ERR_RUNTIME_SIZE_ZERO },
	{ FMC, TOC_SIZE, 4, 0x7fffffff, SEAL,
	  IMAGE_VERIFIER_ERR_IMAGE_LEN_MORE_THAN_BUNDLE_SIZE },
	{ RUNTIME, TOC_SIZE, 4, 0xffffffff, SEAL,
	  IMAGE_VERIFIER_ERR_IMAGE_LEN_MORE_THAN_BUNDLE_SIZE },
	{ RUNTIME, TOC_SIZE, 4, 5400, SEAL,
	  IMAGE_VERIFIER_ERR_IMAGE_LEN_MORE_THAN_BUNDLE_SIZE },
	{ FMC, TOC_OFFSET, 4, 0xffffff00, SEAL,
	  IMAGE_VERIFIER_ERR_TOC_ENTRY_RANGE_ARITHMETIC_OVERFLOW },
	{ RUNTIME, TOC_OFFSET, 4, 0xfffff000, SEAL,
	  IMAGE_VERIFIER_ERR_TOC_ENTRY_RANGE_ARITHMETIC_OVERFLOW },
	{ FMC, TOC_LOAD_ADDR, 4, 0xfffffffe, SEAL,
	  IMAGE_VERIFIER_ERR_FMC_LOAD_ADDRESS_IMAGE_SIZE_ARITHMETIC_OVERFLOW },
	{ RUNTIME, TOC_LOAD_ADDR, 4, 0xfffff000, SEAL,
	  IMAGE_VERIFIER_ERR_RUNTIME_LOAD_ADDRESS_IMAGE_SIZE_ARITHMETIC_OVERFLOW },
	{ RUNTIME, TOC_LOAD_ADDR, 4, 0x40000004, SEAL,
	  IMAGE_VERIFIER_ERR_FMC_RUNTIME_LOAD_ADDR_OVERLAP },
	{ FMC, TOC_LOAD_ADDR, 4, 0x3ffffffc, SEAL,
	  IMAGE_VERIFIER_ERR_FMC_LOAD_ADDR_INVALID },
	{ FMC, TOC_LOAD_ADDR, 4, 0x50000000, SEAL,
	  IMAGE_VERIFIER_ERR_FMC_LOAD_ADDR_INVALID },
	{ FMC, TOC_LOAD_ADDR, 4, 0x40000002, SEAL,
	  IMAGE_VERIFIER_ERR_FMC_LOAD_ADDR_UNALIGNED },
	{ FMC, TOC_ENTRY, 4, 0x3ffffffc, SEAL,
	  IMAGE_VERIFIER_ERR_FMC_ENTRY_POINT_INVALID },
	{ FMC, TOC_ENTRY, 4, 0x40040000, SEAL,
	  IMAGE_VERIFIER_ERR_FMC_ENTRY_POINT_INVALID },
	{ FMC, TOC_ENTRY, 4, 0x40000001, SEAL,
	  IMAGE_VERIFIER_ERR_FMC_ENTRY_POINT_UNALIGNED },
	{ RUNTIME, TOC_LOAD_ADDR, 4, 0x4003fffc, SEAL,
	  IMAGE_VERIFIER_ERR_RUNTIME_LOAD_ADDR_INVALID },
	{ RUNTIME, TOC_LOAD_ADDR, 4, 0x40010002, SEAL,
	  IMAGE_VERIFIER_ERR_RUNTIME_LOAD_ADDR_UNALIGNED },
	{ RUNTIME, TOC_ENTRY, 4, 0, SEAL,
	  IMAGE_VERIFIER_ERR_RUNTIME_ENTRY_POINT_INVALID },
	{ RUNTIME, TOC_ENTRY, 4, 0x40010003, SEAL,
	  IMAGE_VERIFIER_ERR_RUNTIME_ENTRY_POINT_UNALIGNED },
	{ CONTENT, 0, 1, 0xee, NOTHING,
	  IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH },
	{ CONTENT, 2999, 1, 0xee, NOTHING,
	  IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH },
	{ CONTENT, 3000, 1, 0xee, NOTHING,
	  IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH },
	{ CONTENT, 7999, 1, 0xee, NOTHING,
	  IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH },
	{ FMC, TOC_DIGEST, 1, 0xee, SEAL,
	  IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH },
	{ RUNTIME, TOC_DIGEST, 1, 0xee, SEAL,
	  IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_MISMATCH },
};

static void bad_bundles_of_2_x(void **unused)
{
	static const struct bad mldsa[] = {
		{ MANIFEST, 8, 1, 3, NOTHING,
		  IMAGE_VERIFIER_ERR_PQC_KEY_TYPE_MISMATCH },
		{ MANIFEST, 211, 1, 5, HASH,
		  IMAGE_VERIFIER_ERR_PQC_KEY_DESCRIPTOR_HASH_COUNT_GT_MAX },
		{ MANIFEST, 4540, 1, 0x5a, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_MLDSA_SIGNATURE_INVALID },
		{ MANIFEST, 9166, 1, 0xff, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_MLDSA_SIGNATURE_INVALID },
		{ MANIFEST, 4540, 64, 0, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_MLDSA_VERIFY_FAILURE,
		  DRIVER_MLDSA87_UNSUPPORTED_SIGNATURE },
		{ MANIFEST, 11952, 5, 0x5a, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_MLDSA_SIGNATURE_INVALID },
		{ MANIFEST, 11952, 64, 0, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_MLDSA_VERIFY_FAILURE,
		  DRIVER_MLDSA87_UNSUPPORTED_SIGNATURE },
		{ MANIFEST, 9264, 9, 0x5a, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_MLDSA_SIGNATURE_INVALID },
	};

	(void)unused;
	expect_all_refused("2.1", BUNDLE_PQC_MLDSA, bad_2_x, COUNT(bad_2_x));
	expect_all_refused("2.1", BUNDLE_PQC_MLDSA, bad_toc, COUNT(bad_toc));
	expect_all_refused("2.1", BUNDLE_PQC_MLDSA, mldsa, COUNT(mldsa));
	expect_all_refused("2.0", BUNDLE_PQC_MLDSA, mldsa, COUNT(mldsa));
}

static void bad_bundles_with_lms(void **unused)
{
	/* the signature: q, type, nonce, 51 chains, type, path */
	static const struct bad lms[] = {
		{ MANIFEST, 8, 1, 1, NOTHING,
		  IMAGE_VERIFIER_ERR_PQC_KEY_TYPE_MISMATCH },
		{ MANIFEST, 4540 + 10, 1, 0xff, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_LMS_SIGNATURE_INVALID },
		{ MANIFEST, 4540 + 1619, 1, 0xff, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_LMS_SIGNATURE_INVALID },
		{ MANIFEST, 4540 + 7, 1, 8, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_LMS_VERIFY_FAILURE,
		  DRIVER_LMS_SIGNATURE_LMOTS_DOESNT_MATCH_PUBKEY_LMOTS },
		{ MANIFEST, 11952, 4, 0xffffffff, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_LMS_VERIFY_FAILURE,
		  DRIVER_LMS_INVALID_Q_VALUE },
		{ MANIFEST, 11952 + 1259, 1, 11, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_LMS_VERIFY_FAILURE,
		  DRIVER_LMS_INVALID_TREE_HEIGHT },
		{ MANIFEST, 11952 + 1259, 1, 99, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_LMS_VERIFY_FAILURE,
		  DRIVER_LMS_INVALID_LMS_ALGO_TYPE },
		{ MANIFEST, 11952 + 100, 1, 0xff, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_LMS_SIGNATURE_INVALID },
		{ MANIFEST, 9264 + 47, 1, 0xff, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_LMS_SIGNATURE_INVALID },
	};

	(void)unused;
	expect_all_refused("2.1", BUNDLE_PQC_LMS, lms, COUNT(lms));
	expect_all_refused("2.0", BUNDLE_PQC_LMS, lms, COUNT(lms));
}

static void bad_bundles_of_1_2(void **unused)
{
	static const struct bad both[] = {
		{ MANIFEST, 0, 4, 0x324e4d43, NOTHING,
		  IMAGE_VERIFIER_ERR_MANIFEST_MARKER_MISMATCH },
		{ MANIFEST, 4, 4, 16956, NOTHING,
		  IMAGE_VERIFIER_ERR_MANIFEST_SIZE_MISMATCH },
		{ MANIFEST, 8, 1, 0xee, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_MISMATCH },
		{ MANIFEST, 1927, 1, 0xee, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_MISMATCH },
		{ MANIFEST, 1928, 4, 4, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INDEX_OUT_OF_BOUNDS },
		/* there is no fourth key */
		{ MANIFEST, 1928, 4, 3, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INVALID_ARG },
		{ MANIFEST, 1936, 48, 0, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID_ARG },
		{ MANIFEST, 1936, 2, 0xaa, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID },
		{ MANIFEST, 3796, 2, 0xaa, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_ECC_SIGNATURE_INVALID },
		{ HEADER, 115, 1, 1, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID },
		{ HEADER, 116, 1, 1, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_ECC_SIGNATURE_INVALID },
		{ HEADER, HEADER_ECC_INDEX, 4, 2, SIGN,
		  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_INDEX_MISMATCH },
		{ FMC, TOC_1X_SVN, 4, 33, SEAL,
		  IMAGE_VERIFIER_ERR_FMC_SVN_GREATER_THAN_MAX_SUPPORTED },
		{ RUNTIME, TOC_1X_SVN, 4, 129, SEAL,
		  IMAGE_VERIFIER_ERR_FIRMWARE_SVN_GREATER_THAN_MAX_SUPPORTED },
		{ RUNTIME, TOC_OFFSET, 4, 0x1f000, SEAL,
		  IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_FAILURE,
		  IMAGE_VERIFIER_ERR_DIGEST_OUT_OF_BOUNDS },
	};
	static const struct bad lms[] = {
		{ MANIFEST, 1932, 4, 32, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_INDEX_OUT_OF_BOUNDS },
		{ MANIFEST, 2032 + 500, 1, 0xaa, NOTHING,
		  IMAGE_VERIFIER_ERR_VENDOR_LMS_SIGNATURE_INVALID },
		{ MANIFEST, 3892 + 1619, 1, 0xaa, NOTHING,
		  IMAGE_VERIFIER_ERR_OWNER_LMS_SIGNATURE_INVALID },
		{ HEADER, HEADER_PQC_INDEX, 4, 1, SIGN,
		  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_INDEX_MISMATCH },
	};

	(void)unused;
	expect_all_refused("1.2", BUNDLE_PQC_LMS, both, COUNT(both));
	expect_all_refused("1.2", 0, both, COUNT(both));
	expect_all_refused("1.2", BUNDLE_PQC_LMS, lms, COUNT(lms));
	expect_all_refused("1.2", 0, bad_toc, 12);
}

/* What lies at the end of the mailbox: there is no further. */
static void contents_beyond_the_mailbox(void **unused)
{
	static const struct bad beyond[] = {
		{ RUNTIME, TOC_OFFSET, 4, 0x40000, SEAL,
		  IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_FAILURE },
		{ RUNTIME, TOC_OFFSET, 4, 0x3f000, SEAL,
		  IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_FAILURE },
		{ RUNTIME, TOC_OFFSET, 4, 0x10000000, SEAL,
		  IMAGE_VERIFIER_ERR_RUNTIME_DIGEST_FAILURE },
		{ FMC, TOC_OFFSET, 4, 20000, SEAL,
		  IMAGE_VERIFIER_ERR_FMC_RUNTIME_OVERLAP },
		{ FMC, TOC_OFFSET, 4, 0x10000000, SEAL,
		  IMAGE_VERIFIER_ERR_FMC_RUNTIME_INCORRECT_ORDER },
		/* it hashes well, but is not what would be loaded */
		{ FMC, TOC_OFFSET, 4, 16952, SEAL,
		  IMAGE_VERIFIER_ERR_FMC_DIGEST_MISMATCH },
	};

	(void)unused;
	expect_all_refused("2.1", BUNDLE_PQC_MLDSA, beyond, COUNT(beyond));
}

/* What is not sent reads as zero. */
static void truncated(void **unused)
{
	static const struct {
		uint32_t len;
		uint32_t error;
	} cases[] = {
		{ 0, FW_PROC_INVALID_IMAGE_SIZE },
		{ 3, IMAGE_VERIFIER_ERR_MANIFEST_MARKER_MISMATCH },
		{ 4, IMAGE_VERIFIER_ERR_MANIFEST_SIZE_MISMATCH },
		{ 8, IMAGE_VERIFIER_ERR_PQC_KEY_TYPE_INVALID },
		{ 12, IMAGE_VERIFIER_ERR_ECC_KEY_DESCRIPTOR_VERSION_MISMATCH },
		{ 300, IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_MISMATCH },
		{ 1748, IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_DIGEST_MISMATCH },
		{ 4443, IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_DIGEST_MISMATCH },
		{ 4444, IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID_ARG },
		{ 16588, IMAGE_VERIFIER_ERR_VENDOR_ECC_SIGNATURE_INVALID },
		{ 16748, IMAGE_VERIFIER_ERR_TOC_DIGEST_MISMATCH },
		{ 16955, IMAGE_VERIFIER_ERR_TOC_DIGEST_MISMATCH },
		{ 16956, IMAGE_VERIFIER_ERR_IMAGE_LEN_MORE_THAN_BUNDLE_SIZE },
		{ 24955, IMAGE_VERIFIER_ERR_IMAGE_LEN_MORE_THAN_BUNDLE_SIZE },
		{ 24956, FW_OK },
	};
	size_t i;

	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	for (i = 0; i < COUNT(cases); i++) {
		power_on(LIFECYCLE_PRODUCTION);
		assert_int_equal(send(CALIPTRA_CMD_FIRMWARE_LOAD, cases[i].len),
				 cases[i].error ? MBOX_STATUS_CMD_FAILURE :
						  MBOX_STATUS_CMD_COMPLETE);
		assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
				 cases[i].error);
		assert_int_equal(non_fatal(), cases[i].error);
		device_release(&dev);
	}
}

/* MBOX_DLEN may say more than a mailbox holds. */
static void longer_than_the_mailbox(void **unused)
{
	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	power_on(LIFECYCLE_PRODUCTION);
	assert_int_equal(csr_read(&dev, PL0, MBOX_LOCK), 0);
	csr_write(&dev, PL0, MBOX_CMD, CALIPTRA_CMD_FIRMWARE_LOAD);
	csr_write(&dev, PL0, MBOX_DLEN, 256 * 1024 + 1);
	csr_write(&dev, PL0, MBOX_EXECUTE, 1);
	device_run(&dev);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 FW_PROC_INVALID_IMAGE_SIZE);
	device_release(&dev);
}

static void subsystem_takes_none(void **unused)
{
	struct device_config config = test_config();

	(void)unused;
	config.hold_firmware = true;
	config.subsystem = true;
	test_boot(&dev, &config, 0, SOC_BOOT_HOLD_NONE);
	assert_int_equal(send(CALIPTRA_CMD_FIRMWARE_LOAD, 100),
			 MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 FW_PROC_MAILBOX_FW_LOAD_CMD_IN_SUBSYSTEM_MODE);
	device_release(&dev);
}

/**
 * struct fused - a bundle that is good, and a fuse
 * @error: 0 where it boots
 */
struct fused {
	const char *generation;
	uint32_t pqc_type;
	uint32_t offset;
	uint32_t value;
	uint32_t error;
};

static void against_the_fuses(void **unused)
{
	static const struct fused all[] = {
		{ "2.1", 1, FUSE_ECC_REVOCATION, 2,
		  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_REVOKED },
		{ "2.1", 1, FUSE_ECC_REVOCATION, 0xd, FW_OK },
		{ "2.1", 1, FUSE_MLDSA_REVOCATION, 4,
		  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_REVOKED },
		{ "2.1", 1, FUSE_LMS_REVOCATION, 4, FW_OK },
		{ "2.1", 3, FUSE_LMS_REVOCATION, 4,
		  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_REVOKED },
		{ "2.1", 3, FUSE_MLDSA_REVOCATION, 4, FW_OK },
		{ "2.1", 1, FUSE_RUNTIME_SVN, 1 << 7,
		  IMAGE_VERIFIER_ERR_FIRMWARE_SVN_LESS_THAN_FUSE },
		{ "2.1", 1, FUSE_RUNTIME_SVN, 1 << 6, FW_OK },
		{ "2.1", 1, FUSE_RUNTIME_SVN + 12, 1,
		  IMAGE_VERIFIER_ERR_FIRMWARE_SVN_LESS_THAN_FUSE },
		{ "2.0", 1, FUSE_RUNTIME_SVN, 1 << 7,
		  IMAGE_VERIFIER_ERR_FIRMWARE_SVN_LESS_THAN_FUSE },
		{ "2.1", 1, CPTRA_OWNER_PK_HASH, 1,
		  IMAGE_VERIFIER_ERR_OWNER_PUB_KEY_DIGEST_MISMATCH },
		{ "1.2", 3, FUSE_1X_OWNER_PK_HASH, 1,
		  IMAGE_VERIFIER_ERR_OWNER_PUB_KEY_DIGEST_MISMATCH },
		{ "1.2", 3, FUSE_1X_KEY_MANIFEST_PK_HASH_MASK, 2,
		  IMAGE_VERIFIER_ERR_VENDOR_ECC_PUB_KEY_REVOKED },
		{ "1.2", 3, FUSE_1X_LMS_REVOCATION, 4,
		  IMAGE_VERIFIER_ERR_VENDOR_PQC_PUB_KEY_REVOKED },
		{ "1.2", 0, FUSE_1X_LMS_REVOCATION, 4, FW_OK },
		{ "1.2", 0, FUSE_FMC_KEY_MANIFEST_SVN, 0x20,
		  IMAGE_VERIFIER_ERR_FMC_SVN_LESS_THAN_FUSE },
		{ "1.2", 0, FUSE_FMC_KEY_MANIFEST_SVN, 0x1f, FW_OK },
		{ "1.2", 0, FUSE_RUNTIME_SVN, 1 << 7,
		  IMAGE_VERIFIER_ERR_FIRMWARE_SVN_LESS_THAN_FUSE },
	};
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(all); i++) {
		make(all[i].generation, all[i].pqc_type);
		fuse_offset = all[i].offset;
		fuse_value = all[i].value;
		power_on(LIFECYCLE_PRODUCTION);
		fuse_offset = 0;
		if (all[i].error) {
			expect_refused(all[i].error, 0);
			continue;
		}
		assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
		expect_running();
		device_release(&dev);
	}
}

static void vendor_keys_in_fuses(void **unused)
{
	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	fuses.vendor_pk_hash[11] ^= 1;
	power_on(LIFECYCLE_PRODUCTION);
	expect_refused(IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_MISMATCH, 0);
	memset(fuses.vendor_pk_hash, 0, sizeof(fuses.vendor_pk_hash));
	power_on(LIFECYCLE_MANUFACTURING);
	expect_refused(IMAGE_VERIFIER_ERR_VENDOR_PUB_KEY_DIGEST_INVALID, 0);
	fuses.pqc_key_type[0] = 2;
	power_on(LIFECYCLE_PRODUCTION);
	expect_refused(IMAGE_VERIFIER_ERR_INVALID_PQC_KEY_TYPE_IN_FUSE, 0);
}

/* Before it is provisioned a device takes any vendor's image, and any version. */
static void unprovisioned(void **unused)
{
	(void)unused;
	make("2.1", BUNDLE_PQC_LMS);
	memset(fuses.vendor_pk_hash, 0, sizeof(fuses.vendor_pk_hash));
	fuses.pqc_key_type[0] = 0;
	fuse_offset = FUSE_RUNTIME_SVN;
	fuse_value = 0xffff;
	power_on(LIFECYCLE_UNPROVISIONED);
	fuse_offset = 0;
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	device_release(&dev);

	recipe.svn = 129;
	assert_int_equal(bundle_make(&recipe, bundle), 0);
	power_on(LIFECYCLE_UNPROVISIONED);
	assert_int_equal(load(), MBOX_STATUS_CMD_FAILURE);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 FW_PROC_SVN_TOO_LARGE);
	device_release(&dev);
}

static void rollback_that_is_allowed(void **unused)
{
	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	power_on(LIFECYCLE_PRODUCTION);
	device_release(&dev);
	fuse_offset = FUSE_ANTI_ROLLBACK_DISABLE;
	fuse_value = 1;
	recipe.svn = 0;
	assert_int_equal(bundle_make(&recipe, bundle), 0);
	power_on(LIFECYCLE_PRODUCTION);
	fuse_offset = 0;
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	device_release(&dev);
}

/* The owner's hash that the SoC writes, and what PCR 0 has of it. */
static void owner_in_fuses(void **unused)
{
	struct device_config config = test_config();
	uint8_t without[SHA384_SIZE];
	uint8_t hash[SHA384_SIZE];
	uint32_t i;

	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	power_on(LIFECYCLE_PRODUCTION);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	memcpy(without, dev.fw.pcrs.value[0], SHA384_SIZE);
	device_release(&dev);

	owner_hash(hash);
	config.hold_firmware = true;
	assert_int_equal(device_init(&dev, &config), 0);
	for (i = 0; i < 12; i++)
		ifc_write(&dev, CPTRA_OWNER_PK_HASH + 4 * i,
			  test_be32(hash + 4 * i));
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	assert_memory_not_equal(dev.fw.pcrs.value[0], without, SHA384_SIZE);
	device_release(&dev);
}

/* INSTALL_OWNER_PK_HASH with the hash, whose words travel as all words do. */
static void install_owner(const uint8_t hash[SHA384_SIZE])
{
	uint32_t code = CALIPTRA_CMD_INSTALL_OWNER_PK_HASH;
	uint8_t request[SHA384_SIZE + 4];
	uint8_t body[SHA384_SIZE];

	bundle_words(body, hash, sizeof(body));
	assert_int_equal(
		device_submit(&dev, PL0, code, request,
			      test_request(request, code, body, sizeof(body))),
		DEVICE_SUBMITTED);
	device_run(&dev);
	assert_int_equal(dev.mbox.status, MBOX_STATUS_DATA_READY);
	assert_int_equal(dev.mbox.dlen, 12);
	device_finish(&dev, PL0);
}

static void owner_that_is_installed(void **unused)
{
	uint8_t hash[SHA384_SIZE];

	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	owner_hash(hash);
	power_on(LIFECYCLE_PRODUCTION);
	install_owner(hash);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	device_release(&dev);

	hash[0] ^= 1;
	power_on(LIFECYCLE_PRODUCTION);
	install_owner(hash);
	expect_refused(IMAGE_VERIFIER_ERR_DOT_OWNER_PUB_KEY_DIGEST_MISMATCH, 0);

	/* until the next cold reset */
	power_on(LIFECYCLE_PRODUCTION);
	install_owner(hash);
	device_reset(&dev, DEVICE_RESET_COLD);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
	device_release(&dev);
}

/* The SoC's boot ROM loads it, after each cold reset. */
static void loaded_by_the_soc(void **unused)
{
	struct device_config config = test_config();
	uint8_t pcr[SHA384_SIZE];

	(void)unused;
	make("2.1", BUNDLE_PQC_MLDSA);
	config.bundle = bundle;
	config.bundle_len = bundle_len;
	assert_int_equal(device_init(&dev, &config), 0);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	expect_running();
	expect_fw_info();
	assert_int_equal(dev.mbox.fsm, MBOX_FSM_IDLE);
	memcpy(pcr, dev.fw.pcrs.value[1], SHA384_SIZE);

	/* it stays over a warm reset, with its versions */
	device_reset(&dev, DEVICE_RESET_WARM);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	expect_running();
	expect_version(0x1803, 0x02010905);
	assert_memory_equal(dev.fw.pcrs.value[1], pcr, SHA384_SIZE);

	device_reset(&dev, DEVICE_RESET_COLD);
	assert_false(dev.fw.image.is_bundle);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	expect_running();
	assert_memory_equal(dev.fw.pcrs.value[1], pcr, SHA384_SIZE);

	dev.config.bundle_len = 16956;
	device_reset(&dev, DEVICE_RESET_COLD);
	soc_boot(&dev.bus, &fuses, 0, SOC_BOOT_HOLD_NONE);
	device_run(&dev);
	assert_int_equal(dev.fw.phase, FW_HALTED);
	assert_int_equal(ifc_read(&dev, CPTRA_FW_ERROR_FATAL),
			 IMAGE_VERIFIER_ERR_IMAGE_LEN_MORE_THAN_BUNDLE_SIZE);
	device_release(&dev);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bundles_boot),
		cmocka_unit_test(identity_follows_the_bundle),
		cmocka_unit_test(who_has_pl0),
		cmocka_unit_test(bad_bundles_of_2_x),
		cmocka_unit_test(bad_bundles_with_lms),
		cmocka_unit_test(bad_bundles_of_1_2),
		cmocka_unit_test(contents_beyond_the_mailbox),
		cmocka_unit_test(truncated),
		cmocka_unit_test(longer_than_the_mailbox),
		cmocka_unit_test(subsystem_takes_none),
		cmocka_unit_test(against_the_fuses),
		cmocka_unit_test(vendor_keys_in_fuses),
		cmocka_unit_test(unprovisioned),
		cmocka_unit_test(rollback_that_is_allowed),
		cmocka_unit_test(owner_in_fuses),
		cmocka_unit_test(owner_that_is_installed),
		cmocka_unit_test(loaded_by_the_soc),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
