#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh FAMILY... runs the fuzzer of each family of commands, or that of the software
# device, for $CALIPTRA_FUZZ_TIME seconds (600), as many at a time as there are processors.
# It begins with the seeds that tools/gen has made and the corpus in tools/fuzz/corpus, and
# adds to the latter what is new there, so long as it is short. What the fuzzer finds is
# left in build/fuzz/FAMILY.
set -euo pipefail
shopt -s nullglob

build=build/vm/fuzz/tools/fuzz
work=build/fuzz

# The longest input that a fuzzer makes, and that the corpus takes.
longest_made() {
	[[ $1 == device ]] && echo 6000 || echo 40000
}
longest_kept() {
	[[ $1 == device ]] && echo 1000 || echo 256
}

# Lines of hexadecimal to files in a folder.
unpack() {
	local dir=$1 line n=0
	mkdir -p "$dir"
	while IFS= read -r line; do
		# shellcheck disable=SC2059 # the line is what is to be interpreted
		printf "${line//??/\\x&}" >"$dir/$n"
		n=$((n + 1))
	done < <(cat "${@:2}" | grep -v '^#')
}

# And back, those that are short, the shortest first.
pack() {
	local file longest=$2
	echo '# SPDX-License-Identifier: GPL-2.0-or-later'
	for file in "$1"/*; do
		(($(stat -c %s "$file") > longest)) || od -An -v -tx1 "$file" | tr -d ' \n' && echo
	done | awk 'NF { print length, $0 }' | sort -n -k 1,1 -k 2 | cut -d ' ' -f 2 | uniq
}

fuzz() {
	local family=$1 dir=$work/$1 corpus=tools/fuzz/corpus/$1.hex made kept
	made=$(longest_made "$family") kept=$(longest_kept "$family")
	rm -rf "$dir"
	unpack "$dir/inputs" "build/gen/seeds/$family.hex" "$corpus"
	"$build/$family-fuzzer" -max_total_time="${CALIPTRA_FUZZ_TIME:-600}" -max_len="$made" -timeout=120 \
		-print_final_stats=1 -artifact_prefix="$dir/" "$dir/inputs" >"$dir/log" 2>&1 || return
	mkdir "$dir/small" || return
	"$build/$family-fuzzer" -merge=1 -max_len="$kept" "$dir/small" "$dir/inputs" >>"$dir/log" 2>&1 ||
		return
	pack "$dir/small" "$kept" >"$dir/corpus.hex" && cp "$dir/corpus.hex" "$corpus"
}

failed=0
running=0
for family; do
	mkdir -p "$work"
	(
		if fuzz "$family"; then
			printf '%-7s%s\n' "$family" "$(sed -n 's/^stat::number_of_executed_units: */inputs tried: /p' \
				"$work/$family/log" | head -n 1)"
		else
			echo "$family: see $work/$family/log and what is beside it" >&2
			exit 1
		fi
	) &
	running=$((running + 1))
	if ((running >= $(nproc))); then
		wait -n || failed=1
		running=$((running - 1))
	fi
done
while ((running--)); do
	wait -n || failed=1
done
exit "$failed"
