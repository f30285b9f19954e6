// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys that sign, from files. See key_file.h. */
#include "key_file.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

/* A private key, or a public one where that will do; NULL after saying why. */
static EVP_PKEY *read_pem(const char *path, bool to_sign)
{
	FILE *f = fopen(path, "re");
	EVP_PKEY *key = NULL;

	if (!f) {
		log_error("can not open %s: %s", path, strerror(errno));
		return NULL;
	}
	/* without a buffer, which nobody would wipe */
	setvbuf(f, NULL, _IONBF, 0);
	key = PEM_read_PrivateKey(f, NULL, NULL, (void *)"");
	if (!key && !to_sign) {
		rewind(f);
		key = PEM_read_PUBKEY(f, NULL, NULL, NULL);
	}
	fclose(f);
	if (!key)
		log_error("%s has no %s in PEM without a passphrase", path,
			  to_sign ? "private key" : "key");
	return key;
}

static int wrong_kind(const char *path, const char *kind)
{
	log_error("%s is not a key of %s", path, kind);
	return -1;
}

int key_file_ecc(const char *path, EVP_PKEY **signs, uint8_t xy[ECC_KEY_SIZE])
{
	EVP_PKEY *key = read_pem(path, signs);
	int ret = 0;

	if (!key)
		return -1;
	if (bundle_ecc_key(key, xy))
		ret = wrong_kind(path, "P-384");
	if (signs && !ret)
		*signs = key;
	else
		EVP_PKEY_free(key);
	return ret;
}

static int read_mldsa(const char *path, EVP_PKEY **signs,
		      uint8_t bytes[MLDSA87_PUBLIC_SIZE])
{
	EVP_PKEY *key = read_pem(path, signs);
	int ret = 0;

	if (!key)
		return -1;
	if (bundle_mldsa_key(key, bytes))
		ret = wrong_kind(path, "ML-DSA-87");
	if (signs && !ret)
		*signs = key;
	else
		EVP_PKEY_free(key);
	return ret;
}

static int read_lms(const char *path, struct lms_key_file *file,
		    struct bundle_signer *signs,
		    uint8_t bytes[MLDSA87_PUBLIC_SIZE])
{
	uint8_t pub[LMS_MAX_KEY_SIZE];

	if (!lms_key_is(path))
		return wrong_kind(path, "LMS");
	if (lms_key_open(file, path))
		return -1;
	lms_public_key(&file->key, pub);
	memcpy(bytes, pub, LMS_IMAGE_KEY_SIZE);
	if (!signs) {
		lms_key_close(file);
		return 0;
	}
	memcpy(signs->lms_key, pub, LMS_IMAGE_KEY_SIZE);
	signs->lms_sign = lms_key_sign;
	signs->lms = file;
	return 0;
}

int key_file_pqc(const char *path, uint32_t pqc_type, struct lms_key_file *file,
		 struct bundle_signer *signs,
		 uint8_t bytes[MLDSA87_PUBLIC_SIZE])
{
	struct lms_key_file other;

	if (pqc_type == BUNDLE_PQC_MLDSA)
		return read_mldsa(path, signs ? &signs->mldsa : NULL, bytes);
	return read_lms(path, signs ? file : &other, signs, bytes);
}

void key_file_release(struct bundle_signer *signer)
{
	EVP_PKEY_free(signer->ecc);
	EVP_PKEY_free(signer->mldsa);
	if (signer->lms)
		lms_key_close(signer->lms);
}
