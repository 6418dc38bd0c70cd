# The link is cut in the middle of the transfer and the same run ends well: survive TRANSPORT legacy|secure
. /vm/case.sh
transport=$1 kind=$2

# About half of what an image of 60 KiB takes, 244 or 20 bytes in a packet.
case $kind in
secure) writes=150 ;;
legacy) writes=1700 ;;
esac
stack_for "$transport"
device "$kind" application "faults: { cut_after_writes: $writes }"
update "$transport" "$FIRMWARE/$kind.zip" >otadfu.log
expect_status 0 $? "the update"
says 'fault: link cut' peripheral.log || fail "the link was not cut"
expect_adapter
expect_application "$FIRMWARE/$kind.bin"
