pep_test(engine_mime_tests
    SOURCES
        mime_encode_test.cpp
        mime_headers_test.cpp
        mime_plain_value_test.cpp
        mime_decode_test.cpp
        mime_broken_test.cpp
        mime_charsets_test.cpp
        mime_odd_mails_test.cpp
        mime_roundtrip_test.cpp
        mime_mails_test.cpp
        mime_support.cpp
    LINK pep_engine_mime)
