// A key's raw rating is what the key says of itself; the trust row is what the user's decisions and
// earlier looks made of it. This file brings the two together.
#include "engine/key_validity.hpp"

#include "engine/guard.hpp"

#include <ctime>

namespace pep::engine {

namespace {

/// Nothing mends these, whereas an expired key may be extended.
bool is_unusable_for_ever(PEP_comm_type ct) {
    return ct == PEP_ct_key_revoked || ct == PEP_ct_key_b0rken;
}

/// Everybody loses trust in the key, but for those who distrust it already.
Expected<void> withdraw(IdentityStore& store, const Candidate& candidate, PEP_comm_type verdict) {
    if (auto removed = store.remove_default(candidate.fpr); !removed)
        return removed;
    auto rows = store.trusts_of_key(candidate.fpr);
    if (!rows)
        return fail(rows);
    for (const auto& row : *rows) {
        // That verdict is the user's, and weighs more than what the key says.
        if (is_distrusted(row.ct))
            continue;
        if (auto done = store.put_trust(row.user_id, row.fpr, verdict); !done)
            return done;
    }
    return {};
}

/// key_expired_but_confirmed does not have the confirmed bit, hence is asked for by name.
PEP_comm_type expired_trust(PEP_comm_type ct) {
    if (is_confirmed(ct) || ct == PEP_ct_key_expired_but_confirmed)
        return PEP_ct_key_expired_but_confirmed;
    return PEP_ct_key_expired;
}

/// Each user's trust remembers whether it was confirmed, so that an extended key regains it.
Expected<void> suspend(IdentityStore& store, const Candidate& candidate) {
    auto rows = store.trusts_of_key(candidate.fpr);
    if (!rows)
        return fail(rows);
    rows->push_back({candidate.user_id, candidate.fpr, PEP_ct_unknown}
    ); // in case there is no row yet
    for (auto& row : *rows) {
        auto now = store.trust(row.user_id, row.fpr);
        if (!now)
            return fail(now);
        const auto ct = now->value_or(PEP_ct_unknown);
        if (is_distrusted(ct) || is_unusable_for_ever(ct))
            continue;
        if (auto done = store.put_trust(row.user_id, row.fpr, expired_trust(ct)); !done)
            return done;
    }
    return {};
}

Expected<bool> is_pep_user(IdentityStore& store, std::string_view user_id) {
    auto person = store.person(user_id);
    if (!person)
        return fail(person);
    return *person && (*person)->is_pep_user;
}

/// Raw rating, or nothing when the key is not in the ring.
Expected<std::optional<PEP_comm_type>> raw_rating(KeyRing& keys, std::string_view fpr) {
    auto raw = keys.rating(fpr);
    if (raw)
        return *raw;
    if (status_of(raw.error()) == PEP_KEY_NOT_FOUND)
        return std::nullopt;
    return fail(raw);
}

enum class Renewal { done, not_needed, impossible };

/// Extend an own key in time. A missing or wrong passphrase is an error, because the user can help;
/// any other failure leaves the key to expire.
Expected<Renewal> renew_if_due(const Scope& scope, const Candidate& candidate, PEP_comm_type ct) {
    // Partners extend their keys themselves.
    if (candidate.holder != Holder::user || candidate.renew == Renew::no)
        return Renewal::not_needed;
    // A key that was unusable when it came in is never revived behind the user's back.
    if (!is_strong(ct) && ct != PEP_ct_key_expired_but_confirmed)
        return Renewal::not_needed;
    const std::time_t now = std::time(nullptr);
    auto due = scope.keys->expired(candidate.fpr, now + renew_before_s);
    if (!due)
        return fail(due);
    if (!*due)
        return Renewal::not_needed;
    auto secret = scope.keys->has_secret(candidate.fpr);
    if (!secret)
        return fail(secret);
    if (!*secret)
        return Renewal::impossible;
    // Signing the key anew is a change: a read-only run leaves it as it is.
    auto go = scope.store->before_change();
    if (!go)
        return fail(go);
    if (!*go)
        return Renewal::not_needed;
    auto renewed =
        scope.keys->renew(candidate.fpr, now + renew_for_s, passphrase_of(*scope.session));
    if (renewed)
        return Renewal::done;
    switch (status_of(renewed.error())) {
    case PEP_PASSPHRASE_REQUIRED:
    case PEP_WRONG_PASSPHRASE:
    case PEP_OUT_OF_MEMORY:
        return fail(renewed);
    default: // NOLINT: the other statuses all mean that it is not possible
        return Renewal::impossible;
    }
}

/// Stored trust after a look at the key: unjudged keys get the raw rating, extended ones regain
/// theirs.
PEP_comm_type current_trust(PEP_comm_type stored, PEP_comm_type raw, bool pep_user) {
    PEP_comm_type ct = stored;
    if (stored == PEP_ct_unknown)
        ct = raw;
    else if (is_expired(stored) && !is_expired(raw) && !is_unusable_for_ever(raw))
        ct = stored == PEP_ct_key_expired_but_confirmed ? confirmed(raw) : raw;
    return pep_user ? pep_level(ct) : ct;
}

} // namespace

Passphrase passphrase_of(const pEp_session_& session) {
    return session.passphrase ? &*session.passphrase : nullptr;
}

Expected<PEP_comm_type>
initial_trust(const Scope& scope, std::string_view user_id, std::string_view fpr) {
    auto raw = scope.keys->rating(fpr);
    if (!raw)
        return fail(raw);
    auto pep_user = is_pep_user(*scope.store, user_id);
    if (!pep_user)
        return fail(pep_user);
    return *pep_user ? pep_level(*raw) : *raw;
}

Expected<Validity> validate_key(const Scope& scope, const Candidate& candidate) {
    IdentityStore& store = *scope.store;
    // Before anything is noted: that the secret part is missing says nothing about the key itself.
    if (candidate.need_secret == NeedSecret::yes) {
        auto secret = scope.keys->has_secret(candidate.fpr);
        if (!secret)
            return fail(secret);
        if (!*secret)
            return Validity{PEP_KEY_UNSUITABLE, PEP_ct_unknown};
    }
    auto stored = store.trust(candidate.user_id, candidate.fpr);
    if (!stored)
        return fail(stored);
    auto raw = raw_rating(*scope.keys, candidate.fpr);
    if (!raw)
        return fail(raw);
    // A certificate that is gone leaves the trust in it as it is.
    if (!*raw)
        return Validity{PEP_KEY_NOT_FOUND, PEP_ct_key_not_found};
    auto pep_user = is_pep_user(store, candidate.user_id);
    if (!pep_user)
        return fail(pep_user);
    PEP_comm_type ct = current_trust(stored->value_or(PEP_ct_unknown), **raw, *pep_user);

    // Also by the stored trust: a copy of the key without its revocation does not bring it back.
    if (is_unusable_for_ever(**raw) || is_unusable_for_ever(ct)) {
        const auto verdict = is_unusable_for_ever(**raw) ? **raw : ct;
        if (auto done = withdraw(store, candidate, verdict); !done)
            return fail(done);
        return Validity{PEP_KEY_UNSUITABLE, verdict};
    }
    // The user's own verdict, which no renewal changes; there is nothing new to note.
    if (is_distrusted(ct))
        return Validity{PEP_KEY_UNSUITABLE, ct};

    auto renewal = renew_if_due(scope, candidate, ct);
    if (!renewal) {
        const PEP_STATUS status = status_of(renewal.error());
        if (status == PEP_PASSPHRASE_REQUIRED || status == PEP_WRONG_PASSPHRASE)
            return Validity{status, ct};
        return fail(renewal);
    }
    // Judged anew, with the trust from before the renewal.
    if (*renewal == Renewal::done) {
        auto renewed = scope.keys->rating(candidate.fpr);
        if (!renewed)
            return fail(renewed);
        raw = std::optional{*renewed};
        ct = current_trust(stored->value_or(PEP_ct_unknown), *renewed, *pep_user);
    }
    // By the key itself: the stored trust may be older than its extension.
    if (is_expired(**raw)) {
        if (auto done = suspend(store, candidate); !done)
            return fail(done);
        return Validity{PEP_KEY_UNSUITABLE, expired_trust(ct)};
    }
    // Rows are only kept up to date here; who ties a key to a user makes the first one.
    if (*stored && **stored != ct) {
        if (auto done = store.put_trust(candidate.user_id, candidate.fpr, ct); !done)
            return fail(done);
    }
    return Validity{PEP_STATUS_OK, ct};
}

namespace {

/// What the session wants new keys to be like; the passphrase is borrowed from it.
Expected<GenerateParams> params_of(const Scope& scope, const Identity& identity) {
    const pEp_session_& session = *scope.session;
    // Whole groups share a key; a member's passphrase must not lock the others out.
    const bool shared = (identity.flags & (PEP_idf_group_ident | PEP_idf_signing)) != 0;
    GenerateParams params;
    params.address = identity.address;
    params.username = identity.username;
    params.suite = session.cipher_suite;
    if (session.new_keys_protected && !shared) {
        if (!session.new_keys_passphrase)
            return fail(PEP_PASSPHRASE_FOR_NEW_KEYS_REQUIRED, "new keys are to have a passphrase");
        params.passphrase = &*session.new_keys_passphrase;
    }
    if ((identity.flags & PEP_idf_signing) != 0)
        params.lifetime_s = 0; // never: what it signed stays verifiable
    return params;
}

} // namespace

Expected<bool> before_new_key(const Scope& scope, const Identity& identity) {
    auto go = scope.store->before_change();
    if (!go && go.error().code == change_needed)
        if (auto params =
                params_of(scope, identity)) // what fails here fails in generate_key(), too
            (void)scope.keys->prepare(*params);
    return go;
}

Expected<std::string> generate_key(const Scope& scope, const Identity& identity) {
    auto params = params_of(scope, identity);
    if (!params)
        return fail(params);
    // Takes the key before_new_key() prepared, if that was for the same parameters.
    auto fpr = scope.keys->generate(*params);
    if (!fpr)
        return fpr;
    if (auto done = scope.store->put_key(*fpr); !done)
        return fail(done);
    return fpr;
}

} // namespace pep::engine
