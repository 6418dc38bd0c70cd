# The test cases of a guest, one after the other: cases.sh GUEST PATTERN. One line for each; the status is 1 if one
# failed. Of a case that fails, what its programs said follows.
. /vm/stack.sh
readonly GUEST=$1 PATTERN=$2
readonly SKIPPED=77 TIMED_OUT=143 LINES_SHOWN=60

# What a case leaves running would disturb the next one, and is a defect if it is otadfu's or its child. So would
# what bluetoothd remembers of an address.
tidy() {
	left=
	for program in otadfu gatttool; do
		is_gone "$program" || left="$left $program"
	done
	end otadfu gatttool push otadfu-peripheral btmon bluetoothd
	rm -rf /var/lib/bluetooth/*
}

show() {
	[ -s "$1" ] || return
	echo "--- ${1##*/}"
	tail -n "$LINES_SHOWN" "$1" | cut -c 1-200
}

show_logs() {
	local file
	btmon -T -r "$1/hci.snoop" >"$1/btmon.log" 2>/dev/null
	cp /run/bluetoothd.log "$1" 2>/dev/null
	dmesg >"$1/dmesg.log"
	for file in "$1"/*.log "$1"/*/*.log; do show "$file"; done
}

# judge STATUS FOLDER: sets word and remark, which is what the case said last
judge() {
	word=FAIL remark=$(tail -n 1 "$2/said")
	if ! kernel_is_sound; then
		remark="the kernel has an error"
	elif [ "$1" -eq "$TIMED_OUT" ]; then
		remark="not ready in time"
	elif [ "$1" -eq "$SKIPPED" ]; then
		word=skip
	elif [ "$1" -eq 0 ] && [ -n "$left" ]; then
		remark="still running:$left"
	elif [ "$1" -eq 0 ]; then
		word=ok
	fi
}

# run NAME SECONDS SCRIPT [ARGUMENT...]
run() {
	local name=$1 limit=$2 script=$3 folder=/tmp/$1 begin_cs
	shift 3
	mkdir "$folder"
	look_at_clock
	begin_cs=$now_cs
	dmesg -c >/dev/null
	btmon -w "$folder/hci.snoop" >/dev/null 2>&1 &
	(cd "$folder" && timeout -k 5 "$limit" sh "/vm/cases/$script.sh" "$@" >said 2>&1)
	local status=$?
	tidy
	judge "$status" "$folder"
	look_at_clock
	local tenths=$(((now_cs - begin_cs) / 10))
	printf '%-4s %-40s (%d.%d s)%s\n' "$word" "$name" $((tenths / 10)) $((tenths % 10)) "${remark:+ $remark}"
	if [ "$word" = FAIL ]; then
		failed=1
		mv "$folder/said" "$folder/case.log"
		show_logs "$folder"
	fi
	rm -r "$folder"
	start_controllers le 2
}

start_controllers le 2 || exit 1
failed=0
while read -r name guest line; do
	case $guest/$name in
	"$GUEST"/$PATTERN)
		# shellcheck disable=SC2086 # words of the list
		run "$name" $line </dev/null
		;;
	esac
done </vm/cases.list
exit "$failed"
