/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the functions of the families, which are made by tools/gen, call. */
#ifndef CALIPTRA_EXECUTE_H
#define CALIPTRA_EXECUTE_H

#include <caliptra/caliptra.h>

/**
 * command_execute() - send a command
 * @session: a connected session
 * @index: place of the command in table_commands
 * @req: its request, NULL where it has none
 * @resp: where the response goes, or NULL
 */
CaliptraError command_execute(CaliptraSession *session, unsigned int index,
			      const void *req, void *resp);

#endif
