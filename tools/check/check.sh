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
passed=0 failed=0 skipped=0
export BUILD=$build/host CMOCKA_MESSAGE_OUTPUT=TAP LD_LIBRARY_PATH=$build/host

# Prints "PASSED FAILED SKIPPED PLANNED" of the TAP in a file; a suite may have several
# plans, one after the other.
count() {
	awk '
		/^1\.\.[0-9]+/ { sub(/^1\.\./, ""); planned += $1 }
		/^ok .*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
		/^ok / { passed++ }
		/^not ok / { failed++ }
		END { print passed + 0, failed + 0, skipped + 0, planned + 0 }
	' "$1"
}

# result NAME STATUS LOG adds a suite that has ended.
result() {
	local name=$1 status=$2 log=$3 p f s planned note=
	read -r p f s planned < <(count "$log")
	if ((p + f + s != planned || planned == 0)); then
		note="planned $planned tests and told of $((p + f + s))"
		f=$((f + 1))
	elif ((status != 0 && f == 0)); then
		note="ended with status $status"
		f=1
	fi
	printf '%-52s %4d passed' "$name" "$p"
	((f == 0)) || printf ', %d FAILED' "$f"
	((s == 0)) || printf ', %d skipped' "$s"
	[[ ! $note ]] || printf ': it %s' "$note"
	printf '\n'
	if ((f)); then
		echo "--- the end of $log:"
		grep -E -B 12 '^not ok|^# .*(Expected|Assert|rror)' "$log" | tail -n 60 || true
		tail -n 5 "$log"
		echo "---"
	fi
	grep -E '^ok .*# *[Ss][Kk][Ii][Pp]' "$log" | sed 's/^ok [0-9]* */    skipped: /'
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
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

stop() {
	[[ ! $job ]] || { kill "$job" && wait "$job"; } 2>/dev/null
	exit 130
}

# suite NAME COMMAND... runs one.
suite() {
	local name=$1 log=$logs/${1//[^a-zA-Z0-9]/-}.log
	shift
	run "$log" "$@"
	result "$name" "$status" "$log"
}

# machine NAME SUITES [OPTION...] boots the machine and runs suites in it.
machine() {
	local name=$1 suites=$2 log=$logs/${1//[^a-zA-Z0-9]/-}.log file line told=0 asked
	local programs=$build/selftests
	shift 2
	xargs -n 1 <<<"$suites" >"$logs/suites"
	# one of its own has the kernel's log
	asked=$(($(wc -w <<<"$suites") + 1))
	[[ "$*" != *riscv64* ]] || programs=$build/riscv64/selftests
	run "$log" tools/vm/machine.sh --timeout 1200 "$@" selftests/run.sh "$programs" "$logs/suites"
	file=''
	while IFS= read -r line; do
		case $line in
		'@suite '*)
			file=$logs/${name//[^a-zA-Z0-9]/-}-${line#@suite }.log
			: >"$file"
			;;
		'@status '*)
			result "$name: $(basename "${file#"$logs/${name//[^a-zA-Z0-9]/-}-"}" .log)" \
				"${line#@status }" "$file"
			told=$((told + 1))
			file=''
			;;
		*) [[ ! $file ]] || echo "$line" >>"$file" ;;
		esac
	done <"$log"
	if [[ $file ]] || ((status > 1 || told != asked)); then
		echo "1..0" >"$logs/machine-end"
		result "$name: $told of $asked suites (its log is $log)" "$status" "$logs/machine-end"
		tail -n 20 "$log"
	fi
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

finish() {
	echo
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
job=
trap stop HUP INT TERM
export -f modules unchecked
export build modules=${modules:-$build/modules}
if [[ ${1:-} == matrix ]]; then
	suite "driver" bash -c modules
	machine "kernel 6.12" "abi abi32 concurrent privilege"
	machine "debug kernel" "kunit abi abi32 concurrent privilege" --kernel debug
	machine "riscv64" "abi concurrent" --kernel riscv64-newest
	suite "grafted" tools/check/graft.sh
	finish
fi
suite "driver" bash -c modules
for program in $TESTS; do
	suite "${program#"$build/sanitized/"}" "$program"
done
for family in core mci vdm dpe; do
	suite "messages: $family" "$build/sanitized/tools/fuzz/$family-corpus" \
		"build/gen/seeds/$family.hex" "tools/fuzz/corpus/$family.hex"
done
for script in lib/tests/*.sh tools/*/tests/*.{sh,py}; do
	[[ ! -x $script ]] || suite "$script" "$script"
done
machine "machine" "abi abi32 async concurrent privilege faults recover message sysfs debugfs trace \
	netlink monitor.sh unbind.sh suspend.sh api.sh hwrng.sh"
machine "machine, subsystem" "mci-window.sh mci abi concurrent faults message sysfs netlink tool-mci.sh unbind.sh" --subsystem
machine "machine, polling" "abi abi32 async concurrent faults recover message sysfs unbind.sh api.sh hwrng.sh" \
	--polling
machine "machine, 1.2" "abi sysfs hwrng.sh" --generation 1.2
machine "machine, 2.0" "abi sysfs" --generation 2.0
machine "debug kernel" "kunit abi abi32 async concurrent privilege faults recover message sysfs debugfs trace \
	netlink monitor.sh failnth unbind.sh api.sh hwrng.sh kmemleak coverage" --kernel debug
machine "debug kernel, soaked" "soak fuzz_ioctl kmemleak coverage" --kernel debug
suite "coverage" tools/check/coverage.sh "$COVERAGE" "$logs"/debug-kernel*-coverage.log
suite "grafted" tools/check/graft.sh
suite "DKMS" tools/check/dkms.sh
suite "sources" tools/check/lint.sh
finish
