# cmake -P check_includes.cmake ROOT
#
# Every #include of ours stays in the file's own layer or goes to a lower one; a plugin includes
# <otadfu/...>, its own folder and the common one beside it. Names each include that does not.
cmake_minimum_required(VERSION 3.20)

set(root ${CMAKE_ARGV3})

function(fault file text)
	file(RELATIVE_PATH where ${root} ${file})
	message("${where}: ${text}")
	set_property(GLOBAL APPEND PROPERTY FAULTS ${where})
endfunction()

# "NAME" must lie in one of the folders.
function(check_quoted file name folders)
	if(name MATCHES "/")
		fault(${file} "\"${name}\" reaches into another folder")
		return()
	endif()
	foreach(folder ${folders})
		if(EXISTS ${root}/${folder}/${name})
			return()
		endif()
	endforeach()
	if(NOT name MATCHES "\\.pb-c\\.h$") # generated
		fault(${file} "\"${name}\" is in none of: ${folders}")
	endif()
endfunction()

# <NAME> is a system's header, or one of include/.
function(check_angled file name)
	if(name MATCHES "^otadfu/")
		if(NOT EXISTS ${root}/include/${name})
			fault(${file} "<${name}> does not exist")
		endif()
		return()
	endif()
	file(GLOB ours ${root}/core/*/${name})
	if(ours AND NOT name STREQUAL error.h) # glibc has one too
		fault(${file} "<${name}> names a file of the core; quotes are for those")
	endif()
endfunction()

# check_folder(FOLDER LOWER...): its files may include what lies in it and in the LOWER ones.
function(check_folder folder)
	file(GLOB files ${root}/${folder}/*.c ${root}/${folder}/*.h)
	foreach(file ${files})
		file(STRINGS ${file} lines REGEX "^[ \t]*#[ \t]*include")
		foreach(line ${lines})
			if(line MATCHES "\"(.*)\"")
				check_quoted(${file} ${CMAKE_MATCH_1} "${folder};${ARGN}")
			elseif(line MATCHES "<(.*)>")
				check_angled(${file} ${CMAKE_MATCH_1})
			endif()
		endforeach()
	endforeach()
endfunction()

# Nor may a plugin be built from files of somebody else.
function(check_build folder common)
	file(GLOB files ${root}/${folder}/CMakeLists.txt ${root}/${folder}/*.cmake)
	foreach(file ${files})
		file(STRINGS ${file} lines REGEX "\\.\\./|_SOURCE_DIR}/")
		foreach(line ${lines})
			if(NOT line MATCHES "(\\.\\.|${common})/common|CMAKE_CURRENT_SOURCE_DIR}/[^.]")
				fault(${file} "takes files from elsewhere: ${line}")
			endif()
		endforeach()
	endforeach()
endfunction()

check_folder(core/base)
check_folder(core/model core/base)
check_folder(core/loader core/base)
check_folder(core/engine core/model core/loader core/base)
check_folder(core/conformance core/engine core/model core/loader core/base)
check_folder(core/cli core/conformance core/engine core/model core/loader core/base)

foreach(kind transports protocols)
	file(GLOB folders RELATIVE ${root} ${root}/${kind}/*)
	foreach(folder ${folders})
		check_folder(${folder} ${kind}/common)
		check_build(${folder} ${kind})
	endforeach()
endforeach()
check_folder(transports/sim/peripheral transports/sim transports/common)
file(GLOB folders RELATIVE ${root} ${root}/plugins/*)
foreach(folder ${folders})
	check_folder(${folder})
endforeach()

get_property(faults GLOBAL PROPERTY FAULTS)
if(faults)
	message(FATAL_ERROR "the layers are broken")
endif()
