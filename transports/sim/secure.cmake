find_program(PROTOC_C protoc-c REQUIRED)

set(secure_init_pb ${CMAKE_CURRENT_BINARY_DIR}/secure_init.pb-c)
add_custom_command(
	OUTPUT ${secure_init_pb}.c ${secure_init_pb}.h
	COMMAND ${PROTOC_C} --c_out=${CMAKE_CURRENT_BINARY_DIR}
		--proto_path=${CMAKE_CURRENT_SOURCE_DIR} secure_init.proto
	DEPENDS secure_init.proto
	VERBATIM)
# What the generator writes is not held to our warnings.
set_source_files_properties(${secure_init_pb}.c PROPERTIES COMPILE_OPTIONS -w)

target_include_directories(otadfu_sim_device PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_sources(otadfu_sim_device PRIVATE secure_activation.c secure_bank.c secure_checks.c
	secure_chunks.c secure_crypto.c secure_facts.c secure_image.c secure_init.c
	secure_provision.c secure_requests.c secure_settings.c secure_transport.c
	${secure_init_pb}.c)
