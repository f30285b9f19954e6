#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the tool does where it can not reach its device, or the world around it is not as it
# should be: no device, one that is busy, not ready or goes away, others that use it, and
# output that can not be written.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

digest=$(printf '%096d' 0)
echo text >"$scratch/file"

# Every command that talks to the device, with arguments that are good.
talks=(info version capabilities certs 'pcr read' "pcr extend 4 $digest" 'pcr quote'
	'pcr reset 4' "measure $scratch/file"
	"quote verify $scratch/file --nonce ${digest:32} --root $scratch/file")

# --- no device ---

for command in "${talks[@]}"; do
	read -ra words <<<"$command"
	refused "no device: ${words[*]::2}" 4 \
		"^caliptra: can not connect to $scratch/none: No such file" \
		tool -d "unix:$scratch/none" "${words[@]}"
done
if [[ ! -e /dev/caliptra-mbox0 ]]; then
	refused "no kernel device where none is named" 4 \
		'^caliptra: /dev/caliptra-mbox0 is not there; is the driver caliptra loaded' \
		tool version
fi
if [[ ! -d /sys/class/caliptra ]]; then
	for command in monitor statistics; do
		refused "no driver: $command" 4 \
			'^caliptra: the kernel has no netlink family caliptra; is the driver caliptra loaded' \
			tool "$command"
	done
fi
refused "a node that is not there" 4 "^caliptra: $scratch/none is not there; is the driver" \
	tool -d "$scratch/none" version
refused "a node of something else" 4 '^caliptra: /dev/null is not a Caliptra' \
	tool -d /dev/null version
refused "a file" 4 "^caliptra: $scratch/file is not a Caliptra" tool -d "$scratch/file" version
refused "a folder" 4 "^caliptra: $scratch can not be opened: Is a directory" \
	tool -d "$scratch" version
refused "a socket's path without unix:" 4 "is not there" tool -d "$scratch/socket" version
refused "unix: and a file" 4 "can not connect to $scratch/file: Connection refused" \
	tool -d "unix:$scratch/file" version
long=$(printf '%0200d' 0)
for wrong in '' unix: "unix:/$long"; do
	refused "a name that can not be: '${wrong::20}'" 2 \
		"no device '$wrong'; a device is a path, or unix: and the path of a socket" \
		tool -d "$wrong" version
done
refused "another word before the path of a socket" 4 "tcp:x is not there" \
	tool -d tcp:x version

# --- a device that is not ready ---

not_ready='^caliptra: [A-Z0-9_]+: no firmware runs that could answer'
device_start bootfsm --hold bootfsm
for command in "${talks[@]}"; do
	[[ $command != info ]] || continue
	read -ra words <<<"$command"
	refused "not ready: ${words[*]::2}" 4 "$not_ready" cli "${words[@]}"
done
succeeds "info of a device whose boot is held" cli -o json info
json "tells that it is" "{'device': '$device', 'state': re.compile('reset|ready_for_fuses'),
	'mailbox': 'soc', 'hw_rev_id': '0x00000012', 'hw_generation': '2.1.0', 'mailbox_size': int}"
device_start fuses --hold fuses
refused "a device without fuses is not ready" 4 "$not_ready" cli version
succeeds "info of a device that waits for fuses" cli -o json info
json "tells that it does" "{'device': '$device', 'state': 'ready_for_fuses',
	'mailbox': 'soc', 'hw_rev_id': '0x00000012', 'hw_generation': '2.1.0', 'mailbox_size': int}"
succeeds "list as well" cli list
like "tells that it does" "$out" 'state +ready_for_fuses'
ok "the rest of the boot can be made up for" ctl reset cold
succeeds "the device is ready then" cli version
ok "a reset takes it back" ctl reset cold fuses
refused "and it is not ready again" 4 "$not_ready" cli version

# --- a device that is busy ---

device_start one

# start_waiting COMMAND... starts a command in the background, of which $waiting is the
# process, and comes back when it waits for the device.
start_waiting() {
	spawn "$BUILD/caliptra" -d "$device" "$@" \
		>"$scratch/waiting.out" 2>"$scratch/waiting.err"
	waiting=$!
	wait_until has_socket "$waiting"
	# The device looks at its sockets in turn: twice around, and it has seen the command.
	ctl count >/dev/null
	ctl count >/dev/null
}

# has_socket PROCESS tells whether it sleeps and has one.
has_socket() {
	[[ $(cut -d ' ' -f 3 "/proc/$1/stat") == S ]] &&
		[[ $(readlink "/proc/$1/fd/"*) == *socket:* ]]
}

# ended waits for that command; its status is $status then.
ended() {
	tap_ran="the command that waits"
	status=0
	wait "$waiting" || status=$?
	out=$(<"$scratch/waiting.out") err=$(<"$scratch/waiting.err")
}

ok "the firmware takes the mailbox" ctl lock
start_waiting version
ok "a command waits for it" kill -0 "$waiting"
is "and has said nothing yet" "$(cat "$scratch/waiting."*)" ""
ok "the firmware gives the mailbox back" ctl unlock
ended
is "the command is executed then" "$status:$err" "0:"
like "and has its answer" "$out" 'runtime_version +2\.1\.1'

# Nobody can wait for 30 seconds here: in a tool with this, time goes 100 times as fast.
cat >"$scratch/impatient.c" <<'C'
#define _GNU_SOURCE
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *t)
{
	static time_t start;
	long ns;

	if (syscall(SYS_clock_gettime, clock, t))
		return -1;
	if (!start)
		start = t->tv_sec;
	ns = t->tv_nsec / 10000000;
	t->tv_sec = start + (t->tv_sec - start) * 100 + ns;
	t->tv_nsec = 0;
	return 0;
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct timespec t = { ms / 100000, ms % 100000 * 10000L };

	return ppoll(fds, n, &t, 0);
}
C
ok "time can be made to fly" gcc -shared -fPIC -o "$scratch/impatient.so" \
	"$scratch/impatient.c"
impatient() {
	LD_PRELOAD=$scratch/impatient.so cli "$@"
}
ctl lock >/dev/null
refused "a device that never answers" 1 \
	'^caliptra: VERSION: no answer within 30000 ms; the command may still be executed' \
	impatient version
ctl unlock >/dev/null
succeeds "does not keep others from it" cli version

# --- a device that goes away ---

ctl lock >/dev/null
start_waiting version
device_stop KILL
ended
is "the device is killed while a command waits: status 1" "$status:$out" "1:"
like "and it says so" "$err" "^caliptra: VERSION: the connection to .*/one/socket broke: "
refused "afterwards nobody listens" 4 'can not connect to .*/one/socket: Connection refused' \
	cli version
device_start one
succeeds "the same device comes back" cli version
device_stop TERM
refused "a device that ends takes its socket along" 4 \
	'can not connect to .*/one/socket: No such file' cli version
device_start one

# --- output that can not be written ---

# into FILE COMMAND... runs it with stdout there; "closed" is none at all.
into() {
	local file=$1
	shift
	if [[ $file == closed ]]; then
		"$@" >&-
	else
		"$@" >"$file"
	fi
}
for place in closed /dev/full; do
	for command in "${talks[@]::${#talks[@]}-1}" list --help --version 'info --help' \
		'-o json info' '-o json pcr read' '-o json pcr quote'; do
		read -ra words <<<"$command"
		refused "stdout is $place: ${words[*]::4}" 1 \
			'^caliptra: can not write to standard output: ' \
			into $place cli "${words[@]}"
	done
	for command in 'certs --pem' 'pcr quote --out' 'pcr quote --message' \
		'pcr quote --signature'; do
		read -ra words <<<"$command"
		refused "stdout is $place: $command -" 2 \
			'^caliptra: can not write standard output: ' \
			into $place cli "${words[@]}" -
	done
done
ok "the device has heard nothing that is no command" \
	test -z "$(grep -v ' ready$' "$scratch/one/log")"
succeeds "without stdin it works" cli version <&-
run bash -c "exec 0<&- 2>&-; '$BUILD/caliptra' -d '$device' version"
like "without stderr it works" "$status:$out" '^0:name +Caliptra RTM'
run bash -c "exec 2>&-; '$BUILD/caliptra' -d '$device' pcr extend 0 $digest"
is "without stderr the status tells" "$status:$out" "2:"
run bash -c "'$BUILD/caliptra' -d '$device' pcr read | head -n 1"
like "who reads only the first line gets it" "$out" '^ 0 [0-9a-f]{96} 0$'

# --- two at once ---

# worker PCR extends it 20 times.
worker() {
	for _ in {1..20}; do
		cli pcr extend "$1" --file "$scratch/file" || return
	done
}
before=$(cli pcr read 5 6 | awk '{ print $2 }' | uniq)
spawn worker 5 >"$scratch/worker5" 2>&1
first=$!
spawn worker 6 >"$scratch/worker6" 2>&1
second=$!
wait $first
is "one process extends a PCR 20 times" $? 0
wait $second
is "another one extends another" $? 0
value=$before
data=$(digest_of "$scratch/file")
for _ in {1..20}; do
	value=$(extended "$value" "$data")
done
is "each PCR is what 20 times make of it" "$(cli pcr read 5 6)" \
	" 5 $value 0"$'\n'" 6 $value 0"
pids=()
for n in {1..12}; do
	spawn cli version >"$scratch/version$n" 2>&1
	pids+=($!)
done
failed=0
for pid in "${pids[@]}"; do
	wait "$pid" || failed=$((failed + 1))
done
is "twelve at once all get an answer" "$failed" 0
is "which is the same" "$(sort "$scratch"/version{1..12} | uniq -c | awk '{ print $1 }' |
	uniq)" 12

tap_end
