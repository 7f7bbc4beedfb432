// Whose turn it is: least served first, debts paid by time, order kept, slow work apart.
#include "base/turns.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace pep {
namespace {

using namespace std::chrono_literals;

/// Takes a turn, lets it "take" that long, and says who had it.
std::string next(Turns& turns, Turns::Duration took, bool slow_allowed = true) {
    auto turn = turns.take(slow_allowed);
    if (!turn)
        return "";
    turn->task();
    turns.finish(turn->client, took);
    return turn->client;
}

Task nothing() {
    return [] {};
}

TEST(Turns, KeepTheOrderOfOneClient) {
    Turns turns;
    std::string done;
    for (const char c : {'1', '2', '3'})
        turns.push([&done, c] { done += c; }, "a", false);
    while (!next(turns, 1ms).empty()) {
    }
    EXPECT_EQ(done, "123");
    EXPECT_EQ(turns.size(), 0U);
}

TEST(Turns, AlternateWhateverTheNumberOfTasks) {
    Turns turns;
    for (int i = 0; i < 50; ++i)
        turns.push(nothing(), "storm", false);
    turns.push(nothing(), "other", false);
    turns.push(nothing(), "other", false);
    std::string order;
    for (int i = 0; i < 5; ++i)
        order += next(turns, 1ms).front();
    EXPECT_EQ(order, "sosos");
}

TEST(Turns, CountTimeAndNotTasks) {
    Turns turns;
    for (int i = 0; i < 12; ++i) {
        turns.push(nothing(), "long", false);
        turns.push(nothing(), "short", false);
    }
    int quick = 0;
    for (int i = 0; i < 12; ++i)
        quick += next(turns, 0ns, true) == "short" ? 1 : 0; // both take no time: half and half
    EXPECT_EQ(quick, 6);

    Turns fair;
    for (int i = 0; i < 40; ++i) {
        fair.push(nothing(), "long", false);
        fair.push(nothing(), "short", false);
    }
    Turns::Duration long_time{0};
    Turns::Duration short_time{0};
    for (int i = 0; i < 22; ++i) {
        auto turn = fair.take(true);
        ASSERT_TRUE(turn);
        const bool is_long = turn->client == "long";
        (is_long ? long_time : short_time) += is_long ? 10ms : 1ms;
        fair.finish(turn->client, is_long ? 10ms : 1ms);
    }
    EXPECT_LE(long_time - short_time, 10ms);
    EXPECT_GE(long_time - short_time, -10ms);
}

TEST(Turns, GiveNoCreditForAbsence) {
    Turns turns;
    turns.push(nothing(), "late", false);
    EXPECT_EQ(next(turns, 1ms), "late");
    for (int i = 0; i < 100; ++i) {
        turns.push(nothing(), "busy", false);
        EXPECT_EQ(next(turns, 10ms), "busy");
    }
    for (int i = 0; i < 10; ++i) {
        turns.push(nothing(), "late", false);
        turns.push(nothing(), "busy", false);
    }
    std::string order;
    for (int i = 0; i < 6; ++i)
        order += next(turns, 10ms).front();
    EXPECT_EQ(std::count(order.begin(), order.end(), 'l'), 3) << order;
}

TEST(Turns, RememberWhoHadMoreThanItsShare) {
    Turns turns;
    turns.push(nothing(), "steady", false);
    turns.push(nothing(), "greedy", false);
    auto steady = turns.take(true);
    ASSERT_TRUE(steady);
    EXPECT_EQ(steady->client, "steady");
    EXPECT_EQ(next(turns, 100ms), "greedy");
    turns.push(nothing(), "greedy", false); // comes again before anybody else
    turns.push(nothing(), "steady", false);
    turns.push(nothing(), "new", false);
    turns.finish("steady", 1ms);
    EXPECT_EQ(next(turns, 1ms), "steady");
    EXPECT_EQ(next(turns, 1ms), "new");
    EXPECT_EQ(next(turns, 1ms), "greedy");
}

TEST(Turns, LeaveSlowTasksWhereTheyAreIfTheyMayNotRun) {
    Turns turns;
    turns.push(nothing(), "a", true);
    EXPECT_FALSE(turns.has_turn(false));
    EXPECT_TRUE(turns.has_turn(true));
    EXPECT_EQ(next(turns, 1ms, false), "");
    turns.push(nothing(), "b", false);
    EXPECT_EQ(next(turns, 1ms, false), "b");
    EXPECT_EQ(next(turns, 1ms, true), "a");
}

TEST(Turns, ForgetClientsThatOweNothing) {
    Turns turns;
    for (int i = 0; i < 1000; ++i) {
        turns.push(nothing(), "client " + std::to_string(i), false);
        EXPECT_FALSE(next(turns, 1ms).empty());
    }
    EXPECT_EQ(turns.clients(), 0U);
}

TEST(Turns, CanBeDropped) {
    Turns turns;
    turns.push(nothing(), "a", false);
    turns.push(nothing(), "b", true);
    auto running = turns.take(true);
    ASSERT_TRUE(running);
    EXPECT_EQ(turns.drop_all().size(), 1U);
    EXPECT_EQ(turns.size(), 0U);
    EXPECT_FALSE(turns.has_turn(true));
    turns.finish(running->client, 1ms);
    EXPECT_EQ(turns.clients(), 0U);
}

} // namespace
} // namespace pep
