# A whole update on an air with intervals and a supervision timeout: air TRANSPORT. In the middle the link falls
# silent; the same run goes on. The controllers know extended commands.
. /vm/case.sh
transport=$1

start_controllers air 2 || fail "no air"
stack_for "$transport"
device secure application
: >otadfu.log
update "$transport" "$FIRMWARE/turn0.zip" >>otadfu.log &
client=$!
wait_until 60 has_lines 120 otadfu.log || fail "the transfer does not begin"
tell_air "cut $BOOTLOADER"
wait "$client"
expect_status 0 $? "the update"
expect_adapter
expect_application "$FIRMWARE/turn0.bin"
