// Some memory kept back for the moment when there is none left: what has to be done then
// (destroying values, composing an error) needs a little. One per process. Any thread.
#pragma once

#include <cstddef>

namespace pep {

/// Keep that much. When `operator new` finds no memory, the reserve is given back to the system and
/// the allocation tried again; only then it throws. The reserve is address space until it is used.
void keep_memory_reserve(std::size_t bytes) noexcept;

/// Keep it again if it was used and the memory is there; else nothing. Takes nanoseconds.
void refill_memory_reserve() noexcept;

} // namespace pep
