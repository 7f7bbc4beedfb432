// The server, its handler and the client of the fuzz target of connections: one real server on its
// own loop thread, driven turn by turn so that nothing has to wait for time to pass.
#pragma once

#include "fuzz/check.hpp"
#include "http/server.hpp"
#include "support/temporary_folder.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace pep::fuzz {

using namespace pep::http;

inline constexpr std::uint16_t first_port = 44223; // five digits, as all that are tried
inline constexpr std::string_view friendly_origin = "moz-extension://friend";
inline constexpr std::size_t big_body_bytes = 300'000; // more than a socket's buffer

/// What the first byte says.
struct Choice {
    bool by_tcp = false;
    bool is_foreign = false; ///< the kernel says that another user connects
};

/// Short ones, but for the times: nothing is to depend on how busy the machine is.
inline Limits short_limits() {
    Limits limits;
    limits.header_bytes = 1024;
    limits.header_fields = 12;
    limits.body_bytes = 4096;
    limits.body_without_token = 256;
    limits.legacy_body_bytes = 1024;
    limits.pipelined_bytes = 2048;
    limits.unsent_bytes = 4096;
    for (auto* time :
         {&limits.header_time, &limits.body_time, &limits.reply_time, &limits.linger_time})
        *time = std::chrono::minutes{10};
    return limits;
}

/// A path and how it is answered.
struct Place {
    std::string_view path;
    std::vector<std::string_view> methods;
    BodyRule body = BodyRule::none;
    TokenRule token = TokenRule::optional;
    bool navigable = false;
};

inline const std::vector<Place>& places() {
    using enum BodyRule;
    static const auto& list = *new std::vector<Place>{
        {"/rpc", {"POST"}, header_token_or_small},
        {"/old", {"POST"}, legacy},
        {"/page", {"GET", "HEAD"}, none, TokenRule::optional, true},
        {"/private", {"GET", "POST"}, header_token_or_small, TokenRule::required},
        {"/later", {"POST"}, header_token_or_small}, // answered in the next turn of the loop
        {"/stream", {"GET"}},                        // three pieces
        {"/events", {"GET"}},                        // a stream until the client goes
        {"/drop", {"POST"}, header_token_or_small},  // never answered
        {"/throw", {"GET"}},
        {"/close", {"GET"}},                         // the answer ends the connection
        {"/empty", {"POST"}, header_token_or_small}, // 204
        {"/big", {"GET"}},
    };
    return list;
}

/// A request the server executed or refused, in the order it happened.
struct Entry {
    bool is_executed = false;
    int status = 200; ///< of the answer
    bool is_head = false;
    bool is_authorized = false;
    bool is_from_browser = false;
    std::string head = {}, path = {}, body = {};

    friend bool operator==(const Entry&, const Entry&) = default;
};

/// Notes what it is asked. Loop thread; others look while the server has nothing to do.
class Toys final : public Handler {
  public:
    std::vector<Entry> entries;
    std::atomic<int> waiting{0};
    int streams = 0; // open ones
    Server* server = nullptr;

    Route route(std::string_view path) const override {
        for (const auto& place : places())
            if (place.path == path)
                return {true, place.methods, place.body, place.token, place.navigable};
        return {};
    }

    void handle(Request request, Responder responder) override {
        check(request.connection != nullptr && request.connection->id != 0);
        auto& entry = entries.emplace_back(Entry{.is_executed = true});
        entry.is_head = request.method == "HEAD";
        entry.is_authorized = request.authorized;
        entry.is_from_browser = request.from_browser;
        entry.head = request.head;
        entry.path = request.path;
        entry.body = std::move(request.body);
        answer(request.path, std::move(responder));
    }

    Response fault(int status, std::string_view slug, const Request& request) const override {
        auto& self = const_cast<Toys&>(*this); // notes only
        if (slug == "internal" && !entries.empty() && entries.back().is_executed) {
            self.entries.back().status = status; // not answered by whom it was given to
        } else {
            auto& entry = self.entries.emplace_back(Entry{.status = status});
            entry.is_head = request.method == "HEAD";
            entry.head = request.head;
        }
        auto response = Handler::fault(status, slug, request);
        response.headers.push_back(mark());
        return response;
    }

  private:
    [[nodiscard]] std::pair<std::string, std::string> mark() const {
        return {"X-Number", std::to_string(entries.size())};
    }

    void answer(std::string_view path, Responder responder) {
        Response response;
        response.content_type = "text/plain";
        response.headers.push_back(mark());
        const bool is_big = path == "/big" && entries.size() <= 2; // many would only take time
        response.body = is_big ? std::string(big_body_bytes, 'b') : "done";
        if (path == "/throw")
            throw std::runtime_error("thrown");
        if (path == "/drop")
            return;
        if (path == "/events" || path == "/stream")
            return stream(path == "/events", std::move(response), std::move(responder));
        if (path == "/later")
            return later(std::move(response), std::move(responder));
        response.close = path == "/close";
        if (path == "/empty") {
            response.body.clear();
            entries.back().status = response.status = 204;
        }
        responder.send(std::move(response));
    }

    void stream(bool stays_open, Response response, Responder responder) {
        const auto kept = std::make_shared<std::optional<Stream>>();
        if (stays_open) {
            ++streams;
            responder.when_gone([this, kept] {
                --streams;
                kept->reset();
            });
        }
        *kept = responder.stream(std::move(response));
        (*kept)->write("one");
        (*kept)->write("two");
        if (!stays_open)
            (*kept)->end();
    }

    void later(Response response, Responder responder) {
        ++waiting;
        server->post([this,
                      response = std::move(response),
                      responder = std::make_shared<Responder>(std::move(responder))]() mutable {
            --waiting;
            responder->send(std::move(response));
        });
    }
};

/// A client that never waits.
class Client {
  public:
    explicit Client(const std::string& unix_path)
        : descriptor_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, unix_path.c_str(), unix_path.size() + 1);
        connect(reinterpret_cast<sockaddr*>(&address), sizeof address);
    }

    explicit Client(std::uint16_t port)
        : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connect(reinterpret_cast<sockaddr*>(&address), sizeof address);
    }

    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    ~Client() {
        const linger now{1, 0}; // keeps no port in TIME_WAIT
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        ::close(descriptor_);
    }

    /// How much of it the socket took; all of it if the server takes no more.
    std::size_t send(std::string_view bytes) const {
        const auto sent =
            ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            return errno == EAGAIN ? 0 : bytes.size();
        return static_cast<std::size_t>(sent);
    }

    /// Take what came; whether anything did.
    bool receive() {
        const auto before = got.size();
        static std::array<char, 65536> piece;
        ssize_t size = 0;
        while ((size = ::recv(descriptor_, piece.data(), piece.size(), MSG_DONTWAIT)) > 0)
            got.append(piece.data(), static_cast<std::size_t>(size));
        has_ended = size == 0 || errno != EAGAIN;
        return got.size() != before;
    }

    void end() const { ::shutdown(descriptor_, SHUT_WR); }

    std::string got;
    bool has_ended = false;

  private:
    void connect(const sockaddr* address, socklen_t size) const {
        check(::connect(descriptor_, address, size) == 0);
    }

    int descriptor_;
};

/// A server on its own thread, and what one connection brought about.
class Rig {
  public:
    struct Trace {
        std::vector<Entry> entries;
        std::string answers;
    };

    Rig() : server_(make()), thread_([this] { server_.run(); }) { toys_.server = &server_; }

    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;

    ~Rig() {
        server_.stop();
        thread_.join();
    }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

    Trace exchange(const std::vector<std::string_view>& pieces, const Choice& how) {
        toys_.entries.clear();
        is_foreign_ = how.is_foreign;
        const auto before = server_.stats();
        {
            auto client = how.by_tcp ? Client{server_.port()} : Client{path()};
            for (const auto piece : pieces) {
                for (std::size_t at = 0; at < piece.size(); at += client.send(piece.substr(at)))
                    turns(client, 2);
                turns(client, 2);
            }
            settle(client);
            client.end(); // owed answers still come, streams end
            for (int i = 0; !client.has_ended; ++i) {
                check(i < most_turns);
                turns(client, 1);
            }
            answers_ = std::move(client.got);
        }
        for (int i = 0; server_.stats().open > 0; ++i) {
            check(i < most_turns);
            turn();
        }
        const auto executed = std::ranges::count(toys_.entries, true, &Entry::is_executed);
        check(server_.stats().requests - before.requests == static_cast<std::uint64_t>(executed));
        check(toys_.waiting == 0 && toys_.streams == 0);
        return {std::move(toys_.entries), std::move(answers_)};
    }

  private:
    static constexpr int most_turns = 20'000;

    [[nodiscard]] std::string path() const { return folder_ / "socket"; }

    Server make() {
        ServerOptions options;
        options.limits = short_limits();
        options.start_port = first_port;
        options.end_port = first_port + 500;
        options.unix_path = path();
        options.token_check = [](std::string_view token) { return token == "right"; };
        options.allow_origins = {std::string{friendly_origin}};
        options.peer_lookup = [this](int) -> pep::Expected<uid_t> {
            return ::geteuid() + (is_foreign_ ? 1 : 0);
        };
        auto started = Server::start(std::move(options), toys_);
        check(started.has_value());
        return std::move(*started);
    }

    /// The loop has done what was to do when this was called.
    void turn() {
        server_.post([this] { turned_.release(); });
        turned_.acquire();
    }

    void turns(Client& client, int count) {
        for (int i = 0; i < count; ++i)
            turn();
        client.receive();
    }

    /// Until nothing moves: a connection takes two turns to be accepted and read.
    void settle(Client& client) {
        int quiet = 0;
        for (int i = 0; quiet < 4 && !client.has_ended; ++i) {
            check(i < most_turns);
            const auto before = server_.stats();
            turn();
            const bool came = client.receive();
            const auto now = server_.stats();
            const bool moved = came || toys_.waiting > 0 || before.bytes_in != now.bytes_in ||
                               before.bytes_out != now.bytes_out;
            quiet = moved ? 0 : quiet + 1;
        }
    }

    pep::test::TemporaryFolder folder_;
    Toys toys_;
    std::atomic<bool> is_foreign_{false};
    std::string answers_;
    std::binary_semaphore turned_{0};
    Server server_;
    std::thread thread_;
};

} // namespace pep::fuzz
