# A person with gatttool and nothing of ours: subscribe, select, create, write a few packets, ask for the CRC.
. /vm/case.sh
. /vm/gatttool.sh

readonly CONTROL=8ec90001 PACKET=8ec90002

# request BYTES ANSWER: what is written to the control point and what is notified, as gatttool shows it
request() {
	: >gatttool.log
	type_line "char-write-req $control $1"
	wait_until 5 says "Notification handle = $control value: $2" gatttool.log ||
		fail "no answer $2 to $1: $(tail -n 2 gatttool.log)"
}

# hex_of FILE; spaced HEX: as gatttool shows it
hex_of() { xxd -p "$1" | tr -d '\n'; }
spaced() { echo "$1" | sed 's/../& /g'; }
# little_endian HEX, of 4 bytes
little_endian() { echo "$1" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/'; }

without_bluetoothd || fail "hci0 does not come up"
device secure bootloader
start_gatttool "$address" || fail "no connection"
type_line characteristics
wait_until 5 says "uuid: $PACKET" gatttool.log || fail "this is no bootloader"
control=$(value_handle "$CONTROL") packet=$(value_handle "$PACKET")

type_line "char-write-req $(printf '0x%04x' $((control + 1))) 0100"
wait_until 5 says 'written successfully' gatttool.log || fail "no subscription"
request 0601 "60 06 01 "

# The first 60 bytes of an init packet, in the packets that any MTU allows.
head -c 60 "$FIRMWARE/secure.dat" >init
request "0101$(printf %02x000000 "$(wc -c <"$FIRMWARE/secure.dat")")" "60 01 01 "
for offset in 0 20 40; do
	tail -c "+$((offset + 1))" init | head -c 20 >part
	type_line "char-write-cmd $packet $(hex_of part)"
done
request 03 "60 03 01 3c 00 00 00 $(spaced "$(little_endian "$(crc32 <init)")")"
stop_gatttool
