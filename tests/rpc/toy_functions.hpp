// A function map over the toy library, and a dispatcher with it: what the RPC tests call.
#pragma once

#include "rpc/dispatcher.hpp"

#include <string>
#include <string_view>

namespace toy {

/// Stands for an engine session: made when first needed, may fail.
struct session {
    int calls = 0;
};

class Context : public pep::rpc::CallContext {
  public:
    session engine;
    bool engine_starts = true;
    int sessions_asked = 0;
    bool is_patient = false;
};

inline constexpr std::string_view token = "right-token";

pep::rpc::MapView calls();
pep::rpc::MapView service();

/// Replies are checked against their schemas; thread label "A1B".
pep::rpc::Dispatcher::Options options();
pep::rpc::Dispatcher make_dispatcher();

/// The answer of the modern dialect to an authorized body.
std::string modern(const std::string& body);

/// The answer of the legacy dialect; `members` are method and params, the rest is added.
std::string legacy(const std::string& members);

} // namespace toy
