/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command socket's protocol: the framing of QEMU's Caliptra mailbox peers,
 * and commands of our own beside it.
 *
 * Every message is a header and a payload, all words little-endian:
 *
 *	u32 magic, u16 version, u16 command, u32 payload_len
 *
 * EXECUTE and RESPONSE are QEMU's: one request outstanding, and of a failure no
 * more is known than that. HELLO asks whether the peer knows our commands; a
 * peer that does not closes the connection or says nothing. EXECUTE_TAGGED and
 * RESPONSE_TAGGED carry a sequence number, the AXI user that sends the command,
 * and the firmware's error code. Several may be outstanding; they are answered
 * in order.
 *
 *	EXECUTE          u32 cmd, u32 dlen, bytes, padded to words
 *	RESPONSE         u32 status, u32 dlen, bytes, padded to words
 *	HELLO            u32 PEER_EXTENSION
 *	HELLO_REPLY      u32 PEER_EXTENSION, u32 mailbox size in bytes,
 *	                 u32 FLOW_STATUS, u32 FW_ERROR_FATAL, u32 HW_REV_ID,
 *	                 u32 AXI user of those who have no other,
 *	                 u32 whose mailbox it is: PEER_MAILBOX_*
 *	EXECUTE_TAGGED   u32 seq, u32 user, u32 patience in milliseconds, u32 cmd,
 *	                 u32 dlen, bytes, padded
 *	RESPONSE_TAGGED  u32 seq, u32 status, u32 fw_error, u32 dlen, bytes,
 *	                 padded
 *
 * Registers are those of soc_ifc_reg, or of mci_reg, whose FLOW_STATUS is
 * FW_FLOW_STATUS. status is MBOX_STATUS.status. In RESPONSE_TAGGED it may also be one of
 * PEER_REFUSED_*, where the command was not sent; a command that waits for the
 * mailbox is refused when its patience is over.
 */
#ifndef CALIPTRA_PEER_H
#define CALIPTRA_PEER_H

#define PEER_MAGIC	 0x4d424f58u /* "MBOX" */
#define PEER_VERSION	 1
#define PEER_HEADER_SIZE 12

#define PEER_EXECUTE	     1
#define PEER_RESPONSE	     2
#define PEER_HELLO	     0x8000
#define PEER_HELLO_REPLY     0x8001
#define PEER_EXECUTE_TAGGED  0x8002
#define PEER_RESPONSE_TAGGED 0x8003

/* Version of our own commands. */
#define PEER_EXTENSION 1

#define PEER_EXECUTE_FIXED	   8
#define PEER_RESPONSE_FIXED	   8
#define PEER_HELLO_SIZE		   4
#define PEER_HELLO_REPLY_SIZE	   28
#define PEER_EXECUTE_TAGGED_FIXED  20
#define PEER_RESPONSE_TAGGED_FIXED 16

#define PEER_REFUSED_NOT_READY 0x100 /* no firmware runs that could take it */
#define PEER_REFUSED_LOCKED    0x101 /* somebody else has the mailbox */
#define PEER_REFUSED_USER      0x102 /* this AXI user may not reach it */

/* Of the core, and of the MCI; as enum caliptra_device_mailbox. */
#define PEER_MAILBOX_SOC 1
#define PEER_MAILBOX_MCI 2

/* Most that a mailbox holds, in any generation. */
#define PEER_MAX_DATA (256u * 1024)

#define PEER_PADDED(len) (((len) + 3u) & ~3u)

#endif
