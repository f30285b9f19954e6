// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A TPM's identity and the UDS seed. See tpm.h.
 *
 * Both follow from the seed of the endorsement hierarchy, which a TPM gets when it is
 * made and which TPM2_ChangeEPS alone replaces. The endorsement key is made from
 * template L-2 of the TCG EK Credential Profile, so that it is the one that the TPM's
 * maker has certified; by its name a TPM is known again. The UDS seed is HMAC-SHA-384
 * of a label with a key that is a primary object, too, and never leaves the TPM. It
 * travels encrypted in a session whose salt only the endorsement key can read.
 * That is against those who listen: whoever may use the hierarchy may ask as well.
 */
#include "tpm.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "log.h"
#include "wire.h"

#define LABEL "swcaliptra FUSE_UDS_SEED"

/* PolicySecret(TPM_RH_ENDORSEMENT) */
#define EK_POLICY                                                           \
	{ 0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc, \
	  0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52, \
	  0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa }

static const TPM2B_PUBLIC ek_template = {
	.publicArea = {
		.type = TPM2_ALG_ECC,
		.nameAlg = TPM2_ALG_SHA256,
		.objectAttributes =
			TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN |
			TPMA_OBJECT_ADMINWITHPOLICY | TPMA_OBJECT_RESTRICTED |
			TPMA_OBJECT_DECRYPT,
		.authPolicy = { .size = 32, .buffer = EK_POLICY },
		.parameters.eccDetail = {
			.symmetric = {
				.algorithm = TPM2_ALG_AES,
				.keyBits.aes = 128,
				.mode.aes = TPM2_ALG_CFB,
			},
			.scheme.scheme = TPM2_ALG_NULL,
			.curveID = TPM2_ECC_NIST_P256,
			.kdf.scheme = TPM2_ALG_NULL,
		},
		.unique.ecc = { .x.size = 32, .y.size = 32 },
	},
};

static const TPM2B_PUBLIC seed_key_template = {
	.publicArea = {
		.type = TPM2_ALG_KEYEDHASH,
		.nameAlg = TPM2_ALG_SHA384,
		.objectAttributes =
			TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
			TPMA_OBJECT_SENSITIVEDATAORIGIN |
			TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA |
			TPMA_OBJECT_SIGN_ENCRYPT,
		.parameters.keyedHashDetail.scheme = {
			.scheme = TPM2_ALG_HMAC,
			.details.hmac.hashAlg = TPM2_ALG_SHA384,
		},
		.unique.keyedHash = { .size = sizeof(LABEL) - 1,
				      .buffer = LABEL },
	},
};

bool tpm_good(const struct tpm *tpm, const char *what, TSS2_RC rc)
{
	const char *hint = "";

	if (rc == TSS2_RC_SUCCESS)
		return true;
	if (rc == TPM2_RC_INITIALIZE)
		hint = "; it has to be started first (tpm2_startup -c, or swtpm's --flags startup-clear)";
	log_error("the TPM %s can not %s: %s%s", tpm->tcti, what,
		  Tss2_RC_Decode(rc), hint);
	return false;
}

ESYS_CONTEXT *tpm_connect(const struct tpm *tpm)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;
	ESYS_CONTEXT *esys = NULL;

	/* it may tell what is in messages; what matters is told here */
	setenv("TSS2_LOG", "all+none", 1);
	if (!tpm_good(tpm, "be reached",
		      Tss2_TctiLdr_Initialize(tpm->tcti, &tcti)))
		return NULL;
	if (tpm_good(tpm, "be used", Esys_Initialize(&esys, tcti, NULL)))
		return esys;
	Tss2_TctiLdr_Finalize(&tcti);
	return NULL;
}

void tpm_disconnect(ESYS_CONTEXT *esys)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;

	Esys_GetTcti(esys, &tcti);
	Esys_Finalize(&esys);
	Tss2_TctiLdr_Finalize(&tcti);
}

static void flush(ESYS_CONTEXT *esys, ESYS_TR object)
{
	if (object != ESYS_TR_NONE)
		Esys_FlushContext(esys, object);
}

/* A primary object of the endorsement hierarchy, or ESYS_TR_NONE. */
static ESYS_TR create_primary(const struct tpm *tpm, ESYS_CONTEXT *esys,
			      const char *what, const TPM2B_PUBLIC *template)
{
	static const TPM2B_SENSITIVE_CREATE sensitive;
	static const TPM2B_DATA outside_info;
	static const TPML_PCR_SELECTION pcrs;
	ESYS_TR object = ESYS_TR_NONE;

	return tpm_good(tpm, what,
			Esys_CreatePrimary(esys, ESYS_TR_RH_ENDORSEMENT,
					   ESYS_TR_PASSWORD, ESYS_TR_NONE,
					   ESYS_TR_NONE, &sensitive, template,
					   &outside_info, &pcrs, &object, NULL,
					   NULL, NULL, NULL)) ?
		       object :
		       ESYS_TR_NONE;
}

static bool has_size(const struct tpm *tpm, size_t got, size_t wanted)
{
	if (got == wanted)
		return true;
	log_error("the TPM %s answers with %zu bytes where there are %zu",
		  tpm->tcti, got, wanted);
	return false;
}

static int read_name(struct tpm *tpm, ESYS_CONTEXT *esys, ESYS_TR ek)
{
	TPM2B_NAME *name = NULL;
	bool good = tpm_good(tpm, "tell the name of its endorsement key",
			     Esys_TR_GetName(esys, ek, &name)) &&
		    has_size(tpm, name->size, sizeof(tpm->root.ek_name));

	if (good)
		memcpy(tpm->root.ek_name, name->name, name->size);
	Esys_Free(name);
	return good ? 0 : -1;
}

/* Whose key nobody on the way to the TPM knows. */
static ESYS_TR start_session(const struct tpm *tpm, ESYS_CONTEXT *esys,
			     ESYS_TR ek)
{
	static const TPMT_SYM_DEF aes = {
		.algorithm = TPM2_ALG_AES,
		.keyBits.aes = 128,
		.mode.aes = TPM2_ALG_CFB,
	};
	const TPMA_SESSION attributes = TPMA_SESSION_CONTINUESESSION |
					TPMA_SESSION_DECRYPT |
					TPMA_SESSION_ENCRYPT;
	ESYS_TR session = ESYS_TR_NONE;

	if (!tpm_good(tpm, "start a session",
		      Esys_StartAuthSession(esys, ek, ESYS_TR_NONE,
					    ESYS_TR_NONE, ESYS_TR_NONE,
					    ESYS_TR_NONE, NULL, TPM2_SE_HMAC,
					    &aes, TPM2_ALG_SHA256, &session)))
		return ESYS_TR_NONE;
	if (tpm_good(tpm, "encrypt what it says",
		     Esys_TRSess_SetAttributes(esys, session, attributes,
					       attributes)))
		return session;
	flush(esys, session);
	return ESYS_TR_NONE;
}

/* SP 800-108 in counter mode, as far as a seed is long. */
static int derive_seed(struct tpm *tpm, ESYS_CONTEXT *esys, ESYS_TR key,
		       ESYS_TR session)
{
	uint8_t *seed = tpm->root.uds_seed;
	size_t left = sizeof(tpm->root.uds_seed);
	TPM2B_MAX_BUFFER input = { .size = 4 + sizeof(LABEL) - 1 };
	TPM2B_DIGEST *tag = NULL;
	bool good = true;
	size_t n;

	memcpy(input.buffer + 4, LABEL, sizeof(LABEL) - 1);
	while (good && left) {
		input.buffer[3]++;
		good = tpm_good(tpm, "compute an HMAC",
				Esys_HMAC(esys, key, session, ESYS_TR_NONE,
					  ESYS_TR_NONE, &input, TPM2_ALG_SHA384,
					  &tag)) &&
		       has_size(tpm, tag->size, SHA384_SIZE);
		n = left < SHA384_SIZE ? left : SHA384_SIZE;
		if (good) {
			memcpy(seed, tag->buffer, n);
			seed += n;
			left -= n;
		}
		if (tag)
			OPENSSL_cleanse(tag, sizeof(*tag));
		Esys_Free(tag);
		tag = NULL;
	}
	return good ? 0 : -1;
}

/*
 * The library has one buffer for all messages, and does not wipe it: have it filled
 * with one that is longer.
 */
static void overwrite_buffer(const struct tpm *tpm, ESYS_CONTEXT *esys)
{
	static const TPM2B_MAX_BUFFER zeros = { .size = TPM2_MAX_DIGEST_BUFFER };
	TPM2B_DIGEST *digest = NULL;
	TPMT_TK_HASHCHECK *ticket = NULL;

	tpm_good(tpm, "compute a digest",
		 Esys_Hash(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
			   &zeros, TPM2_ALG_SHA256, ESYS_TR_RH_NULL, &digest,
			   &ticket));
	Esys_Free(digest);
	Esys_Free(ticket);
}

static int ask(struct tpm *tpm, ESYS_CONTEXT *esys)
{
	ESYS_TR session = ESYS_TR_NONE;
	ESYS_TR key = ESYS_TR_NONE;
	ESYS_TR ek;
	int ret = -1;

	ek = create_primary(tpm, esys, "make its endorsement key",
			    &ek_template);
	if (ek != ESYS_TR_NONE && !read_name(tpm, esys, ek))
		session = start_session(tpm, esys, ek);
	if (session != ESYS_TR_NONE)
		key = create_primary(tpm, esys, "make a key for the UDS seed",
				     &seed_key_template);
	if (key != ESYS_TR_NONE) {
		ret = derive_seed(tpm, esys, key, session);
		overwrite_buffer(tpm, esys);
	}
	flush(esys, key);
	flush(esys, session);
	flush(esys, ek);
	return ret;
}

int tpm_open(struct tpm *tpm, const char *tcti)
{
	ESYS_CONTEXT *esys;
	int ret;

	memset(tpm, 0, sizeof(*tpm));
	tpm->tcti = tcti;
	tpm->mirror = tpm_mirror(tpm);
	esys = tpm_connect(tpm);
	if (!esys)
		return -1;
	ret = tpm_check_pcrs(tpm, esys) || ask(tpm, esys) ? -1 : 0;
	tpm_disconnect(esys);
	if (ret)
		tpm_close(tpm);
	return ret;
}

void tpm_close(struct tpm *tpm)
{
	OPENSSL_cleanse(tpm, sizeof(*tpm));
}
