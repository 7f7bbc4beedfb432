// The allocator of this library, for callers whose own may differ.
#include "pEp/pEpEngine.h"

#include <cstdlib>

void pEp_free(void* p) { std::free(p); }

void* pEp_realloc(void* p, size_t size) { return std::realloc(p, size); }
