# Warnings for our own targets; errors only where a preset asks for it.
add_library(pep_warnings INTERFACE)
target_compile_options(pep_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wimplicit-fallthrough
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Wextra-semi>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-missing-field-initializers -Wno-dangling-pointer>
    # g++ 12 sees uninitialised strings in every tl::expected<bool, …> it inlines.
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release,RelWithDebInfo>>:-Wno-maybe-uninitialized>
    # g++ 12 sees overlaps and uninitialised values in optimised std::string and tl::expected that are not there.
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-restrict -Wno-maybe-uninitialized>
    $<$<BOOL:${PEP_WARNINGS_AS_ERRORS}>:-Werror>)
