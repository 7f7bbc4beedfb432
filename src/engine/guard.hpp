// The border between C++ and the C API: exceptions become statuses, errors become statuses plus one
// log line, and required arguments are checked in one way.
#pragma once

#include "base/expected.hpp"
#include "pEp/pEpEngine.h"

#include <new>
#include <string_view>
#include <type_traits>

namespace pep::engine {

/// An engine error: its code is the PEP_STATUS the caller of the C API gets.
[[nodiscard]] inline tl::unexpected<Error> fail(PEP_STATUS status, std::string message) {
    return pep::fail(static_cast<int>(status), std::move(message));
}

using pep::fail;

/// The status an error stands for.
[[nodiscard]] inline PEP_STATUS status_of(const Error& error) {
    return static_cast<PEP_STATUS>(error.code);
}

/// Log an error at debug level; its message never holds user data.
void log_failure(const Error& error) noexcept;

/// True when a required string argument is missing.
[[nodiscard]] inline bool missing(const char* text) { return text == nullptr || *text == '\0'; }

/// Run the body of a C API function. The body returns PEP_STATUS, Expected<void> or
/// Expected<PEP_STATUS>; nothing it throws gets out.
template <class Body>
PEP_STATUS guard(Body&& body) noexcept {
    try {
        using Result = std::invoke_result_t<Body>;
        if constexpr (std::is_same_v<Result, PEP_STATUS>) {
            return body();
        } else {
            auto result = body();
            if (!result) {
                log_failure(result.error());
                return status_of(result.error());
            }
            if constexpr (std::is_same_v<Result, Expected<PEP_STATUS>>)
                return *result;
            else
                return PEP_STATUS_OK;
        }
    } catch (const std::bad_alloc&) {
        return PEP_OUT_OF_MEMORY;
    } catch (...) {
        return PEP_UNKNOWN_ERROR;
    }
}

} // namespace pep::engine
