// All readers live on the loop thread; a push on another thread only wakes it.
#include "daemon/event_streams.hpp"

#include "api/events.hpp"
#include "rpc/json_writer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace pep::daemon {

namespace {

/// Written at a time; an event may be larger.
constexpr std::size_t batch_bytes = std::size_t{256} << 10U;

/// What clients are told to wait before they come again.
constexpr std::string_view greeting = ": events follow\nretry: 1000\n\n";

/// The last event a reader saw, and the epoch of the server that sent it.
struct Place {
    std::string_view epoch;
    std::uint64_t number = 0;
};

/// EPOCH.NUMBER as append() writes it; nothing for any other text.
std::optional<Place> parse_id(std::string_view id) {
    const auto dot = id.rfind('.');
    if (dot == std::string_view::npos)
        return std::nullopt;
    Place place{id.substr(0, dot), 0};
    const auto digits = id.substr(dot + 1);
    const auto [end, problem] =
        std::from_chars(digits.data(), digits.data() + digits.size(), place.number);
    if (problem != std::errc{} || end != digits.data() + digits.size() || place.epoch.empty())
        return std::nullopt;
    return place;
}

/// An ordinary answer instead of a stream, so that the reader sees the status at once.
http::Response refusal(int status, std::string_view slug, std::string_view hint) {
    http::Response response;
    response.status = status;
    response.content_type = "application/json";
    response.body = json{{"error", slug}, {"hint", hint}}.dump();
    return response;
}

} // namespace

struct EventStreams::Reader {
    std::optional<http::Stream> stream;
    EventRing::Cursor cursor = 0;
};

EventStreams::EventStreams(EventRing& ring, std::size_t most, std::string epoch, Post post)
    : ring_(ring), most_(most), epoch_(std::move(epoch)), post_(std::move(post)),
      subscription_(ring.subscribe([this] { wake(); })) {}

EventStreams::~EventStreams() = default;

void EventStreams::open(http::Responder responder, std::optional<std::string_view> last_event_id) {
    if (stopped_ || readers_.size() >= most_) {
        auto response = refusal(503, "busy", "too many readers of events: end those not needed");
        response.headers.emplace_back("Retry-After", "1");
        return responder.send(std::move(response));
    }
    std::optional<Place> place;
    if (last_event_id && !(place = parse_id(*last_event_id)))
        return responder.send(refusal(
            400, "last_event_id", "send the id of the last event as it came, or no Last-Event-ID"
        ));
    const auto id = next_reader_++;
    const auto reader = std::make_shared<Reader>();
    http::Response head;
    head.content_type = "text/event-stream";
    head.body = greeting;
    reader->cursor = ring_.end();
    if (place && place->epoch == epoch_) {
        // A number that is made up leads no further than the end. max(): the highest one plus 1 is
        // 0, which would be the beginning.
        reader->cursor = std::min(reader->cursor, std::max(place->number, place->number + 1));
    } else if (place) {
        // Of the former server: how many events it had after that one, nobody knows.
        append(head.body, "gap", 0, json::array({place->number + 1, nullptr}));
        reader->cursor = 1;
    }
    // Now: once the stream has begun, the responder knows of no call any more.
    responder.when_gone(Task{[this, id] {
        readers_.erase(id);
        count_ = readers_.size();
    }});
    readers_.emplace(id, reader);
    count_ = readers_.size();
    reader->stream.emplace(responder.stream(std::move(head)));
    // Weak: the stream keeps this task, and the reader keeps the stream.
    reader->stream->when_drained([this, weak = std::weak_ptr{reader}] {
        if (const auto still = weak.lock())
            feed(*still);
    });
    // What followed the given id is there already, and no push would tell.
    feed(*reader);
}

void EventStreams::stop() {
    stopped_ = true;
    // Taken out first, so that nothing an end causes changes the map under the loop.
    for (const auto& [id, reader] : std::exchange(readers_, {}))
        reader->stream->end();
    count_ = 0;
}

/// Any thread. Many events in a row wake the loop once.
void EventStreams::wake() {
    if (count_ > 0 && !woken_.exchange(true))
        post_(Task{[this] { deliver(); }});
}

void EventStreams::deliver() {
    // First: a push during the feeding posts again, so no event is overlooked.
    woken_ = false;
    // Writing may end a reader, and so change the map.
    std::vector<std::shared_ptr<Reader>> readers;
    readers.reserve(readers_.size());
    for (const auto& [id, reader] : readers_)
        readers.push_back(reader);
    for (const auto& reader : readers)
        feed(*reader);
}

void EventStreams::feed(Reader& reader) {
    while (reader.stream->drained()) {
        // In batches: what is written stays in memory until the client has taken it.
        const auto read = ring_.read(reader.cursor, batch_bytes);
        std::string text;
        if (read.gap)
            append(text, "gap", read.gap->last, json::array({read.gap->first, read.gap->last}));
        for (const auto& event : read.events)
            append(text, event->method, event->number, event->params);
        if (text.empty())
            return;
        reader.stream->write(std::move(text));
    }
}

void EventStreams::append(
    std::string& text, std::string_view method, std::uint64_t number, json params
) const {
    text.append("id: ").append(epoch_).append(".").append(std::to_string(number));
    text.append("\ndata: ");
    text.append(rpc::to_text(api::event_object(method, number, std::move(params))));
    text.append("\n\n");
}

} // namespace pep::daemon
