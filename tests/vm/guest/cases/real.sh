# A package of a real product: real FILE. It comes from a folder beside the checkout, which others have not.
. /vm/case.sh
package=$FIRMWARE/$1

[ -f "$package" ] || skip "no $1: OTADFU_SHARED is not set"
without_bluetoothd || fail "hci0 does not come up"
unzip -q "$package" -d package
case $1 in
nrf51*) softdevice=0x0080 device legacy application ;;
*) key=nordic-sample-public-key.pem device secure application ;;
esac
update l2cap "$package" >otadfu.log
expect_status 0 $? "the update"
expect_application "$(ls package/*.bin)"
