// SPDX-License-Identifier: GPL-2.0-or-later
/* OpenSSL's signatures alone: ECDSA with P-384, everything prepared. See rot.h. */
#include "rot.h"

#include <openssl/ec.h>
#include <openssl/evp.h>

static EVP_PKEY_CTX *context;

void sign_prepare(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-384");

	context = key ? EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL) : NULL;
	if (!context || EVP_PKEY_sign_init(context) <= 0)
		die("OpenSSL does not sign");
	EVP_PKEY_free(key);
}

void sign_run(unsigned int count)
{
	uint8_t digest[48] = { 1 };
	uint8_t signature[128];
	size_t len;

	while (count--) {
		len = sizeof(signature);
		if (EVP_PKEY_sign(context, signature, &len, digest,
				  sizeof(digest)) <= 0)
			die("OpenSSL does not sign");
		digest[1]++;
	}
}
