otadfu_add_test(sim_timeline SOURCES test_sim_timeline.c LIBRARIES otadfu_sim_device)
otadfu_add_test(sim_flash SOURCES test_sim_flash.c LIBRARIES otadfu_sim_device)
otadfu_add_test(sim_device SOURCES test_sim_device.c toy_bootloader.c LIBRARIES otadfu_sim_device)
otadfu_add_test(sim_application SOURCES test_sim_application.c toy_bootloader.c
	LIBRARIES otadfu_sim_device)
otadfu_add_test(sim_scenario SOURCES test_sim_scenario.c LIBRARIES otadfu_sim_world)
otadfu_add_test(sim_transport SOURCES test_sim_transport.c
	${PROJECT_SOURCE_DIR}/transports/sim/sim.c LIBRARIES otadfu_sim_world otadfu_base PkgConfig::jansson)

# Their init packets come from the encoder of tests/tools.
foreach(part peer_secure peer_secure_system)
	otadfu_add_test(${part} SOURCES test_${part}.c bench_log.c secure_peer_bench.c
		LIBRARIES otadfu_sim_device otadfu_test_packages)
endforeach()
otadfu_add_test(sim_damaged SOURCES test_sim_damaged.c LIBRARIES otadfu_sim_device ZLIB::ZLIB)
