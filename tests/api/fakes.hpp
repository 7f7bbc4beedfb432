// The process around the functions, as far as their tests need it.
#pragma once

#include "api/context.hpp"
#include "api/examples/server.hpp"
#include "pEp/autocrypt.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace pep::api {

/// Events that are there at once or never: no poll waits.
class FakeEvents final : public Events {
  public:
    bool announce(std::string_view method, json params) override {
        if (is_full)
            return false;
        events.push_back(event_object(method, events.size() + 1, std::move(params)));
        return true;
    }

    Expected<std::string> create_queue() override { return name; }

    rpc::Deferred poll(std::string queue, std::chrono::seconds at_most) override {
        polled = std::move(queue);
        waited = at_most;
        rpc::Deferred deferred;
        deferred.now = [this] { return Expected<json>{std::exchange(events, json::array())}; };
        deferred.start = [now = deferred.now](const rpc::Deferred::Done& done) { done(now()); };
        return deferred;
    }

    void close_queue(const std::string& queue) override { closed = queue; }

    json events = json::array();
    std::string name = "queue"; ///< of the next one
    std::string polled, closed;
    std::chrono::seconds waited{};
    bool is_full = false;
};

/// One listener at most.
class FakeListeners final : public Listeners {
  public:
    Expected<void>
    add(const std::string& address, unsigned port, const std::string& secret) override {
        place = address + " " + std::to_string(port) + " " + secret;
        return {};
    }

    Expected<void>
    remove(const std::string& address, unsigned port, const std::string& secret) override {
        if (place != address + " " + std::to_string(port) + " " + secret)
            return fail(0, "another listener");
        place.clear();
        return {};
    }

    std::string place;
};

class FakeService final : public Service {
  public:
    [[nodiscard]] json status() const override { return told; }

    [[nodiscard]] FakeEvents& events() override { return queue; }

    [[nodiscard]] MessageCache& cached_messages() override { return cache; }

    Expected<std::string> create_page_file() override { return std::string{"/run/open-1.html"}; }

    [[nodiscard]] log::Recent recent_log(std::uint64_t after) const override {
        return {{"2026-01-02T03:04:05.678Z info serving port=4223"}, 7, after < 6 ? 6 - after : 0};
    }

    [[nodiscard]] Listeners& listeners() override { return registered; }

    void shutdown() override { ++shutdowns; }

    FakeListeners registered;

    FakeEvents queue;
    MessageCache cache{
        {16, std::size_t{1} << 20U, std::chrono::hours{1}},
        [](std::chrono::milliseconds, const Task&) {} // time stands still
    };
    json told = json::parse(examples::status.result)["return"]; ///< what status tells
    int shutdowns = 0;
};

/// One client with one connection, on a real engine in a home of its own.
class TestContext final : public Context {
  public:
    TestContext(std::string home, Service& service) : home_(std::move(home)), service_(service) {}

    TestContext(const TestContext&) = delete;
    TestContext& operator=(const TestContext&) = delete;
    TestContext(TestContext&&) = delete;
    TestContext& operator=(TestContext&&) = delete;

    ~TestContext() override { release(session_); }

    Expected<PEP_SESSION> session() override {
        if (session_ == nullptr) {
            pEp_engine_options options{};
            options.home = home_.c_str();
            if (init_with_options(&session_, &options, nullptr, nullptr, nullptr) != PEP_STATUS_OK)
                return fail(0, "no engine");
        }
        return session_;
    }

    void change_settings(const std::function<void(ClientSettings&)>& change) override {
        change(settings);
        if (session_ == nullptr)
            return;
        config_passive_mode(session_, settings.passive_mode);
        config_autocrypt_header(session_, settings.autocrypt_header);
        config_passphrase_for_new_keys(
            session_, settings.new_keys_protected, settings.new_keys_passphrase.c_str()
        );
    }

    ClientSettings current_settings() override { return settings; }

    std::shared_ptr<Passphrases> find_passphrases() override { return passphrases; }

    std::shared_ptr<Passphrases> own_passphrases() override {
        if (!passphrases)
            passphrases = std::make_shared<Passphrases>(std::chrono::hours{3});
        return passphrases;
    }

    const std::string& own_queue() override { return queue_; }

    void end_session() override {
        release(session_);
        session_ = nullptr;
    }

    Service& service() override { return service_; }

    ClientSettings settings;
    std::shared_ptr<Passphrases> passphrases;

  private:
    std::string home_;
    Service& service_;
    PEP_SESSION session_ = nullptr;
    std::string queue_ = "of the connection";
};

} // namespace pep::api
