/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TCG DICE extensions of a certificate, inside libcaliptra-attest. */
#ifndef CALIPTRA_TCB_INFO_H
#define CALIPTRA_TCB_INFO_H

#include <openssl/x509.h>

#include <caliptra/attest.h>

/**
 * tcb_infos_read() - what a certificate says was measured
 * @cert: the certificate
 * @infos: where it goes
 *
 * Return: how many there are, -1 where an extension can not be read.
 */
int tcb_infos_read(const X509 *cert,
		   struct caliptra_tcb_info infos[CALIPTRA_MAX_TCB_INFOS]);

#endif
