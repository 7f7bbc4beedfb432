// A file descriptor that is closed when its owner goes. Move-only; any thread, like an int.
#pragma once

#include <unistd.h>

#include <utility>

namespace pep {

class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {} ///< negative: none

    Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}

    /// Swaps: the descriptor held before is closed when `other` goes.
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }

    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    ~Descriptor() {
        if (number_ >= 0)
            ::close(number_);
    }

    [[nodiscard]] int get() const noexcept { return number_; }

    /// Hands the descriptor on: closing it is the caller's duty now.
    [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

    explicit operator bool() const noexcept { return number_ >= 0; }

  private:
    int number_;
};

} // namespace pep
