// SPDX-License-Identifier: LGPL-2.1-or-later
/* What errors are called. */
#include <caliptra/caliptra.h>

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
};

const char *caliptra_strerror(CaliptraError error)
{
	if ((unsigned int)error >= sizeof(meanings) / sizeof(meanings[0]))
		return "not an error code of libcaliptra";
	return meanings[error];
}

static const struct {
	uint32_t code;
	const char *name;
} fw_errors[] = {
#define CALIPTRA_FW_ERROR(name, code) { code, #name },
#include <caliptra/fw_errors.def>
};

const char *caliptra_fw_error_name(uint32_t code)
{
	size_t low = 0, high = sizeof(fw_errors) / sizeof(fw_errors[0]);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (fw_errors[mid].code == code)
			return fw_errors[mid].name;
		if (fw_errors[mid].code < code)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
