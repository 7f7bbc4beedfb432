// Some memory kept back for the moment when there is none left: what has to be done then
// (destroying values, composing an error) needs a little. One per process. Any thread.
#pragma once

#include <cstddef>

namespace pep {

struct MemoryReserve {
    /// When `operator new` finds no memory, this is given back to the system and the allocation
    /// tried again; only then it throws.
    std::size_t for_new = 0;
    /// For C code that ends the process when it gets no memory, as GLib does: given back when the
    /// heap of the program asks for it by pep_give_last_memory().
    std::size_t for_c = 0;
};

/// Keep that much. The reserve is address space until it is used.
void keep_memory_reserve(MemoryReserve bytes) noexcept;

/// Keep it again if it was used and the memory is there; else nothing. False without the part that
/// is for C: then nothing should be begun that cannot fail. Takes nanoseconds.
[[nodiscard]] bool refill_memory_reserve() noexcept;

} // namespace pep

// For the program's malloc(3), which is C.
extern "C" {
/// Gives back what was kept for C; 0 if it was used already.
int pep_give_last_memory() noexcept;

/// Whether it was given and cannot be kept again, which this tries: then what can fail should leave
/// memory to those who cannot.
int pep_is_last_memory_out() noexcept;
}
