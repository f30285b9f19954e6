#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Runs the tests in the test machine: those programs in ./selftests, and those functions
# from here, whose names are in the file ./suites. Before the output of each is a line
# "@suite NAME", after it "@status STATUS SECONDS".
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh
export CALIPTRA_CTL=/dev/ttyAMA1
# what the driver should do without an interrupt, it should do then alone
[ ! -d /proc/device-tree/caliptra@10000000 ] || [ -e /proc/device-tree/caliptra@10000000/interrupts ] ||
	export CALIPTRA_POLLING=1

PATH=$PWD/selftests:$PATH
failed=0

suite() {
	echo "@suite $*"
	read -r begun _ </proc/uptime
	"$@" 2>&1 </dev/null
	status=$?
	read -r ended _ </proc/uptime
	echo "@status $status $((${ended%.*} - ${begun%.*}))"
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

# The unit tests, which have run when the driver was loaded, if they are among the suites:
# the kernel's TAP has one level for the groups of tests, and one for the tests.
kunit() {
	unset KUNIT
	no_kunit
	cat /sys/kernel/debug/kunit/caliptra*/results | awk '
		/^    # Subtest: / { group = $3 }
		/^    (not )?ok [0-9]+ / {
			match($0, /ok [0-9]+ /)
			n++
			failed += $1 == "not"
			print ($1 == "not" ? "not ok " : "ok ") n " - " group ": " substr($0, RSTART + RLENGTH)
			next
		}
		/^ +#/ { sub(/^ +/, ""); print }
		END { print "1.." n + 0; exit failed > 0 }'
}

# unload has the driver gone; from the kernel only its device goes.
unload() {
	if grep -q '^caliptra ' /proc/modules; then
		rmmod caliptra
	else
		echo 10000000.caliptra >/sys/bus/platform/drivers/caliptra/unbind
	fi
}

# What the driver has allocated and forgotten, after it has gone. An object has to be five
# seconds old before it is missed.
kmemleak() {
	leaks=/sys/kernel/debug/kmemleak
	unload && sleep 6 && echo scan >"$leaks" && sleep 1 && echo scan >"$leaks" &&
		cat "$leaks" >/tmp/leaks || return 1
	if [ -s /tmp/leaks ]; then
		echo "not ok 1 - no memory is lost"
		head -n 60 /tmp/leaks | sed 's/^/# /'
	else
		echo "ok 1 - no memory is lost"
	fi
	echo "1..1"
	[ ! -s /tmp/leaks ]
}

# What of the driver has run, as gcov's files: lines that begin with "#= " have them.
coverage() {
	(cd /sys/kernel/debug/gcov && find . -name '*.gcda') >/tmp/names
	while read -r name; do
		mkdir -p "/tmp/gcov/${name%/*}"
		cat "/sys/kernel/debug/gcov/$name" >"/tmp/gcov/$name" || return 1
	done </tmp/names
	[ -d /tmp/gcov ] || return 1
	tar -C /tmp/gcov -cz . | base64 | sed 's/^/#= /'
	echo "ok 1 - $(wc -l </tmp/names) objects have counted what ran"
	echo "1..1"
}

[ -e suites ] || exit 125
! grep -qx kunit suites || export KUNIT=1
load_driver || exit 125
while read -r name; do
	suite "$name"
done <suites
suite kernel_log
exit $failed
