#!/bin/sh
# with_air.sh FAKE_AIR SCENARIO COMMAND...: runs COMMAND while the devices of SCENARIO are there for
# fake_gatttool.
set -eu

fake_air=$1 scenario=$2
shift 2
dir=$(mktemp -d)
air=
trap 'if [ -n "$air" ]; then kill "$air"; fi; rm -rf "$dir"' EXIT

mkfifo "$dir/ready"
"$fake_air" "$scenario" "$dir/air" >"$dir/ready" &
air=$!
read -r ready <"$dir/ready"
[ "$ready" = ready ]

FAKE_AIR="$dir/air" "$@"
