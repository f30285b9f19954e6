/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The wire as data: every command, its messages and their fields. The tables are
 * made from Documentation/commands/ by tools/gen; layout.c reads and writes
 * messages by them.
 *
 * Everything refers to everything by index, so that the tables need no
 * relocation and are shared by all processes.
 */
#ifndef CALIPTRA_TABLES_H
#define CALIPTRA_TABLES_H

#include <caliptra/describe.h>

/* What travels is @count bytes, however many are used. */
#define FIELD_WHOLE  0x01
/* Its length does not travel and always is @count. */
#define FIELD_EXACT  0x02
/* It goes on to the end of the message, whatever its length is said to be. */
#define FIELD_REST   0x04
/* @min are bits that must be set, @max those that may be; else they are limits. */
#define FIELD_FLAGS  0x08
/* It is only in the structure. */
#define FIELD_ABSENT 0x10
/* Other values than those of @values can not be sent. */
#define FIELD_ENUM   0x20

/* It is a length: of a pointer that follows, or of what is used of an array. */
#define FIELD_LENGTH   0x40
/* The message may end before it. */
#define FIELD_OPTIONAL 0x80

#define NO_INDEX 0xffff

/* In place of values: it is an error code of the core's firmware. */
#define FW_ERRORS 0xfffe

/**
 * struct field - a field of a message
 * @name: where its name stands in table_strings
 * @host: offset in the structure
 * @values: index in table_values, or NO_INDEX
 * @len_host: offset of its length in the structure, or NO_INDEX where all of it
 *	is used
 * @kind: enum caliptra_field_kind
 * @size: bytes of a number
 * @flags: FIELD_*
 * @row: bytes of a row where it has rows, else 0
 * @count: numbers or bytes
 * @min: smallest value
 * @max: largest value
 */
struct field {
	uint16_t name;
	uint16_t host;
	uint16_t values;
	uint16_t len_host;
	uint8_t kind;
	uint8_t size;
	uint8_t flags;
	uint8_t row;
	uint32_t count;
	uint32_t min;
	uint32_t max;
};

/* The structure has fields that a message may not have. */
#define LAYOUT_PARTIAL 0x01
/* The message ends with the last byte that is used of its last field. */
#define LAYOUT_TAIL    0x02

/**
 * struct layout - a request or response
 * @first: its first field in table_fields
 * @count: how many fields
 * @host_size: of the structure, 0 where there is none
 * @prefix: bytes before the first field: the checksum, or nothing
 * @flags: LAYOUT_*
 * @min_size: bytes of the shortest message, prefix included
 * @max_size: and of the longest
 */
struct layout {
	uint16_t first;
	uint16_t count;
	uint16_t host_size;
	uint8_t prefix;
	uint8_t flags;
	uint32_t min_size;
	uint32_t max_size;
};

/**
 * struct command_age - a command in one age of its family's firmware
 * @name: where its name stands in table_strings
 * @request: index in table_layouts
 * @response: the same, NO_INDEX where there is none
 */
struct command_age {
	uint16_t name;
	uint16_t request;
	uint16_t response;
};

#define COMMAND_ROM	  0x01
#define COMMAND_RUNTIME	  0x02
#define COMMAND_ADMIN	  0x04
#define COMMAND_PL0	  0x08
#define COMMAND_PASSIVE	  0x10
#define COMMAND_SUBSYSTEM 0x20
#define COMMAND_RAW	  0x40

/**
 * struct caliptra_command - a command
 * @code: its code
 * @name: where its name stands in table_strings
 * @ages: its first age in table_ages
 * @number: the host library's number for it, or 0
 * @family: enum caliptra_family
 * @envelope: enum envelope
 * @first_age: index of the first age that has it, among its family's
 * @age_count: how many ages have it
 * @flags: COMMAND_*
 */
struct caliptra_command {
	uint32_t code;
	uint16_t name;
	uint16_t ages;
	uint16_t number;
	uint8_t family;
	uint8_t envelope;
	uint8_t first_age;
	uint8_t age_count;
	uint8_t flags;
};

/* How messages of a command travel. */
enum envelope {
	ENVELOPE_MAILBOX,
	ENVELOPE_DPE,
	ENVELOPE_VDM_PCI,
	ENVELOPE_VDM_IANA,
};

/**
 * struct carrier - what commands of a profile of the DPE travel in
 * @profile: the profile
 * @command: index in table_commands
 */
struct carrier {
	uint32_t profile;
	uint16_t command;
};

/**
 * struct value_set - an enumeration, or flags
 * @first: its first value in table_values
 * @count: how many
 */
struct value_set {
	uint16_t first;
	uint16_t count;
};

/** struct named_value - a value and where its name stands in table_strings */
struct named_value {
	uint32_t value;
	uint16_t name;
};

extern const char table_strings[];
extern const struct field table_fields[];
extern const struct layout table_layouts[];
extern const struct command_age table_ages[];
extern const struct caliptra_command table_commands[];
extern const uint16_t table_command_count;
extern const struct carrier table_carriers[];
extern const uint16_t table_carrier_count;
extern const struct value_set table_value_sets[];
extern const struct named_value table_values[];
/* The names of a family's ages, 0 after the last. */
#define TABLE_MAX_AGES 4
extern const uint16_t table_family_ages[][TABLE_MAX_AGES];

#endif
