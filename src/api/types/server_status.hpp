// What the function `status` tells: made by the process, described here.
#pragma once

#include "marshal/type.hpp"

namespace pep::api {

/// The object as it goes out.
struct ServerStatus {
    json value;
};

} // namespace pep::api

namespace pep::marshal {

template <>
struct Type<api::ServerStatus> {
    static constexpr std::string_view name = "ServerStatus";

    static Expected<json> encode(const api::ServerStatus& status, const Path&) {
        return status.value;
    }

    /// More members may come; those described stay.
    static json schema(Schemas& schemas);
};

} // namespace pep::marshal
