# Each client on the simulated air; the transport is linked in too.
foreach(client legacy secure)
	add_library(${client}_air STATIC ${fakes}/client_air.c ${fakes}/${client}_air.c scratch.c
		${PROJECT_SOURCE_DIR}/transports/sim/sim.c)
	target_compile_definitions(${client}_air PRIVATE OTADFU_STATIC_PLUGIN)
	target_include_directories(${client}_air PUBLIC ${fakes} ${CMAKE_CURRENT_SOURCE_DIR})
	target_link_libraries(${client}_air PUBLIC otadfu_engine otadfu_sim_world ${client}_static
		otadfu_test_packages PkgConfig::cmocka PRIVATE otadfu_options OpenSSL::Crypto)
endforeach()

foreach(test lossless cut device)
	otadfu_add_test(legacy_${test} SOURCES test_legacy_${test}.c LIBRARIES legacy_air)
endforeach()
foreach(test lossless cut device system system_cut)
	otadfu_add_test(secure_${test} SOURCES test_secure_${test}.c LIBRARIES secure_air)
endforeach()
# Some 2,000 updates, which ThreadSanitizer takes its time over.
set_tests_properties(secure_system_cut PROPERTIES TIMEOUT 300)
