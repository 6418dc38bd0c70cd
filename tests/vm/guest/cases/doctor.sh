# What is in the way, and what helps: doctor SITUATION
. /vm/case.sh
. /vm/gatttool.sh
situation=$1

# block_all 1|0
block_all() {
	for switch in /sys/class/rfkill/rfkill*/soft; do echo "$1" >"$switch"; done
}

doctor() { otadfu doctor "$@" >otadfu.log 2>&1; }

case $situation in
healthy)
	with_bluetoothd || fail "hci0 does not come up"
	doctor
	expect_status 0 $? "otadfu doctor"
	expect_words bluez l2cap hci gatttool 'bluetoothd.*5\.'
	;;
no-kernel)
	unload_bluetooth || fail "the kernel keeps its Bluetooth"
	doctor
	status=$?
	load_bluetooth && start_controllers le 2
	expect_status 4 "$status" "otadfu doctor"
	expect_words 'modprobe'
	;;
no-daemon)
	without_bluetoothd || fail "hci0 does not come up"
	doctor
	expect_status 0 $? "otadfu doctor"
	expect_words 'systemctl start bluetooth'
	;;
down)
	with_bluetoothd || fail "hci0 does not come up"
	hciconfig hci0 down
	doctor
	bring_up
	expect_words 'bluetoothctl power on'
	;;
rfkill)
	with_bluetoothd || fail "hci0 does not come up"
	block_all 1
	doctor
	status=$?
	block_all 0
	bring_up
	expect_status 4 "$status" "otadfu doctor"
	expect_words 'rfkill unblock bluetooth'
	;;
user)
	with_bluetoothd || fail "hci0 does not come up"
	as_user otadfu doctor >otadfu.log 2>&1
	expect_words 'setcap'
	;;
held)
	without_bluetoothd || fail "hci0 does not come up"
	device secure bootloader
	start_gatttool "$address" || fail "gatttool cannot connect"
	doctor -a "$address/random"
	status=$?
	stop_gatttool
	expect_words 'connected'
	;;
esac
