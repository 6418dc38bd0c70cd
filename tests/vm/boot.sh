#!/usr/bin/env bash
# Boots the guest and ends with its status: boot.sh SECONDS KERNEL INITRD WORD [ARGUMENT...]
#
# The words go to the guest's init; its console comes out here. 124: not ready after SECONDS, 125: it went
# away without a status.
set -euo pipefail
limit=$1 kernel=$2 initrd=$3
shift 3

# Written by the guest to its debug port; see guest/init. QEMU's own failure is 1 and can't be mistaken.
readonly STATUS_BASE=16

# q35, since microvm hangs now and then; the TSC of an emulated processor is no clock to trust.
status=0
timeout --foreground "$limit" qemu-system-x86_64 -accel tcg -M q35 -cpu max -smp 1 -m 512 \
	-nodefaults -no-reboot -display none -serial stdio -monitor none \
	-device isa-debug-exit,iobase=0x501,iosize=1 \
	-kernel "$kernel" -initrd "$initrd" \
	-append "console=ttyS0 quiet loglevel=3 panic=-1 tsc=unstable mitigations=off \
cryptomgr.notests -- $*" </dev/null || status=$?

if ((status == 124)); then
	echo "the guest was not ready after $limit s" >&2
	exit 124
elif ((status & 1)) && ((status >> 1 >= STATUS_BASE)); then
	exit $(((status >> 1) - STATUS_BASE))
fi
echo "the guest ended without a status (qemu: $status)" >&2
exit 125
