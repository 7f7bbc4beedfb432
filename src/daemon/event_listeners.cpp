// The lock is held to look and to note, never while something is sent.
#include "daemon/event_listeners.hpp"

#include "base/secret.hpp"
#include "http/socket_address.hpp"
#include "rpc/error.hpp"
#include "rpc/json_writer.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace pep::daemon {

namespace {

using namespace std::chrono_literals;

/// Kept as long as its listener.
constexpr std::size_t most_context_bytes = 256;
/// Between attempts; doubled each time.
constexpr auto first_pause = std::chrono::milliseconds{500};
constexpr auto longest_pause = std::chrono::milliseconds{30'000};
constexpr auto patience = 10min;

/// Nothing is asked of the text: it is a secret the client made.
Expected<std::pair<std::string, std::uint16_t>>
check(const std::string& address, unsigned port, const std::string& security_context) {
    if (port == 0 || port > std::numeric_limits<std::uint16_t>::max())
        return fail(rpc::code::invalid_params, "the port of a listener is 1 to 65535");
    const auto number = static_cast<std::uint16_t>(port);
    const auto place = http::loopback_address(address, number);
    if (!place)
        return fail(
            rpc::code::invalid_params, "listeners are on this machine: give 127.0.0.1 or ::1"
        );
    if (security_context.size() > most_context_bytes)
        return fail(rpc::code::invalid_params, "a security context has at most 256 bytes");
    return std::pair{http::numeric_text(*place), number}; // one place has one spelling
}

} // namespace

/// Owned by the map. What runs later has weak pointers, and ends quietly when it was removed.
struct EventListeners::Listener {
    Secret security_context;
    EventRing::Cursor cursor = 0;
    bool is_busy = false; // sends, or waits to try again
    std::chrono::milliseconds pause{0};
    Clock::time_point failing_since; // if pause is not 0
};

EventListeners::EventListeners(EventRing& ring, std::size_t most, Means means, log::Logger log)
    : ring_(ring), most_(most), means_(std::move(means)), log_(std::move(log)),
      subscription_(ring.subscribe([this] { wake(); })) {}

Expected<void> EventListeners::add(
    const std::string& address, unsigned port, const std::string& security_context
) {
    auto place = check(address, port, security_context);
    if (!place)
        return fail(place);
    const std::scoped_lock lock{mutex_};
    if (const auto known = listeners_.find(*place); known != listeners_.end()) {
        // Again is fine, as in the original: the cursor stays where it is.
        if (known->second->security_context.equals(security_context))
            return {};
        // Whoever was there before does not answer: the new client has taken its place.
        if (known->second->pause == 0ms)
            return fail(rpc::code::forbidden, "another client listens there: choose another port");
        listeners_.erase(known);
    }
    if (listeners_.size() >= most_)
        return fail(rpc::code::busy, "too many listeners: unregister those not needed");
    auto listener = std::make_shared<Listener>();
    listener->security_context = Secret{security_context};
    listener->cursor = ring_.end();
    listeners_.emplace(std::move(*place), std::move(listener));
    return {};
}

Expected<void> EventListeners::remove(
    const std::string& address, unsigned port, const std::string& security_context
) {
    auto place = check(address, port, security_context);
    if (!place)
        return fail(place);
    const std::scoped_lock lock{mutex_};
    const auto known = listeners_.find(*place);
    // One answer for both: a wrong text does not learn that somebody listens there.
    if (known == listeners_.end() || !known->second->security_context.equals(security_context))
        return fail(rpc::code::invalid_params, "no such listener with that security context");
    listeners_.erase(known);
    return {};
}

void EventListeners::stop() {
    const std::scoped_lock lock{mutex_};
    listeners_.clear();
}

std::size_t EventListeners::count() const {
    const std::scoped_lock lock{mutex_};
    return listeners_.size();
}

/// On the thread that pushed, which must not wait: it only has the loop thread come.
void EventListeners::wake() {
    if (count() > 0 && !woken_.exchange(true))
        means_.after(0ms, Task{[this] { deliver(); }});
}

void EventListeners::deliver() {
    // First: a push from now on posts again, so no event is overlooked.
    woken_ = false;
    std::vector<std::pair<Place, std::shared_ptr<Listener>>> free;
    {
        const std::scoped_lock lock{mutex_};
        for (const auto& [place, listener] : listeners_)
            if (!listener->is_busy)
                free.emplace_back(place, listener);
    }
    // Without the lock, which send_next() takes for itself.
    for (const auto& [place, listener] : free)
        send_next(place, listener);
}

/// The cursor moves when the event was taken, so nothing is lost while nobody answers. Events that
/// left the ring meanwhile are gone; a client of that time knows no message for it.
void EventListeners::send_next(const Place& place, const std::shared_ptr<Listener>& listener) {
    std::string body;
    EventRing::Cursor behind = 0;
    {
        const std::scoped_lock lock{mutex_};
        behind = listener->cursor;
        // One by one, so that they arrive in order; one byte always means one event.
        const auto read = ring_.read(behind, 1);
        listener->is_busy = !read.events.empty();
        if (read.events.empty())
            return;
        const auto& event = *read.events.front();
        // The original's request. The client's own secret tells it that the server calls.
        body = rpc::to_text(
            {{"jsonrpc", "2.0"},
             {"id", next_id_++},
             {"security_token", listener->security_context.reveal()},
             {"method", event.method},
             {"params", event.params}}
        );
    }
    // Weak: a delivery does not keep alive who unregistered meanwhile.
    means_.send(
        {place.first, place.second, std::move(body)},
        [this, place, behind, weak = std::weak_ptr{listener}](const http::Delivery& delivery) {
            on_delivered(place, weak, behind, delivery);
        }
    );
}

void EventListeners::on_delivered(
    const Place& place,
    const std::weak_ptr<Listener>& sent_for,
    EventRing::Cursor behind,
    const http::Delivery& delivery
) {
    const auto listener = sent_for.lock();
    // Unregistered, or replaced by another client, while the request was under way.
    if (!listener)
        return;
    {
        const std::scoped_lock lock{mutex_};
        if (delivery.status == 0) {
            log_.info(
                "a listener was not reached",
                {{"port", place.second}, {"problem", log::Safe{delivery.problem}}}
            );
            if (!retry_later(place, *listener))
                return;
            // It stays busy: no later event overtakes this one.
            means_.after(listener->pause, Task{[this, place, sent_for] {
                             if (const auto still = sent_for.lock())
                                 send_next(place, still);
                         }});
            return;
        }
        // A refusal will not change by repeating it.
        if (delivery.status != 200)
            log_.info(
                "a listener refused an event", {{"port", place.second}, {"status", delivery.status}}
            );
        listener->pause = 0ms;
        listener->cursor = std::max(listener->cursor, behind);
    }
    // The next one; if there is none, the listener is no longer busy.
    send_next(place, listener);
}

/// False if that was the last attempt.
bool EventListeners::retry_later(const Place& place, Listener& listener) {
    const auto now = means_.now();
    if (listener.pause == 0ms)
        listener.failing_since = now;
    if (now - listener.failing_since >= patience) {
        log_.info("a listener was forgotten", {{"port", place.second}});
        listeners_.erase(place);
        return false;
    }
    listener.pause =
        listener.pause == 0ms ? first_pause : std::min(2 * listener.pause, longest_pause);
    return true;
}

} // namespace pep::daemon
