# Which transport is taken, and what otadfu doctor finds out.
foreach(part auto doctor)
	otadfu_add_test(${part} SOURCES test_${part}.c fake_ways.c LIBRARIES otadfu_engine)
endforeach()
otadfu_add_test(diagnosis SOURCES test_diagnosis.c fake_ways.c LIBRARIES otadfu_cli PkgConfig::jansson)
otadfu_add_test(machine SOURCES test_machine.c scratch.c LIBRARIES otadfu_cli)
otadfu_add_test(findings SOURCES test_findings.c LIBRARIES otadfu_transport_adapters)
otadfu_add_test(hci_examine SOURCES test_hci_examine.c scratch.c
	${PROJECT_SOURCE_DIR}/transports/hci/examine.c LIBRARIES att_bench otadfu_transport_adapters)
target_include_directories(test_hci_examine PRIVATE ${PROJECT_SOURCE_DIR}/transports/hci)
otadfu_add_test(gatttool_examine SOURCES test_gatttool_examine.c LIBRARIES otadfu_gatttool_bench)
