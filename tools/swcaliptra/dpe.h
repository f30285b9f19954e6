/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DICE Protection Environment: the tree of measured contexts.
 *
 * What is here is what booting and STASH_MEASUREMENT do to it; the commands that
 * INVOKE_DPE carries are not answered.
 */
#ifndef SWCALIPTRA_DPE_H
#define SWCALIPTRA_DPE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto.h"

#define DPE_MAX_CONTEXTS 64

/* The locality of Caliptra itself. */
#define DPE_CALIPTRA_LOCALITY 0xffffffffu

/* Types of the measurements that Caliptra itself puts into the tree. */
#define DPE_TCI_TYPE(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))
#define DPE_TCI_RTMR DPE_TCI_TYPE('R', 'T', 'M', 'R')
#define DPE_TCI_CCIV DPE_TCI_TYPE('C', 'C', 'I', 'V')

#define DPE_NO_PARENT 0xff

/**
 * struct dpe_context - one measured component
 * @active: it is the default context of its locality; a context from which
 *	another was derived is retired but still counts
 * @parent: index of the context it was derived from, or DPE_NO_PARENT
 * @locality: AXI user it belongs to
 * @tci_type: what was measured
 * @svn: its security version
 * @tci_current: the measurement
 * @tci_cumulative: all measurements so far
 */
struct dpe_context {
	bool active;
	uint8_t parent;
	uint32_t locality;
	uint32_t tci_type;
	uint32_t svn;
	uint8_t tci_current[SHA384_SIZE];
	uint8_t tci_cumulative[SHA384_SIZE];
};

/**
 * struct dpe - the tree
 * @pl0_locality: AXI user with privilege level 0
 * @count: contexts in use, the first ones of @context
 * @context: the contexts
 */
struct dpe {
	uint32_t pl0_locality;
	unsigned int count;
	struct dpe_context context[DPE_MAX_CONTEXTS];
};

/**
 * dpe_init() - the root context, measuring runtime firmware
 * @dpe: the tree
 * @pl0_locality: AXI user with privilege level 0
 * @rt_current: PCR 2
 * @rt_journey: PCR 3
 */
void dpe_init(struct dpe *dpe, uint32_t pl0_locality,
	      const uint8_t rt_current[SHA384_SIZE],
	      const uint8_t rt_journey[SHA384_SIZE]);

/**
 * dpe_derive() - DeriveContext with MAKE_DEFAULT and CHANGE_LOCALITY
 * @dpe: the tree
 * @locality: whose default context is the parent
 * @target_locality: whose default context the new one becomes
 * @tci_type: what was measured
 * @svn: its security version
 * @measurement: the measurement
 *
 * Return: 0, or -1 where @locality has no default context, no context is left,
 * or OpenSSL fails.
 */
int dpe_derive(struct dpe *dpe, uint32_t locality, uint32_t target_locality,
	       uint32_t tci_type, uint32_t svn,
	       const uint8_t measurement[SHA384_SIZE]);

/** dpe_pl0_contexts() - contexts that count against the limit of PL0 */
unsigned int dpe_pl0_contexts(const struct dpe *dpe);

#endif
