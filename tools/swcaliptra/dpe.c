// SPDX-License-Identifier: GPL-2.0-or-later
/* The DICE Protection Environment: its tree of contexts. See dpe.h. */
#include "dpe.h"

#include <openssl/crypto.h>
#include <string.h>

#include "dpe_profile.h"
#include "wire.h"

#define RESPONSE_MAGIC 0x44504552u /* DPER */

#define MAX_NEW_HANDLE_ATTEMPTS 8

#define RETAIN_PARENT CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RETAIN_PARENT_CONTEXT
#define RECURSIVE     CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RECURSIVE
#define EXPORT_CDI    CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_EXPORT_CDI

const uint8_t dpe_default_handle[DPE_HANDLE_SIZE];
const uint8_t dpe_invalid_handle[DPE_HANDLE_SIZE] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};

uint32_t dpe_error_code(const struct generation *g, enum dpe_error error)
{
	if (!generation_in(g, GENERATION_2_0))
		return error;
	switch (error) {
	case DPE_ARGUMENT_NOT_SUPPORTED:
		return CALIPTRA_DPE_STATUS_2_0_ARGUMENT_NOT_SUPPORTED;
	case DPE_INVALID_HANDLE:
		return CALIPTRA_DPE_STATUS_2_0_INVALID_HANDLE;
	case DPE_INVALID_LOCALITY:
		return CALIPTRA_DPE_STATUS_2_0_INVALID_LOCALITY;
	case DPE_MAX_TCIS:
		return CALIPTRA_DPE_STATUS_2_0_MAX_TCIS;
	default:
		return error;
	}
}

void dpe_response_header(const struct dpe_env *env, enum dpe_error error,
			 uint8_t out[DPE_RESPONSE_HEADER_SIZE])
{
	wire_put_le32(out, RESPONSE_MAGIC);
	wire_put_le32(out + 4, dpe_error_code(env->g, error));
	wire_put_le32(out + 8, env->profile->id);
}

static bool is_default(const uint8_t handle[DPE_HANDLE_SIZE])
{
	return !CRYPTO_memcmp(handle, dpe_default_handle, DPE_HANDLE_SIZE);
}

static void set_handle(uint8_t to[DPE_HANDLE_SIZE],
		       const uint8_t handle[DPE_HANDLE_SIZE])
{
	memcpy(to, handle, DPE_HANDLE_SIZE);
}

static struct dpe_context unused_context(void)
{
	return (struct dpe_context){ .parent = DPE_NO_PARENT,
				     .allow_export = true };
}

void dpe_init(struct dpe *dpe, const struct generation *g,
	      uint32_t pl0_locality, const uint8_t rt_current[SHA384_SIZE],
	      const uint8_t rt_journey[SHA384_SIZE])
{
	struct dpe_context *root = &dpe->context[0];
	unsigned int i;

	memset(dpe, 0, sizeof(*dpe));
	dpe->pl0_locality = pl0_locality;
	dpe->pl0_limit = g->dpe_pl0_contexts;
	dpe->pl1_limit = g->dpe_pl0_contexts;
	dpe->size = 2 * g->dpe_pl0_contexts;
	for (i = 0; i < DPE_MAX_CONTEXTS; i++)
		dpe->context[i] = unused_context();
	root->state = DPE_ACTIVE;
	root->locality = DPE_CALIPTRA_LOCALITY;
	root->tci_type = DPE_TCI_RTMR;
	root->allow_x509 = true;
	root->allow_recursive = true;
	memcpy(root->tci_current, rt_current, SHA384_SIZE);
	memcpy(root->tci_cumulative, rt_journey, SHA384_SIZE);
}

enum dpe_error dpe_find(const struct dpe *dpe,
			const uint8_t handle[DPE_HANDLE_SIZE],
			uint32_t locality, unsigned int *index)
{
	enum dpe_error error = DPE_INVALID_LOCALITY;
	unsigned int i;

	for (i = 0; i < dpe->size; i++) {
		const struct dpe_context *c = &dpe->context[i];

		if (c->state != DPE_ACTIVE || c->locality != locality)
			continue;
		error = DPE_INVALID_HANDLE;
		if (!CRYPTO_memcmp(c->handle, handle, DPE_HANDLE_SIZE)) {
			*index = i;
			return DPE_OK;
		}
	}
	return error;
}

struct dpe_context *dpe_root(struct dpe *dpe)
{
	unsigned int i;

	for (i = 0; i < dpe->size; i++) {
		struct dpe_context *c = &dpe->context[i];

		if (c->state != DPE_INACTIVE && c->parent == DPE_NO_PARENT &&
		    !c->simulation)
			return c;
	}
	return NULL;
}

static bool handle_is_used(const struct dpe *dpe,
			   const uint8_t handle[DPE_HANDLE_SIZE])
{
	bool used = false;
	unsigned int i;

	for (i = 0; i < dpe->size; i++)
		used |= !CRYPTO_memcmp(dpe->context[i].handle, handle,
				       DPE_HANDLE_SIZE);
	return used;
}

enum dpe_error dpe_new_handle(const struct dpe_env *env,
			      uint8_t handle[DPE_HANDLE_SIZE])
{
	uint8_t random[DPE_HANDLE_SIZE];
	unsigned int i;

	for (i = 0; i < MAX_NEW_HANDLE_ATTEMPTS; i++) {
		if (env->random(random, sizeof(random)))
			return DPE_CRYPTO_ERROR;
		if (!is_default(random) && !handle_is_used(env->dpe, random)) {
			set_handle(handle, random);
			return DPE_OK;
		}
	}
	return DPE_INTERNAL_ERROR;
}

enum dpe_error dpe_roll_handle(const struct dpe_env *env,
			       struct dpe_context *context)
{
	return is_default(context->handle) ?
		       DPE_OK :
		       dpe_new_handle(env, context->handle);
}

enum dpe_error dpe_add_measurement(struct dpe_context *context,
				   const uint8_t measurement[SHA384_SIZE],
				   uint32_t locality)
{
	uint8_t cumulative[SHA384_SIZE];

	if (context->state != DPE_ACTIVE)
		return DPE_INVALID_HANDLE;
	if (context->locality != locality)
		return DPE_INVALID_LOCALITY;
	memcpy(cumulative, context->tci_cumulative, SHA384_SIZE);
	if (crypto_sha384_extend(cumulative, measurement, SHA384_SIZE))
		return DPE_CRYPTO_ERROR;
	memcpy(context->tci_cumulative, cumulative, SHA384_SIZE);
	memcpy(context->tci_current, measurement, SHA384_SIZE);
	return DPE_OK;
}

unsigned int dpe_count_used(const struct dpe *dpe, bool pl0)
{
	unsigned int n = 0;
	unsigned int i;

	for (i = 0; i < dpe->size; i++) {
		const struct dpe_context *c = &dpe->context[i];
		bool of_pl0 = c->locality == dpe->pl0_locality ||
			      c->locality == DPE_CALIPTRA_LOCALITY;

		n += c->state != DPE_INACTIVE && of_pl0 == pl0;
	}
	return n;
}

static enum dpe_error find_unused(const struct dpe *dpe, unsigned int *index)
{
	unsigned int i;

	for (i = 0; i < dpe->size; i++) {
		if (dpe->context[i].state == DPE_INACTIVE) {
			*index = i;
			return DPE_OK;
		}
	}
	return DPE_MAX_TCIS;
}

/* The default context is there since boot, and is never made again. */
enum dpe_error dpe_initialize(const struct dpe_env *env, uint32_t locality,
			      uint32_t flags, uint8_t handle[DPE_HANDLE_SIZE])
{
	struct dpe_context context = unused_context();
	enum dpe_error error;
	unsigned int index;

	if (flags & CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_DEFAULT)
		return DPE_ARGUMENT_NOT_SUPPORTED;
	if (!(flags & CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_SIMULATION))
		return DPE_INVALID_ARGUMENT;
	error = find_unused(env->dpe, &index);
	if (!error)
		error = dpe_new_handle(env, context.handle);
	if (error)
		return error;
	context.state = DPE_ACTIVE;
	context.simulation = true;
	context.locality = locality;
	context.allow_x509 = true;
	env->dpe->context[index] = context;
	set_handle(handle, context.handle);
	return DPE_OK;
}

enum dpe_error dpe_check_parent(const struct dpe_env *env,
				const struct dpe_context *parent,
				uint32_t flags)
{
	const uint32_t allow_recursive =
		CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_ALLOW_RECURSIVE;
	bool bad = false;

	if (flags & CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_INPUT_ALLOW_X509)
		bad |= !parent->allow_x509;
	if (flags & EXPORT_CDI) {
		bad |= !(flags &
			 CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CREATE_CERTIFICATE);
		bad |= !!(flags & RECURSIVE);
		bad |= !!(flags &
			  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CHANGE_LOCALITY);
		bad |= parent->simulation;
		if (generation_in(env->g, GENERATION_2_X))
			bad |= !parent->allow_export;
	}
	if (flags & RECURSIVE) {
		bad |= !!(flags & RETAIN_PARENT);
		if (generation_in(env->g, GENERATION_2_X))
			bad |= flags & allow_recursive ||
			       !parent->allow_recursive;
	}
	return bad ? DPE_INVALID_ARGUMENT : DPE_OK;
}

enum dpe_error dpe_leave_parent(const struct dpe_env *env,
				struct dpe_context *parent, uint32_t flags)
{
	if (flags & RETAIN_PARENT)
		return dpe_roll_handle(env, parent);
	parent->state = DPE_RETIRED;
	set_handle(parent->handle, dpe_invalid_handle);
	return DPE_OK;
}

/* 1.x takes as many of a type as there are. */
bool dpe_type_is_new(const struct dpe_env *env,
		     const struct dpe_context *parent, uint32_t tci_type)
{
	unsigned int i;

	if (generation_in(env->g, GENERATION_1_2))
		return true;
	for (i = 0; i < env->dpe->size; i++)
		if (parent->children >> i & 1 &&
		    env->dpe->context[i].tci_type == tci_type)
			return false;
	return true;
}

/*
 * A locality has a default context and nothing else, or contexts with handles. A
 * parent that is about to be retired does not count.
 */
static bool safe_to_make_child(const struct dpe *dpe, unsigned int parent,
			       uint32_t locality, uint32_t flags)
{
	bool makes_default = flags &
			     CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_MAKE_DEFAULT;
	unsigned int in_locality = 0;
	unsigned int of_default;
	unsigned int i;

	for (i = 0; i < dpe->size; i++)
		in_locality += dpe->context[i].state == DPE_ACTIVE &&
			       dpe->context[i].locality == locality;
	if (dpe_find(dpe, dpe_default_handle, locality, &of_default))
		return !makes_default || !in_locality;
	if (makes_default && in_locality != 1)
		return false;
	return of_default == parent && !(flags & RETAIN_PARENT);
}

static enum dpe_error add_to_context(const struct dpe_env *env,
				     unsigned int index, uint32_t locality,
				     const struct dpe_input *in,
				     uint8_t new_handle[DPE_HANDLE_SIZE])
{
	struct dpe_context context = env->dpe->context[index];
	enum dpe_error error;

	if (context.tci_type != in->tci_type)
		return DPE_INVALID_ARGUMENT;
	error = dpe_add_measurement(&context, in->data, locality);
	if (!error)
		error = dpe_roll_handle(env, &context);
	if (error)
		return error;
	env->dpe->context[index] = context;
	set_handle(new_handle, context.handle);
	return DPE_OK;
}

static struct dpe_context new_child(const struct dpe_input *in,
				    uint32_t locality, unsigned int index,
				    const struct dpe_context *parent)
{
	const uint32_t flags = in->flags;

	return (struct dpe_context){
		.state = DPE_ACTIVE,
		.simulation = parent->simulation,
		.parent = (uint8_t)index,
		.locality = locality,
		.tci_type = in->tci_type,
		.svn = in->svn,
		.internal_info =
			flags &
			CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_INTERNAL_INPUT_INFO,
		.internal_dice =
			flags &
			CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_INTERNAL_INPUT_DICE,
		.allow_x509 =
			flags &
			CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_INPUT_ALLOW_X509,
		.allow_export =
			parent->allow_export &&
			flags & CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_ALLOW_NEW_CONTEXT_TO_EXPORT,
		.allow_recursive =
			parent->allow_recursive &&
			flags & CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_ALLOW_RECURSIVE,
	};
}

static enum dpe_error add_child(const struct dpe_env *env, unsigned int index,
				uint32_t locality, const struct dpe_input *in,
				uint8_t new_handle[DPE_HANDLE_SIZE],
				uint8_t parent_handle[DPE_HANDLE_SIZE])
{
	struct dpe_context parent = env->dpe->context[index];
	struct dpe_context child = new_child(in, locality, index, &parent);
	enum dpe_error error = dpe_leave_parent(env, &parent, in->flags);
	unsigned int child_index;

	if (!error)
		error = find_unused(env->dpe, &child_index);
	if (!error && !safe_to_make_child(env->dpe, index, locality, in->flags))
		error = DPE_INVALID_ARGUMENT;
	if (!error &&
	    !(in->flags & CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_MAKE_DEFAULT))
		error = dpe_new_handle(env, child.handle);
	if (!error)
		error = dpe_add_measurement(&child, in->data, locality);
	if (error)
		return error;
	parent.children |= 1ull << child_index;
	env->dpe->context[child_index] = child;
	env->dpe->context[index] = parent;
	set_handle(new_handle, child.handle);
	set_handle(parent_handle, parent.handle);
	return DPE_OK;
}

enum dpe_error dpe_derive(const struct dpe_env *env, uint32_t locality,
			  const uint8_t handle[DPE_HANDLE_SIZE],
			  const struct dpe_input *in,
			  uint8_t new_handle[DPE_HANDLE_SIZE],
			  uint8_t parent_handle[DPE_HANDLE_SIZE])
{
	uint32_t target =
		in->flags & CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CHANGE_LOCALITY ?
			in->target_locality :
			locality;
	const struct dpe_context *parent;
	enum dpe_error error;
	unsigned int index;

	error = dpe_find(env->dpe, handle, locality, &index);
	if (error)
		return error;
	parent = &env->dpe->context[index];
	error = dpe_check_parent(env, parent, in->flags);
	if (error)
		return error;
	if (in->flags & RECURSIVE) {
		set_handle(parent_handle, dpe_default_handle);
		return add_to_context(env, index, target, in, new_handle);
	}
	if (!dpe_type_is_new(env, parent, in->tci_type))
		return DPE_INVALID_ARGUMENT;
	return add_child(env, index, target, in, new_handle, parent_handle);
}

static enum dpe_error find_child(const struct dpe *dpe, unsigned int parent,
				 uint32_t tci_type, unsigned int *index)
{
	unsigned int i;

	for (i = 0; i < dpe->size; i++) {
		if (dpe->context[parent].children >> i & 1 &&
		    dpe->context[i].state == DPE_ACTIVE &&
		    dpe->context[i].tci_type == tci_type) {
			*index = i;
			return DPE_OK;
		}
	}
	return DPE_INVALID_ARGUMENT;
}

enum dpe_error dpe_update_child(const struct dpe_env *env, uint32_t locality,
				const uint8_t handle[DPE_HANDLE_SIZE],
				const struct dpe_input *in,
				uint8_t child_handle[DPE_HANDLE_SIZE],
				uint8_t parent_handle[DPE_HANDLE_SIZE])
{
	struct dpe *dpe = env->dpe;
	struct dpe_context child;
	enum dpe_error error;
	unsigned int parent;
	unsigned int index;

	if (is_default(handle))
		return DPE_INVALID_ARGUMENT;
	if (dpe_find(dpe, handle, locality, &parent))
		return DPE_INVALID_PARENT_LOCALITY;
	error = find_child(dpe, parent, in->tci_type, &index);
	if (error)
		return error;
	child = dpe->context[index];
	error = dpe_add_measurement(&child, in->data, child.locality);
	if (!error)
		error = dpe_roll_handle(env, &dpe->context[parent]);
	if (!error)
		error = dpe_roll_handle(env, &child);
	if (error)
		return error;
	dpe->context[index] = child;
	set_handle(child_handle, child.handle);
	set_handle(parent_handle, dpe->context[parent].handle);
	return DPE_OK;
}

static bool others_have_handles(const struct dpe *dpe, uint32_t locality,
				unsigned int index)
{
	unsigned int i;

	for (i = 0; i < dpe->size; i++)
		if (i != index && dpe->context[i].state == DPE_ACTIVE &&
		    dpe->context[i].locality == locality &&
		    !is_default(dpe->context[i].handle))
			return true;
	return false;
}

enum dpe_error dpe_rotate(const struct dpe_env *env, uint32_t locality,
			  const uint8_t handle[DPE_HANDLE_SIZE], uint32_t flags,
			  uint8_t new_handle[DPE_HANDLE_SIZE])
{
	struct dpe *dpe = env->dpe;
	unsigned int of_default;
	enum dpe_error error;
	unsigned int index;

	error = dpe_find(dpe, handle, locality, &index);
	if (error)
		return error;
	if (flags & CALIPTRA_DPE_ROTATE_CONTEXT_FLAGS_TARGET_IS_DEFAULT) {
		if (!dpe_find(dpe, dpe_default_handle, locality, &of_default) ||
		    others_have_handles(dpe, locality, index))
			return DPE_INVALID_ARGUMENT;
		set_handle(dpe->context[index].handle, dpe_default_handle);
	} else {
		error = dpe_new_handle(env, dpe->context[index].handle);
		if (error)
			return error;
	}
	set_handle(new_handle, dpe->context[index].handle);
	return DPE_OK;
}

static uint64_t descendants(const struct dpe *dpe, unsigned int index)
{
	uint64_t set = dpe->context[index].children;
	unsigned int i;

	for (i = 0; i < dpe->size; i++)
		if (dpe->context[index].children >> i & 1)
			set |= descendants(dpe, i);
	return set;
}

/* Retired parents one above the other that have no child but this one. */
static uint64_t retired_parents(const struct dpe *dpe, unsigned int index)
{
	uint8_t parent = dpe->context[index].parent;
	uint64_t set = 0;

	while (parent != DPE_NO_PARENT) {
		const struct dpe_context *c = &dpe->context[parent];

		if (c->state != DPE_RETIRED ||
		    __builtin_popcountll(c->children) != 1)
			break;
		set |= 1ull << parent;
		parent = c->parent;
	}
	return set;
}

static void make_inactive(struct dpe_context *context)
{
	*context = unused_context();
	set_handle(context->handle, dpe_invalid_handle);
}

enum dpe_error dpe_destroy(struct dpe *dpe, uint32_t locality,
			   const uint8_t handle[DPE_HANDLE_SIZE])
{
	enum dpe_error error;
	unsigned int index;
	uint64_t gone;
	unsigned int i;

	error = dpe_find(dpe, handle, locality, &index);
	if (error)
		return error;
	gone = 1ull << index | descendants(dpe, index) |
	       retired_parents(dpe, index);
	for (i = 0; i < dpe->size; i++) {
		dpe->context[i].children &= ~gone;
		if (gone >> i & 1)
			make_inactive(&dpe->context[i]);
	}
	return DPE_OK;
}

void dpe_drop_tags(struct dpe *dpe)
{
	unsigned int i;

	for (i = 0; i < dpe->size; i++) {
		if (dpe->context[i].state != DPE_INACTIVE)
			continue;
		dpe->tagged[i] = false;
		dpe->tag[i] = 0;
	}
}
