#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# once.sh INPUT... -- COMMAND [ARG...] runs a command that prints TAP, unless it has
# succeeded with the same inputs before. Then it prints what the command printed, and at
# each result since when that stands. To be run in the build environment; COMMAND may be a
# function that Bash exports.
# Rules: an input is a file or a folder, and what counts of it is its bytes. All that the
# command reads has to be among them, but for itself and the build environment, whose
# packages always count. Only a success in which nothing was skipped is kept, for 30 days,
# in the folder results of the user's cache folder, or $ONCE_RESULTS.
set -uo pipefail

inputs=("$0")
until [[ $1 == -- ]]; do
	inputs+=("$1")
	shift
done
shift
[[ ! -f $1 ]] || inputs+=("$1")

results=${ONCE_RESULTS:-/run/results}
if ! key=$({ printf '%s\n' "$@" && find -L "${inputs[@]}" /var/lib/dpkg/status \
	/opt/linux-source/version -type f -print0 |
	LC_ALL=C sort -z | xargs -0 sha256sum; } | sha256sum); then
	echo "once.sh: error: not everything that $1 comes from is there" >&2
	exit 2
fi
kept=$results/${key%% *}
if [[ -e $kept ]]; then
	exec sed -E "s/^ok .*/& (as at $(date -r "$kept" '+%F %R'))/" "$kept"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 143' HUP INT TERM
"$@" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}
if ((status == 0)) && ! grep -qE '^not ok|^ok .*# *[Ss][Kk][Ii][Pp]' "$log"; then
	find "$results" -type f -mtime +30 -delete
	cp "$log" "$kept.$$" && mv "$kept.$$" "$kept"
fi
exit "$status"
