# A whole update by a user who is nobody in particular: user TRANSPORT
. /vm/case.sh
transport=$1

without_bluetoothd || fail "hci0 does not come up"
device secure application
touch otadfu.log && chown user otadfu.log
cat >as_user.sh <<END
grep -q '^CapEff:.0*$' /proc/self/status || exit 99
[ "\$(id -u)" = 1000 ] || exit 99
exec otadfu update $FIRMWARE/secure.zip -a $address/random --transport $transport --adapter hci0 -vvv >otadfu.log 2>&1
END
su user -c "sh as_user.sh"
expect_status 0 $? "the update by a user"
expect_application "$FIRMWARE/secure.bin"
