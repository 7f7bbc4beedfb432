// The function map as the JavaScript text that test pages of existing clients load
// (`/pEp_functions.js`): functions of the legacy dialect with the types of their parameters.
#pragma once

#include "rpc/function_map.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pep::rpc {

/// A heading of the table and what stands under it.
struct LegacyGroup {
    std::string_view title;
    std::span<const std::string_view> names;
};

/// `version` is "major.minor.patch", `nickname` the release's name. The functions named by `order`
/// come first, in its groups; the others follow under the titles of their maps.
[[nodiscard]] std::string make_legacy_table(
    const std::vector<MapView>& maps,
    std::string_view version,
    std::string_view nickname,
    std::span<const LegacyGroup> order = {}
);

} // namespace pep::rpc
