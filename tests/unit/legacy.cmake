# The legacy client: its pure parts, against scripted peers, and against the simulated devices.
foreach(test legacy_msg legacy_enter)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES legacy_static script_peer)
endforeach()
foreach(test legacy_update legacy_old legacy_pace legacy_resume legacy_embedded)
	otadfu_add_test(${test} SOURCES test_${test}.c ${fakes}/legacy_client_bench.c
		LIBRARIES legacy_static script_peer)
endforeach()

# The transport is linked in too.
add_library(legacy_air STATIC ${fakes}/legacy_air.c scratch.c
	${PROJECT_SOURCE_DIR}/transports/sim/sim.c)
target_compile_definitions(legacy_air PRIVATE OTADFU_STATIC_PLUGIN)
target_include_directories(legacy_air PUBLIC ${fakes} ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(legacy_air PUBLIC otadfu_engine otadfu_sim_world legacy_static
	otadfu_test_packages PkgConfig::cmocka PRIVATE otadfu_options)
foreach(test legacy_lossless legacy_cut legacy_device)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES legacy_air)
endforeach()
