#!/usr/bin/env bash
# What an update and an inspection cost, against the limits we set ourselves: run.sh BUILD
set -euo pipefail
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --build "$build" --target measure >/dev/null
cd "$work"
cp "$here/../demo/secure.yaml" .
"$build/tests/tools/make_package" app.zip --protocol secure --random 60788:1 --hw-version 52 \
	--sd-req 0x0100 --app-version 2 --generate-key private.pem --public-key-out public.pem
"$build/tests/tools/make_package" large.zip --protocol legacy --random 524288:1 --app-out large.bin
objcopy -I binary -O ihex --change-addresses 0x26000 large.bin large.hex

# judge TITLE CPU_MS PEAK_MIB FIRST_LINE_MS PROGRAM...: each at most so much
failed=0
judge() {
	echo "$1"
	"$build/tests/bench/measure" 20 "${@:5}" >figures
	awk -v cpu_ms="$2" -v peak_mib="$3" -v first_line_ms="$4" '
		BEGIN { limit["cpu_ms"] = cpu_ms; limit["peak_mib"] = peak_mib
			limit["first_line_ms"] = first_line_ms }
		{ over = $2 >= limit[$1]; failed += over
		  printf "  %-14s %6.1f of at most %g%s\n", $1, $2, limit[$1], over ? "  EXCEEDED" : "" }
		END { exit failed > 0 }' figures || failed=1
}

judge "secure update of 60,788 bytes, virtual clock" 50 12 20 \
	"$build/bin/otadfu" update app.zip -a C0:FF:EE:00:00:01 --profile nrf52-secure \
	--transport sim --adapter secure.yaml
judge "inspect of a 512 KiB HEX" 20 24 20 "$build/bin/otadfu" inspect large.hex
exit $failed
