/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Error codes of firmware; the tables are made by tools/gen. */
#ifndef CALIPTRA_ERRORS_H
#define CALIPTRA_ERRORS_H

#include <stdint.h>

/**
 * struct fw_error - an error code
 * @code: the code
 * @name: where its name stands in the table's strings
 * @meaning: and what it means
 */
struct fw_error {
	uint32_t code;
	uint32_t name;
	uint32_t meaning;
};

/* Whose firmware. */
enum fw_error_source {
	FW_ERRORS_CORE,
	FW_ERRORS_MCI,
	FW_ERROR_SOURCES,
};

/**
 * struct fw_error_table - the error codes of one firmware, in their order
 * @errors: the codes
 * @count: how many
 * @strings: their names and meanings
 */
struct fw_error_table {
	const struct fw_error *errors;
	uint32_t count;
	const char *strings;
};

extern const struct fw_error_table table_errors[FW_ERROR_SOURCES];

/** fw_error_name() - name of an error code of a firmware; NULL if it has none */
const char *fw_error_name(enum fw_error_source source, uint32_t code);

/** fw_error_meaning() - and what it means */
const char *fw_error_meaning(enum fw_error_source source, uint32_t code);

#endif
