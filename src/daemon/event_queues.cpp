// Every change is made under the lock, every answer is given after it: an answer may let the
// connection's next request run at once, on this very thread.
#include "daemon/event_queues.hpp"

#include "base/random.hpp"
#include "rpc/error.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace pep::daemon {

namespace {

/// Names have the original's form: six letters or digits, `_`, six more.
constexpr std::size_t half_name_size = 6;

/// A client that polls in a loop is never that long away, so its queue is not taken from it.
constexpr std::chrono::minutes safe_idle_time{1};

/// Letters and digits, all equally likely.
Expected<std::string> random_letters(std::size_t count) {
    static constexpr std::string_view letters =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    // Bytes beyond the last whole multiple would make the first letters likelier.
    constexpr std::size_t fair = 256 / letters.size() * letters.size();
    std::string text;
    while (text.size() < count) {
        // Twice what is needed: few bytes are dropped, so one round nearly always does.
        auto bytes = random_bytes(2 * count);
        if (!bytes)
            return fail(bytes);
        for (const char byte : *bytes)
            if (const auto value = static_cast<unsigned char>(byte); value < fair)
                text += letters[value % letters.size()];
    }
    text.resize(count);
    return text;
}

/// The wire form. What was lost comes first, under the number of the last lost event.
json events_of(const EventRing::Read& read) {
    json events = json::array();
    if (read.gap)
        events.push_back(
            api::event_object("gap", read.gap->last, json::array({read.gap->first, read.gap->last}))
        );
    for (const auto& event : read.events)
        events.push_back(api::event_object(event->method, event->number, event->params));
    return events;
}

} // namespace

EventQueues::EventQueues(
    EventRing& ring, Bounds bounds, Schedule schedule, std::function<Clock::time_point()> now
)
    : ring_(ring), bounds_(bounds), schedule_(std::move(schedule)), now_(std::move(now)),
      subscription_(ring.subscribe([this] { deliver(); })) {}

bool EventQueues::announce(std::string_view method, json params) {
    // Without a number it was not kept: the engine must not think that somebody will send its mail.
    return ring_.push(method, std::move(params)).has_value();
}

Expected<std::string> EventQueues::create_queue() {
    auto name = random_letters(2 * half_name_size);
    if (!name)
        return fail(name);
    name->insert(half_name_size, 1, '_');
    const std::scoped_lock lock{mutex_};
    // It begins here, not with its first poll: what happens in between is not lost.
    if (auto made = find_or_make(*name); !made)
        return fail(made);
    return name;
}

rpc::Deferred EventQueues::poll(std::string queue, std::chrono::seconds at_most) {
    const auto ticket = std::make_shared<Ticket>();
    ticket->queue = std::move(queue);
    ticket->at_most = std::min<std::chrono::milliseconds>(at_most, bounds_.longest_poll);
    // Nothing happens yet: the caller waits (start), must not wait (now), or gives up, whenever.
    rpc::Deferred deferred;
    deferred.start = [this, ticket](Done done) { start(ticket, std::move(done)); };
    deferred.now = [this, ticket] { return poll_now(ticket->queue); };
    deferred.abandon = [this, ticket] { abandon(*ticket); };
    return deferred;
}

void EventQueues::start(const std::shared_ptr<Ticket>& ticket, Done done) {
    std::optional<Error> error;
    EventRing::Read read;
    {
        const std::scoped_lock lock{mutex_};
        // The client left before its poll began: no event may go to nobody.
        if (ticket->abandoned)
            return;
        if (auto queue = find_or_make(ticket->queue); !queue) {
            error = std::move(queue.error());
        } else {
            // Reading moves the cursor of the queue: of two polls, each event reaches one.
            auto& found = (*queue)->second;
            read = ring_.read(found.cursor);
            const bool is_empty = !read.gap && read.events.empty();
            // Under the lock under which it was read: an event pushed since then finds the waiter.
            if (is_empty && ticket->at_most.count() > 0 && !stopped_) {
                const auto deadline = now_() + ticket->at_most;
                found.waiters.push_back({ticket, deadline, std::move(done)});
                arm(deadline);
                return;
            }
        }
    }
    if (error)
        return done(tl::make_unexpected(std::move(*error)));
    done(events_of(read));
}

/// For calls that cannot be answered later: items of a batch, and notifications.
Expected<json> EventQueues::poll_now(const std::string& queue) {
    EventRing::Read read;
    {
        const std::scoped_lock lock{mutex_};
        auto found = find_or_make(queue);
        if (!found)
            return fail(found);
        read = ring_.read((*found)->second.cursor);
    }
    return events_of(read);
}

void EventQueues::abandon(Ticket& ticket) {
    std::list<Waiter> gone; // freed without the lock: its answer may have a last word
    const std::scoped_lock lock{mutex_};
    // For a start() still to come; a poll that waits already is taken out below.
    ticket.abandoned = true;
    const auto queue = queues_.find(ticket.queue);
    if (queue == queues_.end())
        return;
    auto& waiters = queue->second.waiters;
    const auto waiter = std::ranges::find_if(waiters, [&](const Waiter& each) {
        return each.ticket.get() == &ticket;
    });
    if (waiter == waiters.end())
        return;
    gone.splice(gone.end(), waiters, waiter);
    // The client was there until now: from here on the queue is idle.
    queue->second.last_use = now_();
}

void EventQueues::close_queue(const std::string& queue) {
    // Out of the queue under the lock, answered without it.
    std::list<Waiter> waiters;
    {
        const std::scoped_lock lock{mutex_};
        const auto found = queues_.find(queue);
        if (found == queues_.end())
            return;
        waiters = std::move(found->second.waiters);
        queues_.erase(found);
    }
    // As in the original, an event of its own kind tells the client not to poll again.
    for (const auto& waiter : waiters)
        waiter.done(json::array({api::queue_close()}));
}

void EventQueues::stop() {
    std::vector<Answer> answers;
    {
        const std::scoped_lock lock{mutex_};
        // Polls that start from now on are answered at once and hold nothing up.
        stopped_ = true;
        for (auto& [name, queue] : queues_) {
            for (auto& waiter : queue.waiters)
                answers.push_back({std::move(waiter.done), {}});
            queue.waiters.clear();
        }
    }
    tell(std::move(answers));
}

EventQueues::Counts EventQueues::counts() const {
    const std::scoped_lock lock{mutex_};
    const auto now = now_();
    Counts counts;
    for (const auto& [name, queue] : queues_) {
        // Counted by their time: those nobody polls any more go with the next call only.
        counts.queues += is_in_use(queue, now) ? 1 : 0;
        counts.waiting += queue.waiters.size();
    }
    return counts;
}

/// New events: in each queue they go to the poll that waits longest.
void EventQueues::deliver() {
    std::vector<Answer> answers;
    {
        const std::scoped_lock lock{mutex_};
        const auto now = now_();
        for (auto& [name, queue] : queues_) {
            // Without a poll the cursor stays: events wait in the ring, once for all queues.
            if (queue.waiters.empty())
                continue;
            auto read = ring_.read(queue.cursor);
            if (!read.gap && read.events.empty())
                continue;
            answers.push_back({std::move(queue.waiters.front().done), std::move(read)});
            queue.waiters.pop_front();
            queue.last_use = now;
        }
    }
    tell(std::move(answers));
}

void EventQueues::end_due_polls(Clock::time_point timer) {
    std::vector<Answer> answers;
    {
        const std::scoped_lock lock{mutex_};
        // One of them, should two have the same time.
        timers_.erase(timers_.find(timer));
        const auto now = now_();
        // Who is due goes at once; the next timer is for the earliest of the others.
        auto next = Clock::time_point::max();
        for (auto& [name, queue] : queues_)
            for (auto waiter = queue.waiters.begin(); waiter != queue.waiters.end();) {
                if (waiter->deadline > now) {
                    next = std::min(next, waiter->deadline);
                    ++waiter;
                    continue;
                }
                // An empty array: nothing came in time.
                answers.push_back({std::move(waiter->done), {}});
                waiter = queue.waiters.erase(waiter);
                queue.last_use = now;
            }
        if (next != Clock::time_point::max())
            arm(next);
    }
    tell(std::move(answers));
}

void EventQueues::tell(std::vector<Answer> answers) {
    for (auto& [done, read] : answers)
        done(events_of(read));
}

/// With a waiting poll it is, however long that waits.
bool EventQueues::is_in_use(const Queue& queue, Clock::time_point now) const {
    return !queue.waiters.empty() || now - queue.last_use <= bounds_.idle;
}

Expected<EventQueues::Queues::iterator> EventQueues::find_or_make(const std::string& queue) {
    const auto now = now_();
    const auto found = queues_.find(queue);
    if (found != queues_.end() && is_in_use(found->second, now)) {
        found->second.last_use = now;
        return found;
    }
    // Its time was over: one of the same name begins anew, at the end of the ring.
    if (found != queues_.end())
        queues_.erase(found);
    if (!make_room(now))
        return fail(rpc::code::busy, "too many event sessions: close those not needed");
    return queues_.emplace(queue, Queue{ring_.end(), now, {}}).first;
}

bool EventQueues::make_room(Clock::time_point now) {
    const auto is_idle = [&](const auto& entry, auto longer_than) {
        return entry.second.waiters.empty() && now - entry.second.last_use > longer_than;
    };
    // No timer removes queues: those whose time is over are looked for when room is needed.
    std::erase_if(queues_, [&](const auto& entry) { return is_idle(entry, bounds_.idle); });
    if (queues_.size() < bounds_.queues)
        return true;
    // Else one not polled for a minute goes: clients that crash close nothing.
    auto oldest = queues_.end();
    for (auto entry = queues_.begin(); entry != queues_.end(); ++entry)
        if (is_idle(*entry, safe_idle_time) &&
            (oldest == queues_.end() || entry->second.last_use < oldest->second.last_use))
            oldest = entry;
    if (oldest == queues_.end())
        return false;
    queues_.erase(oldest);
    return true;
}

/// A timer that fires earlier anyway looks for all deadlines, so there are never many.
void EventQueues::arm(Clock::time_point deadline) {
    if (!timers_.empty() && *timers_.begin() <= deadline)
        return;
    timers_.insert(deadline);
    // Rounded up: a timer that fires before the deadline finds nothing due.
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(deadline - now_());
    schedule_(std::max(wait, std::chrono::milliseconds{0}), Task{[this, deadline] {
                  end_due_polls(deadline);
              }});
}

} // namespace pep::daemon
