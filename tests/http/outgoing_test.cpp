// Requests of the server's own: what is sent, to whom, and what is made of replies.
#include "http/listening.hpp"
#include "http/sockets.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>

namespace pep::http::test {
namespace {

/// A program that takes one request and answers with given bytes.
class Listener {
  public:
    Listener() : listening_(listen_on_loopback("127.0.0.1", 0, 0).value()) {}

    Listener(const Listener&) = delete;
    Listener(Listener&&) = delete;
    Listener& operator=(const Listener&) = delete;
    Listener& operator=(Listener&&) = delete;

    ~Listener() {
        if (thread_.joinable())
            thread_.join();
        ::close(listening_.descriptor);
    }

    [[nodiscard]] std::uint16_t port() const { return listening_.port; }

    /// What came until the server left, or the reply was given.
    std::future<std::string> answer(std::string reply, std::string_view until) {
        std::promise<std::string> came;
        auto future = came.get_future();
        thread_ = std::thread([this, reply, until, came = std::move(came)]() mutable {
            int link = -1;
            eventually([&] {
                return (link = ::accept(listening_.descriptor, nullptr, nullptr)) >= 0;
            });
            const timeval patience{5, 0};
            ::setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
            std::string bytes;
            char piece[4096];
            ssize_t size = 0;
            while (!bytes.ends_with(until) && (size = ::recv(link, piece, sizeof piece, 0)) > 0)
                bytes.append(piece, static_cast<std::size_t>(size));
            (void)!::send(link, reply.data(), reply.size(), MSG_NOSIGNAL);
            ::close(link);
            came.set_value(bytes);
        });
        return future;
    }

  private:
    ListeningSocket listening_;
    std::thread thread_;
};

Delivery send(RunningServer& server, std::string address, std::uint16_t port, std::string body) {
    std::promise<Delivery> told;
    auto future = told.get_future();
    server->post(Task{[&] {
        server->send(
            {std::move(address), port, std::move(body)},
            [&told](const Delivery& delivery) { told.set_value(delivery); }
        );
    }});
    if (future.wait_for(15s) != std::future_status::ready)
        throw std::runtime_error("nobody was told");
    return future.get();
}

TEST(Outgoing, PostsABodyAndTellsTheStatus) {
    RunningServer server;
    Listener listener;
    auto came = listener.answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "{\"x\":1}");
    const auto delivery = send(server, "127.0.0.1", listener.port(), "{\"x\":1}");
    EXPECT_EQ(delivery.status, 200);
    EXPECT_EQ(delivery.problem, "");
    const auto bytes = came.get();
    EXPECT_EQ(
        bytes,
        "POST / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener.port()) +
            "\r\nContent-Type: application/json\r\nContent-Length: 7\r\nConnection: close\r\n\r\n"
            "{\"x\":1}"
    );
}

TEST(Outgoing, TakesAReplyThatEndsWithTheConnection) {
    RunningServer server;
    Listener listener;
    (void)listener.answer("HTTP/1.0 501 No\r\n\r\nno such method", "}");
    EXPECT_EQ(send(server, "127.0.0.1", listener.port(), "{}").status, 501);
}

TEST(Outgoing, SendsBigBodies) {
    RunningServer server;
    Listener listener;
    const std::string body(8U << 20U, 'x');
    auto came = listener.answer("HTTP/1.1 204 Fine\r\n\r\n", "xy");
    EXPECT_EQ(send(server, "127.0.0.1", listener.port(), body + "y").status, 204);
    EXPECT_GT(came.get().size(), body.size());
}

TEST(Outgoing, TellsWhatWentWrong) {
    RunningServer server;
    std::uint16_t free_port = 0;
    {
        Listener gone;
        free_port = gone.port();
    }
    EXPECT_EQ(send(server, "127.0.0.1", free_port, "{}").problem, "no_connection");
    EXPECT_EQ(send(server, "192.0.2.1", 80, "{}").problem, "no_connection");
    Listener silent;
    (void)silent.answer("", "}");
    EXPECT_EQ(send(server, "127.0.0.1", silent.port(), "{}").problem, "no_reply");
    Listener rude;
    (void)rude.answer("220 mail.example.org ESMTP\r\n\r\n", "}");
    EXPECT_EQ(send(server, "127.0.0.1", rude.port(), "{}").problem, "bad_reply");
    Listener endless;
    (void)endless.answer("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), "}");
    EXPECT_EQ(send(server, "127.0.0.1", endless.port(), "{}").problem, "bad_reply");
    Listener talkative;
    (void)talkative.answer(
        "HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + std::string(5'000'000, 'x'), "}"
    );
    EXPECT_EQ(send(server, "127.0.0.1", talkative.port(), "{}").problem, "bad_reply");
}

TEST(Outgoing, SendsNothingToAnotherUsersProgram) {
    RunningServer server{{}, {}, [](ServerOptions& options) {
                             options.peer_lookup = [](int) -> Expected<uid_t> {
                                 return ::geteuid() + 1;
                             };
                         }};
    Listener listener;
    auto came = listener.answer("", "nothing ends it");
    EXPECT_EQ(send(server, "127.0.0.1", listener.port(), "{\"secret\":1}").problem, "other_user");
    EXPECT_EQ(came.get(), "");
}

} // namespace
} // namespace pep::http::test
