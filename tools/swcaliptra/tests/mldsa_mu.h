/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tests of signatures over mu share. */
#ifndef SWCALIPTRA_TESTS_MLDSA_MU_H
#define SWCALIPTRA_TESTS_MLDSA_MU_H

#include "harness.h"
#include "mldsa.h"

static inline void shake256(const void *a, size_t a_len, const void *b,
			    size_t b_len, const void *c, size_t c_len,
			    uint8_t out[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	assert_int_equal(EVP_DigestInit_ex(ctx, EVP_shake256(), NULL), 1);
	assert_int_equal(EVP_DigestUpdate(ctx, a, a_len), 1);
	assert_int_equal(EVP_DigestUpdate(ctx, b, b_len), 1);
	assert_int_equal(EVP_DigestUpdate(ctx, c, c_len), 1);
	assert_int_equal(EVP_DigestFinalXOF(ctx, out, 64), 1);
	EVP_MD_CTX_free(ctx);
}

/* mu of FIPS 204, algorithms 2 and 7, with an empty context. */
static inline void mu_of(const uint8_t public[MLDSA87_PUBLIC_SIZE],
			 const void *msg, size_t len,
			 uint8_t mu[MLDSA87_MU_SIZE])
{
	static const uint8_t pure[] = { 0, 0 };
	uint8_t tr[64];

	shake256(public, MLDSA87_PUBLIC_SIZE, NULL, 0, NULL, 0, tr);
	shake256(tr, sizeof(tr), pure, sizeof(pure), msg, len, mu);
}

#endif
