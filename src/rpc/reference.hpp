// The function map as Markdown: the reference for people.
#pragma once

#include "rpc/function_map.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pep::rpc {

/// Functions by topic, then types, then errors. Old names are listed with the functions they mean.
[[nodiscard]] std::string make_reference(const std::vector<MapView>& maps, std::string_view title);

} // namespace pep::rpc
