# otadfu_package(NAME HEX FILE [PROFILE NAME|FILE] [SOFTDEVICE FILE] [BOOTLOADER FILE]
#	[OUTPUT FILE] [ARGUMENTS WORD...] [DEPENDS TARGET...])
#
# Adds the target NAME, part of "all": a firmware package of the application in HEX, made by
# "otadfu pkg make" whenever something it is made of has changed. What profile and options do not
# say, such as --app-version, goes into ARGUMENTS. The package is NAME.zip in the current binary
# directory unless OUTPUT says otherwise. Files are looked for in the source directory, then in the
# binary directory, where they may be made by the build.
function(otadfu_package name)
	# As it stands: a signer's command may hold semicolons.
	cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEX;PROFILE;SOFTDEVICE;BOOTLOADER;OUTPUT"
		"ARGUMENTS;DEPENDS")
	if(arg_UNPARSED_ARGUMENTS OR NOT arg_HEX)
		message(FATAL_ERROR "otadfu_package(${name} HEX FILE ...): ${arg_UNPARSED_ARGUMENTS}")
	endif()
	if(NOT arg_OUTPUT)
		set(arg_OUTPUT ${name}.zip)
	endif()
	get_filename_component(output ${arg_OUTPUT} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_BINARY_DIR})

	set(inputs)
	set(words)
	foreach(image "application HEX" "softdevice SOFTDEVICE" "bootloader BOOTLOADER")
		string(REPLACE " " ";" image ${image})
		list(GET image 0 option)
		list(GET image 1 argument)
		if(arg_${argument})
			otadfu_find_input(${arg_${argument}} file)
			list(APPEND inputs ${file})
			list(APPEND words --${option} ${file})
		endif()
	endforeach()
	# A profile is a file when it looks like one, as otadfu itself has it.
	if(arg_PROFILE MATCHES "/|\\.yaml$")
		otadfu_find_input(${arg_PROFILE} arg_PROFILE)
		list(APPEND inputs ${arg_PROFILE})
	endif()
	if(arg_PROFILE)
		list(APPEND words --profile ${arg_PROFILE})
	endif()

	add_custom_command(OUTPUT ${output}
		COMMAND ${OTADFU_PROGRAM} pkg make ${output} --overwrite ${words} ${arg_ARGUMENTS}
		DEPENDS ${inputs} ${arg_DEPENDS}
		WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
		COMMENT "Packing ${arg_OUTPUT}" VERBATIM)
	add_custom_target(${name} ALL DEPENDS ${output})
endfunction()

# The absolute path of a file of the source directory, or else of the binary directory.
function(otadfu_find_input file result)
	get_filename_component(path ${file} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
	if(NOT EXISTS ${path})
		get_filename_component(path ${file} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_BINARY_DIR})
	endif()
	set(${result} ${path} PARENT_SCOPE)
endfunction()
