foreach(part peer_legacy peer_legacy_life peer_legacy_old peer_legacy_kin peer_infinitime)
	otadfu_add_test(${part} SOURCES test_${part}.c bench_log.c legacy_bench.c
		LIBRARIES otadfu_sim_device)
endforeach()
