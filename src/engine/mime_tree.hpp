// The entities of a mail as a tree of views into its text: where headers, bodies and parts begin
// and end, byte for byte. Limits are checked here, before any grammar is applied. Pure; any thread.
#pragma once

#include "base/expected.hpp"
#include "engine/backend/gmime.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace pep::engine::mime {

inline constexpr std::size_t max_header_bytes = std::size_t{64} << 10U;
inline constexpr std::size_t max_header_block_bytes = std::size_t{256} << 10U; ///< of one entity
inline constexpr std::size_t max_headers = 1'000;                              ///< of one entity
inline constexpr std::size_t max_parts = 10'000;
inline constexpr std::size_t max_depth = 100; ///< of multiparts in each other

struct Header {
    std::string_view name;
    std::string_view value; ///< raw: folded, without the final line break
};

/// One entity. All views point into the text given to parse_tree().
struct Part {
    std::string_view raw;  ///< headers and body
    std::string_view body; ///< before transfer decoding; without the line break before a boundary
    std::vector<Header> headers;
    gmime::ContentType type;
    std::vector<Part> children; ///< only of multiparts in which a boundary line was found

    /// Raw value of the first header of that name (ASCII case ignored), "" when absent.
    [[nodiscard]] std::string_view header(std::string_view name) const;

    [[nodiscard]] bool is_multipart() const { return !children.empty(); }
};

/// Split `text`, a message or any other entity. A multipart without a usable boundary becomes
/// text/plain, so that nothing of it is lost. Parts of message/rfc822 are not split. ILLEGAL_VALUE
/// beyond the limits.
[[nodiscard]] Expected<Part> parse_tree(std::string_view text);

} // namespace pep::engine::mime
