# What transports find out about their machine.
otadfu_add_test(findings SOURCES test_findings.c LIBRARIES otadfu_transport_adapters)
otadfu_add_test(gatttool_examine SOURCES test_gatttool_examine.c LIBRARIES otadfu_gatttool_bench)
