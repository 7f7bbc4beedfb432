// The handler of the HTTP server. Nothing of a request but method name, sizes and times is ever
// logged.
#include "daemon/routes.hpp"

#include "api/legacy_order.hpp"
#include "api/service.hpp"
#include "base/memory_reserve.hpp"
#include "base/secret.hpp"
#include "http/refusals.hpp"
#include "rpc/error.hpp"
#include "rpc/json_reader.hpp"
#include "rpc/legacy_table.hpp"

#include <array>
#include <chrono>
#include <new>

namespace pep::daemon {

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view legacy_type = "text/plain"; // what the original's clients see
constexpr std::string_view legacy_call_path = "/ja/0.1/callFunction";
constexpr std::string_view events_path = "/events";
constexpr std::string_view redeem_path = "/redeem";

/// Bodies up to this size are read on the loop thread, to see what it takes to answer them.
constexpr std::size_t small_body_bytes = 4096;

/// Requests that everybody may make: nothing secret is in the answers.
enum class Public { none, prove, openrpc, function_table };

Public public_resource(std::string_view path) {
    if (path == "/prove")
        return Public::prove;
    if (path == "/openrpc.json")
        return Public::openrpc;
    if (path == "/pEp_functions.js")
        return Public::function_table;
    return Public::none;
}

http::Response text(std::string_view type, std::string body) {
    http::Response response;
    response.content_type = type;
    response.body = std::move(body);
    return response;
}

/// A fault of a resource that speaks no JSON-RPC.
http::Response plain_fault(int status, std::string_view slug, std::string_view hint) {
    auto response = text(json_type, json{{"error", slug}, {"hint", hint}}.dump());
    response.status = status;
    return response;
}

/// The JSON-RPC error that goes with an HTTP status.
int code_of(int status, std::string_view slug) {
    switch (status) {
    case 401:
        return rpc::code::unauthorized;
    case 403:
    case 421:
        return rpc::code::forbidden;
    case 413:
        return rpc::code::too_large;
    case 503:
        return slug == "shutting_down" ? rpc::code::shutting_down : rpc::code::busy;
    case 500:
        return rpc::code::internal_error;
    default:
        return rpc::code::invalid_request;
    }
}

/// The id is null, as it is not known here (JSON-RPC 2.0, section 5).
http::Response error_response(int status, rpc::RpcError error, rpc::Dialect dialect) {
    json body{{"jsonrpc", "2.0"}, {"id", nullptr}, {"error", rpc::error_object(error, dialect)}};
    auto response = text(json_type, body.dump());
    response.status = status;
    return response;
}

http::Response call_response(std::string_view type, rpc::Outcome outcome) {
    auto response = text(type, std::move(outcome.body));
    response.rest = std::move(outcome.rest);
    response.status = outcome.http_status;
    // 204, the answer to notifications, has no content whose type could be named.
    if (response.body.empty() && response.rest.empty())
        response.content_type.clear();
    return response;
}

/// Value of `nonce` in a query string that holds nothing else.
std::string_view nonce_of(std::string_view query) {
    constexpr std::string_view key = "nonce=";
    return query.starts_with(key) ? query.substr(key.size()) : std::string_view{};
}

} // namespace

/// The function table is made when somebody asks for it: that takes no part in the start.
Routes::Routes(RouteParts parts)
    : parts_(std::move(parts)), function_table_([&dispatcher = parts_.dispatcher] {
          return rpc::make_legacy_table(
              dispatcher.maps(), api::api_version_text(), api::api_nickname, api::legacy_order()
          );
      }) {}

http::Route Routes::route(std::string_view path) const {
    // The token may come in the body: without the header, a small one is let in.
    if (path == rpc_path)
        return {
            true,
            {"POST"},
            http::BodyRule::header_token_or_small,
            http::TokenRule::optional,
            false};
    // Old clients know no header: the token is in the body, and all of that has to be let in.
    if (path == legacy_call_path)
        return {true, {"POST"}, http::BodyRule::legacy, http::TokenRule::in_body, false};
    // There is no body for a token. EventSource sets no header; pages read this by fetch.
    if (path == events_path)
        return {true, {"GET"}, http::BodyRule::none, http::TokenRule::required, false};
    // Who comes here has no token yet: it is what he gets for the code.
    if (path == redeem_path)
        return {
            true,
            {"POST"},
            http::BodyRule::header_token_or_small,
            http::TokenRule::optional,
            false};
    if (const auto resource = public_resource(path); resource != Public::none)
        return {
            true,
            {"GET", "HEAD"},
            http::BodyRule::none,
            http::TokenRule::optional,
            resource != Public::prove}; // a link of another site leads to documents only
    return parts_.files.get().route(path);
}

void Routes::handle(http::Request request, http::Responder responder) {
    if (request.path == rpc_path)
        return call(Door::modern, std::move(request), std::move(responder));
    if (request.path == legacy_call_path) {
        if (!request.query.empty()) // the original knows this address only without
            return responder.send(Handler::fault(404, "not_found", request));
        return call(Door::legacy, std::move(request), std::move(responder));
    }
    if (request.path == events_path)
        return parts_.streams.open(std::move(responder), request.header("last-event-id"));
    if (request.path == redeem_path)
        return responder.send(redeem(request));
    switch (public_resource(request.path)) {
    case Public::prove:
        return responder.send(prove(request));
    case Public::openrpc:
        return responder.send(text(json_type, parts_.dispatcher.openrpc()));
    case Public::function_table:
        return responder.send(text("text/javascript", function_table_.get()));
    case Public::none:
        return responder.send(parts_.files.get().respond(request.path));
    }
}

http::Response
Routes::fault(int status, std::string_view slug, const http::Request& request) const {
    // Who is turned away before he says what he wants most likely came to call something.
    if (request.path != rpc_path && request.path != legacy_call_path && !request.path.empty())
        return Handler::fault(status, slug, request);
    auto error = rpc::RpcError::of(code_of(status, slug));
    // Whatever is wrong with a token, the refusal is the same.
    if (status != 401)
        error.because(slug, http::hint_of(slug));
    const auto dialect =
        request.path == legacy_call_path ? rpc::Dialect::legacy : rpc::Dialect::modern;
    return error_response(status, std::move(error), dialect);
}

void Routes::call(Door door, http::Request request, http::Responder responder) {
    const auto dialect = door == Door::modern ? rpc::Dialect::modern : rpc::Dialect::legacy;
    Ticket ticket;
    std::optional<rpc::Document> document;
    const auto size = request.body.size();
    // Bigger bodies take a while to read: a worker does that, and then it is known what they want.
    if (size <= small_body_bytes) {
        document = parts_.dispatcher.read(std::move(request.body));
        auto prospect = parts_.dispatcher.assess(*document, dialect, request.authorized);
        // The way to a worker and back would take longer than the call.
        if (prospect.effort == rpc::Effort::cheap)
            return answer(door, request, size, std::move(*document), std::move(responder));
        ticket.is_slow = prospect.effort == rpc::Effort::slow;
        ticket.client = std::move(prospect.client_id);
    }
    if (ticket.client.empty()) // then each connection has its turn; no client_id begins so
        ticket.client = '\0' + std::to_string(request.connection->id);
    // The context must exist before two threads can ask for it.
    (void)context_of(request);

    struct Job {
        http::Request request;
        std::size_t size;
        std::optional<rpc::Document> document; // big ones are read by the worker
        http::Responder responder;
    };

    // Shared with the task, for a task that is refused must leave us the duty to answer.
    auto job = std::make_shared<Job>(Job{
        std::move(request), size, std::move(document), std::move(responder)});
    Task work{[this, door, job] {
        if (!refill_memory_reserve())
            throw std::bad_alloc(); // the responder answers
        if (!job->document)
            job->document = parts_.dispatcher.read(std::move(job->request.body));
        answer(door, job->request, job->size, std::move(*job->document), std::move(job->responder));
        // Libraries leave plaintext and passphrases there.
        wipe_stack_below();
        // A call that ran out of memory may have used it up.
        (void)refill_memory_reserve();
    }};
    const bool taken = parts_.queue.try_push(std::move(work), std::move(ticket));
    if (taken)
        return;
    parts_.log.warn("a call was refused: too many are waiting");
    auto response = error_response(503, rpc::RpcError::of(rpc::code::busy), dialect);
    // Seconds: RFC 9110 section 10.2.3.
    response.headers.emplace_back("Retry-After", "1");
    job->responder.send(std::move(response));
}

void Routes::answer(
    Door door,
    http::Request& request,
    std::size_t size,
    rpc::Document document,
    http::Responder responder
) const {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    auto& context = context_of(request);
    // The token in the body is judged within the call, which then tells the connection so.
    context.answering(&request);
    auto outcome =
        door == Door::modern
            ? parts_.dispatcher.handle_modern(std::move(document), request.authorized, context)
            : parts_.dispatcher.handle_legacy(std::move(document), context);
    context.answering(nullptr);
    parts_.log.debug(
        "call answered",
        {{"connection", request.connection->id},
         {"method", log::Safe{outcome.method}}, // a name of our table, never the client's text
         {"bytes_in", size},
         {"bytes_out", outcome.body.size() + outcome.rest.size()},
         {"http", outcome.http_status},
         {"took", Clock::now() - begin}}
    );
    const auto type = door == Door::modern ? json_type : legacy_type;
    if (!outcome.later)
        return responder.send(call_response(type, std::move(outcome)));
    // std::function wants to be copied, the duty to answer does not.
    auto duty = std::make_shared<http::Responder>(std::move(responder));
    // Before the wait begins: the client may leave at any moment.
    if (outcome.abandon)
        duty->when_gone(Task{std::move(outcome.abandon)});
    outcome.later([type, duty](rpc::Outcome late) {
        duty->send(call_response(type, std::move(late)));
    });
}

/// A page that was opened by a file of ours gets the token.
http::Response Routes::redeem(http::Request& request) const {
    // A body beyond that holds no code, and is not worth parsing on this thread.
    auto document = request.body.size() <= small_body_bytes
                        ? rpc::read_json(std::move(request.body))
                        : tl::make_unexpected(rpc::RpcError::of(rpc::code::too_large));
    const auto member =
        document && document->is_object() ? document->find("code") : json::iterator{};
    if (!document || !document->is_object() || member == document->end() || !member->is_string())
        return plain_fault(400, "code_wanted", "POST {\"code\":\"…\"} with the code behind '#'");
    if (!parts_.page_codes.redeem(member->get_ref<const std::string&>()))
        return plain_fault(
            403,
            "code_unknown",
            "a code is good once and for a minute: run pep-json-server --open again"
        );
    // As good as a call with the token.
    request.connection->authenticated = true;
    return text(
        json_type, json{{"security_token", std::string{parts_.token.token().reveal()}}}.dump()
    );
}

http::Response Routes::prove(const http::Request& request) const {
    const auto nonce = nonce_of(request.query);
    if (!is_nonce(nonce))
        return plain_fault(
            400, "nonce_wanted", "GET /prove?nonce=N with 16 to 128 characters A-Z a-z 0-9 - _"
        );
    // Bound to our end of this connection: a program in between cannot pass it on as its own.
    auto proof = proof_of(parts_.token.token(), nonce, request.connection->endpoint, parts_.epoch);
    if (!proof)
        return Handler::fault(500, "internal", request);
    return text(json_type, json{{"proof", *proof}, {"epoch", parts_.epoch}}.dump());
}

/// Makes it on the loop thread; workers find it made, see call().
ConnectionContext& Routes::context_of(const http::Request& request) const {
    auto& slot = request.connection->data;
    if (!slot)
        slot = parts_.make_context();
    return *static_cast<ConnectionContext*>(slot.get());
}

} // namespace pep::daemon
