// Listeners: order, repetition, ends, bounds. Time, timers and the network are the test's own.
#include "daemon/event_listeners.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace pep::daemon {
namespace {

using namespace std::chrono_literals;

struct Listeners : testing::Test {
    struct Timer {
        std::chrono::milliseconds delay;
        Task task;
    };

    struct Sent {
        http::Post post;
        std::function<void(const http::Delivery&)> done;
    };

    EventListeners::Clock::time_point now{1h};
    std::deque<Timer> timers;
    std::deque<Sent> sent;
    EventRing ring{{4, std::size_t{1} << 20U}};
    EventListeners listeners{
        ring,
        2,
        {[this](auto delay, Task task) {
             timers.push_back({delay, std::move(task)});
         },
         [this](http::Post post, auto done) {
             sent.push_back({std::move(post), std::move(done)});
         },
         [this] { return now; }},
        {}};

    void announce(int number) {
        ring.push("messageToSend", json::array({number}));
        run_timers();
    }

    /// -> what they were set to
    std::string run_timers() {
        std::string delays;
        for (auto due = std::move(timers); auto& timer : due) {
            delays += std::to_string(timer.delay.count()) + " ";
            now += timer.delay;
            timer.task();
        }
        return delays;
    }

    json body() const { return json::parse(sent.front().post.body); }

    void reply(int status) {
        const auto oldest = std::move(sent.front());
        sent.pop_front();
        oldest.done({status, status == 0 ? "no_connection" : ""});
    }
};

TEST_F(Listeners, GetEachEventInOrderAsARequest) {
    ASSERT_TRUE(listeners.add("127.0.0.1", 15900, "secret"));
    announce(1);
    announce(2);
    ASSERT_EQ(sent.size(), 1U) << "one at a time";
    EXPECT_EQ(sent.front().post.address, "127.0.0.1");
    EXPECT_EQ(sent.front().post.port, 15900);
    EXPECT_EQ(
        sent.front().post.body,
        R"({"jsonrpc":"2.0","id":2001,"security_token":"secret","method":"messageToSend","params":[1]})"
    );
    reply(200);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(body()["id"], 2002);
    EXPECT_EQ(body()["params"].dump(), "[2]");
    reply(200);
    EXPECT_TRUE(sent.empty());
}

TEST_F(Listeners, SeeNothingOfBefore) {
    announce(1);
    ASSERT_TRUE(listeners.add("localhost", 15900, "secret"));
    announce(2);
    EXPECT_EQ(body()["params"].dump(), "[2]");
    EXPECT_EQ(sent.front().post.address, "127.0.0.1");
}

TEST_F(Listeners, AreAskedAgainUntilTheyAnswer) {
    ASSERT_TRUE(listeners.add("127.0.0.1", 15900, "secret"));
    announce(1);
    reply(0);
    EXPECT_EQ(run_timers(), "500 ");
    EXPECT_EQ(body()["params"].dump(), "[1]") << "the same event";
    reply(0);
    EXPECT_EQ(run_timers(), "1000 ");
    reply(200);
    EXPECT_TRUE(sent.empty());
    announce(2);
    reply(0);
    EXPECT_EQ(run_timers(), "500 ") << "patience begins anew";
}

TEST_F(Listeners, AreNotAskedAgainWhenTheyRefuse) {
    ASSERT_TRUE(listeners.add("127.0.0.1", 15900, "secret"));
    announce(1);
    announce(2);
    reply(501);
    EXPECT_EQ(body()["params"].dump(), "[2]");
}

TEST_F(Listeners, LoseOnlyWhatLeftTheRing) {
    ASSERT_TRUE(listeners.add("127.0.0.1", 15900, "secret"));
    for (int i = 1; i <= 6; ++i)
        announce(i);
    reply(0); // of event 1, which the ring dropped meanwhile
    run_timers();
    EXPECT_EQ(body()["params"].dump(), "[3]");
}

TEST_F(Listeners, AreForgottenWhenNobodyIsThereForTenMinutes) {
    ASSERT_TRUE(listeners.add("127.0.0.1", 15900, "secret"));
    announce(1);
    int attempts = 0;
    while (!sent.empty()) {
        ASSERT_LT(++attempts, 100);
        reply(0);
        run_timers();
    }
    EXPECT_EQ(listeners.count(), 0U);
    EXPECT_GE(now - EventListeners::Clock::time_point{1h}, 10min);
    EXPECT_LT(now - EventListeners::Clock::time_point{1h}, 11min);
}

TEST_F(Listeners, KeepTheirPlaceAgainstOthersAsLongAsTheyAnswer) {
    ASSERT_TRUE(listeners.add("127.0.0.1", 15900, "mine"));
    EXPECT_TRUE(listeners.add("127.0.0.1", 15900, "mine")) << "again is fine";
    EXPECT_FALSE(listeners.add("127.0.0.1", 15900, "theirs"));
    EXPECT_FALSE(listeners.remove("127.0.0.1", 15900, "theirs"));
    EXPECT_EQ(listeners.count(), 1U);
    announce(1);
    reply(0);
    EXPECT_TRUE(listeners.add("127.0.0.1", 15900, "theirs")) << "the first one is gone";
    run_timers();
    EXPECT_TRUE(sent.empty()) << "its attempts ended with it";
    announce(2);
    EXPECT_EQ(body()["security_token"], "theirs");
    EXPECT_TRUE(listeners.remove("127.0.0.1", 15900, "theirs"));
    EXPECT_EQ(listeners.count(), 0U);
    reply(200);
    announce(3);
    EXPECT_TRUE(sent.empty());
}

TEST_F(Listeners, AreOnThisMachineAndBounded) {
    EXPECT_FALSE(listeners.add("192.0.2.1", 80, "x"));
    EXPECT_FALSE(listeners.add("example.org", 80, "x"));
    EXPECT_FALSE(listeners.add("0.0.0.0", 80, "x"));
    EXPECT_FALSE(listeners.add("127.0.0.1", 0, "x"));
    EXPECT_FALSE(listeners.add("127.0.0.1", 65536 + 80, "x"));
    EXPECT_FALSE(listeners.add("127.0.0.1", 80, std::string(257, 'x')));
    EXPECT_FALSE(listeners.add(std::string{"127.0.0.1\0\r\nX: y", 15}, 80, "x"));
    EXPECT_EQ(listeners.count(), 0U);
    EXPECT_TRUE(listeners.add("0:0:0:0:0:0:0:1", 1, std::string(256, 'x')));
    EXPECT_FALSE(listeners.add("::1", 1, "another client"));
    EXPECT_TRUE(listeners.add("::1", 1, std::string(256, 'x')));
    EXPECT_TRUE(listeners.add("127.0.0.1", 2, ""));
    EXPECT_FALSE(listeners.add("127.0.0.1", 3, "x"));
    listeners.stop();
    EXPECT_EQ(listeners.count(), 0U);
}

} // namespace
} // namespace pep::daemon
