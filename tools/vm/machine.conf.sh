# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
#
# The test machine for the kernel whose name is in the variable kernel, as far as its
# device tree depends on it.
case $kernel in
riscv64-*)
	machine=(qemu-system-riscv64 -machine virt -smp 2 -m 512M -nodefaults -nographic)
	overlays=(qemu-riscv-virt-caliptra) nodes=(caliptra@40000000)
	interrupt_parent=/soc/interrupt-controller@c000000
	;;
*)
	machine=(qemu-system-aarch64 -machine virt -cpu cortex-a57 -smp 2 -m 512M -nodefaults -nographic)
	overlays=(qemu-virt-caliptra) nodes=(caliptra@10000000) interrupt_parent=
	;;
esac
# add_tpm SOCKET adds swtpm, which is controlled through that socket.
add_tpm() {
	machine+=(-chardev "socket,id=tpm,path=$1" -tpmdev "emulator,id=tpm,chardev=tpm"
		-device "tpm-tis-device,tpmdev=tpm")
}
