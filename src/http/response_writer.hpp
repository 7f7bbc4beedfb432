// A response's head as bytes. Pure; any thread.
#pragma once

#include "http/request.hpp"

#include <string>

namespace pep::http {

/// What the request decides about the shape of its response.
struct ResponseShape {
    bool http_1_0 = false;
    bool keep_alive = true;
    bool stream = false; ///< the length is not known; the end of the connection is the end
};

/// Status line and fields with the empty line; the body follows as it is. Fields with line breaks
/// in them are left out: nothing may split a response.
[[nodiscard]] std::string response_head(const Response& response, const ResponseShape& shape);

/// The phrase for a status, "" if there is none.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

} // namespace pep::http
