// A value or the reason why there is none. The one error type of engine, marshalling and server;
// each layer gives `code` its own numbering (PEP_STATUS in the engine, JSON-RPC codes in rpc).
#pragma once

#include <tl/expected.hpp>

#include <string>
#include <utility>

namespace pep {

struct Error {
    int code = 0;
    std::string message; ///< one line, no user data
    std::string where;   ///< place in the input, e.g. a JSON pointer; may be empty
};

template <class T>
using Expected = tl::expected<T, Error>;

/// An Expected holding an error: `return fail(code, "…");`
[[nodiscard]] inline tl::unexpected<Error>
fail(int code, std::string message, std::string where = {}) {
    return tl::make_unexpected(Error{code, std::move(message), std::move(where)});
}

/// Pass an error up: `if (!x) return fail(x);`
template <class T>
[[nodiscard]] tl::unexpected<Error> fail(Expected<T>& failed) {
    return tl::make_unexpected(std::move(failed.error()));
}

} // namespace pep
