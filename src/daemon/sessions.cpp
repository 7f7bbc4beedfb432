// A connection may serve several client ids in turn; their settings are applied when the id
// changes.
#include "daemon/sessions.hpp"

#include "engine/guard.hpp"
#include "pEp/status_to_string.h"
#include "rpc/error.hpp"

#include <algorithm>

namespace pep::daemon {

namespace {

tl::unexpected<Error> cannot_start(PEP_STATUS status) {
    return fail(
        rpc::code::internal_error,
        std::string{"the engine cannot start, "} + pEp_status_to_string(status)
    );
}

} // namespace

pEp_engine_options EngineKeeper::options() const {
    pEp_engine_options made{};
    made.home = home_.c_str();
    made.trustwords_dir = trustwords_.empty() ? nullptr : trustwords_.c_str();
    made.xor_trustwords = xor_trustwords_;
    return made;
}

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
    if (!dictionaries_.is_null())
        return dictionaries_;
    json list = json::array();
    auto sources = started ? (*started)->dictionaries.sources()
                           : Expected<std::vector<engine::Dictionaries::Source>>{};
    if (!sources)
        return list;
    for (const auto& source : *sources)
        list.push_back({{"lang", source.lang}, {"file", source.file}, {"sha256", source.sha256}});
    return dictionaries_ = list;
}

api::ClientSettings ClientRegistry::settings_of(const std::string& client_id) {
    const auto now = Clock::now();
    const std::lock_guard lock{mutex_};
    forget_idle(now);
    const auto found = clients_.find(client_id);
    if (found == clients_.end())
        return {};
    found->second.last_use = now;
    return found->second.settings;
}

api::ClientSettings ClientRegistry::change(
    const std::string& client_id, void (*edit)(api::ClientSettings&, bool), bool value
) {
    const auto now = Clock::now();
    const std::lock_guard lock{mutex_};
    forget_idle(now);
    auto& entry = clients_[client_id];
    edit(entry.settings, value);
    entry.last_use = now;
    return entry.settings;
}

std::size_t ClientRegistry::size() const {
    const std::lock_guard lock{mutex_};
    return clients_.size();
}

void ClientRegistry::forget_idle(Clock::time_point now) {
    std::erase_if(clients_, [&](const auto& client) {
        return now - client.second.last_use > timeout_;
    });
    if (clients_.size() >= most_clients) {
        const auto oldest = std::ranges::min_element(clients_, {}, [](const auto& client) {
            return client.second.last_use;
        });
        clients_.erase(oldest);
    }
}

ConnectionContext::~ConnectionContext() { release(session_); }

Expected<PEP_SESSION> ConnectionContext::session() {
    const auto settings = clients_.settings_of(client_id());
    if (session_ == nullptr) {
        auto opened = engine_.open_session();
        if (!opened)
            return fail(opened);
        session_ = *opened;
        apply(settings);
    } else if (applied_client_ != client_id()) {
        apply(settings);
    }
    return session_;
}

void ConnectionContext::change_settings(void (*edit)(api::ClientSettings&, bool), bool value) {
    const auto settings = clients_.change(client_id(), edit, value);
    if (session_ != nullptr)
        apply(settings);
}

void ConnectionContext::authorized() {
    if (request_ == nullptr)
        return;
    request_->connection->authenticated = true;
    request_->budget.reset();
}

void ConnectionContext::apply(const api::ClientSettings& settings) {
    config_passive_mode(session_, settings.passive_mode);
    config_unencrypted_subject(session_, settings.unencrypted_subject);
    applied_client_ = client_id();
}

} // namespace pep::daemon
