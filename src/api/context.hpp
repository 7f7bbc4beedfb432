// What the API's functions find in the context of a call: an engine session, made when first
// needed, the client's settings, and the server itself.
#pragma once

#include "api/service.hpp"
#include "pEp/pEpEngine.h"
#include "rpc/context.hpp"

namespace pep::api {

/// Settings a client makes once and expects on all its connections.
struct ClientSettings {
    bool passive_mode = false;
    bool unencrypted_subject = false;
};

/// One connection's context; used by one thread at a time.
class Context : public rpc::CallContext {
  public:
    /// The connection's engine session with the client's settings applied. Fails when the engine
    /// cannot start; the next call tries again.
    [[nodiscard]] virtual Expected<PEP_SESSION> session() = 0;

    /// Change the settings of this client: for this connection at once, for its others from their
    /// next session on.
    virtual void change_settings(void (*change)(ClientSettings&, bool), bool value) = 0;

    [[nodiscard]] virtual Service& service() = 0;
};

} // namespace pep::api

namespace pep::rpc {

template <>
struct FromContext<PEP_SESSION> {
    static Expected<PEP_SESSION> get(CallContext& context) {
        return static_cast<api::Context&>(context).session();
    }
};

template <>
struct FromContext<api::Context*> {
    static Expected<api::Context*> get(CallContext& context) {
        return &static_cast<api::Context&>(context);
    }
};

} // namespace pep::rpc

namespace pep::api {

/// The annotations of this layer: the engine session, and the context itself.
using Session = rpc::FromContext<PEP_SESSION>;
using Self = rpc::FromContext<Context*>;

} // namespace pep::api
