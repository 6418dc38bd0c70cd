# gatttool holds a link to the device: held TRANSPORT. That is told in words, soon, and its link lives on.
. /vm/case.sh
. /vm/gatttool.sh
transport=$1

stack_for "$transport"
device secure application
start_gatttool "$address" || fail "gatttool cannot connect"
echo 'connect: { attempts: 1, timeout_ms: 6000 }' >once.yaml
update "$transport" "$FIRMWARE/secure.zip" --profile once.yaml >otadfu.log
status=$?
type_line characteristics
wait_until 5 says 'char value handle' gatttool.log || fail "gatttool has lost its link"
stop_gatttool
expect_status 1 "$status" "the update"
expect_words 'another program'
