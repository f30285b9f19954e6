#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# <linux/caliptra.h>, as the module api_test uses it: its files in debugfs run tests, and
# what has to happen to the device between them is done here. Needs to be run by root with
# nobody else using the device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

driver=/sys/bus/platform/drivers/caliptra
device=10000000.caliptra
transactions=/sys/kernel/debug/caliptra/caliptra-mbox0/transactions
consumers=/sys/bus/platform/drivers/caliptra-consumer
folder=/sys/kernel/debug/caliptra-api-test
failures=0

# part NAME COMMAND... runs a command, and then those tests of the module.
part() {
	name=$1
	shift
	if "$@" >/dev/null && cat "$folder/$name" >/tmp/tap; then
		cat /tmp/tap
		! grep -q '^not ok' /tmp/tap || failures=$((failures + 1))
	else
		echo "not ok 1 - $name"
		echo "1..1"
		failures=$((failures + 1))
	fi
}

# check NAME COMMAND... is one test.
check() {
	name=$1
	shift
	if "$@"; then
		echo "ok 1 - $name"
	else
		echo "not ok 1 - $name"
		failures=$((failures + 1))
	fi
	echo "1..1"
}

skip() {
	echo "ok 1 - $1 # SKIP $2"
	echo "1..1"
}

pcr9() {
	caliptra pcr read 9 | awk '{ print $2 }'
}

# The module has extended PCR 9 with 48 times "x".
extended() {
	{
		echo "$before" | tr -d '\n' | sed 's/../\\x&/g' | xargs -0 printf
		printf 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'
	} >/tmp/extended
	[ "$(openssl dgst -sha384 -r /tmp/extended | cut -d ' ' -f 1)" = "$(pcr9)" ]
}

# What the module has stirred in: each command's length, with 8 bytes before the data.
stirred() {
	lengths=$(tail -n 6 $transactions | awk '$4 == "0x434d5253" && $9 == 0 { printf "%d ", $5 }')
	echo "# $lengths"
	[ "$lengths" = "9 56 4088 4088 9 4087 " ]
}

refusals() {
	dmesg | grep -c 'caliptra-mbox0: random bytes refused: they repeat'
}

refused() {
	[ "$(refusals)" -eq $((refusals_before + 1)) ]
}

no_fault() {
	ctl fault none >/dev/null && caliptra version >/dev/null
}

random_bytes() {
	part stir true
	check "the device has got it" stirred
	part torn ctl fault dlen 4000
	refusals_before=$(refusals)
	part constant ctl fault constant-random
	check "constant bytes are told of" refused
	check "and come to an end" no_fault
}

# A 1.x has no random bytes, which "present" looks at.
old() {
	[ "$(caliptra info -o json | sed -n 's/.*"hw_generation": "\([0-9]\).*/\1/p')" = 1 ]
}

reset_busy() {
	ctl fault reset busy
}

# The module keeps the driver for as long as it has a device.
kept() {
	! rmmod caliptra 2>/dev/null && [ -e $driver ]
}

unbind() {
	echo $device >$driver/unbind
}

bind() {
	echo $device >$driver/bind && wait_for /dev/caliptra-mbox0
}

# bound DEVICE... are all of the consumer's devices that have a driver.
bound() {
	[ "$(find $consumers -name 'caliptra-consumer.*' -exec basename {} \; | sort | xargs)" = "$*" ]
}

# got WHAT ERRORS: what the consumer's devices have got last.
got() {
	errors=$(cat "/sys/module/consumer/parameters/$1")
	echo "# $1: $errors"
	[ "$errors" = "$2" ]
}

consumer() {
	insmod /lib/modules/consumer.ko && bound caliptra-consumer.0 caliptra-consumer.1 && got probed 0,0,-22
}

linked() {
	for n in 0 1; do
		[ "$(cat /sys/class/devlink/platform:$device--platform:caliptra-consumer.$n/status)" = active ] || return 1
	done
}

# The mailbox is still there when they go.
unbound_before() {
	unbind && bound && got removed 0,0,1 && [ ! -e /sys/class/devlink/platform:$device--platform:caliptra-consumer.0 ]
}

not_without() {
	! echo caliptra-consumer.0 2>/dev/null >$consumers/bind && bound && got probed -517,0,-22
}

bound_after() {
	rmmod consumer && insmod /lib/modules/consumer.ko && bound && got probed -517,-517,-22 && bind || return 1
	tries=0
	until bound caliptra-consumer.0 caliptra-consumer.1; do
		tries=$((tries + 1))
		[ $tries -le 50 ] || return 1
		usleep 100000
	done
	got probed 0,0,-22
}

awake_longer() {
	sleep_and_wake && got suspended 0,0,1 && got resumed 0,0,1
}

reload() {
	rmmod api_test && rmmod caliptra && load_driver && caliptra version >/dev/null
}

before=$(pcr9)
check "a user of the API is loaded" insmod /lib/modules/api_test.ko
part present true
check "the PCR has been extended" extended
part pcrs true
part cut ctl fault dlen 12
old || random_bytes
part late ctl fault late 600
part reset reset_busy
caliptra version >/dev/null
check "its user keeps the driver" kept
part busy true
part gone unbind
part back bind
check "drivers that need it are bound" consumer
check "they are linked to it" linked
if [ -e /sys/power/pm_test ]; then
	check "they have it until they are asleep, and when they wake up" awake_longer
else
	skip "they have it until they are asleep, and when they wake up" "this kernel has no pm_test"
fi
check "they are unbound before it" unbound_before
check "they are not bound without it" not_without
check "and are when it comes" bound_after
check "their module goes" rmmod consumer
check "without users it can be unloaded" reload
[ $failures -eq 0 ]
