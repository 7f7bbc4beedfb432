# Keys announced in header fields.
pep_test(engine_autocrypt_tests SOURCES autocrypt_test.cpp LINK pep::engine)
