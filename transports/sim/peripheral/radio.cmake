# The peripheral role on an HCI controller, for otadfu-peripheral and its tests.
add_library(otadfu_radio STATIC peripheral/advertising.c peripheral/radio.c)
target_include_directories(otadfu_radio PUBLIC ${CMAKE_CURRENT_SOURCE_DIR}/peripheral)
target_link_libraries(otadfu_radio PUBLIC otadfu_headers PRIVATE otadfu_options otadfu_transport_hci)
