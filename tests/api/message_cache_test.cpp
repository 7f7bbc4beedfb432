// The message cache without an engine: what it keeps, for how long, and who may use it.
#include "api/message_cache.hpp"
#include "rpc/error.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <set>
#include <thread>

namespace pep::api {
namespace {

using namespace std::chrono_literals;

class Cache : public testing::Test {
  protected:
    static marshal::Owned<message> mail(std::size_t size) {
        marshal::Owned<message> msg{new_message(PEP_dir_incoming)};
        msg->longmsg = strdup(std::string(size, 'x').c_str());
        return msg;
    }

    static Bodies bodies(std::size_t size) { return Bodies::out_of(*mail(size)); }

    std::string keep(std::size_t size = 10) {
        auto id = cache.keep(bodies(size));
        EXPECT_TRUE(id.has_value());
        now += 1s; // so that each has an age of its own
        return id ? *id : "";
    }

    bool has(const std::string& id) { return cache.borrow(id).has_value(); }

    MessageCache::Clock::time_point now{1000s};
    std::vector<std::chrono::milliseconds> delays;
    std::vector<Task> timers;
    MessageCache cache{
        {3, 10'000, 1h},
        [this](std::chrono::milliseconds delay, Task task) {
            delays.push_back(delay);
            timers.push_back(std::move(task));
        },
        [this] { return now; }};
};

TEST_F(Cache, GivesBackWhatItWasGiven) {
    auto msg = mail(5);
    msg->longmsg_formatted = strdup("<b>");
    msg->attachments = new_bloblist(strdup("data"), 4, "text/plain", "file://x");
    auto taken = Bodies::out_of(*msg);
    EXPECT_EQ(msg->longmsg, nullptr);
    EXPECT_EQ(msg->longmsg_formatted, nullptr);
    EXPECT_EQ(msg->attachments, nullptr);
    const auto id = cache.keep(std::move(taken));
    ASSERT_TRUE(id.has_value());
    auto loan = cache.borrow(*id);
    ASSERT_TRUE(loan.has_value());
    EXPECT_EQ(loan->id(), *id);
    EXPECT_EQ(loan->result(), nullptr);
    loan->source().swap_with(*msg);
    EXPECT_STREQ(msg->longmsg, "xxxxx");
    EXPECT_STREQ(msg->longmsg_formatted, "<b>");
    EXPECT_STREQ(msg->attachments->filename, "file://x");
}

TEST_F(Cache, NamesMessagesUnguessably) {
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i)
        ids.insert(keep());
    EXPECT_EQ(ids.size(), 100U);
    for (const auto& id : ids)
        EXPECT_EQ(id.size(), 22U); // 128 bits in base64url
    EXPECT_FALSE(has(""));
    EXPECT_FALSE(has("1"));
}

TEST_F(Cache, WipesBodiesThatGo) {
    auto msg = mail(0);
    static bool wiped = false;
    char* value = strdup("secret");
    msg->attachments = new_bloblist(value, 6, nullptr, nullptr);
    msg->attachments->release_value = [](char* bytes) {
        wiped = std::string_view{bytes, 6} == std::string_view{"\0\0\0\0\0\0", 6};
        std::free(bytes);
    };
    const auto id = cache.keep(Bodies::out_of(*msg));
    cache.release(*id);
    EXPECT_TRUE(wiped);
}

TEST_F(Cache, DropsTheLeastRecentlyUsedOfTooMany) {
    const auto first = keep();
    const auto second = keep();
    const auto third = keep();
    EXPECT_TRUE(has(first)); // now it is the youngest
    const auto fourth = keep();
    EXPECT_TRUE(has(first));
    EXPECT_FALSE(has(second));
    EXPECT_TRUE(has(third));
    EXPECT_TRUE(has(fourth));
    EXPECT_EQ(cache.counts().messages, 3U);
}

TEST_F(Cache, DropsTheOldestForTheRoomItTakes) {
    const auto first = keep(4000);
    const auto second = keep(4000);
    EXPECT_EQ(cache.counts().bytes, 2 * (4000 + 512));
    const auto third = keep(4000);
    EXPECT_FALSE(has(first));
    EXPECT_TRUE(has(second));
    EXPECT_TRUE(has(third));
    EXPECT_EQ(cache.counts().bytes, 2 * (4000 + 512));
}

TEST_F(Cache, RefusesAMessageBiggerThanAllOfIt) {
    const auto id = keep();
    const auto refused = cache.keep(bodies(9'999));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, rpc::code::too_large);
    EXPECT_TRUE(has(id)); // nobody had to go for it
}

TEST_F(Cache, KeepsMessagesInUse) {
    const auto first = keep(4000);
    const auto second = keep(4000);
    auto one = cache.borrow(first);
    auto two = cache.borrow(second);
    const auto refused = cache.keep(bodies(4000));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, rpc::code::busy);
    now += 2h; // nor do they expire
    EXPECT_TRUE(cache.keep(bodies(1)).has_value());
    EXPECT_EQ(cache.counts().messages, 3U);
    two.reset();
    EXPECT_TRUE(cache.keep(bodies(4000)).has_value());
    one.reset();
    EXPECT_TRUE(has(first));
    EXPECT_FALSE(has(second));
}

TEST_F(Cache, LetsAMessageGoThatIsReleasedInUseWhenThatEnds) {
    const auto id = keep(4000);
    auto loan = cache.borrow(id);
    cache.release(id);
    EXPECT_EQ(cache.counts().messages, 0U);
    EXPECT_EQ(cache.counts().bytes, 4000U + 512); // still there
    EXPECT_STREQ(loan->source().text(), std::string(4000, 'x').c_str());
    loan.reset();
    EXPECT_EQ(cache.counts().bytes, 0U);
    EXPECT_FALSE(has(id));
    cache.release(id); // fine
}

TEST_F(Cache, CountsResults) {
    const auto other = keep(3000);
    const auto id = keep(1000);
    auto loan = cache.borrow(id);
    EXPECT_TRUE(loan->set_result(bodies(2000)).has_value());
    EXPECT_EQ(cache.counts().bytes, 3000U + 512 + 1000 + 512 + 2000);
    EXPECT_TRUE(has(other));
    EXPECT_TRUE(loan->set_result(bodies(7000)).has_value()); // the other one had to go
    EXPECT_EQ(cache.counts().bytes, 1000U + 512 + 7000);
    EXPECT_FALSE(has(other));
    const auto refused = loan->set_result(bodies(9000));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, rpc::code::too_large);
    EXPECT_EQ(loan->result()->bytes(), 7000U);
    EXPECT_TRUE(loan->set_result(std::nullopt).has_value());
    EXPECT_EQ(loan->result(), nullptr);
    EXPECT_EQ(cache.counts().bytes, 1000U + 512);
}

TEST_F(Cache, CountsWhatACallAddsToTheSource) {
    const auto id = keep(1000);
    {
        auto loan = cache.borrow(id);
        auto longer = mail(2000);
        loan->source().swap_with(*longer);
    }
    EXPECT_EQ(cache.counts().bytes, 2000U + 512);
}

TEST_F(Cache, ForgetsWhatIsNotUsedForAWhile) {
    const auto first = keep();
    now += 59min;
    EXPECT_TRUE(has(first));
    const auto second = keep();
    now += 59min;
    EXPECT_TRUE(has(second));
    now += 2min;
    EXPECT_FALSE(has(first));
    EXPECT_TRUE(has(second));
}

TEST_F(Cache, ForgetsEvenIfNobodyCalls) {
    (void)keep();
    ASSERT_EQ(timers.size(), 1U);
    EXPECT_EQ(delays[0], 1h);
    now += 30min;
    (void)keep();
    EXPECT_EQ(timers.size(), 1U); // one timer for all
    now += 30min;
    timers[0]();
    EXPECT_EQ(cache.counts().messages, 1U);
    ASSERT_EQ(timers.size(), 2U);
    EXPECT_EQ(delays[1], 30min - 1s);
    now += 30min;
    timers[1]();
    EXPECT_EQ(cache.counts().messages, 0U);
    EXPECT_EQ(timers.size(), 2U); // an empty cache sleeps
    (void)keep();
    EXPECT_EQ(timers.size(), 3U);
}

TEST_F(Cache, LetsASecondCallWaitForAMessage) {
    const auto id = keep();
    auto loan = cache.borrow(id);
    std::atomic<bool> second_has_it = false;
    std::thread second{[&] {
        auto other = cache.borrow(id);
        second_has_it = true;
        EXPECT_TRUE(other.has_value());
        EXPECT_STREQ(other->result()->text(), "xx"); // it sees what the first one left
    }};
    EXPECT_TRUE(loan->set_result(bodies(2)).has_value());
    EXPECT_FALSE(second_has_it);
    loan.reset();
    second.join();
    EXPECT_TRUE(second_has_it);
}

TEST_F(Cache, TellsWhoWaitedThatTheMessageWasDropped) {
    const auto id = keep();
    auto loan = cache.borrow(id);
    std::thread second{[&] { EXPECT_FALSE(cache.borrow(id).has_value()); }};
    cache.release(id);
    loan.reset();
    second.join();
    EXPECT_EQ(cache.counts().bytes, 0U);
}

TEST(CacheUnderLoad, StaysWithinItsBounds) {
    MessageCache cache{{8, 6000, 1h}, [](std::chrono::milliseconds, const Task&) {}};
    const auto work = [&](unsigned seed) {
        std::vector<std::string> ids;
        for (unsigned i = 0; i < 500; ++i) {
            marshal::Owned<message> msg{new_message(PEP_dir_incoming)};
            msg->longmsg = strdup(std::string((i * 37 + seed) % 900, 'y').c_str());
            if (auto id = cache.keep(Bodies::out_of(*msg)))
                ids.push_back(*id);
            if (ids.empty())
                continue;
            const auto& id = ids[(i * 7) % ids.size()];
            if (auto loan = cache.borrow(id)) {
                msg->longmsg = strdup("result");
                (void)loan->set_result(Bodies::out_of(*msg));
            }
            if (i % 5 == 0)
                cache.release(id);
            EXPECT_LE(cache.counts().messages, 8U);
            EXPECT_LE(cache.counts().bytes, 6000U);
        }
    };
    std::thread one{work, 1U};
    std::thread two{work, 2U};
    work(3U);
    one.join();
    two.join();
}

} // namespace
} // namespace pep::api
