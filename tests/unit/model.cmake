foreach(part target initpacket ihex options regions)
	otadfu_add_test(${part} SOURCES test_${part}.c LIBRARIES otadfu_model otadfu_test_packages)
endforeach()
foreach(part profile profile_inherit)
	otadfu_add_test(${part} SOURCES test_${part}.c scratch.c LIBRARIES otadfu_model)
endforeach()
target_compile_definitions(test_profile PRIVATE
	PROFILES="${CMAKE_SOURCE_DIR}/plugins/profiles")

add_library(otadfu_package_bench STATIC package_bench.c scratch.c)
target_include_directories(otadfu_package_bench PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(otadfu_package_bench PUBLIC otadfu_model otadfu_test_packages
	PkgConfig::cmocka PRIVATE otadfu_options)
foreach(part package package_names bad_input check sweep)
	otadfu_add_test(${part} SOURCES test_${part}.c LIBRARIES otadfu_package_bench
		PkgConfig::libzip)
endforeach()
