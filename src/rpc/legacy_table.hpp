// The function map as the JavaScript text that test pages of existing clients load
// (`/pEp_functions.js`): functions of the legacy dialect with the types of their parameters.
#pragma once

#include "rpc/function_map.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pep::rpc {

/// `version` is "major.minor.patch", `nickname` the release's name.
[[nodiscard]] std::string make_legacy_table(
    const std::vector<MapView>& maps, std::string_view version, std::string_view nickname
);

} // namespace pep::rpc
