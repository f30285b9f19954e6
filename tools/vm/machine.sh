#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# machine.sh [OPTION]... SCENARIO [FILE...]
# boots the emulated arm64 machine with a software Caliptra in it, and runs the script
# SCENARIO there. Each FILE is in the folder /root there, and so are the manufacturer's
# certificates of the Caliptra: manufacturer-root.pem and idevid-ecc384.pem. To be run in
# the build environment, after make has built everything for it.
# Rules: the exit status is the scenario's; 125 where the machine did not get so far.
#
#   --kernel NAME     what to boot: 6.12, debug, builtin or riscv64-newest (default: 6.12);
#                     the last has no shell, and runs only what selftests/run.sh would
#   --append WORDS    what the kernel is told beside what it needs
#   --more ARCHIVE    what initramfs.sh --more has made lies over the first file system
#   --subsystem       the Caliptra is part of a subsystem, which has an MCI
#   --polling         the device tree gives the driver no interrupt
#   --no-aliases      the device tree gives the mailboxes no numbers
#   --no-nodes        the device tree has no mailboxes: there are only the PCI functions
#   --tpm-pcrs LIST   the device tree says which PCRs are a TPM's
#   --generation G    the Caliptra is a 1.2, 2.0 or 2.1 (default: 2.1)
#   --firmware FOLDER the Caliptra boots the file image in it; the folder is in /root, too
#   --swtpm FOLDER    there is another TPM, a software one with its state in that folder
#   --pstore          a panic restarts the machine, with what its kernel has said in pstore
#   --interactive     no scenario but a prompt
#   --timeout SECONDS power the machine off after this time (default: 300)
set -euo pipefail

fail() {
	echo "machine.sh: error: $*" >&2
	exit 125
}

build=build/vm
kernel=6.12
append='' more='' subsystem='' polling='' no_aliases='' no_nodes='' tpm_pcrs='' interactive='' timeout=300
generation=2.1 firmware='' pstore='' tpm=''
while [[ ${1:-} == --* ]]; do
	case $1 in
	--kernel) kernel=$2 && shift ;;
	--append) append+=" $2" && shift ;;
	--more) more=$2 && shift ;;
	--subsystem) subsystem=1 ;;
	--polling) polling=1 ;;
	--no-aliases) no_aliases=1 ;;
	--no-nodes) no_nodes=1 ;;
	--tpm-pcrs) tpm_pcrs=$2 && shift ;;
	--generation) generation=$2 && shift ;;
	--firmware) firmware=$2 && shift ;;
	--swtpm) tpm=$2 && shift ;;
	--pstore) pstore=1 ;;
	--interactive) interactive=1 timeout=0 ;;
	--timeout) timeout=$2 && shift ;;
	*) fail "There is no option $1." ;;
	esac
	shift
done
[[ $interactive || $# -gt 0 ]] || fail "Say which scenario to run."
[[ -e /opt/kernels/$kernel/vmlinuz ]] ||
	fail "There is no kernel $kernel to boot; tools/vm/kernel.sh makes it."

work=$(mktemp -d)
pids=()
clean_up() {
	((!${#pids[@]})) || kill "${pids[@]}" 2>/dev/null || true
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 143' HUP INT TERM

# QEMU always says this of a device that is not PCI Express.
no_warning() {
	grep -v 'Could not enable error recovery'
}

# wait_for_socket SOCKET PROGRAM waits for what the program that was started last opens.
wait_for_socket() {
	local tries
	for ((tries = 0; tries < 100; tries++)); do
		[[ ! -S $1 ]] || return 0
		kill -0 "${pids[-1]}" 2>/dev/null || break
		sleep 0.05
	done
	cat "$work/$2.log" >&2
	fail "$2 did not start."
}

# add_function SLOT SOCKET adds a PCI function of the software Caliptra. QEMU does not wait
# for writes; a read behind as many as fill a mailbox may take more than the 5 seconds after
# which it would read as ones.
add_function() {
	machine+=(-device "{\"driver\":\"vfio-user-pci\",\"addr\":\"$1\",\"x-msg-timeout\":60000,\"socket\":{\"type\":\"unix\",\"path\":\"$2\"}}")
}

# shellcheck source=machine.conf.sh
. tools/vm/machine.conf.sh
[[ ! $tpm ]] || add_tpm "$work/swtpm"
machine+=(-accel "tcg,thread=multi" -rtc base=utc
	-chardev "socket,id=control,path=$work/control")
[[ $pstore ]] || machine+=(-no-reboot)
add_function 1 "$work/vfio"
[[ ! $subsystem ]] || add_function 2 "$work/vfio-mci"
add_function 3 "$work/vfio-errors"

# the last one that it opens is the one to wait for
"$build/host/swcaliptra" --state "$work/state" --generation "$generation" --control "$work/control" -v \
	${firmware:+--image "$firmware/image"} --vfio "$work/vfio" ${subsystem:+--subsystem --vfio-mci "$work/vfio-mci"} --vfio-errors "$work/vfio-errors" \
	2>"$work/swcaliptra.log" &
pids+=($!)
wait_for_socket "$work/vfio-errors" swcaliptra
if [[ $tpm ]]; then
	swtpm socket --tpm2 --tpmstate "dir=$tpm" --ctrl "type=unixio,path=$work/swtpm" --seccomp action=none \
		>"$work/swtpm.log" 2>&1 &
	pids+=($!)
	wait_for_socket "$work/swtpm" swtpm
fi

initramfs=$build/initramfs.cpio arguments="console=ttyAMA0"
case $kernel in
debug | builtin)
	# It keeps a shadow of its memory, and tells of more than one mistake. The unit tests
	# that are in it would run first.
	machine+=(-m 1G)
	arguments+=" kasan_multi_shot"
	[[ $kernel == debug ]] || arguments+=" kunit.enable=0"
	;;
riscv64-*) initramfs=$build/riscv64/initramfs.cpio arguments="console=ttyS0" ;;
esac

tools/vm/device-tree.sh --kernel "$kernel" ${subsystem:+--subsystem} ${polling:+--polling} \
	${no_aliases:+--no-aliases} ${no_nodes:+--no-nodes} ${tpm_pcrs:+--tpm-pcrs "$tpm_pcrs"} ${tpm:+--tpm "$work/swtpm"} \
	"$work/machine.dtb"

# The end of the machine's first 512 MiB, which it does not change when it starts.
if [[ $pstore ]]; then
	log=/reserved-memory/ramoops@5ff00000
	fdtput -p -t x "$work/machine.dtb" $log reg 0 5ff00000 0 100000
	fdtput -t s "$work/machine.dtb" $log compatible ramoops
	fdtput -t x "$work/machine.dtb" $log record-size 20000
	fdtput -t x "$work/machine.dtb" ${log%/*} "#address-cells" 2
	fdtput -t x "$work/machine.dtb" ${log%/*} "#size-cells" 2
	fdtput "$work/machine.dtb" ${log%/*} ranges
fi

# A second archive lies over the first one.
mkdir -p "$work/files/root" "$work/files/lib/modules"
[[ $kernel == builtin ]] || find "$build/modules/$kernel" -name '*.ko' -exec cp -t "$work/files/lib/modules" {} +
if [[ $interactive ]]; then
	touch "$work/files/root/interactive"
else
	cp "$1" "$work/files/scenario"
	shift
	(($# == 0)) || cp -r "$@" "$work/files/root/"
fi
[[ ! $firmware ]] || cp -r "$firmware" "$work/files/root/firmware"
cp "$work/state"/{manufacturer-root,idevid-ecc384}.pem "$work/files/root/"
{
	cat "$initramfs" ${more:+"$more"}
	(cd "$work/files" && find . | cpio -o -H newc --quiet)
} >"$work/initramfs"

boot=("${machine[@]}" -kernel "/opt/kernels/$kernel/vmlinuz" -initrd "$work/initramfs" -dtb "$work/machine.dtb"
	-append "$arguments quiet loglevel=1 panic=-1 iomem=relaxed$append")
if [[ $interactive ]]; then
	echo "The machine boots; leave it with 'exit' or Ctrl-A X."
	"${boot[@]}" -serial mon:stdio -serial chardev:control 2> >(no_warning >&2)
	exit
fi
status=0
exec {out}> >(sed -u 's/\r//g' | tee "$work/output" | sed -u '/^@exit /d; /reboot: Power down/d')
reader=$!
# in the background, because Bash acts on a signal while it waits
timeout --kill-after=5 "$timeout" "${boot[@]}" -serial stdio -serial chardev:control </dev/null \
	>&"$out" 2> >(no_warning >&2) {out}>&- &
pids+=($!)
wait $! || status=$?
exec {out}>&-
wait "$reader" || true
result=$(sed -n 's/^@exit \([0-9]*\)$/\1/p' "$work/output" | tail -n 1)
if [[ ! $result ]]; then
	echo "--- last lines of the software Caliptra:" >&2
	tail -n 20 "$work/swcaliptra.log" >&2
	fail "The machine ended before its scenario did (status $status)."
fi
exit "$result"
