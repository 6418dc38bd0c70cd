# bluetoothd is restarted in the middle of a transfer: restart TRANSPORT. The update goes on by itself.
. /vm/case.sh
transport=$1

with_bluetoothd || fail "hci0 does not come up"
device secure application
: >otadfu.log
update "$transport" "$FIRMWARE/secure.zip" >>otadfu.log &
client=$!
wait_until 30 has_lines 200 otadfu.log || fail "the transfer does not begin"
end bluetoothd
with_bluetoothd || fail "bluetoothd does not come up again"
wait "$client"
expect_status 0 $? "the update"
expect_application "$FIRMWARE/secure.bin"
