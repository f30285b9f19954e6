#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# caliptra monitor, statistics and list on a machine with the driver. Needs to be run by
# root with nobody else using the device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

driver=/sys/bus/platform/drivers/caliptra
node=/dev/caliptra-mbox0
parent=10000000.caliptra
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
		sed 's/^/# /' /tmp/text /tmp/json /tmp/other /tmp/said 2>/dev/null | tail -n 20
		failures=$((failures + 1))
	fi
}

# start FILE OPTION... starts a monitor, whose process is $started, and comes back when it
# waits for events (arm64: system call 73, ppoll), which it does when it has subscribed.
start() {
	file=$1
	shift
	caliptra "$@" monitor >"$file" 2>&1 &
	started=$!
	tries=0
	until grep -q '^73 ' "/proc/$started/syscall"; do
		tries=$((tries + 1))
		[ $tries -le 50 ] || return 1
		usleep 100000
	done
}

# has FILE REGEX waits up to 5 seconds for a line.
has() {
	tries=0
	until grep -qE "$2" "$1"; do
		tries=$((tries + 1))
		[ $tries -le 50 ] || return 1
		usleep 100000
	done
}

rebind() {
	echo $parent >$driver/unbind && echo $parent >$driver/bind && wait_for $node
}

# ends SIGNAL PROCESS: it must end with 0.
ends() {
	kill "-$1" "$2"
	wait "$2"
}

time='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z'

follow() {
	start /tmp/text && text=$started && start /tmp/json -o json && json=$started &&
		start /tmp/other -d /dev/caliptra-mbox9 && other=$started
}

states() {
	ctl reset cold fuses && caliptra info >/dev/null &&
		has /tmp/text "$time $node state_change old_state=ready_for_runtime state=ready_for_fuses\$" &&
		ctl reset cold && caliptra info >/dev/null &&
		has /tmp/text "$time $node state_change old_state=ready_for_fuses state=ready_for_runtime\$" &&
		has /tmp/json '"event": "state_change", "device": "/dev/caliptra-mbox0", "old_state": "ready_for_runtime", "state": "ready_for_fuses" }$'
}

devices() {
	rebind && has /tmp/text "$time $node device_del parent=$parent mailbox=soc mailbox_size=[0-9]+\$" &&
		has /tmp/text "$time $node device_add .* state=ready_for_runtime hw_rev_id=0x" &&
		has /tmp/json '"event": "device_add", .*"parent": "10000000.caliptra", .*"hw_generation": "[0-9.]+" }$'
}

# With room for hardly any event, and a monitor that does not read them.
loses() {
	room=$(cat /proc/sys/net/core/rmem_max)
	echo 2304 >/proc/sys/net/core/rmem_max
	start /tmp/lost && lost=$started
	result=$?
	echo "$room" >/proc/sys/net/core/rmem_max
	[ $result -eq 0 ] && kill -STOP "$lost" || return 1
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		rebind || return 1
	done
	kill -CONT "$lost"
	has /tmp/lost "$time - lost: there were more events than could be read" || return 1
	# those that come after that are printed again
	told=$(wc -l </tmp/lost)
	rebind && usleep 500000 && tail -n "+$((told + 1))" /tmp/lost >/tmp/later &&
		has /tmp/later "$node device_(add|del) " && ends INT "$lost"
}

# commands prints how many commands there were.
commands() {
	caliptra -d $node statistics | awk '$1 == "commands" { print $2 }'
}

counts() {
	before=$(commands)
	caliptra version >/dev/null && caliptra version >/dev/null || return 1
	[ "$(commands)" -eq $((before + 2)) ]
}

no_device() {
	caliptra -d /dev/caliptra-mbox9 statistics >/tmp/said 2>&1
	[ $? -eq 4 ] && grep -q 'the kernel has no device /dev/caliptra-mbox9' /tmp/said
}

# refused COMMAND: nobody is told what it would take. There is no file of users until now.
refused() {
	echo 'nobody:x:65534:65534::/:/bin/sh' >/etc/passwd
	su nobody -c "PATH=$PATH caliptra $1" >/tmp/said 2>&1
	[ $? -eq 4 ] && grep -q 'capability CAP_NET_ADMIN' /tmp/said
}

list_has_kernel_facts() {
	caliptra list >/tmp/said && has /tmp/said '^mailbox +soc$' && has /tmp/said "^parent +$parent\$"
}

no_driver() {
	rmmod caliptra || return 1
	caliptra monitor >/tmp/said 2>&1
	result=$?
	load_driver && [ $result -eq 4 ] && grep -q 'is the driver caliptra loaded?' /tmp/said
}

mkdir -p /etc
check "monitors start" follow
[ $failures -eq 0 ] || exit 1
check "a change of state is printed" states
check "a device that goes and comes is printed" devices
check "of another device than the named one nothing is" test ! -s /tmp/other
check "SIGINT ends it with 0" ends INT "$text"
check "SIGTERM ends it with 0" ends TERM "$json"
check "and one that has printed nothing" ends INT "$other"
check "events that were lost are told of" loses
check "statistics count" counts
check "statistics of a device that is not there" no_device
check "statistics are not for everybody" refused statistics
check "nor are events" refused monitor
check "list tells what only the kernel knows" list_has_kernel_facts
check "without the driver there is a clear error" no_driver
echo "1..$number"
[ $failures -eq 0 ]
