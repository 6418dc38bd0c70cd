#!/usr/bin/env bash
# The guest's file system, as initramfs archives; the kernel unpacks any number, one after the other.
#
#   image.sh base OUT            the system: BusyBox, BlueZ, D-Bus. Made once for each set of their versions
#   image.sh project BUILD OUT   otadfu as installed from that build directory, firmware packages, test cases
#
# With OTADFU_SHARED in the environment the project's archive holds real firmware packages from there, too.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

readonly BASE_PACKAGES=(bluez bluez-test-tools busybox-static dbus libc6 libglib2.0-0 libreadline8)
readonly BASE_PROGRAMS=(/usr/bin/btvirt /usr/bin/btmon /usr/bin/btmgmt /usr/bin/hciconfig /usr/bin/gatttool
	/usr/libexec/bluetooth/bluetoothd /usr/bin/dbus-daemon /usr/bin/dbus-send)
# Of the build directory: the air between the controllers, and who sends on several links at once.
readonly TEST_PROGRAMS=(tests/air/air tests/bench/push)
readonly REAL_FIRMWARE=(nrf51422_sdk_11_app.zip nrf52840_sdk_17.1_app.zip nordic-sample-public-key.pem)

umask 022
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
# It becomes the guest's root, which is for everybody.
chmod 755 "$stage"

# add FILE...: with the libraries it loads, each where it is on this machine
add() {
	local file
	for file in "$@"; do
		install -D "$file" "$stage$file"
		add_libraries "$file"
	done
}

# add_libraries FILE: "not a dynamic executable" needs none
add_libraries() {
	local library
	while read -r library; do
		[[ -e $stage$library ]] || install -D "$library" "$stage$library"
	done < <({ ldd "$1" 2>/dev/null || true; } | grep -o '/[^ ]*')
}

# All files belong to root, whoever packs them.
pack() {
	(cd "$stage" && find . | sort | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$1.new"
	mv "$1.new" "$1"
}

base() {
	local out=$1 versions file
	versions=$(dpkg-query -W "${BASE_PACKAGES[@]}" && cat "${BASH_SOURCE[0]}")
	if [[ -f $out && $versions == "$(cat "$out.from" 2>/dev/null)" ]]; then return; fi

	mkdir -p "$stage"/{bin,sbin,dev,etc,proc,sys,run/dbus,tmp,root,home/user,var/lib/bluetooth,var/lib/dbus}
	chmod 1777 "$stage/tmp"
	ln -s /run "$stage/var/run"
	install /bin/busybox "$stage/bin/busybox"
	add "${BASE_PROGRAMS[@]}"
	for file in /usr/share/dbus-1/system.conf {/etc,/usr/share}/dbus-1/system.d/bluetooth.conf; do
		[[ ! -f $file ]] || install -D -m 644 "$file" "$stage$file"
	done
	accounts
	pack "$out"
	echo "$versions" >"$out.from"
}

# Who the services run as, and a user who is nobody in particular.
accounts() {
	cat >"$stage/etc/passwd" <<-'END'
		root:x:0:0:root:/root:/bin/sh
		messagebus:x:100:107::/nonexistent:/bin/false
		user:x:1000:1000::/home/user:/bin/sh
	END
	cat >"$stage/etc/group" <<-'END'
		root:x:0:
		lp:x:7:
		messagebus:x:107:
		bluetooth:x:108:
		user:x:1000:
	END
	echo 'passwd: files' >"$stage/etc/nsswitch.conf"
	echo 0123456789abcdef0123456789abcdef >"$stage/etc/machine-id"
}

project() {
	local build=$1 out=$2 file
	cmake --install "$build" --prefix "$stage/otadfu" >/dev/null
	rm -rf "$stage/otadfu/include" "$stage/otadfu/share/man"
	for file in "${TEST_PROGRAMS[@]}"; do install -D -t "$stage/otadfu/bin" "$build/$file"; done
	while read -r file; do add_libraries "$file"; done < <(find "$stage/otadfu" -type f -perm -u+x -o -name '*.so')
	install -D "$here/guest/init" "$stage/init"
	cp -r "$here/guest" "$stage/vm"
	packages "$build/tests/tools/make_package" "$stage/vm/firmware"
	pack "$out"
}

# packages MAKE_PACKAGE DIR: of a size that products have; the applications are random, thus don't compress
packages() {
	local make_package=$1 out=$2 file
	mkdir -p "$out"
	"$make_package" "$out/secure.zip" --protocol secure --random 61440:1 --hw-version 52 \
		--sd-req 0x0100 --app-version 2 --generate-key "$out/private.pem" \
		--public-key-out "$out/public.pem" --app-out "$out/secure.bin" --init-out "$out/secure.dat"
	for file in turn0 turn1; do
		"$make_package" "$out/$file.zip" --protocol secure --random "24576:${file#turn}" \
			--hw-version 52 --sd-req 0x0100 --app-version 2 --key "$out/private.pem" \
			--app-out "$out/$file.bin"
	done
	"$make_package" "$out/legacy.zip" --protocol legacy --random 61440:2 --sd-req 0x0087 \
		--app-out "$out/legacy.bin"
	# Few enough packets for a person to type.
	"$make_package" "$out/typed.zip" --protocol legacy --random 4096:3 --sd-req 0x0087 \
		--app-out "$out/typed.bin" --init-out "$out/typed.dat"
	for file in "${REAL_FIRMWARE[@]}"; do
		[[ ! -f ${OTADFU_SHARED:-}/firmware/$file ]] || cp "$OTADFU_SHARED/firmware/$file" "$out"
	done
}

case ${1:-} in
base) base "$2" ;;
project) project "$2" "$3" ;;
*)
	sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
	exit 2
	;;
esac
