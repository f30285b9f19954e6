// SPDX-License-Identifier: GPL-2.0-or-later
/* The DICE Protection Environment. See dpe.h. */
#include "dpe.h"

#include <string.h>

void dpe_init(struct dpe *dpe, uint32_t pl0_locality,
	      const uint8_t rt_current[SHA384_SIZE],
	      const uint8_t rt_journey[SHA384_SIZE])
{
	struct dpe_context *root = &dpe->context[0];

	memset(dpe, 0, sizeof(*dpe));
	dpe->pl0_locality = pl0_locality;
	dpe->count = 1;
	root->active = true;
	root->parent = DPE_NO_PARENT;
	root->locality = DPE_CALIPTRA_LOCALITY;
	root->tci_type = DPE_TCI_RTMR;
	memcpy(root->tci_current, rt_current, SHA384_SIZE);
	memcpy(root->tci_cumulative, rt_journey, SHA384_SIZE);
}

static struct dpe_context *default_context(struct dpe *dpe, uint32_t locality)
{
	unsigned int i;

	for (i = 0; i < dpe->count; i++)
		if (dpe->context[i].active &&
		    dpe->context[i].locality == locality)
			return &dpe->context[i];
	return NULL;
}

int dpe_derive(struct dpe *dpe, uint32_t locality, uint32_t target_locality,
	       uint32_t tci_type, uint32_t svn,
	       const uint8_t measurement[SHA384_SIZE])
{
	struct dpe_context *parent = default_context(dpe, locality);
	struct dpe_context child = {
		.active = true,
		.locality = target_locality,
		.tci_type = tci_type,
		.svn = svn,
	};

	if (!parent || dpe->count == DPE_MAX_CONTEXTS)
		return -1;
	child.parent = (uint8_t)(parent - dpe->context);
	memcpy(child.tci_current, measurement, SHA384_SIZE);
	if (crypto_sha384_extend(child.tci_cumulative, measurement,
				 SHA384_SIZE))
		return -1;
	parent->active = false;
	dpe->context[dpe->count++] = child;
	return 0;
}

unsigned int dpe_pl0_contexts(const struct dpe *dpe)
{
	unsigned int n = 0;
	unsigned int i;

	for (i = 0; i < dpe->count; i++)
		n += dpe->context[i].locality == dpe->pl0_locality ||
		     dpe->context[i].locality == DPE_CALIPTRA_LOCALITY;
	return n;
}
