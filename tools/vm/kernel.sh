#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kernel.sh NAME prints the path of a kernel that is built here from Debian's source: a
# folder with what modules for it are built with and, for those that a machine boots, the
# kernel itself. Makes it if it is not there, and keeps it in the user's cache folder.
#
#   debug                         arm64, with everything that sees the driver's mistakes
#   riscv64-newest                riscv64
#   x86_64-SERIES, riscv64-6.SERIES  only to build modules; SERIES is 6.1, 6.12 or newest
#
# Rules: standard output has only the path. A kernel is built in a folder beside its own,
# which is moved into place as a whole and never changed after that: a change of this file,
# of the kernel's configuration in the folder kernels or of the source makes another one.
# enter.sh shows it at /opt/kernels/NAME, which is where it was built, so that the paths in
# it are right.
#
#   kernel.sh --find ROOT   prints name and path of each kernel that has been made for the
#                           build environment ROOT
#   kernel.sh --build NAME  the part that runs in the build environment
set -euo pipefail
export LC_ALL=C

here=$(realpath "${BASH_SOURCE[0]}")
here=${here%/*}
names=(debug {x86_64,riscv64}-{6.1,6.12,newest})

say() {
	echo "kernel.sh: $*" >&2
}

fail() {
	say "error: $*"
	exit 1
}

# --- In the build environment ---

# What the configuration of a kernel starts from. Every option of the file kernels/NAME.config
# must then be as it is there.
configure() {
	local fragment=$here/kernels/$1.config wanted bad=()
	if [[ ! -e $fragment ]]; then
		"${make[@]}" -s defconfig
		scripts/config -e OF -e MODULES -d WERROR
		"${make[@]}" -s olddefconfig
		return
	fi
	KCONFIG_ALLCONFIG=$fragment "${make[@]}" -s allnoconfig
	while IFS= read -r wanted; do
		case $wanted in
		CONFIG_*) grep -qxF -- "$wanted" .config || bad+=("$wanted") ;;
		'# CONFIG_'*' is not set')
			wanted=${wanted% is not set}
			! grep -q "^${wanted#\# }=" .config || bad+=("not ${wanted#\# }")
			;;
		esac
	done <"$fragment"
	((!${#bad[@]})) || fail "The kernel can not be configured as ${fragment##*/} says: ${bad[*]}"
}

# Leaves what builds modules, in the tree or beside it: how to configure and build, the
# headers that are not a single driver's, and of the sources those that are compiled before
# any module. The rest is most of it.
prune() {
	local arch=$1 keep
	keep=(-path ./scripts -o -path ./include -o -path "./arch/$arch" -o -path ./tools/include
		-o -path ./tools/scripts -o -path ./tools/objtool -o -path ./tools/lib
		-o -path ./tools/build -o -path ./tools/docs -o -path ./lib/vdso)
	find Documentation -type f ! -name 'Kconfig*' -delete
	rm -rf arch/*/boot/dts arch/*/boot/*Image* vmlinux* .tmp_vmlinux* \
		System.map tools/perf tools/testing tools/lib/{bpf,perf,thermal} modules.order
	find arch -mindepth 1 -maxdepth 1 -type d ! -name "$arch" \
		-exec find {} -type f ! -name 'Kconfig*' ! -name 'syscall_*.tbl' -delete \;
	find . \( "${keep[@]}" \) -prune -o -type f \
		! \( -name 'Kconfig*' -o -name 'Makefile*' -o -name 'Kbuild*' -o -name '*.lds*' -o -name 'syscall_*.tbl' \
		-o -name '*.h' ! -path './drivers/*' ! -path './sound/*' ! -path './fs/*' ! -path './net/*' \
		-o -path ./kernel/bounds.c -o -path ./kernel/sched/rq-offsets.c -o -path ./kernel/time/timeconst.bc \
		-o -path './*' ! -path './*/*' \) -print0 | xargs -0 rm -f
	find . -type f \( -name '*.o' -o -name '*.a' -o -name '.*.o.cmd' -o -name '*.dtb' \) \
		! -path './scripts/*' ! -path './tools/*' ! -path './arch/*/kernel/vdso*' ! -path './kernel/bounds*' -delete
	find . -type d -empty -delete
}

build() {
	local name=$1 place=/opt/kernels/$1 dir=/opt/kernels/$1/build source arch
	case $name in
	debug) arch=arm64 make=(make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-) ;;
	riscv64-*) arch=riscv make=(make ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu-) ;;
	x86_64-*) arch=x86 make=(make ARCH=x86_64 CROSS_COMPILE=x86_64-linux-gnu-) ;;
	esac
	unset MAKEFLAGS MFLAGS MAKELEVEL
	make+=(KBUILD_BUILD_USER=caliptra KBUILD_BUILD_HOST=linux -j"$(nproc)")
	source=/opt/linux-source/linux.tar.xz
	[[ ! -e $place/linux.tar.xz ]] || source=$place/linux.tar.xz
	mkdir "$dir"
	xz --decompress --stdout --threads=0 "$source" | tar -x -C "$dir" --no-same-owner --strip-components=1
	rm -f "$place/linux.tar.xz"
	cd "$dir"
	configure "$name"
	if [[ -e $here/kernels/$name.config ]]; then
		"${make[@]}" -s Image modules
		mv "arch/$arch/boot/Image" "$place/vmlinuz"
	else
		"${make[@]}" -s modules_prepare
	fi
	cp .config "$place/config"
	cp include/config/kernel.release "$place/release"
	prune "$arch"
}

# --- Outside ---

find_kernel() {
	local root=$1 name=$2 key
	key=$({
		cat "$here/kernel.sh" "$root/opt/linux-source/version"
		cat "$here/kernels/$name.config" 2>/dev/null || true
	} | sha256sum)
	echo "${root%/*}/kernel-$name-${key::16}"
}

find_kernels() {
	local root=$1 name path
	for name in "${names[@]}"; do
		path=$(find_kernel "$root" "$name")
		[[ ! -d $path ]] || echo "$name $path"
	done
}

# Fetches the source of an older series, which the build environment does not have, from
# Debian's release that has it.
fetch_source() {
	local series=$1 dir=$2 suite mirror
	mirror=${CALIPTRA_DEBIAN_MIRROR:-$(cat "$root/opt/linux-source/mirror")}
	case $series in
	6.1) suite=bookworm ;;
	6.12) suite=trixie ;;
	esac
	mkdir -p "$dir"/apt/{lists,archives}/partial
	cat >"$dir/apt/apt.conf" <<-END
		Dir::State "$dir/apt";
		Dir::State::status "/dev/null";
		Dir::Cache "$dir/apt";
		Dir::Etc::sourcelist "$dir/apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
	END
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
		>"$dir/apt/sources.list"
	(
		cd "$dir/apt"
		export APT_CONFIG=$dir/apt/apt.conf
		apt-get update
		apt-get download "linux-source-$series"
		dpkg-deb --fsys-tarfile linux-source-*.deb |
			tar -x --to-stdout --wildcards './usr/src/linux-source-*.tar.xz' >"$dir/linux.tar.xz"
	)
	rm -rf "$dir/apt"
}

# Removes what this run, or an earlier one that was killed, has half made; root.sh does so
# with names of its own.
clean_up() {
	if [[ $job ]]; then
		kill -KILL -- "-$job" || true
		wait
	fi 2>/dev/null
	rm -rf --one-file-system "$cache"/kernel-*.unfinished
}

make_kernel() {
	local name=$1 lock partial log
	exec {lock}>>"$cache/kernels.lock"
	if ! flock --nonblock "$lock"; then
		say "waiting for another run, which is making a kernel"
		flock "$lock"
	fi
	[[ ! -d $kernel ]] || return 0
	SECONDS=0
	clean_up
	trap clean_up EXIT
	trap 'exit 143' HUP INT TERM
	say "making the kernel $name; this is done once and takes some minutes"
	partial=$(mktemp -d "$kernel.XXXXXX.unfinished")
	log=$partial/log
	chmod 755 "$partial"
	# A process group of its own, so that all of it can be ended at once. It has the lock,
	# too: should this script be killed, the next one waits until the rest has ended.
	set -m
	{
		[[ $name == debug || $name == *-newest ]] || fetch_source "${name#*-}" "$partial"
		exec "$here/enter.sh" --kernel "$name" "$partial" tools/vm/kernel.sh --build "$name"
	} >"$log" 2>&1 </dev/null &
	job=$!
	set +m
	# Bash acts on a signal while it waits.
	wait "$job" || {
		job=
		grep '^kernel.sh: error: ' "$log" >&2 || tail -n 30 "$log" >&2
		fail "Making the kernel $name failed; the last lines of its output are above."
	}
	job=
	mv -T "$partial" "$kernel"
	trap - EXIT
	exec {lock}>&-
	say "made the kernel $name in $SECONDS s"
}

main() {
	local root
	case ${1:-} in
	--build) build "$2" ;;
	--find) find_kernels "$2" ;;
	*)
		[[ " ${names[*]} " == *" ${1:-} "* ]] || fail "Name one of these kernels: ${names[*]}"
		root=$("$here/root.sh")
		cache=${root%/*}
		kernel=$(find_kernel "$root" "$1")
		job=
		[[ -d $kernel ]] || make_kernel "$1"
		echo "$kernel"
		;;
	esac
}

umask 022
# on one line, so that the file may change while it runs
main "$@"; exit
