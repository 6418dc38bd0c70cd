# One program has links to two devices on the air, and sends on both at once: two_links TRANSPORT
. /vm/case.sh
transport=$1

start_controllers air 3 || fail "no air"
stack_for "$transport"
test_service hci1 C0:FF:EE:00:00:01
test_service hci2 D0:FF:EE:00:00:01
push --plugins "$PLUGINS" --transport "$transport" --adapter hci0 --count 300 --peer C0:FF:EE:00:00:01/random \
	--peer D0:FF:EE:00:00:01/random >otadfu.log 2>&1
expect_status 0 $? "push"
expect_adapter
