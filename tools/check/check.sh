#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [matrix] runs every test, or those of the kernels and architectures that the
# driver is for, and says "N passed, N failed, N skipped" at the end. To be run in the build
# environment, after make has built everything.
# Rules: every suite prints TAP. One that prints fewer results than it planned, or that
# fails without a failed test, counts as a failed test. A skipped test says why.
set -uo pipefail

build=build/vm
logs=$build/check
passed=0 failed=0 skipped=0 again=0
export BUILD=$build/host CMOCKA_MESSAGE_OUTPUT=TAP LD_LIBRARY_PATH=$build/host

# Prints "PASSED FAILED SKIPPED PLANNED AGAIN" of the TAP in a file; a suite may have several
# plans, one after the other. AGAIN of those that passed did in an earlier run; see once.sh.
count() {
	awk '
		/^1\.\.[0-9]+/ { sub(/^1\.\./, ""); planned += $1 }
		/^ok .*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
		/^ok / { passed++ }
		/^ok .* \(as at [-0-9]+ [0-9:]+\)$/ { again++ }
		/^not ok / { failed++ }
		END { print passed + 0, failed + 0, skipped + 0, planned + 0, again + 0 }
	' "$1"
}

# result NAME STATUS SECONDS LOG tells of a suite that has ended, and keeps its counts.
result() {
	local name=$1 status=$2 seconds=$3 log=$4 p f s planned a note=
	read -r p f s planned a < <(count "$log")
	if ((p + f + s != planned || planned == 0)); then
		note="planned $planned tests and told of $((p + f + s))"
		f=$((f + 1))
	elif ((status != 0 && f == 0)); then
		note="ended with status $status"
		f=1
	fi
	printf '%-52s %4d passed %4d s' "$name" "$p" "$seconds"
	((f == 0)) || printf ', %d FAILED' "$f"
	((s == 0)) || printf ', %d skipped' "$s"
	((a == 0)) || printf ', %d as at %s' "$a" "$(sed -nE 's/^ok .* \(as at (.*)\)$/\1/p' "$log" | sort | head -n 1)"
	[[ ! $note ]] || printf ': it %s' "$note"
	printf '\n'
	if ((f)); then
		echo "--- the end of $log:"
		grep -E -B 12 '^not ok|^# .*(Expected|Assert|rror)' "$log" | tail -n 60 || true
		tail -n 5 "$log"
		echo "---"
	fi
	grep -E '^ok .*# *[Ss][Kk][Ii][Pp]' "$log" | sed 's/^ok [0-9]* */    skipped: /'
	echo "$p $f $s $a" >&3
}

# run LOG COMMAND... runs a command, and sets status. Bash acts on a signal while it waits.
run() {
	local log=$1
	shift
	status=0
	timeout --kill-after=10 1500 "$@" >"$log" 2>&1 </dev/null &
	job=$!
	wait "$job" || status=$?
	job=
}

# suite NAME COMMAND... runs one.
suite() {
	local name=$1 log=$logs/${1//[^a-zA-Z0-9]/-}.log
	shift
	SECONDS=0
	run "$log" "$@"
	result "$name" "$status" "$SECONDS" "$log"
}

# machine NAME SUITES [OPTION...] boots the machine and runs suites in it.
machine() {
	local name=$1 suites=$2 base=$logs/${1//[^a-zA-Z0-9]/-} file='' line told=0 asked
	local kernel=6.12 programs=$build/selftests initramfs=$build/initramfs.cpio drivers=() files=()
	shift 2
	[[ ! "$*" =~ --kernel\ ([^ ]+) ]] || kernel=${BASH_REMATCH[1]}
	case $kernel in
	riscv64-*) programs=$build/riscv64/selftests initramfs=$build/riscv64/initramfs.cpio ;;
	esac
	[[ ! "$*" =~ --firmware\ ([^ ]+) ]] || files+=("${BASH_REMATCH[1]}")
	[[ ! "$*" =~ --more\ ([^ ]+) ]] || files+=("${BASH_REMATCH[1]}")
	[[ $kernel == builtin ]] || mapfile -t drivers < <(find "$build/modules/$kernel" -name '*.ko')
	mkdir -p "$base"
	xargs -n 1 <<<"$suites" >"$base/suites"
	# one of its own has the kernel's log
	asked=$(($(wc -w <<<"$suites") + 1))
	SECONDS=0
	run "$base.log" tools/check/once.sh "/opt/kernels/$kernel/vmlinuz" "$initramfs" "${drivers[@]}" "$programs" "${files[@]}" \
		"$base/suites" selftests/run.sh tools/vm dts "$build/host/swcaliptra" "$build"/host/*.so.* -- \
		tools/vm/machine.sh --timeout 1200 "$@" selftests/run.sh "$programs" "$base/suites"
	while IFS= read -r line; do
		case $line in
		'@suite '*)
			file=$base-${line#@suite }.log
			: >"$file"
			;;
		'@status '*)
			# shellcheck disable=SC2086 # the status, and how long it took
			result "$name: $(basename "${file#"$base-"}" .log)" ${line#@status } "$file"
			told=$((told + 1))
			file=''
			;;
		*) [[ ! $file ]] || echo "$line" >>"$file" ;;
		esac
	done <"$base.log"
	if [[ $file ]] || ((status > 1 || told != asked)); then
		echo "1..0" >"$base-end.log"
		result "$name: $told of $asked suites (its log is $base.log)" "$status" "$SECONDS" "$base-end.log"
		tail -n 20 "$base.log"
	fi
}

# --- Several at a time ---

# Most of them wait for most of the time, so there are as many at a time as processors.
# What each has to say is told in the order in which they began.
begun=0 told=0

stop_one() {
	[[ ! $job ]] || { kill "$job" && wait "$job"; } 2>/dev/null
	exit 130
}

# begin COMMAND... runs suite or machine beside others.
begin() {
	while (($(jobs -pr | wc -l) >= $(nproc))); do
		wait -n
		tell
	done
	begun=$((begun + 1))
	(
		job=
		trap stop_one HUP INT TERM
		"$@" >"$logs/$begun.said" 3>"$logs/$begun.counts"
		touch "$logs/$begun.ended"
	) &
}

# Tells of those that have ended, unless one before them has not.
tell() {
	local p f s a
	while [[ -e $logs/$((told + 1)).ended ]]; do
		told=$((told + 1))
		cat "$logs/$told.said"
		while read -r p f s a; do
			passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s)) again=$((again + a))
		done <"$logs/$told.counts"
	done
}

# Waits for all that have begun.
finish_all() {
	while (($(jobs -pr | wc -l))); do
		wait -n
		tell
	done
	tell
	((told == begun)) || {
		echo "$((begun - told)) suites did not come to an end"
		exit 1
	}
}

stop() {
	# shellcheck disable=SC2046 # these are words
	kill $(jobs -pr) 2>/dev/null
	wait
	exit 130
}

# Tells of sources that were compiled and that sparse has not seen.
unchecked() {
	comm -23 <(sed -n 's/^  CC \[M\] *//p' "$1" | grep -v '\.mod\.o$\|module-common' | sed 's/\.o$//' | sort) \
		<(sed -n 's/^  CHECK *//p' "$1" | sed 's/\.c$//' | sort) | sed 's/^/sparse has not seen /'
}

# A kernel of which only the headers are there has no list of symbols to compare with.
modules() {
	local kernel expected n=0
	for kernel in $KERNELS; do
		n=$((n + 1)) expected='^$'
		[[ -e /opt/kernels/$kernel/build/Module.symvers ]] ||
			expected='modpost: .* (undefined!|unresolved symbol)|Module.symvers is missing'
		if { [[ -s $modules/$kernel/log ]] || echo "it has not been built"
			grep -iE '(warning|error):' "$modules/$kernel/log" | grep -vE "$expected"
			[[ $modules != */matrix ]] || unchecked "$modules/$kernel/log"; } | sed 's/^/# /' | grep .; then
			printf 'not '
		fi
		echo "ok $n - the driver builds for kernel $(cat "/opt/kernels/$kernel/release") without a warning ($kernel)"
	done
	echo "1..$n"
}

graft() {
	begin suite "grafted" tools/check/once.sh kernel uapi Documentation selftests dts build/gen/kernel tools/graft.sh \
		tools/check/tap.sh /opt/kernels/debug/vmlinuz -- tools/check/graft.sh
}

finish() {
	finish_all
	echo
	((again == 0)) || echo "$again of these are of an earlier run, as nothing that they come from has changed;" \
		"without the folder results in the cache folder they run again."
	echo "$passed passed, $failed failed, $skipped skipped"
	((failed == 0))
	exit
}

mkdir -p "$logs"
exec {lock}>>"$logs/lock"
if ! flock --nonblock "$lock"; then
	echo "waiting for another make check"
	flock "$lock"
fi
rm -f "$logs"/*.{said,counts,ended}
trap stop HUP INT TERM
export -f modules unchecked
export build modules=${modules:-$build/modules}
if [[ ${1:-} == matrix ]]; then
	begin suite "driver" bash -c modules
	begin machine "kernel 6.12" "abi abi32 concurrent privilege"
	begin machine "debug kernel" "kunit abi abi32 concurrent privilege" --kernel debug
	begin machine "riscv64" "abi concurrent" --kernel riscv64-newest
	graft
	finish
fi
begin suite "driver" bash -c modules
for program in $TESTS; do
	begin suite "${program#"$build/sanitized/"}" "$program"
done
for family in core mci vdm dpe; do
	begin suite "messages: $family" "$build/sanitized/tools/fuzz/$family-corpus" \
		"build/gen/seeds/$family.hex" "tools/fuzz/corpus/$family.hex"
done
begin suite "the software device" "$build/sanitized/tools/fuzz/device-corpus" build/gen/seeds/device.hex \
	tools/fuzz/corpus/device.hex
for script in lib/tests/*.sh tools/*/tests/*.{sh,py}; do
	[[ ! -x $script || $script == */bad_tables.py ]] || begin suite "$script" "$script"
done
# The longest first. The mailboxes of an MCI are beside that of the core, which does with
# them what it does alone.
begin machine "debug kernel" "mci-window.sh mci abi abi32 async concurrent privilege faults recover message sysfs \
	debugfs trace netlink monitor.sh failnth unbind.sh suspend.sh tool-mci.sh api.sh hwrng.sh tpm.sh kmemleak coverage" \
	--kernel debug --subsystem
# and the unit tests, which do not care what the machine has
begin machine "debug kernel, polling" "kunit abi async concurrent faults recover message sysfs unbind.sh suspend.sh \
	api.sh hwrng.sh tpm.sh tsm.sh kmemleak coverage" --kernel debug --polling \
	--tpm-pcrs "0 1 2 3 4 5 6 7 8 9 12 20"
begin machine "debug kernel, updated" "fw-upload.sh kmemleak coverage" --kernel debug --firmware "$build/firmware/2.1"
begin machine "debug kernel, soaked" "soak fuzz_ioctl kmemleak coverage" --kernel debug
# IMA's policy has no files of tmpfs.
begin machine "driver in the kernel" "builtin.sh tpm-tools.sh ima-boot.sh abi concurrent kmemleak" --kernel builtin \
	--more "$build/tpm-tools.cpio" --append "initcall_debug ima_policy=tcb ima_hash=sha384 rootfstype=ramfs"
begin machine "driver in the kernel, PCI alone" "builtin.sh" --kernel builtin --no-nodes --append initcall_debug
begin machine "debug kernel, PCI" "pci.sh kmemleak coverage" --kernel debug --subsystem
begin machine "debug kernel, PCI alone" "pci.sh kmemleak coverage" --kernel debug --subsystem --no-nodes
begin suite "sources" tools/check/lint.sh
begin suite "tools/gen/tests/bad_tables.py" tools/check/once.sh tools/gen Documentation/commands -- tools/gen/tests/bad_tables.py
graft
begin machine "machine" "abi abi32 async concurrent privilege faults recover message sysfs debugfs trace \
	netlink monitor.sh unbind.sh suspend.sh api.sh hwrng.sh tpm.sh"
begin machine "machine, PCI" "pci.sh" --subsystem
begin machine "machine, PCI alone" "abi concurrent pci.sh" --subsystem --no-nodes
begin machine "machine, subsystem" "mci abi concurrent message netlink tool-mci.sh" --subsystem --no-aliases
begin machine "machine, IMA" "ima-relay.sh tpm-tools.sh tpm-kernel.sh" --more "$build/tpm-tools.cpio"
begin machine "machine, polling" "abi async concurrent faults recover message sysfs" --polling
begin machine "machine, 1.2" "abi async concurrent faults recover message sysfs hwrng.sh tpm.sh api.sh" --generation 1.2
begin machine "machine, 2.0" "abi async concurrent faults recover message sysfs hwrng.sh tpm.sh api.sh" \
	--generation 2.0 --tpm-pcrs "0 1 2 3 4 5 6 7 8 9 12 20"
for generation in 1.2 2.0 2.1; do
	begin machine "machine, $generation updated" fw-upload.sh --generation $generation \
		--firmware "$build/firmware/$generation"
done
begin suite "last state" tools/check/once.sh /opt/kernels/{6.12,debug}/vmlinuz "$build/initramfs.cpio" \
	"$build"/modules/{6.12,debug}/{caliptra.ko,api-test/crash.ko} selftests/last-state.sh tools/check/tap.sh tools/vm dts \
	"$build/host/swcaliptra" "$build"/host/*.so.* -- tools/check/last-state.sh
begin suite "DKMS" tools/check/once.sh kernel uapi build/gen/kernel VERSION tools/check/tap.sh \
	/opt/kernels/6.12/release -- tools/check/dkms.sh
finish_all
begin suite "coverage" tools/check/coverage.sh "$COVERAGE" "$logs"/debug-kernel*-coverage.log
finish
