# gatttool as somebody types on it: standard input is a pipe that stays open, what it says goes to gatttool.log.

# start_gatttool ADDRESS: connected; its process is $gatttool
start_gatttool() {
	rm -f keyboard gatttool.log
	mkfifo keyboard
	gatttool -i hci0 -b "$1" -t random -I <keyboard >>gatttool.log 2>&1 &
	gatttool=$!
	exec 3>keyboard
	type_line connect
	wait_until 10 says 'Connection successful' gatttool.log
}

type_line() { echo "$*" >&3; }

# value_handle UUID: of the characteristic, once "characteristics" has been typed
value_handle() {
	sed -n "s/.*char value handle: \(0x[0-9a-f]*\), uuid: $1.*/\1/p" gatttool.log | tail -n 1
}

# Ended, if not yet waited for.
has_ended() { ! grep -q '^State:.[^Z]' "/proc/$1/status" 2>/dev/null; }

# Its link may be gone, and then it does not hear "exit".
stop_gatttool() {
	type_line exit
	exec 3>&-
	wait_until 2 has_ended "$gatttool" || kill -9 "$gatttool"
	wait "$gatttool" 2>/dev/null
	return 0
}
