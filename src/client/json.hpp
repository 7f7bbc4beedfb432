// The document type of the client: objects keep the order of their members, so replies are shown as
// they came.
#pragma once

#include "base/expected.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace pep::client {

using Json = nlohmann::ordered_json;

/// One document of bounded depth (64 levels are what the server takes); Error::code is
/// fault::usage. The message names the place, never the text.
[[nodiscard]] Expected<Json> parse_json(std::string_view text, int most_levels = 64);

/// Overwrite every string in it: parameters may hold passphrases and mail.
void wipe_texts(Json& value) noexcept;

} // namespace pep::client
