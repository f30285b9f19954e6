# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# shellcheck source=../vm/guest/caliptra.sh
. /lib/caliptra.sh
export CALIPTRA_CTL=/dev/ttyAMA1
load_driver && ./bench
