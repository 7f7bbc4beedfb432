// Where in a document a value stands. A path is a chain of links on the stack, as cheap as a
// pointer per level, and becomes text (a JSON pointer, RFC 6901) only when an error needs it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pep::marshal {

/// One step from a parent to a value. Borrows its parent and the member name: both must outlive it,
/// which they do when paths are only passed down the call stack.
class Path {
  public:
    /// The document itself.
    constexpr Path() noexcept = default;

    /// The same where big bytes may be lent to the document, see lent.hpp: whoever asks for that
    /// keeps their owner as long as the document. Inherited by all paths from here.
    [[nodiscard]] static constexpr Path lending() noexcept {
        Path root;
        root.lends_ = true;
        return root;
    }

    [[nodiscard]] constexpr bool lends() const noexcept { return lends_; }

    [[nodiscard]] constexpr Path field(std::string_view name) const noexcept {
        return Path{this, name, no_index};
    }

    [[nodiscard]] constexpr Path item(std::size_t index) const noexcept {
        return Path{this, {}, index};
    }

    /// The JSON pointer, e.g. `/params/src/to/2/address`; empty for the document itself.
    [[nodiscard]] std::string pointer() const;

  private:
    static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

    constexpr Path(const Path* parent, std::string_view name, std::size_t index) noexcept
        : parent_(parent), name_(name), index_(index), lends_(parent->lends_) {}

    const Path* parent_ = nullptr;
    std::string_view name_;
    std::size_t index_ = no_index;
    bool lends_ = false;
};

} // namespace pep::marshal
