// The latest events of the daemon, numbered from 1 on. Readers come and go; each has a cursor of
// its own, and one that was too slow is told which events it missed.
#pragma once

#include "marshal/json.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pep::daemon {

/// One event; never changed once it is in the ring.
struct Event {
    std::uint64_t number = 0;
    std::string method;
    json params;
    std::size_t bytes = 0; ///< about what it takes in memory
};

/// Any thread.
class EventRing {
  public:
    /// Both bounds hold at any time; the oldest events go first.
    struct Bounds {
        std::size_t events = 0;
        std::size_t bytes = 0;
    };

    /// What a reader has read: all events before this number.
    using Cursor = std::uint64_t;

    /// Numbers of events that were dropped before a reader came to them, both inclusive.
    struct Gap {
        std::uint64_t first = 0, last = 0;
    };

    struct Read {
        std::optional<Gap> gap; ///< comes before the events
        std::vector<std::shared_ptr<const Event>> events;
    };

    explicit EventRing(Bounds bounds) : bounds_(bounds) {}

    EventRing(const EventRing&) = delete;
    EventRing(EventRing&&) = delete;
    EventRing& operator=(const EventRing&) = delete;
    EventRing& operator=(EventRing&&) = delete;
    ~EventRing() = default;

    /// Append an event and wake the subscribers. Its number; none if it alone is beyond the bound.
    std::optional<std::uint64_t> push(std::string_view method, json params);

    /// The cursor of a reader that wants what comes from now on.
    [[nodiscard]] Cursor end() const;

    /// What is new to a reader, at most that many bytes of it, but at least one event; its cursor
    /// moves behind it.
    [[nodiscard]] Read
    read(Cursor& cursor, std::size_t most_bytes = std::numeric_limits<std::size_t>::max()) const;

    /// As long as it lives, `wake` is called after each push, on the pushing thread and without the
    /// ring's lock on its events; it may read, but neither push, nor subscribe or unsubscribe.
    class Subscription {
      public:
        Subscription(const Subscription&) = delete;
        Subscription(Subscription&&) = delete;
        Subscription& operator=(const Subscription&) = delete;
        Subscription& operator=(Subscription&&) = delete;
        ~Subscription(); ///< waits for a call that is under way

      private:
        friend class EventRing;
        using Wakes = std::list<std::function<void()>>;

        Subscription(EventRing& ring, Wakes::iterator place) : ring_(ring), place_(place) {}

        EventRing& ring_; // outlives its subscriptions
        Wakes::iterator place_;
    };

    [[nodiscard]] std::unique_ptr<Subscription> subscribe(std::function<void()> wake);

    /// Events and bytes kept now, and events ever pushed.
    struct Counts {
        std::size_t kept = 0, bytes = 0;
        std::uint64_t pushed = 0;
    };

    [[nodiscard]] Counts counts() const;

  private:
    const Bounds bounds_;
    mutable std::mutex mutex_; // guards the next three
    std::deque<std::shared_ptr<const Event>> kept_;
    std::size_t bytes_ = 0;
    std::uint64_t next_ = 1;
    std::mutex wake_mutex_; // guards wakes_, and is held while they are called
    Subscription::Wakes wakes_;
};

} // namespace pep::daemon
