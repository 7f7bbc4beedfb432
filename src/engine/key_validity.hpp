// May a key be used for a person, and how far is it trusted (engine reference 4.3); how trust
// changes when a key expires, is revoked or comes back; making new keys by the session's
// configuration.
#pragma once

#include "base/expected.hpp"
#include "engine/identities.hpp"
#include "engine/identity_store.hpp"
#include "engine/identity_value.hpp"
#include "engine/session.hpp"

#include <string>
#include <string_view>

namespace pep::engine {

/// What one run of a rule works on; all borrowed from the caller.
struct Scope {
    IdentityStore* store;
    KeyRing* keys;
    const pEp_session_* session;
};

/// Own keys are renewed this long before they expire, for that long.
inline constexpr std::time_t renew_before_s = 7L * 24 * 3600;
inline constexpr std::time_t renew_for_s = 365L * 24 * 3600;

enum class Holder { partner, user };
enum class NeedSecret { yes, no };

struct Candidate {
    std::string user_id;
    std::string fpr;
    Holder holder = Holder::partner;
    NeedSecret need_secret = NeedSecret::no;
    Renew renew = Renew::no;
};

struct Validity {
    /// OK, KEY_UNSUITABLE, KEY_NOT_FOUND, PASSPHRASE_REQUIRED or WRONG_PASSPHRASE (locked own key
    /// that should be renewed).
    PEP_STATUS status = PEP_KEY_UNSUITABLE;
    PEP_comm_type ct = PEP_ct_unknown;

    [[nodiscard]] bool usable() const { return status == PEP_STATUS_OK; }
};

/// Judge a key and note in the store what was learnt: an unusable key is no longer anybody's
/// default.
[[nodiscard]] Expected<Validity> validate_key(const Scope& scope, const Candidate& candidate);

/// The raw rating, at the p≡p level for p≡p users: trust in a key nobody has judged yet.
/// KEY_NOT_FOUND.
[[nodiscard]] Expected<PEP_comm_type>
initial_trust(const Scope& scope, std::string_view user_id, std::string_view fpr);

/// New key pair by the session's cipher suite and passphrase for new keys. Its fingerprint is in
/// the store.
[[nodiscard]] Expected<std::string> generate_key(const Scope& scope, const Identity& identity);

/// IdentityStore::before_change() for who is about to generate_key(): where a transaction has to
/// begin first, the key is made before it, so that nobody else waits for that to write.
[[nodiscard]] Expected<bool> before_new_key(const Scope& scope, const Identity& identity);

/// The session's passphrase for locked keys, or null.
[[nodiscard]] Passphrase passphrase_of(const pEp_session_& session);

/// Run a rule as in_transaction() does, on the session's context of this thread.
template <class Work>
auto run_rule(pEp_session_& session, Work&& work) -> std::invoke_result_t<Work, const Scope&> {
    using Result = std::invoke_result_t<Work, const Scope&>;
    auto context = session.context();
    if (!context)
        return Result{tl::unexpect, std::move(context.error())};
    auto& keys = (*context)->keys;
    auto result = in_transaction((*context)->store.db(), [&](IdentityStore& store) {
        return work(Scope{&store, &keys, &session});
    });
    keys.drop_prepared();
    return result;
}

/// Run `work(KeyRing&)` on the session's key ring of this thread.
template <class Work>
auto with_keys(const pEp_session_& session, Work&& work) -> std::invoke_result_t<Work, KeyRing&> {
    auto context = session.context();
    if (!context)
        return fail(context);
    return work((*context)->keys);
}

/// Run a rule that must not write.
template <class Work>
auto look_up(pEp_session_& session, Work&& work) -> std::invoke_result_t<Work, const Scope&> {
    using Result = std::invoke_result_t<Work, const Scope&>;
    auto context = session.context();
    if (!context)
        return Result{tl::unexpect, std::move(context.error())};
    const sqlite::Snapshot reads{(*context)->store.db()};
    IdentityStore store{(*context)->store.db(), Access::read_only};
    return work(Scope{&store, &(*context)->keys, &session});
}

} // namespace pep::engine
