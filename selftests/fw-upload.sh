#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Updates of the firmware by /sys/class/firmware, with the module caliptra-fw-upload, alone
# and while the device is used, misbehaves and goes away. In the folder ./firmware is what
# tools/vm/firmware.sh makes; the device has booted the image there. Needs to be run by
# root with nobody else using the device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

driver=/sys/bus/platform/drivers/caliptra
device=10000000.caliptra
node=/dev/caliptra-mbox0
class=/sys/class/firmware/caliptra-mbox0
statistics=/sys/class/caliptra/caliptra-mbox0/statistics
module=/lib/modules/caliptra-fw-upload.ko
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
		ctl fault none >/dev/null
	fi
}

# give FILE hands a file over, and the upload begins.
give() {
	echo 1 >$class/loading && cat "firmware/$1" >$class/data && echo 0 >$class/loading
}

# finish SECONDS waits for the end of the upload.
finish() {
	tries=0
	until [ "$(cat $class/status)" = idle ]; do
		tries=$((tries + 1))
		[ $tries -le $((10 * $1)) ] || {
			echo "# it is still $(cat $class/status)"
			return 1
		}
		usleep 100000
	done
}

# began waits until the device has been given a command after those that commands counts.
began() {
	tries=0
	until [ "$(count commands)" -gt "$commands" ]; do
		tries=$((tries + 1))
		[ $tries -le 100 ] || return 1
		usleep 50000
	done
}

# ended ERROR is how it has ended; nothing is success.
ended() {
	error=$(cat $class/error)
	[ "$error" = "$1" ] || {
		echo "# error: '$error'"
		return 1
	}
}

# upload FILE
upload() {
	give "$1" && finish 60
}

# count NAME prints one of the statistics.
count() {
	cat "$statistics/$1"
}

# runs VERSION: it is the version of the runtime that answers.
runs() {
	version=$(caliptra version | awk '$1 == "runtime_version" { print $2 }')
	[ "$version" = "$1" ] || {
		echo "# runtime '$version'"
		return 1
	}
}

# told REGEX: the kernel's log has it since the last mark.
mark() {
	echo caliptra-mark >/dev/kmsg
}

told() {
	dmesg | awk '/caliptra-mark/ { text = "" } { text = text $0 "\n" } END { printf "%s", text }' >/tmp/told
	grep -qE "caliptra-mbox0: $1" /tmp/told || {
		sed 's/^/# /' /tmp/told
		return 1
	}
}

seconds() {
	cut -d . -f 1 /proc/uptime
}

unbind() {
	start=$(seconds)
	echo $device >$driver/unbind && [ ! -e $class ] || return 1
	[ $(($(seconds) - start)) -le 15 ] || {
		echo "# unbinding takes $(($(seconds) - start)) s"
		return 1
	}
}

bind() {
	echo $device >$driver/bind && wait_for $node && wait_for $class && caliptra version >/dev/null
}

# Whoever uses the device while it is updated.
load() {
	rm -f /tmp/ready
	selftests/load 8 /tmp/ready &
	load=$!
	wait_for /tmp/ready && failed=$(count failures) lost=$(count lost) resets=$(count resets)
}

busy() {
	kill -0 "$load"
}

nothing_lost() {
	[ "$(count lost)" = "$lost" ] && [ "$(count failures)" = "$failed" ] && [ "$(count stuck)" = 0 ] && busy
}

update() {
	mark && upload update && ended "" && [ "$(cat $class/remaining_size)" = 0 ]
}

# Back and forth, as the FMC of both images is the same.
update_repeatedly() {
	for _ in 1 2; do
		upload image && ended "" && runs 2.5.6 && update && runs 2.9.9 || return 1
	done
}

# $refused is where in an upload a bad image is: found by the firmware that runs, or where
# it can not do that by ROM.
refuse() {
	mark && upload "$1" && ended "$refused:firmware-invalid"
}

refused_by() {
	[ $old ] || set -- 'FIRMWARE_VERIFY says 0x21523f21'
	told "firmware not updated: .*$1"
}

too_long() {
	commands=$(count commands)
	upload long && ended preparing:invalid-file-size
}

all_answered() {
	unbind && wait "$load" && bind
}

cold() {
	ctl reset cold >/dev/null && runs 2.5.6
}

# Somebody else has the mailbox for three seconds, so the image waits for its turn.
cancel_waiting() {
	ctl fault late 3000 >/dev/null && commands=$(count commands) || return 1
	caliptra version >/tmp/late 2>&1 &
	late=$!
	began && give update || return 1
	usleep 300000
	echo 1 >$class/cancel && finish 1 && ended $refused:user-abort && wait $late && runs 2.5.6
}

# The firmware that verifies it is waited for, and then nothing is loaded.
cancel_verifying() {
	ctl fault late 2000 >/dev/null && commands=$(count commands) && give update && began || return 1
	[ "$(cat $class/status)" = preparing ] && echo 1 >$class/cancel && finish 5 &&
		ended transferring:user-abort && runs 2.5.6
}

# What ROM has can not be cancelled.
cancel_loading() {
	ctl fault late 2000 >/dev/null && commands=$(count commands) && give update && began || return 1
	[ "$(cat $class/status)" = transferring ] && echo 1 >$class/cancel && finish 5 && ended "" && runs 2.9.9
}

cancel_nothing() {
	! echo 1 2>/dev/null >$class/cancel && update && runs 2.9.9
}

# Another one does not disturb the one that is under way.
only_one() {
	ctl fault late 1500 >/dev/null && commands=$(count commands) && give update && began || return 1
	! give forged 2>/dev/null && finish 20 && ended "" && runs 2.9.9
}

silent() {
	ctl fault no-answer >/dev/null || return 1
	start=$(seconds)
	upload update && ended "$refused:timeout" && [ $(($(seconds) - start)) -le 40 ] && cold
}

reset_meanwhile() {
	ctl fault "reset busy" >/dev/null && upload update && ended "$refused:hw-error" && runs 2.5.6
}

fatal_meanwhile() {
	ctl fault watchdog >/dev/null && upload update && ended "$refused:hw-error" && cold
}

unbind_meanwhile() {
	ctl fault late 2500 >/dev/null && commands=$(count commands) && give update && began || return 1
	unbind && bind && runs "$1"
}

unbind_silent() {
	ctl fault no-answer >/dev/null && commands=$(count commands) && give update && began || return 1
	unbind && ctl reset cold >/dev/null && bind && runs 2.5.6
}

unload_meanwhile() {
	ctl fault late 2500 >/dev/null && commands=$(count commands) && give update && began || return 1
	rmmod caliptra_fw_upload && [ ! -e $class ] && caliptra version >/dev/null && insmod $module && cold
}

# Unbound again and again at any time of an upload.
unbind_any_time() {
	for ms in 0 10 40 90 160 250 360 490; do
		if ! { give update && usleep $((1000 * ms)) && unbind && bind; }; then
			echo "# after $ms ms"
			return 1
		fi
	done
	cold && update && runs 2.9.9
}

# What the device has in its mailbox ends before that, and the rest comes after it.
sleep_meanwhile() {
	ctl fault late 1500 >/dev/null && commands=$(count commands) && give update && began || return 1
	sleep_and_wake && finish 20 && ended "" && runs 2.9.9
}

unload() {
	rmmod caliptra_fw_upload && [ ! -e $class ]
}

if ! [ -e $module ]; then
	echo "1..0 # SKIP this kernel has no firmware uploads"
	exit
fi
old=
refused=preparing
if [ "$(caliptra info -o json | sed -n 's/.*"hw_generation": "\([0-9]\).*/\1/p')" = 1 ]; then
	old=1
	refused=transferring
fi

check "its module is loaded" insmod $module
check "there is a place for firmware" [ "$(cat $class/status)" = idle ]
check "the first image runs" runs 2.5.6
check "eight processes use the device" load
check "an update is taken meanwhile" update
check "and runs" runs 2.9.9
check "as the log tells" told 'firmware updated: runtime 0x02090009'
check "the device was reset for it" [ "$(count resets)" -gt "$resets" ]
check "so are others after it" update_repeatedly
check "nobody's command was lost" nothing_lost
check "another vendor's image is refused" refuse forged
check "with the firmware's error" refused_by 'error 0x000b0005'
check "so is one with a wrong signature" refuse spoiled
check "with the firmware's error again" refused_by 'error 0x000b00'
check "and the half of one" refuse truncated
check "what is longer than the mailbox is not sent" too_long
check "the firmware is still the one that was good" runs 2.9.9
check "and nobody has noticed more than that" busy
check "all eight had answers until the device was gone" all_answered
check "a cold reset brings back the first image" cold
check "an upload that waits is cancelled at once" cancel_waiting
if [ $old ]; then
	check "one that is being loaded is not" cancel_loading
else
	check "one that is being verified is not loaded" cancel_verifying
fi
check "there is nothing to cancel then" cancel_nothing
check "there is one upload at a time" only_one
check "a device that does not answer" silent
check "a reset during an upload" reset_meanwhile
check "a device that stops during an upload" fatal_meanwhile
if [ $old ]; then
	check "one that is unbound while it is updated has been" unbind_meanwhile 2.9.9
else
	check "one that is unbound is not updated any more" unbind_meanwhile 2.5.6
fi
check "one that is unbound while it does not answer" unbind_silent
check "the module does not wait for a device" unload_meanwhile
check "unbinding at any time of an upload" unbind_any_time
if [ -e /sys/power/pm_test ]; then
	check "the system sleeps during an upload" sleep_meanwhile
fi
check "the module goes" unload
check "the driver stays" runs 2.9.9
echo "1..$number"
[ $failures -eq 0 ]
