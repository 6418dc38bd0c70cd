# Two devices on the air are updated at once, by two programs: two TRANSPORT
. /vm/case.sh
transport=$1

# one FOLDER CONTROLLER ADDRESS IMAGE
one() {
	mkdir "$1"
	cd "$1" || return
	env CONTROLLER="$2" APPLICATION="$3" IMAGE="turn$4" \
		sh /vm/cases/update.sh "$transport" secure application >case.log 2>&1
}

start_controllers air 3 || fail "no air"
stack_for "$transport"
one first hci1 C0:FF:EE:00:00:01 0 &
first=$!
one second hci2 D0:FF:EE:00:00:01 1 &
second=$!
wait "$first" || fail "the first: $(tail -n 1 first/case.log)"
wait "$second" || fail "the second: $(tail -n 1 second/case.log)"
