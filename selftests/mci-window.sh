#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Tests the MCI's window from the machine, without a driver: each of its two mailboxes
# is where the device tree says, takes a command, answers it, and is clear afterwards;
# messages from the MCU come, and the lines of the interrupt controller follow them, and
# the core's errors. Prints TAP. A driver that has any of them gives it back for as
# long as this takes.
# shellcheck source=../tools/vm/guest/caliptra.sh
. /lib/caliptra.sh

tests=0
failed=0

check() {
	tests=$((tests + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $tests - $1"
	else
		echo "not ok $tests - $1"
		echo "# it is '$2' and should be '$3'"
		failed=1
	fi
}

# Word $2 of the node's reg.
reg() {
	hexdump -v -e '1/1 "%02x"' "/proc/device-tree/$1/reg" | cut -c $(($2 * 8 + 1))-$(($2 * 8 + 8))
}

# The address and the size of the reg with an index.
address() {
	echo "0x$(reg "$1" $(($2 * 4)))$(reg "$1" $(($2 * 4 + 1)))"
}

size() {
	echo $((0x$(reg "$1" $(($2 * 4 + 2)))$(reg "$1" $(($2 * 4 + 3)))))
}

get() {
	devmem $(($1)) 32
}

put() {
	devmem $(($1)) 32 $(($2))
}

# Waits for a register to have a value. A lock that reads as free is taken by that.
wait_value() {
	tries=0
	until value=$(get "$1") && [ "$value" = "$2" ] || [ $tries -ge 100 ]; do
		tries=$((tries + 1))
		usleep 10000
	done
	echo "$value"
}

# Whether the line of a shared peripheral interrupt is high, enabled or not.
line() {
	if [ $(($(get "0x8000200 + ($1 + 32) / 32 * 4") >> ($1 % 32) & 1)) -eq 1 ]; then
		echo high
	else
		echo low
	fi
}

# Waits for a line to be high or low. A line that is high drops for a moment at every
# access to its function.
wait_line() {
	tries=0
	until [ "$(line "$1")" = "$2" ] || [ $tries -ge 100 ]; do
		tries=$((tries + 1))
		usleep 10000
	done
	line "$1"
}

unbound=
for device in 10000000.caliptra 8000400000.mailbox 8000800000.mailbox; do
	driver=$(readlink -f /sys/bus/platform/devices/$device/driver) || continue
	[ -e "$driver/unbind" ] || continue
	echo $device >"$driver/unbind"
	unbound="$unbound $driver/bind:$device"
done

# 1.0.0 is the first release of the subsystem, that of a core 2.0
revision=0x00002100
[ $(($(get "$(address caliptra@10000000 1) + 0xd4") >> 4 & 15)) -ne 0 ] || revision=0x00001000
for node in mailbox@8000400000 mailbox@8000800000; do
	sram=$(address $node 0)
	mbox=$(address $node 1)
	mci=$(address $node 2)
	check "$node: the MCI's revision" "$(get "$mci + 0xc")" $revision
	config=$(get "$mci + 0x18")
	if [ $node = mailbox@8000400000 ]; then
		kib=$((config >> 12 & 0xfff))
	else
		kib=$((config & 0xfff))
	fi
	check "$node: the SRAM's size" "$(size $node 0)" $((kib * 1024))

	# MC_DEVICE_ID, whose request is a checksum
	check "$node: the lock is free" "$(get "$mbox")" 0x00000000
	check "$node: and then it is taken" "$(get "$mbox")" 0x00000001
	check "$node: by this user" "$(get "$mbox + 4")" 0x00000001
	put "$mbox + 0x10" 0x4d444944
	put "$mbox + 0x14" 4
	put "$sram" 0xfffffee2
	put "$mbox + 0x18" 1
	check "$node: the command is complete" "$(wait_value "$mbox + 0x20" 0x00000002)" 0x00000002
	check "$node: its length" "$(get "$mbox + 0x14")" 0x00000010
	check "$node: its ids" "$(get "$sram + 8")" 0xCA111234
	check "$node: and those of the subsystem" "$(get "$sram + 12")" 0xCA111234
	put "$mbox + 0x18" 0
	check "$node: the lock is free again" "$(wait_value "$mbox" 0x00000000)" 0x00000000
	check "$node: nothing is left" "$(get "$sram") $(get "$sram + 8") $(get "$mbox + 0x14")" \
		"0x00000000 0x00000000 0x00000000"

	# one that there is not
	put "$mbox + 0x10" 0x4d434e4f
	put "$mbox + 0x14" 4
	put "$mbox + 0x18" 1
	check "$node: an unknown command fails" "$(wait_value "$mbox + 0x20" 0x00000003)" 0x00000003
	put "$mbox + 0x18" 0
	check "$node: the lock can be had" "$(wait_value "$mbox" 0x00000000)" 0x00000000

	# without a length all of the SRAM is cleared
	last=$(printf '0x%x' $((sram + kib * 1024 - 4)))
	put "$last" 0x12345678
	check "$node: the last word of the SRAM" "$(get "$last")" 0x12345678
	put "$mbox + 0x18" 0
	wait_value "$mbox" 0x00000000 >/dev/null
	check "$node: is cleared, too" "$(get "$last")" 0x00000000
	put "$mbox + 0x14" 1
	put "$mbox + 0x18" 0

	# a message from the MCU, in either mailbox
	if [ $node = mailbox@8000400000 ]; then name=mci0; else name=mci1; fi
	check "$node: there is no message" "$(wait_line 5 low)" low
	check "$node: the MCU sends one" "$(ctl message $name)" ""
	check "$node: its interrupt" "$(wait_line 5 high)" high
	check "$node: the message" "$(get "$mbox + 0x14") $(get "$sram")" "0x00000004 0x4D534721"
	check "$node: it has no answer" "$(ctl answer $name 2>&1)" \
		"ctl answer $name: error the SoC has not answered yet"
	put "$mbox + 0x1c" 0x12
	check "$node: its interrupt is gone" "$(wait_line 5 low)" low
	check "$node: the MCU has the answer" "$(ctl answer $name)" " CMD_COMPLETE"
	check "$node: and gives the lock back" "$(wait_value "$mbox" 0x00000000)" 0x00000000
	put "$mbox + 0x14" 1
	put "$mbox + 0x18" 0
done

# The core's errors: a write without the lock.
check "there is no error" "$(wait_line 6 low)" low
put 0x10000008 0
check "an error's interrupt" "$(wait_line 6 high)" high
check "the error" "$(get 0x10030004) $(get "$mci + 0x5c")" "0x00000001 0x00000001"
put 0x10030004 1
check "the interrupt is gone with it" "$(wait_line 6 low)" low
put "$mci + 0x5c" 1

for device in $unbound; do
	echo "${device#*:}" >"${device%:*}"
done
echo "1..$tests"
exit $failed
