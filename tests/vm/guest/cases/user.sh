# A whole update by an ordinary user: user TRANSPORT
. /vm/case.sh

without_bluetoothd || fail "hci0 does not come up"
device secure application
as_user otadfu update "$FIRMWARE/secure.zip" -a "$address/random" --transport "$1" --adapter hci0 -vvv >otadfu.log 2>&1
expect_status 0 $? "the update by a user"
expect_application "$FIRMWARE/secure.bin"
