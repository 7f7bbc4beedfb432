# Sessions, identities, trust and trustwords, through the C API.
pep_test(engine_identities_tests
    SOURCES
        identities_crypto_test.cpp
        identities_keys_test.cpp
        identities_own_keys_test.cpp
        identities_session_test.cpp
        identities_store_test.cpp
        identities_system_test.cpp
        identities_trustwords_test.cpp
    LINK pep_engine_identities
    LABELS engine)
