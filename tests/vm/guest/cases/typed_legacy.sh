# A person with gatttool and nothing of ours does a whole legacy update: the jump, Start, the init packet, the
# image with a receipt for every 8 packets, Validate, Activate.
. /vm/case.sh
. /vm/typing.sh
readonly IMAGE=$FIRMWARE/typed.bin INIT=$FIRMWARE/typed.dat
readonly CONTROL=00001531 PACKET=00001532 RECEIPT_EVERY=8 PACKET_BYTES=20

open_device() {
	open_bootloader "$CONTROL-1212-efde-1523-785feabcd123" "$PACKET-1212-efde-1523-785feabcd123"
}

# Its answer may come or not; that the link is lost is what counts.
jump() {
	open_device
	type_line "char-write-req $control 0104"
	wait_until 10 says "advertising as $BOOTLOADER" peripheral.log || fail "the application does not jump"
	stop_gatttool
	address=$BOOTLOADER
}

start() {
	tell 0104
	send "$(number32 0)$(number32 0)$(number32 "$(wc -c <"$IMAGE")")"
	answered 100101
}

send_init_packet() {
	tell 0200
	packets "$INIT" >lines
	while read -r line; do send "$line"; done <lines
	request 0201 100201
}

# The last packet has no receipt: it is answered for all.
send_image() {
	local count=0
	packets "$IMAGE" >lines
	tell 080800
	tell 03
	while read -r line; do
		send "$line"
		count=$((count + 1))
		[ $((count % RECEIPT_EVERY)) -ne 0 ] || answered "11$(number32 $((count * PACKET_BYTES)))"
	done <lines
	answered 100301
}

without_bluetoothd || fail "hci0 does not come up"
device legacy application
jump
open_device
start
send_init_packet
send_image
request 04 100401
type_line "char-write-req $control 05"
wait_until 10 says_times 2 "advertising as $APPLICATION" peripheral.log || fail "the application does not run"
stop_gatttool
expect_application "$IMAGE"
echo "$(wc -l <lines) packets"
