#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# The device and the driver go away and come back, in rest and under load. Needs to be
# run by root with nobody else using the device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

driver=/sys/bus/platform/drivers/caliptra
node=/dev/caliptra-mbox0
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
		[ -e $node ] || bind
	fi
}

# in_ioctl PID waits until a process does (arm64: system call 29).
in_ioctl() {
	tries=0
	until grep -q '^29 ' "/proc/$1/syscall" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -le 500 ] && [ -d "/proc/$1" ] || return 1
		usleep 10000
	done
}

gone() {
	tries=0
	while [ -e "$1" ]; do
		tries=$((tries + 1))
		[ $tries -le 50 ] || return 1
		usleep 100000
	done
}

unbind() {
	echo "$device" >$driver/unbind && gone $node
}

bind() {
	echo "$device" >$driver/bind && wait_for $node && caliptra version >/dev/null
}

rebind_repeatedly() {
	for _ in 1 2 3 4 5; do
		unbind && bind || return 1
	done
}

# with_load COMMAND... runs it while eight processes use the device; all of them must see
# it go.
with_load() {
	rm -f /tmp/ready
	load 8 /tmp/ready &
	load=$!
	wait_for /tmp/ready && "$@" && wait $load
}

unbind_under_load() {
	for _ in 1 2 3 4 5; do
		with_load unbind && bind || return 1
	done
}

# A command is in the mailbox when the device goes, and is answered after that, before the
# driver has waited for five seconds; the one behind it is not sent any more.
unbind_with_command() {
	ctl fault late 4800 >/dev/null && {
		caliptra version >/tmp/one 2>&1 &
		one=$!
		caliptra version >/tmp/other 2>&1 &
		other=$!
		in_ioctl $one && in_ioctl $other && unbind || return 1
		wait $one
		status=$?
		wait $other
		[ $((status + $?)) -eq 4 ] && grep -q 'Caliptra RTM' /tmp/one /tmp/other &&
			grep -q 'is gone' /tmp/one /tmp/other && bind
	}
}

seconds() {
	cut -d . -f 1 /proc/uptime
}

# The same, but the answer comes only when the driver has given up and come back.
unbind_with_hung_command() {
	ctl fault late 9000 >/dev/null && {
		caliptra version >/tmp/late 2>&1 &
		late=$!
		in_ioctl $late || return 1
		start=$(seconds)
		unbind || return 1
		wait $late
		[ $? -eq 4 ] && grep -q 'is gone' /tmp/late &&
			[ $(($(seconds) - start)) -le 10 ] && bind
	}
}

unload() {
	rmmod caliptra && gone $node
}

reload_repeatedly() {
	for _ in 1 2 3 4 5; do
		unload && load_driver && caliptra version >/dev/null || return 1
	done
}

# The module stays as long as somebody has the device open.
unload_while_open() {
	exec 4<>$node
	rmmod caliptra 2>/dev/null
	result=$?
	exec 4>&-
	[ $result -ne 0 ] && unload && load_driver && caliptra version >/dev/null
}

open_file_survives() {
	exec 4<>$node
	unbind && bind
	result=$?
	exec 4>&-
	[ $result -eq 0 ] && caliptra version >/dev/null
}

for path in "$driver"/*.caliptra; do
	device=${path##*/}
done
check "it can be unbound and bound again" rebind_repeatedly
check "an open file survives that" open_file_survives
check "unbinding under load ends every caller with ENODEV" unbind_under_load
check "unbinding lets the command in the mailbox end" unbind_with_command
check "a command left in the mailbox does not stop the next driver" unbind_with_hung_command
check "the module can be unloaded and loaded again" reload_repeatedly
check "an open file keeps the module" unload_while_open
echo "1..$number"
[ $failures -eq 0 ]
