# ATT and the transport over the kernel's ATT sockets, the latter over a socketpair.
add_library(att_bench STATIC ${fakes}/att_bench.c)
target_include_directories(att_bench PUBLIC ${fakes})
target_link_libraries(att_bench PUBLIC otadfu_l2cap_link Threads::Threads
	PRIVATE otadfu_options PkgConfig::cmocka)

foreach(test att att_reply notifyq)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES otadfu_transport_att)
endforeach()
foreach(test fdwait att_client att_values att_discovery race)
	otadfu_add_test(${test} SOURCES test_${test}.c LIBRARIES att_bench)
endforeach()
set(l2cap ${PROJECT_SOURCE_DIR}/transports/l2cap)
otadfu_add_test(l2cap_adapter SOURCES test_l2cap_adapter.c ${l2cap}/adapter.c ${l2cap}/connect.c
	${l2cap}/examine.c
	LIBRARIES att_bench otadfu_transport_adapters otadfu_transport_lingering)
