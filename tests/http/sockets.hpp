// For tests of the server: a client that sees every byte, a handler that is told what to do, and a
// server on a thread of its own.
#pragma once

#include "http/mailbox.hpp"
#include "http/server.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace pep::http::test {

using namespace std::chrono_literals;

/// A blocking TCP or Unix client. Reads give up after five seconds.
class Client {
  public:
    explicit Client(std::uint16_t port);
    explicit Client(const std::string& unix_path);
    Client(const Client&) = delete;
    Client(Client&&) = delete;
    Client& operator=(const Client&) = delete;
    Client& operator=(Client&&) = delete;
    ~Client();

    /// False once the server refuses more.
    bool send(std::string_view bytes);

    /// One response, told apart by its Content-Length; "" at the end of the connection.
    std::string receive(bool has_body = true);

    /// Exactly the next bytes, fewer at the end.
    std::string receive_bytes(std::size_t count);

    /// Everything up to the end of the connection.
    std::string receive_all();

    /// The server closed, or closes soon, the connection with nothing more to say.
    [[nodiscard]] bool at_end() { return receive_bytes(1).empty() && ended_; }

    /// send() and receive().
    std::string ask(std::string_view request);

    void close();
    void reset(); ///< close with RST

    [[nodiscard]] bool connected() const { return descriptor_ >= 0; }

  private:
    bool fill();
    int descriptor_ = -1;
    bool ended_ = false; // closed or reset by the server, not merely silent
    std::string buffer_;
};

/// "POST /echo" with a body; `fields` end with CRLF each.
std::string post(
    std::uint16_t port, std::string_view path, std::string_view body, std::string_view fields = ""
);
std::string get(std::uint16_t port, std::string_view path, std::string_view fields = "");

int status_of(std::string_view response);
std::string body_of(std::string_view response);

/// Paths: /echo (POST) answers with the body; /page (GET, HEAD) with "page"; /legacy (POST) like
/// /echo for clients without header; /private (GET) needs the token; /later (POST) is given to
/// `later`.
class ToyHandler final : public Handler {
  public:
    std::function<void(Request, Responder)> later; // set before the server runs

    Route route(std::string_view path) const override;
    void handle(Request request, Responder responder) override;
};

/// Runs while it lives. The token is "right".
class RunningServer {
  public:
    using Later = std::function<void(Request, Responder)>;

    explicit RunningServer(
        Limits limits = {}, Later later = {}, const std::function<void(ServerOptions&)>& change = {}
    );
    RunningServer(const RunningServer&) = delete;
    RunningServer(RunningServer&&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;
    RunningServer& operator=(RunningServer&&) = delete;
    ~RunningServer();

    Server& operator*() { return server_; }

    Server* operator->() { return &server_; }

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }

    /// Wait for the end of run(); false if that takes longer than three seconds.
    bool join();

  private:
    static Server
    make(Limits limits, const std::function<void(ServerOptions&)>& change, Handler& handler);

    ToyHandler handler_;
    Server server_;
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

/// True as soon as `condition` holds; false after three seconds.
bool eventually(const std::function<bool()>& condition);

} // namespace pep::http::test
