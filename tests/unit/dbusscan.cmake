# What speaks to bluetoothd, against one that is a thread of the test, on a bus of its own.
otadfu_add_test(adbuild SOURCES test_adbuild.c LIBRARIES otadfu_transport_dbusscan)

add_library(otadfu_mock_bluez STATIC ${fakes}/mock_bluez.c ${fakes}/mock_discovery.c
	${fakes}/mock_objects.c ${fakes}/private_bus.c)
target_include_directories(otadfu_mock_bluez PUBLIC ${fakes})
target_link_libraries(otadfu_mock_bluez PUBLIC PkgConfig::systemd
	PRIVATE otadfu_options Threads::Threads)

foreach(part dbusscan dbusscan_refused dbusscan_lies)
	otadfu_add_test(${part} SOURCES test_${part}.c scan_bench.c scratch.c
		LIBRARIES otadfu_mock_bluez otadfu_transport_dbusscan)
	# Without dbus-daemon.
	set_tests_properties(${part} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()
