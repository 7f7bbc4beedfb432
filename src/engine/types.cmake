# The C structures and enumerations of include/pEp, and the guard of the C API.
pep_engine_part(types
    SOURCES
        guard.cpp
        structs/bloblist.cpp
        structs/identity.cpp
        structs/memory.cpp
        structs/message.cpp
        structs/rating.cpp
        structs/status.cpp
        structs/stringlist.cpp
        structs/stringpair.cpp
        structs/timestamp.cpp)
