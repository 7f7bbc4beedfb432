// What a client cannot make the server do: wait for ever, hold too much, crowd others out.
#include "http/server.hpp"
#include "http/sockets.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <mutex>
#include <vector>

namespace pep::http {
namespace {

using namespace test;
using Clock = std::chrono::steady_clock;

TEST(Deadline, OfHeadersIsAbsoluteHoweverTheyDrip) {
    RunningServer server({.header_time = 150ms});
    Client client(server.port());
    const auto begin = Clock::now();
    bool open = client.send("GET /page HTTP/1.1\r\nX: ");
    while (open && Clock::now() - begin < 600ms) {
        open = client.send("x");
        std::this_thread::sleep_for(10ms);
        if (server->stats().refused > 0) {
            break;
        }
    }
    EXPECT_LT(Clock::now() - begin, 600ms);
    EXPECT_EQ(status_of(client.receive()), 408);
    EXPECT_TRUE(client.at_end());
}

TEST(Deadline, OfTheBodyIsAbsolute) {
    RunningServer server({.body_time = 100ms});
    Client client(server.port());
    const std::string request = post(server.port(), "/echo", "body");
    client.send(request.substr(0, request.size() - 1));
    EXPECT_EQ(status_of(client.receive()), 408);
    EXPECT_TRUE(client.at_end());
}

TEST(Deadline, OfTheBodyGrowsWithItsLength) {
    RunningServer server({.body_time = 0ms, .body_time_per_64k = 400ms});
    Client client(server.port());
    const std::string request = post(server.port(), "/echo", std::string(65'536, 'x'));
    client.send(request.substr(0, request.size() - 1));
    std::this_thread::sleep_for(100ms);
    client.send("x");
    EXPECT_EQ(status_of(client.receive()), 200);
}

TEST(Deadline, OfIdlenessMeetsOnlyWhoProvedNothing) {
    RunningServer server({.idle_time = 100ms});
    Client stranger(server.port());
    Client known(server.port());
    known.ask(get(server.port(), "/private", "Authorization: Bearer right\r\n"));
    EXPECT_TRUE(stranger.at_end()); // without a word
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(status_of(known.ask(get(server.port(), "/page"))), 200);
}

TEST(Deadline, OfIdlenessStartsAnewWithEachRequest) {
    RunningServer server({.idle_time = 200ms});
    Client client(server.port());
    for (int i = 0; i < 5; ++i) {
        std::this_thread::sleep_for(80ms);
        ASSERT_EQ(status_of(client.ask(get(server.port(), "/page"))), 200);
    }
}

TEST(Deadline, MeetsWhoDoesNotReadTheAnswer) {
    RunningServer server({.body_time_per_64k = 0ms, .reply_time = 100ms});
    Client client(server.port());
    client.send(post(
        server.port(),
        "/echo",
        std::string(std::size_t{20} << 20U, 'x'),
        "Authorization: Bearer right\r\n"
    ));
    EXPECT_TRUE(eventually([&] {
        return server->stats().requests == 1 && server->stats().open == 0;
    }));
}

TEST(Limits, KeepTheOldestIdleStrangersFromCrowdingOutOthers) {
    RunningServer server({.connections = 3});
    Client known(server.port());
    known.ask(get(server.port(), "/private", "Authorization: Bearer right\r\n"));
    Client oldest(server.port());
    oldest.ask(get(server.port(), "/page"));
    std::this_thread::sleep_for(5ms);
    Client newer(server.port());
    newer.ask(get(server.port(), "/page"));
    Client fourth(server.port());
    EXPECT_EQ(status_of(fourth.ask(get(server.port(), "/page"))), 200);
    EXPECT_TRUE(oldest.at_end());
    EXPECT_EQ(status_of(newer.ask(get(server.port(), "/page"))), 200);
    EXPECT_EQ(status_of(known.ask(get(server.port(), "/page"))), 200);
    EXPECT_EQ(server->stats().open, 3U);
}

TEST(Limits, LetWhoDripsGoFirstAfterTheIdle) {
    RunningServer server({.connections = 3});
    Client known(server.port());
    known.ask(get(server.port(), "/private", "Authorization: Bearer right\r\n"));
    Client dripping(server.port());
    dripping.send("GET /page HT");
    Client sending(server.port());
    sending.send(
        "POST /echo HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
        "\r\nAuthorization: Bearer right\r\nContent-Length: 4\r\n\r\nab"
    );
    ASSERT_TRUE(eventually([&] { return server->stats().open == 3; }));
    std::this_thread::sleep_for(20ms); // until what they sent was read
    Client fourth(server.port());
    EXPECT_EQ(status_of(fourth.ask(get(server.port(), "/page"))), 200);
    EXPECT_TRUE(dripping.at_end());
    EXPECT_EQ(status_of(sending.ask("cd")), 200); // its token is right
}

TEST(Limits, RefuseAConnectionWhenAllOthersAreKnown) {
    RunningServer server({.connections = 1});
    Client known(server.port());
    known.ask(get(server.port(), "/private", "Authorization: Bearer right\r\n"));
    std::vector<std::unique_ptr<Client>> others;
    for (int i = 0; i < 20; ++i) {
        others.push_back(std::make_unique<Client>(server.port()));
    }
    std::size_t told = 0;
    for (const auto& other : others) {
        const std::string refusal = other->receive();
        told += refusal.find("Retry-After: 1\r\n") != std::string::npos ? 1 : 0;
        EXPECT_TRUE(refusal.empty() || status_of(refusal) == 503) << refusal;
        EXPECT_TRUE(other->at_end());
    }
    EXPECT_GE(told, 8U); // of the rest, those that came while these were told
    EXPECT_EQ(status_of(known.ask(get(server.port(), "/page"))), 200);
}

TEST(Limits, HoldForChunkedBodies) {
    RunningServer server({.body_without_token = 1000});
    Client client(server.port());
    client.send(
        "POST /echo HTTP/1.1\r\nHost: localhost:" + std::to_string(server.port()) +
        "\r\nTransfer-Encoding: chunked\r\n\r\n200\r\n" + std::string(0x200, 'x') + "\r\n200\r\n"
    );
    EXPECT_EQ(status_of(client.receive()), 413);
    EXPECT_TRUE(client.at_end());
}

TEST(Limits, HoldForTheHeaderBlock) {
    RunningServer server({.header_bytes = 1000});
    Client client(server.port());
    client.send("GET /page HTTP/1.1\r\nX: " + std::string(1000, 'x'));
    EXPECT_EQ(status_of(client.receive()), 431);
    EXPECT_TRUE(client.at_end());
}

TEST(Limits, ShareOneBudgetAmongBodiesNobodyVouchedFor) {
    std::mutex mutex;
    std::vector<std::pair<Request, Responder>> held;
    RunningServer server({.unauthorized_bytes = 1500}, [&](Request request, Responder responder) {
        const std::lock_guard lock(mutex);
        held.emplace_back(std::move(request), std::move(responder));
    });
    const std::string body(1000, 'x');
    Client first(server.port());
    first.send(post(server.port(), "/later", body));
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock(mutex);
        return held.size() == 1;
    }));
    Client second(server.port());
    const std::string refused = second.ask(post(server.port(), "/legacy", body));
    EXPECT_EQ(status_of(refused), 503);
    EXPECT_NE(refused.find("Retry-After: 1\r\n"), std::string::npos);
    Client authorized(server.port());
    const std::string header = "Authorization: Bearer right\r\n";
    EXPECT_EQ(status_of(authorized.ask(post(server.port(), "/legacy", body, header))), 200);
    {
        const std::lock_guard lock(mutex);
        held[0].first.budget.reset(); // its token proved right
    }
    Client third(server.port());
    EXPECT_EQ(status_of(third.ask(post(server.port(), "/legacy", body))), 200);
    const std::lock_guard lock(mutex);
    held.clear();
}

TEST(Limits, SurviveTheEndOfDescriptors) {
    RunningServer server;
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    std::vector<std::unique_ptr<Client>> clients;
    clients.push_back(std::make_unique<Client>(server.port()));
    // More than one: a sanitizer looks at each class through a pipe when it first meets it, and so
    // takes the first answer to end without descriptors for a broken object.
    for (int i = 0; i < 3; ++i) {
        const std::string token = "Authorization: Bearer right\r\n";
        EXPECT_EQ(status_of(clients[0]->ask(get(server.port(), "/private", token))), 200);
        EXPECT_EQ(status_of(clients[0]->ask(get(server.port(), "/page"))), 200);
        Client stranger(server.port());
        EXPECT_EQ(status_of(stranger.ask(get(server.port(), "/page"))), 200);
    }
    // Room for a few more descriptors of both ends, which live in this one process.
    const rlimit tight{static_cast<rlim_t>(::dup(0)) + 12, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
    for (int i = 0; i < 30; ++i) {
        auto client = std::make_unique<Client>(server.port());
        if (!client->connected()) {
            break;
        }
        clients.push_back(std::move(client));
    }
    EXPECT_EQ(status_of(clients[0]->ask(get(server.port(), "/page"))), 200);
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    clients.clear();
    EXPECT_TRUE(eventually([&] {
        Client client(server.port());
        return status_of(client.ask(get(server.port(), "/page"))) == 200;
    }));
}

} // namespace
} // namespace pep::http
