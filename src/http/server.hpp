// An HTTP/1.1 server for the user's own programs: one event loop, loopback TCP and a Unix socket,
// the gate before every request, limits on everything. It knows nothing of what its handler
// answers.
#pragma once

#include "base/descriptor.hpp"
#include "base/expected.hpp"
#include "base/log.hpp"
#include "base/task.hpp"
#include "http/limits.hpp"
#include "http/request.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pep::http {

class Mailbox;

/// Whether that is the token. Called on the loop thread; must take constant time.
using TokenCheck = std::function<bool(std::string_view)>;

/// The user at the other end of a connected socket, or why that cannot be told.
using PeerLookup = std::function<Expected<uid_t>(int descriptor)>;

struct ServerOptions {
    std::string address = "127.0.0.1"; ///< a loopback address; others are refused
    std::uint16_t start_port = 0;      ///< 0: one chosen by the system
    std::uint16_t end_port = 0;        ///< the first free one of start_port … end_port is taken
    std::string unix_path;             ///< also listen there (mode 0600), if not empty
    int unix_listener = -1;            ///< else this listening Unix socket; it becomes the server's
    Limits limits;
    TokenCheck token_check;                 ///< none: no token is right
    std::vector<std::string> allow_origins; ///< foreign origins let in, e.g. "moz-extension://…"
    PeerLookup peer_lookup;                 ///< none: ask the kernel
    log::Logger log;
};

/// A request of the server's own, to a program of the same user: POST / with a JSON body.
struct Post {
    std::string address; ///< of this machine, see socket_address.hpp; to others nothing is sent
    std::uint16_t port = 0;
    std::string body;
};

/// What became of it.
struct Delivery {
    int status = 0;           ///< of the reply; 0: there was none
    std::string_view problem; ///< a stable word if there was none
};

/// Counters since the start, readable by any thread.
struct ServerStats {
    std::uint64_t accepted = 0; ///< connections
    std::uint64_t open = 0;     ///< connections now
    std::uint64_t requests = 0; ///< handed to the handler
    std::uint64_t refused = 0;  ///< answered by the gate
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
};

/// Made and run by one thread, the loop thread; members say which others may call them. Several
/// servers may live in one process, each with its own loop thread.
class Server {
  public:
    /// Binds and listens; clients can connect from then on and are answered as soon as run() runs.
    /// The handler is borrowed and must outlive the server.
    static Expected<Server> start(ServerOptions options, Handler& handler);

    Server(Server&& other) noexcept;
    Server& operator=(Server&& other) noexcept;
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server(); ///< closes what is open

    /// Serves until the end of stop(). The calling thread becomes the loop thread.
    void run();

    /// Any thread, also a signal callback of add_signal(): from now on every request gets 503
    /// `shutting_down` and is closed; calls at work are still answered; then clients are closed and
    /// run() returns. All that within Limits::stop_time. The port stays ours, though nobody is let
    /// in any more, until the server is destroyed.
    void stop();

    [[nodiscard]] bool stopping() const noexcept; ///< any thread

    /// Run a task on the loop thread; any thread. Dropped when the server is gone. Tasks posted
    /// before run() wait for it.
    void post(Task task) const;

    /// Run a task on the loop thread after that time; any thread.
    void after(std::chrono::milliseconds delay, Task task) const;

    /// Send a request to another program; `done` is told once, later and on the loop thread, unless
    /// the server goes before. Loop thread.
    void send(Post post, std::function<void(const Delivery&)> done) const;

    /// A way to post that outlives the server; any thread.
    [[nodiscard]] std::shared_ptr<Mailbox> mailbox() const;

    /// Run `callback` on the loop thread at each such signal. Before run(), on its thread; only one
    /// server of a process may use signals.
    Expected<void> add_signal(int signal, std::function<void()> callback);

    /// A second hold on the TCP port: nobody else can listen there while it is open.
    [[nodiscard]] Expected<Descriptor> hold_port() const;

    [[nodiscard]] std::uint16_t port() const noexcept;
    [[nodiscard]] const std::string& address() const noexcept;   ///< literal, without brackets
    [[nodiscard]] const std::string& endpoint() const noexcept;  ///< "127.0.0.1:4223", "[::1]:4223"
    [[nodiscard]] const std::string& unix_path() const noexcept; ///< "" without a Unix door
    [[nodiscard]] const Limits& limits() const noexcept;
    [[nodiscard]] ServerStats stats() const noexcept; ///< any thread

  private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace pep::http
