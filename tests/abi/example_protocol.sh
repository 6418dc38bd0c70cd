#!/bin/sh
# example_protocol.sh CMAKE BUILD DOCDIR MAKE_PACKAGE WORK
#
# What a vendor does: install otadfu, copy the example out of the installed documentation, build it
# against that prefix, list it, update a device with it. Everything outside the source tree.
set -eu

cmake=$1 build=$2 docdir=$3 make_package=$4 work=$5
prefix=$work/prefix

rm -rf "$work"
mkdir -p "$work"
cd "$work"
umask 022 # the loader refuses plugins that everyone may write

"$cmake" --install "$build" --prefix "$prefix" >install.log
cp -r "$prefix/$docdir"/example_protocol vendor
"$cmake" -S vendor -B plugins -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_FLAGS=-Werror >configure.log
"$cmake" --build plugins >build.log
"$make_package" package.zip --protocol legacy --random 3000 --app-out firmware.bin

otadfu() {
	"$prefix/bin/otadfu" "$@"
}

# The device cannot store the image: the update fails, and the last word is to forget it.
fail_and_forget() {
	if otadfu update package.zip -a C0:FF:EE:00:00:01 --transport example_peer -vvv \
		--set example_peer.flash=/nowhere/flash.bin --plugin-path plugins >talk 2>&1; then
		echo "an update that cannot be stored was reported as done" >&2
		exit 1
	fi
	grep -q 'the device cannot do that now' talk
	grep -q 'write 0001 05$' talk
}

update() {
	rm -f flash.bin
	otadfu update package.zip -a C0:FF:EE:00:00:01 --transport example_peer \
		--set example_peer.flash="$work/flash.bin" "$@"
	cmp firmware.bin flash.bin
}

# Named on the command line; by the environment; overrunning the device, which drops what it cannot
# buffer; installed beside the plugins that came with otadfu, and found by probing.
otadfu plugins example --plugin-path plugins | tee listing
grep -q burst listing
update --protocol example --plugin-path plugins
OTADFU_PLUGIN_PATH=$work/plugins update --protocol example
update --protocol example --plugin-path plugins --set example.burst=20
fail_and_forget
"$cmake" --install plugins --prefix "$prefix" >>install.log
update
