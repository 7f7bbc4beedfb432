// Which passphrase is tried when. The statuses a client sees are those of the documented order,
// whatever order is quickest.
#include "api/passphrases.hpp"

#include "api/context.hpp"
#include "pEp/passphrase.h"

#include <algorithm>

namespace pep::api {

namespace {

bool needs_another(long long status) {
    return status == PEP_PASSPHRASE_REQUIRED || status == PEP_WRONG_PASSPHRASE;
}

/// The tries of one call. Afterwards the session knows no passphrase.
class Tries {
  public:
    using Shared = Passphrases::Shared;

    Tries(PEP_SESSION session, Passphrases& known, rpc::Attempt& attempt)
        : session_(session), known_(known), attempt_(attempt) {}

    Tries(const Tries&) = delete;
    Tries(Tries&&) = delete;
    Tries& operator=(const Tries&) = delete;
    Tries& operator=(Tries&&) = delete;

    ~Tries() { config_passphrase(session_, nullptr); }

    void run() {
        const auto [list, favourite] = known_.candidates();
        // What a fitting passphrase did not unlock is not unlocked without one either.
        if (succeeds(favourite))
            return;
        const auto status_of_favourite = status_;
        for (const auto& passphrase : list)
            if (passphrase != favourite && succeeds(passphrase))
                return;
        // The documented order ends with the latest one: its status is what counts.
        const bool latest_was_favourite = favourite && list.back() == favourite;
        if (latest_was_favourite && status_ != status_of_favourite)
            (void)succeeds(favourite);
    }

  private:
    /// Without a passphrase if it is null. False if another one might do better.
    bool succeeds(const Shared& passphrase) {
        config_passphrase(session_, passphrase ? passphrase->c_str() : nullptr);
        status_ = attempt_();
        if (needs_another(status_))
            return false;
        if (passphrase && passphrase_was_used(session_))
            known_.worked(passphrase);
        return true;
    }

    PEP_SESSION session_;
    Passphrases& known_;
    rpc::Attempt& attempt_;
    long long status_ = 0;
};

} // namespace

void Passphrases::add(const Secret& passphrase) {
    if (passphrase.empty())
        return;
    const std::scoped_lock lock{mutex_};
    forget_old();
    const auto known = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return entry.passphrase->equals(passphrase.reveal());
    });
    // Given again: it counts as used now, not twice.
    if (known != entries_.end())
        return use(known);
    if (entries_.size() >= most)
        entries_.erase(entries_.begin());
    entries_.push_back({std::make_shared<const Secret>(passphrase), now_()});
}

void Passphrases::set_for_new_keys(const Secret& passphrase) {
    const std::scoped_lock lock{mutex_};
    for_new_keys_ = passphrase.empty() ? nullptr : std::make_shared<const Secret>(passphrase);
}

Passphrases::Candidates Passphrases::candidates() {
    const std::scoped_lock lock{mutex_};
    forget_old();
    Candidates found;
    if (for_new_keys_)
        found.list.push_back(for_new_keys_);
    for (const Entry& entry : entries_)
        found.list.push_back(entry.passphrase);
    if (std::ranges::find(found.list, favourite_) != found.list.end())
        found.favourite = favourite_;
    else
        favourite_.reset(); // forgotten, so it need not stay in memory
    return found;
}

void Passphrases::worked(const Shared& passphrase) {
    const std::scoped_lock lock{mutex_};
    const auto entry = std::ranges::find(entries_, passphrase, &Entry::passphrase);
    if (entry != entries_.end())
        use(entry);
    else if (passphrase != for_new_keys_)
        return; // forgotten meanwhile
    favourite_ = passphrase;
}

/// The order of entries_ is the order of use.
void Passphrases::use(std::vector<Entry>::iterator entry) {
    entry->last_use = now_();
    std::rotate(entry, entry + 1, entries_.end());
}

/// Not the one for new keys: that is a setting, and stays until it is changed.
void Passphrases::forget_old() {
    const auto now = now_();
    std::erase_if(entries_, [&](const Entry& entry) { return now - entry.last_use > lifetime_; });
}

namespace detail {

Expected<void>
try_passphrases(rpc::CallContext& context, const rpc::Function& /*f*/, rpc::Attempt& attempt) {
    auto& own = static_cast<Context&>(context);
    const auto known = own.find_passphrases();
    if (!known) { // nothing to try it with
        attempt();
        return {};
    }
    auto session = own.session();
    if (!session)
        return fail(session);
    Tries{*session, *known, attempt}.run();
    return {};
}

bool has_passphrases(rpc::CallContext& context) {
    return static_cast<Context&>(context).find_passphrases() != nullptr;
}

} // namespace detail

} // namespace pep::api

namespace pep::marshal {

namespace {

Expected<Secret> bounded(Expected<Secret> secret, const Path& at) {
    if (secret && secret->size() > api::most_passphrase_bytes)
        return refuse(at, Fault::too_long, "a passphrase of at most 1000 bytes");
    return secret;
}

} // namespace

Expected<Secret> Type<api::PassphraseText>::decode(const json& j, const Path& at) {
    return bounded(Type<SecretText>::decode(j, at), at);
}

Expected<Secret> Type<api::PassphraseText>::take(json& j, const Path& at) {
    return bounded(Type<SecretText>::take(j, at), at);
}

json Type<api::PassphraseText>::schema(Schemas& schemas) {
    auto made = Type<SecretText>::schema(schemas);
    made["maxLength"] = api::most_passphrase_bytes;
    return made;
}

} // namespace pep::marshal
