# The secure client: its pure parts, against scripted peers, and against the simulated device.
foreach(test secure_msg secure_flow secure_resume secure_enter)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES secure_static script_peer)
endforeach()
foreach(test secure_update secure_pace secure_restart secure_end)
	otadfu_add_test(${test} SOURCES test_${test}.c ${fakes}/secure_bench.c
		LIBRARIES secure_static script_peer)
endforeach()

# The transport is linked in too.
add_library(secure_air STATIC ${fakes}/secure_air.c scratch.c
	${PROJECT_SOURCE_DIR}/transports/sim/sim.c)
target_compile_definitions(secure_air PRIVATE OTADFU_STATIC_PLUGIN)
target_include_directories(secure_air PUBLIC ${fakes} ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(secure_air PUBLIC otadfu_engine otadfu_sim_world secure_static
	otadfu_test_packages PkgConfig::cmocka PRIVATE otadfu_options OpenSSL::Crypto)
foreach(test secure_lossless secure_cut secure_device)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES secure_air)
endforeach()
