/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MCU's debug log: lines of text, each an entry. The oldest make room for new
 * ones. It is read from its beginning on, and what has been read is read once only.
 */
#ifndef SWCALIPTRA_MCU_LOG_H
#define SWCALIPTRA_MCU_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MCU_LOG_SIZE	   (16u * 1024)
#define MCU_LOG_ENTRY_SIZE 160u

/**
 * struct mcu_log - a log
 * @text: entries, one behind the other, each ends with a line feed
 * @len: bytes of them
 * @read: bytes of them that have been read
 * @edits: counts changes of the others
 */
struct mcu_log {
	char text[MCU_LOG_SIZE];
	size_t len;
	size_t read;
	uint32_t edits;
};

/**
 * mcu_log_add() - add an entry
 * @log: the log
 * @format: of the line, without a line feed; what is too long is cut
 */
__attribute__((format(printf, 2, 3))) void mcu_log_add(struct mcu_log *log,
						       const char *format, ...);

/**
 * mcu_log_read() - the next entries, as many whole ones as there is room for
 * @log: the log
 * @bytes: where they go
 * @size: room there, at least MCU_LOG_ENTRY_SIZE bytes
 * @more: set to whether there are more of them
 *
 * Return: bytes of the entries.
 */
size_t mcu_log_read(struct mcu_log *log, uint8_t *bytes, size_t size,
		    bool *more);

/** mcu_log_clear() - forget everything */
void mcu_log_clear(struct mcu_log *log);

#endif
