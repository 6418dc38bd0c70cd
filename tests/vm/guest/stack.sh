# The Bluetooth stack of the guest: two virtual controllers that hear each other. hci0 belongs to the kernel, as on
# a laptop; hci1 is taken by otadfu-peripheral.

# Sets now_cs to the hundredths of a second since the machine started. No process is made: all are slow here.
look_at_clock() {
	read -r now_cs _ </proc/uptime
	now_cs=${now_cs%.*}${now_cs#*.}
}

# wait_until SECONDS COMMAND...: false when that time has passed
wait_until() {
	look_at_clock
	local deadline_cs=$((now_cs + $1 * 100))
	shift
	until "$@"; do
		look_at_clock
		[ "$now_cs" -lt "$deadline_cs" ] || return 1
		sleep 0.05
	done
}

is_controller() { [ -e "/sys/class/bluetooth/$1" ]; }
is_up() { hciconfig "$1" | grep -q 'UP RUNNING'; }
# says PATTERN FILE; says_times N PATTERN FILE
says() { grep -q "$1" "$2" 2>/dev/null; }
says_times() { [ "$(grep -c "$2" "$3" 2>/dev/null)" -ge "$1" ]; }

# LE only: peers of the later type are never answered by btvirt's own connection commands.
start_controllers() {
	btvirt -L -l2 >/run/btvirt.log 2>&1 &
	wait_until 5 is_controller hci1
}

is_bluetoothd_ready() {
	dbus-send --system --print-reply --dest=org.freedesktop.DBus / \
		org.freedesktop.DBus.NameHasOwner string:org.bluez 2>/dev/null | grep -q true
}

# Either way hci0 is up afterwards.
with_bluetoothd() {
	if ! pidof bluetoothd >/dev/null; then
		[ -S /run/dbus/system_bus_socket ] || dbus-daemon --system --fork --nopidfile 2>/run/dbus.log
		bluetoothd -n -d >/run/bluetoothd.log 2>&1 &
	fi
	wait_until 20 is_bluetoothd_ready && bring_up
}

without_bluetoothd() {
	end bluetoothd
	bring_up
}

bring_up() {
	hciconfig hci0 up
	wait_until 10 is_up hci0
}

is_gone() { ! pidof "$1" >/dev/null; }

# end PROGRAM...: asks, then insists
end() {
	local program
	killall -q "$@"
	for program in "$@"; do
		wait_until 3 is_gone "$program" || killall -q -9 "$program"
	done
}

# What no test may provoke, and what makes a kernel unfit for this one. A program's own fault has no comma.
kernel_is_sound() { ! dmesg | grep -qE 'kernel BUG|list_del corruption|Oops|protection fault, '; }
