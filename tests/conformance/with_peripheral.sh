#!/bin/sh
# with_peripheral.sh PERIPHERAL SCENARIO ADDRESS COMMAND...: runs COMMAND, with a folder as --adapter,
# while PERIPHERAL, an otadfu-peripheral on a socket, is the device of SCENARIO in that folder.
set -eu

peripheral=$1 scenario=$2 address=$3
shift 3
dir=$(mktemp -d)
device=
trap 'if [ -n "$device" ]; then kill "$device"; wait "$device" || :; fi; rm -rf "$dir"' EXIT

"$peripheral" --hci "$dir/$address" --scenario "$scenario" 2>"$dir/log" &
device=$!
"$@" --adapter "$dir" || {
	status=$?
	cat "$dir/log"
	exit $status
}
