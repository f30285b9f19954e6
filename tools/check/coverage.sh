#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# coverage.sh MINIMUM LOG... prints as TAP whether MINIMUM percent of the driver's lines have
# run, by what the suite "coverage" has written to each LOG in a test machine, and how many
# of each file. The lines that have not are listed in build/vm/coverage.txt, with the reason
# that tools/check/uncovered.txt has; few may be without. To be run in the build environment.
# Rules: an object that was never loaded counts as not run; unit tests do not count.
set -euo pipefail
shopt -s globstar

minimum=$1
shift
objects=$PWD/build/vm/modules/debug
reasons=tools/check/uncovered.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# add LOG makes the texts of gcov from it.
add() {
	local number=$((++logs)) dir notes name counts text
	dir=$work/$number
	mkdir "$dir"
	sed -n 's/^#= //p' "$1" | base64 --decode | tar -xz -C "$dir"
	for notes in "$objects"/**/*.gcno; do
		name=${notes#"$objects/"}
		[[ $name != tests/* && $name != *.mod.gcno && $name != .* ]] || continue
		counts=$dir$objects/${name%.gcno}.gcda text=$work/text/$number/${name%.gcno}
		mkdir -p "${counts%/*}" "$text"
		ln -s "$notes" "${counts%.gcda}.gcno"
		# gcov finds sources from where it is, and writes there what it finds in them
		ln -s "$objects"/*.[ch] "$text/"
		(cd "$text" && aarch64-linux-gnu-gcov --preserve-paths --object-file "$counts" "${name%.gcno}.c") \
			>"$work/gcov.log" 2>&1 || { cat "$work/gcov.log" && exit 1; }
	done
}

logs=0
for log; do
	add "$log"
done

# miss() puts a line under the reason that is known for its function, or for its file.
# A line has run if it has in one machine and, of an inline function, in one object.
awk -v objects="$objects/" '
	function miss(file, line,    why) {
		why = reason[file " " place[file, line]]
		if (!why)
			why = reason[file " *"]
		if (!why)
			unexplained++
		gsub(/\t/, " ", text[file, line])
		print (why ? why : "No reason is known:") "\t" file ":" line ": " place[file, line] "():" \
			text[file, line] >missing
	}
	FILENAME == reasons {
		if (/^#/ || NF < 3)
			next
		key = $1 " " $2
		sub(/^[^ ]+ +[^ ]+ +/, "")
		reason[key] = $0
		next
	}
	/^ *-: *0:Source:/ {
		file = $0
		sub(/^.*:Source:/, "", file)
		sub(objects, "", file)
		own = file !~ /^(\/|\.\.)/ && file !~ /^tests\//
		file = "kernel/" file
		next
	}
	# the name of a function begins its line or follows its type
	own && match($0, /^ *[^:]+: *[0-9]+:/) && substr($0, RLENGTH + 1) ~ /^[a-z][^=;]*\(/ {
		inside = substr($0, RLENGTH + 1)
		sub(/\(.*/, "", inside)
		sub(/.*[ *]/, "", inside)
	}
	!own || !match($0, /^ *[^:]+: *[0-9]+:/) { next }
	{
		split($0, part, ":")
		count = part[1]
		line = part[2] + 0
		gsub(/ /, "", count)
		if (line == 0 || count == "-" || count == "")
			next
		key = file SUBSEP line
		if (!(key in state)) {
			state[key] = 0
			total[file]++
			text[key] = substr($0, RLENGTH + 1)
			place[key] = inside
			if (line > last[file])
				last[file] = line
		}
		if (!state[key] && count !~ /^[#=]/) {
			state[key] = 1
			run[file]++
		}
	}
	END {
		for (file in total) {
			all += total[file]
			good += run[file]
			printf "# %-28s %5.1f %% of %4d lines\n", file, 100 * run[file] / total[file], total[file] | "sort"
			for (line = 1; line <= last[file]; line++)
				if ((file SUBSEP line) in state && !state[file, line])
					miss(file, line)
		}
		close("sort")
		if (!all)
			exit 1
		percent = 100 * good / all
		printf "%sok 1 - %.1f %% of the %d lines of kernel/ have run; it must be %d %%\n",
			percent < minimum ? "not " : "", percent, all, minimum
		bad = unexplained > all / 100
		printf "%sok 2 - of those that have not, %d have no reason; of 100 lines it may be one\n1..2\n",
			bad ? "not " : "", unexplained
		bad = bad || percent < minimum
		exit bad
	}' minimum="$minimum" missing="$work/missing" reasons="$reasons" "$reasons" "$work"/text/**/*.gcov &&
	status=0 || status=$?
touch "$work/missing"
{
	echo "The lines of kernel/ that no test on the debug kernel runs:"
	sort -t '	' -k 1,1 -k 2,2V "$work/missing" |
		awk -F '\t' '$1 != last { print "\n" $1; last = $1 } { print "  " $2 }'
} >build/vm/coverage.txt
exit "$status"
