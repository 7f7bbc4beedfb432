// The new-handler is a plain function of the process, so what it works on cannot be anything else.
#include "base/memory_reserve.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace pep {

namespace {

std::atomic<void*> reserve{nullptr}; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::atomic<std::size_t> reserve_bytes{
    0}; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// `operator new` calls this and tries again until there is memory, or this throws.
void give_reserve() {
    void* const kept = reserve.exchange(nullptr);
    if (kept == nullptr)
        throw std::bad_alloc();
    std::free(kept);
}

} // namespace

void keep_memory_reserve(std::size_t bytes) noexcept {
    reserve_bytes = bytes;
    refill_memory_reserve();
    std::set_new_handler(&give_reserve);
}

void refill_memory_reserve() noexcept {
    if (reserve.load(std::memory_order_relaxed) != nullptr || reserve_bytes == 0)
        return;
    void* made = std::malloc(reserve_bytes);
    // Of two threads that refill at once, one gives its memory back.
    void* none = nullptr;
    if (!reserve.compare_exchange_strong(none, made))
        std::free(made);
}

} // namespace pep
