# What a transport costs on the air, beside the others: bench TRANSPORT. Its last line is the result: write commands of
# 244 bytes, and a whole secure update of 60 KiB.
. /vm/case.sh
transport=$1
readonly COUNT=1000 BYTES_PER_MB=1000000

start_controllers air 2 || fail "no air"
stack_for "$transport"
test_service hci1 "$APPLICATION"
push --plugins "$PLUGINS" --transport "$transport" --adapter hci0 --count "$COUNT" --peer "$APPLICATION/random" \
	>otadfu.log 2>&1
expect_status 0 $? "push"
pushed=$(awk -v mb="$BYTES_PER_MB" '
	/accepted_s/ { for (i = 1; i < NF; i++) if ($i == "told_s") seconds = $(i + 1) }
	/^bytes/ { printf "%.1f kB/s, %.0f ms of CPU per MB, %d allocations", $2 / seconds / 1000, $4 * mb / $2, $8 }' \
	otadfu.log)
end otadfu-peripheral

device secure bootloader
look_at_clock
begin_cs=$now_cs
update "$transport" "$FIRMWARE/secure.zip" >otadfu.log
expect_status 0 $? "the update"
look_at_clock
echo "write commands $pushed; update $(((now_cs - begin_cs) / 100)).$(((now_cs - begin_cs) / 10 % 10)) s"
