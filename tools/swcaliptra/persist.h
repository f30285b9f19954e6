/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a device is doing, kept so that it goes on where it was when swcaliptra is
 * killed: the file "running" in the state folder (journal.h).
 *
 * Kept is whatever a warm reset or only a power cycle ends: registers of soc_ifc and
 * of the MCI with the state of their boot, PCRs, the contexts of the DPE, keys and
 * certificates, what firmware was loaded and told. The table in persist.c lists it.
 * A command, or an access to a register, is in the file before anybody is told of its
 * end; so one that was not answered is there whole or not at all. Not kept is what
 * lies in the mailboxes, which are free afterwards, and what was asked for through the
 * control socket to go wrong. Secrets are sealed with a key that is derived from the
 * UDS.
 *
 * Whatever else firmware comes to keep is a further line in the table: what is secret
 * is marked so, and what is large or seldom changes has a counter that everybody
 * increments who changes it, as certificates and contexts have. Where
 * SWCALIPTRA_EXPECT_KEPT is defined, persist_commit() ends the program if somebody has not.
 *
 * It is a power cycle, and the device boots anew, where swcaliptra was stopped or the
 * host was booted meanwhile, and where the program, the fuses or the options are not
 * those that they were.
 */
#ifndef SWCALIPTRA_PERSIST_H
#define SWCALIPTRA_PERSIST_H

#include "device.h"
#include "journal.h"
#include "seal.h"
#include "soc_boot.h"

#define PERSIST_FILE "running"

#define PERSIST_MAX_PIECES 128

/**
 * struct persist_config - what is kept, and what it has to be for
 * @dir: state folder, which nobody else uses
 * @fuses: of the device
 * @dev: the device
 * @hold: how far the SoC boots it, which is kept with it
 * @manufacturing_flags: with which flags
 * @bundle: what the SoC's boot ROM loads into it, or NULL
 * @bundle_len: its length in bytes
 */
struct persist_config {
	int dir;
	const struct fuses *fuses;
	struct device *dev;
	enum soc_boot_hold *hold;
	uint32_t manufacturing_flags;
	const uint8_t *bundle;
	uint32_t bundle_len;
};

/**
 * struct persist_place - where a piece is
 * @region: in which region
 * @at: and where in that
 */
struct persist_place {
	unsigned int region;
	size_t at;
};

/**
 * struct persist_secret - a piece that is sealed
 * @live: where it is
 * @size: its size in bytes
 */
struct persist_secret {
	uint8_t *live;
	size_t size;
};

/**
 * struct persist - a device that is kept
 * @dev: the device
 * @hold: how far the SoC boots it
 * @journal: the file
 * @regions: what is in it: the pieces that are not secret, those in one that are
 *	side by side, and last @sealed
 * @count: how many regions there are
 * @places: where in them each piece is
 * @key: whose it is
 * @seal_key: seals the secrets
 * @secret: the secret pieces
 * @secret_count: how many there are
 * @secrets: they, one behind the other, as they are sealed
 * @secrets_len: their length in bytes
 * @sealed: they, sealed
 * @seals: how often they were
 */
struct persist {
	struct device *dev;
	enum soc_boot_hold *hold;
	struct journal journal;
	struct journal_region regions[JOURNAL_MAX_REGIONS];
	unsigned int count;
	struct persist_place places[PERSIST_MAX_PIECES];
	uint8_t key[JOURNAL_KEY_SIZE];
	uint8_t seal_key[SEAL_KEY_SIZE];
	struct persist_secret secret[PERSIST_MAX_PIECES];
	unsigned int secret_count;
	uint8_t *secrets;
	size_t secrets_len;
	uint8_t *sealed;
	uint32_t seals;
};

/**
 * persist_open() - look for the file in the state folder
 * @p: what is kept
 * @config: of what; the device is initialized and has not booted
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int persist_open(struct persist *p, const struct persist_config *config);

/**
 * persist_resume() - go on where the device was
 * @p: what is kept
 *
 * Return: true if it is kept from now on. False where it has to boot, after saying
 * why on stderr if it was not to be expected; the device is as it was before.
 */
bool persist_resume(struct persist *p);

/**
 * persist_begin() - keep what the device is now, and from now on
 * @p: what is kept
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int persist_begin(struct persist *p);

/**
 * persist_commit() - something may have changed that somebody is about to be told
 * @p: what is kept, since persist_begin() or persist_resume()
 */
void persist_commit(struct persist *p);

/** persist_power_off() - nothing of it is left */
void persist_power_off(struct persist *p);

/** persist_close() - close the file, and wipe what is secret */
void persist_close(struct persist *p);

#endif
