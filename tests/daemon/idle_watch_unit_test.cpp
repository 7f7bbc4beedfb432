// The end of a server nobody needs: not before its time, and not while somebody came.
#include "daemon/idle_watch.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>

namespace pep::daemon {
namespace {

using namespace std::chrono_literals;

/// A server whose clock the test turns.
struct Fake {
    std::deque<std::pair<std::chrono::milliseconds, Task>> timers;
    std::chrono::milliseconds now{0};
    bool is_needed = false;
    bool can_announce = true;
    std::uint64_t arrivals = 0;
    std::string done;

    IdleWatch::Means means() {
        IdleWatch::Means made;
        made.after = [this](auto delay, Task task) {
            timers.emplace_back(now + delay, std::move(task));
        };
        made.is_needed = [this] { return is_needed; };
        made.arrivals = [this] { return arrivals; };
        made.withdraw = [this] { done += "withdraw "; };
        made.announce = [this] {
            done += "announce ";
            return can_announce;
        };
        made.stop = [this] { done += "stop "; };
        return made;
    }

    void run_until(std::chrono::milliseconds end) {
        while (!timers.empty() && timers.front().first <= end) {
            now = timers.front().first;
            Task due = std::move(timers.front().second);
            timers.pop_front();
            due();
        }
        now = end;
    }
};

TEST(IdleWatch, DoesNothingUnlessAsked) {
    Fake fake;
    IdleWatch watch{0s, fake.means()};
    watch.start();
    EXPECT_TRUE(fake.timers.empty());
}

TEST(IdleWatch, EndsWhatWasNotNeededForThatTime) {
    Fake fake;
    IdleWatch watch{10s, fake.means()};
    watch.start();
    fake.run_until(9'999ms);
    EXPECT_EQ(fake.done, "");
    fake.run_until(13s);
    EXPECT_EQ(fake.done, "withdraw stop ");
    EXPECT_TRUE(fake.timers.empty());
}

TEST(IdleWatch, WaitsAsLongAsItIsNeeded) {
    Fake fake;
    fake.is_needed = true;
    IdleWatch watch{10s, fake.means()};
    watch.start();
    fake.run_until(60s);
    EXPECT_EQ(fake.done, "");
    fake.is_needed = false;
    fake.run_until(69s);
    EXPECT_EQ(fake.done, "");
    fake.run_until(75s);
    EXPECT_EQ(fake.done, "withdraw stop ");
}

TEST(IdleWatch, SeesWhoCameAndWentBetweenTwoLooks) {
    Fake fake;
    IdleWatch watch{10s, fake.means()};
    watch.start();
    for (int i = 0; i < 20; ++i) {
        ++fake.arrivals;
        fake.run_until(fake.now + 5s);
    }
    EXPECT_EQ(fake.done, "");
}

TEST(IdleWatch, StaysForWhoComesAtTheLastMoment) {
    Fake fake;
    IdleWatch watch{10s, fake.means()};
    watch.start();
    fake.run_until(10s);
    EXPECT_EQ(fake.done, "withdraw ");
    ++fake.arrivals;
    fake.run_until(11s);
    EXPECT_EQ(fake.done, "withdraw announce ");
    fake.run_until(30s);
    EXPECT_EQ(fake.done, "withdraw announce withdraw stop ");
}

TEST(IdleWatch, EndsIfItCannotBeFoundAgain) {
    Fake fake;
    fake.can_announce = false;
    IdleWatch watch{10s, fake.means()};
    watch.start();
    fake.run_until(10s);
    fake.is_needed = true;
    fake.run_until(11s);
    EXPECT_EQ(fake.done, "withdraw announce stop ");
}

} // namespace
} // namespace pep::daemon
