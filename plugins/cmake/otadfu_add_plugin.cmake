# otadfu_add_plugin(NAME SOURCES FILE... [LIBRARIES TARGET...])
#
# Builds one plugin from C or C++: NAME.so, a module that sees the headers of otadfu and nothing else
# of it, exports one symbol and resolves every symbol at link time. Installed where otadfu finds it
# when CMAKE_INSTALL_PREFIX is otadfu's own.
#
# Serves otadfu's own plugins and, through find_package(otadfu), everybody else's.
function(otadfu_add_plugin name)
	cmake_parse_arguments(arg "" "" "SOURCES;LIBRARIES" ${ARGN})
	add_library(${name} MODULE ${arg_SOURCES})
	set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden
		CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
	target_link_libraries(${name} PRIVATE otadfu::headers ${arg_LIBRARIES})
	# The runtime of a sanitizer is in the program, not in the plugin.
	if(NOT OTADFU_SANITIZE)
		target_link_options(${name} PRIVATE -Wl,--no-undefined)
	endif()
	if(TARGET otadfu_options) # otadfu's own build
		target_link_libraries(${name} PRIVATE otadfu_options)
		set_target_properties(${name} PROPERTIES
			LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${OTADFU_PLUGIN_DIR})
		set_property(GLOBAL APPEND PROPERTY OTADFU_PLUGINS ${name})
	endif()
	install(TARGETS ${name} LIBRARY DESTINATION ${OTADFU_PLUGIN_DIR})
endfunction()
