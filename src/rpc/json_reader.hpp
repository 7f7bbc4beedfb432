// Reads one JSON document strictly: RFC 8259 without byte order mark, without text behind it,
// without duplicate members (which of two would count?), and nested no deeper than a limit, so that
// nothing that walks a document later can exhaust the stack.
#pragma once

#include "marshal/json.hpp"
#include "rpc/error.hpp"

#include <cstddef>
#include <string>

namespace pep::rpc {

inline constexpr std::size_t default_json_depth = 64;
inline constexpr std::size_t default_json_values = std::size_t{1} << 20U;

/// How big a document may be, once it is no text any more.
struct JsonLimits {
    std::size_t depth = default_json_depth;   ///< of nested arrays and objects
    std::size_t values = default_json_values; ///< of all kinds, together
};

/// The document in `text`, or −32700 with the reason (−32603 without the memory for it). `text` is
/// used as working memory and wiped before it is freed, as it may hold tokens and passphrases.
///
/// Integers of 64 bits become integers. Any other number becomes a `json::binary` that holds its
/// text: no parameter takes one, and an id must be echoed exactly as it came.
[[nodiscard]] tl::expected<json, RpcError>
read_json(std::string text, const JsonLimits& limits = {});

} // namespace pep::rpc
