otadfu_add_test(version SOURCES test_version.c LIBRARIES otadfu_model)
foreach(part neighbours conditions memory)
	otadfu_add_test(session_${part} SOURCES test_session_${part}.c session_bench.c fake_world.c
		LIBRARIES otadfu_engine)
endforeach()
