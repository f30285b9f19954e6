#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Tests the MCI's window from the machine, without a driver: each of its two mailboxes
# is where the device tree says, takes a command, answers it, and is clear afterwards.
# Prints TAP.

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

for node in mailbox@8000400000 mailbox@8000800000; do
	sram=$(address $node 0)
	mbox=$(address $node 1)
	mci=$(address $node 2)
	check "$node: the MCI's revision" "$(get "$mci + 0xc")" 0x00002100
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
done
echo "1..$tests"
exit $failed
