/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of authorization manifests share: a device that has booted a bundle,
 * manifests of the same vendor and owner, and commands with them.
 */
#ifndef SWCALIPTRA_TESTS_MANIFESTS_H
#define SWCALIPTRA_TESTS_MANIFESTS_H

#include "bundles.h"

#include "dpe.h"
#include "manifest_make.h"

#define PL1 SOC_BOOT_PL1_USER

static struct manifest_recipe man;
static uint8_t manifest[MANIFEST_MAX_SIZE];
static uint32_t manifest_len;

/* A digest that belongs to an image of this id. */
static inline void test_digest(uint32_t fw_id, uint8_t digest[SHA384_SIZE])
{
	assert_int_equal(crypto_sha384(&fw_id, sizeof(fw_id), digest), 0);
}

static inline void add_image(uint32_t fw_id, uint32_t flags)
{
	struct manifest_entry *entry = &man.entries.entry[man.entries.count++];

	*entry = (struct manifest_entry){
		.fw_id = fw_id,
		.component_id = fw_id + 0x1000,
		.classification = 7,
		.flags = flags,
		.load_addr = 0x100000000ull + fw_id,
		.staging_addr = 0x200000000ull + fw_id,
	};
	test_digest(fw_id, entry->digest);
}

/* Its own keys are those of the firmware the other way round. */
static inline void test_manifest_recipe(bool owners)
{
	memset(&man, 0, sizeof(man));
	man.generation = recipe.generation;
	man.owners = owners;
	man.pqc_type = recipe.pqc_type;
	man.vendor_firmware = recipe.vendor;
	man.owner_firmware = recipe.owner;
	man.vendor = recipe.owner;
	man.owner = recipe.vendor;
	man.version = 5;
	man.flags = owners ? 0 : MANIFEST_VENDOR_SIGNATURE_REQUIRED;
}

static inline const struct manifest_layout *man_layout(void)
{
	return manifest_layout(man.generation, man.owners);
}

static inline void make_manifest(void)
{
	manifest_len = manifest_size(man_layout());
	assert_int_equal(manifest_make(&man, manifest), 0);
}

/* One with images 9, 3 and 5, of which 5 may be whatever it is. */
static inline void usual_manifest(void)
{
	test_manifest_recipe(false);
	add_image(9, 4 << ENTRY_EXEC_BIT_SHIFT | 1);
	add_image(3, 5 << ENTRY_EXEC_BIT_SHIFT | 1);
	add_image(5, ENTRY_IGNORE_AUTH_CHECK);
	make_manifest();
}

static inline void usual_owner_manifest(void)
{
	test_manifest_recipe(true);
	add_image(40, 1);
	add_image(30, 1);
	make_manifest();
}

static inline void boot_bundle(const char *generation, uint32_t pqc_type)
{
	make(generation, pqc_type);
	power_on(LIFECYCLE_PRODUCTION);
	assert_int_equal(load(), MBOX_STATUS_CMD_COMPLETE);
	expect_running();
}

/* A command; the firmware's error. */
static inline uint32_t run_as(uint32_t user, uint32_t code, const void *body,
			      uint32_t len)
{
	static uint8_t request[64 * 1024];
	uint32_t error;

	assert_int_equal(device_submit(&dev, user, code, request,
				       test_request(request, code, body, len)),
			 DEVICE_SUBMITTED);
	device_run(&dev);
	assert_true(mbox_data_avail(&dev.mbox));
	error = non_fatal();
	assert_int_equal(dev.mbox.status == MBOX_STATUS_CMD_FAILURE, !!error);
	device_finish(&dev, user);
	return error;
}

/* A manifest with @code: as much of it as is said. */
static inline uint32_t send_manifest(uint32_t user, uint32_t code, uint32_t len)
{
	static uint8_t body[4 + MANIFEST_MAX_SIZE + 256];

	assert_in_range(len, 0, sizeof(body) - 4);
	memset(body, 0, sizeof(body));
	wire_put_le32(body, len);
	memcpy(body + 4, manifest,
	       len < sizeof(manifest) ? len : sizeof(manifest));
	return run_as(user, code, body, 4 + len);
}

static inline uint32_t set_manifest(void)
{
	uint32_t edits = dev.fw.manifest_edits;
	uint32_t error = send_manifest(
		PL0,
		man.owners ? CALIPTRA_CMD_SET_OWNER_AUTH_MANIFEST :
			     CALIPTRA_CMD_SET_AUTH_MANIFEST,
		manifest_len);

	assert_true(error || dev.fw.manifest_edits != edits);
	return error;
}

/* AUTHORIZE_AND_STASH as it is sent. */
struct test_authorize {
	uint32_t fw_id;
	uint8_t measurement[SHA384_SIZE];
	uint8_t context[48];
	uint32_t svn;
	uint32_t flags;
	uint32_t source;
	uint32_t image_size;
};

static inline struct test_authorize authorize_request(uint32_t fw_id)
{
	struct test_authorize a = { .fw_id = fw_id, .svn = 4, .source = 1 };

	test_digest(fw_id, a.measurement);
	return a;
}

/* Its result, or the error. */
static inline uint32_t
authorize_as(uint32_t user, const struct test_authorize *a, uint32_t *result)
{
	uint32_t len = sizeof(*a) - (is_1x() ? 4 : 0);
	uint32_t error = run_as(user, CALIPTRA_CMD_AUTHORIZE_AND_STASH, a, len);

	*result = error ? 0 : wire_get_le32(mbox_bytes(&dev.mbox) + 8);
	return error;
}

static inline void expect_result(const struct test_authorize *a,
				 uint32_t wanted)
{
	uint32_t result;

	assert_int_equal(authorize_as(PL0, a, &result), 0);
	assert_int_equal(result, wanted);
}

#define AUTHORIZED   CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_AUTHORIZED
#define OWNERS_ALONE CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_AUTHORIZED_OWNER_ONLY
#define UNKNOWN	     CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_NOT_AUTHORIZED
#define MISMATCH     CALIPTRA_AUTH_AND_STASH_RESULT_IMAGE_HASH_MISMATCH
#define SKIP_STASH   CALIPTRA_AUTH_AND_STASH_FLAGS_SKIP_STASH

/* What of the firmware a command that fails leaves as it was. */
struct kept {
	struct fw_manifest manifest;
	struct fw_manifest owner_manifest;
	struct pcr_vault pcrs;
	struct dpe dpe;
	uint8_t contexts[FW_CONTEXTS];
	enum fw_mcu_status mcu_status;
	uint32_t exec[4];
};

static inline void keep(struct kept *k)
{
	uint32_t i;

	memset(k, 0, sizeof(*k));
	k->manifest = dev.fw.manifest;
	k->owner_manifest = dev.fw.owner_manifest;
	k->pcrs = dev.fw.pcrs;
	k->dpe = dev.fw.dpe;
	memcpy(k->contexts, dev.fw.contexts, sizeof(k->contexts));
	k->mcu_status = dev.fw.mcu_status;
	for (i = 0; i < 4; i++)
		k->exec[i] = ifc_read(&dev, SS_GENERIC_FW_EXEC_CTRL + 4 * i);
}

static inline void expect_kept(const struct kept *before)
{
	static struct kept now;

	keep(&now);
	assert_memory_equal(&now, before, sizeof(now));
}

/* The manifest is refused with @error, and nothing has changed. */
static inline void expect_refused(uint32_t error)
{
	static struct kept before;

	keep(&before);
	assert_int_equal(set_manifest(), error);
	expect_kept(&before);
}

#endif
