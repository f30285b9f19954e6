# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# Runs what the file ./arguments says, and then looks for complaints and, where the kernel
# has kmemleak, for lost memory.
# shellcheck source=../vm/guest/caliptra.sh
. /lib/caliptra.sh
export CALIPTRA_CTL=/dev/ttyAMA1
leaks=/sys/kernel/debug/kmemleak
failed=0

load_driver || exit 125
read -r command <arguments
# shellcheck disable=SC2086 # these are words
./$command || failed=1
# an object has to be five seconds old before it is missed
rmmod caliptra || failed=1
if [ -e $leaks ]; then
	sleep 6 && echo scan >$leaks && sleep 1 && echo scan >$leaks && cat $leaks >/tmp/leaks || failed=1
	[ -s /tmp/leaks ] || echo "# no memory is lost"
fi
kernel_warnings >>/tmp/leaks
if [ -s /tmp/leaks ]; then
	cat /tmp/leaks
	failed=1
else
	echo "# the kernel's log has no complaint"
fi
exit $failed
