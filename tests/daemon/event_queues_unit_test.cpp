// Event queues: waiting polls, their ends, bounds. Time is the test's own.
#include "daemon/event_queues.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <thread>

namespace pep::daemon {
namespace {

using namespace std::chrono_literals;
using Clock = EventQueues::Clock;

struct Queues : testing::Test {
    struct Timer {
        Clock::time_point when;
        Task task;
    };

    Clock::time_point now{1h};
    std::vector<Timer> timers;
    EventRing ring{{4, std::size_t{1} << 20U}};
    EventQueues queues{
        ring,
        {3, 30min, 1h},
        [this](auto delay, Task task) {
            timers.push_back({now + delay, std::move(task)});
        },
        [this] { return now; }};

    /// What a poll was answered: "" while it waits.
    using Answer = std::shared_ptr<std::string>;

    static Answer start(const rpc::Deferred& poll) {
        auto answer = std::make_shared<std::string>();
        poll.start([answer](Expected<json> events) {
            EXPECT_EQ(*answer, "") << "answered twice";
            *answer = events ? brief(*events) : "error " + std::to_string(events.error().code);
        });
        return answer;
    }

    Answer poll(const std::string& queue, std::chrono::seconds at_most = 10s) {
        return start(queues.poll(queue, at_most));
    }

    /// "[2 gap1-1]" instead of whole events.
    static std::string brief(const json& events) {
        std::string text = "[";
        for (const auto& event : events) {
            text += text.size() > 1 ? " " : "";
            if (event.contains("queue_close"))
                text += "close";
            else if (event["method"] == "gap")
                text += "gap" + event["params"].dump();
            else
                text += event["request_nr"].dump();
        }
        return text + "]";
    }

    void push() { EXPECT_TRUE(queues.announce("event", json::array())); }

    void pass(std::chrono::milliseconds time) {
        now += time;
        for (std::size_t i = 0; i < timers.size(); ++i)
            if (timers[i].when <= now) {
                auto due = std::move(timers[i]);
                timers.erase(timers.begin() + static_cast<std::ptrdiff_t>(i));
                due.task();
                i = static_cast<std::size_t>(-1); // others may have become due
            }
    }
};

TEST_F(Queues, HaveFreshNamesOfThirteenCharacters) {
    const auto one = *queues.create_queue();
    const auto two = *queues.create_queue();
    for (const auto& name : {one, two}) {
        ASSERT_EQ(name.size(), 13U);
        EXPECT_EQ(name[6], '_');
        EXPECT_EQ(
            std::ranges::count_if(name, [](unsigned char c) { return std::isalnum(c) != 0; }), 12
        );
    }
    EXPECT_NE(one, two);
}

TEST_F(Queues, GetWhatComesAfterTheirCreation) {
    push();
    const auto created = *queues.create_queue();
    push();
    EXPECT_EQ(*poll("first polled now", 0s), "[]");
    EXPECT_EQ(*poll(created, 0s), "[2]");
    push();
    push();
    EXPECT_EQ(*poll("first polled now", 0s), "[3 4]");
    EXPECT_EQ(*poll(created), "[3 4]"); // does not wait
}

TEST_F(Queues, AWaitingPollGetsTheFirstEventAlone) {
    const auto waiting = poll("q");
    EXPECT_EQ(*waiting, "");
    push();
    EXPECT_EQ(*waiting, "[1]");
    push();
    EXPECT_EQ(*poll("q", 0s), "[2]");
}

TEST_F(Queues, SeveralPollsShareAQueueInTurn) {
    const auto one = poll("q");
    const auto two = poll("q");
    const auto other = poll("another");
    push();
    EXPECT_EQ(*one, "[1]");
    EXPECT_EQ(*two, "");
    EXPECT_EQ(*other, "[1]");
    push();
    EXPECT_EQ(*two, "[2]");
}

TEST_F(Queues, APollEndsInTimeWithNothing) {
    const auto ten = poll("q", 10s);
    const auto two = poll("q", 2s);
    const auto long_one = poll("q", 7200s);
    pass(1999ms);
    EXPECT_EQ(*two, "");
    pass(1ms);
    EXPECT_EQ(*two, "[]");
    EXPECT_EQ(*ten, "");
    pass(8s);
    EXPECT_EQ(*ten, "[]");
    pass(1h - 10s - 1ms);
    EXPECT_EQ(*long_one, "");
    pass(1ms);
    EXPECT_EQ(*long_one, "[]"); // an hour is the longest wait
}

TEST_F(Queues, NeedFewTimersForManyPolls) {
    const auto patient = poll("patient", 3600s);
    for (int i = 0; i < 100; ++i) {
        const auto hasty = poll("hasty", 1s);
        pass(1s);
        EXPECT_EQ(*hasty, "[]");
    }
    for (int i = 0; i < 100; ++i) {
        (void)poll("busy", 30s);
        push();
    }
    EXPECT_LE(timers.size(), 3U);
}

TEST_F(Queues, ClosingAnswersWhoWaitsAndForgetsTheRest) {
    const auto one = poll("q");
    const auto two = poll("q");
    queues.close_queue("q");
    EXPECT_EQ(*one, "[close]");
    EXPECT_EQ(*two, "[close]");
    queues.close_queue("q");
    queues.close_queue("never there");
    push();
    EXPECT_EQ(*poll("q", 0s), "[]"); // begins anew
}

TEST_F(Queues, StoppingAnswersAllAndNobodyWaitsAnyMore) {
    const auto one = poll("q");
    const auto two = poll("r");
    queues.stop();
    EXPECT_EQ(*one, "[]");
    EXPECT_EQ(*two, "[]");
    EXPECT_EQ(*poll("q"), "[]");
}

TEST_F(Queues, AnAbandonedPollTakesNoEvent) {
    const auto poll_left = queues.poll("q", 10s);
    const auto left = start(poll_left);
    const auto stays = poll("q");
    poll_left.abandon();
    EXPECT_EQ(queues.counts().waiting, 1U);
    push();
    EXPECT_EQ(*left, "");
    EXPECT_EQ(*stays, "[1]");
    const auto too_early = queues.poll("q", 10s);
    too_early.abandon();
    const auto never = start(too_early);
    push();
    EXPECT_EQ(*never, "");
    EXPECT_EQ(*poll("q", 0s), "[2]");
    poll_left.abandon(); // once more does no harm
}

TEST_F(Queues, TellAGapBeforeTheEvents) {
    (void)poll("q", 0s);
    for (int i = 0; i < 6; ++i)
        push();
    EXPECT_EQ(*poll("q", 0s), "[gap[1,2] 3 4 5 6]");
}

TEST_F(Queues, AreBoundedAndTheIdleOnesGo) {
    (void)poll("a", 0s);
    const auto waiting = poll("b", 3600s);
    (void)poll("c", 0s);
    EXPECT_EQ(*poll("d", 0s), "error -32004");
    EXPECT_EQ(queues.create_queue().error().code, -32004);
    pass(59s);
    (void)poll("c", 0s);
    pass(2s);
    EXPECT_EQ(*poll("d", 0s), "[]"); // took the place of "a", nobody has polled it for a minute
    EXPECT_EQ(queues.counts().queues, 3U);
    pass(31min);
    EXPECT_EQ(queues.counts().queues, 1U) << "b is waited for; nobody misses the others";
    EXPECT_EQ(*poll("e", 0s), "[]");
    EXPECT_EQ(queues.counts().queues, 2U); // "b" is waited for
    push();
    EXPECT_EQ(*waiting, "[1]");
}

TEST_F(Queues, AnswerACallInABatchAtOnce) {
    const auto poll = queues.poll("q", 10s);
    EXPECT_EQ(brief(*poll.now()), "[]");
    push();
    EXPECT_EQ(brief(*poll.now()), "[1]");
}

TEST(QueuesOnThreads, LoseNothingBetweenPollsThatComeAndGo) {
    EventRing ring{{2000, std::size_t{16} << 20U}};
    EventQueues queues{ring, {10, 30min, 1h}, [](auto, Task) {}};
    const auto name = *queues.create_queue();
    std::atomic<int> got{0};
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t)
        threads.emplace_back([&] {
            while (!done) {
                const auto answered = std::make_shared<std::atomic<bool>>(false);
                const auto poll = queues.poll(name, 10s);
                poll.start([&got, answered](Expected<json> events) {
                    got += static_cast<int>(events->size());
                    *answered = true;
                });
                for (int patience = 0; patience < 100 && !*answered; ++patience)
                    std::this_thread::yield();
                poll.abandon(); // answered or not, or just now
            }
        });
    for (int i = 0; i < 1000; ++i)
        (void)queues.announce("event", json::array());
    while (got < 1000)
        std::this_thread::yield();
    done = true;
    for (auto& thread : threads)
        thread.join();
    queues.stop();
    EXPECT_EQ(got, 1000);
}

} // namespace
} // namespace pep::daemon
