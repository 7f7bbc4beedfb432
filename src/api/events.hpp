// What functions about events need from the process around them, and how an event looks on the
// wire.
#pragma once

#include "marshal/type.hpp"
#include "pEp/message.h"
#include "pEp/pEpEngine.h"
#include "rpc/call.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace pep::api {

/// The server's events: what the engine tells its clients on its own account. Any thread.
class Events {
  public:
    Events() = default;
    Events(const Events&) = delete;
    Events(Events&&) = delete;
    Events& operator=(const Events&) = delete;
    Events& operator=(Events&&) = delete;
    virtual ~Events() = default;

    /// Tell all readers. False if the event is too big to be kept.
    virtual bool announce(std::string_view method, json params) = 0;

    /// A queue under a fresh random name, which gets the events from now on. Fails (busy) when
    /// there are too many.
    virtual Expected<std::string> create_queue() = 0;

    /// All events in a queue, or the first one that comes within that time, as an array. A queue
    /// that is not there begins now.
    virtual rpc::Deferred poll(std::string queue, std::chrono::seconds at_most) = 0;

    /// Drop a queue; who polls it is told so.
    virtual void close_queue(const std::string& queue) = 0;
};

/// Programs of the same user that want events sent to them, as clients before 2020-05 did: the
/// server connects to them. Any thread.
class Listeners {
  public:
    Listeners() = default;
    Listeners(const Listeners&) = delete;
    Listeners(Listeners&&) = delete;
    Listeners& operator=(const Listeners&) = delete;
    Listeners& operator=(Listeners&&) = delete;
    virtual ~Listeners() = default;

    /// Send all events from now on to that loopback address, with that text as their token. Again
    /// is fine; the same place with another text is refused as long as the first one answers.
    virtual Expected<void>
    add(const std::string& address, unsigned port, const std::string& security_context) = 0;

    /// The end of it; wants the same text.
    virtual Expected<void>
    remove(const std::string& address, unsigned port, const std::string& security_context) = 0;
};

/// Announce that a message is to be sent. The message stays the caller's.
/// PEP_CANNOT_ENCODE if its text is no UTF-8, PEP_TRANSPORT_ERROR if it is too big.
[[nodiscard]] PEP_STATUS announce_message(Events& events, message* msg);

/// The event as clients see it.
[[nodiscard]] json event_object(std::string_view method, std::uint64_t number, json params);

/// In place of events: this queue was closed, do not poll it again.
[[nodiscard]] json queue_close();

/// For the schema: an element of what a poll returns.
struct PolledEvent {
    json value;
};

} // namespace pep::api

namespace pep::marshal {

template <>
struct Type<api::PolledEvent> {
    static constexpr std::string_view name = "Event";

    static Expected<json> encode(const api::PolledEvent& event, const Path&) { return event.value; }

    static json schema(Schemas& schemas);
};

} // namespace pep::marshal
