include(${PROJECT_SOURCE_DIR}/tests/fakes/gatttool.cmake)

otadfu_add_test(gatttool_parse SOURCES test_gatttool_parse.c LIBRARIES otadfu_gatttool_parse)
target_compile_definitions(test_gatttool_parse PRIVATE
	RECORDINGS="${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/gatttool")

# The transport itself, with fakes for gatttool and the air.
add_library(otadfu_gatttool_bench STATIC gatttool_bench.c
	${PROJECT_SOURCE_DIR}/transports/gatttool/gatttool.c)
target_compile_definitions(otadfu_gatttool_bench PRIVATE FAKE_AIR="$<TARGET_FILE:fake_air>"
	FAKE_GATTTOOL="$<TARGET_FILE:fake_gatttool>")
target_link_libraries(otadfu_gatttool_bench PUBLIC otadfu_gatttool_link otadfu_e2e
	PRIVATE otadfu_options)
add_dependencies(otadfu_gatttool_bench fake_air fake_gatttool)
foreach(part link faults)
	otadfu_add_test(gatttool_${part} SOURCES test_gatttool_${part}.c
		LIBRARIES otadfu_gatttool_bench)
endforeach()
