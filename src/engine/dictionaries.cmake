# Trustword dictionaries, made at build time from the word lists of the distribution. Where a list is missing,
# the language is.
set(PEP_TRUSTWORDS_DIR ${CMAKE_INSTALL_FULL_DATADIR}/pep-json-server/trustwords
    CACHE PATH "where dictionaries are when there are none beside the program")
set(PEP_DICT_DIR /usr/share/dict CACHE PATH "folder of word lists")
set(PEP_HUNSPELL_DIR /usr/share/hunspell CACHE PATH "folder of hunspell stems")

add_executable(pep_make_dictionary tools/make_dictionary.cpp)
target_link_libraries(pep_make_dictionary PRIVATE PkgConfig::UTF8PROC pep_warnings)

set(dictionaries_dir ${PROJECT_BINARY_DIR}/share/pep-json-server/trustwords)
set(dictionary_files)
foreach(pair
        en:${PEP_DICT_DIR}/american-english-large
        de:${PEP_DICT_DIR}/ngerman
        fr:${PEP_DICT_DIR}/french
        es:${PEP_DICT_DIR}/spanish
        ca:${PEP_DICT_DIR}/catalan
        tr:${PEP_HUNSPELL_DIR}/tr_TR.dic
        nl:${PEP_DICT_DIR}/dutch)
    string(SUBSTRING ${pair} 0 2 lang)
    string(SUBSTRING ${pair} 3 -1 list)
    if(NOT EXISTS ${list})
        message(STATUS "no word list ${list}: no trustwords in ${lang}")
        continue()
    endif()
    set(file ${dictionaries_dir}/${lang}.txt)
    add_custom_command(OUTPUT ${file}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${dictionaries_dir}
        COMMAND pep_make_dictionary ${lang} ${list} ${file}
        DEPENDS pep_make_dictionary ${list}
        COMMENT "trustwords: ${lang}"
        VERBATIM)
    list(APPEND dictionary_files ${file})
endforeach()
add_custom_target(pep_dictionaries ALL DEPENDS ${dictionary_files})
install(FILES ${dictionary_files} DESTINATION ${CMAKE_INSTALL_DATADIR}/pep-json-server/trustwords)
