// Event queues for clients that poll: each is a cursor into the ring and the polls that wait for it
// to move. No thread waits.
#pragma once

#include "api/events.hpp"
#include "base/task.hpp"
#include "daemon/event_ring.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace pep::daemon {

/// Any thread. A queue nobody polls for a while goes, and its name is free again.
class EventQueues final : public api::Events {
  public:
    using Clock = std::chrono::steady_clock;

    struct Bounds {
        std::size_t queues = 0;
        std::chrono::milliseconds idle{};         ///< until a queue nobody polls goes
        std::chrono::milliseconds longest_poll{}; ///< longer waits end so early
    };

    /// Runs a task after a while; any thread.
    using Schedule = std::function<void(std::chrono::milliseconds, Task)>;

    /// The ring outlives the queues, and they outlive what `schedule` runs. `now` is for tests.
    EventQueues(
        EventRing& ring,
        Bounds bounds,
        Schedule schedule,
        std::function<Clock::time_point()> now = &Clock::now
    );

    bool announce(std::string_view method, json params) override;
    Expected<std::string> create_queue() override;
    rpc::Deferred poll(std::string queue, std::chrono::seconds at_most) override;
    void close_queue(const std::string& queue) override;

    /// Answer all waiting polls now, with nothing; no later one waits.
    void stop();

    struct Counts {
        std::size_t queues = 0, waiting = 0;
    };

    [[nodiscard]] Counts counts() const;

  private:
    using Done = rpc::Deferred::Done;

    /// One poll, from before it starts until nobody can give it up any more.
    struct Ticket {
        std::string queue;
        std::chrono::milliseconds at_most;
        bool abandoned = false; // guarded by mutex_
    };

    struct Waiter {
        std::shared_ptr<Ticket> ticket;
        Clock::time_point deadline;
        Done done;
    };

    struct Queue {
        EventRing::Cursor cursor = 0;
        Clock::time_point last_use;
        std::list<Waiter> waiters; // who waits longest first
    };

    /// What is to be told once the lock is free.
    struct Answer {
        Done done;
        EventRing::Read read;
    };

    using Queues = std::map<std::string, Queue>;

    void start(const std::shared_ptr<Ticket>& ticket, Done done);
    [[nodiscard]] Expected<json> poll_now(const std::string& queue);
    void abandon(Ticket& ticket);
    void deliver();
    void end_due_polls(Clock::time_point timer);
    static void tell(std::vector<Answer> answers);

    // With mutex_ held:
    [[nodiscard]] Expected<Queues::iterator> find_or_make(const std::string& queue);
    [[nodiscard]] bool is_in_use(const Queue& queue, Clock::time_point now) const;
    [[nodiscard]] bool make_room(Clock::time_point now);
    void arm(Clock::time_point deadline);

    EventRing& ring_;
    const Bounds bounds_;
    const Schedule schedule_;
    const std::function<Clock::time_point()> now_;
    mutable std::mutex mutex_; // guards the members below; never held while an answer is given
    Queues queues_;
    std::multiset<Clock::time_point> timers_; // that will fire
    bool stopped_ = false;
    std::unique_ptr<EventRing::Subscription> subscription_; // ends first
};

} // namespace pep::daemon
