// GET /events: events as they come, for readers that keep a connection open (Server-Sent Events,
// WHATWG HTML 9.2). Each reader is a cursor into the ring; it is written to only when it has taken
// what was written before, so a slow one costs no memory and falls out of the ring some day.
#pragma once

#include "base/task.hpp"
#include "daemon/event_ring.hpp"
#include "http/request.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pep::daemon {

/// Loop thread, unless a member says otherwise.
class EventStreams {
  public:
    /// Runs a task on the loop thread; called on any.
    using Post = std::function<void(Task)>;

    /// The ring outlives the streams, and they outlive what `post` runs. `most`: readers at once.
    EventStreams(EventRing& ring, std::size_t most, std::string epoch, Post post);

    EventStreams(const EventStreams&) = delete;
    EventStreams(EventStreams&&) = delete;
    EventStreams& operator=(const EventStreams&) = delete;
    EventStreams& operator=(EventStreams&&) = delete;
    ~EventStreams();

    /// Begin a stream: what follows the event `last_event_id` ("EPOCH.NUMBER"), or, without it,
    /// what comes from now on. What cannot begin is answered with 400 or 503.
    void open(http::Responder responder, std::optional<std::string_view> last_event_id);

    /// End all streams; none begins any more.
    void stop();

    [[nodiscard]] std::size_t count() const noexcept { return count_; } ///< readers; any thread

  private:
    struct Reader;

    void wake();
    void deliver();
    void feed(Reader& reader);
    void
    append(std::string& text, std::string_view method, std::uint64_t number, json params) const;

    EventRing& ring_;
    const std::size_t most_;
    const std::string epoch_;
    const Post post_;
    std::map<std::uint64_t, std::shared_ptr<Reader>> readers_;
    std::uint64_t next_reader_ = 1;
    std::atomic<std::size_t> count_{0};
    std::atomic<bool> woken_{false}; // deliver() is posted
    bool stopped_ = false;
    std::unique_ptr<EventRing::Subscription> subscription_; // ends first
};

} // namespace pep::daemon
