# hci0 is switched off: down TRANSPORT down|rfkill. hci switches it on for itself, and off again; others say what
# to do.
. /vm/case.sh
transport=$1 way=$2

switch_off() {
	case $way in
	down) hciconfig hci0 down ;;
	rfkill) echo 1 >"$(rfkill_of hci0)" ;;
	esac
	wait_until 5 is_down hci0 || fail "hci0 stays up"
}

switch_on() {
	echo 0 >"$(rfkill_of hci0)"
	bring_up || fail "hci0 does not come up again"
}

stack_for "$transport"
device secure application
switch_off
update "$transport" "$FIRMWARE/secure.zip" >otadfu.log
status=$?
is_down hci0 || fail "hci0 was switched on"
switch_on

case $transport/$way in
hci/down)
	expect_status 0 "$status" "the update"
	expect_application "$FIRMWARE/secure.bin"
	;;
*/rfkill)
	expect_status 4 "$status" "the update"
	expect_words 'rfkill unblock bluetooth'
	;;
bluez/down)
	expect_status 4 "$status" "the update"
	expect_words 'bluetoothctl power on'
	;;
*)
	expect_status 4 "$status" "the update"
	expect_words 'hciconfig hci0 up'
	;;
esac
