/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Secrets of DPE contexts: measurements make a CDI, a CDI and a label make a key
 * pair. Sources: caliptra-sw runtime/src/dpe_crypto.rs, caliptra-dpe
 * dpe/src/dpe_instance.rs.
 */
#ifndef SWCALIPTRA_DPE_KEY_H
#define SWCALIPTRA_DPE_KEY_H

#include <openssl/evp.h>

#include "dpe.h"
#include "dpe_profile.h"

/* GetProfile's answer with its header. */
#define DPE_PROFILE_SIZE 32

/**
 * dpe_get_profile() - what GetProfile answers, as it travels
 * @env: what to do it with
 * @out: the response with its header
 */
void dpe_get_profile(const struct dpe_env *env, uint8_t out[DPE_PROFILE_SIZE]);

/**
 * dpe_context_key() - the key pair of a context and a label
 * @env: what to do it with
 * @index: of the context
 * @label: tells this key from the context's others
 *
 * Return: the key, or NULL when OpenSSL fails; EVP_PKEY_free() it.
 */
EVP_PKEY *dpe_context_key(const struct dpe_env *env, unsigned int index,
			  const uint8_t label[DPE_LABEL_SIZE]);

/** dpe_context_signing_key() - the same without its public key, to sign with */
EVP_PKEY *dpe_context_signing_key(const struct dpe_env *env, unsigned int index,
				  const uint8_t label[DPE_LABEL_SIZE]);

/** dpe_forget_key() - wipe a key that is kept; NULL does nothing */
void dpe_forget_key(struct dpe_kept_key *kept);

/**
 * dpe_export_cdi() - give a handle to the CDI of a context
 * @env: what to do it with
 * @index: of the context
 *
 * There is room for one, env->dpe->exported. It is the same in every profile, and has
 * a key pair in each.
 */
enum dpe_error dpe_export_cdi(const struct dpe_env *env, unsigned int index);

/**
 * dpe_exported_key() - the key pair of an exported CDI
 * @profile: its kind
 * @dpe: the tree
 * @handle: of the CDI
 *
 * Return: the key, or NULL where nothing is exported under this handle or OpenSSL
 * fails; EVP_PKEY_free() it.
 */
EVP_PKEY *dpe_exported_key(const struct dpe_profile *profile,
			   const struct dpe *dpe,
			   const uint8_t handle[DPE_CDI_HANDLE_SIZE]);

/** dpe_revoke_cdi() - wipe the exported CDI; false if it has another handle */
bool dpe_revoke_cdi(struct dpe *dpe, const uint8_t handle[DPE_CDI_HANDLE_SIZE]);

#endif
