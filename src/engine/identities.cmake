# Sessions, identities, trust and trustwords, and the C API of all but messages.
include(${CMAKE_CURRENT_LIST_DIR}/dictionaries.cmake)

pep_engine_part(identities
    SOURCES
        c_api/blacklist.cpp
        c_api/crypto.cpp
        c_api/identity.cpp
        c_api/keys.cpp
        c_api/keys_import.cpp
        c_api/own_keys.cpp
        c_api/session.cpp
        c_api/system.cpp
        c_api/trust.cpp
        c_api/trustwords.cpp
        identities.cpp
        identities_merge.cpp
        identities_own.cpp
        identities_update.cpp
        identity_store.cpp
        identity_store_notes.cpp
        identity_store_trust.cpp
        identity_trustwords.cpp
        identity_value.cpp
        key_validity.cpp
        media_keys.cpp
        own_keys.cpp
        paths.cpp
        session.cpp
        signing_identity.cpp
        trust.cpp
        trustwords.cpp
        trustwords_dictionary.cpp
    LINK pep_engine_keys pep_engine_types OpenSSL::Crypto)
target_compile_definitions(pep_engine_identities PRIVATE
    PEP_ENGINE_VERSION="${PROJECT_VERSION}"
    PEP_TRUSTWORDS_DIR="${PEP_TRUSTWORDS_DIR}")
add_dependencies(pep_engine_identities pep_dictionaries)
