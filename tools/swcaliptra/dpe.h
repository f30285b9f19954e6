/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The DICE Protection Environment: the tree of measured contexts, and what its
 * commands do to it. Sources: caliptra-dpe dpe/src/context.rs, state.rs and
 * commands, of the revision that each generation of caliptra-sw has.
 *
 * A context is the measurement of one component. It belongs to an AXI user, its
 * locality, who names it with a handle: random, and a new one after each use, or the
 * default one, all zeros, which stays. Functions return 0 or an enum dpe_error, and
 * then have changed nothing.
 */
#ifndef SWCALIPTRA_DPE_H
#define SWCALIPTRA_DPE_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <caliptra/dpe.h>

#include "cert.h"
#include "crypto.h"
#include "generation.h"

#define DPE_MAX_CONTEXTS    64
#define DPE_HANDLE_SIZE	    16
#define DPE_CDI_SIZE	    48
#define DPE_CDI_HANDLE_SIZE 32
#define DPE_LABEL_SIZE	    48
#define DPE_MAX_ALT_NAME    128

#define DPE_RESPONSE_HEADER_SIZE 12

/* The locality of Caliptra itself. */
#define DPE_CALIPTRA_LOCALITY 0xffffffffu

/* Types of the measurements that Caliptra itself puts into the tree. */
#define DPE_TCI_TYPE(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))
#define DPE_TCI_RTMR DPE_TCI_TYPE('R', 'T', 'M', 'R')
#define DPE_TCI_CCIV DPE_TCI_TYPE('C', 'C', 'I', 'V')
#define DPE_TCI_SOMV DPE_TCI_TYPE('S', 'O', 'M', 'V')
#define DPE_TCI_SOMO DPE_TCI_TYPE('S', 'O', 'M', 'O')
#define DPE_TCI_MCFW DPE_TCI_TYPE('M', 'C', 'F', 'W')

#define DPE_NO_PARENT 0xff

/*
 * Why a command is refused, as 2.1 has it; dpe_error_code() knows what the others
 * answer.
 */
enum dpe_error {
	DPE_OK = 0,
	DPE_INTERNAL_ERROR = CALIPTRA_DPE_STATUS_INTERNAL_ERROR,
	DPE_INVALID_ARGUMENT = CALIPTRA_DPE_STATUS_INVALID_ARGUMENT,
	DPE_ARGUMENT_NOT_SUPPORTED = CALIPTRA_DPE_STATUS_ARGUMENT_NOT_SUPPORTED,
	DPE_INVALID_PARENT_LOCALITY =
		CALIPTRA_DPE_STATUS_2_0_INVALID_PARENT_LOCALITY,
	DPE_INVALID_HANDLE = CALIPTRA_DPE_STATUS_INVALID_HANDLE,
	DPE_INVALID_LOCALITY = CALIPTRA_DPE_STATUS_INVALID_LOCALITY,
	DPE_MAX_TCIS = CALIPTRA_DPE_STATUS_MAX_TCIS,
	DPE_NO_ROOM = CALIPTRA_DPE_STATUS_INVALID_MUT_REF_BUF,
	DPE_CERTIFICATE_CHAIN_ERROR =
		CALIPTRA_DPE_STATUS_2_0_PLATFORM_CERTIFICATE_CHAIN,
	DPE_CRYPTO_ERROR = CALIPTRA_DPE_STATUS_2_0_CRYPTO_LIB,
	DPE_NOT_IMPLEMENTED = CALIPTRA_DPE_STATUS_2_0_CRYPTO_NOT_IMPLEMENTED,
	DPE_NO_EXPORTED_CDI =
		CALIPTRA_DPE_STATUS_2_0_CRYPTO_INVALID_EXPORTED_CDI_HANDLE,
	DPE_CDI_IS_EXPORTED =
		CALIPTRA_DPE_STATUS_2_0_CRYPTO_EXPORTED_CDI_HANDLE_DUPLICATE_CDI,
};

/** enum dpe_state - state of a context */
enum dpe_state {
	DPE_INACTIVE, /* not in use */
	DPE_ACTIVE,
	DPE_RETIRED, /* another was derived of it; it still counts */
};

/**
 * struct dpe_context - one measured component
 * @handle: what its owner calls it
 * @state: inactive, active or retired
 * @simulation: it can do everything but sign and export
 * @parent: index of the context it was derived from, or DPE_NO_PARENT
 * @children: a bit for each context that was derived from it
 * @locality: AXI user it belongs to
 * @tci_type: what was measured
 * @svn: its security version
 * @tci_current: the measurement
 * @tci_cumulative: all measurements so far
 * @internal_info: the DPE's own description is part of the CDI
 * @internal_dice: the chain of certificates is part of the CDI
 * @allow_x509: its keys may get certificates
 * @allow_export: its CDI may be exported
 * @allow_recursive: its owner may add measurements
 */
struct dpe_context {
	uint8_t handle[DPE_HANDLE_SIZE];
	enum dpe_state state;
	bool simulation;
	uint8_t parent;
	uint64_t children;
	uint32_t locality;
	uint32_t tci_type;
	uint32_t svn;
	uint8_t tci_current[SHA384_SIZE];
	uint8_t tci_cumulative[SHA384_SIZE];
	bool internal_info;
	bool internal_dice;
	bool allow_x509;
	bool allow_export;
	bool allow_recursive;
};

/**
 * struct dpe_exported_cdi - the CDI that somebody has the handle of
 * @active: somebody has
 * @handle: the handle
 * @cdi: the secret
 */
struct dpe_exported_cdi {
	bool active;
	uint8_t handle[DPE_CDI_HANDLE_SIZE];
	uint8_t cdi[DPE_CDI_SIZE];
};

/**
 * struct dpe - the tree, and what is kept with it
 * @pl0_locality: AXI user with privilege level 0
 * @pl0_limit: contexts that privilege level 0 may use
 * @pl1_limit: contexts that all others may use
 * @size: how many contexts there are
 * @context: the contexts
 * @tagged: this context has a tag
 * @tag: the tag
 * @exported: the exported CDI
 */
struct dpe {
	uint32_t pl0_locality;
	unsigned int pl0_limit;
	unsigned int pl1_limit;
	unsigned int size;
	struct dpe_context context[DPE_MAX_CONTEXTS];
	bool tagged[DPE_MAX_CONTEXTS];
	uint32_t tag[DPE_MAX_CONTEXTS];
	struct dpe_exported_cdi exported;
};

/**
 * struct dpe_platform - what is not part of the state, and gone with every reset
 * @alt_name: the SoC's name, for certificates
 * @alt_name_len: its length in bytes
 * @has_alt_name: there is one
 */
struct dpe_platform {
	uint8_t alt_name[DPE_MAX_ALT_NAME];
	size_t alt_name_len;
	bool has_alt_name;
};

struct dpe_profile;

/**
 * struct dpe_kept_key - the key of a context that was derived last
 * @key: the key, or NULL where none is kept
 * @profile: its kind
 * @has_public: its public key is there
 * @cdi: the CDI that it was derived from
 * @label: and the label
 *
 * Whoever signs mostly does so with one key, and deriving it takes time. It is kept
 * until the tree changes.
 */
struct dpe_kept_key {
	EVP_PKEY *key;
	const struct dpe_profile *profile;
	bool has_public;
	uint8_t cdi[DPE_CDI_SIZE];
	uint8_t label[DPE_LABEL_SIZE];
};

/**
 * struct dpe_env - what a command is executed with
 * @dpe: the tree
 * @g: generation of the firmware
 * @profile: kind of its keys
 * @room: bytes that there are for an answer; only those with a certificate may not fit
 * @chain: certificates down to the RT alias, one after the other
 * @chain_len: their length in bytes
 * @platform: the SoC's name
 * @with_alt_name: put the SoC's name into certificates
 * @ueid: of the device
 * @ueid_len: its length in bytes
 * @validity: of certificates, as cert_date() has it
 * @issuer: how the name of the RT alias begins
 * @rt_cdi: CDI of the RT alias layer, of which DPE_CDI_SIZE bytes count
 * @rt_key: the RT alias key
 * @kept_key: where the key that was derived last is kept, or NULL
 * @random: fills a buffer with random bytes; 0, or not 0
 */
struct dpe_env {
	struct dpe *dpe;
	const struct generation *g;
	const struct dpe_profile *profile;
	size_t room;
	const uint8_t *chain;
	size_t chain_len;
	const struct dpe_platform *platform;
	bool with_alt_name;
	const uint8_t *ueid;
	size_t ueid_len;
	const uint8_t (*validity)[CERT_DATE_SIZE];
	const char *issuer;
	const uint8_t *rt_cdi;
	EVP_PKEY *rt_key;
	struct dpe_kept_key *kept_key;
	int (*random)(void *out, size_t len);
};

/**
 * struct dpe_input - what a new context measures
 * @data: the measurement
 * @flags: CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_*
 * @tci_type: what was measured
 * @target_locality: AXI user that gets the context, with CHANGE_LOCALITY
 * @svn: its security version
 */
struct dpe_input {
	uint8_t data[SHA384_SIZE];
	uint32_t flags;
	uint32_t tci_type;
	uint32_t target_locality;
	uint32_t svn;
};

/* How Caliptra itself derives the contexts of what it is given to measure. */
#define DPE_CALIPTRA_FLAGS                                               \
	(CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_MAKE_DEFAULT |                \
	 CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_CHANGE_LOCALITY |             \
	 CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_ALLOW_NEW_CONTEXT_TO_EXPORT | \
	 CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_INPUT_ALLOW_X509 |            \
	 CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_ALLOW_RECURSIVE)

extern const uint8_t dpe_default_handle[DPE_HANDLE_SIZE];
extern const uint8_t dpe_invalid_handle[DPE_HANDLE_SIZE];

/** dpe_error_code() - what firmware of generation @g answers for @error */
uint32_t dpe_error_code(const struct generation *g, enum dpe_error error);

/** dpe_response_header() - the header of a response, which is all of an error's */
void dpe_response_header(const struct dpe_env *env, enum dpe_error error,
			 uint8_t out[DPE_RESPONSE_HEADER_SIZE]);

/**
 * dpe_init() - the root context, measuring runtime firmware
 * @dpe: the tree
 * @g: generation of the firmware
 * @pl0_locality: AXI user with privilege level 0
 * @rt_current: PCR 2
 * @rt_journey: PCR 3
 */
void dpe_init(struct dpe *dpe, const struct generation *g,
	      uint32_t pl0_locality, const uint8_t rt_current[SHA384_SIZE],
	      const uint8_t rt_journey[SHA384_SIZE]);

/** dpe_find() - the active context of this handle in this locality */
enum dpe_error dpe_find(const struct dpe *dpe,
			const uint8_t handle[DPE_HANDLE_SIZE],
			uint32_t locality, unsigned int *index);

/** dpe_root() - the root context that is not simulated, NULL if there is none */
struct dpe_context *dpe_root(struct dpe *dpe);

/** dpe_new_handle() - a random handle that no context has */
enum dpe_error dpe_new_handle(const struct dpe_env *env,
			      uint8_t handle[DPE_HANDLE_SIZE]);

/** dpe_roll_handle() - give a context a new handle, unless it is the default one */
enum dpe_error dpe_roll_handle(const struct dpe_env *env,
			       struct dpe_context *context);

/** dpe_add_measurement() - measure once more into an active context */
enum dpe_error dpe_add_measurement(struct dpe_context *context,
				   const uint8_t measurement[SHA384_SIZE],
				   uint32_t locality);

/** dpe_count_used() - contexts in use, of privilege level 0 or of all others */
unsigned int dpe_count_used(const struct dpe *dpe, bool pl0);

/**
 * dpe_initialize() - InitializeContext
 * @env: what to do it with
 * @locality: of the caller
 * @flags: CALIPTRA_DPE_INITIALIZE_CONTEXT_FLAGS_*
 * @handle: of the new context
 */
enum dpe_error dpe_initialize(const struct dpe_env *env, uint32_t locality,
			      uint32_t flags, uint8_t handle[DPE_HANDLE_SIZE]);

/**
 * dpe_check_parent() - may this be derived from this context?
 * @env: what to do it with
 * @parent: the context
 * @flags: CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_*
 */
enum dpe_error dpe_check_parent(const struct dpe_env *env,
				const struct dpe_context *parent,
				uint32_t flags);

/**
 * dpe_leave_parent() - what becomes of a parent: it gets a new handle or is retired
 * @env: what to do it with
 * @parent: a copy of it
 * @flags: CALIPTRA_DPE_DERIVE_CONTEXT_FLAGS_*
 */
enum dpe_error dpe_leave_parent(const struct dpe_env *env,
				struct dpe_context *parent, uint32_t flags);

/** dpe_type_is_new() - has the context no child that measures this? */
bool dpe_type_is_new(const struct dpe_env *env,
		     const struct dpe_context *parent, uint32_t tci_type);

/**
 * dpe_derive() - DeriveContext that exports nothing
 * @env: what to do it with
 * @locality: of the caller
 * @handle: of the parent
 * @in: what is measured
 * @new_handle: of the new context
 * @parent_handle: of the parent from now on
 */
enum dpe_error dpe_derive(const struct dpe_env *env, uint32_t locality,
			  const uint8_t handle[DPE_HANDLE_SIZE],
			  const struct dpe_input *in,
			  uint8_t new_handle[DPE_HANDLE_SIZE],
			  uint8_t parent_handle[DPE_HANDLE_SIZE]);

/**
 * dpe_update_child() - UpdateContextMeasurement
 * @env: what to do it with
 * @locality: of the caller
 * @handle: of the parent
 * @in: what is measured; its type is the child's
 * @child_handle: of the child from now on
 * @parent_handle: of the parent from now on
 *
 * As in the firmware the parent has its new handle even if the child gets none.
 */
enum dpe_error dpe_update_child(const struct dpe_env *env, uint32_t locality,
				const uint8_t handle[DPE_HANDLE_SIZE],
				const struct dpe_input *in,
				uint8_t child_handle[DPE_HANDLE_SIZE],
				uint8_t parent_handle[DPE_HANDLE_SIZE]);

/**
 * dpe_rotate() - RotateContextHandle
 * @env: what to do it with
 * @locality: of the caller
 * @handle: of the context
 * @flags: CALIPTRA_DPE_ROTATE_CONTEXT_FLAGS_*
 * @new_handle: its handle from now on
 */
enum dpe_error dpe_rotate(const struct dpe_env *env, uint32_t locality,
			  const uint8_t handle[DPE_HANDLE_SIZE], uint32_t flags,
			  uint8_t new_handle[DPE_HANDLE_SIZE]);

/** dpe_destroy() - DestroyContext; tags stay until dpe_drop_tags() */
enum dpe_error dpe_destroy(struct dpe *dpe, uint32_t locality,
			   const uint8_t handle[DPE_HANDLE_SIZE]);

/** dpe_drop_tags() - forget the tags of contexts that are not in use */
void dpe_drop_tags(struct dpe *dpe);

/**
 * dpe_validate() - is the tree one that commands can have made?
 * @dpe: the tree
 *
 * Return: 0 or the code that firmware reports.
 */
uint32_t dpe_validate(const struct dpe *dpe);

#endif
