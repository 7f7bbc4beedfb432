# Database, OpenPGP and the key ring.
pep_engine_part(keys
    SOURCES
        backend/glib_text.cpp
        backend/rnp.cpp
        backend/sqlite.cpp
        import_memo.cpp
        key_address.cpp
        key_cache.cpp
        key_ids.cpp
        key_minimal.cpp
        key_table.cpp
        key_verdict.cpp
        key_view.cpp
        keys.cpp
        keys_decrypt.cpp
        keys_encrypt.cpp
        keys_import.cpp
        keys_make.cpp
        keys_properties.cpp
        openpgp_packets.cpp
        store.cpp
    LINK pep_engine_types SQLite::SQLite3 PkgConfig::RNP PkgConfig::GLIB)
