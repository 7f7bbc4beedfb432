// A text that may be too long to exist in one piece: parts of it are bytes lent by others, which
// become base64 only when it is their turn to be read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pep {

/// Written at the end, read once from the front. Movable; belongs to one thread at a time.
class LongText {
  public:
    void append(std::string text);

    /// The base64 form of `bytes`, which must stay until it was read, see keep().
    void append_base64(std::string_view bytes);

    /// Holds an owner of lent bytes until this object goes.
    void keep(std::shared_ptr<void> owner) { owners_.push_back(std::move(owner)); }

    /// Characters not read yet.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    /// The next characters, which are gone from here then: of bytes about `wanted`, fewer at their
    /// end; a text, which exists anyway, as a whole. Empty when nothing is left.
    [[nodiscard]] std::string take(std::size_t wanted);

  private:
    struct Part {
        std::string text;       ///< or
        std::string_view bytes; ///< to be encoded
    };

    // Most answers have no parts: unlike a deque, an empty vector owns no memory.
    std::vector<Part> parts_;
    std::size_t next_ = 0; ///< the part to be read; those before it are empty
    std::vector<std::shared_ptr<void>> owners_;
    std::size_t size_ = 0;
};

} // namespace pep
