otadfu_add_test(conformance_service SOURCES test_conformance_service.c
	LIBRARIES otadfu_sim_world ZLIB::ZLIB)
otadfu_add_test(att_server SOURCES test_att_server.c
	LIBRARIES otadfu_transport_att_server otadfu_transport_att)

# The program above its radio, which is a fake here.
add_library(otadfu_test_peripheral STATIC fake_radio.c peripheral_bench.c)
target_link_libraries(otadfu_test_peripheral PUBLIC otadfu_peripheral_device PkgConfig::cmocka
	PRIVATE otadfu_options)
otadfu_add_test(peripheral_update SOURCES test_peripheral_update.c
	LIBRARIES otadfu_test_peripheral otadfu_peripheral_device otadfu_test_packages ZLIB::ZLIB)
otadfu_add_test(peripheral SOURCES test_peripheral.c
	LIBRARIES otadfu_test_peripheral otadfu_peripheral_device)
otadfu_add_test(peripheral_arguments SOURCES test_peripheral_arguments.c
	LIBRARIES otadfu_peripheral_device)
otadfu_add_test(gatt_database SOURCES test_gatt_database.c LIBRARIES otadfu_peripheral_device)

otadfu_add_test(peripheral_program SOURCES test_peripheral_program.c hci_bench.c scratch.c)
target_compile_definitions(test_peripheral_program PRIVATE
	PERIPHERAL="$<TARGET_FILE:otadfu-peripheral>")
add_dependencies(test_peripheral_program otadfu-peripheral)
