# The Bluetooth stack of the guest: two virtual controllers that hear each other. hci0 belongs to the kernel, as on
# a laptop; hci1 is taken by otadfu-peripheral.

# What runs there.
readonly CONTROLLERS=/run/controllers

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
is_down() { hciconfig "$1" | grep -qw DOWN; }
# rfkill_of HCI: the file that switches it off, with 1
rfkill_of() { echo "/sys/class/bluetooth/$1"/rfkill*/soft; }
# says PATTERN FILE; says_times N PATTERN FILE; has_lines N FILE
says() { grep -q "$1" "$2" 2>/dev/null; }
says_times() { [ "$(grep -c "$2" "$3" 2>/dev/null)" -ge "$1" ]; }
has_lines() { [ "$(wc -l <"$2")" -ge "$1" ]; }

# start_controllers KIND COUNT [OPTION...]: unless those are there. KIND is the radio between them:
#   le    btvirt's, LE only, where all is done at once and a controller has one link
#   5.2   btvirt's of the later type: only who advertises by extended commands is found and connected
#   air   our own, with timing; it listens to tell_air, and its controllers are $air_controller, else vhci
start_controllers() {
	local wanted="$*" last=hci$(($2 - 1))
	[ "$wanted" != "$(cat "$CONTROLLERS" 2>/dev/null)" ] || return 0
	stop_controllers || return
	case $1 in
	le) btvirt -L "-l$2" >/run/btvirt.log 2>&1 & ;;
	5.2) btvirt "-l$2" >/run/btvirt.log 2>&1 & ;;
	air) air_of "$@" ;;
	esac
	wait_until 5 is_controller "$last" && echo "$wanted" >"$CONTROLLERS"
}

air_of() {
	local controllers
	controllers=$(yes "${air_controller:-vhci}" | head -n "$2")
	shift 2
	[ -p /run/air ] || mkfifo /run/air
	# shellcheck disable=SC2086 # words
	air --log /run/air.log "$@" $controllers <>/run/air >/run/air.said 2>&1 &
}

# tell_air WORD...: as "air --help" says
tell_air() { echo "$*" >/run/air; }

has_no_controller() { ! is_controller hci0; }

stop_controllers() {
	rm -f "$CONTROLLERS"
	end bluetoothd btvirt air
	wait_until 5 has_no_controller
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

# unload_bluetooth: as in a kernel without it; load_bluetooth: and back, without controllers
unload_bluetooth() {
	stop_controllers && end btmon && wait_until 5 rmmod hci_vhci bluetooth 2>/dev/null
}

load_bluetooth() {
	insmod /modules/bluetooth.ko
	insmod /modules/hci_vhci.ko
}
