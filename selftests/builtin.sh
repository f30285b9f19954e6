#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# A kernel that has the driver in it: the device is there before anything starts late, above
# all IMA, which looks for a TPM once. The kernel has to be booted with initcall_debug.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

# of the device tree, or of the PCI function
probed='probe of (10000000\.caliptra|caliptra-mbox\.[0-9]+\.auto) (with driver [^ ]+ )?returned'
number=0
failures=0

# check NAME COMMAND... is one test.
check() {
	name=$1
	shift
	number=$((number + 1))
	if "$@"; then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		failures=$((failures + 1))
	fi
}

# line REGEX prints the number of the first line of the kernel's log that has it.
line() {
	grep -nE "$1" /tmp/log | head -n 1 | cut -d : -f 1
}

# before REGEX REGEX
before() {
	first=$(line "$1")
	second=$(line "$2")
	echo "# $1: line ${first:-none}, $2: line ${second:-none}"
	[ "$first" ] && [ "$second" ] && [ "$first" -lt "$second" ]
}

no_module() {
	[ ! -s /proc/modules ] && [ -d /sys/bus/platform/drivers/caliptra ]
}

# Nobody has written to "enable": each function has its driver, which has enabled it once.
enabled_by_driver() {
	for function in 0000:00:01.0 0000:00:03.0; do
		[ "$(basename "$(readlink -f /sys/bus/pci/devices/$function/driver)")" = caliptra-pci ] &&
			[ "$(cat /sys/bus/pci/devices/$function/enable)" = 1 ] || return 1
	done
}

probed_once() {
	[ "$(grep -cE "$probed" /tmp/log)" = 1 ]
}

random() {
	grep -qw caliptra-mbox0 /sys/class/misc/hw_random/rng_available
}

answers() {
	caliptra version >/tmp/said 2>&1 && grep -q 'Caliptra RTM' /tmp/said
}

dmesg >/tmp/log
seen=$(sed -nE 's/^\[ *([0-9.]+)\].*Run .*init as init process.*/\1/p' /tmp/log | head -n 1)
echo "# the first process started after ${seen:-?} s"
check "the driver is no module" no_module
check "the functions' driver has enabled them" enabled_by_driver
check "the device was there when late things began" \
	before "$probed 0" 'calling +deferred_probe_initcall'
check "and before IMA did" before "$probed 0" 'calling +init_ima|calling +security_initcall_late'
check "it did not have to wait for anything" probed_once
check "it answers" answers
check "its random number generator is there" random
echo "1..$number"
[ $failures -eq 0 ]
