pep_engine_part(keys
    SOURCES backend/sqlite.cpp store.cpp
    LINK pep_engine_types SQLite::SQLite3 PkgConfig::RNP)
