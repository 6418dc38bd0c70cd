#!/usr/bin/env bash
# The guest's kernel, as Debian ships it.
#
#   kernel.sh list               what apt offers, best first: 6.1.0-54-amd64 ...
#   kernel.sh get VERSION DIR    DIR/vmlinux and DIR/modules.cpio.gz; asks for no privilege, installs nothing
#
# Old versions leave the mirrors, and new ones bring new errors: none is pinned. Whoever takes one has to see
# whether it does (guest/selfcheck.sh). At the time of writing: 6.1.0-55 and -56 (6.1.192) do not, a process
# whose peer disconnects dies in hci_chan_del; -48 (6.1.172), -54 (6.1.190) and 6.12.117 do.
set -euo pipefail

# depmod and modprobe are kept from ordinary users' PATH.
PATH=$PATH:/usr/sbin:/sbin

# What BlueZ's virtual controllers need: a controller to speak through, and ciphers for btvirt.
readonly MODULES=(hci_vhci algif_hash algif_skcipher cmac ecb)

known_to_apt() {
	apt-cache search --names-only '^linux-image-[0-9.]+(-[0-9]+|[+]deb[0-9]+)-amd64$' |
		sed -n 's/^linux-image-\([^ ]*\) .*/\1/p' | sort -rV
}

# The series of Debian 12 comes first, since that is what its BlueZ was released with; then newer ones.
list() {
	local names
	names=$(known_to_apt)
	# A fresh machine may have no lists.
	if [[ -z $names ]] && ((EUID == 0)); then
		apt-get -q update >&2
		names=$(known_to_apt)
	fi
	grep '^6\.1\.' <<<"$names" || true
	grep -v '^6\.1\.' <<<"$names" || true
}

# unpack_package VERSION DIR: the package's files, below DIR/root
unpack_package() {
	local version=$1 directory=$2 sandbox=()
	# apt would fetch as a user that may not write here.
	((EUID != 0)) || sandbox=(-o APT::Sandbox::User=root)
	(cd "$directory" && apt-get "${sandbox[@]}" -q download "linux-image-$version")
	dpkg -x "$directory"/linux-image-*.deb "$directory/root"
}

# number FILE OFFSET BYTES: a little-endian number
number() { od -An -v -tu"$3" -j"$2" -N"$3" "$1" | tr -d ' '; }

# uncompress BZIMAGE VMLINUX: QEMU starts an uncompressed kernel 3 s sooner. See the kernel's
# Documentation/arch/x86/boot.rst for setup_sects, payload_offset and payload_length.
uncompress() {
	local image=$1 out=$2 sectors offset length
	sectors=$(number "$image" $((0x1f1)) 1)
	offset=$(number "$image" $((0x248)) 4)
	length=$(number "$image" $((0x24c)) 4)
	head -c $(((sectors + 1) * 512 + offset + length)) "$image" | tail -c "$length" >"$out.packed"
	local filter=cat
	case $(od -An -v -tx1 -N4 "$out.packed") in
	" fd 37 7a 58") filter="xz -dcq" ;;
	" 28 b5 2f fd") filter="zstd -dcq" ;;
	" 1f 8b "*) filter="gzip -dcq" ;;
	esac
	# The packers end in 4 bytes of length that are none of their own, and are grumbled at.
	$filter <"$out.packed" >"$out" 2>/dev/null || true
	rm "$out.packed"
	[[ $(head -c4 "$out") == $'\x7fELF' ]]
}

# pack_modules VERSION ROOT OUT: the modules and what they need, in the order to load them, as an initramfs
pack_modules() {
	local version=$1 root=$2 out=$3 stage module file order=()
	stage=$(mktemp -d)
	mkdir "$stage/modules"
	depmod -b "$root" "$version"
	for module in "${MODULES[@]}"; do
		while read -r _ file _; do
			[[ " ${order[*]} " == *" $file "* ]] || order+=("$file")
		done < <(modprobe -d "$root" -S "$version" --show-depends "$module" | grep '^insmod')
	done
	for file in "${order[@]}"; do
		module=$(basename "${file%.xz}")
		case $file in
		*.xz) xz -dc "$file" >"$stage/modules/$module" ;;
		*) cp "$file" "$stage/modules/$module" ;;
		esac
		echo "$module" >>"$stage/modules/order"
	done
	(cd "$stage" && find modules | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$out"
	rm -r "$stage"
}

get() {
	local version=$1 out=$2 work
	mkdir -p "$out"
	work=$(mktemp -d -p "$out")
	# shellcheck disable=SC2064 # of this call
	trap "rm -rf '$work'" EXIT
	unpack_package "$version" "$work"
	if ! uncompress "$work/root/boot/vmlinuz-$version" "$work/vmlinux"; then
		cp "$work/root/boot/vmlinuz-$version" "$work/vmlinux"
	fi
	pack_modules "$version" "$work/root" "$out/modules.cpio.gz"
	mv "$work/vmlinux" "$out/vmlinux"
}

case ${1:-} in
list) list ;;
get) get "$2" "$3" ;;
*)
	sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
	exit 2
	;;
esac
