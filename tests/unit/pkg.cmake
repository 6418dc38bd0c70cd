otadfu_add_test(initpacket_encode SOURCES test_initpacket_encode.c
	LIBRARIES otadfu_model otadfu_test_packages)
otadfu_add_test(firmware_pick SOURCES test_firmware_pick.c scratch.c LIBRARIES otadfu_model)
foreach(part make sweep)
	otadfu_add_test(pkg_${part} SOURCES test_pkg_${part}.c LIBRARIES otadfu_package_bench)
endforeach()
