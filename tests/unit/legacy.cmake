# The legacy client: its pure parts, against scripted peers, and against the simulated devices.
foreach(test legacy_msg legacy_enter)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES legacy_static script_peer)
endforeach()
foreach(test legacy_update legacy_old legacy_pace legacy_resume legacy_embedded)
	otadfu_add_test(${test} SOURCES test_${test}.c ${fakes}/legacy_client_bench.c
		LIBRARIES legacy_static script_peer)
endforeach()
