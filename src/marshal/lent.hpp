// Bytes on their way out: the document only points to them, so that they need not exist a second
// and third time as base64. The writer of the reply encodes them.
#pragma once

#include "marshal/json.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace pep::marshal {

/// Fewer bytes are encoded at once: pointing to them would cost more than it saves.
inline constexpr std::size_t lent_from_bytes = 512;

/// A value that stands for the base64 form of `bytes`, which must outlive all copies of it.
[[nodiscard]] json lend(std::string_view bytes);

/// The bytes if the value came from lend().
[[nodiscard]] std::optional<std::string_view> lent_bytes(const json& value);

} // namespace pep::marshal
