// Accepting connections within limits, and stopping in the order that leaves no call unanswered and
// the port to nobody else until the end.
#include "http/server.hpp"

#include "http/connection.hpp"
#include "http/context.hpp"
#include "http/listening.hpp"
#include "http/loop.hpp"
#include "http/outgoing.hpp"
#include "http/peer.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace pep::http {

struct Server::Impl {
    Impl() = default;
    Impl(const Impl&) = delete;
    Impl(Impl&&) = delete;
    Impl& operator=(const Impl&) = delete;
    Impl& operator=(Impl&&) = delete;
    ~Impl();

    /// A listening socket, and what its connections have to know of it.
    struct Entrance {
        Impl* server = nullptr;
        std::shared_ptr<const Door> door;
        Listener listener;
        Event resume; ///< ends a pause
    };

    Expected<void> open(const ServerOptions& options, Handler& handler);
    Expected<void> add_entrance(int descriptor, Door door);

    /// Judges the peer; lets it in, tells it why not, or closes the socket without a word.
    void accept(const Entrance& entrance, Descriptor socket);
    /// Ends the connection that is the least loss; false if all of them stay.
    bool make_room();
    void warn_now_and_then(log::StaticText what);
    void on_accept_failure(Entrance& entrance, int error);
    /// Accepts nothing for a moment.
    static void pause(Entrance& entrance);

    /// Loop thread; see Server::stop(). Idempotent.
    void begin_stop();
    void schedule_stop_check();
    /// Nothing while calls are at work; then ends what sends nothing, and all when nothing sends.
    void check_stop();
    /// Ends what is still open, finished or not, and then the loop. Idempotent.
    void finish_stop();
    void close_clients();
    void close_entrances();
    [[nodiscard]] std::vector<std::shared_ptr<Connection>> all_connections() const;

    std::unique_ptr<Loop> loop; // destroyed after what uses it
    Context context;
    std::unique_ptr<Outgoing> outgoing;
    PeerLookup peer_lookup;
    std::string address, endpoint, unix_path;
    std::uint16_t port = 0;
    std::vector<std::unique_ptr<Entrance>> entrances;
    std::uint64_t next_id = 1;
    std::uint64_t warnings = 0; // since the last one that was written
    Connection::Clock::time_point next_warning;
    int reserve = -1; // a descriptor to give up when there are no more
    bool stop_check_posted = false;
    bool stop_begun = false;
    bool stop_finished = false;
};

Server::Impl::~Impl() {
    if (loop) {
        loop->mailbox()->set_loop_thread(); // who destroys the server has taken over from the loop
        loop->close();
        context.stopping = true;
        context.on_progress = [] {};
        close_clients();
        outgoing.reset();
        loop->run_deferred(); // closes their sockets
        close_entrances();
    }
    if (reserve >= 0) {
        ::close(reserve);
    }
}

Expected<void> Server::Impl::open(const ServerOptions& options, Handler& handler) {
    auto made_loop = Loop::make();
    if (!made_loop) {
        return fail(made_loop);
    }
    loop = std::move(*made_loop);
    context.base = loop->base();
    context.mailbox = loop->mailbox();
    context.handler = &handler;
    context.limits = options.limits;
    context.token_check = options.token_check;
    context.log = options.log;
    context.on_progress = [this] { schedule_stop_check(); };
    peer_lookup = options.peer_lookup ? options.peer_lookup : PeerLookup(peer_user);
    outgoing = std::make_unique<Outgoing>(loop->base(), peer_lookup);
    // Taken before there are clients that could use up the descriptors.
    reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);

    auto tcp = listen_on_loopback(options.address, options.start_port, options.end_port);
    if (!tcp) {
        return fail(tcp);
    }
    address = tcp->address;
    port = tcp->port;
    const bool ipv6 = address.find(':') != std::string::npos;
    endpoint = (ipv6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
    auto added = add_entrance(
        tcp->descriptor, {Origins::of(address, port, options.allow_origins), endpoint}
    );
    if (added && options.unix_listener >= 0) { // its path belongs to who made it
        auto path = adopt_listener(options.unix_listener);
        if (!path) {
            return fail(path);
        }
        return add_entrance(
            options.unix_listener, {Origins::any_host(options.allow_origins), *path}
        );
    }
    if (added && !options.unix_path.empty()) {
        auto local = listen_on_path(options.unix_path);
        if (!local) {
            return fail(local);
        }
        unix_path = options.unix_path;
        added = add_entrance(*local, {Origins::any_host(options.allow_origins), unix_path});
    }
    return added;
}

Expected<void> Server::Impl::add_entrance(int descriptor, Door door) {
    auto entrance = std::make_unique<Entrance>();
    entrance->server = this;
    entrance->door = std::make_shared<const Door>(std::move(door));
    // Accepted sockets are non-blocking, as LEV_OPT_LEAVE_SOCKETS_BLOCKING is not given.
    entrance->listener.reset(evconnlistener_new(
        loop->base(),
        [](evconnlistener*, evutil_socket_t accepted, sockaddr*, int, void* argument) {
            const auto* self = static_cast<Entrance*>(argument);
            try {
                self->server->accept(*self, Descriptor(accepted));
            } catch (const std::exception&) { // no memory for one more
                self->server->context.log.error("a connection was dropped: out of memory");
            }
        },
        entrance.get(),
        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC,
        /*backlog=*/0, // it listens already
        descriptor
    ));
    entrance->resume.reset(evtimer_new(
        loop->base(),
        [](evutil_socket_t, short, void* argument) {
            evconnlistener_enable(static_cast<Entrance*>(argument)->listener.get());
        },
        entrance.get()
    ));
    if (entrance->listener && !entrance->resume) {
        return fail(ENOMEM, "cannot watch a listening socket");
    }
    if (!entrance->listener) {
        // LEV_OPT_CLOSE_ON_FREE binds only a listener that was made.
        ::close(descriptor);
        return fail(0, "cannot watch a listening socket");
    }
    evconnlistener_set_error_cb(entrance->listener.get(), [](evconnlistener*, void* argument) {
        // First: errno is what the failed accept(2) left.
        const int error = EVUTIL_SOCKET_ERROR();
        auto* self = static_cast<Entrance*>(argument);
        try {
            self->server->on_accept_failure(*self, error);
        } catch (const std::exception&) { // no memory either: the client waits, or comes again
            self->server->pause(*self);
        }
    });
    entrances.push_back(std::move(entrance));
    return {};
}

void Server::Impl::accept(const Entrance& entrance, Descriptor socket) {
    ++context.counters.accepted;
    // Before a byte is read: no token helps the program of another user.
    const Expected<uid_t> user = peer_lookup(socket.get());
    const bool own = user && is_same_user(*user, ::geteuid());
    const bool full = context.connections.size() >= context.limits.connections;
    // Nobody else's connection may cost one of ours its place.
    const bool has_place = !full || (own && make_room());
    // A few more are told why.
    constexpr std::size_t told = 8;
    const bool may_be_told = own && context.connections.size() < context.limits.connections + told;
    if (!user || !(has_place || may_be_told)) {
        ++context.counters.refused;
        return;
    }
    const auto connection = Connection::open(&context, entrance.door, std::move(socket), next_id++);
    if (connection && !own) {
        warn_now_and_then("another user's connection was refused");
        connection->turn_away({403, "other_user"});
    } else if (connection && !has_place) {
        connection->turn_away({503, "busy"});
    }
}

// Others can cause it as often as they like: they shall not fill the log.
void Server::Impl::warn_now_and_then(log::StaticText what) {
    constexpr std::chrono::seconds pause{10};
    ++warnings;
    const auto now = Connection::Clock::now();
    if (now < next_warning) {
        return;
    }
    // The count tells of those that were passed over.
    context.log.warn(what, {{"times", std::exchange(warnings, 0)}});
    next_warning = now + pause;
}

bool Server::Impl::make_room() {
    std::shared_ptr<Connection> oldest;
    // Who proved nothing and asks nothing goes first, and of those who did so for the longest time.
    const auto rank = [](const Connection& each) {
        return std::pair(each.standing(), each.idle_since());
    };
    for (const auto& [id, connection] : context.connections) {
        if (connection->standing() != Standing::stays &&
            (!oldest || rank(*connection) < rank(*oldest))) {
            oldest = connection;
        }
    }
    // Its place in the map is free at once, its descriptor a turn of the loop later.
    if (oldest) {
        oldest->close();
    }
    return oldest != nullptr;
}

// Out of descriptors: without giving one up, the waiting client would wake the loop for ever.
void Server::Impl::on_accept_failure(Entrance& entrance, int error) {
    if (error != EMFILE && error != ENFILE) {
        return; // the client left before it was accepted, or the network coughs
    }
    warn_now_and_then("no more file descriptors");
    // The client stays in the queue of the listener: libevent calls again for it.
    if (make_room()) {
        return;
    }
    // Another thread was quicker when it was given up: as long as nothing is to be had, wait.
    if (reserve < 0 && (reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0) {
        pause(entrance);
        return;
    }
    ::close(std::exchange(reserve, -1));
    // This client learns by the close that it has to come again.
    const int refused =
        ::accept4(evconnlistener_get_fd(entrance.listener.get()), nullptr, nullptr, SOCK_CLOEXEC);
    if (refused >= 0) {
        ::close(refused);
    }
    reserve = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void Server::Impl::pause(Entrance& entrance) {
    constexpr timeval moment{0, 50'000};
    evconnlistener_disable(entrance.listener.get());
    if (evtimer_add(entrance.resume.get(), &moment) != 0) {
        evconnlistener_enable(entrance.listener.get());
    }
}

// A copy, for closing a connection takes it out of the map.
std::vector<std::shared_ptr<Connection>> Server::Impl::all_connections() const {
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(context.connections.size());
    for (const auto& [id, connection] : context.connections) {
        all.push_back(connection);
    }
    return all;
}

void Server::Impl::begin_stop() {
    if (std::exchange(stop_begun, true)) {
        return;
    }
    // The bound of all that follows, whatever clients and the handler do.
    loop->after(context.limits.stop_time, [this] {
        context.log.warn("stopped before all was answered", {{"calls", context.calls}});
        finish_stop();
    });
    check_stop();
}

// Called from the midst of connections: look later, when none is on the stack.
void Server::Impl::schedule_stop_check() {
    if (!std::exchange(stop_check_posted, true)) {
        loop->mailbox()->post([this] {
            stop_check_posted = false;
            check_stop();
        });
    }
}

void Server::Impl::check_stop() {
    if (context.calls > 0) {
        return; // the listener stays: its port belongs to nobody else while clients hold our
                // address
    }
    // Streams have no end of their own, and are no calls any more: they end here, too.
    bool sending = false;
    for (const auto& connection : all_connections()) {
        // Its end calls again, by Context::on_progress.
        if (connection->busy_sending()) {
            sending = true;
        } else {
            connection->close();
        }
    }
    if (!sending) {
        finish_stop();
    }
}

// Their sockets are closed in deferred callbacks: the loop ends a turn later. The listener stays:
// the port would be free for others as soon as nobody listens, while clients hold our address.
void Server::Impl::finish_stop() {
    if (std::exchange(stop_finished, true)) {
        return;
    }
    close_clients();
    outgoing->close();
    loop->mailbox()->post([this] { loop->quit(); });
}

void Server::Impl::close_clients() {
    for (const auto& entrance : entrances) {
        evconnlistener_disable(entrance->listener.get()); // accepts no more, but stays in LISTEN
    }
    for (const auto& connection : all_connections()) {
        connection->close();
    }
}

void Server::Impl::close_entrances() {
    entrances.clear();
    // Empty for a socket that was passed to us: its path belongs to who made it.
    if (!unix_path.empty()) {
        ::unlink(unix_path.c_str());
        unix_path.clear();
    }
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::Server(Server&& other) noexcept = default;
Server& Server::operator=(Server&& other) noexcept = default;
Server::~Server() = default;

Expected<Server> Server::start(ServerOptions options, Handler& handler) {
    // On the heap: callbacks keep its address while the Server may be moved.
    auto impl = std::make_unique<Impl>();
    if (auto opened = impl->open(options, handler); !opened) {
        return fail(opened);
    }
    return Server(std::move(impl));
}

void Server::run() { impl_->loop->run(); }

void Server::stop() {
    // At once, on the thread that asks: from here on no request passes the gate.
    impl_->context.stopping = true;
    impl_->loop->mailbox()->post([impl = impl_.get()] { impl->begin_stop(); });
}

Expected<Descriptor> Server::hold_port() const {
    // The TCP door is the first. A duplicate keeps its socket listening when the server is gone.
    const int listener = evconnlistener_get_fd(impl_->entrances.front()->listener.get());
    Descriptor held(::fcntl(listener, F_DUPFD_CLOEXEC, 0));
    if (!held) {
        return fail(errno, "no descriptor left");
    }
    return held;
}

bool Server::stopping() const noexcept { return impl_->context.stopping; }

void Server::post(Task task) const { impl_->loop->mailbox()->post(std::move(task)); }

void Server::after(std::chrono::milliseconds delay, Task task) const {
    impl_->loop->after(delay, std::move(task));
}

void Server::send(Post post, std::function<void(const Delivery&)> done) const {
    impl_->outgoing->post(std::move(post), std::move(done));
}

std::shared_ptr<Mailbox> Server::mailbox() const { return impl_->loop->mailbox(); }

Expected<void> Server::add_signal(int signal, std::function<void()> callback) {
    return impl_->loop->add_signal(signal, std::move(callback));
}

const std::string& Server::unix_path() const noexcept {
    // The second door is the Unix one.
    static const std::string none;
    return impl_->entrances.size() > 1 ? impl_->entrances.back()->door->endpoint : none;
}

std::uint16_t Server::port() const noexcept { return impl_->port; }

const std::string& Server::address() const noexcept { return impl_->address; }

const std::string& Server::endpoint() const noexcept { return impl_->endpoint; }

const Limits& Server::limits() const noexcept { return impl_->context.limits; }

ServerStats Server::stats() const noexcept {
    // Each is right for itself; together they are of no single moment.
    const Counters& counters = impl_->context.counters;
    return {
        .accepted = counters.accepted,
        .open = counters.open,
        .requests = counters.requests,
        .refused = counters.refused,
        .bytes_in = counters.bytes_in,
        .bytes_out = counters.bytes_out,
    };
}

} // namespace pep::http
