// JSON-RPC errors: codes, texts and HTTP statuses in one table, and the way from a marshalling
// error to one with advice. Nothing here ever holds a value the client sent.
#pragma once

#include "base/expected.hpp"
#include "marshal/json.hpp"
#include "rpc/context.hpp"

#include <span>
#include <string>
#include <string_view>

namespace pep::rpc {

namespace code {
inline constexpr int parse_error = -32700;
inline constexpr int invalid_request = -32600;
inline constexpr int method_not_found = -32601;
inline constexpr int invalid_params = -32602;
inline constexpr int internal_error = -32603;
inline constexpr int unauthorized = -32001;
inline constexpr int forbidden = -32002;
inline constexpr int too_large = -32003;
inline constexpr int busy = -32004;
inline constexpr int shutting_down = -32005;
} // namespace code

/// One row of the table.
struct ErrorKind {
    int code;
    int http_status;         ///< of a reply that is nothing but this error, in the modern dialect
    std::string_view reason; ///< default slug
    std::string_view text;
    std::string_view hint;
};

/// All errors a server answers with.
[[nodiscard]] std::span<const ErrorKind> error_kinds();

/// The row of a code; that of −32603 for codes the table does not have.
[[nodiscard]] const ErrorKind& error_kind(int code);

/// An error object before a dialect writes it. Empty members are left out of `error.data`.
struct RpcError {
    int code = code::internal_error;
    std::string reason;   ///< slug for programs
    std::string message;  ///< one line for people
    std::string path;     ///< JSON pointer into the request
    std::string expected; ///< what should stand there
    std::string hint;     ///< what to do about it

    /// An error of the table, with its own slug and hint.
    static RpcError of(int code);

    RpcError& because(std::string_view slug, std::string_view advice);
};

/// From a call's error: faults of marshalling become −32602 with path and advice, codes of the
/// table stay, and anything else is −32603.
[[nodiscard]] RpcError to_rpc_error(Error error);

/// The code as a dialect shows it: the legacy one answers wrong parameters with −32603, and a wrong
/// token with −32600.
[[nodiscard]] int visible_code(int code, Dialect dialect);

/// `{"code":…,"message":…,"data":{"reason":…,"path":…,"expected":…,"hint":…}}`
[[nodiscard]] json error_object(const RpcError& error, Dialect dialect);

} // namespace pep::rpc
