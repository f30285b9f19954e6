# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
#
# How long did it take to boot, and of that the TPM and IMA to start, which measures and
# reads PCRs then; how much has IMA measured; and then files, each for the first time and
# once more. The file name says what the machine is called.
ima=/sys/kernel/security/ima
booted=$(cut -d ' ' -f 1 /proc/uptime)
mount -t securityfs securityfs /sys/kernel/security || exit
started=$(dmesg | awk '/initcall (caliptra_tpm_init|init_tis|init_ima)\+.* usecs/ { sum += $(NF - 1) } END { print sum + 0 }')
measured=$(cat $ima/runtime_measurements_count)
tpm=$(cat /sys/class/tpm/tpm0/device/../../of_node/compatible /sys/class/tpm/tpm0/device/of_node/compatible 2>/dev/null | tr '\0' ' ')
mkdir -p /root/measured || exit
echo "@boot $(cat name) $booted $started $measured ${tpm:-none}"
echo "@open $(cat name) $(./measure /root/measured) $(cat $ima/runtime_measurements_count)"
