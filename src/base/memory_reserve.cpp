// The new-handler is a plain function of the process, so what it works on cannot be anything else.
#include "base/memory_reserve.hpp"

#include <sys/mman.h>

#include <atomic>
#include <new>

namespace pep {

namespace {

/// A mapping nobody touches: it takes part in what the process may have, not in what it has. Not of
/// the heap, which asks here when it has nothing left.
class Reserve {
  public:
    /// Not while another thread uses it.
    void set(std::size_t bytes) {
        (void)give();
        bytes_ = bytes;
    }

    /// True if it is there, or not wanted.
    [[nodiscard]] bool refill() {
        if (!is_out())
            return true;
        void* const made = ::mmap(
            nullptr,
            bytes_,
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
            -1,
            0
        );
        if (made == MAP_FAILED)
            return false;
        void* none = nullptr;
        // Of two threads that refill at once, one gives its memory back.
        if (!block_.compare_exchange_strong(none, made))
            (void)::munmap(made, bytes_);
        return true;
    }

    [[nodiscard]] bool give() {
        void* const kept = block_.exchange(nullptr);
        return kept != nullptr && ::munmap(kept, bytes_) == 0;
    }

    [[nodiscard]] bool is_out() const {
        return block_.load(std::memory_order_relaxed) == nullptr &&
               bytes_.load(std::memory_order_relaxed) != 0;
    }

  private:
    std::atomic<void*> block_{nullptr};
    std::atomic<std::size_t> bytes_{0};
};

Reserve for_new; // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
Reserve for_c;   // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

/// `operator new` calls this and tries again until there is memory, or this throws.
void give_reserve() {
    if (!for_new.give())
        throw std::bad_alloc();
}

} // namespace

void keep_memory_reserve(MemoryReserve bytes) noexcept {
    for_new.set(bytes.for_new);
    for_c.set(bytes.for_c);
    (void)refill_memory_reserve();
    std::set_new_handler(&give_reserve);
}

bool refill_memory_reserve() noexcept {
    const bool has_last = for_c.refill(); // first: what it is for can do nothing else
    (void)for_new.refill();
    return has_last;
}

} // namespace pep

int pep_give_last_memory() noexcept { return pep::for_c.give() ? 1 : 0; }

int pep_is_last_memory_out() noexcept { return pep::for_c.refill() ? 0 : 1; }
