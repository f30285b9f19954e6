# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# shellcheck source=../vm/guest/caliptra.sh
. /lib/caliptra.sh
export CALIPTRA_CTL=/dev/ttyAMA1
tracing=/sys/kernel/tracing
driver=/sys/bus/platform/drivers/caliptra

# Sets kept to the bytes that this process allocates, and does not free, while it runs a
# command.
kept_by() {
	echo 0 >$tracing/tracing_on
	echo >$tracing/trace
	echo $$ >$tracing/set_event_pid
	for event in kmalloc kmem_cache_alloc kfree kmem_cache_free; do
		echo 1 >$tracing/events/kmem/$event/enable
	done
	echo 1 >$tracing/tracing_on
	"$@"
	echo 0 >$tracing/tracing_on
	echo 0 >$tracing/events/enable
	kept=$(awk '
		/: (kmalloc|kmem_cache_alloc):/ {
			match($0, /ptr=[0-9a-fx]+/); p = substr($0, RSTART, RLENGTH)
			match($0, /bytes_alloc=[0-9]+/); size[p] = substr($0, RSTART + 12, RLENGTH - 12)
		}
		/: (kfree|kmem_cache_free):/ {
			match($0, /ptr=[0-9a-fx]+/); delete size[substr($0, RSTART, RLENGTH)]
		}
		END { for (p in size) sum += size[p]; print sum + 0 }' $tracing/trace)
}

bind() {
	echo "$device" >$driver/bind
}

open_one() {
	exec 4<>/dev/caliptra-mbox0
}

# What a device takes, and what each open file of it does.
memory() {
	mount -t tracefs tracefs $tracing 2>/dev/null
	echo 8192 >$tracing/buffer_size_kb
	for path in "$driver"/*.caliptra; do
		device=${path##*/}
	done
	echo "$device" >$driver/unbind
	kept_by bind
	of_device=$kept
	wait_for /dev/caliptra-mbox0 || return 1
	kept_by open_one
	of_file=$kept
	exec 4>&-
	[ "$of_device" -gt 0 ] && [ "$of_file" -gt 0 ] &&
		echo "@memory $of_device $of_file $(cat /sys/class/caliptra/caliptra-mbox0/mbox_size)"
}

load_driver && memory && ./bench
