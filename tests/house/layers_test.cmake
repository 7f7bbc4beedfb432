# Reads every #include of src/ against the table in cmake/layers.cmake, and foreign headers against the one place
# where each may be seen.   cmake -D ROOT=<folder with src/> -D TABLE=<layers.cmake> -P layers_test.cmake
cmake_minimum_required(VERSION 3.25)
include(${TABLE})

# A layer that is not in the table's row may not be named; the engine's C API counts as a layer of its own.
set(C_API_USERS engine api daemon)

# header | where it may be included
set(FOREIGN
    "event2/ => src/http/"
    "boost/beast => src/(http|client)/"
    "rnp/ => src/engine/backend/"
    "gmime/ => src/engine/backend/"
    "sqlite3\\.h => src/engine/backend/"
    "nlohmann/ => src/(marshal|rpc|api|client|daemon)/"
    "simdjson => src/(marshal|rpc)/"
    "spdlog/ => src/base/"
    "utf8proc\\.h => src/(base|engine/tools)/"
    "boost/program_options => src/(client|daemon)/"
    "tl/expected\\.hpp => src/base/")

set(faults 0)
macro(fault text)
    message(SEND_ERROR "${text}")
    math(EXPR faults "${faults} + 1")
endmacro()

file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/src/*.hpp ${ROOT}/src/*.cpp ${ROOT}/src/*.h ${ROOT}/src/*.c)
list(LENGTH files count)
if(count EQUAL 0)
    message(FATAL_ERROR "no source file under ${ROOT}/src")
endif()
foreach(file IN LISTS files)
    string(REGEX MATCH "^src/([a-z_]+)/" ignored ${file})
    set(layer ${CMAKE_MATCH_1})
    if(NOT layer IN_LIST PEP_LAYERS)
        fault("${file}: ${layer} is no layer of cmake/layers.cmake")
        continue()
    endif()
    file(STRINGS ${ROOT}/${file} includes REGEX "^[ \t]*#[ \t]*include")
    foreach(line IN LISTS includes)
        if(line MATCHES "\"([a-z_]+)/[^\"]+\"")
            set(used ${CMAKE_MATCH_1})
            if(NOT used STREQUAL layer AND NOT used IN_LIST PEP_LAYER_${layer})
                fault("${file}: ${layer} may not use ${used}: ${line}")
            endif()
        elseif(line MATCHES "[\"<]pEp/" AND NOT layer IN_LIST C_API_USERS)
            fault("${file}: ${layer} may not know the engine: ${line}")
        elseif(line MATCHES "[\"<]\\.\\.?/")
            fault("${file}: name the layer instead of a relative path: ${line}")
        endif()
        foreach(row IN LISTS FOREIGN)
            string(REGEX MATCH "^(.*) => (.*)$" ignored "${row}")
            set(header ${CMAKE_MATCH_1})
            set(place ${CMAKE_MATCH_2})
            if(line MATCHES "[\"<]${header}" AND NOT file MATCHES "^${place}")
                fault("${file}: belongs into ${place}: ${line}")
            endif()
        endforeach()
    endforeach()
endforeach()
message(STATUS "${count} files, ${faults} faults")
