// Does a value fit a JSON Schema? Only the subset our types write, strictly: an unknown keyword
// that constrains would go unnoticed, so new ones belong here, too. For tests and the check of
// replies.
#pragma once

#include "marshal/json.hpp"

#include <optional>
#include <string>

namespace pep::rpc {

/// The place (JSON pointer) and kind of the first difference; nothing if the value fits.
/// `definitions` is what `#/components/schemas/…` refers to.
[[nodiscard]] std::optional<std::string>
find_difference(const json& value, const json& schema, const json& definitions);

} // namespace pep::rpc
