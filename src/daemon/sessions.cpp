// A connection may serve several client ids in turn; their settings are applied when the id
// changes.
#include "daemon/sessions.hpp"

#include "engine/guard.hpp"
#include "pEp/autocrypt.h"
#include "pEp/message.h"
#include "pEp/status_to_string.h"
#include "rpc/error.hpp"

#include <algorithm>
#include <utility>

namespace pep::daemon {

/// The pointers in it lead into this object, which therefore never moves.
pEp_engine_options EngineKeeper::options() {
    pEp_engine_options made{};
    made.home = home_.c_str();
    made.trustwords_dir = trustwords_.empty() ? nullptr : trustwords_.c_str();
    made.xor_trustwords = xor_trustwords_;
    made.message_to_send = &EngineKeeper::message_to_send;
    made.management = this;
    return made;
}

/// Called by the engine, on the thread of a call. The message is ours.
PEP_STATUS EngineKeeper::message_to_send(void* keeper, message* msg) noexcept {
    // The engine composes mails on its own and finds a key locked: nobody is there to be asked.
    if (msg == nullptr)
        return PEP_PASSPHRASE_REQUIRED;
    const std::unique_ptr<message, decltype(&free_message)> owner{msg, &free_message};
    // The engine is C: an exception, as for lack of memory, has to become a status.
    return engine::guard([&] {
        return api::announce_message(static_cast<EngineKeeper*>(keeper)->events_, msg);
    });
}

/// The log gets what helps the user, the client no more than the name of the status.
tl::unexpected<Error> EngineKeeper::cannot_start(PEP_STATUS status) const {
    const std::string name = pEp_status_to_string(status);
    log_.error(
        "the engine cannot start: is engine.sqlite3 in the home a file of this user and a database "
        "that no other program has locked?",
        {{"status", log::Safe{name}}}
    );
    return fail(rpc::code::internal_error, "the engine cannot start, " + name);
}

/// Under the lock, so that two first calls start one engine; after a failure the next one tries.
Expected<std::shared_ptr<engine::Engine>> EngineKeeper::engine() {
    const std::lock_guard lock{mutex_};
    if (engine_ == nullptr) {
        auto started = engine::engine_for(options());
        if (!started)
            return cannot_start(engine::status_of(started.error()));
        engine_ = std::move(*started);
    }
    return engine_;
}

Expected<PEP_SESSION> EngineKeeper::open_session() {
    if (auto started = engine(); !started)
        return fail(started);
    // The same options find the same engine again, which engine_ keeps alive.
    const auto given = options();
    PEP_SESSION session = nullptr;
    const auto status = init_with_options(&session, &given, nullptr, nullptr, nullptr);
    if (status != PEP_STATUS_OK)
        return cannot_start(status);
    return session;
}

json EngineKeeper::dictionaries() {
    auto started = engine();
    const std::lock_guard lock{mutex_};
    // Made once: the hash of a dictionary that is not loaded means reading its file.
    if (!dictionaries_.is_null())
        return dictionaries_;
    json list = json::array();
    if (!started)
        return list;
    auto sources = (*started)->dictionaries.sources();
    if (!sources)
        return list;
    for (const auto& source : *sources)
        list.push_back({{"lang", source.lang}, {"file", source.file}, {"sha256", source.sha256}});
    return dictionaries_ = list;
}

std::optional<ClientRegistry::Versioned>
ClientRegistry::settings_unless(const std::string& client_id, std::uint64_t version) {
    const auto now = now_();
    const std::scoped_lock lock{mutex_};
    // First, so that who was silent for too long does not come back to life by this call.
    forget_idle(now);
    const auto found = clients_.find(client_id);
    if (found == clients_.end())
        return std::nullopt;
    found->second.last_use = now;
    // Most calls end here, without a copy of the settings and the passphrase among them.
    // Version 0 is known for passphrases only: what the connection has configured holds.
    if (found->second.now.version == version || found->second.now.version == 0)
        return std::nullopt;
    return found->second.now;
}

ClientRegistry::Versioned ClientRegistry::change(
    const std::string& client_id,
    const api::ClientSettings& base,
    const std::function<void(api::ClientSettings&)>& edit
) {
    const std::scoped_lock lock{mutex_};
    auto& now = find_or_make(client_id).now;
    // New, forgotten, or known for passphrases only: what the calling connection has goes on.
    if (now.version == 0)
        now.settings = base;
    edit(now.settings);
    // Counted over all clients: none gets a version again that it had before it was forgotten.
    now.version = ++changes_;
    return now;
}

std::shared_ptr<api::Passphrases> ClientRegistry::find_passphrases(const std::string& client_id
) const {
    const std::scoped_lock lock{mutex_};
    const auto found = clients_.find(client_id);
    return found == clients_.end() ? nullptr : found->second.passphrases;
}

std::shared_ptr<api::Passphrases> ClientRegistry::own_passphrases(const std::string& client_id) {
    const std::scoped_lock lock{mutex_};
    auto& known = find_or_make(client_id).passphrases;
    if (!known)
        known = std::make_shared<api::Passphrases>(passphrase_time_, now_);
    return known;
}

std::size_t ClientRegistry::size() const {
    const std::scoped_lock lock{mutex_};
    const auto now = now_();
    // Counted by their time: who is to be forgotten goes with the next call only.
    return static_cast<std::size_t>(std::ranges::count_if(clients_, [&](const auto& client) {
        return now - client.second.last_use <= timeout_;
    }));
}

ClientRegistry::Entry& ClientRegistry::find_or_make(const std::string& client_id) {
    const auto now = now_();
    forget_idle(now);
    // After that: what is older than the timeout is not taken up again.
    auto found = clients_.find(client_id);
    if (found == clients_.end()) {
        // Who holds the token can make up names without end: the one that is silent longest goes.
        if (clients_.size() >= most_clients)
            clients_.erase(std::ranges::min_element(clients_, {}, [](const auto& client) {
                return client.second.last_use;
            }));
        found = clients_.emplace(client_id, Entry{}).first;
    }
    found->second.last_use = now;
    return found->second;
}

void ClientRegistry::forget_idle(Clock::time_point now) {
    std::erase_if(clients_, [&](const auto& client) {
        return now - client.second.last_use > timeout_;
    });
}

ConnectionContext::~ConnectionContext() {
    release(session_);
    // No other connection could poll it.
    if (!own_queue_.empty())
        service_.events().close_queue(own_queue_);
}

Expected<PEP_SESSION> ConnectionContext::session() {
    const bool is_same_client = session_ != nullptr && applied_client_ == client_id();
    // Version 0 asks for whatever there is: the session is new, or has the settings of another.
    auto settings = clients_.settings_unless(client_id(), is_same_client ? applied_.version : 0);
    // Not before a call needs it: an idle connection costs no session.
    if (session_ == nullptr) {
        auto opened = engine_.open_session();
        if (!opened)
            return fail(opened);
        session_ = *opened;
    }
    // What a forgotten client had configured still holds for its open connections.
    if (settings || !is_same_client)
        apply(settings ? std::move(*settings) : ClientRegistry::Versioned{});
    return session_;
}

void ConnectionContext::change_settings(const std::function<void(api::ClientSettings&)>& change) {
    const bool is_same_client = session_ != nullptr && applied_client_ == client_id();
    auto changed = clients_.change(
        client_id(), is_same_client ? applied_.settings : api::ClientSettings{}, change
    );
    // Else session() brings them in when it makes one.
    if (session_ != nullptr)
        apply(std::move(changed));
}

std::shared_ptr<api::Passphrases> ConnectionContext::find_passphrases() {
    return clients_.find_passphrases(client_id());
}

std::shared_ptr<api::Passphrases> ConnectionContext::own_passphrases() {
    return clients_.own_passphrases(client_id());
}

const std::string& ConnectionContext::own_queue() {
    // No client can take this name: names in requests are UTF-8, where no such byte occurs.
    if (own_queue_.empty())
        own_queue_ = "\xFF" + std::to_string(request_ != nullptr ? request_->connection->id : 0);
    return own_queue_;
}

/// What was applied to the old session counts no more: a new one asks for all settings.
void ConnectionContext::end_session() {
    release(session_);
    session_ = nullptr;
}

void ConnectionContext::authorized() {
    if (request_ == nullptr)
        return;
    // The connection may idle from now on, and its body leaves the budget of the unauthorized.
    request_->connection->authenticated = true;
    request_->budget.reset();
}

/// Bring settings into the session, which must be there.
void ConnectionContext::apply(ClientRegistry::Versioned chosen) {
    const auto& settings = chosen.settings;
    config_passive_mode(session_, settings.passive_mode);
    config_unencrypted_subject(session_, settings.unencrypted_subject);
    config_autocrypt_header(session_, settings.autocrypt_header);
    config_cipher_suite(session_, settings.cipher_suite);
    config_passphrase_for_new_keys(
        session_, settings.new_keys_protected, settings.new_keys_passphrase.c_str()
    );
    applied_client_ = client_id();
    applied_ = std::move(chosen);
}

} // namespace pep::daemon
