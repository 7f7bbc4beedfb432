// The ring of events: numbers, bounds, gaps, readers on several threads.
#include "daemon/event_ring.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace pep::daemon {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

json text(std::size_t size) { return json::array({std::string(size, 'x')}); }

std::string numbers(const EventRing::Read& read) {
    std::string all;
    if (read.gap)
        all = "[" + std::to_string(read.gap->first) + "-" + std::to_string(read.gap->last) + "]";
    for (const auto& event : read.events)
        all += " " + std::to_string(event->number);
    return all;
}

TEST(EventRing, NumbersEventsFromOne) {
    EventRing ring{{10, mib}};
    EXPECT_EQ(ring.push("a", json::array()), 1U);
    EXPECT_EQ(ring.push("b", json::array({7})), 2U);
    EventRing::Cursor cursor = 1;
    const auto read = ring.read(cursor);
    ASSERT_EQ(read.events.size(), 2U);
    EXPECT_EQ(read.events[1]->method, "b");
    EXPECT_EQ(read.events[1]->params.dump(), "[7]");
    EXPECT_FALSE(read.gap);
    EXPECT_EQ(numbers(ring.read(cursor)), "");
}

TEST(EventRing, EachReaderHasItsOwnPlace) {
    EventRing ring{{10, mib}};
    auto early = ring.end();
    ring.push("a", {});
    auto late = ring.end();
    ring.push("b", {});
    EXPECT_EQ(numbers(ring.read(late)), " 2");
    EXPECT_EQ(numbers(ring.read(early)), " 1 2");
    EXPECT_EQ(numbers(ring.read(early)), "");
}

TEST(EventRing, GivesAsMuchAsAReaderCanTake) {
    EventRing ring{{10, mib}};
    for (int i = 0; i < 3; ++i)
        ring.push("a", text(1000));
    EventRing::Cursor cursor = 1;
    EXPECT_EQ(numbers(ring.read(cursor, 1)), " 1") << "one at least, however large";
    EXPECT_EQ(numbers(ring.read(cursor, 10'000)), " 2 3");
    EXPECT_EQ(cursor, 4U);
    EXPECT_EQ(numbers(ring.read(cursor, 1)), "");
}

TEST(EventRing, TellsASlowReaderWhatItMissed) {
    EventRing ring{{3, mib}};
    auto cursor = ring.end();
    for (int i = 0; i < 5; ++i)
        ring.push("a", {});
    EXPECT_EQ(numbers(ring.read(cursor)), "[1-2] 3 4 5");
    for (int i = 0; i < 3; ++i)
        ring.push("a", {});
    EXPECT_EQ(numbers(ring.read(cursor)), " 6 7 8");
    EXPECT_EQ(ring.counts().kept, 3U);
    EXPECT_EQ(ring.counts().pushed, 8U);
}

TEST(EventRing, DropsTheOldestAboveItsBytes) {
    EventRing ring{{100, mib}};
    auto cursor = ring.end();
    for (int i = 0; i < 5; ++i)
        ring.push("a", text(mib / 3));
    EXPECT_EQ(numbers(ring.read(cursor)), "[1-3] 4 5");
    EXPECT_LE(ring.counts().bytes, mib);
    auto again = EventRing::Cursor{1};
    ring.push("big", text(mib - 1000));
    EXPECT_EQ(numbers(ring.read(again)), "[1-5] 6");
}

TEST(EventRing, RefusesAnEventThatAloneIsTooBig) {
    EventRing ring{{100, mib}};
    ring.push("a", {});
    EXPECT_EQ(ring.push("big", text(mib)), std::nullopt);
    EventRing::Cursor cursor = 1;
    EXPECT_EQ(numbers(ring.read(cursor)), " 1");
    EXPECT_EQ(ring.push("b", {}), 2U);
}

TEST(EventRing, CountsManySmallValuesByTheirMemory) {
    EventRing ring{{100, mib}};
    json many = json::array();
    for (int i = 0; i < 20'000; ++i) // 60 000 characters of text
        many.push_back(json::object({{"a", ""}}));
    EXPECT_EQ(ring.push("small values", std::move(many)), std::nullopt);
}

TEST(EventRing, WakesItsSubscribersUntilTheyGo) {
    EventRing ring{{10, mib}};
    int woken = 0;
    auto cursor = ring.end();
    std::string seen;
    {
        const auto subscription = ring.subscribe([&] {
            ++woken;
            seen += numbers(ring.read(cursor));
        });
        const auto other = ring.subscribe([&] { ++woken; });
        ring.push("a", {});
        EXPECT_EQ(woken, 2);
    }
    ring.push("b", {});
    EXPECT_EQ(woken, 2);
    EXPECT_EQ(seen, " 1");
}

TEST(EventRing, LosesAndDoublesNothingBetweenThreads) {
    EventRing ring{{64, mib}};
    std::atomic<int> woken{0};
    const auto subscription = ring.subscribe([&] { ++woken; });
    std::atomic<bool> writing{true};
    std::uint64_t seen = 0;
    std::thread reader{[&] {
        EventRing::Cursor cursor = 1;
        std::uint64_t expected = 1;
        for (bool last = false; !last;) {
            last = !writing;
            const auto read = ring.read(cursor);
            if (read.gap) {
                EXPECT_EQ(read.gap->first, expected);
                seen += read.gap->last - read.gap->first + 1;
                expected = read.gap->last + 1;
            }
            for (const auto& event : read.events) {
                EXPECT_EQ(event->number, expected++);
                ++seen;
            }
        }
    }};
    std::vector<std::thread> writers;
    for (int w = 0; w < 3; ++w)
        writers.emplace_back([&] {
            for (int i = 0; i < 500; ++i)
                ring.push("a", json::array({i}));
        });
    for (auto& writer : writers)
        writer.join();
    writing = false;
    reader.join();
    EXPECT_EQ(seen, 1500U);
    EXPECT_EQ(woken, 1500);
}

} // namespace
} // namespace pep::daemon
