/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state folder: one device, and its manufacturer.
 *
 *   fuses                     what makes the device the one it is (fuses.h), but for
 *                             the UDS seed where that is in a TPM
 *   idevid-ecc384.pem         its IDevID certificate
 *   manufacturer-root.pem     certificate that endorses it
 *   manufacturer-root.key     key of that certificate
 *   idevid-mldsa87.pem        and the same with ML-DSA-87, which 1.x has not, nor
 *   manufacturer-root-mldsa87.pem   has a device that was made by an older
 *   manufacturer-root-mldsa87.key   swcaliptra: all of them are there, or none
 *
 *   running                   while the device is on: what it is doing (persist.h)
 *
 * A folder is made whole beside its place, in one called the same with
 * .swcaliptra-new behind it, and put there with one rename, so it is either there
 * or not. Of what is in it, only the last is ever changed afterwards: it is there from
 * a boot until swcaliptra is stopped, and where it is killed the next one goes on from
 * there.
 */
#ifndef SWCALIPTRA_STATE_H
#define SWCALIPTRA_STATE_H

#include <stdbool.h>

#include "device.h"
#include "fuses.h"

/**
 * struct state - an open state folder
 * @dir: the folder; locked against a second swcaliptra
 * @fuses: the device
 * @idevid_point: public key in its IDevID certificate
 * @has_mldsa: there is one with ML-DSA-87 as well
 * @idevid_mldsa: public key in that
 */
struct state {
	int dir;
	struct fuses fuses;
	uint8_t idevid_point[P384_POINT_SIZE];
	bool has_mldsa;
	uint8_t idevid_mldsa[MLDSA87_PUBLIC_SIZE];
};

/**
 * state_open() - open a state folder, and make it if there is none
 * @state: the state
 * @path: the folder
 * @reset: make a new device even if there is one
 * @generation: of a new device, and the one wanted of an old one; NULL for the
 *	newest, and for any
 * @vendor: keys that a new device gets into its fuses, or NULL
 * @tpm: where the UDS seed of the device is, or NULL for in the folder
 * @image: firmware for the boot in which the manufacturer gets the CSR
 *
 * A folder that is not whole or that belongs to something else, or to another TPM, is
 * refused and left as it is.
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int state_open(struct state *state, const char *path, bool reset,
	       const struct generation *generation,
	       const struct fuses_vendor *vendor, const struct fuses_tpm *tpm,
	       const struct fw_image *image);

/**
 * struct state_manufacturer - the manufacturer's part of a state folder
 * @root: its certificate
 * @key: key of that
 * @idevid: the certificate of the device's IDevID
 * @fuses: the device
 */
struct state_manufacturer {
	X509 *root;
	EVP_PKEY *key;
	X509 *idevid;
	struct fuses fuses;
};

/**
 * state_manufacturer() - read the manufacturer's part, which may be in use
 * @m: the part
 * @path: the folder
 * @is_mldsa: that with ML-DSA-87, not that with P-384
 *
 * Return: 0, or -1 after saying why on stderr.
 */
int state_manufacturer(struct state_manufacturer *m, const char *path,
		       bool is_mldsa);

/** state_manufacturer_release() - free it, and wipe what is secret */
void state_manufacturer_release(struct state_manufacturer *m);

/** state_close() - close the folder and wipe what was read from it */
void state_close(struct state *state);

#endif
