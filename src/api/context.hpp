// What the API's functions find in the context of a call: an engine session, made when first
// needed, the client's settings, and the server itself.
#pragma once

#include "api/passphrases.hpp"
#include "api/service.hpp"
#include "api/types/identity.hpp"
#include "pEp/pEpEngine.h"
#include "rpc/context.hpp"

#include <functional>
#include <memory>
#include <string>

namespace pep::api {

/// Settings a client makes once and expects on all its connections.
struct ClientSettings {
    bool passive_mode = false;
    bool unencrypted_subject = false;
    bool autocrypt_header = false;
    PEP_CIPHER_SUITE cipher_suite = PEP_CIPHER_SUITE_DEFAULT;
    bool new_keys_protected = false;
    Secret new_keys_passphrase; ///< "": protected keys cannot be made
};

/// What functions note on a connection for later ones.
struct ConnectionNotes {
    std::string session_handle;                   ///< of registerSession, "" if there is none
    marshal::Owned<pEp_identity> last_mistrusted; ///< as it was before key_mistrusted
};

/// One connection's context; used by one thread at a time.
class Context : public rpc::CallContext {
  public:
    /// The connection's engine session with the client's settings applied. Fails when the engine
    /// cannot start; the next call tries again.
    [[nodiscard]] virtual Expected<PEP_SESSION> session() = 0;

    /// Change the settings of this client, for this connection at once and for its others from
    /// their next call on.
    virtual void change_settings(const std::function<void(ClientSettings&)>& change) = 0;

    /// What the session has of them.
    [[nodiscard]] virtual ClientSettings current_settings() = 0;

    /// The passphrases of this client; null if it gave none.
    [[nodiscard]] virtual std::shared_ptr<Passphrases> find_passphrases() = 0;

    /// The same, made if need be.
    [[nodiscard]] virtual std::shared_ptr<Passphrases> own_passphrases() = 0;

    /// Name of the event queue that goes with this connection.
    [[nodiscard]] virtual const std::string& own_queue() = 0;

    /// Give the engine session up; the next call that needs one gets a new one.
    virtual void end_session() = 0;

    [[nodiscard]] virtual Service& service() = 0;

    ConnectionNotes notes;
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
