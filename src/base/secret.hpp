// Bytes that must not leak: locked in memory where possible, wiped when they go, and neither
// printable nor serialisable. Any thread, like a std::string.
#pragma once

#include <cstddef>
#include <string_view>

namespace pep {

class Secret {
  public:
    Secret() noexcept = default;
    explicit Secret(std::string_view bytes); ///< copies; wiping the source is the caller's duty
    Secret(const Secret& other);
    Secret(Secret&& other) noexcept;
    Secret& operator=(const Secret& other);
    Secret& operator=(Secret&& other) noexcept;
    ~Secret();

    /// A look at the bytes (NUL terminated behind the last), valid while this object lives
    /// unchanged.
    [[nodiscard]] std::string_view reveal() const noexcept { return {bytes_ ? bytes_ : "", size_}; }

    [[nodiscard]] const char* c_str() const noexcept { return bytes_ ? bytes_ : ""; }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Comparison whose time depends on the lengths only.
    [[nodiscard]] bool equals(std::string_view other) const noexcept;

  private:
    char* bytes_ = nullptr; // OpenSSL's secure heap, or the plain heap when that is full
    std::size_t size_ = 0;
};

/// Set up the locked heap; call once, early, in the process that will hold secrets. False when
/// memory cannot be locked (secrets are still wiped).
bool lock_secret_memory();

/// Overwrite what calls that returned have left on this thread's stack below the caller, as far as
/// libraries with big buffers go.
void wipe_stack_below() noexcept;

/// Overwrite memory so that the compiler cannot leave it out.
void wipe(void* memory, std::size_t size) noexcept;

} // namespace pep
