# Database, OpenPGP and the key ring.
pep_test(engine_keys_tests
    SOURCES
        keys_address_test.cpp
        keys_bindings_test.cpp
        keys_concurrency_test.cpp
        keys_decrypt_test.cpp
        keys_encrypt_test.cpp
        keys_import_memo_test.cpp
        keys_import_test.cpp
        keys_interop_test.cpp
        keys_kinds_test.cpp
        keys_lookup_test.cpp
        keys_make_test.cpp
        keys_packets_test.cpp
        keys_property_test.cpp
        keys_sqlite_test.cpp
        keys_testdata_test.cpp
    LINK pep_engine_keys
    LABELS engine)
target_compile_definitions(engine_keys_tests PRIVATE
    PEP_KEY_DATA="${PROJECT_SOURCE_DIR}/tests/data/keys")
