// PEP_STATUS on the wire: `{"status":513,"hex":"0x201 \"PEP_KEY_NOT_FOUND\""}`. It only goes out.
// Statuses are results, so unknown numbers pass.
#pragma once

#include "marshal/type.hpp"
#include "pEp/status_to_string.h"

namespace pep::marshal {

template <>
struct Type<PEP_STATUS> {
    static constexpr std::string_view name = "PEP_STATUS";

    static Expected<json> encode(PEP_STATUS status, const Path&);
    static json schema(Schemas& schemas);
};

} // namespace pep::marshal
