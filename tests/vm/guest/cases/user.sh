# A whole update by an ordinary user: user TRANSPORT. To take an adapter from the kernel is not for everybody.
. /vm/case.sh
transport=$1

stack_for "$transport"
device secure application
as_user otadfu update "$FIRMWARE/secure.zip" -a "$address/random" --transport "$transport" --adapter hci0 \
	-vvv >otadfu.log 2>&1
status=$?
case $transport in
hci)
	expect_status 4 "$status" "the update by a user"
	expect_words 'CAP_NET_ADMIN' 'setcap'
	expect_adapter
	;;
*)
	expect_status 0 "$status" "the update by a user"
	expect_application "$FIRMWARE/secure.bin"
	;;
esac
