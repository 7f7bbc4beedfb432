// Which element of `params` is which C parameter: by name or position in the modern dialect, by
// position with placeholders in the legacy one. Wrong names and counts end here, with advice.
#pragma once

#include "rpc/call.hpp"
#include "rpc/error.hpp"
#include "rpc/function_map.hpp"

#include <optional>

namespace pep::rpc {

/// Fill the slots with pointers into `params`, which must outlive the call.
[[nodiscard]] std::optional<RpcError> bind_modern(const Function& f, json& params, Arguments& in);
[[nodiscard]] std::optional<RpcError> bind_legacy(const Function& f, json& params, Arguments& in);

/// `encrypt_message(src, extra?, enc_format, flags)`: what the modern dialect takes.
[[nodiscard]] std::string signature_text(const Function& f);

} // namespace pep::rpc
