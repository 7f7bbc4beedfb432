// The life of a connection: answers, refusals, deadlines, the end.
#include "http/connection.hpp"
#include "http/peer.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <new>
#include <utility>

namespace pep::http {

namespace {

// Bodies up to this size are copied into libevent's buffer, larger ones are lent to it.
constexpr std::size_t copied_body_bytes = std::size_t{16} << 10U;
// That much of a long answer is encoded ahead of what the client takes.
constexpr std::size_t rest_piece_bytes = std::size_t{256} << 10U;
// The unit of Limits::body_time_per_64k.
constexpr std::uint64_t time_step_bytes = std::uint64_t{64} << 10U;

// While reading is suspended, or over, no event tells that the client left.
constexpr std::chrono::seconds look_every{1};

/// A reply with a hole in it would be worse than none: see Connection::run_out_of_memory().
void must_add(int result) {
    if (result != 0) {
        throw std::bad_alloc();
    }
}

} // namespace

// A client that said all it had to say may still read what it is owed (RFC 9112, 9.6); a stream is
// for those that stay.
void Connection::on_event(short what) {
    const bool ended = (what & BEV_EVENT_EOF) != 0 && (what & BEV_EVENT_ERROR) == 0;
    // Owed: an answer that is being made, or one that is not sent yet.
    const bool owed = state_ == State::waiting || (state_ != State::streaming && unsent() > 0);
    if (!ended || !owed || !client_is_there()) {
        close();
        return;
    }
    input_ended_ = true;
    process();
}

bool Connection::waits_for_reader() const {
    return rest_ || unsent() > context_->limits.unsent_bytes;
}

bool Connection::busy_sending() const {
    return state_ != State::closed &&
           (unsent() > 0 || state_ == State::flushing || state_ == State::lingering);
}

void Connection::turn_away(const Refusal& refusal) {
    // Nothing was read, and so no path tells the form of the refusal.
    request_ = std::make_unique<Request>();
    refuse(refusal);
    update_deadline();
}

void Connection::refuse(const Refusal& refusal) {
    ++context_->counters.refused;
    context_->log.debug(
        "request refused", {{"status", refusal.status}, {"reason", log::Safe{refusal.slug}}}
    );
    // Who asks for a page that is not there may ask for another; all else ends the connection.
    const bool stays = keep_alive_ && (refusal.status == 404 || refusal.status == 405);
    Response response = context_->handler->fault(refusal.status, refusal.slug, *request_);
    add_fault_headers(response, refusal);
    response.close = response.close || !stays;
    request_.reset();
    parser_.reset();
    budget_.reset();
    write_response(std::move(response));
}

void Connection::add_fault_headers(Response& response, const Refusal& refusal) const {
    if (refusal.status == 405) {
        // RFC 9110 15.5.6: always with a 405.
        response.headers.emplace_back("Allow", allow_);
    } else if (refusal.status == 503) {
        response.headers.emplace_back("Retry-After", "1");
    }
}

void Connection::write_response(Response response) {
    // While stopping, each answer is the last one of its connection.
    const bool keep = keep_alive_ && !response.close && !context_->stopping;
    std::string head = response_head(response, {.http_1_0 = http_1_0_, .keep_alive = keep});
    // RFC 9110 9.3.2 and 15.3.5: no body, though the head of an answer to HEAD states its length.
    const bool bare = head_only_ || response.status == 204;
    if (!bare && !response.rest.empty()) {
        rest_ = std::make_unique<LongText>(std::move(response.rest));
    }
    // With `rest_` in its place: the deadline that is set in here counts all of the answer.
    send(std::move(head), bare ? std::string() : std::move(response.body));
    send_rest();
    if (keep) {
        state_ = State::head;
        idle_since_ = Clock::now();
    } else {
        close_when_sent();
    }
}

// Most answers fit the socket's buffer: sending them at once saves two epoll_ctl(2) and a turn of
// the loop. What does not fit goes to libevent.
void Connection::send(std::string head, std::string body) {
    std::size_t sent = 0;
    if (evbuffer_get_length(output()) == 0) {
        // Only behind nothing: what waits in libevent's buffer comes first.
        iovec pieces[] = {{head.data(), head.size()}, {body.data(), body.size()}};
        msghdr message{};
        message.msg_iov = pieces;
        message.msg_iovlen = 2;
        const ssize_t result =
            ::sendmsg(bufferevent_getfd(stream_.get()), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent = result > 0 ? static_cast<std::size_t>(result) : 0; // errors come again, as events
    }
    const std::size_t total = head.size() + body.size();
    const std::size_t later = rest_ ? rest_->size() : 0;
    context_->counters.bytes_out += total + later;
    if (sent == total && later == 0) {
        return;
    }
    // Set once for an answer: reading a byte at a time does not put it off.
    send_deadline_ = Clock::now() + context_->limits.reply_time + time_for(total - sent + later);
    if (sent == total) {
        return;
    }
    if (sent < head.size()) {
        must_add(evbuffer_add(output(), head.data() + sent, head.size() - sent));
        sent = 0;
    } else {
        sent -= head.size();
    }
    queue(std::move(body), sent);
}

void Connection::queue(std::string text, std::size_t from) {
    if (text.size() - from <= copied_body_bytes) {
        must_add(evbuffer_add(output(), text.data() + from, text.size() - from));
        return;
    }
    // Lent, not copied: libevent frees it when the last of it is written.
    auto kept = std::make_unique<std::string>(std::move(text));
    must_add(evbuffer_add_reference(
        output(),
        kept->data() + from,
        kept->size() - from,
        [](const void*, std::size_t, void* owner) {
            const std::unique_ptr<std::string> gone(static_cast<std::string*>(owner));
        },
        kept.get()
    ));
    (void)kept.release(); // the buffer owns it now
}

// Only as much as is being written: what was lent to the answer is encoded when it is needed.
void Connection::send_rest() {
    while (rest_ && evbuffer_get_length(output()) < rest_piece_bytes) {
        queue(rest_->take(rest_piece_bytes), 0);
        if (rest_->empty()) {
            rest_.reset();
        }
    }
}

void Connection::on_written() {
    // libevent calls when its buffer is empty: time to encode more of a long answer.
    if (rest_) {
        send_rest();
        return;
    }
    if (state_ == State::flushing) {
        finish_sending();
        return;
    }
    if (state_ == State::streaming && call_ && call_->when_drained && unsent() == 0) {
        const auto self = shared_from_this(); // what it writes may end us
        const auto call = call_;
        call->when_drained();
    }
    process();
}

void Connection::close_when_sent() {
    state_ = State::flushing;
    if (unsent() == 0) {
        finish_sending();
    }
}

void Connection::finish_sending() {
    // Closing with unread input makes the kernel send RST, which may overtake the answer.
    if (!body_unread_ && evbuffer_get_length(input()) == 0) {
        close();
        return;
    }
    // The client sees the end at once; what it still sends is thrown away for a while.
    ::shutdown(bufferevent_getfd(stream_.get()), SHUT_WR);
    drain(evbuffer_get_length(input()));
    state_ = State::lingering;
    started_ = Clock::now();
    update_deadline();
}

void Connection::answer(const Call* call, Response response) {
    if (call != call_.get() || state_ != State::waiting) {
        return;
    }
    const auto self = shared_from_this();
    // The call is over: a second answer finds another one here, or none.
    call_.reset();
    --context_->calls;
    write_response(std::move(response));
    if (context_->stopping) {
        context_->on_progress();
    }
    process(); // what came meanwhile; does nothing if we are called from there
}

void Connection::fail_call(const Call* call) {
    if (call != call_.get() || state_ != State::waiting) {
        return;
    }
    // The request went to the handler; what the form of the answer depends on was kept.
    Request request;
    request.path = call->path;
    request.http_1_0 = http_1_0_;
    answer(call, context_->handler->fault(500, "internal", request));
}

void Connection::begin_stream(const Call* call, Response response) {
    if (call != call_.get() || state_ != State::waiting) {
        return;
    }
    // Counted no more, or a stop would wait for the stream's end. The call stays, for its pieces
    // name it.
    --context_->calls;
    state_ = State::streaming;
    send(
        response_head(response, {.http_1_0 = http_1_0_, .stream = true}), std::move(response.body)
    );
    if (context_->stopping) {
        context_->on_progress();
    }
    update_deadline();
}

void Connection::write_stream(const Call* call, std::string piece) {
    if (call != call_.get() || state_ != State::streaming) {
        return;
    }
    // One event may be larger than the limit, if it does not have to wait for others.
    if (unsent() > 0 && unsent() + piece.size() > context_->limits.unsent_bytes) {
        close(); // a slow reader costs itself, not our memory
        return;
    }
    send({}, std::move(piece)); // big ones are not copied
    update_deadline();
}

void Connection::end_stream(const Call* call) {
    if (call != call_.get() || state_ != State::streaming) {
        return;
    }
    const auto self = shared_from_this();
    call_.reset();
    close_when_sent();
    if (state_ != State::closed) {
        update_deadline();
    }
}

std::chrono::milliseconds Connection::time_for(std::uint64_t bytes) const {
    return context_->limits.body_time_per_64k * static_cast<std::int64_t>(bytes / time_step_bytes);
}

bool Connection::reading_suspended() const {
    // At the watermark libevent reads no more, and so does not see the end of the connection
    // either.
    std::size_t most = 0;
    bufferevent_getwatermark(stream_.get(), EV_READ, nullptr, &most);
    return evbuffer_get_length(input()) >= most;
}

Connection::Clock::time_point Connection::deadline_of_state() const {
    const Limits& limits = context_->limits;
    switch (state_) {
    case State::body:
        // A body in chunks earns its time as it grows.
        return started_ + limits.body_time + time_for(announced_.value_or(parser_->body().size()));
    case State::lingering:
        return started_ + limits.linger_time;
    case State::flushing:
        return send_deadline_;
    case State::head:
        if (unsent() > 0) {
            return send_deadline_;
        }
        if (evbuffer_get_length(input()) > 0) {
            return started_ + limits.header_time;
        }
        // Who proved to be of the user may wait for ever between requests.
        return authenticated() ? Clock::time_point::max() : idle_since_ + limits.idle_time;
    // The handler has all the time it wants; the client has not, for the answer before.
    case State::waiting:
    case State::streaming:
        if (unsent() > 0) {
            return send_deadline_;
        }
        return reading_suspended() || input_ended_ ? Clock::now() + look_every
                                                   : Clock::time_point::max();
    case State::closed:
        break;
    }
    return Clock::time_point::max();
}

// The timer is moved only to an earlier time. When it fires too early, it is set anew; so a busy
// connection does not touch it for every request.
void Connection::update_deadline() {
    if (state_ == State::closed) {
        return;
    }
    const Clock::time_point deadline = deadline_of_state();
    if (deadline < armed_for_) {
        arm(deadline);
    }
}

void Connection::arm(Clock::time_point when) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - Clock::now());
    // A deadline that passed already fires in the next turn of the loop, not in here.
    const timeval time = to_timeval(std::max(left, std::chrono::milliseconds(0)));
    armed_for_ = when;
    evtimer_add(timer_.get(), &time);
}

void Connection::on_deadline() {
    const auto self = shared_from_this();
    armed_for_ = Clock::time_point::max();
    // A look whether the client is there, and no deadline: only a lost client ends by it.
    const bool watching = (state_ == State::waiting || state_ == State::streaming) && unsent() == 0;
    if (watching) {
        if (!client_is_there()) {
            close();
        }
        update_deadline();
        return;
    }
    const Clock::time_point deadline = deadline_of_state();
    if (Clock::now() < deadline) {
        update_deadline();
        return;
    }
    const bool within_head = state_ == State::head && evbuffer_get_length(input()) > 0;
    // Only with nothing unsent: behind half an answer a refusal would be taken for its rest.
    if (unsent() == 0 && (within_head || state_ == State::body)) {
        if (within_head) {
            begin_refused_request();
        }
        keep_alive_ = false;
        body_unread_ = true;
        refuse({408, within_head ? "header_timeout" : "body_timeout"});
        update_deadline();
        return;
    }
    close();
}

bool Connection::client_is_there() const { return peer_is_open(bufferevent_getfd(stream_.get())); }

// Tells the handler, once, that nobody waits for its answer any more.
void Connection::lose_call() {
    const std::shared_ptr<Call> call = std::move(call_);
    if (!call) {
        return;
    }
    // Of a stream the count was given back when it began.
    if (state_ == State::waiting) {
        --context_->calls;
    }
    // Before the task: nothing that it answers is to be delivered any more.
    call->gone = true;
    if (Task task = std::move(call->when_gone)) {
        task();
    }
}

void Connection::close() {
    if (state_ == State::closed) {
        return;
    }
    const auto self = shared_from_this();
    lose_call();
    state_ = State::closed;
    timer_.reset();
    stream_.reset();
    rest_.reset();
    request_.reset();
    parser_.reset();
    budget_.reset();
    slot_.reset();
    context_->connections.erase(id_);
    context_->counters.open = context_->connections.size();
    if (context_->stopping) {
        context_->on_progress();
    }
}

} // namespace pep::http
