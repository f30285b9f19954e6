// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What runtime firmware looks for in the tree of contexts that a reset has left
 * (caliptra-dpe dpe/src/validation.rs). A tree that commands have made fails where
 * a simulated context has a handle in a locality with a default context.
 */
#include "dpe.h"

#include <string.h>

/* ValidationError, as the header of a response would have it */
enum {
	MULTIPLE_NORMAL_TREES =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_MULTIPLE_NORMAL_CONNECTED_COMPONENTS,
	CYCLES = CALIPTRA_DPE_STATUS_2_0_VALIDATION_CYCLES_IN_TREE,
	INACTIVE_WITH_PARENT =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_INACTIVE_CONTEXT_INVALID_PARENT,
	INACTIVE_WITH_CHILDREN =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_INACTIVE_CONTEXT_WITH_CHILDREN,
	INACTIVE_WITH_MEASUREMENT =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_INACTIVE_CONTEXT_WITH_MEASUREMENT,
	INACTIVE_WITH_FLAG =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_INACTIVE_CONTEXT_WITH_FLAG_SET,
	MIXED_LOCALITY =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_MIXED_CONTEXT_LOCALITY,
	MULTIPLE_DEFAULTS =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_MULTIPLE_DEFAULT_CONTEXTS,
	NO_PARENT = CALIPTRA_DPE_STATUS_2_0_VALIDATION_PARENT_DOES_NOT_EXIST,
	NO_CHILD = CALIPTRA_DPE_STATUS_2_0_VALIDATION_CHILD_DOES_NOT_EXIST,
	DANGLING_RETIRED =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_DANGLING_RETIRED_CONTEXT,
	MIXED_TYPES =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_MIXED_CONTEXT_TYPE_CONNECTED_COMPONENTS,
	SEVERAL_PARENTS =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_CHILD_WITH_MULTIPLE_PARENTS,
	LINKS_CORRUPTED =
		CALIPTRA_DPE_STATUS_2_0_VALIDATION_PARENT_CHILD_LINKS_CORRUPTED,
	INACTIVE_PARENT = CALIPTRA_DPE_STATUS_2_0_VALIDATION_INACTIVE_PARENT,
	INACTIVE_CHILD = CALIPTRA_DPE_STATUS_2_0_VALIDATION_INACTIVE_CHILD,
};

static bool has_child(const struct dpe_context *context, unsigned int index)
{
	return context->children >> index & 1;
}

static bool has_measurement(const struct dpe_context *c)
{
	static const uint8_t zeros[SHA384_SIZE];

	return c->tci_type || c->svn || c->locality ||
	       memcmp(c->tci_current, zeros, SHA384_SIZE) ||
	       memcmp(c->tci_cumulative, zeros, SHA384_SIZE);
}

static uint32_t check_inactive(const struct dpe_context *c)
{
	if (c->parent != DPE_NO_PARENT)
		return INACTIVE_WITH_PARENT;
	if (c->children)
		return INACTIVE_WITH_CHILDREN;
	if (has_measurement(c))
		return INACTIVE_WITH_MEASUREMENT;
	if (c->internal_dice || c->internal_info || c->allow_x509)
		return INACTIVE_WITH_FLAG;
	return 0;
}

static uint32_t check_parent(const struct dpe *dpe, unsigned int index)
{
	uint8_t parent = dpe->context[index].parent;

	if (parent == DPE_NO_PARENT)
		return 0;
	if (parent >= dpe->size)
		return NO_PARENT;
	if (dpe->context[parent].state == DPE_INACTIVE)
		return INACTIVE_PARENT;
	return has_child(&dpe->context[parent], index) ? 0 : LINKS_CORRUPTED;
}

static uint32_t check_children(const struct dpe *dpe, unsigned int index)
{
	const struct dpe_context *c = &dpe->context[index];
	unsigned int i;

	for (i = 0; i < DPE_MAX_CONTEXTS; i++) {
		if (!has_child(c, i))
			continue;
		if (i >= dpe->size)
			return NO_CHILD;
		if (dpe->context[i].state == DPE_INACTIVE)
			return INACTIVE_CHILD;
		if (dpe->context[i].parent != index)
			return LINKS_CORRUPTED;
	}
	return 0;
}

static uint32_t check_context(const struct dpe *dpe, unsigned int index)
{
	const struct dpe_context *c = &dpe->context[index];
	uint32_t error;

	if (c->state == DPE_INACTIVE)
		return check_inactive(c);
	error = check_parent(dpe, index);
	if (!error)
		error = check_children(dpe, index);
	if (!error && c->state == DPE_RETIRED && !c->children)
		error = DANGLING_RETIRED;
	return error;
}

static uint32_t check_locality(const struct dpe *dpe, uint32_t locality)
{
	unsigned int defaults = 0;
	unsigned int others = 0;
	unsigned int i;

	for (i = 0; i < dpe->size; i++) {
		const struct dpe_context *c = &dpe->context[i];

		if (c->state != DPE_ACTIVE || c->locality != locality)
			continue;
		if (memcmp(c->handle, dpe_default_handle, DPE_HANDLE_SIZE))
			others++;
		else
			defaults++;
		if (defaults > 1)
			return MULTIPLE_DEFAULTS;
		if (defaults && others)
			return MIXED_LOCALITY;
	}
	return 0;
}

static uint32_t check_subtree(const struct dpe *dpe, unsigned int index,
			      bool simulation, uint64_t *seen)
{
	const struct dpe_context *c = &dpe->context[index];
	uint32_t error = 0;
	unsigned int i;

	if (c->state == DPE_INACTIVE || *seen >> index & 1)
		return CYCLES;
	if (c->simulation != simulation)
		return MIXED_TYPES;
	*seen |= 1ull << index;
	for (i = 0; !error && i < dpe->size; i++)
		if (has_child(c, i))
			error = check_subtree(dpe, i, simulation, seen);
	return error;
}

static unsigned int parents_of(const struct dpe *dpe, unsigned int index)
{
	unsigned int n = 0;
	unsigned int i;

	for (i = 0; i < dpe->size; i++)
		n += has_child(&dpe->context[i], index);
	return n;
}

static uint32_t check_forest(const struct dpe *dpe)
{
	unsigned int trees = 0;
	uint32_t error = 0;
	uint64_t seen = 0;
	unsigned int i;

	for (i = 0; i < dpe->size; i++)
		if (parents_of(dpe, i) > 1)
			return SEVERAL_PARENTS;
	for (i = 0; !error && i < dpe->size; i++) {
		const struct dpe_context *c = &dpe->context[i];

		if (c->state == DPE_INACTIVE || parents_of(dpe, i))
			continue;
		trees += !c->simulation;
		error = check_subtree(dpe, i, c->simulation, &seen);
	}
	if (!error && trees > 1)
		error = MULTIPLE_NORMAL_TREES;
	for (i = 0; !error && i < dpe->size; i++)
		if (dpe->context[i].state != DPE_INACTIVE && !(seen >> i & 1))
			error = CYCLES;
	return error;
}

uint32_t dpe_validate(const struct dpe *dpe)
{
	uint32_t error = 0;
	unsigned int i;

	for (i = 0; !error && i < dpe->size; i++)
		error = check_context(dpe, i);
	for (i = 0; !error && i < dpe->size; i++)
		error = check_locality(dpe, dpe->context[i].locality);
	return error ? error : check_forest(dpe);
}
