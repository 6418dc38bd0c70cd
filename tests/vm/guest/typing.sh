# What a person types who has gatttool, the protocol's document and nothing of ours.
. /vm/gatttool.sh

# open_bootloader CONTROL PACKET: connected to $address and subscribed; sets control and packet to the handles of
# these UUIDs
open_bootloader() {
	start_gatttool "$address" || fail "no connection"
	type_line characteristics
	wait_until 5 says "uuid: $2" gatttool.log || fail "this is no bootloader"
	control=$(value_handle "$1") packet=$(value_handle "$2")
	type_line "char-write-req $(printf '0x%04x' $((control + 1))) 0100"
	wait_until 5 says 'written successfully' gatttool.log || fail "no subscription"
}

# answered ANSWER: hexadecimal, in full or its beginning
answered() {
	wait_until 10 says "Notification handle = $control value: $(spaced "$1")" gatttool.log ||
		fail "no answer $1: $(tail -n 2 gatttool.log)"
}

# tell BYTES: to the control point; request BYTES ANSWER: and is notified
tell() {
	: >gatttool.log
	type_line "char-write-req $control $1"
	wait_until 5 says 'written successfully' gatttool.log || fail "$1 is refused: $(tail -n 2 gatttool.log)"
}
request() {
	tell "$1"
	answered "$2"
}

send() { type_line "char-write-cmd $packet $1"; }

# packets FILE: in lines, as any MTU allows
packets() { xxd -p -c 20 "$1"; }
# spaced HEX: as gatttool shows it
spaced() { echo "$1" | sed 's/../& /g'; }
# number32 N: 4 bytes, the least first
number32() { printf '%02x%02x%02x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) $(($1 >> 16 & 255)) $(($1 >> 24 & 255)); }
