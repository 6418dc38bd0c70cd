#!/usr/bin/env bash
# What the ways to a radio cost, on virtual controllers: radio.sh BUILD. Only ratios within one run tell anything.
set -euo pipefail
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TIMEFORMAT="%R s, %U s of CPU as a user and %S s in the kernel"
readonly COUNT=2000 ROUNDS=3 ADDRESS=C0:FF:EE:00:00:01 BTVIRT=/tmp/bt-server-le
cmake --build "$build" --target flood >/dev/null
work=$(mktemp -d)
cd "$work"
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT

# wait_for PATTERN FILE
wait_for() {
	local tries
	for tries in {1..100}; do
		grep -q "$1" "$2" 2>/dev/null && return
		sleep 0.1
	done
	echo "no '$1' in 10 s" >&2
	exit 1
}

# peripheral CONTROLLER SCENARIO
peripheral() {
	"$build/bin/otadfu-peripheral" --hci "$1" --scenario "$2" 2>peripheral.log &
	device=$!
	wait_for 'advertising as' peripheral.log
}

stop() {
	kill "$1"
	wait "$1" || true
}

# On an air that paces, hci beside a program that has nothing above the controller.
against_the_controller() {
	local air round
	"$build/tests/air/air" "unix:$work/air" >air.log 2>&1 &
	air=$!
	wait_for ready air.log
	cat >service.yaml <<-END
		link: { interval_ms: 7.5, packets_per_event: 64 }
		devices: [ { mode: conformance, address: "$ADDRESS" } ]
	END
	peripheral "unix:$work/air" service.yaml
	for ((round = 0; round < ROUNDS; round++)); do
		"$build/tests/bench/flood" "$work/air" "$ADDRESS" "$COUNT" >flooded
		"$build/tests/bench/push" --plugins "$build/lib/otadfu/plugins" --transport hci \
			--adapter "unix:$work/air" --count "$COUNT" --peer "$ADDRESS/random" >pushed
		cat flooded pushed >>all
	done
	stop "$device"
	stop "$air"
	awk -v rounds="$ROUNDS" '
		/^frames/ { controlled += $4 }
		/accepted_s/ { for (i = 1; i < NF; i++) if ($i == "accepted_s") ours += $(i + 1) }
		/^bytes/ { bytes += $2; cpu += $4; allocations += $8 }
		END {
			printf "  the controller takes %.1f kB/s, hci gives it %.1f kB/s: %.1f %%\n",
				bytes / controlled / 1000, bytes / ours / 1000, 100 * controlled / ours
			printf "  hci: %.0f ms of CPU per MB, %d allocations for %d packets\n",
				cpu * 1e6 / bytes, allocations, bytes / 244
		}' all
}

# Without any timing: what is left is what both ends compute.
update_on_btvirt() {
	local btvirt
	if ! command -v btvirt >/dev/null || pidof btvirt >/dev/null; then
		echo "  skipped: there is no btvirt, or another one runs, whose sockets have the same names"
		return
	fi
	LD_PRELOAD=$build/tests/e2e/libno_alg.so btvirt -s >btvirt.log 2>&1 &
	btvirt=$!
	"$build/tests/tools/make_package" app.zip --protocol secure --random 61440:1 --hw-version 52 \
		--sd-req 0x0100 --app-version 2 --generate-key private.pem --public-key-out public.pem
	cat >device.yaml <<-END
		clock: real
		state: $work/state
		devices:
		  - { address: "$ADDRESS", name: Thermo, hardware: nrf52840, bootloader: secure, sdk: "17.1",
		      mode: bootloader, public_key: public.pem }
	END
	sleep 0.5
	peripheral "unix:$BTVIRT" device.yaml
	{
		time "$build/bin/otadfu" update app.zip --transport hci --adapter "unix:$BTVIRT" --quiet \
			-a "$(sed -n 's/.*advertising as \([^ ]*\).*/\1/p' peripheral.log)"
	} 2>figures || cat figures
	sed 's/^/  /' figures
	stop "$device"
	stop "$btvirt"
}

echo "hci on a virtual air: $COUNT write commands of 244 bytes, $ROUNDS times each"
against_the_controller
echo "hci on btvirt: a secure update of 61,440 bytes"
update_on_btvirt
