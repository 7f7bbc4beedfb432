// The server over real sockets: order, keep-alive, bodies, refusals before the body.
#include "base/descriptor.hpp"
#include "http/listening.hpp"
#include "http/server.hpp"
#include "http/shelf.hpp"
#include "http/sockets.hpp"
#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <thread>

namespace pep::http {
namespace {

using namespace test;
using namespace std::string_literals;

TEST(Server, AnswersAndKeepsTheConnection) {
    RunningServer server;
    Client client(server.port());
    for (int i = 0; i < 3; ++i) {
        const std::string answer = client.ask(post(server.port(), "/echo", "hello"));
        EXPECT_EQ(status_of(answer), 200);
        EXPECT_EQ(body_of(answer), "hello");
        EXPECT_EQ(answer.find("Connection:"), std::string::npos);
    }
    EXPECT_EQ(server->stats().accepted, 1U);
    EXPECT_EQ(server->stats().requests, 3U);
}

TEST(Server, TellsItsEndpoint) {
    RunningServer server;
    EXPECT_EQ(server->endpoint(), "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_EQ(server->address(), "127.0.0.1");
}

TEST(Server, ServesNobodyButLoopback) {
    ToyHandler handler;
    for (const char* address : {"0.0.0.0", "::", "192.168.1.1", "example.org", "127.0.0.1.evil"}) {
        EXPECT_FALSE(Server::start({.address = address}, handler)) << address;
    }
}

TEST(Server, TakesTheFirstFreePortOfARange) {
    RunningServer first;
    const std::uint16_t taken = first.port();
    RunningServer second({}, {}, [taken](ServerOptions& options) {
        options.start_port = taken;
        options.end_port = static_cast<std::uint16_t>(std::min(taken + 50, 65535));
    });
    EXPECT_GT(second.port(), taken);
    ToyHandler handler;
    EXPECT_FALSE(Server::start({.start_port = taken, .end_port = taken}, handler));
}

TEST(Server, LivesTwiceInOneProcess) {
    RunningServer one;
    RunningServer two;
    Client first(one.port());
    Client second(two.port());
    EXPECT_EQ(body_of(first.ask(post(one.port(), "/echo", "1"))), "1");
    EXPECT_EQ(body_of(second.ask(post(two.port(), "/echo", "2"))), "2");
    EXPECT_EQ(status_of(second.ask(post(one.port(), "/echo", "3"))), 421); // the other's Host
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    Shelf shelf;
    RunningServer server({}, shelf.put());
    Client client(server.port());
    client.send(
        post(server.port(), "/later", "one") + post(server.port(), "/echo", "two") +
        post(server.port(), "/later", "three") + get(server.port(), "/page")
    );
    for (int i = 0; i < 2; ++i) {
        auto [request, responder] = shelf.take();
        EXPECT_EQ(shelf.size(), 0U); // one at a time
        responder.send(text("late " + request.body));
    }
    EXPECT_EQ(body_of(client.receive()), "late one");
    EXPECT_EQ(body_of(client.receive()), "two");
    EXPECT_EQ(body_of(client.receive()), "late three");
    EXPECT_EQ(body_of(client.receive()), "page");
    EXPECT_EQ(shelf.count(), 2);
}

TEST(Server, AnswersManyPipelinedRequests) {
    RunningServer server;
    Client client(server.port());
    std::string requests;
    for (int i = 0; i < 2000; ++i) { // more than is read ahead
        requests += post(server.port(), "/echo", std::to_string(i));
    }
    std::thread sender([&] { client.send(requests); });
    for (int i = 0; i < 2000; ++i) {
        ASSERT_EQ(body_of(client.receive()), std::to_string(i));
    }
    sender.join();
}

TEST(Server, AnswersOtherConnectionsWhileOneWaits) {
    Shelf shelf;
    RunningServer server({}, shelf.put());
    Client slow(server.port());
    Client quick(server.port());
    slow.send(post(server.port(), "/later", ""));
    auto [request, responder] = shelf.take();
    EXPECT_EQ(body_of(quick.ask(post(server.port(), "/echo", "quick"))), "quick");
    responder.send(text("slow"));
    EXPECT_EQ(body_of(slow.receive()), "slow");
}

TEST(Server, TakesRequestsByteByByte) {
    RunningServer server;
    Client client(server.port());
    for (const char c : post(server.port(), "/echo", "drip")) {
        client.send(std::string_view(&c, 1));
    }
    EXPECT_EQ(body_of(client.receive()), "drip");
}

TEST(Server, SendsNoBodyToHead) {
    RunningServer server;
    Client client(server.port());
    client.send(
        "HEAD /page HTTP/1.1\r\nHost: localhost:" + std::to_string(server.port()) + "\r\n\r\n"
    );
    const std::string head = client.receive(/*has_body=*/false);
    EXPECT_NE(head.find("Content-Length: 4\r\n"), std::string::npos);
    EXPECT_EQ(body_of(client.ask(get(server.port(), "/page"))), "page");
}

TEST(Server, NamesTheMethodsItAllowsAndStays) {
    RunningServer server;
    Client client(server.port());
    const std::string answer = client.ask(get(server.port(), "/echo"));
    EXPECT_EQ(status_of(answer), 405);
    EXPECT_NE(answer.find("Allow: POST\r\n"), std::string::npos);
    EXPECT_EQ(status_of(client.ask(get(server.port(), "/nowhere"))), 404);
    EXPECT_EQ(status_of(client.ask(get(server.port(), "/page"))), 200);
}

TEST(Server, ClosesWhenAsked) {
    RunningServer server;
    Client client(server.port());
    const std::string answer = client.ask(get(server.port(), "/page", "Connection: close\r\n"));
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(client.at_end());
}

TEST(Server, AnswersHttp10AsSuch) {
    RunningServer server;
    const std::string line =
        "GET /page HTTP/1.0\r\nHost: localhost:" + std::to_string(server.port());
    Client closing(server.port());
    EXPECT_EQ(closing.ask(line + "\r\n\r\n").substr(0, 15), "HTTP/1.0 200 OK");
    EXPECT_TRUE(closing.at_end());
    Client staying(server.port());
    const std::string request = line + "\r\nConnection: keep-alive\r\n\r\n";
    EXPECT_NE(staying.ask(request).find("Connection: keep-alive\r\n"), std::string::npos);
    EXPECT_EQ(body_of(staying.ask(request)), "page");
}

TEST(Server, ForgivesAnEmptyLineBetweenRequests) {
    RunningServer server;
    Client client(server.port());
    EXPECT_EQ(body_of(client.ask(post(server.port(), "/echo", "a") + "\r\n")), "a");
    EXPECT_EQ(body_of(client.ask(post(server.port(), "/echo", "b"))), "b");
    EXPECT_EQ(status_of(client.ask("\r\n\r\n")), 400);
}

TEST(Server, InvitesTheBodyOnlyOfRequestsThatPassTheGate) {
    RunningServer server;
    const std::string expect = "Expect: 100-continue\r\n";
    const std::string good = post(server.port(), "/echo", "body", expect);
    Client client(server.port());
    client.send(good.substr(0, good.size() - 4));
    EXPECT_EQ(client.receive(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");
    EXPECT_EQ(body_of(client.receive()), "body");

    const std::string bad =
        post(server.port(), "/echo", "body", expect + "Authorization: Bearer wrong\r\n");
    client.send(bad.substr(0, bad.size() - 4));
    EXPECT_EQ(status_of(client.receive()), 401);
    EXPECT_TRUE(client.at_end());
}

TEST(Server, RefusesAWrongTokenBeforeTheBody) {
    RunningServer server;
    Client client(server.port());
    const std::string request =
        post(server.port(), "/echo", std::string(1000, 'x'), "Authorization: Bearer wrong\r\n");
    client.send(request.substr(0, request.size() - 1000)); // the body never comes
    const std::string answer = client.receive();
    EXPECT_EQ(status_of(answer), 401);
    EXPECT_NE(answer.find("WWW-Authenticate: Bearer\r\n"), std::string::npos);
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(client.at_end());
    EXPECT_EQ(server->stats().requests, 0U);
}

TEST(Server, AsksForTheTokenWhereItIsRequired) {
    RunningServer server;
    Client stranger(server.port());
    EXPECT_EQ(status_of(stranger.ask(get(server.port(), "/private"))), 401);
    Client friendly(server.port());
    EXPECT_EQ(
        status_of(friendly.ask(get(server.port(), "/private", "Authorization: Bearer right\r\n"))),
        200
    );
}

TEST(Server, RefusesLargeBodiesBeforeTheyCome) {
    RunningServer server;
    const std::string head =
        "POST /echo HTTP/1.1\r\nHost: localhost:" + std::to_string(server.port());
    for (const std::string length : {"1048577", "2147483648", "18446744073709551616"}) {
        Client client(server.port());
        EXPECT_EQ(status_of(client.ask(head + "\r\nContent-Length: " + length + "\r\n\r\n")), 413);
        EXPECT_TRUE(client.at_end());
    }
}

TEST(Server, DeliversARefusalThoughTheClientIsStillSending) {
    RunningServer server;
    Client client(server.port());
    const std::string body(std::size_t{3} << 20U, 'x'); // over the limit without token
    std::thread sender([&] { client.send(post(server.port(), "/echo", body)); });
    EXPECT_EQ(status_of(client.receive()), 413);
    sender.join();
}

TEST(Server, RefusesForeignHostsAndOrigins) {
    RunningServer server;
    Client rebound(server.port());
    EXPECT_EQ(status_of(rebound.ask("GET /page HTTP/1.1\r\nHost: evil.example\r\n\r\n")), 421);
    Client page(server.port());
    EXPECT_EQ(
        status_of(page.ask(get(server.port(), "/page", "Origin: https://evil.example\r\n"))), 403
    );
}

TEST(Server, RefusesOtherUsersWhateverTheySend) {
    RunningServer server({}, {}, [](ServerOptions& options) {
        options.peer_lookup = [](int) -> Expected<uid_t> { return ::geteuid() + 1; };
    });
    Client client(server.port());
    EXPECT_EQ(status_of(client.receive()), 403); // before they sent anything
    EXPECT_TRUE(client.at_end());
}

TEST(Server, DropsPeersNobodyKnows) {
    RunningServer server({}, {}, [](ServerOptions& options) {
        options.peer_lookup = [](int) -> Expected<uid_t> { return fail(0, "gone"); };
    });
    Client client(server.port());
    EXPECT_TRUE(client.at_end());
}

TEST(Server, ListensOnAUnixSocketForTheUserOnly) {
    const pep::test::TemporaryFolder folder;
    const std::string path = (folder / "rpc.sock").string();
    {
        RunningServer server({}, {}, [&](ServerOptions& options) { options.unix_path = path; });

        struct stat status {};

        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0600U);
        Client client(path);
        const std::string answer = client.ask("GET /page HTTP/1.1\r\nHost: whatever\r\n\r\n");
        EXPECT_EQ(body_of(answer), "page");
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Server, AdoptsAListeningUnixSocketAndLeavesItsPath) {
    const pep::test::TemporaryFolder folder;
    const std::string path = (folder / "made-by-another.sock").string();
    auto made = listen_on_path(path);
    ASSERT_TRUE(made);
    {
        RunningServer server({}, {}, [&](ServerOptions& options) {
            options.unix_listener = *made;
        });
        EXPECT_EQ(server->unix_path(), path);
        Client client(path);
        EXPECT_EQ(body_of(client.ask("GET /page HTTP/1.1\r\nHost: whatever\r\n\r\n")), "page");
    }
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(Server, AdoptsNothingElse) {
    ToyHandler handler;
    for (const int domain : {AF_UNIX, AF_INET}) {
        const Descriptor idle(::socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0));
        ServerOptions options;
        options.unix_listener = idle.get();
        EXPECT_FALSE(Server::start(options, handler));
        EXPECT_GE(::fcntl(idle.get(), F_GETFD), 0); // still the caller's
    }
}

TEST(Server, GivesTheHandlerWhatItNeedsToKnow) {
    Shelf shelf;
    RunningServer server({}, shelf.put());
    Client client(server.port());
    client.send(post(
        server.port(), "/later?a=b?c", "{}", "Authorization: Bearer right\r\nX-Name: \t value \r\n"
    ));
    auto [request, responder] = shelf.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/later");
    EXPECT_EQ(request.query, "a=b?c");
    EXPECT_EQ(request.body, "{}");
    EXPECT_TRUE(request.has_token_header);
    EXPECT_TRUE(request.authorized);
    EXPECT_FALSE(request.from_browser);
    EXPECT_EQ(request.header("x-NAME"), "value");
    EXPECT_EQ(request.header("x-other"), std::nullopt);
    EXPECT_EQ(request.connection->endpoint, server->endpoint());
    EXPECT_TRUE(request.connection->authenticated);
    responder.send(text("ok"));
    EXPECT_EQ(status_of(client.receive()), 200);
}

TEST(Server, RunsTasksOfOtherThreadsAndOfTheClock) {
    RunningServer server;
    std::atomic<int> ran = 0;
    server->post([&] { ++ran; });
    server->after(1ms, [&] { ++ran; });
    EXPECT_TRUE(eventually([&] { return ran == 2; }));
}

} // namespace
} // namespace pep::http
