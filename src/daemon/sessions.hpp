// Engine sessions of connections, and the settings a client keeps across its connections.
#pragma once

#include "api/context.hpp"
#include "engine/session.hpp"
#include "http/request.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace pep::daemon {

/// The engine of this daemon: started by the first call that needs it, and kept until the end, so
/// that databases and dictionaries stay open between connections. What the engine wants to be sent
/// becomes an event. Any thread; must stay where it is and outlive its sessions.
class EngineKeeper {
  public:
    /// `trustwords` may be empty: the engine's own rule.
    EngineKeeper(
        std::filesystem::path home,
        const std::string& trustwords,
        bool xor_trustwords,
        api::Events& events,
        log::Logger log = {}
    )
        : home_(home.string()), trustwords_(trustwords), xor_trustwords_(xor_trustwords),
          events_(events), log_(std::move(log)) {}

    EngineKeeper(const EngineKeeper&) = delete;
    EngineKeeper(EngineKeeper&&) = delete;
    EngineKeeper& operator=(const EngineKeeper&) = delete;
    EngineKeeper& operator=(EngineKeeper&&) = delete;
    ~EngineKeeper() = default;

    /// A new session on it; release() is the caller's.
    [[nodiscard]] Expected<PEP_SESSION> open_session();

    /// Dictionaries in use: language, file, SHA-256.
    [[nodiscard]] json dictionaries();

  private:
    [[nodiscard]] pEp_engine_options options();
    [[nodiscard]] tl::unexpected<Error> cannot_start(PEP_STATUS status) const;
    static PEP_STATUS message_to_send(void* keeper, message* msg) noexcept;
    [[nodiscard]] Expected<std::shared_ptr<engine::Engine>> engine();

    const std::string home_;
    const std::string trustwords_;
    const bool xor_trustwords_;
    api::Events& events_;
    const log::Logger log_; // why there is no engine: callers see the status only
    std::mutex mutex_;      // guards the members below
    std::shared_ptr<engine::Engine> engine_;
    json dictionaries_;
};

/// Settings and passphrases by client_id; forgotten when a client made no call for a while. Any
/// thread.
class ClientRegistry {
  public:
    using Clock = std::chrono::steady_clock;

    /// Settings and how often clients changed theirs before: tells new ones from those in use.
    struct Versioned {
        api::ClientSettings settings;
        std::uint64_t version = 0; ///< 0: the client has none
    };

    /// `now` is for tests.
    ClientRegistry(
        std::chrono::milliseconds timeout,
        std::chrono::milliseconds passphrase_time,
        std::function<Clock::time_point()> now = &Clock::now
    )
        : timeout_(timeout), passphrase_time_(passphrase_time), now_(std::move(now)) {}

    /// The settings of a client if they are of another version, and not forgotten. Counts as a sign
    /// of life.
    [[nodiscard]] std::optional<Versioned>
    settings_unless(const std::string& client_id, std::uint64_t version);

    /// Change and return them. `base`: what they are if the client was forgotten meanwhile.
    Versioned change(
        const std::string& client_id,
        const api::ClientSettings& base,
        const std::function<void(api::ClientSettings&)>& edit
    );

    /// A client's passphrases; null if it gave none.
    [[nodiscard]] std::shared_ptr<api::Passphrases> find_passphrases(const std::string& client_id
    ) const;

    /// The same, made if need be.
    [[nodiscard]] std::shared_ptr<api::Passphrases> own_passphrases(const std::string& client_id);

    /// Clients that are not forgotten.
    [[nodiscard]] std::size_t size() const;

  private:
    struct Entry {
        Versioned now;
        std::shared_ptr<api::Passphrases> passphrases;
        Clock::time_point last_use;
    };

    // With mutex_ held:
    Entry& find_or_make(const std::string& client_id);
    void forget_idle(Clock::time_point now);

    static constexpr std::size_t most_clients = 1024; // names are free, memory is not

    const std::chrono::milliseconds timeout_;
    const std::chrono::milliseconds passphrase_time_;
    const std::function<Clock::time_point()> now_;
    mutable std::mutex mutex_; // guards the members below
    std::map<std::string, Entry> clients_;
    std::uint64_t changes_ = 0;
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
    void change_settings(const std::function<void(api::ClientSettings&)>& change) override;

    [[nodiscard]] api::ClientSettings current_settings() override { return applied_.settings; }

    [[nodiscard]] std::shared_ptr<api::Passphrases> find_passphrases() override;
    [[nodiscard]] std::shared_ptr<api::Passphrases> own_passphrases() override;
    [[nodiscard]] const std::string& own_queue() override;
    void end_session() override;

    [[nodiscard]] api::Service& service() override { return service_; }

    /// The request that is being answered, null in between: its body stops counting as
    /// unauthorized, and its connection as anonymous, once its token proved right.
    void answering(http::Request* request) { request_ = request; }

    void authorized() override;

  private:
    void apply(ClientRegistry::Versioned chosen);

    EngineKeeper& engine_;             // of the daemon, which outlives every connection
    ClientRegistry& clients_;          // likewise
    api::Service& service_;            // likewise
    http::Request* request_ = nullptr; // only while it is answered
    PEP_SESSION session_ = nullptr;
    std::string applied_client_;        // whose settings the session has,
    ClientRegistry::Versioned applied_; // and which
    std::string own_queue_;
};

} // namespace pep::daemon
