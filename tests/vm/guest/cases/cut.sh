# The link is cut in the middle of the transfer: cut TRANSPORT legacy|secure
#
# With one attempt the loss is the end, told within a second; a second run goes on and the device is whole.
. /vm/case.sh
transport=$1 kind=$2
readonly DAY_MS=86400000

# Both in milliseconds of the day. The cut comes before any stack can know of it, and is never lost by a log, as
# the events of a busy adapter are by btmon.
cut_ms() { awk -F '[: ]' '/fault: link cut/ { printf "%d", (($1 * 60 + $2) * 60 + $3) * 1000 }' peripheral.log; }
reported_ms() { awk '/otadfu: / { said = $1 } END { printf "%d", said % 86400 * 1000 }' otadfu.log; }

# About half of what an image of 60 KiB takes, 244 or 20 bytes in a packet.
case $kind in
secure) writes=150 ;;
legacy) writes=1700 ;;
esac
stack_for "$transport"
device "$kind" application "faults: { cut_after_writes: $writes }"
echo 'connect: { attempts: 1 }' >once.yaml

{
	update "$transport" "$FIRMWARE/$kind.zip" --profile once.yaml
	echo "status $?"
} | ts %.s >otadfu.log
says 'fault: link cut' peripheral.log || fail "the link was not cut: $(tail -n 2 otadfu.log)"
says ' status 1$' otadfu.log || fail "the update that was cut ended with$(tail -n 1 otadfu.log | sed 's/^[^ ]*//')"
late_ms=$((($(reported_ms) - $(cut_ms) + DAY_MS) % DAY_MS))
[ "$late_ms" -le 1000 ] || fail "the loss was reported $late_ms ms after the cut"

update "$transport" "$FIRMWARE/$kind.zip" >again.log
expect_status 0 $? "the second run"
expect_adapter
expect_application "$FIRMWARE/$kind.bin"
echo "reported $late_ms ms after the cut"
