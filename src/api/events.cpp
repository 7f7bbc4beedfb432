// Members in the order clients of the original know.
#include "api/events.hpp"

#include "api/types/message.hpp"

namespace pep::api {

namespace {

/// The original names the thread that made an event; ours have none, but the member is expected.
constexpr std::string_view event_thread = " ¶EVT ";

} // namespace

json event_object(std::string_view method, std::uint64_t number, json params) {
    json event = json::object();
    event.get_ref<json::object_t&>().reserve(4); // growing would copy, as the keys are const
    event.emplace("method", method);
    event.emplace("request_nr", number);
    event.emplace("thread_id", event_thread);
    event.emplace("params", std::move(params));
    return event;
}

json queue_close() { return {{"queue_close", true}}; }

PEP_STATUS announce_message(Events& events, message* msg) {
    const marshal::Path root;
    // A copy: events outlive the call, and readers of several clients share them.
    auto encoded = marshal::Type<message*>::encode(msg, root);
    if (!encoded)
        return PEP_CANNOT_ENCODE;
    json params = json::array();
    params.push_back(std::move(*encoded));
    return events.announce("messageToSend", std::move(params)) ? PEP_STATUS_OK
                                                               : PEP_TRANSPORT_ERROR;
}

} // namespace pep::api

namespace pep::marshal {

json Type<api::PolledEvent>::schema(Schemas& schemas) {
    return schemas.ref(name, [](Schemas& inner) -> json {
        // Not part of the schema of `params`, which differ, but clients want to know their type.
        (void)Type<message*>::schema(inner);
        const json event{
            {"type", "object"},
            {"description",
             "messageToSend: params is [Message]. gap: events were dropped before they were read, "
             "params is [number of the first, number of the last]."},
            {"properties",
             {{"method", {{"type", "string"}}},
              {"request_nr",
               {{"type", "integer"},
                {"minimum", 1},
                {"description", "number of the event, counted since the start of the server"}}},
              {"thread_id", {{"type", "string"}, {"description", "constant"}}},
              {"params", {{"type", "array"}, {"items", json::object()}}}}},
            {"required", {"method", "request_nr", "thread_id", "params"}},
            {"additionalProperties", false}};
        const json closed{
            {"type", "object"},
            {"description", "the queue was closed: do not poll it again"},
            {"properties", {{"queue_close", {{"type", "boolean"}}}}},
            {"required", {"queue_close"}},
            {"additionalProperties", false}};
        return {
            {"description", "What happened, or that the queue was closed."},
            {"anyOf", json::array({event, closed})}};
    });
}

} // namespace pep::marshal
