/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sha512_acc_csr: the SHA accelerator, which the SoC of a 1.x may use as well. In 2.x
 * only Caliptra itself reaches it.
 *
 * What is modelled is caliptra-rtl v1.1 src/soc_ifc/rtl/sha512_acc_top.sv with
 * sha512_acc_external_csr.rdl. The SoC streams words, most significant byte first;
 * padding follows DLEN, whatever was streamed. A hash takes no time here, so that a
 * word the bus would hold back until the engine is ready is lost only where it would
 * be held back for ever.
 */
#ifndef SWCALIPTRA_SHA_ACC_H
#define SWCALIPTRA_SHA_ACC_H

#include <stdbool.h>
#include <stdint.h>

/* Where it is in the reference map. */
#define SHA_ACC_BASE 0x30021000u

/* sha512_acc_csr */
#define SHA_ACC_LOCK	      0x000
#define SHA_ACC_USER	      0x004
#define SHA_ACC_MODE	      0x008
#define SHA_ACC_START_ADDRESS 0x00c
#define SHA_ACC_DLEN	      0x010
#define SHA_ACC_DATAIN	      0x014
#define SHA_ACC_EXECUTE	      0x018
#define SHA_ACC_STATUS	      0x01c
#define SHA_ACC_DIGEST	      0x020 /* 16 words */
#define SHA_ACC_CONTROL	      0x060
#define SHA_ACC_NOTIF_STATUS  0x818 /* notif_internal_intr_r */
#define SHA_ACC_NOTIF_COUNT   0x980 /* notif_cmd_done_intr_count_r */

/* MODE: 512 bits, and data from the mailbox, which is for Caliptra alone. */
#define SHA_ACC_MODE_512	(1u << 0)
#define SHA_ACC_MODE_MBOX	(1u << 1)
#define SHA_ACC_MODE_MASK	7u
#define SHA_ACC_STATUS_VALID	(1u << 0)
#define SHA_ACC_STATUS_SOC	(1u << 1)
#define SHA_ACC_CONTROL_ZEROIZE (1u << 0)

#define SHA_ACC_BLOCK_WORDS  32
#define SHA_ACC_DIGEST_WORDS 16

enum sha_acc_fsm {
	SHA_ACC_IDLE,
	SHA_ACC_BLOCK_0, /* takes the first block */
	SHA_ACC_BLOCK_N, /* takes those that follow */
	SHA_ACC_DONE,
};

/**
 * struct sha_acc - the accelerator
 * @lock: LOCK
 * @soc_has_lock: STATUS.SOC_HAS_LOCK
 * @uc_waits: the microcontroller takes the lock as soon as it is free
 * @execute: EXECUTE
 * @fsm: state of the machine
 * @user: USER
 * @mode: MODE
 * @start_address: START_ADDRESS
 * @dlen: DLEN
 * @datain: DATAIN
 * @uc_hashes: hashes that the microcontroller has made
 * @state: of the engine, H0 to H7
 * @digest: DIGEST, as it was after the last block
 * @block: the block that is filled; nothing clears it
 * @wptr: words written to it, counted beyond its end
 * @written: bytes written since the lock was taken
 */
struct sha_acc {
	bool lock;
	bool soc_has_lock;
	bool uc_waits;
	bool execute;
	enum sha_acc_fsm fsm;
	uint32_t user;
	uint32_t mode;
	uint32_t start_address;
	uint32_t dlen;
	uint32_t datain;
	uint32_t uc_hashes;
	uint64_t state[8];
	uint32_t digest[SHA_ACC_DIGEST_WORDS];
	uint8_t block[4 * SHA_ACC_BLOCK_WORDS];
	uint32_t wptr;
	uint32_t written;
};

/** sha_acc_reset() - cptra_rst_b: the microcontroller has the lock */
void sha_acc_reset(struct sha_acc *acc);

/** sha_acc_read() - a SoC reads the register at @offset as AXI user @user */
uint32_t sha_acc_read(struct sha_acc *acc, uint32_t user, uint32_t offset);

/** sha_acc_write() - a SoC writes the register at @offset as AXI user @user */
void sha_acc_write(struct sha_acc *acc, uint32_t user, uint32_t offset,
		   uint32_t value);

/*
 * The microcontroller's side.
 */

/**
 * sha_acc_self_test() - what the known-answer test does to it: SHA-512 of nothing
 * @acc: the accelerator, which is free afterwards
 *
 * Return: false where the SoC has the lock, and nothing was done.
 */
bool sha_acc_self_test(struct sha_acc *acc);

/** sha_acc_seize() - after a fatal error: the SoC may use it no more */
void sha_acc_seize(struct sha_acc *acc);

/** sha_acc_digest() - the first @words words of DIGEST as bytes */
void sha_acc_digest(const struct sha_acc *acc, uint8_t *bytes,
		    unsigned int words);

#endif
