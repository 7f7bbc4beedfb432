// Stopping: what runs is answered, what comes is refused, the port stays ours until the end.
#include "http/server.hpp"
#include "http/sockets.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <optional>

namespace pep::http {
namespace {

using namespace test;
using Clock = std::chrono::steady_clock;

// One call that a "worker" (the test) answers.
struct Held {
    std::optional<Responder> responder;
    std::atomic<bool> there = false;

    RunningServer::Later hold() {
        return [this](Request, Responder held) {
            responder.emplace(std::move(held));
            there = true;
        };
    }
};

TEST(Stop, EndsAtOnceWhenNothingRuns) {
    RunningServer server;
    Client idle(server.port());
    idle.ask(get(server.port(), "/page"));
    const auto begin = Clock::now();
    server->stop();
    EXPECT_TRUE(server.join());
    EXPECT_LT(Clock::now() - begin, 500ms);
    EXPECT_TRUE(idle.at_end());
}

TEST(Stop, AnswersWhatRunsAndRefusesWhatComes) {
    Held held;
    RunningServer server({.linger_time = 50ms}, held.hold());
    Client working(server.port());
    Client old(server.port());
    old.ask(get(server.port(), "/page"));
    working.send(post(server.port(), "/later", "") + get(server.port(), "/page"));
    ASSERT_TRUE(eventually([&] { return held.there.load(); }));
    server->stop();
    EXPECT_TRUE(server->stopping());

    // The listener still accepts: nobody else can have the port.
    Client late(server.port());
    ASSERT_TRUE(late.connected());
    const std::string header = "Authorization: Bearer right\r\n"; // whatever token it brings
    const std::string refused = late.ask(get(server.port(), "/page", header));
    EXPECT_EQ(status_of(refused), 503);
    EXPECT_EQ(
        body_of(refused), "shutting_down: start the server again, then read the token file\n"
    );
    EXPECT_TRUE(late.at_end());
    EXPECT_EQ(status_of(old.ask(get(server.port(), "/page"))), 503);
    EXPECT_TRUE(old.at_end());

    held.responder->send({.body = "done"});
    EXPECT_EQ(body_of(working.receive()), "done");
    EXPECT_TRUE(working.at_end());
    EXPECT_TRUE(server.join());
}

TEST(Stop, WaitsForNoCallLongerThanItsDeadline) {
    Held held;
    RunningServer server({.stop_time = 150ms}, held.hold());
    Client client(server.port());
    client.send(post(server.port(), "/later", ""));
    ASSERT_TRUE(eventually([&] { return held.there.load(); }));
    const auto begin = Clock::now();
    server->stop();
    EXPECT_TRUE(server.join());
    EXPECT_GE(Clock::now() - begin, 140ms);
    EXPECT_LT(Clock::now() - begin, 1500ms);
    EXPECT_TRUE(client.at_end());
    EXPECT_TRUE(held.responder->client_gone());
}

TEST(Stop, WaitsForNoClientThatDoesNotRead) {
    Held held;
    RunningServer server({.stop_time = 200ms}, held.hold());
    Client client(server.port());
    client.send(post(server.port(), "/later", ""));
    ASSERT_TRUE(eventually([&] { return held.there.load(); }));
    server->stop();
    held.responder->send({.body = std::string(std::size_t{30} << 20U, 'x')});
    EXPECT_TRUE(server.join());
}

TEST(Stop, DeliversALargeLastAnswer) {
    Held held;
    RunningServer server({}, held.hold());
    Client client(server.port());
    client.send(post(server.port(), "/later", ""));
    ASSERT_TRUE(eventually([&] { return held.there.load(); }));
    server->stop();
    held.responder->send({.body = std::string(std::size_t{10} << 20U, 'x')});
    EXPECT_EQ(body_of(client.receive()).size(), std::size_t{10} << 20U);
    EXPECT_TRUE(server.join());
}

TEST(Stop, EndsStreams) {
    Held held;
    RunningServer server({}, held.hold());
    Client client(server.port());
    client.send(post(server.port(), "/later", ""));
    ASSERT_TRUE(eventually([&] { return held.there.load(); }));
    const Stream stream = held.responder->stream({.body = "event"});
    EXPECT_EQ(body_of(client.receive(/*has_body=*/false)), "");
    server->stop();
    EXPECT_TRUE(server.join());
    EXPECT_TRUE(stream.client_gone());
}

TEST(Stop, MayBeAskedForTwiceAndByASignal) {
    ToyHandler handler;
    auto server = Server::start({}, handler).value();
    ASSERT_TRUE(server.add_signal(SIGUSR1, [&server] {
        server.stop();
        server.stop();
    }));
    ::raise(SIGUSR1);
    server.run();
    EXPECT_TRUE(server.stopping());
}

TEST(Stop, LeavesThePortToNobodyWhileItIsHeld) {
    std::optional<RunningServer> server(std::in_place);
    const std::uint16_t port = server->port();
    const auto can_take_port = [port] {
        ToyHandler handler;
        return Server::start({.start_port = port, .end_port = port}, handler).has_value();
    };
    Expected<Descriptor> held = (*server)->hold_port();
    ASSERT_TRUE(held);
    (*server)->stop();
    ASSERT_TRUE(server->join());
    EXPECT_FALSE(can_take_port());
    server.reset();
    EXPECT_FALSE(can_take_port());
    held = Descriptor(-1);
    EXPECT_TRUE(can_take_port());
}

TEST(Stop, IsNotNeededBeforeDestruction) {
    ToyHandler handler;
    auto server = Server::start({}, handler).value();
    const std::uint16_t port = server.port();
    const Client client(port);
    EXPECT_TRUE(client.connected());
    server = Server::start({}, handler).value();
    EXPECT_NE(server.port(), 0);
}

} // namespace
} // namespace pep::http
