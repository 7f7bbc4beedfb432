// One connection a request. Beast reads the reply, of which only the status counts.
#include "http/outgoing.hpp"

#include "http/peer.hpp"
#include "http/socket_address.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace pep::http {

namespace {

namespace beast = boost::beast::http;
using namespace std::chrono_literals;

/// From connecting to the end of the reply.
constexpr auto exchange_time = 10s;
/// More than anybody needs to say that it went well.
constexpr std::uint32_t most_reply_bytes = 64U << 10U;

// The kernel names the owner of the other end once the program has accepted it.
constexpr auto peer_look_every = 20ms;
constexpr int most_peer_looks = 100;

} // namespace

/// One request and its reply. The list of its Outgoing owns it until finish().
class Outgoing::Exchange {
  public:
    using Done = std::function<void(const Delivery&)>;

    Exchange(Outgoing* owner, Post post, Done done)
        : owner_(owner), post_(std::move(post)), done_(std::move(done)) {
        parser_.body_limit(most_reply_bytes);
        parser_.header_limit(most_reply_bytes);
        // Head and body in one go, without being asked for the second part.
        parser_.eager(true);
    }

    Exchange(const Exchange&) = delete;
    Exchange(Exchange&&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    Exchange& operator=(Exchange&&) = delete;
    ~Exchange() = default;

    /// What cannot even begin fails by the timer: nobody is told before begin() returns.
    void begin(event_base* base) {
        deadline_.reset(evtimer_new(
            base,
            [](int, short, void* self) {
                static_cast<Exchange*>(self)->guarded<&Exchange::on_timer>();
            },
            this
        ));
        look_.reset(evtimer_new(
            base,
            [](int, short, void* self) {
                static_cast<Exchange*>(self)->guarded<&Exchange::look_at_peer>();
            },
            this
        ));
        stream_.reset(
            bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS)
        );
        if (!deadline_ || !look_)
            return;
        const auto address = loopback_address(post_.address, post_.port);
        // A timer that is due at once tells of it in the next turn of the loop.
        if (!address || !stream_ || !connect(*address))
            problem_ = "no_connection";
        const timeval time = to_timeval(problem_.empty() ? exchange_time : 0s);
        evtimer_add(deadline_.get(), &time);
    }

  private:
    /// For libevent, which is C. What throws is a lack of memory, never finish(): this is there.
    template <auto Member, class... Args>
    void guarded(Args... args) noexcept {
        try {
            (this->*Member)(args...);
        } catch (const std::exception&) {
            finish("no_memory");
        }
    }

    bool connect(const SocketAddress& address) {
        bufferevent_setcb(
            stream_.get(),
            [](bufferevent*, void* self) {
                static_cast<Exchange*>(self)->guarded<&Exchange::on_readable>();
            },
            nullptr,
            [](bufferevent*, short what, void* self) {
                static_cast<Exchange*>(self)->guarded<&Exchange::on_event>(what);
            },
            this
        );
        bufferevent_enable(stream_.get(), EV_READ | EV_WRITE);
        return bufferevent_socket_connect(
                   stream_.get(), address.get(), static_cast<int>(address.size)
               ) == 0;
    }

    void on_event(short what) {
        if ((what & BEV_EVENT_CONNECTED) != 0)
            return look_at_peer();
        if ((what & BEV_EVENT_EOF) != 0 && parser_.is_header_done()) {
            // Without a length, the end of the connection ends the reply (RFC 9112 6.3).
            Error error;
            parser_.put_eof(error);
            return parser_.is_done() ? finish_by_reply() : finish("no_reply");
        }
        finish(is_sent_ ? "no_reply" : "no_connection");
    }

    /// Nothing goes to whoever else took the port.
    void look_at_peer() {
        const auto user = owner_->peer_lookup_(bufferevent_getfd(stream_.get()));
        if (user && is_same_user(*user, ::geteuid()))
            return send();
        if (++looks_ >= most_peer_looks)
            return finish("other_user");
        const timeval time = to_timeval(peer_look_every);
        evtimer_add(look_.get(), &time);
    }

    void send() {
        const bool v6 = post_.address.find(':') != std::string::npos;
        const std::string head =
            "POST / HTTP/1.1\r\nHost: " + (v6 ? "[" + post_.address + "]" : post_.address) + ":" +
            std::to_string(post_.port) + "\r\nContent-Type: application/json\r\nContent-Length: " +
            std::to_string(post_.body.size()) + "\r\nConnection: close\r\n\r\n";
        // From here on the other program may have acted on it, whatever goes wrong.
        is_sent_ = true;
        if (bufferevent_write(stream_.get(), head.data(), head.size()) != 0 ||
            bufferevent_write(stream_.get(), post_.body.data(), post_.body.size()) != 0)
            finish("no_memory");
    }

    void on_readable() {
        evbuffer* const input = bufferevent_get_input(stream_.get());
        while (evbuffer_get_length(input) > 0) {
            const auto size = static_cast<ev_ssize_t>(evbuffer_get_length(input));
            // Beast wants all that there is in one piece; what it did not use stays in front.
            Error error;
            const auto used =
                parser_.put(boost::asio::const_buffer(evbuffer_pullup(input, size), size), error);
            evbuffer_drain(input, used);
            if (parser_.is_done())
                return finish_by_reply();
            // Beast 1.74 forgets its limit if the body comes later than the header.
            if ((error && error != beast::error::need_more) ||
                parser_.get().body().size() > most_reply_bytes)
                return finish("bad_reply");
            if (used == 0)
                return;
        }
    }

    void on_timer() { finish(problem_.empty() ? "timeout" : problem_); }

    void finish_by_reply() { finish({}, parser_.get().result_int()); }

    /// The last thing it does: it is gone afterwards.
    void finish(std::string_view problem, unsigned status = 0) noexcept {
        // Out of the list before anybody is told: who is told may send the next request.
        const auto self = std::ranges::find_if(owner_->exchanges_, [this](const auto& each) {
            return each.get() == this;
        });
        std::list<std::unique_ptr<Exchange>> last;
        last.splice(last.end(), owner_->exchanges_, self);
        try {
            done_({static_cast<int>(status), problem});
        } catch (const std::exception&) {
            // Who asked could not make use of it.
        }
    }

    using Error = boost::system::error_code;

    Outgoing* owner_;
    Post post_;
    Done done_;
    Bufferevent stream_;
    Event deadline_, look_;
    beast::response_parser<beast::string_body> parser_;
    std::string_view problem_;
    int looks_ = 0;
    bool is_sent_ = false;
};

Outgoing::Outgoing(event_base* base, PeerLookup peer_lookup)
    : base_(base), peer_lookup_(std::move(peer_lookup)) {}

Outgoing::~Outgoing() = default;

void Outgoing::close() { exchanges_.clear(); }

void Outgoing::post(Post post, std::function<void(const Delivery&)> done) {
    // In the list before it begins: finish() looks for it there.
    exchanges_.push_back(std::make_unique<Exchange>(this, std::move(post), std::move(done)));
    exchanges_.back()->begin(base_);
}

} // namespace pep::http
