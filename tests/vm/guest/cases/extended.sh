# Controllers of the 5.2 type, which are asked by extended commands: extended TRANSPORT. btvirt's answer only who
# advertises by such commands himself: the peer is the kernel of the guest, with bluetoothd's services.
. /vm/case.sh
transport=$1
readonly PEER=00:AA:01:01:00:01

# btmgmt wants a keyboard.
mkfifo keyboard
exec 3<>keyboard
# to_peer WORD...
to_peer() { timeout 5 btmgmt --index 1 "$@" <&3 >>btmgmt.log 2>&1; }

start_controllers 5.2 2 && with_bluetoothd || fail "no controllers"
hciconfig hci1 up
# bluetoothd switches LE on when it has seen to the rest, and btmgmt's status does not tell a refusal.
advertise() {
	to_peer connectable on
	to_peer advertising on
	says 'Set Advertising complete' btmgmt.log
}
wait_until 10 advertise || fail "the peer does not advertise"
otadfu scan --seconds 2 --transport "$transport" --adapter hci0 >otadfu.log 2>&1
expect_status 0 $? "the scan"
expect_words "$PEER.*BlueZ"
otadfu info -a "$PEER/public" --transport "$transport" --adapter hci0 -vvv >otadfu.log 2>&1
expect_words 'Device Information' 'ATT MTU  *[25]'
expect_adapter
