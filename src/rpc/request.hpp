// The envelope of a request in both dialects: which members must be there, of which type, and in
// which order that is checked. Knows no function.
#pragma once

#include "marshal/json.hpp"
#include "rpc/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pep::rpc {

inline constexpr std::size_t default_batch_items = 100;

/// One request of the modern dialect.
struct Request {
    json id;                      ///< string, number or null; see json_reader.hpp for odd numbers
    bool is_notification = false; ///< no `id` member: nothing is answered
    std::string method;
    json params; ///< object or array
    std::string client_id;
};

/// A request that cannot be executed, with the id to answer to.
struct Refused {
    json id;
    RpcError error;
};

/// The member of that name; null if there is none, or `request` is no object.
[[nodiscard]] const json* member(const json& request, std::string_view name);

/// The text of a member, seen in `request`; "" if there is none or it is something else.
[[nodiscard]] std::string_view text_member(const json& request, std::string_view name);

/// The id to answer a request with that is not looked at any further: null if it is no right one.
[[nodiscard]] json id_of(const json& request);

/// A member of the envelope is not what it must be.
[[nodiscard]] RpcError
invalid_request(std::string_view reason, std::string path, std::string expected);

/// The `security_token` member of a request object; "" if there is none. Wiped from the document.
[[nodiscard]] std::string take_token(json& document);

/// Check one JSON-RPC 2.0 request object and take it apart.
[[nodiscard]] tl::expected<Request, Refused> parse_request(json document);

/// What the legacy checks behind those of token and method leave over.
struct LegacyRequest {
    std::int32_t id = -1; ///< -1 when the client sent none
    json params = json::array();
};

struct LegacyRefused {
    std::int32_t id;
    RpcError error;
};

/// Ids the legacy envelope uses where the request's own is not known.
inline constexpr std::int32_t legacy_no_id = -1;
inline constexpr std::int32_t legacy_not_an_object_id = 42;
inline constexpr std::int32_t legacy_no_body_id = -42;

/// The id's type, then that of params, moved out of the request object.
[[nodiscard]] tl::expected<LegacyRequest, LegacyRefused> parse_legacy_request(json& document);

} // namespace pep::rpc
