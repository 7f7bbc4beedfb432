// The shape of replies: the only place that knows it. A contract with existing clients, kept by
// golden tests.
#pragma once

#include "base/long_text.hpp"
#include "marshal/json.hpp"
#include "rpc/call.hpp"
#include "rpc/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pep::rpc {

/// `{"return":V,"out":{"name":V,…}}`; `out` is always there.
[[nodiscard]] json modern_result(Reply reply);

/// `{"outParams":[last output first],"return":V}`
[[nodiscard]] json legacy_result(Reply reply);

/// `{"jsonrpc":"2.0","id":ID,"result":…}`; `result` is JSON text.
[[nodiscard]] std::string modern_reply(const json& id, std::string_view result);
/// With `rest`: if much was lent to `result`, that is not encoded but goes there, together with all
/// other text, which "" says.
[[nodiscard]] std::string
modern_reply(const json& id, const json& result, LongText* rest = nullptr);
[[nodiscard]] std::string modern_error(const json& id, const RpcError& error);

/// `{"jsonrpc":"2.0","id":N,"thread_id":" ¶XYZ ","result":…}`
[[nodiscard]] std::string
legacy_reply(std::int32_t id, std::string_view thread_label, const json& result);
[[nodiscard]] std::string
legacy_error(std::int32_t id, std::string_view thread_label, const RpcError& error);

/// Three characters for the calling thread; means nothing beyond "same" and "other".
[[nodiscard]] std::string own_thread_label();

} // namespace pep::rpc
