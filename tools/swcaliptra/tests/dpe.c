// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tests the DPE's tree of contexts and its keys without a device: what commands do to
 * the tree (caliptra-dpe dpe/src/commands), and that one that is refused leaves it as
 * it was. Known answers: made with Python's hashlib and hmac and the formulas of P-384,
 * or of ML-DSA-87's seed with "openssl genpkey", from what caliptra-sw
 * runtime/src/dpe_crypto.rs does.
 */
#include "harness.h"

#include "dpe.h"
#include "dpe_command.h"
#include "dpe_key.h"

#define PL0   1u
#define OTHER 7u

#define RETAIN	   CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RETAIN_PARENT_CONTEXT
#define DEFAULT	   CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_MAKE_DEFAULT
#define MOVE	   CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CHANGE_LOCALITY
#define EXPORTER   CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_ALLOW_NEW_CONTEXT_TO_EXPORT
#define X509_TOO   CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_INPUT_ALLOW_X509
#define RECURSIVE  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_RECURSIVE
#define EXPORT	   CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_EXPORT_CDI
#define CERT	   CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CREATE_CERTIFICATE
#define ADDABLE	   CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_ALLOW_RECURSIVE
#define WITH_INFO  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_INTERNAL_INPUT_INFO
#define WITH_DICE  CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_INTERNAL_INPUT_DICE
#define TO_DEFAULT CALIPTRA_DPE_ROTATE_CONTEXT_FLAGS_TARGET_IS_DEFAULT

static struct dpe dpe;
static uint8_t chain[3000];
static struct dpe_platform platform;
static struct dpe_env env;
static uint8_t rt_cdi[64];
static uint8_t next_random;

/* What the last command gave. */
static uint8_t handle[DPE_HANDLE_SIZE];
static uint8_t parent_handle[DPE_HANDLE_SIZE];

static int count_up(void *out, size_t len)
{
	memset(out, ++next_random, len);
	return 0;
}

static int always_the_same(void *out, size_t len)
{
	memset(out, 0x5a, len);
	return 0;
}

static int no_random(void *out, size_t len)
{
	(void)out;
	(void)len;
	return -1;
}

static void start(const struct generation *g)
{
	uint8_t current[SHA384_SIZE];
	uint8_t journey[SHA384_SIZE];
	size_t i;

	memset(current, 0x11, sizeof(current));
	memset(journey, 0x22, sizeof(journey));
	for (i = 0; i < sizeof(rt_cdi); i++)
		rt_cdi[i] = (uint8_t)i;
	for (i = 0; i < sizeof(chain); i++)
		chain[i] = (uint8_t)(3 * i);
	next_random = 0;
	dpe_init(&dpe, g, PL0, current, journey);
	env = (struct dpe_env){
		.dpe = &dpe,
		.g = g,
		.profile = &dpe_p384,
		.room = DPE_MAX_RESPONSE,
		.chain = chain,
		.chain_len = sizeof(chain),
		.platform = &platform,
		.rt_cdi = rt_cdi,
		.random = count_up,
	};
}

static int setup(void **state)
{
	(void)state;
	start(&generation_newest);
	return 0;
}

static enum dpe_error derive_as(uint32_t locality, const uint8_t *from,
				uint32_t flags, uint32_t type, uint32_t target)
{
	uint8_t of[DPE_HANDLE_SIZE];
	struct dpe_input in = {
		.flags = flags,
		.tci_type = type,
		.target_locality = target,
		.svn = 5,
	};

	memcpy(of, from, sizeof(of));
	memset(in.data, (int)type, sizeof(in.data));
	return dpe_derive(&env, locality, of, &in, handle, parent_handle);
}

/* Caliptra's measurement for privilege level 0, which is context 1 then. */
static void give_to_pl0(void)
{
	assert_int_equal(derive_as(DPE_CALIPTRA_LOCALITY, dpe_default_handle,
				   DPE_CALIPTRA_FLAGS, DPE_TCI_CCIV, PL0),
			 DPE_OK);
}

static void derive(uint32_t flags, uint32_t type)
{
	assert_int_equal(derive_as(PL0, dpe_default_handle, flags, type, 0),
			 DPE_OK);
}

/* A context with a handle instead of the default one: it is context 1. */
static void leave_default(uint8_t first[DPE_HANDLE_SIZE])
{
	give_to_pl0();
	assert_int_equal(dpe_rotate(&env, PL0, dpe_default_handle, 0, first),
			 DPE_OK);
}

/* It is refused like this, and nothing has changed. */
#define REFUSE(call, error)                                         \
	do {                                                        \
		struct dpe before = dpe;                            \
                                                                    \
		assert_int_equal(call, error);                      \
		assert_memory_equal(&dpe, &before, sizeof(before)); \
	} while (0)

static void boot_makes_the_root(void **unused)
{
	(void)unused;
	assert_int_equal(dpe.size, 64);
	assert_int_equal(dpe_count_used(&dpe, true), 1);
	assert_int_equal(dpe_count_used(&dpe, false), 0);
	assert_ptr_equal(dpe_root(&dpe), &dpe.context[0]);
	assert_int_equal(dpe.context[0].tci_type, 0x52544d52);
	assert_int_equal(dpe.context[0].locality, 0xffffffff);
	assert_int_equal(dpe.context[0].tci_cumulative[0], 0x22);
	assert_int_equal(dpe_validate(&dpe), 0);
}

static void child_takes_the_place_of_its_parent(void **unused)
{
	const struct dpe_context *c = &dpe.context[1];

	(void)unused;
	give_to_pl0();
	assert_memory_equal(handle, dpe_default_handle, sizeof(handle));
	assert_memory_equal(parent_handle, dpe_invalid_handle, sizeof(handle));
	assert_int_equal(dpe.context[0].state, DPE_RETIRED);
	assert_true(dpe.context[0].children == 2);
	assert_int_equal(c->state, DPE_ACTIVE);
	assert_int_equal(c->parent, 0);
	assert_int_equal(c->locality, PL0);
	assert_int_equal(c->svn, 5);
	assert_true(c->allow_x509 && c->allow_export && c->allow_recursive);
	assert_false(c->internal_info || c->internal_dice || c->simulation);
	assert_int_equal(c->tci_current[0], 'V');
	/* SHA-384 of 48 zeros and 48 times 'V' */
	expect_hex(c->tci_cumulative, "9dcb6da0893e4fd41a6bdc3598656e78");
	assert_int_equal(dpe_count_used(&dpe, true), 2);
	assert_int_equal(dpe_validate(&dpe), 0);
}

static void parent_that_is_kept_gets_a_new_handle(void **unused)
{
	uint8_t first[DPE_HANDLE_SIZE];

	(void)unused;
	leave_default(first);
	assert_int_equal(derive_as(PL0, first, RETAIN, 1, 0), DPE_OK);
	assert_int_equal(dpe.context[1].state, DPE_ACTIVE);
	assert_memory_equal(dpe.context[1].handle, parent_handle, 16);
	assert_memory_not_equal(parent_handle, first, sizeof(first));
	assert_memory_equal(dpe.context[2].handle, handle, 16);
	assert_memory_not_equal(handle, parent_handle, sizeof(handle));
	REFUSE(derive_as(PL0, first, RETAIN, 2, 0), DPE_INVALID_HANDLE);
	assert_int_equal(dpe_validate(&dpe), 0);
}

static void handles_are_of_a_locality(void **unused)
{
	uint8_t first[DPE_HANDLE_SIZE];

	(void)unused;
	leave_default(first);
	REFUSE(derive_as(OTHER, first, 0, 1, 0), DPE_INVALID_LOCALITY);
	REFUSE(derive_as(PL0, dpe_default_handle, 0, 1, 0), DPE_INVALID_HANDLE);
	/* a retired context has none any more, whatever its handle is */
	REFUSE(derive_as(DPE_CALIPTRA_LOCALITY, dpe_invalid_handle, 0, 1, 0),
	       DPE_INVALID_LOCALITY);
	REFUSE(dpe_destroy(&dpe, OTHER, first), DPE_INVALID_LOCALITY);
	REFUSE(dpe_rotate(&env, OTHER, first, 0, handle), DPE_INVALID_LOCALITY);
}

/* A locality has a default context alone, or those with handles. */
static void default_contexts_are_alone(void **unused)
{
	(void)unused;
	give_to_pl0();
	REFUSE(derive_as(PL0, dpe_default_handle, RETAIN, 1, 0),
	       DPE_INVALID_ARGUMENT);
	REFUSE(derive_as(PL0, dpe_default_handle, RETAIN | DEFAULT, 1, 0),
	       DPE_INVALID_ARGUMENT);
	/* another locality's */
	assert_int_equal(derive_as(PL0, dpe_default_handle,
				   RETAIN | DEFAULT | MOVE, 1, OTHER),
			 DPE_OK);
	REFUSE(derive_as(PL0, dpe_default_handle, RETAIN | DEFAULT | MOVE, 2,
			 OTHER),
	       DPE_INVALID_ARGUMENT);
	REFUSE(derive_as(PL0, dpe_default_handle, RETAIN | MOVE, 2, OTHER),
	       DPE_INVALID_ARGUMENT);
	/* with handles, there can be more, but no default one */
	derive(0, 3);
	assert_int_equal(derive_as(PL0, handle, RETAIN, 4, 0), DPE_OK);
	REFUSE(derive_as(PL0, handle, DEFAULT, 5, 0), DPE_INVALID_ARGUMENT);
	REFUSE(derive_as(PL0, handle, RETAIN | DEFAULT, 5, 0),
	       DPE_INVALID_ARGUMENT);
	assert_int_equal(dpe_validate(&dpe), 0);
}

static const struct {
	uint32_t flags;
	enum dpe_error error;
	enum dpe_error in_1x;
} combinations[] = {
	{ EXPORT, DPE_INVALID_ARGUMENT, DPE_INVALID_ARGUMENT },
	{ EXPORT | CERT | RECURSIVE, DPE_INVALID_ARGUMENT,
	  DPE_INVALID_ARGUMENT },
	{ EXPORT | CERT | MOVE, DPE_INVALID_ARGUMENT, DPE_INVALID_ARGUMENT },
	{ EXPORT | CERT, DPE_OK, DPE_OK },
	{ RECURSIVE | RETAIN, DPE_INVALID_ARGUMENT, DPE_INVALID_ARGUMENT },
	{ RECURSIVE | ADDABLE, DPE_INVALID_ARGUMENT, DPE_OK },
	{ RECURSIVE, DPE_OK, DPE_OK },
	{ CERT, DPE_OK, DPE_OK },
	{ X509_TOO | EXPORTER | ADDABLE, DPE_OK, DPE_OK },
};

static void flags_exclude_each_other(void **unused)
{
	const struct generation *old = generation_find("1.2");
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(combinations); i++) {
		start(&generation_newest);
		assert_int_equal(dpe_check_parent(&env, &dpe.context[0],
						  combinations[i].flags),
				 combinations[i].error);
		start(old);
		assert_int_equal(dpe_check_parent(&env, &dpe.context[0],
						  combinations[i].flags),
				 combinations[i].in_1x);
	}
}

static void rights_are_inherited(void **unused)
{
	(void)unused;
	give_to_pl0();
	derive(DEFAULT, 1);
	assert_false(dpe.context[2].allow_x509);
	REFUSE(derive_as(PL0, dpe_default_handle, DEFAULT | X509_TOO, 2, 0),
	       DPE_INVALID_ARGUMENT);
	REFUSE(derive_as(PL0, dpe_default_handle, RECURSIVE, 1, 0),
	       DPE_INVALID_ARGUMENT);
	assert_int_equal(dpe_check_parent(&env, &dpe.context[2], EXPORT | CERT),
			 DPE_INVALID_ARGUMENT);
	/* what the parent may not the child may not, and nobody says so */
	derive(DEFAULT | EXPORTER | ADDABLE, 2);
	assert_false(dpe.context[3].allow_export);
	assert_false(dpe.context[3].allow_recursive);
}

static void measurements_are_added(void **unused)
{
	struct dpe_context before;
	uint8_t twice[SHA384_SIZE];

	(void)unused;
	give_to_pl0();
	derive(DEFAULT | ADDABLE, 0x77);
	before = dpe.context[2];
	REFUSE(derive_as(PL0, dpe_default_handle, RECURSIVE, 0x78, 0),
	       DPE_INVALID_ARGUMENT);
	REFUSE(derive_as(PL0, dpe_default_handle, RECURSIVE | MOVE, 0x77,
			 OTHER),
	       DPE_INVALID_LOCALITY);
	derive(RECURSIVE, 0x77);
	assert_memory_equal(parent_handle, dpe_default_handle, 16);
	memcpy(twice, before.tci_cumulative, sizeof(twice));
	crypto_sha384_extend(twice, before.tci_current, sizeof(twice));
	assert_memory_equal(dpe.context[2].tci_cumulative, twice, 48);
	assert_int_equal(dpe.context[2].svn, 5);
	assert_int_equal(dpe.context[3].state, DPE_INACTIVE);
}

static void siblings_differ_in_type(void **unused)
{
	uint8_t first[DPE_HANDLE_SIZE];

	(void)unused;
	leave_default(first);
	assert_int_equal(derive_as(PL0, first, RETAIN, 9, 0), DPE_OK);
	REFUSE(derive_as(PL0, parent_handle, RETAIN, 9, 0),
	       DPE_INVALID_ARGUMENT);
	assert_int_equal(derive_as(PL0, handle, 0, 9, 0), DPE_OK);
	start(generation_find("1.2"));
	leave_default(first);
	assert_int_equal(derive_as(PL0, first, RETAIN, 9, 0), DPE_OK);
	assert_int_equal(derive_as(PL0, parent_handle, RETAIN, 9, 0), DPE_OK);
}

static void contexts_run_out(void **unused)
{
	unsigned int i;

	(void)unused;
	give_to_pl0();
	for (i = 2; i < 64; i++)
		derive(DEFAULT, i);
	REFUSE(derive_as(PL0, dpe_default_handle, DEFAULT, 64, 0),
	       DPE_MAX_TCIS);
	REFUSE(dpe_initialize(&env, OTHER,
			      CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_SIMULATION,
			      handle),
	       DPE_MAX_TCIS);
	assert_int_equal(dpe_validate(&dpe), 0);
	/* the last one is the only one that can go, and all go with it */
	assert_int_equal(dpe_destroy(&dpe, PL0, dpe_default_handle), DPE_OK);
	assert_int_equal(dpe_count_used(&dpe, true), 0);
	assert_null(dpe_root(&dpe));
	assert_int_equal(dpe_validate(&dpe), 0);
}

static void older_generations_have_32(void **unused)
{
	(void)unused;
	start(generation_find("2.0"));
	assert_int_equal(dpe.size, 32);
	assert_int_equal(dpe_error_code(env.g, DPE_INVALID_HANDLE), 0x80);
	assert_int_equal(dpe_error_code(env.g, DPE_INVALID_LOCALITY), 0x81);
	assert_int_equal(dpe_error_code(env.g, DPE_ARGUMENT_NOT_SUPPORTED),
			 0x83);
	assert_int_equal(dpe_error_code(env.g, DPE_INVALID_PARENT_LOCALITY),
			 0x85);
	assert_int_equal(dpe_error_code(env.g, DPE_MAX_TCIS), 0x91);
	assert_int_equal(dpe_error_code(env.g, DPE_INVALID_ARGUMENT), 3);
	start(generation_find("1.2"));
	assert_int_equal(dpe.size, 32);
	assert_int_equal(dpe_error_code(env.g, DPE_INVALID_HANDLE), 0x1000);
	assert_int_equal(dpe_error_code(env.g, DPE_MAX_TCIS), 0x1003);
	assert_int_equal(dpe_error_code(env.g, DPE_CDI_IS_EXPORTED),
			 0x02000007);
}

static void handles_are_rotated(void **unused)
{
	uint8_t first[DPE_HANDLE_SIZE];
	uint8_t second[DPE_HANDLE_SIZE];

	(void)unused;
	give_to_pl0();
	REFUSE(dpe_rotate(&env, PL0, dpe_default_handle, TO_DEFAULT, first),
	       DPE_INVALID_ARGUMENT);
	assert_int_equal(dpe_rotate(&env, PL0, dpe_default_handle, 0, first),
			 DPE_OK);
	assert_int_equal(dpe_rotate(&env, PL0, first, 0, second), DPE_OK);
	assert_memory_not_equal(first, second, sizeof(first));
	assert_int_equal(dpe_rotate(&env, PL0, second, TO_DEFAULT, first),
			 DPE_OK);
	assert_memory_equal(first, dpe_default_handle, sizeof(first));
	/* not beside another */
	derive(0, 1);
	assert_int_equal(derive_as(PL0, handle, RETAIN, 2, 0), DPE_OK);
	REFUSE(dpe_rotate(&env, PL0, handle, TO_DEFAULT, first),
	       DPE_INVALID_ARGUMENT);
}

static void all_that_descends_is_destroyed(void **unused)
{
	uint8_t first[DPE_HANDLE_SIZE];
	uint8_t kept[DPE_HANDLE_SIZE];

	(void)unused;
	leave_default(first);
	assert_int_equal(derive_as(PL0, first, RETAIN, 2, 0), DPE_OK);
	memcpy(kept, parent_handle, sizeof(kept));
	assert_int_equal(derive_as(PL0, handle, RETAIN | MOVE, 3, OTHER),
			 DPE_OK);
	assert_int_equal(derive_as(OTHER, handle, 0, 4, 0), DPE_OK);
	dpe.tagged[4] = true;
	dpe.tag[4] = 77;
	/* 2 has 3, which is retired, and that has 4 */
	assert_int_equal(dpe_destroy(&dpe, PL0, dpe.context[2].handle), DPE_OK);
	assert_int_equal(dpe.context[1].state, DPE_ACTIVE);
	assert_true(dpe.context[1].children == 0);
	assert_int_equal(dpe_count_used(&dpe, false), 0);
	assert_int_equal(dpe_count_used(&dpe, true), 2);
	assert_memory_equal(dpe.context[3].handle, dpe_invalid_handle, 16);
	assert_int_equal(dpe_validate(&dpe), 0);
	assert_true(dpe.tagged[4]);
	dpe_drop_tags(&dpe);
	assert_false(dpe.tagged[4]);
	assert_int_equal(dpe.tag[4], 0);
	/* a retired parent goes with its last child */
	assert_int_equal(derive_as(PL0, kept, RETAIN, 2, 0), DPE_OK);
	assert_int_equal(derive_as(PL0, parent_handle, 0, 3, 0), DPE_OK);
	assert_int_equal(dpe_destroy(&dpe, PL0, handle), DPE_OK);
	assert_int_equal(dpe.context[1].state, DPE_RETIRED);
	assert_int_equal(dpe_destroy(&dpe, PL0, dpe.context[2].handle), DPE_OK);
	assert_int_equal(dpe_count_used(&dpe, true), 0);
}

static void simulated_contexts(void **unused)
{
	const uint32_t simulation =
		CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_SIMULATION;
	const uint32_t by_default =
		CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_DEFAULT;

	(void)unused;
	give_to_pl0();
	REFUSE(dpe_initialize(&env, OTHER, 0, handle), DPE_INVALID_ARGUMENT);
	REFUSE(dpe_initialize(&env, OTHER, by_default, handle),
	       DPE_ARGUMENT_NOT_SUPPORTED);
	REFUSE(dpe_initialize(&env, OTHER, by_default | simulation, handle),
	       DPE_ARGUMENT_NOT_SUPPORTED);
	assert_int_equal(dpe_initialize(&env, OTHER, simulation, handle),
			 DPE_OK);
	assert_true(dpe.context[2].simulation && dpe.context[2].allow_x509);
	assert_false(dpe.context[2].allow_recursive);
	assert_int_equal(dpe_check_parent(&env, &dpe.context[2], EXPORT | CERT),
			 DPE_INVALID_ARGUMENT);
	assert_int_equal(derive_as(OTHER, handle, X509_TOO, 1, 0), DPE_OK);
	assert_true(dpe.context[3].simulation);
	assert_ptr_equal(dpe_root(&dpe), &dpe.context[0]);
	assert_int_equal(dpe_validate(&dpe), 0);
	/* nobody looks whether there is a default context, but resets do */
	assert_int_equal(dpe_initialize(&env, PL0, simulation, handle), DPE_OK);
	assert_int_equal(dpe_validate(&dpe), 0x03000007);
}

static enum dpe_error update(const uint8_t *of, uint32_t type)
{
	struct dpe_input in = { .tci_type = type };
	uint8_t parent[DPE_HANDLE_SIZE];

	memcpy(parent, of, sizeof(parent));
	memset(in.data, 0x99, sizeof(in.data));
	return dpe_update_child(&env, PL0, parent, &in, handle, parent_handle);
}

static void parents_measure_into_their_children(void **unused)
{
	uint8_t first[DPE_HANDLE_SIZE];

	(void)unused;
	leave_default(first);
	assert_int_equal(derive_as(PL0, first, RETAIN | MOVE, 2, OTHER),
			 DPE_OK);
	memcpy(first, parent_handle, sizeof(first));
	REFUSE(update(dpe_default_handle, 2), DPE_INVALID_ARGUMENT);
	REFUSE(update(dpe_invalid_handle, 2), DPE_INVALID_PARENT_LOCALITY);
	REFUSE(update(first, 3), DPE_INVALID_ARGUMENT);
	assert_int_equal(update(first, 2), DPE_OK);
	assert_int_equal(dpe.context[2].tci_current[0], 0x99);
	assert_memory_equal(dpe.context[2].handle, handle, 16);
	assert_memory_equal(dpe.context[1].handle, parent_handle, 16);
	assert_memory_not_equal(first, parent_handle, sizeof(first));
	/* a retired child is not there for this */
	assert_int_equal(derive_as(OTHER, handle, 0, 4, 0), DPE_OK);
	memcpy(first, dpe.context[1].handle, sizeof(first));
	REFUSE(update(first, 2), DPE_INVALID_ARGUMENT);
}

static void handles_can_not_be_made_up(void **unused)
{
	uint8_t first[DPE_HANDLE_SIZE];

	(void)unused;
	give_to_pl0();
	env.random = no_random;
	REFUSE(derive_as(PL0, dpe_default_handle, 0, 1, 0), DPE_CRYPTO_ERROR);
	env.random = always_the_same;
	derive(0, 1);
	memcpy(first, handle, sizeof(first));
	/* eight times the same */
	REFUSE(derive_as(PL0, first, RETAIN, 2, 0), DPE_INTERNAL_ERROR);
	REFUSE(dpe_rotate(&env, PL0, first, 0, handle), DPE_INTERNAL_ERROR);
	REFUSE(derive_as(PL0, first, 0, 2, 0), DPE_INTERNAL_ERROR);
}

/*
 * Keys
 */

static void expect_key(EVP_PKEY *key, const char *point)
{
	uint8_t made[P384_POINT_SIZE];

	assert_non_null(key);
	assert_int_equal(crypto_p384_point(key, made), 0);
	expect_hex(made + 1, point);
	EVP_PKEY_free(key);
}

/* Context 2, below the root and one with Caliptra's type. */
static unsigned int measure_twice(const struct generation *g, uint32_t flags)
{
	struct dpe_input in = {
		.flags = DPE_CALIPTRA_FLAGS,
		.tci_type = DPE_TCI_CCIV,
		.target_locality = PL0,
	};

	start(g);
	memset(in.data, 0xa1, sizeof(in.data));
	assert_int_equal(dpe_derive(&env, DPE_CALIPTRA_LOCALITY,
				    dpe_default_handle, &in, handle,
				    parent_handle),
			 DPE_OK);
	memset(in.data, 0xb2, sizeof(in.data));
	in.flags |= flags;
	in.tci_type = 0x12345678;
	in.svn = 7;
	assert_int_equal(dpe_derive(&env, PL0, dpe_default_handle, &in, handle,
				    parent_handle),
			 DPE_OK);
	return 2;
}

static const struct {
	const char *generation;
	uint32_t flags;
	const char *leaf;
	const char *exported;
} known_keys[] = {
	{ "2.1", 0,
	  "a6cd27a42302f7dfe3b6a8251680073d0ff94b8bcad7b1c5334595b28e396e07"
	  "7b1aacc14fe73df9764a0efa73f406218b54ea52fb58a0b0b8d76c53b6b472ae"
	  "b0d3f6c67bad599290cab173b114dbef28f43f0b4ea618ea6862fc41f07f2dc6",
	  "62fd84e4c832b1ee34bc5ce2021b901dc4409d4a45c09a2246d74c57baf5526a"
	  "51f06635b01cd021d3110a193d35a109593e660008d231d4b07d72de64a71f4f"
	  "5420d570f54ff68b374cfa910d46573d94bd809e7c9f36c26d106927f27ad0c1" },
	{ "2.1", WITH_INFO,
	  "650320c8eff42afacb057ab9480604cd3ae9b4735707f60a7f9d5fd89c05b19c"
	  "e60f740b0f89014e1455ef190c17c29adeb3f7760e019533234476481316cbc8"
	  "b60ce24466cffdaf153d274fa78b5ebb448af66279932293307301455eb1b5b0",
	  "74966d1309a0c16ea09d1a7e1adbab23a094b90756b2457a35eb09a223934925"
	  "96ed728ca9ea5ed59092bda85be326ccedf1b8b27407f060ce99e96432f6ebda"
	  "3ebff1d1f240023d2643bbe75f76d4c003b49a15eea1c11a3fcd7a96ea5be40b" },
	{ "2.1", WITH_DICE,
	  "73fe050057c8122049f03a846df09c3b2957426ce1371e3d8177c7c34b79108b"
	  "31e06b37e05e9768dd7006d060288975e4b244f598d3fa3d603f51f28439a24b"
	  "3fcc7f26f6345cf23d0c919bfd738c04e67f58b27ad4f11dff170d8a7414b31d",
	  "c075f1b9ad3da2aef6978b9b97e6730960e0ae690846d054328db9b91e5ec87c"
	  "aba1278279b967f6e337e0260fdb760b816330161963f11b1702abeb52e12820"
	  "cbb20d79e2f5b1b84316ed7ac54c152839d94915a936da57db92626938d83e19" },
	{ "2.1", WITH_INFO | WITH_DICE,
	  "0bdebf354c8b9134bb5a98c4db7ae428f4dd91069126615e7c786c65d0391db1"
	  "cb214ca6413636b930fc978cb671552c9062d12e2fda0c1e90faa40e18883fbe"
	  "0573b12ec8dd98db65bfe91b6efc72ffe6476f8c883c559376c455e210bc98df",
	  "700331d66cd1088aed678912d56f3dd220437988071980f7d1af3a537a5075b4"
	  "74eb388f2116dae74993561efe6d46e78eed7bec7f431e2ac168b924d1cc5ed5"
	  "79a93d70655a390e2a8ea1fb7ebb720fdada6641a479bdf30d9075b7576605aa" },
	{ "1.2", WITH_INFO | WITH_DICE,
	  "62d88b9ed1bb31e7725b9e7a99fa4882c92e9f42fb6c5cb560a67d80ebbdf9ed"
	  "3b6a4e50ea38cb34456dd335e28f1be740bee071b87309bf7684afb7c984b8f1"
	  "53a2fca362a7440f88c7a8dabb6afa0edfd111e7dd12e63fb94f367f900258ee",
	  "7e54c87a8094ba8ca883d2b9f3458af4844ab8a169518b6a25d3b14b02294800"
	  "bf877ed95b3e4a6dc210d1b7a0fb2d648c4fd32b755d120f5e3f87facbb49a21"
	  "47cd6f53ed3f82b7dab7ca8a50cad76bdd1af65a56cf78546e7d99297d70bb4a" },
};

/* The same with ML-DSA-87: SHA-256 of the public keys. */
static const struct {
	const char *generation;
	uint32_t flags;
	const char *leaf;
	const char *exported;
} known_mldsa_keys[] = {
	{ "2.1", 0,
	  "fb0ecf2efc208cf538ba143bbadb611b5cf47033a7ab40b1e7b3cbe99d0aa229",
	  "689ca9460a7275a469533394293c3e469f7841412d73e9afd16598ddad60cdca" },
	{ "2.1", WITH_INFO,
	  "0f0ba9834c9e75d7fb0f853db88533428760e2e1c2971e5c91d260d4657de63c",
	  "11e43dbe11343f118ef3f9a2f87a8381f8a3d16b533188c187f1e2d39de285cb" },
	{ "2.1", WITH_INFO | WITH_DICE,
	  "d4f806c4ca31f51368c18e51f05c7b38c84d1af1fd3109b5dc1f3961977e44bf",
	  "3ec0d21ebe239a3961513a277ff995de73b2163a763f9507a65a726e225149b0" },
	{ "2.0", 0,
	  "fb0ecf2efc208cf538ba143bbadb611b5cf47033a7ab40b1e7b3cbe99d0aa229",
	  "689ca9460a7275a469533394293c3e469f7841412d73e9afd16598ddad60cdca" },
	{ "2.0", WITH_INFO | WITH_DICE,
	  "7ad97aac26c6f05dd5365f50b0e6122bd819077c3245585cebbba4e709883665",
	  "e2a7eade12c12ce4ec877c25e086d5a617baa77dd486ad1779bfb5ae9f26e7c8" },
};

static void expect_mldsa_key(EVP_PKEY *key, const char *want)
{
	uint8_t public[MLDSA87_PUBLIC_SIZE];
	uint8_t digest[SHA256_SIZE];

	assert_non_null(key);
	assert_int_equal(mldsa87_public(key, public), 0);
	assert_int_equal(crypto_sha256(public, sizeof(public), digest), 0);
	expect_hex(digest, want);
	EVP_PKEY_free(key);
}

static void known_answers_of_mldsa_keys(void **unused)
{
	uint8_t label[DPE_LABEL_SIZE];
	unsigned int index;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(label); i++)
		label[i] = (uint8_t)(48 - i);
	for (i = 0; i < COUNT(known_mldsa_keys); i++) {
		index = measure_twice(
			generation_find(known_mldsa_keys[i].generation),
			known_mldsa_keys[i].flags);
		env.profile = &dpe_mldsa87;
		expect_mldsa_key(dpe_context_key(&env, index, label),
				 known_mldsa_keys[i].leaf);
		assert_int_equal(dpe_export_cdi(&env, index), DPE_OK);
		expect_mldsa_key(dpe_exported_key(&dpe_mldsa87, &dpe,
						  dpe.exported.handle),
				 known_mldsa_keys[i].exported);
	}
}

static void known_answers_of_keys(void **unused)
{
	uint8_t label[DPE_LABEL_SIZE];
	unsigned int index;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(label); i++)
		label[i] = (uint8_t)(48 - i);
	for (i = 0; i < COUNT(known_keys); i++) {
		index = measure_twice(generation_find(known_keys[i].generation),
				      known_keys[i].flags);
		expect_key(dpe_context_key(&env, index, label),
			   known_keys[i].leaf);
		assert_int_equal(dpe_export_cdi(&env, index), DPE_OK);
		expect_key(dpe_exported_key(&dpe_p384, &dpe,
					    dpe.exported.handle),
			   known_keys[i].exported);
	}
}

static void one_cdi_is_exported(void **unused)
{
	uint8_t exported[DPE_CDI_HANDLE_SIZE];
	static const uint8_t zeros[DPE_CDI_SIZE];

	(void)unused;
	give_to_pl0();
	memset(exported, 0, sizeof(exported));
	assert_null(dpe_exported_key(&dpe_p384, &dpe, exported));
	assert_false(dpe_revoke_cdi(&dpe, exported));
	assert_int_equal(dpe_export_cdi(&env, 1), DPE_OK);
	memcpy(exported, dpe.exported.handle, sizeof(exported));
	REFUSE(dpe_export_cdi(&env, 1), DPE_CDI_IS_EXPORTED);
	exported[31] ^= 1;
	assert_null(dpe_exported_key(&dpe_p384, &dpe, exported));
	assert_false(dpe_revoke_cdi(&dpe, exported));
	exported[31] ^= 1;
	assert_true(dpe_revoke_cdi(&dpe, exported));
	assert_null(dpe_exported_key(&dpe_p384, &dpe, exported));
	assert_memory_equal(dpe.exported.cdi, zeros, sizeof(zeros));
	assert_int_equal(dpe_export_cdi(&env, 1), DPE_OK);
}

/*
 * What a reset looks for
 */

static void broken_trees_are_found(void **unused)
{
	static struct dpe good;

	(void)unused;
	give_to_pl0();
	derive(0, 1);
	assert_int_equal(derive_as(PL0, handle, RETAIN, 2, 0), DPE_OK);
	good = dpe;
#define BROKEN(change, code)                                \
	do {                                                \
		dpe = good;                                 \
		change;                                     \
		assert_int_equal(dpe_validate(&dpe), code); \
	} while (0)
	BROKEN(, 0);
	BROKEN(dpe.context[9].parent = 1, 0x03000002);
	BROKEN(dpe.context[9].children = 1, 0x03000003);
	BROKEN(dpe.context[9].tci_current[3] = 1, 0x03000006);
	BROKEN(dpe.context[9].allow_x509 = true, 0x0300000e);
	BROKEN((dpe.context[2].children = 0, dpe.context[3].parent = 64),
	       0x0300000a);
	BROKEN((dpe.context[2].children = 0, dpe.context[3].parent = 9),
	       0x03000016);
	BROKEN(dpe.context[3].parent = 1, 0x03000013);
	BROKEN(dpe.context[2].children |= 1ull << 9, 0x03000017);
	BROKEN(dpe.context[3].children |= 1ull << 1, 0x03000013);
	BROKEN(memset(dpe.context[3].handle, 0, 16), 0x03000007);
	BROKEN((memset(dpe.context[3].handle, 0, 16),
		memset(dpe.context[2].handle, 0, 16)),
	       0x03000008);
	BROKEN(dpe.context[3].simulation = true, 0x03000011);
	BROKEN((dpe.context[2].state = DPE_RETIRED, dpe.context[2].children = 0,
		dpe.context[3].parent = 255),
	       0x03000010);
	BROKEN((dpe.context[2].children = 0, dpe.context[3].parent = 255),
	       0x03000000);
	BROKEN((dpe.context[0].parent = 3, dpe.context[3].children = 1),
	       0x03000001);
#undef BROKEN
}

/*
 * Reading commands
 */

static const struct {
	uint32_t id;
	size_t size;
	size_t in_1x;
} sizes[] = {
	{ CALIPTRA_DPE_COMMAND_GET_PROFILE, 12, 12 },
	{ CALIPTRA_DPE_COMMAND_INITIALIZE_CONTEXT, 16, 16 },
	{ CALIPTRA_DPE_COMMAND_DERIVE_CONTEXT, 92, 88 },
	{ CALIPTRA_DPE_COMMAND_CERTIFY_KEY, 84, 84 },
	{ CALIPTRA_DPE_COMMAND_SIGN, 128, 128 },
	{ CALIPTRA_DPE_COMMAND_ROTATE_CONTEXT_HANDLE, 32, 32 },
	{ CALIPTRA_DPE_COMMAND_DESTROY_CONTEXT, 28, 28 },
	{ CALIPTRA_DPE_COMMAND_GET_CERTIFICATE_CHAIN, 20, 20 },
	{ CALIPTRA_DPE_COMMAND_UPDATE_CONTEXT_MEASUREMENT, 88, 0 },
};

/* What follows a command does not matter, what is missing does. */
static void expect_size_in(const struct generation *g,
			   const struct dpe_profile *profile, uint32_t id,
			   size_t size)
{
	uint8_t bytes[200] = { 'C', 'E', 'P', 'D' };
	struct dpe_command cmd;
	size_t len;

	wire_put_le32(bytes + 4, id);
	wire_put_le32(bytes + 8, profile->id);
	for (len = 0; len <= sizeof(bytes); len++)
		assert_int_equal(dpe_command_read(g, profile, bytes, len, &cmd),
				 size && len >= size);
	bytes[8] ^= 4 ^ 5;
	assert_int_equal(dpe_command_read(g, profile, bytes, sizeof(bytes),
					  &cmd),
			 id == CALIPTRA_DPE_COMMAND_GET_PROFILE);
	bytes[8] ^= 4 ^ 5;
	bytes[0] = 'D';
	assert_false(dpe_command_read(g, profile, bytes, sizeof(bytes), &cmd));
}

static void expect_size(const struct generation *g, uint32_t id, size_t size)
{
	expect_size_in(g, &dpe_p384, id, size);
	/* mu is longer than a digest */
	if (!generation_in(g, GENERATION_1_2))
		expect_size_in(g, &dpe_mldsa87, id,
			       id == CALIPTRA_DPE_COMMAND_SIGN ? 144 : size);
}

/* There is no room for a raw message, and P-384 does not know of any. */
static void raw_messages_are_not_read(void **unused)
{
	uint8_t bytes[12 + 1096] = { 'C', 'E', 'P', 'D', 0x0a };
	struct dpe_command cmd;

	(void)unused;
	bytes[12 + 16 + 48] = CALIPTRA_DPE_SIGN_FLAGS_IS_RAW;
	bytes[8] = 5;
	assert_false(dpe_command_read(&generation_newest, &dpe_mldsa87, bytes,
				      512, &cmd));
	bytes[8] = 4;
	assert_true(dpe_command_read(&generation_newest, &dpe_p384, bytes, 512,
				     &cmd));
}

static void commands_are_as_long_as_they_are(void **unused)
{
	size_t i;

	(void)unused;
	for (i = 0; i < COUNT(sizes); i++) {
		expect_size(&generation_newest, sizes[i].id, sizes[i].size);
		expect_size(generation_find("2.0"), sizes[i].id, sizes[i].size);
		expect_size(generation_find("1.2"), sizes[i].id,
			    sizes[i].in_1x);
	}
	expect_size(&generation_newest, 2, 0);
	expect_size(&generation_newest, 0x11, 0);
}

/*
 * Whatever is asked for
 */

static uint64_t sequence = 0x9e3779b97f4a7c15;

static uint32_t any(uint32_t below)
{
	sequence ^= sequence << 13;
	sequence ^= sequence >> 7;
	sequence ^= sequence << 17;
	return (uint32_t)(sequence >> 32) % below;
}

static int any_bytes(void *out, size_t len)
{
	uint8_t *p = out;

	while (len--)
		*p++ = (uint8_t)any(256);
	return 0;
}

/* Mostly handles that there are, and flags that go together now and then. */
static void any_command(struct dpe_command *cmd)
{
	static const uint32_t ids[] = {
		CALIPTRA_DPE_COMMAND_INITIALIZE_CONTEXT,
		CALIPTRA_DPE_COMMAND_DERIVE_CONTEXT,
		CALIPTRA_DPE_COMMAND_DERIVE_CONTEXT,
		CALIPTRA_DPE_COMMAND_DERIVE_CONTEXT,
		CALIPTRA_DPE_COMMAND_ROTATE_CONTEXT_HANDLE,
		CALIPTRA_DPE_COMMAND_UPDATE_CONTEXT_MEASUREMENT,
		CALIPTRA_DPE_COMMAND_GET_CERTIFICATE_CHAIN,
		CALIPTRA_DPE_COMMAND_DESTROY_CONTEXT,
	};
	static const uint32_t flags[] = {
		0,	  RETAIN,    DEFAULT, MOVE,	 EXPORTER,
		X509_TOO, RECURSIVE, ADDABLE, WITH_INFO, WITH_DICE,
	};
	unsigned int i;

	memset(cmd, 0, sizeof(*cmd));
	cmd->id = ids[any(COUNT(ids))];
	memcpy(cmd->handle, dpe.context[any(12)].handle, DPE_HANDLE_SIZE);
	for (i = any(5); i; i--)
		cmd->in.flags |= flags[any(COUNT(flags))];
	cmd->in.tci_type = any(6);
	cmd->in.target_locality = any(3);
	cmd->in.svn = any(300);
	cmd->flags = any(3) << 30;
	cmd->offset = any(4000);
	cmd->size = any(2100);
}

/* What is not refused leaves a tree, what is refused the one that was there. */
static void trees_stay_trees(void **unused)
{
	static uint8_t out[DPE_MAX_RESPONSE];
	unsigned int done = 0;
	struct dpe_command cmd;
	unsigned int i;
	uint32_t wrong;
	size_t len;

	(void)unused;
	env.random = any_bytes;
	give_to_pl0();
	for (i = 0; i < 100000; i++) {
		struct dpe before;

		if (!dpe_root(&dpe)) {
			start(&generation_newest);
			env.random = any_bytes;
			give_to_pl0();
		}
		before = dpe;
		any_command(&cmd);
		if (dpe_execute(&env, any(3), &cmd, out, &len)) {
			assert_int_equal(len, DPE_RESPONSE_HEADER_SIZE);
			assert_memory_equal(&dpe, &before, sizeof(before));
			continue;
		}
		done++;
		wrong = dpe_validate(&dpe);
		/* this one can be made */
		if (wrong !=
		    CALIPTRA_DPE_STATUS_2_0_VALIDATION_MIXED_CONTEXT_LOCALITY)
			assert_int_equal(wrong, 0);
		/* which is used once */
		if (cmd.id == CALIPTRA_DPE_COMMAND_ROTATE_CONTEXT_HANDLE)
			assert_memory_not_equal(out + 12, cmd.handle, 16);
	}
	/* there is something to see */
	assert_in_range(done, 1000, 99000);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(boot_makes_the_root),
		TEST(child_takes_the_place_of_its_parent),
		TEST(parent_that_is_kept_gets_a_new_handle),
		TEST(handles_are_of_a_locality),
		TEST(default_contexts_are_alone),
		TEST(flags_exclude_each_other),
		TEST(rights_are_inherited),
		TEST(measurements_are_added),
		TEST(siblings_differ_in_type),
		TEST(contexts_run_out),
		TEST(older_generations_have_32),
		TEST(handles_are_rotated),
		TEST(all_that_descends_is_destroyed),
		TEST(simulated_contexts),
		TEST(parents_measure_into_their_children),
		TEST(handles_can_not_be_made_up),
		TEST(known_answers_of_keys),
		TEST(known_answers_of_mldsa_keys),
		TEST(one_cdi_is_exported),
		TEST(broken_trees_are_found),
		TEST(commands_are_as_long_as_they_are),
		TEST(raw_messages_are_not_read),
		TEST(trees_stay_trees),
	};

	return cmocka_run_group_tests_name("dpe", tests, NULL, NULL);
}
