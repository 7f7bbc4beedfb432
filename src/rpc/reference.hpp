// The function map as a page: the reference for people.
#pragma once

#include "rpc/function_map.hpp"
#include "rpc/page_writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pep::rpc {

/// What the maps do not tell.
struct ReferenceFrame {
    std::string_view title;
    std::vector<std::string_view> introduction; ///< paragraphs of prose
    json limits = json::object();               ///< name → default
};

/// Functions by topic, then types, errors and limits. Old names, shapes of old clients and examples
/// stand with the functions they mean.
void write_reference(
    PageWriter& page, const std::vector<MapView>& maps, const ReferenceFrame& frame
);

} // namespace pep::rpc
