# Is this kernel fit? selfcheck.sh: status 0 if it is, 20 if it has an error of its own, else nothing can be told.
#
# Some kernels free a connection twice when the peer disconnects before it has answered anything, and the process
# that asked dies in hci_chan_del: gatttool shows it every time.
. /vm/stack.sh
. /vm/gatttool.sh
cd /tmp || exit 1

readonly ADDRESS=C0:FF:EE:00:00:01 CONTROL=7c0f0002

# A process that died in the kernel is missed by whoever waits for it, so this comes first.
look_at_kernel() {
	kernel_is_sound && return
	dmesg | grep -E -m 1 'corruption|BUG|Oops|protection fault, ' | sed 's/^\[[^]]*\] //'
	exit 20
}

give_up() {
	look_at_kernel
	echo "$*"
	tail -n 20 peripheral.log gatttool.log
	exit 1
}

# For the next connection: Hold back all answers, and Drop it with that reason after 600 ms.
prepare() {
	start_gatttool "$ADDRESS" || give_up "gatttool cannot connect"
	type_line characteristics
	wait_until 5 says "uuid: $CONTROL" gatttool.log || give_up "no test service"
	control=$(value_handle "$CONTROL")
	type_line "char-write-req $control 0401e803"
	type_line "char-write-req $control 05015802$1"
	wait_until 5 says_times 2 'written successfully' gatttool.log || give_up "the test service refuses"
	stop_gatttool
}

disconnect_with() {
	prepare "$1"
	wait_until 5 says 'disconnected' peripheral.log || give_up "the first link stays"
	start_gatttool "$ADDRESS" || give_up "gatttool cannot connect again"
	type_line "char-write-req $control 070000"
	wait_until 5 says 'Invalid file descriptor' gatttool.log || give_up "gatttool does not notice the end of its link"
	stop_gatttool
}

start_controllers le 2 && without_bluetoothd || give_up "no virtual controllers"
for reason in 13 08; do
	otadfu-peripheral --hci hci1 --conformance --state /tmp/state 2>peripheral.log &
	wait_until 5 says 'advertising as' peripheral.log || give_up "the peripheral does not advertise"
	disconnect_with "$reason"
	end otadfu-peripheral
	look_at_kernel
done
