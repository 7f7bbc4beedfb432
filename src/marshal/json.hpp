// The document type of marshalling and RPC. Member order on the wire is part of the contract with
// existing clients, so objects keep the order in which their members were added, everywhere.
#pragma once

#include <nlohmann/json.hpp>

namespace pep {

using json = nlohmann::ordered_json;

} // namespace pep
