# MIME: header grammar, encodings and charsets by GMime, structure and limits by us.
pep_engine_part(mime
    SOURCES
        backend/gmime.cpp
        c_api/mime.cpp
        mime_charsets.cpp
        mime_decode.cpp
        mime_encode.cpp
        mime_encoded_words.cpp
        mime_header_reader.cpp
        mime_header_writer.cpp
        mime_plain_value.cpp
        mime_transfer.cpp
        mime_tree.cpp
    LINK pep_engine_types PkgConfig::GMIME)
