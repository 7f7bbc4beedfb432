// A connection may serve several client ids in turn; their settings are applied when the id changes.
#include "daemon/sessions.hpp"

#include "pEp/status_to_string.h"

#include <algorithm>

namespace pep::daemon {

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
        const auto trustwords = home_.trustwords.string();
        pEp_engine_options options{};
        options.home = home_.home.c_str();
        options.trustwords_dir = trustwords.empty() ? nullptr : trustwords.c_str();
        options.xor_trustwords = home_.xor_trustwords;
        const auto status = init_with_options(&session_, &options, nullptr, nullptr, nullptr);
        if (status != PEP_STATUS_OK)
            return fail(
                status, std::string{"the engine cannot start: "} + pEp_status_to_string(status)
            );
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
