# The device has a random address: address_type TRANSPORT unknown|wrong. Where the type is not told both are tried;
# the wrong one finds nobody, and that is said in time.
. /vm/case.sh
transport=$1

without_bluetoothd || fail "hci0 does not come up"
device secure bootloader
echo 'connect: { attempts: 1, timeout_ms: 5000 }' >impatient.yaml
case $2 in
unknown) target=$address ;;
wrong) target=$address/public ;;
esac
look_at_clock
begin_cs=$now_cs
otadfu info -a "$target" --transport "$transport" --adapter hci0 --profile impatient.yaml -vv >otadfu.log 2>&1
status=$?
look_at_clock
case $2 in
unknown)
	expect_status 0 "$status" "otadfu info"
	;;
wrong)
	expect_status 1 "$status" "otadfu info"
	[ $((now_cs - begin_cs)) -lt 700 ] || fail "it took $((now_cs - begin_cs)) hundredths of a second"
	;;
esac
