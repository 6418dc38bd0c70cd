#!/usr/bin/env bash
# The main job, twice: run.sh OTADFU MAKE_PACKAGE DIRECTORY
set -euo pipefail
program=$1 make_package=$2 directory=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

mkdir -p "$directory"
cd "$directory"
cp "$here"/*.yaml .
[[ -f secure.zip ]] || "$make_package" secure.zip --protocol secure --random 40960:1 \
	--hw-version 52 --sd-req 0x0100 --app-version 2 --generate-key private.pem \
	--public-key-out public.pem
[[ -f legacy.zip ]] || "$make_package" legacy.zip --protocol legacy --random 16384:2 --sd-req 0x0087

echo "A signed package for an nRF52840 with a secure bootloader (SDK 17.1), found in its application:"
"$program" update secure.zip -a C0:FF:EE:00:00:01 --profile nrf52-secure --transport sim \
	--adapter secure.yaml
echo
echo "A package for an nRF51822 with a legacy bootloader (SDK 11), found in its application:"
"$program" update legacy.zip -a C0:FF:EE:00:00:02 --profile nrf51-legacy --transport sim \
	--adapter legacy.yaml
