/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The wire as data: what commands there are, what their messages are made of,
 * and how to send one whose name is only known at run time.
 *
 * Everything that is returned here is constant and valid for ever, and may be
 * used by several threads at once. An age is a generation of firmware, for example
 * "2.0"; NULL stands for the newest one that has the command. A command that is
 * given must not be NULL, nor a place for what is asked for, unless it says so.
 */
#ifndef CALIPTRA_DESCRIBE_H
#define CALIPTRA_DESCRIBE_H

#include <caliptra/caliptra.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/**
 * enum caliptra_family - where a command belongs
 * @CALIPTRA_FAMILY_CORE: the Caliptra core's mailbox
 * @CALIPTRA_FAMILY_MCI: the mailbox of the subsystem's microcontroller
 * @CALIPTRA_FAMILY_VDM: vendor-defined messages of MCTP
 * @CALIPTRA_FAMILY_DPE: the DICE Protection Environment, inside INVOKE_DPE
 */
enum caliptra_family {
	CALIPTRA_FAMILY_CORE,
	CALIPTRA_FAMILY_MCI,
	CALIPTRA_FAMILY_VDM,
	CALIPTRA_FAMILY_DPE,
};

/* A command. */
struct caliptra_command;

/**
 * struct caliptra_command_info - what is known of a command
 * @name: as the firmware calls it
 * @family: where it belongs
 * @code: its code
 * @number: the host library's number for it, whatever it travels over, or 0
 * @since: first age that has it
 * @until: last age that has it, NULL where the newest has
 * @rom: ROM answers it
 * @runtime: runtime firmware answers it
 * @passive: it is answered where there is no subsystem
 * @subsystem: it is answered where there is one
 * @pl0: only AXI users with privilege level 0 get an answer
 * @privileged: it changes the device for everybody, or travels in a command that is
 *	privileged
 * @raw: its request is an image without a checksum
 */
struct caliptra_command_info {
	const char *name;
	enum caliptra_family family;
	uint32_t code;
	uint16_t number;
	const char *since;
	const char *until;
	bool rom;
	bool runtime;
	bool passive;
	bool subsystem;
	bool pl0;
	bool privileged;
	bool raw;
};

/**
 * caliptra_command_at() - a command by its place
 * @index: from 0
 *
 * Return: the command, or NULL after the last one.
 */
const struct caliptra_command *caliptra_command_at(size_t index);

/**
 * caliptra_command_find() - a command by its name
 * @name: as the firmware calls it, or called it in an older age; in capitals or not
 *
 * Return: the command, or NULL.
 */
const struct caliptra_command *caliptra_command_find(const char *name);

/**
 * caliptra_command_by_code() - a command by its code
 * @family: where it belongs
 * @code: its code
 *
 * Return: the command, or NULL. Of several commands with one code, which DPE,
 * device ownership transfer and the dialects of VDM have, the first.
 */
const struct caliptra_command *
caliptra_command_by_code(enum caliptra_family family, uint32_t code);

/**
 * caliptra_command_describe() - what is known of a command
 * @command: the command
 * @info: where it goes
 */
void caliptra_command_describe(const struct caliptra_command *command,
			       struct caliptra_command_info *info);

/**
 * caliptra_command_age() - an age that has a command
 * @command: the command
 * @index: 0 is the oldest
 * @name: set to what the command is called then; may be NULL
 *
 * Return: the age, or NULL after the newest.
 */
const char *caliptra_command_age(const struct caliptra_command *command,
				 size_t index, const char **name);

/**
 * enum caliptra_message_kind - which of a command's messages
 * @CALIPTRA_REQUEST: to the device
 * @CALIPTRA_RESPONSE: from it
 */
enum caliptra_message_kind {
	CALIPTRA_REQUEST,
	CALIPTRA_RESPONSE,
};

/**
 * struct caliptra_message_info - what is known of a message
 * @struct_size: bytes of its C structure, 0 where it has none
 * @min_size: bytes of the shortest one on the wire, checksum included
 * @max_size: and of the longest
 * @fields: how many fields
 */
struct caliptra_message_info {
	size_t struct_size;
	size_t min_size;
	size_t max_size;
	size_t fields;
};

/**
 * caliptra_message_describe() - what is known of a message
 * @command: the command
 * @kind: which of its messages
 * @age: as of when
 * @info: where it goes
 *
 * Return: CALIPTRA_ERROR_NOT_SUPPORTED where there is no such age or message.
 */
CaliptraError caliptra_message_describe(const struct caliptra_command *command,
					enum caliptra_message_kind kind,
					const char *age,
					struct caliptra_message_info *info);

/**
 * enum caliptra_field_kind - what a field is in the structure and on the wire
 * @CALIPTRA_FIELD_INT: a number of @size bytes
 * @CALIPTRA_FIELD_ARRAY: @count numbers of @size bytes
 * @CALIPTRA_FIELD_BYTES: @count bytes
 * @CALIPTRA_FIELD_BE_WORDS: @count bytes, each four of them in reverse order on
 *	the wire
 * @CALIPTRA_FIELD_TEXT: @count bytes, with a zero after them in the structure
 * @CALIPTRA_FIELD_POINTER: a pointer to at most @count bytes
 * @CALIPTRA_FIELD_CONSTANT: a number that always is @min, and is not in the
 *	structure
 * @CALIPTRA_FIELD_RESERVED: @count bytes that are not in the structure
 *
 * @size, @count and @min are those of struct caliptra_field_info.
 */
enum caliptra_field_kind {
	CALIPTRA_FIELD_INT,
	CALIPTRA_FIELD_ARRAY,
	CALIPTRA_FIELD_BYTES,
	CALIPTRA_FIELD_BE_WORDS,
	CALIPTRA_FIELD_TEXT,
	CALIPTRA_FIELD_POINTER,
	CALIPTRA_FIELD_CONSTANT,
	CALIPTRA_FIELD_RESERVED,
};

#define CALIPTRA_NO_OFFSET ((size_t)-1)

/* Names of values. */
struct caliptra_values;

/**
 * struct caliptra_field_info - what is known of a field
 * @name: as the firmware calls it, with those of structures before it
 * @kind: what it is
 * @size: bytes of a number
 * @count: how many numbers or bytes, at most
 * @row: bytes of a row where it has rows, else 0
 * @wire_offset: where it stands in the message, checksum included
 * @wire_size: bytes it has there, at most; 0 where it only is in the structure
 * @offset: where it stands in the structure
 * @length_offset: where the structure has the length of what is used of it, in
 *	bytes or numbers; CALIPTRA_NO_OFFSET where all is
 * @is_length: it is the length of another field
 * @min: smallest value; of flags, those that must be set
 * @max: largest value; of flags, those that may be set
 * @values: names of its values, or NULL
 * @flags: they are bits
 * @fw_error: it is an error code of the core's firmware, or 0
 */
struct caliptra_field_info {
	const char *name;
	enum caliptra_field_kind kind;
	size_t size;
	size_t count;
	size_t row;
	size_t wire_offset;
	size_t wire_size;
	size_t offset;
	size_t length_offset;
	bool is_length;
	uint32_t min;
	uint32_t max;
	const struct caliptra_values *values;
	bool flags;
	bool fw_error;
};

/**
 * caliptra_message_field() - what is known of a field
 * @command: the command
 * @kind: which of its messages
 * @age: as of when
 * @index: which field, from 0
 * @info: where it goes
 *
 * Return: false where there is no such field.
 */
bool caliptra_message_field(const struct caliptra_command *command,
			    enum caliptra_message_kind kind, const char *age,
			    size_t index, struct caliptra_field_info *info);

/**
 * caliptra_values_at() - a value that has a name
 * @values: of a field
 * @index: from 0
 * @value: set to the value
 *
 * Return: its name, or NULL after the last one.
 */
const char *caliptra_values_at(const struct caliptra_values *values,
			       size_t index, uint32_t *value);

/**
 * caliptra_command_execute() - send a command
 * @session: a connected session
 * @command: the command
 * @req: its request, a structure of the size that caliptra_message_describe()
 *	tells for the newest age; NULL where that is 0
 * @resp: where the response goes, likewise; may be NULL
 *
 * What the functions of the families are made of. What a response points to
 * stays until the next call with the session.
 *
 * Return: as those functions.
 */
CaliptraError caliptra_command_execute(CaliptraSession *session,
				       const struct caliptra_command *command,
				       const void *req, void *resp);

/**
 * caliptra_command_carrier() - what a command travels in
 * @command: the command
 * @req: its request, as for caliptra_command_execute()
 *
 * A command of the DPE travels in INVOKE_DPE_ECC384 or INVOKE_DPE_MLDSA87, as its
 * profile is, which some requests have. It takes the privileges of that.
 *
 * Return: that command; NULL where it travels by itself, or where it is for a
 * request to say that is NULL or has no such profile.
 */
const struct caliptra_command *
caliptra_command_carrier(const struct caliptra_command *command,
			 const void *req);

/**
 * caliptra_session_age() - the age of the firmware that a session talks to
 * @session: a connected session
 * @command: the command
 *
 * Return: the age by which caliptra_command_execute() sends the command, which is
 * the newest that has it where nobody knows the device's.
 */
const char *caliptra_session_age(CaliptraSession *session,
				 const struct caliptra_command *command);

/**
 * caliptra_message_encode() - write a message as it travels
 * @command: the command
 * @kind: which of its messages
 * @age: as of when
 * @message: the structure
 * @bytes: where it goes, after its checksum
 * @size: room there in bytes
 * @len: set to its length
 * @why: gets the reason in a sentence where it can not be written; may be NULL
 * @why_size: room there in bytes
 *
 * Of a response only the lengths are checked, as devices may have other values
 * than the table.
 *
 * Return: CALIPTRA_ERROR_INVALID_ARGUMENT where a field can not be so or there is
 * no room.
 */
CaliptraError caliptra_message_encode(const struct caliptra_command *command,
				      enum caliptra_message_kind kind,
				      const char *age, const void *message,
				      void *bytes, size_t size, size_t *len,
				      char *why, size_t why_size);

/**
 * caliptra_message_decode() - read a message as it travelled
 * @command: the command
 * @kind: which of its messages
 * @age: as of when
 * @bytes: the message, after its checksum
 * @len: its length in bytes
 * @message: the structure; unchanged after an error
 * @why: gets the reason in a sentence where it can not be read; may be NULL
 * @why_size: room there in bytes
 *
 * Pointers in the structure point into @bytes. A request may have more bytes after
 * data whose length it tells, as firmware does not mind; nothing else may.
 *
 * Return: CALIPTRA_ERROR_PROTOCOL where it is no such message.
 */
CaliptraError caliptra_message_decode(const struct caliptra_command *command,
				      enum caliptra_message_kind kind,
				      const char *age, const void *bytes,
				      size_t len, void *message, char *why,
				      size_t why_size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
