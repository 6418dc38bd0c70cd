#!/bin/sh
# on_virtual_air.sh AIR PERIPHERAL ADDRESS COMMAND...: runs COMMAND, with a controller of AIR as
# --adapter, while PERIPHERAL with another is the test service at ADDRESS.
set -eu

air=$1 peripheral=$2 address=$3
shift 3
dir=$(mktemp -d)
running=
trap 'for pid in $running; do kill "$pid"; wait "$pid" || :; done; rm -rf "$dir"' EXIT

mkfifo "$dir/ready"
"$air" --packets-per-event 4 --log "$dir/air.log" "unix:$dir/air" </dev/null >"$dir/ready" &
running=$!
read -r ready <"$dir/ready"
[ "$ready" = ready ]
"$peripheral" --hci "unix:$dir/air" --conformance --address "$address" --state "$dir/state" \
	2>"$dir/log" &
running="$! $running"
"$@" --adapter "unix:$dir/air" || {
	status=$?
	cat "$dir/log" "$dir/air.log"
	exit $status
}
