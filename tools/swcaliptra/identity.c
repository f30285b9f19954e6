// SPDX-License-Identifier: GPL-2.0-or-later
/* Certificates and requests of the DICE layers, as boot makes them. See identity.h. */
#include "identity.h"

#include <assert.h>
#include <string.h>

#include "caliptra-regs.h"
#include "fuses.h"

static int idevid_public_keys(struct firmware *fw,
			      const struct dice_layer *idevid,
			      const uint32_t attr[CERT_ATTR_WORDS])
{
	if (crypto_p384_point(idevid->ecc, fw->idevid_point) ||
	    fuses_idevid_key_id(attr, idevid->ecc, fw->idevid_key_id))
		return -1;
	if (!identity_has_mldsa(fw))
		return 0;
	return mldsa87_public(idevid->mldsa, fw->mldsa.idevid) ||
	       fuses_idevid_key_id(attr, idevid->mldsa,
				   fw->mldsa.idevid_key_id);
}

static int idevid_csrs(struct firmware *fw, const struct dice_layer *idevid)
{
	const struct generation *g = fw->ifc->generation;

	if (!(soc_ifc_get(fw->ifc, CPTRA_DBG_MANUF_SERVICE_REG) &
	      CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR))
		return 0;
	return cert_idevid_csr(g, idevid->ecc, fw->ueid, &fw->idevid_csr) ||
	       (identity_has_mldsa(fw) &&
		cert_idevid_csr(g, idevid->mldsa, fw->ueid,
				&fw->mldsa.idevid_csr));
}

int identity_idevid(struct firmware *fw, const struct dice_layer *idevid)
{
	uint32_t attr[CERT_ATTR_WORDS];
	unsigned int i;

	fw->identity_edits++;
	for (i = 0; i < CERT_ATTR_WORDS; i++)
		attr[i] = soc_ifc_get(fw->ifc, FUSE_IDEVID_CERT_ATTR + 4 * i);
	fw->ueid[0] = (uint8_t)attr[CERT_ATTR_UEID_TYPE];
	for (i = 0; i < 4; i++)
		wire_put_le32(fw->ueid + 1 + 4 * i,
			      attr[CERT_ATTR_SERIAL_NUMBER + i]);
	return idevid_public_keys(fw, idevid, attr) || idevid_csrs(fw, idevid);
}

int identity_ldevid(struct firmware *fw, const struct dice_layer *idevid)
{
	const struct generation *g = fw->ifc->generation;

	fw->identity_edits++;
	return cert_ldevid(g, idevid->ecc, fw->idevid_key_id, fw->ldevid.ecc,
			   fw->ueid, &fw->ldevid_cert) ||
	       (identity_has_mldsa(fw) &&
		cert_ldevid(g, idevid->mldsa, fw->mldsa.idevid_key_id,
			    fw->ldevid.mldsa, fw->ueid,
			    &fw->mldsa.ldevid_cert));
}

int identity_fmc_alias(struct firmware *fw, const struct cert_fmc_tcb *tcb)
{
	const struct generation *g = fw->ifc->generation;

	fw->identity_edits++;
	return cert_fmc_alias(g, fw->ldevid.ecc, fw->fmc_alias.ecc, fw->ueid,
			      tcb, &fw->fmc_alias_cert) ||
	       (identity_has_mldsa(fw) &&
		cert_fmc_alias(g, fw->ldevid.mldsa, fw->fmc_alias.mldsa,
			       fw->ueid, tcb, &fw->mldsa.fmc_alias_cert));
}

int identity_fmc_alias_csr(struct firmware *fw, const struct cert_fmc_tcb *tcb)
{
	const struct generation *g = fw->ifc->generation;

	fw->identity_edits++;
	return cert_fmc_alias_csr(g, fw->fmc_alias.ecc, fw->ueid, tcb,
				  &fw->fmc_alias_csr) ||
	       (identity_has_mldsa(fw) &&
		cert_fmc_alias_csr(g, fw->fmc_alias.mldsa, fw->ueid, tcb,
				   &fw->mldsa.fmc_alias_csr));
}

struct cert_rt_tcb identity_rt_tcb(const struct firmware *fw)
{
	struct cert_rt_tcb tcb = { .svn = (uint8_t)fw->image.svn };

	memcpy(tcb.rt_tci, fw->image.runtime_sha384, SHA384_SIZE);
	memcpy(tcb.validity, fw->image.dates, sizeof(tcb.validity));
	return tcb;
}

int identity_rt_alias(struct firmware *fw)
{
	const struct generation *g = fw->ifc->generation;
	const struct cert_rt_tcb tcb = identity_rt_tcb(fw);

	fw->identity_edits++;
	return cert_rt_alias(g, fw->fmc_alias.ecc, fw->rt_alias.ecc, fw->ueid,
			     &tcb, &fw->rt_alias_cert) ||
	       (identity_has_mldsa(fw) &&
		cert_rt_alias(g, fw->fmc_alias.mldsa, fw->rt_alias.mldsa,
			      fw->ueid, &tcb, &fw->mldsa.rt_alias_cert));
}

static size_t join(uint8_t *chain, const struct cert_der *const certs[3])
{
	size_t len = 0;
	int i;

	for (i = 0; i < 3; i++) {
		memcpy(chain + len, certs[i]->bytes, certs[i]->len);
		len += certs[i]->len;
	}
	return len;
}

/* Of these three there is always room for the longest that there are. */
static_assert(FW_MLDSA_CHAIN_SIZE >= 3 * CERT_MAX_DER,
	      "the chain has no room for the longest certificates");

void identity_chains(struct firmware *fw)
{
	const struct cert_der *ecc[] = { &fw->ldevid_cert, &fw->fmc_alias_cert,
					 &fw->rt_alias_cert };
	const struct cert_der *mldsa[] = { &fw->mldsa.ldevid_cert,
					   &fw->mldsa.fmc_alias_cert,
					   &fw->mldsa.rt_alias_cert };

	fw->identity_edits++;
	fw->chains.ecc_len = join(fw->chains.ecc, ecc);
	fw->chains.mldsa_len = join(fw->chains.mldsa, mldsa);
}
