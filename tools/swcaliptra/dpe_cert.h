/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates of DPE keys, and requests for them, to the byte as caliptra-dpe
 * dpe/src/x509.rs writes them with the names that caliptra-sw
 * runtime/src/dpe_platform.rs gives. Keys and signatures are of the profile's kind.
 */
#ifndef SWCALIPTRA_DPE_CERT_H
#define SWCALIPTRA_DPE_CERT_H

#include <openssl/evp.h>

#include "dpe.h"
#include "dpe_profile.h"

/* Longest certificate or request, of any generation. */
#define DPE_MAX_CERT 22528

/**
 * struct dpe_subject - whom a certificate is for
 * @key: its key pair
 * @index: of its context
 * @is_ca: it is an exported CDI's, which may sign certificates
 * @ueid: what the certificate has as UEID
 * @ueid_len: its length in bytes
 */
struct dpe_subject {
	EVP_PKEY *key;
	unsigned int index;
	bool is_ca;
	const uint8_t *ueid;
	size_t ueid_len;
};

/*
 * Both return the length of what they wrote, or 0 where @out is too small or
 * OpenSSL fails.
 */

/**
 * dpe_cert_x509() - an X.509 certificate, signed by the RT alias key
 * @env: what to do it with
 * @subject: whom it is for
 * @out: the certificate
 * @size: room for it in bytes
 */
size_t dpe_cert_x509(const struct dpe_env *env,
		     const struct dpe_subject *subject, uint8_t *out,
		     size_t size);

/**
 * dpe_cert_csr() - a PKCS #10 request inside a CMS message that the RT alias key
 *	has signed
 * @env: what to do it with
 * @subject: whom it is for
 * @out: the message
 * @size: room for it in bytes
 */
size_t dpe_cert_csr(const struct dpe_env *env,
		    const struct dpe_subject *subject, uint8_t *out,
		    size_t size);

#endif
