// The work queue: it refuses when full, runs or drops what waits, and survives what tasks do.
#include "base/work_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <stdexcept>
#include <thread>

namespace pep {
namespace {

using namespace std::chrono_literals;

// Holds a worker until the test opens it.
struct Door {
    std::promise<void> opened;
    std::shared_future<void> open{opened.get_future()};
    std::promise<void> entered;

    Task task() {
        return [this] {
            entered.set_value();
            open.wait();
        };
    }
};

TEST(WorkQueue, RunsTasksOnOtherThreads) {
    auto queue = WorkQueue::start({}).value();
    std::promise<std::thread::id> ran;
    ASSERT_TRUE(queue->try_push([&] { ran.set_value(std::this_thread::get_id()); }));
    EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
}

TEST(WorkQueue, RefusesWhenFullAndLeavesTheTaskAlone) {
    auto queue = WorkQueue::start({.threads = 1, .max_queued = 1}).value();
    Door door;
    ASSERT_TRUE(queue->try_push(door.task()));
    door.entered.get_future().wait();
    ASSERT_TRUE(queue->try_push([] {}));
    int ran = 0;
    Task third = [&] { ++ran; };
    EXPECT_FALSE(queue->try_push(std::move(third)));
    EXPECT_TRUE(third); // NOLINT(bugprone-use-after-move): that is the promise
    EXPECT_EQ(queue->queued(), 1U);
    EXPECT_EQ(queue->running(), 1U);
    door.opened.set_value();
    EXPECT_TRUE(queue->wait_idle(5s));
    EXPECT_EQ(ran, 0);
}

TEST(WorkQueue, KeepsAWorkerForWhatIsQuick) {
    auto queue = WorkQueue::start({.threads = 2}).value();
    Door door;
    ASSERT_TRUE(queue->try_push(door.task(), {.client = "a", .is_slow = true}));
    door.entered.get_future().wait();
    std::promise<void> second_slow;
    std::promise<void> quick;
    ASSERT_TRUE(queue->try_push([&] { second_slow.set_value(); }, {"b", true}));
    ASSERT_TRUE(queue->try_push([&] { quick.set_value(); }, {"c", false}));
    quick.get_future().wait(); // hangs if the slow ones took both workers
    auto second = second_slow.get_future();
    EXPECT_EQ(second.wait_for(0s), std::future_status::timeout);
    door.opened.set_value();
    second.wait();
    EXPECT_TRUE(queue->wait_idle(5s));
}

TEST(WorkQueue, RunsSlowTasksOnItsOnlyWorker) {
    auto queue = WorkQueue::start({.threads = 1}).value();
    std::promise<void> ran;
    ASSERT_TRUE(queue->try_push([&] { ran.set_value(); }, {"a", true}));
    ran.get_future().wait();
}

TEST(WorkQueue, ServesANewClientBeforeTheRestOfAStorm) {
    auto queue = WorkQueue::start({.threads = 1}).value();
    Door door;
    ASSERT_TRUE(queue->try_push(door.task(), {.client = "storm"}));
    door.entered.get_future().wait();
    std::string order;
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(queue->try_push([&] { order += 's'; }, {.client = "storm"}));
    }
    ASSERT_TRUE(queue->try_push([&] { order += 'n'; }, {.client = "new"}));
    std::this_thread::sleep_for(1ms); // so that what the storm had is more than nothing
    door.opened.set_value();
    EXPECT_TRUE(queue->wait_idle(5s));
    EXPECT_EQ(order.substr(0, 1), "n") << order;
}

TEST(WorkQueue, StopRunsWhatWaits) {
    auto queue = WorkQueue::start({.threads = 1}).value();
    std::atomic<int> ran = 0;
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(queue->try_push([&] { ++ran; }));
    }
    queue->stop();
    EXPECT_EQ(ran, 100);
    EXPECT_FALSE(queue->try_push([] {}));
    queue->stop(); // a second time does nothing
}

TEST(WorkQueue, StopDropsWhatWaitsIfAsked) {
    auto queue = WorkQueue::start({.threads = 1}).value();
    Door door;
    std::atomic<int> ran = 0;
    auto held = std::make_shared<int>(0);
    ASSERT_TRUE(queue->try_push(door.task()));
    door.entered.get_future().wait();
    ASSERT_TRUE(queue->try_push([&ran, held] { ++ran; }));
    std::thread opener([&] {
        while (held.use_count() > 1
        ) { // the waiting task is destroyed while the running one goes on
            std::this_thread::yield();
        }
        door.opened.set_value();
    });
    queue->stop(WorkQueue::Waiting::drop);
    opener.join();
    EXPECT_EQ(ran, 0);
}

TEST(WorkQueue, RunsItsHooksOnEachWorker) {
    std::atomic<int> started = 0;
    std::atomic<int> ended = 0;
    auto queue = WorkQueue::start({
                                      .threads = 3,
                                      .on_thread_start = [&] { ++started; },
                                      .on_thread_end = [&] { ++ended; },
                                  })
                     .value();
    queue->stop();
    EXPECT_EQ(started, 3);
    EXPECT_EQ(ended, 3);
}

TEST(WorkQueue, GivesOneTaskAfterAnotherToOneWorker) {
    auto queue = WorkQueue::start({.threads = 2}).value();
    Door first;
    Door second;
    ASSERT_TRUE(queue->try_push(first.task()));
    ASSERT_TRUE(queue->try_push(second.task()));
    first.entered.get_future().wait();
    second.entered.get_future().wait();
    first.opened.set_value();
    second.opened.set_value();
    ASSERT_TRUE(queue->wait_idle(10s)); // both sleep now
    std::set<std::thread::id> workers;
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(queue->try_push([&] { workers.insert(std::this_thread::get_id()); }));
        ASSERT_TRUE(queue->wait_idle(10s));
    }
    EXPECT_EQ(workers.size(), 1U);
}

TEST(WorkQueue, SurvivesATaskThatThrows) {
    std::atomic<int> threw = 0;
    auto queue = WorkQueue::start({.threads = 1, .on_task_threw = [&] { ++threw; }}).value();
    ASSERT_TRUE(queue->try_push([] { throw std::runtime_error("no"); }));
    std::promise<void> ran;
    ASSERT_TRUE(queue->try_push([&] { ran.set_value(); }));
    ran.get_future().get();
    EXPECT_EQ(threw, 1);
}

TEST(WorkQueue, GivesWorkersTheStackTheyNeed) {
    auto queue = WorkQueue::start({.threads = 1, .stack_bytes = std::size_t{8} << 20U}).value();
    std::promise<int> ran;
    ASSERT_TRUE(queue->try_push([&] {
        volatile char large[std::size_t{5} << 20U]; // NOLINT: the point is its size
        large[0] = 1;
        large[sizeof large - 1] = 2;
        ran.set_value(large[0] + large[sizeof large - 1]);
    }));
    EXPECT_EQ(ran.get_future().get(), 3);
}

// With one worker that stays awake, and the others asleep, each of many tasks pushed one by one or
// at once must find somebody.
TEST(WorkQueue, DoesNotLoseWorkToAWorkerThatStaysAwake) {
    for (const auto linger : {0us, 1us, 50us, 1000us}) {
        auto queue = WorkQueue::start({.threads = 3, .linger = linger}).value();
        std::atomic<int> ran = 0;
        for (int i = 0; i < 500; ++i) {
            const int burst = 1 + i % 3;
            for (int k = 0; k < burst; ++k) {
                ASSERT_TRUE(queue->try_push([&] { ++ran; }));
            }
            ASSERT_TRUE(queue->wait_idle(10s)) << linger.count() << " us, round " << i;
        }
        EXPECT_EQ(ran, 999);
    }
}

TEST(WorkQueue, StopsAWorkerThatStaysAwake) {
    auto queue = WorkQueue::start({.threads = 1, .linger = 1h}).value();
    std::promise<void> ran;
    ASSERT_TRUE(queue->try_push([&] { ran.set_value(); }));
    ran.get_future().get();
    ASSERT_TRUE(queue->wait_idle(10s));
    auto stopped = std::async(std::launch::async, [&] { queue->stop(WorkQueue::Waiting::drop); });
    EXPECT_EQ(stopped.wait_for(60s), std::future_status::ready);
}

TEST(WorkQueue, GivesTheNextTaskToTheWorkerThatStaysAwake) {
    auto queue = WorkQueue::start({.threads = 2, .linger = 1h}).value();
    Door first, second; // both have begun to work when both are entered
    for (Door* door : {&first, &second}) {
        ASSERT_TRUE(queue->try_push(door->task()));
        door->entered.get_future().get();
    }
    first.opened.set_value();
    second.opened.set_value();
    ASSERT_TRUE(queue->wait_idle(10s));
    std::set<std::thread::id> workers;
    for (int i = 0; i < 20; ++i) {
        std::promise<std::thread::id> ran;
        ASSERT_TRUE(queue->try_push([&] { ran.set_value(std::this_thread::get_id()); }));
        workers.insert(ran.get_future().get());
        ASSERT_TRUE(queue->wait_idle(10s));
    }
    EXPECT_EQ(workers.size(), 1U);
}

TEST(WorkQueue, DoesNotLoseWorkWhileSomebodyWaitsForIdleness) {
    auto queue = WorkQueue::start({.threads = 2}).value();
    std::atomic<int> ran = 0;
    std::thread waiter([&] {
        for (int i = 0; i < 200; ++i) {
            (void)queue->wait_idle(1ms);
        }
    });
    for (int i = 0; i < 2000; ++i) {
        while (!queue->try_push([&] { ++ran; })) {
            std::this_thread::yield();
        }
    }
    EXPECT_TRUE(queue->wait_idle(10s));
    EXPECT_EQ(ran, 2000);
    waiter.join();
}

} // namespace
} // namespace pep
