# Messages: formats, exchange between two homes, refusals, ratings, real mails, other OpenPGP programs.
pep_test(engine_messages_tests
    SOURCES
        messages_canonical_test.cpp
        messages_encrypt_test.cpp
        messages_exchange_test.cpp
        messages_format_test.cpp
        messages_hostile_test.cpp
        messages_interop_test.cpp
        messages_keys_test.cpp
        messages_property_test.cpp
        messages_questions_test.cpp
        messages_ratings_test.cpp
        messages_refusal_test.cpp
        messages_self_test.cpp
    LINK pep::engine)
