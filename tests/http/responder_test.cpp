// Answers from anywhere, at any time, exactly once; and clients that do not wait for them.
#include "base/base64.hpp"
#include "http/responder.hpp"
#include "http/shelf.hpp"
#include "http/sockets.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace pep::http {
namespace {

using namespace test;

TEST(Responder, KeepsTheHandlersDataAsLongAsTheConnection) {
    std::weak_ptr<int> seen;
    std::mutex mutex;
    RunningServer server({}, [&](Request request, Responder responder) {
        if (!request.connection->data) {
            auto counter = std::make_shared<int>(0);
            const std::lock_guard lock(mutex);
            seen = counter;
            request.connection->data = counter;
        }
        const int count = ++*std::static_pointer_cast<int>(request.connection->data);
        responder.send(text(std::to_string(count)));
    });
    Client client(server.port());
    EXPECT_EQ(body_of(client.ask(post(server.port(), "/later", ""))), "1");
    EXPECT_EQ(body_of(client.ask(post(server.port(), "/later", ""))), "2");
    client.close();
    EXPECT_TRUE(eventually([&] {
        const std::lock_guard lock(mutex);
        return seen.expired();
    }));
}

TEST(Responder, SendsWhatFollowsTheBodyInOrderAndThenTheNextAnswer) {
    const std::string bytes(3'000'000, 'x');
    RunningServer server({}, [&](Request request, Responder responder) {
        Response response = text("begin ");
        if (request.body == "big") {
            response.rest.append_base64(bytes);
            response.rest.append(" end");
        }
        responder.send(std::move(response));
    });
    Client client(server.port());
    // Both at once: the second must not overtake the rest of the first.
    client.send(post(server.port(), "/later", "big") + post(server.port(), "/later", "small"));
    std::this_thread::sleep_for(50ms); // more than the socket takes has to wait
    EXPECT_EQ(body_of(client.receive()), "begin " + base64_encode(bytes) + " end");
    EXPECT_EQ(body_of(client.receive()), "begin ");
}

TEST(Responder, FreesTheRestWhenTheClientLeaves) {
    auto owner = std::make_shared<std::string>(30'000'000, 'x');
    const std::weak_ptr<std::string> seen = owner;
    RunningServer server({}, [&](Request, Responder responder) {
        Response response = text("");
        response.rest.append_base64(*owner);
        response.rest.keep(std::move(owner));
        responder.send(std::move(response));
    });
    Client client(server.port());
    client.send(post(server.port(), "/later", ""));
    EXPECT_NE(client.receive_bytes(1000), "");
    EXPECT_FALSE(seen.expired());
    client.reset();
    EXPECT_TRUE(eventually([&] { return seen.expired(); }));
}

TEST(Responder, Answers500ForADroppedRequest) {
    RunningServer server({}, [](Request, Responder) {});
    Client client(server.port());
    const std::string answer = client.ask(post(server.port(), "/later", ""));
    EXPECT_EQ(status_of(answer), 500);
    EXPECT_EQ(body_of(answer), "internal: see the server's log; a repetition may help\n");
}

TEST(Responder, Answers500WhenTheHandlerThrowsAndWhenAWorkerDropsARequest) {
    RunningServer throwing({}, [](Request, Responder) { throw std::runtime_error("no"); });
    Client client(throwing.port());
    EXPECT_EQ(status_of(client.ask(post(throwing.port(), "/later", ""))), 500);

    Shelf shelf;
    RunningServer dropping({}, shelf.put());
    Client other(dropping.port());
    other.send(post(dropping.port(), "/later", ""));
    { const auto dropped = shelf.take(); }
    EXPECT_EQ(status_of(other.receive()), 500);
}

TEST(Responder, AnswersOnlyOnce) {
    RunningServer server({}, [](Request, Responder responder) {
        responder.send(text("first"));
        EXPECT_TRUE(responder.spent());
        responder.send(text("second"));
    });
    Client client(server.port());
    EXPECT_EQ(body_of(client.ask(post(server.port(), "/later", ""))), "first");
    EXPECT_EQ(body_of(client.ask(post(server.port(), "/echo", "next"))), "next");
}

TEST(Responder, TellsOtherThreadsThatTheClientLeftEvenIfTheyAskLate) {
    for (const bool late : {false, true}) {
        std::atomic<bool> gone = false;
        Shelf shelf;
        RunningServer server({}, shelf.put());
        Client client(server.port());
        client.send(post(server.port(), "/later", ""));
        auto [request, responder] = shelf.take();
        if (late) {
            client.close();
            EXPECT_TRUE(eventually([&] { return responder.client_gone(); }));
        }
        responder.when_gone([&gone] { gone = true; });
        if (!late) {
            EXPECT_FALSE(gone);
            client.close();
        }
        EXPECT_TRUE(eventually([&] { return gone.load(); }));
    }
}

TEST(Responder, NoticesAClientThatLeavesDuringACall) {
    for (const bool hard : {false, true}) {
        std::atomic<bool> gone = false;
        Shelf shelf;
        RunningServer server({}, [&](Request request, Responder responder) {
            responder.when_gone([&gone] { gone = true; });
            shelf.put()(std::move(request), std::move(responder));
        });
        Client client(server.port());
        client.send(post(server.port(), "/later", ""));
        auto [request, responder] = shelf.take();
        EXPECT_FALSE(responder.client_gone());
        hard ? client.reset() : client.close();
        EXPECT_TRUE(eventually([&] { return gone.load(); }));
        EXPECT_TRUE(responder.client_gone());
        responder.send(text("for nobody"));
        Client next(server.port());
        EXPECT_EQ(body_of(next.ask(post(server.port(), "/echo", "alive"))), "alive");
    }
}

TEST(Responder, NoticesAClientThatLeavesWithMoreInThePipelineThanIsRead) {
    Shelf shelf;
    RunningServer server({.pipelined_bytes = 1}, shelf.put());
    Client client(server.port());
    client.send(post(server.port(), "/later", "") + std::string(100'000, 'x'));
    auto [request, responder] = shelf.take();
    client.reset();
    EXPECT_TRUE(eventually([&, &waiting = responder] { return waiting.client_gone(); }));
}

TEST(Responder, SurvivesItsOwnResponders) {
    Shelf shelf;
    std::optional<std::pair<Request, Responder>> late;
    {
        RunningServer server({.stop_time = 50ms}, shelf.put());
        Client client(server.port());
        client.send(post(server.port(), "/later", ""));
        late.emplace(shelf.take());
    }
    late->second.send(text("too late"));
    EXPECT_TRUE(late->second.spent());
}

TEST(Responder, StreamsPiecesUntilTheEnd) {
    Shelf shelf;
    RunningServer server({}, shelf.put());
    Client client(server.port());
    client.send(post(server.port(), "/later", ""));
    auto [request, responder] = shelf.take();
    const Stream stream = responder.stream({.content_type = "text/event-stream", .body = "one;"});
    EXPECT_TRUE(stream.write("two;"));
    stream.end();
    const std::string all = client.receive_all();
    EXPECT_NE(all.find("Content-Type: text/event-stream\r\n"), std::string::npos);
    EXPECT_EQ(body_of(all), "one;two;");
}

TEST(Responder, CutsOffAStreamNobodyReads) {
    Shelf shelf;
    RunningServer server({}, shelf.put());
    Client client(server.port());
    client.send(post(server.port(), "/later", ""));
    auto [request, responder] = shelf.take();
    const Stream stream = responder.stream({});
    bool open = true;
    for (int i = 0; i < 2000 && open; ++i) { // far more than the socket's buffers take
        open = stream.write(std::string(64 * 1024, 'x'));
        std::this_thread::sleep_for(100us);
    }
    EXPECT_TRUE(eventually([&] { return stream.client_gone(); }));
}

} // namespace
} // namespace pep::http
