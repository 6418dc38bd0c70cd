# The conformance suite against the test service: conformance TRANSPORT with|without, namely bluetoothd. An emulated
# machine is slow, so half a second is allowed where a deadline passes.
. /vm/case.sh

"$2_bluetoothd" || fail "hci0 does not come up"
otadfu-peripheral --hci hci1 --conformance --state "$PWD/state" 2>peripheral.log &
wait_until 10 says 'advertising as' peripheral.log || fail "the peripheral does not advertise"
otadfu plugins --check "$1" --adapter hci0 --peer "$APPLICATION/random" --slack 500 >otadfu.log 2>&1
expect_status 0 $? "the suite"
tail -n 1 otadfu.log
