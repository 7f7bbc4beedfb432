// The client's HTTP against servers that are slow, broken or hostile: each test writes the bytes.
#include "client/connection.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

namespace pep::client {
namespace {

using namespace std::chrono_literals;

/// Accepts one connection, waits for a first piece of a request, answers with pieces, and closes.
class Scripted {
  public:
    explicit Scripted(std::vector<std::string> pieces, bool stays_open = false)
        : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_.get(), any, size), 0);
        EXPECT_EQ(::listen(listener_.get(), 1), 0);
        EXPECT_EQ(::getsockname(listener_.get(), any, &size), 0);
        port = ::ntohs(address.sin_port);
        thread_ = std::thread([this, pieces = std::move(pieces), stays_open] {
            const Descriptor peer{::accept(listener_.get(), nullptr, nullptr)};
            std::string buffer(65536, '\0');
            const auto got = ::recv(peer.get(), buffer.data(), buffer.size(), 0);
            request = buffer.substr(0, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            for (const auto& piece : pieces) {
                ::send(peer.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
                std::this_thread::sleep_for(5ms); // so that pieces arrive one by one
            }
            while (stays_open && !may_end_)
                std::this_thread::sleep_for(5ms);
        });
    }

    Scripted(const Scripted&) = delete;
    Scripted& operator=(const Scripted&) = delete;

    ~Scripted() { finish(); }

    /// After this `request` may be read.
    void finish() {
        may_end_ = true;
        ::shutdown(listener_.get(), SHUT_RDWR);
        if (thread_.joinable())
            thread_.join();
    }

    std::uint16_t port = 0;
    std::string request;

  private:
    Descriptor listener_;
    std::atomic<bool> may_end_ = false;
    std::thread thread_;
};

Expected<HttpReply> get(const Scripted& server, const Sink& sink = {}, std::uint64_t most = 1000) {
    auto connection = Connection::to_loopback("127.0.0.1", server.port, in(2s));
    if (!connection)
        return fail(connection);
    HttpRequest request{"GET", "/x", nullptr, {}, {}};
    request.most_reply_bytes = most;
    return connection->exchange(request, in(2s), sink);
}

TEST(Connection, ReadsAReplyInPieces) {
    const Scripted server({"HTTP/1.1 200 O", "K\r\nContent-Le", "ngth: 5\r\n\r\nhe", "llo"});
    auto reply = get(server);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "hello");
}

TEST(Connection, SendsTheTokenInTheHeaderAndTheBodyBehindIt) {
    Scripted server({"HTTP/1.1 204 No Content\r\n\r\n"});
    auto connection = Connection::to_loopback("127.0.0.1", server.port, in(2s));
    ASSERT_TRUE(connection);
    const auto endpoint = "127.0.0.1:" + std::to_string(server.port);
    EXPECT_EQ(connection->endpoint(), endpoint);
    const Secret token{"TOKEN"};
    EXPECT_EQ(connection->exchange({"POST", "/rpc", &token, {}, "{}"}, in(2s))->status, 204);
    server.finish();
    EXPECT_EQ(
        server.request.substr(0, server.request.find("\r\n\r\n") + 4),
        "POST /rpc HTTP/1.1\r\nHost: " + endpoint +
            "\r\nAuthorization: Bearer TOKEN\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\n\r\n"
    );
}

TEST(Connection, GivesAStreamToTheSinkAsItComes) {
    const Scripted server(
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n", "2\r\nde\r\n"},
        true
    );
    std::string seen;
    auto reply = get(server, [&](std::string_view piece) {
        seen += piece;
        return seen.size() < 5; // or it would wait for more
    });
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(seen, "abcde");
}

TEST(Connection, KeepsABodyFromTheSinkUnlessTheStatusIs200) {
    const Scripted server({"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope"});
    auto reply = get(server, [](std::string_view) {
        ADD_FAILURE();
        return true;
    });
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 404);
    EXPECT_EQ(reply->body, "nope");
}

TEST(Connection, GivesUpAtTheDeadline) {
    const Scripted server({"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"}, true);
    auto connection = Connection::to_loopback("127.0.0.1", server.port, in(2s));
    ASSERT_TRUE(connection);
    const auto started = std::chrono::steady_clock::now();
    auto reply = connection->exchange({"GET", "/x", nullptr, {}, {}}, in(100ms));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, 3);
    EXPECT_NE(reply.error().message.find("in time"), std::string::npos);
    EXPECT_LT(std::chrono::steady_clock::now() - started, 2s);
}

TEST(Connection, RefusesWhatIsNoHttpOrEndsTooEarly) {
    for (const char* bytes :
         {"",
          "SSH-2.0-x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe",
          "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
          "HTTP/1.1 200 OK\r\n"}) {
        const Scripted server({bytes});
        auto reply = get(server);
        ASSERT_FALSE(reply) << bytes;
        EXPECT_EQ(reply.error().code, 3);
    }
}

TEST(Connection, TakesNoMoreThanItAskedFor) {
    const Scripted announced({"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"}, true);
    EXPECT_FALSE(get(announced));
    const Scripted endless({"HTTP/1.1 200 OK\r\n\r\n" + std::string(2000, 'x')}, true);
    EXPECT_FALSE(get(endless));
    const Scripted head({"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x')}, true);
    EXPECT_FALSE(get(head));
}

TEST(Connection, SendsNoLineBreaksOfOthers) {
    const Scripted server({"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
    auto connection = Connection::to_loopback("127.0.0.1", server.port, in(2s));
    ASSERT_TRUE(connection);
    const Secret token{"a\r\nX: b"};
    EXPECT_FALSE(connection->exchange({"GET", "/x", &token, {}, {}}, in(1s)));
    EXPECT_FALSE(connection->exchange({"GET", "/x\r\nX: b", nullptr, {}, {}}, in(1s)));
    EXPECT_FALSE(connection->exchange({"GET", "/x", nullptr, {{"A", "b\nc"}}, {}}, in(1s)));
}

TEST(Connection, SaysThatNobodyAnswers) {
    std::uint16_t free_port = 0;
    {
        const Scripted gone({});
        free_port = gone.port;
    }
    auto connection = Connection::to_loopback("127.0.0.1", free_port, in(2s));
    ASSERT_FALSE(connection);
    EXPECT_EQ(connection.error().code, 3);
    EXPECT_FALSE(Connection::to_socket("/nonexistent/rpc.sock", in(1s)));
    EXPECT_FALSE(Connection::to_socket(std::string(200, 'x'), in(1s)));
    EXPECT_FALSE(Connection::to_loopback("localhost", 1, in(1s)));
}

} // namespace
} // namespace pep::client
