#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# caliptra-pci: functions enable themselves, and the device comes and goes with them, whether
# the device tree has it or they alone. Needs to be run by root with nobody else using the
# device.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

pci=/sys/bus/pci
driver=$pci/drivers/caliptra-pci
core=0000:00:01.0
number=0
failures=0
mailboxes=1
[ ! -e $pci/devices/0000:00:02.0 ] || mailboxes=3
in_device_tree=
[ ! -d /proc/device-tree/caliptra@10000000 ] || in_device_tree=1

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

# until_is WANTED COMMAND... waits up to 5 seconds until a command prints that.
until_is() {
	wanted=$1
	shift
	tries=0
	until [ "$("$@")" = "$wanted" ]; do
		tries=$((tries + 1))
		[ $tries -le 50 ] || return 1
		usleep 100000
	done
}

# Each of them does, what kind of a mailbox it ever is.
answers() {
	for node in /dev/caliptra-mbox*; do
		caliptra -d "$node" version >/tmp/said 2>&1 ||
			caliptra -d "$node" cmd MC_DEVICE_ID >/tmp/said 2>&1 || return 1
	done
}

nodes() {
	find /dev -name 'caliptra-mbox*' | wc -l
}

functions() {
	for path in "$pci"/devices/*; do
		case $(cat "$path/vendor" "$path/device" | xargs) in
		"0x1234 0xca1"[123]) echo "${path##*/}" ;;
		esac
	done
}

# stop_decoding FUNCTION has it answer nobody.
stop_decoding() {
	printf '\000\000' | dd of=$pci/devices/"$1"/config bs=2 seek=2 count=1 conv=notrunc 2>/dev/null
}

decodes() {
	for function in $(functions); do
		[ $((0x$(hexdump -s 4 -n 2 -v -e '1/2 "%04x"' $pci/devices/"$function"/config) & 2)) -ne 0 ] || return 1
	done
}

# CPTRA_HW_REV_ID
revision() {
	read -r start _ <$pci/devices/$core/resource
	devmem $((start + 0x100d4)) 32
}

# As the machine's firmware leaves it.
disabled() {
	for function in $(functions); do
		while [ "$(cat $pci/devices/"$function"/enable)" -gt 0 ]; do
			echo 0 >$pci/devices/"$function"/enable || return 1
		done
		stop_decoding "$function"
	done
}

enabled() {
	for function in $(functions); do
		echo 1 >$pci/devices/"$function"/enable || return 1
	done
}

unloaded() {
	[ ! -d $driver ] || rmmod caliptra_pci
	[ ! -d /sys/bus/platform/drivers/caliptra ] || rmmod caliptra
}

reads_as_ones() {
	unloaded && disabled && [ "$(revision)" = 0xFFFFFFFF ]
}

# The device tree's device has to wait, and tells for what.
waits() {
	no_kunit
	insmod /lib/modules/caliptra.ko && sleep 1 && [ "$(nodes)" -eq 0 ] && {
		[ ! "$in_device_tree" ] || grep -q '10000000.caliptra.*registers read as ones' /sys/kernel/debug/devices_deferred
	}
}

glue() {
	insmod /lib/modules/caliptra-pci.ko && until_is $mailboxes nodes && answers
}

made() {
	find /sys/bus/platform/devices/ -name 'caliptra-*mbox.*.auto' | wc -l
}

# Either the device tree has them all, or the functions do.
made_by_one() {
	if [ "$in_device_tree" ]; then
		[ "$(made)" -eq 0 ] &&
			[ "$(cat /sys/class/devlink/pci:$core--platform:10000000.caliptra/status)" = active ] &&
			[ "$(cat /sys/class/devlink/pci:0000:00:03.0--platform:10000000.caliptra/status)" = active ]
	else
		[ "$(made)" -eq $mailboxes ] && [ "$(find $pci/devices/$core/ -path '*/caliptra-mbox.*.auto/caliptra/caliptra-mbox?' | wc -l)" -eq 1 ]
	fi
}

interrupts() {
	caliptra info -o json >/tmp/said 2>&1 && grep -q '"completion": "interrupt"' /tmp/said
}

unbind() {
	echo $core >$driver/unbind && until_is $((mailboxes - 1)) nodes
}

bind() {
	echo $core >$driver/bind && until_is $mailboxes nodes && answers
}

rebind_repeatedly() {
	for _ in 1 2 3 4 5; do
		unbind && bind || return 1
	done
}

all_unbound_and_bound() {
	for function in $(functions); do
		echo "$function" >$driver/unbind || return 1
	done
	[ "$(nodes)" -eq 0 ] && [ "$(made)" -eq 0 ] || return 1
	for function in $(functions); do
		echo "$function" >$driver/bind || return 1
	done
	until_is $mailboxes nodes && answers
}

# with_load COMMAND... runs it while eight processes use the device; all of them must see
# it go.
with_load() {
	rm -f /tmp/ready
	load 8 /tmp/ready &
	load=$!
	wait_for /tmp/ready && "$@" && wait $load
}

# The mailbox's driver goes first, and its device comes back with the function's.
driver_first() {
	device=$(basename "$(readlink -f /sys/class/caliptra/caliptra-mbox0/../..)")
	echo "$device" >/sys/bus/platform/drivers/caliptra/unbind && until_is $((mailboxes - 1)) nodes &&
		echo $core >$driver/unbind && bind
}

taken_out() {
	echo 1 >$pci/devices/$core/remove && until_is $((mailboxes - 1)) nodes
}

found_again() {
	echo 1 >$pci/rescan && until_is $mailboxes nodes && answers && decodes
}

# A function that was pulled out: whoever uses it has an error when that is known, at last.
gone_silently() {
	stop_decoding $core
	caliptra version >/tmp/said 2>&1 &
	caller=$!
	usleep 500000
	taken_out && ! wait $caller && found_again
}

sleeps() {
	sleep_and_wake && decodes && answers
}

glue_last() {
	rmmod caliptra_pci && until_is 0 nodes && glue
}

driver_last() {
	rmmod caliptra && no_kunit && insmod /lib/modules/caliptra.ko && until_is $mailboxes nodes && answers
}

# What else runs here has enabled the functions by itself, where it can.
as_before() {
	unloaded && enabled && load_driver && answers
}

check "a function that nobody has enabled reads as ones" reads_as_ones
check "there is no device yet" waits
check "with the functions' driver they are" glue
check "each is there once" made_by_one
check "they are enabled" decodes
check "the interrupt is used" interrupts
check "it goes with the function, and comes back" rebind_repeatedly
check "under load, too" with_load unbind
check "and comes back" bind
check "all of them" all_unbound_and_bound
check "the mailbox's driver may go before the function's" driver_first
check "the function may be taken out under load" with_load taken_out
check "and be found again" found_again
check "one that does not answer any more can be taken out as well" gone_silently
if [ -e /sys/power/pm_test ]; then
	check "it is enabled after a suspend" sleeps
fi
check "the functions' driver may be loaded again" glue_last
check "and so may the mailboxes'" driver_last
check "without the functions' driver it is as before" as_before
echo "1..$number"
[ $failures -eq 0 ]
