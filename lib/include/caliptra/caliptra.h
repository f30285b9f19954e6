/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libcaliptra: talk to a Caliptra.
 *
 * A transport reaches a device: the kernel's (/dev/caliptra-mbox0), a unix
 * socket (a software Caliptra), or functions of your own. A session over it
 * carries commands; commands.h has a typed call for each.
 *
 *	CaliptraTransport *transport;
 *	CaliptraSession *session;
 *	struct caliptra_version version;
 *
 *	if (caliptra_transport_open("/dev/caliptra-mbox0", &transport) ||
 *	    caliptra_session_create_with_protocol(
 *		    transport, CALIPTRA_PROTOCOL_MAILBOX, &session) ||
 *	    caliptra_session_connect(session) ||
 *	    caliptra_cmd_version(session, &version))
 *		...
 *
 * Threads: a transport and its session belong to one thread at a time. Any
 * number of them may exist, and several processes may use one device.
 *
 * Byte order: numbers are the host's. Byte arrays are in the usual order of what
 * they are (digests, coordinates and scalars most significant byte first).
 */
#ifndef CALIPTRA_CALIPTRA_H
#define CALIPTRA_CALIPTRA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * enum CaliptraError - what a call returns
 * @CALIPTRA_SUCCESS: it worked
 * @CALIPTRA_ERROR_UNKNOWN: a failure that has no better name
 * @CALIPTRA_ERROR_INVALID_ARGUMENT: the caller passed something that can not be
 * @CALIPTRA_ERROR_TIMEOUT: the device did not answer in time
 * @CALIPTRA_ERROR_NOT_SUPPORTED: this transport or protocol can not do it, or
 *	the command is not one of this mailbox's
 * @CALIPTRA_ERROR_TRANSPORT: the device can not be reached
 * @CALIPTRA_ERROR_PROTOCOL: the answer is not one that the command can have
 * @CALIPTRA_ERROR_DEVICE: the firmware refused the command, and says why with
 *	an error code: caliptra_session_fw_error()
 * @CALIPTRA_ERROR_MEMORY: there is no memory
 * @CALIPTRA_ERROR_BUSY: somebody else has the mailbox
 * @CALIPTRA_ERROR_STATE: the session is not connected, or no firmware runs that
 *	could answer
 * @CALIPTRA_ERROR_IO: the device failed in the middle of the command, or a
 *	signal interrupted the call
 * @CALIPTRA_ERROR_PERMISSION: the caller lacks a capability that the command
 *	takes
 */
enum CaliptraError {
	CALIPTRA_SUCCESS = 0,
	CALIPTRA_ERROR_UNKNOWN = 1,
	CALIPTRA_ERROR_INVALID_ARGUMENT = 2,
	CALIPTRA_ERROR_TIMEOUT = 3,
	CALIPTRA_ERROR_NOT_SUPPORTED = 4,
	CALIPTRA_ERROR_TRANSPORT = 5,
	CALIPTRA_ERROR_PROTOCOL = 6,
	CALIPTRA_ERROR_DEVICE = 7,
	CALIPTRA_ERROR_MEMORY = 8,
	CALIPTRA_ERROR_BUSY = 9,
	CALIPTRA_ERROR_STATE = 10,
	CALIPTRA_ERROR_IO = 11,
	CALIPTRA_ERROR_PERMISSION = 12,
};

typedef enum CaliptraError CaliptraError;

/**
 * enum CaliptraProtocolType - what travels over a transport
 * @CALIPTRA_PROTOCOL_MAILBOX: messages as they stand in the mailbox, each with
 *	its checksum first
 * @CALIPTRA_PROTOCOL_MCTP_VDM: MCTP vendor-defined messages (not supported yet)
 * @CALIPTRA_PROTOCOL_CUSTOM: for functions of your own: messages without
 *	checksums, so requests begin with their first field and responses with
 *	fips_status
 */
enum CaliptraProtocolType {
	CALIPTRA_PROTOCOL_MAILBOX = 0,
	CALIPTRA_PROTOCOL_MCTP_VDM = 1,
	CALIPTRA_PROTOCOL_CUSTOM = 2,
};

typedef enum CaliptraProtocolType CaliptraProtocolType;

/* A way to a device. */
typedef struct CaliptraTransport CaliptraTransport;

/* A conversation with a device. */
typedef struct CaliptraSession CaliptraSession;

/* Functions of a transport; see struct CTransportVTable. */
typedef CaliptraError (*CTransportSendFn)(void *ctx, uint32_t command_id,
					  const uint8_t *data, size_t len);
typedef CaliptraError (*CTransportReceiveFn)(void *ctx, uint8_t *buffer,
					     size_t buffer_len,
					     size_t *received_len);
typedef CaliptraError (*CTransportConnectFn)(void *ctx);
typedef CaliptraError (*CTransportDisconnectFn)(void *ctx);
typedef bool (*CTransportIsConnectedFn)(void *ctx);
typedef void (*CTransportDestroyFn)(void *ctx);

/**
 * struct CTransportVTable - a transport made of functions of your own
 * @send: send a command: its mailbox command code and @len bytes of request. The
 *	bytes are the callee's to read until it returns.
 * @receive: wait for the response and store it in @buffer, @buffer_len bytes of
 *	room; its length goes to @received_len. Where it does not fit, store
 *	the length, return CALIPTRA_ERROR_INVALID_ARGUMENT and keep the
 *	response: the call comes again with enough room.
 * @connect: make the device ready to be talked to
 * @disconnect: the opposite
 * @is_connected: tell which
 * @destroy: free @ctx, from caliptra_transport_destroy(); may be NULL
 *
 * What they return is what the library's calls return. CALIPTRA_ERROR_DEVICE
 * from @receive means that the device refused the command.
 */
struct CTransportVTable {
	CTransportSendFn send;
	CTransportReceiveFn receive;
	CTransportConnectFn connect;
	CTransportDisconnectFn disconnect;
	CTransportIsConnectedFn is_connected;
	CTransportDestroyFn destroy;
};

typedef struct CTransportVTable CTransportVTable;

/**
 * caliptra_transport_open() - a transport by its name
 * @name: path of a kernel device, or "unix:" and the path of a socket
 * @transport: set to the transport
 *
 * Nothing is opened before the session connects.
 *
 * Return: CALIPTRA_SUCCESS; caliptra_transport_destroy() it.
 * CALIPTRA_ERROR_INVALID_ARGUMENT where there can be no such name.
 */
CaliptraError caliptra_transport_open(const char *name,
				      CaliptraTransport **transport);

/**
 * caliptra_transport_create_from_c_vtable() - a transport of your own
 * @vtable: its functions; copied
 * @context: passed to each of them
 * @transport: set to the transport
 *
 * Return: CALIPTRA_SUCCESS; caliptra_transport_destroy() it.
 */
CaliptraError
caliptra_transport_create_from_c_vtable(const CTransportVTable *vtable,
					void *context,
					CaliptraTransport **transport);

/**
 * caliptra_transport_destroy() - free a transport
 * @transport: the transport; NULL does nothing
 *
 * Return: CALIPTRA_ERROR_BUSY while a session uses it: destroy that first.
 */
CaliptraError caliptra_transport_destroy(CaliptraTransport *transport);

/**
 * caliptra_session_create_with_protocol() - a session over a transport
 * @transport: a transport that no other session uses; it stays the caller's, who
 *	destroys it after the session
 * @protocol: what travels over it
 * @session: set to the session
 *
 * Return: CALIPTRA_SUCCESS; caliptra_session_destroy() it.
 * CALIPTRA_ERROR_NOT_SUPPORTED where the transport does not carry the protocol.
 */
CaliptraError
caliptra_session_create_with_protocol(CaliptraTransport *transport,
				      CaliptraProtocolType protocol,
				      CaliptraSession **session);

/**
 * caliptra_session_connect() - open the device
 * @session: the session
 *
 * Return: CALIPTRA_ERROR_TRANSPORT where it is not there or may not be opened.
 */
CaliptraError caliptra_session_connect(CaliptraSession *session);

/**
 * caliptra_session_disconnect() - close the device
 * @session: the session; it may be connected again
 *
 * Return: CALIPTRA_ERROR_STATE where the session is not connected.
 */
CaliptraError caliptra_session_disconnect(CaliptraSession *session);

/**
 * caliptra_session_destroy() - close the device and free a session
 * @session: the session; NULL does nothing
 *
 * The transport stays: caliptra_transport_destroy() frees it.
 *
 * Return: CALIPTRA_SUCCESS.
 */
CaliptraError caliptra_session_destroy(CaliptraSession *session);

/**
 * caliptra_session_set_timeout() - how long commands may take
 * @session: the session
 * @ms: milliseconds; 0 is the transport's own default (30 s). A transport of your
 *	own has its own idea of time
 *
 * A command that has been sent can not be cancelled: after a timeout it may
 * still be executed.
 */
void caliptra_session_set_timeout(CaliptraSession *session, uint32_t ms);

/**
 * caliptra_session_execute() - send any command
 * @session: a connected session
 * @code: command code
 * @body: request after its checksum, as it travels; may be NULL if @body_len
 *	is 0
 * @body_len: its length in bytes
 * @rsp: where the response goes, after its checksum: fips_status first
 * @rsp_size: room at @rsp in bytes
 * @rsp_len: set to the length of the response, also where it did not fit
 *
 * Checksums are made and verified here. The typed calls of commands.h are built
 * on this.
 *
 * Return: CALIPTRA_SUCCESS; CALIPTRA_ERROR_INVALID_ARGUMENT where the request
 * is longer than the mailbox or the response longer than @rsp_size. The response
 * is then not lost: caliptra_session_response() gets it.
 * CALIPTRA_ERROR_NOT_SUPPORTED where it is known that the mailbox is the core's
 * and the command one of the MCI's alone, or the other way round; nothing was sent.
 */
CaliptraError caliptra_session_execute(CaliptraSession *session, uint32_t code,
				       const void *body, size_t body_len,
				       void *rsp, size_t rsp_size,
				       size_t *rsp_len);

/**
 * caliptra_session_response() - the response to the last command, again
 * @session: a session that has executed a command
 * @rsp: where it goes, as in caliptra_session_execute()
 * @rsp_size: room at @rsp in bytes
 * @rsp_len: set to the length of the response, also where it did not fit
 *
 * Nothing is sent to the device.
 *
 * Return: CALIPTRA_ERROR_STATE where the last command failed or there was none.
 */
CaliptraError caliptra_session_response(CaliptraSession *session, void *rsp,
					size_t rsp_size, size_t *rsp_len);

/**
 * enum caliptra_device_state - how far a Caliptra has booted
 * @CALIPTRA_DEVICE_STATE_UNKNOWN: the transport can not tell
 * @CALIPTRA_DEVICE_RESET: it is not ready for anything
 * @CALIPTRA_DEVICE_READY_FOR_FUSES: the SoC has to write fuses
 * @CALIPTRA_DEVICE_READY_FOR_MB_PROCESSING: ROM answers commands
 * @CALIPTRA_DEVICE_READY_FOR_RUNTIME: runtime firmware answers commands
 * @CALIPTRA_DEVICE_FATAL_ERROR: it has stopped for good
 */
enum caliptra_device_state {
	CALIPTRA_DEVICE_STATE_UNKNOWN = 0,
	CALIPTRA_DEVICE_RESET = 1,
	CALIPTRA_DEVICE_READY_FOR_FUSES = 2,
	CALIPTRA_DEVICE_READY_FOR_MB_PROCESSING = 3,
	CALIPTRA_DEVICE_READY_FOR_RUNTIME = 4,
	CALIPTRA_DEVICE_FATAL_ERROR = 5,
};

/**
 * enum caliptra_device_mailbox - whose mailbox a session is with
 * @CALIPTRA_DEVICE_MAILBOX_UNKNOWN: the transport can not tell
 * @CALIPTRA_DEVICE_MAILBOX_SOC: that of the Caliptra core
 * @CALIPTRA_DEVICE_MAILBOX_MCI: one of the microcontroller's, in the Manufacturer
 *	Control Interface of a subsystem
 */
enum caliptra_device_mailbox {
	CALIPTRA_DEVICE_MAILBOX_UNKNOWN = 0,
	CALIPTRA_DEVICE_MAILBOX_SOC = 1,
	CALIPTRA_DEVICE_MAILBOX_MCI = 2,
};

/**
 * struct caliptra_device_info - what is known without sending a command
 * @state: how far it, or the microcontroller, has booted
 * @mailbox: whose mailbox it is
 * @mailbox_size: bytes, 0 where the transport can not tell
 * @hw_rev_id: HW_REV_ID, 0 where the transport can not tell
 * @interrupt: the kernel waits by interrupt and does not poll
 * @registers: the kernel's view of what is below is valid
 * @stuck: a command has been in the mailbox for longer than the device may take
 * @hw_config: HW_CONFIG; HW_CONFIG0 of an MCI
 * @flow_status: FLOW_STATUS; FW_FLOW_STATUS of an MCI
 * @boot_status: BOOT_STATUS; HW_FLOW_STATUS of an MCI
 * @security_state: SECURITY_STATE
 * @hw_error_fatal: HW_ERROR_FATAL
 * @hw_error_non_fatal: HW_ERROR_NON_FATAL
 * @fw_error_fatal: FW_ERROR_FATAL
 * @fw_error_non_fatal: FW_ERROR_NON_FATAL
 * @reset_reason: RESET_REASON
 *
 * Registers are those of the core's soc_ifc_reg, where their names begin with
 * CPTRA_, or of mci_reg where @mailbox is CALIPTRA_DEVICE_MAILBOX_MCI.
 */
struct caliptra_device_info {
	enum caliptra_device_state state;
	enum caliptra_device_mailbox mailbox;
	uint32_t mailbox_size;
	uint32_t hw_rev_id;
	bool interrupt;
	bool registers;
	bool stuck;
	uint32_t hw_config;
	uint32_t flow_status;
	uint32_t boot_status;
	uint32_t security_state;
	uint32_t hw_error_fatal;
	uint32_t hw_error_non_fatal;
	uint32_t fw_error_fatal;
	uint32_t fw_error_non_fatal;
	uint32_t reset_reason;
};

/**
 * caliptra_session_info() - what is known without sending a command
 * @session: a connected session
 * @info: where it goes
 *
 * Over a socket, this is how it was when the session was connected.
 *
 * Return: CALIPTRA_ERROR_NOT_SUPPORTED for a transport of your own.
 */
CaliptraError caliptra_session_info(CaliptraSession *session,
				    struct caliptra_device_info *info);

/**
 * caliptra_session_error() - the last failure in a sentence
 * @session: the session
 *
 * Return: what was wrong, with the command and the firmware's own error name;
 * "" if the last call succeeded. Valid until the next call with @session.
 */
const char *caliptra_session_error(const CaliptraSession *session);

/**
 * caliptra_session_fw_error() - the firmware's error code of the last failure
 * @session: the session
 *
 * Return: CPTRA_FW_ERROR_NON_FATAL after CALIPTRA_ERROR_DEVICE, otherwise 0.
 * Also 0 where the transport does not carry the code.
 */
uint32_t caliptra_session_fw_error(const CaliptraSession *session);

/**
 * caliptra_strerror() - what an error means, in a few words
 * @error: what a call returned
 *
 * Return: a constant string, whatever @error is.
 */
const char *caliptra_strerror(CaliptraError error);

/**
 * caliptra_fw_error_name() - name of a firmware error code
 * @code: from caliptra_session_fw_error()
 *
 * Source: caliptra-sw error/src/lib.rs.
 *
 * Return: for example "RUNTIME_PCR_RESERVED", or NULL for a code without name.
 */
const char *caliptra_fw_error_name(uint32_t code);

/**
 * caliptra_fw_error_meaning() - what a firmware error code means
 * @code: from caliptra_session_fw_error()
 *
 * Return: a few words, or NULL for a code without name.
 */
const char *caliptra_fw_error_meaning(uint32_t code);

/**
 * caliptra_mcu_error_name() - name of an error code of the subsystem's
 *	microcontroller
 * @code: from its error registers, or from caliptra_session_fw_error() after a
 *	command of the MCI's mailbox, which caliptra_session_error() names by it
 *
 * Source: caliptra-mcu-sw error/src/lib.rs. Some of its codes are other errors'
 * of the core.
 *
 * Return: for example "ROM_SOC_WDT_CFG_OUT_OF_RANGE", or NULL for a code without
 * name.
 */
const char *caliptra_mcu_error_name(uint32_t code);

/**
 * caliptra_mcu_error_meaning() - what such an error code means
 * @code: from the microcontroller's error registers
 *
 * Return: a few words, or NULL for a code without name.
 */
const char *caliptra_mcu_error_meaning(uint32_t code);

/**
 * caliptra_cmd_name() - name of a command code
 * @code: CALIPTRA_CMD_*
 *
 * Return: for example "QUOTE_PCRS_ECC384", or NULL for a code that no table has. A
 * code that core and microcontroller both have is given the core's name.
 */
const char *caliptra_cmd_name(uint32_t code);

/**
 * caliptra_checksum() - checksum of a mailbox message
 * @code: command code for a request, 0 for a response
 * @body: the message after its checksum
 * @len: length of @body in bytes
 *
 * Return: 0 minus the sum of all bytes, the code's four included
 * (caliptra-sw api/src/checksum.rs).
 */
uint32_t caliptra_checksum(uint32_t code, const void *body, size_t len);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* CALIPTRA_CALIPTRA_H */
