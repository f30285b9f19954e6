#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sparse.sh ARG... runs sparse as Kbuild does, past what sparse 0.6.4 does not know: the
# names of RISC-V's newer extensions, types without their qualifiers, and that the length
# of a literal is constant.
for arg; do
	shift
	case $arg in
	-march=rv*) set -- "$@" "${arg%%_*}" ;;
	*) set -- "$@" "$arg" ;;
	esac
done
exec sparse -D__typeof_unqual__=__typeof__ "-D__builtin_strlen(s)=(sizeof(s) - 1)" "$@"
