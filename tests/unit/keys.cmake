add_library(otadfu_shell STATIC shell.c)
target_include_directories(otadfu_shell PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(otadfu_shell PRIVATE otadfu_options PkgConfig::cmocka)

foreach(part key signer signer_hsm)
	otadfu_add_test(${part} SOURCES test_${part}.c scratch.c LIBRARIES otadfu_model otadfu_shell)
endforeach()
set_tests_properties(signer_hsm PROPERTIES SKIP_REGULAR_EXPRESSION "skipped: softhsm2")
target_link_libraries(test_key PRIVATE OpenSSL::Crypto)

add_library(otadfu_settings_table STATIC settings_table.c)
target_include_directories(otadfu_settings_table PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_link_libraries(otadfu_settings_table PRIVATE otadfu_options PkgConfig::cmocka)
otadfu_add_test(settings_page SOURCES test_settings_page.c
	LIBRARIES otadfu_model otadfu_settings_table)
