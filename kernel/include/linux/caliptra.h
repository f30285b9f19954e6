/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Caliptra for the rest of the kernel: commands to the root of trust.
 *
 * A driver has a device by devm_caliptra_get(), and is unbound before it. Everybody else
 * has it by caliptra_get() until caliptra_put(). It may be unbound from its driver
 * meanwhile; every call then returns -ENODEV, at once or as soon as the command in the
 * mailbox is given up, and goes on doing so if the device comes back: that is another
 * struct caliptra_dev.
 *
 * Calls that send a command sleep, but for those whose names end with _async, until their
 * turn comes and the firmware has answered or the time is over. Signals do not interrupt
 * them, and whoever makes one is not frozen in it, so locks may be held. They work until
 * the device is suspended and as soon as it is resumed; a command that is sent meanwhile
 * waits.
 */
#ifndef _LINUX_CALIPTRA_H
#define _LINUX_CALIPTRA_H

#include <linux/list.h>
#include <linux/types.h>

#include <uapi/linux/caliptra.h>

struct caliptra_dev;
struct caliptra_txn;
struct device;
struct device_node;
struct notifier_block;

#define CALIPTRA_PCR_SIZE	  48
#define CALIPTRA_PCR_COUNT	  32
#define CALIPTRA_NONCE_SIZE	  32
#define CALIPTRA_MEASUREMENT_SIZE 48

/**
 * struct caliptra_quote - all PCRs, signed
 * @fips_status: the firmware's, 0 where it is in its approved mode; not signed
 * @pcrs: they
 * @nonce: the caller's
 * @reset_ctrs: how often each was reset, which is not signed
 * @digest: the signed digest: the first 48 bytes of the SHA-512 of @pcrs and @nonce, of
 *	generation 1.x their SHA-384
 * @signature_r: R of the FMC alias key's ECDSA P-384 signature, big-endian
 * @signature_s: S
 */
struct caliptra_quote {
	u32 fips_status;
	u8 pcrs[CALIPTRA_PCR_COUNT][CALIPTRA_PCR_SIZE];
	u8 nonce[CALIPTRA_NONCE_SIZE];
	u32 reset_ctrs[CALIPTRA_PCR_COUNT];
	u8 digest[48];
	u8 signature_r[48];
	u8 signature_s[48];
};

/**
 * struct caliptra_measurement - what was measured
 * @metadata: what it is, as DPE's TCI type
 * @digest: its SHA-384
 * @context: what vouches for @svn, such as a key's digest; only logged
 * @svn: its security version number
 */
struct caliptra_measurement {
	u8 metadata[4];
	u8 digest[CALIPTRA_MEASUREMENT_SIZE];
	u8 context[48];
	u32 svn;
};

/**
 * struct caliptra_client - whoever wants to know which devices there are
 * @node: the driver's
 * @add: there is a device, now or from now on; it is there until @remove has returned
 * @remove: it goes; called once for each @add, also by caliptra_unregister_client()
 *
 * The callbacks are called one at a time, may sleep and send commands, but must neither
 * register nor unregister clients. A device goes only after @remove, so that should not
 * wait longer than for a command that has a short timeout.
 */
struct caliptra_client {
	struct list_head node;
	void (*add)(struct caliptra_dev *cd);
	void (*remove)(struct caliptra_dev *cd);
};

/**
 * struct caliptra_call - a command that nobody waits for
 * @cmd: command code
 * @req: the request behind its checksum, little-endian, which may go once the call is made
 * @req_len: its length in bytes
 * @rsp: the response behind its checksum, until @done is called
 * @rsp_room: bytes that it has room for
 * @rsp_len: its length in bytes, as caliptra_command() has it
 * @timeout_ms: until when the answer has to be there; 0 is the usual time
 * @error: 0, or an error as caliptra_command() has them
 * @done: called once, when @rsp, @rsp_len and @error are there; it may sleep, free the
 *	call and put the device
 */
struct caliptra_call {
	u32 cmd;
	const void *req;
	size_t req_len;
	void *rsp;
	size_t rsp_room;
	size_t rsp_len;
	unsigned int timeout_ms;
	int error;
	void (*done)(struct caliptra_call *call);
};

/**
 * enum caliptra_event - what happens to a device
 * @CALIPTRA_EVENT_STATE: its state has changed, to this enum caliptra_state
 * @CALIPTRA_EVENT_RESET: it was reset, for these reasons: RESET_REASON
 * @CALIPTRA_EVENT_STUCK: it is stuck, with the command of this code, 0 where somebody else
 *	has its mailbox
 * @CALIPTRA_EVENT_RECOVERED: it is not any more
 */
enum caliptra_event {
	CALIPTRA_EVENT_STATE,
	CALIPTRA_EVENT_RESET,
	CALIPTRA_EVENT_STUCK,
	CALIPTRA_EVENT_RECOVERED,
};

/**
 * struct caliptra_image - an image of firmware for a device
 * @data: the image
 * @len: its length in bytes
 * @fw_error: why the firmware has failed the last command with it, or what it has said
 *	of an image that is not good; else 0
 * @txn: the driver's, as what follows; all of it zero at first
 * @cancelled: no command is sent any more
 * @abandoned: no answer is waited for any more
 */
struct caliptra_image {
	const void *data;
	size_t len;
	u32 fw_error;
	struct caliptra_txn *txn;
	bool cancelled;
	bool abandoned;
};

struct caliptra_dev *caliptra_get(struct device_node *np);
void caliptra_put(struct caliptra_dev *cd);
struct caliptra_dev *devm_caliptra_get(struct device *consumer);

void caliptra_register_client(struct caliptra_client *client);
void caliptra_unregister_client(struct caliptra_client *client);

int caliptra_register_notifier(struct caliptra_dev *cd,
			       struct notifier_block *nb);
int caliptra_unregister_notifier(struct caliptra_dev *cd,
				 struct notifier_block *nb);

struct device *caliptra_to_device(struct caliptra_dev *cd);
int caliptra_get_info(struct caliptra_dev *cd, struct caliptra_info *info);

int caliptra_command(struct caliptra_dev *cd, u32 cmd, const void *req,
		     size_t req_len, void *rsp, size_t rsp_room,
		     size_t *rsp_len, unsigned int timeout_ms);
int caliptra_command_async(struct caliptra_dev *cd, struct caliptra_call *call);
int caliptra_get_random(struct caliptra_dev *cd, void *buf, size_t len,
			unsigned int timeout_ms);
int caliptra_stir_random(struct caliptra_dev *cd, const void *data, size_t len,
			 unsigned int timeout_ms);
int caliptra_extend_pcr(struct caliptra_dev *cd, unsigned int pcr,
			const u8 digest[CALIPTRA_PCR_SIZE],
			unsigned int timeout_ms);
int caliptra_extend_pcr_async(struct caliptra_dev *cd, unsigned int pcr,
			      const u8 digest[CALIPTRA_PCR_SIZE],
			      struct caliptra_call *call);
int caliptra_read_pcrs(struct caliptra_dev *cd,
		       u8 values[CALIPTRA_PCR_COUNT][CALIPTRA_PCR_SIZE],
		       unsigned int timeout_ms);
int caliptra_quote_pcrs(struct caliptra_dev *cd,
			const u8 nonce[CALIPTRA_NONCE_SIZE],
			struct caliptra_quote *quote, unsigned int timeout_ms);
int caliptra_stash_measurement(struct caliptra_dev *cd,
			       const struct caliptra_measurement *measurement,
			       u32 *dpe_result, unsigned int timeout_ms);

int caliptra_verify_firmware(struct caliptra_dev *cd,
			     struct caliptra_image *image,
			     unsigned int timeout_ms);
int caliptra_load_firmware(struct caliptra_dev *cd,
			   struct caliptra_image *image,
			   unsigned int timeout_ms);
void caliptra_cancel_firmware(struct caliptra_dev *cd,
			      struct caliptra_image *image, bool sent);

#endif /* _LINUX_CALIPTRA_H */
