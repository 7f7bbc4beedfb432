// The limits by name, one row each: what --limit sets, what `status` and the OpenRPC document
// publish, and the table of the README.
#pragma once

#include "base/expected.hpp"
#include "daemon/limits.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pep::daemon {

/// Set one limit from "name=value"; an unknown name or a value out of range is an error that lists
/// the names.
[[nodiscard]] Expected<void> set_limit(Limits& limits, std::string_view assignment);

/// Names and values, times in milliseconds, sizes in bytes, in the table's order.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> list_limits(const Limits& limits);

/// Names, defaults and meanings as a Markdown table.
[[nodiscard]] std::string limits_markdown();

} // namespace pep::daemon
