# What the cases have in common. A case is a script that runs in a folder of its own; it is green if it ends with
# status 0, and skipped with 77. What it says last is its reason; every NAME.log it leaves is shown if it fails.
. /vm/stack.sh

# A bootloader advertises at the next address.
readonly APPLICATION=C0:FF:EE:00:00:01 BOOTLOADER=C0:FF:EE:00:00:02
readonly STATE=state/C0-FF-EE-00-00-01 FIRMWARE=/vm/firmware

fail() {
	echo "$*"
	exit 1
}

skip() {
	echo "$*"
	exit 77
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
	otadfu-peripheral --hci hci1 --scenario device.yaml 2>peripheral.log &
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

# Its folder is written for good when it ends.
stop_device() { end otadfu-peripheral; }

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

# expect_application FILE: the device runs it, byte for byte
expect_application() {
	stop_device
	cmp "$1" "$STATE/application.bin" >cmp.log 2>&1 || fail "the flash of the device is not $1"
}
