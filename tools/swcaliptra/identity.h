/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the DICE layers say of themselves while the device boots: certificates and
 * certificate signing requests, with P-384 keys and since generation 2.0 with
 * ML-DSA-87 keys as well. Sources: caliptra-sw rom/dev/src/flow/cold_reset/idev_id.rs,
 * ldev_id.rs, fmc_alias.rs and x509.rs, fmc/src/flow/rt_alias.rs and fmc_alias_csr.rs.
 */
#ifndef SWCALIPTRA_IDENTITY_H
#define SWCALIPTRA_IDENTITY_H

#include "firmware.h"

/** identity_has_mldsa() - has the device ML-DSA keys? */
static inline bool identity_has_mldsa(const struct firmware *fw)
{
	return !generation_in(fw->ifc->generation, GENERATION_1_2);
}

/*
 * Each returns 0, or not 0 when OpenSSL fails. Keys are those in @fw, where it has
 * them.
 */

/**
 * identity_idevid() - public keys of IDevID, their identifiers, and if the SoC asks
 *	for them the requests
 * @fw: the firmware, its fuses written
 * @idevid: secrets of IDevID
 */
int identity_idevid(struct firmware *fw, const struct dice_layer *idevid);

/** identity_ldevid() - LDevID's certificates, which IDevID signs */
int identity_ldevid(struct firmware *fw, const struct dice_layer *idevid);

/** identity_fmc_alias() - the FMC alias's certificates, which LDevID signs */
int identity_fmc_alias(struct firmware *fw, const struct cert_fmc_tcb *tcb);

/** identity_fmc_alias_csr() - the FMC alias's requests */
int identity_fmc_alias_csr(struct firmware *fw, const struct cert_fmc_tcb *tcb);

/** identity_rt_alias() - the RT alias's certificates, which the FMC alias signs */
int identity_rt_alias(struct firmware *fw);

/** identity_chains() - the chains as runtime firmware begins with them */
void identity_chains(struct firmware *fw);

/** identity_rt_tcb() - what the RT alias says was measured */
struct cert_rt_tcb identity_rt_tcb(const struct firmware *fw);

#endif
