# What the cases have in common. A case is a script that runs in a folder of its own; it is green if it ends with
# status 0, and skipped with 77. What it says last is its reason; every NAME.log it leaves is shown if it fails.
. /vm/stack.sh

# Where there are two devices, each has a script that runs with its own. A bootloader advertises at the next address.
readonly CONTROLLER=${CONTROLLER:-hci1} FIRMWARE=/vm/firmware PLUGINS=/otadfu/lib/otadfu/plugins
readonly APPLICATION=${APPLICATION:-C0:FF:EE:00:00:01}
readonly BOOTLOADER=${APPLICATION%1}2
readonly STATE=state/$(echo "$APPLICATION" | tr : -)

fail() {
	echo "$*"
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

# stack_for TRANSPORT [with|without]: bluetoothd, which all but bluez can do without
stack_for() {
	case ${2:-$1} in
	with | bluez) with_bluetoothd ;;
	*) without_bluetoothd ;;
	esac || fail "hci0 does not come up"
}

# device legacy|secure application|bootloader [YAML...]: the peripheral, on the air, at $address; more
# of the device as YAML
device() {
	local bootloader=$1 mode=$2
	shift 2
	case $mode in
	application) address=$APPLICATION ;;
	bootloader) address=$BOOTLOADER ;;
	esac
	{
		printf 'state: %s\ndevices:\n  - address: %s\n' "$PWD/state" "$APPLICATION"
		echo "    mode: $mode"
		device_kind "$bootloader"
		for line in "$@"; do echo "    $line"; done
	} >device.yaml
	otadfu-peripheral --hci "$CONTROLLER" --scenario device.yaml 2>peripheral.log &
	peripheral=$!
	wait_until 10 says "advertising as $address" peripheral.log || fail "the peripheral does not advertise"
}

device_kind() {
	case $1 in
	secure)
		cat <<-END
			    name: Thermo
			    hardware: nrf52840
			    bootloader: secure
			    sdk: "17.1"
			    buttonless: unbonded
			    public_key: $FIRMWARE/${key:-public.pem}
		END
		;;
	legacy)
		cat <<-END
			    name: Heart
			    hardware: nrf51822
			    bootloader: legacy
			    sdk: "11"
			    buttonless: legacy
			    softdevice: ${softdevice:-0x0087}
		END
		;;
	esac
}

# test_service CONTROLLER ADDRESS: what "otadfu plugins --check" wants. No link of its own delays what the controller
# has taken.
test_service() {
	cat >"$1.yaml" <<-END
		link: { interval_ms: 7.5, packets_per_event: 64 }
		devices:
		  - { mode: conformance, address: $2 }
	END
	otadfu-peripheral --hci "$1" --scenario "$1.yaml" 2>"$1.log" &
	wait_until 10 says "advertising as $2" "$1.log" || fail "the peripheral at $1 does not advertise"
}

# Its folder is written for good when it ends.
stop_device() {
	kill "$peripheral"
	wait "$peripheral"
}

# update TRANSPORT PACKAGE [ARGUMENT...]
update() {
	local transport=$1 package=$2
	shift 2
	otadfu update "$package" -a "$address/random" --transport "$transport" --adapter hci0 -vvv "$@" 2>&1
}

# as_user COMMAND...: by somebody who is nobody in particular, and has no capability
as_user() {
	su user -c "[ \"\$(id -u)\" = 1000 ] && grep -q '^CapEff:.0*\$' /proc/self/status && exec $*"
}

# expect_status WANTED STATUS WHAT
expect_status() { [ "$2" -eq "$1" ] || fail "$3 ended with status $2 instead of $1: $(tail -n 1 otadfu.log)"; }

# expect_words PATTERN...: otadfu said each of them, on one line or another
expect_words() {
	local words
	for words in "$@"; do
		says "$words" otadfu.log || fail "nobody says '$words': $(tail -n 1 otadfu.log)"
	done
}

# Whoever took hci0 from the kernel has given it back, up.
expect_adapter() {
	is_up hci0 || fail "hci0 is not back with the kernel"
}

# expect_application FILE: the device runs it, byte for byte
expect_application() {
	stop_device
	cmp "$1" "$STATE/application.bin" >cmp.log 2>&1 || fail "the flash of the device is not $1"
}
