// A decision is stored for the pair of user and key; which key is then used follows from it.
#include "engine/trust.hpp"

#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"

#include <algorithm>

namespace pep::engine {

namespace {

Expected<bool>
is_good_default(const Scope& scope, const std::string& user_id, const std::string& fpr) {
    if (fpr.empty())
        return false;
    auto valid = validate_key(scope, {.user_id = user_id, .fpr = fpr});
    if (!valid)
        return fail(valid);
    // Such a key was compared by the user: another one must not silently take its place.
    return valid->usable() && is_strong(valid->ct) && is_confirmed(valid->ct);
}

/// Make a key the default of an identity, and of its user unless there is a better one.
Expected<void> make_default(const Scope& scope, IdentityRow row, const std::string& fpr) {
    auto person = scope.store->person(row.user_id);
    if (!person)
        return fail(person);
    auto keep = is_good_default(scope, row.user_id, (*person)->fpr);
    if (!keep)
        return fail(keep);
    row.fpr = fpr;
    if (auto done = scope.store->put_identity(row); !done)
        return done;
    if (*keep)
        return {};
    (*person)->fpr = fpr;
    return scope.store->put_person(**person);
}

/// New trust of a partner's key the user has compared.
Expected<PEP_comm_type>
confirmed_trust(const Scope& scope, const std::string& user_id, const std::string& fpr) {
    auto raw = scope.keys->rating(fpr);
    if (!raw) {
        if (status_of(raw.error()) == PEP_KEY_NOT_FOUND)
            return fail(PEP_KEY_UNSUITABLE, "the key is not in the key ring");
        return fail(raw);
    }
    if (!is_strong(*raw))
        return fail(PEP_KEY_UNSUITABLE, "the key is not fit for use");
    // The user's own earlier verdict counts, too: a rejected key is confirmed only after
    // reset_trust().
    auto valid = validate_key(scope, {.user_id = user_id, .fpr = fpr});
    if (!valid)
        return fail(valid);
    if (!valid->usable())
        return fail(valid->status, "the key is not fit for use");
    // As the engine 3.3 does: the better one of trust and quality.
    return confirmed(std::max(valid->ct, *raw));
}

/// Confirm a partner's key, and have it used unless there is a confirmed one already.
Expected<PEP_comm_type> confirm_rule(const Scope& scope, Identity identity) {
    auto mine = is_mine_rule(*scope.store, identity);
    if (!mine)
        return fail(mine);
    if (*mine)
        return fail(PEP_ILLEGAL_VALUE, "own keys are confirmed by trust_own_key");
    // update_rule() puts the elected key in its place.
    const std::string fpr = identity.fpr;
    if (auto known = update_rule(scope, identity); !known)
        return fail(known);
    // Found out by the address: an own one under a made-up user id.
    if (identity.me)
        return fail(PEP_ILLEGAL_VALUE, "own keys are confirmed by trust_own_key");
    auto ct = confirmed_trust(scope, identity.user_id, fpr);
    if (!ct)
        return ct;
    auto row = scope.store->identity(identity.address, identity.user_id);
    if (!row)
        return fail(row);
    if (!*row)
        return fail(PEP_CANNOT_FIND_IDENTITY, "the identity is not stored");
    // A second key is confirmed beside a confirmed default, but replaces any other.
    if ((*row)->fpr != fpr) {
        auto keep = is_good_default(scope, (*row)->user_id, (*row)->fpr);
        if (!keep)
            return fail(keep);
        if (!*keep) {
            if (auto key = scope.store->put_key(fpr); !key)
                return fail(key);
            if (auto done = make_default(scope, **row, fpr); !done)
                return fail(done);
        }
    }
    if (auto done = scope.store->put_trust((*row)->user_id, fpr, *ct); !done)
        return fail(done);
    return ct;
}

/// The identity remembers a rejected key, so that the rejection can be taken back through it.
Expected<void> remember_rejected(IdentityStore& store, const Identity& identity) {
    if (identity.address.empty() || identity.user_id.empty())
        return {};
    auto row = store.identity(identity.address, identity.user_id);
    if (!row)
        return fail(row);
    // The default is what a reset without fingerprint works on; one that is there stays.
    if (*row && !(*row)->fpr.empty())
        return {};
    Identity stored = *row ? identity_of(**row, PEP_ct_mistrusted) : identity;
    stored.fpr = identity.fpr;
    stored.ct = PEP_ct_mistrusted;
    if (stored.username.empty())
        stored.username = stored.address;
    return store_rule(store, stored, PersonName::keep);
}

/// Every trust row of the key becomes mistrusted; users without one get none.
Expected<void> distrust_rule(IdentityStore& store, const std::string& fpr) {
    auto rows = store.trusts_of_key(fpr);
    if (!rows)
        return fail(rows);
    // Each user of the key: a wrong key is wrong for all of them.
    for (const auto& row : *rows) {
        if (auto done = store.put_trust(row.user_id, fpr, PEP_ct_mistrusted); !done)
            return done;
    }
    return {};
}

/// A key with a secret part here is the user's own, whoever it is rejected for: it is revoked.
Expected<void> mistrust_rule(const Scope& scope, const Identity& identity) {
    IdentityStore& store = *scope.store;
    auto secret = scope.keys->has_secret(identity.fpr);
    if (!secret)
        return fail(secret);
    if (*secret) {
        auto revoked = scope.keys->revoked(identity.fpr);
        if (!revoked)
            return fail(revoked);
        // Asked first: what is revoked already needs no transaction.
        if (!*revoked) {
            // Outside the tables, so the store cannot see that something is to be written.
            if (auto go = store.before_change(); !go)
                return fail(go);
            auto done = scope.keys->revoke(identity.fpr, "", passphrase_of(*scope.session));
            if (!done)
                return done;
        }
    } else if (auto done = remember_rejected(store, identity); !done) {
        return done;
    }
    auto person = store.person(identity.user_id);
    if (!person)
        return fail(person);
    // A trust row needs its user; without one the list below still remembers the rejection.
    if (*person) {
        auto done = store.put_trust(identity.user_id, identity.fpr, PEP_ct_mistrusted);
        if (!done)
            return done;
    }
    if (auto done = distrust_rule(store, identity.fpr); !done)
        return done;
    return store.put_mistrusted_key(identity.fpr);
}

/// The best trusted of the default keys of a user's identities, "" if there is none.
Expected<std::string> best_identity_default(IdentityStore& store, const std::string& user_id) {
    auto rows = store.by_user(user_id);
    if (!rows)
        return fail(rows);
    std::string best;
    PEP_comm_type best_ct = PEP_ct_unknown;
    for (const auto& row : *rows) {
        if (row.fpr.empty())
            continue;
        auto ct = store.trust(user_id, row.fpr);
        if (!ct)
            return fail(ct);
        // Any key is better than none, also one nobody has judged.
        if (best.empty() || ct->value_or(PEP_ct_unknown) > best_ct) {
            best = row.fpr;
            best_ct = ct->value_or(PEP_ct_unknown);
        }
    }
    return best;
}

/// Take a key away as default of an identity and of its user, who gets another one of his.
Expected<void> drop_default(IdentityStore& store, IdentityRow row, const std::string& fpr) {
    if (row.fpr == fpr) {
        row.fpr.clear();
        if (auto done = store.put_identity(row); !done)
            return done;
    }
    auto person = store.person(row.user_id);
    if (!person)
        return fail(person);
    if (!*person || (*person)->fpr != fpr)
        return {};
    auto best = best_identity_default(store, row.user_id);
    if (!best)
        return fail(best);
    (*person)->fpr = *best;
    return store.put_person(**person);
}

Expected<void> reset_rule(const Scope& scope, const Identity& identity) {
    IdentityStore& store = *scope.store;
    auto stored = store.trust(identity.user_id, identity.fpr);
    if (!stored)
        return fail(stored);
    if (!*stored)
        return fail(
            PEP_CANNOT_FIND_IDENTITY, "nothing is known about this user's trust in the key"
        );
    auto raw = scope.keys->rating(identity.fpr);
    if (!raw)
        return fail(raw);
    auto person = store.person(identity.user_id);
    if (!person)
        return fail(person);
    // Never more than unconfirmed: what the user takes back has to be compared anew.
    const bool pep = *person && (*person)->is_pep_user && *raw >= PEP_ct_unconfirmed_encryption;
    auto done =
        store.put_trust(identity.user_id, identity.fpr, pep ? PEP_ct_pEp_unconfirmed : *raw);
    if (done)
        done = store.delete_mistrusted_key(identity.fpr);
    if (!done)
        return done;
    auto row = store.identity(identity.address, identity.user_id);
    if (!row)
        return fail(row);
    // An own identity keeps its key: taking it away would make another one behind the user's back.
    if (!*row || (*row)->own)
        return {};
    return drop_default(store, **row, identity.fpr);
}

Identity with_normal_fpr(const pEp_identity& identity) {
    Identity value = value_of(identity);
    value.fpr = normalised_fpr(value.fpr);
    return value;
}

} // namespace

Expected<void> trust_personal_key(pEp_session_& session, pEp_identity& identity) {
    auto ct = run_rule(session, [&](const Scope& scope) {
        return confirm_rule(scope, with_normal_fpr(identity));
    });
    if (!ct)
        return fail(ct);
    identity.comm_type = *ct;
    return {};
}

Expected<void> trust_own_key(pEp_session_& session, pEp_identity& identity) {
    auto ct = run_rule(session, [&](const Scope& scope) -> Expected<PEP_comm_type> {
        Identity own = with_normal_fpr(identity);
        auto mine = is_mine_rule(*scope.store, own);
        auto own_id = scope.store->own_user_id();
        if (!mine)
            return fail(mine);
        if (!own_id)
            return fail(own_id);
        // `me` alone says little: without an own identity there is nobody to trust as.
        if (!*mine || own_id->empty())
            return fail(PEP_ILLEGAL_VALUE, "this is not an own identity");
        auto valid = validate_key(
            scope, {.user_id = *own_id, .fpr = own.fpr, .holder = Holder::user, .renew = Renew::yes}
        );
        if (!valid)
            return fail(valid);
        if (!valid->usable())
            return fail(valid->status, "the key is not fit for use");
        if (!is_strong(valid->ct))
            return fail(PEP_KEY_UNSUITABLE, "the key is too weak");
        const PEP_comm_type trusted = confirmed(valid->ct);
        if (auto done = scope.store->put_trust(*own_id, own.fpr, trusted); !done)
            return fail(done);
        return trusted;
    });
    if (!ct)
        return fail(ct);
    identity.comm_type = *ct;
    return {};
}

Expected<void> mistrust_key(pEp_session_& session, pEp_identity& identity) {
    auto done = run_rule(session, [&](const Scope& scope) {
        return mistrust_rule(scope, with_normal_fpr(identity));
    });
    if (done)
        identity.comm_type = PEP_ct_mistrusted;
    return done;
}

Expected<void> reset_trust(pEp_session_& session, const pEp_identity& identity) {
    return run_rule(session, [&](const Scope& scope) {
        return reset_rule(scope, with_normal_fpr(identity));
    });
}

Expected<void> distrust_everywhere(pEp_session_& session, const std::string& fpr) {
    return run_rule(session, [&](const Scope& scope) {
        return distrust_rule(*scope.store, normalised_fpr(fpr));
    });
}

Expected<std::optional<PEP_comm_type>>
find_trust(pEp_session_& session, const std::string& user_id, const std::string& fpr) {
    return look_up(session, [&](const Scope& scope) {
        return scope.store->trust(user_id, normalised_fpr(fpr));
    });
}

Expected<PEP_comm_type>
trust_of(pEp_session_& session, const char* user_id, const std::string& fpr) {
    auto trust = find_trust(session, missing(user_id) ? "" : user_id, fpr);
    if (!trust)
        return fail(trust);
    return trust->value_or(PEP_ct_unknown);
}

Expected<void>
raise_trust_to_pep(pEp_session_& session, const char* user_id, const std::string& fpr) {
    return run_rule(session, [&](const Scope& scope) -> Expected<void> {
        const std::string key = normalised_fpr(fpr);
        auto trust = scope.store->trust(missing(user_id) ? "" : user_id, key);
        if (!trust)
            return fail(trust);
        if (!*trust)
            return {};
        return scope.store->put_trust(user_id, key, pep_level(**trust));
    });
}

Expected<PEP_comm_type> least_trust_of(pEp_session_& session, const std::string& fpr) {
    return look_up(session, [&](const Scope& scope) -> Expected<PEP_comm_type> {
        auto rows = scope.store->trusts_of_key(normalised_fpr(fpr));
        if (!rows)
            return fail(rows);
        PEP_comm_type least = PEP_ct_unknown;
        for (const auto& row : *rows) {
            // A row without judgement only ties the key to a user.
            if (row.ct != PEP_ct_unknown && (least == PEP_ct_unknown || row.ct < least))
                least = row.ct;
        }
        return least;
    });
}

Expected<bool> own_key_is_listed(pEp_session_& session, const std::string& fpr) {
    return look_up(session, [&](const Scope& scope) -> Expected<bool> {
        auto own = scope.store->own_user_id();
        if (!own)
            return fail(own);
        auto trust = scope.store->trust(*own, normalised_fpr(fpr));
        if (!trust)
            return fail(trust);
        return trust->has_value();
    });
}

Expected<void> use_own_key(pEp_session_& session, pEp_identity& me, const std::string& fpr) {
    auto used = run_rule(session, [&](const Scope& scope) -> Expected<Identity> {
        Identity own = value_of(me);
        // Its status does not matter, but for a missing passphrase, which is an error.
        if (auto known = own_rule(scope, own, Generate::no, Renew::yes); !known)
            return fail(known);
        const std::string key = normalised_fpr(fpr);
        auto valid = validate_key(
            scope,
            {.user_id = own.user_id,
             .fpr = key,
             .holder = Holder::user,
             .need_secret = NeedSecret::yes,
             .renew = Renew::yes}
        );
        if (!valid)
            return fail(valid);
        if (!valid->usable())
            return fail(
                valid->status == PEP_KEY_NOT_FOUND ? PEP_KEY_UNSUITABLE : valid->status,
                "the key is not fit as own key"
            );
        // The key is chosen, not compared; an own key is trusted by being one.
        own.fpr = key;
        own.ct = PEP_ct_pEp;
        if (auto done = store_rule(*scope.store, own, PersonName::keep); !done)
            return fail(done);
        return own;
    });
    if (!used)
        return fail(used);
    return assign(me, *used);
}

Expected<void>
use_partner_key(pEp_session_& session, pEp_identity& identity, const std::string& fpr) {
    auto used = run_rule(session, [&](const Scope& scope) -> Expected<Identity> {
        Identity partner = value_of(identity);
        if (auto known = update_rule(scope, partner); !known)
            return fail(known);
        const std::string key = normalised_fpr(fpr);
        if (partner.me || key.empty())
            return fail(PEP_ILLEGAL_VALUE, "a partner and a fingerprint are needed");
        // The certificate need not be here yet.
        if (auto done = scope.store->put_key(key); !done)
            return fail(done);
        auto row = scope.store->identity(partner.address, partner.user_id);
        if (!row)
            return fail(row);
        if (!*row)
            return fail(PEP_CANNOT_FIND_IDENTITY, "the identity is not stored");
        (*row)->fpr = key;
        if (auto done = scope.store->put_identity(**row); !done)
            return fail(done);
        // As in the engine 3.3 the struct does not show the new key: that is for the next
        // update_identity().
        return partner;
    });
    if (!used)
        return fail(used);
    return assign(identity, *used);
}

} // namespace pep::engine
