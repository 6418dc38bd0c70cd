# The transport bluez, against a bluetoothd that is a thread of the test, on a bus of its own.
include(${PROJECT_SOURCE_DIR}/tests/fakes/bluez.cmake)

set(bluez_plugin ${PROJECT_SOURCE_DIR}/transports/bluez/bluez.c)
add_library(otadfu_bluez_bench STATIC bluez_bench.c scan_bench.c scratch.c ${bluez_plugin})
target_compile_definitions(otadfu_bluez_bench PRIVATE OTADFU_STATIC_PLUGIN)
target_include_directories(otadfu_bluez_bench PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(otadfu_bluez_bench PUBLIC otadfu_mock_radio otadfu_bluez_link
	PkgConfig::cmocka PRIVATE otadfu_options)

otadfu_add_test(bluez_words SOURCES test_bluez_words.c LIBRARIES otadfu_bluez_words)

foreach(part bluez_adapter bluez_connect bluez_lies bluez_link bluez_scan)
	otadfu_add_test(${part} SOURCES test_${part}.c LIBRARIES otadfu_bluez_bench)
	# Without dbus-daemon.
	set_tests_properties(${part} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()
