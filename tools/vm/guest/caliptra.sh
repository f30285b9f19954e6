# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# What scenarios of the test machine use.

# ctl REQUEST... asks the software Caliptra itself; prints its answer without the "ok".
ctl() {
	exec 3<>/dev/ttyAMA1
	echo "$*" >&3
	IFS= read -r answer <&3
	exec 3>&-
	case $answer in
	ok*) echo "${answer#ok}" ;;
	*)
		echo "ctl $*: $answer" >&2
		return 1
		;;
	esac
}

# From now on loading the driver runs no unit test. They take longer than most suites.
no_kunit() {
	[ ! -e /sys/module/kunit ] || echo none >/sys/module/kunit/parameters/filter_glob
}

# load_driver loads it, unless the kernel has it, and waits for its node, if the device is
# there. Its unit tests run only if $KUNIT is set. Where the device tree has no device, the
# PCI functions have it.
load_driver() {
	[ "${KUNIT:-}" ] || no_kunit
	[ -d /sys/bus/platform/drivers/caliptra ] || insmod /lib/modules/caliptra.ko || return 1
	[ -d /proc/device-tree/caliptra@10000000 ] || [ -d /sys/bus/pci/drivers/caliptra-pci ] ||
		insmod /lib/modules/caliptra-pci.ko || return 1
	[ ! -d /sys/bus/pci/devices/0000:00:01.0 ] || wait_for /dev/caliptra-mbox0
}

# wait_for FILE waits up to 5 seconds.
wait_for() {
	tries=0
	until [ -e "$1" ]; do
		tries=$((tries + 1))
		if [ $tries -gt 50 ]; then
			echo "$1 does not appear" >&2
			return 1
		fi
		usleep 100000
	done
}

# sleep_and_wake has the kernel put everything but the processors to sleep, and wake it up
# after a second. It goes as far as interrupts: of a PCI function that no driver has, what
# was saved at boot, without its address, comes back when it has been asleep for less. Fails
# where something keeps the system awake.
sleep_and_wake() {
	echo 1 >/sys/module/suspend/parameters/pm_test_delay 2>/dev/null
	echo platform >/sys/power/pm_test || return 1
	slept=0
	echo freeze 2>/dev/null >/sys/power/state || slept=1
	echo none >/sys/power/pm_test
	return $slept
}

# kernel_warnings prints what the kernel's log has that it should not have.
kernel_warnings() {
	dmesg | grep -E 'WARNING|BUG|Oops|Call trace|refcount_t|INFO: |UBSAN|ODEBUG|kmemleak: .*new suspected|Unable to handle|irq .*nobody cared|Internal error|Read of boolean property'
	# bit 12 out of tree, bit 13 unsigned, bit 18 tests; every other taint is a complaint
	[ $(($(cat /proc/sys/kernel/tainted) & ~0x43000)) -eq 0 ] ||
		echo "the kernel is tainted: $(cat /proc/sys/kernel/tainted)"
}
