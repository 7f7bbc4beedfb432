// The order of steps is what this file is for: nothing secret leaves before the proof, and a
// request that may have reached the server is never sent twice on its own.
#include "client/client.hpp"

#include "base/base64.hpp"
#include "base/random.hpp"
#include "client/document.hpp"
#include "client/event_reader.hpp"
#include "client/fault.hpp"
#include "client/start_server.hpp"

namespace pep::client {

namespace {

using namespace std::chrono_literals;

/// For connecting and the proof. What a call may take, the caller says.
constexpr auto handshake_time = 5s;
constexpr std::size_t nonce_bytes = 24;
constexpr std::uint64_t most_proof_bytes = 4096;
/// Of one event; a stream as such has no end.
constexpr std::size_t most_event_bytes = std::size_t{256} << 20U;
constexpr int reply_levels = 80; // what a request may have, and the envelope around it
constexpr int http_ok = 200, http_unauthorized = 401, http_not_found = 404;

/// A connection whose other end has proved itself, and the token it will take.
struct Trusted {
    Connection connection;
    Secret token;
};

/// GET /prove. Sends nothing secret; the answer shows whether the other end knows the token.
Expected<void> demand_proof(Connection& connection, const Secret& token, Deadline deadline) {
    auto random = random_bytes(nonce_bytes);
    if (!random)
        return fail(random);
    const auto nonce = base64url_encode(*random);
    const auto target = "/prove?nonce=" + nonce;
    HttpRequest request{"GET", target, nullptr, {}, {}};
    request.most_reply_bytes = most_proof_bytes; // nobody knows yet who answers
    auto reply = connection.exchange(request, deadline);
    if (!reply)
        return fail(reply);
    const auto answer = parse_json(reply->body);
    if (reply->status == http_ok && answer && answer->is_object()) {
        // For the place we connected to: what the right server says of another place does not fit.
        auto wanted = proof_of(token, nonce, connection.endpoint(), text_of(*answer, "epoch"));
        if (!wanted)
            return fail(wanted);
        if (Secret{*wanted}.equals(text_of(*answer, "proof")))
            return {};
    }
    return fail(
        fault::untrusted,
        "the program at " + connection.endpoint() + " is not the server that wrote the token file"
    );
}

/// One attempt with the present token file.
Expected<Trusted> reach(const ClientOptions& options) {
    auto found = read_token_file(options.home);
    if (!found)
        return fail(found);
    const auto deadline = in(handshake_time);
    const auto& where = found->where;
    if (options.by_socket && where.socket.empty())
        return fail(fault::unreachable, "the server has no Unix socket; it had no XDG_RUNTIME_DIR");
    auto connection = options.by_socket
                          ? Connection::to_socket(where.socket, deadline)
                          : Connection::to_loopback(where.address, where.port, deadline);
    if (!connection)
        return fail(connection);
    if (auto proved = demand_proof(*connection, found->token, deadline); !proved)
        return fail(proved);
    return Trusted{std::move(*connection), std::move(found->token)};
}

/// As the standard way says: read, connect, prove; else start a server and do it again.
Expected<Trusted> reach_or_start(const ClientOptions& options) {
    auto first = reach(options);
    if (first || !options.may_start)
        return first;
    // A file that breaks the rules is for the user to look at, not to be replaced.
    if (first.error().code == fault::untrusted && !first.error().where.empty())
        return first;
    if (auto started = start_server(options.home); !started)
        return fail(started);
    return reach(options);
}

/// Refusals by HTTP status bring a JSON-RPC error, too, so the body decides.
Expected<Json> rpc_answer(const HttpReply& reply) {
    auto answer = parse_json(reply.body, reply_levels);
    if (answer && answer->is_object() && (answer->contains("result") || answer->contains("error")))
        return answer;
    return fail(
        fault::refused, "the server answered with HTTP " + std::to_string(reply.status) + " only"
    );
}

} // namespace

Expected<Client> Client::connect(ClientOptions options) {
    auto trusted = reach_or_start(options);
    if (!trusted)
        return fail(trusted);
    return Client{std::move(options), std::move(trusted->connection), std::move(trusted->token)};
}

Deadline Client::call_deadline() const {
    return options_.timeout ? in(*options_.timeout) : Deadline{};
}

Expected<HttpReply> Client::post(std::string_view body) {
    return connection_.exchange({"POST", "/rpc", &token_, {}, body}, call_deadline());
}

Expected<Json> Client::call(std::string_view method, Json params) {
    Json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}};
    request["params"] = std::move(params);
    if (!options_.client_id.empty())
        request["client_id"] = options_.client_id;
    // Kept as text until the answer is there: it may have to be sent again.
    auto body = request.dump();
    wipe_texts(request);
    auto reply = post(body);
    // Nothing was executed: the token is looked at before anything else.
    if (reply && reply->status == http_unauthorized) {
        // The server behind the proof changed its token: it was restarted in between.
        auto again = reach_or_start(options_);
        if (again) {
            connection_ = std::move(again->connection);
            token_ = std::move(again->token);
            reply = post(body);
        }
    }
    wipe(body.data(), body.size());
    if (!reply)
        return fail(reply);
    return rpc_answer(*reply);
}

Expected<Json> Client::openrpc() {
    // Public: the token stays here.
    auto reply = connection_.exchange({"GET", "/openrpc.json", nullptr, {}, {}}, call_deadline());
    if (!reply)
        return fail(reply);
    auto document = parse_json(reply->body);
    if (reply->status != http_ok || !document || !document->contains("methods"))
        return fail(fault::refused, "the server does not describe its functions");
    return document;
}

Expected<void> Client::events(const std::string& after, const TakeEvent& take) {
    HttpRequest request{"GET", "/events", &token_, {{"Accept", "text/event-stream"}}, {}};
    if (!after.empty())
        request.fields.emplace_back("Last-Event-ID", after);
    EventReader reader;
    bool is_wanted = true;
    const auto sink = [&](std::string_view piece) {
        reader.add(piece);
        EventReader::Event event;
        while (is_wanted && reader.next(event))
            is_wanted = take(event.id, event.data);
        // An event that never ends must not fill the memory.
        return is_wanted && reader.pending() < most_event_bytes;
    };
    // Without a deadline: the next event may be hours away.
    auto reply = connection_.exchange(request, {}, sink);
    if (!reply)
        return fail(reply);
    if (reply->status == http_not_found)
        return fail(fault::refused, "this server has no /events; poll with pollForEvents instead");
    if (reply->status != http_ok)
        return fail(
            fault::refused, "the server refuses events with HTTP " + std::to_string(reply->status)
        );
    // Nobody here asked for the end.
    if (is_wanted)
        return fail(fault::unreachable, "the server ended the stream of events");
    return {};
}

} // namespace pep::client
