# The client is killed in the middle and the device lives on; the next run makes it whole: kills TRANSPORT COUNT
#
# Two images in turn, so that each time the device has to be changed; each kill comes a little later in the talk.
. /vm/case.sh
transport=$1 count=$2

stack_for "$transport"
device secure application
killed=0
while [ "$killed" -lt "$count" ]; do
	killed=$((killed + 1))
	image=$FIRMWARE/turn$((killed % 2))
	# Emptied here, lest what the last one said be counted.
	: >killed.log
	update "$transport" "$image.zip" >>killed.log &
	wait_until 30 has_lines $((killed * 15)) killed.log || fail "run $killed says too little to be killed"
	killall -q -9 otadfu || fail "run $killed was over before it was killed"
	wait_until 5 is_gone otadfu || fail "run $killed cannot be killed"
	update "$transport" "$image.zip" >otadfu.log
	expect_status 0 $? "the run after kill $killed"
	wait_until 10 cmp -s "$image.bin" "$STATE/application.bin" || fail "after kill $killed the flash is not $image.bin"
done
echo "$count kills"
