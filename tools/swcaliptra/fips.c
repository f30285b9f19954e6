// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * FIPS mode. See fips.h.
 *
 * The provider wants to be told its own HMAC, which is what 'openssl fipsinstall'
 * writes into a configuration file: HMAC-SHA-256 of the module with a key that
 * everybody knows. Here it is computed as the program starts, so that nothing has to
 * be installed.
 */
#include "fips.h"

#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/fips_names.h>
#include <openssl/fipskey.h>
#include <openssl/indicator.h>
#include <openssl/provider.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "log.h"

/* "AB:CD:…" */
#define MAC_TEXT_SIZE (3 * SHA256_SIZE)

static OSSL_PROVIDER *fips;
static OSSL_PROVIDER *base;

bool fips_enabled(void)
{
	return fips && base;
}

static int module_path(char path[PATH_MAX])
{
	const char *folder = secure_getenv("OPENSSL_MODULES");

	if (!folder)
		folder = OPENSSL_info(OPENSSL_INFO_MODULES_DIR);
	if (snprintf(path, PATH_MAX, "%s/fips%s", folder,
		     OPENSSL_info(OPENSSL_INFO_DSO_EXTENSION)) < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

static int mac_file(OSSL_LIB_CTX *lib, FILE *f, uint8_t tag[SHA256_SIZE])
{
	static const unsigned char key[] = { FIPS_KEY_ELEMENTS };
	EVP_MAC *hmac = EVP_MAC_fetch(lib, "HMAC", NULL);
	EVP_MAC_CTX *ctx = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	char name[] = "SHA2-256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name,
						 0),
		OSSL_PARAM_construct_end(),
	};
	uint8_t piece[16384];
	size_t n;
	bool ok;

	ok = ctx && EVP_MAC_init(ctx, key, sizeof(key), params);
	while (ok && (n = fread(piece, 1, sizeof(piece), f)))
		ok = EVP_MAC_update(ctx, piece, n);
	ok = ok && !ferror(f) && EVP_MAC_final(ctx, tag, &n, SHA256_SIZE);
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(hmac);
	return ok ? 0 : -1;
}

/* With another library context, for which this is not yet the FIPS mode. */
static int module_mac(const char *path, char text[MAC_TEXT_SIZE])
{
	OSSL_LIB_CTX *lib = OSSL_LIB_CTX_new();
	FILE *f = fopen(path, "re");
	uint8_t tag[SHA256_SIZE];
	int ret = -1;
	int i;

	if (lib && f)
		ret = mac_file(lib, f, tag);
	for (i = 0; !ret && i < SHA256_SIZE; i++)
		sprintf(text + 3 * i, "%02X%s", tag[i],
			i < SHA256_SIZE - 1 ? ":" : "");
	if (f)
		fclose(f);
	OSSL_LIB_CTX_free(lib);
	return ret;
}

/* What is not approved: refuse it, whatever it is. */
static int refuse(const char *type, const char *description,
		  const OSSL_PARAM params[])
{
	(void)params;
	log_info("FIPS: %s: %s is not approved", type, description);
	return 0;
}

/* Its vectors have what is too short for anybody else. */
int fips_self_test(void)
{
	int ok;

	if (!fips)
		return 0;
	OSSL_INDICATOR_set_callback(NULL, NULL);
	ok = OSSL_PROVIDER_self_test(fips);
	OSSL_INDICATOR_set_callback(NULL, refuse);
	return ok ? 0 : -1;
}

static const char *reason(void)
{
	const char *text = ERR_reason_error_string(ERR_peek_error());

	return text ? text : "it is another provider";
}

static const char *provider_param(const OSSL_PROVIDER *provider,
				  const char *name)
{
	char *text = NULL;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_ptr(name, &text, 0),
		OSSL_PARAM_construct_end(),
	};

	return OSSL_PROVIDER_get_params(provider, params) && text ? text : "";
}

/* What is in OpenSSL's configuration file could load others. */
static int load(char *mac)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_PROV_FIPS_PARAM_MODULE_MAC, mac, 0),
		OSSL_PARAM_construct_end(),
	};
	OSSL_PROVIDER *provider;

	if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL))
		return -1;
	provider = OSSL_PROVIDER_load_ex(NULL, "fips", params);
	base = OSSL_PROVIDER_load(NULL, "base");
	if (!provider || !base ||
	    !EVP_default_properties_enable_fips(NULL, 1) ||
	    !strstr(provider_param(provider, OSSL_PROV_PARAM_NAME), "FIPS"))
		return -1;
	OSSL_INDICATOR_set_callback(NULL, refuse);
	fips = provider;
	return 0;
}

int fips_enable(void)
{
	char path[PATH_MAX];
	char mac[MAC_TEXT_SIZE];

	if (module_path(path) || module_mac(path, mac)) {
		log_error(
			"there is no FIPS provider: can not read %s: %s; install it (on Debian, openssl-provider-fips) or say in OPENSSL_MODULES where it is",
			path, strerror(errno));
		return -1;
	}
	if (!load(mac)) {
		log_info("FIPS mode: %s %s",
			 provider_param(fips, OSSL_PROV_PARAM_NAME),
			 provider_param(fips, OSSL_PROV_PARAM_VERSION));
		return 0;
	}
	log_error("%s can not be used: %s", path, reason());
	return -1;
}
