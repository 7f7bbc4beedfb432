# The numbered edge cases of the engine reference (section 10), through the C API.
pep_test(engine_edge_tests
    SOURCES
        edge_import_test.cpp
        edge_keys_test.cpp
        edge_lookup_test.cpp
        edge_mail_keys_test.cpp
        edge_own_test.cpp
        edge_passphrase_test.cpp
        edge_sharing_test.cpp
        edge_trust_test.cpp
        edge_trustwords_test.cpp
        edge_verification_test.cpp
    LINK pep::engine
    LABELS engine)
target_compile_definitions(engine_edge_tests PRIVATE
    PEP_KEY_DATA="${PROJECT_SOURCE_DIR}/tests/data/keys")
