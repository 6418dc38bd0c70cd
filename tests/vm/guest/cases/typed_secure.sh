# A person with gatttool and nothing of ours begins a secure update: an object, a few packets, their CRC.
. /vm/case.sh
. /vm/typing.sh

without_bluetoothd || fail "hci0 does not come up"
device secure bootloader
open_bootloader 8ec90001 8ec90002
request 0601 600601

# The first 60 bytes of an init packet.
request "0101$(number32 "$(wc -c <"$FIRMWARE/secure.dat")")" 600101
head -c 60 "$FIRMWARE/secure.dat" >init
packets init >lines
while read -r line; do send "$line"; done <lines
request 03 "600301$(number32 60)$(number32 "$((0x$(crc32 <init)))")"
stop_gatttool
