# A gatttool without Bluetooth, and the devices it reaches.
add_executable(fake_air ${CMAKE_CURRENT_LIST_DIR}/fake_air.c)
target_link_libraries(fake_air PRIVATE otadfu_sim_world otadfu_options)
add_executable(fake_gatttool ${CMAKE_CURRENT_LIST_DIR}/fake_gatttool.c
	${CMAKE_CURRENT_LIST_DIR}/fake_terminal.c)
target_link_libraries(fake_gatttool PRIVATE otadfu_sim_world otadfu_options)
