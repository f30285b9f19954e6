# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# TAP for tests in Bash, which source this file: "ok", "is" and their like print one
# result each, tap_end prints the plan. What made a test fail is told in lines that begin
# with "#".
# Rules: a script calls tap_end last; one that ends before has no plan, and counts as
# failed. $scratch is a folder of the script's own. It goes when the script ends, in
# whatever way, and so do the processes that were started with "spawn".
set -u

tap_count=0
tap_failed=0
tap_pids=()
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tap.XXXXXX") || exit

tap_clean_up() {
	local pid
	for pid in "${tap_pids[@]}"; do
		kill -KILL "$pid"
	done
	wait
	rm -rf "$scratch"
} 2>/dev/null
trap tap_clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# note TEXT prints a diagnostic.
note() {
	head -n 40 <<<"$*" | cut -c 1-400 | sed 's/^/# /'
}

# What "run" saw last.
tap_ran=
status=
out=
err=

# result STATUS NAME [TEXT] prints a test's result; where it failed, why.
result() {
	tap_count=$((tap_count + 1))
	if (($1 == 0)); then
		echo "ok $tap_count - $2"
		return 0
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - $2"
	[[ ! ${3:-} ]] || note "$3"
	if [[ $tap_ran ]]; then
		note "the last command: $tap_ran"
		note "its status: $status"
		note "its stdout: $out"
		note "its stderr: $err"
	fi
	return 1
}

# ok NAME COMMAND... passes where the command succeeds.
ok() {
	local name=$1 said code=0
	shift
	said=$("$@" 2>&1) || code=$?
	result $code "$name" "$* ended with status $code and said: $said"
}

# fails NAME COMMAND... passes where the command does not.
fails() {
	local name=$1 said code=0
	shift
	said=$("$@" 2>&1) || code=$?
	result $((code == 0)) "$name" "$* succeeded and said: $said"
}

# is NAME GOT WANTED passes where both are the same.
is() {
	local code=0
	[[ $2 == "$3" ]] || code=1
	result $code "$1" "got:    $2"$'\n'"wanted: $3"
}

# like NAME TEXT REGEX passes where the text has it; ^ and $ are its beginning and end.
like() {
	local code=0
	[[ $2 =~ $3 ]] || code=1
	result $code "$1" "got: $2"$'\n'"wanted something like: $3"
}

# run COMMAND... runs it, with what it says in $out and $err and its status in $status.
# Bytes that are no text are in $scratch/stdout and $scratch/stderr.
run() {
	tap_ran=$*
	status=0
	"$@" >"$scratch/stdout" 2>"$scratch/stderr" </dev/null || status=$?
	out=$(tr -d '\0' <"$scratch/stdout")
	err=$(tr -d '\0' <"$scratch/stderr")
}

# succeeds NAME COMMAND... runs it and passes where it succeeds without a complaint.
succeeds() {
	local name=$1 code
	shift
	run "$@"
	code=$((status != 0 || ${#err} != 0))
	result $code "$name" "it did not succeed, or complained"
}

# refused NAME STATUS REGEX COMMAND... runs it and passes where it ends with the status,
# says something like that on stderr and nothing on stdout.
refused() {
	local name=$1 wanted=$2 regex=$3 code=0
	shift 3
	run "$@"
	[[ $status == "$wanted" && $err =~ $regex && ! -s $scratch/stdout ]] || code=1
	result $code "$name" "wanted status $wanted, only stderr, and in it: $regex"
}

# spawn COMMAND... runs it in the background until the script ends; its process is $!.
spawn() {
	"$@" </dev/null &
	tap_pids+=($!)
}

# wait_until COMMAND... waits until it succeeds, for 10 seconds at most.
wait_until() {
	local end=$((SECONDS + 10))
	until "$@" >/dev/null 2>&1; do
		((SECONDS < end)) || return 1
		sleep 0.01
	done
}

# tap_end ends the script.
tap_end() {
	echo "1..$tap_count"
	exit $((tap_failed != 0))
}
