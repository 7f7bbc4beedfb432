// Bodies over real sockets: of known length, in chunks, long, cut off.
#include "http/server.hpp"
#include "http/sockets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <thread>

namespace pep::http {
namespace {

using namespace test;
using namespace std::string_literals;

TEST(ServerBodies, TakesChunkedBodies) {
    RunningServer server;
    Client client(server.port());
    const std::string head =
        "POST /echo HTTP/1.1\r\nHost: localhost:" + std::to_string(server.port()) +
        "\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(body_of(client.ask(head + "3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\n\r\n")), "abcdefgh");
    client.send(head);
    for (const char c : std::string("1\r\nx\r\n0\r\nTrailer: y\r\n\r\n")) {
        client.send(std::string_view(&c, 1));
    }
    EXPECT_EQ(body_of(client.receive()), "x");
    EXPECT_EQ(status_of(client.ask(head + "zz\r\n")), 400);
    EXPECT_TRUE(client.at_end());
}

TEST(ServerBodies, TakesNoControlCharactersInChunkExtensions) {
    RunningServer server;
    for (const std::string& line : {"3;x=\"\n\""s, "3;x=\"\0\""s, "3;x=\"\x7f\""s}) {
        Client client(server.port());
        const std::string answer = client.ask(
            "POST /echo HTTP/1.1\r\nHost: localhost:" + std::to_string(server.port()) +
            "\r\nTransfer-Encoding: chunked\r\n\r\n" + line + "\r\nabc\r\n0\r\n\r\n"
        );
        EXPECT_EQ(status_of(answer), 400);
        EXPECT_TRUE(client.at_end());
    }
}

TEST(ServerBodies, MovesLargeBodiesBothWays) {
    RunningServer server;
    Client client(server.port());
    std::string body(std::size_t{8} << 20U, 'x');
    for (std::size_t i = 0; i < body.size(); i += 4099) {
        body[i] = static_cast<char>('a' + i % 26);
    }
    std::string answer;
    std::thread sender([&] {
        client.send(post(server.port(), "/echo", body, "Authorization: Bearer right\r\n"));
    });
    answer = client.receive();
    sender.join();
    EXPECT_TRUE(body_of(answer) == body);
    EXPECT_EQ(body_of(client.ask(post(server.port(), "/echo", "again"))), "again");
}

/// `body` in chunks of that size.
std::string in_chunks(std::string_view body, std::size_t chunk) {
    std::string text;
    for (; !body.empty(); body.remove_prefix(std::min(chunk, body.size()))) {
        char size[20];
        std::snprintf(size, sizeof size, "%zx\r\n", std::min(chunk, body.size()));
        text.append(size).append(body.substr(0, chunk)).append("\r\n");
    }
    return text + "0\r\n\r\n";
}

// Around what is read at once: 4 KiB of request, 64 KiB of body.
TEST(ServerBodies, TakesBodiesOfAllSizes) {
    RunningServer server;
    Client client(server.port());
    const std::string fields =
        "Host: localhost:" + std::to_string(server.port()) + "\r\nAuthorization: Bearer right\r\n";
    for (const std::size_t size :
         {3800, 4000, 4095, 4096, 4097, 9000, 65536, 69632, 70000, 400000}) {
        std::string body(size, 'x');
        for (std::size_t i = 0; i < size; i += 97)
            body[i] = static_cast<char>('a' + i % 26);
        std::string answer;
        const auto exchange = [&](const std::string& request) {
            std::thread sender([&] { client.send(request); });
            answer = client.receive();
            sender.join();
            return body_of(answer) == body;
        };
        EXPECT_TRUE(exchange(
            "POST /echo HTTP/1.1\r\n" + fields + "Content-Length: " + std::to_string(size) +
            "\r\n\r\n" + body
        )) << size;
        EXPECT_TRUE(exchange(
            "POST /echo HTTP/1.1\r\n" + fields + "Transfer-Encoding: chunked\r\n\r\n" +
            in_chunks(body, 5000)
        )) << size;
    }
}

TEST(ServerBodies, LetsTheNextRequestFollowALongBodyAtOnce) {
    RunningServer server;
    Client client(server.port());
    const std::string body(100000, 'x');
    std::thread sender([&] {
        client.send(
            post(server.port(), "/echo", body, "Authorization: Bearer right\r\n") +
            post(server.port(), "/echo", "next")
        );
    });
    EXPECT_TRUE(body_of(client.receive()) == body);
    EXPECT_EQ(body_of(client.receive()), "next");
    sender.join();
}

TEST(ServerBodies, SurvivesAClientThatLeavesWithinALongBody) {
    RunningServer server;
    for (const std::size_t size : {5000, 70001, 300000, 300001}) {
        Client client(server.port());
        const auto request = post(
            server.port(), "/echo", std::string(400000, 'x'), "Authorization: Bearer right\r\n"
        );
        client.send(std::string_view(request).substr(0, size));
        size % 2 == 0 ? client.close() : client.reset();
    }
    Client client(server.port());
    EXPECT_EQ(body_of(client.ask(post(server.port(), "/echo", "alive"))), "alive");
}

} // namespace
} // namespace pep::http
