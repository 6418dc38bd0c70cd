#!/usr/bin/env bash
# Runs the tests that need a real Bluetooth stack, in an emulated machine: run.sh BUILD [PATTERN]
#
# BUILD is a build directory, all built; PATTERN names the cases to run, as 'update-*'. The status is that of the
# guests: 1 if a case failed. Kernels and the guests' system are kept in OTADFU_VM_CACHE, else in BUILD/vm.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "$1" && pwd) pattern=${2:-'*'}
cache=${OTADFU_VM_CACHE:-$build/vm}
mkdir -p "$cache/kernels"
cache=$(cd "$cache" && pwd)
work=$(mktemp -d -p "$cache")
trap 'stop_guests; rm -rf "$work"' EXIT

readonly SELFCHECK_SECONDS=60 CASES_SECONDS=660
# Of guest/selfcheck.sh; and of boot.sh where a kernel hangs or dies.
readonly GOOD=0 UNFIT=20 HANGS=124 DIES=125

# The groups of processes of the guests that run in the background, which no interrupt from the keyboard reaches.
others=()
stop_guests() {
	local guest
	for guest in "${others[@]}"; do kill -- "-$guest" 2>/dev/null || true; done
}

# pack_initrd KERNEL_DIR
pack_initrd() { cat "$cache/base.cpio.gz" "$1/modules.cpio.gz" "$work/project.cpio.gz" >"$work/initrd"; }

# try_kernel VERSION DIR: fetches it and sets verdict to "good" or what is wrong. What is certain is kept in
# DIR/verdict; that a guest hung or died may be this machine's fault.
try_kernel() {
	local version=$1 directory=$2 status=0
	verdict="cannot be had"
	rm -rf "$directory"
	"$here/kernel.sh" get "$version" "$directory" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		return
	}
	pack_initrd "$directory"
	"$here/boot.sh" "$SELFCHECK_SECONDS" "$directory/vmlinux" "$work/initrd" selfcheck \
		>"$work/log" 2>&1 || status=$?
	case $status in
	"$GOOD") verdict=good ;;
	"$UNFIT") verdict=$(grep -aE 'corruption|BUG|Oops|protection' "$work/log" | tail -n 1) ;;
	"$HANGS" | "$DIES") verdict=$(tail -n 1 "$work/log") ;;
	*)
		# Another kernel would not help.
		cat "$work/log" >&2
		echo "the self-check fails, and not for the kernel" >&2
		rm -r "$directory"
		exit 1
		;;
	esac
	[[ $verdict == good ]] || rm "$directory"/{vmlinux,modules.cpio.gz}
	[[ $status != "$GOOD" && $status != "$UNFIT" ]] || echo "$verdict" >"$directory/verdict"
}

# Sets kernel to the directory of the first one that is fit.
choose_kernel() {
	local version verdict
	for version in $("$here/kernel.sh" list); do
		kernel=$cache/kernels/$version
		if [[ -s $kernel/verdict ]]; then
			verdict=$(<"$kernel/verdict")
		else
			try_kernel "$version" "$kernel"
		fi
		echo "kernel $version: $verdict"
		[[ $verdict != good ]] || return 0
	done
	echo "no kernel passes the self-check; after 'apt-get update' there may be others" >&2
	exit 1
}

# Sets guests to those that have a case of that name. In guest 0 is what measures: only by its name, and alone.
choose_guests() {
	local name guest
	guests=()
	while read -r name guest _; do
		# shellcheck disable=SC2053 # a pattern
		[[ $name == $pattern && " ${guests[*]} " != *" $guest "* ]] || continue
		[[ $guest == 0 && $pattern == '*' ]] || guests+=("$guest")
	done < <(grep -v '^#' "$here/guest/cases.list")
	((${#guests[@]})) || {
		echo "no case is named $pattern; they stand in $here/guest/cases.list" >&2
		exit 2
	}
}

# All at once, since they mostly wait; the first is watched, what the others say comes after it.
run_guests() {
	local guest failed=0
	local boot=("$here/boot.sh" "$CASES_SECONDS" "$kernel/vmlinux" "$work/initrd" cases)
	for guest in "${guests[@]:1}"; do
		setsid "${boot[@]}" "$guest" "$pattern" >"$work/guest$guest.log" 2>&1 &
		others+=($!)
	done
	"${boot[@]}" "${guests[0]}" "$pattern" || failed=1
	for guest in "${guests[@]:1}"; do
		wait "${others[0]}" || failed=1
		others=("${others[@]:1}")
		cat "$work/guest$guest.log"
	done
	return "$failed"
}

choose_guests
"$here/image.sh" base "$cache/base.cpio.gz"
"$here/image.sh" project "$build" "$work/project.cpio.gz"
choose_kernel
pack_initrd "$kernel"
run_guests
