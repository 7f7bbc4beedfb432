// RIPEMD-160 came with protocol 3.3, because colliding XOR words can be made on purpose. An
// attacker who claims an old version must not get XOR back, so it takes an option of the engine.
#include "engine/identity_trustwords.hpp"

#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"

namespace pep::engine {

namespace {

/// One of the two identities, with the version that counts.
struct Side {
    Identity identity;
    bool own = false;
};

/// Fill in the version from the store. A partner nobody knows a version of keeps 0.0.
Expected<Side> completed(const Scope& scope, const pEp_identity& given) {
    IdentityStore& store = *scope.store;
    Side side{value_of(given), given.me};
    Identity& identity = side.identity;
    auto own_id = store.own_user_id();
    if (!own_id)
        return fail(own_id);
    side.own = side.own || (!own_id->empty() && identity.user_id == *own_id);
    // Without a user id the address has to tell.
    if (!side.own && identity.user_id.empty() && !identity.address.empty()) {
        auto own = store.is_own_address(identity.address);
        if (!own)
            return fail(own);
        side.own = *own;
    }
    // A version the caller filled in counts, whatever is stored.
    if (identity.major != 0)
        return side;
    if (side.own) {
        identity.major = PEP_VERSION_MAJOR;
        identity.minor = PEP_VERSION_MINOR;
        return side;
    }
    auto rows = store.by_address(identity.address);
    if (!rows)
        return fail(rows);
    // Without a user id the first partner with that address is meant.
    for (const auto& row : *rows) {
        if (row.own || (!identity.user_id.empty() && row.user_id != identity.user_id))
            continue;
        // Whoever is known as p≡p user speaks 2.1 at least, even if no message told a version yet.
        const bool unset = row.major == 0 && row.is_pep_user;
        identity.major = unset ? least_pep_major : row.major;
        identity.minor = unset ? least_pep_minor : row.minor;
        break;
    }
    return side;
}

/// Unknown versions count as new: RIPEMD-160 is never the weaker choice.
bool is_old(const Identity& identity) {
    return identity.major != 0 &&
           version_less(identity.major, identity.minor, PEP_VERSION_MAJOR, PEP_VERSION_MINOR);
}

} // namespace

Expected<std::string> trustwords_of(
    pEp_session_& session,
    const pEp_identity& first,
    const pEp_identity& second,
    std::string_view lang,
    bool full
) {
    auto how = look_up(session, [&](const Scope& scope) -> Expected<Combination> {
        auto a = completed(scope, first);
        if (!a)
            return fail(a);
        auto b = completed(scope, second);
        if (!b)
            return fail(b);
        // Two devices of the user: both run what this one runs.
        if (a->own != b->own && !a->identity.address.empty() &&
            address_key(a->identity.address) == address_key(b->identity.address)) {
            Side& own = a->own ? *a : *b;
            Side& other = a->own ? *b : *a;
            other.identity.major = own.identity.major;
            other.identity.minor = own.identity.minor;
        }
        if (!is_old(a->identity) && !is_old(b->identity))
            return Combination::ripemd160;
        if (!session.engine->xor_trustwords)
            return fail(
                PEP_TRUSTWORD_NOT_FOUND, "a partner's program is too old for safe trustwords"
            );
        return Combination::exclusive_or;
    });
    if (!how)
        return fail(how);
    // The rest needs no database.
    auto hex = combine_fingerprints(first.fpr, second.fpr, *how);
    if (!hex)
        return hex;
    return words_of(session.engine->dictionaries, *hex, lang, full ? 0 : short_words);
}

} // namespace pep::engine
