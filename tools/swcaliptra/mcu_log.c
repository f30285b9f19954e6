// SPDX-License-Identifier: GPL-2.0-or-later
/* The MCU's debug log. See mcu_log.h. */
#include "mcu_log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the entry at @at. */
static size_t entry_size(const struct mcu_log *log, size_t at)
{
	const char *end = memchr(log->text + at, '\n', log->len - at);

	return (size_t)(end - (log->text + at)) + 1;
}

static void drop_oldest(struct mcu_log *log)
{
	size_t size = entry_size(log, 0);

	log->len -= size;
	memmove(log->text, log->text + size, log->len);
	log->read = log->read > size ? log->read - size : 0;
}

void mcu_log_add(struct mcu_log *log, const char *format, ...)
{
	char line[MCU_LOG_ENTRY_SIZE];
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	len = strcspn(line, "\n");
	line[len++] = '\n';

	while (MCU_LOG_SIZE - log->len < len)
		drop_oldest(log);
	memcpy(log->text + log->len, line, len);
	log->len += len;
	log->edits++;
}

size_t mcu_log_read(struct mcu_log *log, uint8_t *bytes, size_t size,
		    bool *more)
{
	size_t len = 0;
	size_t entry;

	while (log->read < log->len) {
		entry = entry_size(log, log->read);
		if (entry > size - len)
			break;
		memcpy(bytes + len, log->text + log->read, entry);
		len += entry;
		log->read += entry;
		log->edits++;
	}
	*more = log->read < log->len;
	return len;
}

void mcu_log_clear(struct mcu_log *log)
{
	log->len = 0;
	log->read = 0;
	log->edits++;
}
