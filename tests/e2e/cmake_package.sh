#!/bin/sh
# cmake_package.sh CMAKE BUILD WORK
#
# What a firmware's build does: find_package(otadfu), otadfu_package(), and a package comes out,
# anew when the firmware changes, and no build when it cannot be made. All names hold a space.
set -eu

cmake=$1 build=$2 work=$3
prefix="$work/the prefix"

rm -rf "$work"
mkdir -p "$work/the firmware"
cd "$work"
"$cmake" --install "$build" --prefix "$prefix" >install.log

cat >'the firmware/CMakeLists.txt' <<'END'
cmake_minimum_required(VERSION 3.20)
project(thermo LANGUAGES NONE)
find_package(otadfu REQUIRED)
# A compiler and objcopy, in a firmware that does something.
add_custom_command(OUTPUT "the thermo.hex" DEPENDS linked.hex
	COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_SOURCE_DIR}/linked.hex "the thermo.hex")
otadfu_package(thermo HEX "the thermo.hex" PROFILE "the thermo.yaml" ARGUMENTS --app-version 1.2.3)
otadfu_package(elsewhere HEX "the thermo.hex" PROFILE "the thermo.yaml" OUTPUT "signed elsewhere.zip"
	ARGUMENTS --app-version 1.2.3
		--signer "true; openssl pkeyutl -sign -inkey 'the key.pem' -in /dev/stdin")
END
cat >'the firmware/the thermo.yaml' <<'END'
protocol: secure
package: { hw_version: 52, sd_req: 0x0100, key: the key.pem }
END
write_hex() { printf ':020000040002F8\n:08700000004000202170020095\n:00000001FF\n' | sed "$1"; }
write_hex '' >'the firmware/linked.hex'
"$prefix/bin/otadfu" keys make 'the firmware/the key.pem'
"$prefix/bin/otadfu" keys show 'the firmware/the key.pem' >public.pem

"$cmake" -S 'the firmware' -B out -DCMAKE_PREFIX_PATH="$prefix" >configure.log
"$cmake" --build out
"$prefix/bin/otadfu" pkg verify out/thermo.zip --key public.pem >verified
grep -q 'firmware version   10203' verified
cp out/thermo.zip first.zip
"$prefix/bin/otadfu" pkg verify 'out/signed elsewhere.zip' --key public.pem

# The same again: nothing is made. A changed firmware: another package.
"$cmake" --build out >again.log
cmp first.zip out/thermo.zip
write_hex 's/:08700000004000202170020095/:0870000000400020257002009 1/; s/ //' >'the firmware/linked.hex'
"$cmake" --build out
if cmp -s first.zip out/thermo.zip; then
	echo "a changed firmware did not make another package" >&2
	exit 1
fi

# One that cannot be made ends the build.
echo 'protocol: secure' >'the firmware/the thermo.yaml'
if "$cmake" --build out >failed.log 2>&1; then
	echo "a package that cannot be made did not end the build" >&2
	exit 1
fi
grep -q 'a secure package states' failed.log
