#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests once.sh: what succeeded is kept as long as what it comes from is the same, and
# nothing else is. Prints TAP. To be run in the build environment.
# shellcheck source=../tap.sh
. tools/check/tap.sh

mkdir "$scratch"/{in,results}
export ONCE_RESULTS=$scratch/results
echo 1 >"$scratch/in/a"
echo 1 >"$scratch/b"

# counted COMMAND-OUTPUT STATUS is what runs: it counts how often.
counted() {
	echo x >>"$scratch/runs"
	printf '%b' "$1"
	return "$2"
}
export -f counted
export scratch
runs() {
	wc -l <"$scratch/runs"
}
once() {
	tools/check/once.sh "$scratch/in" "$scratch/b" -- counted "${1:-ok 1 - good\\n1..1\\n}" "${2:-0}"
}
: >"$scratch/runs"

succeeds "it runs" once
is "and prints what the command does" "$out" "ok 1 - good
1..1"
succeeds "again" once
is "it has run once" "$(runs)" 1
like "and what was printed is, with its date" "$out" "^ok 1 - good \(as at $(date +%Y)-[0-9-]+ [0-9:]+\)
1..1$"
succeeds "another command" once 'ok 1 - better\n1..1\n'
is "is another one" "$(runs)" 2
like "with its own result" "$out" "better"

echo 2 >"$scratch/in/a"
once >/dev/null
is "a file has changed: it runs" "$(runs)" 3
echo 1 >"$scratch/in/a"
once >/dev/null
is "it is as it was: so is the result" "$(runs)" 3
echo 1 >"$scratch/in/more"
once >/dev/null
is "there is another file: it runs" "$(runs)" 4
mv "$scratch/in/more" "$scratch/in/moved"
once >/dev/null
is "which has another name: it runs" "$(runs)" 5
ln -s "$scratch/b" "$scratch/in/link"
once >/dev/null
echo 2 >"$scratch/b"
once >/dev/null
is "it follows links: it runs" "$(runs)" 7

once '' 3 >/dev/null
is "a failure is one" $? 3
once '' 3 >/dev/null
is "again, and it has run" "$? $(runs)" "3 9"
once 'not ok 1 - bad\n1..1\n' >/dev/null
once 'not ok 1 - bad\n1..1\n' >/dev/null
is "a failed test is not kept" "$(runs)" 11
once 'ok 1 - no # SKIP it can not be done\n1..1\n' >/dev/null
once 'ok 1 - no # SKIP it can not be done\n1..1\n' >/dev/null
is "nor is one that was skipped" "$(runs)" 13

rm "$scratch/b"
refused "without an input" 2 'not everything that counted comes from is there' once
is "nothing runs" "$(runs)" 13
echo 2 >"$scratch/b"

touch -d '40 days ago' "$scratch"/results/*
once 'ok 1 - today\n1..1\n' >/dev/null
is "what is old goes" "$(find "$scratch/results" -type f | wc -l)" 1
printf '#!/bin/sh\necho "ok 1 - of a program"\n' >"$scratch/program"
chmod +x "$scratch/program"
tools/check/once.sh "$scratch/b" -- "$scratch/program" >/dev/null
echo '# another one' >>"$scratch/program"
is "a program counts itself" "$(tools/check/once.sh "$scratch/b" -- "$scratch/program")" "ok 1 - of a program"
tap_end
