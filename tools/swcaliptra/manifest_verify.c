// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The firmware's verification of a manifest: every check in its order, with its
 * error. See manifest.h for the sources.
 */
#include <stdlib.h>
#include <string.h>

#include "firmware.h"
#include "manifest.h"

/* What is answered to a signature that is not good. */
struct sig_errors {
	uint32_t ecc;
	uint32_t lms;
	uint32_t mldsa;
};

/* What is wrong with a manifest, of vendor and owner or of the owner alone. */
struct errors {
	uint32_t too_short;
	uint32_t marker;
	uint32_t size;
	uint32_t list_size;
	uint32_t list_count;
	uint32_t duplicate;
	struct sig_errors vendor_keys;
	struct sig_errors vendor_list;
	struct sig_errors owner_keys;
	struct sig_errors owner_list;
};

#define OF_VENDOR                                                          \
	{                                                                  \
		.ecc = RUNTIME_AUTH_MANIFEST_VENDOR_ECC_SIGNATURE_INVALID, \
		.lms = RUNTIME_AUTH_MANIFEST_VENDOR_LMS_SIGNATURE_INVALID, \
		.mldsa = RUNTIME_AUTH_MANIFEST_MLDSA_VENDOR_SIG_INVALID,   \
	}
#define OF_OWNER                                                          \
	{                                                                 \
		.ecc = RUNTIME_AUTH_MANIFEST_OWNER_ECC_SIGNATURE_INVALID, \
		.lms = RUNTIME_AUTH_MANIFEST_OWNER_LMS_SIGNATURE_INVALID, \
		.mldsa = RUNTIME_AUTH_MANIFEST_MLDSA_OWNER_SIG_INVALID,   \
	}

static const struct errors of_both = {
	.too_short = RUNTIME_AUTH_MANIFEST_PREAMBLE_SIZE_LT_MIN,
	.marker = RUNTIME_INVALID_AUTH_MANIFEST_MARKER,
	.size = RUNTIME_AUTH_MANIFEST_PREAMBLE_SIZE_MISMATCH,
	.list_size = RUNTIME_AUTH_MANIFEST_IMAGE_METADATA_LIST_INVALID_SIZE,
	.list_count =
		RUNTIME_AUTH_MANIFEST_IMAGE_METADATA_LIST_INVALID_ENTRY_COUNT,
	.duplicate =
		RUNTIME_AUTH_MANIFEST_IMAGE_METADATA_LIST_DUPLICATE_FIRMWARE_ID,
	.vendor_keys = OF_VENDOR,
	.vendor_list = OF_VENDOR,
	.owner_keys = OF_OWNER,
	.owner_list = OF_OWNER,
};

static const struct errors of_owner = {
	.too_short = RUNTIME_OWNER_AUTH_MANIFEST_PREAMBLE_SIZE_LT_MIN,
	.marker = RUNTIME_OWNER_AUTH_MANIFEST_INVALID_MARKER,
	.size = RUNTIME_OWNER_AUTH_MANIFEST_PREAMBLE_SIZE_MISMATCH,
	.list_size = RUNTIME_OWNER_AUTH_MANIFEST_IMC_INVALID_SIZE,
	.list_count = RUNTIME_OWNER_AUTH_MANIFEST_IMC_INVALID_ENTRY_COUNT,
	.duplicate = RUNTIME_OWNER_AUTH_MANIFEST_IMC_DUPLICATE_FW_ID,
	.owner_keys = {
		.ecc = RUNTIME_OWNER_AUTH_MANIFEST_OWNER_ECC_SIGNATURE_INVALID,
		.lms = RUNTIME_OWNER_AUTH_MANIFEST_OWNER_LMS_SIGNATURE_INVALID,
		.mldsa = RUNTIME_OWNER_AUTH_MANIFEST_OWNER_MLDSA_SIGNATURE_INVALID,
	},
	.owner_list = {
		.ecc = RUNTIME_OWNER_AUTH_MANIFEST_IMC_OWNER_ECC_SIGNATURE_INVALID,
		.lms = RUNTIME_OWNER_AUTH_MANIFEST_IMC_OWNER_LMS_SIGNATURE_INVALID,
		.mldsa = RUNTIME_OWNER_AUTH_MANIFEST_IMC_OWNER_MLDSA_SIGNATURE_INVALID,
	},
};

static const struct errors *errors_of(const struct manifest_layout *l)
{
	return l->vendor_keys ? &of_both : &of_owner;
}

uint32_t manifest_check_preamble(const struct manifest_layout *l,
				 const uint8_t *bytes, uint32_t len)
{
	const struct errors *e = errors_of(l);

	if (len < l->size)
		return e->too_short;
	if (wire_get_le32(bytes) != l->marker)
		return e->marker;
	if (wire_get_le32(bytes + MANIFEST_SIZE_AT) != l->size)
		return e->size;
	/* the owner's is always as long as it can be, and has no flags */
	if (!l->vendor_keys && len != manifest_size(l))
		return e->list_size;
	if (!l->vendor_keys && wire_get_le32(bytes + l->flags))
		return RUNTIME_OWNER_AUTH_MANIFEST_INVALID_FLAGS;
	return FW_OK;
}

static uint32_t check_ecc(const uint8_t *key, const uint8_t *words,
			  const uint8_t digest[SHA384_SIZE], uint32_t bad)
{
	uint8_t point[P384_POINT_SIZE] = { 4 };
	struct ecdsa384_signature sig;

	bundle_words(point + 1, key, ECC_KEY_SIZE);
	bundle_words(sig.r, words, P384_SIZE);
	bundle_words(sig.s, words + P384_SIZE, P384_SIZE);
	return crypto_ecdsa384_verify(point, digest, &sig) == ECDSA384_GOOD ?
		       FW_OK :
		       bad;
}

static uint32_t check_lms(const uint8_t *key, const uint8_t *sig,
			  const uint8_t digest[SHA384_SIZE], uint32_t bad)
{
	bool good;

	return !lms_image_verify(key, digest, SHA384_SIZE, sig, &good) && good ?
		       FW_OK :
		       bad;
}

/* What is signed is the data itself, and not its digest. */
static uint32_t check_mldsa(const uint8_t *key, const uint8_t *sig,
			    const uint8_t *data, uint32_t len, uint32_t bad)
{
	switch (mldsa87_verify(key, data, len, sig)) {
	case MLDSA87_GOOD:
		return FW_OK;
	case MLDSA87_BAD:
		return bad;
	case MLDSA87_UNSUPPORTED:
		return DRIVER_MLDSA87_UNSUPPORTED_SIGNATURE;
	case MLDSA87_ENGINE_FAILED:
		break;
	}
	return DRIVER_MLDSA87_HW_ERROR;
}

/* Both signatures of the data, by both keys. */
static uint32_t check_sigs(const struct manifest_trust *trust,
			   const uint8_t *keys, const uint8_t *sigs,
			   const uint8_t *data, uint32_t len,
			   const struct sig_errors *e)
{
	const uint8_t *pqc_key = keys + ECC_KEY_SIZE;
	const uint8_t *pqc_sig = sigs + 2 * P384_SIZE;
	uint8_t digest[SHA384_SIZE];
	uint32_t error;

	if (crypto_sha384(data, len, digest))
		return DRIVER_SHA2_512_384_INVALID_STATE_ERR;
	error = check_ecc(keys, sigs, digest, e->ecc);
	if (error || !trust->pqc_type)
		return error;
	return trust->pqc_type == BUNDLE_PQC_LMS ?
		       check_lms(pqc_key, pqc_sig, digest, e->lms) :
		       check_mldsa(pqc_key, pqc_sig, data, len, e->mldsa);
}

/* The keys of the manifest, by those of the firmware. */
static uint32_t check_keys(const struct manifest_trust *trust, const uint8_t *m)
{
	const struct manifest_layout *l = trust->layout;
	const struct errors *e = errors_of(l);
	const uint8_t *first = m + MANIFEST_VERSION_AT;
	uint32_t error;

	if (!l->vendor_keys)
		return check_sigs(trust, trust->owner_keys,
				  m + l->owner_key_sigs, first,
				  manifest_signed_size(l), &e->owner_keys);
	error = check_sigs(trust, trust->vendor_keys, m + l->vendor_key_sigs,
			   first, manifest_signed_size(l), &e->vendor_keys);
	return error ? error :
		       check_sigs(trust, trust->owner_keys,
				  m + l->owner_key_sigs, m + l->owner_keys,
				  l->keys_size, &e->owner_keys);
}

/* The list, by the keys of the manifest. */
static uint32_t check_list(const struct manifest_trust *trust, const uint8_t *m,
			   const uint8_t *list, uint32_t len)
{
	const struct manifest_layout *l = trust->layout;
	const struct errors *e = errors_of(l);
	uint32_t error = FW_OK;

	if (l->vendor_keys &&
	    wire_get_le32(m + l->flags) & MANIFEST_VENDOR_SIGNATURE_REQUIRED)
		error = check_sigs(trust, m + l->vendor_keys,
				   m + l->vendor_sigs, list, len,
				   &e->vendor_list);
	return error ? error :
		       check_sigs(trust, m + l->owner_keys, m + l->owner_sigs,
				  list, len, &e->owner_list);
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t first = wire_get_le32(a);
	uint32_t second = wire_get_le32(b);

	return first < second ? -1 : first > second;
}

/* @len bytes of images, in order, of which the first @count count. */
static void read_entries(const struct manifest_layout *l, const uint8_t *images,
			 uint32_t len, uint32_t count,
			 struct manifest_entries *entries)
{
	uint8_t last[80] = { 0 };
	uint32_t i;

	memset(entries, 0, sizeof(*entries));
	entries->count = count;
	for (i = 0; i < l->max_entries && len >= l->entry_size; i++) {
		manifest_entry_get(l, images, &entries->entry[i]);
		images += l->entry_size;
		len -= l->entry_size;
	}
	/* one that is cut short goes on with zeros */
	if (i == l->max_entries || !len)
		return;
	memcpy(last, images, len);
	manifest_entry_get(l, last, &entries->entry[i]);
}

static bool is_in_either(const struct manifest_entries *entries,
			 const struct manifest_entries *others)
{
	uint32_t i;

	for (i = 0; i + 1 < entries->count; i++)
		if (entries->entry[i].fw_id == entries->entry[i + 1].fw_id)
			return true;
	for (i = 0; others && i < others->count; i++)
		if (manifest_find(&generation_newest, entries,
				  others->entry[i].fw_id))
			return true;
	return false;
}

uint32_t manifest_verify(const struct manifest_trust *trust, uint8_t *bytes,
			 uint32_t len, struct manifest_entries *entries)
{
	const struct manifest_layout *l = trust->layout;
	const struct errors *e = errors_of(l);
	uint32_t longest = manifest_size(l) - l->size;
	struct manifest_entries read;
	uint8_t *list = bytes + l->size;
	uint32_t error = FW_OK;
	uint32_t count;

	if (trust->owner_keys)
		error = check_keys(trust, bytes);
	if (error)
		return error;
	len -= l->size;
	if (len < 4)
		return e->list_size;
	if (len > longest)
		len = longest;
	count = wire_get_le32(list);
	if (!count || count > l->max_entries)
		return e->list_count;
	if (len < 4 + count * l->entry_size)
		return e->list_size;
	error = check_list(trust, bytes, list, len);
	if (error)
		return error;
	qsort(list + 4, count, l->entry_size, compare_ids);
	read_entries(l, list + 4, len - 4, count, &read);
	if (is_in_either(&read, trust->others))
		return e->duplicate;
	*entries = read;
	return FW_OK;
}
