# Nobody names a transport: auto with|without WANTED. With -v the choice is told, and why not another.
. /vm/case.sh
wanted=$2

"$1_bluetoothd" || fail "hci0 does not come up"
device secure bootloader
otadfu update "$FIRMWARE/secure.zip" -a "$address/random" -v >otadfu.log 2>&1
expect_status 0 $? "the update"
expect_words "transport $wanted"
[ "$1" = with ] || expect_words 'bluetoothd'
expect_adapter
expect_application "$FIRMWARE/secure.bin"
