#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# module.sh MODULE prints "@module TEXT RODATA": bytes of code in a module (.text*,
# .init.text, .exit.text) and of constants (.rodata*), without what describes it (symbols,
# versions, relocations, debug information). To be run in the build environment.
set -euo pipefail

aarch64-linux-gnu-size -A "$1" | awk '
	$1 ~ /^\.(init\.|exit\.)?text/ { text += $2 }
	$1 ~ /^\.rodata/ { rodata += $2 }
	END { printf "@module %d %d\n", text, rodata; exit !text }'
