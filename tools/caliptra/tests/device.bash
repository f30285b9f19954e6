# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What tests of the tool share: the tool, a software Caliptra for it, and a look at JSON.
# The tests source this file; BUILD names the folder with both programs.
# shellcheck source=../../check/tap.sh
. tools/check/tap.sh

: "${BUILD:?must name the folder that has caliptra and swcaliptra}"

# tool ARGUMENT... runs the tool; cli does so with the device that was started last.
tool() {
	"$BUILD/caliptra" "$@"
}

cli() {
	"$BUILD/caliptra" -d "$device" "$@"
}

# What every device is started with.
device_options=${DEVICE_OPTIONS:-}

# device_start NAME [OPTION...] starts a device and waits until it can be reached. A name
# that was there before is the same device again.
device_start() {
	local dir=$scratch/$1
	shift
	mkdir -p "$dir"
	device=unix:$dir/socket state=$dir/state control=$dir/control
	# shellcheck disable=SC2086 # these are words
	spawn "$BUILD/swcaliptra" --state "$state" --socket "$dir/socket" \
		--control "$control" $device_options "$@" >>"$dir/log" 2>&1
	device_pid=$!
	wait_until ctl count || note "the device does not start: $(cat "$dir/log")"
}

# device_stop SIGNAL ends the device that was started last.
device_stop() {
	kill "-$1" "$device_pid"
	wait "$device_pid" 2>/dev/null
}

# ctl REQUEST... asks the device itself.
ctl() {
	"$BUILD/swcaliptra" ctl --control "$control" "$@"
}

json_check='
import json, re, sys

def hexa(size):
    return re.compile("[0-9a-f]{%d}" % (2 * size))

word = re.compile("0x[0-9a-f]{8}")
version = re.compile("[0-9]+[.][0-9]+[.][0-9]+")
text = re.compile(".+")

def check(where, value, wanted):
    good = True
    if isinstance(wanted, dict):
        good = type(value) is dict and list(value) == list(wanted)
        for name in wanted if good else ():
            check(where + "." + name, value[name], wanted[name])
    elif isinstance(wanted, list):
        good = type(value) is list and len(value) == len(wanted)
        for i in range(len(wanted) if good else 0):
            check("%s[%d]" % (where, i), value[i], wanted[i])
    elif isinstance(wanted, re.Pattern):
        good = type(value) is str and wanted.fullmatch(value)
    elif isinstance(wanted, type):
        good = type(value) is wanted
    else:
        good = type(value) is type(wanted) and value == wanted
    if not good:
        sys.exit("%s is %r, and not like %r" % (where, value, wanted))

with open(sys.argv[1], encoding="utf-8") as file:
    check("result", json.load(file), eval(sys.argv[2]))
'

# json NAME WANTED looks at what the last command printed. WANTED is a Python expression:
# objects with the same fields in the same order, lists of the same length, and in them
# values, types, or hexa(BYTES), word, version and text.
json() {
	local name=$1 said code=0
	said=$(python3 -IS -c "$json_check" "$scratch/stdout" "$2" 2>&1) || code=$?
	result $code "$name" "$said"
}

# digest_of FILE... prints SHA-384 of the files, one behind the other.
digest_of() {
	cat "$@" | sha384sum | cut -d ' ' -f 1
}

# unhex prints the bytes that stand on stdin in hexadecimal.
unhex() {
	python3 -IS -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'
}

# extended OLD DATA prints what a PCR is after it was extended; all are hexadecimal.
extended() {
	echo "$1$2" | unhex | sha384sum | cut -d ' ' -f 1
}

# Begins a program in Python that gets the tool's JSON: data() finds what is called so in it.
# shellcheck disable=SC2034
find_data='
import json, sys

def data(value):
    for name, inner in value.items():
        if name == "data":
            return inner
        found = data(inner) if isinstance(inner, dict) else None
        if found:
            return found
'
