// SPDX-License-Identifier: GPL-2.0-or-later
/* DPE's own commands. See dpe_command.h. */
#include "dpe_command.h"

#include <string.h>

#include "dpe_key.h"
#include "wire.h"

#define COMMAND_MAGIC 0x44504543u /* DPEC */

/* Most of the chain of certificates that is answered at once. */
#define MAX_CHUNK 2048

/* Longest certificate in 1.x, which sends all of its room for one. */
#define MAX_CERT_1X 6144

static void get_bytes(struct wire_reader *r, void *to, size_t len)
{
	const uint8_t *from = wire_take(r, len);

	if (from)
		memcpy(to, from, len);
}

static uint32_t get32(struct wire_reader *r)
{
	const uint8_t *from = wire_take(r, 4);

	return from ? wire_get_le32(from) : 0;
}

static void read_derive_context(const struct generation *g,
				struct wire_reader *r, struct dpe_command *cmd)
{
	get_bytes(r, cmd->handle, sizeof(cmd->handle));
	get_bytes(r, cmd->in.data, sizeof(cmd->in.data));
	cmd->in.flags = get32(r);
	cmd->in.tci_type = get32(r);
	cmd->in.target_locality = get32(r);
	if (!generation_in(g, GENERATION_1_2))
		cmd->in.svn = get32(r);
}

static void read_certify_key(struct wire_reader *r, struct dpe_command *cmd)
{
	cmd->id = CALIPTRA_DPE_COMMAND_CERTIFY_KEY;
	get_bytes(r, cmd->handle, sizeof(cmd->handle));
	cmd->flags = get32(r);
	cmd->format = get32(r);
	get_bytes(r, cmd->label, sizeof(cmd->label));
}

/*
 * A raw message for ML-DSA has 1024 bytes, whatever is used of it, and so can not come
 * through the mailbox. P-384 looks at no flags.
 */
static bool read_sign(const struct dpe_profile *profile, struct wire_reader *r,
		      struct dpe_command *cmd)
{
	get_bytes(r, cmd->handle, sizeof(cmd->handle));
	get_bytes(r, cmd->label, sizeof(cmd->label));
	cmd->flags = get32(r);
	get_bytes(r, cmd->to_sign, profile->to_sign_size);
	return profile != &dpe_mldsa87 ||
	       !(cmd->flags & CALIPTRA_DPE_SIGN_FLAGS_IS_RAW);
}

/* Reserved words come before and after the type. */
static void read_update(struct wire_reader *r, struct dpe_command *cmd)
{
	get_bytes(r, cmd->handle, sizeof(cmd->handle));
	get_bytes(r, cmd->in.data, sizeof(cmd->in.data));
	get32(r);
	cmd->in.tci_type = get32(r);
	get32(r);
}

static bool read_fields(const struct generation *g,
			const struct dpe_profile *profile,
			struct wire_reader *r, struct dpe_command *cmd)
{
	switch (cmd->id) {
	case CALIPTRA_DPE_COMMAND_GET_PROFILE:
		return true;
	case CALIPTRA_DPE_COMMAND_INITIALIZE_CONTEXT:
		cmd->flags = get32(r);
		return true;
	case CALIPTRA_DPE_COMMAND_DERIVE_CONTEXT:
		read_derive_context(g, r, cmd);
		return true;
	case CALIPTRA_DPE_COMMAND_CERTIFY_KEY:
		read_certify_key(r, cmd);
		return true;
	case CALIPTRA_DPE_COMMAND_SIGN:
		return read_sign(profile, r, cmd);
	case CALIPTRA_DPE_COMMAND_ROTATE_CONTEXT_HANDLE:
		get_bytes(r, cmd->handle, sizeof(cmd->handle));
		cmd->flags = get32(r);
		return true;
	case CALIPTRA_DPE_COMMAND_DESTROY_CONTEXT:
		get_bytes(r, cmd->handle, sizeof(cmd->handle));
		return true;
	case CALIPTRA_DPE_COMMAND_GET_CERTIFICATE_CHAIN:
		cmd->offset = get32(r);
		cmd->size = get32(r);
		return true;
	case CALIPTRA_DPE_COMMAND_UPDATE_CONTEXT_MEASUREMENT:
		read_update(r, cmd);
		return !generation_in(g, GENERATION_1_2);
	default:
		return false;
	}
}

bool dpe_command_read(const struct generation *g,
		      const struct dpe_profile *profile, const uint8_t *bytes,
		      size_t len, struct dpe_command *cmd)
{
	struct wire_reader r = wire_reader(bytes, len);
	uint32_t id;

	memset(cmd, 0, sizeof(*cmd));
	if (get32(&r) != COMMAND_MAGIC)
		return false;
	cmd->id = get32(&r);
	id = get32(&r);
	/* who does not know the profile yet has to ask for it */
	if (cmd->id != CALIPTRA_DPE_COMMAND_GET_PROFILE && id != profile->id)
		return false;
	return read_fields(g, profile, &r, cmd) && !r.overrun;
}

void dpe_certify_key_read(const uint8_t bytes[DPE_CERTIFY_KEY_SIZE],
			  struct dpe_command *cmd)
{
	struct wire_reader r = wire_reader(bytes, DPE_CERTIFY_KEY_SIZE);

	memset(cmd, 0, sizeof(*cmd));
	read_certify_key(&r, cmd);
}

/* Certificates and responses that have room for the longest one, used or not. */
static size_t cert_room(const struct dpe_env *env)
{
	return generation_in(env->g, GENERATION_1_2) ? MAX_CERT_1X :
						       DPE_MAX_CERT;
}

/* 2.1 takes a response to have room for the longest certificate, and 2.0 does not. */
static bool cert_fits(const struct dpe_env *env, size_t header_size)
{
	return !generation_in(env->g, GENERATION_2_1) ||
	       env->room >= header_size + DPE_MAX_CERT;
}

static size_t end_with_cert(const struct dpe_env *env, uint8_t *cert,
			    size_t cert_len)
{
	wire_put_le32(cert - 4, (uint32_t)cert_len);
	if (!generation_in(env->g, GENERATION_1_2))
		return cert_len;
	memset(cert + cert_len, 0, MAX_CERT_1X - cert_len);
	return MAX_CERT_1X;
}

/*
 * Who exports a CDI and does not keep the parent loses it; the contexts above it
 * that are retired and have no other children go as well, but not their tags.
 */
static enum dpe_error leave_exporter(const struct dpe_env *env,
				     uint32_t locality, unsigned int index,
				     const struct dpe_context *parent)
{
	struct dpe_context *context = &env->dpe->context[index];

	if (parent->state == DPE_RETIRED && !context->children)
		return dpe_destroy(env->dpe, locality, context->handle);
	*context = *parent;
	return DPE_OK;
}

static enum dpe_error put_exported_cert(const struct dpe_env *env,
					unsigned int index, uint8_t *cert,
					size_t *len)
{
	struct dpe_subject subject = {
		.index = index,
		.is_ca = true,
		.ueid = env->ueid,
		.ueid_len = env->ueid_len,
	};

	subject.key = dpe_exported_key(env->profile, env->dpe,
				       env->dpe->exported.handle);
	if (!subject.key)
		return DPE_CRYPTO_ERROR;
	*len = dpe_cert_x509(env, &subject, cert, cert_room(env));
	EVP_PKEY_free(subject.key);
	return *len ? DPE_OK : DPE_INTERNAL_ERROR;
}

static enum dpe_error export_cdi(const struct dpe_env *env, uint32_t locality,
				 const struct dpe_command *cmd,
				 unsigned int index, uint8_t *out, size_t *len)
{
	struct dpe_context parent = env->dpe->context[index];
	enum dpe_error error = dpe_leave_parent(env, &parent, cmd->in.flags);
	uint8_t *cert = out + DPE_EXPORT_HEADER_SIZE;
	size_t cert_len = 0;

	if (!error && !cert_fits(env, DPE_EXPORT_HEADER_SIZE))
		error = DPE_NO_ROOM;
	if (!error)
		error = dpe_export_cdi(env, index);
	if (!error)
		error = put_exported_cert(env, index, cert, &cert_len);
	if (!error)
		error = leave_exporter(env, locality, index, &parent);
	if (error)
		return error;
	memcpy(out + 12, dpe_invalid_handle, DPE_HANDLE_SIZE);
	memcpy(out + 28, env->dpe->context[index].handle, DPE_HANDLE_SIZE);
	memcpy(out + 44, env->dpe->exported.handle, DPE_CDI_HANDLE_SIZE);
	*len = DPE_EXPORT_HEADER_SIZE + end_with_cert(env, cert, cert_len);
	return DPE_OK;
}

static enum dpe_error derive_context(const struct dpe_env *env,
				     uint32_t locality,
				     const struct dpe_command *cmd,
				     uint8_t *out, size_t *len)
{
	const uint32_t export = CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_EXPORT_CDI;
	const struct dpe_context *parent;
	enum dpe_error error;
	unsigned int index;

	*len = 44;
	if (!(cmd->in.flags & export))
		return dpe_derive(env, locality, cmd->handle, &cmd->in,
				  out + 12, out + 28);
	error = dpe_find(env->dpe, cmd->handle, locality, &index);
	if (error)
		return error;
	parent = &env->dpe->context[index];
	error = dpe_check_parent(env, parent, cmd->in.flags);
	if (!error && !dpe_type_is_new(env, parent, cmd->in.tci_type))
		error = DPE_INVALID_ARGUMENT;
	return error ? error : export_cdi(env, locality, cmd, index, out, len);
}

static enum dpe_error put_cert(const struct dpe_env *env,
			       const struct dpe_command *cmd,
			       unsigned int index, uint8_t *out, size_t *len)
{
	const size_t public_size = env->profile->public_size;
	const size_t header_size = DPE_CERTIFY_KEY_HEADER_SIZE(public_size);
	uint8_t *cert = out + header_size;
	struct dpe_subject subject = {
		.index = index,
		.ueid = cmd->label,
		.ueid_len = sizeof(cmd->label),
	};
	uint8_t public[CERT_MAX_PUBLIC_KEY];
	size_t public_len = 0;
	size_t cert_len = 0;

	subject.key = dpe_context_key(env, index, cmd->label);
	if (subject.key)
		public_len = cert_public_key(subject.key, public);
	if (public_len < public_size) {
		EVP_PKEY_free(subject.key);
		return DPE_CRYPTO_ERROR;
	}
	cert_len = cmd->format == CALIPTRA_DPE_CERTIFY_KEY_FORMAT_X509 ?
			   dpe_cert_x509(env, &subject, cert, cert_room(env)) :
			   dpe_cert_csr(env, &subject, cert, cert_room(env));
	EVP_PKEY_free(subject.key);
	if (!cert_len)
		return DPE_INTERNAL_ERROR;
	memcpy(out + 28, public + public_len - public_size, public_size);
	*len = header_size + end_with_cert(env, cert, cert_len);
	return DPE_OK;
}

static enum dpe_error certify_key(const struct dpe_env *env, uint32_t locality,
				  const struct dpe_command *cmd, uint8_t *out,
				  size_t *len)
{
	struct dpe_context *context;
	enum dpe_error error;
	unsigned int index;

	error = dpe_find(env->dpe, cmd->handle, locality, &index);
	if (error)
		return error;
	context = &env->dpe->context[index];
	if (cmd->format == CALIPTRA_DPE_CERTIFY_KEY_FORMAT_X509 &&
	    !context->allow_x509)
		return DPE_INVALID_ARGUMENT;
	if (!cert_fits(env,
		       DPE_CERTIFY_KEY_HEADER_SIZE(env->profile->public_size)))
		return DPE_NO_ROOM;
	if (cmd->format > CALIPTRA_DPE_CERTIFY_KEY_FORMAT_CSR)
		return DPE_INVALID_ARGUMENT;
	error = put_cert(env, cmd, index, out, len);
	if (!error)
		error = dpe_roll_handle(env, context);
	memcpy(out + DPE_CERTIFY_KEY_HANDLE_OFFSET, context->handle,
	       DPE_HANDLE_SIZE);
	return error;
}

static enum dpe_error sign(const struct dpe_env *env, uint32_t locality,
			   const struct dpe_command *cmd, uint8_t *out,
			   size_t *len)
{
	const struct dpe_profile *profile = env->profile;
	uint8_t sig[DPE_MAX_SIGNATURE];
	enum dpe_error error;
	unsigned int index;
	EVP_PKEY *key;

	error = dpe_find(env->dpe, cmd->handle, locality, &index);
	if (error)
		return error;
	if (env->dpe->context[index].simulation)
		return DPE_INVALID_ARGUMENT;
	key = dpe_context_signing_key(env, index, cmd->label);
	error = key ? profile->sign(env->g, key, cmd->to_sign, sig) :
		      DPE_CRYPTO_ERROR;
	EVP_PKEY_free(key);
	if (!error)
		error = dpe_roll_handle(env, &env->dpe->context[index]);
	if (error)
		return error;
	memcpy(out + 12, env->dpe->context[index].handle, DPE_HANDLE_SIZE);
	memcpy(out + 28, sig, profile->signature_size);
	*len = 28 + profile->signature_size;
	return DPE_OK;
}

static enum dpe_error get_chain(const struct dpe_env *env,
				const struct dpe_command *cmd, uint8_t *out,
				size_t *len)
{
	size_t n;

	if (cmd->size > MAX_CHUNK)
		return DPE_INVALID_ARGUMENT;
	if (cmd->offset >= env->chain_len)
		return DPE_CERTIFICATE_CHAIN_ERROR;
	n = env->chain_len - cmd->offset;
	if (n > cmd->size)
		n = cmd->size;
	wire_put_le32(out + 12, (uint32_t)n);
	memset(out + 16, 0, MAX_CHUNK);
	memcpy(out + 16, env->chain + cmd->offset, n);
	*len = 16 + MAX_CHUNK;
	return DPE_OK;
}

static enum dpe_error execute(const struct dpe_env *env, uint32_t locality,
			      const struct dpe_command *cmd, uint8_t *out,
			      size_t *len)
{
	switch (cmd->id) {
	case CALIPTRA_DPE_COMMAND_GET_PROFILE:
		dpe_get_profile(env, out);
		*len = DPE_PROFILE_SIZE;
		return DPE_OK;
	case CALIPTRA_DPE_COMMAND_INITIALIZE_CONTEXT:
		*len = 28;
		return dpe_initialize(env, locality, cmd->flags, out + 12);
	case CALIPTRA_DPE_COMMAND_DERIVE_CONTEXT:
		return derive_context(env, locality, cmd, out, len);
	case CALIPTRA_DPE_COMMAND_CERTIFY_KEY:
		return certify_key(env, locality, cmd, out, len);
	case CALIPTRA_DPE_COMMAND_SIGN:
		return sign(env, locality, cmd, out, len);
	case CALIPTRA_DPE_COMMAND_ROTATE_CONTEXT_HANDLE:
		*len = 28;
		return dpe_rotate(env, locality, cmd->handle, cmd->flags,
				  out + 12);
	case CALIPTRA_DPE_COMMAND_DESTROY_CONTEXT:
		*len = DPE_RESPONSE_HEADER_SIZE;
		return dpe_destroy(env->dpe, locality, cmd->handle);
	case CALIPTRA_DPE_COMMAND_GET_CERTIFICATE_CHAIN:
		return get_chain(env, cmd, out, len);
	case CALIPTRA_DPE_COMMAND_UPDATE_CONTEXT_MEASUREMENT:
		*len = 44;
		return dpe_update_child(env, locality, cmd->handle, &cmd->in,
					out + 12, out + 28);
	default:
		return DPE_INTERNAL_ERROR;
	}
}

static bool changes_tree(uint32_t id)
{
	switch (id) {
	case CALIPTRA_DPE_COMMAND_GET_PROFILE:
	case CALIPTRA_DPE_COMMAND_CERTIFY_KEY:
	case CALIPTRA_DPE_COMMAND_SIGN:
	case CALIPTRA_DPE_COMMAND_GET_CERTIFICATE_CHAIN:
		return false;
	default:
		return true;
	}
}

enum dpe_error dpe_execute(const struct dpe_env *env, uint32_t locality,
			   const struct dpe_command *cmd, uint8_t *out,
			   size_t *len)
{
	enum dpe_error error = execute(env, locality, cmd, out, len);

	if (changes_tree(cmd->id))
		dpe_forget_key(env->kept_key);
	if (error)
		*len = DPE_RESPONSE_HEADER_SIZE;
	dpe_response_header(env, error, out);
	return error;
}
