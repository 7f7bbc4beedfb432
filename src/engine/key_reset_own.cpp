// An own key is replaced in one transaction: revoked, mistrusted, succeeded by a new key for every
// identity that used it. Identities shared with other devices tell those first, signed with the old
// key, which is the only one they know. Callbacks are never called with the database locked.
#include "engine/key_reset_own.hpp"

#include "engine/distribution_codec.hpp"
#include "engine/guard.hpp"
#include "engine/identity_rules.hpp"
#include "engine/key_reset.hpp"
#include "engine/key_reset_contacts.hpp"
#include "engine/message_encrypt.hpp"
#include "engine/message_format.hpp"
#include "engine/payload_message.hpp"
#include "engine/trust.hpp"

#include <algorithm>
#include <ctime>

namespace pep::engine {

namespace {

constexpr const char* revocation_reason = "key reset";
// Receivers take keys from files of any name; these are the names the engine 3.3 uses.
constexpr const char* new_public_key_uri = "file://pEpkey_new_pub.asc";
constexpr const char* new_secret_key_uri = "file://pEpkey_priv.asc";

/// One key to replace, and what is needed for it.
struct Task {
    std::string fpr;
    std::vector<IdentityRow> grouped;
    std::vector<IdentityRow> others;
    std::optional<Secret> passphrase; ///< that opens the key
};

/// The session's passphrase as it was, whatever happens in between.
class KeepPassphrase {
  public:
    explicit KeepPassphrase(pEp_session_& session) : session_(session), kept_(session.passphrase) {}

    KeepPassphrase(const KeepPassphrase&) = delete;
    KeepPassphrase& operator=(const KeepPassphrase&) = delete;

    ~KeepPassphrase() { session_.passphrase = std::move(kept_); }

  private:
    pEp_session_& session_; // NOLINT(cppcoreguidelines-avoid-const-or-ref-data-members)
    std::optional<Secret> kept_;
};

/// Nothing when there is nothing to do for this key.
Expected<std::optional<Task>>
task_for(const Scope& scope, const std::string& fpr, Unused unused, Reach reach) {
    IdentityStore& store = *scope.store;
    auto own = store.own_user_id();
    if (!own)
        return fail(own);
    auto trust = store.trust(*own, fpr);
    if (!trust)
        return fail(trust);
    // A missing row is no reason to refuse: an identity may use the key all the same.
    const auto ct = trust->value_or(PEP_ct_unknown);
    if (is_distrusted(ct) || ct == PEP_ct_key_revoked)
        return std::optional<Task>{};
    auto rows = store.own_identities();
    if (!rows)
        return fail(rows);
    Task task{fpr, {}, {}, {}};
    for (auto& row : *rows) {
        // The signing identity takes part in no reset: what it signed must stay verifiable.
        if (row.fpr != fpr || (row.flags & PEP_idf_signing) != 0)
            continue;
        const bool grouped = (row.flags & PEP_idf_devicegroup) != 0;
        if (grouped || reach == Reach::all_identities)
            (grouped ? task.grouped : task.others).push_back(std::move(row));
    }
    if (!task.grouped.empty() || !task.others.empty())
        return std::optional{std::move(task)};
    // Nobody uses it. What that means depends on whether it was named by the caller.
    if (unused == Unused::is_skipped)
        return std::optional<Task>{};
    if (ct != PEP_ct_pEp)
        return fail(PEP_ILLEGAL_VALUE, "this is not an own key");
    return fail(PEP_CANNOT_FIND_IDENTITY, "no own identity uses this key");
}

/// Before anything that cannot be undone: are the passphrases there? The caller's callback may
/// supply that of the key.
Expected<void> make_ready(pEp_session_& session, KeyRing& keys, Task& task) {
    if (session.new_keys_protected && !session.new_keys_passphrase)
        return fail(PEP_PASSPHRASE_FOR_NEW_KEYS_REQUIRED, "new keys are to have a passphrase");
    const auto locked = [](const Expected<void>& probed) {
        return !probed && (status_of(probed.error()) == PEP_PASSPHRASE_REQUIRED ||
                           status_of(probed.error()) == PEP_WRONG_PASSPHRASE);
    };
    // Signing a few bytes shows what the reset will need: the secret part, unlocked.
    auto probed = keys.probe(task.fpr, passphrase_of(session));
    if (locked(probed) && session.ensure_passphrase != nullptr) {
        // No transaction is open here: the callback may wait for the user.
        const PEP_STATUS status = session.ensure_passphrase(&session, task.fpr.c_str());
        if (status != PEP_STATUS_OK)
            return fail(status, "the passphrase of an own key was not supplied");
        probed = keys.probe(task.fpr, passphrase_of(session));
    }
    if (locked(probed))
        return probed;
    // Expired or otherwise unfit for signing: reason enough for a reset.
    task.passphrase = session.passphrase;
    return {};
}

Expected<std::vector<Task>>
plan(pEp_session_& session, const std::vector<std::string>& fprs, Unused unused, Reach reach) {
    auto tasks = look_up(session, [&](const Scope& scope) -> Expected<std::vector<Task>> {
        std::vector<Task> made;
        for (const std::string& fpr : fprs) {
            // Identities may share a key, which is replaced once for all of them.
            const auto planned = [&](const Task& task) { return task.fpr == fpr; };
            if (std::any_of(made.begin(), made.end(), planned))
                continue;
            auto task = task_for(scope, fpr, unused, reach);
            if (!task)
                return fail(task);
            if (*task)
                made.push_back(std::move(**task));
        }
        return made;
    });
    if (!tasks)
        return tasks;
    auto context = session.context();
    if (!context)
        return fail(context);
    for (Task& task : *tasks)
        if (auto ready = make_ready(session, (*context)->keys, task); !ready)
            return fail(ready);
    return tasks;
}

/// Give an own identity a key that is here already.
Expected<void> set_key(const Scope& scope, Identity& own, const std::string& fpr) {
    own.fpr = fpr;
    own.ct = PEP_ct_pEp;
    own.me = true;
    return store_rule(*scope.store, own, PersonName::keep);
}

/// New keys, stored but nobody's yet. Without a transaction around: making a key may take seconds,
/// and others want to write.
Expected<std::vector<std::string>>
make_keys(pEp_session_& session, const std::vector<IdentityRow>& rows) {
    auto context = session.context();
    if (!context)
        return fail(context);
    // Each key is stored for itself. As nobody refers to it yet, that changes nothing for others.
    IdentityStore store{(*context)->store.db(), Access::read_write};
    std::vector<std::string> fprs;
    for (const IdentityRow& row : rows) {
        const Scope scope{&store, &(*context)->keys, &session};
        auto made = generate_key(scope, identity_of(row, PEP_ct_pEp));
        if (!made)
            return fail(made);
        fprs.push_back(std::move(*made));
    }
    return fprs;
}

/// Keys that were made for a reset that did not happen.
void discard_keys(pEp_session_& session, const std::vector<std::string>& fprs) {
    // A failure leaves keys nobody uses, which do no harm.
    static_cast<void>(run_rule(session, [&](const Scope& scope) -> Expected<void> {
        for (const std::string& fpr : fprs) {
            if (auto go = scope.store->before_change(); !go)
                return fail(go);
            if (auto removed = scope.keys->remove(fpr); !removed)
                return removed;
            if (auto done = scope.store->delete_key(fpr); !done)
                return done;
        }
        return {};
    }));
}

/// Has another session replaced the key meanwhile?
Expected<bool> is_outdated(
    IdentityStore& store, const std::string& old_fpr, const std::vector<IdentityRow>& rows
) {
    for (const IdentityRow& row : rows) {
        auto now = store.identity(row.address, row.user_id);
        if (!now)
            return fail(now);
        if (!*now || (*now)->fpr != old_fpr)
            return true;
    }
    return false;
}

/// The one irreversible step, all or nothing: `news[i]` becomes the key of `rows[i]`. Nothing is
/// done, and nothing returned, when somebody else was quicker.
Expected<std::vector<Replacement>> replace(
    pEp_session_& session,
    const std::string& old_fpr,
    const std::vector<IdentityRow>& rows,
    const std::vector<std::string>& news
) {
    return run_rule(session, [&](const Scope& scope) -> Expected<std::vector<Replacement>> {
        auto outdated = is_outdated(*scope.store, old_fpr, rows);
        if (!outdated)
            return fail(outdated);
        if (*outdated)
            return std::vector<Replacement>{};
        if (auto go = scope.store->before_change(); !go)
            return fail(go);
        // Within the transaction: no key is revoked without a successor, and none gets one without
        // being revoked.
        auto revoked = scope.keys->revoke(old_fpr, revocation_reason, passphrase_of(session));
        if (!revoked)
            return fail(revoked);
        // Before the new keys are set: it takes the old one away as the user's default as well,
        // whose place the first new one then takes.
        if (auto retired = retire_own_key(scope, rows.front().user_id, old_fpr); !retired)
            return fail(retired);
        std::vector<Replacement> made;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            Replacement replacement{identity_of(rows[i], PEP_ct_pEp), old_fpr};
            if (auto done = set_key(scope, replacement.own, news[i]); !done)
                return fail(done);
            auto noted = scope.store->put_revoked_key(old_fpr, news[i], std::time(nullptr));
            if (!noted)
                return fail(noted);
            made.push_back(std::move(replacement));
        }
        return made;
    });
}

/// The message to the user's other devices: who gets which key, and the keys themselves.
Expected<OwnedMessage> message_to_own_devices(
    pEp_session_& session,
    const std::string& old_fpr,
    const std::vector<IdentityRow>& rows,
    const std::vector<std::string>& news
) {
    auto context = session.context();
    if (!context)
        return fail(context);
    std::vector<ResetCommand> commands;
    OwnedBlobs attachments;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        Identity own = identity_of(rows[i], PEP_ct_pEp);
        own.fpr = old_fpr;
        commands.push_back({wire_identity(own), news[i]});
        auto public_key = (*context)->keys.export_public(news[i]);
        auto secret_key = (*context)->keys.export_secret(news[i]);
        if (!public_key || !secret_key)
            return fail(PEP_CANNOT_EXPORT_KEY, "a new key cannot be exported");
        const Plaintext secret{std::move(*secret_key)};
        append(attachments, make_blob(*public_key, "application/pgp-keys", new_public_key_uri));
        append(attachments, make_blob(secret.text(), "application/pgp-keys", new_secret_key_uri));
    }
    auto payload = encode_key_reset(commands);
    if (!payload)
        return fail(payload);
    const OwnedIdentity self{new_identity(nullptr, nullptr, nullptr, nullptr)};
    if (!self)
        throw std::bad_alloc{};
    // From the user to himself: the other devices read the same mailbox.
    if (auto done = assign(*self, identity_of(rows.front(), PEP_ct_pEp)); !done)
        return fail(done);
    OwnedMessage msg = distribution_message(*self, *self, *payload);
    append(msg->attachments, std::move(attachments));
    return encrypt_key_reset(session, *msg);
}

/// Whoever shares these identities must know their new keys before the old one is revoked.
Expected<void>
tell_own_devices(pEp_session_& session, const Task& task, const std::vector<std::string>& news) {
    if (task.grouped.empty())
        return {};
    if (!session.message_to_send)
        return fail(PEP_SYNC_NO_MESSAGE_SEND_CALLBACK, "other devices cannot be told");
    auto msg = message_to_own_devices(session, task.fpr, task.grouped, news);
    if (!msg)
        return fail(msg);
    // The callback owns the message, whatever it returns.
    const PEP_STATUS sent = session.message_to_send(msg->release());
    if (sent != PEP_STATUS_OK)
        return fail(sent, "the message to the user's other devices was not sent");
    return {};
}

Expected<void> run(pEp_session_& session, const Task& task) {
    // The one that opens the old key; reset_own_keys() brings back the session's.
    session.passphrase = task.passphrase;
    std::vector<IdentityRow> rows = task.grouped; // first, in the order of their new keys
    rows.insert(rows.end(), task.others.begin(), task.others.end());
    auto news = make_keys(session, rows);
    if (!news)
        return fail(news);
    auto told = tell_own_devices(session, task, *news);
    if (!told) {
        discard_keys(session, *news);
        return told;
    }
    auto replaced = replace(session, task.fpr, rows, *news);
    // Empty when another session was quicker, with new keys of its own.
    if (!replaced || replaced->empty())
        discard_keys(session, *news);
    if (!replaced)
        return fail(replaced);
    // From here on the new keys sign.
    if (session.new_keys_protected)
        session.passphrase = session.new_keys_passphrase;
    // After the commit, since sending may take long.
    for (const Replacement& replacement : *replaced)
        tell_recent_contacts(session, replacement);
    return {};
}

} // namespace

Expected<void>
retire_own_key(const Scope& scope, const std::string& own_user_id, const std::string& fpr) {
    IdentityStore& store = *scope.store;
    if (auto done = store.put_trust(own_user_id, fpr, PEP_ct_mistrusted); !done)
        return done;
    // Other users may have a row for the key as well.
    auto rows = store.trusts_of_key(fpr);
    if (!rows)
        return fail(rows);
    for (const auto& row : *rows)
        if (auto done = store.put_trust(row.user_id, fpr, PEP_ct_mistrusted); !done)
            return done;
    if (auto done = store.remove_default(fpr); !done)
        return done;
    return store.put_mistrusted_key(fpr);
}

Expected<void> reset_own_keys(
    pEp_session_& session, const std::vector<std::string>& fprs, Unused unused, Reach reach
) {
    const KeepPassphrase keep{session};
    auto tasks = plan(session, fprs, unused, reach);
    if (!tasks)
        return fail(tasks);
    for (const Task& task : *tasks)
        if (auto done = run(session, task); !done)
            return done;
    return {};
}

} // namespace pep::engine
