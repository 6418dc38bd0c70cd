# The host's side of an HCI controller, against bytes written by hand.
otadfu_add_test(h4 SOURCES test_h4.c LIBRARIES otadfu_transport_hci)
otadfu_add_test(endpoint SOURCES test_endpoint.c scratch.c LIBRARIES otadfu_transport_hci)
foreach(part hci acl l2cap_answer controller)
	otadfu_add_test(${part} SOURCES test_${part}.c hci_bench.c LIBRARIES otadfu_transport_hci)
endforeach()
otadfu_add_test(radio SOURCES test_radio.c hci_bench.c scratch.c LIBRARIES otadfu_radio Threads::Threads)
