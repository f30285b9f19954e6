#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# enter.sh [--kernel NAME DIR] CMD [ARG...] runs a command inside the build environment
# that root.sh makes, in the checkout, which is at /src there. The kernels that kernel.sh
# has made are in /opt/kernels there, and so is the one that it is making in DIR. What tests keep for their
# next run is in /run/results.
# Rules: the command gets an empty /tmp and /run of its own and variables only from here,
# but for TERM, those of make and those whose names begin with CALIPTRA_. The build
# environment is read-only. The command takes the place of this script, so that its exit
# status, its signals and its terminal are what the caller sees.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

fail() {
	echo "enter.sh: error: $*" >&2
	exit 2
}

# Runs in a mount namespace of its own, where it puts the environment together.
enter() {
	local root=$1 checkout=$2 kernels=$3 flags name path fifo spec
	local env=(HOME=/tmp LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
	shift 3

	# A user may not drop the flags of the file system that the root is on.
	flags=$(findmnt --noheadings --output VFS-OPTIONS --target "$root")
	mount -o "bind,${flags/#rw/ro}" "$root" "$root"
	while read -r name path && [[ $name ]]; do
		mount --bind "$path" "$root/opt/kernels/$name"
		[[ $path == *.unfinished ]] || mount -o "remount,bind,${flags/#rw/ro}" "$root/opt/kernels/$name"
	done <<<"$kernels"
	mount --rbind "$checkout" "$root/src"
	for name in proc dev sys; do
		mount --rbind "/$name" "$root/$name"
	done
	mount -t tmpfs tmpfs "$root/tmp"
	mount -t tmpfs tmpfs "$root/run"
	mkdir -p "${root%/*}/results" "$root/run/results"
	mount --bind "${root%/*}/results" "$root/run/results"

	# The firmware's facts, where they are beside the checkout, for the test of the tables.
	spec=${CALIPTRA_SPEC:-$checkout/../shared/spec}
	if [[ -d $spec ]]; then
		mkdir "$root/run/spec"
		mount --rbind "$spec" "$root/run/spec"
		CALIPTRA_SPEC=/run/spec
	fi

	# make's job server can be a named pipe in a folder that is not visible inside.
	if [[ ${MAKEFLAGS:-} =~ --jobserver-auth=fifo:([^ ]+) && -p ${BASH_REMATCH[1]} ]]; then
		fifo=${BASH_REMATCH[1]}
		: >"$root/run/jobserver"
		mount --bind "$fifo" "$root/run/jobserver"
		MAKEFLAGS=${MAKEFLAGS/"fifo:$fifo"/fifo:/run/jobserver}
	fi
	for name in TERM MAKEFLAGS MFLAGS MAKELEVEL "${!CALIPTRA_@}"; do
		[[ ! -v $name ]] || env+=("$name=${!name}")
	done
	exec chroot "$root" /usr/bin/env --ignore-environment --chdir=/src "${env[@]}" "$@"
}

making=
if [[ ${1:-} == --kernel ]]; then
	making="$2 $3"
	shift 3
fi
(($#)) || fail "Say which command to run: enter.sh CMD [ARG...]"
here=$(realpath "${BASH_SOURCE[0]}")
here=${here%/*}
root=$("$here/root.sh")
kernels=$("$here/kernel.sh" --find "$root")
[[ ! $making ]] || kernels=${kernels:+$kernels$'\n'}$making
namespaces=(--mount)
((EUID == 0)) || namespaces=(--user --map-root-user --mount)
exec unshare "${namespaces[@]}" \
	bash -euo pipefail -c "$(declare -f enter); enter \"\$@\"" enter.sh "$root" "${here%/*/*}" "$kernels" "$@"
