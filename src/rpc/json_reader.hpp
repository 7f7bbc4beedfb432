// Reads one JSON document strictly: RFC 8259 without byte order mark, without text behind it,
// without duplicate members (which of two would count?), and nested no deeper than a fixed limit,
// so that nothing that walks a document later can exhaust the stack.
#pragma once

#include "marshal/json.hpp"
#include "rpc/error.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pep::rpc {

inline constexpr std::size_t max_json_depth = 64;

/// The document in `text`, or −32700 with the reason. `text` is used as working memory and wiped
/// before it is freed, as it may hold tokens and passphrases.
///
/// Integers of 64 bits become integers. Any other number becomes a `json::binary` that holds its
/// text: no parameter takes one, and an id must be echoed exactly as it came.
[[nodiscard]] tl::expected<json, RpcError> read_json(std::string text);

/// The `method` of a request object, found without reading the rest; nothing if there is none or
/// the text is broken before it. Says nothing about whether the request is valid.
[[nodiscard]] std::optional<std::string> peek_method(std::string_view text);

} // namespace pep::rpc
