# Warnings for our own targets; errors only where a preset asks for it.
add_library(pep_warnings INTERFACE)
target_compile_options(pep_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wimplicit-fallthrough
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wextra-semi>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-missing-field-initializers -Wno-dangling-pointer>
    # g++ 12 sees overlaps and uninitialised values in optimised std::string and tl::expected that are not there.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release,RelWithDebInfo>>:-Wno-restrict -Wno-maybe-uninitialized>
    $<$<BOOL:${PEP_WARNINGS_AS_ERRORS}>:-Werror>)

# pep_string_results(<source>…): functions that return std::string, of which g++ 12 says the same below -O2, too.
function(pep_string_results)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)
    endif()
endfunction()
