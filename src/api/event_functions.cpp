// Events by polling: what the engine wants its clients to do, such as to send a message.
#include "api/api.hpp"
#include "api/context.hpp"
#include "api/examples/events.hpp"
#include "api/types/message.hpp"
#include "api/types/status.hpp"
#include "marshal/cpp_types.hpp"
#include "rpc/json_writer.hpp"

namespace pep::api {

/// Tag: the name of an event queue.
struct QueueName {
    const std::string* text = nullptr;

    // NOLINTNEXTLINE(google-explicit-constructor): a tag is the C type with another wire form
    operator const std::string&() const noexcept { return *text; }
};

} // namespace pep::api

namespace pep::marshal {

template <>
struct Type<api::QueueName> {
    using Holder = std::string;
    static constexpr std::string_view name = "String";
    // Clients may make names up, and each is kept as long as its queue.
    static constexpr std::size_t most_bytes = 256;

    static Expected<Holder> decode(const json& j, const Path& at) {
        auto text = Type<std::string>::decode(j, at);
        if (text && text->size() > most_bytes)
            return refuse(at, Fault::too_long, "at most 256 bytes");
        return text;
    }

    static api::QueueName get(const Holder& text) { return {&text}; }

    static json schema(Schemas&) { return {{"type", "string"}, {"maxLength", most_bytes}}; }
};

} // namespace pep::marshal

namespace pep::api {

namespace {

using namespace rpc;
using PolledEvents = std::vector<PolledEvent>;

/// A session of events: it has nothing to do with the engine's.
Expected<std::string> create_session(Context* context) {
    return context->service().events().create_queue();
}

/// No worker waits: the reply is made when there is an event, or the time is over.
Later<PolledEvents> poll(Context* context, const std::string& id, unsigned timeout_s) {
    return {context->service().events().poll(id, std::chrono::seconds{timeout_s})};
}

/// Events as text, each a string that holds JSON.
Expected<json> as_strings(Expected<json> events) {
    if (events)
        for (auto& event : *events)
            event = to_text(event);
    return events;
}

/// The form of 2020-05: no session, the queue is the connection's.
Later<std::vector<std::string>> poll_connection(Context* context, unsigned timeout_s) {
    auto events =
        context->service().events().poll(context->own_queue(), std::chrono::seconds{timeout_s});
    Later<std::vector<std::string>> later;
    later.start = [start = std::move(events.start)](const Deferred::Done& done) {
        start([done](Expected<json> found) { done(as_strings(std::move(found))); });
    };
    later.now = [now = std::move(events.now)] { return as_strings(now()); };
    later.abandon = std::move(events.abandon);
    return later;
}

void close_session(Context* context, const std::string& id) {
    context->service().events().close_queue(id);
}

/// For clients that try their own sending; the engine is not asked.
PEP_STATUS send_test_message(Context* context, message* msg) {
    if (msg == nullptr)
        return PEP_ILLEGAL_VALUE;
    return announce_message(context->service().events(), msg);
}

constexpr FunctionMap functions{
    "Events",
    function<&create_session>(
        "create_session",
        "A new event queue. It gets all events from now on and goes when it is closed, or is not "
        "polled for event_session_idle_ms.",
        Self{}
    )
        .cheap()
        .example(examples::create_session),
    function<&poll>(
        "pollForEvents",
        "The events of a queue. If there are none, waits for the first one; an empty array if none "
        "came in time. Waiting occupies the connection: use another one for calls.",
        Self{},
        In<QueueName>{"session_id", "what create_session gave, or any name"},
        In{"timeout_s", "seconds to wait, up to poll_time_ms; 0 answers at once"}
    )
        .alias("pollForEvents2")
        .example(examples::pollForEvents),
    function<&poll_connection>(
        "pollForEvents",
        "The form of 2020-05: the queue is the connection's, and each event is a string of JSON.",
        Self{},
        In{"timeout_s", "seconds to wait; 0 answers at once"}
    )
        .overload(),
    function<&close_session>(
        "close_session",
        "Drop an event queue. Waiting polls of it are answered with queue_close.",
        Self{},
        In<QueueName>{"session_id", "what create_session gave; an unknown one is fine"}
    )
        .cheap()
        .example(examples::close_session),
    function<&send_test_message>(
        "testMessageToSend",
        "Announce a message as if the engine wanted it to be sent: event messageToSend in all "
        "queues.",
        Self{},
        In{"msg", "the message"}
    )
        .example(examples::testMessageToSend),
};

} // namespace

MapView event_functions() { return functions; }

} // namespace pep::api
