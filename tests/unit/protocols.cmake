# The protocol plugins against scripted peers. Here they are linked in, to be under the sanitizers.
set(protocols ${PROJECT_SOURCE_DIR}/protocols)
set(fakes ${PROJECT_SOURCE_DIR}/tests/fakes)

foreach(protocol legacy secure)
	file(GLOB sources CONFIGURE_DEPENDS ${protocols}/${protocol}/*.c)
	add_library(${protocol}_static STATIC ${sources})
	target_compile_definitions(${protocol}_static PUBLIC OTADFU_STATIC_PLUGIN)
	target_include_directories(${protocol}_static PUBLIC ${protocols}/${protocol})
	target_link_libraries(${protocol}_static PUBLIC otadfu_protocol_common ZLIB::ZLIB
		PRIVATE otadfu_options)
endforeach()

add_library(script_peer STATIC ${fakes}/script_peer.c)
target_include_directories(script_peer PUBLIC ${fakes})
target_link_libraries(script_peer PUBLIC otadfu::headers PkgConfig::cmocka
	PRIVATE otadfu_options ZLIB::ZLIB)

foreach(test protocol_advert protocol_uuid)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES otadfu_protocol_common)
endforeach()
foreach(test legacy_msg legacy_enter)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES legacy_static script_peer)
endforeach()
foreach(test legacy_update legacy_old)
	otadfu_add_test(${test} SOURCES test_${test}.c ${fakes}/legacy_client_bench.c
		LIBRARIES legacy_static script_peer)
endforeach()
foreach(test secure_msg secure_resume secure_enter)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES secure_static script_peer)
endforeach()
foreach(test secure_update secure_restart secure_end)
	otadfu_add_test(${test} SOURCES test_${test}.c ${fakes}/secure_bench.c
		LIBRARIES secure_static script_peer)
endforeach()
