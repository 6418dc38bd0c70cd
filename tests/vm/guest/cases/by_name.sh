# No address is given: the name is looked for through bluetoothd, in the application and in the bootloader.
. /vm/case.sh

with_bluetoothd || fail "bluetoothd does not come up"
device secure application
otadfu update "$FIRMWARE/secure.zip" --name Thermo --transport l2cap --adapter hci0 -vvv >otadfu.log 2>&1
expect_status 0 $? "the update"
expect_application "$FIRMWARE/secure.bin"
