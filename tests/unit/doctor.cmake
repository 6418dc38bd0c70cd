# What transports find out about their machine.
otadfu_add_test(findings SOURCES test_findings.c LIBRARIES otadfu_transport_adapters)
otadfu_add_test(hci_examine SOURCES test_hci_examine.c scratch.c
	${PROJECT_SOURCE_DIR}/transports/hci/examine.c LIBRARIES att_bench otadfu_transport_adapters)
target_include_directories(test_hci_examine PRIVATE ${PROJECT_SOURCE_DIR}/transports/hci)
otadfu_add_test(gatttool_examine SOURCES test_gatttool_examine.c LIBRARIES otadfu_gatttool_bench)
