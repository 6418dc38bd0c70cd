# The conformance suite against the test service: conformance TRANSPORT with|without, namely bluetoothd. An emulated
# machine is slow, so half a second is allowed where a deadline passes.
. /vm/case.sh

"$2_bluetoothd" || fail "hci0 does not come up"
test_service hci1 "$APPLICATION"
otadfu plugins --check "$1" --adapter hci0 --peer "$APPLICATION/random" --slack 500 >otadfu.log 2>&1
expect_status 0 $? "the suite"
tail -n 1 otadfu.log
