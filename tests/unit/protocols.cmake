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

foreach(test protocol_advert protocol_hex protocol_uuid)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES otadfu_protocol_common)
endforeach()
