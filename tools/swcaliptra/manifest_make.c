// SPDX-License-Identifier: GPL-2.0-or-later
/* Making and signing authorization manifests. See manifest_make.h. */
#include "manifest_make.h"

#include <string.h>

#include "wire.h"

static const struct manifest_layout *layout(const struct manifest_recipe *r)
{
	return manifest_layout(r->generation, r->owners);
}

static int put_keys(const struct manifest_recipe *r,
		    const struct bundle_signer *s, uint8_t *keys)
{
	uint8_t xy[ECC_KEY_SIZE];

	if (!s->ecc || bundle_ecc_key(s->ecc, xy))
		return -1;
	bundle_words(keys, xy, ECC_KEY_SIZE);
	return r->pqc_type ?
		       bundle_pqc_key(s, r->pqc_type, keys + ECC_KEY_SIZE) :
		       0;
}

static int sign_keys(const struct manifest_recipe *r, uint8_t *m)
{
	const struct manifest_layout *l = layout(r);
	const uint8_t *first = m + MANIFEST_VERSION_AT;
	uint32_t len = manifest_signed_size(l);

	if (r->owners)
		return bundle_sign_as(&r->owner_firmware, r->pqc_type, first,
				      len, m + l->owner_key_sigs);
	return bundle_sign_as(&r->vendor_firmware, r->pqc_type, first, len,
			      m + l->vendor_key_sigs) ||
			       bundle_sign_as(&r->owner_firmware, r->pqc_type,
					      m + l->owner_keys, l->keys_size,
					      m + l->owner_key_sigs) ?
		       -1 :
		       0;
}

int manifest_sign_list(const struct manifest_recipe *r, uint8_t *m,
		       uint32_t len)
{
	const struct manifest_layout *l = layout(r);
	const uint8_t *list = m + l->size;

	len -= l->size;
	if (r->flags & MANIFEST_VENDOR_SIGNATURE_REQUIRED &&
	    bundle_sign_as(&r->vendor, r->pqc_type, list, len,
			   m + l->vendor_sigs))
		return -1;
	return bundle_sign_as(&r->owner, r->pqc_type, list, len,
			      m + l->owner_sigs);
}

/* What is not used says that it is no image. */
static void put_list(const struct manifest_recipe *r, uint8_t *list)
{
	static const struct manifest_entry none = {
		.fw_id = UINT32_MAX, .component_id = UINT32_MAX
	};
	const struct manifest_layout *l = layout(r);
	uint32_t i;

	wire_put_le32(list, r->entries.count);
	for (i = 0; i < l->max_entries; i++)
		manifest_entry_put(l, list + 4 + i * l->entry_size,
				   i < r->entries.count ? &r->entries.entry[i] :
							  &none);
}

int manifest_make(const struct manifest_recipe *r, uint8_t *m)
{
	const struct manifest_layout *l = layout(r);

	memset(m, 0, manifest_size(l));
	wire_put_le32(m, l->marker);
	wire_put_le32(m + MANIFEST_SIZE_AT, l->size);
	wire_put_le32(m + MANIFEST_VERSION_AT, r->version);
	if (l->svn)
		wire_put_le32(m + l->svn, r->svn);
	wire_put_le32(m + l->flags, r->flags);
	put_list(r, m + l->size);
	return (l->vendor_keys &&
		put_keys(r, &r->vendor, m + l->vendor_keys)) ||
			       put_keys(r, &r->owner, m + l->owner_keys) ||
			       sign_keys(r, m) ||
			       manifest_sign_list(r, m, manifest_size(l)) ?
		       -1 :
		       0;
}
