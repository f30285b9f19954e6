#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sparse.sh ARG... runs sparse as Kbuild does, without what it does not know: the names of
# RISC-V's newer extensions, for which it ends with an error.
for arg; do
	shift
	case $arg in
	-march=rv*) set -- "$@" "${arg%%_*}" ;;
	*) set -- "$@" "$arg" ;;
	esac
done
exec sparse "$@"
