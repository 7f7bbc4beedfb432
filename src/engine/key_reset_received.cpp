// Whoever sends a key reset must prove that he may: the message is signed by the old key that still
// holds, or by a key of the same user while the old key came revoked. Trust is never carried over.
#include "engine/key_reset_received.hpp"

#include "engine/distribution_codec.hpp"
#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"
#include "engine/key_reset.hpp"
#include "engine/payload_message.hpp"
#include "engine/trust.hpp"

#include <ctime>

namespace pep::engine {

namespace {

/// Who sent the reset, as far as proven.
struct Sender {
    Identity identity;
    std::string fpr; ///< of the verified signer
};

/// Local knowledge about the identity a command names; the user id on the wire means nothing here.
Expected<Identity>
local_identity(const Scope& scope, const Sender& sender, const std::string& address) {
    Identity found;
    found.address = address;
    // By address alone: a user id on the wire is chosen by the sender. A row this makes for an
    // unknown address goes again with the failure that follows.
    if (!sender.identity.me) {
        auto known = update_rule(scope, found);
        return known ? Expected<Identity>{found} : fail(known);
    }
    auto row = scope.store->identity(address, sender.identity.user_id);
    if (!row)
        return fail(row);
    if (!*row || !(*row)->own)
        return fail(PEP_CANNOT_FIND_IDENTITY, "there is no such own identity");
    return identity_of(**row, PEP_ct_pEp);
}

/// The key a command installs: here, sound, and not rejected before.
Expected<void> check_new_key(const Scope& scope, const Sender& sender, const std::string& fpr) {
    auto present = scope.keys->contains(fpr);
    if (!present)
        return fail(present);
    if (!*present)
        return fail(PEP_MALFORMED_KEY_RESET_MSG, "the new key did not come with the message");
    auto rejected = scope.store->is_mistrusted_key(fpr);
    if (!rejected)
        return fail(rejected);
    auto quality = scope.keys->rating(fpr);
    if (!quality)
        return fail(quality);
    if (*rejected || !is_strong(*quality))
        return fail(
            *quality == PEP_ct_key_expired ? PEP_KEY_UNSUITABLE : PEP_KEY_NOT_RESET,
            "the new key is not fit for use"
        );
    // A partner's secret key is his; an own key without it could not decrypt anything.
    if (!sender.identity.me)
        return {};
    auto secret = scope.keys->has_secret(fpr);
    if (!secret)
        return fail(secret);
    if (!*secret)
        return fail(PEP_KEY_NOT_RESET, "the secret part of the new key is missing");
    return {};
}

/// 7.8, 4e and 4f.
Expected<void> check_proof(
    const Scope& scope, const Sender& sender, const Identity& partner, const ResetCommand& command
) {
    auto trust = scope.store->trust(partner.user_id, command.ident.fpr);
    if (!trust)
        return fail(trust);
    if (!*trust)
        return fail(PEP_CANNOT_FIND_IDENTITY, "the old key was never this user's");
    // A row that says nothing proves nothing.
    if (**trust == PEP_ct_unknown)
        return fail(PEP_KEY_NOT_RESET, "the old key was never looked at");
    // That an own key signed was checked already, by proven_sender().
    if (sender.identity.me)
        return {};
    // A partner resets his own keys, not those of others.
    if (partner.user_id != sender.identity.user_id)
        return fail(PEP_KEY_NOT_RESET, "the sender is somebody else");
    auto revoked = scope.keys->revoked(command.ident.fpr);
    if (!revoked)
        return fail(revoked);
    // The engine 3.3 revokes the old key and signs with the new one, later forks sign with the old
    // one and revoke it afterwards. Either is taken for a proof.
    if (!*revoked && sender.fpr != command.ident.fpr)
        return fail(PEP_KEY_NOT_RESET, "the old key is neither revoked nor did it sign");
    return {};
}

/// 4g: the partner starts again with a key nobody has confirmed.
Expected<void>
replace_partner_key(const Scope& scope, const Identity& partner, const ResetCommand& command) {
    IdentityStore& store = *scope.store;
    auto forgotten = forget_partner_key(scope, partner.user_id, command.ident.fpr);
    if (!forgotten)
        return fail(forgotten);
    // Read anew: forgetting the key has emptied the defaults.
    auto row = store.identity(partner.address, partner.user_id);
    if (!row)
        return fail(row);
    if (!*row)
        return fail(PEP_CANNOT_FIND_IDENTITY, "the identity is not stored");
    auto known = store.trust(partner.user_id, command.new_fpr);
    if (!known)
        return fail(known);
    auto ct = initial_trust(scope, partner.user_id, command.new_fpr);
    if (!ct)
        return fail(ct);
    // Unless it is the user who confirmed this very key.
    if (!*known || !is_strong(**known))
        if (auto done = store.put_trust(partner.user_id, command.new_fpr, *ct); !done)
            return done;
    (*row)->fpr = command.new_fpr;
    if (auto done = store.put_identity(**row); !done)
        return done;
    auto person = store.person(partner.user_id);
    if (!person)
        return fail(person);
    // In the place of the old key only, which is empty now; another default stays.
    if (!*person || !(*person)->fpr.empty())
        return {};
    (*person)->fpr = command.new_fpr;
    return store.put_person(**person);
}

/// 4h and 5: another device of the user's has made a new key.
Expected<void>
replace_own_key(const Scope& scope, const Identity& own, const ResetCommand& command) {
    IdentityStore& store = *scope.store;
    const std::string& old_fpr = command.ident.fpr;
    auto secret = scope.keys->has_secret(old_fpr);
    if (!secret)
        return fail(secret);
    // The other device has revoked it, too. Done here as well, so that mail from this device can
    // bring the revocation to partners.
    if (*secret) {
        if (auto go = store.before_change(); !go)
            return fail(go);
        auto revoked = scope.keys->revoke(old_fpr, "key reset", passphrase_of(*scope.session));
        if (!revoked)
            return fail(revoked);
    }
    if (auto retired = retire_own_key(scope, own.user_id, old_fpr); !retired)
        return retired;
    Identity renewed = own;
    renewed.fpr = command.new_fpr;
    renewed.ct = PEP_ct_pEp;
    renewed.me = true;
    if (auto done = store_rule(store, renewed, PersonName::keep); !done)
        return done;
    return store.put_revoked_key(old_fpr, command.new_fpr, std::time(nullptr));
}

Expected<void> apply(const Scope& scope, const Sender& sender, const ResetCommand& command) {
    if (command.ident.address.empty() || command.ident.fpr == command.new_fpr)
        return fail(PEP_MALFORMED_KEY_RESET_MSG, "a command names an identity and two keys");
    auto identity = local_identity(scope, sender, command.ident.address);
    if (!identity)
        return fail(identity);
    if (identity->me != sender.identity.me)
        return fail(PEP_KEY_NOT_RESET, "own keys are reset by own devices only");
    if (auto fit = check_new_key(scope, sender, command.new_fpr); !fit)
        return fit;
    if (auto proven = check_proof(scope, sender, *identity, command); !proven)
        return proven;
    return sender.identity.me ? replace_own_key(scope, *identity, command)
                              : replace_partner_key(scope, *identity, command);
}

/// A message that is late, or comes a second time, tells an own device nothing new.
Expected<bool> is_done_already(const Scope& scope, const Sender& sender, const std::string& fpr) {
    // Nothing is left of a partner's old key after the first time, so check_proof() ends the
    // second.
    if (!sender.identity.me)
        return false;
    auto retired = scope.store->is_mistrusted_key(fpr);
    if (!retired || *retired)
        return retired;
    auto revoked = scope.keys->revoked(fpr);
    if (!revoked && status_of(revoked.error()) == PEP_KEY_NOT_FOUND)
        return false;
    return revoked;
}

Expected<void>
apply_all(const Scope& scope, const Sender& sender, const std::vector<ResetCommand>& commands) {
    // Several commands may share an old key, which the first of them retires.
    std::vector<bool> skip;
    for (const ResetCommand& command : commands) {
        auto done = is_done_already(scope, sender, command.ident.fpr);
        if (!done)
            return fail(done);
        skip.push_back(*done);
    }
    // All or nothing: the first failure takes back the transaction this runs in.
    for (std::size_t i = 0; i < commands.size(); ++i) {
        if (skip[i])
            continue;
        if (auto done = apply(scope, sender, commands[i]); !done)
            return done;
    }
    return {};
}

Expected<Sender> proven_sender(const Incoming& in) {
    const message& msg = *in.msg;
    if (msg.from == nullptr || missing(msg.from->address))
        return fail(PEP_MALFORMED_KEY_RESET_MSG, "a key reset needs a sender");
    // Both must agree: the signature that was verified, and the signer the message itself names.
    if (!in.verified() || in.signer().empty() || view(msg._sender_fpr) != in.signer())
        return fail(PEP_ILLEGAL_VALUE, "a key reset needs a valid signature of its sender");
    Sender sender{value_of(*msg.from), in.signer()};
    auto rejected = look_up(in.session, [&](const Scope& scope) {
        return scope.store->is_mistrusted_key(sender.fpr);
    });
    if (!rejected)
        return fail(rejected);
    if (*rejected)
        return fail(PEP_ILLEGAL_VALUE, "the signing key is mistrusted");
    if (sender.identity.me) {
        // An own address in From is a claim; a signature by a trusted own key is the proof.
        auto own = is_own_key(in.session, sender.fpr);
        if (!own)
            return fail(own);
        if (!*own)
            return fail(PEP_ILLEGAL_VALUE, "somebody else claims to be the user");
    }
    return sender;
}

} // namespace

Expected<void> apply_key_reset(Incoming& in) {
    auto payload = payload_of(in.context.keys, *in.msg, PayloadFamily::distribution);
    if (!payload)
        return fail(payload);
    // Every decrypted message comes by here. Only one that release 2.1 marked as key reset must
    // have a payload.
    if (!*payload)
        return in.old_key_reset ? fail(PEP_MALFORMED_KEY_RESET_MSG, "a key reset without payload")
                                : Expected<void>{};
    auto distribution = decode_distribution((*payload)->bytes);
    if (!distribution)
        return fail(distribution);
    // Other protocols use the same kind of attachment.
    if (distribution->kind != Distribution::Kind::key_reset)
        return {};
    auto sender = proven_sender(in);
    if (!sender)
        return fail(sender);
    return run_rule(in.session, [&](const Scope& scope) {
        return apply_all(scope, *sender, distribution->commands);
    });
}

} // namespace pep::engine
