// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the DICE key derivation by the known answers of caliptra-sw
 * test/src/derive.rs: test_golden_ocp_lock_keyladder (fuses to the CDI of
 * IDevID), test_idevid, test_ldevid, test_derive_fmc_alias_key; and by those of tag
 * rt-1.2.5. There is no vector for the RT alias key; its answers were computed apart
 * from this code.
 */
#include "harness.h"

#include "dice.h"
#include "mldsa.h"

/* The private key of a layer. */
static void expect_key(const struct dice_layer *layer, const char *scalar)
{
	uint8_t bytes[P384_SIZE];
	uint8_t want[P384_POINT_SIZE];
	uint8_t point[P384_POINT_SIZE];
	EVP_PKEY *key;

	unhex(scalar, bytes, sizeof(bytes));
	key = crypto_p384_key(bytes);
	assert_non_null(key);
	assert_int_equal(crypto_p384_point(key, want), 0);
	assert_int_equal(crypto_p384_point(layer->ecc, point), 0);
	assert_memory_equal(point, want, sizeof(want));
	assert_int_equal(EVP_PKEY_eq(key, layer->ecc), 1);
	EVP_PKEY_free(key);
}

/* The key pair that this seed makes. */
static void expect_mldsa(const struct dice_layer *layer, const char *seed)
{
	uint8_t bytes[MLDSA87_SEED_SIZE];
	uint8_t want[MLDSA87_PUBLIC_SIZE];
	uint8_t pub[MLDSA87_PUBLIC_SIZE];
	uint8_t sig[MLDSA87_SIGNATURE_SIZE];
	EVP_PKEY *key;

	unhex(seed, bytes, sizeof(bytes));
	key = mldsa87_key(bytes);
	assert_non_null(key);
	assert_int_equal(mldsa87_public(key, want), 0);
	assert_int_equal(mldsa87_public(layer->mldsa, pub), 0);
	assert_memory_equal(pub, want, sizeof(want));
	assert_int_equal(mldsa87_sign(layer->mldsa, "x", 1, sig), 0);
	assert_int_equal(mldsa87_verify(pub, "x", 1, sig), MLDSA87_GOOD);
	EVP_PKEY_free(key);
}

static void deobfuscation(void **unused)
{
	struct dice_layer idevid;
	uint8_t key[DICE_OBF_KEY_SIZE];
	uint8_t seed[DICE_UDS_SIZE];
	uint8_t secret[DICE_UDS_SIZE];
	uint8_t i;

	(void)unused;
	unhex("a0a1a2a3b0b1b2b3c0c1c2c3d0d1d2d3e0e1e2e3f0f1f2f3a4a5a6a7b4b5b6b7",
	      key, sizeof(key));
	for (i = 0; i < sizeof(seed); i++)
		seed[i] = i;
	assert_int_equal(dice_deobfuscate(key, seed, sizeof(seed), secret), 0);
	expect_hex(
		secret,
		"3685c0f6196d34620480f77536f024e92d37ffe03727b5e8b78b96087e0e58d2"
		"420ce5ae4b1f04f833b7af8172156bd8f55d652cfbdb183158517e56fe1eab2f");
	assert_int_equal(
		dice_derive_idevid(&generation_newest, secret, &idevid), 0);
	expect_hex(
		idevid.cdi,
		"5f16621da0874f3ca0fa2cd28b89e09340c02cda3c80dc2ecd05ba39a446e8a0"
		"27f1036e75206040bd3ee2313cb5c11c40c498eb6f6d4eda9d3e0e9abf544d6a");
	dice_layer_release(&idevid);

	for (i = 0; i < DICE_FIELD_ENTROPY_SIZE; i++)
		seed[i] = (uint8_t)(0x80 + i);
	assert_int_equal(dice_deobfuscate(key, seed, DICE_FIELD_ENTROPY_SIZE,
					  secret),
			 0);
	expect_hex(
		secret,
		"00d1e2a7cc4a9722e12380af5cacf6e3e51dcaf409c096aea70ff44864834722");
}

static void idevid_layer(void **unused)
{
	struct dice_layer idevid;
	uint8_t uds[DICE_UDS_SIZE];

	(void)unused;
	unhex("92121902befa44973d36f1db485a3ed62d7b2eb353929c34879e64ef6b25eaee"
	      "0029fa1792f7f8da3b2ac8db21411551ed0e3d6205e51aed1419945045b540a1",
	      uds, sizeof(uds));
	assert_int_equal(dice_derive_idevid(&generation_newest, uds, &idevid),
			 0);
	expect_hex(
		idevid.cdi,
		"e047693d5038cf58bafff5294308acedd356fd37620386b3b2cfdd97602e5b26"
		"29ff1601e3196949e04109ab9b6bcab1ef5dc70dbd2d0875f17a75592328baa2");
	expect_key(&idevid, "034d92792e58660bcfa3e02690ac31dcb97a6b6cf259f7d4"
			    "aa3b7a0d565232ff3856079073ff1c043450115048641108");
	expect_mldsa(
		&idevid,
		"c091d50e7afd485a38f77783147ecb0bd8c9f655dbaecc88b4cb98a370411d3e");
	dice_layer_release(&idevid);
}

static void ldevid_layer(void **unused)
{
	struct dice_layer idevid;
	struct dice_layer ldevid;
	uint8_t uds[DICE_UDS_SIZE];
	uint8_t field_entropy[DICE_FIELD_ENTROPY_SIZE];

	(void)unused;
	unhex("92121902befa44973d36f1db485a3ed62d7b2eb353929c34879e64ef6b25eaee"
	      "0029fa1792f7f8da3b2ac8db21411551057d115c00fade7ab8cca563e1f504a2",
	      uds, sizeof(uds));
	unhex("dbca1cfa149c03557ee48ddbb022238b057c9b496c9e5b66119bcff5e82d50e0",
	      field_entropy, sizeof(field_entropy));
	assert_int_equal(dice_derive_idevid(&generation_newest, uds, &idevid),
			 0);
	assert_int_equal(dice_derive_ldevid(&generation_newest, &idevid,
					    field_entropy, &ldevid),
			 0);
	expect_hex(
		ldevid.cdi,
		"5c705f0963f7edfb9cf0cb897306da3fff1acde2f1f0b333afb85fa38783a424"
		"6c6aa9db43ce32970256833253670f999e4fff07dc1911f7d7af58edab20aff0");
	expect_key(&ldevid, "15e65daa3e7dedbb60eb7ea6d7e9e441f2adaa7a35ca904c"
			    "9076d1a169972589274a286948eb0fb4ee749db115cbe26e");
	expect_mldsa(
		&ldevid,
		"d747e8f511c7658e32a26d9ad95722c4cd4a577ce7a19babe023d67215afaa43");
	dice_layer_release(&ldevid);
	dice_layer_release(&idevid);
}

#define FMC_ALIAS_CDI                                                      \
	"41529a09e976d227456a211c86187b3315c8858760c51cb8fbcbb695f67988dc" \
	"14f6ae96c3dbdaa2ad28700633a7f28481d964ce45af6c6bdd8b95fd5cbcbc4b"

static void fmc_alias_layer(void **unused)
{
	struct dice_layer ldevid = { 0 };
	struct dice_layer fmc_alias;
	uint8_t pcr0[SHA384_SIZE];

	(void)unused;
	unhex("0e7b8a150cc1476b28d395d9233f9f05670bd43596758224d3dd50813da916e5"
	      "94f2b09e257f151d261ade9073a9b3fbf35c06190856f1e37d560cf2aa227256",
	      ldevid.cdi, sizeof(ldevid.cdi));
	unhex("0d8f3fd44698aaae7bacaf67714a80359a8d3a513fcde890"
	      "8039f4c177f9d5a977b8ecd5f29b3fa930e25097e1d82b14",
	      pcr0, sizeof(pcr0));
	assert_int_equal(dice_derive_fmc_alias(&generation_newest, &ldevid,
					       pcr0, &fmc_alias),
			 0);
	expect_hex(fmc_alias.cdi, FMC_ALIAS_CDI);
	expect_key(&fmc_alias,
		   "fcd8c50e45ddf47be272c12c2a49576fb57f994d723de453"
		   "14229ac9714b2a8a6f1ce75f788cf75cdbe9da0251a22e82");
	expect_mldsa(
		&fmc_alias,
		"a375434ede5244f39ef218287f279ca1e2cbbd0d0dbfe43a07a622ba98154ec3");
	dice_layer_release(&fmc_alias);
}

static void rt_alias_layer(void **unused)
{
	struct dice_layer fmc_alias = { 0 };
	struct dice_layer rt_alias;
	uint8_t tci[SHA384_SIZE];
	uint8_t i;

	(void)unused;
	unhex(FMC_ALIAS_CDI, fmc_alias.cdi, sizeof(fmc_alias.cdi));
	for (i = 0; i < sizeof(tci); i++)
		tci[i] = i;
	assert_int_equal(dice_derive_rt_alias(&generation_newest, &fmc_alias,
					      tci, &rt_alias),
			 0);
	expect_hex(
		rt_alias.cdi,
		"a37de96f904c20e29b28cb6180c8607d041e3d60c58a61789f10553f83796f9c"
		"9e2e638ba438e4a136b5195e8682842917c6a3069f267c8fe4453b8a37aa6b16");
	expect_key(&rt_alias,
		   "6c0b124fd86fa2c6d28dcb0114d5c996098f7c06bebfa7a7"
		   "42b3f935cd3d929d4d3c66b7a71f4430054a6856f58fa956");
	expect_mldsa(
		&rt_alias,
		"6792b079536ec9e2669895a813564fa5bab168091f05c9a2abfb03c4745def46");
	dice_layer_release(&rt_alias);
}

/* The secrets of a 1.x: what is behind them counts for nothing. */
static void expect_1x(const struct dice_layer *layer, const char *cdi,
		      const char *scalar)
{
	static const uint8_t zeros[DICE_CDI_SIZE - DICE_CDI_SIZE_1X];

	expect_hex(layer->cdi, cdi);
	assert_memory_equal(layer->cdi + DICE_CDI_SIZE_1X, zeros,
			    sizeof(zeros));
	expect_key(layer, scalar);
	assert_null(layer->mldsa);
}

static void idevid_and_ldevid_of_1x(void **unused)
{
	const struct generation *g = generation_find("1.2");
	struct dice_layer idevid;
	struct dice_layer ldevid;
	uint8_t uds[DICE_UDS_SIZE];
	uint8_t field_entropy[DICE_FIELD_ENTROPY_SIZE];

	(void)unused;
	memset(uds, 0xff, sizeof(uds));
	unhex("92121902befa44973d36f1db485a3ed62d7b2eb353929c34"
	      "879e64ef6b25eaee0029fa1792f7f8da3b2ac8db21411551",
	      uds, DICE_CDI_SIZE_1X);
	unhex("dbca1cfa149c03557ee48ddbb022238b057c9b496c9e5b66119bcff5e82d50e0",
	      field_entropy, sizeof(field_entropy));
	assert_int_equal(dice_derive_idevid(g, uds, &idevid), 0);
	expect_1x(&idevid,
		  "4c4f422c8eda4e831f669172a43159159be4b317449ff543"
		  "81ffef29f7be07840586992c170e7c928d4f72b2aa4051ad",
		  "7ae85bb76cd5f6da1fb660a5dc5eb0690a8b56f612cc9b28"
		  "62a56e492ddeddde29fd1f2811a26f281aff584d7ca598d5");
	assert_int_equal(dice_derive_ldevid(g, &idevid, field_entropy, &ldevid),
			 0);
	expect_1x(&ldevid,
		  "2f711e48ef2be87efa3394af04a0df89b236860c745f6d6c"
		  "a464de756f1271bcf35c06190856f1e37d560cf2aa227256",
		  "0d6cb5833a6de03c2cbf74765cfd3cf036871eaed4144aea"
		  "ce3cec0908168274b97d7cfe5b1066426c8d2cc2f2edcb8b");
	dice_layer_release(&ldevid);
	dice_layer_release(&idevid);
}

static void aliases_of_1x(void **unused)
{
	const struct generation *g = generation_find("1.2");
	struct dice_layer ldevid = { 0 };
	struct dice_layer fmc_alias;
	struct dice_layer rt_alias;
	uint8_t pcr0[SHA384_SIZE];
	uint8_t tci[SHA384_SIZE];
	uint8_t i;

	(void)unused;
	unhex("0e7b8a150cc1476b28d395d9233f9f05670bd43596758224"
	      "d3dd50813da916e594f2b09e257f151d261ade9073a9b3fb",
	      ldevid.cdi, DICE_CDI_SIZE_1X);
	unhex("0d8f3fd44698aaae7bacaf67714a80359a8d3a513fcde890"
	      "8039f4c177f9d5a977b8ecd5f29b3fa930e25097e1d82b14",
	      pcr0, sizeof(pcr0));
	assert_int_equal(dice_derive_fmc_alias(g, &ldevid, pcr0, &fmc_alias),
			 0);
	expect_1x(&fmc_alias,
		  "f4fb8b09c9233adb3dfade39b656f0ef151404dcf4fe787a"
		  "0664baeae9d2de5922401c7c59087111d3aeb5b1368742da",
		  "81a4f53ceb0749ca77b0fe3233fd97987412f652ded8f8a5"
		  "39a9ebbd75ce2870b5f62bb325376504a34f286c849ea86c");
	for (i = 0; i < sizeof(tci); i++)
		tci[i] = i;
	assert_int_equal(dice_derive_rt_alias(g, &fmc_alias, tci, &rt_alias),
			 0);
	expect_1x(&rt_alias,
		  "ac3228e586e9a14e004571442d9d78573f6f4c0805973e98"
		  "b6297b00e79dafe18bcaf7c56fc56d1047ecbed50e86e774",
		  "1f12952d1b07f113739f8599d9e201d6ae739711447b8f68"
		  "5cc55e16abe165ca63973ec8cf8bd7bb084a49cb030f88b4");
	dice_layer_release(&rt_alias);
	dice_layer_release(&fmc_alias);
}

static void release_leaves_nothing(void **unused)
{
	static const struct dice_layer empty;
	struct dice_layer layer;
	uint8_t uds[DICE_UDS_SIZE] = { 1 };

	(void)unused;
	assert_int_equal(dice_derive_idevid(&generation_newest, uds, &layer),
			 0);
	dice_layer_release(&layer);
	assert_memory_equal(&layer, &empty, sizeof(empty));
	dice_layer_release(&layer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deobfuscation),
		cmocka_unit_test(idevid_layer),
		cmocka_unit_test(ldevid_layer),
		cmocka_unit_test(fmc_alias_layer),
		cmocka_unit_test(rt_alias_layer),
		cmocka_unit_test(idevid_and_ldevid_of_1x),
		cmocka_unit_test(aliases_of_1x),
		cmocka_unit_test(release_leaves_nothing),
	};

	return cmocka_run_group_tests_name("dice", tests, NULL, NULL);
}
