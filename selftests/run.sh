#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the tests in the test machine: those programs in ./selftests whose names are in the
# file ./suites. Before the output of each is a line "@suite NAME", after it
# "@status STATUS".
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh
export CALIPTRA_CTL=/dev/ttyAMA1
# what the driver should do without an interrupt, it should do then alone
[ -e /proc/device-tree/caliptra@10000000/interrupts ] || export CALIPTRA_POLLING=1

PATH=$PWD/selftests:$PATH
failed=0

suite() {
	echo "@suite $*"
	"$@" 2>&1 </dev/null
	status=$?
	echo "@status $status"
	[ $status -eq 0 ] || failed=1
}

kernel_log() {
	complaints=$(kernel_warnings)
	if [ "$complaints" ]; then
		echo "not ok 1 - the kernel's log has no complaint"
		echo "$complaints" | sed 's/^/# /'
		dmesg | tail -n 60 | sed 's/^/# /'
	else
		echo "ok 1 - the kernel's log has no complaint"
	fi
	echo "1..1"
	[ ! "$complaints" ]
}

load_driver || exit 125
while read -r name; do
	suite "$name"
done <suites
suite kernel_log
exit $failed
