#!/usr/bin/env bash
# Simulated devices, updated by clients that others wrote: run.sh BUILD
# Exit status 77: nothing was tried, and why. The clients are fetched into BUILD once.
set -euo pipefail
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
at_once=6

skip() { printf 'foreign clients: SKIPPED: %s\n' "$*"; exit 77; }
command -v node >/dev/null || skip "node is missing (Debian package nodejs)"
command -v npm >/dev/null || skip "npm is missing (Debian package npm)"
node -e 'if (parseInt(process.versions.node) < 18) process.exit(1)' ||
	skip "node is older than 18: $(node --version)"

cmake --build "$build" --target foreign_bridge make_package otadfu >/dev/null
export bridge=$build/tests/foreign/foreign_bridge
mkdir -p "$build/foreign"
cd "$build/foreign"

# Scripts of packages are not run; of pc-nrf-dfu-js, its serial transports are not wanted.
cp "$here"/*.js "$here"/package*.json .
if ! cmp -s package-lock.json node_modules/fetched; then
	npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund --cache npm-cache
	cp package-lock.json node_modules/fetched
fi

# For the SoftDevices that the SDKs below bring.
"$build/tests/tools/make_package" app.zip --protocol secure --random 26000:1 \
	--sd-req 0x008C,0x009D,0x00B7,0x0101 --generate-key private.pem --public-key-out public.pem \
	--app-out image.bin --init-out init.dat
# The same image once more, packed by otadfu itself.
"$build/bin/otadfu" pkg make made.zip --overwrite --protocol secure --application image.bin \
	--hw-version 52 --sd-req 0x008C,0x009D,0x00B7,0x0101 --app-version 2 --key private.pem

# Neither client waits while the device erases the page of a new object: on a fast link both overrun
# its buffers (secure-dfu.md 8). On this one the erase is over before they are full, but for the
# first object from SDK 15 on, where settings are erased, too: web-bluetooth-dfu sends it again.
scenario() { # scenario SDK MODE BUTTONLESS
	cat <<-END
		clock: real
		state: state
		link: { interval_ms: 7.5, packets_per_event: 1 }
		devices:
		  - address: C0:FF:EE:00:00:01
		    hardware: nrf52832
		    bootloader: secure
		    sdk: "$1"
		    mode: $2
		    buttonless: $3
		    public_key: ../public.pem
	END
}

update() { # update CLIENT BUTTONLESS, in the folder of the case
	case $1 in
	pc-nrf-dfu-js+pkg-make)
		node ../pc_nrf_dfu.js "$bridge" scenario.yaml ../made.zip ;;
	web-bluetooth-dfu)
		node ../web_bluetooth_dfu.js "$bridge" scenario.yaml ../init.dat ../image.bin "$2" ;;
	pc-nrf-dfu-js)
		node ../pc_nrf_dfu.js "$bridge" scenario.yaml ../app.zip ;;
	esac
	cmp ../image.bin state/C0-FF-EE-00-00-01/application.bin
}

run_case() { # run_case CLIENT SDK BUTTONLESS; none: the device is in its bootloader
	local folder=$1-$2-$3 mode=application begin=$SECONDS
	[[ $3 != none ]] || mode=bootloader
	rm -rf "$folder"
	mkdir "$folder"
	cd "$folder"
	scenario "$2" "$mode" "$3" >scenario.yaml
	if timeout 60 bash -euc 'update "$@"' update "$1" "$3" >log 2>&1; then
		printf '%-22s SDK %-5s from its %-11s  the same flash, %2d s\n' "$1" "$2" "$mode" \
			$((SECONDS - begin))
	else
		printf '%-22s SDK %-5s from its %-11s  FAILED: %s\n' "$1" "$2" "$mode" "$PWD/log"
		tail -n 20 log
		return 1
	fi
}

# Lines for run_case. pc-nrf-dfu-js leaves the way into the bootloader to others.
cases() {
	local sdk
	for sdk in 12.2 14.1 15.3 17.1; do
		echo "pc-nrf-dfu-js $sdk none"
		echo "pc-nrf-dfu-js+pkg-make $sdk none"
		echo "web-bluetooth-dfu $sdk none"
		echo "web-bluetooth-dfu $sdk $([[ $sdk == 12.2 ]] && echo experimental || echo unbonded)"
	done
}

export -f scenario update run_case
cases | xargs -P "$at_once" -L 1 bash -euc 'run_case "$@"' run_case
