// What a dispatcher knows about its maps: functions by name for each dialect, and the documents
// made from them once.
#pragma once

#include "rpc/dispatcher.hpp"

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace pep::rpc {

struct Dispatcher::Index {
    /// Entries of one name; more than one only if they are overloads.
    using Table = std::unordered_map<std::string_view, std::vector<const Function*>>;

    Table modern, legacy;
    json servers; ///< OpenRPC `servers`, or null
    std::mutex openrpc_mutex;
    std::string openrpc; ///< as text; empty until somebody asked
    json definitions;    ///< of types, for the check of replies
    std::unordered_map<const Function*, json>
        results; ///< schemas; empty unless replies are checked

    [[nodiscard]] const Table& table(Dialect dialect) const {
        return dialect == Dialect::legacy ? legacy : modern;
    }
};

/// The method of the modern dialect that answers with the OpenRPC document.
inline constexpr std::string_view discover_method = "rpc.discover";

/// Call, with exceptions turned into −32603: nothing thrown by a type or a function leaves a call.
[[nodiscard]] Expected<Reply> call_guarded(const Function& f, CallContext& context, Arguments& in);

} // namespace pep::rpc
