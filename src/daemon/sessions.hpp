// Engine sessions of connections, and the settings a client keeps across its connections.
#pragma once

#include "api/context.hpp"
#include "engine/session.hpp"
#include "http/request.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace pep::daemon {

/// The engine of this daemon: started by the first call that needs it, and kept until the end, so
/// that databases and dictionaries stay open between connections. Any thread.
class EngineKeeper {
  public:
    /// `trustwords` may be empty: the engine's own rule.
    EngineKeeper(std::filesystem::path home, const std::string& trustwords, bool xor_trustwords)
        : home_(home.string()), trustwords_(trustwords), xor_trustwords_(xor_trustwords) {}

    /// A new session on it; release() is the caller's.
    [[nodiscard]] Expected<PEP_SESSION> open_session();

    /// Dictionaries in use: language, file, SHA-256.
    [[nodiscard]] json dictionaries();

  private:
    [[nodiscard]] pEp_engine_options options() const;
    [[nodiscard]] Expected<std::shared_ptr<engine::Engine>> engine();

    const std::string home_;
    const std::string trustwords_;
    const bool xor_trustwords_;
    std::mutex mutex_; // guards the members below
    std::shared_ptr<engine::Engine> engine_;
    json dictionaries_;
};

/// Settings by client_id; forgotten when a client made no call for a while. Any thread.
class ClientRegistry {
  public:
    using Clock = std::chrono::steady_clock;

    explicit ClientRegistry(std::chrono::seconds timeout) : timeout_(timeout) {}

    /// The settings of a client, which counts as a sign of life.
    [[nodiscard]] api::ClientSettings settings_of(const std::string& client_id);

    /// Change and return them.
    api::ClientSettings
    change(const std::string& client_id, void (*edit)(api::ClientSettings&, bool), bool value);

    [[nodiscard]] std::size_t size() const;

  private:
    struct Entry {
        api::ClientSettings settings;
        Clock::time_point last_use;
    };

    void forget_idle(Clock::time_point now); // with mutex_ held

    static constexpr std::size_t most_clients = 1024; // names are free, memory is not

    const std::chrono::seconds timeout_;
    mutable std::mutex mutex_; // guards clients_
    std::map<std::string, Entry> clients_;
};

/// The context of one connection: its engine session is made by the first call that needs one and
/// released with the connection. Used by one thread at a time.
class ConnectionContext final : public api::Context {
  public:
    ConnectionContext(EngineKeeper& engine, ClientRegistry& clients, api::Service& service)
        : engine_(engine), clients_(clients), service_(service) {}

    ConnectionContext(const ConnectionContext&) = delete;
    ConnectionContext(ConnectionContext&&) = delete;
    ConnectionContext& operator=(const ConnectionContext&) = delete;
    ConnectionContext& operator=(ConnectionContext&&) = delete;
    ~ConnectionContext() override;

    [[nodiscard]] Expected<PEP_SESSION> session() override;
    void change_settings(void (*edit)(api::ClientSettings&, bool), bool value) override;

    [[nodiscard]] api::Service& service() override { return service_; }

    /// The request that is being answered, null in between: its body stops counting as
    /// unauthorized, and its connection as anonymous, once its token proved right.
    void answering(http::Request* request) { request_ = request; }

    void authorized() override;

  private:
    void apply(const api::ClientSettings& settings);

    EngineKeeper& engine_;             // of the daemon, which outlives every connection
    ClientRegistry& clients_;          // likewise
    api::Service& service_;            // likewise
    http::Request* request_ = nullptr; // only while it is answered
    PEP_SESSION session_ = nullptr;
    std::string applied_client_; // whose settings the session has
};

} // namespace pep::daemon
