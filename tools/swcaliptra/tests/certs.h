/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of certificates share. */
#ifndef SWCALIPTRA_TESTS_CERTS_H
#define SWCALIPTRA_TESTS_CERTS_H

#include <openssl/x509.h>

#include "harness.h"

/* One certificate and nothing behind it. */
static inline X509 *parse_cert(const uint8_t *bytes, size_t len)
{
	const unsigned char *p = bytes;
	X509 *cert = d2i_X509(NULL, &p, (long)len);

	assert_non_null(cert);
	assert_ptr_equal(p, bytes + len);
	return cert;
}

static inline X509 *parse(const struct cert_der *der)
{
	return parse_cert(der->bytes, der->len);
}

/* The first element of the sequence @der, with its header. */
static inline const uint8_t *tbs_of(const struct cert_der *der, size_t *size)
{
	const uint8_t *p = der->bytes;

	/* both lengths are between 256 and 65535 */
	expect_hex(p, "3082");
	assert_int_equal((size_t)(p[2] << 8 | p[3]) + 4, der->len);
	expect_hex(p + 4, "3082");
	*size = (size_t)(p[6] << 8 | p[7]) + 4;
	return p + 4;
}

/* @leaf leads to @root, who alone is trusted, by so many certificates in all. */
static inline void expect_chain_to(X509 *root, STACK_OF(X509) * between,
				   X509 *leaf, unsigned long flags, int length)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	assert_int_equal(X509_STORE_add_cert(store, root), 1);
	assert_int_equal(X509_STORE_CTX_init(ctx, store, leaf, between), 1);
	X509_STORE_CTX_set_flags(ctx, flags);
	assert_int_equal(X509_verify_cert(ctx), 1);
	assert_int_equal(sk_X509_num(X509_STORE_CTX_get0_chain(ctx)), length);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
}

#endif
