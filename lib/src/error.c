// SPDX-License-Identifier: LGPL-2.1-or-later
/* What errors are called. */
#include <caliptra/caliptra.h>

#include "errors.h"

static const char *const meanings[] = {
	[CALIPTRA_SUCCESS] = "success",
	[CALIPTRA_ERROR_UNKNOWN] = "unknown failure",
	[CALIPTRA_ERROR_INVALID_ARGUMENT] = "invalid argument",
	[CALIPTRA_ERROR_TIMEOUT] = "the device did not answer in time",
	[CALIPTRA_ERROR_NOT_SUPPORTED] = "not supported",
	[CALIPTRA_ERROR_TRANSPORT] = "the device can not be reached",
	[CALIPTRA_ERROR_PROTOCOL] = "the device's answer is not a valid one",
	[CALIPTRA_ERROR_DEVICE] = "the device refused the command",
	[CALIPTRA_ERROR_MEMORY] = "out of memory",
	[CALIPTRA_ERROR_BUSY] = "somebody else uses it",
	[CALIPTRA_ERROR_STATE] = "not possible in the present state",
	[CALIPTRA_ERROR_IO] = "input or output failed",
	[CALIPTRA_ERROR_PERMISSION] = "a capability is missing",
};

const char *caliptra_strerror(CaliptraError error)
{
	if ((unsigned int)error >= sizeof(meanings) / sizeof(meanings[0]))
		return "not an error code of libcaliptra";
	return meanings[error];
}

static const struct fw_error *find(const struct fw_error_table *t,
				   uint32_t code)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->errors[mid].code == code)
			return &t->errors[mid];
		if (t->errors[mid].code < code)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const char *fw_error_name(enum fw_error_source source, uint32_t code)
{
	const struct fw_error_table *t = &table_errors[source];
	const struct fw_error *e = find(t, code);

	return e ? t->strings + e->name : NULL;
}

const char *fw_error_meaning(enum fw_error_source source, uint32_t code)
{
	const struct fw_error_table *t = &table_errors[source];
	const struct fw_error *e = find(t, code);

	return e ? t->strings + e->meaning : NULL;
}

const char *caliptra_fw_error_name(uint32_t code)
{
	return fw_error_name(FW_ERRORS_CORE, code);
}

const char *caliptra_fw_error_meaning(uint32_t code)
{
	return fw_error_meaning(FW_ERRORS_CORE, code);
}

const char *caliptra_mcu_error_name(uint32_t code)
{
	return fw_error_name(FW_ERRORS_MCI, code);
}

const char *caliptra_mcu_error_meaning(uint32_t code)
{
	return fw_error_meaning(FW_ERRORS_MCI, code);
}
