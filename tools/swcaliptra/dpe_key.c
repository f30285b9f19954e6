// SPDX-License-Identifier: GPL-2.0-or-later
/* Secrets of DPE contexts. See dpe_key.h. */
#include "dpe_key.h"

#include <openssl/crypto.h>
#include <string.h>

#include "wire.h"

/* TciNodeData, which has no security version in 1.x, and allow_x509 */
#define MAX_NODE_SIZE (4 + 2 * SHA384_SIZE + 4 + 4 + 1)

#define VENDOR 0x43545241u /* CTRA */

#define SUPPORT_ALL                                                         \
	(CALIPTRA_DPE_SUPPORT_SIMULATION | CALIPTRA_DPE_SUPPORT_RECURSIVE | \
	 CALIPTRA_DPE_SUPPORT_AUTO_INIT |                                   \
	 CALIPTRA_DPE_SUPPORT_ROTATE_CONTEXT | CALIPTRA_DPE_SUPPORT_X509 |  \
	 CALIPTRA_DPE_SUPPORT_CSR | CALIPTRA_DPE_SUPPORT_INTERNAL_INFO |    \
	 CALIPTRA_DPE_SUPPORT_INTERNAL_DICE |                               \
	 CALIPTRA_DPE_SUPPORT_RETAIN_PARENT_CONTEXT |                       \
	 CALIPTRA_DPE_SUPPORT_CDI_EXPORT)

void dpe_get_profile(const struct dpe_env *env, uint8_t out[DPE_PROFILE_SIZE])
{
	bool is_1x = generation_in(env->g, GENERATION_1_2);
	uint32_t minor_version = is_1x ? 12 : 13;

	dpe_response_header(env, DPE_OK, out);
	wire_put_le32(out + 12, minor_version << 16);
	wire_put_le32(out + 16, VENDOR);
	wire_put_le32(out + 20, VENDOR);
	wire_put_le32(out + 24, env->dpe->size);
	wire_put_le32(out + 28, SUPPORT_ALL);
}

/* SP 800-108 counter mode, one block, of HMAC-SHA-384; label and context are bytes. */
static int kdf(const uint8_t key[DPE_CDI_SIZE], const void *label,
	       size_t label_len, const void *context, size_t context_len,
	       uint8_t out[DPE_CDI_SIZE])
{
	uint8_t input[4 + DPE_LABEL_SIZE + 1 + SHA384_SIZE] = { 0, 0, 0, 1 };
	size_t len = 4;

	if (label_len > DPE_LABEL_SIZE || context_len > SHA384_SIZE)
		return -1;
	memcpy(input + len, label, label_len);
	len += label_len;
	input[len++] = 0;
	memcpy(input + len, context, context_len);
	len += context_len;
	return crypto_hmac384(key, DPE_CDI_SIZE, input, len, out);
}

static size_t put_node(const struct dpe_env *env, const struct dpe_context *c,
		       uint8_t node[MAX_NODE_SIZE])
{
	uint8_t *p = node;

	wire_put_le32(p, c->tci_type);
	p += 4;
	memcpy(p, c->tci_cumulative, SHA384_SIZE);
	p += SHA384_SIZE;
	memcpy(p, c->tci_current, SHA384_SIZE);
	p += SHA384_SIZE;
	wire_put_le32(p, c->locality);
	p += 4;
	if (!generation_in(env->g, GENERATION_1_2)) {
		wire_put_le32(p, c->svn);
		p += 4;
	}
	*p++ = c->allow_x509;
	return (size_t)(p - node);
}

/* From the context up to the root, then the DPE's own inputs. */
static int hash_measurements(const struct dpe_env *env, unsigned int index,
			     EVP_MD_CTX *ctx)
{
	uint8_t profile[DPE_PROFILE_SIZE + 4];
	bool info = false;
	bool dice = false;

	while (index != DPE_NO_PARENT) {
		const struct dpe_context *c = &env->dpe->context[index];
		uint8_t node[MAX_NODE_SIZE];
		size_t len = put_node(env, c, node);

		if (!EVP_DigestUpdate(ctx, node, len))
			return -1;
		info |= c->internal_info;
		dice |= c->internal_dice;
		index = c->parent;
	}
	dpe_get_profile(env, profile);
	wire_put_le32(profile + DPE_PROFILE_SIZE, env->profile->id);
	if (info && !EVP_DigestUpdate(ctx, profile, sizeof(profile)))
		return -1;
	if (dice && !EVP_DigestUpdate(ctx, env->chain, env->chain_len))
		return -1;
	return 0;
}

static int measurements_digest(const struct dpe_env *env, unsigned int index,
			       uint8_t digest[SHA384_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ret = -1;

	if (ctx && EVP_DigestInit_ex(ctx, EVP_sha384(), NULL) &&
	    !hash_measurements(env, index, ctx) &&
	    EVP_DigestFinal_ex(ctx, digest, NULL))
		ret = 0;
	EVP_MD_CTX_free(ctx);
	return ret;
}

static int derive_cdi(const struct dpe_env *env, unsigned int index,
		      const char *info, uint8_t cdi[DPE_CDI_SIZE])
{
	static const char label[] = "derive_cdi";
	uint8_t context[SHA384_SIZE];

	return measurements_digest(env, index, context) ||
	       crypto_sha384_extend(context, info, strlen(info)) ||
	       kdf(env->rt_cdi, label, strlen(label), context, sizeof(context),
		   cdi);
}

static EVP_PKEY *derive_key(const struct dpe_profile *profile,
			    const uint8_t cdi[DPE_CDI_SIZE], const void *label,
			    size_t label_len, const char *info,
			    bool with_public)
{
	uint8_t seed[DPE_SEED_SIZE];
	EVP_PKEY *key = NULL;

	if (!kdf(cdi, label, label_len, info, strlen(info), seed))
		key = profile->make_key(seed, with_public);
	OPENSSL_cleanse(seed, sizeof(seed));
	return key;
}

void dpe_forget_key(struct dpe_kept_key *kept)
{
	if (!kept)
		return;
	EVP_PKEY_free(kept->key);
	OPENSSL_cleanse(kept, sizeof(*kept));
}

static bool is_kept(const struct dpe_env *env, const uint8_t cdi[DPE_CDI_SIZE],
		    const uint8_t label[DPE_LABEL_SIZE], bool with_public)
{
	const struct dpe_kept_key *kept = env->kept_key;

	return kept && kept->key && kept->profile == env->profile &&
	       (kept->has_public || !with_public) &&
	       !CRYPTO_memcmp(kept->cdi, cdi, DPE_CDI_SIZE) &&
	       !memcmp(kept->label, label, DPE_LABEL_SIZE);
}

static void keep_key(const struct dpe_env *env, EVP_PKEY *key,
		     const uint8_t cdi[DPE_CDI_SIZE],
		     const uint8_t label[DPE_LABEL_SIZE], bool with_public)
{
	struct dpe_kept_key *kept = env->kept_key;

	dpe_forget_key(kept);
	if (!kept || !key || !EVP_PKEY_up_ref(key))
		return;
	kept->key = key;
	kept->profile = env->profile;
	kept->has_public = with_public;
	memcpy(kept->cdi, cdi, DPE_CDI_SIZE);
	memcpy(kept->label, label, DPE_LABEL_SIZE);
}

static EVP_PKEY *context_key(const struct dpe_env *env, unsigned int index,
			     const uint8_t label[DPE_LABEL_SIZE],
			     bool with_public)
{
	struct dpe_kept_key *kept = env->kept_key;
	uint8_t cdi[DPE_CDI_SIZE];
	EVP_PKEY *key = NULL;

	if (derive_cdi(env, index, "DPE", cdi))
		goto out;
	if (is_kept(env, cdi, label, with_public)) {
		if (EVP_PKEY_up_ref(kept->key))
			key = kept->key;
		goto out;
	}
	key = derive_key(env->profile, cdi, label, DPE_LABEL_SIZE,
			 env->profile->key_info, with_public);
	keep_key(env, key, cdi, label, with_public);
out:
	OPENSSL_cleanse(cdi, sizeof(cdi));
	return key;
}

EVP_PKEY *dpe_context_key(const struct dpe_env *env, unsigned int index,
			  const uint8_t label[DPE_LABEL_SIZE])
{
	return context_key(env, index, label, true);
}

EVP_PKEY *dpe_context_signing_key(const struct dpe_env *env, unsigned int index,
				  const uint8_t label[DPE_LABEL_SIZE])
{
	return context_key(env, index, label, false);
}

enum dpe_error dpe_export_cdi(const struct dpe_env *env, unsigned int index)
{
	struct dpe_exported_cdi *exported = &env->dpe->exported;
	uint8_t handle[DPE_CDI_HANDLE_SIZE];

	if (env->random(handle, sizeof(handle)))
		return DPE_CRYPTO_ERROR;
	if (exported->active)
		return DPE_CDI_IS_EXPORTED;
	if (derive_cdi(env, index, "Exported CDI", exported->cdi)) {
		OPENSSL_cleanse(exported->cdi, sizeof(exported->cdi));
		return DPE_CRYPTO_ERROR;
	}
	memcpy(exported->handle, handle, sizeof(handle));
	exported->active = true;
	return DPE_OK;
}

static bool is_exported(const struct dpe *dpe,
			const uint8_t handle[DPE_CDI_HANDLE_SIZE])
{
	return dpe->exported.active &&
	       !CRYPTO_memcmp(dpe->exported.handle, handle,
			      DPE_CDI_HANDLE_SIZE);
}

EVP_PKEY *dpe_exported_key(const struct dpe_profile *profile,
			   const struct dpe *dpe,
			   const uint8_t handle[DPE_CDI_HANDLE_SIZE])
{
	const char *label = profile->exported_label;

	if (!is_exported(dpe, handle))
		return NULL;
	return derive_key(profile, dpe->exported.cdi, label, strlen(label),
			  label, true);
}

bool dpe_revoke_cdi(struct dpe *dpe, const uint8_t handle[DPE_CDI_HANDLE_SIZE])
{
	if (!is_exported(dpe, handle))
		return false;
	OPENSSL_cleanse(&dpe->exported, sizeof(dpe->exported));
	return true;
}
