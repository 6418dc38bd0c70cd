foreach(part target initpacket ihex options)
	otadfu_add_test(${part} SOURCES test_${part}.c LIBRARIES otadfu_model otadfu_test_packages)
endforeach()
otadfu_add_test(profile SOURCES test_profile.c scratch.c LIBRARIES otadfu_model)
target_compile_definitions(test_profile PRIVATE
	PROFILES="${CMAKE_SOURCE_DIR}/plugins/profiles")
otadfu_add_test(package SOURCES test_package.c scratch.c
	LIBRARIES otadfu_model otadfu_test_packages PkgConfig::libzip)
