#!/usr/bin/env bash
# What a 60,788-byte secure update costs, against the limits we set ourselves: run.sh BUILD
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
"$build/tests/bench/measure" 20 "$build/bin/otadfu" update app.zip -a C0:FF:EE:00:00:01 \
	--profile nrf52-secure --transport sim --adapter secure.yaml >figures

awk 'BEGIN { limit["cpu_ms"] = 50; limit["peak_mib"] = 12; limit["first_line_ms"] = 20 }
	{ printf "%-14s %6.1f of at most %g%s\n", $1, $2, limit[$1], $2 < limit[$1] ? "" : "  EXCEEDED"
	  failed += !($2 < limit[$1]) }
	END { exit failed > 0 }' figures
