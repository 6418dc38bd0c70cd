# A bluetoothd without Bluetooth, and the devices it reaches.
add_library(otadfu_mock_radio STATIC ${fakes}/mock_gatt.c ${fakes}/mock_radio.c)
target_link_libraries(otadfu_mock_radio PUBLIC otadfu_mock_bluez otadfu_sim_world
	PRIVATE otadfu_options)
add_executable(fake_bluetoothd ${fakes}/fake_bluetoothd.c)
target_link_libraries(fake_bluetoothd PRIVATE otadfu_mock_radio otadfu_options Threads::Threads)
