// Events for clients that want to be connected to (registerEventListener, until 2020-05): each
// listener is a cursor into the ring; its events are posted one after the other, and again until it
// answers.
#pragma once

#include "api/events.hpp"
#include "base/log.hpp"
#include "base/task.hpp"
#include "daemon/event_ring.hpp"
#include "http/server.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace pep::daemon {

/// Members of api::Listeners may be called on any thread; deliveries run on the loop thread. A
/// listener that cannot be reached for ten minutes is forgotten.
class EventListeners final : public api::Listeners {
  public:
    using Clock = std::chrono::steady_clock;

    /// How the listeners reach the world; all for the loop thread but `after`, which any thread
    /// calls to have a task run there.
    struct Means {
        std::function<void(std::chrono::milliseconds, Task)> after;
        std::function<void(http::Post, std::function<void(const http::Delivery&)>)> send;
        std::function<Clock::time_point()> now = &Clock::now;
    };

    /// The ring outlives the listeners, and they outlive what `means` run. `most`: how many.
    EventListeners(EventRing& ring, std::size_t most, Means means, log::Logger log);

    Expected<void>
    add(const std::string& address, unsigned port, const std::string& security_context) override;
    Expected<void>
    remove(const std::string& address, unsigned port, const std::string& security_context) override;

    void stop(); ///< forget all

    [[nodiscard]] std::size_t count() const;

  private:
    using Place = std::pair<std::string, std::uint16_t>;
    struct Listener;

    void wake();
    void deliver();
    void send_next(const Place& place, const std::shared_ptr<Listener>& listener);
    void on_delivered(
        const Place& place,
        const std::weak_ptr<Listener>& sent_for,
        EventRing::Cursor behind,
        const http::Delivery& delivery
    );
    bool retry_later(const Place& place, Listener& listener); // with mutex_ held

    EventRing& ring_;
    const std::size_t most_;
    const Means means_;
    const log::Logger log_;
    mutable std::mutex mutex_; // guards the next two
    std::map<Place, std::shared_ptr<Listener>> listeners_;
    std::uint64_t next_id_ = 2001; // as the original counted
    std::atomic<bool> woken_{false};
    std::unique_ptr<EventRing::Subscription> subscription_; // ends first
};

} // namespace pep::daemon
