# Key reset: the payload, what a reset does here, and what it tells others.
pep_test(engine_reset_tests
    SOURCES
        reset_codec_test.cpp
        reset_grouped_test.cpp
        reset_local_test.cpp
        reset_passphrase_test.cpp
        reset_received_test.cpp
    LINK pep::engine
    LABELS engine)
