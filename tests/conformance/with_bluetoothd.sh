#!/bin/sh
# with_bluetoothd.sh FAKE_BLUETOOTHD SCENARIO COMMAND...: runs COMMAND on a system bus of its own,
# where FAKE_BLUETOOTHD reaches the devices of SCENARIO.
set -eu

command -v dbus-daemon >/dev/null || exit 77

bluetoothd=$1 scenario=$2
shift 2
dir=$(mktemp -d)
daemon=
trap 'if [ -n "$daemon" ]; then kill "$daemon"; wait "$daemon" || :; fi; rm -rf "$dir"' EXIT

mkfifo "$dir/address"
"$bluetoothd" "$scenario" "$dir" >"$dir/address" &
daemon=$!
read -r address <"$dir/address"

DBUS_SYSTEM_BUS_ADDRESS=$address "$@"
