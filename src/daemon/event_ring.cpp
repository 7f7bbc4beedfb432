// Two locks, never held together: readers called by a push must be able to read.
#include "daemon/event_ring.hpp"

#include <iterator>
#include <utility>

namespace pep::daemon {

namespace {

/// Of an event without parameters, bookkeeping of allocator and ring included.
constexpr std::size_t event_overhead_bytes = 256;
constexpr std::size_t allocation_bytes = 16;

/// What a document takes on the heap: many small values weigh more than their text.
// NOLINTNEXTLINE(misc-no-recursion): as deep as messages nest
std::size_t memory_of(const json& value) {
    if (value.is_string())
        return sizeof(std::string) + value.get_ref<const std::string&>().size() + allocation_bytes;
    std::size_t bytes = value.is_structured() ? sizeof(json::object_t) + allocation_bytes : 0;
    if (value.is_array())
        for (const auto& item : value)
            bytes += sizeof(json) + memory_of(item);
    if (value.is_object())
        for (const auto& [name, member] : value.get_ref<const json::object_t&>())
            bytes += sizeof(std::pair<const std::string, json>) + name.size() + memory_of(member);
    return bytes;
}

} // namespace

std::optional<std::uint64_t> EventRing::push(std::string_view method, json params) {
    auto event = std::make_shared<Event>();
    event->method = method;
    event->params = std::move(params);
    event->bytes = memory_of(event->params) + event_overhead_bytes;
    // It would drive out all others and still not fit.
    if (event->bytes > bounds_.bytes || bounds_.events == 0)
        return std::nullopt;
    std::uint64_t number = 0;
    std::vector<std::shared_ptr<const Event>> dropped; // freed without the lock
    {
        const std::scoped_lock lock{mutex_};
        while (!kept_.empty() &&
               (kept_.size() >= bounds_.events || bytes_ + event->bytes > bounds_.bytes)) {
            bytes_ -= kept_.front()->bytes;
            dropped.push_back(std::move(kept_.front()));
            kept_.pop_front();
        }
        number = event->number = next_++;
        bytes_ += event->bytes;
        kept_.push_back(std::move(event));
    }
    // The lock on the events is free here: who is woken reads them at once.
    const std::scoped_lock lock{wake_mutex_};
    for (const auto& wake : wakes_)
        wake();
    return number;
}

EventRing::Cursor EventRing::end() const {
    const std::scoped_lock lock{mutex_};
    return next_;
}

EventRing::Read EventRing::read(Cursor& cursor, std::size_t most_bytes) const {
    Read read;
    const std::scoped_lock lock{mutex_};
    if (cursor >= next_)
        return read;
    const auto oldest = next_ - kept_.size();
    // Numbers have no holes, so what is missing follows from what is kept.
    if (cursor < oldest)
        read.gap = Gap{cursor, oldest - 1};
    const auto skipped = cursor > oldest ? cursor - oldest : 0;
    std::size_t bytes = 0;
    for (auto event = kept_.begin() + static_cast<std::ptrdiff_t>(skipped); event != kept_.end();
         ++event) {
        bytes += (*event)->bytes;
        // Never none: a reader could not get past an event larger than its share.
        if (bytes > most_bytes && !read.events.empty())
            break;
        read.events.push_back(*event);
    }
    // There is one: push() drops events for a new one only, so the last one is always kept.
    cursor = read.events.back()->number + 1;
    return read;
}

std::unique_ptr<EventRing::Subscription> EventRing::subscribe(std::function<void()> wake) {
    const std::scoped_lock lock{wake_mutex_};
    wakes_.push_back(std::move(wake));
    // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private
    return std::unique_ptr<Subscription>(new Subscription{*this, std::prev(wakes_.end())});
}

EventRing::Subscription::~Subscription() {
    const std::scoped_lock lock{ring_.wake_mutex_};
    ring_.wakes_.erase(place_);
}

EventRing::Counts EventRing::counts() const {
    const std::scoped_lock lock{mutex_};
    return {kept_.size(), bytes_, next_ - 1};
}

} // namespace pep::daemon
