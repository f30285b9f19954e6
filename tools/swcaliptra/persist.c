// SPDX-License-Identifier: GPL-2.0-or-later
/* What a device is doing, in one table. See persist.h. */
#include "persist.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caliptra-regs.h"
#include "identity.h"
#include "log.h"
#include "subsystem.h"

#define BOOT_ID	     "/proc/sys/kernel/random/boot_id"
#define BOOT_ID_SIZE 36

/**
 * struct key - whose a file is
 * @device: fuses of the device
 * @program: digest of the program, which is ROM, and says how its memory is laid out
 * @options: digest of how the SoC is wired and boots it
 * @boot_id: which boot of the host it is
 */
struct key {
	uint8_t device[32];
	uint8_t program[SHA256_SIZE];
	uint8_t options[SHA256_SIZE];
	uint8_t boot_id[BOOT_ID_SIZE];
	uint8_t unused[JOURNAL_KEY_SIZE - 3 * 32 - BOOT_ID_SIZE];
};

_Static_assert(sizeof(struct key) == JOURNAL_KEY_SIZE, "it is the whole key");

/* Whose a piece is. */
enum owner {
	DEVICE,
	SUBSYSTEM, /* where there is one */
	SOC,
};

struct piece;

/**
 * struct piece - something that is kept
 * @owner: whose it is
 * @is_secret: it is sealed
 * @edits: where in what the owner is changes of it are counted, or 0: nobody does
 * @offset: where it is in what the owner is
 * @size: its size in bytes
 * @good: can the program have had it? NULL: whatever it is
 * @max: for @good
 */
struct piece {
	uint8_t owner;
	bool is_secret;
	size_t edits;
	size_t offset;
	size_t size;
	bool (*good)(const void *bytes, const struct piece *piece);
	uint64_t max;
};

/* --- What the program can not have had --- */

/* A bool that is neither may not even be looked at. */
static bool is_flag(const bool *flag)
{
	return *(const unsigned char *)flag <= 1;
}

static bool good_flags(const void *bytes, const struct piece *piece)
{
	const bool *flags = bytes;
	size_t i;

	for (i = 0; i < piece->size; i++)
		if (!is_flag(&flags[i]))
			return false;
	return true;
}

/* Of whichever type it is. */
static bool good_number(const void *bytes, const struct piece *piece)
{
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (piece->size) {
	case sizeof(u64):
		memcpy(&u64, bytes, sizeof(u64));
		return u64 <= piece->max;
	case sizeof(u32):
		memcpy(&u32, bytes, sizeof(u32));
		return u32 <= piece->max;
	case sizeof(u16):
		memcpy(&u16, bytes, sizeof(u16));
		return u16 <= piece->max;
	default:
		return piece->size == 1 &&
		       *(const uint8_t *)bytes <= piece->max;
	}
}

static bool good_cert(const void *bytes, const struct piece *piece)
{
	const struct cert_der *cert = bytes;

	(void)piece;
	return cert->len <= sizeof(cert->bytes);
}

static bool good_image(const void *bytes, const struct piece *piece)
{
	const struct fw_image *image = bytes;

	(void)piece;
	return is_flag(&image->is_program) && is_flag(&image->is_bundle);
}

static bool good_straps(const void *bytes, const struct piece *piece)
{
	const struct soc_ifc_straps *straps = bytes;

	(void)piece;
	return is_flag(&straps->bootfsm_brkpoint) &&
	       is_flag(&straps->debug_locked) &&
	       is_flag(&straps->subsystem_mode_en);
}

static bool good_context(const struct dpe_context *c)
{
	return c->state <= DPE_RETIRED && is_flag(&c->simulation) &&
	       (c->parent < DPE_MAX_CONTEXTS || c->parent == DPE_NO_PARENT) &&
	       is_flag(&c->internal_info) && is_flag(&c->internal_dice) &&
	       is_flag(&c->allow_x509) && is_flag(&c->allow_export) &&
	       is_flag(&c->allow_recursive);
}

/* Whoever goes from parent to parent comes to an end, and from child to child. */
static bool good_links(const struct dpe_context *contexts, unsigned int index)
{
	const struct dpe_context *c = &contexts[index];
	unsigned int steps = 0;
	unsigned int i;

	for (i = 0; i < DPE_MAX_CONTEXTS; i++)
		if (c->children >> i & 1 && contexts[i].parent != index)
			return false;
	while (c->state != DPE_INACTIVE && c->parent != DPE_NO_PARENT) {
		if (++steps > DPE_MAX_CONTEXTS)
			return false;
		c = &contexts[c->parent];
	}
	return true;
}

/* Those that are not in use have no links that anybody would follow. */
static bool good_contexts(const void *bytes, const struct piece *piece)
{
	const struct dpe_context *contexts = bytes;
	unsigned int i;

	(void)piece;
	for (i = 0; i < DPE_MAX_CONTEXTS; i++)
		if (!good_context(&contexts[i]))
			return false;
	for (i = 0; i < DPE_MAX_CONTEXTS; i++) {
		if (contexts[i].state == DPE_INACTIVE && contexts[i].children)
			return false;
		if (contexts[i].state != DPE_INACTIVE &&
		    !good_links(contexts, i))
			return false;
	}
	return true;
}

/* They are counted from one, and 0 is none. */
static bool good_places(const void *bytes, const struct piece *piece)
{
	const uint8_t *place = bytes;
	size_t i;

	for (i = 0; i < piece->size; i++)
		if (place[i] > DPE_MAX_CONTEXTS)
			return false;
	return true;
}

static bool good_manifest(const void *bytes, const struct piece *piece)
{
	const struct fw_manifest *manifest = bytes;

	(void)piece;
	return manifest->entries.count <= MANIFEST_MAX_ENTRIES;
}

/* Each entry ends with a line feed. */
static bool good_mcu_log(const void *bytes, const struct piece *piece)
{
	const struct mcu_log *log = bytes;

	(void)piece;
	return log->len <= sizeof(log->text) && log->read <= log->len &&
	       (!log->len || log->text[log->len - 1] == '\n');
}

/* --- What is kept --- */

#define OF(who, type, member)                                  \
	.owner = who, .offset = offsetof(struct type, member), \
	.size = sizeof(((struct type *)0)->member)
#define OF_DEVICE(member) OF(DEVICE, device, member)

/* Whatever it is, and what has to be one of what is good. */
#define BYTES(member)	       { OF_DEVICE(member) }
#define GOOD(member, function) { OF_DEVICE(member), .good = function }
#define FLAGS(member)	       GOOD(member, good_flags)
#define UP_TO(member, most) \
	{ OF_DEVICE(member), .good = good_number, .max = most }

#define SECRET(member) { OF_DEVICE(member), .is_secret = true }

/* What is large is only looked at when the counter of its changes has changed. */
#define COUNTED(member, counter) \
	OF_DEVICE(member), .edits = offsetof(struct device, counter)
#define IDENTITY(member, function) \
	{ COUNTED(member, fw.identity_edits), .good = function }
#define IDENTITY_UP_TO(member, most) \
	{ COUNTED(member, fw.identity_edits), .good = good_number, .max = most }

#define LOG(member) { COUNTED(member, fw.log_edits) }
#define LOG_UP_TO(member, most) \
	{ COUNTED(member, fw.log_edits), .good = good_number, .max = most }

/* Registers of soc_ifc, up to and without the last one. */
#define SECRET_FUSES(from, to)                                 \
	{ .owner = DEVICE,                                     \
	  .is_secret = true,                                   \
	  .offset = offsetof(struct device, ifc.reg) + (from), \
	  .size = (to) - (from) }
#define FUSES(from, to)                                        \
	{ .owner = DEVICE,                                     \
	  .edits = offsetof(struct device, ifc.fuse_edits),    \
	  .offset = offsetof(struct device, ifc.reg) + (from), \
	  .size = (to) - (from) }

/* A layer but for its key pairs, which come last. */
#define LAYER(member)                                \
	{ .owner = DEVICE,                           \
	  .is_secret = true,                         \
	  .offset = offsetof(struct device, member), \
	  .size = offsetof(struct dice_layer, ecc) }

/* In all generations UDS seed and field entropy are in front of this. */
#define END_OF_SECRET_FUSES FUSE_VENDOR_PK_HASH

/* A further piece is a further line. */
static const struct piece pieces[] = {
	{ .owner = DEVICE,
	  .offset = offsetof(struct device, ifc.reg),
	  .size = FUSE_UDS_SEED },
	SECRET_FUSES(FUSE_UDS_SEED, END_OF_SECRET_FUSES),
	FUSES(END_OF_SECRET_FUSES, FUSE_HEK_SEED),
	SECRET_FUSES(FUSE_HEK_SEED, FUSE_HEK_SEED + 32),
	FUSES(FUSE_HEK_SEED + 32, INTERNAL_OBF_KEY),
	SECRET_FUSES(INTERNAL_OBF_KEY, INTERNAL_OBF_KEY + 32),
	FUSES(INTERNAL_OBF_KEY + 32, SOC_IFC_REG_SIZE),
	GOOD(ifc.straps, good_straps),
	UP_TO(ifc.boot_fsm, BOOT_DONE),
	FLAGS(ifc.fuse_wr_done_written),
	FLAGS(ifc.error_fatal),
	FLAGS(ifc.error_non_fatal),
	FLAGS(ifc.sha.lock),
	FLAGS(ifc.sha.soc_has_lock),
	FLAGS(ifc.sha.uc_waits),
	FLAGS(ifc.sha.execute),
	UP_TO(ifc.sha.fsm, SHA_ACC_DONE),
	BYTES(ifc.sha.user),
	BYTES(ifc.sha.mode),
	BYTES(ifc.sha.start_address),
	BYTES(ifc.sha.dlen),
	BYTES(ifc.sha.datain),
	BYTES(ifc.sha.uc_hashes),
	BYTES(ifc.sha.state),
	BYTES(ifc.sha.digest),
	BYTES(ifc.sha.block),
	UP_TO(ifc.sha.wptr, 2 * SHA_ACC_BLOCK_WORDS - 1),
	BYTES(ifc.sha.written),
	BYTES(mbox.user),
	BYTES(message_status),

	{ COUNTED(fw.image, fw.image_edits), .good = good_image },
	UP_TO(fw.phase, FW_HALTED),
	UP_TO(fw.self_test, SELF_TEST_DONE),
	BYTES(fw.last_error),
	BYTES(fw.pcrs.value),
	BYTES(fw.pcrs.reset_counter),
	LOG_UP_TO(fw.pcr_log.len, PCR_LOG_ENTRIES),
	LOG(fw.pcr_log.entry),
	LOG(fw.log),
	LOG_UP_TO(fw.log_len, ROM_MAX_MEASUREMENTS),
	FLAGS(fw.cold_boot_done),
	FLAGS(fw.update_failed),
	BYTES(fw.installed_owner),
	FLAGS(fw.owner_installed),
	FLAGS(fw.command_active),
	FLAGS(fw.attestation_disabled),

	LAYER(fw.ldevid),
	LAYER(fw.fmc_alias),
	LAYER(fw.rt_alias),

	BYTES(fw.dpe.pl0_locality),
	UP_TO(fw.dpe.pl0_limit, DPE_MAX_CONTEXTS),
	UP_TO(fw.dpe.pl1_limit, DPE_MAX_CONTEXTS),
	UP_TO(fw.dpe.size, DPE_MAX_CONTEXTS),
	{ COUNTED(fw.dpe.context, fw.dpe_edits), .good = good_contexts },
	FLAGS(fw.dpe.tagged),
	BYTES(fw.dpe.tag),
	FLAGS(fw.dpe.exported.active),
	SECRET(fw.dpe.exported.handle),
	SECRET(fw.dpe.exported.cdi),
	BYTES(fw.dpe_platform.alt_name),
	UP_TO(fw.dpe_platform.alt_name_len, DPE_MAX_ALT_NAME),
	FLAGS(fw.dpe_platform.has_alt_name),

	GOOD(fw.contexts, good_places),
	{ COUNTED(fw.manifest, fw.manifest_edits), .good = good_manifest },
	{ COUNTED(fw.owner_manifest, fw.manifest_edits),
	  .good = good_manifest },
	UP_TO(fw.mcu_status, FW_MCU_UPDATE_STARTED),
	FLAGS(fw.mcu_encrypted),
	BYTES(fw.mcu_image),

	IDENTITY(fw.ueid, NULL),
	IDENTITY(fw.idevid_point, NULL),
	IDENTITY(fw.idevid_key_id, NULL),
	IDENTITY(fw.idevid_csr, good_cert),
	IDENTITY(fw.ldevid_cert, good_cert),
	IDENTITY(fw.fmc_alias_csr, good_cert),
	IDENTITY(fw.fmc_alias_cert, good_cert),
	IDENTITY(fw.rt_alias_cert, good_cert),
	IDENTITY(fw.mldsa.idevid, NULL),
	IDENTITY(fw.mldsa.idevid_key_id, NULL),
	IDENTITY(fw.mldsa.idevid_csr, good_cert),
	IDENTITY(fw.mldsa.ldevid_cert, good_cert),
	IDENTITY(fw.mldsa.fmc_alias_csr, good_cert),
	IDENTITY(fw.mldsa.fmc_alias_cert, good_cert),
	IDENTITY(fw.mldsa.rt_alias_cert, good_cert),
	IDENTITY(fw.chains.ecc, NULL),
	IDENTITY_UP_TO(fw.chains.ecc_len, FW_ECC_CHAIN_SIZE),
	IDENTITY(fw.chains.mldsa, NULL),
	IDENTITY_UP_TO(fw.chains.mldsa_len, FW_MLDSA_CHAIN_SIZE),

	{ OF(SUBSYSTEM, subsystem, mci.reg) },
	{ OF(SUBSYSTEM, subsystem, mcu.phase), .good = good_number,
	  .max = MCU_HALTED },
	{ OF(SUBSYSTEM, subsystem, mcu.started_ns) },
	/* not in their order, so that they are two regions */
	{ OF(SUBSYSTEM, subsystem, staging),
	  .edits = offsetof(struct subsystem, memory_edits) },
	{ OF(SUBSYSTEM, subsystem, mcu_sram),
	  .edits = offsetof(struct subsystem, memory_edits) },
	{ .owner = SUBSYSTEM,
	  .edits = offsetof(struct subsystem, mcu.log.edits),
	  .offset = offsetof(struct subsystem, mcu.log),
	  .size = offsetof(struct mcu_log, edits),
	  .good = good_mcu_log },

	{ .owner = SOC,
	  .size = sizeof(enum soc_boot_hold),
	  .good = good_number,
	  .max = SOC_BOOT_HOLD_FIRMWARE },
};

#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

_Static_assert(PIECES <= PERSIST_MAX_PIECES, "there is a place for each");
/* and what is sealed */
_Static_assert(PIECES < JOURNAL_MAX_REGIONS, "the journal has room for all");

static uint8_t *owner(const struct persist *p, const struct piece *piece)
{
	switch ((enum owner)piece->owner) {
	case DEVICE:
		return (uint8_t *)p->dev;
	case SUBSYSTEM:
		return (uint8_t *)p->dev->subsystem;
	case SOC:
		return (uint8_t *)p->hold;
	}
	return NULL;
}

static uint8_t *live(const struct persist *p, const struct piece *piece)
{
	return owner(p, piece) + piece->offset;
}

static const uint32_t *edits(const struct persist *p, const struct piece *piece)
{
	return piece->edits ?
		       (const uint32_t *)(owner(p, piece) + piece->edits) :
		       NULL;
}

static bool is_there(const struct persist *p, const struct piece *piece)
{
	return piece->owner != SUBSYSTEM || p->dev->subsystem;
}

/* What lies between two, less than a word, is kept with them and never looked at. */
static bool side_by_side(const struct piece *a, const struct piece *b)
{
	size_t end = a->offset + a->size;

	return a->owner == b->owner && a->edits == b->edits &&
	       b->offset >= end && b->offset - end < sizeof(uint64_t);
}

/* A long region is compared faster than several short ones. */
static void add_piece(struct persist *p, size_t index, const struct piece *last)
{
	const struct piece *piece = &pieces[index];
	struct journal_region *region;

	if (!last || !side_by_side(last, piece))
		p->regions[p->count++] = (struct journal_region){
			.live = live(p, piece),
			.edits = edits(p, piece),
		};
	region = &p->regions[p->count - 1];
	p->places[index].region = p->count - 1;
	p->places[index].at =
		(size_t)(live(p, piece) - (uint8_t *)region->live);
	region->size = p->places[index].at + piece->size;
}

static int list_regions(struct persist *p)
{
	const struct piece *last = NULL;
	size_t i;

	for (i = 0; i < PIECES; i++) {
		const struct piece *piece = &pieces[i];

		if (!is_there(p, piece))
			continue;
		if (piece->is_secret) {
			p->secret[p->secret_count++] =
				(struct persist_secret){ live(p, piece),
							 piece->size };
			p->secrets_len += piece->size;
		} else {
			add_piece(p, i, last);
			last = piece;
		}
	}
	p->secrets = calloc(1, p->secrets_len);
	p->sealed = calloc(1, p->secrets_len + SEAL_OVERHEAD);
	p->regions[p->count++] = (struct journal_region){
		.live = p->sealed,
		.size = p->secrets_len + SEAL_OVERHEAD,
		.edits = &p->seals,
	};
	if (p->secrets && p->sealed)
		return 0;
	log_error("there is no memory for what the device does");
	return -1;
}

static const uint8_t *kept(const struct persist *p, size_t index)
{
	const struct persist_place *place = &p->places[index];

	return (const uint8_t *)journal_kept(&p->journal, place->region) +
	       place->at;
}

static const uint8_t *kept_seal(const struct persist *p)
{
	return journal_kept(&p->journal, p->count - 1);
}

/* --- Whose it is --- */

/* Where nobody can tell, no boot of the host is the same as any other. */
static void read_boot_id(uint8_t id[BOOT_ID_SIZE])
{
	int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, id, BOOT_ID_SIZE) != BOOT_ID_SIZE)
		crypto_random(id, BOOT_ID_SIZE);
	if (fd >= 0)
		close(fd);
}

static int digest_options(const struct persist_config *config,
			  uint8_t digest[SHA256_SIZE])
{
	const struct device_config *device = &config->dev->config;
	struct {
		uint32_t hold;
		uint32_t manufacturing_flags;
		uint32_t subsystem;
		uint32_t bundle_len;
		uint32_t mcu_mbox_size[2];
		uint8_t bundle[SHA256_SIZE];
		uint8_t recovery[FW_RECOVERY_IMAGES][SHA256_SIZE];
	} options = {
		.hold = *config->hold,
		.manufacturing_flags = config->manufacturing_flags,
		.subsystem = device->subsystem,
		.bundle_len = config->bundle_len,
		.mcu_mbox_size = { device->mcu_mbox_size[0],
				   device->mcu_mbox_size[1] },
	};
	const struct fw_image_bytes *image = device->recovery;
	size_t i;

	if (config->bundle &&
	    crypto_sha256(config->bundle, config->bundle_len, options.bundle))
		return -1;
	for (i = 0; i < FW_RECOVERY_IMAGES; i++, image++)
		if (image->bytes && crypto_sha256(image->bytes, image->len,
						  options.recovery[i]))
			return -1;
	return crypto_sha256(&options, sizeof(options), digest);
}

static void words_to_bytes(const uint32_t *words, size_t count, uint8_t *bytes)
{
	size_t i;

	for (i = 0; i < 4 * count; i++)
		bytes[i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
}

/* What seals, and what tells the device from others and gives nothing away. */
static int derive_keys(const struct fuses *fuses,
		       uint8_t seal_key[SEAL_KEY_SIZE], uint8_t device[32])
{
	uint8_t obf_key[DICE_OBF_KEY_SIZE];
	uint8_t seed[DICE_UDS_SIZE];
	uint8_t uds[DICE_UDS_SIZE];
	uint8_t digest[SHA256_SIZE];
	uint8_t keys[SHA512_SIZE];
	int ret;

	fuses_obf_key(fuses, obf_key);
	words_to_bytes(fuses->uds_seed, DICE_UDS_SIZE / 4, seed);
	ret = dice_deobfuscate(obf_key, seed, sizeof(seed), uds) ||
	      crypto_sha256(fuses, sizeof(*fuses), digest) ||
	      crypto_hmac512_kdf(uds, sizeof(uds), "swcaliptra_running", digest,
				 sizeof(digest), keys);
	if (!ret) {
		memcpy(seal_key, keys, SEAL_KEY_SIZE);
		memcpy(device, keys + SEAL_KEY_SIZE, 32);
	}
	OPENSSL_cleanse(obf_key, sizeof(obf_key));
	OPENSSL_cleanse(seed, sizeof(seed));
	OPENSSL_cleanse(uds, sizeof(uds));
	OPENSSL_cleanse(keys, sizeof(keys));
	return ret;
}

static int make_key(struct persist *p, const struct persist_config *config)
{
	struct key key = { 0 };

	memcpy(key.program, config->dev->config.image.rom_sha256,
	       sizeof(key.program));
	read_boot_id(key.boot_id);
	if (derive_keys(config->fuses, p->seal_key, key.device) ||
	    digest_options(config, key.options)) {
		log_error("can not keep what the device does: OpenSSL failed");
		return -1;
	}
	memcpy(p->key, &key, sizeof(key));
	return 0;
}

int persist_open(struct persist *p, const struct persist_config *config)
{
	memset(p, 0, sizeof(*p));
	p->journal.fd = -1;
	p->dev = config->dev;
	p->hold = config->hold;
	if (list_regions(p) || make_key(p, config))
		return -1;
	return journal_open(&p->journal, config->dir, PERSIST_FILE, p->regions,
			    p->count);
}

/* Why the device boots although it was killed, or NULL where that was to be expected. */
static const char *why_not_ours(const struct persist *p, const struct key *kept)
{
	const struct key *ours = (const struct key *)p->key;

	if (memcmp(kept->boot_id, ours->boot_id, sizeof(ours->boot_id)))
		return NULL;
	if (memcmp(kept->device, ours->device, sizeof(ours->device)))
		return "it is of another device";
	if (memcmp(kept->program, ours->program, sizeof(ours->program)))
		return "it is of another swcaliptra, and this is another ROM";
	if (memcmp(kept->options, ours->options, sizeof(ours->options)))
		return "it was started with other options";
	return NULL;
}

/* --- Going on --- */

static bool all_good(const struct persist *p)
{
	size_t i;

	for (i = 0; i < PIECES; i++) {
		const struct piece *piece = &pieces[i];

		if (is_there(p, piece) && piece->good &&
		    !piece->good(kept(p, i), piece))
			return false;
	}
	return true;
}

static bool unseal_secrets(struct persist *p)
{
	return !unseal(p->seal_key, p->key, sizeof(p->key), kept_seal(p),
		       p->secrets_len, p->secrets);
}

static void take_all(struct persist *p)
{
	const uint8_t *secret = p->secrets;
	size_t i;

	for (i = 0; i < PIECES; i++) {
		const struct piece *piece = &pieces[i];

		if (!is_there(p, piece))
			continue;
		if (piece->is_secret) {
			memcpy(live(p, piece), secret, piece->size);
			secret += piece->size;
		} else {
			memcpy(live(p, piece), kept(p, i), piece->size);
		}
	}
	memcpy(p->sealed, kept_seal(p), p->secrets_len + SEAL_OVERHEAD);
}

static bool has_keys(const struct firmware *fw, const struct dice_layer *layer)
{
	return layer->ecc && (layer->mldsa || !identity_has_mldsa(fw));
}

static bool restore_keys(struct firmware *fw)
{
	if (dice_layer_restore(&fw->ldevid) ||
	    dice_layer_restore(&fw->fmc_alias) ||
	    dice_layer_restore(&fw->rt_alias))
		return false;
	/* where ROM waits for firmware there has been none since the last cold reset */
	if (fw->phase == FW_ROM || fw->phase == FW_SENDS_CSR)
		return has_keys(fw, &fw->ldevid) && !fw->cold_boot_done;
	if (fw->phase == FW_RUNTIME || fw->cold_boot_done)
		return has_keys(fw, &fw->fmc_alias) &&
		       has_keys(fw, &fw->rt_alias);
	return true;
}

/* ROM has to send its requests again, if the SoC has not told that it has them. */
static void send_csr_again(struct device *dev)
{
	uint32_t status = soc_ifc_get(&dev->ifc, CPTRA_FLOW_STATUS);

	if (dev->fw.phase == FW_SENDS_CSR &&
	    soc_ifc_get(&dev->ifc, CPTRA_DBG_MANUF_SERVICE_REG) &
		    CPTRA_DBG_MANUF_SERVICE_REG_GEN_IDEV_CSR)
		soc_ifc_set(&dev->ifc, CPTRA_FLOW_STATUS,
			    status & ~CPTRA_FLOW_STATUS_IDEVID_CSR_READY);
}

static bool take(struct persist *p)
{
	if (!all_good(p) || !unseal_secrets(p))
		return false;
	take_all(p);
	if (!restore_keys(&p->dev->fw))
		return false;
	send_csr_again(p->dev);
	if (p->dev->subsystem)
		subsystem_resume(p->dev->subsystem);
	journal_distrust(&p->journal);
	return true;
}

/* What a cold reset leaves, too. */
static void forget(struct device *dev)
{
	device_reset(dev, DEVICE_RESET_COLD);
	dev->message_status = 0;
	if (!dev->subsystem)
		return;
	memset(dev->subsystem->staging, 0, sizeof(dev->subsystem->staging));
	memset(&dev->subsystem->mcu.log, 0, sizeof(dev->subsystem->mcu.log));
}

bool persist_resume(struct persist *p)
{
	enum soc_boot_hold hold = *p->hold;
	enum journal_found found;
	const char *why;
	struct key kept;

	found = journal_key(&p->journal, (uint8_t *)&kept);
	if (found == JOURNAL_WHOLE && memcmp(&kept, p->key, sizeof(kept))) {
		why = why_not_ours(p, &kept);
		if (why)
			log_error(
				"the device boots anew: what was kept of it can not be used: %s",
				why);
		return false;
	}
	if (found == JOURNAL_WHOLE)
		found = journal_recover(&p->journal);
	if (found == JOURNAL_EMPTY)
		return false;
	if (found == JOURNAL_WHOLE && take(p))
		return true;
	log_error(
		"the device boots anew: what was kept of it in the file %s is damaged",
		PERSIST_FILE);
	*p->hold = hold;
	forget(p->dev);
	return false;
}

/* --- Keeping it --- */

static bool take_secrets(struct persist *p)
{
	uint8_t *copy = p->secrets;
	bool changed = false;
	unsigned int i;

	for (i = 0; i < p->secret_count; i++) {
		const struct persist_secret *s = &p->secret[i];

		if (memcmp(copy, s->live, s->size)) {
			memcpy(copy, s->live, s->size);
			changed = true;
		}
		copy += s->size;
	}
	return changed;
}

static int seal_secrets(struct persist *p)
{
	p->seals++;
	if (!seal(p->seal_key, p->key, sizeof(p->key), p->secrets,
		  p->secrets_len, p->sealed))
		return 0;
	log_error("can not keep what the device does: OpenSSL failed");
	return -1;
}

int persist_begin(struct persist *p)
{
	take_secrets(p);
	return seal_secrets(p) || journal_begin(&p->journal, p->key) ? -1 : 0;
}

/* In tests, who changes what is counted and does not count it is found here. */
static void expect_kept(const struct persist *p)
{
#ifdef SWCALIPTRA_EXPECT_KEPT
	unsigned int i;

	for (i = 0; i < p->count; i++) {
		const struct journal_region *r = &p->regions[i];

		if (!memcmp(r->live, journal_kept(&p->journal, i), r->size))
			continue;
		log_error("region %u has changed, and its edits have not", i);
		abort();
	}
#else
	(void)p;
#endif
}

/* Without its secrets it would be another device: then rather none at all. */
void persist_commit(struct persist *p)
{
	if (take_secrets(p) && seal_secrets(p))
		persist_power_off(p);
	journal_commit(&p->journal);
	expect_kept(p);
}

void persist_power_off(struct persist *p)
{
	journal_forget(&p->journal);
}

void persist_close(struct persist *p)
{
	journal_close(&p->journal);
	if (p->secrets)
		OPENSSL_cleanse(p->secrets, p->secrets_len);
	free(p->secrets);
	free(p->sealed);
	OPENSSL_cleanse(p, sizeof(*p));
	p->journal.fd = -1;
}
