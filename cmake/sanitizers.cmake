# Instrumentation for all our targets, chosen by the preset.
if(PEP_SANITIZE)
    add_compile_options(-fsanitize=${PEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${PEP_SANITIZE})
endif()
if(PEP_COVERAGE)
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage)
endif()
# Hardening costs little and is on everywhere; _FORTIFY_SOURCE needs optimisation.
add_compile_options(-fstack-protector-strong $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_link_options(-Wl,-z,relro,-z,now)
