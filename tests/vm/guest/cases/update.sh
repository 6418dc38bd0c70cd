# A whole update: update TRANSPORT legacy|secure application|bootloader [bluetoothd]
. /vm/case.sh
transport=$1 kind=$2 mode=$3

if [ "${4:-}" = bluetoothd ]; then with_bluetoothd; else without_bluetoothd; fi || fail "hci0 does not come up"
device "$kind" "$mode"
update "$transport" "$FIRMWARE/$kind.zip" >otadfu.log
expect_status 0 $? "the update"
expect_application "$FIRMWARE/$kind.bin"
