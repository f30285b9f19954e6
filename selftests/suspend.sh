#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# System and runtime suspend: who uses the device does not notice. The kernel suspends
# everything but the processors, waits and resumes by itself (pm_test). Needs to be run by
# root with nobody else using the device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

device=/sys/bus/platform/devices/10000000.caliptra
statistics=/sys/class/caliptra/caliptra-mbox0/statistics
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
		tail -n 5 /tmp/said 2>/dev/null | sed 's/^/# /'
		dmesg | tail -n 15 | sed 's/^/# /'
		failures=$((failures + 1))
	fi
}

# in_ioctl PID waits until a process does (arm64: system call 29).
in_ioctl() {
	tries=0
	until grep -q '^29 ' "/proc/$1/syscall"; do
		tries=$((tries + 1))
		[ $tries -le 500 ] || return 1
		usleep 10000
	done
}

slept() {
	before=$(grep -w success "$stats" | tr -dc 0-9)
	sleep_and_wake && [ "$(grep -w success "$stats" | tr -dc 0-9)" -eq $((before + 1)) ]
}

at_rest() {
	caliptra version >/tmp/said 2>&1 && slept && caliptra version >/tmp/said 2>&1
}

# callers N ends with 0 where each of so many has had no error, and some answers, until
# /tmp/stop is there.
callers() {
	rm -f /tmp/stop
	left=$1
	pids=
	while [ "$left" -gt 0 ]; do
		while [ ! -e /tmp/stop ]; do
			caliptra version >/dev/null || exit 1
		done &
		pids="$pids $!"
		left=$((left - 1))
	done
	usleep 500000
	slept && slept
	result=$?
	touch /tmp/stop
	for pid in $pids; do
		wait "$pid" || result=1
	done
	return $result
}

# The answer comes while everything else is asleep, or keeps it from that. A suspend waits
# for it for 10 seconds, and a busy host may take some to get so far.
with_command() {
	ctl fault late 6000 >/dev/null && {
		caliptra version >/tmp/said 2>&1 &
		late=$!
		in_ioctl $late && slept && wait $late && grep -q 'Caliptra RTM' /tmp/said
	}
}

# A device that does not come to an end keeps the system awake, and goes on.
busy_too_long() {
	ctl fault no-answer >/dev/null && {
		caliptra version >/tmp/said 2>&1 &
		late=$!
		in_ioctl $late && ! sleep_and_wake && ctl fault none >/dev/null && wait $late && grep -q 'Caliptra RTM' /tmp/said
	}
}

# A reset that nobody has seen costs no command.
reset_meanwhile() {
	lost=$(cat $statistics/lost)
	caliptra version >/dev/null && ctl reset cold >/dev/null && slept &&
		caliptra version >/tmp/said 2>&1 && [ "$(cat $statistics/lost)" -eq "$lost" ]
}

# status_is STATUS waits up to 5 seconds.
status_is() {
	tries=0
	until [ "$(cat $device/power/runtime_status)" = "$1" ]; do
		tries=$((tries + 1))
		[ $tries -le 50 ] || return 1
		usleep 100000
	done
}

sleeps_when_idle() {
	[ "$(cat $device/power/control)" = auto ] && caliptra version >/dev/null && status_is suspended &&
		caliptra version >/tmp/said 2>&1 && status_is suspended
}

stays_awake_with_command() {
	status_is suspended && ctl fault no-answer >/dev/null && {
		caliptra version >/tmp/said 2>&1 &
		late=$!
		in_ioctl $late && usleep 500000 && [ "$(cat $device/power/runtime_status)" = active ]
		awake=$?
		ctl fault none >/dev/null && wait $late && [ $awake -eq 0 ] && status_is suspended
	}
}

kept_awake() {
	echo on >$device/power/control && status_is active && caliptra version >/tmp/said 2>&1 &&
		usleep 300000 && [ "$(cat $device/power/runtime_status)" = active ]
	result=$?
	echo auto >$device/power/control
	[ $result -eq 0 ] && status_is suspended
}

mkdir -p /sys/kernel/debug
[ -e /sys/kernel/debug/suspend_stats ] || mount -t debugfs none /sys/kernel/debug 2>/dev/null
stats=/sys/kernel/debug/suspend_stats
if [ ! -e /sys/power/pm_test ] || [ ! -e $stats ]; then
	echo "1..0 # SKIP the kernel has no pm_test"
	exit 1
fi
check "it works after a suspend as before" at_rest
check "callers do not notice a suspend" callers 4
check "a command in the mailbox survives a suspend" with_command
check "a device that stays busy refuses a suspend, and goes on" busy_too_long
check "a reset during a suspend costs no command" reset_meanwhile
check "the device sleeps when nobody uses it" sleeps_when_idle
check "it is awake as long as it has a command" stays_awake_with_command
check "it stays awake if told to" kept_awake
echo "1..$number"
[ $failures -eq 0 ]
