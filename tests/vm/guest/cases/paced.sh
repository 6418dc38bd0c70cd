# The air falls silent in the middle of write commands: paced TRANSPORT. Of those that it has accepted no more are
# missing than may wait in the kernel, 13, and in a controller of 3 buffers. What has come before, the peer reads in
# peace.
. /vm/case.sh
transport=$1
readonly COUNT=4000 CUT_AFTER=1500 WAITING_MAX=16

# sum_of accepted|delivered
sum_of() { sed -n "s/^$APPLICATION .*$1 \([0-9]*\).*/\1/p" otadfu.log; }

air_controller=vhci,acl=251:3
start_controllers air 2 --cut "$CUT_AFTER" || fail "no air"
stack_for "$transport"
test_service hci1 "$APPLICATION"
# The peer's own cut would come in a minute.
push --plugins "$PLUGINS" --transport "$transport" --adapter hci0 --count "$COUNT" --cut-after 60000 \
	--peer "$APPLICATION/random" >otadfu.log 2>&1
expect_status 0 $? "push"
accepted=$(sum_of accepted) delivered=$(sum_of delivered)
[ "$delivered" -gt 0 ] && [ "$accepted" -lt "$COUNT" ] ||
	fail "the link was not lost in the middle: $accepted, $delivered"
[ $((accepted - delivered)) -le "$WAITING_MAX" ] || fail "$accepted were accepted, $delivered delivered"
echo "$accepted accepted, $delivered delivered"
