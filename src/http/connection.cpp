// The life of a connection: reading and the gate. Sending and deadlines are in
// connection_output.cpp.
#include "http/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace pep::http {

namespace {

// What one read or write moves at most. libevent's 4 and 16 KiB make big bodies slow.
constexpr std::size_t single_transfer_bytes = std::size_t{256} << 10U;
constexpr std::size_t large_body_bytes = std::size_t{64} << 10U;

// However much it is allowed, libevent 2.1 reads 4 KiB a turn; what we read of a body besides.
constexpr std::size_t libevent_read_bytes = std::size_t{4} << 10U;
constexpr std::size_t piece_bytes =
    (std::size_t{64} << 10U) - 128; // libevent's own part of a block
constexpr int pieces_in_turn = 4;

// A chunk's size line, or the trailers; Beast wants them contiguous.
constexpr std::size_t chunk_line_bytes = std::size_t{16} << 10U;

} // namespace

// What throws here is a lack of memory, the client's big request being the most likely cause.
template <auto Member, class... Args>
void Connection::guarded(Args... args) noexcept {
    try {
        (this->*Member)(args...);
    } catch (const std::exception&) {
        run_out_of_memory();
    }
}

Connection::Connection(Context* context, std::shared_ptr<const Door> door, std::uint64_t id)
    : context_(context), door_(std::move(door)), id_(id), idle_since_(Clock::now()) {}

std::shared_ptr<Connection> Connection::open(
    Context* context, std::shared_ptr<const Door> door, Descriptor socket, std::uint64_t id
) {
    std::shared_ptr<Connection> self(new Connection(context, std::move(door), id)
    ); // NOLINT: private
    self->stream_.reset(bufferevent_socket_new(context->base, socket.get(), BEV_OPT_CLOSE_ON_FREE));
    if (!self->stream_) {
        return nullptr;
    }
    (void)socket.release(); // the stream closes it
    self->timer_.reset(evtimer_new(
        context->base,
        [](evutil_socket_t, short, void* argument) {
            static_cast<Connection*>(argument)->guarded<&Connection::on_deadline>();
        },
        self.get()
    ));
    if (!self->timer_) {
        return nullptr;
    }
    bufferevent* const stream = self->stream_.get();
    bufferevent_setcb(
        stream,
        [](bufferevent*, void* argument) {
            static_cast<Connection*>(argument)->guarded<&Connection::on_readable>();
        },
        [](bufferevent*, void* argument) {
            static_cast<Connection*>(argument)->guarded<&Connection::on_written>();
        },
        [](bufferevent*, short what, void* argument) {
            static_cast<Connection*>(argument)->guarded<&Connection::on_event>(what);
        },
        self.get()
    );
    bufferevent_set_max_single_read(stream, single_transfer_bytes);
    bufferevent_set_max_single_write(stream, single_transfer_bytes);
    self->set_read_ahead(context->limits.pipelined_bytes);
    bufferevent_enable(stream, EV_READ | EV_WRITE);
    // The owner of the connection, until close() takes it out.
    context->connections.emplace(id, self);
    context->counters.open = context->connections.size();
    self->update_deadline();
    return self;
}

void Connection::set_read_ahead(std::size_t bytes) {
    // A header block must fit.
    const std::size_t most = std::max(bytes, context_->limits.header_bytes + 1);
    bufferevent_setwatermark(stream_.get(), EV_READ, 0, most);
}

void Connection::drain(std::size_t bytes) {
    evbuffer_drain(input(), bytes);
    context_->counters.bytes_in += bytes;
}

std::string_view Connection::front_of_input(std::size_t size) const {
    const auto* const bytes = evbuffer_pullup(input(), static_cast<ev_ssize_t>(size));
    if (bytes == nullptr) {
        throw std::bad_alloc();
    }
    return {reinterpret_cast<const char*>(bytes), size};
}

bool Connection::authenticated() const { return slot_ && slot_->authenticated; }

Standing Connection::standing() const {
    const bool is_proven = authenticated() || (request_ && request_->authorized);
    if (is_proven || (state_ != State::head && state_ != State::body)) {
        return Standing::stays;
    }
    const bool within = state_ == State::body || evbuffer_get_length(input()) > 0;
    return within ? Standing::reading : Standing::idle;
}

// Of a body that is longer than what libevent reads in a turn, more is there already. Not of one in
// chunks: how long their lines may be is told by how much has to be in one piece for the parser.
void Connection::on_readable() {
    const auto self = shared_from_this(); // the handler may close us
    bool more = evbuffer_get_length(input()) >= libevent_read_bytes;
    process();
    more = more && announced_;
    for (int i = 0; i < pieces_in_turn && more && state_ == State::body; ++i) {
        more = read_piece();
        process();
    }
}

// What fails here, or the end, comes again as an event.
bool Connection::read_piece() {
    const std::uint64_t left = *announced_ - parser_->body().size();
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece_bytes));
    evbuffer_unfreeze(input(), 0); // closed to all but the stream itself
    evbuffer_iovec room{};
    ssize_t got = -1;
    if (evbuffer_reserve_space(input(), static_cast<ev_ssize_t>(size), &room, 1) == 1) {
        got = ::recv(bufferevent_getfd(stream_.get()), room.iov_base, size, MSG_DONTWAIT);
        room.iov_len = got > 0 ? static_cast<std::size_t>(got) : 0;
        evbuffer_commit_space(input(), &room, 1);
    }
    evbuffer_freeze(input(), 0);
    return got > 0;
}

// The request's memory goes first, so that there is some for the refusal.
void Connection::run_out_of_memory() noexcept {
    try {
        const auto self = shared_from_this();
        processing_ = false;
        context_->log.error("out of memory for a request");
        // Behind a reply that is not complete nothing may follow.
        if ((state_ != State::head && state_ != State::body) || unsent() > 0) {
            return close();
        }
        parser_.reset();
        budget_.reset();
        request_ = std::make_unique<Request>();
        body_unread_ = true;
        keep_alive_ = head_only_ = false;
        refuse({503, "out_of_memory"});
        update_deadline();
    } catch (const std::exception&) {
        close();
    }
}

void Connection::process() {
    if (processing_ || state_ == State::closed) {
        return;
    }
    const auto self = shared_from_this(); // the handler may close us
    // Answers given within this loop come here again, and return above: it goes on with them.
    processing_ = true;
    while (step()) {
    }
    processing_ = false;
    const bool reading = state_ == State::body || (state_ == State::head && !waits_for_reader());
    if (input_ended_ && reading) { // the rest of a request will never come
        request_.reset();
        parser_.reset();
        budget_.reset();
        drain(evbuffer_get_length(input()));
        body_unread_ = false;
        close_when_sent();
    }
    update_deadline();
}

bool Connection::step() {
    switch (state_) {
    case State::head:
        return read_head();
    case State::body:
        return read_body();
    case State::streaming:
    case State::flushing:
    case State::lingering:
        drain(evbuffer_get_length(input()));
        return false;
    case State::waiting:
    case State::closed:
        return false;
    }
    return false;
}

// RFC 9112 2.2: old clients send an empty line behind a body. True if it has to wait for more.
bool Connection::skip_empty_line() {
    char line[2] = {};
    const auto size = evbuffer_copyout(input(), line, sizeof line);
    if (skipped_line_ || size < 1 || line[0] != '\r') {
        return false;
    }
    if (size == 2 && line[1] == '\n') {
        skipped_line_ = true;
        drain(2);
    }
    return size == 1;
}

bool Connection::read_head() {
    // The client does not read its answers, or the last one is not complete: on_written() goes on.
    if (waits_for_reader()) {
        return false;
    }
    const bool first_look = scanned_ == 0;
    if (first_look && evbuffer_get_length(input()) > 0) {
        started_ = Clock::now();
    }
    if (skip_empty_line()) {
        return false;
    }
    const std::size_t size = std::min(evbuffer_get_length(input()), context_->limits.header_bytes);
    if (size == 0) {
        return false;
    }
    const std::string_view view = front_of_input(size);
    const HeadScan scan = scan_head(view, scanned_, context_->limits);
    if (scan.refusal) {
        begin_refused_request();
        refuse(*scan.refusal);
        return false;
    }
    scanned_ = static_cast<std::uint32_t>(scan.scanned);
    return scan.size > 0 && begin_request(view.substr(0, scan.size));
}

// Of a request whose header will never be complete: only the path, if it is there, for the
// refusal's form depends on it.
void Connection::begin_refused_request() {
    request_ = std::make_unique<Request>();
    body_unread_ = true;
    keep_alive_ = head_only_ = http_1_0_ = false;
    char start[128] = {};
    const auto copied = evbuffer_copyout(input(), start, sizeof start);
    const std::string_view line(start, copied > 0 ? static_cast<std::size_t>(copied) : 0);
    const std::size_t blank = line.find(' ');
    if (blank != std::string_view::npos) {
        const std::string_view target = line.substr(blank + 1);
        const std::size_t end = target.find_first_of(" ?\r\n");
        if (end != std::string_view::npos) {
            request_->path = target.substr(0, end);
        }
    }
}

bool Connection::begin_request(std::string_view block) {
    request_ = std::make_unique<Request>();
    request_->head = block; // a copy: the views below must outlive the buffer
    drain(block.size());
    scanned_ = 0;
    skipped_line_ = false;
    keep_alive_ = false;
    head_only_ = false;
    body_unread_ = true; // until it is known that there is none
    allow_.clear();

    Head head;
    const std::optional<Refusal> malformed =
        http::read_head(request_->head, context_->limits, head);
    request_->method = head.method;
    request_->path = head.path();
    request_->query = head.target.substr(std::min(request_->path.size() + 1, head.target.size()));
    request_->http_1_0 = http_1_0_ = head.http_1_0;
    request_->from_browser = head.from_browser();
    request_->has_token_header = head.authorization.has_value();
    head_only_ = head.method == "HEAD";
    if (malformed) {
        refuse(*malformed);
        return false;
    }
    body_unread_ = head.has_body();
    Route route;
    std::optional<Refusal> refusal = pass_gate(head, route);
    if (!refusal) {
        refusal = prepare_body(head);
    }
    if (refusal) {
        refuse(*refusal);
        return state_ == State::head;
    }
    request_->fields = std::move(head.fields);
    if (!head.has_body()) {
        return dispatch();
    }
    state_ = State::body;
    started_ = Clock::now();
    if (announced_.value_or(large_body_bytes) >= large_body_bytes) {
        set_read_ahead(2 * single_transfer_bytes);
    }
    if (head.expects_continue && evbuffer_get_length(input()) == 0) {
        send("HTTP/1.1 100 Continue\r\n\r\n", {});
    }
    return true;
}

// Steps 4 to 6 of the gate, cheapest and most telling first; nothing of the body has been read.
std::optional<Refusal> Connection::pass_gate(Head& head, Route& route) {
    if (context_->stopping) {
        return Refusal{503, "shutting_down"};
    }
    route = context_->handler->route(request_->path);
    if (auto refusal = check_origin(head, door_->origins, route)) {
        return refusal;
    }
    // Who failed so far has to connect again. A wrong path or method is an honest mistake.
    keep_alive_ = head.keep_alive && !head.has_body();
    if (auto refusal = check_route(head, route)) {
        for (const std::string_view method : route.methods) {
            allow_.append(allow_.empty() ? "" : ", ").append(method);
        }
        return refusal;
    }
    if (auto refusal = check_content_type(head)) {
        return refusal;
    }
    const TokenState token = check_token(head, context_->token_check);
    if (auto refusal = check_token_rule(token, route)) {
        return refusal;
    }
    request_->authorized = token == TokenState::right;
    const std::uint64_t limit = body_limit(head, token, route, context_->limits);
    if (auto refusal = check_length(head, limit)) {
        return refusal;
    }
    keep_alive_ = head.keep_alive;
    std::size_t used = 0;
    parser_ = std::make_unique<BodyParser>(2 * context_->limits.header_bytes, limit);
    // What our own scan let through must be one whole header block to Beast as well.
    if (parser_->feed(request_->head, used) == BodyParser::Outcome::bad ||
        used != request_->head.size()) {
        body_unread_ = true;
        return Refusal{400, "bad_request"};
    }
    return std::nullopt;
}

// Room for the body among those that nobody vouched for yet.
std::optional<Refusal> Connection::prepare_body(const Head& head) {
    announced_ = head.content_length;
    if (!head.has_body() || request_->authorized) {
        return std::nullopt;
    }
    budget_ =
        std::make_shared<BodyBudget>(context_->unauthorized, context_->limits.unauthorized_bytes);
    if (!budget_->grow_to(head.content_length.value_or(0))) {
        return Refusal{503, "busy"};
    }
    return std::nullopt;
}

bool Connection::read_body() {
    while (evbuffer_get_length(input()) > 0) {
        std::size_t used = 0;
        const std::size_t total = evbuffer_get_length(input());
        const std::size_t size = evbuffer_get_contiguous_space(input());
        auto outcome = parser_->feed(front_of_input(size), used);
        if (outcome == BodyParser::Outcome::more &&
            used == 0) { // a chunk's line straddles segments
            if (total == size || size >= chunk_line_bytes) {
                if (size < chunk_line_bytes) {
                    return false; // wait for the rest
                }
                outcome = BodyParser::Outcome::bad;
            } else {
                (void)front_of_input(std::min(total, size + chunk_line_bytes));
                continue;
            }
        }
        drain(used);
        if (outcome == BodyParser::Outcome::done) {
            return dispatch();
        }
        if (outcome == BodyParser::Outcome::too_large) {
            refuse({413, "too_large"});
            return false;
        }
        if (outcome == BodyParser::Outcome::bad) {
            refuse({400, "bad_body"});
            return false;
        }
        if (budget_ && !budget_->grow_to(parser_->body().size())) {
            refuse({503, "busy"});
            return false;
        }
    }
    return false;
}

bool Connection::dispatch() {
    if (!slot_) {
        slot_ = std::make_shared<ConnectionSlot>();
        slot_->id = id_;
        slot_->endpoint = door_->endpoint;
    }
    if (request_->authorized) {
        slot_->authenticated = true;
    }
    const std::unique_ptr<Request> request = std::move(request_);
    request->body = std::move(parser_->body());
    request->budget = std::move(budget_);
    request->connection = slot_;
    parser_.reset();
    body_unread_ = false;
    if (announced_.value_or(large_body_bytes) >= large_body_bytes) {
        set_read_ahead(context_->limits.pipelined_bytes);
    }
    call_ = std::make_shared<Call>(context_->mailbox, weak_from_this(), request->path);
    state_ = State::waiting;
    ++context_->calls;
    ++context_->counters.requests;
    try {
        context_->handler->handle(std::move(*request), Responder(call_));
    } catch (...
    ) { // libevent is C: nothing may fly through it. The dropped responder answered 500.
        context_->log.error("the HTTP handler threw");
    }
    return state_ == State::head;
}

} // namespace pep::http
