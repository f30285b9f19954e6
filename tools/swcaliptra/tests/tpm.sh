#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# swcaliptra --root-of-trust tpm:TCTI, with software TPMs and tpm2-tools beside it: the
# device is the same as long as its TPM is, and another TPM is refused; the UDS seed is what
# the TPM says, and travels encrypted; PCRs are mirrored, and what goes wrong with that.
# shellcheck source=../../caliptra/tests/device.bash
. tools/caliptra/tests/device.bash

label='swcaliptra FUSE_UDS_SEED'
zeros=$(printf '%096d' 0)

# tpm_start NAME [FLAGS] starts a TPM, the one that was there before with this name, or a
# new one.
tpm_start() {
	local at=$scratch/$1
	mkdir -p "$at"
	tcti=swtpm:path=$at/sock
	export TPM2TOOLS_TCTI=$tcti
	spawn swtpm socket --tpm2 --tpmstate "dir=$at" --server "type=unixio,path=$at/sock" \
		--ctrl "type=unixio,path=$at/sock.ctrl" --flags "${2:-startup-clear}" \
		--seccomp action=none >>"$at/log" 2>&1
	tpm_pid=$!
	wait_until test -S "$at/sock" || note "the TPM does not start: $(cat "$at/log")"
}

tpm_stop() {
	kill "$tpm_pid"
	wait "$tpm_pid" 2>/dev/null
	rm -f "${tcti#*=}" "${tcti#*=}.ctrl"
}

# tpm_pcr NUMBER prints a PCR of the TPM.
tpm_pcr() {
	tpm2_pcrread "sha384:$1" | sed -n 's/^ *[0-9]* *: 0x//p' | tr A-F a-f
}

# start_refused NAME REGEX [OPTION...] passes where a device does not start.
start_refused() {
	local name=$1 regex=$2
	shift 2
	refused "$name" 1 "^swcaliptra: error: .*$regex" timeout 60 "$BUILD/swcaliptra" \
		--state "$state" --socket "$scratch/refused" "$@"
}

with_tpm() {
	device_start "$1" --root-of-trust "tpm:$tcti" "${@:2}"
}

pcr() {
	cli pcr read | awk -v number="$1" '$1 == number { print $2 }'
}

# --- The same device ---

tpm_start one
with_tpm dev --idev-csr
device_pem=$(cat "$state/idevid-ecc384.pem")
certified() {
	cli certs --idevid "$state/idevid-ecc384.pem" --root "$state/manufacturer-root.pem"
}
ok "the device is the one that its manufacturer has certified" certified
ok "there is no UDS seed in the folder" sh -c "! grep -r FUSE_UDS_SEED '$state'"
ok "but there is an obfuscation key" grep -q '^INTERNAL_OBF_KEY.*[1-9a-f]' "$state/fuses"

tpm2_createek -Q -G ecc -c "$scratch/ek" -u "$scratch/ek.pub"
tpm2_readpublic -Q -c "$scratch/ek" -n "$scratch/ek.name"
tpm2_flushcontext -t
is "in its place is the name of the TPM's endorsement key" \
	"$(sed -n 's/^TPM_EK_NAME//p' "$state/fuses" | tr -d ' ')" \
	"$(od -An -v -tx1 "$scratch/ek.name" | tr -d ' \n')0000"
device_stop TERM

with_tpm dev
is "it is the same folder again" "$(cat "$state/idevid-ecc384.pem")" "$device_pem"
ok "and the same device" certified
device_stop TERM

with_tpm dev --fips
ok "and in FIPS mode" certified
device_stop TERM

# the owner may be another one
tpm2_clear -Q
with_tpm dev
ok "and after TPM2_Clear" certified
device_stop TERM

with_tpm second
own=$state
state=$scratch/dev/state
fails "another device of the same TPM is another one" certified
state=$own
ok "which is certified" certified
device_stop TERM

# --- The UDS seed ---

# keyedHash of TPMU_PUBLIC_ID, as tpm2-tools take it
printf '\30\0%s' "$label" >"$scratch/unique"
tpm2_createprimary -Q -C e -g sha384 -G hmac:sha384 -u "$scratch/unique" -c "$scratch/key" \
	-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign'
printf '\0\0\0\1%s' "$label" | tpm2_hmac -c "$scratch/key" -g sha384 -o "$scratch/seed"
tpm2_flushcontext -t
printf '\0\0\0\2%s' "$label" | tpm2_hmac -c "$scratch/key" -g sha384 -o "$scratch/rest"
tpm2_flushcontext -t
head -c 16 "$scratch/rest" >>"$scratch/seed"

# tells what there is of the seed in a process's memory: as TPM2_HMAC gives it, and as
# words, which fuses are
search='
import re, sys

def swapped(data):
    return b"".join(data[i : i + 4][::-1] for i in range(0, len(data), 4))

with open(sys.argv[2], "rb") as file:
    seed = file.read()
memory = []
with open("/proc/%s/maps" % sys.argv[1]) as maps, open("/proc/%s/mem" % sys.argv[1], "rb") as mem:
    for line in maps:
        match = re.match("([0-9a-f]+)-([0-9a-f]+) rw", line)
        if match:
            start, end = (int(x, 16) for x in match.groups())
            mem.seek(start)
            memory.append(mem.read(end - start))
parts = [seed[i : i + 16] for i in range(0, len(seed), 16)]
print(sum(any(p in m for m in memory) for p in parts),
      sum(any(swapped(p) in m for m in memory) for p in parts))
'
rm -f "$scratch/pcap"
TCTI_PCAP_FILE=$scratch/pcap tcti=pcap:$tcti with_tpm dev
ok "it is reached by another way" certified
is "its fuses have what TPM2_HMAC gives, which is nowhere else in memory" \
	"$(python3 -IS -c "$search" "$device_pid" "$scratch/seed")" "0 4"
device_stop TERM
seen='
import sys

files = [open(name, "rb").read() for name in sys.argv[1:]]
print(*[[part in files[0] for part in parts]
    for parts in ([f[i : i + 16] for i in range(0, len(f) - 15, 16)] for f in files[1:])])
'
dd if="$scratch/ek.pub" of="$scratch/ek.point" bs=1 skip=$(($(stat -c %s "$scratch/ek.pub") - 32)) 2>/dev/null
is "which was not to be seen on the way, as other things were" \
	"$(python3 -IS -c "$seen" "$scratch/pcap" "$scratch/seed" "$scratch/ek.point")" \
	"[False, False, False, False] [True, True]"

# --- PCRs ---

with_tpm dev
a=$(digest_of "$state/fuses") b=$(digest_of "$scratch/seed")
firmware=$(tpm_pcr 16)
ok "what boot measures is in PCR 16" test "$firmware" != "$zeros"
is "nothing else is extended" "$(tpm_pcr 23) $(tpm_pcr 8) $(tpm_pcr 0)" "$zeros $zeros $zeros"
cli pcr extend 7 "$a" >/dev/null
is "EXTEND_PCR: PCR 23 is what the vault has" "$(tpm_pcr 23)" "$(pcr 7)"
is "EXTEND_PCR: and what follows from the data" "$(tpm_pcr 23)" "$(extended "$zeros" "$a")"
cli pcr extend 30 "$b" >/dev/null
cli cmd STASH_MEASUREMENT metadata=01020304 measurement="$a" context="$zeros" svn=0 >/dev/null
replayed=$(extended "$(extended "$(extended "$zeros" "$a")" "$b")" "$a")
is "of all PCRs, in order" "$(tpm_pcr 23)" "$replayed"
is "PCR 16 stays as it is" "$(tpm_pcr 16)" "$firmware"

# the log has two PCRs to each entry
replay=$find_data'
import hashlib

with open(sys.argv[1], encoding="utf-8") as file:
    log = bytes.fromhex(data(json.load(file)))
sizes = {1: 18, 2: 48, 3: 48, 4: 48, 6: 48}
pcr = bytes(48)
for at in range(0, len(log), 56):
    entry = log[at : at + 56]
    if not entry[0]:
        break
    digest = entry[8 : 8 + sizes[entry[0]]]
    if len(digest) != 48:
        digest = hashlib.sha384(digest).digest()
    for _ in range(bin(int.from_bytes(entry[4:8], "little")).count("1")):
        pcr = hashlib.sha384(pcr + digest).digest()
print(pcr.hex())
'
run cli -o json cmd GET_PCR_LOG
is "PCR 16 is what follows from GET_PCR_LOG" "$firmware" \
	"$(python3 -IS -c "$replay" "$scratch/stdout")"
ctl reset warm >/dev/null
is "warm reset: PCRs stay" "$(tpm_pcr 16) $(tpm_pcr 23)" "$firmware $replayed"
ctl reset cold >/dev/null
is "cold reset: PCRs begin anew" "$(tpm_pcr 16) $(tpm_pcr 23)" "$firmware $zeros"

# --- What goes wrong ---

tpm2_pcrextend "23:sha384=$b"
refused "somebody else has extended PCR 23: EXTEND_PCR fails" 1 'DRIVER_SHA2_512_384_INVALID_STATE_ERR' \
	cli pcr extend 4 "$a"
like "that is said" "$(cat "$scratch/dev/log")" \
	"PCR 23 of the TPM .* is not what was extended: somebody else has used it"
is "the vault is as it was" "$(pcr 4)" "$zeros"
ok "the device answers" cli cmd VERSION
ctl reset cold >/dev/null
succeeds "after a cold reset, EXTEND_PCR succeeds" cli pcr extend 4 "$a"
is "and PCR 23 is right" "$(tpm_pcr 23)" "$(extended "$zeros" "$a")"

tpm_stop
refused "the TPM is gone: EXTEND_PCR fails" 1 'DRIVER_SHA2_512_384_INVALID_STATE_ERR' cli pcr extend 4 "$a"
tpm_start one
refused "it is there again, its PCRs are not: EXTEND_PCR fails" 1 'DRIVER_SHA2_512_384_INVALID_STATE_ERR' \
	cli pcr extend 4 "$a"
is "the vault is as it was" "$(pcr 4)" "$(extended "$zeros" "$a")"
tpm_stop
ctl reset cold >/dev/null
like "a cold reset without it is fatal" "$(cli info 2>&1)" "state +fatal_error"
start_refused "without it, swcaliptra does not start" "the TPM $tcti can not be reached" \
	--root-of-trust "tpm:$tcti"
tpm_start one
ctl reset cold >/dev/null
succeeds "with it, all is well after a cold reset" cli pcr extend 4 "$a"
device_stop TERM

# --- Another TPM ---

before=$(cat "$state"/*)
start_refused "without a TPM" "has its root of trust in a TPM: --root-of-trust"
tpm_stop
tpm_start two
start_refused "another TPM" "the TPM is not the one that the device was made with" \
	--root-of-trust "tpm:$tcti"
tpm_stop
tpm_start one
is "the folder is as it was" "$(cat "$state"/*)" "$before"
with_tpm dev
ok "and its own TPM is still good" certified
device_stop TERM
tpm2_changeeps
start_refused "its own after TPM2_ChangeEPS" "or it was given another endorsement seed since" \
	--root-of-trust "tpm:$tcti"
with_tpm dev --reset-state
ok "a new device can be made of it" certified
device_stop TERM
device_start folder
device_stop TERM
start_refused "a device in a folder, with a TPM" "has its root of trust in the folder" \
	--root-of-trust "tpm:$tcti"

tpm2_pcrallocate -Q sha256:all+sha384:none
tpm_stop
tpm_start one
start_refused "a TPM without SHA-384" "has no PCRs of SHA-384; 'tpm2_pcrallocate" \
	--root-of-trust "tpm:$tcti"
tpm_stop
tpm_start two not-need-init
start_refused "a TPM that has not been started" "it has to be started first" --root-of-trust "tpm:$tcti"
tpm_stop
tpm_start two
tpm2_changeauth -Q -c e secret
start_refused "an endorsement hierarchy with a password" "can not make its endorsement key: .*auth" \
	--root-of-trust "tpm:$tcti"
tpm_stop
for words in tpm: folder "$tcti"; do
	refused "--root-of-trust $words" 2 "--root-of-trust takes tpm:TCTI, not $words" \
		"$BUILD/swcaliptra" --state "$scratch/none" --socket "$scratch/refused" --root-of-trust "$words"
done

tap_end
