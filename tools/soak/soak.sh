#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# soak.sh runs selftests/soak with $CALIPTRA_SOAK commands (1000000) of 16 processes, and
# selftests/fuzz_ioctl for $CALIPTRA_FUZZ_TIME seconds (600), in a machine each that boots
# the debug kernel, and looks for lost memory and for what the kernel has to say. To be run
# in the build environment. The log is build/vm/soak.log.
set -euo pipefail

commands=${CALIPTRA_SOAK:-1000000} seconds=${CALIPTRA_FUZZ_TIME:-600}
log=build/vm/soak.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# run TIMEOUT PROGRAM [ARG...] runs it in a machine of its own.
run() {
	local timeout=$1
	shift
	echo "$*" >"$work/arguments"
	tools/vm/machine.sh --kernel debug --timeout "$timeout" tools/soak/scenario.sh \
		"$work/arguments" "build/vm/selftests/$1" 2>&1 | tee -a "$log" || failed=1
}

: >"$log"
# a busy host has reached some 20 commands a second
run $((1200 + commands / 10)) soak "$commands" 16
run $((1200 + seconds * 2)) fuzz_ioctl "$seconds"
exit "$failed"
