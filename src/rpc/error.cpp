// The table of errors and their wire form.
#include "rpc/error.hpp"

#include "marshal/fault.hpp"

#include <array>

namespace pep::rpc {
namespace {

/// Clients compare codes and slugs; texts and hints are for the people who write clients.
constexpr std::array kinds{
    ErrorKind{
        code::parse_error,
        200,
        "parse_error",
        "Parse error",
        "send one JSON document in UTF-8, without byte order mark, duplicate members or comments"},
    ErrorKind{
        code::invalid_request,
        200,
        "invalid_request",
        "Invalid Request", // as the specification spells it
        "send an object with jsonrpc \"2.0\", a method name, and params and id as JSON-RPC has "
        "them"},
    ErrorKind{
        code::method_not_found,
        200,
        "method_not_found",
        "Method not found",
        "rpc.discover lists the functions there are"},
    ErrorKind{
        code::invalid_params,
        200,
        "invalid_params",
        "Invalid params",
        "compare the call with the function's entry in /openrpc.json"},
    ErrorKind{
        code::internal_error,
        200,
        "internal_error",
        "Internal error",
        "see the server's log; a repetition may help"},
    ErrorKind{
        code::unauthorized,
        401,
        "unauthorized",
        "Unauthorized",
        "read the token file again and send its token"},
    ErrorKind{
        code::forbidden,
        403,
        "forbidden",
        "Forbidden",
        "only programs of the user who runs the server may call it"},
    ErrorKind{code::too_large, 413, "too_large", "Too large", "see x-limits in /openrpc.json"},
    ErrorKind{code::busy, 503, "busy", "Busy", "try again after the time given in Retry-After"},
    ErrorKind{
        code::shutting_down,
        503,
        "shutting_down",
        "Shutting down",
        "start the server again, then read the token file"},
};

} // namespace

std::span<const ErrorKind> error_kinds() { return kinds; }

const ErrorKind& error_kind(int code) {
    // A code without a row is a fault of ours: the client gets one that it can look up.
    const ErrorKind* internal = nullptr;
    for (const auto& kind : kinds) {
        if (kind.code == code)
            return kind;
        if (kind.code == code::internal_error)
            internal = &kind;
    }
    return *internal;
}

RpcError RpcError::of(int code) {
    const ErrorKind& kind = error_kind(code);
    RpcError error;
    error.code = kind.code;
    error.reason = kind.reason;
    error.message = kind.text;
    error.hint = kind.hint;
    return error;
}

RpcError& RpcError::because(std::string_view slug, std::string_view advice) {
    reason = slug;
    hint = advice;
    return *this;
}

RpcError to_rpc_error(Error error) {
    // JSON-RPC's codes are negative, and marshalling counts its faults from 1.
    if (error.code <= 0) {
        RpcError result = RpcError::of(error.code);
        if (!error.message.empty())
            result.message += ": " + error.message;
        result.path = std::move(error.where);
        return result;
    }
    const auto fault = static_cast<marshal::Fault>(error.code);
    // The parameter is right, it only was too much for now.
    const bool is_ours = fault == marshal::Fault::out_of_memory;
    RpcError result = RpcError::of(is_ours ? code::internal_error : code::invalid_params);
    result.because(marshal::slug(fault), marshal::hint(fault));
    // A place and a phrase: neither repeats the value that was wrong.
    result.message += ": " + error.where + ": expected " + error.message;
    result.path = std::move(error.where);
    result.expected = std::move(error.message);
    return result;
}

int visible_code(int code, Dialect dialect) {
    if (dialect == Dialect::legacy && code == code::invalid_params)
        return code::internal_error;
    // Existing clients read the token file again when they see -32600, and try once more.
    if (dialect == Dialect::legacy && code == code::unauthorized)
        return code::invalid_request;
    return code;
}

json error_object(const RpcError& error, Dialect dialect) {
    // Never the request, which the original puts here with token and parameters.
    json data = json::object();
    const auto add = [&data](const char* name, const std::string& text) {
        if (!text.empty())
            data.emplace(name, text);
    };
    add("reason", error.reason);
    add("path", error.path);
    add("expected", error.expected);
    add("hint", error.hint);
    json object = json::object();
    object.emplace("code", visible_code(error.code, dialect));
    object.emplace("message", error.message);
    object.emplace("data", std::move(data));
    return object;
}

} // namespace pep::rpc
