# Encrypting, decrypting and rating messages.
pep_engine_part(messages
    SOURCES
        c_api/key_reset.cpp
        c_api/message.cpp
        c_api/message_rating.cpp
        distribution_codec.cpp
        distribution_message.cpp
        key_reset.cpp
        key_reset_contacts.cpp
        key_reset_own.cpp
        key_reset_received.cpp
        message_decrypt.cpp
        message_encrypt.cpp
        message_format.cpp
        message_inline.cpp
        message_inner.cpp
        message_keys.cpp
        message_open.cpp
        message_rerate.cpp
        message_sender.cpp
        message_wrap.cpp
        ratings.cpp
        uper.cpp
    LINK pep_engine_identities pep_engine_mime pep_engine_keys pep_engine_types)
