// The function map as an OpenRPC 1.3 document: what the modern dialect offers, with JSON Schemas.
#pragma once

#include "rpc/function_map.hpp"

#include <vector>

namespace pep::rpc {

/// `info` is the document's own member (title, version, …); `limits` becomes `x-limits`; `servers`
/// is left out if it is null.
[[nodiscard]] json
make_openrpc(const std::vector<MapView>& maps, json info, json limits, json servers);

/// Schema of a function's modern result, `{"return":…,"out":{…}}`; types go to `schemas`.
[[nodiscard]] json result_schema(const Function& f, marshal::Schemas& schemas);

} // namespace pep::rpc
