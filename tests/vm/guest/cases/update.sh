# A whole update: update TRANSPORT legacy|secure application|bootloader [with], namely bluetoothd
. /vm/case.sh
transport=$1 kind=$2 mode=$3 image=$FIRMWARE/${IMAGE:-$2}

stack_for "$transport" "${4:-}"
device "$kind" "$mode"
update "$transport" "$image.zip" >otadfu.log
expect_status 0 $? "the update"
expect_adapter
expect_application "$image.bin"
