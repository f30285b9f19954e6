#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# soak.sh kills swcaliptra $CALIPTRA_KILLS times (1000) while it works, and looks whether what
# it has answered is there again. Then it runs selftests/soak with $CALIPTRA_SOAK commands
# (1000000) of 16 processes on the stock kernel, where they come as fast as they would, and
# with a tenth of them on the debug kernel, which sees what the driver does wrong meanwhile
# and what memory it loses; and then selftests/fuzz_ioctl for $CALIPTRA_FUZZ_TIME seconds
# (600). Each of these is in a machine of its own. To be run in the build environment. The
# log is build/vm/soak.log.
set -euo pipefail

kills=${CALIPTRA_KILLS:-1000} commands=${CALIPTRA_SOAK:-1000000} seconds=${CALIPTRA_FUZZ_TIME:-600}
log=build/vm/soak.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# run KERNEL TIMEOUT PROGRAM [ARG...] runs it in a machine.
run() {
	local kernel=$1 timeout=$2
	shift 2
	echo "$*" >"$work/arguments"
	tools/vm/machine.sh --kernel "$kernel" --timeout "$timeout" tools/soak/scenario.sh \
		"$work/arguments" "build/vm/selftests/$1" 2>&1 | tee -a "$log" || failed=1
}

: >"$log"
BUILD=build/vm/host build/vm/sanitized/tools/swcaliptra/tests/kill "$kills" 2>&1 | tee -a "$log" || failed=1
# a busy host has reached some 20 commands a second
run 6.12 $((1200 + commands / 10)) soak "$commands" 16
run debug $((1200 + commands / 100)) soak $((commands / 10)) 16
run debug $((1200 + seconds * 2)) fuzz_ioctl "$seconds"
exit "$failed"
