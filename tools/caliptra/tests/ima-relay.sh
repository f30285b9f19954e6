#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ima-relay, and quote verify --ima-log: lists like the kernel's are made here, relayed
# whole, in parts and by relays that are killed, and replayed against quotes. What a PCR
# must be is worked out here.
# shellcheck source=device.bash
. tools/caliptra/tests/device.bash

# list make SEED COUNT [HASH] prints entries as a little-endian kernel lists them: every
# seventh is a violation, every tenth for another PCR. list append SEED COUNT FILE adds
# them to a file, one now and then. list replay FILE prints what a list makes of PCR 10.
cat >"$scratch/list.py" <<'PYTHON'
import hashlib, random, struct, sys, time

def entry(seed, number, algorithm="sha1"):
    rng = random.Random(seed * 1000000 + number)
    violation = number % 7 == 6
    digest = b"sha256:\0" + (bytes(32) if violation else rng.randbytes(32))
    name = b"/usr/bin/%d-%d" % (seed, number) + b"x" * rng.randrange(200) + b"\0"
    signature = rng.randbytes(rng.choice((0, 0, 0, 521)))
    data = b"".join(struct.pack("<I", len(f)) + f for f in (digest, name, signature))
    sum = hashlib.new(algorithm, data).digest()
    return (struct.pack("<I", 11 if number % 10 == 9 else 10) + (bytes(len(sum)) if violation else sum)
            + struct.pack("<I", 7) + b"ima-sig" + struct.pack("<I", len(data)) + data)

def replay(list):
    value, at = bytes(48), 0
    while at < len(list):
        pcr, = struct.unpack("<I", list[at:at + 4])
        size, = struct.unpack("<I", list[at + 35:at + 39])
        data = list[at + 39:at + 39 + size]
        digest = hashlib.sha384(data).digest() if any(list[at + 4:at + 24]) else b"\xff" * 48
        if pcr == 10:
            value = hashlib.sha384(value + digest).digest()
        at += 39 + size
    return value

if sys.argv[1] == "make":
    for n in range(int(sys.argv[3])):
        sys.stdout.buffer.write(entry(int(sys.argv[2]), n, *sys.argv[4:]))
elif sys.argv[1] == "append":
    with open(sys.argv[4], "ab", buffering=0) as file:
        for n in range(int(sys.argv[3])):
            file.write(entry(int(sys.argv[2]), n))
            time.sleep(random.random() * 0.02)
else:
    with open(sys.argv[2], "rb") as file:
        print(replay(file.read()).hex())
PYTHON
list() {
	python3 -IS "$scratch/list.py" "$@"
}

# pcr N prints its value.
pcr() {
	cli pcr read "$1" | awk '{ print $2 }'
}

# relay ARGUMENT... is ima-relay of the list in $list.
list=$scratch/list
relay() {
	cli ima-relay --ima-log "$list" "$@"
}

has() {
	[[ $(pcr 10) == "$1" ]]
}

device_start one
root=$state/manufacturer-root.pem chain=$scratch/chain.pem
cli certs --idevid "$state/idevid-ecc384.pem" --pem "$chain" >/dev/null
nonce=$(openssl rand -hex 32)

# --- one after the other ---

: >"$list"
zeros=$(printf '%096d' 0)
succeeds "an empty list" relay --once
is "leaves the PCR as it is" "$(pcr 10)" "$zeros"
list make 1 25 >"$list"
value=$(list replay "$list")
succeeds "a list is relayed" relay --once
is "the PCR is its replay" "$(pcr 10)" "$value"
is "no other PCR is extended" "$(cli pcr read | awk '$1 > 3 && $1 != 10 { print $2 }' | uniq)" "$zeros"
like "it tells so" "$out" \
	"pcr +10"$'\n'"value +$value"$'\n'"entries +23"$'\n'"extended +23"$'\n'"other_pcrs +2"
succeeds "it is relayed again" relay --once -o json
json "nothing is extended" \
	"{'pcr': 10, 'value': '$value', 'entries': 23, 'extended': 0, 'other_pcrs': 2}"
is "the PCR is the same" "$(pcr 10)" "$value"
list make 2 5 >>"$list"
succeeds "more has come" relay --once -o json
value=$(list replay "$list")
json "only that is extended" \
	"{'pcr': 10, 'value': '$value', 'entries': 28, 'extended': 5, 'other_pcrs': 2}"
succeeds "another PCR" relay --once --pcr 12
is "has the same" "$(pcr 12)" "$value"
list make 1 25 sha384 >"$scratch/sha384"
succeeds "a list with SHA-384" cli ima-relay --ima-log "$scratch/sha384" --once --pcr 13
list make 1 25 >"$scratch/sha1"
is "makes the same of a PCR as one with SHA-1" "$(pcr 13)" "$(list replay "$scratch/sha1")"

# --- what is not relayed ---

list make 3 25 >"$scratch/other"
refused "another list" 3 'PCR 10 is not the replay of any beginning of the 25 entries' \
	cli ima-relay --ima-log "$scratch/other" --once
cli pcr extend 14 "$(digest_of "$list")" >/dev/null
before=$(pcr 14)
refused "a PCR that somebody else has extended" 3 \
	'somebody else has extended it, or it is of another boot' relay --once --pcr 14
is "stays as it is" "$(pcr 14)" "$before"
head -c 2000 "$list" >"$scratch/short"
refused "a list that ends in an entry" 2 'ends in the middle of entry [0-9]+' \
	cli ima-relay --ima-log "$scratch/short" --once --pcr 15
refused "what is no list" 2 'entry 1, at byte 0, is not one: it is none of a measurement list' \
	cli ima-relay --ima-log "$chain" --once --pcr 16
list make 1 3 >"$scratch/three"
{
	cat "$scratch/three"
	printf '\12\0\0\0%020d\377\377\377\377ima' 0
} >"$scratch/broken"
refused "a list with a length that can not be" 2 \
	'entry 4, at byte [0-9]+, is not one: the name of its template has no' \
	cli ima-relay --ima-log "$scratch/broken" --once --pcr 17
is "what is before it has been relayed" "$(pcr 17)" "$(list replay "$scratch/three")"
refused "a PCR of the firmware's" 3 'PCR 2 is not the replay' relay --once --pcr 2
refused "no device" 4 'none' tool -d "unix:$scratch/none" ima-relay --ima-log "$list" --once

# --- following ---

# follow starts a relay, whose process is $!.
follow() {
	spawn "$BUILD/caliptra" -d "$device" ima-relay --ima-log "$list" \
		>"$scratch/followed" 2>"$scratch/complaint"
}

# The relay has the list, and is about to begin.
follows() {
	grep -q " $relaying " /proc/locks
}

gone() {
	! kill -0 "$relaying"
}

# relay_ends waits until the relay has ended by itself; its status is in $code.
relay_ends() {
	code=0
	wait_until gone || kill -KILL "$relaying"
	wait "$relaying" 2>/dev/null || code=$?
}

list make 4 20 >>"$list"
follow
relaying=$!
ok "a relay that follows takes what there is" wait_until has "$(list replay "$list")"
refused "a second one is refused" 4 "another relay follows $list" relay --once
for n in 1 2 3; do
	list make $((4 + n)) $((100 * n)) >>"$list"
	ok "it takes what comes, $n" wait_until has "$(list replay "$list")"
done
kill -TERM $relaying
relay_ends
is "SIGTERM ends it with success" "$code" 0
like "and it tells what it has done" "$(cat "$scratch/followed" "$scratch/complaint")" \
	"^pcr +10"$'\n'"value +$(pcr 10)"$'\n'"entries +[0-9]+"$'\n'"extended +558"$'\n'"other_pcrs +64\$"

follow
relaying=$!
list make 8 3 >>"$list"
wait_until has "$(list replay "$list")"
cli pcr extend 10 "$zeros" >/dev/null
before=$(pcr 10)
list make 9 3 >>"$list"
relay_ends
is "a relay ends where somebody else extends its PCR" "$code" 3
like "and says so" "$(cat "$scratch/complaint")" 'somebody else has extended it, too'
is "without a further extension" "$(pcr 10)" "$before"
ctl reset cold >/dev/null
succeeds "after a cold reset all is relayed again" relay --once
is "from the beginning" "$(pcr 10)" "$(list replay "$list")"
follow
relaying=$!
list make 10 3 >>"$list"
wait_until has "$(list replay "$list")"
ctl reset cold >/dev/null
list make 11 3 >>"$list"
relay_ends
is "a relay ends where the Caliptra is reset" "$code" 1
like "and says so" "$(cat "$scratch/complaint")" 'PCR 10 is zero: the Caliptra has been reset'
succeeds "the next one begins anew" relay --once
is "from the beginning, too" "$(pcr 10)" "$(list replay "$list")"

# --- killed ---

# Where each is killed is not known, so it is counted how many have extended the PCR.
spawn python3 -IS "$scratch/list.py" append 20 1000000 "$list"
appending=$!
kills=0 worked=0 value=$(pcr 10)
for ((n = 0; n < 100; n++)); do
	follow
	relaying=$!
	wait_until follows || break
	sleep "0.0$((RANDOM % 8))$((RANDOM % 10))"
	! kill -KILL $relaying || kills=$((kills + 1))
	wait "$relaying" 2>/dev/null
	[[ $(pcr 10) == "$value" ]] || worked=$((worked + 1))
	value=$(pcr 10)
done 2>/dev/null
is "100 relays are killed" "$kills" 100
ok "of which many had extended the PCR: $worked" test "$worked" -ge 50
ok "while the list grew" kill $appending
wait $appending 2>/dev/null
succeeds "the next one goes on" relay --once -o json
is "and the PCR is the replay of the list" "$(pcr 10)" "$(list replay "$list")"

# --- quotes ---

# verify FILE [ARGUMENT...] replays a list against the quote in $scratch/quote.
verify() {
	tool -o json quote verify "$scratch/quote" --nonce "$nonce" --root "$root" --chain "$chain" \
		--ima-log "$@"
}

# named NAME REGEX FILE [ARGUMENT...] passes where the list is not believed, and is told so.
named() {
	local name=$1 regex=$2
	shift 2
	run verify "$@"
	is "$name: status 3, and nothing on stderr" "$status:$err" "3:"
	like "$name: it says why" "$out" "\"trusted\": false,.*\"IMA\": \"failed: $regex"
}

# wanted COVERED ENTRIES SENTENCE is what the JSON of a good one has.
wanted() {
	echo "{'trusted': True, 'checks': {'format': text, 'chain': text, 'signature': text, 'nonce': text,
		'digest': text, 'PCRs': text, 'IMA': 'passed: PCR 10 is the replay of $3'},
		'ima': {'entries': $2, 'covered': $1, 'violations': 4, 'other_pcrs': 3}}"
}

device_start two
root=$state/manufacturer-root.pem
cli certs --idevid "$state/idevid-ecc384.pem" --pem "$chain" >/dev/null
list make 1 30 >"$list"
cli pcr quote --nonce "$nonce" --out "$scratch/quote" >/dev/null
named "nothing has been relayed" \
	'PCR 10 has not been extended: none of 30 entries is covered' "$list"
relay --once >/dev/null
cli pcr quote --nonce "$nonce" --out "$scratch/quote" >/dev/null
succeeds "a list that was relayed is believed" verify "$list"
json "it has all entries" "$(wanted 30 30 '30 of 30 entries, 4 violations, without 3 for another PCR')"
list make 1 30 sha256 >"$scratch/sha256"
succeeds "so is one with other template hashes" verify "$scratch/sha256"
{
	cat "$list"
	list make 2 4
} >"$scratch/longer"
succeeds "one that is longer is believed" verify "$scratch/longer"
said='the first 30 of 34 entries, 4 violations, without 3 for another PCR; those from 31 on are not covered by the quote'
json "and what is not covered is told" "$(wanted 30 34 "$said")"
run tool quote verify "$scratch/quote" --nonce "$nonce" --root "$root" --chain "$chain" \
	--ima-log "$scratch/longer"
like "as text, too" "$out" 'IMA +passed: .*'$'\n''ima:'$'\n''  entries +34'$'\n''  covered +30'
{
	list make 1 30
	list make 1 1
} | head -c -1 >"$scratch/cut"
named "it ends in an entry" \
	'entry 31, .*, at byte [0-9]+, is the first wrong one: the list ends' "$scratch/cut"
list make 1 28 >"$scratch/without"
named "its last entry is missing" \
	'PCR 10 is nothing that the list makes, and each of 28 entries is' "$scratch/without"
for at in 90 1000 2500; do
	python3 -IS - "$list" "$scratch/changed" $at >"$scratch/number" <<-'PYTHON'
		import struct, sys
		data = bytearray(open(sys.argv[1], "rb").read())
		begin, number = 0, 0
		# a byte of the digest of the file in the entry that has the one named
		while begin <= int(sys.argv[3]):
		    last, number = begin, number + 1
		    begin += 39 + struct.unpack("<I", data[begin + 35:begin + 39])[0]
		data[last + 55] ^= 1
		open(sys.argv[2], "wb").write(data)
		print(number, last)
	PYTHON
	read -r number begin <"$scratch/number"
	named "entry $number is changed" \
		"entry $number, ima-sig, at byte $begin, is the first wrong one: its template hash is " \
		"$scratch/changed"
	like "and is told as a number" "$out" "\"first_wrong\": $number"
done
{
	list make 2 1
	list make 1 30
} >"$scratch/before"
named "an entry is put before" \
	'PCR 10 is nothing that the list makes, and each of 31 entries is' "$scratch/before"
named "it is empty" 'the list has no entry' /dev/null
named "it is no list" \
	'entry 1, .*, at byte 0, is the first wrong one: it is none of a measurement list' "$chain"
named "another PCR" 'PCR 11 has not been extended' "$list" --ima-pcr 11
relay --once --pcr 11 >/dev/null
cli pcr quote --nonce "$nonce" --out "$scratch/quote" >/dev/null
succeeds "that PCR has it, too, then" verify "$list" --ima-pcr 11
refused "there is no such file" 2 "can not open $scratch/none" verify "$scratch/none"

# A signal while there is more of a list: its end is not what was relayed.
mkfifo "$scratch/pipe"
relay_pipe() {
	spawn "$BUILD/caliptra" -d "$device" ima-relay --once --pcr 12 --ima-log "$scratch/pipe" \
		>/dev/null 2>"$scratch/complaint"
	relaying=$!
	exec 9>"$scratch/pipe"
	list make 9 10 >&9
	wait_until pcr_extended
	kill -TERM $relaying
	list make 10 10 >&9
	exec 9>&-
	relay_ends
}
pcr_extended() {
	[[ $(pcr 12) == "$(list make 9 10 >"$scratch/first" && list replay "$scratch/first")" ]]
}
relay_pipe
is "a signal before the end of the list is a failure" "$code" 1
like "which is told" "$(<"$scratch/complaint")" "has not been relayed to its end: a signal came"

tap_end
