// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the cryptographic engines by known answers: FIPS 180-4, RFC 4231,
 * NIST SP 800-38A F.2.6, RFC 6979 A.2.6 with SHA-384, caliptra-sw
 * test/src/derive.rs (test_doe_output); what has no published vector
 * (HMAC_DRBG with a nonce of zeros, the key derivation with a context) was
 * computed apart from this code, from the text of its standard.
 */
#include "harness.h"

#include "crypto.h"

/* Order n of P-384 and its prime p, in the notation of SEC 2. */
#define N                                                  \
	"ffffffffffffffffffffffffffffffffffffffffffffffff" \
	"c7634d81f4372ddf581a0db248b0a77aecec196accc52973"
#define N_MINUS_1                                          \
	"ffffffffffffffffffffffffffffffffffffffffffffffff" \
	"c7634d81f4372ddf581a0db248b0a77aecec196accc52972"
#define P                                                  \
	"ffffffffffffffffffffffffffffffffffffffffffffffff" \
	"fffffffffffffffeffffffff0000000000000000ffffffff"
#define ZERO                                               \
	"000000000000000000000000000000000000000000000000" \
	"000000000000000000000000000000000000000000000000"
#define ONE                                                \
	"000000000000000000000000000000000000000000000000" \
	"000000000000000000000000000000000000000000000001"

#define G_X                                                \
	"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b98" \
	"59f741e082542a385502f25dbf55296c3a545e3872760ab7"
#define G_Y                                                \
	"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147c" \
	"e9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"
#define MINUS_G_Y                                          \
	"c9e821b569d9d390a26167406d6d23d6070be242d765eb83" \
	"1625ceec4a0f473ef59f4e30e2817e6285bce2846f15f1a0"

/* The key of RFC 6979 A.2.6 and its two signatures with SHA-384. */
#define RFC_SCALAR                                         \
	"6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba" \
	"9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5"
#define RFC_POINT                                          \
	"04"                                               \
	"ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e" \
	"06aae5286b300c64def8f0ea9055866064a254515480bc13" \
	"8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9" \
	"f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720"
#define SAMPLE_R                                           \
	"94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa7" \
	"3d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
#define SAMPLE_S                                           \
	"99ef4aeb15f178cea1fe40db2603138f130e740a19624526" \
	"203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8"
#define TEST_R                                             \
	"8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36" \
	"ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db"
#define TEST_S                                             \
	"ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b" \
	"827c2f13173923e06a739f040649a667bf3b828246baa5a5"

typedef int digest_function(const void *data, size_t len, uint8_t *digest);

struct digest_vector {
	digest_function *function;
	const char *message;
	const char *digest;
};

#define TWO_BLOCKS                                                 \
	"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn" \
	"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"

static const struct digest_vector digest_vectors[] = {
	{ crypto_sha1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
	{ crypto_sha1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ crypto_sha1, TWO_BLOCKS, "a49b2446a02c645bf419f995b67091253a04a259" },
	{ crypto_sha256, "",
	  "e3b0c44298fc1c149afbf4c8996fb924"
	  "27ae41e4649b934ca495991b7852b855" },
	{ crypto_sha256, "abc",
	  "ba7816bf8f01cfea414140de5dae2223"
	  "b00361a396177a9cb410ff61f20015ad" },
	{ crypto_sha256, TWO_BLOCKS,
	  "cf5b16a778af8380036ce59e7b049237"
	  "0b249b11e8f07a51afac45037afee9d1" },
	{ crypto_sha384, "",
	  "38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743"
	  "4c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b" },
	{ crypto_sha384, "abc",
	  "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
	  "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
	{ crypto_sha384, TWO_BLOCKS,
	  "09330c33f71147e83d192fc782cd1b4753111b173b3b05d2"
	  "2fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039" },
	{ crypto_sha512, "",
	  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	  "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" },
	{ crypto_sha512, "abc",
	  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ crypto_sha512, TWO_BLOCKS,
	  "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
	  "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909" },
};

static void digests(void **unused)
{
	uint8_t digest[SHA512_SIZE];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(digest_vectors); i++) {
		const struct digest_vector *v = &digest_vectors[i];

		assert_int_equal(
			v->function(v->message, strlen(v->message), digest), 0);
		expect_hex(digest, v->digest);
	}
}

static void sha384_extend(void **unused)
{
	uint8_t value[SHA384_SIZE] = { 0 };

	(void)unused;
	assert_int_equal(crypto_sha384_extend(value, "abc", 3), 0);
	expect_hex(value, "b1c16eb7634112b7c9d5ebd27e62a2d4528bbfcfd68b62d3"
			  "afd9ecf98e0f413a84314acce78317fb69fd895155343e09");
}

struct hmac_vector {
	uint8_t key[131];
	size_t key_len;
	const char *message;
	const char *tag384;
	const char *tag512;
};

/* RFC 4231 4.2, 4.3 and 4.7 */
static const struct hmac_vector hmac_vectors[] = {
	{ { 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb,
	    0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb, 0xb },
	  20,
	  "Hi There",
	  "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec6"
	  "82aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
	  "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
	  "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
	{ "Jefe", 4, "what do ya want for nothing?",
	  "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
	  "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
	  "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
	  "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
	/* 131 times 0xaa, filled in below */
	{ { 0 },
	  131,
	  "Test Using Larger Than Block-Size Key - Hash Key First",
	  "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f"
	  "3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
	  "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
	  "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },
};

static void hmacs(void **unused)
{
	uint8_t tag[SHA512_SIZE];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(hmac_vectors); i++) {
		struct hmac_vector v = hmac_vectors[i];

		if (v.key_len == sizeof(v.key))
			memset(v.key, 0xaa, sizeof(v.key));
		assert_int_equal(crypto_hmac384(v.key, v.key_len, v.message,
						strlen(v.message), tag),
				 0);
		expect_hex(tag, v.tag384);
		assert_int_equal(crypto_hmac512(v.key, v.key_len, v.message,
						strlen(v.message), tag),
				 0);
		expect_hex(tag, v.tag512);
	}
}

/* SP 800-108 in counter mode: 0x00000001 || label [|| 0x00 || context] */
static void key_derivation(void **unused)
{
	static const char label64[] = "llllllllllllllllllllllllllllllll"
				      "llllllllllllllllllllllllllllllll";
	static const char label65[] = "llllllllllllllllllllllllllllllll"
				      "lllllllllllllllllllllllllllllllll";
	uint8_t key[64];
	uint8_t context[65];
	uint8_t out[64];
	uint8_t i;

	(void)unused;
	for (i = 0; i < 64; i++)
		key[i] = context[i] = i;
	assert_int_equal(crypto_hmac512_kdf(key, 64, "label", NULL, 0, out), 0);
	expect_hex(
		out,
		"3e1150535947af7e0696a35135451f3d20a5c4cd6ac4c55e3616df1a4a1a25ea"
		"7d1f5ed8fc393cbccb959b141e5cb05e5cb9a83feee5c202c83dbe14db105b7e");
	assert_int_equal(crypto_hmac512_kdf(key, 64, "label", context, 48, out),
			 0);
	expect_hex(
		out,
		"15172771d98d3a0de6e31ed8a0b0803ee154dc8172259101f1f18de717b0d4b6"
		"a89093f47b14a1ec55d8d6b5456c69fc5fee7403d1a65076c4b2bb92d5429141");
	assert_int_equal(crypto_hmac512_kdf("k", 1, "label", context, 0, out),
			 0);
	expect_hex(
		out,
		"1de7238a685d275ea8d416759f97c15994d6bdb8a29ca63db66600921fc84a1d"
		"b8af1ce0b20229a413d5fe3559ee37379c00487f3b61ecf16fdeec29f797a943");

	memset(context, 'c', sizeof(context));
	assert_int_equal(crypto_hmac512_kdf("k", 1, label64, context, 64, out),
			 0);
	expect_hex(
		out,
		"6bb96ea4ff56d990761d42e701adb22c3eb045d90a5874483319b229b70e069f"
		"98722aa07a9a3a7d283fd43a421af55ef75f23931e1c36f1bff07876d03196c9");
	assert_int_not_equal(
		crypto_hmac512_kdf("k", 1, label65, context, 64, out), 0);
	assert_int_not_equal(
		crypto_hmac512_kdf("k", 1, label64, context, 65, out), 0);

	/* the key may be where the result goes */
	assert_int_equal(crypto_hmac512_kdf(key, 64, "label", NULL, 0, key), 0);
	expect_hex(
		key,
		"3e1150535947af7e0696a35135451f3d20a5c4cd6ac4c55e3616df1a4a1a25ea"
		"7d1f5ed8fc393cbccb959b141e5cb05e5cb9a83feee5c202c83dbe14db105b7e");
}

struct cbc_vector {
	const char *key;
	const char *iv;
	const char *in;
	const char *out;
};

static const struct cbc_vector cbc_vectors[] = {
	{ "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
	  "000102030405060708090a0b0c0d0e0f",
	  "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
	  "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
	  "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
	  "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ "4f0b1c83b231c2587759c92bf22ac83f97c4e1623580ca0fb79529c28a340dfd",
	  "455ba82545e16ca6f97d1f86b3718021",
	  "86c65f4004d454135041da9a8580ec9ac7007ee6ceb4a4b8ce485f47bf6976b8"
	  "c906de7bb0cd2dce8d2b8eeda537255f2fd70f7cda37caeb0a74802134d2fd94",
	  "92121902befa44973d36f1db485a3ed62d7b2eb353929c34879e64ef6b25eaee"
	  "0029fa1792f7f8da3b2ac8db21411551762bd6490357f548ba2426ecbd641225" },
};

static void aes_cbc(void **unused)
{
	uint8_t key[32];
	uint8_t iv[16];
	uint8_t in[64];
	uint8_t out[64];
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(cbc_vectors); i++) {
		unhex(cbc_vectors[i].key, key, sizeof(key));
		unhex(cbc_vectors[i].iv, iv, sizeof(iv));
		unhex(cbc_vectors[i].in, in, sizeof(in));
		assert_int_equal(
			crypto_aes256_cbc_decrypt(key, iv, in, 64, out), 0);
		expect_hex(out, cbc_vectors[i].out);
		/* whole blocks only */
		assert_int_not_equal(
			crypto_aes256_cbc_decrypt(key, iv, in, 63, out), 0);
	}
}

static void scalars_from_seeds(void **unused)
{
	uint8_t seed[P384_SIZE];
	uint8_t scalar[P384_SIZE];
	uint8_t i;

	(void)unused;
	memset(seed, 0, sizeof(seed));
	assert_int_equal(crypto_p384_derive_scalar(seed, scalar), 0);
	expect_hex(scalar, "feeef5544a76564990128ad189e873f21f0dfd5ad7e2fa86"
			   "1127ee6e394ca784871c1aec032c7a8b10b93e0eab8946d6");
	memset(seed, 0xff, sizeof(seed));
	assert_int_equal(crypto_p384_derive_scalar(seed, scalar), 0);
	expect_hex(scalar, "9834f0777941d392da0e4b893457f48cbad5028f9eaba98a"
			   "384ad3668d30ef29ab7e866788df8788e1e01c913301c268");
	for (i = 0; i < sizeof(seed); i++)
		seed[i] = i;
	/* in place */
	assert_int_equal(crypto_p384_derive_scalar(seed, seed), 0);
	expect_hex(seed, "3fcd676771ea90e07d19cf9cc736ac826e477060fe57977a"
			 "e500658029f0310dce3c7cbdcb5ca5fc64e0dee6a40aa055");
}

static EVP_PKEY *key_of(const char *scalar)
{
	uint8_t bytes[P384_SIZE];

	unhex(scalar, bytes, sizeof(bytes));
	return crypto_p384_key(bytes);
}

static void expect_point(const char *scalar, const char *point)
{
	EVP_PKEY *key = key_of(scalar);
	uint8_t bytes[P384_POINT_SIZE];
	EVP_PKEY *copy;

	assert_non_null(key);
	assert_int_equal(crypto_p384_point(key, bytes), 0);
	expect_hex(bytes, point);
	/* a copy has it, too, when the key is gone */
	copy = EVP_PKEY_dup(key);
	EVP_PKEY_free(key);
	assert_non_null(copy);
	assert_int_equal(crypto_p384_point(copy, bytes), 0);
	expect_hex(bytes, point);
	EVP_PKEY_free(copy);
}

static void points_of_scalars(void **unused)
{
	(void)unused;
	expect_point(ONE, "04" G_X G_Y);
	expect_point(N_MINUS_1, "04" G_X MINUS_G_Y);
	expect_point(RFC_SCALAR, RFC_POINT);
	/* these have none but the point at infinity */
	assert_null(key_of(ZERO));
	assert_null(key_of(N));
}

static EVP_PKEY *public_key_of(const char *point)
{
	uint8_t bytes[P384_POINT_SIZE];

	unhex(point, bytes, sizeof(bytes));
	return crypto_p384_public_key(bytes);
}

static void public_keys_are_on_the_curve(void **unused)
{
	EVP_PKEY *key;
	uint8_t point[P384_POINT_SIZE];

	(void)unused;
	key = public_key_of(RFC_POINT);
	assert_non_null(key);
	assert_int_equal(crypto_p384_point(key, point), 0);
	expect_hex(point, RFC_POINT);
	EVP_PKEY_free(key);

	assert_null(public_key_of("04" G_Y G_X));
	assert_null(public_key_of("04" G_X ONE));
	assert_null(public_key_of("04" ZERO ZERO));
	/* coordinates that are not reduced */
	assert_null(public_key_of("04" P P));
	assert_null(public_key_of("04" G_X P));
	/* not of this form */
	assert_null(public_key_of("00" G_X G_Y));
	assert_null(public_key_of("02" G_X G_Y));
	assert_null(public_key_of("05" G_X G_Y));
}

static void expect_signature(EVP_PKEY *key, const char *message, const char *r,
			     const char *s)
{
	struct ecdsa384_signature sig;
	uint8_t digest[SHA384_SIZE];

	assert_int_equal(crypto_sha384(message, strlen(message), digest), 0);
	assert_int_equal(crypto_ecdsa384_sign(key, digest, &sig), 0);
	expect_hex(sig.r, r);
	expect_hex(sig.s, s);
}

static void deterministic_signatures(void **unused)
{
	EVP_PKEY *key = key_of(RFC_SCALAR);

	(void)unused;
	assert_non_null(key);
	expect_signature(key, "sample", SAMPLE_R, SAMPLE_S);
	expect_signature(key, "test", TEST_R, TEST_S);
	expect_signature(key, "sample", SAMPLE_R, SAMPLE_S);
	EVP_PKEY_free(key);
}

static EVP_PKEY *signing_key_of(const char *scalar)
{
	uint8_t bytes[P384_SIZE];

	unhex(scalar, bytes, sizeof(bytes));
	return crypto_p384_signing_key(bytes);
}

static void signatures_without_public_key(void **unused)
{
	EVP_PKEY *key = signing_key_of(RFC_SCALAR);
	uint8_t point[P384_POINT_SIZE];

	(void)unused;
	assert_non_null(key);
	expect_signature(key, "sample", SAMPLE_R, SAMPLE_S);
	expect_signature(key, "test", TEST_R, TEST_S);
	assert_int_not_equal(crypto_p384_point(key, point), 0);
	EVP_PKEY_free(key);
	assert_null(signing_key_of(ZERO));
	assert_null(signing_key_of(N));
}

/* The context signs the message itself, with the same nonce. */
static void deterministic_signing_context(void **unused)
{
	EVP_PKEY *key = key_of(RFC_SCALAR);
	EVP_MD_CTX *ctx = crypto_ecdsa384_sign_ctx(key);
	struct ecdsa384_signature sig;
	uint8_t want[ECDSA384_MAX_DER];
	uint8_t der[ECDSA384_MAX_DER];
	size_t len = sizeof(der);

	(void)unused;
	assert_non_null(ctx);
	unhex(TEST_R, sig.r, sizeof(sig.r));
	unhex(TEST_S, sig.s, sizeof(sig.s));
	assert_int_equal(EVP_DigestSign(ctx, der, &len,
					(const unsigned char *)"test", 4),
			 1);
	assert_int_equal(len, crypto_ecdsa384_signature_der(&sig, want));
	assert_memory_equal(der, want, len);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

struct verification {
	const char *point;
	const char *message;
	const char *r;
	const char *s;
	enum ecdsa384_result result;
};

#define OFF_CURVE "04" G_X ONE

static const struct verification verifications[] = {
	{ RFC_POINT, "sample", SAMPLE_R, SAMPLE_S, ECDSA384_GOOD },
	{ RFC_POINT, "test", TEST_R, TEST_S, ECDSA384_GOOD },
	{ RFC_POINT, "test", SAMPLE_R, SAMPLE_S, ECDSA384_BAD },
	{ RFC_POINT, "sample", SAMPLE_S, SAMPLE_R, ECDSA384_BAD },
	{ RFC_POINT, "sample", SAMPLE_R, TEST_S, ECDSA384_BAD },
	{ RFC_POINT, "sample", TEST_R, SAMPLE_S, ECDSA384_BAD },
	{ "04" G_X G_Y, "sample", SAMPLE_R, SAMPLE_S, ECDSA384_BAD },
	{ RFC_POINT, "sample", ONE, ONE, ECDSA384_BAD },
	{ RFC_POINT, "sample", N_MINUS_1, N_MINUS_1, ECDSA384_BAD },
	{ RFC_POINT, "sample", ZERO, SAMPLE_S, ECDSA384_SCALAR_OUT_OF_RANGE },
	{ RFC_POINT, "sample", SAMPLE_R, ZERO, ECDSA384_SCALAR_OUT_OF_RANGE },
	{ RFC_POINT, "sample", N, SAMPLE_S, ECDSA384_SCALAR_OUT_OF_RANGE },
	{ RFC_POINT, "sample", SAMPLE_R, N, ECDSA384_SCALAR_OUT_OF_RANGE },
	{ RFC_POINT, "sample", P, SAMPLE_S, ECDSA384_SCALAR_OUT_OF_RANGE },
	{ OFF_CURVE, "sample", SAMPLE_R, SAMPLE_S, ECDSA384_NOT_ON_CURVE },
	{ OFF_CURVE, "sample", ZERO, SAMPLE_S, ECDSA384_SCALAR_OUT_OF_RANGE },
};

static void verification(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(verifications); i++) {
		const struct verification *v = &verifications[i];
		uint8_t point[P384_POINT_SIZE];
		uint8_t digest[SHA384_SIZE];
		struct ecdsa384_signature sig;

		unhex(v->point, point, sizeof(point));
		unhex(v->r, sig.r, sizeof(sig.r));
		unhex(v->s, sig.s, sizeof(sig.s));
		crypto_sha384(v->message, strlen(v->message), digest);
		assert_int_equal(crypto_ecdsa384_verify(point, digest, &sig),
				 v->result);
	}
}

/* No bit of a signature or of the digest is without effect. */
static void every_bit_counts(void **unused)
{
	uint8_t point[P384_POINT_SIZE];
	struct {
		struct ecdsa384_signature sig;
		uint8_t digest[SHA384_SIZE];
	} in;
	size_t bit;

	(void)unused;
	unhex(RFC_POINT, point, sizeof(point));
	unhex(SAMPLE_R, in.sig.r, sizeof(in.sig.r));
	unhex(SAMPLE_S, in.sig.s, sizeof(in.sig.s));
	crypto_sha384("sample", 6, in.digest);
	for (bit = 0; bit < 8 * sizeof(in); bit += 5) {
		uint8_t *byte = (uint8_t *)&in + bit / 8;

		*byte ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(crypto_ecdsa384_verify(point, in.digest,
							&in.sig),
				 ECDSA384_BAD);
		*byte ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(crypto_ecdsa384_verify(point, in.digest, &in.sig),
			 ECDSA384_GOOD);
}

/* INTEGERs are as short as they can be, and never negative. */
static void signatures_in_der(void **unused)
{
	struct ecdsa384_signature sig = { .r[47] = 0x7f, .s[47] = 0x80 };
	uint8_t der[ECDSA384_MAX_DER];

	(void)unused;
	assert_int_equal(crypto_ecdsa384_signature_der(&sig, der), 9);
	expect_hex(der, "300702017f02020080");
	memset(&sig, 0xff, sizeof(sig));
	assert_int_equal(crypto_ecdsa384_signature_der(&sig, der),
			 ECDSA384_MAX_DER);
	expect_hex(der, "3066023100ff");
	memset(&sig, 0, sizeof(sig));
	assert_int_equal(crypto_ecdsa384_signature_der(&sig, der), 8);
	expect_hex(der, "3006020100020100");
}

static void random_bytes_differ(void **unused)
{
	uint8_t a[32] = { 0 };
	uint8_t b[32] = { 0 };

	(void)unused;
	assert_int_equal(crypto_random(a, sizeof(a)), 0);
	assert_int_equal(crypto_random(b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests),
		cmocka_unit_test(sha384_extend),
		cmocka_unit_test(hmacs),
		cmocka_unit_test(key_derivation),
		cmocka_unit_test(aes_cbc),
		cmocka_unit_test(scalars_from_seeds),
		cmocka_unit_test(points_of_scalars),
		cmocka_unit_test(public_keys_are_on_the_curve),
		cmocka_unit_test(deterministic_signatures),
		cmocka_unit_test(signatures_without_public_key),
		cmocka_unit_test(deterministic_signing_context),
		cmocka_unit_test(verification),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(signatures_in_der),
		cmocka_unit_test(random_bytes_differ),
	};

	return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
