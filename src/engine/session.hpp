// What stands behind a PEP_SESSION: the engine of one home, shared by its sessions, the session's
// configuration, and the per-thread context with database and key ring.
#pragma once

#include "base/expected.hpp"
#include "base/secret.hpp"
#include "engine/keys.hpp"
#include "engine/media_keys.hpp"
#include "engine/store.hpp"
#include "engine/trustwords.hpp"
#include "pEp/message.h"
#include "pEp/pEpEngine.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pep::engine {

/// One home in this process. Immutable after start but for the dictionaries, which load themselves
/// on first use under their own lock. Any thread.
struct Engine {
    std::filesystem::path home;
    bool xor_trustwords = false;
    Dictionaries dictionaries; ///< see trustwords.hpp

    Engine(std::filesystem::path home_dir, std::filesystem::path trustwords_dir, bool use_xor)
        : home(std::move(home_dir)), xor_trustwords(use_xor),
          dictionaries(std::move(trustwords_dir)) {}
};

/// Database connection and OpenPGP context of one thread on one home: what is not thread-safe and
/// too dear to make per call.
struct Context {
    Store store;
    KeyRing keys;

    explicit Context(Store opened) : store(std::move(opened)), keys(store.db()) {}

    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
};

/// The calling thread's context for an engine; made on first use, dropped with the thread or when
/// the engine is gone.
[[nodiscard]] Expected<Context*> context_of(const std::shared_ptr<Engine>& engine);

/// The engine of a home, made private (0700) and created if need be; the same object for the same
/// options as long as a session holds it. A null or empty home is $PEPHOME, else $HOME/.pEp. Any
/// thread.
[[nodiscard]] Expected<std::shared_ptr<Engine>> engine_for(const pEp_engine_options& options);

/// Drop this thread's contexts of engines that no session holds any more.
void drop_closed_contexts();

} // namespace pep::engine

/// The session: configuration of one client, used by one thread at a time.
struct pEp_session_ {
    std::shared_ptr<pep::engine::Engine> engine;
    /// Delivers a message, which it owns from then on; empty when nobody delivers.
    std::function<PEP_STATUS(message*)> message_to_send;
    inject_sync_event_t inject_sync_event = nullptr;
    ensure_passphrase_t ensure_passphrase = nullptr;
    bool passive_mode = false;
    bool unencrypted_subject = false;
    bool autocrypt_header = false;
    PEP_CIPHER_SUITE cipher_suite = PEP_CIPHER_SUITE_DEFAULT;
    std::optional<pep::Secret> passphrase; ///< tried on locked keys
    bool new_keys_protected = false;
    std::optional<pep::Secret> new_keys_passphrase; ///< protects generated keys
    pep::engine::MediaKeys media_keys;

    [[nodiscard]] pep::Expected<pep::engine::Context*> context() const {
        return pep::engine::context_of(engine);
    }
};
