# The secure client: its pure parts, against scripted peers, and against the simulated device.
foreach(test secure_msg secure_flow secure_resume secure_enter)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES secure_static script_peer)
endforeach()
foreach(test secure_update secure_pace secure_restart secure_end)
	otadfu_add_test(${test} SOURCES test_${test}.c ${fakes}/secure_bench.c
		LIBRARIES secure_static script_peer)
endforeach()
