# What an ordinary user can hear: scan with|without, namely bluetoothd. Without it an address is asked for, and it is
# the machine that lacks something.
. /vm/case.sh

"$1_bluetoothd" || fail "hci0 does not come up"
device secure application
as_user otadfu scan --seconds 3 --transport l2cap --adapter hci0 >otadfu.log 2>&1
status=$?
case $1 in
with)
	expect_status 0 "$status" "the scan"
	says "$address.*Thermo" otadfu.log || fail "the device is not in the list"
	;;
without)
	expect_status 4 "$status" "the scan"
	says 'address' otadfu.log || fail "nobody says that an address will do"
	;;
esac
