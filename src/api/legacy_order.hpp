// How the original groups and orders its functions in /pEp_functions.js.
#pragma once

#include "rpc/legacy_table.hpp"

#include <span>

namespace pep::api {

/// Headings and names of the newest original, without what comes with sync and groups.
[[nodiscard]] std::span<const rpc::LegacyGroup> legacy_order();

} // namespace pep::api
