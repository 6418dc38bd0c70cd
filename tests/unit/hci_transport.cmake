# The transport hci, on controllers that the tests play byte by byte.
add_library(central_bench STATIC central_bench.c hci_bench.c scratch.c)
target_include_directories(central_bench PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(central_bench PUBLIC otadfu_hci_central PRIVATE otadfu_options PkgConfig::cmocka)

foreach(test hci_connect hci_link hci_scan hci_own_address)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES central_bench)
endforeach()

if(NOT OTADFU_SANITIZE) # whose runtime has an allocator of its own
	otadfu_add_test(hci_allocations SOURCES test_hci_allocations.c
		${PROJECT_SOURCE_DIR}/tests/bench/allocations.c LIBRARIES central_bench)
	target_include_directories(test_hci_allocations PRIVATE ${PROJECT_SOURCE_DIR}/tests/bench)
endif()
